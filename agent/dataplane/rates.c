/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A new rate is written with `until` last: who worked with the old price finds it changed
 * and begins again, so that a debt of a slow rate does not outlive it. It is now, not 0: half the
 * clock's range away from that, after some years, is the past no more.
 */
#include "dataplane/rates.h"

#include <errno.h>
#include <string.h>

#include "dataplane/dataplane.h"
#include "dataplane/lines.h"

#define BURST_DIVISOR 4        /* of what passes in a second */
#define BURST_MIN 30000        /* twenty large packets */
#define DEPTH_MAX (1ull << 60) /* half a year: far from where the clock's sign changes */

static uint64_t burst_of(const struct dp_rate *rate, uint64_t bits_per_s)
{
	uint64_t usual = bits_per_s / 8 / BURST_DIVISOR;

	if (rate->burst)
		return rate->burst;
	return usual > BURST_MIN ? usual : BURST_MIN;
}

struct xp_rate rates_state(const struct dp_rate *rate)
{
	const uint64_t byte = 8ull * 1000000000 << XP_RATE_TICKS; /* ticks, at 1 bit/s */
	uint64_t bits_per_s = rate->bits_per_s;
	unsigned __int128 depth;
	struct xp_rate state = { 0 };

	if (bits_per_s < XP_RATE_MIN)
		bits_per_s = XP_RATE_MIN;
	if (bits_per_s > XP_RATE_MAX)
		bits_per_s = XP_RATE_MAX;
	state.price = (byte << XP_RATE_SHIFT) / bits_per_s;
	depth = (unsigned __int128)state.price * burst_of(rate, bits_per_s) >> XP_RATE_SHIFT;
	state.depth = depth < DEPTH_MAX ? (uint64_t)depth : DEPTH_MAX;
	return state;
}

static void rate_write(struct xp_rate *at, const struct dp_rate *rate)
{
	struct xp_rate state = rates_state(rate);

	__atomic_store_n((uint64_t *)&at->price, state.price, __ATOMIC_RELAXED);
	__atomic_store_n((uint64_t *)&at->depth, state.depth, __ATOMIC_RELAXED);
	__atomic_store_n((uint64_t *)&at->until, mono_now_ns() << XP_RATE_TICKS, __ATOMIC_RELEASE);
}

static struct xp_rate *rate_up(const struct rates *rates, uint32_t slot)
{
	return &rates->up[slot];
}

static struct xp_rate *rate_down(const struct rates *rates, uint32_t slot)
{
	return &rates->down[rates->lines->up[slot].down];
}

static bool has_rate(const struct rates *rates, uint32_t slot)
{
	const struct xp_session_up *up = &rates->lines->up[slot];

	return (up->flags | rates->lines->down[up->down].flags) & XP_F_RATE;
}

static void rates_write(struct rates *rates, uint32_t slot, const struct dp_rate *up,
			const struct dp_rate *down)
{
	bool had = has_rate(rates, slot);

	if (up->bits_per_s)
		rate_write(rate_up(rates, slot), up);
	if (down->bits_per_s)
		rate_write(rate_down(rates, slot), down);
	lines_limit(rates->lines, slot, up->bits_per_s, down->bits_per_s);
	rates->sessions += (uint32_t)has_rate(rates, slot) - had;
}

void rates_add(struct rates *rates, const struct dp_session *session)
{
	rate_up(rates, session->slot)->drops = 0;
	rate_down(rates, session->slot)->drops = 0;
	rates_write(rates, session->slot, &session->rate_up, &session->rate_down);
}

void rates_del(struct rates *rates, uint32_t slot)
{
	rates->sessions -= has_rate(rates, slot);
}

int rates_set(struct rates *rates, uint32_t slot, const struct dp_rate *up,
	      const struct dp_rate *down)
{
	if (!lines_used(rates->lines, slot))
		return -ENOENT;
	rates_write(rates, slot, up, down);
	return 0;
}

bool rates_pass(struct rates *rates, uint32_t slot, bool up, size_t bytes)
{
	const struct xp_session_up *line;
	struct xp_rate *rate;

	if (!lines_used(rates->lines, slot))
		return true;
	line = &rates->lines->up[slot];
	if (!((up ? line->flags : rates->lines->down[line->down].flags) & XP_F_RATE))
		return true;
	rate = up ? rate_up(rates, slot) : rate_down(rates, slot);
	if (xp_rate_pass(rate, mono_now_ns(), (uint32_t)bytes))
		return true;
	__atomic_fetch_add((uint64_t *)&rate->drops, 1, __ATOMIC_RELAXED);
	return false;
}

static uint64_t drops_of(struct xp_rate *rate)
{
	return __atomic_load_n((uint64_t *)&rate->drops, __ATOMIC_RELAXED);
}

void rates_counters(const struct rates *rates, uint32_t slot, struct dp_counters *counters)
{
	counters->rate_up_drops = drops_of(rate_up(rates, slot));
	counters->rate_down_drops = drops_of(rate_down(rates, slot));
}
