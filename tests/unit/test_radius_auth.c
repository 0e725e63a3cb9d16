/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Logins in attributes, both ways, without sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aaa/attribute.h"
#include "aaa/dictionary.h"
#include "aaa/profile.h"
#include "aaa/radius_auth.h"
#include "aaa/radius_eap.h"
#include "log.h"
#include "stderr_text.h"

#define SECRET "xyzzy5461"

static const uint8_t authenticator[RADIUS_AUTHENTICATOR] = { 0x21, 1, 2, 3, 4, 5, 6, 7 };
static uint8_t storage[RADIUS_MAX], eap[RADIUS_MAX];
static struct radius_attrs attrs;
static struct aaa_result result;
static struct dictionary *dictionary;

static void begin(void)
{
	profile_free(result.profile);
	aaa_state_free(result.state);
	result = (struct aaa_result){ 0 };
	attrs = radius_attrs_of(storage, sizeof(storage));
}

static struct buf list(void)
{
	assert_false(attrs.overflow);
	return buf_of(attrs.data, attrs.len);
}

static struct buf value_of(enum attribute_id id)
{
	struct buf value;

	assert_true(attribute_get(list(), id, &value));
	return value;
}

/* ---- requests ---- */

static const uint8_t challenge[16] = { 0xc0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xcf };

static struct ppp_auth_request request_of(enum ppp_auth method, const uint8_t *response, size_t len)
{
	return (struct ppp_auth_request){
		.method = method,
		.username = "anna",
		.ident = 0x5a,
		.challenge = challenge,
		.challenge_len = sizeof(challenge),
		.response = response,
		.response_len = len,
	};
}

static void pap_request(void **state)
{
	uint8_t password[RADIUS_PASSWORD_MAX + 1];
	struct ppp_auth_request r = request_of(PPP_AUTH_PAP, password, RADIUS_PASSWORD_MAX);

	(void)state;
	memset(password, 'p', sizeof(password));
	begin();
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), 0);
	assert_int_equal(value_of(ATTRIBUTE_USER_PASSWORD).len, RADIUS_PASSWORD_MAX);
	begin();
	r.response_len++; /* the attribute has no room for it */
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), -EINVAL);
	assert_int_equal(attrs.len, 0);
}

static void chap_request(void **state)
{
	uint8_t response[16] = { 0xaa };
	struct ppp_auth_request r = request_of(PPP_AUTH_CHAP_MD5, response, sizeof(response));

	(void)state;
	begin();
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), 0);
	assert_int_equal(value_of(ATTRIBUTE_CHAP_PASSWORD).len, 17);
	assert_int_equal(value_of(ATTRIBUTE_CHAP_PASSWORD).p[0], 0x5a);
	assert_memory_equal(value_of(ATTRIBUTE_CHAP_PASSWORD).p + 1, response, 16);
	assert_int_equal(value_of(ATTRIBUTE_CHAP_CHALLENGE).len, 16);
	r.response_len = 15;
	begin();
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), -EINVAL);
}

static void mschapv2_request(void **state)
{
	uint8_t response[49];
	struct ppp_auth_request r = request_of(PPP_AUTH_MSCHAPV2, response, sizeof(response));
	struct buf value;

	(void)state;
	for (size_t i = 0; i < sizeof(response); i++)
		response[i] = (uint8_t)(i + 1);
	begin();
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), 0);
	value = value_of(ATTRIBUTE_MS_CHAP2_RESPONSE);
	assert_int_equal(value.len, 50);
	assert_int_equal(value.p[0], 0x5a);
	assert_int_equal(value.p[1], 49); /* flags */
	assert_memory_equal(value.p + 2, response, 48);
	assert_memory_equal(value_of(ATTRIBUTE_MS_CHAP_CHALLENGE).p, challenge, 16);
	r.response_len = 48;
	begin();
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), -EINVAL);
}

