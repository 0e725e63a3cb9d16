/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Control connections: how they end, and what becomes of them under another configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "l2tp_fixture.h"

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	*state = f;
	return fixture_setup(f);
}

static int teardown(void **state)
{
	fixture_teardown(*state);
	free(*state);
	return 0;
}

static void assert_stopped(struct fixture *f, unsigned int result, unsigned int error)
{
	assert_int_equal(last_sent(f)->avps.message, L2TP_STOPCCN);
	assert_int_equal(last_sent(f)->avps.result, result);
	assert_int_equal(last_sent(f)->avps.error, error);
}

static void stopccn_ends_all_calls_and_is_acknowledged_again(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct l2tp_tunnel_record record;
	struct l2tp_tunnel *t;
	uint64_t after = 0;
	struct message m;

	lac_connect(&lac);
	lac_call(&lac, 5);
	lac_call(&lac, 6);
	t = lac_tunnel(&lac);
	message_begin(&m, L2TP_STOPCCN);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_TUNNEL_ID, 7);
	l2tp_avp_put_result(&m.w, 1, 0, "good\x1b bye");
	lac_send(&lac, 0, &m.w);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_PEER);
	assert_int_equal(f->carriers.accepted[1].lost, CAUSE_PEER);
	assert_int_equal(f->l2tp->counters.calls, 0);
	assert_false(l2tp_next_tunnel(f->l2tp, &after, &record));
	assert_int_equal(f->l2tp->counters.tunnels, 0); /* it only lingers */
	f->n_sent = 0;
	lac.ns--;
	lac_send(&lac, 0, &m.w);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(last_sent(f)->header.payload.len, 0);
	assert_int_equal(last_sent(f)->header.nr, lac.ns);
	fixture_strike(f, &t->timer);
	fixture_turn(f);
	assert_int_equal(f->l2tp->counters.tunnels, 0);
}

static void clearing_a_tunnel_waits_for_the_peer(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct accepted *a;

	assert_int_equal(l2tp_clear_tunnel(f->l2tp, 1), -ENOENT);
	lac_connect(&lac);
	a = lac_call(&lac, 5);
	lac_zlb(&lac);
	assert_int_equal(l2tp_clear_tunnel(f->l2tp, lac.tunnel_id), 0);
	assert_int_equal(a->lost, CAUSE_CLEARED);
	assert_stopped(f, L2TP_STOP_CLEAR, 0);
	assert_int_equal(last_sent(f)->avps.tunnel_id, lac.tunnel_id);
	assert_int_equal(l2tp_clear_tunnel(f->l2tp, lac.tunnel_id), -ENOENT);
	fixture_strike(f, &lac_tunnel(&lac)->control.timer);
	assert_stopped(f, L2TP_STOP_CLEAR, 0);
	lac_zlb(&lac);
	fixture_turn(f);
	assert_null(lac_tunnel(&lac));
}

/* Calls are lost one after the other, and their tunnel waits for them, whatever becomes of it. */
static void a_tunnel_stays_until_its_last_call_is_lost(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct accepted *a[3];

	lac_connect(&lac);
	for (uint16_t i = 0; i < 3; i++)
		a[i] = lac_call(&lac, (uint16_t)(5 + i));
	lac_zlb(&lac);
	carriers_by_hand(&f->carriers);
	assert_int_equal(l2tp_clear_tunnel(f->l2tp, lac.tunnel_id), 0);
	assert_stopped(f, L2TP_STOP_CLEAR, 0);
	assert_int_equal(f->l2tp->counters.calls, 3);
	lac_zlb(&lac);
	fixture_turn(f);
	assert_non_null(lac_tunnel(&lac));
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_GONE);
	assert_true(carriers_step(&f->carriers));
	assert_int_equal(f->l2tp->counters.calls, 2);
	/* one ends by itself meanwhile */
	a[1]->carrier->ops->close(a[1]->carrier, CAUSE_PEER);
	assert_int_equal(a[1]->lost, CAUSE_NONE);
	fixture_turn(f);
	assert_non_null(lac_tunnel(&lac));
	assert_false(carriers_step(&f->carriers));
	assert_int_equal(a[0]->lost, CAUSE_CLEARED);
	assert_int_equal(a[2]->lost, CAUSE_CLEARED);
	fixture_turn(f);
	assert_null(lac_tunnel(&lac));
	assert_int_equal(f->l2tp->counters.calls, 0);
}

