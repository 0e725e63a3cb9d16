/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A session's rate in one direction: a token bucket in the form of a virtual schedule (GCRA, ITU-T
 * I.371). One word says when all that has passed will have been sent at the rate; a packet passes
 * while that is less than the bucket ahead of the clock. So whoever has credit may send a packet of
 * any size, and what it took too much is paid for before the next one passes. Programs on several
 * CPUs and the agent do this to the same state at the same time. Before including it, provide
 * __u8..__u64 (<linux/types.h> or vmlinux.h).
 *
 * `rates_up`, by slot, and `rates_down`, by line, are arrays with an entry for each line of sessions_up
 * and sessions_down: what is found without the line need not wait for it. An entry counts while the line
 * says XP_F_RATE. Both are mmapable: the agent writes rates and reads drops through memory.
 */
#ifndef XPPPD_POLICE_H
#define XPPPD_POLICE_H

#define XP_RATE_MIN 1000ull         /* bits/s */
#define XP_RATE_MAX 100000000000ull /* bits/s */
#define XP_RATE_TICKS 6             /* the schedule counts in 1/64 ns of CLOCK_MONOTONIC */
#define XP_RATE_SHIFT 14            /* a byte's price is ticks << 14: 43 bits at XP_RATE_MIN */
#define XP_RATE_TRIES 8

struct xp_rate {
	__u64 until; /* when what has passed is paid for */
	__u64 price; /* of a byte; 0: no rate */
	__u64 depth; /* of the bucket: how far `until` may be ahead */
	__u64 drops; /* packets */
};

/*
 * now: CLOCK_MONOTONIC in ns, or a little earlier: then the bucket is that much deeper after a
 * silence, and who is refused may ask again with the time as it is. len: at most 2^20 bytes.
 */
static inline __u8 xp_rate_pass(struct xp_rate *rate, __u64 now, __u32 len)
{
	__u64 clock = now << XP_RATE_TICKS;
	__u64 until, from, cost = 0;

	for (__u32 i = 0; i < XP_RATE_TRIES; i++) {
		/* price and depth after it: if they change in between, `until` has changed as well */
		until = *(volatile __u64 *)&rate->until;
		cost = *(volatile __u64 *)&rate->price * len >> XP_RATE_SHIFT;
		if (!cost)
			return 1;
		from = (__s64)(until - clock) > 0 ? until : clock;
		if (from - clock >= *(volatile __u64 *)&rate->depth)
			return 0;
		if (__sync_val_compare_and_swap(&rate->until, until, from + cost) == until)
			return 1;
	}
	/* so many others passed meanwhile: it is paid for likewise */
	__sync_fetch_and_add(&rate->until, cost);
	return 1;
}

_Static_assert(sizeof(struct xp_rate) == 32, "half a cache line");

#endif
