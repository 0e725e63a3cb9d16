/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A peer of the reference and a state of ours with the same keys, and packets for them. */
#ifndef XPPPD_TESTS_MPPE_RIG_H
#define XPPPD_TESTS_MPPE_RIG_H

#include "mppe.h"
#include "mppe_reference.h"
#include <xpppd/reason.h>

#define PACKET_MAX 1600

struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t len;
};

static struct reference reference;

static const struct length {
	unsigned int number;
	enum xp_mppe_bits bits;
} lengths[] = { { 40, XP_MPPE_40 }, { 56, XP_MPPE_56 }, { 128, XP_MPPE_128 } };

#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static inline void fill(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = rand() >> 7;
}

static inline void keys_open(struct peer *peer, struct xp_mppe_dir *dir, enum peer_kind kind,
			     const struct length *length, bool stateful)
{
	uint8_t start[16];

	fill(start, sizeof(start));
	peer_open(peer, &reference, kind, length->number, stateful, start);
	mppe_start(dir, start, length->bits, stateful ? XP_MPPE_F_STATEFUL : 0);
}

/* An IPv4 packet of `total` bytes with its PPP protocol, which takes one byte if `compressed`. */
static inline void ip_packet(struct packet *p, size_t total, bool compressed)
{
	size_t at = compressed ? 1 : 2, header = total < 60 ? 20 : 20 + 4 * (rand() % 11);
	uint32_t sum = 0;

	fill(p->bytes, at + total);
	p->len = at + total;
	p->bytes[0] = 0;
	p->bytes[at - 1] = 0x21;
	p->bytes[at] = 0x40 | header / 4;
	p->bytes[at + 2] = total >> 8;
	p->bytes[at + 3] = total & 255;
	p->bytes[at + 10] = p->bytes[at + 11] = 0;
	for (size_t i = 0; i < header; i += 2)
		sum += p->bytes[at + i] << 8 | p->bytes[at + i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16)) & 0xffff;
	p->bytes[at + 10] = sum >> 8;
	p->bytes[at + 11] = sum & 255;
}

/* What the peer sends next: the packet, and how it goes over the wire. */
static inline void peer_next(struct peer *peer, struct packet *clear, struct packet *wire)
{
	ip_packet(clear, 20 + rand() % 1481, rand() & 1);
	peer_send(peer, clear->bytes, clear->len, wire->bytes);
	wire->len = clear->len + XP_MPPE_HEADER;
}

static inline void peer_skip(struct peer *peer, unsigned int n)
{
	struct packet clear, wire;

	while (n-- > 0)
		peer_next(peer, &clear, &wire);
}

static inline int receive(struct xp_mppe_dir *dir, const struct packet *wire, struct packet *clear)
{
	clear->len = wire->len - XP_MPPE_HEADER;
	return mppe_decrypt(dir, wire->bytes, wire->len, clear->bytes);
}

static inline void assert_same(const struct packet *a, const struct packet *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->bytes, b->bytes, a->len);
}

static inline void assert_received(struct xp_mppe_dir *dir, const struct packet *wire,
				   const struct packet *expected)
{
	struct packet clear;

	assert_int_equal(receive(dir, wire, &clear), 0);
	assert_same(&clear, expected);
}

static inline void assert_refused(struct xp_mppe_dir *dir, const struct packet *wire, int verdict)
{
	struct packet clear;

	assert_int_equal(receive(dir, wire, &clear), verdict);
}

#endif
