/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Reliable delivery between one end and a wire that loses, repeats and shuffles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tunnel/l2tp/l2tp_control.h"
#include "tunnel/l2tp/l2tp_wire.h"

#define WIRE 512

struct end {
	struct ev_loop *loop;
	struct l2tp_control control;
	struct l2tp_control_counts total;
	struct l2tp_header sent[WIRE];
	uint8_t last[64];
	unsigned int n_sent;
	uint8_t delivered[WIRE]; /* first octets, in order */
	unsigned int n_delivered;
	unsigned int deaths, idles;
};

static void on_transmit(void *arg, const uint8_t *message, size_t len)
{
	struct end *e = arg;

	assert_in_range(len, L2TP_CONTROL_HEADER, sizeof(e->last));
	memcpy(e->last, message, len);
	assert_true(e->n_sent < WIRE);
	assert_int_equal(l2tp_header_parse(buf_of(e->last, len), &e->sent[e->n_sent++]), 0);
}

static void on_deliver(void *arg, uint16_t session_id, struct buf payload)
{
	struct end *e = arg;

	assert_int_equal(session_id, payload.p[0]);
	e->delivered[e->n_delivered++] = payload.p[0];
	if (payload.len > 1) /* the owner ends it meanwhile */
		l2tp_control_stop(&e->control);
}

static void on_dead(void *arg)
{
	((struct end *)arg)->deaths++;
}

static void on_idle(void *arg)
{
	((struct end *)arg)->idles++;
}

static const struct l2tp_control_ops ops = { on_transmit, on_deliver, on_dead, on_idle };

static int setup(void **state)
{
	struct end *e = calloc(1, sizeof(*e));

	e->loop = ev_loop_new(0);
	l2tp_control_init(&e->control, e->loop, &ops, e, &e->total);
	*state = e;
	return 0;
}

static int teardown(void **state)
{
	struct end *e = *state;

	l2tp_control_stop(&e->control);
	ev_loop_destroy(e->loop);
	free(e);
	return 0;
}

static void send_one(struct end *e)
{
	uint8_t avps[4] = { 0 };
	struct wbuf w = { avps, sizeof(avps), sizeof(avps), false };

	assert_int_equal(l2tp_control_send(&e->control, 7, 0, &w), 0);
}

static enum l2tp_control_verdict hear(struct end *e, uint16_t ns, uint16_t nr, const char *payload)
{
	struct l2tp_header h = {
		.control = true,
		.session_id = (uint8_t)payload[0],
		.ns = ns,
		.nr = nr,
		.payload = buf_of(payload, strlen(payload)),
	};

	return l2tp_control_receive(&e->control, &h);
}

static void acknowledge(struct end *e, uint16_t nr)
{
	assert_int_equal(hear(e, e->control.nr, nr, ""), L2TP_CONTROL_TAKEN);
}

static void strike(struct end *e)
{
	assert_true(ev_is_active(&e->control.timer));
	ev_timer_stop(e->loop, &e->control.timer);
	ev_invoke(e->loop, &e->control.timer, EV_TIMER);
}

static double pause_of(const struct end *e)
{
	return ev_timer_remaining(e->loop, (struct ev_timer *)&e->control.timer);
}

/* ---- sending ---- */

static void the_window_opens_slowly_and_no_wider_than_the_peers(void **state)
{
	struct end *e = *state;

	l2tp_control_set_window(&e->control, 4);
	for (int i = 0; i < 20; i++)
		send_one(e);
	assert_int_equal(e->n_sent, 1);
	acknowledge(e, 1); /* 2 */
	assert_int_equal(e->n_sent, 3);
	acknowledge(e, 3); /* 4 */
	assert_int_equal(e->n_sent, 7);
	acknowledge(e, 7);
	assert_int_equal(e->n_sent, 11);
	assert_int_equal(e->control.in_flight, 4);
	for (unsigned int i = 0; i < e->n_sent; i++)
		assert_int_equal(e->sent[i].ns, i);
	assert_int_equal(e->idles, 0);
	while (e->control.queued > 0)
		acknowledge(e, (uint16_t)e->n_sent);
	assert_int_equal(e->n_sent, 20);
	assert_int_equal(e->idles, 1);
	assert_false(ev_is_active(&e->control.timer));
	assert_int_equal(e->control.counts.retransmits, 0);
}

