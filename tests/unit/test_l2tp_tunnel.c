/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Control connections: how they begin and last, and who may not. */
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

/* ---- beginning ---- */

static void a_tunnel_is_established(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	const struct sent *sccrp;

	lac_sccrq(&lac);
	sccrp = last_sent(f);
	assert_int_equal(sccrp->header.tunnel_id, 7);
	assert_int_equal(sccrp->header.session_id, 0);
	assert_int_equal(sccrp->header.ns, 0);
	assert_int_equal(sccrp->header.nr, 1);
	assert_int_equal(sccrp->avps.version, L2TP_VERSION);
	assert_int_equal(sccrp->avps.framing_capabilities, 3);
	assert_memory_equal(sccrp->avps.hostname.p, "lns", 3);
	assert_int_equal(sccrp->avps.window, L2TP_CONTROL_WINDOW);
	assert_int_not_equal(lac.tunnel_id, 0);
	assert_false(l2tp_avp_present(&sccrp->avps, L2TP_AVP_CHALLENGE));
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_WAIT);
	lac_connect(&lac);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_ESTABLISHED);
	/* the SCCCN is acknowledged by a ZLB */
	assert_int_equal(last_sent(f)->header.payload.len, 0);
	assert_int_equal(last_sent(f)->header.nr, 2);
	assert_int_equal(last_sent(f)->header.ns, 1);
}

static void a_repeated_sccrq_makes_no_second_tunnel(void **state)
{
	struct fixture *f = *state;
	struct l2tp_counters counters;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct message m;

	sccrq_begin(&m, &lac);
	lac_request(&lac, &m);
	for (int i = 0; i < 5; i++) {
		uint16_t id = lac.tunnel_id;

		assert_true(lac_request(&lac, &m));
		assert_int_equal(lac.tunnel_id, id);
		assert_int_equal(last_sent(f)->header.ns, 0);
	}
	/* from another port, as behind a NAT that forgot */
	l2tp_addr_set_port(&lac.path.peer, 50000);
	assert_true(lac_request(&lac, &m));
	assert_int_equal(l2tp_addr_port(&last_sent(f)->path.peer), 50000);
	l2tp_counters(f->l2tp, &counters);
	assert_int_equal(counters.tunnels, 1);
	assert_int_equal(counters.duplicates, 6);
	assert_int_equal(counters.retransmits, 6);
	/* two peers behind one address are two */
	lac.hostname = "other";
	sccrq_begin(&m, &lac);
	assert_true(lac_request(&lac, &m));
	assert_int_equal(f->l2tp->counters.tunnels, 2);
}

static void a_late_repetition_of_an_established_one_is_ignored(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct lac again;
	struct message m;

	lac_connect(&lac);
	again = lac;
	sccrq_begin(&m, &lac);
	lac_request(&again, &m);
	assert_int_equal(f->l2tp->counters.tunnels, 1);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_ESTABLISHED);
}

static void the_secret_is_proved_both_ways(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	static const uint8_t challenge[] = "a challenge";
	uint8_t response[16], expected[16];
	struct message m;

	fixture_secret(f, 0, "hush", NULL, 0);
	sccrq_begin(&m, &lac);
	l2tp_avp_put(&m.w, L2TP_AVP_CHALLENGE, true, challenge, sizeof(challenge));
	assert_true(lac_request(&lac, &m));
	l2tp_response(L2TP_SCCRP, "hush", buf_of(challenge, sizeof(challenge)), expected);
	assert_memory_equal(last_sent(f)->avps.response.p, expected, 16);
	assert_int_equal(last_sent(f)->avps.challenge.len, L2TP_CHALLENGE_LEN);
	l2tp_response(L2TP_SCCCN, "hush", last_sent(f)->avps.challenge, response);
	message_begin(&m, L2TP_SCCCN);
	l2tp_avp_put(&m.w, L2TP_AVP_RESPONSE, true, response, sizeof(response));
	lac_send(&lac, 0, &m.w);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_ESTABLISHED);
}

