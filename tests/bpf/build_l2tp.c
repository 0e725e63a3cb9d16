/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <net/ethernet.h>
#include <netinet/in.h>

#include "build_l2tp.h"

#define TTL 64
#define UDP 8

static size_t ip_len(const struct l2tp_spec *l2tp)
{
	return l2tp->ipv6 ? 40 : 20u + l2tp->options;
}

size_t build_l2tp_at(const struct l2tp_spec *l2tp)
{
	return ETHER_HDR_LEN + ip_len(l2tp) + UDP;
}

static void add_message(struct frame *f, const struct l2tp_spec *l2tp, const struct frame *packet)
{
	uint16_t protocol = l2tp->protocol ? l2tp->protocol : 0x0021;
	uint32_t start = f->len;

	frame_add16(f, l2tp->flags | (l2tp->length ? 0x4000 : 0) | (l2tp->sequence ? 0x0800 : 0) |
			       (l2tp->offset ? 0x0200 : 0) | (l2tp->version ? l2tp->version : 2));
	if (l2tp->length)
		frame_add16(f, 0);
	frame_add16(f, l2tp->tunnel_id);
	frame_add16(f, l2tp->session_id);
	if (l2tp->sequence) {
		frame_add16(f, l2tp->ns);
		frame_add16(f, 0);
	}
	if (l2tp->offset)
		frame_add16(f, l2tp->pad);
	for (int i = 0; l2tp->offset && i < l2tp->pad; i++)
		frame_add8(f, 0xee);
	if (l2tp->ff03)
		frame_add16(f, 0xff03);
	if (l2tp->pfc)
		frame_add8(f, (uint8_t)protocol);
	else
		frame_add16(f, protocol);
	frame_add(f, packet->byte, packet->len);
	if (l2tp->length)
		build_set16(f->byte + start + 2, f->len - start);
	for (size_t i = 0; i < l2tp->beyond; i++)
		frame_add8(f, 0x77);
}

static void add_ip(struct frame *f, const struct l2tp_spec *l2tp)
{
	static const uint8_t ipv6[] = { 0x60, 0, 0, 0, 0, 0, IPPROTO_UDP, TTL };
	static const uint8_t ipv4[] = { 0, 0, 0, 0, 0, 0, 0, 0, TTL, IPPROTO_UDP, 0, 0 };
	uint8_t *start = f->byte + f->len;
	size_t addr = l2tp->ipv6 ? 16 : 4;

	frame_add(f, l2tp->ipv6 ? ipv6 : ipv4, l2tp->ipv6 ? sizeof(ipv6) : sizeof(ipv4));
	frame_add(f, l2tp->src, addr);
	frame_add(f, l2tp->dst, addr);
	if (l2tp->ipv6)
		return;
	for (int i = 0; i < l2tp->options; i++)
		frame_add8(f, 1);
	start[0] = 0x40 | ip_len(l2tp) / 4;
	build_set16(start + 6, l2tp->frag);
}

static uint16_t udp_sum(const struct l2tp_spec *l2tp, const struct frame *f)
{
	size_t addr = l2tp->ipv6 ? 16 : 4, at = ETHER_HDR_LEN + ip_len(l2tp);
	size_t len = build_get16(f->byte + at + 4);
	uint32_t sum = IPPROTO_UDP + len;

	for (size_t i = 0; i < addr; i += 2)
		sum += build_get16(l2tp->src + i) + build_get16(l2tp->dst + i);
	for (size_t i = 0; i < len && at + i < f->len; i++)
		sum += i & 1 ? f->byte[at + i] : f->byte[at + i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

bool build_l2tp_checksum_ok(const struct l2tp_spec *l2tp, const struct frame *f)
{
	return udp_sum(l2tp, f) == 0xffff;
}

void build_l2tp_fix(const struct l2tp_spec *l2tp, struct frame *f)
{
	uint8_t *check = f->byte + ETHER_HDR_LEN + ip_len(l2tp) + 6;
	uint16_t sum;

	if (!l2tp->ipv6)
		build_fix_ip(f->byte + ETHER_HDR_LEN);
	build_set16(check, 0);
	if (!l2tp->checksum)
		return;
	sum = ~udp_sum(l2tp, f);
	build_set16(check, sum ? sum : 0xffff);
}

struct frame build_l2tp(const struct l2tp_spec *l2tp, const struct frame *packet)
{
	struct frame f = { .len = 0 };
	uint32_t udp;

	frame_add_ethernet(&f, l2tp->dst_mac, l2tp->src_mac,
			   l2tp->ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	add_ip(&f, l2tp);
	udp = f.len;
	frame_add16(&f, l2tp->src_port);
	frame_add16(&f, l2tp->dst_port);
	frame_add16(&f, 0);
	frame_add16(&f, 0);
	add_message(&f, l2tp, packet);
	build_set16(f.byte + udp + 4, f.len - udp);
	if (l2tp->ipv6)
		build_set16(f.byte + ETHER_HDR_LEN + 4, f.len - udp);
	else
		build_set16(f.byte + ETHER_HDR_LEN + 2, f.len - ETHER_HDR_LEN);
	build_l2tp_fix(l2tp, &f);
	for (size_t i = 0; i < l2tp->padding; i++)
		frame_add8(&f, 0xa5);
	return f;
}
