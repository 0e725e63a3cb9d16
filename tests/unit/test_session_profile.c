/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What a login grants, by users of a users file. Nets are out of 198.18.0.0/15, which no machine has
 * addresses of. */
#include "session_rig.h"

#include <errno.h>

#include "aaa/profile.h"
#include "session_private.h"
#include "stderr_text.h"

static const char more_pools[] =
	"bind tunnel from U authenticated by A to pppac0\n"
	"ipcp Q { pool-address 10.7.0.2-10.7.0.3\n dns-servers 192.0.2.77\n }\n"
	"ipcp S { pool-address 10.8.0.2-10.8.0.9\n pool-address 10.8.1.0/24 for static\n"
	" allow-user-selected-address no\n }\n";

static const char users[] = "pooled:\\\n\t:password=p:\\\n\t:Framed-Pool=Q:\n"
			    "nowhere:\\\n\t:password=p:\\\n\t:Framed-Pool=NONE:\n"
			    "selects:\\\n\t:password=p:\\\n\t:Framed-Pool=S:\\\n"
			    "\t:Framed-IP-Address=255.255.255.255:\n"
			    "chosen:\\\n\t:password=p:\\\n\t:Framed-IP-Address=255.255.255.254:\n"
			    "small:\\\n\t:password=p:\\\n\t:Framed-MTU=1280:\n"
			    "large:\\\n\t:password=p:\\\n\t:Framed-MTU=9000:\n"
			    "one:\\\n\t:password=p:\\\n\t:Port-Limit=1:\n"
			    "three:\\\n\t:password=p:\\\n\t:Port-Limit=3:\n"
			    "short:\\\n\t:password=p:\\\n\t:Session-Timeout=1:\n"
			    "busy:\\\n\t:password=p:\\\n\t:Idle-Timeout=0:\n"
			    "secret:\\\n\t:password=p:\\\n\t:MS-MPPE-Encryption-Policy=2:\n"
			    "allowed:\\\n\t:password=p:\\\n\t:MS-MPPE-Encryption-Policy=1:\n"
			    "filtered:\\\n\t:password=p:\\\n\t:Filter-Id=blocked:\n"
			    "slow:\\\n\t:password=p:\\\n\t:WISPr-Bandwidth-Max-Up=1000000:\n"
			    "routed:\\\n\t:password=p:\\\n\t:Framed-IP-Address=198.18.9.1:\\\n"
			    "\t:Framed-Route=198.18.9.0/24:\\\n\t:Framed-Route=198.18.1.0/24:\\\n"
			    "\t:Framed-Route=10.0.0.0/29:\\\n\t:Framed-Route=10.9.0.0/24:\n"
			    "rival:\\\n\t:password=p:\\\n\t:Framed-Route=198.18.1.0/24:\\\n"
			    "\t:Framed-Route=198.18.2.0/24:\n"
			    "inside:\\\n\t:password=p:\\\n\t:Framed-IP-Address=198.18.9.77:\n"
			    "wider:\\\n\t:password=p:\\\n\t:Framed-IP-Address=10.9.1.1:\\\n"
			    "\t:Framed-IP-Netmask=255.255.0.0:\n";

static int setup_users_with(void **state, const char *options)
{
	struct fixture *f;
	FILE *out;

	setup_more(state, options, more_pools);
	f = *state;
	out = fopen(f->users, "a");
	assert_non_null(out);
	fputs(users, out);
	fclose(out);
	aaa_free(f->aaa);
	assert_int_equal(aaa_new(f->conf, NULL, NULL, &f->aaa), 0);
	sessions_configure(f->sessions, f->conf, f->aaa, f->pools);
	return 0;
}

static int setup_users(void **state)
{
	return setup_users_with(state, "");
}

static int setup_clear(void **state)
{
	return setup_users_with(state, "mppe no");
}

static struct session_record record(struct fixture *f, const char *user)
{
	struct session_record rec;
	struct session *s = first(f, user);

