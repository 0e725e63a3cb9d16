/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/radius_auth.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/attribute.h"
#include "aaa/dictionary.h"
#include "aaa/profile.h"
#include "aaa/radius_eap.h"
#include "log.h"
#include "ppp/chap_md5.h"
#include "ppp/mschapv2.h"

#define MSCHAP2_RESPONSE 50 /* RFC 2548 2.3.2 */
#define MSCHAP2_CPW 68      /* RFC 2548 2.3.4 */
#define CPW_CODE 7
#define ENC_PW_CODE 6
#define ENC_PW_PART 243 /* RFC 2548 2.1.6 */
#define ENC_PW 516      /* RFC 2759 7 */
#define SUCCESS_TEXT 42 /* "S=" and 40 hex digits, RFC 2759 5 */
#define ERROR_AUTHENTICATION_FAILURE 691

/* ---- what the peer proves himself with ---- */

static int put_chap(const struct ppp_auth_request *request, struct radius_attrs *attrs)
{
	uint8_t password[1 + CHAP_MD5_LEN] = { request->ident };

	if (request->response_len != CHAP_MD5_LEN)
		return -EINVAL;
	memcpy(password + 1, request->response, CHAP_MD5_LEN);
	attribute_put(attrs, ATTRIBUTE_CHAP_PASSWORD, password, sizeof(password));
	return attribute_put(attrs, ATTRIBUTE_CHAP_CHALLENGE, request->challenge,
			     request->challenge_len);
}

/* PPP has the flags at the end, RADIUS at the beginning. */
static int put_mschapv2(const struct ppp_auth_request *request, struct radius_attrs *attrs)
{
	uint8_t value[MSCHAP2_RESPONSE];
	struct wbuf w = wbuf_of(value, sizeof(value));

	if (request->response_len != MSCHAPV2_RESPONSE_LEN)
		return -EINVAL;
	wbuf_u8(&w, request->ident);
	wbuf_u8(&w, request->response[MSCHAPV2_RESPONSE_LEN - 1]);
	wbuf_put(&w, request->response, MSCHAPV2_RESPONSE_LEN - 1);
	attribute_put(attrs, ATTRIBUTE_MS_CHAP_CHALLENGE, request->challenge,
		      request->challenge_len);
	return attribute_put(attrs, ATTRIBUTE_MS_CHAP2_RESPONSE, value, sizeof(value));
}

static void put_encrypted_password(const struct ppp_auth_request *request, struct buf password,
				   struct radius_attrs *attrs)
{
	struct buf part;
	uint16_t n = 0;

	while (password.len) {
		uint8_t value[4 + ENC_PW_PART];
		struct wbuf w = wbuf_of(value, sizeof(value));

		buf_take(&password, password.len < ENC_PW_PART ? password.len : ENC_PW_PART, &part);
		wbuf_u8(&w, ENC_PW_CODE);
		wbuf_u8(&w, request->ident);
		wbuf_u16(&w, ++n);
		wbuf_put(&w, part.p, part.len);
		attribute_put(attrs, ATTRIBUTE_MS_CHAP_NT_ENC_PW, value, w.len);
	}
}

/* RFC 2759 7: the new password, encrypted, 516; the old one's hash, 16; challenge, 16; zero, 8;
 * response, 24; flags, 2. */
static int put_change(const struct ppp_auth_request *request, struct radius_attrs *attrs)
{
	struct buf rest = buf_of(request->response, request->response_len), password;
	uint8_t value[MSCHAP2_CPW];
	struct wbuf w = wbuf_of(value, sizeof(value));

	if (request->response_len != MSCHAPV2_CHANGE_LEN || buf_take(&rest, ENC_PW, &password) < 0)
		return -EINVAL;
	wbuf_u8(&w, CPW_CODE);
	wbuf_u8(&w, request->ident);
	wbuf_put(&w, rest.p, rest.len);
	put_encrypted_password(request, password, attrs);
	attribute_put(attrs, ATTRIBUTE_MS_CHAP_CHALLENGE, request->challenge,
		      request->challenge_len);
	return attribute_put(attrs, ATTRIBUTE_MS_CHAP2_CPW, value, w.len);
}

