/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What is granted to a session that runs already. Its nets are out of 198.18.0.0/15, which no
 * machine has addresses of; sets of nftables are in a network namespace of the test's own, which needs
 * root.
 */
#include "session_rig.h"

#include <errno.h>
#include <sched.h>

#include "aaa/profile.h"
#include "nftset.h"
#include "stderr_text.h"

static struct profile *change;

static void begin_change(void)
{
	profile_free(change);
	change = profile_new();
}

static void route(const char *net, uint8_t prefix)
{
	struct profile_route r = { .prefix = prefix };

	assert_int_equal(inet_pton(AF_INET, net, &r.net), 1);
	assert_int_equal(profile_add_route(change, &r), 0);
}

static bool has(struct fixture *f, const struct client *c, const char *text)
{
	struct in_addr addr;

	assert_int_equal(inet_pton(AF_INET, text, &addr), 1);
	return f->dp->ops->has_address(f->dp, c->sid, addr);
}

static struct session_record record(struct fixture *f, const char *user)
{
	struct session_record rec;

	session_describe(first(f, user), &rec);
	return rec;
}

static int teardown_change(void **state)
{
	profile_free(change);
	change = NULL;
	return teardown(state);
}

/* Of its only session, with the client's good-bye. */
static void await_end(struct fixture *f)
{
	for (int i = 0; i < 100 && totals(f).sessions > 0; i++) {
		usleep(50000);
		settle(f);
	}
	assert_int_equal(totals(f).sessions, 0);
}

/* ---- routes */

static void routes_come_and_go(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct session *s = first(f, "u1");

	begin_change();
	route("198.18.1.0", 24);
	route("198.19.0.0", 16);
	assert_int_equal(session_change(s, change), 0);
	assert_true(has(f, c, "198.18.1.7"));
	assert_true(has(f, c, "198.19.200.7"));
	assert_true(has(f, c, "10.0.0.2"));
	assert_false(has(f, c, "198.18.2.7"));
	assert_int_equal(record(f, "u1").n_routes, 2);
	begin_change();
	route("198.18.2.0", 24);
	assert_int_equal(session_change(s, change), 0);
	assert_false(has(f, c, "198.18.1.7"));
	assert_true(has(f, c, "198.18.2.7"));
	assert_int_equal(record(f, "u1").n_routes, 1);
	/* what a change does not name stays */
	begin_change();
	change->session_timeout = 500;
	change->set = PROFILE_SESSION_TIMEOUT;
	assert_int_equal(session_change(s, change), 0);
	assert_true(has(f, c, "198.18.2.7"));
	begin_change();
	change->set = PROFILE_ROUTES;
	assert_int_equal(session_change(s, change), 0);
	assert_false(has(f, c, "198.18.2.7"));
	assert_true(has(f, c, "10.0.0.2"));
}

static void routes_of_others_are_refused(void **state)
{
	struct fixture *f = *state;
	struct client *a = dial(f, "u1", "p1"), *b = dial(f, "u2", "p2");
	struct session *s = first(f, "u2");
	static const struct {
		const char *net;
		uint8_t prefix;
		const char *why;
	} wrong[] = {
		{ "198.18.1.0", 24, "another session has it" },
		{ "10.0.0.4", 31, "addresses of a pool are in it" },
		{ "10.0.0.1", 32, "the address of a concentrator interface is in it" },
		{ "10.9.0.0", 16, "addresses of other sessions are in it" },
		{ "10.9.0.1", 32, "addresses of other sessions are in it" },
		{ "127.0.0.0", 8, "an address of this machine is in it" },
	};

	dial(f, "fixed", "pf"); /* 10.9.0.1 */
	begin_change();
	route("198.18.1.0", 24);
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct stderr_text log;

		begin_change();
		route("198.18.7.0", 24);
		route(wrong[i].net, wrong[i].prefix);
		log_set_level(f->log, LOG_WARNING);
		stderr_begin(&log);
		assert_int_equal(session_change(s, change), -EADDRINUSE);
		stderr_end(&log);
		log_set_level(f->log, LOG_EMERG);
		if (!strstr(log.text, wrong[i].why))
			fail_msg("%s/%u: %s", wrong[i].net, wrong[i].prefix, log.text);
		assert_false(has(f, b, "198.18.7.1")); /* all or nothing */
		assert_int_equal(record(f, "u2").n_routes, 0);
	}
	assert_true(has(f, a, "198.18.1.1"));
	/* inside another's net it may be: the longer prefix wins */
	begin_change();
	route("198.18.1.128", 25);
	assert_int_equal(session_change(s, change), 0);
	assert_true(has(f, b, "198.18.1.129"));
	assert_false(has(f, a, "198.18.1.129"));
	/* what has ended has nothing any more */
	session_carrier_user.lost(f->sessions, &a->pppoe->carrier, CAUSE_PEER);
	settle(f);
	begin_change();
	route("198.18.1.0", 24);
	assert_int_equal(session_change(s, change), 0);
	assert_true(has(f, b, "198.18.1.1"));
}

