/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * PAP requests and CHAP responses are repeated after --auth-timeout: who authenticates must take
 * a repeated response (RFC 1994 4.2), since its Success may have been lost. An MS-CHAPv2 server must prove that it
 * knows the password too (RFC 2759 8.8); a wrong proof fails the call.
 */
#include "auth.h"

#include <string.h>

#include "call.h"
#include "client.h"
#include "crypto.h"
#include "eap.h"
#include "ipcp.h"

#define CHAP_MD5 5
#define CHAP_MSCHAPV2 0x81
#define MSCHAP_VALUE 49

enum pap_code {
	PAP_REQUEST = 1,
	PAP_ACK,
	PAP_NAK,
};

enum chap_code {
	CHAP_CHALLENGE = 1,
	CHAP_RESPONSE,
	CHAP_SUCCESS,
	CHAP_FAILURE,
	CHAP_CHANGE_PASSWORD = 7,
};

static unsigned int method_of(uint16_t proto, struct rd rest, uint8_t *algorithm)
{
	*algorithm = 0;
	if (proto == PPP_PAP)
		return rest.len == 0 ? AUTH_PAP : 0;
	if (proto == PPP_EAP)
		return rest.len == 0 ? AUTH_EAP : 0;
	if (proto != PPP_CHAP || !rd_u8(&rest, algorithm) || rest.len)
		return 0;
	if (*algorithm == CHAP_MD5)
		return AUTH_CHAP;
	return *algorithm == CHAP_MSCHAPV2 ? AUTH_MSCHAPV2 : 0;
}

enum ppp_code auth_judge(struct client *client, struct call *call, struct rd value, struct wr *nak)
{
	const uint8_t chap = PPP_CHAP >> 8, low = PPP_CHAP & 0xff;
	uint8_t algorithm;
	uint16_t proto;

	if (!client->opt.auth || !rd_u16(&value, &proto))
		return PPP_CONF_REJ;
	if (method_of(proto, value, &algorithm) & client->opt.auth) {
		call->auth_proto = proto;
		call->auth_algorithm = algorithm;
		return PPP_CONF_ACK;
	}
	if (client->opt.auth & AUTH_MSCHAPV2)
		ppp_put_option(nak, 3, (uint8_t[]){ chap, low, CHAP_MSCHAPV2 }, 3);
	else if (client->opt.auth & AUTH_EAP)
		ppp_put_option(nak, 3, (uint8_t[]){ PPP_EAP >> 8, PPP_EAP & 0xff }, 2);
	else if (client->opt.auth & AUTH_CHAP)
		ppp_put_option(nak, 3, (uint8_t[]){ chap, low, CHAP_MD5 }, 3);
	else
		ppp_put_option(nak, 3, (uint8_t[]){ PPP_PAP >> 8, PPP_PAP & 0xff }, 2);
	return PPP_CONF_NAK;
}

void auth_expand(const struct client *client, const struct call *call, const char *template,
		 char text[AUTH_TEXT_MAX])
{
	if (plan_expand(template, call_number(client, call), call->mac, text, AUTH_TEXT_MAX) < 0)
		text[0] = '\0';
}

static void send_pap(struct client *client, struct call *call)
{
	char user[AUTH_TEXT_MAX], password[AUTH_TEXT_MAX];
	uint8_t data[2 * AUTH_TEXT_MAX];
	struct wr w = { data, 0, sizeof(data), false };

	auth_expand(client, call, client->opt.user, user);
	auth_expand(client, call, client->opt.password, password);
	wr_u8(&w, strlen(user));
	wr_put(&w, user, strlen(user));
	wr_u8(&w, strlen(password));
	wr_put(&w, password, strlen(password));
	ppp_send(client, call, PPP_PAP, PAP_REQUEST, ++call->auth_ident, w.p, w.len);
	call_arm(client, call, client->opt.auth_timeout);
}

void auth_accepted(struct client *client, struct call *call)
{
	call->auth_done = true;
	call_advance(client, call, CALL_IPCP);
	ipcp_start(client, call);
	ccp_begin(client, call);
}

void auth_start(struct client *client, struct call *call)
{
	call->proof_set = false;
	call->eap_asked = call->eap_may_succeed = call->auth_changed = false;
	call->response_len = 0;
	if (!call->auth_proto)
		auth_accepted(client, call);
	else
		auth_again(client, call);
}

