/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * LCP. We ask for MRU, authentication and magic number. The peer may have MRU, magic number, PFC,
 * and ACFC if the carrier bears it (RFC 2516 7 forbids it for PPPoE); the rest is rejected:
 * authentication of ourselves and callback because a concentrator does neither, ACCM because no
 * carrier is asynchronous.
 *
 * Looped link (RFC 1661 6.4): a Configure-Request or an Echo-Request with our own magic
 * number is a sign; LCP_LOOPBACK_MAX of them in a row end the link.
 *
 * Authentication falls back by Nak or Reject, EAP, MS-CHAPv2, CHAP-MD5, PAP, to what the
 * configuration allows and the peer has not refused; with nothing left the link ends.
 */
#include "ppp/lcp.h"

#include <errno.h>

#include "chance.h"
#include "ppp/ccp.h"
#include "ppp/packet.h"
#include "ppp/phase.h"
#include "ppp/ppp.h"

#define LCP_LOOPBACK_MAX 4
#define LCP_IDENTIFICATIONS_LOGGED 4 /* a peer must not fill the log */
#define CHAP_ALGORITHM_MD5 5
#define CHAP_ALGORITHM_MSCHAPV2 0x81

static uint32_t lcp_random_magic(void)
{
	uint32_t magic = 0;

	while (magic == 0)
		chance(&magic, sizeof(magic));
	return magic;
}

static void lcp_looped(struct ppp *ppp)
{
	if (++ppp->state.lcp.loopbacks >= LCP_LOOPBACK_MAX)
		phase_terminate(ppp, CAUSE_LOOPBACK);
}

/* ---- options */

static bool lcp_mru_put(const struct ppp *ppp, struct wbuf *data)
{
	wbuf_u16(data, ppp->state.lcp.mru);
	return true;
}

/* More than the carrier bears is no fault: we send less (ppp_mtu). */
static enum option_verdict lcp_mru_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	uint16_t mru;

	if (data.len == 2 && buf_u16(&data, &mru) == 0 && mru >= LCP_MRU_MIN)
		return OPTION_ACK;
	wbuf_u16(nak, ppp->state.mru_limit);
	return OPTION_NAK;
}

static void lcp_mru_apply(struct ppp *ppp, struct buf data)
{
	buf_u16(&data, &ppp->state.lcp.peer_mru);
}

/* Ours may shrink, but not grow beyond what the carrier and the configuration allow. */
static void lcp_mru_naked(struct ppp *ppp, struct buf data)
{
	uint16_t mru;

	if (data.len == 2 && buf_u16(&data, &mru) == 0 && mru >= LCP_MRU_MIN &&
	    mru < ppp->state.lcp.mru)
		ppp->state.lcp.mru = mru;
}

static bool lcp_auth_put(const struct ppp *ppp, struct wbuf *data)
{
	switch (ppp->state.lcp.auth) {
	case PPP_AUTH_PAP:
		wbuf_u16(data, PPP_PROTO_PAP);
		return true;
	case PPP_AUTH_CHAP_MD5:
		wbuf_u16(data, PPP_PROTO_CHAP);
		wbuf_u8(data, CHAP_ALGORITHM_MD5);
		return true;
	case PPP_AUTH_MSCHAPV2:
		wbuf_u16(data, PPP_PROTO_CHAP);
		wbuf_u8(data, CHAP_ALGORITHM_MSCHAPV2);
		return true;
	case PPP_AUTH_EAP:
		wbuf_u16(data, PPP_PROTO_EAP);
		return true;
	default:
		return false;
	}
}

static void lcp_pick_auth(struct ppp *ppp)
{
	static const uint8_t order[PPP_AUTH_METHODS] = { PPP_AUTH_EAP, PPP_AUTH_MSCHAPV2,
							 PPP_AUTH_CHAP_MD5, PPP_AUTH_PAP };
	struct lcp_state *lcp = &ppp->state.lcp;

	lcp->auth = PPP_AUTH_NONE;
	for (int i = 0; i < PPP_AUTH_METHODS && lcp->auth == PPP_AUTH_NONE; i++)
		if (lcp->auth_left & 1 << order[i])
			lcp->auth = order[i];
}

static enum ppp_auth lcp_auth_parse(struct buf data)
{
	uint16_t proto;
	uint8_t algorithm;