static void a_loss_closes_the_window(void **state)
{
	struct end *e = *state;

	l2tp_control_set_window(&e->control, 8);
	for (int i = 0; i < 20; i++)
		send_one(e);
	for (uint16_t nr = 1; nr < 6; nr++)
		acknowledge(e, nr);
	assert_int_equal(e->control.in_flight, 6);
	e->n_sent = 0;
	strike(e);
	assert_int_equal(e->n_sent, 1); /* the oldest alone */
	assert_int_equal(e->sent[0].ns, 5);
	assert_int_equal(e->control.ssthresh, 3);
	acknowledge(e, 6);
	assert_int_equal(e->n_sent, 3); /* the ones after it again, too */
	assert_int_equal(e->sent[1].ns, 6);
	assert_int_equal(e->sent[2].ns, 7);
	assert_int_equal(e->control.counts.retransmits, 3);
	assert_int_equal(e->total.retransmits, 3);
	/* the peer had kept what came after the lost one */
	acknowledge(e, 11);
	assert_int_equal(e->sent[3].ns, 11);
}

static void pauses_double_up_to_the_death_of_the_peer(void **state)
{
	static const double pauses[] = { 1, 2, 4, 8, 8, 8 };
	struct end *e = *state;

	send_one(e);
	for (unsigned int i = 0; i < L2TP_CONTROL_RETRIES; i++) {
		assert_true(pause_of(e) > pauses[i] - 0.5 && pause_of(e) < pauses[i] + 0.5);
		strike(e);
	}
	assert_int_equal(e->n_sent, 1 + L2TP_CONTROL_RETRIES);
	assert_int_equal(e->deaths, 0);
	assert_true(pause_of(e) > 7.5);
	strike(e);
	assert_int_equal(e->deaths, 1);
	assert_int_equal(e->n_sent, 1 + L2TP_CONTROL_RETRIES);
}

static void progress_makes_the_pause_short_again(void **state)
{
	struct end *e = *state;

	send_one(e);
	send_one(e);
	strike(e);
	strike(e);
	acknowledge(e, 1);
	assert_true(pause_of(e) < 1.5);
	assert_int_equal(e->control.tries, 0);
}

static void what_was_never_sent_cannot_be_acknowledged(void **state)
{
	struct end *e = *state;

	l2tp_control_set_window(&e->control, 1);
	send_one(e);
	send_one(e);
	assert_int_equal(hear(e, 0, 3, "A"), L2TP_CONTROL_BEYOND);
	assert_int_equal(hear(e, 0, 2, "A"), L2TP_CONTROL_BEYOND); /* queued, not sent */
	assert_int_equal(hear(e, 0, 0x8000, "A"), L2TP_CONTROL_BEYOND);
	assert_int_equal(e->n_delivered, 0);
	assert_int_equal(hear(e, 0, 0xffff, "A"), L2TP_CONTROL_TAKEN); /* merely old */
	assert_int_equal(e->n_delivered, 1);
}

static void numbers_wrap(void **state)
{
	struct end *e = *state;

	e->control.ns = 0xfffe;
	e->control.nr = 0xffff;
	for (int i = 0; i < 4; i++)
		send_one(e);
	acknowledge(e, 0xffff);
	acknowledge(e, 1);
	acknowledge(e, 2);
	assert_int_equal(e->control.queued, 0);
	assert_int_equal(hear(e, 0xffff, 2, "A"), L2TP_CONTROL_TAKEN);
	assert_int_equal(hear(e, 0, 2, "B"), L2TP_CONTROL_TAKEN);
	assert_int_equal(hear(e, 0xffff, 2, "A"), L2TP_CONTROL_DUPLICATE);
	assert_int_equal(e->n_delivered, 2);
}

