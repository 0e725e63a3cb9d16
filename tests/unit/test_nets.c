/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Nets behind sessions and sessions' rates, as the data plane's double has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>

#include "dataplane/dataplane.h"
#include "dataplane/taken.h"

#define SIZE 64
#define POOL 0x0a000000u /* 10.0.0.0/26 */

static const struct dp_dims dims = {
	.spaces = 1,
	.space_size = SIZE,
	.l2tp_first = SIZE,
	.pptp_first = SIZE,
	.pools = 1,
	.pool = { { .base = POOL, .size = 64, .first = 0 } },
	.down_lines = 64 + SIZE,
};

static int setup(void **state)
{
	return dp_double_new(&dims, (struct dataplane **)state);
}

static int teardown(void **state)
{
	struct dataplane *dp = *state;

	dp->ops->free(dp);
	return 0;
}

static struct in_addr in4(const char *text)
{
	struct in_addr addr;

	assert_int_equal(inet_pton(AF_INET, text, &addr), 1);
	return addr;
}

static struct dp_route route(const char *net, uint8_t len)
{
	return (struct dp_route){ .net = in4(net), .len = len };
}

static struct dp_session session(uint16_t sid, const char *addr)
{
	return (struct dp_session){
		.slot = sid,
		.sid = sid,
		.ifindex = 7,
		.addr = in4(addr),
		.netmask = { INADDR_NONE },
		.mtu = 1492,
		.concentrator = "pppac0",
	};
}

static int add(struct dataplane *dp, uint16_t sid, const char *addr, const struct dp_route *routes,
	       unsigned int n)
{
	struct dp_session s = session(sid, addr);

	s.routes = routes;
	s.n_routes = n;
	return dp->ops->session_add(dp, &s);
}

static bool has(struct dataplane *dp, uint16_t sid, const char *addr)
{
	return dp->ops->has_address(dp, sid, in4(addr));
}

/* ---- routes */

static void test_routes_of_a_session(void **state)
{
	const struct dp_route routes[] = { route("192.0.2.77", 24), route("10.0.0.0", 8),
					   route("198.51.100.9", 32) };
	struct dataplane *dp = *state;

	assert_int_equal(add(dp, 1, "10.0.0.1", routes, 3), 0);
	assert_true(has(dp, 1, "10.0.0.1"));
	assert_true(has(dp, 1, "192.0.2.1"));
	assert_true(has(dp, 1, "198.51.100.9"));
	assert_true(has(dp, 1, "10.200.0.1"));
	assert_false(has(dp, 1, "192.0.3.1"));
	assert_false(has(dp, 1, "198.51.100.8"));
	assert_false(has(dp, 2, "192.0.2.1"));
	/* what another session has is not the first one's any more */
	assert_true(has(dp, 1, "10.0.0.2"));
	assert_int_equal(add(dp, 2, "10.0.0.2", NULL, 0), 0);
	assert_false(has(dp, 1, "10.0.0.2"));
	dp->ops->session_del(dp, 2, NULL, NULL);
	assert_true(has(dp, 1, "10.0.0.2"));
	dp->ops->session_del(dp, 1, NULL, NULL);
	assert_false(has(dp, 1, "192.0.2.1"));
}

static void test_the_longest_prefix_has_it(void **state)
{
	const struct dp_route wide = route("172.16.0.0", 12), narrow = route("172.16.5.0", 24);
	struct dataplane *dp = *state;

	assert_int_equal(add(dp, 1, "10.0.0.1", &wide, 1), 0);
	assert_true(has(dp, 1, "172.16.5.1"));
	assert_int_equal(add(dp, 2, "192.0.2.2", &narrow, 1), 0);
	assert_false(has(dp, 1, "172.16.5.1"));
	assert_true(has(dp, 2, "172.16.5.1"));
	assert_true(has(dp, 1, "172.16.6.1"));
	assert_true(has(dp, 2, "192.0.2.2"));
}

/* Twice the same, the session's own address, and host bits are what servers send. */
static void test_what_servers_send(void **state)
{
	const struct dp_route routes[] = { route("192.0.2.1", 24), route("192.0.2.99", 24),
					   route("10.0.0.1", 32) };
	struct dataplane *dp = *state;
	struct dp_route other = route("192.0.2.0", 24);
	struct dp_session s = session(2, "192.0.2.2");

	assert_int_equal(add(dp, 1, "10.0.0.1", routes, 3), 0);
	dp->ops->session_del(dp, 1, NULL, NULL);
	/* a netmask's net is one of the routes as well */
	s.netmask = in4("255.255.255.0");
	s.routes = &other;
	s.n_routes = 1;
	assert_int_equal(dp->ops->session_add(dp, &s), 0);
	assert_true(has(dp, 2, "192.0.2.200"));
	assert_int_equal(dp->ops->routes_set(dp, 2, NULL, 0), 0);
	assert_true(has(dp, 2, "192.0.2.200"));
}

