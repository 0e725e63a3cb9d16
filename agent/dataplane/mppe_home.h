/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The programs of bpf/mppe.bpf.c in one of their two forms, beside the data plane's other programs,
 * whose maps they share. */
#ifndef XPPPD_MPPE_HOME_H
#define XPPPD_MPPE_HOME_H

#include <stdbool.h>

struct mppe;
struct xpppd;

/* With the kernel module's functions or without. */
int mppe_home_load(const struct xpppd *main, bool module, struct mppe **home);
void mppe_home_free(struct mppe *home);
/* From now on packets go there; NULL: nowhere. Each packet has the one or the other. */
int mppe_home_enter(const struct xpppd *main, const struct mppe *home);

#endif