	assert_non_null(s);
	session_describe(s, &rec);
	return rec;
}

static struct client *dial_wanting(struct fixture *f, const char *user, uint32_t address)
{
	struct client *c;

	f->mute = true;
	c = dial(f, user, "p");
	f->mute = false;
	c->mute = false;
	c->wants = address;
	send_lcp(c);
	settle(f);
	/* what was sent to it meanwhile it has not heard: it is sent again after lcp-timeout */
	for (int i = 0; i < 40 && !c->address && !c->refused; i++) {
		usleep(100000);
		settle(f);
	}
	return c;
}

static void hang_up(struct fixture *f, struct client *c)
{
	session_carrier_user.lost(f->sessions, &c->pppoe->carrier, CAUSE_PEER);
	settle(f);
}

static bool has(struct fixture *f, const struct client *c, const char *text)
{
	struct in_addr addr;

	assert_int_equal(inet_pton(AF_INET, text, &addr), 1);
	return f->dp->ops->has_address(f->dp, c->sid, addr);
}

static struct stderr_text log_text;

/* Everything that is logged until logged(). */
static void listen_to(struct fixture *f)
{
	log_set_level(f->log, LOG_WARNING);
	stderr_begin(&log_text);
}

static void logged(struct fixture *f, const char *text)
{
	log_set_level(f->log, LOG_EMERG);
	stderr_end(&log_text);
	if (!strstr(log_text.text, text))
		fail_msg("\"%s\" is not in: %s", text, log_text.text);
}

/* ---- pools and addresses */

static void takes_addresses_of_the_pool_it_is_granted(void **state)
{
	struct fixture *f = *state;
	struct client *a = dial(f, "pooled", "p"), *b = dial(f, "pooled", "p");

	assert_int_equal(a->address, 0x0a070002);
	assert_int_equal(b->address, 0x0a070003);
	assert_string_equal(record(f, "pooled").pool, "Q");
	assert_int_equal(dial(f, "u1", "p1")->address, 0x0a000002);
	assert_string_equal(record(f, "u1").pool, "P");
	hang_up(f, a);
	assert_int_equal(dial(f, "pooled", "p")->address, 0x0a070002);
	listen_to(f);
	b = dial(f, "nowhere", "p");
	logged(f, "refused: Framed-Pool \"NONE\" is none of the ipcp statements");
	assert_true(b->refused);
	assert_int_equal(totals(f).ended_by[CAUSE_NO_ADDRESS], 1);
}

static void obeys_special_addresses(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(dial_wanting(f, "selects", 0x0a080007)->address, 0x0a080007);
	/* taken, of others, or none: one is chosen for him */
	assert_int_equal(dial_wanting(f, "selects", 0x0a080007)->address, 0x0a080002);
	assert_int_equal(dial_wanting(f, "chosen", 0x0a000005)->address, 0x0a000002);
}

/* ---- the link */

static void limits_the_mtu(void **state)
{
	struct fixture *f = *state;

	dial(f, "small", "p");
	assert_int_equal(record(f, "small").mtu, 1280);
	dial(f, "large", "p");
	assert_int_equal(record(f, "large").mtu, 1492);
}

static void refuses_what_cannot_be_encrypted(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	listen_to(f);
	c = dial(f, "secret", "p");
	logged(f, "refused: it has to be encrypted, and its tunnel says mppe no");
	assert_true(c->refused);
	assert_int_equal(totals(f).ended_by[CAUSE_MPPE], 1);
	assert_int_not_equal(dial(f, "allowed", "p")->address, 0);
}

/* Its tunnel could encrypt, but PAP gives no keys. */
static void nothing_passes_in_clear_where_encryption_is_granted(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "secret", "p");

	assert_false(c->refused);
	assert_true(c->terminated);
	assert_int_equal(totals(f).established, 0);
	assert_int_equal(totals(f).ended_by[CAUSE_MPPE], 1);
	assert_int_not_equal(dial(f, "allowed", "p")->address, 0);
}