static void test_impossible_routes(void **state)
{
	static const struct {
		const char *net;
		uint8_t len;
	} bad[] = { { "0.0.0.0", 0 },   { "192.0.2.0", 33 }, { "127.0.0.0", 8 },
		    { "224.0.0.0", 4 }, { "240.0.0.0", 8 },  { "0.1.2.0", 24 } };
	struct dp_route many[XP_ROUTES_MAX + 1];
	struct dataplane *dp = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct dp_route routes[] = { route("192.0.2.0", 24),
					     route(bad[i].net, bad[i].len) };

		assert_int_equal(add(dp, 1, "10.0.0.1", routes, 2), -EINVAL);
		assert_int_equal(dp->ops->routes_set(dp, 1, routes, 2), -ENOENT);
	}
	for (unsigned int i = 0; i <= XP_ROUTES_MAX; i++)
		many[i] = (struct dp_route){ { htonl(0xac100000 + (i << 8)) }, 24, 0 };
	assert_int_equal(add(dp, 1, "10.0.0.1", many, XP_ROUTES_MAX + 1), -EINVAL);
	/* nothing of all that was kept */
	assert_int_equal(add(dp, 2, "10.0.0.2", many, XP_ROUTES_MAX), 0);
	assert_true(has(dp, 2, "172.16.15.1"));
	assert_int_equal(dp->ops->routes_set(dp, 2, many, XP_ROUTES_MAX + 1), -EINVAL);
	assert_true(has(dp, 2, "172.16.0.1"));
}

/* When a session comes another one's nets are left out; a change is all or nothing. */
static void test_nets_that_another_has(void **state)
{
	const struct dp_route first[] = { route("192.0.2.0", 24) };
	const struct dp_route both[] = { route("198.51.100.0", 24), route("192.0.2.0", 24) };
	struct dataplane *dp = *state;

	assert_int_equal(add(dp, 1, "10.0.0.1", first, 1), 0);
	assert_int_equal(add(dp, 2, "10.0.0.2", both, 2), 0);
	assert_true(has(dp, 1, "192.0.2.1"));
	assert_true(has(dp, 2, "198.51.100.1"));
	assert_int_equal(dp->ops->routes_set(dp, 1, both, 2), -EADDRINUSE);
	assert_true(has(dp, 1, "192.0.2.1"));
	assert_true(has(dp, 2, "198.51.100.1"));
	dp->ops->session_del(dp, 2, NULL, NULL);
	assert_int_equal(dp->ops->routes_set(dp, 1, both, 2), 0);
	assert_true(has(dp, 1, "198.51.100.1"));
	assert_true(has(dp, 1, "192.0.2.1"));
	/* an address that is a route's cannot be a session's */
	assert_int_equal(
		dp->ops->routes_set(dp, 1, &(struct dp_route){ in4("192.0.2.5"), 32, 0 }, 1), 0);
	assert_false(has(dp, 1, "198.51.100.1"));
	assert_int_equal(add(dp, 2, "192.0.2.5", NULL, 0), -EADDRINUSE);
	assert_int_equal(dp->ops->routes_set(dp, 1, NULL, 0), 0);
	assert_int_equal(add(dp, 2, "192.0.2.5", NULL, 0), 0);
}

/* Random changes, seen by a list of our own. */
static void test_many_changes(void **state)
{
	struct dataplane *dp = *state;
	bool mine[8][32] = { 0 };

	srand(11);
	for (uint16_t sid = 1; sid <= 8; sid++)
		assert_int_equal(dp->ops->session_add(
					 dp, &(struct dp_session){ .slot = sid,
								   .sid = sid,
								   .addr = { htonl(POOL + sid) },
								   .netmask = { INADDR_NONE },
								   .mtu = 1492 }),
				 0);
	for (int i = 0; i < 3000; i++) {
		unsigned int who = (unsigned int)rand() % 8, n = 0;
		struct dp_route routes[XP_ROUTES_MAX];
		bool wanted[32] = { 0 }, free_nets = true;

		for (unsigned int net = 0; net < 32 && n < XP_ROUTES_MAX; net++) {
			if (rand() % 6)
				continue;
			wanted[net] = true;
			routes[n++] =
				(struct dp_route){ { htonl(0xac100000 + (net << 8)) }, 24, 0 };
			for (unsigned int other = 0; other < 8; other++)
				free_nets &= other == who || !mine[other][net];
		}
		assert_int_equal(dp->ops->routes_set(dp, (uint32_t)who + 1, routes, n),
				 free_nets ? 0 : -EADDRINUSE);
		for (unsigned int net = 0; net < 32; net++) {
			struct in_addr inside = { htonl(0xac100007 + (net << 8)) };

			if (free_nets)
				mine[who][net] = wanted[net];
			assert_int_equal(dp->ops->has_address(dp, who + 1, inside), mine[who][net]);
		}
	}
}

