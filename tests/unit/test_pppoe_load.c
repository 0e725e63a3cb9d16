/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Discovery when there is much to do: nobody new, later, or as always. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pppoe_fixture.h"

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	*state = f;
	return fixture_setup(f, 64);
}

static int teardown(void **state)
{
	fixture_teardown(*state);
	free(*state);
	return 0;
}

static void nobody_new_is_taken_while_busy(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	const uint16_t sid = s->sid;
	unsigned int sent = f->n_sent;

	f->carriers.load.busy = XP_R_A_BEHIND;
	padi(f, "");
	assert_int_equal(f->n_sent, sent);
	assert_int_equal(drops(f, XP_R_A_BEHIND), 1);
	f->carriers.load.busy = XP_R_NONE;
	padi(f, "");
	f->carriers.load.busy = XP_R_A_HALF_OPEN;
	padr(f, ""); /* no PADS with an error, at which clients give up */
	assert_int_equal(f->n_sent, sent + 1);
	assert_int_equal(f->carriers.n, 1);
	assert_int_equal(drops(f, XP_R_A_HALF_OPEN), 1);
	f->carriers.load.busy = XP_R_NONE;
	padr(f, "");
	assert_int_equal(f->carriers.n, 2);
	/* who has a session is served */
	f->carriers.load.busy = XP_R_A_BEHIND;
	padt(f, sid, peer_mac);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_PEER);
}

static void a_repeated_padr_is_answered_while_busy(void **state)
{
	struct fixture *f = *state;
	struct client_frame first, again;

	padi(f, "");
	padr_begin(f, &first, "");
	padr_begin(f, &again, "");
	client_deliver(f, &first);
	f->carriers.load.busy = XP_R_A_BEHIND;
	client_deliver(f, &again);
	assert_int_equal(f->n_sent, 3);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADS);
	assert_int_equal(f->carriers.n, 1);
	assert_int_equal(drops(f, XP_R_A_BEHIND), 0);
}

static void the_way_before_the_session_is_told(void **state)
{
	struct fixture *f = *state;

	padi(f, "");
	fixture_time.ms += 1234;
	padr(f, "");
	assert_int_equal(f->carriers.accepted[0].carrier->waited_ms, 1234);
}

static void run_for(struct fixture *f, int ms)
{
	int64_t end = mono_now().ms + ms;

	while (mono_now().ms < end) {
		ev_run(f->loop, EVRUN_NOWAIT);
		usleep(1000);
	}
}

static void offers_wait_by_load(void **state)
{
	struct fixture *f = *state;
	struct pppoe_counters counters;

	f->tunnel[0].pppoe.pado_delay = (struct conf_delays){
		.n = 3,
		.step = { { 0, 0, false }, { 200, 10, false }, { CONF_DELAY_REFUSE, 20, false } },
	};
	padi(f, "");
	assert_int_equal(f->n_sent, 1);
	f->carriers.load.sessions = 10;
	padi(f, "");
	run_for(f, 50);
	assert_int_equal(f->n_sent, 1);
	run_for(f, 200);
	assert_int_equal(f->n_sent, 2);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADO);
	padr(f, ""); /* its cookie is good */
	assert_int_equal(f->carriers.n, 1);
	f->carriers.load.sessions = 20;
	padi(f, "");
	run_for(f, 250);
	assert_int_equal(f->n_sent, 3);
	assert_int_equal(drops(f, XP_R_A_PADO), 1);
	pppoe_counters(f->pppoe, &counters);
	assert_int_equal(counters.pado_delayed, 1);
	assert_int_equal(counters.pado, 2);
}

static void shorter_waits_overtake_and_end_with_the_device(void **state)
{
	struct fixture *f = *state;

	f->tunnel[0].pppoe.pado_delay = (struct conf_delays){
		.n = 2,
		.step = { { 5000, 0, false }, { 20, 10, false } },
	};
	padi(f, "");
	f->carriers.load.sessions = 10;
	padi(f, "");
	run_for(f, 100);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(f->pppoe->later.n, 1);
	fixture_link(f, 0, 0);
	assert_int_equal(f->pppoe->later.n, 0);
	assert_false(ev_is_active(&f->pppoe->later.timer));
}

static void waiting_offers_are_bounded(void **state)
{
	struct fixture *f = *state;

	f->tunnel[0].pppoe.pado_delay =
		(struct conf_delays){ .n = 1, .step = { { 5000, 0, false } } };
	for (unsigned int i = 0; i < PPPOE_LATER_MAX + 7; i++) {
		fixture_time.ms += 1000; /* within the peer's rate */
		padi(f, "");
	}
	assert_int_equal(f->pppoe->later.n, PPPOE_LATER_MAX);
	assert_int_equal(drops(f, XP_R_A_PADO_QUEUE), 7);
	assert_int_equal(f->n_sent, 0);
}

static void steps_of_both_kinds_count(void **state)
{
	const struct conf_delays none = { 0 }, delays = {
		.n = 5,
		.step = { { 10, 0, false },
			  { 100, 50, false },
			  { 30, 5, true },
			  { 200, 60, true },
			  { CONF_DELAY_REFUSE, 80, true } },
	};

	(void)state;
	assert_int_equal(conf_delay(&none, 100000, 100000), 0);
	assert_int_equal(conf_delay(&delays, 0, 0), 10);
	assert_int_equal(conf_delay(&delays, 49, 4), 10);
	assert_int_equal(conf_delay(&delays, 49, 5), 30);
	assert_int_equal(conf_delay(&delays, 50, 5), 100);
	assert_int_equal(conf_delay(&delays, 60, 60), 200);
	assert_int_equal(conf_delay(&delays, 60, 80), CONF_DELAY_REFUSE);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(nobody_new_is_taken_while_busy),
		test(a_repeated_padr_is_answered_while_busy),
		test(the_way_before_the_session_is_told),
		test(offers_wait_by_load),
		test(shorter_waits_overtake_and_end_with_the_device),
		test(waiting_offers_are_bounded),
		cmocka_unit_test(steps_of_both_kinds_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
