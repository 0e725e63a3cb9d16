/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "ppp.h"

#include <string.h>

#include "auth.h"
#include "call.h"
#include "ccp.h"
#include "client.h"
#include "ipcp.h"
#include "lcp.h"
#include "traffic.h"

void ppp_send(struct client *client, struct call *call, uint16_t proto, uint8_t code, uint8_t ident,
	      const void *data, size_t len)
{
	size_t at;
	struct wr *w = call_begin(client, call, &at);

	wr_u16(w, proto);
	wr_u8(w, code);
	wr_u8(w, ident);
	wr_u16(w, len + 4);
	wr_put(w, data, len);
	call_end(client, w, at);
}

bool ppp_parse(struct rd r, struct ppp_packet *packet)
{
	uint16_t len;

	if (!rd_u8(&r, &packet->code) || !rd_u8(&r, &packet->ident) || !rd_u16(&r, &len))
		return false;
	return len >= 4 && rd_take(&r, len - 4, &packet->data);
}

bool ppp_option(struct rd *options, uint8_t *type, struct rd *value)
{
	uint8_t len;

	return rd_u8(options, type) && rd_u8(options, &len) && len >= 2 &&
	       rd_take(options, len - 2, value);
}

void ppp_put_option(struct wr *w, uint8_t type, const void *p, size_t len)
{
	wr_u8(w, type);
	wr_u8(w, len + 2);
	wr_put(w, p, len);
}

bool ppp_begin_data(struct client *client, struct call *call, struct ppp_data *d)
{
	enum ccp_way way = ccp_way(client, call);

	if (way == CCP_WAY_NONE)
		return false;
	d->w = call_begin(client, call, &d->at);
	d->header = 0;
	if (way == CCP_WAY_SEALED) {
		wr_u16(d->w, PPP_COMP);
		d->header = d->w->len;
		wr_fill(d->w, 0, MPPE_HEADER);
	}
	if (client->opt.compress)
		wr_u8(d->w, PPP_IP);
	else
		wr_u16(d->w, PPP_IP);
	return true;
}

void ppp_end_data(struct client *client, struct call *call, struct ppp_data *d)
{
	if (d->header)
		ccp_seal(client, call, d->w, d->header);
	call_end_data(client, call, d->w, d->at);
	if (d->header)
		ccp_forge_due(client, call);
}

static void reject_protocol(struct client *client, struct call *call, uint16_t proto, struct rd r)
{
	uint8_t data[1400];
	struct wr w = { data, 0, sizeof(data), false };

	wr_u16(&w, proto);
	wr_put(&w, r.p, r.len < sizeof(data) - 2 ? r.len : sizeof(data) - 2);
	ppp_send(client, call, PPP_LCP, PPP_PROTO_REJ, ++call->lcp.ident, w.p, w.len);
}

/* Both forms of address and control field, and of the protocol field (RFC 1661 6.5, 6.6). */
static bool take_proto(struct rd *r, uint16_t *proto)
{
	uint8_t high, low;

	if (r->len >= 2 && r->p[0] == 0xff && r->p[1] == 0x03) {
		r->p += 2;
		r->len -= 2;
	}
	if (!rd_u8(r, &high))
		return false;
	if (high & 1) {
		*proto = high;
		return true;
	}
	if (!rd_u8(r, &low))
		return false;
	*proto = high << 8 | low;
	return low & 1;
}

static void control_input(struct client *client, struct call *call, uint16_t proto, struct rd r)
{
	struct ppp_packet packet;

	if (!ppp_parse(r, &packet)) {
		client->stats.malformed++;
		return;
	}
	if (proto == PPP_LCP)
		lcp_input(client, call, &packet, r);
	else if (proto == PPP_IPCP)
		ipcp_input(client, call, &packet, r);
	else if (proto == PPP_CCP)
		ccp_input(client, call, &packet, r);
	else
		auth_input(client, call, proto, &packet);
}

void ppp_input(struct client *client, struct call *call, struct rd r)
{
	uint16_t proto;

	if (client->opt.mute)
		return;
	if (!take_proto(&r, &proto)) {
		client->stats.malformed++;
		return;
	}
	switch (proto) {
	case PPP_IP:
		if (!impair_loses(client) && ccp_clear_input(client, call))
			traffic_input(client, call, r);
		return;
	case PPP_COMP:
		if (!impair_loses(client))
			ccp_data_input(client, call, r);
		return;
	case PPP_CCP:
		if (client->opt.mppe)
			control_input(client, call, proto, r);
		else if (call->state == CALL_IPCP || call->state == CALL_UP)
			reject_protocol(client, call, proto, r);
		return;
	case PPP_LCP:
	case PPP_IPCP:
	case PPP_PAP:
	case PPP_CHAP:
	case PPP_EAP:
		control_input(client, call, proto, r);
		return;
	default:
		if (call->state == CALL_IPCP || call->state == CALL_UP)
			reject_protocol(client, call, proto, r);
	}
}

bool ppp_sealed_input(struct client *client, struct call *call, struct rd r)
{
	uint16_t proto;

	if (!take_proto(&r, &proto) || proto != PPP_IP)
		return false;
	traffic_input(client, call, r);
	return true;
}
