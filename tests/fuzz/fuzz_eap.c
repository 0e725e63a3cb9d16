/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * EAP between a peer and a server that both send anything. Input: steps of one byte, an operation (see
 * step()), and for packets and attributes one byte of length and the bytes.
 */
#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

#include "../unit/ppp_usual.h"
#include "aaa/aaa.h"
#include "aaa/radius.h"
#include "aaa/radius_eap.h"
#include "log.h"
#include "ppp/ppp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROUNDS_MAX 64 /* of eap.c */

struct world {
	struct ev_loop *loop;
	struct log *log;
	struct ppp_conf conf;
	struct ppp ppp;
	uint8_t lcp[64], ipcp[64]; /* the last requests of the link */
	size_t lcp_len, ipcp_len;
	bool asked; /* the server owes an answer */
	unsigned int rounds;
	struct aaa_state *state;
	char user[PPP_USERNAME_MAX + 1]; /* once admitted */
	bool admitted;
	int finishes;
};

static void keep(uint8_t to[64], size_t *to_len, const uint8_t *info, size_t len)
{
	if (info[0] != CP_CONF_REQ)
		return;
	assert(len <= 64);
	memcpy(to, info, len);
	*to_len = len;
}

static void on_send(void *owner, uint16_t proto, const uint8_t *info, size_t len)
{
	struct world *w = owner;

	assert(w->finishes == 0 && len >= 4 && len <= 1492);
	assert((size_t)(info[2] << 8 | info[3]) == len);
	if (proto == PPP_PROTO_LCP)
		keep(w->lcp, &w->lcp_len, info, len);
	if (proto == PPP_PROTO_IPCP)
		keep(w->ipcp, &w->ipcp_len, info, len);
	if (proto != PPP_PROTO_EAP)
		return;
	assert(info[0] == 1 || ((info[0] == 3 || info[0] == 4) && len == 4));
	assert(info[0] != 1 || len > 4);
	assert(info[0] != 3 || w->ppp.state.auth.step == AUTH_ACCEPTED);
	assert(info[1] == w->ppp.state.auth.ident);
}

static void answer(struct world *w, struct ppp_auth_reply *reply)
{
	if (!w->asked)
		return;
	w->asked = false;
	if (reply->result == PPP_AUTH_ACCEPT && ppp_auth_identify(&w->ppp, reply) < 0)
		reply->result = PPP_AUTH_REJECT;
	ppp_auth_done(&w->ppp, reply);
	if (w->ppp.state.auth.step == AUTH_ACCEPTED && !w->admitted) {
		w->admitted = true;
		strcpy(w->user, ppp_username(&w->ppp));
	}
}

static void on_authenticate(void *owner, const struct ppp_auth_request *request)
{
	struct world *w = owner;
	uint8_t storage[RADIUS_MAX], back[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));

	assert(request->method == PPP_AUTH_EAP && request->mtu >= 128 && request->mtu <= 1492);
	assert(strlen(request->username) <= PPP_USERNAME_MAX);
	assert(request->response_len >= 5 && request->response[0] == 2);
	assert(request->response_len == (size_t)(request->response[2] << 8 | request->response[3]));
	w->rounds = request->first ? 0 : w->rounds + 1;
	assert(w->rounds <= ROUNDS_MAX);
	w->asked = true;
	assert(radius_eap_put(request, request->first ? NULL : w->state, &attrs) == 0);
	assert(radius_join(buf_of(storage, attrs.len), 0, RADIUS_EAP_MESSAGE, back, sizeof(back)) ==
	       (int)request->response_len);
	assert(memcmp(back, request->response, request->response_len) == 0);
}

static int on_ip_assign(void *owner, struct in_addr wanted, struct ppp_ip *ip)
{
	(void)owner;
	(void)wanted;
	*ip = (struct ppp_ip){ .local = { htonl(0x0a000001) }, .peer = { htonl(0x0a000007) } };
	return 0;
}

static void on_up(void *owner)
{
	struct world *w = owner;

	assert(w->admitted && strcmp(w->user, ppp_username(&w->ppp)) == 0);
}

static void on_down(void *owner)
{
	(void)owner;
}

static void on_finished(void *owner, enum cause cause)
{
	struct world *w = owner;

	assert(cause > CAUSE_NONE && cause < CAUSE_MAX);
	assert(++w->finishes == 1);
}

static struct mono on_last_input(void *owner)
{
	(void)owner;
	return (struct mono){ 0 };
}

static const struct ppp_ops ops = {
	.send = on_send,
	.authenticate = on_authenticate,
	.ip_assign = on_ip_assign,
	.up = on_up,
	.down = on_down,
	.finished = on_finished,
	.last_input = on_last_input,
};

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

static void acknowledge(struct world *w, uint16_t proto, uint8_t *request, size_t len)
{
	uint8_t bytes[64];

	if (!len)
		return;
	memcpy(bytes, request, len);
	bytes[0] = CP_CONF_ACK;
	input(w, proto, bytes, len);
}

static void open_lcp(struct world *w)
{
	static const uint8_t lcp[] = { 1, 1, 0, 10, 5, 6, 1, 2, 3, 4 };

	input(w, PPP_PROTO_LCP, lcp, sizeof(lcp));
	acknowledge(w, PPP_PROTO_LCP, w->lcp, w->lcp_len);
}

