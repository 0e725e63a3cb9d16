/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "ipcp.h"

#include <arpa/inet.h>
#include <string.h>

#include "auth.h"
#include "call.h"
#include "client.h"

#define IPCP_CHANGES_MAX 10

enum ipcp_option {
	IPCP_ADDRESS = 3,
	IPCP_DNS1 = 129,
	IPCP_DNS2 = 131,
};

enum ipcp_wanted {
	WANT_ADDRESS = 1 << 0,
	WANT_DNS1 = 1 << 1,
	WANT_DNS2 = 1 << 2,
};

void ipcp_start(struct client *client, struct call *call)
{
	const struct options *o = &client->opt;

	call->ipcp = (struct negotiation){ .ident = call->ipcp.ident };
	call->ipcp.wanted = WANT_ADDRESS | (o->no_dns ? 0 : WANT_DNS1 | WANT_DNS2);
	memset(call->dns, 0, sizeof(call->dns));
	call->addr.s_addr = 0;
	if (o->address.s_addr)
		call->addr.s_addr = htonl(ntohl(o->address.s_addr) + call_number(client, call));
	ipcp_send_request(client, call);
}

static void put_request(const struct call *call, struct wr *w)
{
	if (call->ipcp.wanted & WANT_ADDRESS)
		ppp_put_option(w, IPCP_ADDRESS, &call->addr, 4);
	if (call->ipcp.wanted & WANT_DNS1)
		ppp_put_option(w, IPCP_DNS1, &call->dns[0], 4);
	if (call->ipcp.wanted & WANT_DNS2)
		ppp_put_option(w, IPCP_DNS2, &call->dns[1], 4);
}

void ipcp_send_request(struct client *client, struct call *call)
{
	uint8_t data[32];
	struct wr w = { data, 0, sizeof(data), false };

	put_request(call, &w);
	call->ipcp.ours_acked = false;
	ppp_send(client, call, PPP_IPCP, PPP_CONF_REQ, ++call->ipcp.ident, w.p, w.len);
	call_arm(client, call, client->opt.ipcp_timeout);
}

static enum ppp_code judge(struct client *client, struct call *call, uint8_t type, struct rd value,
			   struct wr *nak)
{
	(void)nak;
	if (type != IPCP_ADDRESS || value.len != 4)
		return PPP_CONF_REJ;
	memcpy(&call->peer_addr, value.p, 4);
	if (!call->peer_addr.s_addr)
		client->stats.protocol_errors++;
	return PPP_CONF_ACK;
}

static void opened(struct client *client, struct call *call)
{
	if (!call->ipcp.ours_acked || !call->ipcp.theirs_acked || call->state != CALL_IPCP)
		return;
	if (!call->addr.s_addr) {
		client->stats.protocol_errors++;
		call_fail(client, call, FAULT_IPCP_REFUSED);
		return;
	}
	call_advance(client, call, CALL_UP);
	call_established(client, call);
}

/* The peer left Opened. */
static void restart(struct client *client, struct call *call)
{
	traffic_leave(client, call);
	call_advance(client, call, CALL_IPCP);
	ipcp_start(client, call);
}

static void request_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	if (call->state == CALL_UP)
		restart(client, call);
	call->ipcp.theirs_acked = ppp_answer(client, call, PPP_IPCP, packet, judge);
	opened(client, call);
}

static void change_option(struct call *call, bool nak, uint8_t type, struct rd value)
{
	struct in_addr addr = { 0 };
	unsigned int bit = type == IPCP_ADDRESS ? WANT_ADDRESS
			   : type == IPCP_DNS1  ? WANT_DNS1
			   : type == IPCP_DNS2  ? WANT_DNS2
						: 0;

	if (!nak) {
		call->ipcp.wanted &= ~bit;
		return;
	}
	if (!rd_copy(&value, &addr, 4))
		return;
	if (type == IPCP_ADDRESS)
		call->addr = addr;
	else if (type == IPCP_DNS1)
		call->dns[0] = addr;
	else if (type == IPCP_DNS2)
		call->dns[1] = addr;
}

static void change_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	struct rd options = packet->data, value;
	uint8_t type;

	if (call->state != CALL_IPCP || packet->ident != call->ipcp.ident)
		return;
	while (options.len) {
		if (!ppp_option(&options, &type, &value)) {
			client->stats.malformed++;
			return;
		}
		change_option(call, packet->code == PPP_CONF_NAK, type, value);
	}
	if (!(call->ipcp.wanted & WANT_ADDRESS) || ++call->ipcp.changes > IPCP_CHANGES_MAX) {
		call_fail(client, call, FAULT_IPCP_REFUSED);
		return;
	}
	ipcp_send_request(client, call);
}

static void ack_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	uint8_t data[32];
	struct wr w = { data, 0, sizeof(data), false };

	put_request(call, &w);
	if (call->state != CALL_IPCP || !ppp_check_ack(client, &call->ipcp, packet, &w))
		return;
	call->ipcp.ours_acked = true;
	opened(client, call);
}

void ipcp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
		struct rd whole)
{
	/* the LNS took the LAC's word for who we are (RFC 2661 4.4.5) */
	if (call->state == CALL_AUTH && client->opt.proxy)
		auth_accepted(client, call);
	if (call->state != CALL_IPCP && call->state != CALL_UP)
		return;
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
		ppp_send(client, call, PPP_IPCP, PPP_TERM_ACK, packet->ident, NULL, 0);
		if (call->state == CALL_UP)
			restart(client, call);
		break;
	case PPP_TERM_ACK:
		break;
	case PPP_CODE_REJ:
		client->stats.code_rejects++;
		break;
	default:
		ppp_send(client, call, PPP_IPCP, PPP_CODE_REJ, ++call->ipcp.ident, whole.p,
			 whole.len < 1400 ? whole.len : 1400);
	}
}
