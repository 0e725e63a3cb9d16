/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The RADIUS client and several servers: failover, return, accounting, configurations. */
#include "radius_fixture.h"

/* ---- several ---- */

static void test_failover_and_return(void **state)
{
	struct fixture *f = *state;

	use(f, conf_new(f, 2));
	f->servers[0]->manner = SILENT;
	f->servers[0]->knows_status = false;
	ask(f);
	run(f, 1, 3);
	assert_int_equal(f->accepted, 1);
	assert_int_equal(look(f, 0)->state, RADIUS_DEAD);
	assert_int_equal(look(f, 0)->counters->failovers, 1);
	assert_int_equal(f->servers[0]->received, 4);
	/* the dead one is passed over */
	ask(f);
	run(f, 2, 0.2);
	assert_int_equal(f->accepted, 2);
	assert_int_equal(f->servers[0]->received, 4);
	assert_int_equal(f->servers[1]->received, 2);
	/* and is asked how it is, until it says */
	f->servers[0]->manner = ANSWERS;
	f->servers[0]->knows_status = true;
	run(f, 99, 3);
	assert_true(f->servers[0]->statuses >= 1);
	assert_int_equal(look(f, 0)->state, RADIUS_ALIVE);
	ask(f);
	run(f, 3, 0.2);
	assert_int_equal(f->servers[0]->received, 5);
}

/* A server that does not know Status-Server gets a request when its dead-time is over. */
static void test_return_by_trial(void **state)
{
	struct fixture *f = *state;

	use(f, conf_new(f, 2));
	f->servers[0]->manner = SILENT;
	f->servers[0]->knows_status = false;
	ask(f);
	run(f, 1, 3);
	f->servers[0]->manner = ANSWERS;
	run(f, 99, 1.2);
	assert_int_equal(look(f, 0)->state, RADIUS_PROBED);
	ask(f);
	run(f, 2, 0.2);
	assert_int_equal(f->accepted, 2);
	assert_int_equal(look(f, 0)->state, RADIUS_ALIVE);
}

/* The one that gave the State, and no other. */
static void test_preferred(void **state)
{
	struct fixture *f = *state;
	struct radius_job *job;
	unsigned int second;

	use(f, conf_new(f, 2));
	second = look(f, 1)->number;
	assert_int_equal(ask_for(f, second, &job), 0);
	run(f, 1, 1);
	assert_int_equal(f->last_server, second);
	assert_int_equal(f->servers[0]->received, 0);
	f->servers[1]->manner = SILENT;
	assert_int_equal(ask_for(f, second, &job), 0);
	run(f, 2, 3);
	assert_int_equal(f->timed_out, 1);
	assert_int_equal(f->servers[0]->received, 0);
}

/* Each server is told how long ago it was; an answer of the other kind is none. */
static void test_accounting(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 2);
	uint8_t storage[16];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct server *s = f->servers[1];
	struct radius_job *job;
	int i;

	auth->authentication.timeout = 3;
	assert_int_equal(radius_group_new(f->radius, &auth->authentication, RADIUS_ACCOUNTING,
					  &f->group),
			 0);
	conf_auth_free(auth);
	f->servers[0]->manner = s->manner = KEEPS;
	radius_put_u32(&attrs, 0, 40, 1);
	attrs.event = time(NULL) - 5;
	assert_int_equal(
		radius_send(f->group, RADIUS_ACCOUNTING_REQUEST, &attrs, 0, on_done, f, &job), 0);
	for (i = 0; i < 100 && s->n_kept == 0; i++)
		run(f, 1, 0.1);
	assert_in_range(delay_of(f->servers[0], 0), 5, 6);
	assert_in_range(delay_of(s, 0), 8, 12);
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from, RADIUS_ACCESS_ACCEPT,
		   SECRET);
	run(f, 1, 0.1);
	assert_int_equal(f->ended, 0);
	assert_int_equal(look(f, 1)->counters->bad[RADIUS_BAD_CODE], 1);
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from,
		   RADIUS_ACCOUNTING_RESPONSE, SECRET);
	run(f, 1, 1);
	assert_int_equal(f->last_result, 0);
	assert_int_equal(look(f, 1)->counters->responses, 1);
}

