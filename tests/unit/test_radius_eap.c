/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* EAP packets and State through RADIUS attributes, both ways. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aaa/aaa.h"
#include "aaa/radius.h"
#include "aaa/radius_eap.h"

#define STATE 24
#define SESSION_TIMEOUT 27

static struct buf attrs_buf(const struct radius_attrs *attrs)
{
	return buf_of(attrs->data, attrs->len);
}

static void a_response_goes_out_whole(void **state)
{
	uint8_t storage[RADIUS_MAX], eap[1400], back[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	const struct ppp_auth_request request = { .method = PPP_AUTH_EAP,
						  .response = eap,
						  .response_len = sizeof(eap) };
	struct buf value;

	(void)state;
	for (size_t i = 0; i < sizeof(eap); i++)
		eap[i] = (uint8_t)(i * 7);
	assert_int_equal(radius_eap_put(&request, NULL, &attrs), 0);
	assert_int_equal(attrs.len, sizeof(eap) + 6 * 2); /* in pieces of 253 */
	assert_int_equal(radius_join(attrs_buf(&attrs), 0, RADIUS_EAP_MESSAGE, back, sizeof(back)),
			 sizeof(eap));
	assert_memory_equal(back, eap, sizeof(eap));
	assert_false(radius_find(attrs_buf(&attrs), 0, STATE, &value));
}

static void a_response_that_does_not_fit_is_told(void **state)
{
	uint8_t storage[100], eap[200] = { 0 };
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	const struct ppp_auth_request request = { .response = eap, .response_len = sizeof(eap) };

	(void)state;
	assert_int_equal(radius_eap_put(&request, NULL, &attrs), -EMSGSIZE);
}

static void state_comes_back_to_its_server(void **state)
{
	static const uint8_t eap[] = { 1, 9, 0, 6, 4, 0 };
	uint8_t storage[RADIUS_MAX], packet[RADIUS_MAX], out[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct radius_attrs next = radius_attrs_of(out, sizeof(out));
	const struct ppp_auth_request request = { .response = eap, .response_len = sizeof(eap) };
	struct radius_reply challenge = { .code = RADIUS_ACCESS_CHALLENGE, .server = 3 };
	struct ppp_auth_reply reply = { .result = PPP_AUTH_REJECT };
	struct aaa_state *given = NULL;
	struct buf value;

	(void)state;
	radius_put_eap(&attrs, eap, sizeof(eap));
	radius_put(&attrs, 0, STATE, "a\0b", 3);
	radius_put_u32(&attrs, 0, SESSION_TIMEOUT, 17);
	challenge.attrs = attrs_buf(&attrs);
	assert_int_equal(radius_eap_take(&challenge, packet, &reply, &given), 0);
	assert_int_equal(reply.result, PPP_AUTH_CHALLENGE);
	assert_int_equal(reply.eap_len, sizeof(eap));
	assert_memory_equal(reply.eap, eap, sizeof(eap));
	assert_int_equal(reply.eap_timeout, 17);
	assert_int_equal(given->server, 3);
	assert_int_equal(radius_eap_put(&request, given, &next), 0);
	assert_true(radius_find(attrs_buf(&next), 0, STATE, &value));
	assert_int_equal(value.len, 3);
	assert_memory_equal(value.p, "a\0b", 3);
	aaa_state_free(given);
}

/* A server need not have a State, but the next round is for it all the same. */
static void without_a_state_the_server_is_known(void **state)
{
	uint8_t storage[64], packet[RADIUS_MAX], out[64];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct radius_attrs next = radius_attrs_of(out, sizeof(out));
	const struct ppp_auth_request request = { .response = (const uint8_t *)"\2\1\0\5\1",
						  .response_len = 5 };
	struct radius_reply challenge = { .server = 8 };
	struct ppp_auth_reply reply = { 0 };
	struct aaa_state *given = NULL;

	(void)state;
	radius_put_eap(&attrs, "\1\1\0\5\1", 5);
	challenge.attrs = attrs_buf(&attrs);
	assert_int_equal(radius_eap_take(&challenge, packet, &reply, &given), 0);
	assert_int_equal(reply.eap_timeout, 0);
	assert_int_equal(given->server, 8);
	assert_int_equal(radius_eap_put(&request, given, &next), 0);
	assert_int_equal(next.len, 7);
	aaa_state_free(given);
	aaa_state_free(NULL);
}

static void a_challenge_without_eap_is_none(void **state)
{
	uint8_t storage[64], packet[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct radius_reply challenge = { .server = 8 };
	struct ppp_auth_reply reply = { .result = PPP_AUTH_REJECT };
	struct aaa_state *given = NULL;

	(void)state;
	radius_put(&attrs, 0, STATE, "abc", 3);
	radius_put(&attrs, 0, SESSION_TIMEOUT, "x", 1); /* four bytes, it should have */
	challenge.attrs = attrs_buf(&attrs);
	assert_int_equal(radius_eap_take(&challenge, packet, &reply, &given), -EPROTO);
	assert_null(given);
	assert_int_equal(reply.result, PPP_AUTH_REJECT);
	radius_put_eap(&attrs, "\1\1\0\5\1", 5);
	challenge.attrs = attrs_buf(&attrs);
	assert_int_equal(radius_eap_take(&challenge, packet, &reply, &given), 0);
	assert_int_equal(reply.eap_timeout, 0);
	aaa_state_free(given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response_goes_out_whole),
		cmocka_unit_test(a_response_that_does_not_fit_is_told),
		cmocka_unit_test(state_comes_back_to_its_server),
		cmocka_unit_test(without_a_state_the_server_is_known),
		cmocka_unit_test(a_challenge_without_eap_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
