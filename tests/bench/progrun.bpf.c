/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What progrun runs: makes a frame of a random session in place, then goes over
 * into the program to be measured. That changes the frame's start by as much as
 * `shift` takes back, so a test run can repeat it on one buffer.
 */
#include "floor.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

int shift;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} measured SEC(".maps");

SEC("xdp")
int drive_up(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_head(ctx, shift) || !put_up(ctx))
		return XDP_ABORTED;
	bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int drive_up_l2tp(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_head(ctx, shift) || !put_up_l2tp(ctx))
		return XDP_ABORTED;
	bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int drive_up_pptp(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_head(ctx, shift) || !put_up_pptp(ctx))
		return XDP_ABORTED;
	bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int drive_down(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_head(ctx, shift) || !put_down(ctx))
		return XDP_ABORTED;
	bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int empty(struct xdp_md *ctx)
{
	return XDP_REDIRECT;
}

#define FLOOR(name, sid, outer)                                                                    \
	SEC("xdp") int floor_up_##name(struct xdp_md *ctx)                                         \
	{                                                                                          \
		return floor_decapsulate(ctx, sid, outer, false);                                  \
	}                                                                                          \
	SEC("xdp") int floor_fib_up_##name(struct xdp_md *ctx)                                     \
	{                                                                                          \
		return floor_decapsulate(ctx, sid, outer, true);                                   \
	}

FLOOR(pppoe, 16, FRAMES_PPPOE)
FLOOR(l2tp, 46, FRAMES_L2TP)
FLOOR(pptp, 40, FRAMES_PPTP)

SEC("xdp")
int floor_down_any(struct xdp_md *ctx)
{
	return floor_encapsulate(ctx, false);
}

SEC("xdp")
int floor_fib_down_any(struct xdp_md *ctx)
{
	return floor_encapsulate(ctx, true);
}
