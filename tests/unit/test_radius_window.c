/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "aaa/radius_window.h"

#define MOST 4096

static struct mono now = { 1000000 };

/* One round: everything that may be outstanding is answered. */
static void round_trip(struct radius_window *w, int64_t rtt_us)
{
	uint32_t i, n = w->size;

	for (i = 0; i < n; i++)
		radius_window_answered(w, now, rtt_us, w->size);
	now.ms += rtt_us / 1000;
}

static void test_opens(void **state)
{
	struct radius_window w;
	int i;

	(void)state;
	radius_window_init(&w, MOST);
	round_trip(&w, 100000);
	assert_int_equal(w.size, 128);
	for (i = 0; i < 20; i++)
		round_trip(&w, 100000);
	assert_int_equal(w.size, MOST);
}

static void test_nothing_to_send(void **state)
{
	struct radius_window w;
	int i;

	(void)state;
	radius_window_init(&w, MOST);
	for (i = 0; i < 1000; i++)
		radius_window_answered(&w, now, 1000, 3);
	assert_int_equal(w.size, 64);
}

/* A server of 5,000 a second: the window stays near what it works off promptly. */
static void test_busy_server(void **state)
{
	struct radius_window w;
	int i;

	(void)state;
	radius_window_init(&w, MOST);
	round_trip(&w, 500);
	for (i = 0; i < 100; i++)
		round_trip(&w, (int64_t)w.size * 1000000 / 5000);
	assert_in_range(w.size, 64, 200);
}

/* It has become slower for good: after some minutes that is what is usual. */
static void test_slower_for_good(void **state)
{
	struct radius_window w;
	int i;

	(void)state;
	radius_window_init(&w, MOST);
	round_trip(&w, 500);
	for (i = 0; i < 100; i++)
		round_trip(&w, 200000);
	assert_in_range(w.size, 64, 160);
	for (i = 0; i < 1000; i++)
		round_trip(&w, 200000);
	assert_int_equal(w.size, MOST);
}

static void test_halved_once(void **state)
{
	struct radius_window w;
	int i;

	(void)state;
	radius_window_init(&w, MOST);
	for (i = 0; i < 3; i++)
		round_trip(&w, 1000);
	assert_int_equal(w.size, 512);
	for (i = 0; i < 100; i++)
		radius_window_missed(&w, (struct mono){ 10000 + i }, 3000);
	assert_int_equal(w.size, 256);
	/* then an eighth more at each round */
	round_trip(&w, 1000);
	assert_int_equal(w.size, 256 + 32);
	radius_window_missed(&w, (struct mono){ 13000 }, 3000);
	assert_int_equal(w.size, 144);
}

static void test_never_closed(void **state)
{
	struct radius_window w;
	int64_t i;

	(void)state;
	radius_window_init(&w, MOST);
	for (i = 1; i < 100; i++)
		radius_window_missed(&w, (struct mono){ i * 10000 }, 3000);
	assert_int_equal(w.size, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens),       cmocka_unit_test(test_nothing_to_send),
		cmocka_unit_test(test_busy_server), cmocka_unit_test(test_slower_for_good),
		cmocka_unit_test(test_halved_once), cmocka_unit_test(test_never_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