static void a_wrong_secret_is_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t response[16];
	struct message m;

	fixture_secret(f, 0, "hush", NULL, 0);
	for (int i = 0; i < 3; i++) {
		struct lac lac = lac_at(f, "198.51.100.1", 1701, (uint16_t)(7 + i));

		lac_sccrq(&lac);
		l2tp_response(L2TP_SCCCN, "loud", last_sent(f)->avps.challenge, response);
		message_begin(&m, L2TP_SCCCN);
		if (i == 1)
			l2tp_avp_put(&m.w, L2TP_AVP_RESPONSE, true, response, sizeof(response));
		if (i == 2) /* cut short */
			l2tp_avp_put(&m.w, L2TP_AVP_RESPONSE, false, response, 15);
		lac_send(&lac, 0, &m.w);
		assert_stopped(f, L2TP_STOP_NOT_AUTHORIZED, 0);
		assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_STOPPING);
	}
	assert_int_equal(drops(f, XP_R_L_SECRET), 3);
}

static void secrets_go_by_the_longest_prefix(void **state)
{
	struct fixture *f = *state;
	union l2tp_addr near = fixture_addr("198.51.100.1", 1),
			far = fixture_addr("203.0.113.9", 1);

	assert_null(l2tp_secret_of(&f->tunnel, &near));
	fixture_secret(f, 0, "near", "198.51.100.0", 24);
	assert_null(l2tp_secret_of(&f->tunnel, &far));
	assert_string_equal(l2tp_secret_of(&f->tunnel, &near), "near");
	fixture_secret(f, 1, "any", NULL, 0);
	assert_string_equal(l2tp_secret_of(&f->tunnel, &near), "near");
	assert_string_equal(l2tp_secret_of(&f->tunnel, &far), "any");
}

static void a_challenge_without_a_secret_is_refused(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct message m;

	sccrq_begin(&m, &lac);
	l2tp_avp_put(&m.w, L2TP_AVP_CHALLENGE, true, "x", 1);
	assert_false(lac_request(&lac, &m));
	assert_stopped(f, L2TP_STOP_NOT_AUTHORIZED, 0);
	assert_int_equal(last_sent(f)->header.tunnel_id, 7);
	assert_int_equal(f->l2tp->counters.tunnels, 0);
}

static void requests_that_lack_something_are_refused(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct message m;

	message_begin(&m, L2TP_SCCRQ); /* no host name */
	l2tp_avp_put_u16(&m.w, L2TP_AVP_VERSION, L2TP_VERSION);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_TUNNEL_ID, 7);
	assert_false(lac_request(&lac, &m));
	assert_stopped(f, L2TP_STOP_ERROR, L2TP_ERROR_VALUE);
	lac.id = 0;
	sccrq_begin(&m, &lac);
	assert_false(lac_request(&lac, &m));
	assert_stopped(f, L2TP_STOP_ERROR, L2TP_ERROR_VALUE);
	message_begin(&m, L2TP_SCCRQ); /* L2TP of another day */
	l2tp_avp_put_u16(&m.w, L2TP_AVP_VERSION, 0x0200);
	l2tp_avp_put(&m.w, L2TP_AVP_HOSTNAME, true, "lac", 3);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_TUNNEL_ID, 7);
	assert_false(lac_request(&lac, &m));
	assert_stopped(f, L2TP_STOP_VERSION, 0x0100);
	assert_int_equal(f->l2tp->counters.tunnels, 0);
}

static void unknown_mandatory_avps_end_what_they_are_in(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct message m;

	sccrq_begin(&m, &lac);
	l2tp_avp_put(&m.w, (enum l2tp_avp)60, false, "x", 1);
	assert_true(lac_request(&lac, &m));
	lac.id = 8;
	sccrq_begin(&m, &lac);
	l2tp_avp_put(&m.w, (enum l2tp_avp)60, true, "x", 1);
	assert_false(lac_request(&lac, &m));
	assert_stopped(f, L2TP_STOP_ERROR, L2TP_ERROR_UNKNOWN_AVP);
	lac = lac_at(f, "198.51.100.1", 1701, 9);
	lac_connect(&lac);
	message_begin(&m, L2TP_HELLO);
	l2tp_avp_put(&m.w, (enum l2tp_avp)60, true, "x", 1);
	lac_send(&lac, 0, &m.w);
	assert_stopped(f, L2TP_STOP_ERROR, L2TP_ERROR_UNKNOWN_AVP);
	assert_int_equal(drops(f, XP_R_L_AVP_UNKNOWN), 2);
}

