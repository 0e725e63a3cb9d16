/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "dataplane/dataplane.h"

#define NET(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static struct dp_dims dims_of(unsigned int max_session, const struct conf_range *ranges, size_t n)
{
	struct conf conf = { .max_session = max_session };
	struct conf_ipcp ipcp = { .name = (char *)"POOL" };
	struct conf_range copy[64];
	struct dp_dims dims;

	assert_true(n <= 64);
	STAILQ_INIT(&conf.ipcps);
	STAILQ_INIT(&ipcp.ranges);
	for (size_t i = 0; i < n; i++) {
		copy[i] = ranges[i];
		STAILQ_INSERT_TAIL(&ipcp.ranges, &copy[i], entry);
	}
	STAILQ_INSERT_TAIL(&conf.ipcps, &ipcp, entry);
	memset(&dims, 0xff, sizeof(dims));
	dp_dims(&conf, &dims);
	return dims;
}

static void test_one_space_has_spare_ids(void **state)
{
	static const struct {
		unsigned int max_session;
		uint32_t spaces, size;
	} cases[] = {
		{ 1, 1, 128 },       { 63, 1, 128 },      { 64, 1, 256 },      { 10000, 1, 16384 },
		{ 30000, 1, 65536 }, { 52427, 1, 65536 }, { 52428, 3, 65536 }, { 100000, 4, 65536 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dp_dims dims = dims_of(cases[i].max_session, NULL, 0);

		assert_int_equal(dims.spaces, cases[i].spaces);
		assert_int_equal(dims.space_size, cases[i].size);
		assert_true(dims.spaces * dims.space_size > cases[i].max_session);
		assert_int_equal(dims.pools, 0);
		assert_int_equal(dims.down_lines, dims.spaces * dims.space_size);
	}
}

/* Only a bound tunnel of this kind makes room. */
static void test_l2tp_stands_behind_pppoe(void **state)
{
	struct conf_tunnel tunnel = { .protocol = CONF_L2TP };
	struct conf conf = { .max_session = 100000 };
	struct dp_dims dims;

	(void)state;
	STAILQ_INIT(&conf.tunnels);
	STAILQ_INIT(&conf.ipcps);
	STAILQ_INSERT_TAIL(&conf.tunnels, &tunnel, entry);
	dp_dims(&conf, &dims);
	assert_int_equal(dims.l2tp_spaces, 0);
	assert_int_equal(dp_slots(&dims), 4 * 65536);
	tunnel.bound = true;
	dp_dims(&conf, &dims);
	assert_int_equal(dims.l2tp_first, 4 * 65536);
	assert_int_equal(dims.l2tp_spaces, 4);
	assert_int_equal(dims.l2tp_space_size, 65536);
	assert_int_equal(dp_slots(&dims), 8 * 65536);
	assert_int_equal(dims.down_lines, 8 * 65536);
	tunnel.protocol = CONF_PPPOE;
	dp_dims(&conf, &dims);
	assert_int_equal(dims.l2tp_spaces, 0);
}

static void test_ranges_get_lines_one_after_the_other(void **state)
{
	const struct conf_range ranges[] = {
		{ .first = NET(10, 0, 0, 0), .last = NET(10, 0, 3, 255), .cidr = true },
		{ .first = NET(10, 9, 0, 10), .last = NET(10, 9, 0, 10), .is_static = true },
		{ .first = 0, .last = UINT32_MAX }, /* far too large */
	};
	struct dp_dims dims = dims_of(100, ranges, 3);

	(void)state;
	assert_int_equal(dims.pools, 2);
	assert_int_equal(dims.pool[0].base, NET(10, 0, 0, 0));
	assert_int_equal(dims.pool[0].size, 1024);
	assert_int_equal(dims.pool[0].first, 0);
	assert_int_equal(dims.pool[1].base, NET(10, 9, 0, 10));
	assert_int_equal(dims.pool[1].size, 1);
	assert_int_equal(dims.pool[1].first, 1024);
	assert_int_equal(dims.down_lines, 1025 + dims.spaces * dims.space_size);
}

static void test_range_size_limit_grows_with_sessions(void **state)
{
	const struct conf_range range = { .first = NET(10, 0, 0, 0), .last = NET(10, 1, 255, 255) };

	(void)state;
	assert_int_equal(dims_of(32767, &range, 1).pools, 0);
	assert_int_equal(dims_of(32768, &range, 1).pools, 1);
}

static void test_neighbours_and_overlaps_share_an_entry(void **state)
{
	const struct conf_range ranges[] = {
		{ .first = NET(10, 0, 1, 0), .last = NET(10, 0, 1, 255) },
		{ .first = NET(10, 0, 0, 0), .last = NET(10, 0, 0, 255) },
		{ .first = NET(10, 0, 0, 128), .last = NET(10, 0, 1, 10) },
		{ .first = NET(10, 0, 2, 1), .last = NET(10, 0, 2, 9) }, /* 10.0.2.0 between */
		{ .first = NET(255, 255, 255, 0), .last = NET(255, 255, 255, 255) },
		{ .first = 0, .last = 9 },
	};
	struct dp_dims dims = dims_of(100, ranges, 6);

	(void)state;
	assert_int_equal(dims.pools, 4);
	assert_int_equal(dims.pool[0].base, NET(10, 0, 0, 0));
	assert_int_equal(dims.pool[0].size, 512);
	assert_int_equal(dims.pool[1].base, NET(10, 0, 2, 1));
	assert_int_equal(dims.pool[2].size, 256);
	assert_int_equal(dims.pool[3].size, 10);
}

static void test_too_many_ranges_keep_the_large_ones(void **state)
{
	struct conf_range ranges[40];
	struct dp_dims dims;

	(void)state;
	memset(ranges, 0, sizeof(ranges));
	for (uint32_t i = 0; i < 40; i++) {
		ranges[i].first = NET(10, i, 0, 0);
		ranges[i].last = NET(10, i, 0, i);
	}
	dims = dims_of(100, ranges, 40);
	assert_int_equal(dims.pools, XP_POOLS);
	for (uint32_t i = 0; i < XP_POOLS; i++)
		assert_true(dims.pool[i].size > 40 - XP_POOLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_space_has_spare_ids),
		cmocka_unit_test(test_l2tp_stands_behind_pppoe),
		cmocka_unit_test(test_ranges_get_lines_one_after_the_other),
		cmocka_unit_test(test_range_size_limit_grows_with_sessions),
		cmocka_unit_test(test_neighbours_and_overlaps_share_an_entry),
		cmocka_unit_test(test_too_many_ranges_keep_the_large_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
