/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* /metrics: all that is told of the agent as a whole, made of totals that are kept anyway. */
#ifndef XPPPD_METRICS_PAGE_H
#define XPPPD_METRICS_PAGE_H

struct control_ctx;
struct exposition;
struct lag;

/* lag: of the loop; NULL: not measured. */
void metrics_page(struct exposition *e, const struct control_ctx *ctx, const struct lag *lag);

#endif
