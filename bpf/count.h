/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Counters that belong to no session. */
#ifndef XPPPD_BPF_COUNT_H
#define XPPPD_BPF_COUNT_H

#include "maps.h"

INLINE void count_reason(enum xp_reason reason)
{
	__u32 key = reason;
	__u64 *drop = bpf_map_lookup_elem(&drops, &key);

	if (drop)
		*drop += 1;
}

INLINE void count_path(enum xp_path path, __u32 bytes)
{
	__u32 key = path;
	struct xp_path_counter *counter = bpf_map_lookup_elem(&paths, &key);

	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
}

#endif
