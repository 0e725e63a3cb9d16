/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* L2TP data messages, made byte by byte. */
#ifndef XPPPD_TEST_BUILD_L2TP_H
#define XPPPD_TEST_BUILD_L2TP_H

#include "build.h"

struct l2tp_spec {
	const uint8_t *dst_mac, *src_mac;
	bool ipv6;
	uint8_t dst[16], src[16]; /* as on the wire; 4 bytes of them for IPv4 */
	uint16_t dst_port, src_port;
	bool checksum;    /* of UDP */
	uint16_t frag;    /* of the outer IPv4 header */
	uint8_t options;  /* bytes of NOP there */
	uint16_t flags;   /* beside those of the fields below */
	uint16_t version; /* 0: 2 */
	uint16_t tunnel_id, session_id;
	bool length, sequence, offset;
	uint16_t ns;
	uint8_t pad; /* bytes of padding with offset */
	bool ff03, pfc;
	uint16_t protocol; /* 0: 0x0021 */
	size_t beyond;     /* bytes behind the message in the datagram */
	size_t padding;    /* bytes behind the IP packet in the frame */
};

struct frame build_l2tp(const struct l2tp_spec *l2tp, const struct frame *packet);
/* Where L2TP's header stands in the frame. */
size_t build_l2tp_at(const struct l2tp_spec *l2tp);
/* Makes the outer checksums right again after a change. */
void build_l2tp_fix(const struct l2tp_spec *l2tp, struct frame *f);
/* Of UDP with the pseudo-header of its kind; true if it is right. */
bool build_l2tp_checksum_ok(const struct l2tp_spec *l2tp, const struct frame *f);

#endif
