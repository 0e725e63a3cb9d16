/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions are found by the names that RADIUS has for them. */
#include "session_rig.h"

#include <errno.h>

#include "aaa/subject.h"

#define FOUND_MAX 4

struct found {
	int n; /* or -errno */
	struct session *session[FOUND_MAX];
};

static struct found find(struct fixture *f, struct session_filter filter)
{
	struct found found = { 0 };

	found.n = sessions_find(f->sessions, &filter, found.session, FOUND_MAX);
	return found;
}

static uint32_t ppp_id_of(const struct session *s)
{
	struct session_record rec;

	session_describe(s, &rec);
	return rec.ppp_id;
}

static int setup_three(void **state)
{
	struct fixture *f;
	int r = setup(state);

	f = *state;
	dial(f, "u1", "p1");
	dial(f, "HERE\\u1", "p1");
	dial(f, "u2", "p2");
	return r;
}

static void by_each_name(void **state)
{
	struct fixture *f = *state;
	struct session *s = first(f, "u2");
	const struct session_filter filters[] = {
		{ .by_ppp_id = true, .ppp_id = 3 },
		{ .by_port = true, .port = 3 },
		{ .by_address = true, .address.s_addr = htonl(0x0a000004) },
		{ .account = "u2" },
		{ .username = "u2" },
		{ .calling = "02:00:00:00:00:03" },
		{ .peer = "02:00:00:00:00:03" },
		{ .port_id = "access0", .account = "u2" },
		{ .account = "u2",
		  .port_id = "access0",
		  .calling = "02:00:00:00:00:03",
		  .called = "T",
		  .by_port = true,
		  .port = 3,
		  .by_ppp_id = true,
		  .ppp_id = 3,
		  .by_address = true,
		  .address.s_addr = htonl(0x0a000004) },
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct found found = find(f, filters[i]);

		assert_int_equal(found.n, 1);
		assert_ptr_equal(found.session[0], s);
		assert_int_equal(count(f, filters[i]), 1);
	}
}

static void by_session_id(void **state)
{
	struct fixture *f = *state;
	struct session_record rec;
	struct session_filter filter = { .session_id = rec.session_id };

	session_describe(first(f, "u2"), &rec);
	assert_int_equal(strlen(rec.session_id), SUBJECT_ID_LEN);
	assert_ptr_equal(find(f, filter).session[0], first(f, "u2"));
	assert_int_equal(count(f, filter), 1);
	filter.account = "u1";
	assert_int_equal(find(f, filter).n, 0);
	assert_int_equal(count(f, filter), 0);
	filter.account = NULL;
	rec.session_id[0] ^= 1; /* of another start */
	assert_int_equal(find(f, filter).n, 0);
	assert_int_equal(count(f, filter), 0);
	filter.session_id = "00000003";
	assert_int_equal(find(f, filter).n, 0);
}

static void everything_must_match(void **state)
{
	struct fixture *f = *state;
	const struct session_filter filters[] = {
		{ .by_ppp_id = true, .ppp_id = 0 },
		{ .by_ppp_id = true, .ppp_id = 3, .by_port = true, .port = 2 },
		{ .by_port = true, .port = 4 },
		{ .by_port = true, .port = 3, .account = "u1" },
		{ .by_address = true, .address.s_addr = htonl(0x0a000004), .account = "u1" },
		{ .by_address = true, .address.s_addr = htonl(0x0a000005) },
		{ .account = "HERE\\u2" },
		{ .account = "u2", .calling = "02:00:00:00:00:01" },
		{ .calling = "02:00:00:00:00:04" },
		{ .port_id = "access1" },
		{ .port_id = "access0", .calling = "02:00:00:00:00:04" },
		{ .account = "u2", .called = "isp" },
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		assert_int_equal(find(f, filters[i]).n, 0);
		assert_int_equal(count(f, filters[i]), 0);
	}
}

/* Once each, though the account is looked for in two places. */
static void all_of_an_account(void **state)
{
	struct fixture *f = *state;
	struct found found = find(f, (struct session_filter){ .account = "u1" });

	assert_int_equal(found.n, 2);
	assert_int_equal(ppp_id_of(found.session[0]) + ppp_id_of(found.session[1]), 1 + 2);
	assert_int_equal(count(f, (struct session_filter){ .account = "u1" }), 2);
	found = find(f, (struct session_filter){ .account = "HERE\\u1" });
	assert_int_equal(found.n, 1);
	assert_int_equal(ppp_id_of(found.session[0]), 2);
	assert_int_equal(find(f, (struct session_filter){ .port_id = "access0" }).n, 3);
}

static void too_many_are_none(void **state)
{
	struct fixture *f = *state;
	struct session_filter filter = { .port_id = "access0" };
	struct session *one[1];

	assert_int_equal(sessions_find(f->sessions, &filter, one, 1), -E2BIG);
	filter.account = "u2"; /* the other name tells them apart */
	assert_int_equal(sessions_find(f->sessions, &filter, one, 1), 1);
	filter = (struct session_filter){ .protocol = "pppoe" };
	assert_int_equal(sessions_find(f->sessions, &filter, one, 1), -E2BIG);
}

static void what_has_ended_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct session *s = first(f, "u2");

	assert_false(session_ending(s));
	f->clients[2].mute = true;
	session_terminate(s, CAUSE_CLEARED);
	assert_true(session_ending(s)); /* says good-bye, but nothing passes */
	assert_int_equal(totals(f).established, 2);
	assert_int_equal(find(f, (struct session_filter){ .account = "u2" }).n, 1);
	assert_int_equal(find(f, (struct session_filter){ .by_address = true,
							  .address.s_addr = htonl(0x0a000004) })
				 .n,
			 0);
	session_carrier_user.lost(f->sessions, &f->clients[2].pppoe->carrier, CAUSE_PEER);
	assert_int_equal(find(f, (struct session_filter){ .account = "u2" }).n, 0);
	assert_int_equal(find(f, (struct session_filter){ .by_port = true, .port = 3 }).n, 0);
	assert_int_equal(find(f, (struct session_filter){ .calling = "02:00:00:00:00:03" }).n, 0);
	assert_int_equal(find(f, (struct session_filter){ .port_id = "access0" }).n, 2);
}

/* An L2TP client may go on from another address. */
static void a_carrier_that_moved_is_found_where_it_is(void **state)
{
	struct fixture *f = *state;
	struct client *c = &f->clients[2];

	c->pppoe->peer_mac[5] = 0x33;
	session_carrier_user.moved(f->sessions, &c->pppoe->carrier);
	assert_int_equal(find(f, (struct session_filter){ .calling = "02:00:00:00:00:03" }).n, 0);
	assert_int_equal(find(f, (struct session_filter){ .peer = "02:00:00:00:00:03" }).n, 0);
	assert_ptr_equal(
		find(f, (struct session_filter){ .calling = "02:00:00:00:00:33" }).session[0],
		first(f, "u2"));
	assert_int_equal(find(f, (struct session_filter){ .peer = "02:00:00:00:00:33" }).n, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_three, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_each_name),
		TEST(by_session_id),
		TEST(everything_must_match),
		TEST(all_of_an_account),
		TEST(too_many_are_none),
		TEST(what_has_ended_is_not_found),
		TEST(a_carrier_that_moved_is_found_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
