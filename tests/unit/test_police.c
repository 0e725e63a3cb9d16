/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The arithmetic of rates, and what a rate of the configuration means in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>

#include "dataplane/dataplane.h"
#include "dataplane/rates.h"

#define NS_PER_S 1000000000ull
#define START (1000 * NS_PER_S)
#define MBIT 1000000ull

/* Bytes that pass when packets of `len` come every `gap` ns for so long. */
static uint64_t passed(struct xp_rate *rate, uint64_t from, uint64_t to, uint64_t gap, uint32_t len)
{
	uint64_t sum = 0;

	for (uint64_t now = from; now < to; now += gap)
		if (xp_rate_pass(rate, now, len))
			sum += len;
	return sum;
}

static void expect_about(uint64_t value, uint64_t expected, uint64_t tolerance)
{
	assert_in_range(value, expected - tolerance, expected + tolerance);
}

/* After the burst what passes is the rate, within a packet and a four hundredth, whatever is
 * offered. */
static void test_rates(void **state)
{
	static const struct {
		uint64_t bits_per_s, gap, span_ms;
		uint32_t burst, len;
	} cases[] = {
		{ XP_RATE_MIN, 10000000, 3600000, 1500, 100 },
		{ 8000, 10000000, 600000, 1000, 64 },
		{ 1 * MBIT, 100000, 10000, 10000, 1492 },
		{ 2 * MBIT, 1000000, 60000, 3000, 1400 },
		{ 999999999, 4000, 2000, 1000000, 1492 },
		{ 10000 * MBIT, 100, 1000, 125000, 1492 },
		{ XP_RATE_MAX, 20, 1000, 1000000, 1492 },
		{ XP_RATE_MAX, 4, 50, 1000000, 64 },
		{ XP_RATE_MAX, 4000, 1000, 1000000, 65535 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dp_rate asked = { cases[i].bits_per_s, cases[i].burst };
		struct xp_rate rate = rates_state(&asked);
		uint64_t span = cases[i].span_ms * NS_PER_S / 1000;
		unsigned __int128 bits = (unsigned __int128)asked.bits_per_s * span / NS_PER_S;
		uint64_t rated = (uint64_t)bits / 8;

		expect_about(passed(&rate, START, START + span, cases[i].gap, cases[i].len),
			     rated + asked.burst, cases[i].len + rated / 400);
	}
}

/* A silence fills the bucket and no more. */
static void test_silence(void **state)
{
	struct dp_rate asked = { 1 * MBIT, 9500 };
	struct xp_rate rate = rates_state(&asked);
	uint64_t later = START + 3600 * NS_PER_S;

	(void)state;
	assert_int_equal(passed(&rate, START, START + 50, 1, 1000), 10000);
	assert_int_equal(passed(&rate, START + 60, START + 90, 1, 1000), 0);
	/* 8 ms are 1,000 bytes */
	assert_int_equal(passed(&rate, START + 8 * MBIT, START + 8 * MBIT + 50, 1, 1000), 1000);
	assert_int_equal(passed(&rate, later, later + 50, 1, 1000), 10000);
}

/* Whoever has credit may send any packet, and pays for it afterwards. */
static void test_large_packets(void **state)
{
	struct dp_rate asked = { 1 * MBIT, 1 };
	struct xp_rate rate = rates_state(&asked);

	(void)state;
	assert_true(xp_rate_pass(&rate, START, 65535));
	assert_false(xp_rate_pass(&rate, START + 524 * MBIT, 20));
	assert_true(xp_rate_pass(&rate, START + 525 * MBIT, 20));
}

/* A clock that is a little behind refuses no sooner than the true one would, and costs nothing. */
static void test_late_clock(void **state)
{
	struct dp_rate asked = { 1 * MBIT, 1000 };
	struct xp_rate rate = rates_state(&asked);
	uint64_t until;

	(void)state;
	assert_true(xp_rate_pass(&rate, START, 1000));
	until = rate.until;
	assert_false(xp_rate_pass(&rate, START - 4 * MBIT, 1000));
	assert_int_equal(rate.until, until);
	assert_true(xp_rate_pass(&rate, START + 1, 1000));
}

static void test_bounds(void **state)
{
	struct dp_rate asked = { 1, 0 }, least = { XP_RATE_MIN, 0 };
	struct dp_rate huge = { UINT64_MAX, UINT32_MAX }, most = { XP_RATE_MAX, UINT32_MAX };
	struct dp_rate slow = { XP_RATE_MIN, UINT32_MAX };
	struct xp_rate a = rates_state(&asked), b = rates_state(&least);

	(void)state;
	assert_int_equal(a.price, b.price);
	assert_int_equal(a.depth, b.depth);
	a = rates_state(&huge);
	b = rates_state(&most);
	assert_int_equal(a.price, b.price);
	assert_true(a.price > 0 && a.depth > 0);
	/* the deepest bucket there is does not reach where the clock's sign changes */
	a = rates_state(&slow);
	assert_true(a.depth <= 1ull << 60);
	assert_true(xp_rate_pass(&a, START, 1 << 20));
	assert_true(xp_rate_pass(&a, START, 1 << 20));
	/* without a burst of its own a quarter of a second, or twenty packets */
	asked = (struct dp_rate){ 8 * MBIT, 0 };
	a = rates_state(&asked);
	expect_about(passed(&a, START, START + 1000, 1, 1000), 250000, 1000);
	asked.bits_per_s = 8000;
	a = rates_state(&asked);
	expect_about(passed(&a, START, START + 1000, 1, 1000), 30000, 1000);
}

/* ---- several at once */

#define THREADS 4
#define TIMES 50000
#define LEN 100

struct crowd {
	struct xp_rate rate;
	uint64_t passed;
};

static void *crowd_run(void *arg)
{
	struct crowd *crowd = arg;
	uint64_t mine = 0;

	for (int i = 0; i < TIMES; i++)
		mine += xp_rate_pass(&crowd->rate, START, LEN);
	__atomic_fetch_add(&crowd->passed, mine, __ATOMIC_RELAXED);
	return NULL;
}

/* None is let through twice and none is lost: what passed is what was paid for, and but for packets
 * that gave up their turn, what the bucket held. */
static void test_several_at_once(void **state)
{
	struct dp_rate asked = { 1 * MBIT, THREADS * TIMES / 2 * LEN };
	struct crowd crowd = { .rate = rates_state(&asked) };
	uint64_t cost = crowd.rate.price * LEN >> XP_RATE_SHIFT;
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_run, &crowd), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.rate.until, (START << XP_RATE_TICKS) + crowd.passed * cost);
	assert_in_range(crowd.passed, THREADS * TIMES / 2, THREADS * TIMES / 2 + THREADS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),         cmocka_unit_test(test_silence),
		cmocka_unit_test(test_large_packets), cmocka_unit_test(test_late_clock),
		cmocka_unit_test(test_bounds),        cmocka_unit_test(test_several_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
