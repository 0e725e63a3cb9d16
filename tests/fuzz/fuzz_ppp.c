/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A peer that sends anything, and time that passes at any moment. Input: one byte chooses the methods,
 * encryption and keys, one how the owner decides, one the phase that the link is brought to first; then steps:
 * an operation, and for a packet its length and bytes. See step().
 */
#include <assert.h>
#include <ev.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>
#include <xpppd/mppe.h>

#include "../unit/ppp_usual.h"
#include "log.h"
#include "ppp/packet.h"
#include "ppp/ppp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct ev_loop *loop;
	struct log *log;
	struct ppp_conf conf;
	struct ppp ppp;
	uint8_t owner; /* how it decides */
	uint8_t how;   /* methods, encryption */
	bool lost;     /* stateful MPPE waits */
	bool again;    /* it was in, and is being asked again */
	enum { CLEAR, BLOCKED, ENCRYPTED } passing;
	int ups, downs, finishes;
	int asked; /* since it was up */
	/* the last of each that the link sent */
	struct {
		size_t len;
		uint8_t bytes[PACKET_MAX];
	} request[3], last, challenge; /* LCP, IPCP, CCP */
	uint16_t last_proto;
	char user[PPP_USERNAME_MAX + 1];
};

static void on_send(void *owner, uint16_t proto, const uint8_t *info, size_t len)
{
	struct world *w = owner;
	int which = proto == PPP_PROTO_LCP ? 0 : proto == PPP_PROTO_IPCP ? 1 : 2;

	assert(w->finishes == 0);
	assert(len >= 4 && len <= sizeof(w->last.bytes));
	assert((size_t)(info[2] << 8 | info[3]) == len);
	assert(proto != PPP_PROTO_CCP || w->how & 24);
	if ((which < 2 || proto == PPP_PROTO_CCP) && info[0] == CP_CONF_REQ) {
		memcpy(w->request[which].bytes, info, len);
		w->request[which].len = len;
	}
	if (proto == PPP_PROTO_CHAP && info[0] == 1) {
		memcpy(w->challenge.bytes, info, len);
		w->challenge.len = len;
	}
	memcpy(w->last.bytes, info, len);
	w->last.len = len;
	w->last_proto = proto;
}

static void decide(struct world *w)
{
	struct ppp_auth_reply reply = { .result = w->owner & 1 ? PPP_AUTH_REJECT : PPP_AUTH_ACCEPT,
					.retry = w->owner & 2,
					.mschap_error = w->how & 128 ? 648 : 0,
					.keys = w->how & 32 ? PPP_KEYS_NONE : PPP_KEYS_READY };

	memset(reply.message, 'm', w->owner & 4 ? PPP_MESSAGE_MAX : 1);
	ppp_auth_done(&w->ppp, &reply);
}

static void on_authenticate(void *owner, const struct ppp_auth_request *request)
{
	struct world *w = owner;
	volatile uint8_t sum = 0;

	assert(strlen(request->username) <= PPP_USERNAME_MAX && ++w->asked <= 3);
	for (size_t i = 0; i < request->response_len; i++)
		sum = (uint8_t)(sum + request->response[i]);
	switch (request->method) {
	case PPP_AUTH_PAP:
		assert(w->conf.auth_pap);
		break;
	case PPP_AUTH_CHAP_MD5:
		assert(w->conf.auth_chap && request->response_len == 16 &&
		       request->challenge_len == 16);
		break;
	case PPP_AUTH_MSCHAPV2:
		assert(w->conf.auth_mschapv2 && request->response_len == 49 &&
		       request->challenge_len == 16);
		break;
	case PPP_AUTH_MSCHAPV2_CHANGE:
		assert(w->conf.auth_mschapv2 && request->response_len == 582 &&
		       request->challenge_len == 16 && w->how & 128 && w->owner & 1);
		break;
	default:
		abort();
	}
	if (!(w->owner & 8))
		decide(w);
}

static int on_ip_assign(void *owner, struct in_addr wanted, struct ppp_ip *ip)
{
	struct world *w = owner;
	uint32_t host = ntohl(wanted.s_addr) >> 24;

	assert(wanted.s_addr == 0 || (host != 0 && host != 127 && host < 224));
	if (w->owner & 16)
		return -1;
	*ip = (struct ppp_ip){ .local = { htonl(0x0a000001) },
			       .peer = { htonl(0x0a000007) },
			       .dns = { { htonl(0xc0000201) } } };
	return 0;
}

