/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tunnel/pppoe/pppoe_cookie.h"

static const struct pppoe_cookie_peer peer = { { 2, 0, 0, 0, 0, 1 }, 7, 100, 200 };
static const struct mono start = { 5000 };

struct jar {
	struct pppoe_cookies *cookies;
	uint8_t cookie[PPPOE_COOKIE_LEN];
	uint64_t serial;
};

static int setup(void **state)
{
	struct jar *jar = calloc(1, sizeof(*jar));

	*state = jar;
	return pppoe_cookies_new(start, &jar->cookies) ||
	       pppoe_cookie_make(jar->cookies, &peer, start, jar->cookie);
}

static int teardown(void **state)
{
	struct jar *jar = *state;

	pppoe_cookies_free(jar->cookies);
	free(jar);
	return 0;
}

static int check(struct jar *jar, int64_t later_ms)
{
	return pppoe_cookie_check(jar->cookies, &peer, mono_add_ms(start, later_ms),
				  buf_of(jar->cookie, sizeof(jar->cookie)), &jar->serial);
}

static void a_cookie_is_good_for_its_lifetime(void **state)
{
	struct jar *jar = *state;

	assert_int_equal(check(jar, 0), 0);
	assert_int_equal(check(jar, CLOCK_COOKIE_LIFETIME_MS), 0);
	assert_int_equal(check(jar, CLOCK_COOKIE_LIFETIME_MS + 1), -EKEYEXPIRED);
	assert_int_equal(jar->serial, 1);
}

static void any_changed_bit_is_forged(void **state)
{
	struct jar *jar = *state;

	for (unsigned int bit = 0; bit < PPPOE_COOKIE_LEN * 8; bit++) {
		jar->cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(check(jar, 0), -EKEYREJECTED);
		jar->cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(jar->serial, 0);
}

static void any_other_length_is_forged(void **state)
{
	struct jar *jar = *state;
	uint8_t longer[PPPOE_COOKIE_LEN + 1] = { 0 };

	memcpy(longer, jar->cookie, PPPOE_COOKIE_LEN);
	for (size_t len = 0; len <= sizeof(longer); len++) {
		if (len == PPPOE_COOKIE_LEN)
			continue;
		assert_int_equal(pppoe_cookie_check(jar->cookies, &peer, start, buf_of(longer, len),
						    &jar->serial),
				 -EKEYREJECTED);
	}
}

static void a_cookie_is_for_one_peer_only(void **state)
{
	struct jar *jar = *state;
	struct pppoe_cookie_peer others[4] = { peer, peer, peer, peer };

	others[0].mac[5]++;
	others[1].ifindex++;
	others[2].vid_outer++;
	others[3].vid_inner++;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pppoe_cookie_check(jar->cookies, &others[i], start,
						    buf_of(jar->cookie, PPPOE_COOKIE_LEN),
						    &jar->serial),
				 -EKEYREJECTED);
}

static void serials_differ(void **state)
{
	struct jar *jar = *state;
	uint8_t second[PPPOE_COOKIE_LEN];

	assert_int_equal(check(jar, 0), 0);
	assert_int_equal(pppoe_cookie_make(jar->cookies, &peer, start, second), 0);
	assert_memory_not_equal(second, jar->cookie, PPPOE_COOKIE_LEN);
	memcpy(jar->cookie, second, PPPOE_COOKIE_LEN);
	assert_int_equal(check(jar, 0), 0);
	assert_int_equal(jar->serial, 2);
}

static void keys_of_two_periods_are_known(void **state)
{
	struct jar *jar = *state;
	uint8_t later[PPPOE_COOKIE_LEN];
	const int64_t period = CLOCK_COOKIE_KEY_MS;

	/* made at the very end of a period, used after the key has changed */
	assert_int_equal(pppoe_cookie_make(jar->cookies, &peer, mono_add_ms(start, period - 1),
					   jar->cookie),
			 0);
	assert_int_equal(pppoe_cookie_make(jar->cookies, &peer, mono_add_ms(start, period), later),
			 0);
	assert_memory_not_equal(later, jar->cookie, 4);
	assert_int_equal(check(jar, period + 1), 0);
	assert_int_equal(check(jar, period + CLOCK_COOKIE_LIFETIME_MS), -EKEYEXPIRED);
	assert_int_equal(
		pppoe_cookie_make(jar->cookies, &peer, mono_add_ms(start, 2 * period), later), 0);
	assert_int_equal(check(jar, 2 * period), -EKEYREJECTED);
}

static void another_instance_has_other_keys(void **state)
{
	struct jar *jar = *state;
	struct pppoe_cookies *other;
	uint64_t serial;

	assert_int_equal(pppoe_cookies_new(start, &other), 0);
	assert_int_equal(pppoe_cookie_check(other, &peer, start,
					    buf_of(jar->cookie, PPPOE_COOKIE_LEN), &serial),
			 -EKEYREJECTED);
	pppoe_cookies_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cookie_is_good_for_its_lifetime, setup, teardown),
		cmocka_unit_test_setup_teardown(any_changed_bit_is_forged, setup, teardown),
		cmocka_unit_test_setup_teardown(any_other_length_is_forged, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cookie_is_for_one_peer_only, setup, teardown),
		cmocka_unit_test_setup_teardown(serials_differ, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_of_two_periods_are_known, setup, teardown),
		cmocka_unit_test_setup_teardown(another_instance_has_other_keys, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
