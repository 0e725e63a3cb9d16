/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "ipcp.h"

#include <arpa/inet.h>
#include <string.h>

#include "auth.h"
#include "client.h"
#include "cp.h"

static const struct cp ipcp;

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

static bool negotiates(const struct call *call)
{
	return call->state == CALL_IPCP;
}

static void prepare(struct client *client, struct call *call)
{
	const struct options *o = &client->opt;

	call->ipcp.wanted = WANT_ADDRESS | (o->no_dns ? 0 : WANT_DNS1 | WANT_DNS2);
	memset(call->dns, 0, sizeof(call->dns));
	call->addr.s_addr = 0;
	if (o->address.s_addr)
		call->addr.s_addr = htonl(ntohl(o->address.s_addr) + call_number(client, call));
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
	if (!call->addr.s_addr) {
		client->stats.protocol_errors++;
		call_fail(client, call, FAULT_IPCP_REFUSED);
		return;
	}
	if (!ccp_permits(client, call))
		return;
	call_advance(client, call, CALL_UP);
	call_established(client, call);
}

static bool is_agreed(const struct call *call)
{
	return call->ipcp.ours_acked && call->ipcp.theirs_acked;
}

/* The peer left Opened. */
static void restart(struct client *client, struct call *call)
{
	if (call->state != CALL_UP)
		return;
	traffic_leave(client, call);
	call_advance(client, call, CALL_IPCP);
	ipcp_start(client, call);
}

static bool requested(struct client *client, struct call *call)
{
	restart(client, call);
	return true;
}

static bool change(struct client *client, struct call *call, bool nak, uint8_t type,
		   struct rd value)
{
	struct in_addr addr = { 0 };
	unsigned int bit = type == IPCP_ADDRESS ? WANT_ADDRESS
			   : type == IPCP_DNS1  ? WANT_DNS1
			   : type == IPCP_DNS2  ? WANT_DNS2
						: 0;

	(void)client;
	if (!nak)
		call->ipcp.wanted &= ~bit;
	else if (!rd_copy(&value, &addr, 4))
		;
	else if (type == IPCP_ADDRESS)
		call->addr = addr;
	else if (type == IPCP_DNS1)
		call->dns[0] = addr;
	else if (type == IPCP_DNS2)
		call->dns[1] = addr;
	return call->ipcp.wanted & WANT_ADDRESS;
}

static const struct cp ipcp = {
	.proto = PPP_IPCP,
	.negotiation = offsetof(struct call, ipcp),
	.timeout = offsetof(struct options, ipcp_timeout),
	.refused = FAULT_IPCP_REFUSED,
	.negotiates = negotiates,
	.prepare = prepare,
	.put_request = put_request,
	.requested = requested,
	.judge = judge,
	.change = change,
	.opened = opened,
	.terminated = restart,
};

void ipcp_start(struct client *client, struct call *call)
{
	cp_start(&ipcp, client, call);
}

void ipcp_again(struct client *client, struct call *call)
{
	if (is_agreed(call))
		call_arm(client, call, client->opt.ipcp_timeout);
	else
		cp_send_request(&ipcp, client, call);
}

void ipcp_resume(struct client *client, struct call *call)
{
	if (call->state == CALL_IPCP && is_agreed(call))
		opened(client, call);
}

void ipcp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
		struct rd whole)
{
	/* the LNS took the LAC's word for who we are (RFC 2661 4.4.5) */
	if (call->state == CALL_AUTH && client->opt.proxy)
		auth_accepted(client, call);
	if (call->state == CALL_IPCP || call->state == CALL_UP)
		cp_input(&ipcp, client, call, packet, whole);
}
