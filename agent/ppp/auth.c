/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Authentication phase, RFC 1661 3.5. The method's packets are in pap.c, chap.c and eap.c; steps,
 * answers and the timer are here.
 *
 * Timer: CLOCK_AUTH_TIMEOUT_MS (EAP: or what the server says) while the peer owes us something;
 * CLOCK_AUTH_TRIES of them end the link. It does not run while the owner decides, nor when an
 * MS-CHAPv2 user may try again and has to type (RFC 2759 6): there the watchdog of the phase is
 * enough.
 *
 * A link belongs to one user: authenticating again as somebody else is refused. Failures are
 * counted until one is accepted, so that LCP beginning anew gives nobody more tries; and the owner
 * is asked AUTH_ASKED_MAX times at most until the link is up, since asking may cost a server's time.
 *
 * Asked again while the link is open, the peer keeps what it has until it is refused.
 */
#include "ppp/auth.h"

#include <errno.h>
#include <string.h>

#include "brief.h"
#include "chance.h"
#include "ppp/ccp.h"
#include "ppp/chap.h"
#include "ppp/chap_md5.h"
#include "ppp/eap.h"
#include "ppp/packet.h"
#include "ppp/pap.h"
#include "ppp/phase.h"
#include "ppp/ppp.h"

#define AUTH_RETRIES 2 /* after the first failure */
#define AUTH_ASKED_MAX 3

static const char *const auth_names[] = {
	[PPP_AUTH_NONE] = "none",         [PPP_AUTH_PAP] = "pap", [PPP_AUTH_CHAP_MD5] = "chap",
	[PPP_AUTH_MSCHAPV2] = "mschapv2", [PPP_AUTH_EAP] = "eap",
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
	unsigned int ms = ppp->eap ? eap_timeout_ms(ppp) : CLOCK_AUTH_TIMEOUT_MS;

	ev_timer_stop(ppp->loop, &ppp->auth_timer);
	ev_timer_set(&ppp->auth_timer, ms / 1000., 0.);
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
	if (ppp->eap)
		eap_again(ppp);
	else if (ppp->state.auth.method != PPP_AUTH_PAP)
		chap_send_challenge(ppp);
}

void auth_init(struct ppp *ppp)
{
	ev_init(&ppp->auth_timer, auth_timer_cb);
	ppp->auth_timer.data = ppp;
}

static void auth_new_challenge(struct auth_state *s)
{
	chance(s->challenge, sizeof(s->challenge));
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

static int auth_ask_peer(struct ppp *ppp)
{
	struct auth_state *s = &ppp->state.auth;
	int r = s->method == PPP_AUTH_EAP ? eap_begin(ppp) : 0;

	if (r < 0)
		return r;
	s->tries = 0;
	s->retry = 0;
	s->step = AUTH_WAITING;
	auth_timer_start(ppp);
	if (s->method == PPP_AUTH_PAP || s->method == PPP_AUTH_EAP)
		return 0;
	s->ident++;
	auth_new_challenge(s);
	chap_send_challenge(ppp);
	return 0;
}

void auth_start(struct ppp *ppp)
{
	struct auth_state *s = &ppp->state.auth;

	s->method = ppp->state.lcp.auth;
	if (ppp->proxy && auth_adopt(ppp, ppp->proxy))
		return;
	if (s->method == PPP_AUTH_NONE) { /* nothing is allowed: nobody is let in */
		phase_terminate(ppp, CAUSE_AUTH);
		return;
	}
	if (auth_ask_peer(ppp) < 0)
		phase_terminate(ppp, CAUSE_RESOURCES);
}

int ppp_reauthenticate(struct ppp *ppp)
{
	struct auth_state *s = &ppp->state.auth;

	if (ppp->state.phase != PPP_OPENED || s->step != AUTH_ACCEPTED)
		return -EBUSY;
	if (s->method == PPP_AUTH_PAP)
		return -ENOTSUP;
	s->asked = 0;
	return auth_ask_peer(ppp);
}

void auth_settled(struct ppp *ppp)
{
	ppp->state.auth.asked = 0;
}

void auth_stop(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->auth_timer);
	eap_end(ppp);
	ppp->state.auth.step = AUTH_IDLE;
}

static uint16_t auth_protocol(const struct auth_state *s)
{
	return s->method == PPP_AUTH_PAP   ? PPP_PROTO_PAP
	       : s->method == PPP_AUTH_EAP ? PPP_PROTO_EAP
					   : PPP_PROTO_CHAP;
}

void auth_input(struct ppp *ppp, uint16_t proto, struct buf frame)
{
	const struct auth_state *s = &ppp->state.auth;
	struct packet p;

	if (s->step == AUTH_IDLE || proto != auth_protocol(s)) {
		packet_drop(ppp, XP_R_S_STATE, "protocol %04x in phase %s with %s", proto,
			    ppp_phase_name(ppp), ppp_auth_name(s->method));
		return;
	}
	if (packet_parse(frame, &p) < 0) {
		packet_drop(ppp, XP_R_S_LENGTH, "protocol %04x in %zu octets", proto, frame.len);
		return;
	}
	if (proto == PPP_PROTO_PAP)
		pap_input(ppp, &p);
	else if (proto == PPP_PROTO_EAP)
		eap_input(ppp, &p);
	else
		chap_input(ppp, &p);
}

