/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "build.h"

#define OFFSET_MASK 0x1fff
#define NOP 1

uint16_t build_get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

void build_set16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value & 0xff;
}

/* The one's complement sum, byte by byte. */
static uint16_t sum_of(uint32_t sum, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? at[i] : at[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static size_t header_len(const uint8_t *packet)
{
	return (packet[0] & 0x0f) * 4;
}

static uint32_t pseudo_sum(const uint8_t *packet, size_t payload)
{
	return sum_of(packet[9] + payload, packet + 12, 8);
}

/* Where the checksum stands in the transport header, 0 if it has none. */
static size_t checksum_place(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMP:
		return 2;
	default:
		return 0;
	}
}

static uint16_t transport_sum(const uint8_t *packet, size_t len)
{
	size_t header = header_len(packet);
	uint32_t sum = packet[9] == IPPROTO_ICMP ? 0 : pseudo_sum(packet, len - header);

	return sum_of(sum, packet + header, len - header);
}

static void fix_transport(uint8_t *packet, size_t len)
{
	size_t place = checksum_place(packet[9]), header = header_len(packet);

	if (!place || build_get16(packet + 6) & OFFSET_MASK || header + place + 2 > len)
		return;
	build_set16(packet + header + place, 0);
	build_set16(packet + header + place, ~transport_sum(packet, len));
}

void build_fix_ip(uint8_t *packet)
{
	build_set16(packet + 10, 0);
	build_set16(packet + 10, ~sum_of(0, packet, header_len(packet)));
}

bool build_checksums_ok(const uint8_t *packet, size_t len)
{
	if (sum_of(0, packet, header_len(packet)) != 0xffff)
		return false;
	return !checksum_place(packet[9]) || transport_sum(packet, len) == 0xffff;
}

void frame_add(struct frame *f, const void *bytes, size_t len)
{
	if (len)
		memcpy(f->byte + f->len, bytes, len);
	f->len += len;
}

void frame_add8(struct frame *f, uint8_t value)
{
	f->byte[f->len++] = value;
}

void frame_add16(struct frame *f, uint16_t value)
{
	build_set16(f->byte + f->len, value);
	f->len += 2;
}

static void frame_add32(struct frame *f, uint32_t value)
{
	frame_add16(f, value >> 16);
	frame_add16(f, value & 0xffff);
}

void frame_add_ethernet(struct frame *f, const uint8_t *dst, const uint8_t *src, uint16_t type)
{
	frame_add(f, dst, ETH_ALEN);
	frame_add(f, src, ETH_ALEN);
	frame_add16(f, type);
}

void frame_add_ip(struct frame *f, const struct ip_spec *ip)
{
	uint8_t *start = f->byte + f->len;
	size_t header = 20 + ip->options, len = header + ip->len;

	frame_add8(f, 0x40 | header / 4);
	frame_add8(f, 0);
	frame_add16(f, len);
	frame_add16(f, 0x1234);
	frame_add16(f, ip->frag);
	frame_add8(f, ip->ttl);
	frame_add8(f, ip->proto);
	frame_add16(f, 0);
	frame_add32(f, ip->src);
	frame_add32(f, ip->dst);
	for (int i = 0; i < ip->options; i++)
		frame_add8(f, NOP);
	frame_add(f, ip->payload, ip->len);
	build_fix_ip(start);
	fix_transport(start, len);
}

struct frame build_ip(const struct ip_spec *ip)
{
	struct frame f = { .len = 0 };

	frame_add_ip(&f, ip);
	return f;
}

struct frame build_ethernet(const uint8_t *dst, const uint8_t *src, const struct frame *packet)
{
	struct frame f = { .len = 0 };

	frame_add_ethernet(&f, dst, src, ETHERTYPE_IP);
	frame_add(&f, packet->byte, packet->len);
	return f;
}

void frame_add_pppoe(struct frame *f, const uint8_t *dst, const uint8_t *src,
		     const struct wrap_spec *wrap)
{
	frame_add(f, dst, ETH_ALEN);
	frame_add(f, src, ETH_ALEN);
	if (wrap->tpid_outer) {
		frame_add16(f, wrap->tpid_outer);
		frame_add16(f, wrap->vid_outer);
	}
	if (wrap->tpid_inner) {
		frame_add16(f, wrap->tpid_inner);
		frame_add16(f, wrap->vid_inner);
	}
	frame_add16(f, 0x8864);
	frame_add16(f, 0x1100);
	frame_add16(f, wrap->sid);
}

struct frame build_pppoe(const struct wrap_spec *wrap, const struct frame *packet)
{
	struct frame f = { .len = 0 };
	uint16_t protocol = wrap->protocol ? wrap->protocol : 0x0021;

	frame_add_pppoe(&f, wrap->own, wrap->peer, wrap);
	frame_add16(&f, packet->len + (wrap->pfc ? 1 : 2) + (wrap->ff03 ? 2 : 0));
	if (wrap->ff03)
		frame_add16(&f, 0xff03);
	if (wrap->pfc)
		frame_add8(&f, protocol);
	else
		frame_add16(&f, protocol);
	frame_add(&f, packet->byte, packet->len);
	for (size_t i = 0; i < wrap->padding; i++)
		frame_add8(&f, 0xa5);
	return f;
}

struct frame build_pppoe_down(const struct wrap_spec *wrap, const struct frame *packet)
{
	struct frame f = { .len = 0 };

	frame_add_pppoe(&f, wrap->peer, wrap->own, wrap);
	frame_add16(&f, packet->len + 2);
	frame_add16(&f, 0x0021);
	frame_add(&f, packet->byte, packet->len);
	return f;
}