/* When a server dies, all that it has goes on to the other at once. */
static void test_all_move(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	use(f, conf_new(f, 2));
	f->servers[0]->manner = SILENT;
	for (i = 0; i < 50; i++)
		ask(f);
	run(f, 99, 0.5);
	for (i = 0; i < 50; i++)
		ask(f);
	run(f, 100, 0.8);
	assert_int_equal(f->accepted, 100);
}

static void test_all_dead(void **state)
{
	struct fixture *f = *state;

	use(f, conf_new(f, 2));
	f->servers[0]->manner = f->servers[1]->manner = SILENT;
	ask(f);
	run(f, 1, 5);
	assert_int_equal(f->timed_out, 1);
	assert_true(radius_group_dead(f->group));
	/* still tried: it may have come back in this moment */
	f->servers[0]->manner = ANSWERS;
	ask(f);
	run(f, 2, 1);
	assert_int_equal(f->accepted, 1);
	assert_false(radius_group_dead(f->group));
}

/* ---- configurations ---- */

static void test_reload_keeps_state(void **state)
{
	struct fixture *f = *state;
	struct radius_group *old;
	struct conf_auth *auth;
	unsigned int number;

	use(f, conf_new(f, 1));
	f->servers[0]->manner = KEEPS;
	ask(f);
	number = look(f, 0)->number;
	old = f->group;
	use(f, conf_new(f, 1));
	radius_group_unref(old);
	assert_int_equal(look(f, 0)->number, number);
	assert_int_equal(f->n_info, 1);
	assert_int_equal(look(f, 0)->outstanding, 1);
	/* another secret is another server; the old one stays for its request */
	auth = conf_new(f, 1);
	STAILQ_FIRST(&auth->authentication.servers)->secret[0] = 'X';
	old = f->group;
	use(f, auth);
	radius_group_unref(old);
	look(f, 0);
	assert_int_equal(f->n_info, 2);
	run(f, 1, 0.1);
	send_reply(f->servers[0], f->servers[0]->kept[0].packet, f->servers[0]->kept[0].len,
		   &f->servers[0]->kept[0].from, 2, SECRET);
	run(f, 1, 1);
	assert_int_equal(f->accepted, 1);
	look(f, 0);
	assert_int_equal(f->n_info, 1);
}

static void test_shutdown(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	use(f, conf_new(f, 1));
	f->servers[0]->manner = SILENT;
	for (i = 0; i < 100; i++)
		ask(f);
	radius_group_unref(f->group);
	f->group = NULL;
	radius_free(f->radius);
	f->radius = NULL;
	assert_int_equal(f->ended, 100);
	assert_int_equal(f->last_result, -ECANCELED);
}

static void test_nothing_to_ask(void **state)
{
	struct fixture *f = *state;
	uint8_t big[RADIUS_MAX] = { 0 };
	struct radius_attrs attrs = { .data = big, .len = sizeof(big), .cap = sizeof(big) };
	struct radius_job *job;

	use(f, conf_new(f, 0));
	assert_int_equal(ask_for(f, 0, &job), -EDESTADDRREQ);
	assert_true(radius_group_dead(f->group));
	radius_group_unref(f->group);
	use(f, conf_new(f, 1));
	assert_int_equal(radius_send(f->group, RADIUS_ACCESS_REQUEST, &attrs, 0, on_done, f, &job),
			 -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_failover_and_return),
		TEST(test_return_by_trial),
		TEST(test_preferred),
		TEST(test_accounting),
		TEST(test_all_move),
		TEST(test_all_dead),
		TEST(test_reload_keeps_state),
		TEST(test_shutdown),
		TEST(test_nothing_to_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