/* RFC 2759 7 in PPP becomes RFC 2548 2.1.6 and 2.3.4. */
static void change_request(void **state)
{
	const struct attribute *enc = attribute_of(ATTRIBUTE_MS_CHAP_NT_ENC_PW);
	uint8_t response[582], password[516];
	struct ppp_auth_request r =
		request_of(PPP_AUTH_MSCHAPV2_CHANGE, response, sizeof(response));
	struct radius_walk walk;
	struct radius_attr attr;
	struct buf value;
	size_t len = 0;
	int n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(response); i++)
		response[i] = (uint8_t)(i * 7);
	begin();
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), 0);
	value = value_of(ATTRIBUTE_MS_CHAP2_CPW);
	assert_int_equal(value.len, 68);
	assert_int_equal(value.p[0], 7);
	assert_int_equal(value.p[1], 0x5a);
	assert_memory_equal(value.p + 2, response + 516, 66);
	walk = radius_walk_of(list());
	while (radius_next(&walk, &attr)) {
		if (attr.vendor != enc->vendor || attr.type != enc->type)
			continue;
		assert_int_equal(attr.value.p[0], 6);
		assert_int_equal(attr.value.p[1], 0x5a);
		assert_int_equal(attr.value.p[3], ++n);
		memcpy(password + len, attr.value.p + 4, attr.value.len - 4);
		len += attr.value.len - 4;
	}
	assert_int_equal(n, 3);
	assert_int_equal(len, sizeof(password));
	assert_memory_equal(password, response, sizeof(password));
	r.response_len = 581;
	begin();
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), -EINVAL);
}

static void no_request(void **state)
{
	struct ppp_auth_request r = request_of(PPP_AUTH_NONE, NULL, 0);

	(void)state;
	begin();
	assert_int_equal(radius_auth_put(&r, NULL, &attrs), -EINVAL);
}

/* ---- replies ---- */

/* What becomes of the attributes; what is logged must have `said` in it, NULL: nothing. */
static void read_as(enum ppp_auth method, uint8_t code, enum ppp_auth_result expected,
		    const char *said)
{
	struct radius_reply reply = {
		.code = code,
		.attrs = list(),
		.secret = SECRET,
		.authenticator = authenticator,
		.server = 7,
	};
	struct radius_auth auth = { .method = method,
				    .username = "an\"na",
				    .log = log_new(1, 7),
				    .dictionary = dictionary };
	struct stderr_text text;

	stderr_begin(&text);
	radius_auth_read(&auth, &reply, &result, eap);
	stderr_end(&text);
	log_free(auth.log);
	if (said)
		assert_non_null(strstr(text.text, said));
	else
		assert_string_equal(text.text, "");
	assert_int_equal(result.ppp.result, expected);
	assert_int_equal(result.profile != NULL, expected == PPP_AUTH_ACCEPT);
	assert_int_equal(result.state != NULL, expected == PPP_AUTH_CHALLENGE);
}

static void accepted(void **state)
{
	(void)state;
	begin();
	attribute_put_text(&attrs, ATTRIBUTE_REPLY_MESSAGE, "good\r\n\x1b[2J");
	attribute_put_text(&attrs, ATTRIBUTE_REPLY_MESSAGE, "m\303\266rning");
	attribute_put_u32(&attrs, ATTRIBUTE_SESSION_TIMEOUT, 600);
	read_as(PPP_AUTH_PAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT, NULL);
	assert_string_equal(result.ppp.message, "good[2J m\303\266rning");
	assert_int_equal(result.ppp.keys, PPP_KEYS_NONE);
	assert_int_equal(result.profile->session_timeout, 600);
	assert_null(result.profile->message);
	begin();
	read_as(PPP_AUTH_CHAP_MD5, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT, NULL);
	assert_string_equal(result.ppp.message, "");
	begin();
}

static void long_messages(void **state)
{
	char text[RADIUS_VALUE_MAX + 1];

	(void)state;
	memset(text, 'x', RADIUS_VALUE_MAX);
	text[RADIUS_VALUE_MAX] = '\0';
	begin();
	for (int i = 0; i < 10; i++)
		attribute_put_text(&attrs, ATTRIBUTE_REPLY_MESSAGE, text);
	read_as(PPP_AUTH_PAP, RADIUS_ACCESS_REJECT, PPP_AUTH_REJECT, NULL);
	assert_int_equal(strlen(result.ppp.message), PPP_MESSAGE_MAX);
	begin();
}

