/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What cryptrun runs: puts the next of the frames that were made before into the packet, then goes
 * over into the program to be measured, which changes the packet's start by what `shift` takes back.
 */
#include <linux/types.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "crypt.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

int shift;
__u32 next, frame_len;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, CRYPT_FRAMES);
	__type(key, __u32);
	__type(value, struct crypt_frame);
} frames SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} measured SEC(".maps");

SEC("xdp")
int drive(struct xdp_md *ctx)
{
	__u32 at = next++ % CRYPT_FRAMES, len = frame_len;
	struct crypt_frame *frame = bpf_map_lookup_elem(&frames, &at);

	if (!frame || len < 14 || len > CRYPT_FRAME || bpf_xdp_adjust_head(ctx, shift) ||
	    bpf_xdp_store_bytes(ctx, 0, frame->byte, len))
		return XDP_ABORTED;
	bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int empty(struct xdp_md *ctx)
{
	return XDP_REDIRECT;
}
