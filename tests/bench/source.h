/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Frames of random sessions, made in BPF. */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "frames.h"

#define PPP_IP 0x0021

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FRAMES_SESSIONS);
	__type(key, __u32);
	__type(value, struct frames_session);
} sessions SEC(".maps");

struct frames_way way;
__u32 seed = 1;
__u32 number; /* PPTP: rises for all sessions together */

static __always_inline __u32 random_number(__u32 below)
{
	seed = seed * 1664525 + 1013904223;
	return ((__u64)seed * below) >> 32;
}

static __always_inline struct frames_session *random_session(void)
{
	__u32 slot = random_number(way.sessions);

	return bpf_map_lookup_elem(&sessions, &slot);
}

/* Spread by other arithmetic than the program's. */
static __always_inline __be32 random_far(void)
{
	__u32 h = random_number(way.fars);

	h = (h ^ h >> 16) * 0x85ebca6b;
	h = (h ^ h >> 13) * 0xc2b2ae35;
	return bpf_htonl(FRAMES_FAR | ((h ^ h >> 16) & 0x0fffffff));
}

/* Headers are written in whole words: a load that takes in what several stores before have written
 * waits for them to reach the cache, which is not what a packet from a device costs. */

static __always_inline void put_word(void *to, __u32 high, __u32 low)
{
	*(__be32 *)to = bpf_htonl(high << 16 | low);
}

static __always_inline void put_ethernet(void *to, const __u8 *dst, const __u8 *src, __u16 type)
{
	const __be16 *d = (const void *)dst, *s = (const void *)src;

	put_word(to, bpf_ntohs(d[0]), bpf_ntohs(d[1]));
	put_word(to + 4, bpf_ntohs(d[2]), bpf_ntohs(s[0]));
	put_word(to + 8, bpf_ntohs(s[1]), bpf_ntohs(s[2]));
	*(__be16 *)(to + 12) = bpf_htons(type);
}

static __always_inline void put_ip_of(void *to, __u8 protocol, __be32 src, __be32 dst, __u16 len)
{
	__u32 a = bpf_ntohl(src), b = bpf_ntohl(dst);
	__u32 sum = 0x4500 + len + 0x4000 + (0x4000 | protocol) + (a >> 16) + (a & 0xffff) +
		    (b >> 16) + (b & 0xffff);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put_word(to, 0x4500, len);
	put_word(to + 4, 0, 0x4000);
	put_word(to + 8, 0x4000 | protocol, sum ^ 0xffff);
	*(__be32 *)(to + 12) = src;
	*(__be32 *)(to + 16) = dst;
}

static __always_inline void put_udp(void *to, __u16 port, __u16 len)
{
	put_word(to, port, port);
	put_word(to + 4, len, 0);
}

static __always_inline void put_ip(void *to, __be32 src, __be32 dst, __u16 len)
{
	put_ip_of(to, IPPROTO_UDP, src, dst, len);
	put_udp(to + sizeof(struct iphdr), 5000, len - sizeof(struct iphdr));
}

/* False if there is no room or no session. */
static __always_inline bool put_up(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct frames_session *s = random_session();

	if (!s || data + FRAMES_PPPOE + FRAMES_IP_MIN > (void *)(long)ctx->data_end)
		return false;
	put_ethernet(data, way.dst, s->mac, ETH_P_PPP_SES);
	put_word(data + 14, 0x1100, bpf_ntohs(s->sid));
	put_word(data + 18, way.bytes + 2, PPP_IP);
	put_ip(data + FRAMES_PPPOE, s->addr, random_far(), way.bytes);
	return true;
}

static __always_inline bool put_up_l2tp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct frames_session *s = random_session();

	if (!s || data + FRAMES_L2TP + FRAMES_IP_MIN > (void *)(long)ctx->data_end)
		return false;
	put_ethernet(data, way.dst, s->mac, ETH_P_IP);
	put_ip_of(data + 14, IPPROTO_UDP, s->peer, way.lns, FRAMES_L2TP - FRAMES_ETHER + way.bytes);
	put_udp(data + 34, 1701, FRAMES_L2TP - 34 + way.bytes);
	*(__be16 *)(data + 42) = bpf_htons(2);
	put_word(data + 44, bpf_ntohs(s->sid), bpf_ntohs(s->sid));
	put_word(data + 48, 0xff03, PPP_IP);
	put_ip(data + FRAMES_L2TP, s->addr, random_far(), way.bytes);
	return true;
}

static __always_inline bool put_up_pptp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct frames_session *s = random_session();

	if (!s || data + FRAMES_PPTP + FRAMES_IP_MIN > (void *)(long)ctx->data_end)
		return false;
	put_ethernet(data, way.dst, s->mac, ETH_P_IP);
	put_ip_of(data + 14, IPPROTO_GRE, s->peer, way.lns, FRAMES_PPTP - FRAMES_ETHER + way.bytes);
	put_word(data + 34, 0x3081, 0x880b);
	put_word(data + 38, 4 + way.bytes, bpf_ntohs(s->sid));
	*(__be32 *)(data + 42) = bpf_htonl(number++);
	*(__be32 *)(data + 46) = 0;
	put_word(data + 50, 0xff03, PPP_IP);
	put_ip(data + FRAMES_PPTP, s->addr, random_far(), way.bytes);
	return true;
}

static __always_inline bool put_down(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct frames_session *s = random_session();

	if (!s || data + FRAMES_ETHER + FRAMES_IP_MIN > (void *)(long)ctx->data_end)
		return false;
	put_ethernet(data, way.dst, way.src, ETH_P_IP);
	put_ip(data + FRAMES_ETHER, random_far(), s->addr, way.bytes);
	return true;
}

#endif
