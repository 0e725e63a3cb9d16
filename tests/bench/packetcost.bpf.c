/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The two ends of a measurement on qemu's instruction clock: a source that sends the same frame again and
 * again (run by BPF_PROG_TEST_RUN on live frames) and reads the clock twice on the way, and sinks. The
 * machine has one CPU, so nothing here is atomic.
 */
#include <linux/types.h>

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "packetcost.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct packetcost_run run;

/* Between the two readings lies all that is done to the frames, whoever does it: what is still
 * under way at the second one was at the first one, too. */
static __always_inline void look_at_clock(void)
{
	__u32 sent = run.sent++;

	if (sent == run.from)
		run.began = bpf_ktime_get_ns();
	else if (sent == run.to)
		run.ended = bpf_ktime_get_ns();
}

/* Pages come back with what was done to them, so all is written anew. */
SEC("xdp")
int source(struct xdp_md *ctx)
{
	__u64 *word = (void *)(long)ctx->data;

	if ((void *)(word + PACKETCOST_WORDS) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
#pragma unroll
	for (int i = 0; i < PACKETCOST_WORDS; i++)
		word[i] = run.frame[i];
	if (run.numbered)
		*(__be32 *)((void *)word + PACKETCOST_NUMBER) = bpf_htonl(run.number++);
	look_at_clock();
	return bpf_redirect(run.out, 0);
}

/* Others' frames, such as those of control connections, go their way. */
static __always_inline bool is_ours(__u32 len)
{
	if (len < run.arrives || len >= run.arrives + PACKETCOST_OPTIONAL)
		return false;
	run.arrived++;
	return true;
}

SEC("xdp")
int sink(struct xdp_md *ctx)
{
	return is_ours(ctx->data_end - ctx->data) ? XDP_DROP : XDP_PASS;
}

SEC("tc")
int sink_skb(struct __sk_buff *skb)
{
	return is_ours(skb->len) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("xdp")
int plain_redirect(struct xdp_md *ctx)
{
	return bpf_redirect(run.next, 0);
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}
