/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PAP (RFC 1334), CHAP with MD5 (RFC 1994), MS-CHAPv2 (RFC 2759) against a clear password. */
#include "aaa/local.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aaa/aaa.h"
#include "aaa/profile.h"
#include "conf/users.h"
#include "ppp/chap_md5.h"
#include "ppp/mschapv2.h"

#define PASSWORD_SIZE 256                /* any password, zero-padded to one length */
#define ERROR_AUTHENTICATION_FAILURE 691 /* RFC 2759 6 */

/* Equal time whatever the passwords' lengths and contents. */
static int verify_pap(const char *password, const struct ppp_auth_request *request)
{
	uint8_t known[PASSWORD_SIZE] = { 0 }, given[PASSWORD_SIZE] = { 0 };
	size_t len = strnlen(password, PASSWORD_SIZE);
	bool equal;

	if (request->response_len > PASSWORD_SIZE)
		return -EACCES;
	memcpy(known, password, len);
	memcpy(given, request->response, request->response_len);
	equal = CRYPTO_memcmp(known, given, PASSWORD_SIZE) == 0;
	equal &= len == request->response_len;
	explicit_bzero(known, sizeof(known));
	explicit_bzero(given, sizeof(given));
	return equal ? 0 : -EACCES;
}

static int verify_chap_md5(const char *password, const struct ppp_auth_request *request)
{
	uint8_t expected[CHAP_MD5_LEN];

	if (request->response_len != sizeof(expected))
		return -EACCES;
	chap_md5_response(request->ident, password, strlen(password), request->challenge,
			  request->challenge_len, expected);
	return CRYPTO_memcmp(expected, request->response, sizeof(expected)) == 0 ? 0 : -EACCES;
}

static int verify_mschapv2(struct mschapv2 *m, const char *password,
			   const struct ppp_auth_request *request, struct ppp_auth_reply *reply)
{
	if (!m || request->response_len != MSCHAPV2_RESPONSE_LEN ||
	    request->challenge_len != MSCHAPV2_CHALLENGE_LEN)
		return -EACCES;
	return mschapv2_verify(m, request->username, password, request->challenge,
			       request->response, reply->authenticator_response,
			       reply->password_hash_hash, reply->nt_response);
}

static int verify(const struct local_call *call, const char *password,
		  const struct ppp_auth_request *request, struct ppp_auth_reply *reply)
{
	switch (request->method) {
	case PPP_AUTH_PAP:
		return verify_pap(password, request);
	case PPP_AUTH_CHAP_MD5:
		return verify_chap_md5(password, request);
	case PPP_AUTH_MSCHAPV2:
		return verify_mschapv2(call->mschapv2, password, request, reply);
	default:
		return -EACCES;
	}
}

/* Who has no number may not log in where numbers are checked, as in npppd. MAC addresses are numbers
 * too, and written in either case. */
static bool calling_number_ok(const struct local_call *call, const struct user *user)
{
	if (!call->check_calling_number)
		return true;
	return user->calling_number && call->calling_number &&
	       strcasecmp(call->calling_number, user->calling_number) == 0;
}

static void reject(const struct ppp_auth_request *request, struct ppp_auth_reply *reply)
{
	explicit_bzero(reply, sizeof(*reply));
	reply->result = PPP_AUTH_REJECT;
	reply->mschap_error = ERROR_AUTHENTICATION_FAILURE;
	reply->retry = request->method == PPP_AUTH_MSCHAPV2;
	snprintf(reply->message, sizeof(reply->message), "authentication failed");
}

void local_authenticate(const struct local_call *call, const struct ppp_auth_request *request,
			struct aaa_result *result)
{
	const struct user *user = users_find(call->users, call->name);
	struct ppp_auth_reply *reply = &result->ppp;
	int r = verify(call, user ? user->password : "nobody's password", request, reply);

	if (user && r == 0 && calling_number_ok(call, user))
		result->profile = profile_copy(user->profile);
	if (!result->profile) {
		reject(request, reply);
		return;
	}
	reply->result = PPP_AUTH_ACCEPT;
	if (user->profile->message)
		snprintf(reply->message, sizeof(reply->message), "%s", user->profile->message);
	if (request->method == PPP_AUTH_MSCHAPV2)
		reply->keys = PPP_KEYS_MSCHAPV2;
}
