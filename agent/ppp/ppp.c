/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A link as its owner sees it, and the dispatch of frames by protocol (RFC 1661 2). What
 * does not fit the phase is dropped silently (3.4, 3.5); what nobody here speaks is
 * rejected once the network phase is reached (5.7).
 */
#include "ppp/ppp.h"

#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include <xpppd/mppe.h>

#include "brief.h"
#include "ppp/auth.h"
#include "ppp/ccp.h"
#include "ppp/echo.h"
#include "ppp/ipcp.h"
#include "ppp/lcp.h"
#include "ppp/packet.h"
#include "ppp/phase.h"

#define PPP_FIRST_CONTROL 0x4000   /* below: packets of network protocols (RFC 1661 2) */
#define PPP_ADDRESS_CONTROL 0xff03 /* RFC 1662 3.1, unless compressed away */

void ppp_init(struct ppp *ppp, struct ev_loop *loop, const struct ppp_conf *conf,
	      const struct ppp_ops *ops, void *owner, struct log *log, uint32_t ppp_id,
	      uint16_t mru_limit)
{
	struct brief label;

	memset(ppp, 0, sizeof(*ppp));
	ppp->loop = loop;
	ppp->conf = conf;
	ppp->ops = ops;
	ppp->owner = owner;
	ppp->log = log;
	label = brief_of(ppp->label, sizeof(ppp->label));
	brief_text(&label, "ppp-id ");
	brief_decimal(&label, ppp_id);
	ppp->state.version = PPP_STATE_VERSION;
	ppp->state.ppp_id = ppp_id;
	ppp->state.mru_limit = mru_limit;
	phase_init(ppp);
	lcp_init(ppp);
	auth_init(ppp);
	ipcp_init(ppp);
	ccp_init(ppp);
	echo_init(ppp);
}

void ppp_start(struct ppp *ppp)
{
	ppp->heard = mono_now();
	phase_start(ppp);
}

int ppp_start_proxy(struct ppp *ppp, const struct ppp_proxy *proxy)
{
	int r = lcp_adopt(ppp, proxy->sent, proxy->received);

	if (r < 0)
		return r;
	ppp->heard = mono_now();
	ppp->proxy = proxy;
	phase_adopt(ppp);
	ppp->proxy = NULL;
	return 0;
}

void ppp_allow_acfc(struct ppp *ppp)
{
	ppp->state.lcp.acfc = 1;
}

void ppp_terminate(struct ppp *ppp, enum cause cause)
{
	phase_terminate(ppp, cause);
}

void ppp_stop(struct ppp *ppp)
{
	phase_stop(ppp);
}

void ppp_grant(struct ppp *ppp, const struct ppp_grant *grant)
{
	ppp->state.lcp.mtu_max = grant->mtu_max;
	ccp_grant(ppp, grant);
}

bool ppp_mppe_required(const struct ppp *ppp)
{
	return ppp->state.ccp.mppe == PPP_MPPE_REQUIRED;
}

uint16_t ppp_mtu(const struct ppp *ppp)
{
	const struct lcp_state *lcp = &ppp->state.lcp;
	uint16_t ours = lcp->mru < ppp->state.mru_limit ? lcp->mru : ppp->state.mru_limit;
	uint16_t mtu = lcp->peer_mru < ours ? lcp->peer_mru : ours;

	if (lcp->mtu_max && lcp->mtu_max < mtu)
		mtu = lcp->mtu_max;
	return ppp->state.ccp.passing == CCP_CLEAR ? mtu : mtu - XP_MPPE_OVERHEAD;
}

enum ppp_auth ppp_auth_method(const struct ppp *ppp)
{
	return (enum ppp_auth)ppp->state.auth.method;
}

int ppp_frame_protocol(struct buf *frame, uint16_t *proto)
{
	struct buf b = *frame;
	uint8_t high, low;
	uint16_t prefix;

	if (buf_u16(&b, &prefix) < 0 || prefix != PPP_ADDRESS_CONTROL)
		b = *frame;
	if (buf_u8(&b, &high) < 0)
		return -EBADMSG;
	if (high & 1)
		*proto = high;
	else if (buf_u8(&b, &low) == 0)
		*proto = (uint16_t)(high << 8 | low);
	else
		return -EBADMSG;
	*frame = b;
	return 0;
}

static void ppp_wrong_phase(struct ppp *ppp, uint16_t proto)
{
	packet_drop(ppp, XP_R_S_STATE, "protocol %04x in phase %s", proto, ppp_phase_name(ppp));
}

static void ppp_unknown_protocol(struct ppp *ppp, uint16_t proto, struct buf info)
{
	if (proto == PPP_PROTO_IPV6)
		packet_drop(ppp, XP_R_S_IPV6, "%zu octets", info.len);
	else if (proto == PPP_PROTO_MPPE)
		packet_drop(ppp, XP_R_S_MPPE, "%zu octets", info.len);
	else if (!(proto & 1))
		packet_drop(ppp, XP_R_S_PROTOCOL, "protocol %04x", proto);
	lcp_send_protocol_reject(ppp, proto, info);
}

static void ppp_dispatch(struct ppp *ppp, uint16_t proto, struct buf info)
{
	enum ppp_phase phase = (enum ppp_phase)ppp->state.phase;
	bool network = phase == PPP_NETWORK || phase == PPP_OPENED;

	if (proto == PPP_PROTO_LCP)
		cp_input(&ppp->lcp, info);
	else if (proto == PPP_PROTO_PAP || proto == PPP_PROTO_CHAP || proto == PPP_PROTO_EAP)
		auth_input(ppp, proto, info);
	else if (proto == PPP_PROTO_IP && phase == PPP_OPENED)
		ppp->ops->ip_input(ppp->owner, info);
	else if (!network || proto == PPP_PROTO_IP)
		ppp_wrong_phase(ppp, proto);
	else if (proto == PPP_PROTO_IPCP)
		cp_input(&ppp->ipcp, info);
	else if (proto == PPP_PROTO_CCP && ccp_offered(ppp))
		cp_input(&ppp->ccp, info);
	else if (proto == PPP_PROTO_MPPE && ccp_offered(ppp))
		ccp_data(ppp, info);
	else if (proto < PPP_FIRST_CONTROL && ccp_forbids_clear(ppp))
		packet_drop(ppp, XP_R_MPPE_CLEAR, "protocol %04x", proto); /* not echoed either */
	else
		ppp_unknown_protocol(ppp, proto, info);
}

void ppp_input(struct ppp *ppp, struct buf frame)
{
	uint16_t proto;

	if (ppp_frame_protocol(&frame, &proto) < 0) {
		packet_drop(ppp, XP_R_S_PROTOCOL, "frame without a protocol field");
		return;
	}
	if (ppp->state.phase == PPP_IDLE || ppp->state.phase == PPP_DEAD) {
		ppp_wrong_phase(ppp, proto);
		return;
	}
	ppp->heard = mono_now();
	ppp_dispatch(ppp, proto, frame);
}
