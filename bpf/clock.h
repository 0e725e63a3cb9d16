/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* CLOCK_MONOTONIC as of the last tick. The kernel's function for it costs as much as a packet's
 * counters, headers and checksum together, and its answer changes with the tick only. */
#ifndef XPPPD_BPF_CLOCK_H
#define XPPPD_BPF_CLOCK_H

#include "maps.h"

struct clock {
	__u64 tick;
	__u64 ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct clock);
} clock SEC(".maps");

INLINE __u64 clock_now(void)
{
	__u64 tick = bpf_jiffies64();
	__u32 zero = 0;
	struct clock *last = bpf_map_lookup_elem(&clock, &zero);

	if (!last)
		return bpf_ktime_get_coarse_ns();
	if (last->tick != tick) {
		last->ns = bpf_ktime_get_coarse_ns();
		last->tick = tick;
	}
	return last->ns;
}

#endif
