/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Prometheus metrics over HTTP, in the agent's loop: /metrics and /metrics/sessions, only where the
 * configuration says `set metrics listen on`. One request a connection, METRICS_CONNECTIONS of
 * them a listener, none longer than METRICS_DEADLINE_S.
 */
#ifndef XPPPD_METRICS_H
#define XPPPD_METRICS_H

#include <ev.h>

struct conf;
struct control_ctx;
struct lag;
struct metrics;

#define METRICS_CONNECTIONS 16
#define METRICS_DEADLINE_S 60.0

/* What ctx points to must outlive it. It listens nowhere yet. -ENOMEM. */
int metrics_new(struct ev_loop *loop, const struct control_ctx *ctx, const struct lag *lag,
		struct metrics **metrics);
/* Opens, keeps or closes listeners so that they match conf. One that cannot be opened is logged
 * and tried again with the next configuration: subscribers are served without it. */
void metrics_configure(struct metrics *metrics, const struct conf *conf);
void metrics_free(struct metrics *metrics);

#endif
