/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Frames of random sessions, made in BPF. */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <stdbool.h>

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

struct pppoe {
	struct ethhdr eth;
	__u8 version_type, code;
	__be16 sid, length, protocol;
} __attribute__((packed));

struct l2tp {
	struct udphdr udp;
	__be16 flags, tunnel, session, address_control, protocol;
};

struct gre {
	__be16 flags, type, len, call;
	__be32 number, ack;
	__be16 address_control, protocol;
};

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

static __always_inline __u32 add_words(__u32 sum, __be32 v)
{
	return sum + (v & 0xffff) + (v >> 16);
}

static __always_inline void put_ip_of(struct iphdr *ip, __u8 protocol, __be32 src, __be32 dst,
				      __u16 len)
{
	__u32 sum;

	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = bpf_htons(len);
	ip->frag_off = bpf_htons(0x4000);
	ip->ttl = 64;
	ip->protocol = protocol;
	ip->saddr = src;
	ip->daddr = dst;
	sum = bpf_htons(0x4500) + ip->tot_len + ip->frag_off + bpf_htons(0x4000 | protocol);
	sum = add_words(add_words(sum, src), dst);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
}

static __always_inline void put_ip(struct iphdr *ip, __be32 src, __be32 dst, __u16 len)
{
	struct udphdr *udp = (void *)(ip + 1);

	put_ip_of(ip, IPPROTO_UDP, src, dst, len);
	udp->source = udp->dest = bpf_htons(5000);
	udp->len = bpf_htons(len - sizeof(*ip));
	udp->check = 0;
}

/* False if there is no room or no session. */
static __always_inline bool put_up(struct xdp_md *ctx)
{
	struct pppoe *p = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(p + 1);
	struct frames_session *s = random_session();

	if (!s || (void *)ip + FRAMES_IP_MIN > (void *)(long)ctx->data_end)
		return false;
	__builtin_memcpy(p->eth.h_dest, way.dst, 6);
	__builtin_memcpy(p->eth.h_source, s->mac, 6);
	p->eth.h_proto = bpf_htons(ETH_P_PPP_SES);
	p->version_type = 0x11;
	p->code = 0;
	p->sid = s->sid;
	p->length = bpf_htons(way.bytes + 2);
	p->protocol = bpf_htons(PPP_IP);
	put_ip(ip, s->addr, random_far(), way.bytes);
	return true;
}

static __always_inline bool put_up_l2tp(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *outer = (void *)(eth + 1);
	struct l2tp *l2tp = (void *)(outer + 1);
	struct iphdr *ip = (void *)(l2tp + 1);
	struct frames_session *s = random_session();

	if (!s || (void *)ip + FRAMES_IP_MIN > (void *)(long)ctx->data_end)
		return false;
	__builtin_memcpy(eth->h_dest, way.dst, 6);
	__builtin_memcpy(eth->h_source, s->mac, 6);
	eth->h_proto = bpf_htons(ETH_P_IP);
	put_ip(outer, s->peer, way.lns, FRAMES_L2TP - FRAMES_ETHER + way.bytes);
	l2tp->udp.source = l2tp->udp.dest = bpf_htons(1701);
	l2tp->flags = bpf_htons(2);
	l2tp->tunnel = l2tp->session = s->sid;
	l2tp->address_control = bpf_htons(0xff03);
	l2tp->protocol = bpf_htons(PPP_IP);
	put_ip(ip, s->addr, random_far(), way.bytes);
	return true;
}

static __always_inline bool put_up_pptp(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *outer = (void *)(eth + 1);
	struct gre *gre = (void *)(outer + 1);
	struct iphdr *ip = (void *)(gre + 1);
	struct frames_session *s = random_session();

	if (!s || (void *)ip + FRAMES_IP_MIN > (void *)(long)ctx->data_end)
		return false;
	__builtin_memcpy(eth->h_dest, way.dst, 6);
	__builtin_memcpy(eth->h_source, s->mac, 6);
	eth->h_proto = bpf_htons(ETH_P_IP);
	put_ip_of(outer, IPPROTO_GRE, s->peer, way.lns, FRAMES_PPTP - FRAMES_ETHER + way.bytes);
	gre->flags = bpf_htons(0x3081);
	gre->type = bpf_htons(0x880b);
	gre->len = bpf_htons(4 + way.bytes);
	gre->call = s->sid;
	gre->number = bpf_htonl(number++);
	gre->ack = 0;
	gre->address_control = bpf_htons(0xff03);
	gre->protocol = bpf_htons(PPP_IP);
	put_ip(ip, s->addr, random_far(), way.bytes);
	return true;
}

static __always_inline bool put_down(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct frames_session *s = random_session();

	if (!s || (void *)ip + FRAMES_IP_MIN > (void *)(long)ctx->data_end)
		return false;
	__builtin_memcpy(eth->h_dest, way.dst, 6);
	__builtin_memcpy(eth->h_source, way.src, 6);
	eth->h_proto = bpf_htons(ETH_P_IP);
	put_ip(ip, random_far(), s->addr, way.bytes);
	return true;
}

#endif
