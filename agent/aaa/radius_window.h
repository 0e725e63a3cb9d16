/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * How many requests a RADIUS server gets at a time. RADIUS has no word for "slower": a server whose
 * socket is full loses what comes. So the window grows while round trips stay near the least of
 * the last minute or two, first with each answer, then more slowly; it stops growing when they become longer, since
 * then requests are queueing at the server; and it is halved when answers are missing.
 */
#ifndef XPPPD_RADIUS_WINDOW_H
#define XPPPD_RADIUS_WINDOW_H

#include <stdint.h>

#include "clock.h"

struct radius_window {
	uint32_t size;
	uint32_t most;
	uint32_t goal; /* beyond it it grows slowly */
	uint32_t part; /* answers towards the next step of that */
	/* round trips: the least of this period and of the one before, and the mean; 0: none */
	int64_t least_us, last_least_us, mean_us;
	struct mono period; /* began */
	struct mono cut;    /* when it was halved last */
};

void radius_window_init(struct radius_window *window, uint32_t most);
/* rtt_us: of a request that was sent once; outstanding: with it. */
void radius_window_answered(struct radius_window *window, struct mono now, int64_t rtt_us,
			    uint32_t outstanding);
/* An answer is missing. Those that are missing within interval_ms are one loss. */
void radius_window_missed(struct radius_window *window, struct mono now, int64_t interval_ms);

/* A round trip when nothing queues; 0: not known. */
int64_t radius_window_least_us(const struct radius_window *window);

#endif
