/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Routes and rates of sessions, from the data plane's operations to packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "net.h"
#include "plane.h"

#define INSIDE 0xac10010au   /* 172.16.1.10, in the first route */
#define INSIDE2 0xac110203u  /* 172.17.2.3, in the second */
#define OTHERS 0xac100109u   /* 172.16.1.9, of another session */
#define NET_POOL 0x0a000000u /* 10.0.0.0/24 */
#define LEN 60               /* of what the plane sends */

static struct dp_route route(uint32_t net, uint8_t len, uint32_t metric)
{
	return (struct dp_route){ { htonl(net) }, len, metric };
}

static void map_seen(void *arg, const struct dp_map *map)
{
	struct dp_map *ask = arg;

	if (!strcmp(map->name, ask->name))
		*ask = *map;
}

static uint32_t map_used(struct plane *p, const char *name)
{
	struct dp_map ask = { .name = name };

	p->dp->ops->maps(p->dp, map_seen, &ask);
	assert_true(ask.size > 0 && ask.used <= ask.size);
	return ask.used;
}

static bool kernel_has(const char *route)
{
	return net_says("ip route show dev pppac0", route);
}

/* From one subscriber to what is behind another. */
static void hairpin(struct plane *p, uint16_t sid, uint32_t from, uint16_t to_sid, uint32_t to)
{
	plane_send_up(p, sid, from, to);
	plane_expect_down(p, to_sid, to);
}

static void routes_in_mode(const char *mode)
{
	const struct dp_route first[] = { route(0xac100100, 24, 0), route(0xac110000, 16, 77) };
	const struct dp_route then[] = { route(0xac110000, 16, 0), route(0xc6130000, 16, 0) };
	struct dp_session a = plane_session(NET_SID, NET_CLIENT),
			  b = plane_session(6, NET_CLIENT + 1), within = plane_session(7, OTHERS);
	struct plane p;

	plane_start(&p, mode);
	a.routes = first;
	a.n_routes = 2;
	plane_add(&p, &a);
	plane_add(&p, &b);
	plane_add(&p, &within);
	assert_int_equal(map_used(&p, "routes"), 2);
	assert_true(kernel_has("172.16.1.0/24 proto 120 scope link mtu 1492"));
	assert_true(kernel_has("172.17.0.0/16 proto 120 scope link metric 77 mtu 1492"));
	plane_both_ways(&p, NET_SID, INSIDE);
	plane_both_ways(&p, NET_SID, INSIDE2);
	hairpin(&p, 6, NET_CLIENT + 1, NET_SID, INSIDE);
	hairpin(&p, NET_SID, INSIDE, 6, NET_CLIENT + 1);
	/* another session's own address is its own */
	plane_both_ways(&p, 7, OTHERS);
	hairpin(&p, NET_SID, INSIDE, 7, OTHERS);
	assert_int_equal(plane_drops(&p, XP_R_SOURCE), 0);
	plane_send_up(&p, 6, INSIDE, NET_REMOTE);
	plane_send_up(&p, NET_SID, OTHERS, NET_REMOTE);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	assert_int_equal(plane_drops(&p, XP_R_SOURCE), 2);

	assert_int_equal(p.dp->ops->routes_set(p.dp, 6, first, 1), -EADDRINUSE);
	assert_int_equal(map_used(&p, "routes"), 2);
	assert_int_equal(p.dp->ops->routes_set(p.dp, NET_SID, then, 2), 0);
	assert_int_equal(map_used(&p, "routes"), 2);
	assert_true(kernel_has("198.19.0.0/16 proto 120"));
	assert_true(kernel_has("172.17.0.0/16 proto 120 scope link mtu 1492"));
	assert_false(kernel_has("172.16.1.0/24"));
	assert_false(kernel_has("metric 77"));
	plane_both_ways(&p, NET_SID, INSIDE2);
	plane_both_ways(&p, NET_SID, 0xc6130a0a);
	plane_send_up(&p, NET_SID, INSIDE, NET_REMOTE);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	assert_int_equal(plane_drops(&p, XP_R_SOURCE), 3);

	/* what one gave back another may have */
	assert_int_equal(p.dp->ops->routes_set(p.dp, 6, first, 1), 0);
	plane_both_ways(&p, 6, INSIDE);
	p.dp->ops->session_del(p.dp, NET_SID, NULL, NULL);
	assert_int_equal(map_used(&p, "routes"), 1);
	assert_false(kernel_has("172.17.0.0/16"));
	assert_false(kernel_has("198.19.0.0/16"));
	p.dp->ops->session_del(p.dp, 6, NULL, NULL);
	assert_int_equal(map_used(&p, "routes"), 0);
	assert_false(kernel_has("172.16.1.0/24"));
	plane_stop(&p);
	plane_left_nothing();
}

static void test_routes(void **state)
{
	(void)state;
	routes_in_mode("native");
	routes_in_mode("tc");
}

