/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "dataplane/prefixes.h"

static bool covers(const struct prefixes *p, const char *text)
{
	struct in_addr addr;

	assert_int_equal(inet_aton(text, &addr), 1);
	return prefixes_cover(p, addr);
}

static void test_a_net_is_one_prefix(void **state)
{
	struct prefixes p = { 0 };

	(void)state;
	assert_int_equal(prefixes_add(&p, 0x0a000000, 0x0a0000ff), 0);
	assert_int_equal(prefixes_add(&p, 0x0a000000, 0x0a0000ff), 0);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.list[0].net, 0x0a000000);
	assert_int_equal(p.list[0].len, 24);
	prefixes_clear(&p);
}

static void test_an_odd_range_is_covered_exactly(void **state)
{
	static const uint8_t lens[] = { 31, 30, 29, 28, 27, 26, 26, 27, 28, 29, 30, 31 };
	struct prefixes p = { 0 };

	(void)state;
	/* 10.0.0.2 - 10.0.0.253 */
	assert_int_equal(prefixes_add(&p, 0x0a000002, 0x0a0000fd), 0);
	assert_int_equal(p.n, sizeof(lens));
	for (unsigned int i = 0; i < p.n; i++)
		assert_int_equal(p.list[i].len, lens[i]);
	assert_false(covers(&p, "10.0.0.1"));
	assert_true(covers(&p, "10.0.0.2"));
	assert_true(covers(&p, "10.0.0.130"));
	assert_true(covers(&p, "10.0.0.253"));
	assert_false(covers(&p, "10.0.0.254"));
	prefixes_clear(&p);
}

static void test_both_ends_of_the_address_space(void **state)
{
	struct prefixes p = { 0 };

	(void)state;
	assert_int_equal(prefixes_add(&p, UINT32_MAX, UINT32_MAX), 0);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.list[0].len, 32);
	assert_int_equal(prefixes_add(&p, 0, UINT32_MAX), 0);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.list[1].len, 0);
	assert_true(covers(&p, "8.8.8.8"));
	prefixes_clear(&p);
	assert_false(covers(&p, "8.8.8.8"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_net_is_one_prefix),
		cmocka_unit_test(test_an_odd_range_is_covered_exactly),
		cmocka_unit_test(test_both_ends_of_the_address_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
