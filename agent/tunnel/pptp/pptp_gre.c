/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pptp/pptp_gre.h"

#include <errno.h>

#define FLAG_KEY 0x2000
#define FLAG_SEQUENCE 0x1000
#define FLAG_ACK 0x0080
#define VERSION_MASK 0x0007
#define VERSION 1
#define MAY_BE (FLAG_KEY | FLAG_SEQUENCE | FLAG_ACK | VERSION_MASK)

#define PROTOCOL_PPP 0x880b

int pptp_gre_parse(struct buf wire, struct pptp_gre *gre)
{
	struct pptp_gre g = { 0 };
	uint16_t flags, protocol, length;

	if (buf_u16(&wire, &flags) || buf_u16(&wire, &protocol))
		return -ENODATA;
	if ((flags & VERSION_MASK) != VERSION || protocol != PROTOCOL_PPP)
		return -EPROTONOSUPPORT;
	if ((flags & ~MAY_BE) != 0 || !(flags & FLAG_KEY))
		return -EPROTO;
	g.has_sequence = flags & FLAG_SEQUENCE;
	g.has_ack = flags & FLAG_ACK;
	if (buf_u16(&wire, &length) || buf_u16(&wire, &g.call_id) ||
	    (g.has_sequence && buf_u32(&wire, &g.sequence)) ||
	    (g.has_ack && buf_u32(&wire, &g.ack)) || buf_take(&wire, length, &g.payload))
		return -ENODATA;
	*gre = g;
	return 0;
}

void pptp_gre_put(struct wbuf *w, const struct pptp_gre *gre, size_t payload)
{
	wbuf_u16(w, (uint16_t)(FLAG_KEY | (gre->has_sequence ? FLAG_SEQUENCE : 0) |
			       (gre->has_ack ? FLAG_ACK : 0) | VERSION));
	wbuf_u16(w, PROTOCOL_PPP);
	wbuf_u16(w, (uint16_t)payload);
	wbuf_u16(w, gre->call_id);
	if (gre->has_sequence)
		wbuf_u32(w, gre->sequence);
	if (gre->has_ack)
		wbuf_u32(w, gre->ack);
}
