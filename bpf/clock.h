/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * CLOCK_MONOTONIC as of the last tick, to a millisecond: never ahead of it. The kernel's function for
 * it costs as much as a packet's counters, headers and checksum together, and its answer changes with
 * the tick only.
 *
 * One word serves all CPUs, which write it once a tick: the time, with the number of its tick in the low
 * bits, so that nobody reads one without the other. Ticks have the same number again after a quarter
 * of an hour at least.
 */
#ifndef XPPPD_BPF_CLOCK_H
#define XPPPD_BPF_CLOCK_H

#include "maps.h"

#define CLOCK_TICK 0xfffffull

__u64 clock_word;

INLINE __u64 clock_now(void)
{
	__u64 tick = bpf_jiffies64() & CLOCK_TICK, word = *(volatile __u64 *)&clock_word;

	if ((word & CLOCK_TICK) != tick) {
		word = (bpf_ktime_get_coarse_ns() & ~CLOCK_TICK) | tick;
		*(volatile __u64 *)&clock_word = word;
	}
	return word & ~CLOCK_TICK;
}

#endif