static void test_taken(void **state)
{
	struct taken taken;
	uint32_t slot;

	(void)state;
	assert_int_equal(taken_init(&taken), 0);
	assert_false(taken_owner(&taken, 1, &slot));
	assert_int_equal(taken_add(&taken, 0x0a000000, 8, 1), 0);
	assert_int_equal(taken_add(&taken, 0x0a000000, 8, 2), -EADDRINUSE);
	assert_int_equal(taken_add(&taken, 0x0a000000, 16, 2), 0);
	assert_int_equal(taken_add(&taken, 0x0a000001, 32, 3), 0);
	assert_true(taken_owner(&taken, 0x0a000001, &slot) && slot == 3);
	assert_true(taken_owner(&taken, 0x0a000002, &slot) && slot == 2);
	assert_true(taken_owner(&taken, 0x0aff0002, &slot) && slot == 1);
	assert_false(taken_owner(&taken, 0x0b000000, &slot));
	taken_del(&taken, 0x0a000000, 16, 1);
	assert_true(taken_find(&taken, 0x0a000000, 16, &slot) && slot == 2);
	taken_del(&taken, 0x0a000000, 16, 2);
	assert_true(taken_owner(&taken, 0x0a000002, &slot) && slot == 1);
	taken_clear(&taken);
}

/* ---- rates */

static unsigned int passes(struct dataplane *dp, uint32_t slot, bool up, unsigned int times)
{
	unsigned int n = 0;

	while (times-- > 0)
		n += dp->ops->rate_pass(dp, slot, up, 1000);
	return n;
}

static void test_rates_of_a_session(void **state)
{
	struct dp_session s = session(1, "10.0.0.1");
	struct dataplane *dp = *state;
	struct dp_counters counters;

	s.rate_up = (struct dp_rate){ XP_RATE_MIN, 9500 };
	assert_int_equal(dp->ops->session_add(dp, &s), 0);
	assert_int_equal(passes(dp, 1, true, 15), 10);
	assert_int_equal(passes(dp, 1, false, 15), 15);
	assert_int_equal(dp->ops->session_counters(dp, 1, &counters), 0);
	assert_int_equal(counters.rate_up_drops, 5);
	assert_int_equal(counters.rate_down_drops, 0);
	assert_int_equal(counters.drops, 0);
	dp->ops->session_del(dp, 1, &counters, NULL);
	assert_int_equal(counters.rate_up_drops, 5);
	/* the next session in the slot has neither */
	assert_int_equal(add(dp, 1, "10.0.0.1", NULL, 0), 0);
	assert_int_equal(passes(dp, 1, true, 50), 50);
	assert_int_equal(dp->ops->session_counters(dp, 1, &counters), 0);
	assert_int_equal(counters.rate_up_drops, 0);
}

/* A debt at a slow rate is gone with it, in both directions. */
static void test_rates_change(void **state)
{
	struct dp_rate none = { 0 }, slow = { XP_RATE_MIN, 1 }, other = { XP_RATE_MIN, 2500 };
	struct dataplane *dp = *state;

	assert_int_equal(dp->ops->rate_set(dp, 1, &slow, &slow), -ENOENT);
	assert_int_equal(add(dp, 1, "10.0.0.1", NULL, 0), 0);
	assert_int_equal(dp->ops->rate_set(dp, 1, &slow, &none), 0);
	assert_int_equal(passes(dp, 1, true, 9), 1);
	assert_int_equal(passes(dp, 1, false, 9), 9);
	assert_int_equal(dp->ops->rate_set(dp, 1, &other, &slow), 0);
	assert_int_equal(passes(dp, 1, true, 9), 3);
	assert_int_equal(passes(dp, 1, false, 9), 1);
	assert_int_equal(dp->ops->rate_set(dp, 1, &none, &none), 0);
	assert_int_equal(passes(dp, 1, true, 9), 9);
	assert_int_equal(passes(dp, 1, false, 9), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_routes_of_a_session, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_longest_prefix_has_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_servers_send, setup, teardown),
		cmocka_unit_test_setup_teardown(test_impossible_routes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nets_that_another_has, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_changes, setup, teardown),
		cmocka_unit_test(test_taken),
		cmocka_unit_test_setup_teardown(test_rates_of_a_session, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rates_change, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
