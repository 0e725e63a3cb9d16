/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "lcp.h"

#include <string.h>

#include "access.h"
#include "auth.h"
#include "client.h"
#include "cp.h"

static const struct cp lcp;

enum lcp_option {
	LCP_MRU = 1,
	LCP_AUTH = 3,
	LCP_MAGIC = 5,
	LCP_PFC = 7,
	LCP_ACFC = 8,
};

enum lcp_wanted {
	WANT_MRU = 1 << 0,
	WANT_MAGIC = 1 << 1,
	WANT_PFC = 1 << 2,
	WANT_ACFC = 1 << 3,
};

/* RFC 4638: over PPPoE an MRU above 1492 only if the server returned PPP-Max-Payload. */
static uint16_t own_mru(const struct client *client, const struct call *call)
{
	const struct options *o = &client->opt;

	if (o->mru)
		return o->mru;
	if (o->max_payload && call->max_payload)
		return call->max_payload < o->max_payload ? call->max_payload : o->max_payload;
	return client->access->mru;
}

static uint32_t new_magic(struct client *client)
{
	uint32_t magic;

	do
		magic = client_random(client);
	while (!magic);
	return magic;
}

static bool negotiates(const struct call *call)
{
	return call->state == CALL_LCP;
}

static void prepare(struct client *client, struct call *call)
{
	const struct options *o = &client->opt;

	call->lcp.wanted = WANT_MRU | (o->no_magic ? 0 : WANT_MAGIC) | (o->pfc ? WANT_PFC : 0) |
			   (o->acfc ? WANT_ACFC : 0);
	call->mru = own_mru(client, call);
	call->magic = o->no_magic ? 0 : new_magic(client);
	call->auth_done = false;
	ccp_reset(call);
}

static void put_request(const struct call *call, struct wr *w)
{
	uint8_t magic[4];
	struct wr m = { magic, 0, sizeof(magic), false };

	wr_u32(&m, call->magic);
	if (call->lcp.wanted & WANT_MRU)
		ppp_put_option(w, LCP_MRU, (uint8_t[]){ call->mru >> 8, call->mru }, 2);
	if (call->lcp.wanted & WANT_MAGIC)
		ppp_put_option(w, LCP_MAGIC, magic, 4);
	if (call->lcp.wanted & WANT_PFC)
		ppp_put_option(w, LCP_PFC, NULL, 0);
	if (call->lcp.wanted & WANT_ACFC)
		ppp_put_option(w, LCP_ACFC, NULL, 0);
}

void lcp_send_terminate(struct client *client, struct call *call)
{
	ppp_send(client, call, PPP_LCP, PPP_TERM_REQ, ++call->lcp.ident, NULL, 0);
}

static void send_with_magic(struct client *client, struct call *call, uint8_t code, uint8_t ident,
			    struct rd data)
{
	uint8_t bytes[1500];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	wr_u32(&w, call->magic);
	wr_put(&w, data.p, data.len);
	ppp_send(client, call, PPP_LCP, code, ident, w.p, w.len);
}

void lcp_send_echo(struct client *client, struct call *call)
{
	client->stats.echo_sent++;
	send_with_magic(client, call, PPP_ECHO_REQ, ++call->lcp.ident, (struct rd){ NULL, 0 });
}

static enum ppp_code judge(struct client *client, struct call *call, uint8_t type, struct rd value,
			   struct wr *nak)
{
	uint16_t mru;
	uint32_t magic;

	switch (type) {
	case LCP_MRU:
		if (!rd_u16(&value, &mru) || value.len)
			return PPP_CONF_REJ;
		if (mru < 128) {
			ppp_put_option(nak, LCP_MRU, (uint8_t[]){ 1492 >> 8, 1492 & 0xff }, 2);
			return PPP_CONF_NAK;
		}
		call->peer_mru = mru;
		return PPP_CONF_ACK;
	case LCP_AUTH:
		return auth_judge(client, call, value, nak);
	case LCP_MAGIC:
		if (!rd_u32(&value, &magic) || value.len)
			return PPP_CONF_REJ;
		if (magic == 0 || magic == call->magic)
			client->stats.protocol_errors++;
		call->peer_magic = magic;
		return PPP_CONF_ACK;
	case LCP_PFC:
	case LCP_ACFC:
		return value.len ? PPP_CONF_REJ : PPP_CONF_ACK;
	default:
		return PPP_CONF_REJ;
	}
}

