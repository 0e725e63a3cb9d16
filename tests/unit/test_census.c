/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

#include "census.h"

#define ADDRESSES 4000

static uint32_t state = 12345;

static uint32_t any(void)
{
	state = state * 1664525 + 1013904223;
	return state >> 8;
}

static struct in_addr addr(uint32_t host)
{
	return (struct in_addr){ htonl(host) };
}

/* In few nets, so that they have neighbours. */
static uint32_t any_address(void)
{
	return (10 + any() % 3) << 24 | (any() % 4) << 16 | (any() % 4) << 8 | any() % 256;
}

static uint32_t count_by_hand(const uint32_t *all, size_t n, uint32_t net, uint8_t len)
{
	uint32_t mask = len ? UINT32_MAX << (32 - len) : 0, count = 0;

	for (size_t i = 0; i < n; i++)
		count += all[i] && ((all[i] ^ net) & mask) == 0;
	return count;
}

static bool is_in(const uint32_t *all, size_t n, uint32_t address)
{
	return count_by_hand(all, n, address, 32) > 0;
}

static void compare(const struct census *c, const uint32_t *all)
{
	for (uint8_t len = 0; len <= 32; len++)
		for (int i = 0; i < 20; i++) {
			uint32_t net = any_address();

			assert_int_equal(census_count(c, addr(net), len),
					 count_by_hand(all, ADDRESSES, net, len));
		}
}

static void counts_as_one_would_by_hand(void **unused)
{
	static uint32_t all[ADDRESSES];
	struct census c;

	(void)unused;
	assert_int_equal(census_init(&c), 0);
	for (size_t i = 0; i < ADDRESSES; i++) {
		uint32_t address = any_address();

		if (is_in(all, i, address))
			continue;
		all[i] = address;
		census_add(&c, addr(address));
	}
	compare(&c, all);
	for (size_t i = 0; i < ADDRESSES; i += 2) {
		if (all[i])
			census_del(&c, addr(all[i]));
		all[i] = 0;
	}
	compare(&c, all);
	for (size_t i = 1; i < ADDRESSES; i += 2)
		if (all[i])
			census_del(&c, addr(all[i]));
	assert_int_equal(census_count(&c, addr(0), 0), 0);
	census_fini(&c); /* nothing is left that it would leak */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_as_one_would_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