/* The name of the peer, unless no user can have it. Behind an EAP identity may be anybody. */
static bool auth_take_name(struct ppp *ppp, struct buf name)
{
	struct auth_state *s = &ppp->state.auth;
	char given[PPP_USERNAME_MAX + 1];

	if (name.len > PPP_USERNAME_MAX || memchr(name.p, '\0', name.len))
		return false;
	memcpy(given, name.p, name.len);
	given[name.len] = '\0';
	if (ppp->eap)
		strcpy(eap_identity(ppp), given);
	if (s->admitted)
		return ppp->eap || strcmp(s->username, given) == 0;
	strcpy(s->username, given);
	return true;
}

int ppp_auth_identify(struct ppp *ppp, const struct ppp_auth_reply *reply)
{
	struct auth_state *s = &ppp->state.auth;
	const char *name;

	if (!ppp->eap)
		return 0;
	name = reply->username ? reply->username : eap_identity(ppp);
	if (strlen(name) > PPP_USERNAME_MAX || (s->admitted && strcmp(s->username, name) != 0))
		return -EPERM;
	strcpy(s->username, name);
	return 0;
}

static bool auth_may_ask(struct ppp *ppp)
{
	uint8_t asked = ppp->state.auth.asked;

	if (asked < AUTH_ASKED_MAX)
		return true;
	packet_drop(ppp, XP_R_S_STATE, "authenticated %u times and not up", asked);
	return false;
}

static void auth_ask_owner(struct ppp *ppp, enum ppp_auth method, struct buf response, bool first)
{
	struct auth_state *s = &ppp->state.auth;
	bool chap = auth_protocol(s) == PPP_PROTO_CHAP;
	const struct ppp_auth_request request = {
		.method = method,
		.username = ppp->eap ? eap_identity(ppp) : s->username,
		.ident = s->ident,
		.challenge = chap ? s->challenge : NULL,
		.challenge_len = chap ? sizeof(s->challenge) : 0,
		.response = response.p,
		.response_len = response.len,
		.mtu = (uint16_t)packet_room(ppp),
		.first = first,
	};

	ev_timer_stop(ppp->loop, &ppp->auth_timer);
	s->step = AUTH_PENDING;
	ppp->ops->authenticate(ppp->owner, &request);
}

/* A try begins. NULL: with the name that the peer had before. */
static void auth_try(struct ppp *ppp, enum ppp_auth method, const struct buf *name,
		     struct buf response)
{
	static const struct ppp_auth_reply reject = { .result = PPP_AUTH_REJECT };

	ev_timer_stop(ppp->loop, &ppp->auth_timer);
	if (!auth_may_ask(ppp) || (name && !auth_take_name(ppp, *name))) {
		auth_answer(ppp, &reject);
		return;
	}
	ppp->state.auth.asked++;
	auth_ask_owner(ppp, method, response, true);
}

void auth_submit(struct ppp *ppp, struct buf name, struct buf response)
{
	auth_try(ppp, (enum ppp_auth)ppp->state.auth.method, &name, response);
}

void auth_submit_change(struct ppp *ppp, struct buf response)
{
	auth_try(ppp, PPP_AUTH_MSCHAPV2_CHANGE, NULL, response);
}

void auth_continue(struct ppp *ppp, struct buf response)
{
	auth_ask_owner(ppp, PPP_AUTH_EAP, response, false);
}

bool ppp_auth_pending(const struct ppp *ppp)
{
	return ppp->state.auth.step == AUTH_PENDING;
}

void ppp_auth_done(struct ppp *ppp, const struct ppp_auth_reply *reply)
{
	struct auth_state *s = &ppp->state.auth;

	if (!ppp_auth_pending(ppp))
		return;
	if (reply->result != PPP_AUTH_CHALLENGE || eap_challenge(ppp, reply) < 0) {
		auth_answer(ppp, reply);
		return;
	}
	s->step = AUTH_WAITING;
	s->tries = 0;
	auth_timer_start(ppp);
}

static void auth_send_answer(struct ppp *ppp)
{
	switch (auth_protocol(&ppp->state.auth)) {
	case PPP_PROTO_PAP:
		pap_send_answer(ppp);
		break;
	case PPP_PROTO_EAP:
		eap_send_answer(ppp);
		eap_end(ppp);
		break;
	default:
		chap_send_answer(ppp);
	}
}

/* What the peer may do about a reject: not where it would keep an open link meanwhile. */
static uint8_t auth_chances(const struct ppp *ppp, const struct ppp_auth_reply *reply)
{
	const struct auth_state *s = &ppp->state.auth;

	if (s->method != PPP_AUTH_MSCHAPV2 || ppp->state.phase != PPP_AUTHENTICATE ||
	    s->failures >= AUTH_RETRIES)
		return 0;
	return (reply->retry ? AUTH_MAY_RETRY : 0) |
	       (reply->mschap_error == AUTH_MSCHAP_PASSWORD_EXPIRED ? AUTH_MAY_CHANGE : 0);
}

void auth_answer(struct ppp *ppp, const struct ppp_auth_reply *reply)
{
	struct auth_state *s = &ppp->state.auth;

	brief_copy(s->message, sizeof(s->message), reply->message);
	memcpy(s->authenticator_response, reply->authenticator_response,
	       sizeof(s->authenticator_response));
	s->mschap_error = reply->mschap_error ? reply->mschap_error : AUTH_MSCHAP_FAILURE;
	if (reply->result == PPP_AUTH_ACCEPT && ppp_auth_identify(ppp, reply) == 0) {
		s->step = AUTH_ACCEPTED;
		s->admitted = 1;
		s->failures = 0;
		if (ppp->state.phase == PPP_AUTHENTICATE || reply->keys != PPP_KEYS_NONE)
			ccp_take_keys(ppp, reply);
		auth_send_answer(ppp);
		phase_admit(ppp);
		return;
	}
	s->retry = auth_chances(ppp, reply);
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
