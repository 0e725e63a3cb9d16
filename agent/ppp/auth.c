/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Authentication phase, RFC 1661 3.5. The method's packets are in pap.c and chap.c; steps,
 * answers and the timer are here.
 *
 * Timer: CLOCK_AUTH_TIMEOUT_MS while the peer owes us something; CLOCK_AUTH_TRIES of them
 * end the link. It does not run while the owner decides, nor when an MS-CHAPv2 user may try
 * again and has to type (RFC 2759 6): there the watchdog of the phase is enough.
 *
 * A link belongs to one user: authenticating again as somebody else is refused. Failures are
 * counted until one is accepted, so that LCP beginning anew gives nobody more tries; and the owner
 * is asked AUTH_ASKED_MAX times at most until the link is up, since asking may cost a server's time.
 */
#include "ppp/auth.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ppp/ccp.h"
#include "ppp/chap.h"
#include "ppp/chap_md5.h"
#include "ppp/packet.h"
#include "ppp/pap.h"
#include "ppp/phase.h"
#include "ppp/ppp.h"

#define AUTH_RETRIES 2 /* after the first failure */
#define AUTH_ASKED_MAX 3

static const char *const auth_names[] = {
	[PPP_AUTH_NONE] = "none",
	[PPP_AUTH_PAP] = "pap",
	[PPP_AUTH_CHAP_MD5] = "chap",
	[PPP_AUTH_MSCHAPV2] = "mschapv2",
};

const char *ppp_auth_name(enum ppp_auth method)
{
	return (unsigned int)method <= PPP_AUTH_METHODS ? auth_names[method] : "unknown";
}

const char *ppp_username(const struct ppp *ppp)
{
	return ppp->state.auth.username;
}

static void auth_timer_start(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->auth_timer);
	ev_timer_set(&ppp->auth_timer, CLOCK_AUTH_TIMEOUT_MS / 1000., 0.);
	ev_timer_start(ppp->loop, &ppp->auth_timer);
}

static void auth_timer_cb(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct ppp *ppp = timer->data;

	(void)loop;
	(void)revents;
	if (++ppp->state.auth.tries >= CLOCK_AUTH_TRIES) {
		phase_terminate(ppp, CAUSE_AUTH_TIMEOUT);
		return;
	}
	auth_timer_start(ppp);
	if (ppp->state.auth.method != PPP_AUTH_PAP)
		chap_send_challenge(ppp);
}

void auth_init(struct ppp *ppp)
{
	ev_init(&ppp->auth_timer, auth_timer_cb);
	ppp->auth_timer.data = ppp;
}

static void auth_new_challenge(struct auth_state *s)
{
	if (RAND_bytes(s->challenge, sizeof(s->challenge)) != 1)
		abort();
}

/* What the peer has answered to somebody else; false: it must answer us. */
static bool auth_adopt(struct ppp *ppp, const struct ppp_proxy *proxy)
{
	struct auth_state *s = &ppp->state.auth;
	bool chap = proxy->auth == PPP_AUTH_CHAP_MD5;

	if (proxy->auth == PPP_AUTH_NONE || proxy->auth != ppp->state.lcp.auth || !proxy->name.p)
		return false;
	if (chap &&
	    (proxy->challenge.len != sizeof(s->challenge) || proxy->response.len != CHAP_MD5_LEN))
		return false;
	s->method = ppp->state.lcp.auth;
	s->step = AUTH_WAITING;
	s->ident = proxy->ident;
	if (chap)
		memcpy(s->challenge, proxy->challenge.p, sizeof(s->challenge));
	auth_submit(ppp, proxy->name, proxy->response);
	return true;
}

void auth_start(struct ppp *ppp)
{
	struct auth_state *s = &ppp->state.auth;

	s->method = ppp->state.lcp.auth;
	s->tries = 0;
	s->retry = 0;
	if (ppp->proxy && auth_adopt(ppp, ppp->proxy))
		return;
	if (s->method == PPP_AUTH_NONE) { /* nothing is allowed: nobody is let in */
		phase_terminate(ppp, CAUSE_AUTH);
		return;
	}
	s->step = AUTH_WAITING;
	auth_timer_start(ppp);
	if (s->method == PPP_AUTH_PAP)
		return;
	s->ident++;
	auth_new_challenge(s);
	chap_send_challenge(ppp);
}

