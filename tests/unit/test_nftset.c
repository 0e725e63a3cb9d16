/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sets of nftables, in the kernel itself: a network namespace of the test's own, which needs root. */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "nftset.h"

struct fixture {
	struct ev_loop *loop;
	struct log *log;
	struct nftsets *sets;
};

static void nft(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "nft '%s'", command);
	assert_int_equal(system(line), 0);
}

/* How often `what` stands in what nft lists of the set. */
static int listed(const char *set, const char *what)
{
	char line[256];
	FILE *in;
	int n = -1;

	snprintf(line, sizeof(line),
		 "nft list set inet xpppd %s 2>/dev/null | grep -oF '%s' | wc -l", set, what);
	in = popen(line, "r");
	assert_non_null(in);
	assert_int_equal(fscanf(in, "%d", &n), 1);
	pclose(in);
	return n;
}

static struct in_addr addr(uint32_t host)
{
	return (struct in_addr){ htonl(host) };
}

static void turn(struct fixture *f)
{
	for (int i = 0; i < 50; i++) {
		ev_run(f->loop, EVRUN_NOWAIT);
		usleep(1000);
	}
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (unshare(CLONE_NEWNET) < 0) {
		free(f);
		*state = NULL;
		return 0;
	}
	nft("add table inet xpppd");
	nft("add set inet xpppd blocked { type ipv4_addr; }");
	f->loop = ev_loop_new(0);
	f->log = log_new(1, LOG_EMERG);
	assert_int_equal(nftsets_new(f->loop, f->log, &f->sets), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (!f)
		return 0;
	nftsets_free(f->sets);
	ev_loop_destroy(f->loop);
	log_free(f->log);
	free(f);
	return 0;
}

static struct fixture *fixture_of(void **state)
{
	if (!*state)
		skip();
	return *state;
}

static void joins_and_leaves(void **state)
{
	struct fixture *f = fixture_of(state);
	struct nftset_member *a, *b;

	assert_int_equal(nftset_join(f->sets, "blocked", addr(0x0a400002), 7, &a), 0);
	assert_int_equal(nftset_join(f->sets, "blocked", addr(0x0a400003), 8, &b), 0);
	assert_int_equal(listed("blocked", "10.64.0.2 comment \"xpppd: ppp-id 7\""), 1);
	assert_int_equal(listed("blocked", "10.64.0.3 comment \"xpppd: ppp-id 8\""), 1);
	nftset_leave(a);
	assert_int_equal(listed("blocked", "10.64.0.2"), 0);
	assert_int_equal(listed("blocked", "10.64.0.3"), 1);
	nftset_leave(b);
	assert_int_equal(listed("blocked", "xpppd:"), 0);
	nftset_leave(NULL);
}

static void refuses_what_is_no_set_for_it(void **state)
{
	struct fixture *f = fixture_of(state);
	struct nftset_member *m = NULL;
	char longest[300];

	assert_int_equal(nftset_join(f->sets, "missing", addr(1), 1, &m), -ENOENT);
	assert_int_equal(nftset_join(f->sets, "", addr(1), 1, &m), -ENOENT);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(nftset_join(f->sets, longest, addr(1), 1, &m), -ENOENT);
	nft("add set inet xpppd nets { type ipv4_addr; flags interval; }");
	assert_int_equal(nftset_join(f->sets, "nets", addr(1), 1, &m), -EINVAL);
	nft("add set inet xpppd ports { type inet_service; }");
	assert_int_equal(nftset_join(f->sets, "ports", addr(1), 1, &m), -EINVAL);
	nft("add map inet xpppd marks { type ipv4_addr : mark; }");
	assert_int_equal(nftset_join(f->sets, "marks", addr(1), 1, &m), -EINVAL);
	nft("add set inet xpppd small { type ipv4_addr; size 1; }");
	nft("add element inet xpppd small { 192.0.2.1 }");
	assert_int_equal(nftset_join(f->sets, "small", addr(2), 1, &m), -ENFILE);
	assert_null(m);
}

static void takes_away_what_an_earlier_run_left_and_nothing_else(void **state)
{
	struct fixture *f = fixture_of(state);
	struct nftset_member *left[3000];
	struct nftsets *next;

	nft("add element inet xpppd blocked { 10.64.0.9 comment \"xpppd: ppp-id 3\", 192.0.2.9, "
	    "192.0.2.10 comment \"mine\" }");
	for (uint32_t i = 0; i < 3000; i++)
		assert_int_equal(nftset_join(f->sets, "blocked", addr(0x0a410000 + i), 9, &left[i]),
				 0);
	assert_int_equal(listed("blocked", "xpppd:"), 3001);
	assert_int_equal(nftsets_new(f->loop, f->log, &next), 0);
	assert_int_equal(listed("blocked", "xpppd:"), 0);
	assert_int_equal(listed("blocked", "192.0.2.9"), 1);
	assert_int_equal(listed("blocked", "192.0.2.10 comment \"mine\""), 1);
	nftsets_free(next);
	for (uint32_t i = 0; i < 3000; i++) /* which are no longer there */
		nftset_leave(left[i]);
}

static void comes_back_when_the_rules_are_loaded_anew(void **state)
{
	struct fixture *f = fixture_of(state);
	struct nftset_member *m[500], *late;

	for (int i = 0; i < 500; i++)
		assert_int_equal(nftset_join(f->sets, "blocked", addr(0x0a400002u + (uint32_t)i), 5,
					     &m[i]),
				 0);
	turn(f);
	nft("flush ruleset; add table inet xpppd; add set inet xpppd blocked { type ipv4_addr; }");
	assert_int_equal(listed("blocked", "xpppd:"), 0);
	ev_run(f->loop, EVRUN_NOWAIT); /* some are there, one of the others leaves */
	nftset_leave(m[0]);
	assert_int_equal(nftset_join(f->sets, "blocked", addr(0x0a4f0001), 6, &late), 0);
	turn(f);
	assert_int_equal(listed("blocked", "xpppd: ppp-id 5"), 499);
	assert_int_equal(listed("blocked", "xpppd: ppp-id 6"), 1);
	assert_int_equal(listed("blocked", "10.64.0.2 "), 0);
	for (int i = 1; i < 500; i++)
		nftset_leave(m[i]);
	nftset_leave(late);
	assert_int_equal(listed("blocked", "xpppd:"), 0);
}

static void bears_a_set_that_comes_back_as_another(void **state)
{
	struct fixture *f = fixture_of(state);
	struct nftset_member *m, *other = NULL;

	assert_int_equal(nftset_join(f->sets, "blocked", addr(0x0a400002), 5, &m), 0);
	nft("flush ruleset; add table inet xpppd; "
	    "add set inet xpppd blocked { type ipv4_addr; flags interval; }");
	turn(f);
	assert_int_equal(listed("blocked", "10.64"), 0);
	assert_int_equal(nftset_join(f->sets, "blocked", addr(0x0a400003), 6, &other), -EINVAL);
	nftset_leave(m);
	nft("flush ruleset");
	assert_int_equal(nftset_join(f->sets, "blocked", addr(0x0a400003), 6, &other), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(joins_and_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_set_for_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			takes_away_what_an_earlier_run_left_and_nothing_else, setup, teardown),
		cmocka_unit_test_setup_teardown(comes_back_when_the_rules_are_loaded_anew, setup,
						teardown),
		cmocka_unit_test_setup_teardown(bears_a_set_that_comes_back_as_another, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
