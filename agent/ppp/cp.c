/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Packets of codes 1 to 7, RFC 1661 5.1 to 5.7. A packet becomes an event of the
 * automaton; the automaton's actions become packets. The restart timer is the
 * automaton's; there is no other here.
 *
 * Nak loops end on both sides: after max_nak_loop Naks in a row what we dislike is
 * rejected (RFC 1661 4.6, Max-Failure), and what the peer has naked as often is taken as
 * rejected by it.
 */
#include "ppp/cp.h"

#include <string.h>

#include "ppp/packet.h"
#include "ppp/ppp.h"

static void cp_send_request(struct cp *cp, enum fsm_event event)
{
	struct cp_state *s = cp->state;
	struct packet_out out;

	/* a retransmission keeps its identifier, so that a late answer still fits */
	if (event != FSM_TO_PLUS || s->answered)
		s->request_ident = cp_ident(cp);
	s->answered = 0;
	packet_begin(&out, cp->ppp, CP_CONF_REQ, s->request_ident);
	option_build(&cp->class->table, cp->ppp, s->asking, &out.w);
	packet_send(&out, cp->ppp, cp->class->proto);
}

static void cp_send_empty(struct cp *cp, uint8_t code, uint8_t ident)
{
	struct packet_out out;

	packet_begin(&out, cp->ppp, code, ident);
	packet_send(&out, cp->ppp, cp->class->proto);
}

static void cp_send_code_reject(struct cp *cp)
{
	struct packet_out out;

	packet_begin(&out, cp->ppp, CP_CODE_REJ, cp_ident(cp));
	packet_put_truncated(&out, cp->in->whole);
	packet_send(&out, cp->ppp, cp->class->proto);
}

static void cp_up(struct cp *cp)
{
	cp->state->naks_got = 0;
	cp->class->up(cp->ppp);
}

static void cp_act(void *ctx, enum fsm_action action, enum fsm_event event)
{
	struct cp *cp = ctx;

	switch (action) {
	case FSM_TLU:
		cp_up(cp);
		break;
	case FSM_TLD:
		cp->class->down(cp->ppp);
		break;
	case FSM_TLF:
		cp->class->finished(cp->ppp);
		break;
	case FSM_SCR:
		cp_send_request(cp, event);
		break;
	case FSM_SCA:
	case FSM_SCN:
		packet_send(cp->reply, cp->ppp, cp->class->proto);
		break;
	case FSM_STR:
		cp_send_empty(cp, CP_TERM_REQ, cp_ident(cp));
		break;
	case FSM_STA:
		cp_send_empty(cp, CP_TERM_ACK, cp->in->ident);
		break;
	case FSM_SCJ:
		cp_send_code_reject(cp);
		break;
	case FSM_SER:
		if (cp->class->echo)
			cp->class->echo(cp->ppp, cp->in);
		break;
	default: /* tls: a carrier needs no telling; irc and zrc are the automaton's */
		break;
	}
}

static void cp_changed(void *ctx, enum fsm_state old, enum fsm_event event, enum fsm_state next)
{
	const struct cp *cp = ctx;

	log_msg(cp->ppp->log, LOG_DEBUG, "%s: %s %s: %s -> %s", cp->ppp->label, cp->class->name,
		fsm_event_name(event), fsm_state_name(old), fsm_state_name(next));
}

static const struct fsm_ops cp_fsm_ops = { cp_act, cp_changed };

void cp_init(struct cp *cp, const struct cp_class *class, struct ppp *ppp, struct cp_state *state,
	     const struct fsm_limits *limits, unsigned int max_nak_loop)
{
	*cp = (struct cp){
		.class = class, .ppp = ppp, .state = state, .max_nak_loop = max_nak_loop
	};
	memset(state, 0, sizeof(*state));
	state->asking = ~0u;
	fsm_init(&cp->fsm, ppp->loop, &cp_fsm_ops, cp, &state->fsm, limits);
}

uint8_t cp_ident(struct cp *cp)
{
	return ++cp->state->ident;
}

int cp_event(struct cp *cp, enum fsm_event event)
{
	int r = fsm_event(&cp->fsm, event);

	if (r < 0)
		packet_drop(cp->ppp, XP_R_S_STATE, "%s code %u in state %s", cp->class->name,
			    cp->in->code, fsm_state_name(fsm_state(&cp->fsm)));
	return r;
}

/* A request can be judged, and will be answered with its verdict. */
static bool cp_judging(const struct cp *cp)
{
	return fsm_state(&cp->fsm) == FSM_STOPPED || fsm_state(&cp->fsm) >= FSM_REQ_SENT;
}