/* Or packets to a new address of ours would go to who had a net around it before. */
static void a_reload_takes_nets_back(void **state)
{
	static const char options[] = "}\n"
				      "ipcp X { pool-address 198.19.0.8-198.19.0.15\n }\n"
				      "interface pppac1 address 198.18.1.1 ipcp X\n"
				      "tunnel V protocol pppoe {\n"
				      "  listen on interface access2\n"
				      "  authentication-method pap\n";
	struct fixture *f = *state;
	struct client *a = dial(f, "u1", "p1"), *b = dial(f, "u2", "p2");
	struct stderr_text log;

	begin_change();
	route("198.19.0.0", 24);
	route("198.18.2.0", 24);
	route("198.18.1.0", 24);
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	reload(f, "");
	assert_int_equal(record(f, "u1").n_routes, 3);
	log_set_level(f->log, LOG_WARNING);
	stderr_begin(&log);
	reload(f, options);
	stderr_end(&log);
	log_set_level(f->log, LOG_EMERG);
	if (!strstr(log.text, "198.18.1.0/24: the address of a concentrator interface is in it") ||
	    !strstr(log.text, "198.19.0.0/24: addresses of a pool are in it"))
		fail_msg("%s", log.text);
	assert_int_equal(totals(f).established, 2);
	assert_false(has(f, a, "198.18.1.1"));
	assert_false(has(f, a, "198.19.0.9"));
	assert_true(has(f, a, "198.18.2.1"));
	assert_int_equal(record(f, "u1").n_routes, 1);
	/* what is within and harmless another may have now */
	begin_change();
	route("198.18.1.128", 25);
	assert_int_equal(session_change(first(f, "u2"), change), 0);
	assert_true(has(f, b, "198.18.1.129"));
}

static void its_own_address_may_be_in_its_net(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "fixed", "pf");

	begin_change();
	route("10.9.0.0", 20);
	assert_int_equal(session_change(first(f, "fixed"), change), 0);
	assert_true(has(f, c, "10.9.15.1"));
	assert_true(has(f, c, "10.9.0.1"));
}

/* ---- rates */

static unsigned int passes(struct fixture *f, const struct client *c, bool up)
{
	unsigned int n = 0;

	while (n < 1000 && f->dp->ops->rate_pass(f->dp, c->sid, up, 1000))
		n++;
	return n;
}

static void rates_change_at_once(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct session *s = first(f, "u1");

	assert_int_equal(passes(f, c, true), 1000);
	assert_int_equal(passes(f, c, false), 1000);
	begin_change();
	change->rate_up = (struct profile_rate){ 1000000, 50000 };
	change->rate_down = (struct profile_rate){ 1000000, 100000 };
	change->set = PROFILE_RATE_UP | PROFILE_RATE_DOWN;
	assert_int_equal(session_change(s, change), 0);
	assert_in_range(passes(f, c, true), 49, 60);
	assert_in_range(passes(f, c, false), 99, 120);
	assert_int_equal(record(f, "u1").profile->rate_up.bits_per_s, 1000000);
	assert_int_equal(record(f, "u1").counters.rate_up_drops, 1);
	/* another change that leaves them alone fills no bucket */
	begin_change();
	change->idle_timeout = 900;
	change->set = PROFILE_IDLE_TIMEOUT;
	assert_int_equal(session_change(s, change), 0);
	assert_in_range(passes(f, c, true), 0, 10);
	begin_change();
	change->set = PROFILE_RATE_UP | PROFILE_RATE_DOWN;
	assert_int_equal(session_change(s, change), 0);
	assert_int_equal(passes(f, c, true), 1000);
}

