/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * PADI → PADO → PADR → PADS. The first PADO that names the wanted AC and service and returns our
 * Host-Uniq and Relay-Session-Id untouched is taken; its AC-Cookie goes back in the PADR
 * (RFC 2516 5.3). A request without an answer is repeated after --discovery-timeout.
 */
#include "discovery.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "client.h"
#include "lcp.h"
#include "ppp.h"

#define TR101_VENDOR 0x00000de9 /* the Broadband Forum's enterprise number */

static void put_line_id(struct wr *w, const struct client *client, const struct call *call,
			uint8_t type, const char *template)
{
	char text[256];
	int n;

	if (!template)
		return;
	n = plan_expand(template, call_number(client, call), call->mac, text, sizeof(text));
	if (n < 0 || n > 255)
		return;
	wr_u8(w, type);
	wr_u8(w, n);
	wr_put(w, text, n);
}

static void put_vendor(struct wr *w, const struct client *client, const struct call *call)
{
	size_t at = w->len;

	if (!client->opt.circuit_id && !client->opt.remote_id)
		return;
	wr_u16(w, TAG_VENDOR);
	wr_u16(w, 0);
	wr_u32(w, TR101_VENDOR);
	put_line_id(w, client, call, 1, client->opt.circuit_id);
	put_line_id(w, client, call, 2, client->opt.remote_id);
	wr_patch_u16(w, at + 2, w->len - at - 4);
}

/* Derived from number and dial, so that an answer to an earlier dial is not taken. */
static void make_host_uniq(const struct client *client, const struct call *call, uint8_t *out)
{
	uint8_t seed[8];
	struct wr w = { seed, 0, sizeof(seed), false };

	wr_u32(&w, call_number(client, call));
	wr_u32(&w, call->dial);
	for (uint32_t i = 0; i < client->opt.host_uniq_len; i++)
		out[i] = seed[i % 8] ^ (i / 8 * 29);
}

static void put_host_uniq(struct wr *w, const struct client *client, const struct call *call)
{
	uint8_t uniq[64];

	if (!client->opt.host_uniq_len)
		return;
	make_host_uniq(client, call, uniq);
	wr_tlv16(w, TAG_HOST_UNIQ, uniq, client->opt.host_uniq_len);
}

static void send_request(struct client *client, struct call *call, enum discovery_code code)
{
	const struct options *o = &client->opt;
	struct wr *w = io_frame(client->io);
	size_t at;

	wire_put_eth(w, call->ac_mac, call->mac, &call->vlans, WIRE_TYPE_DISCOVERY);
	at = wire_put_pppoe(w, code, 0);
	wr_tlv16(w, TAG_SERVICE, o->service, strlen(o->service));
	put_host_uniq(w, client, call);
	if (o->max_payload)
		wr_tlv16(w, TAG_MAX_PAYLOAD, (uint8_t[]){ o->max_payload >> 8, o->max_payload }, 2);
	if (o->relay_id.len)
		wr_tlv16(w, TAG_RELAY, o->relay_id.bytes, o->relay_id.len);
	put_vendor(w, client, call);
	if (code == DISCOVERY_PADR)
		wr_put(w, call->offer, call->offer_len);
	wire_end_pppoe(w, at, !o->no_pad);
	io_queue(client->io);
}

void discovery_send(struct client *client, struct call *call)
{
	enum discovery_code code = call->state == CALL_SEEK ? DISCOVERY_PADI : DISCOVERY_PADR;

	send_request(client, call, code);
	if (code == DISCOVERY_PADR && client->opt.duplicate_padr)
		send_request(client, call, code);
	call_arm(client, call, client->opt.discovery_timeout);
}

void discovery_send_padt(struct client *client, struct call *call)
{
	struct wr *w = io_frame(client->io);
	size_t at;

	wire_put_eth(w, call->ac_mac, call->mac, &call->vlans, WIRE_TYPE_DISCOVERY);
	at = wire_put_pppoe(w, DISCOVERY_PADT, call->sid);
	wire_end_pppoe(w, at, !client->opt.no_pad);
	io_queue(client->io);
}

/* What an offer or confirmation says. */
struct answer {
	bool ac_ok, service_ok, uniq_ok, relay_ok, malformed;
	bool has_cookie;
	struct rd cookie;
	uint16_t max_payload;
	uint16_t error; /* enum discovery_tag, 0: none */
};

static bool same(struct rd value, const void *p, size_t len)
{
	return value.len == len && (len == 0 || memcmp(value.p, p, len) == 0);
}

