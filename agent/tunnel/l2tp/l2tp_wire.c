/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/l2tp/l2tp_wire.h"

#include <errno.h>

#define FLAG_TYPE 0x8000
#define FLAG_LENGTH 0x4000
#define FLAG_SEQUENCE 0x0800
#define FLAG_OFFSET 0x0200
#define FLAG_PRIORITY 0x0100
#define VERSION_MASK 0x000f
#define VERSION 2

#define CONTROL_MUST (FLAG_TYPE | FLAG_LENGTH | FLAG_SEQUENCE)
#define CONTROL_MUST_NOT (FLAG_OFFSET | FLAG_PRIORITY)

/* Cuts off what is beyond the length field, which counts the whole header. */
static int length_apply(struct buf *wire, size_t whole)
{
	size_t before = whole - wire->len;
	uint16_t length;

	if (buf_u16(wire, &length))
		return -ENODATA;
	if (length < before + 2 || length > whole)
		return -ENODATA;
	wire->len = length - before - 2;
	return 0;
}

static int offset_apply(struct buf *wire)
{
	uint16_t size;

	return buf_u16(wire, &size) ? -ENODATA : buf_skip(wire, size);
}

int l2tp_header_parse(struct buf wire, struct l2tp_header *header)
{
	struct l2tp_header h = { 0 };
	size_t whole = wire.len;
	uint16_t flags;
	int r = 0;

	if (buf_u16(&wire, &flags))
		return -ENODATA;
	h.control = flags & FLAG_TYPE;
	h.sequence = flags & FLAG_SEQUENCE;
	h.has_length = flags & FLAG_LENGTH;
	if ((flags & VERSION_MASK) != VERSION ||
	    (h.control &&
	     ((flags & CONTROL_MUST) != CONTROL_MUST || (flags & CONTROL_MUST_NOT) != 0)))
		return -EPROTO;
	if (h.has_length)
		r = length_apply(&wire, whole);
	if (r || buf_u16(&wire, &h.tunnel_id) || buf_u16(&wire, &h.session_id))
		return -ENODATA;
	if (h.sequence && (buf_u16(&wire, &h.ns) || buf_u16(&wire, &h.nr)))
		return -ENODATA;
	if ((flags & FLAG_OFFSET) && offset_apply(&wire))
		return -ENODATA;
	h.payload = wire;
	*header = h;
	return 0;
}

void l2tp_control_header_put(struct wbuf *w, uint16_t length, uint16_t tunnel_id,
			     uint16_t session_id, uint16_t ns, uint16_t nr)
{
	wbuf_u16(w, CONTROL_MUST | VERSION);
	wbuf_u16(w, length);
	wbuf_u16(w, tunnel_id);
	wbuf_u16(w, session_id);
	wbuf_u16(w, ns);
	wbuf_u16(w, nr);
}

void l2tp_data_header_put(struct wbuf *w, size_t payload, uint16_t tunnel_id, uint16_t session_id,
			  bool sequence, uint16_t ns)
{
	size_t header = sequence ? 12 : 8;

	wbuf_u16(w, FLAG_LENGTH | (sequence ? FLAG_SEQUENCE : 0) | VERSION);
	wbuf_u16(w, (uint16_t)(header + payload));
	wbuf_u16(w, tunnel_id);
	wbuf_u16(w, session_id);
	if (!sequence)
		return;
	wbuf_u16(w, ns);
	wbuf_u16(w, 0);
}
