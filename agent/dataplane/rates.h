/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions' rates as the agent sets them, in memory that the programs share. */
#ifndef XPPPD_RATES_H
#define XPPPD_RATES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xpppd/police.h>

struct dp_counters;
struct dp_rate;
struct dp_session;
struct lines;

struct rates {
	struct lines *lines;
	struct xp_rate *up, *down; /* by slot, by line; not owned */
	uint32_t sessions;         /* that have a rate */
};

/* Of a session whose lines are reserved but not published. */
void rates_add(struct rates *rates, const struct dp_session *session);
/* Of one whose lines are hidden but not released. */
void rates_del(struct rates *rates, uint32_t slot);

/* As the operations of these names in dataplane.h. */
int rates_set(struct rates *rates, uint32_t slot, const struct dp_rate *up,
	      const struct dp_rate *down);
bool rates_pass(struct rates *rates, uint32_t slot, bool up, size_t bytes);

/* Adds what the session's rates dropped. */
void rates_counters(const struct rates *rates, uint32_t slot, struct dp_counters *counters);

/* The state that a rate means; bits_per_s is not 0. */
struct xp_rate rates_state(const struct dp_rate *rate);

#endif
