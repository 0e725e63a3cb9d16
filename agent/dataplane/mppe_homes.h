/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Which home of MPPE the programs use: the kernel module while it is there and some session is
 * encrypted, else plain BPF. The module can go when no session is encrypted, and sessions do not
 * notice a change: both homes work on the same keys.
 */
#ifndef XPPPD_MPPE_HOMES_H
#define XPPPD_MPPE_HOMES_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

struct conf;
struct log;
struct mppe_homes;
struct xpppd;

struct mppe_homes_config {
	struct ev_loop *loop;
	struct log *log;
	const struct xpppd *main; /* the programs that call them */
	const uint32_t *sessions; /* how many are encrypted */
	const char *module;       /* a file that exists while the module is loaded */
};

/* Made for the running kernel's xppp_mppe.ko. */
#define MPPE_HOMES_MODULE "/sys/kernel/btf/xppp_mppe"

int mppe_homes_new(const struct mppe_homes_config *config, struct mppe_homes **homes);
void mppe_homes_free(struct mppe_homes *homes);
/* Looks at everything anew, as it does every few seconds. */
void mppe_homes_configure(struct mppe_homes *homes, const struct conf *conf);
/* There is one, and it takes so many bytes: MPPE's header and what follows. */
bool mppe_homes_forward(const struct mppe_homes *homes, size_t len);
void mppe_homes_show(const struct mppe_homes *homes, struct dp_mppe_home *home);
void mppe_homes_programs(const struct mppe_homes *homes, dp_program_fn fn, void *arg);

#endif
