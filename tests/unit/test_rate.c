/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tunnel/rate.h"

#define RATE 10
#define BURST 20

static unsigned int taken(struct bucket *b, unsigned int rate, unsigned int burst, struct mono now,
			  unsigned int tries)
{
	unsigned int n = 0;

	while (tries-- > 0)
		n += bucket_take(b, rate, burst, now);
	return n;
}

static void a_bucket_gives_its_burst_and_then_its_rate(void **state)
{
	struct bucket b = { 0 };
	struct mono now = { 0 };
	unsigned int n = 0;

	(void)state;
	assert_int_equal(taken(&b, 100, 20, now, 1000), 20);
	for (int ms = 0; ms < 10000; ms += 7) {
		now = mono_add_ms(now, 7);
		n += taken(&b, 100, 20, now, 50);
	}
	assert_in_range(n, 990, 1001);
	/* silence does not earn more than the burst */
	now = mono_add_ms(now, 1000LL * 3600 * 24 * 365 * 10);
	assert_int_equal(taken(&b, 4000000000u, 20, now, 1000), 20);
}

static void without_a_rate_there_is_no_limit(void **state)
{
	struct bucket b = { 0 };

	(void)state;
	assert_int_equal(taken(&b, 0, 0, (struct mono){ 0 }, 100000), 100000);
}

static void peers_do_not_share(void **state)
{
	struct mono now = { 1000 };
	struct rates *rates;
	unsigned int a = 0, b = 0;

	(void)state;
	assert_int_equal(rates_new(RATE, BURST, &rates), 0);
	for (int i = 0; i < 1000; i++)
		a += rate_peer(rates, 0x1111, now);
	for (int i = 0; i < 1000; i++)
		b += rate_peer(rates, 0x2111, now); /* in the same set */
	assert_int_equal(a, BURST);
	assert_int_equal(b, BURST);
	now = mono_add_ms(now, 1000);
	for (int i = 0; i < 1000; i++)
		a += rate_peer(rates, 0x1111, now);
	assert_int_equal(a, BURST + RATE);
	rates_free(rates);
}

static void the_peer_that_was_silent_longest_is_forgotten(void **state)
{
	struct rates *rates;

	(void)state;
	assert_int_equal(rates_new(RATE, BURST, &rates), 0);
	for (int i = 0; i < BURST; i++)
		assert_true(rate_peer(rates, 0x0001, (struct mono){ 1000 }));
	/* three others of the set: all fit */
	for (uint64_t peer = 1; peer <= 3; peer++)
		assert_true(rate_peer(rates, peer << 32 | 1, (struct mono){ 1001 }));
	assert_false(rate_peer(rates, 0x0001, (struct mono){ 1002 }));
	/* a fourth takes the place of one of those, not of the one heard last */
	assert_true(rate_peer(rates, 4ull << 32 | 1, (struct mono){ 1003 }));
	assert_false(rate_peer(rates, 0x0001, (struct mono){ 1003 }));
	rates_free(rates);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_gives_its_burst_and_then_its_rate),
		cmocka_unit_test(without_a_rate_there_is_no_limit),
		cmocka_unit_test(peers_do_not_share),
		cmocka_unit_test(the_peer_that_was_silent_longest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