static void the_queue_may_be_longer_than_half_the_numbers(void **state)
{
	struct end *e = *state;

	l2tp_control_set_window(&e->control, 4);
	for (int i = 0; i < 0xc000; i++)
		send_one(e);
	assert_int_equal(hear(e, 0, 2, "A"), L2TP_CONTROL_BEYOND);
	acknowledge(e, 1);
	assert_int_equal(e->control.queued, 0xc000 - 1);
	for (uint32_t nr = 2; e->control.queued > 0; nr++) {
		e->n_sent = 0;
		acknowledge(e, (uint16_t)nr);
	}
	assert_int_equal(e->control.ns, 0xc000);
	assert_int_equal(e->idles, 1);
	assert_int_equal(e->control.counts.retransmits, 0);
}

static void a_window_of_all_the_numbers_is_used_in_part(void **state)
{
	struct end *e = *state;

	l2tp_control_set_window(&e->control, 0xffff);
	for (int i = 0; i < 0x9000; i++)
		send_one(e);
	for (uint32_t nr = 1; nr < 0x8000; nr++) {
		e->n_sent = 0;
		acknowledge(e, (uint16_t)nr);
		assert_true(e->control.in_flight <= L2TP_CONTROL_WINDOW_MAX);
	}
	assert_int_equal(e->control.in_flight, L2TP_CONTROL_WINDOW_MAX);
}

static void an_acknowledgement_has_the_number_that_comes_next_on_the_wire(void **state)
{
	struct end *e = *state;

	l2tp_control_set_window(&e->control, 1);
	for (int i = 0; i < 3; i++)
		send_one(e);
	hear(e, 0, 0, "A");
	l2tp_control_flush(&e->control, 7);
	assert_int_equal(e->sent[1].payload.len, 0);
	assert_int_equal(e->sent[1].ns, 1);
	strike(e); /* the repetition takes no number back */
	hear(e, 1, 0, "B");
	l2tp_control_flush(&e->control, 7);
	assert_int_equal(e->sent[3].ns, 1);
}

static void a_hurried_message_waits_only_for_what_is_under_way(void **state)
{
	struct end *e = *state;

	l2tp_control_set_window(&e->control, 2);
	for (int i = 0; i < 9; i++)
		send_one(e);
	acknowledge(e, 1);
	assert_int_equal(e->n_sent, 3);
	l2tp_control_hurry(&e->control);
	assert_int_equal(e->control.queued, 2);
	send_one(e);
	assert_int_equal(e->n_sent, 3);
	acknowledge(e, 2);
	assert_int_equal(e->n_sent, 4);
	assert_int_equal(e->sent[3].ns, 3);
	acknowledge(e, 4);
	assert_int_equal(e->idles, 1);
	l2tp_control_hurry(&e->control); /* with nothing there */
	assert_int_equal(e->control.ns, 4);
}

static void what_was_given_up_leaves_no_gap(void **state)
{
	struct end *e = *state;

	l2tp_control_set_window(&e->control, 1);
	for (int i = 0; i < 5; i++)
		send_one(e);
	l2tp_control_quiet(&e->control);
	send_one(e);
	assert_int_equal(e->sent[1].ns, 1);
}

/* ---- receiving ---- */

static void shuffled_messages_are_delivered_in_order_and_once(void **state)
{
	struct end *e = *state;

	assert_int_equal(hear(e, 2, 0, "C"), L2TP_CONTROL_TAKEN);
	assert_int_equal(hear(e, 1, 0, "B"), L2TP_CONTROL_TAKEN);
	assert_int_equal(hear(e, 2, 0, "C"), L2TP_CONTROL_DUPLICATE);
	assert_int_equal(e->n_delivered, 0);
	assert_int_equal(hear(e, 0, 0, "A"), L2TP_CONTROL_TAKEN);
	assert_memory_equal(e->delivered, "ABC", 3);
	assert_int_equal(hear(e, 0, 0, "A"), L2TP_CONTROL_DUPLICATE);
	assert_int_equal(hear(e, 2, 0, "C"), L2TP_CONTROL_DUPLICATE);
	assert_int_equal(e->n_delivered, 3);
	assert_int_equal(e->control.counts.duplicates, 3);
	assert_int_equal(e->total.duplicates, 3);
	/* one acknowledgement for all of it */
	l2tp_control_flush(&e->control, 7);
	l2tp_control_flush(&e->control, 7);
	assert_int_equal(e->n_sent, 1);
	assert_int_equal(e->sent[0].nr, 3);
	assert_int_equal(e->sent[0].tunnel_id, 7);
	assert_int_equal(e->sent[0].payload.len, 0);
}

