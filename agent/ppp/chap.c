/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 1994 4, and what RFC 2759 4 to 7 puts into the same packets. A Response that comes
 * again gets the same answer again (RFC 1994 4.2). After a Failure that may be tried again
 * the challenge is the one in its message, and the peer counts the identifier up by one.
 * A Change-Password comes instead where the Failure said that the password has expired, and
 * is answered like a Response; at other times with error 709.
 */
#include "ppp/chap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "brief.h"
#include "ppp/auth.h"
#include "ppp/chap_md5.h"
#include "ppp/mschapv2.h"
#include "ppp/packet.h"
#include "ppp/ppp.h"

enum chap_code {
	CHAP_CHALLENGE = 1,
	CHAP_RESPONSE,
	CHAP_SUCCESS,
	CHAP_FAILURE,
	CHAP_CHANGE_PASSWORD = 7, /* RFC 2759 7 */
};

#define CHAP_MESSAGE_MAX (PPP_MESSAGE_MAX + 80) /* with E=, C= and the like */

void chap_send_challenge(struct ppp *ppp)
{
	const struct auth_state *s = &ppp->state.auth;
	struct packet_out out;
	char name[65] = "";

	if (ppp->conf->chap_name[0])
		brief_copy(name, sizeof(name), ppp->conf->chap_name);
	else
		gethostname(name, sizeof(name) - 1);
	packet_begin(&out, ppp, CHAP_CHALLENGE, s->ident);
	wbuf_u8(&out.w, sizeof(s->challenge));
	wbuf_put(&out.w, s->challenge, sizeof(s->challenge));
	wbuf_put(&out.w, name, strlen(name));
	packet_send(&out, ppp, PPP_PROTO_CHAP);
}

static void chap_hex(char *out, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02X", bytes[i]);
}

static void chap_mschap_message(const struct auth_state *s, char out[CHAP_MESSAGE_MAX])
{
	char hex[2 * PPP_AUTHENTICATOR_LEN + 1];

	if (s->step == AUTH_ACCEPTED) {
		chap_hex(hex, s->authenticator_response, sizeof(s->authenticator_response));
		snprintf(out, CHAP_MESSAGE_MAX, "S=%s M=%s", hex, s->message);
		return;
	}
	chap_hex(hex, s->challenge, sizeof(s->challenge));
	snprintf(out, CHAP_MESSAGE_MAX, "E=%u R=%d C=%s V=3 M=%s", s->mschap_error,
		 (s->retry & AUTH_MAY_RETRY) != 0, hex, s->message);
}

void chap_send_answer(struct ppp *ppp)
{
	const struct auth_state *s = &ppp->state.auth;
	char message[CHAP_MESSAGE_MAX];
	struct packet_out out;

	if (s->method == PPP_AUTH_MSCHAPV2)
		chap_mschap_message(s, message);
	else
		brief_copy(message, sizeof(message), s->message);
	packet_begin(&out, ppp, s->step == AUTH_ACCEPTED ? CHAP_SUCCESS : CHAP_FAILURE, s->ident);
	wbuf_put(&out.w, message, strlen(message));
	packet_send(&out, ppp, PPP_PROTO_CHAP);
}

/* An answer to the last challenge, or one to the Failure after it, whose identifier is one more. */
static bool chap_ident_fits(struct ppp *ppp, const struct packet *p, uint8_t chance)
{
	const struct auth_state *s = &ppp->state.auth;
	bool again = s->step == AUTH_WAITING && (s->retry & chance);

	if (p->ident == s->ident || (again && p->ident == (uint8_t)(s->ident + 1)))
		return true;
	packet_drop(ppp, XP_R_S_IDENT, "chap code %u, identifier %u, expected %u", p->code,
		    p->ident, s->ident);
	return false;
}

static void chap_response(struct ppp *ppp, const struct packet *p)
{
	struct auth_state *s = &ppp->state.auth;
	uint8_t expected = s->method == PPP_AUTH_MSCHAPV2 ? MSCHAPV2_RESPONSE_LEN : CHAP_MD5_LEN;
	struct buf name = p->data, value;
	uint8_t size;

	if (buf_u8(&name, &size) < 0 || size != expected || buf_take(&name, size, &value) < 0) {
		packet_drop(ppp, XP_R_S_LENGTH, "chap response");
		return;
	}
	if (!chap_ident_fits(ppp, p, AUTH_MAY_RETRY))
		return;
	if (s->step == AUTH_WAITING && (!s->retry || p->ident != s->ident)) {
		s->ident = p->ident;
		auth_submit(ppp, name, value);
	} else if (s->step != AUTH_PENDING) {
		chap_send_answer(ppp);
	}
}

static void chap_refuse_change(struct ppp *ppp, const struct packet *p)
{
	static const struct ppp_auth_reply reject = {
		.result = PPP_AUTH_REJECT,
		.mschap_error = AUTH_MSCHAP_CHANGING_PASSWORD,
	};

	ppp->state.auth.ident = p->ident;
	auth_answer(ppp, &reject);
}

static void chap_change_password(struct ppp *ppp, const struct packet *p)
{
	struct auth_state *s = &ppp->state.auth;

	if (p->data.len != MSCHAPV2_CHANGE_LEN) {
		packet_drop(ppp, XP_R_S_LENGTH, "chap change-password");
	} else if (s->step == AUTH_WAITING && !(s->retry & AUTH_MAY_CHANGE)) {
		chap_refuse_change(ppp, p);
	} else if (!chap_ident_fits(ppp, p, AUTH_MAY_CHANGE)) {
		return;
	} else if (s->step == AUTH_WAITING && p->ident != s->ident) {
		s->ident = p->ident;
		auth_submit_change(ppp, p->data);
	} else if (s->step != AUTH_PENDING) {
		chap_send_answer(ppp);
	}
}

void chap_input(struct ppp *ppp, const struct packet *p)
{
	if (p->code == CHAP_RESPONSE)
		chap_response(ppp, p);
	else if (p->code == CHAP_CHANGE_PASSWORD && ppp->state.auth.method == PPP_AUTH_MSCHAPV2)
		chap_change_password(ppp, p);
	else
		packet_drop(ppp, XP_R_S_CODE, "chap code %u", p->code);
}
