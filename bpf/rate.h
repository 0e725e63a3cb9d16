/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions' rates, <xpppd/police.h>. */
#ifndef XPPPD_BPF_RATE_H
#define XPPPD_BPF_RATE_H

#include "clock.h"

/* The clock as of the last tick is nearly free, and late enough for all but those at their limit. */
INLINE bool rate_pass(void *rates, __u32 index, __u32 len)
{
	struct xp_rate *rate = bpf_map_lookup_elem(rates, &index);

	if (!rate || xp_rate_pass(rate, clock_now(), len) ||
	    xp_rate_pass(rate, bpf_ktime_get_ns(), len))
		return true;
	__sync_fetch_and_add(&rate->drops, 1);
	return false;
}

/* Global functions: the verifier goes through them once, and their variables are not on the stack
 * of programs that have none left. */
__noinline int rate_pass_up(__u32 slot, __u32 len)
{
	return rate_pass(&rates_up, slot, len);
}

__noinline int rate_pass_down(__u32 line, __u32 len)
{
	return rate_pass(&rates_down, line, len);
}

#endif