/* Whoever has a route to a net keeps it: to announce it, or since the pool is the concentrator's. */
static void test_routes_of_others_stay(void **state)
{
	const struct dp_route routes[] = { route(0xac140000, 16, 0), route(NET_POOL, 24, 0) };
	static const char blackhole[] = "blackhole 172.20.0.0/16", pool[] = "10.0.0.0/24 proto 120";
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	assert_false(net_says("ip route add blackhole 172.20.0.0/16 2>&1", "rror"));
	assert_true(kernel_has(pool));
	s.routes = routes;
	s.n_routes = 2;
	plane_add(&p, &s);
	plane_both_ways(&p, NET_SID, 0xac140105);
	assert_true(net_says("ip route show", blackhole));
	assert_int_equal(p.dp->ops->routes_set(p.dp, NET_SID, routes, 1), 0);
	assert_true(kernel_has(pool));
	assert_int_equal(p.dp->ops->routes_set(p.dp, NET_SID, routes, 2), 0);
	p.dp->ops->session_del(p.dp, NET_SID, NULL, NULL);
	assert_true(net_says("ip route show", blackhole));
	assert_true(kernel_has(pool));
	/* where there is none it has one of its own */
	assert_false(net_says("ip route del blackhole 172.20.0.0/16 2>&1", "rror"));
	plane_add(&p, &s);
	assert_true(kernel_has("172.20.0.0/16 proto 120 scope link mtu 1492"));
	p.dp->ops->session_del(p.dp, NET_SID, NULL, NULL);
	assert_false(kernel_has("172.20.0.0/16"));
	plane_stop(&p);
	plane_left_nothing();
}

static void test_more_routes_than_there_may_be(void **state)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct dp_route routes[XP_ROUTES_MAX + 1];
	struct plane p;

	(void)state;
	plane_start(&p, "native");
	for (unsigned int i = 0; i <= XP_ROUTES_MAX; i++)
		routes[i] = route(0xac100000 + (i << 8), 24, 0);
	s.routes = routes;
	s.n_routes = XP_ROUTES_MAX + 1;
	assert_int_equal(p.dp->ops->session_add(p.dp, &s), -EINVAL);
	s.n_routes = XP_ROUTES_MAX;
	plane_add(&p, &s);
	assert_int_equal(map_used(&p, "routes"), XP_ROUTES_MAX);
	assert_int_equal(p.dp->ops->routes_set(p.dp, NET_SID, routes, XP_ROUTES_MAX + 1), -EINVAL);
	plane_both_ways(&p, NET_SID, 0xac100a05);
	assert_int_equal(p.dp->ops->routes_set(p.dp, NET_SID, NULL, 0), 0);
	assert_int_equal(map_used(&p, "routes"), 0);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	plane_stop(&p);
	plane_left_nothing();
}

/* ---- rates */

static struct dp_counters counters_of(struct plane *p)
{
	struct dp_counters c;

	assert_int_equal(p->dp->ops->session_counters(p->dp, NET_SID, &c), 0);
	return c;
}

/* Sends so many and waits until the last of them was seen. */
static void send_many(struct plane *p, bool up, unsigned int times)
{
	struct dp_counters c = counters_of(p);
	uint64_t before = up ? c.up_packets + c.rate_up_drops : c.down_packets + c.rate_down_drops;
	struct mono start = mono_now();
	uint64_t seen;

	for (unsigned int i = 0; i < times; i++)
		if (up)
			plane_send_up(p, NET_SID, NET_CLIENT, NET_REMOTE);
		else
			plane_send_down(p, NET_REMOTE, NET_CLIENT);
	do {
		ev_run(p->loop, EVRUN_NOWAIT);
		c = counters_of(p);
		seen = up ? c.up_packets + c.rate_up_drops : c.down_packets + c.rate_down_drops;
	} while (seen < before + times && mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS);
	assert_int_equal(seen, before + times);
}

/* 125 bytes a second: no packet more within a test. */
static void rates_in_mode(const char *mode, bool stack)
{
	struct dp_rate slow = { XP_RATE_MIN, 10 * LEN + LEN / 2 }, none = { 0 };
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct dp_counters c;
	struct plane p;

	plane_start(&p, mode);
	s.stack = stack;
	s.rate_up = slow;
	plane_add(&p, &s);
	assert_int_equal(map_used(&p, "rates_up"), 1);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	send_many(&p, true, 30);
	send_many(&p, false, 30);
	c = counters_of(&p);
	assert_in_range(c.rate_up_drops, 15, 20);
	assert_int_equal(c.up_packets, 31 - c.rate_up_drops);
	assert_int_equal(plane_drops(&p, XP_R_RATE_UP), c.rate_up_drops);
	assert_int_equal(c.rate_down_drops, 0);

	assert_int_equal(p.dp->ops->rate_set(p.dp, NET_SID, &none, &slow), 0);
	assert_int_equal(map_used(&p, "rates_down"), 1);
	send_many(&p, true, 30);
	send_many(&p, false, 30);
	assert_int_equal(counters_of(&p).rate_up_drops, c.rate_up_drops);
	c = counters_of(&p);
	assert_in_range(c.rate_down_drops, 15, 19);
	assert_int_equal(plane_drops(&p, XP_R_RATE_DOWN), c.rate_down_drops);
	assert_int_equal(p.dp->ops->rate_set(p.dp, NET_SID, &none, &none), 0);
	assert_int_equal(map_used(&p, "rates_up"), 0);
	plane_both_ways(&p, NET_SID, NET_CLIENT);
	p.dp->ops->session_del(p.dp, NET_SID, &c, NULL);
	assert_in_range(c.rate_down_drops, 15, 19);
	plane_stop(&p);
	plane_left_nothing();
}

static void test_rates(void **state)
{
	(void)state;
	rates_in_mode("native", false);
	rates_in_mode("native", true);
	rates_in_mode("tc", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_routes_of_others_stay),
		cmocka_unit_test(test_more_routes_than_there_may_be),
		cmocka_unit_test(test_rates),
	};

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, net_setup, NULL);
}