static void on_up(void *owner)
{
	struct world *w = owner;
	const struct ppp_state *s = &w->ppp.state;

	w->ups++;
	w->asked = 0;
	assert(w->ups == w->downs + 1);
	assert(w->conf.mppe != PPP_MPPE_REQUIRED || w->passing == ENCRYPTED);
	/* nobody is in without having been let in, and always as the same user */
	assert((s->auth.step == AUTH_ACCEPTED || w->again) && cp_opened(&w->ppp.lcp));
	if (w->ups == 1)
		strcpy(w->user, ppp_username(&w->ppp));
	assert(strcmp(w->user, ppp_username(&w->ppp)) == 0);
	if (w->owner & 32)
		ppp_terminate(&w->ppp, CAUSE_DATAPLANE);
}

static void on_down(void *owner)
{
	struct world *w = owner;

	w->downs++;
	assert(w->downs == w->ups && w->finishes == 0);
	if (w->owner & 64)
		ppp_terminate(&w->ppp, CAUSE_IDLE);
	if (w->owner & 128)
		ppp_stop(&w->ppp);
}

static void on_finished(void *owner, enum cause cause)
{
	struct world *w = owner;

	w->finishes++;
	assert(w->finishes == 1 && cause > CAUSE_NONE && cause < CAUSE_MAX);
	assert(w->ups == w->downs);
}

static void on_ip_input(void *owner, struct buf packet)
{
	struct world *w = owner;

	(void)packet;
	assert(w->ups == w->downs + 1);
}

static struct mono on_last_input(void *owner)
{
	(void)owner;
	return (struct mono){ 0 };
}

static void on_mppe(void *owner, const struct xp_mppe *mppe)
{
	struct world *w = owner;

	assert(w->finishes == 0 && w->conf.mppe != PPP_MPPE_NO);
	w->passing = !mppe ? CLEAR : mppe->in.bits ? ENCRYPTED : BLOCKED;
	if (!mppe) { /* never while packets might leave that must not */
		assert(w->ups == w->downs || w->conf.mppe == PPP_MPPE_YES);
		return;
	}
	assert(!mppe->in.bits == !mppe->out.bits);
	assert(w->passing == BLOCKED || w->ppp.state.auth.step == AUTH_ACCEPTED || w->again);
	assert(!(mppe->out.flags & XP_MPPE_F_STATEFUL) || w->conf.mppe_stateful);
	assert(!(mppe->in.flags & XP_MPPE_F_STATEFUL) || w->conf.mppe_stateful);
	assert(mppe->in.bits != XP_MPPE_40 || w->conf.mppe_40);
	assert(mppe->out.bits != XP_MPPE_40 || w->conf.mppe_40);
}

static void on_mppe_input(void *owner, struct buf packet)
{
	struct world *w = owner;

	(void)packet;
	assert(w->ups == w->downs + 1 && w->passing == ENCRYPTED);
}

static void on_mppe_flush(void *owner)
{
	struct world *w = owner;

	assert(w->passing == ENCRYPTED);
}

static bool on_mppe_lost(void *owner)
{
	struct world *w = owner;

	return w->lost;
}

static void on_phase(void *owner, enum ppp_phase phase)
{
	struct world *w = owner;

	assert(phase < PPP_DEAD);
	if (phase == PPP_AUTHENTICATE)
		w->again = false;
}

static const struct ppp_ops ops = {
	.send = on_send,
	.authenticate = on_authenticate,
	.ip_assign = on_ip_assign,
	.up = on_up,
	.down = on_down,
	.finished = on_finished,
	.ip_input = on_ip_input,
	.last_input = on_last_input,
	.mppe = on_mppe,
	.mppe_input = on_mppe_input,
	.mppe_flush = on_mppe_flush,
	.mppe_lost = on_mppe_lost,
	.phase = on_phase,
};

/* ---- the peer */

