/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The least that a program must do which finds a session for a frame and changes its header: parse,
 * read one line of 64 bytes in an array as large as the sessions', move the frame's start, redirect.
 * It writes nothing and checks nothing but the address.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include "source.h"

#define FLOOR_AF_INET 2

struct floor_line {
	__be32 addr;
	__be32 peer;
	__u32 rest[14];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FRAMES_SESSIONS);
	__type(key, __u32);
	__type(value, struct floor_line);
} floor_up SEC(".maps"), floor_down SEC(".maps");

__u32 floor_pool;    /* first address, host order */
__u32 floor_ifindex; /* what the routing table is asked for */
int floor_header;    /* bytes in front of the IP packet, Ethernet's apart */

/* 0: not found. */
static __always_inline __u32 floor_route(struct xdp_md *ctx, __be32 src, __be32 dst, __u16 len)
{
	struct bpf_fib_lookup fib = {
		.family = FLOOR_AF_INET,
		.tot_len = len,
		.ifindex = floor_ifindex,
		.ipv4_src = src,
		.ipv4_dst = dst,
	};

	return bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) ? 0 : fib.ifindex;
}

/* sid: of the session, where that stands in the frame; outer: what is in front of the IP packet. */
static __always_inline int floor_decapsulate(struct xdp_md *ctx, __u32 sid, __u32 outer, bool fib)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const __be16 *type = data + offsetof(struct ethhdr, h_proto);
	const __be16 *id = data + sid;
	const struct iphdr *ip = data + outer;
	const struct floor_line *line;
	__u32 out = way.next, place;

	if ((void *)(ip + 1) > end)
		return XDP_ABORTED;
	if (*type != (outer == FRAMES_PPPOE ? bpf_htons(ETH_P_PPP_SES) : bpf_htons(ETH_P_IP)))
		return XDP_PASS;
	place = bpf_ntohs(*id);
	line = bpf_map_lookup_elem(&floor_up, &place);
	if (!line || line->addr != ip->saddr)
		return XDP_DROP;
	if (fib)
		out = floor_route(ctx, ip->saddr, ip->daddr, bpf_ntohs(ip->tot_len));
	if (!out || bpf_xdp_adjust_head(ctx, (int)outer - FRAMES_ETHER))
		return XDP_DROP;
	return bpf_redirect(out, 0);
}

static __always_inline int floor_encapsulate(struct xdp_md *ctx, bool fib)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const __be16 *type = data + offsetof(struct ethhdr, h_proto);
	const struct iphdr *ip = data + FRAMES_ETHER;
	const struct floor_line *line;
	__u32 out = way.next, place;

	if ((void *)(ip + 1) > end)
		return XDP_ABORTED;
	if (*type != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	place = bpf_ntohl(ip->daddr) - floor_pool;
	line = bpf_map_lookup_elem(&floor_down, &place);
	if (!line || line->addr != ip->daddr)
		return XDP_DROP;
	if (fib)
		out = floor_route(ctx, way.lns, line->peer, bpf_ntohs(ip->tot_len));
	if (!out || bpf_xdp_adjust_head(ctx, -floor_header))
		return XDP_DROP;
	return bpf_redirect(out, 0);
}

#endif