static void wrong_grants(void **state)
{
	(void)state;
	begin();
	attribute_put_u32(&attrs, ATTRIBUTE_FRAMED_MTU, 1);
	read_as(PPP_AUTH_PAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT,
		"reply to user \"an\\x22na\": Framed-MTU: no link has such an MTU; it is left out");
	begin();
	attribute_put_u32(&attrs, ATTRIBUTE_SERVICE_TYPE, 6);
	read_as(PPP_AUTH_PAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_REJECT,
		"Service-Type: it is not Framed, which is all there is here; he is not let in");
	assert_string_equal(result.ppp.message, "authentication failed");
	begin();
}

static void meaningless(void **state)
{
	(void)state;
	begin();
	radius_put(&attrs, 0, RADIUS_MESSAGE_AUTHENTICATOR, authenticator, 16);
	read_as(PPP_AUTH_PAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT, NULL);
	begin();
	radius_put(&attrs, 4711, 9, "x", 1);
	read_as(PPP_AUTH_PAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT,
		"attribute 9 of vendor 4711: it means nothing here; ignored");
	assert_int_equal(dictionary_new(NULL, NULL, &dictionary), 0);
	begin();
	attribute_put(&attrs, ATTRIBUTE_NAS_PORT, "\0\0\0\1", 4); /* known, and of no effect */
	radius_put_u32(&attrs, 0, 13, 1);
	read_as(PPP_AUTH_PAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT,
		"Framed-Compression: it means nothing here; ignored");
	dictionary_free(dictionary);
	dictionary = NULL;
	begin();
}

static const char success[] = "\x5aS=0123456789ABCDEF0123456789abcdefFEDCBA98 M=hello";

static void mschapv2_accept(void **state)
{
	static const uint8_t expected[20] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
					      0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
					      0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98 };

	(void)state;
	begin();
	attribute_put_text(&attrs, ATTRIBUTE_MS_CHAP2_SUCCESS, success);
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT, NULL);
	assert_memory_equal(result.ppp.authenticator_response, expected, 20);
	assert_int_equal(result.ppp.keys, PPP_KEYS_NONE);
	begin();
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_ACCEPT, PPP_AUTH_REJECT,
		"MS-CHAP2-Success: it is missing; he is not let in");
	begin();
	attribute_put(&attrs, ATTRIBUTE_MS_CHAP2_SUCCESS, success, 42);
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_ACCEPT, PPP_AUTH_REJECT, "it is malformed");
	begin();
	attribute_put_text(&attrs, ATTRIBUTE_MS_CHAP2_SUCCESS,
			   "\x5aS=0123456789ABCDEF0123456789abcdefFEDCBA9x M=hello");
	read_as(PPP_AUTH_MSCHAPV2_CHANGE, RADIUS_ACCESS_ACCEPT, PPP_AUTH_REJECT, "it is malformed");
	begin();
	attribute_put(&attrs, ATTRIBUTE_MS_CHAP2_SUCCESS, "", 1);
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_ACCEPT, PPP_AUTH_REJECT, "it is malformed");
	begin();
}

