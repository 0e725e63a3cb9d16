/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pppoe/pppoe_wire.h"

#include <errno.h>

#define VLAN_TAGS 2
#define VLAN_VID 0x0fff

/* TR-101: Broadband Forum's enterprise number, and its sub-options */
#define VENDOR_BROADBAND_FORUM 0x00000de9
#define SUBOPTION_CIRCUIT_ID 1
#define SUBOPTION_REMOTE_ID 2

struct vlan_tag {
	uint16_t tpid, tci;
};

static bool is_tpid(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static int vlans_set(struct pppoe_vlans *vlans, const struct vlan_tag *tag, unsigned int n)
{
	uint16_t outer = n > 0 ? tag[0].tci & VLAN_VID : 0;
	uint16_t inner = n > 1 ? tag[1].tci & VLAN_VID : 0;

	if (outer == 0 && inner != 0)
		return -EADDRNOTAVAIL;
	*vlans = (struct pppoe_vlans){
		.vid_outer = outer,
		.vid_inner = inner,
		.tpid_outer = outer ? tag[0].tpid : 0,
		.tpid_inner = inner ? tag[1].tpid : 0,
	};
	return 0;
}

/* Reads VLAN tags up to and with the Ethernet type behind them. */
static int vlans_parse(struct buf *b, const struct pppoe_aux *aux, struct pppoe_frame *frame)
{
	struct vlan_tag tag[VLAN_TAGS];
	unsigned int n = 0;

	if (aux->tagged)
		tag[n++] = (struct vlan_tag){ aux->tpid, aux->tci };
	if (buf_u16(b, &frame->type))
		return -ENODATA;
	while (is_tpid(frame->type)) {
		if (n == VLAN_TAGS)
			return -EADDRNOTAVAIL;
		tag[n].tpid = frame->type;
		if (buf_u16(b, &tag[n].tci) || buf_u16(b, &frame->type))
			return -ENODATA;
		n++;
	}
	return vlans_set(&frame->vlans, tag, n);
}

int pppoe_frame_parse(struct buf wire, const struct pppoe_aux *aux, struct pppoe_frame *frame)
{
	struct pppoe_frame f = { 0 };
	uint16_t length;
	uint8_t version;
	int r;

	if (buf_copy(&wire, f.dst, ETH_ALEN) || buf_copy(&wire, f.src, ETH_ALEN))
		return -ENODATA;
	r = vlans_parse(&wire, aux, &f);
	if (r)
		return r;
	if (f.type != PPPOE_TYPE_DISCOVERY && f.type != PPPOE_TYPE_SESSION)
		return -EPROTO;
	if (buf_u8(&wire, &version) || buf_u8(&wire, &f.code) || buf_u16(&wire, &f.sid) ||
	    buf_u16(&wire, &length))
		return -ENODATA;
	if (version != PPPOE_VERSION_TYPE)
		return -EPROTO;
	if (buf_take(&wire, length, &f.payload))
		return -ENODATA;
	*frame = f;
	return 0;
}

size_t pppoe_frame_begin(struct wbuf *w, const struct pppoe_frame *frame)
{
	const struct pppoe_vlans *vlans = &frame->vlans;
	size_t length_at;

	wbuf_put(w, frame->dst, ETH_ALEN);
	wbuf_put(w, frame->src, ETH_ALEN);
	if (vlans->vid_outer) {
		wbuf_u16(w, vlans->tpid_outer);
		wbuf_u16(w, vlans->vid_outer);
	}
	if (vlans->vid_inner) {
		wbuf_u16(w, vlans->tpid_inner);
		wbuf_u16(w, vlans->vid_inner);
	}
	wbuf_u16(w, frame->type);
	wbuf_u8(w, PPPOE_VERSION_TYPE);
	wbuf_u8(w, frame->code);
	wbuf_u16(w, frame->sid);
	length_at = w->len;
	wbuf_u16(w, 0);
	return length_at;
}

int pppoe_frame_end(struct wbuf *w, size_t length_at)
{
	static const uint8_t zeros[PPPOE_FRAME_MIN];

	wbuf_patch_u16(w, length_at, (uint16_t)(w->len - length_at - 2));
	if (w->len < PPPOE_FRAME_MIN)
		wbuf_put(w, zeros, PPPOE_FRAME_MIN - w->len);
	return w->overflow ? -EMSGSIZE : 0;
}

static void keep_first(struct buf *kept, struct buf value)
{
	if (!kept->p)
		*kept = value;
}

static int vendor_parse(struct buf value, struct pppoe_tags *tags)
{
	uint32_t vendor;

	if (buf_u32(&value, &vendor))
		return -EBADMSG;
	if (vendor != VENDOR_BROADBAND_FORUM)
		return 0;
	while (value.len > 0) {
		uint8_t type, len;
		struct buf sub;

		if (buf_u8(&value, &type) || buf_u8(&value, &len) || buf_take(&value, len, &sub))
			return -EBADMSG;
		if (type == SUBOPTION_CIRCUIT_ID)
			keep_first(&tags->circuit_id, sub);
		else if (type == SUBOPTION_REMOTE_ID)
			keep_first(&tags->remote_id, sub);
	}
	return 0;
}

static int max_payload_parse(struct buf value, struct pppoe_tags *tags)
{
	return value.len == 2 ? buf_u16(&value, &tags->max_payload) : -EBADMSG;
}

static int tag_keep(uint16_t type, struct buf value, struct pppoe_tags *tags)
{
	switch (type) {
	case PPPOE_TAG_SERVICE_NAME:
		keep_first(&tags->service, value);
		return 0;
	case PPPOE_TAG_HOST_UNIQ:
		keep_first(&tags->host_uniq, value);
		return 0;
	case PPPOE_TAG_AC_COOKIE:
		keep_first(&tags->cookie, value);
		return 0;
	case PPPOE_TAG_RELAY_ID:
		keep_first(&tags->relay_id, value);
		return 0;
	case PPPOE_TAG_VENDOR:
		return vendor_parse(value, tags);
	case PPPOE_TAG_MAX_PAYLOAD:
		return max_payload_parse(value, tags);
	default: /* RFC 2516 appendix A: unknown tags are ignored */
		return 0;
	}
}

int pppoe_tags_parse(struct buf payload, struct pppoe_tags *tags)
{
	struct pppoe_tags t = { 0 };

	while (payload.len > 0) {
		uint16_t type, len;
		struct buf value;

		if (buf_u16(&payload, &type) || buf_u16(&payload, &len) ||
		    buf_take(&payload, len, &value))
			return -EBADMSG;
		if (type == PPPOE_TAG_END_OF_LIST)
			break;
		if (tag_keep(type, value, &t))
			return -EBADMSG;
	}
	*tags = t;
	return 0;
}

void pppoe_tag_put(struct wbuf *w, enum pppoe_tag tag, const void *value, size_t len)
{
	wbuf_u16(w, (uint16_t)tag);
	wbuf_u16(w, (uint16_t)len);
	wbuf_put(w, value, len);
}

void pppoe_tag_echo(struct wbuf *w, enum pppoe_tag tag, struct buf value)
{
	if (value.p)
		pppoe_tag_put(w, tag, value.p, value.len);
}