static void pap_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	if (call->state != CALL_AUTH || packet->ident != call->auth_ident)
		return;
	if (packet->code == PAP_ACK)
		auth_accepted(client, call);
	else if (packet->code == PAP_NAK)
		call_fail(client, call, FAULT_AUTH_REJECTED);
}

static void send_response(struct client *client, struct call *call, uint8_t ident,
			  const uint8_t *value, size_t len)
{
	char user[AUTH_TEXT_MAX];
	uint8_t data[AUTH_TEXT_MAX + 64];
	struct wr w = { data, 0, sizeof(data), false };

	auth_expand(client, call, client->opt.user, user);
	wr_u8(&w, len);
	wr_put(&w, value, len);
	wr_put(&w, user, strlen(user));
	call->auth_ident = ident;
	memmove(call->response, value, len);
	call->response_len = len;
	ppp_send(client, call, PPP_CHAP, CHAP_RESPONSE, ident, w.p, w.len);
}

bool auth_repeats(const struct call *call)
{
	return call->auth_proto == PPP_PAP || call->response_len;
}

void auth_again(struct client *client, struct call *call)
{
	if (call->auth_proto == PPP_PAP) {
		send_pap(client, call);
		return;
	}
	if (call->response_len)
		send_response(client, call, call->auth_ident, call->response, call->response_len);
	call_arm(client, call, client->opt.auth_timeout);
}

static void respond_md5(struct client *client, struct call *call, uint8_t ident,
			struct rd challenge)
{
	char password[AUTH_TEXT_MAX];
	uint8_t value[16];

	auth_expand(client, call, client->opt.password, password);
	if (crypto_chap(client->crypto, ident, password, challenge.p, challenge.len, value) < 0)
		call_fail(client, call, FAULT_LOCAL);
	else
		send_response(client, call, ident, value, sizeof(value));
}

bool auth_mschap(struct client *client, struct call *call, const uint8_t *challenge,
		 const char *template)
{
	char user[AUTH_TEXT_MAX], password[AUTH_TEXT_MAX];
	uint8_t *value = call->response;
	struct crypto_mschap in = { user, password, challenge, value };

	auth_expand(client, call, client->opt.user, user);
	auth_expand(client, call, template, password);
	memset(value, 0, MSCHAP_VALUE);
	for (unsigned int i = 0; i < CRYPTO_CHALLENGE; i++)
		value[i] = client_random(client);
	if (crypto_mschap(client->crypto, &in, value + 24, call->proof) < 0) {
		call_fail(client, call, FAULT_LOCAL);
		return false;
	}
	call->proof_set = true;
	return true;
}

static void respond_mschap(struct client *client, struct call *call, uint8_t ident,
			   const uint8_t challenge[CRYPTO_CHALLENGE], const char *template)
{
	if (auth_mschap(client, call, challenge, template))
		send_response(client, call, ident, call->response, MSCHAP_VALUE);
}

static void challenge_input(struct client *client, struct call *call,
			    const struct ppp_packet *packet)
{
	struct rd data = packet->data, challenge;
	uint8_t len;

	if (!rd_u8(&data, &len) || !rd_take(&data, len, &challenge) || len == 0) {
		client->stats.malformed++;
		return;
	}
	if (call->auth_algorithm == CHAP_MD5)
		respond_md5(client, call, packet->ident, challenge);
	else if (len == CRYPTO_CHALLENGE)
		respond_mschap(client, call, packet->ident, challenge.p,
			       call->auth_retried ? client->opt.retry_password
						  : client->opt.password);
	else
		client->stats.protocol_errors++;
}

/* "S=" and the proof in capital hex digits (RFC 2759 5). */
static bool proof_matches(const struct call *call, struct rd data)
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t tag[2], pair[2];

	if (!call->proof_set || !rd_copy(&data, tag, 2) || tag[0] != 'S' || tag[1] != '=')
		return false;
	for (unsigned int i = 0; i < CRYPTO_PROOF; i++)
		if (!rd_copy(&data, pair, 2) || pair[0] != digits[call->proof[i] >> 4] ||
		    pair[1] != digits[call->proof[i] & 15])
			return false;
	return true;
}

/* The NT response stands behind the peer's challenge and eight bytes of nothing. */
static bool take_keys(struct client *client, struct call *call)
{
	const struct options *o = &client->opt;
	char password[AUTH_TEXT_MAX];

	auth_expand(client, call,
		    call->auth_changed   ? o->new_password
		    : call->auth_retried ? o->retry_password
					 : o->password,
		    password);
	call->ccp.master_set = crypto_master_key(client->crypto, password, call->response + 24,
						 call->ccp.master) == 0;
	return call->ccp.master_set;
}

