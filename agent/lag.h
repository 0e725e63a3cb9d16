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
#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"

struct lag {
	struct ev_loop *loop;
	struct ev_check check;
	struct ev_prepare prepare;
	struct ev_timer timer;
	int64_t woke_us;    /* the turn began */
	int64_t turn_us;    /* the last one's length */
	int64_t due_us;     /* of the timer */
	int64_t backlog_us; /* since when a socket has not been read empty; 0: it has */
	struct histogram turns, late;
};

/* Its watchers do not keep the loop running. */
void lag_start(struct lag *lag, struct ev_loop *loop);
void lag_stop(struct lag *lag);

/* A socket with frames of sessions has had its turn; more: it was left with some. */
void lag_backlog(struct lag *lag, bool more);
/* The longest that something is known to have been waiting for the loop. */
int64_t lag_now_ms(const struct lag *lag);

#endif