/* On the heap and of its exact size, so that reading beyond it is seen. */
static void input(struct world *w, uint16_t proto, const uint8_t *info, size_t len)
{
	uint8_t *frame = malloc(len + 2);

	frame[0] = (uint8_t)(proto >> 8);
	frame[1] = (uint8_t)proto;
	if (len)
		memcpy(frame + 2, info, len);
	ppp_input(&w->ppp, buf_of(frame, len + 2));
	free(frame);
}

static void acknowledge(struct world *w, int which)
{
	static const uint16_t protos[] = { PPP_PROTO_LCP, PPP_PROTO_IPCP, PPP_PROTO_CCP };
	uint8_t bytes[PACKET_MAX];
	size_t len = w->request[which].len;

	if (len == 0)
		return;
	memcpy(bytes, w->request[which].bytes, len);
	bytes[0] = CP_CONF_ACK;
	input(w, protos[which], bytes, len);
}

static void log_in(struct world *w)
{
	uint8_t pap[] = { 1, 1, 0, 9, 1, 'j', 2, 'p', 'w' };
	uint8_t chap[4 + 1 + 49 + 1] = { 2, w->challenge.bytes[1], 0, sizeof(chap) };

	if (ppp_auth_method(&w->ppp) == PPP_AUTH_PAP) {
		input(w, PPP_PROTO_PAP, pap, sizeof(pap));
		return;
	}
	chap[4] = ppp_auth_method(&w->ppp) == PPP_AUTH_MSCHAPV2 ? 49 : 16;
	chap[3] = (uint8_t)(5 + chap[4] + 1);
	chap[chap[3] - 1] = 'j';
	input(w, PPP_PROTO_CHAP, chap, chap[3]);
}

static void climb(struct world *w, uint8_t phase)
{
	static const uint8_t lcp[] = { 1, 1, 0, 10, 5, 6, 1, 2, 3, 4 };
	static const uint8_t ipcp[] = { 1, 1, 0, 10, 3, 6, 10, 0, 0, 7 };
	const uint8_t ccp[] = { 1, 1, 0, 10, 18, 6, w->conf.mppe_stateless, 0, 0, 0x40 };

	if (phase >= 1)
		ppp_start(&w->ppp);
	if (phase >= 2) {
		acknowledge(w, 0);
		input(w, PPP_PROTO_LCP, lcp, sizeof(lcp));
	}
	if (phase >= 3)
		log_in(w);
	if (phase >= 4) {
		input(w, PPP_PROTO_CCP, ccp, sizeof(ccp));
		acknowledge(w, 2);
		input(w, PPP_PROTO_IPCP, ipcp, sizeof(ipcp));
		acknowledge(w, 1);
	}
	if (phase >= 5)
		ppp_terminate(&w->ppp, CAUSE_CLEARED);
}

static void fire(struct world *w, ev_timer *timer)
{
	if (!ev_is_active(timer))
		return;
	ev_timer_stop(w->loop, timer);
	ev_invoke(w->loop, timer, EV_TIMER);
}

/* A packet: bits 0-3 of op its protocol; bit 4: its identifier is what the link expects; bit
 * 5: its length field is right. */
static void send_packet(struct world *w, uint8_t op, uint8_t *bytes, size_t len)
{
	static const uint16_t protos[8] = { PPP_PROTO_LCP,    PPP_PROTO_IPCP, PPP_PROTO_PAP,
					    PPP_PROTO_CHAP,   PPP_PROTO_IP,   PPP_PROTO_CCP,
					    PPP_PROTO_IPV6CP, PPP_PROTO_MPPE };
	uint16_t proto = protos[op & 7];

	if (op & 8) { /* the protocol field as well */
		uint8_t *frame = malloc(len ? len : 1);

		memcpy(frame, bytes, len);
		ppp_input(&w->ppp, buf_of(frame, len));
		free(frame);
		return;
	}
	if (op & 16 && len > 1)
		bytes[1] = proto == PPP_PROTO_LCP    ? w->request[0].bytes[1]
			   : proto == PPP_PROTO_IPCP ? w->request[1].bytes[1]
			   : proto == PPP_PROTO_CCP  ? w->request[2].bytes[1]
			   : proto == PPP_PROTO_CHAP ? w->ppp.state.auth.ident
						     : bytes[1];
	if (op & 32 && len > 3) {
		bytes[2] = (uint8_t)(len >> 8);
		bytes[3] = (uint8_t)len;
	}
	input(w, proto, bytes, len);
}