bool auth_proven(struct client *client, struct call *call, struct rd message)
{
	if (!proof_matches(call, message)) {
		call_fail(client, call, FAULT_AUTH_PROOF);
		return false;
	}
	if (client->opt.mppe && !take_keys(client, call)) {
		call_fail(client, call, FAULT_LOCAL);
		return false;
	}
	return true;
}

static void success_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	if (call->state != CALL_AUTH || packet->ident != call->auth_ident)
		return;
	if (call->auth_algorithm != CHAP_MSCHAPV2 || auth_proven(client, call, packet->data))
		auth_accepted(client, call);
}

/* RFC 2759 6: "E=691 R=1 C=<32 hex digits> V=3 M=…"; true if it has what is asked for. */
static bool failed_with(struct rd data, const char *what, uint8_t challenge[CRYPTO_CHALLENGE])
{
	char text[AUTH_TEXT_MAX] = { 0 };
	const char *c;

	if (!rd_copy(&data, text, data.len < sizeof(text) ? data.len : sizeof(text) - 1))
		return false;
	c = strstr(text, " C=");
	if (!strstr(text, what) || !c || strspn(c + 3, "0123456789abcdefABCDEF") != 32)
		return false;
	text[c + 35 - text] = '\0';
	return plan_parse_hex(c + 3, challenge, CRYPTO_CHALLENGE) == CRYPTO_CHALLENGE;
}

/* RFC 2759 7. It is not repeated: the tests lose nothing here. */
static void change_password(struct client *client, struct call *call, uint8_t ident,
			    const uint8_t challenge[CRYPTO_CHALLENGE])
{
	char before[AUTH_TEXT_MAX], after[AUTH_TEXT_MAX];
	uint8_t data[CRYPTO_CHANGE + MSCHAP_VALUE + 1] = { 0 };
	struct wr w = { data, CRYPTO_CHANGE, sizeof(data), false };

	auth_expand(client, call, client->opt.password, before);
	auth_expand(client, call, client->opt.new_password, after);
	for (unsigned int i = 0; i < CRYPTO_CHANGE; i++)
		data[i] = client_random(client);
	if (crypto_change(client->crypto, before, after, data) < 0) {
		call_fail(client, call, FAULT_LOCAL);
		return;
	}
	if (!auth_mschap(client, call, challenge, client->opt.new_password))
		return;
	wr_put(&w, call->response, MSCHAP_VALUE); /* its last byte is the first of the flags */
	wr_u8(&w, 0);
	call->auth_changed = true;
	call->auth_ident = ident;
	call->response_len = 0;
	ppp_send(client, call, PPP_CHAP, CHAP_CHANGE_PASSWORD, ident, w.p, w.len);
}

static void failure_input(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	uint8_t challenge[CRYPTO_CHALLENGE];

	if (call->state != CALL_AUTH || packet->ident != call->auth_ident)
		return;
	if (call->auth_algorithm == CHAP_MSCHAPV2 && client->opt.retry_password &&
	    !call->auth_retried && failed_with(packet->data, " R=1", challenge)) {
		call->auth_retried = true;
		respond_mschap(client, call, packet->ident + 1, challenge,
			       client->opt.retry_password);
		return;
	}
	if (call->auth_algorithm == CHAP_MSCHAPV2 && client->opt.new_password &&
	    !call->auth_changed && failed_with(packet->data, "E=648", challenge)) {
		change_password(client, call, packet->ident + 1, challenge);
		return;
	}
	call_fail(client, call, FAULT_AUTH_REJECTED);
}

void auth_input(struct client *client, struct call *call, uint16_t proto,
		const struct ppp_packet *packet)
{
	if (proto != call->auth_proto ||
	    (call->state != CALL_AUTH && call->state != CALL_UP && call->state != CALL_IPCP))
		return;
	if (proto == PPP_PAP)
		pap_input(client, call, packet);
	else if (proto == PPP_EAP)
		eap_input(client, call, packet);
	else if (packet->code == CHAP_CHALLENGE)
		challenge_input(client, call, packet);
	else if (packet->code == CHAP_SUCCESS)
		success_input(client, call, packet);
	else if (packet->code == CHAP_FAILURE)
		failure_input(client, call, packet);
}