void auth_settled(struct ppp *ppp)
{
	ppp->state.auth.asked = 0;
}

void auth_stop(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->auth_timer);
	ppp->state.auth.step = AUTH_IDLE;
}

void auth_input(struct ppp *ppp, uint16_t proto, struct buf frame)
{
	const struct auth_state *s = &ppp->state.auth;
	uint16_t expected = s->method == PPP_AUTH_PAP ? PPP_PROTO_PAP : PPP_PROTO_CHAP;
	struct packet p;

	if (s->step == AUTH_IDLE || proto != expected) {
		packet_drop(ppp, XP_R_S_STATE, "protocol %04x in phase %s with %s", proto,
			    ppp_phase_name(ppp), ppp_auth_name(s->method));
		return;
	}
	if (packet_parse(frame, &p) < 0) {
		packet_drop(ppp, XP_R_S_LENGTH, "protocol %04x in %zu octets", proto, frame.len);
		return;
	}
	if (s->method == PPP_AUTH_PAP)
		pap_input(ppp, &p);
	else
		chap_input(ppp, &p);
}

/* The name of the peer, unless no user can have it. */
static bool auth_take_name(struct auth_state *s, struct buf name)
{
	if (name.len > PPP_USERNAME_MAX || memchr(name.p, '\0', name.len))
		return false;
	if (s->admitted)
		return strlen(s->username) == name.len &&
		       memcmp(s->username, name.p, name.len) == 0;
	memcpy(s->username, name.p, name.len);
	s->username[name.len] = '\0';
	return true;
}

static bool auth_may_ask(struct ppp *ppp)
{
	uint8_t asked = ppp->state.auth.asked;

	if (asked < AUTH_ASKED_MAX)
		return true;
	packet_drop(ppp, XP_R_S_STATE, "authenticated %u times and not up", asked);
	return false;
}

void auth_submit(struct ppp *ppp, struct buf name, struct buf response)
{
	static const struct ppp_auth_reply reject = { .result = PPP_AUTH_REJECT };
	struct auth_state *s = &ppp->state.auth;
	const struct ppp_auth_request request = {
		.method = (enum ppp_auth)s->method,
		.username = s->username,
		.ident = s->ident,
		.challenge = s->method == PPP_AUTH_PAP ? NULL : s->challenge,
		.challenge_len = s->method == PPP_AUTH_PAP ? 0 : sizeof(s->challenge),
		.response = response.p,
		.response_len = response.len,
	};

	ev_timer_stop(ppp->loop, &ppp->auth_timer);
	if (!auth_may_ask(ppp) || !auth_take_name(s, name)) {
		auth_answer(ppp, &reject);
		return;
	}
	s->asked++;
	s->step = AUTH_PENDING;
	ppp->ops->authenticate(ppp->owner, &request);
}

void ppp_auth_done(struct ppp *ppp, const struct ppp_auth_reply *reply)
{
	if (ppp->state.auth.step == AUTH_PENDING)
		auth_answer(ppp, reply);
}

static void auth_send_answer(struct ppp *ppp)
{
	if (ppp->state.auth.method == PPP_AUTH_PAP)
		pap_send_answer(ppp);
	else
		chap_send_answer(ppp);
}

void auth_answer(struct ppp *ppp, const struct ppp_auth_reply *reply)
{
	struct auth_state *s = &ppp->state.auth;

	snprintf(s->message, sizeof(s->message), "%s", reply->message);
	memcpy(s->authenticator_response, reply->authenticator_response,
	       sizeof(s->authenticator_response));
	s->mschap_error = reply->mschap_error ? reply->mschap_error : AUTH_MSCHAP_FAILURE;
	if (reply->result == PPP_AUTH_ACCEPT) {
		s->step = AUTH_ACCEPTED;
		s->admitted = 1;
		s->failures = 0;
		ccp_take_keys(ppp, reply);
		auth_send_answer(ppp);
		phase_admit(ppp);
		return;
	}
	s->retry = s->method == PPP_AUTH_MSCHAPV2 && reply->retry && s->failures < AUTH_RETRIES;
	s->failures++;
	if (s->retry) {
		s->step = AUTH_WAITING;
		auth_new_challenge(s);
		auth_send_answer(ppp);
		return;
	}
	s->step = AUTH_REJECTED;
	auth_send_answer(ppp);
	phase_terminate(ppp, CAUSE_AUTH);
}