/* RFC 2548 2.4.2: one block after another, each under a digest of the one before. */
static void put_key(enum attribute_id id, const char *secret, const uint8_t *key, uint8_t len)
{
	uint8_t clear[48] = { len }, value[2 + sizeof(clear)] = { 0x80 | (uint8_t)id, 7 };
	size_t padded = (size_t)(len + 1 + 15) / 16 * 16, at;
	uint8_t digest[16];
	unsigned int size;

	memcpy(clear + 1, key, len);
	for (at = 0; at < padded; at += 16) {
		EVP_MD_CTX *md5 = EVP_MD_CTX_new();

		EVP_DigestInit_ex(md5, EVP_md5(), NULL);
		EVP_DigestUpdate(md5, secret, strlen(secret));
		if (at == 0) {
			EVP_DigestUpdate(md5, authenticator, sizeof(authenticator));
			EVP_DigestUpdate(md5, value, 2);
		} else {
			EVP_DigestUpdate(md5, value + 2 + at - 16, 16);
		}
		EVP_DigestFinal_ex(md5, digest, &size);
		EVP_MD_CTX_free(md5);
		for (int i = 0; i < 16; i++)
			value[2 + at + (size_t)i] = clear[at + (size_t)i] ^ digest[i];
	}
	attribute_put(&attrs, id, value, 2 + padded);
}

static void keys(void **state)
{
	uint8_t send[32], receive[32];

	(void)state;
	for (size_t i = 0; i < 32; i++) {
		send[i] = (uint8_t)(i + 1);
		receive[i] = (uint8_t)(0xff - i);
	}
	for (uint8_t len = 16; len <= 32; len += 16) {
		begin();
		attribute_put_text(&attrs, ATTRIBUTE_MS_CHAP2_SUCCESS, success);
		put_key(ATTRIBUTE_MS_MPPE_RECV_KEY, SECRET, receive, len);
		put_key(ATTRIBUTE_MS_MPPE_SEND_KEY, SECRET, send, len);
		read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT, NULL);
		assert_int_equal(result.ppp.keys, PPP_KEYS_READY);
		assert_memory_equal(result.ppp.mppe.send, send, 16);
		assert_memory_equal(result.ppp.mppe.receive, receive, 16);
	}
	begin();
	put_key(ATTRIBUTE_MS_MPPE_RECV_KEY, SECRET, receive, 32);
	put_key(ATTRIBUTE_MS_MPPE_SEND_KEY, SECRET, send, 32);
	read_as(PPP_AUTH_EAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT, NULL);
	assert_int_equal(result.ppp.keys, PPP_KEYS_READY);
	begin();
}

static void broken_keys(void **state)
{
	static const uint8_t zero[20], key[16] = { 9, 9 };

	(void)state;
	begin();
	put_key(ATTRIBUTE_MS_MPPE_SEND_KEY, SECRET, key, 16);
	read_as(PPP_AUTH_EAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_REJECT, "MS-MPPE-Send-Key");
	assert_int_equal(result.ppp.keys, PPP_KEYS_NONE);
	assert_memory_equal(&result.ppp.mppe, (struct mppe_keys[1]){ 0 }, sizeof(result.ppp.mppe));
	begin();
	put_key(ATTRIBUTE_MS_MPPE_SEND_KEY, SECRET, key, 8);
	put_key(ATTRIBUTE_MS_MPPE_RECV_KEY, SECRET, key, 8);
	read_as(PPP_AUTH_EAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_REJECT, "malformed");
	begin();
	attribute_put(&attrs, ATTRIBUTE_MS_MPPE_SEND_KEY, zero, sizeof(zero));
	attribute_put(&attrs, ATTRIBUTE_MS_MPPE_RECV_KEY, zero, sizeof(zero));
	read_as(PPP_AUTH_EAP, RADIUS_ACCESS_ACCEPT, PPP_AUTH_REJECT, "malformed");
	begin();
}

