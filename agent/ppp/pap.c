/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 1334 2.2. The peer repeats its Authenticate-Request until it is answered, each perhaps
 * with a new identifier: while the owner decides, the last identifier is kept for the
 * answer; afterwards the same answer is given again.
 */
#include "ppp/pap.h"

#include <string.h>

#include "ppp/auth.h"
#include "ppp/packet.h"
#include "ppp/ppp.h"

enum pap_code {
	PAP_REQUEST = 1,
	PAP_ACK,
	PAP_NAK,
};

static int pap_field(struct buf *b, struct buf *field)
{
	uint8_t len;
	int r = buf_u8(b, &len);

	return r < 0 ? r : buf_take(b, len, field);
}

void pap_input(struct ppp *ppp, const struct packet *p)
{
	struct auth_state *s = &ppp->state.auth;
	struct buf data = p->data, name, password;

	if (p->code != PAP_REQUEST) {
		packet_drop(ppp, XP_R_S_CODE, "pap code %u", p->code);
		return;
	}
	if (pap_field(&data, &name) < 0 || pap_field(&data, &password) < 0) {
		packet_drop(ppp, XP_R_S_LENGTH, "pap request");
		return;
	}
	s->ident = p->ident;
	if (s->step == AUTH_WAITING)
		auth_submit(ppp, name, password);
	else if (s->step != AUTH_PENDING)
		pap_send_answer(ppp);
}

void pap_send_answer(struct ppp *ppp)
{
	const struct auth_state *s = &ppp->state.auth;
	struct packet_out out;
	size_t len = strlen(s->message);

	packet_begin(&out, ppp, s->step == AUTH_ACCEPTED ? PAP_ACK : PAP_NAK, s->ident);
	wbuf_u8(&out.w, (uint8_t)len);
	wbuf_put(&out.w, s->message, len);
	packet_send(&out, ppp, PPP_PROTO_PAP);
}
