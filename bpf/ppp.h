/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPP's protocol field (RFC 1661 section 2), and PPPoE's session header (RFC 2516 section 4). */
#ifndef XPPPD_BPF_PPP_H
#define XPPPD_BPF_PPP_H

#include "frame.h"

#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_MPPE 0x00fd
#define PPP_CONTROL 0x4000 /* from here on: low-volume, network control, link control */

/* The shortest PPP packet there is: a control packet's header behind one byte of protocol is
 * longer. What the protocol field needs is always there. */
#define PPP_MIN 4

#define PPP_OFFSET_MAX 512 /* a power of two; no header in front of a packet is as long */

#define PPPOE_SESSION bpf_htons(0x1100) /* version, type, code */

struct pppoe_header {
	__be16 version_type_code;
	__be16 sid;
	__be16 length;
};

struct ppp {
	__u16 sid;
	__u16 protocol;
	__u32 offset; /* of the payload in the frame */
	__u32 len;    /* of the payload */
};

/* Address and control field (ACFC not used) and compressed protocol field (PFC) are accepted
 * without having been negotiated. */
INLINE void ppp_parse_protocol(const __u8 *field, struct ppp *ppp)
{
	__u32 size = 0;

	if (*(const __be16 *)field == bpf_htons(PPP_IPV4)) {
		ppp->protocol = PPP_IPV4;
		ppp->offset += 2;
		ppp->len -= 2;
		return;
	}
	if (field[0] == 0xff && field[1] == 0x03) {
		field += 2;
		size = 2;
	}
	if (field[0] & 1) {
		ppp->protocol = field[0];
		size += 1;
	} else {
		ppp->protocol = field[0] << 8 | field[1];
		size += 2;
	}
	ppp->offset += size;
	ppp->len -= size;
}

/* Of what stands at ppp->offset, ppp->len bytes. */
INLINE enum xp_reason ppp_parse_payload(const struct packet *p, struct ppp *ppp)
{
	const __u8 *field = p->data + ppp->offset;

	if ((void *)(field + PPP_MIN) > p->end)
		return XP_R_TRUNCATED;
	ppp_parse_protocol(field, ppp);
	ppp->offset = packet_forget(p, ppp->offset, PPP_OFFSET_MAX - 1);
	ppp->len = packet_forget(p, ppp->len, 0xffff);
	return XP_R_NONE;
}

INLINE enum xp_reason ppp_parse(const struct packet *p, const struct frame *f, struct ppp *ppp)
{
	const struct pppoe_header *header = p->data + f->offset;
	__u32 offset = f->offset + sizeof(*header);

	if ((void *)(header + 1) > p->end)
		return XP_R_TRUNCATED;
	if (header->version_type_code != PPPOE_SESSION)
		return XP_R_PPPOE_HEADER;
	ppp->sid = bpf_ntohs(header->sid);
	ppp->len = bpf_ntohs(header->length);
	ppp->offset = offset;
	if (ppp->len < PPP_MIN || offset + ppp->len > p->len)
		return XP_R_PPPOE_LENGTH;
	return ppp_parse_payload(p, ppp);
}

/* Why the agent gets it, if it does. */
INLINE enum xp_reason ppp_punt(const struct ppp *ppp)
{
	switch (ppp->protocol) {
	case PPP_IPV4:
		return XP_R_NONE;
	case PPP_IPV6:
		return XP_R_P_IPV6;
	case PPP_MPPE:
		return XP_R_P_MPPE;
	default:
		return XP_R_P_PPP_PROTOCOL;
	}
}

#endif