static void a_hidden_avp_needs_the_secret(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	static const uint8_t vector[] = { 1, 2, 3, 4 };
	uint8_t hidden[8] = { 0, 2, 0, 7, 9, 9, 9, 9 };
	struct message m;

	lac_connect(&lac);
	l2tp_hide(L2TP_AVP_SESSION_ID, "hush", buf_of(vector, 4), hidden, sizeof(hidden));
	message_begin(&m, L2TP_ICRQ);
	l2tp_avp_put(&m.w, L2TP_AVP_RANDOM_VECTOR, true, vector, 4);
	wbuf_u16(&m.w, 0xc000 | 14);
	wbuf_u16(&m.w, 0);
	wbuf_u16(&m.w, L2TP_AVP_SESSION_ID);
	wbuf_put(&m.w, hidden, sizeof(hidden));
	lac_send(&lac, 0, &m.w);
	assert_int_equal(last_sent(f)->avps.message, L2TP_CDN);
	assert_int_equal(last_sent(f)->avps.error, L2TP_ERROR_UNKNOWN_AVP);
	assert_int_equal(drops(f, XP_R_L_AVP_HIDDEN), 1);
	lac_tunnel(&lac)->secret = strdup("hush");
	lac_send(&lac, 0, &m.w);
	assert_int_equal(last_sent(f)->avps.message, L2TP_ICRP);
	assert_int_equal(last_sent(f)->header.session_id, 7);
}

/* ---- forgeries ---- */

static void messages_from_elsewhere_are_dropped(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7), forger;
	struct message m;

	lac_connect(&lac);
	lac_call(&lac, 5);
	forger = lac;
	forger.path.peer = fixture_addr("203.0.113.66", 1701);
	message_begin(&m, L2TP_STOPCCN);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_TUNNEL_ID, 7);
	l2tp_avp_put_result(&m.w, 1, 0, NULL);
	lac_send(&forger, 0, &m.w);
	/* the right address, another port, and not the next message */
	forger = lac;
	l2tp_addr_set_port(&forger.path.peer, 4000);
	forger.ns += 3;
	lac_send(&forger, 0, &m.w);
	lac_zlb(&forger);
	/* to another address of ours */
	forger = lac;
	forger.path.local = fixture_addr("192.0.2.2", 1701);
	lac_send(&forger, 0, &m.w);
	assert_int_equal(drops(f, XP_R_L_PEER), 4);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	lac_send(&lac, 0, &m.w);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_LINGERING);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_PEER);
}

static void a_peer_may_change_its_port(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct accepted *a;
	struct message m;

	lac_connect(&lac);
	a = lac_call(&lac, 5);
	lac_zlb(&lac);
	l2tp_addr_set_port(&lac.path.peer, 4000);
	message_begin(&m, L2TP_HELLO);
	lac_send(&lac, 0, &m.w);
	assert_int_equal(a->moves, 1);
	assert_int_equal(l2tp_addr_port(&a->call->path.peer), 4000);
	assert_int_equal(l2tp_addr_port(&last_sent(f)->path.peer), 4000);
	assert_int_equal(drops(f, XP_R_L_PEER), 0);
}

static void what_names_no_tunnel_is_counted(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct message m;

	lac.tunnel_id = 99;
	message_begin(&m, L2TP_HELLO);
	lac_send(&lac, 0, &m.w);
	assert_int_equal(drops(f, XP_R_L_TUNNEL), 1);
	lac.tunnel_id = 0;
	lac_send(&lac, 0, &m.w);
	assert_int_equal(drops(f, XP_R_L_TUNNEL), 2);
	lac_raw(&lac, "\x80\x02", 2);
	lac_raw(&lac, "\xc8\x03\0\x0c\0\1\0\0\0\0\0\0", 12);
	assert_int_equal(drops(f, XP_R_L_HEADER), 2);
	lac_raw(&lac, "\xc8\x02\0\x0d\0\1\0\0\0\0\0\0", 12);
	assert_int_equal(drops(f, XP_R_L_LENGTH), 1);
	assert_int_equal(f->n_sent, 0);
}

