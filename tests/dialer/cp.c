/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "cp.h"

#include <string.h>

#include "client.h"

#define CHANGES_MAX 10 /* naks and rejects before the call gives up */
#define CODE_REJECT_MAX 1400

static struct negotiation *negotiation_of(const struct cp *cp, struct call *call)
{
	return (void *)((char *)call + cp->negotiation);
}

static uint32_t timeout_of(const struct cp *cp, const struct options *o)
{
	return *(const uint32_t *)(const void *)((const char *)o + cp->timeout);
}

void cp_reset(const struct cp *cp, struct client *client, struct call *call)
{
	struct negotiation *n = negotiation_of(cp, call);

	*n = (struct negotiation){ .ident = n->ident };
	cp->prepare(client, call);
}

void cp_start(const struct cp *cp, struct client *client, struct call *call)
{
	cp_reset(cp, client, call);
	cp_send_request(cp, client, call);
}

void cp_send_request(const struct cp *cp, struct client *client, struct call *call)
{
	struct negotiation *n = negotiation_of(cp, call);
	uint8_t data[32];
	struct wr w = { data, 0, sizeof(data), false };

	cp->put_request(call, &w);
	n->ours_acked = false;
	ppp_send(client, call, cp->proto, PPP_CONF_REQ, ++n->ident, w.p, w.len);
	(cp->arm ? cp->arm : call_arm)(client, call, timeout_of(cp, &client->opt));
}

static void opened(const struct cp *cp, struct client *client, struct call *call)
{
	const struct negotiation *n = negotiation_of(cp, call);

	if (n->ours_acked && n->theirs_acked && cp->negotiates(call))
		cp->opened(client, call);
}

/* Answers the peer's Configure-Request; true if with an Ack. */
static bool answer(const struct cp *cp, struct client *client, struct call *call,
		   const struct ppp_packet *packet)
{
	uint8_t naks[512], rejects[1600];
	struct wr nak = { naks, 0, sizeof(naks), false };
	struct wr reject = { rejects, 0, sizeof(rejects), false };
	struct rd options = packet->data, value;
	uint8_t type;

	while (options.len) {
		if (!ppp_option(&options, &type, &value)) {
			client->stats.malformed++;
			return false;
		}
		if (cp->judge(client, call, type, value, &nak) == PPP_CONF_REJ)
			ppp_put_option(&reject, type, value.p, value.len);
	}
	if (reject.len)
		ppp_send(client, call, cp->proto, PPP_CONF_REJ, packet->ident, reject.p,
			 reject.len);
	else if (nak.len)
		ppp_send(client, call, cp->proto, PPP_CONF_NAK, packet->ident, nak.p, nak.len);
	else
		ppp_send(client, call, cp->proto, PPP_CONF_ACK, packet->ident, packet->data.p,
			 packet->data.len);
	return !reject.len && !nak.len;
}

static void request_input(const struct cp *cp, struct client *client, struct call *call,
			  const struct ppp_packet *packet)
{
	if (!cp->requested(client, call))
		return;
	negotiation_of(cp, call)->theirs_acked = answer(cp, client, call, packet);
	opened(cp, client, call);
}

/* It must repeat our request exactly. */
static bool check_ack(struct client *client, const struct ppp_packet *packet,
		      const struct wr *request)
{
	if (packet->data.len == request->len &&
	    (!request->len || memcmp(packet->data.p, request->p, request->len) == 0))
		return true;
	client->stats.protocol_errors++;
	return false;
}

static void ack_input(const struct cp *cp, struct client *client, struct call *call,
		      const struct ppp_packet *packet)
{
	struct negotiation *n = negotiation_of(cp, call);
	uint8_t data[32];
	struct wr w = { data, 0, sizeof(data), false };

	cp->put_request(call, &w);
	if (!check_ack(client, packet, &w))
		return;
	n->ours_acked = true;
	opened(cp, client, call);
}

static void change_input(const struct cp *cp, struct client *client, struct call *call,
			 const struct ppp_packet *packet)
{
	struct rd options = packet->data, value;
	bool go_on = ++negotiation_of(cp, call)->changes <= CHANGES_MAX;
	uint8_t type;

	while (go_on && options.len) {
		if (!ppp_option(&options, &type, &value)) {
			client->stats.malformed++;
			return;
		}
		go_on = cp->change(client, call, packet->code == PPP_CONF_NAK, type, value);
	}
	if (go_on)
		cp_send_request(cp, client, call);
	else if (cp->gave_up)
		cp->gave_up(client, call);
	else
		call_fail(client, call, cp->refused);
}

/* Is it of the last request? Earlier ones were sent again meanwhile. */
static bool is_timely(const struct cp *cp, struct call *call, const struct ppp_packet *packet)
{
	return cp->negotiates(call) && packet->ident == negotiation_of(cp, call)->ident;
}

void cp_input(const struct cp *cp, struct client *client, struct call *call,
	      const struct ppp_packet *packet, struct rd whole)
{
	switch (packet->code) {
	case PPP_CONF_REQ:
		request_input(cp, client, call, packet);
		break;
	case PPP_CONF_ACK:
		if (is_timely(cp, call, packet))
			ack_input(cp, client, call, packet);
		break;
	case PPP_CONF_NAK:
	case PPP_CONF_REJ:
		if (is_timely(cp, call, packet))
			change_input(cp, client, call, packet);
		break;
	case PPP_TERM_REQ:
		ppp_send(client, call, cp->proto, PPP_TERM_ACK, packet->ident, NULL, 0);
		cp->terminated(client, call);
		break;
	case PPP_TERM_ACK:
		if (cp->closed)
			cp->closed(client, call);
		break;
	case PPP_CODE_REJ:
		client->stats.code_rejects++;
		break;
	default:
		if (!cp->other || !cp->other(client, call, packet))
			ppp_send(client, call, cp->proto, PPP_CODE_REJ,
				 ++negotiation_of(cp, call)->ident, whole.p,
				 whole.len < CODE_REJECT_MAX ? whole.len : CODE_REJECT_MAX);
	}
}
