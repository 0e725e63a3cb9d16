/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * How far the loop is behind: how long its turns take (an event waits as long as the turn that it
 * falls into), how late timers fire (which also tells of a machine without time for the agent), and
 * how long received frames have been waiting without the socket ever being read empty.
 */
#ifndef XPPPD_LAG_H
#define XPPPD_LAG_H

#include <ev.h>
#include <stdint.h>

#include "histogram.h"

struct lag {
	struct ev_loop *loop;
	struct ev_check check;
	struct ev_prepare prepare;
	struct ev_timer timer;
	int64_t woke_us; /* the turn began */
	int64_t turn_us; /* the last one's length */
	int64_t due_us;  /* of the timer */
	/* the longest that a socket has not been read empty, in the last turn and in this one */
	int64_t waited_us, waiting_us;
	struct histogram turns, late;
};

/* Its watchers do not keep the loop running. */
void lag_start(struct lag *lag, struct ev_loop *loop);
void lag_stop(struct lag *lag);

/* A socket was not read empty in this turn, for so long by now. */
void lag_waiting(struct lag *lag, int64_t us);
/* The longest that something is known to have been waiting for the loop. */
int64_t lag_now_ms(const struct lag *lag);

#endif
