/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Timer wheel: 4,096 slots of one millisecond. Arming, moving and cancelling are O(1); a
 * deadline more than one turn away is passed over once per turn.
 */
#ifndef DIALER_WHEEL_H
#define DIALER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_SLOTS 4096
#define WHEEL_TICK_NS 1000000

struct wheel_timer {
	struct wheel_timer *next, *prev; /* NULL: not armed */
	int64_t deadline;                /* ns, CLOCK_MONOTONIC */
};

struct wheel {
	struct wheel_timer slot[WHEEL_SLOTS];
	int64_t tick; /* everything due up to this tick has expired */
};

void wheel_init(struct wheel *w, int64_t now);
void wheel_arm(struct wheel *w, struct wheel_timer *t, int64_t deadline);
void wheel_cancel(struct wheel_timer *t);
/* Calls fn for every timer that is due; fn may arm and cancel any timer. */
void wheel_advance(struct wheel *w, int64_t now, void (*fn)(struct wheel_timer *t, void *arg),
		   void *arg);

#endif