static void a_filter_without_nftables_lets_nobody_in(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	listen_to(f);
	c = dial(f, "filtered", "p");
	logged(f, "Filter-Id \"blocked\"");
	assert_int_equal(c->address, 0);
	await_sessions(f, 0);
	settle(f);
	assert_int_equal(totals(f).established, 0);
}

static void has_its_rates_from_the_start(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "slow", "p");
	unsigned int n = 0;

	while (n < 1000 && f->dp->ops->rate_pass(f->dp, c->sid, true, 1000))
		n++;
	assert_in_range(n, 10, 100);
	assert_true(f->dp->ops->rate_pass(f->dp, c->sid, false, 100000));
	assert_int_equal(record(f, "slow").profile->rate_up.bits_per_s, 1000000);
	assert_true(record(f, "slow").counters.rate_up_drops > 0);
	/* the agent counts them on when the session leaves the data plane and comes back */
	session_carrier_user.moved(f->sessions, &c->pppoe->carrier);
	assert_true(record(f, "slow").counters.rate_up_drops > 0);
}

/* ---- limits */

static void a_port_limit_is_the_users(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	dial(f, "one", "p");
	assert_true(dial(f, "one", "p")->refused);
	assert_int_equal(totals(f).ended_by[CAUSE_LIMIT], 1);
	for (int i = 0; i < 3; i++) { /* more than user-max-session */
		c = dial(f, "three", "p");
		assert_int_not_equal(c->address, 0);
	}
	assert_true(dial(f, "three", "p")->refused);
	assert_int_equal(totals(f).ended_by[CAUSE_LIMIT], 2);
	assert_int_equal(totals(f).established, 4);
}

static void ends_in_time(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "short", "p");

	dial(f, "busy", "p");
	assert_int_equal(record(f, "short").timeout_s, 1);
	assert_int_equal(record(f, "short").idle_timeout_s, 100);
	assert_int_equal(record(f, "busy").idle_timeout_s, 0);
	assert_int_equal(record(f, "busy").timeout_s, 0);
	for (int i = 0; i < 60 && totals(f).sessions > 1; i++) {
		usleep(50000);
		settle(f);
	}
	assert_true(c->terminated);
	assert_int_equal(totals(f).ended_by[CAUSE_SESSION_TIMEOUT], 1);
	assert_int_equal(totals(f).sessions, 1);
}

/* ---- nets */

static void has_the_routes_that_it_may_have(void **state)
{
	struct fixture *f = *state;
	struct client *a, *b;
	struct profile *change;

	dial(f, "fixed", "pf"); /* 10.9.0.1/24 */
	listen_to(f);
	a = dial(f, "routed", "p");
	logged(f, "no route to 10.0.0.0/29: addresses of a pool are in it");
	assert_non_null(strstr(log_text.text,
			       "no route to 10.9.0.0/24: addresses of other sessions are in it"));
	assert_int_equal(record(f, "routed").n_routes, 2);
	assert_true(has(f, a, "198.18.9.200"));
	assert_true(has(f, a, "198.18.1.1"));
	assert_false(has(f, a, "10.0.0.3"));
	listen_to(f);
	b = dial(f, "rival", "p");
	logged(f, "no route to 198.18.1.0/24: another session has it");
	assert_int_equal(record(f, "rival").n_routes, 1);
	assert_false(has(f, b, "198.18.1.1"));
	assert_true(has(f, b, "198.18.2.1"));
	assert_true(has(f, a, "198.18.1.1"));
	/* it waits for the other to go, whatever else changes meanwhile */
	change = profile_new();
	change->idle_timeout = 50;
	change->set = PROFILE_IDLE_TIMEOUT;
	assert_int_equal(session_change(first(f, "rival"), change), 0);
	profile_free(change);
	assert_false(has(f, b, "198.18.1.1"));
	hang_up(f, a);
	assert_true(has(f, b, "198.18.1.1"));
	assert_true(has(f, b, "198.18.2.1"));
	assert_int_equal(record(f, "rival").n_routes, 2);
}

