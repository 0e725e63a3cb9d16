/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What /metrics tells of dynamic authorization. */
#ifndef XPPPD_DAE_PAGE_H
#define XPPPD_DAE_PAGE_H

struct dae;
struct exposition;

void dae_page(struct exposition *e, const struct dae *dae);

#endif