/* ---- storms ---- */

static void one_address_cannot_ask_without_end(void **state)
{
	struct fixture *f = *state;
	struct lac other = lac_at(f, "203.0.113.5", 1701, 3);

	for (unsigned int i = 0; i < 20000; i++) {
		struct lac lac = lac_at(f, "198.51.100.1", (uint16_t)(1024 + i), (uint16_t)(1 + i));
		struct message m;

		sccrq_begin(&m, &lac);
		lac_request(&lac, &m);
	}
	assert_int_equal(f->l2tp->counters.tunnels, L2TP_RATE_PEER_BURST);
	assert_int_equal(drops(f, XP_R_L_RATE), 20000 - L2TP_RATE_PEER_BURST);
	lac_connect(&other);
	assert_int_equal(lac_tunnel(&other)->state, L2TP_TUNNEL_ESTABLISHED);
}

static void half_open_tunnels_give_way(void **state)
{
	struct fixture *f = *state;
	struct lac first = lac_at(f, "198.51.100.1", 1701, 7);

	lac_connect(&first);
	for (unsigned int i = 0; i < L2TP_HALF_OPEN_MAX + 100; i++) {
		char from[16];
		struct lac lac;

		snprintf(from, sizeof(from), "10.0.%u.%u", i >> 8, i & 255);
		lac = lac_at(f, from, 1701, 1);
		lac_sccrq(&lac);
	}
	assert_int_equal(f->l2tp->n_half_open, L2TP_HALF_OPEN_MAX);
	assert_int_equal(f->l2tp->counters.tunnels, L2TP_HALF_OPEN_MAX + 1);
	assert_int_equal(drops(f, XP_R_L_HALF_OPEN), 100);
	assert_int_equal(lac_tunnel(&first)->state, L2TP_TUNNEL_ESTABLISHED);
}

static void ipsec_is_required_where_the_configuration_says_so(void **state)
{
	struct fixture *f = *state;
	struct lac clear = lac_at(f, "198.51.100.1", 1701, 7);
	struct lac esp = lac_at(f, "198.51.100.2", 1701, 7);
	struct accepted *a;
	struct message m;

	sccrq_begin(&m, &clear);
	assert_true(lac_request(&clear, &m));
	assert_false(lac_tunnel(&clear)->ipsec);
	f->tunnel.l2tp.require_ipsec = true;
	clear.id = 8;
	sccrq_begin(&m, &clear);
	f->n_sent = 0;
	assert_false(lac_request(&clear, &m));
	assert_int_equal(f->n_sent, 0);
	assert_int_equal(drops(f, XP_R_L_IPSEC), 1);
	lac_connect(&esp);
	a = lac_call(&esp, 1);
	assert_true(a->call->ipsec);
}

static void a_tunnel_stays_in_ipsec_when_its_peer_moves(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.2", 1701, 7);
	struct message m;

	sccrq_begin(&m, &lac);
	assert_true(lac_request(&lac, &m));
	l2tp_addr_set_port(&lac.path.peer, 4000);
	lac.tunnel_id = 0;
	f->n_sent = 0;
	lac_put(&lac, 0, &m.w, 0, 0); /* the same again, in clear */
	assert_int_equal(f->n_sent, 0);
	assert_int_equal(drops(f, XP_R_L_IPSEC), 1);
	lac = lac_at(f, "198.51.100.2", 1701, 8);
	lac_connect(&lac);
	l2tp_addr_set_port(&lac.path.peer, 4000);
	message_begin(&m, L2TP_HELLO);
	lac_put(&lac, 0, &m.w, lac.ns, lac.nr);
	assert_int_equal(drops(f, XP_R_L_PEER), 1);
	assert_int_equal(l2tp_addr_port(&lac_tunnel(&lac)->path.peer), 1701);
	l2tp_addr_set_port(&lac.path.peer, 1702);
	lac_put(&lac, 0, &m.w, lac.ns, lac.nr);
	assert_int_equal(l2tp_addr_port(&lac_tunnel(&lac)->path.peer), 1702);
}