static void open_ipcp(struct world *w)
{
	static const uint8_t ipcp[] = { 1, 1, 0, 10, 3, 6, 10, 0, 0, 7 };

	input(w, PPP_PROTO_IPCP, ipcp, sizeof(ipcp));
	acknowledge(w, PPP_PROTO_IPCP, w->ipcp, w->ipcp_len);
}

/* What the bytes are behind a right header. */
static size_t packet(uint8_t *to, uint8_t code, uint8_t ident, struct buf bytes)
{
	to[0] = code;
	to[1] = ident;
	to[2] = (uint8_t)((bytes.len + 4) >> 8);
	to[3] = (uint8_t)(bytes.len + 4);
	memcpy(to + 4, bytes.p, bytes.len);
	return bytes.len + 4;
}

static void respond(struct world *w, struct buf bytes)
{
	uint8_t whole[4 + 255];

	input(w, PPP_PROTO_EAP, whole, packet(whole, 2, w->ppp.state.auth.ident, bytes));
}

/* The server's attributes are these bytes, or they are one EAP packet. */
static void challenge(struct world *w, struct buf bytes, bool raw)
{
	uint8_t storage[RADIUS_MAX], eap[4 + 255], joined[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct radius_reply from = { .server = 1, .attrs = bytes };
	struct ppp_auth_reply reply = { .result = PPP_AUTH_REJECT };
	struct aaa_state *state = NULL;
	int r;

	if (!raw) {
		uint8_t ident = (uint8_t)(w->ppp.state.auth.ident + 1);

		radius_put_eap(&attrs, eap, packet(eap, 1, ident, bytes));
		radius_put(&attrs, 0, 24, "state", 5);
		from.attrs = buf_of(storage, attrs.len);
	}
	r = radius_eap_take(&from, joined, &reply, &state);
	assert(r == 0 || (r == -EPROTO && !state && reply.result == PPP_AUTH_REJECT));
	if (state) {
		assert(state->len <= RADIUS_VALUE_MAX);
		aaa_state_free(w->state);
		w->state = state;
	}
	answer(w, &reply);
}

static void decide(struct world *w, uint8_t op)
{
	struct ppp_auth_reply reply = { .result = op & 8 ? PPP_AUTH_ACCEPT : PPP_AUTH_REJECT,
					.keys = op & 16 ? PPP_KEYS_READY : PPP_KEYS_NONE,
					.retry = op & 32,
					.mschap_error = op & 32 ? 648 : 0,
					.username = op & 64 ? "joe" : NULL };

	answer(w, &reply);
}

static void fire(struct world *w)
{
	if (!ev_is_active(&w->ppp.auth_timer))
		return;
	ev_timer_stop(w->loop, &w->ppp.auth_timer);
	ev_invoke(w->loop, &w->ppp.auth_timer, EV_TIMER);
}

static void step(struct world *w, uint8_t op, struct buf bytes)
{
	switch (op & 7) {
	case 0:
		respond(w, bytes);
		break;
	case 1:
		input(w, PPP_PROTO_EAP, bytes.p, bytes.len);
		break;
	case 2:
		challenge(w, bytes, false);
		break;
	case 3:
		challenge(w, bytes, true);
		break;
	case 4:
		decide(w, op);
		break;
	case 5:
		fire(w);
		break;
	case 6:
		open_lcp(w);
		break;
	default:
		if (w->ppp.state.phase == PPP_OPENED)
			ppp_reauthenticate(&w->ppp);
		else
			open_ipcp(w);
	}
}

static void check(const struct world *w)
{
	const struct auth_state *s = &w->ppp.state.auth;

	/* memory only while it is under way */
	assert(!w->ppp.eap || s->step == AUTH_WAITING || s->step == AUTH_PENDING);
	assert(!ev_is_active(&w->ppp.auth_timer) || s->step == AUTH_WAITING);
	assert(!w->admitted || strcmp(w->user, s->username) == 0);
	assert(w->ppp.state.phase < PPP_NETWORK || w->ppp.state.phase > PPP_OPENED || w->admitted);
}

static void begin(struct world *w)
{
	struct ev_loop *loop = w->loop ? w->loop : ev_loop_new(EVFLAG_AUTO);
	struct log *log = w->log ? w->log : log_new(1, LOG_EMERG);

	memset(w, 0, sizeof(*w));
	w->loop = loop;
	w->log = log;
	w->conf = ppp_usual(false, false, false);
	w->conf.auth_eap = true;
	ppp_init(&w->ppp, w->loop, &w->conf, &ops, w, w->log, 7, 1492);
	ppp_start(&w->ppp);
	open_lcp(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world;
	struct world *w = &world;
	struct buf in = buf_of(data, size);
	uint8_t op, len;

	begin(w);
	while (buf_u8(&in, &op) == 0) {
		struct buf bytes = { in.p, 0 };

		if ((op & 7) < 4 && buf_u8(&in, &len) == 0)
			buf_take(&in, len < in.len ? len : in.len, &bytes);
		step(w, op, bytes);
		check(w);
	}
	ppp_stop(&w->ppp);
	assert(!w->ppp.eap);
	aaa_state_free(w->state);
	return 0;
}
