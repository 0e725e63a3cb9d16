/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The server repeats what is not answered, so nothing is repeated here; a request that comes again
 * gets the same answer again (RFC 3748 4.1). Success is believed after a method only, and with
 * MS-CHAPv2 after the server's proof.
 */
#include "eap.h"

#include <string.h>

#include "auth.h"
#include "call.h"
#include "client.h"
#include "crypto.h"

enum eap_code {
	EAP_REQUEST = 1,
	EAP_RESPONSE,
	EAP_SUCCESS,
	EAP_FAILURE,
};

enum eap_type {
	EAP_IDENTITY = 1,
	EAP_NOTIFICATION = 2,
	EAP_NAK = 3,
	EAP_MD5 = 4,
	EAP_MSCHAPV2 = 26,
};

/* The operations of EAP-MSCHAPv2. */
enum eap_op {
	EAP_OP_CHALLENGE = 1,
	EAP_OP_RESPONSE,
	EAP_OP_SUCCESS,
	EAP_OP_FAILURE,
};

struct eap_answer {
	struct wr w;
	uint8_t bytes[2 * AUTH_TEXT_MAX];
};

static struct wr *begin(struct eap_answer *a, enum eap_type type)
{
	a->w = (struct wr){ a->bytes, 0, sizeof(a->bytes), false };
	wr_u8(&a->w, type);
	return &a->w;
}

static void answer(struct client *client, struct call *call, struct eap_answer *a)
{
	ppp_send(client, call, PPP_EAP, EAP_RESPONSE, call->auth_ident, a->w.p, a->w.len);
}

static void put_text(struct client *client, struct call *call, const char *template, struct wr *w)
{
	char text[AUTH_TEXT_MAX];

	auth_expand(client, call, template, text);
	wr_put(w, text, strlen(text));
}

static void identity(struct client *client, struct call *call)
{
	const struct options *o = &client->opt;
	struct eap_answer a;

	put_text(client, call, o->eap_identity ? o->eap_identity : o->user,
		 begin(&a, EAP_IDENTITY));
	answer(client, call, &a);
}

static void refuse(struct client *client, struct call *call)
{
	struct eap_answer a;
	struct wr *w = begin(&a, EAP_NAK);

	wr_u8(w, client->opt.eap & EAP_BY_MSCHAPV2 ? EAP_MSCHAPV2 : EAP_MD5);
	answer(client, call, &a);
}

/* RFC 3748 5.4 */
static void md5(struct client *client, struct call *call, struct rd data)
{
	char password[AUTH_TEXT_MAX];
	struct eap_answer a;
	struct rd challenge;
	struct wr *w = begin(&a, EAP_MD5);
	uint8_t len, value[16];

	if (!rd_u8(&data, &len) || !rd_take(&data, len, &challenge) || len == 0) {
		client->stats.malformed++;
		return;
	}
	auth_expand(client, call, client->opt.password, password);
	if (crypto_chap(client->crypto, call->auth_ident, password, challenge.p, challenge.len,
			value) < 0) {
		call_fail(client, call, FAULT_LOCAL);
		return;
	}
	call->eap_may_succeed = true;
	wr_u8(w, sizeof(value));
	wr_put(w, value, sizeof(value));
	put_text(client, call, client->opt.user, w);
	answer(client, call, &a);
}

static void mschap_challenge(struct client *client, struct call *call, uint8_t id, struct rd data)
{
	struct eap_answer a;
	struct rd challenge;
	struct wr *w = begin(&a, EAP_MSCHAPV2);
	uint8_t len;

	if (!rd_u8(&data, &len) || len != CRYPTO_CHALLENGE || !rd_take(&data, len, &challenge)) {
		client->stats.malformed++;
		return;
	}
	/* a request that comes again is not for another response */
	if (!call->eap_again && !auth_mschap(client, call, challenge.p, client->opt.password))
		return;
	wr_u8(w, EAP_OP_RESPONSE);
	wr_u8(w, id);
	wr_u16(w, 0);
	wr_u8(w, sizeof(call->response));
	wr_put(w, call->response, sizeof(call->response));
	put_text(client, call, client->opt.user, w);
	wr_patch_u16(w, 3, w->len - 1);
	answer(client, call, &a);
}

static void mschap_result(struct client *client, struct call *call, uint8_t op, struct rd data)
{
	struct eap_answer a;

	if (op == EAP_OP_SUCCESS && !auth_proven(client, call, data))
		return;
	call->eap_may_succeed = op == EAP_OP_SUCCESS;
	wr_u8(begin(&a, EAP_MSCHAPV2), op);
	answer(client, call, &a);
}

static void mschap(struct client *client, struct call *call, struct rd data)
{
	uint8_t op, id;
	uint16_t len;

	if (!rd_u8(&data, &op) || !rd_u8(&data, &id) || !rd_u16(&data, &len))
		client->stats.malformed++;
	else if (op == EAP_OP_CHALLENGE)
		mschap_challenge(client, call, id, data);
	else if (op == EAP_OP_SUCCESS || op == EAP_OP_FAILURE)
		mschap_result(client, call, op, data);
	else
		client->stats.protocol_errors++;
}

static void request(struct client *client, struct call *call, uint8_t type, struct rd data)
{
	struct eap_answer a;

	switch (type) {
	case EAP_IDENTITY:
		identity(client, call);
		break;
	case EAP_NOTIFICATION:
		begin(&a, EAP_NOTIFICATION);
		answer(client, call, &a);
		break;
	case EAP_MD5:
		if (client->opt.eap & EAP_BY_MD5)
			md5(client, call, data);
		else
			refuse(client, call);
		break;
	case EAP_MSCHAPV2:
		if (client->opt.eap & EAP_BY_MSCHAPV2)
			mschap(client, call, data);
		else
			refuse(client, call);
		break;
	default:
		refuse(client, call);
	}
}

/* While the session is up, the server may ask again who we are. */
static bool expects_request(const struct call *call)
{
	return call->state == CALL_AUTH || call->state == CALL_IPCP || call->state == CALL_UP;
}

static void request_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	struct rd data = packet->data;
	uint8_t type;

	if (!rd_u8(&data, &type)) {
		client->stats.malformed++;
		return;
	}
	if (!expects_request(call))
		return;
	call->eap_again = call->eap_asked && packet->ident == call->auth_ident;
	call->eap_asked = true;
	call->auth_ident = packet->ident;
	if (type == EAP_IDENTITY)
		call->eap_may_succeed = false;
	request(client, call, type, data);
	if (call->state == CALL_AUTH) {
		call->tries = 0;
		call_arm(client, call, client->opt.auth_timeout);
	}
}

static void result_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	if (packet->ident != call->auth_ident || packet->data.len)
		client->stats.protocol_errors++;
	else if (packet->code == EAP_FAILURE && call->state == CALL_AUTH)
		call_fail(client, call, FAULT_AUTH_REJECTED);
	else if (packet->code == EAP_SUCCESS && !call->eap_may_succeed)
		call_fail(client, call, FAULT_AUTH_PROOF);
	else if (packet->code == EAP_SUCCESS && call->state == CALL_AUTH)
		auth_accepted(client, call);
}

void eap_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	if (packet->code == EAP_REQUEST)
		request_input(client, call, packet);
	else if (packet->code == EAP_SUCCESS || packet->code == EAP_FAILURE)
		result_input(client, call, packet);
	else
		client->stats.protocol_errors++;
}
