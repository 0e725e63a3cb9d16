/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/radius_window.h"

#include <stdbool.h>

#define FIRST 64
#define LEAST 16
#define PERIOD_MS 60000
#define GROW_SLOWLY 8   /* answers, for one request more at a time */
#define PROMPT_US 10000 /* beside a quarter of the least round trip */

void radius_window_init(struct radius_window *w, uint32_t most)
{
	*w = (struct radius_window){ .size = FIRST, .goal = most, .most = most };
}

int64_t radius_window_least_us(const struct radius_window *w)
{
	if (w->last_least_us == 0 || (w->least_us && w->least_us < w->last_least_us))
		return w->least_us;
	return w->last_least_us;
}

/* The least counts for a while only: servers and the ways to them change. */
static void note(struct radius_window *w, struct mono now, int64_t rtt_us)
{
	if (mono_elapsed_ms(w->period, now) >= PERIOD_MS) {
		w->period = now;
		w->last_least_us = w->least_us;
		w->least_us = 0;
	}
	if (w->least_us == 0 || rtt_us < w->least_us)
		w->least_us = rtt_us;
	w->mean_us += (rtt_us - w->mean_us) / 16;
}

static bool is_prompt(const struct radius_window *w)
{
	int64_t least = radius_window_least_us(w);

	return w->mean_us < least + least / 4 + PROMPT_US;
}

void radius_window_answered(struct radius_window *w, struct mono now, int64_t rtt_us,
			    uint32_t outstanding)
{
	note(w, now, rtt_us);
	if (!is_prompt(w)) {
		if (w->size < w->goal)
			w->goal = w->size;
		return;
	}
	if (outstanding < w->size || w->size == w->most)
		return; /* it is not what limits */
	if (w->size >= w->goal && ++w->part < GROW_SLOWLY)
		return;
	w->size++;
	w->part = 0;
}

void radius_window_missed(struct radius_window *w, struct mono now, int64_t interval_ms)
{
	if (mono_elapsed_ms(w->cut, now) < interval_ms)
		return;
	w->cut = now;
	w->goal = w->size / 2 > LEAST ? w->size / 2 : LEAST;
	w->size = w->goal;
	w->part = 0;
}
