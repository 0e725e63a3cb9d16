/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 3748 as pass-through authenticator (2.3). We ask for the identity; all requests after that are the
 * server's, with its identifiers, and what the peer answers goes to it as it is, a Nak too. Of the
 * responses only code, identifier and length are looked at, and the first must be an Identity.
 *
 * Lock-step (2.1): a response counts while its request is the last one and not answered.
 * Requests that are not answered are sent again (4.3) by the timer of auth.c; a server may say
 * after how many seconds (RFC 3579 2.3). Success and Failure are made here from the server's
 * decision, so that the peer hears what is really done (RFC 3579 2.6.3), and are sent once (4.2): a peer
 * that misses Success sees IPCP begin (3.4).
 *
 * A conversation has memory only while it lasts, and EAP_ROUNDS_MAX rounds at most.
 */
#include "ppp/eap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ppp/auth.h"
#include "ppp/packet.h"
#include "ppp/ppp.h"

#define EAP_ROUNDS_MAX 64 /* EAP-TLS with long chains of certificates takes 20 or 30 */
#define EAP_TIMEOUT_MAX_S 30

enum eap_code {
	EAP_REQUEST = 1,
	EAP_RESPONSE,
	EAP_SUCCESS,
	EAP_FAILURE,
};

#define EAP_TYPE_IDENTITY 1

struct eap {
	char identity[PPP_USERNAME_MAX + 1];
	unsigned int timeout_ms;
	unsigned int rounds; /* requests of the server */
	size_t len;
	uint8_t request[PACKET_MAX]; /* the last one */
};

char *eap_identity(struct ppp *ppp)
{
	return ppp->eap->identity;
}

unsigned int eap_timeout_ms(const struct ppp *ppp)
{
	return ppp->eap->timeout_ms;
}

void eap_again(struct ppp *ppp)
{
	ppp->ops->send(ppp->owner, PPP_PROTO_EAP, ppp->eap->request, ppp->eap->len);
}

int eap_begin(struct ppp *ppp)
{
	struct eap *eap = calloc(1, sizeof(*eap));
	struct wbuf w;

	if (!eap)
		return -ENOMEM;
	eap_end(ppp);
	ppp->eap = eap;
	eap->timeout_ms = CLOCK_AUTH_TIMEOUT_MS;
	w = wbuf_of(eap->request, sizeof(eap->request));
	wbuf_u8(&w, EAP_REQUEST);
	wbuf_u8(&w, ++ppp->state.auth.ident);
	wbuf_u16(&w, PACKET_HEADER + 1);
	wbuf_u8(&w, EAP_TYPE_IDENTITY);
	eap->len = w.len;
	eap_again(ppp);
	return 0;
}

void eap_end(struct ppp *ppp)
{
	free(ppp->eap);
	ppp->eap = NULL;
}

int eap_challenge(struct ppp *ppp, const struct ppp_auth_reply *reply)
{
	struct eap *eap = ppp->eap;
	unsigned int seconds = reply->eap_timeout;
	struct packet p;

	if (!eap || !reply->eap || packet_parse(buf_of(reply->eap, reply->eap_len), &p) < 0 ||
	    p.code != EAP_REQUEST || p.data.len == 0 || p.whole.len > packet_room(ppp)) {
		packet_drop(ppp, XP_R_S_LENGTH, "eap of the server in %zu octets", reply->eap_len);
		return -EPROTO;
	}
	if (++eap->rounds > EAP_ROUNDS_MAX) {
		packet_drop(ppp, XP_R_S_STATE, "eap in more than %d rounds", EAP_ROUNDS_MAX);
		return -EPROTO;
	}
	memcpy(eap->request, p.whole.p, p.whole.len);
	eap->len = p.whole.len;
	eap->timeout_ms = seconds == 0                  ? CLOCK_AUTH_TIMEOUT_MS
			  : seconds < EAP_TIMEOUT_MAX_S ? seconds * 1000
							: EAP_TIMEOUT_MAX_S * 1000;
	ppp->state.auth.ident = p.ident;
	eap_again(ppp);
	return 0;
}

void eap_send_answer(struct ppp *ppp)
{
	const struct auth_state *s = &ppp->state.auth;
	struct packet_out out;

	packet_begin(&out, ppp, s->step == AUTH_ACCEPTED ? EAP_SUCCESS : EAP_FAILURE, s->ident);
	packet_send(&out, ppp, PPP_PROTO_EAP);
}

static void eap_response(struct ppp *ppp, const struct packet *p)
{
	struct buf data = p->data;
	uint8_t type;

	if (buf_u8(&data, &type) < 0)
		packet_drop(ppp, XP_R_S_LENGTH, "eap response without a type");
	else if (ppp->eap->rounds > 0)
		auth_continue(ppp, p->whole);
	else if (type == EAP_TYPE_IDENTITY)
		auth_submit(ppp, data, p->whole);
	else
		packet_drop(ppp, XP_R_S_CODE, "eap response of type %u, expected an identity",
			    type);
}

void eap_input(struct ppp *ppp, const struct packet *p)
{
	const struct auth_state *s = &ppp->state.auth;

	if (p->code != EAP_RESPONSE)
		packet_drop(ppp, XP_R_S_CODE, "eap code %u", p->code);
	else if (s->step != AUTH_WAITING)
		packet_drop(ppp, XP_R_S_STATE, "eap response %u that nobody waits for", p->ident);
	else if (p->ident != s->ident)
		packet_drop(ppp, XP_R_S_IDENT, "eap response %u, expected %u", p->ident, s->ident);
	else
		eap_response(ppp, p);
}