static void what_befalls_a_tunnel_first_is_why_calls_are_lost(void **state)
{
	static const uint8_t lcp[] = { 0xff, 0x03, 0xc0, 0x21, 9, 1, 0, 8, 1, 2, 3, 4 };
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct accepted *a, *b;

	lac_connect(&lac);
	a = lac_call(&lac, 5);
	b = lac_call(&lac, 6);
	carriers_by_hand(&f->carriers);
	assert_int_equal(l2tp_clear_tunnel(f->l2tp, lac.tunnel_id), 0);
	assert_stopped(f, L2TP_STOP_CLEAR, 0);
	l2tp_tunnel_drop(lac_tunnel(&lac), CAUSE_LOST_CARRIER);
	f->n_sent = 0;
	/* one is still heard, the other hangs up, and there is nobody left to tell */
	lac_data(&lac, b->call->session_id, false, 0, lcp, sizeof(lcp));
	assert_int_equal(b->inputs, 1);
	a->carrier->ops->close(a->carrier, CAUSE_REPLACED);
	assert_int_equal(f->n_sent, 0);
	assert_false(carriers_step(&f->carriers));
	assert_int_equal(a->lost, CAUSE_NONE);
	assert_int_equal(b->lost, CAUSE_CLEARED);
	fixture_turn(f);
	assert_null(lac_tunnel(&lac));
}

static void a_listener_does_not_wait_for_calls_to_be_lost(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct accepted *a, *b;

	lac_connect(&lac);
	a = lac_call(&lac, 5);
	b = lac_call(&lac, 6);
	carriers_by_hand(&f->carriers);
	l2tp_clear_tunnel(f->l2tp, lac.tunnel_id);
	STAILQ_INIT(&f->conf.tunnels);
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	assert_int_equal(a->lost, CAUSE_CLEARED);
	assert_int_equal(b->lost, CAUSE_CLEARED);
	assert_int_equal(f->l2tp->counters.calls, 0);
	assert_true(LIST_EMPTY(&f->l2tp->listeners));
}

/* Nor for answers that the peer has not seen: its calls are over anyway. */
static void a_good_bye_does_not_wait_for_all_answers(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct message m;

	lac_connect(&lac);
	for (uint16_t i = 1; i <= 20; i++) {
		icrq_begin(&m, i);
		lac_put(&lac, 0, &m.w, lac.ns++, 1);
	}
	assert_int_equal(lac_tunnel(&lac)->control.queued, 20);
	assert_int_equal(l2tp_clear_tunnel(f->l2tp, lac.tunnel_id), 0);
	lac.nr = (uint16_t)(1 + lac_tunnel(&lac)->control.in_flight);
	lac_zlb(&lac);
	assert_int_equal(last_sent(f)->avps.message, L2TP_STOPCCN);
	assert_int_equal(last_sent(f)->header.ns, lac.nr);
}

static void unexpected_messages_end_the_tunnel(void **state)
{
	static const enum l2tp_message wrong[] = { L2TP_SCCRQ, L2TP_SCCRP, L2TP_SCCCN };
	struct fixture *f = *state;
	struct message m;

	for (unsigned int i = 0; i < 3; i++) {
		struct lac lac = lac_at(f, "198.51.100.1", 1701, (uint16_t)(7 + i));

		lac_connect(&lac);
		message_begin(&m, wrong[i]);
		lac_send(&lac, 0, &m.w);
		assert_stopped(f, L2TP_STOP_FSM, 0);
	}
	assert_int_equal(drops(f, XP_R_L_STATE), 3);
}

static void calls_need_an_established_tunnel(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);

	lac_sccrq(&lac);
	assert_int_equal(lac_icrq(&lac, 5), 0);
	assert_stopped(f, L2TP_STOP_FSM, 0);
	assert_int_equal(f->carriers.n, 0);
}

static void a_removed_listener_takes_its_tunnels_along(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct accepted *a;

	lac_connect(&lac);
	a = lac_call(&lac, 5);
	f->tunnel.bound = false;
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	assert_int_equal(a->lost, CAUSE_CONFIG);
	assert_stopped(f, L2TP_STOP_SHUTDOWN, 0);
	assert_int_equal(f->l2tp->counters.tunnels, 0);
}

/* In one turn: the message is not acknowledged yet. */
static void a_tunnel_may_go_before_it_acknowledges(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	uint8_t hello[L2TP_CONTROL_HEADER + 8] = { 0 };
	struct wbuf w = wbuf_of(hello, sizeof(hello));

	lac_connect(&lac);
	lac_hear(&lac);
	l2tp_control_header_put(&w, sizeof(hello), lac.tunnel_id, 0, lac.ns, lac.nr);
	l2tp_avp_put_message(&w, L2TP_HELLO);
	l2tp_receive(fixture_listener(f), &lac.path, buf_of(hello, w.len));
	assert_true(lac_tunnel(&lac)->to_flush);
	f->tunnel.bound = false;
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	assert_true(TAILQ_EMPTY(&f->l2tp->flush));
	l2tp_turn_over(f->l2tp);
}

