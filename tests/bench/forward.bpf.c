/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The two ends of a measurement and its reference: a source that makes frames of random
 * sessions (run by BPF_PROG_TEST_RUN on live frames), a sink that counts them, and the
 * plain redirect that stands in for xpppd's program.
 */
#include "source.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} arrived SEC(".maps");

SEC("xdp")
int source_up(struct xdp_md *ctx)
{
	return put_up(ctx) ? bpf_redirect(way.out, 0) : XDP_ABORTED;
}

SEC("xdp")
int source_down(struct xdp_md *ctx)
{
	return put_down(ctx) ? bpf_redirect(way.out, 0) : XDP_ABORTED;
}

SEC("xdp")
int plain_redirect(struct xdp_md *ctx)
{
	return bpf_redirect(way.next, 0);
}

SEC("xdp")
int sink(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&arrived, &zero);

	if (n)
		(*n)++;
	return XDP_DROP;
}