static void read_tag(struct answer *a, const struct client *client, const struct call *call,
		     uint16_t type, struct rd value)
{
	const struct options *o = &client->opt;
	uint8_t uniq[64];

	switch (type) {
	case TAG_SERVICE:
		a->service_ok |= same(value, o->service, strlen(o->service));
		break;
	case TAG_AC_NAME:
		a->ac_ok = !o->ac_name || same(value, o->ac_name, strlen(o->ac_name));
		break;
	case TAG_HOST_UNIQ:
		make_host_uniq(client, call, uniq);
		a->uniq_ok = same(value, uniq, o->host_uniq_len);
		break;
	case TAG_RELAY:
		a->relay_ok = same(value, o->relay_id.bytes, o->relay_id.len);
		break;
	case TAG_COOKIE:
		a->has_cookie = true;
		a->cookie = value;
		break;
	case TAG_MAX_PAYLOAD:
		if (!rd_u16(&value, &a->max_payload))
			a->malformed = true;
		break;
	case TAG_SERVICE_ERROR:
	case TAG_SYSTEM_ERROR:
	case TAG_GENERIC_ERROR:
		a->error = type;
		break;
	}
}

static void read_answer(struct answer *a, const struct client *client, const struct call *call,
			struct rd tags)
{
	struct rd value;
	uint16_t type, len;

	memset(a, 0, sizeof(*a));
	a->uniq_ok = client->opt.host_uniq_len == 0;
	a->relay_ok = client->opt.relay_id.len == 0;
	while (tags.len) {
		if (!rd_u16(&tags, &type) || !rd_u16(&tags, &len) || !rd_take(&tags, len, &value)) {
			a->malformed = true;
			return;
		}
		if (type == TAG_END)
			return;
		read_tag(a, client, call, type, value);
	}
}

static enum fault error_fault(uint16_t error)
{
	if (error == TAG_SERVICE_ERROR)
		return FAULT_SERVICE_NAME;
	if (error == TAG_SYSTEM_ERROR)
		return FAULT_AC_SYSTEM;
	return FAULT_GENERIC;
}

static void keep_offer(struct call *call, const struct answer *a)
{
	struct wr w;

	free(call->offer);
	call->offer = NULL;
	call->offer_len = 0;
	if (!a->has_cookie)
		return;
	w = (struct wr){ malloc(a->cookie.len + 4), 0, a->cookie.len + 4, false };
	if (!w.p)
		return;
	wr_tlv16(&w, TAG_COOKIE, a->cookie.p, a->cookie.len);
	call->offer = w.p;
	call->offer_len = w.len;
}

static void pado_input(struct client *client, struct call *call, const struct frame *f,
		       const struct answer *a)
{
	if (call->state != CALL_SEEK)
		return;
	if (a->error) {
		call_fail(client, call, error_fault(a->error));
		return;
	}
	if (!a->ac_ok)
		return; /* another AC's offer */
	if (!a->service_ok || !a->uniq_ok || !a->relay_ok) {
		client->stats.protocol_errors++;
		return;
	}
	memcpy(call->ac_mac, f->src, WIRE_MAC);
	keep_offer(call, a);
	call_advance(client, call, CALL_REQUEST);
	discovery_send(client, call);
}

static void pads_input(struct client *client, struct call *call, uint16_t sid,
		       const struct answer *a)
{
	if (call->state != CALL_REQUEST) {
		/* RFC 2516 says nothing of a repeated PADR; two sessions would be a leak */
		if (call->sid && sid && sid != call->sid)
			client->stats.second_session++;
		return;
	}
	if (!a->uniq_ok || !a->relay_ok) {
		client->stats.protocol_errors++;
		return;
	}
	if (sid == 0 || a->error) {
		call_fail(client, call, error_fault(a->error));
		return;
	}
	if (sid == 0xffff || !a->service_ok)
		client->stats.protocol_errors++;
	call->sid = sid;
	call->max_payload = a->max_payload;
	call_advance(client, call, CALL_LCP);
	lcp_start(client, call);
}

static void padt_input(struct client *client, struct call *call, uint16_t sid)
{
	if (sid && sid == call->sid) {
		if (call->state == CALL_UP)
			traffic_leave(client, call);
		call_ended_by_server(client, call, true);
	} else if (sid != call->old_sid) {
		client->stats.late_frames++;
	}
}

void discovery_input(struct client *client, struct call *call, const struct frame *f)
{
	struct rd r = f->payload;
	struct pppoe_header h;
	struct answer a;

	if (!wire_parse_pppoe(&r, &h)) {
		client->stats.malformed++;
		return;
	}
	if (call->state != CALL_SEEK && memcmp(f->src, call->ac_mac, WIRE_MAC) != 0)
		return;
	if (h.code == DISCOVERY_PADT) {
		padt_input(client, call, h.sid);
		return;
	}
	read_answer(&a, client, call, r);
	if (a.malformed)
		client->stats.malformed++;
	else if (h.code == DISCOVERY_PADO)
		pado_input(client, call, f, &a);
	else if (h.code == DISCOVERY_PADS)
		pads_input(client, call, h.sid, &a);
}