static void tunnels_are_refused_while_busy(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct message m;

	f->carriers.load.busy = XP_R_A_BEHIND;
	sccrq_begin(&m, &lac);
	assert_false(lac_request(&lac, &m));
	assert_stopped(f, L2TP_STOP_ERROR, L2TP_ERROR_RESOURCES);
	assert_int_equal(drops(f, XP_R_A_BEHIND), 1);
	assert_int_equal(f->l2tp->counters.tunnels, 0);
	f->carriers.load.busy = XP_R_NONE;
	sccrq_begin(&m, &lac);
	assert_true(lac_request(&lac, &m));
}

static void a_refusal_acknowledges_the_request(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct message m;

	message_begin(&m, L2TP_SCCRQ);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_TUNNEL_ID, 7);
	lac_put(&lac, 0, &m.w, 900, 0);
	assert_int_equal(last_sent(f)->avps.message, L2TP_STOPCCN);
	assert_int_equal(last_sent(f)->header.nr, 901);
}

/* ---- living on ---- */

static void silence_brings_a_hello_and_then_the_end(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct l2tp_tunnel *t;
	struct accepted *a;

	lac_connect(&lac);
	a = lac_call(&lac, 5);
	lac_zlb(&lac);
	t = lac_tunnel(&lac);
	fixture_time.ms += 59999;
	fixture_strike(f, &t->timer);
	assert_int_not_equal(last_sent(f)->avps.message, L2TP_HELLO);
	fixture_time.ms += 1;
	fixture_strike(f, &t->timer);
	assert_int_equal(last_sent(f)->avps.message, L2TP_HELLO);
	lac_zlb(&lac);
	assert_false(t->probing);
	fixture_time.ms += 60000;
	fixture_strike(f, &t->timer);
	assert_true(t->probing);
	fixture_time.ms += 30000;
	fixture_strike(f, &t->timer);
	assert_int_equal(f->l2tp->counters.hello_timeout, 1);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
	fixture_turn(f);
	assert_int_equal(f->l2tp->counters.tunnels, 0);
	assert_null(lac_tunnel(&lac));
}

static void a_peer_that_restarts_gets_a_new_tunnel(void **state)
{
	struct fixture *f = *state;
	struct lac old = lac_at(f, "198.51.100.1", 1701, 7);
	struct lac new = lac_at(f, "198.51.100.1", 1701, 8);
	struct accepted *a;

	lac_connect(&old);
	a = lac_call(&old, 5);
	lac_zlb(&old);
	fixture_time.ms += 5000;
	lac_connect(&new);
	/* both live, and the old one is asked whether it does */
	assert_int_equal(f->l2tp->counters.tunnels, 2);
	assert_int_equal(a->lost, CAUSE_NONE);
	assert_true(lac_tunnel(&old)->probing);
	assert_int_equal(sent_before(f, 1)->avps.message, L2TP_HELLO);
	assert_int_equal(sent_before(f, 1)->header.tunnel_id, 7);
	lac_zlb(&old);
	assert_false(lac_tunnel(&old)->probing);
}

static void a_peer_that_restarts_with_the_same_id_replaces_its_tunnel(void **state)
{
	struct fixture *f = *state;
	struct lac old = lac_at(f, "198.51.100.1", 1701, 7);
	struct lac new = old;
	struct accepted *a;

	lac_connect(&old);
	a = lac_call(&old, 5);
	fixture_time.ms += 15000;
	f->n_sent = 0;
	lac_connect(&new);
	assert_int_not_equal(new.tunnel_id, old.tunnel_id);
	assert_int_equal(a->lost, CAUSE_REPLACED);
	fixture_turn(f);
	assert_null(lac_tunnel(&old));
	assert_int_equal(lac_tunnel(&new)->state, L2TP_TUNNEL_ESTABLISHED);
	/* nothing was sent that the new tunnel could take for its own */
	for (unsigned int i = 0; i < f->n_sent; i++)
		assert_int_not_equal(f->sent[i].avps.message, L2TP_STOPCCN);
}