/* Anything that is not a packet: op has bit 7 set. */
static void happen(struct world *w, uint8_t op)
{
	switch (op & 31) {
	case 0:
		fire(w, &w->ppp.lcp.fsm.timer);
		break;
	case 1:
		fire(w, &w->ppp.ipcp.fsm.timer);
		break;
	case 2:
		fire(w, &w->ppp.auth_timer);
		break;
	case 3:
		w->ppp.heard = mono_add_ms(mono_now(), -1000000);
		fire(w, &w->ppp.echo_timer);
		break;
	case 4:
		fire(w, &w->ppp.watchdog);
		break;
	case 5:
		fire(w, &w->ppp.ipcp_wait);
		break;
	case 6:
		decide(w);
		break;
	case 7:
		acknowledge(w, 0);
		break;
	case 8:
		acknowledge(w, 1);
		break;
	case 9: /* a looped link */
		input(w, w->last_proto, w->last.bytes, w->last.len);
		break;
	case 10:
		log_in(w);
		break;
	case 11:
		ppp_terminate(&w->ppp, CAUSE_CLEARED);
		break;
	case 12:
		ppp_start(&w->ppp);
		break;
	case 13:
		fire(w, &w->ppp.ccp.fsm.timer);
		break;
	case 14:
		acknowledge(w, 2);
		break;
	case 15:
		fire(w, &w->ppp.ccp_reset);
		break;
	case 16:
		ppp_mppe_lost(&w->ppp);
		break;
	case 17:
		w->lost = !w->lost;
		break;
	case 18:
		if (ppp_reauthenticate(&w->ppp) == 0)
			w->asked = 0, w->again = true;
		break;
	default:
		ppp_stop(&w->ppp);
	}
}

static void check(const struct world *w)
{
	const struct ppp *p = &w->ppp;

	assert(w->ups - w->downs == 0 || w->ups - w->downs == 1);
	assert(ppp_mtu(p) <= 1492);
	if (p->state.phase != PPP_DEAD)
		return;
	assert(!ev_is_active(&p->lcp.fsm.timer) && !ev_is_active(&p->ipcp.fsm.timer));
	assert(!ev_is_active(&p->auth_timer) && !ev_is_active(&p->echo_timer));
	assert(!ev_is_active(&p->watchdog) && !ev_is_active(&p->ipcp_wait));
	assert(!ev_is_active(&p->ccp.fsm.timer) && !ev_is_active(&p->ccp_reset));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world;
	struct world *w = &world;
	struct buf in = buf_of(data, size);
	uint8_t how, phase, op, len;
	struct buf bytes;

	if (!w->loop)
		w->loop = ev_loop_new(EVFLAG_AUTO);
	*w = (struct world){ .loop = w->loop, .log = log_new(1, LOG_EMERG) };
	if (buf_u8(&in, &how) < 0 || buf_u8(&in, &w->owner) < 0 || buf_u8(&in, &phase) < 0)
		how = phase = 0;
	w->conf = ppp_usual(how & 1, how & 2, how & 4);
	w->how = how;
	w->conf.mppe = how & 16 ? PPP_MPPE_REQUIRED : how & 8 ? PPP_MPPE_YES : PPP_MPPE_NO;
	w->conf.mppe_stateless = !(how & 64);
	w->conf.mppe_stateful = how & 64;
	w->conf.mppe_40 = !(how & 128);
	ppp_init(&w->ppp, w->loop, &w->conf, &ops, w, w->log, 1, 1492);
	climb(w, phase % 6);
	check(w);
	while (buf_u8(&in, &op) == 0) {
		if (op & 128) {
			happen(w, op);
		} else if (buf_u8(&in, &len) == 0 && buf_take(&in, len, &bytes) == 0) {
			uint8_t copy[255];

			memcpy(copy, bytes.p, bytes.len);
			send_packet(w, op, copy, bytes.len);
		}
		check(w);
	}
	ppp_stop(&w->ppp);
	log_free(w->log);
	return 0;
}