static void who_waits_for_routes_may_go_first(void **state)
{
	struct fixture *f = *state;
	struct client *a = dial(f, "rival", "p"), *b, *c;

	f->mac = 0x55;
	b = dial(f, "rival", "p");
	f->mac = 0x56;
	c = dial(f, "routed", "p");
	assert_false(has(f, c, "198.18.1.1"));
	hang_up(f, b);
	assert_true(has(f, a, "198.18.1.1"));
	hang_up(f, a);
	assert_true(has(f, c, "198.18.1.1"));
	assert_false(has(f, c, "198.18.2.1"));
}

/* To stay out of the data plane for a moment gives no route away, to change them does. */
static void routes_are_given_up_only_for_good(void **state)
{
	struct fixture *f = *state;
	struct client *a = dial(f, "rival", "p"), *b = dial(f, "routed", "p");
	struct profile *change = profile_new();

	session_carrier_user.moved(f->sessions, &a->pppoe->carrier);
	session_carrier_user.moved(f->sessions, &b->pppoe->carrier);
	session_carrier_user.moved(f->sessions, &b->pppoe->carrier);
	assert_true(has(f, a, "198.18.1.1"));
	assert_true(has(f, a, "198.18.2.1"));
	assert_true(has(f, b, "198.18.9.9"));
	assert_int_equal(record(f, "rival").n_routes, 2);
	/* nor is one refused that it had before somebody was in it */
	dial(f, "inside", "p");
	session_carrier_user.moved(f->sessions, &b->pppoe->carrier);
	assert_true(has(f, b, "198.18.9.9"));
	assert_false(has(f, b, "198.18.9.77"));
	change->set = PROFILE_ROUTES;
	assert_int_equal(session_change(first(f, "rival"), change), 0);
	assert_true(has(f, b, "198.18.1.1"));
	assert_true(has(f, b, "198.18.9.9"));
	assert_false(has(f, a, "198.18.2.1"));
	profile_free(change);
}

static void too_many_routes_are_too_many(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct profile *change = profile_new();

	for (unsigned int i = 0; i <= XP_ROUTES_MAX; i++) {
		struct profile_route route = { .net.s_addr = htonl(0xc6120000 + (i << 8)),
					       .prefix = 24 };

		assert_int_equal(profile_add_route(change, &route), 0);
	}
	assert_int_equal(session_change(first(f, "u1"), change), -E2BIG);
	assert_false(has(f, c, "198.18.1.1"));
	change->n_routes--;
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	assert_true(has(f, c, "198.18.15.1"));
	profile_free(change);
}

/* Grants it these nets, as a server does that is asked again. */
static int regrant(struct fixture *f, const char *user, const char *const nets[])
{
	struct profile *again = profile_new();
	int r;

	again->set = PROFILE_ROUTES;
	for (; *nets; nets++) {
		struct profile_route route = { .prefix = 24 };

		assert_int_equal(inet_pton(AF_INET, *nets, &route.net), 1);
		assert_int_equal(profile_add_route(again, &route), 0);
	}
	r = session_regrant(first(f, user), again);
	profile_free(again);
	settle(f);
	return r;
}