int radius_auth_put(const struct ppp_auth_request *request, const struct aaa_state *state,
		    struct radius_attrs *attrs)
{
	switch (request->method) {
	case PPP_AUTH_PAP:
		if (request->response_len > RADIUS_PASSWORD_MAX)
			return -EINVAL;
		return attribute_put(attrs, ATTRIBUTE_USER_PASSWORD, request->response,
				     request->response_len);
	case PPP_AUTH_CHAP_MD5:
		return put_chap(request, attrs);
	case PPP_AUTH_MSCHAPV2:
		return put_mschapv2(request, attrs);
	case PPP_AUTH_MSCHAPV2_CHANGE:
		return put_change(request, attrs);
	case PPP_AUTH_EAP:
		return radius_eap_put(request, state, attrs);
	default:
		return -EINVAL;
	}
}

/* ---- what is wrong ---- */

static void log_wrong(const struct radius_auth *auth, int level, const char *what, const char *why,
		      const char *so)
{
	char user[PPP_USERNAME_MAX + 1];

	log_msg(auth->log, level, "radius: reply to user \"%s\": %s: %s; %s",
		log_escape(user, sizeof(user), auth->username, strlen(auth->username)), what, why,
		so);
}

static void on_wrong(void *arg, const struct attribute *attribute, const char *why)
{
	log_wrong(arg, LOG_WARNING, attribute->name, why,
		  attribute->strict ? "he is not let in" : "it is left out");
}

static void unusable(const struct radius_auth *auth, const char *what, const char *why)
{
	log_wrong(auth, LOG_WARNING, what, why, "he is not let in");
}

/* What belongs to the packet rather than to the user. */
static bool is_frame(const struct radius_attr *attr)
{
	return attr->vendor == 0 &&
	       (attr->type == RADIUS_EAP_MESSAGE || attr->type == RADIUS_MESSAGE_AUTHENTICATOR);
}

/* For who wonders why something that the server sends has no effect. */
static void log_unknown(const struct radius_auth *auth, struct buf attrs)
{
	struct radius_walk walk = radius_walk_of(attrs);
	struct dictionary_attr known;
	struct radius_attr attr;
	char what[48];

	while (radius_next(&walk, &attr)) {
		if (attribute_find(attr.vendor, attr.type) || is_frame(&attr))
			continue;
		snprintf(what, sizeof(what), "attribute %u of vendor %u", attr.type, attr.vendor);
		if (auth->dictionary &&
		    dictionary_get(auth->dictionary, attr.vendor, attr.type, &known))
			log_wrong(auth, LOG_DEBUG, known.name, "it means nothing here", "ignored");
		else
			log_wrong(auth, LOG_DEBUG, what, "it means nothing here", "ignored");
	}
}

/* ---- messages ---- */

/* Text for the peer, as far as there is room; what is no text is left out. */
static void append(char message[PPP_MESSAGE_MAX + 1], struct buf text)
{
	size_t n = strlen(message), i;

	if (n && n < PPP_MESSAGE_MAX)
		message[n++] = ' ';
	for (i = 0; i < text.len && n < PPP_MESSAGE_MAX; i++)
		if (text.p[i] >= ' ' && text.p[i] != 0x7f)
			message[n++] = (char)text.p[i];
	message[n] = '\0';
}

static void read_messages(struct buf attrs, char message[PPP_MESSAGE_MAX + 1])
{
	const struct attribute *a = attribute_of(ATTRIBUTE_REPLY_MESSAGE);
	struct radius_walk walk = radius_walk_of(attrs);
	struct radius_attr attr;

	while (radius_next(&walk, &attr))
		if (attr.vendor == a->vendor && attr.type == a->type)
			append(message, attr.value);
}