static void what_is_kept_is_bounded(void **state)
{
	struct end *e = *state;

	for (uint16_t ns = 1; ns < L2TP_CONTROL_WINDOW; ns++)
		assert_int_equal(hear(e, ns, 0, "X"), L2TP_CONTROL_TAKEN);
	assert_int_equal(hear(e, L2TP_CONTROL_WINDOW, 0, "X"), L2TP_CONTROL_BEYOND);
	assert_int_equal(hear(e, 0x7fff, 0, "X"), L2TP_CONTROL_BEYOND);
	assert_int_equal(hear(e, 0, 0, "A"), L2TP_CONTROL_TAKEN);
	assert_int_equal(e->n_delivered, L2TP_CONTROL_WINDOW);
}

static void what_is_kept_is_bounded_in_octets(void **state)
{
	struct end *e = *state;
	char payload[1 + L2TP_CONTROL_KEPT_MAX / 4];

	memset(payload, 'X', sizeof(payload) - 1);
	payload[sizeof(payload) - 1] = '\0';
	for (uint16_t ns = 1; ns < 5; ns++)
		assert_int_equal(hear(e, ns, 0, payload), L2TP_CONTROL_TAKEN);
	assert_int_equal(hear(e, 5, 0, "X"), L2TP_CONTROL_BEYOND);
	assert_int_equal(hear(e, 1, 0, payload), L2TP_CONTROL_DUPLICATE);
	assert_int_equal(e->control.kept, L2TP_CONTROL_KEPT_MAX);
}

static void room_for_what_is_kept_comes_back(void **state)
{
	struct end *e = *state;

	for (uint16_t ns = 0; ns < 9 * L2TP_CONTROL_WINDOW; ns += 2) {
		hear(e, (uint16_t)(ns + 1), 0, "B");
		assert_int_equal(e->control.kept, 1);
		e->n_delivered = 0;
		hear(e, ns, 0, "A");
		assert_int_equal(e->n_delivered, 2);
		assert_int_equal(e->control.kept, 0);
	}
}

static void a_message_carries_the_acknowledgement(void **state)
{
	struct end *e = *state;

	hear(e, 0, 0, "A");
	send_one(e);
	assert_int_equal(e->sent[0].nr, 1);
	l2tp_control_flush(&e->control, 7);
	assert_int_equal(e->n_sent, 1);
	hear(e, 1, 0, "B");
	strike(e);
	assert_int_equal(e->sent[1].ns, 0);
	assert_int_equal(e->sent[1].nr, 2); /* of now, not of then */
}

static void it_may_be_stopped_while_it_delivers(void **state)
{
	struct end *e = *state;

	hear(e, 1, 0, "B");
	hear(e, 2, 0, "C");
	hear(e, 0, 0, "Astop");
	assert_int_equal(e->n_delivered, 1);
	assert_int_equal(hear(e, 3, 0, "D"), L2TP_CONTROL_BEYOND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_window_opens_slowly_and_no_wider_than_the_peers),
		TEST(a_loss_closes_the_window),
		TEST(pauses_double_up_to_the_death_of_the_peer),
		TEST(progress_makes_the_pause_short_again),
		TEST(what_was_never_sent_cannot_be_acknowledged),
		TEST(numbers_wrap),
		TEST(the_queue_may_be_longer_than_half_the_numbers),
		TEST(a_window_of_all_the_numbers_is_used_in_part),
		TEST(an_acknowledgement_has_the_number_that_comes_next_on_the_wire),
		TEST(a_hurried_message_waits_only_for_what_is_under_way),
		TEST(what_was_given_up_leaves_no_gap),
		TEST(shuffled_messages_are_delivered_in_order_and_once),
		TEST(what_is_kept_is_bounded),
		TEST(what_is_kept_is_bounded_in_octets),
		TEST(room_for_what_is_kept_comes_back),
		TEST(a_message_carries_the_acknowledgement),
		TEST(it_may_be_stopped_while_it_delivers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