/* Who was let in without some of his routes is not thrown out for them when he is asked again. */
static void asked_again_it_has_the_routes_that_it_may_have(void **state)
{
	static const char *const same[] = { "198.18.1.0", "198.18.2.0", "10.0.0.0", NULL },
				 *const other[] = { "198.18.1.0", "10.0.0.0", "198.18.3.0", NULL };
	struct fixture *f = *state;
	struct client *a = dial(f, "routed", "p"), *b = dial(f, "rival", "p");

	assert_true(has(f, a, "198.18.1.1"));
	assert_true(has(f, b, "198.18.2.1"));
	assert_int_equal(regrant(f, "rival", same), 0);
	assert_true(has(f, a, "198.18.1.1"));
	assert_true(has(f, b, "198.18.2.1"));
	assert_false(has(f, b, "10.0.0.5"));
	assert_int_equal(record(f, "rival").n_routes, 1);
	assert_int_equal(regrant(f, "rival", other), 0);
	assert_false(has(f, b, "198.18.2.1"));
	assert_true(has(f, b, "198.18.3.1"));
	assert_int_equal(record(f, "rival").n_routes, 1);
	/* and it waits for them as before */
	hang_up(f, a);
	assert_true(has(f, b, "198.18.1.1"));
	assert_int_equal(record(f, "rival").n_routes, 2);
	assert_int_equal(totals(f).established, 1);
}

/* A peer that lost its power and dials again has its routes at once. */
static void the_same_peer_takes_its_routes_with_it(void **state)
{
	struct fixture *f = *state;
	struct client *a, *b;

	f->mac = 0x77;
	a = dial(f, "rival", "p");
	b = dial(f, "rival", "p");
	assert_int_equal(a->closed, 1);
	assert_int_equal(totals(f).ended_by[CAUSE_REPLACED], 1);
	assert_true(has(f, b, "198.18.1.1"));
	assert_true(has(f, b, "198.18.2.1"));
	assert_int_equal(record(f, "rival").n_routes, 2);
}

static void a_net_around_others_is_none(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	dial(f, "fixed", "pf");
	listen_to(f);
	c = dial(f, "wider", "p");
	logged(f, "no route to 10.9.0.0/16: addresses of other sessions are in it");
	assert_int_equal(c->address, 0x0a090101);
	assert_true(has(f, c, "10.9.1.1"));
	assert_false(has(f, c, "10.9.1.2"));
}

/* It takes memory only where there is something in it. */
static void an_empty_profile_is_shared(void **state)
{
	struct fixture *f = *state;
	struct profile *change = profile_new();

	dial(f, "u1", "p1");
	dial(f, "u2", "p2");
	dial(f, "slow", "p");
	assert_non_null(record(f, "u1").profile);
	assert_ptr_equal(record(f, "u1").profile, record(f, "u2").profile);
	assert_ptr_not_equal(record(f, "u1").profile, record(f, "slow").profile);
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	assert_ptr_equal(record(f, "u1").profile, record(f, "u2").profile);
	change->session_timeout = 100;
	change->set = PROFILE_SESSION_TIMEOUT;
	assert_int_equal(session_change(first(f, "u1"), change), 0);
	assert_int_equal(record(f, "u1").timeout_s, 100);
	assert_int_equal(record(f, "u2").timeout_s, 0);
	profile_free(change);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_users, teardown)
	const struct CMUnitTest tests[] = {
		TEST(takes_addresses_of_the_pool_it_is_granted),
		TEST(obeys_special_addresses),
		TEST(limits_the_mtu),
		cmocka_unit_test_setup_teardown(refuses_what_cannot_be_encrypted, setup_clear,
						teardown),
		TEST(nothing_passes_in_clear_where_encryption_is_granted),
		TEST(a_filter_without_nftables_lets_nobody_in),
		TEST(has_its_rates_from_the_start),
		TEST(a_port_limit_is_the_users),
		TEST(ends_in_time),
		TEST(has_the_routes_that_it_may_have),
		TEST(who_waits_for_routes_may_go_first),
		TEST(routes_are_given_up_only_for_good),
		TEST(too_many_routes_are_too_many),
		TEST(asked_again_it_has_the_routes_that_it_may_have),
		TEST(the_same_peer_takes_its_routes_with_it),
		TEST(a_net_around_others_is_none),
		TEST(an_empty_profile_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