/* "E=691 R=1 C=... V=3 M=text", RFC 2759 6; a number of nine digits at most. */
static unsigned int number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	unsigned int n = 0, digits = 0;

	for (at = at ? at + strlen(key) : ""; isdigit((unsigned char)*at) && digits < 9; digits++)
		n = n * 10 + (unsigned int)(*at++ - '0');
	return n;
}

/* The first octet is the identifier. */
static void read_mschap_error(struct buf value, struct ppp_auth_reply *reply)
{
	char text[RADIUS_VENDOR_VALUE_MAX + 1];
	const char *message;

	if (buf_skip(&value, 1) < 0 || value.len >= sizeof(text))
		return;
	memcpy(text, value.p, value.len);
	text[value.len] = '\0';
	reply->mschap_error = number_after(text, "E=");
	reply->retry = number_after(text, "R=") == 1;
	message = strstr(text, "M=");
	if (message && !*reply->message)
		append(reply->message, buf_of(message + 2, strlen(message + 2)));
}

/* ---- accepted ---- */

static int nibble(uint8_t c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* An identifier, "S=", 40 hex digits, and perhaps a message, which is left out. */
static int read_mschap_success(struct buf attrs, struct ppp_auth_reply *reply)
{
	struct buf value, text;
	size_t i;

	if (!attribute_get(attrs, ATTRIBUTE_MS_CHAP2_SUCCESS, &value))
		return -ENOENT;
	if (buf_skip(&value, 1) < 0 || buf_take(&value, SUCCESS_TEXT, &text) < 0 ||
	    memcmp(text.p, "S=", 2) != 0)
		return -EBADMSG;
	for (i = 2; i < SUCCESS_TEXT; i++)
		if (!isxdigit(text.p[i]))
			return -EBADMSG;
	for (i = 0; i < sizeof(reply->authenticator_response); i++)
		reply->authenticator_response[i] =
			(uint8_t)(nibble(text.p[2 + 2 * i]) << 4 | nibble(text.p[3 + 2 * i]));
	return 0;
}

static int read_key(const struct radius_reply *reply, enum attribute_id id,
		    uint8_t key[MPPE_KEY_LEN])
{
	uint8_t clear[RADIUS_MPPE_KEY_MAX];
	struct buf value;
	size_t len = 0;
	int r;

	if (!attribute_get(reply->attrs, id, &value))
		return -ENOENT;
	r = radius_unhide_mppe_key(value, reply->secret, reply->authenticator, clear, &len);
	/* those of EAP-TLS have 32 octets, of which MPPE takes the first (RFC 3079 3) */
	if (r == 0 && len < MPPE_KEY_LEN)
		r = -EBADMSG;
	if (r == 0)
		memcpy(key, clear, MPPE_KEY_LEN);
	explicit_bzero(clear, sizeof(clear));
	return r;
}

/* The server's Send-Key is that for packets to the peer: from the NAS's side they are named. */
static int read_keys(const struct radius_reply *reply, struct ppp_auth_reply *ppp)
{
	int send = read_key(reply, ATTRIBUTE_MS_MPPE_SEND_KEY, ppp->mppe.send);
	int receive = read_key(reply, ATTRIBUTE_MS_MPPE_RECV_KEY, ppp->mppe.receive);

	if (send == -ENOENT && receive == -ENOENT)
		return 0;
	if (send < 0 || receive < 0)
		return -EBADMSG; /* the caller wipes what there is */
	ppp->keys = PPP_KEYS_READY;
	return 0;
}

static bool is_mschapv2(const struct radius_auth *auth)
{
	return auth->method == PPP_AUTH_MSCHAPV2 || auth->method == PPP_AUTH_MSCHAPV2_CHANGE;
}

static int read_profile(const struct radius_auth *auth, const struct radius_reply *reply,
			struct aaa_result *result)
{
	struct profile *p = profile_new();
	int r = p ? attribute_read_all(reply->attrs, p, on_wrong, (void *)auth) : -ENOMEM;

	if (r < 0) {
		profile_free(p);
		return r;
	}
	log_unknown(auth, reply->attrs);
	/* it is in the reply already, and need not stay with the session */
	free(p->message);
	p->message = NULL;
	p->set &= ~(uint32_t)PROFILE_MESSAGE;
	result->profile = p;
	if (auth->method == PPP_AUTH_EAP)
		result->ppp.username = p->username;
	return 0;
}

/* Whom we could not answer as MS-CHAPv2 wants it does not believe us; whose keys are broken would
 * have a session in which nothing passes. */
static int read_accept(const struct radius_auth *auth, const struct radius_reply *reply,
		       struct aaa_result *result)
{
	int r = 0;

	if (is_mschapv2(auth))
		r = read_mschap_success(reply->attrs, &result->ppp);
	if (r < 0) {
		unusable(auth, attribute_of(ATTRIBUTE_MS_CHAP2_SUCCESS)->name,
			 r == -ENOENT ? "it is missing" : "it is malformed");
		return r;
	}
	if (auth->method == PPP_AUTH_EAP || is_mschapv2(auth))
		r = read_keys(reply, &result->ppp);
	if (r < 0) {
		unusable(auth, "MS-MPPE-Send-Key, MS-MPPE-Recv-Key",
			 "they are malformed, or hidden by another secret");
		return r;
	}
	r = read_profile(auth, reply, result);
	if (r == 0)
		result->ppp.result = PPP_AUTH_ACCEPT;
	return r;
}

/* ---- challenged ---- */

static int read_challenge(const struct radius_auth *auth, const struct radius_reply *reply,
			  struct aaa_result *result, uint8_t eap[RADIUS_MAX])
{
	int r;

	/* RFC 2865 4.4: who cannot ask the user takes it for a reject */
	if (auth->method != PPP_AUTH_EAP) {
		unusable(auth, "Access-Challenge", "PPP cannot put the question");
		return -ENOTSUP;
	}
	r = radius_eap_take(reply, eap, &result->ppp, &result->state);
	if (r < 0 && r != -ENOMEM)
		unusable(auth, "EAP-Message", r == -EPROTO ? "it is missing" : "it is too long");
	return r;
}

/* ---- any ---- */

static void read_reject(const struct radius_auth *auth, const struct radius_reply *reply,
			struct ppp_auth_reply *ppp)
{
	struct buf value;

	if (is_mschapv2(auth) && attribute_get(reply->attrs, ATTRIBUTE_MS_CHAP_ERROR, &value))
		read_mschap_error(value, ppp);
	if (!ppp->mschap_error)
		ppp->mschap_error = ERROR_AUTHENTICATION_FAILURE;
	if (!*ppp->message)
		snprintf(ppp->message, sizeof(ppp->message), "authentication failed");
}

static int read_reply(const struct radius_auth *auth, const struct radius_reply *reply,
		      struct aaa_result *result, uint8_t eap[RADIUS_MAX])
{
	switch (reply->code) {
	case RADIUS_ACCESS_ACCEPT:
		return read_accept(auth, reply, result);
	case RADIUS_ACCESS_CHALLENGE:
		return read_challenge(auth, reply, result, eap);
	case RADIUS_ACCESS_REJECT:
		return -EACCES;
	default:
		return -EBADMSG;
	}
}

void radius_auth_read(const struct radius_auth *auth, const struct radius_reply *reply,
		      struct aaa_result *result, uint8_t eap[RADIUS_MAX])
{
	result->ppp = (struct ppp_auth_reply){ .result = PPP_AUTH_REJECT };
	read_messages(reply->attrs, result->ppp.message);
	if (read_reply(auth, reply, result, eap) == 0)
		return;
	result->ppp.mppe = (struct mppe_keys){ 0 };
	result->ppp.keys = PPP_KEYS_NONE;
	result->ppp.result = PPP_AUTH_REJECT;
	read_reject(auth, reply, &result->ppp);
}