static void mschapv2_reject(void **state)
{
	(void)state;
	begin();
	attribute_put_text(&attrs, ATTRIBUTE_MS_CHAP_ERROR,
			   "\x5a"
			   "E=648 R=1 C=000102030405060708090a0b0c0d0e0f V=3 M=expired");
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_REJECT, PPP_AUTH_REJECT, NULL);
	assert_int_equal(result.ppp.mschap_error, 648);
	assert_true(result.ppp.retry);
	assert_string_equal(result.ppp.message, "expired");
	begin();
	attribute_put_text(&attrs, ATTRIBUTE_REPLY_MESSAGE, "go away");
	attribute_put_text(&attrs, ATTRIBUTE_MS_CHAP_ERROR,
			   "\x5a"
			   "E=647 R=0 V=3 M=disabled");
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_REJECT, PPP_AUTH_REJECT, NULL);
	assert_int_equal(result.ppp.mschap_error, 647);
	assert_false(result.ppp.retry);
	assert_string_equal(result.ppp.message, "go away");
	begin();
	attribute_put_text(&attrs, ATTRIBUTE_MS_CHAP_ERROR,
			   "\x5a"
			   "E=999999999999 R=");
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_REJECT, PPP_AUTH_REJECT, NULL);
	assert_false(result.ppp.retry);
	begin();
	attribute_put(&attrs, ATTRIBUTE_MS_CHAP_ERROR, "Z", 1);
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_REJECT, PPP_AUTH_REJECT, NULL);
	assert_int_equal(result.ppp.mschap_error, 691);
	begin();
	read_as(PPP_AUTH_MSCHAPV2, RADIUS_ACCESS_REJECT, PPP_AUTH_REJECT, NULL);
	assert_int_equal(result.ppp.mschap_error, 691);
	assert_false(result.ppp.retry);
	begin();
}

static void challenges(void **state)
{
	static const uint8_t packet[] = { 1, 2, 0, 6, 4, 9 };

	(void)state;
	begin();
	radius_put_eap(&attrs, packet, sizeof(packet));
	attribute_put(&attrs, ATTRIBUTE_STATE, "state", 5);
	attribute_put_u32(&attrs, ATTRIBUTE_SESSION_TIMEOUT, 30);
	read_as(PPP_AUTH_EAP, RADIUS_ACCESS_CHALLENGE, PPP_AUTH_CHALLENGE, NULL);
	assert_int_equal(result.ppp.eap_len, sizeof(packet));
	assert_memory_equal(result.ppp.eap, packet, sizeof(packet));
	assert_int_equal(result.ppp.eap_timeout, 30);
	assert_int_equal(result.state->server, 7);
	assert_int_equal(result.state->len, 5);
	begin();
	attribute_put(&attrs, ATTRIBUTE_STATE, "state", 5);
	read_as(PPP_AUTH_EAP, RADIUS_ACCESS_CHALLENGE, PPP_AUTH_REJECT, "EAP-Message");
	begin();
	attribute_put_text(&attrs, ATTRIBUTE_REPLY_MESSAGE, "token?");
	attribute_put(&attrs, ATTRIBUTE_STATE, "state", 5);
	read_as(PPP_AUTH_PAP, RADIUS_ACCESS_CHALLENGE, PPP_AUTH_REJECT,
		"PPP cannot put the question");
	assert_string_equal(result.ppp.message, "token?");
	begin();
}

/* Authorization alone proves nothing, and needs no success. */
static void authorize_only(void **state)
{
	(void)state;
	begin();
	attribute_put_u32(&attrs, ATTRIBUTE_IDLE_TIMEOUT, 60);
	read_as(PPP_AUTH_NONE, RADIUS_ACCESS_ACCEPT, PPP_AUTH_ACCEPT, NULL);
	assert_int_equal(result.profile->idle_timeout, 60);
	begin();
}

static void another_code(void **state)
{
	(void)state;
	begin();
	read_as(PPP_AUTH_PAP, RADIUS_ACCOUNTING_RESPONSE, PPP_AUTH_REJECT, NULL);
	begin();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pap_request),      cmocka_unit_test(chap_request),
		cmocka_unit_test(mschapv2_request), cmocka_unit_test(change_request),
		cmocka_unit_test(no_request),       cmocka_unit_test(accepted),
		cmocka_unit_test(long_messages),    cmocka_unit_test(wrong_grants),
		cmocka_unit_test(mschapv2_accept),  cmocka_unit_test(keys),
		cmocka_unit_test(broken_keys),      cmocka_unit_test(mschapv2_reject),
		cmocka_unit_test(challenges),       cmocka_unit_test(authorize_only),
		cmocka_unit_test(another_code),     cmocka_unit_test(meaningless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