static void a_tunnel_belongs_to_its_listener(void **state)
{
	union l2tp_addr second = fixture_addr("192.0.2.2", 1701);
	struct conf_addr listen = { .addr = l2tp_addr_storage(&second) };
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct l2tp_listener *first = fixture_listener(f), *other;
	uint8_t hello[L2TP_CONTROL_HEADER + 8] = { 0 };
	struct wbuf w = wbuf_of(hello, sizeof(hello));

	lac_connect(&lac);
	lac_zlb(&lac);
	STAILQ_INSERT_TAIL(&f->tunnel.l2tp.listen, &listen, entry);
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	other = LIST_FIRST(&f->l2tp->listeners);
	assert_ptr_not_equal(other, first);
	l2tp_control_header_put(&w, sizeof(hello), lac.tunnel_id, 0, lac.ns, lac.nr);
	l2tp_avp_put_message(&w, L2TP_HELLO);
	/* though it claims the right path */
	l2tp_receive(other, &lac.path, buf_of(hello, w.len));
	assert_int_equal(drops(f, XP_R_L_PEER), 1);
	assert_false(lac_tunnel(&lac)->to_flush);
	STAILQ_REMOVE(&f->tunnel.l2tp.listen, &listen, conf_addr, entry);
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
}

static void a_listener_for_all_takes_the_place_of_one(void **state)
{
	union l2tp_addr all = fixture_addr("0.0.0.0", 1701), one = fixture_addr("192.0.2.1", 1701);
	struct fixture *f = *state;

	f->listen.addr = l2tp_addr_storage(&all);
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	f->listen.addr = l2tp_addr_storage(&one);
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	assert_true(fixture_listener(f)->open);
	assert_null(LIST_NEXT(fixture_listener(f), entry));
}

static void a_new_configuration_counts_for_old_tunnels(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct lac esp = lac_at(f, "198.51.100.2", 1701, 7);
	struct l2tp_tunnel *t;

	f->tunnel.l2tp.hello_interval = 0;
	lac_connect(&lac);
	lac_connect(&esp);
	t = lac_tunnel(&lac);
	assert_false(ev_is_active(&t->timer));
	f->tunnel.l2tp.hello_interval = 60;
	fixture_time.ms += 50000;
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	assert_true(ev_timer_remaining(f->loop, &t->timer) < 10.5);
	fixture_time.ms += 50000;
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	assert_true(ev_is_active(&t->timer));
	f->tunnel.l2tp.require_ipsec = true;
	assert_int_equal(l2tp_configure(f->l2tp, &f->conf), 0);
	assert_int_equal(t->state, L2TP_TUNNEL_STOPPING);
	assert_stopped(f, L2TP_STOP_NOT_AUTHORIZED, 0);
	assert_int_equal(lac_tunnel(&esp)->state, L2TP_TUNNEL_ESTABLISHED);
}

static void tunnels_are_shown_one_by_one(void **state)
{
	struct fixture *f = *state;
	struct l2tp_tunnel_record record;
	unsigned int n = 0;
	uint64_t after = 0;

	for (uint16_t i = 0; i < 3; i++) {
		struct lac lac = lac_at(f, "198.51.100.1", 1701, (uint16_t)(7 + i));

		lac.hostname = "la\nc";
		lac_connect(&lac);
		lac_call(&lac, 5);
	}
	while (l2tp_next_tunnel(f->l2tp, &after, &record)) {
		n++;
		assert_string_equal(record.tunnel, "L");
		assert_string_equal(record.local, "192.0.2.1:1701");
		assert_string_equal(record.peer, "198.51.100.1:1701");
		assert_string_equal(record.hostname, "la\\x0ac");
		assert_string_equal(record.state, "established");
		assert_int_equal(record.sessions, 1);
		assert_int_equal(record.window, 8);
	}
	assert_int_equal(n, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stopccn_ends_all_calls_and_is_acknowledged_again),
		TEST(clearing_a_tunnel_waits_for_the_peer),
		TEST(a_tunnel_stays_until_its_last_call_is_lost),
		TEST(what_befalls_a_tunnel_first_is_why_calls_are_lost),
		TEST(a_listener_does_not_wait_for_calls_to_be_lost),
		TEST(a_good_bye_does_not_wait_for_all_answers),
		TEST(unexpected_messages_end_the_tunnel),
		TEST(calls_need_an_established_tunnel),
		TEST(a_removed_listener_takes_its_tunnels_along),
		TEST(a_new_configuration_counts_for_old_tunnels),
		TEST(a_tunnel_may_go_before_it_acknowledges),
		TEST(a_tunnel_belongs_to_its_listener),
		TEST(a_listener_for_all_takes_the_place_of_one),
		TEST(tunnels_are_shown_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
