/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "ppp/packet.h"

#include <errno.h>

#include "ppp/ppp.h"

int packet_parse(struct buf frame, struct packet *p)
{
	struct buf b = frame;
	struct packet q;
	uint16_t len;

	if (buf_u8(&b, &q.code) < 0 || buf_u8(&b, &q.ident) < 0 || buf_u16(&b, &len) < 0 ||
	    len < PACKET_HEADER || buf_take(&b, len - PACKET_HEADER, &q.data) < 0)
		return -EBADMSG;
	q.whole = buf_of(frame.p, len);
	*p = q;
	return 0;
}

size_t packet_room(const struct ppp *ppp)
{
	/* RFC 1661 6.1: while LCP negotiates, each side takes 1500 octets, if the carrier does */
	uint16_t peer = cp_opened(&ppp->lcp) ? ppp->state.lcp.peer_mru : PACKET_MAX;
	uint16_t mru = peer < ppp->state.mru_limit ? peer : ppp->state.mru_limit;

	return mru < PACKET_MAX ? mru : PACKET_MAX;
}

void packet_begin(struct packet_out *out, const struct ppp *ppp, uint8_t code, uint8_t ident)
{
	out->w = wbuf_of(out->bytes, packet_room(ppp));
	wbuf_u8(&out->w, code);
	wbuf_u8(&out->w, ident);
	wbuf_u16(&out->w, 0);
}

void packet_put_truncated(struct packet_out *out, struct buf bytes)
{
	size_t room = out->w.cap - out->w.len;

	wbuf_put(&out->w, bytes.p, bytes.len < room ? bytes.len : room);
}

void packet_send(struct packet_out *out, struct ppp *ppp, uint16_t proto)
{
	if (out->w.overflow || ppp->state.phase == PPP_DEAD)
		return;
	wbuf_patch_u16(&out->w, 2, (uint16_t)out->w.len);
	ppp->ops->send(ppp->owner, proto, out->w.base, out->w.len);
}