static void cp_conf_req(struct cp *cp, const struct packet *p)
{
	static const uint8_t codes[] = {
		[OPTION_ACK] = CP_CONF_ACK,
		[OPTION_NAK] = CP_CONF_NAK,
		[OPTION_REJECT] = CP_CONF_REJ,
	};
	struct cp_state *s = cp->state;
	struct packet_out reply;
	enum option_verdict verdict;

	if (option_check(p->data) < 0) {
		packet_drop(cp->ppp, XP_R_S_OPTION, "%s request", cp->class->name);
		return;
	}
	if (cp->class->requested && cp->class->requested(cp->ppp, p->data) < 0)
		return;
	if (!cp_judging(cp)) {
		cp_event(cp, FSM_RCR_PLUS);
		return;
	}
	packet_begin(&reply, cp->ppp, 0, p->ident);
	verdict = option_judge(&cp->class->table, cp->ppp, p->data, s->naks_sent < cp->max_nak_loop,
			       &reply.w);
	if (reply.w.overflow) {
		packet_drop(cp->ppp, XP_R_S_LENGTH, "%s request of %zu octets", cp->class->name,
			    p->whole.len);
		return;
	}
	reply.bytes[0] = codes[verdict];
	if (verdict == OPTION_NAK)
		s->naks_sent++;
	if (verdict == OPTION_ACK) {
		s->naks_sent = 0;
		cp->class->defaults(cp->ppp);
		option_apply(&cp->class->table, cp->ppp, p->data);
	}
	cp->reply = &reply;
	cp_event(cp, verdict == OPTION_ACK ? FSM_RCR_PLUS : FSM_RCR_MINUS);
	cp->reply = NULL;
}

/* Is it an answer to our request, and has it not been answered before? A second answer would
 * take an open link down (RFC 1661 4.1, RCA and RCN in Opened), and it can only be a copy. */
static bool cp_is_answer(struct cp *cp, const struct packet *p)
{
	if (p->ident != cp->state->request_ident || cp->state->answered) {
		packet_drop(cp->ppp, XP_R_S_IDENT, "%s answer %u, expected %u", cp->class->name,
			    p->ident, cp->state->request_ident);
		return false;
	}
	if (option_check(p->data) < 0) {
		packet_drop(cp->ppp, XP_R_S_OPTION, "%s answer", cp->class->name);
		return false;
	}
	return true;
}

static void cp_conf_nak(struct cp *cp, struct buf options)
{
	struct cp_state *s = cp->state;

	if (s->naks_got++ < cp->max_nak_loop)
		option_naked(&cp->class->table, cp->ppp, s->asking, options);
	else
		option_rejected(&cp->class->table, cp->ppp, &s->asking, options);
}

static void cp_conf_answer(struct cp *cp, const struct packet *p)
{
	struct cp_state *s = cp->state;
	struct packet_out ours;
	struct buf request;
	bool valid;

	if (fsm_state(&cp->fsm) < FSM_REQ_SENT) {
		cp_event(cp, p->code == CP_CONF_ACK ? FSM_RCA : FSM_RCN);
		return;
	}
	if (!cp_is_answer(cp, p))
		return;
	/* what it answers follows from the state, which has not changed since */
	packet_begin(&ours, cp->ppp, 0, 0);
	request = buf_of(ours.w.base + ours.w.len, 0);
	option_build(&cp->class->table, cp->ppp, s->asking, &ours.w);
	request.len = ours.w.len - (size_t)(request.p - ours.w.base);
	if (p->code == CP_CONF_ACK)
		valid = p->data.len == request.len &&
			memcmp(p->data.p, request.p, request.len) == 0;
	else if (p->code == CP_CONF_REJ)
		valid = option_subset(p->data, request);
	else
		valid = p->data.len > 0;
	if (!valid) {
		packet_drop(cp->ppp, XP_R_S_CODE, "%s code %u does not answer our request",
			    cp->class->name, p->code);
		return;
	}
	s->answered = 1;
	if (p->code == CP_CONF_NAK)
		cp_conf_nak(cp, p->data);
	else if (p->code == CP_CONF_REJ)
		option_rejected(&cp->class->table, cp->ppp, &s->asking, p->data);
	cp_event(cp, p->code == CP_CONF_ACK ? FSM_RCA : FSM_RCN);
}

/* RFC 1661 5.6: to have one of the basic codes rejected is the end. */
static void cp_code_rej(struct cp *cp, const struct packet *p)
{
	struct buf rejected = p->data;
	uint8_t code;

	if (buf_u8(&rejected, &code) < 0) {
		packet_drop(cp->ppp, XP_R_S_LENGTH, "%s empty code-reject", cp->class->name);
		return;
	}
	cp_event(cp, code >= CP_CONF_REQ && code <= CP_CODE_REJ ? FSM_RXJ_MINUS : FSM_RXJ_PLUS);
}

static void cp_handle(struct cp *cp, const struct packet *p)
{
	switch (p->code) {
	case CP_CONF_REQ:
		cp_conf_req(cp, p);
		break;
	case CP_CONF_ACK:
	case CP_CONF_NAK:
	case CP_CONF_REJ:
		cp_conf_answer(cp, p);
		break;
	case CP_TERM_REQ:
		if (cp_event(cp, FSM_RTR) == 0)
			cp->class->hung_up(cp->ppp);
		break;
	case CP_TERM_ACK:
		cp_event(cp, FSM_RTA);
		break;
	case CP_CODE_REJ:
		cp_code_rej(cp, p);
		break;
	default:
		if (!cp->class->extended || !cp->class->extended(cp->ppp, p))
			cp_event(cp, FSM_RUC);
	}
}

void cp_input(struct cp *cp, struct buf frame)
{
	struct packet p;

	if (packet_parse(frame, &p) < 0) {
		packet_drop(cp->ppp, XP_R_S_LENGTH, "%s packet in %zu octets", cp->class->name,
			    frame.len);
		return;
	}
	cp->in = &p;
	cp_handle(cp, &p);
	cp->in = NULL;
}
