/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPTP data packets, made byte by byte. */
#ifndef XPPPD_TEST_BUILD_PPTP_H
#define XPPPD_TEST_BUILD_PPTP_H

#include "build.h"

struct pptp_spec {
	const uint8_t *dst_mac, *src_mac;
	uint32_t dst, src; /* host order */
	uint16_t frag;     /* of the outer header */
	uint8_t options;   /* bytes of NOP there */
	uint16_t flags;    /* exclusive-or: wrong bits of GRE */
	uint16_t type;     /* 0: 0x880b */
	uint16_t call_id;
	bool no_sequence, ack;
	uint32_t number, ack_number;
	bool ff03, pfc;
	uint16_t protocol; /* 0: 0x0021 */
	size_t beyond;     /* bytes behind the payload in the IP packet */
	size_t padding;    /* bytes behind the IP packet in the frame */
};

/* packet NULL: no payload. */
struct frame build_pptp(const struct pptp_spec *pptp, const struct frame *packet);
/* Where GRE's header stands in the frame. */
size_t build_pptp_at(const struct pptp_spec *pptp);

#endif