	if (buf_u16(&data, &proto) < 0)
		return PPP_AUTH_NONE;
	if (proto == PPP_PROTO_PAP && data.len == 0)
		return PPP_AUTH_PAP;
	if (proto == PPP_PROTO_EAP && data.len == 0)
		return PPP_AUTH_EAP;
	if (proto != PPP_PROTO_CHAP || buf_u8(&data, &algorithm) < 0 || data.len != 0)
		return PPP_AUTH_NONE;
	return algorithm == CHAP_ALGORITHM_MD5        ? PPP_AUTH_CHAP_MD5
	       : algorithm == CHAP_ALGORITHM_MSCHAPV2 ? PPP_AUTH_MSCHAPV2
						      : PPP_AUTH_NONE;
}

static bool lcp_auth_rejected(struct ppp *ppp)
{
	ppp->state.lcp.auth_left &= ~(1 << ppp->state.lcp.auth);
	lcp_pick_auth(ppp);
	if (ppp->state.lcp.auth == PPP_AUTH_NONE)
		phase_terminate(ppp, CAUSE_AUTH);
	return true;
}

static void lcp_auth_naked(struct ppp *ppp, struct buf data)
{
	struct lcp_state *lcp = &ppp->state.lcp;
	enum ppp_auth wish = lcp_auth_parse(data);

	lcp_auth_rejected(ppp);
	if (wish != PPP_AUTH_NONE && lcp->auth_left & 1 << wish)
		lcp->auth = wish;
}

static bool lcp_magic_put(const struct ppp *ppp, struct wbuf *data)
{
	wbuf_u32(data, ppp->state.lcp.magic);
	return true;
}

static enum option_verdict lcp_magic_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	struct lcp_state *lcp = &ppp->state.lcp;
	uint32_t magic = 0;

	if (data.len == 4)
		buf_u32(&data, &magic);
	if (magic != 0 && magic != lcp->magic) {
		lcp->loopbacks = 0;
		return OPTION_ACK;
	}
	wbuf_u32(nak, lcp_random_magic());
	if (magic == 0)
		return OPTION_NAK;
	lcp_looped(ppp);
	/* if this is our own request, a Reject would come back and take our options away */
	return OPTION_NAK_NOW;
}

static void lcp_magic_apply(struct ppp *ppp, struct buf data)
{
	buf_u32(&data, &ppp->state.lcp.peer_magic);
}

/* RFC 1661 6.4: a new one of our own, not the peer's. */
static void lcp_magic_naked(struct ppp *ppp, struct buf data)
{
	(void)data;
	ppp->state.lcp.magic = lcp_random_magic();
}

/* Compressed protocol fields are understood in any case. */
static enum option_verdict lcp_pfc_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	(void)ppp;
	(void)nak;
	return data.len == 0 ? OPTION_ACK : OPTION_NAK;
}

/* Likewise frames without address and control field. */
static enum option_verdict lcp_acfc_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	return ppp->state.lcp.acfc ? lcp_pfc_judge(ppp, data, nak) : OPTION_REJECT;
}

enum lcp_place {
	LCP_PLACE_MRU,
	LCP_PLACE_AUTH,
	LCP_PLACE_MAGIC,
	LCP_PLACE_PFC,
	LCP_PLACE_ACFC,
	LCP_PLACES
};

static const struct option lcp_options[LCP_PLACES] = {
	[LCP_PLACE_MRU] = { .type = LCP_OPT_MRU,
			    .put = lcp_mru_put,
			    .judge = lcp_mru_judge,
			    .apply = lcp_mru_apply,
			    .naked = lcp_mru_naked },
	[LCP_PLACE_AUTH] = { .type = LCP_OPT_AUTH,
			     .put = lcp_auth_put,
			     .naked = lcp_auth_naked,
			     .rejected = lcp_auth_rejected },
	[LCP_PLACE_MAGIC] = { .type = LCP_OPT_MAGIC,
			      .put = lcp_magic_put,
			      .judge = lcp_magic_judge,
			      .apply = lcp_magic_apply,
			      .naked = lcp_magic_naked },
	[LCP_PLACE_PFC] = { .type = LCP_OPT_PFC, .judge = lcp_pfc_judge },
	[LCP_PLACE_ACFC] = { .type = LCP_OPT_ACFC, .judge = lcp_acfc_judge },
};

static void lcp_defaults(struct ppp *ppp)
{
	ppp->state.lcp.peer_mru = LCP_MRU_DEFAULT;
	ppp->state.lcp.peer_magic = 0;
}

/* ---- packets of codes 8 to 13 */