static void opened(struct client *client, struct call *call)
{
	const char *text = client->opt.identify;

	if (text)
		send_with_magic(client, call, PPP_IDENTIFICATION, ++call->lcp.ident,
				(struct rd){ (const uint8_t *)text, strlen(text) });
	call_advance(client, call, CALL_AUTH);
	auth_start(client, call);
}

static bool requested(struct client *client, struct call *call)
{
	if (call->state == CALL_CLOSING)
		return false;
	if (call->state != CALL_LCP) {
		/* RFC 1661 4.3: in Opened, a request means that the peer begins anew */
		if (call->state == CALL_UP)
			traffic_leave(client, call);
		call_advance(client, call, CALL_LCP);
		lcp_start(client, call);
	}
	call->peer_mru = PPP_MRU_DEFAULT;
	call->auth_proto = 0;
	return true;
}

static void apply_nak(struct client *client, struct call *call, uint8_t type, struct rd value)
{
	uint16_t mru;

	if (type == LCP_MRU && rd_u16(&value, &mru) && mru <= own_mru(client, call))
		call->mru = mru;
	else if (type == LCP_MAGIC)
		call->magic = new_magic(client);
}

static void apply_reject(struct call *call, uint8_t type)
{
	static const uint8_t bits[] = { [LCP_MRU] = WANT_MRU,
					[LCP_MAGIC] = WANT_MAGIC,
					[LCP_PFC] = WANT_PFC,
					[LCP_ACFC] = WANT_ACFC };

	if (type < sizeof(bits))
		call->lcp.wanted &= ~bits[type];
	if (type == LCP_MAGIC)
		call->magic = 0;
}

static bool change(struct client *client, struct call *call, bool nak, uint8_t type,
		   struct rd value)
{
	if (nak)
		apply_nak(client, call, type, value);
	else
		apply_reject(call, type);
	return true;
}

static void terminated(struct client *client, struct call *call)
{
	if (call->state == CALL_CLOSING)
		return; /* both ends hang up; the answer to ours is still to come */
	if (call->state == CALL_UP)
		traffic_leave(client, call);
	call_ended_by_server(client, call, false);
}

static void closed(struct client *client, struct call *call)
{
	if (call->state != CALL_CLOSING)
		return;
	client->stats.hangups_answered++;
	call_closed(client, call);
}

static void echo_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	struct rd data = packet->data;
	uint32_t magic;

	if (!rd_u32(&data, &magic)) {
		client->stats.malformed++;
		return;
	}
	if (packet->code == PPP_ECHO_REP) {
		client->stats.echo_answered++;
		call->echo_missed = 0;
		return;
	}
	client->stats.echo_received++;
	if (magic != call->peer_magic)
		client->stats.protocol_errors++;
	if (client->opt.no_echo_reply)
		client->stats.echo_ignored++;
	else
		send_with_magic(client, call, PPP_ECHO_REP, packet->ident, data);
}

static bool other(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	switch (packet->code) {
	case PPP_ECHO_REQ:
	case PPP_ECHO_REP:
		echo_input(client, call, packet);
		return true;
	case PPP_PROTO_REJ:
		client->stats.protocol_rejects++;
		if (packet->data.len >= 2 && wire_get16(packet->data.p) == PPP_CCP)
			ccp_rejected(client, call);
		return true;
	case PPP_DISCARD:
	case PPP_IDENTIFICATION:
		return true;
	default:
		return false;
	}
}

static const struct cp lcp = {
	.proto = PPP_LCP,
	.negotiation = offsetof(struct call, lcp),
	.timeout = offsetof(struct options, lcp_timeout),
	.refused = FAULT_LCP_REFUSED,
	.negotiates = negotiates,
	.prepare = prepare,
	.put_request = put_request,
	.requested = requested,
	.judge = judge,
	.change = change,
	.opened = opened,
	.terminated = terminated,
	.closed = closed,
	.other = other,
};

/* Also when the peer begins LCP anew. */
void lcp_start(struct client *client, struct call *call)
{
	if (!client->opt.mute)
		cp_start(&lcp, client, call);
}

void lcp_proxied(struct client *client, struct call *call, struct wr *options)
{
	cp_reset(&lcp, client, call);
	put_request(call, options);
	call->lcp.ours_acked = call->lcp.theirs_acked = true;
}

void lcp_send_request(struct client *client, struct call *call)
{
	cp_send_request(&lcp, client, call);
}

void lcp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
	       struct rd whole)
{
	cp_input(&lcp, client, call, packet, whole);
}