/* A LAC with a tunnel for each call must not have all of them asked for each new one. */
static void of_many_tunnels_some_are_asked(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7), other = lac;
	unsigned int probing = 0;

	for (uint16_t id = 1; id <= 100; id++) {
		lac.id = id;
		lac_connect(&lac);
		lac_zlb(&lac);
	}
	other.hostname = "other";
	other.id = 200;
	lac_connect(&other);
	fixture_time.ms += 5000;
	lac.id = 300;
	lac_connect(&lac);
	for (uint32_t id = 1; id <= 0xffff; id++) {
		const struct l2tp_tunnel *t = l2tp_tunnel_by_id(f->l2tp, (uint16_t)id);

		probing += t && t->probing;
	}
	assert_int_equal(probing, 16);
	assert_false(lac_tunnel(&other)->probing);
}

/* The path is what counts, as it is now. */
static void a_tunnel_that_has_moved_is_found(void **state)
{
	struct fixture *f = *state;
	struct lac old = lac_at(f, "198.51.100.1", 1701, 7);
	struct lac elsewhere = lac_at(f, "198.51.100.1", 1701, 8);
	struct lac new = lac_at(f, "198.51.100.1", 4000, 9);
	struct message m;

	lac_connect(&old);
	l2tp_addr_set_port(&old.path.peer, 4000);
	message_begin(&m, L2TP_HELLO);
	lac_send(&old, 0, &m.w);
	fixture_time.ms += 5000;
	lac_connect(&elsewhere);
	assert_false(lac_tunnel(&old)->probing);
	lac_connect(&new);
	assert_true(lac_tunnel(&old)->probing);
	assert_false(lac_tunnel(&elsewhere)->probing);
}

static void a_tie_breaker_leaves_one_tunnel(void **state)
{
	struct fixture *f = *state;
	struct lac old = lac_at(f, "198.51.100.1", 1701, 7);
	struct lac new = lac_at(f, "198.51.100.1", 1701, 8);
	struct accepted *a;
	struct message m;

	lac_connect(&old);
	a = lac_call(&old, 5);
	sccrq_begin(&m, &new);
	l2tp_avp_put(&m.w, L2TP_AVP_TIE_BREAKER, false, "12345678", 8);
	assert_true(lac_request(&new, &m));
	assert_int_equal(a->lost, CAUSE_NONE); /* anybody can send an SCCRQ */
	message_begin(&m, L2TP_SCCCN);
	lac_send(&new, 0, &m.w);
	assert_int_equal(a->lost, CAUSE_REPLACED);
	assert_int_equal(lac_tunnel(&old)->state, L2TP_TUNNEL_STOPPING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tunnel_is_established),
		TEST(a_repeated_sccrq_makes_no_second_tunnel),
		TEST(a_late_repetition_of_an_established_one_is_ignored),
		TEST(the_secret_is_proved_both_ways),
		TEST(a_wrong_secret_is_refused),
		TEST(secrets_go_by_the_longest_prefix),
		TEST(a_challenge_without_a_secret_is_refused),
		TEST(requests_that_lack_something_are_refused),
		TEST(tunnels_are_refused_while_busy),
		TEST(a_refusal_acknowledges_the_request),
		TEST(unknown_mandatory_avps_end_what_they_are_in),
		TEST(a_hidden_avp_needs_the_secret),
		TEST(messages_from_elsewhere_are_dropped),
		TEST(a_peer_may_change_its_port),
		TEST(what_names_no_tunnel_is_counted),
		TEST(one_address_cannot_ask_without_end),
		TEST(half_open_tunnels_give_way),
		TEST(ipsec_is_required_where_the_configuration_says_so),
		TEST(a_tunnel_stays_in_ipsec_when_its_peer_moves),
		TEST(silence_brings_a_hello_and_then_the_end),
		TEST(a_peer_that_restarts_gets_a_new_tunnel),
		TEST(a_tunnel_that_has_moved_is_found),
		TEST(of_many_tunnels_some_are_asked),
		TEST(a_peer_that_restarts_with_the_same_id_replaces_its_tunnel),
		TEST(a_tie_breaker_leaves_one_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
