/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * IPCP. The peer gets the address that the owner assigns: anything else is naked with it, and
 * so is a request without an address. A peer that will not hear is let through without the
 * option after max-nak-loop; it can use nothing but its address all the same.
 * Name servers are naked with ours, rejected where there is none. IP-Addresses
 * (RFC 1172) and compression are in no table and so rejected.
 *
 * Our own address is not known before the peer's, so we are silent until its first
 * Configure-Request, at most for ipcp-timeout (ipcp_wait): it may wait for ours.
 */
#include "ppp/ipcp.h"

#include <arpa/inet.h>
#include <errno.h>

#include "ppp/packet.h"
#include "ppp/phase.h"
#include "ppp/ppp.h"

/* ---- options */

static bool ipcp_put_addr(struct wbuf *data, struct in_addr addr)
{
	wbuf_put(data, &addr, sizeof(addr));
	return addr.s_addr != 0;
}

static struct in_addr ipcp_addr(struct buf data)
{
	struct in_addr addr = { 0 };

	if (data.len == sizeof(addr))
		buf_copy(&data, &addr, sizeof(addr));
	return addr;
}

/* Ack for our value only; with none to give the option is refused. */
static enum option_verdict ipcp_judge_addr(struct buf data, struct in_addr ours, struct wbuf *nak)
{
	if (ours.s_addr == 0)
		return OPTION_REJECT;
	if (ipcp_addr(data).s_addr == ours.s_addr)
		return OPTION_ACK;
	ipcp_put_addr(nak, ours);
	return OPTION_NAK;
}

static bool ipcp_address_put(const struct ppp *ppp, struct wbuf *data)
{
	return ipcp_put_addr(data, ppp->state.ipcp.ip.local);
}

static enum option_verdict ipcp_address_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	return ipcp_judge_addr(data, ppp->state.ipcp.ip.peer, nak);
}

static bool ipcp_address_suggest(const struct ppp *ppp, struct wbuf *nak)
{
	return ipcp_put_addr(nak, ppp->state.ipcp.ip.peer);
}

static enum option_verdict ipcp_dns1_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	return ipcp_judge_addr(data, ppp->state.ipcp.ip.dns[0], nak);
}

static enum option_verdict ipcp_dns2_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	return ipcp_judge_addr(data, ppp->state.ipcp.ip.dns[1], nak);
}

static enum option_verdict ipcp_nbns1_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	return ipcp_judge_addr(data, ppp->state.ipcp.ip.nbns[0], nak);
}

static enum option_verdict ipcp_nbns2_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	return ipcp_judge_addr(data, ppp->state.ipcp.ip.nbns[1], nak);
}

static const struct option ipcp_options[] = {
	{ .type = IPCP_OPT_ADDRESS,
	  .put = ipcp_address_put,
	  .judge = ipcp_address_judge,
	  .suggest = ipcp_address_suggest },
	{ .type = IPCP_OPT_DNS1, .judge = ipcp_dns1_judge },
	{ .type = IPCP_OPT_NBNS1, .judge = ipcp_nbns1_judge },
	{ .type = IPCP_OPT_DNS2, .judge = ipcp_dns2_judge },
	{ .type = IPCP_OPT_NBNS2, .judge = ipcp_nbns2_judge },
};

/* ---- the address */

/* What a peer may wish for: no loopback, multicast, reserved or 0.0.0.0/8. */
static struct in_addr ipcp_wish(struct buf options)
{
	struct in_addr addr = { 0 };
	struct buf data;
	uint8_t net;

	if (option_find(options, IPCP_OPT_ADDRESS, &data))
		addr = ipcp_addr(data);
	net = ntohl(addr.s_addr) >> 24;
	if (net == 0 || net == 127 || net >= 224)
		addr.s_addr = 0;
	return addr;
}

static int ipcp_assign(struct ppp *ppp, struct in_addr wanted)
{
	struct ppp_ip ip = { 0 };
	int r = ppp->ops->ip_assign(ppp->owner, wanted, &ip);

	if (r == 0 && ip.peer.s_addr == 0)
		r = -EADDRNOTAVAIL;
	if (r < 0) {
		phase_terminate(ppp, CAUSE_NO_ADDRESS);
		return r;
	}
	ppp->state.ipcp.ip = ip;
	/* the owner may have ended the link */
	return ppp->state.phase == PPP_NETWORK ? 0 : -ECANCELED;
}

static void ipcp_begin(struct ppp *ppp, struct in_addr wanted)
{
	ev_timer_stop(ppp->loop, &ppp->ipcp_wait);
	if (ipcp_assign(ppp, wanted) == 0)
		fsm_event(&ppp->ipcp.fsm, FSM_UP);
}

static int ipcp_requested(struct ppp *ppp, struct buf options)
{
	if (fsm_state(&ppp->ipcp.fsm) == FSM_STARTING)
		ipcp_begin(ppp, ipcp_wish(options));
	return fsm_state(&ppp->ipcp.fsm) == FSM_STARTING ? -EADDRNOTAVAIL : 0;
}

static void ipcp_wait_cb(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	ipcp_begin(timer->data, (struct in_addr){ 0 });
}

/* ---- the protocol */

static void ipcp_defaults(struct ppp *ppp)
{
	(void)ppp; /* what the peer gets is what the owner gave */
}

static void ipcp_finished(struct ppp *ppp)
{
	phase_terminate(ppp, CAUSE_IPCP);
}

static const struct cp_class ipcp_class = {
	.name = "ipcp",
	.proto = PPP_PROTO_IPCP,
	.table = { ipcp_options, sizeof(ipcp_options) / sizeof(ipcp_options[0]) },
	.up = phase_network_up,
	.down = phase_network_down,
	.finished = ipcp_finished,
	.hung_up = phase_hung_up,
	.requested = ipcp_requested,
	.defaults = ipcp_defaults,
};

void ipcp_init(struct ppp *ppp)
{
	const struct ppp_conf *conf = ppp->conf;
	const struct fsm_limits limits = { conf->ipcp_timeout, conf->ipcp_max_configure,
					   conf->ipcp_max_terminate };

	cp_init(&ppp->ipcp, &ipcp_class, ppp, &ppp->state.ipcp.cp, &limits,
		conf->ipcp_max_nak_loop);
	ev_init(&ppp->ipcp_wait, ipcp_wait_cb);
	ppp->ipcp_wait.data = ppp;
}

void ipcp_lower_up(struct ppp *ppp)
{
	ev_timer_set(&ppp->ipcp_wait, ppp->conf->ipcp_timeout, 0.);
	ev_timer_start(ppp->loop, &ppp->ipcp_wait);
}

void ipcp_lower_down(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->ipcp_wait);
	fsm_event(&ppp->ipcp.fsm, FSM_DOWN);
}

void ipcp_stop(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->ipcp_wait);
	fsm_reset(&ppp->ipcp.fsm);
}
