/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <net/ethernet.h>
#include <netinet/in.h>

#include "build_pptp.h"

#define TTL 64

size_t build_pptp_at(const struct pptp_spec *pptp)
{
	return ETHER_HDR_LEN + 20u + pptp->options;
}

static void add_payload(struct frame *f, const struct pptp_spec *pptp, const struct frame *packet)
{
	uint16_t protocol = pptp->protocol ? pptp->protocol : 0x0021;

	if (pptp->ff03)
		frame_add16(f, 0xff03);
	if (pptp->pfc)
		frame_add8(f, (uint8_t)protocol);
	else
		frame_add16(f, protocol);
	frame_add(f, packet->byte, packet->len);
}

static void add_number(struct frame *f, uint32_t number)
{
	frame_add16(f, (uint16_t)(number >> 16));
	frame_add16(f, (uint16_t)number);
}

static struct frame gre(const struct pptp_spec *pptp, const struct frame *packet)
{
	struct frame f = { .len = 0 };
	uint32_t before;

	frame_add16(&f, (uint16_t)((0x2001 | (pptp->no_sequence ? 0 : 0x1000) |
				    (pptp->ack ? 0x0080 : 0)) ^
				   pptp->flags));
	frame_add16(&f, pptp->type ? pptp->type : 0x880b);
	frame_add16(&f, 0);
	frame_add16(&f, pptp->call_id);
	if (!pptp->no_sequence)
		add_number(&f, pptp->number);
	if (pptp->ack)
		add_number(&f, pptp->ack_number);
	before = f.len;
	if (packet)
		add_payload(&f, pptp, packet);
	build_set16(f.byte + 4, (uint16_t)(f.len - before));
	for (size_t i = 0; i < pptp->beyond; i++)
		frame_add8(&f, 0xbb);
	return f;
}

struct frame build_pptp(const struct pptp_spec *pptp, const struct frame *packet)
{
	struct frame payload = gre(pptp, packet);
	struct ip_spec ip = { .src = pptp->src,
			      .dst = pptp->dst,
			      .ttl = TTL,
			      .proto = IPPROTO_GRE,
			      .options = pptp->options,
			      .frag = pptp->frag,
			      .payload = payload.byte,
			      .len = payload.len };
	struct frame outer = build_ip(&ip);
	struct frame f;

	build_set16(outer.byte + 4, 0); /* with DF the identification means nothing */
	build_fix_ip(outer.byte);
	f = build_ethernet(pptp->dst_mac, pptp->src_mac, &outer);
	for (size_t i = 0; i < pptp->padding; i++)
		frame_add8(&f, 0xaa);
	return f;
}