/* What stands in our packets; 0 if the peer has rejected the option. */
static uint32_t lcp_own_magic(const struct ppp *ppp)
{
	return ppp->state.lcp.cp.asking & 1u << LCP_PLACE_MAGIC ? ppp->state.lcp.magic : 0;
}

void lcp_send_echo(struct ppp *ppp)
{
	struct packet_out out;

	packet_begin(&out, ppp, LCP_ECHO_REQ, cp_ident(&ppp->lcp));
	wbuf_u32(&out.w, lcp_own_magic(ppp));
	packet_send(&out, ppp, PPP_PROTO_LCP);
}

static void lcp_send_echo_reply(struct ppp *ppp, const struct packet *p)
{
	struct packet_out out;
	struct buf rest = p->data;

	if (p->code != LCP_ECHO_REQ)
		return;
	buf_skip(&rest, 4);
	packet_begin(&out, ppp, LCP_ECHO_REP, p->ident);
	wbuf_u32(&out.w, lcp_own_magic(ppp));
	packet_put_truncated(&out, rest);
	packet_send(&out, ppp, PPP_PROTO_LCP);
}

void lcp_send_protocol_reject(struct ppp *ppp, uint16_t proto, struct buf info)
{
	struct packet_out out;

	packet_begin(&out, ppp, LCP_PROTO_REJ, cp_ident(&ppp->lcp));
	wbuf_u16(&out.w, proto);
	packet_put_truncated(&out, info);
	packet_send(&out, ppp, PPP_PROTO_LCP);
}

static void lcp_protocol_rejected(struct ppp *ppp, struct buf data)
{
	uint16_t proto;

	if (buf_u16(&data, &proto) < 0) {
		packet_drop(ppp, XP_R_S_LENGTH, "protocol-reject without protocol");
		return;
	}
	switch (proto) {
	case PPP_PROTO_LCP:
		cp_event(&ppp->lcp, FSM_RXJ_MINUS);
		break;
	case PPP_PROTO_PAP:
	case PPP_PROTO_CHAP:
	case PPP_PROTO_EAP:
		phase_terminate(ppp, CAUSE_AUTH);
		break;
	case PPP_PROTO_IPCP:
	case PPP_PROTO_IP:
		phase_terminate(ppp, CAUSE_IPCP);
		break;
	case PPP_PROTO_CCP:
	case PPP_PROTO_MPPE:
		ccp_protocol_rejected(ppp);
		break;
	default:
		cp_event(&ppp->lcp, FSM_RXJ_PLUS);
	}
}

/* Echo-Request, Echo-Reply, Discard-Request: they begin with a magic number. */
static void lcp_echo_input(struct ppp *ppp, const struct packet *p)
{
	struct buf data = p->data;
	uint32_t magic;

	if (buf_u32(&data, &magic) < 0) {
		packet_drop(ppp, XP_R_S_LENGTH, "lcp code %u without magic number", p->code);
		return;
	}
	if (p->code == LCP_ECHO_REQ && magic != 0 && magic == lcp_own_magic(ppp)) {
		packet_drop(ppp, XP_R_S_CODE, "echo-request with our magic number");
		lcp_looped(ppp);
		return;
	}
	if (p->code == LCP_ECHO_REQ)
		ppp->state.lcp.loopbacks = 0;
	cp_event(&ppp->lcp, FSM_RXR);
}

static void lcp_identification(struct ppp *ppp, const struct packet *p)
{
	struct buf text = p->data;
	char shown[256];

	if (buf_skip(&text, 4) < 0) {
		packet_drop(ppp, XP_R_S_LENGTH, "identification without magic number");
		return;
	}
	if (ppp->state.lcp.identifications >= LCP_IDENTIFICATIONS_LOGGED)
		return;
	ppp->state.lcp.identifications++;
	log_msg(ppp->log, LOG_INFO, "%s: the peer is \"%s\"", ppp->label,
		log_escape(shown, sizeof(shown), text.p, text.len));
}

static bool lcp_extended(struct ppp *ppp, const struct packet *p)
{
	switch (p->code) {
	case LCP_PROTO_REJ:
	case LCP_ECHO_REQ:
	case LCP_ECHO_REP:
	case LCP_DISCARD_REQ:
		/* RFC 1661 5.7 to 5.9: silently discarded unless Opened */
		if (!cp_opened(&ppp->lcp))
			packet_drop(ppp, XP_R_S_STATE, "lcp code %u in phase %s", p->code,
				    ppp_phase_name(ppp));
		else if (p->code == LCP_PROTO_REJ)
			lcp_protocol_rejected(ppp, p->data);
		else
			lcp_echo_input(ppp, p);
		return true;
	case LCP_IDENTIFICATION:
		lcp_identification(ppp, p);
		return true;
	case LCP_TIME_REMAINING:
		return true;
	default:
		return false;
	}
}

