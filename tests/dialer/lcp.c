/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "lcp.h"

#include <string.h>

#include "access.h"
#include "auth.h"
#include "call.h"
#include "client.h"

#define LCP_CHANGES_MAX 10 /* naks and rejects before the call gives up */

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

static void prepare(struct client *client, struct call *call)
{
	const struct options *o = &client->opt;

	call->lcp = (struct negotiation){ .ident = call->lcp.ident };
	call->lcp.wanted = WANT_MRU | (o->no_magic ? 0 : WANT_MAGIC) | (o->pfc ? WANT_PFC : 0) |
			   (o->acfc ? WANT_ACFC : 0);
	call->mru = own_mru(client, call);
	call->magic = o->no_magic ? 0 : new_magic(client);
	call->auth_done = false;
}

/* Also when the peer begins LCP anew. */
void lcp_start(struct client *client, struct call *call)
{
	prepare(client, call);
	lcp_send_request(client, call);
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

void lcp_proxied(struct client *client, struct call *call, struct wr *options)
{
	prepare(client, call);
	put_request(call, options);
	call->lcp.ours_acked = call->lcp.theirs_acked = true;
}

void lcp_send_request(struct client *client, struct call *call)
{
	uint8_t data[32];
	struct wr w = { data, 0, sizeof(data), false };

	put_request(call, &w);
	call->lcp.ours_acked = false;
	ppp_send(client, call, PPP_LCP, PPP_CONF_REQ, ++call->lcp.ident, w.p, w.len);
	call_arm(client, call, client->opt.lcp_timeout);
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

	if (!call->lcp.ours_acked || !call->lcp.theirs_acked || call->state != CALL_LCP)
		return;
	if (text)
		send_with_magic(client, call, PPP_IDENTIFICATION, ++call->lcp.ident,
				(struct rd){ (const uint8_t *)text, strlen(text) });
	call_advance(client, call, CALL_AUTH);
	auth_start(client, call);
}

static void request_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	if (call->state == CALL_CLOSING)
		return;
	if (call->state != CALL_LCP) {
		/* RFC 1661 4.3: in Opened, a request means that the peer begins anew */
		if (call->state == CALL_UP)
			traffic_leave(client, call);
		call_advance(client, call, CALL_LCP);
		lcp_start(client, call);
	}
	call->peer_mru = PPP_MRU_DEFAULT;
	call->auth_proto = 0;
	call->lcp.theirs_acked = ppp_answer(client, call, PPP_LCP, packet, judge);
	opened(client, call);
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

static void change_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	struct rd options = packet->data, value;
	uint8_t type;

	if (call->state != CALL_LCP || packet->ident != call->lcp.ident)
		return;
	if (++call->lcp.changes > LCP_CHANGES_MAX) {
		call_fail(client, call, FAULT_LCP_REFUSED);
		return;
	}
	while (options.len) {
		if (!ppp_option(&options, &type, &value)) {
			client->stats.malformed++;
			return;
		}
		if (packet->code == PPP_CONF_NAK)
			apply_nak(client, call, type, value);
		else
			apply_reject(call, type);
	}
	lcp_send_request(client, call);
}

static void ack_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	uint8_t data[32];
	struct wr w = { data, 0, sizeof(data), false };

	put_request(call, &w);
	if (call->state != CALL_LCP || !ppp_check_ack(client, &call->lcp, packet, &w))
		return;
	call->lcp.ours_acked = true;
	opened(client, call);
}

static void terminate_input(struct client *client, struct call *call,
			    const struct ppp_packet *packet)
{
	ppp_send(client, call, PPP_LCP, PPP_TERM_ACK, packet->ident, NULL, 0);
	if (call->state == CALL_CLOSING)
		return; /* both ends hang up; the answer to ours is still to come */
	if (call->state == CALL_UP)
		traffic_leave(client, call);
	call_ended_by_server(client, call, false);
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

void lcp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
	       struct rd whole)
{
	switch (packet->code) {
	case PPP_CONF_REQ:
		request_input(client, call, packet);
		break;
	case PPP_CONF_ACK:
		ack_input(client, call, packet);
		break;
	case PPP_CONF_NAK:
	case PPP_CONF_REJ:
		change_input(client, call, packet);
		break;
	case PPP_TERM_REQ:
		terminate_input(client, call, packet);
		break;
	case PPP_TERM_ACK:
		if (call->state == CALL_CLOSING) {
			client->stats.hangups_answered++;
			call_closed(client, call);
		}
		break;
	case PPP_ECHO_REQ:
	case PPP_ECHO_REP:
		echo_input(client, call, packet);
		break;
	case PPP_CODE_REJ:
		client->stats.code_rejects++;
		break;
	case PPP_PROTO_REJ:
		client->stats.protocol_rejects++;
		break;
	case PPP_DISCARD:
	case PPP_IDENTIFICATION:
		break;
	default:
		ppp_send(client, call, PPP_LCP, PPP_CODE_REJ, ++call->lcp.ident, whole.p,
			 whole.len < 1400 ? whole.len : 1400);
	}
}