/* ---- times */

static void ends_at_session_timeout(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");

	assert_int_equal(record(f, "u1").timeout_s, 0);
	begin_change();
	change->session_timeout = 1;
	change->set = PROFILE_SESSION_TIMEOUT;
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	assert_int_equal(record(f, "u1").timeout_s, 1);
	assert_in_range(record(f, "u1").left_s, 0, 1);
	assert_int_equal(c->terminated, 0);
	await_end(f);
	assert_true(c->terminated);
	assert_int_equal(totals(f).ended_by[CAUSE_SESSION_TIMEOUT], 1);
}

static void a_time_that_is_over_ends_it_and_a_longer_one_does_not(void **state)
{
	struct fixture *f = *state;

	dial(f, "u1", "p1");
	begin_change();
	change->session_timeout = 1;
	change->idle_timeout = 1;
	change->set = PROFILE_SESSION_TIMEOUT | PROFILE_IDLE_TIMEOUT;
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	begin_change();
	change->session_timeout = 1000;
	change->idle_timeout = 1000;
	change->set = PROFILE_SESSION_TIMEOUT | PROFILE_IDLE_TIMEOUT;
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	for (int i = 0; i < 12; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(totals(f).established, 1);
	/* from its login on one second is over */
	begin_change();
	change->session_timeout = 1;
	change->set = PROFILE_SESSION_TIMEOUT;
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	await_end(f);
	assert_int_equal(totals(f).ended_by[CAUSE_SESSION_TIMEOUT], 1);
}

static void idle_time_is_the_granted_one(void **state)
{
	struct fixture *f = *state;

	dial(f, "u1", "p1"); /* its tunnel says 100 */
	assert_int_equal(record(f, "u1").idle_timeout_s, 100);
	begin_change();
	change->idle_timeout = 1;
	change->set = PROFILE_IDLE_TIMEOUT;
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	assert_int_equal(record(f, "u1").idle_timeout_s, 1);
	await_end(f);
	assert_int_equal(totals(f).ended_by[CAUSE_IDLE], 1);
}

/* The data plane begins to count anew, idle time does not. */
static void time_out_of_the_data_plane_is_not_idle_time(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");

	begin_change();
	change->idle_timeout = 2;
	change->set = PROFILE_IDLE_TIMEOUT;
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	for (int i = 0; i < 25; i++) {
		usleep(100000);
		f->dp->ops->count(f->dp, c->sid, true, 100, true);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	session_carrier_user.moved(f->sessions, &c->pppoe->carrier);
	settle(f);
	assert_int_equal(totals(f).established, 1);
	assert_in_range(record(f, "u1").idle_s, 0, 1);
	await_end(f);
	assert_int_equal(totals(f).ended_by[CAUSE_IDLE], 1);
}

/* ---- what cannot change */

static void what_was_negotiated_stays(void **state)
{
	struct fixture *f = *state;
	struct session *s;

	dial(f, "u1", "p1");
	s = first(f, "u1");
	begin_change();
	change->framed_ip.s_addr = htonl(0x0a000003);
	change->session_timeout = 7;
	change->set = PROFILE_FRAMED_IP | PROFILE_SESSION_TIMEOUT;
	assert_int_equal(session_change(s, change), -EOPNOTSUPP);
	assert_int_equal(record(f, "u1").timeout_s, 0);
	begin_change();
	assert_int_equal(profile_set_pool(change, "P"), 0);
	assert_int_equal(session_change(s, change), -EOPNOTSUPP);
	begin_change();
	change->mtu = 1300;
	change->set = PROFILE_MTU;
	assert_int_equal(session_change(s, change), -EOPNOTSUPP);
	session_terminate(s, CAUSE_CLEARED);
	begin_change();
	assert_int_equal(session_change(s, change), -ENOTCONN);
}

/* ---- filters */

static void without_nftables_there_is_no_filter(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");

	begin_change();
	route("198.18.1.0", 24);
	assert_int_equal(profile_add_filter(change, "blocked"), 0);
	assert_int_equal(session_change(first(f, "u1"), change), -EPROTONOSUPPORT);
	assert_false(has(f, c, "198.18.1.7"));
	assert_int_equal(record(f, "u1").profile->n_filters, 0);
	assert_int_equal(record(f, "u1").n_routes, 0);
}

static bool in_set(const char *set, const char *addr)
{
	char line[128];

	snprintf(line, sizeof(line), "nft list set inet xpppd %s | grep -qF '%s '", set, addr);
	return system(line) == 0;
}

static void filters_change(struct fixture *f, struct nftsets *sets)
{
	struct client *c = dial(f, "u1", "p1");
	struct session *s = first(f, "u1");

	(void)sets;
	begin_change();
	assert_int_equal(profile_add_filter(change, "one"), 0);
	assert_int_equal(profile_add_filter(change, "two"), 0);
	assert_int_equal(session_change(s, change), 0);
	assert_true(in_set("one", "10.0.0.2"));
	assert_true(in_set("two", "10.0.0.2"));
	assert_int_equal(record(f, "u1").stack, true);
	begin_change();
	assert_int_equal(profile_add_filter(change, "three"), 0);
	assert_int_equal(profile_add_filter(change, "missing"), 0);
	assert_int_equal(session_change(s, change), -ENOENT);
	assert_false(in_set("three", "10.0.0.2"));
	assert_true(in_set("one", "10.0.0.2"));
	begin_change();
	assert_int_equal(profile_add_filter(change, "three"), 0);
	assert_int_equal(profile_add_filter(change, "two"), 0);
	assert_int_equal(session_change(s, change), 0);
	assert_false(in_set("one", "10.0.0.2"));
	assert_true(in_set("two", "10.0.0.2"));
	assert_true(in_set("three", "10.0.0.2"));
	assert_int_equal(totals(f).established, 1);
	begin_change();
	change->set = PROFILE_FILTERS;
	assert_int_equal(session_change(s, change), 0);
	assert_false(in_set("two", "10.0.0.2"));
	assert_int_equal(record(f, "u1").stack, false);
	begin_change();
	assert_int_equal(profile_add_filter(change, "two"), 0);
	assert_int_equal(session_change(s, change), 0);
	session_carrier_user.lost(f->sessions, &c->pppoe->carrier, CAUSE_PEER);
	settle(f);
	assert_false(in_set("two", "10.0.0.2"));
}

static void filters_are_sets_of_nftables(void **state)
{
	struct fixture *f = *state;
	struct nftsets *sets;

	if (unshare(CLONE_NEWNET) < 0)
		skip();
	assert_int_equal(
		system("nft 'add table inet xpppd; add set inet xpppd one { type ipv4_addr; };"
		       "add set inet xpppd two { type ipv4_addr; };"
		       "add set inet xpppd three { type ipv4_addr; }'"),
		0);
	assert_int_equal(nftsets_new(f->loop, f->log, &sets), 0);
	sessions_filter(f->sessions, sets);
	filters_change(f, sets);
	nftsets_free(sets);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown_change)
	const struct CMUnitTest tests[] = {
		TEST(routes_come_and_go),
		TEST(routes_of_others_are_refused),
		TEST(a_reload_takes_nets_back),
		TEST(its_own_address_may_be_in_its_net),
		TEST(rates_change_at_once),
		TEST(ends_at_session_timeout),
		TEST(a_time_that_is_over_ends_it_and_a_longer_one_does_not),
		TEST(idle_time_is_the_granted_one),
		TEST(time_out_of_the_data_plane_is_not_idle_time),
		TEST(what_was_negotiated_stays),
		TEST(without_nftables_there_is_no_filter),
		TEST(filters_are_sets_of_nftables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