static void lcp_up(struct ppp *ppp)
{
	ppp->state.lcp.loopbacks = 0;
	phase_link_up(ppp);
}

static const struct cp_class lcp_class = {
	.name = "lcp",
	.proto = PPP_PROTO_LCP,
	.table = { lcp_options, LCP_PLACES },
	.up = lcp_up,
	.down = phase_link_down,
	.finished = phase_over,
	.hung_up = phase_hung_up,
	.defaults = lcp_defaults,
	.extended = lcp_extended,
	.echo = lcp_send_echo_reply,
};

/* ---- what others have negotiated */

/* What our side of the link is then. Options of the LAC's own line do not concern us. */
static int lcp_adopt_sent(const struct ppp *ppp, struct buf sent, struct lcp_state *lcp)
{
	uint8_t type;
	struct buf data;

	lcp->auth = PPP_AUTH_NONE;
	while (option_next(&sent, &type, &data) > 0) {
		switch (type) {
		case LCP_OPT_MRU:
			if (buf_u16(&data, &lcp->mru) || lcp->mru < LCP_MRU_MIN)
				return -EPROTO;
			break;
		case LCP_OPT_AUTH:
			lcp->auth = lcp_auth_parse(data);
			break;
		case LCP_OPT_MAGIC:
			if (buf_u32(&data, &lcp->magic))
				return -EPROTO;
			break;
		case LCP_OPT_ACCM:
		case LCP_OPT_PFC:
		case LCP_OPT_ACFC:
			break;
		default:
			return -EPROTO;
		}
	}
	return ppp->state.lcp.auth_left & 1 << lcp->auth ? 0 : -EPROTO;
}

/* The LAC escapes for an asynchronous line, so the ACCM is between it and the peer. */
static void lcp_without_accm(struct buf options, struct wbuf *out)
{
	uint8_t type;
	struct buf data;

	while (option_next(&options, &type, &data) > 0) {
		if (type == LCP_OPT_ACCM)
			continue;
		wbuf_u8(out, type);
		wbuf_u8(out, (uint8_t)(data.len + 2));
		wbuf_put(out, data.p, data.len);
	}
}

int lcp_adopt(struct ppp *ppp, struct buf sent, struct buf received)
{
	const struct lcp_state before = ppp->state.lcp;
	struct lcp_state lcp = before;
	uint8_t options[PACKET_MAX], answer[PACKET_MAX];
	struct wbuf theirs = wbuf_of(options, sizeof(options));
	struct wbuf out = wbuf_of(answer, sizeof(answer));

	if (option_check(sent) || option_check(received) || lcp_adopt_sent(ppp, sent, &lcp))
		return -EPROTO;
	lcp_without_accm(received, &theirs);
	if (theirs.overflow)
		return -EPROTO;
	ppp->state.lcp = lcp;
	if (option_judge(&lcp_class.table, ppp, buf_of(options, theirs.len), true, &out) !=
	    OPTION_ACK) {
		ppp->state.lcp = before;
		return -EPROTO;
	}
	option_apply(&lcp_class.table, ppp, buf_of(options, theirs.len));
	return 0;
}

/* ---- beginning */

void lcp_init(struct ppp *ppp)
{
	const struct ppp_conf *conf = ppp->conf;
	const struct fsm_limits limits = { conf->lcp_timeout, conf->lcp_max_configure,
					   conf->lcp_max_terminate };
	struct lcp_state *lcp = &ppp->state.lcp;

	cp_init(&ppp->lcp, &lcp_class, ppp, &lcp->cp, &limits, conf->lcp_max_nak_loop);
	lcp_defaults(ppp);
	lcp->magic = lcp_random_magic();
	lcp->mru = conf->mru < ppp->state.mru_limit ? conf->mru : ppp->state.mru_limit;
	lcp->auth_left = conf->auth_pap << PPP_AUTH_PAP | conf->auth_chap << PPP_AUTH_CHAP_MD5 |
			 conf->auth_mschapv2 << PPP_AUTH_MSCHAPV2 | conf->auth_eap << PPP_AUTH_EAP;
	lcp_pick_auth(ppp);
}
