/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Control connections: how they begin, live and end, and what peers do to them that they should
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "pptp_fixture.h"
#include "stderr_text.h"

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

/* The connection is over, and the peer has seen it. */
static void assert_ended(struct pns *pns)
{
	pns_turn(pns);
	assert_true(pns->ended);
	assert_null(pns_connection(pns));
	pns_close(pns);
	assert_int_equal(pns->f->pptp->counters.connections, 0);
}

/* ---- beginning ---- */

static void a_connection_begins_with_sccrq(void **state)
{
	struct fixture *f = *state;
	struct pptp_connection_record record;
	const struct message *reply;
	uint64_t after = 0;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	reply = heard_before(&pns, 0);
	assert_int_equal(get16(reply, 12), 0x0100);
	assert_int_equal(reply->bytes[14], 1); /* result: OK */
	assert_string_equal((const char *)reply->bytes + 28, "pac");
	assert_string_equal((const char *)reply->bytes + 92, "xpppd");
	assert_true(pptp_next_connection(f->pptp, &after, &record));
	assert_string_equal(record.tunnel, "P");
	assert_string_equal(record.local, "192.0.2.1:1723");
	assert_string_equal(record.peer, "198.51.100.1:4000");
	assert_string_equal(record.hostname, "client");
	assert_string_equal(record.vendor, "maker");
	assert_string_equal(record.state, "established");
	assert_int_equal(record.id, pns_connection(&pns)->id);
	assert_true(record.id >= PPTP_CONNECTION_FIRST);
	assert_false(pptp_next_connection(f->pptp, &after, &record));
	pns_close(&pns);
	assert_int_equal(f->pptp->counters.connections, 0);
}

static void names_of_peers_are_escaped(void **state)
{
	struct fixture *f = *state;
	struct message m = sccrq();
	struct pns pns;

	strcpy((char *)m.bytes + 28, "a\"\x1b[2J");
	pns_open(&pns, f, "198.51.100.1", 4000);
	pns_send(&pns, &m);
	assert_string_equal(pns_connection(&pns)->hostname, "a\\x22\\x1b[2J");
	pns_close(&pns);
}

static void another_version_is_told_ours(void **state)
{
	struct fixture *f = *state;
	struct message m = sccrq();
	struct pns pns;

	put16(&m, 12, 0x0200);
	pns_open(&pns, f, "198.51.100.1", 4000);
	pns_send(&pns, &m);
	assert_int_equal(heard_type(&pns), 2);
	assert_int_equal(heard_before(&pns, 0)->bytes[14], 5);
	assert_int_equal(drops(f, XP_R_T_VERSION), 1);
	assert_true(pns.ended); /* half-closed: the reply has arrived */
	pns_close(&pns);
	assert_int_equal(f->pptp->counters.connections, 0);
}

static void a_later_revision_of_version_one_will_do(void **state)
{
	struct fixture *f = *state;
	struct message m = sccrq();
	struct pns pns;

	put16(&m, 12, 0x0107);
	pns_open(&pns, f, "198.51.100.1", 4000);
	pns_send(&pns, &m);
	assert_int_equal(pns_connection(&pns)->state, PPTP_ESTABLISHED);
	pns_close(&pns);
}

static void a_second_sccrq_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct message m = sccrq();
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	pns_send(&pns, &m);
	assert_int_equal(heard_type(&pns), 2);
	assert_int_equal(heard_before(&pns, 0)->bytes[14], 3);
	assert_int_equal(drops(f, XP_R_T_STATE), 1);
	assert_int_equal(a->lost, CAUSE_NONE);
	assert_int_equal(pns_connection(&pns)->state, PPTP_ESTABLISHED);
	pns_close(&pns);
}

static void nothing_else_comes_before_sccrq(void **state)
{
	static const struct {
		uint16_t type;
		size_t len;
	} others[] = { { 2, 156 }, { 5, 16 }, { 7, 168 }, { 12, 16 }, { 15, 24 }, { 99, 12 } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct message m = message_of(others[i].type, others[i].len);
		struct pns pns;

		pns_open(&pns, f, "198.51.100.1", 4000);
		pns_send(&pns, &m);
		assert_int_equal(pns.n_heard, 0);
		assert_int_equal(drops(f, XP_R_T_STATE), i + 1);
		assert_ended(&pns);
	}
	assert_int_equal(f->carriers.n, 0);
}

static void who_says_nothing_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct pptp_connection *c;
	struct pns pns;

	pns_open(&pns, f, "198.51.100.1", 4000);
	c = pns_connection(&pns);
	assert_true(ev_is_active(&c->timer));
	assert_true(ev_timer_remaining(f->loop, &c->timer) <= CLOCK_PPTP_SETUP_MS / 1000. + 0.1);
	pns_write(&pns, "\0", 1); /* a little does not help */
	assert_true(ev_timer_remaining(f->loop, &c->timer) <= CLOCK_PPTP_SETUP_MS / 1000. + 0.1);
	fixture_strike(f, &c->timer);
	assert_int_equal(drops(f, XP_R_T_SILENT), 1);
	assert_ended(&pns);
}

/* ---- the stream ---- */

static void messages_come_in_pieces(void **state)
{
	const struct message start = sccrq(), call = ocrq(5);
	struct fixture *f = *state;
	struct pns pns;

	pns_open(&pns, f, "198.51.100.1", 4000);
	for (size_t i = 0; i < start.len; i++) {
		assert_int_equal(pns.n_heard, 0);
		pns_write(&pns, start.bytes + i, 1);
	}
	assert_int_equal(heard_type(&pns), 2);
	for (size_t i = 0; i < call.len; i += 7)
		pns_write(&pns, call.bytes + i, call.len - i < 7 ? call.len - i : 7);
	assert_int_equal(heard_type(&pns), 8);
	assert_int_equal(f->carriers.n, 1);
	pns_close(&pns);
}

static void messages_come_all_at_once(void **state)
{
	const struct message start = sccrq();
	struct fixture *f = *state;
	uint8_t bytes[4096];
	size_t len = start.len;
	struct pns pns;

	memcpy(bytes, start.bytes, start.len);
	for (uint16_t id = 1; id <= 20; id++) {
		const struct message call = ocrq(id);

		memcpy(bytes + len, call.bytes, call.len);
		len += call.len;
	}
	pns_open(&pns, f, "198.51.100.1", 4000);
	pns_write(&pns, bytes, len - 100);
	assert_int_equal(f->carriers.n, 19);
	pns_write(&pns, bytes + len - 100, 100);
	assert_int_equal(f->carriers.n, 20);
	assert_int_equal(pns.n_heard, 21);
	for (uint16_t id = 1; id <= 20; id++)
		assert_int_equal(get16(&pns.heard[id], 14), id);
	pns_close(&pns);
}

static void check_rubbish(struct fixture *f, size_t at, uint16_t value, enum xp_reason reason)
{
	struct message m = message_of(5, 16);
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	put16(&m, at, value);
	pns_send(&pns, &m);
	assert_int_equal(drops(f, reason), 1);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
	assert_ended(&pns);
}

static void a_length_of_zero_ends_the_connection(void **state)
{
	check_rubbish(*state, 0, 0, XP_R_T_LENGTH);
}

static void a_monstrous_length_does_too(void **state)
{
	check_rubbish(*state, 0, 0xffff, XP_R_T_LENGTH);
}

static void and_a_wrong_magic_cookie(void **state)
{
	check_rubbish(*state, 6, 0x3c4c, XP_R_T_HEADER);
}

static void and_a_message_of_another_kind(void **state)
{
	check_rubbish(*state, 2, 3, XP_R_T_HEADER);
}

static void and_one_that_is_shorter_than_its_type(void **state)
{
	check_rubbish(*state, 8, 7, XP_R_T_LENGTH);
}

static void unknown_types_are_passed_over(void **state)
{
	struct message m = message_of(16, 40);
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	pns_send(&pns, &m);
	m = message_of(5, 16);
	put16(&m, 2, 2); /* a management message */
	pns_send(&pns, &m);
	assert_int_equal(drops(f, XP_R_T_STATE), 2);
	assert_int_equal(a->lost, CAUSE_NONE);
	pns_about(&pns, 5, 16, 1);
	assert_int_equal(heard_type(&pns), 6);
	pns_close(&pns);
}

/* It asks and asks, and reads no answer. */
static void who_does_not_read_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct message m = message_of(5, 16);
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	for (int i = 0; i < 100000 && a->lost == CAUSE_NONE; i++) {
		struct pptp_connection *c = pns_connection(&pns);

		assert_true(c->stream.n_unsent <= PPTP_STREAM_UNSENT_MAX);
		if (send(pns.fd, m.bytes, m.len, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
			break;
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
	assert_int_equal(drops(f, XP_R_T_UNREAD), 1);
	close(pns.fd);
	fixture_turn(f);
	assert_int_equal(f->pptp->counters.connections, 0);
}

/* What waits is sent in order when the peer reads again. */
static void what_was_not_taken_at_once_comes_later(void **state)
{
	struct fixture *f = *state;
	struct message m = message_of(5, 16);
	struct pptp_connection *c;
	struct pns pns;
	uint32_t asked = 0, answered = 0;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	c = pns_connection(&pns);
	while (c->stream.n_unsent == 0) {
		put32(&m, 12, ++asked);
		assert_int_equal(send(pns.fd, m.bytes, m.len, 0), m.len);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	while (answered < asked) {
		uint32_t before = pns.n_heard;

		pns_turn(&pns);
		for (uint32_t i = before; i < pns.n_heard; i++)
			if (pns.n_heard - i <= FIXTURE_SENT)
				assert_int_equal(get32(&pns.heard[i % FIXTURE_SENT], 12),
						 i); /* the first was SCCRP */
		answered = pns.n_heard - 1;
		assert_true(answered >= before - 1);
	}
	assert_null(c->stream.unsent);
	pns_close(&pns);
}

/* ---- echo ---- */

static void silent_peers_are_asked_and_given_up(void **state)
{
	struct fixture *f = *state;
	struct pptp_connection *c;
	struct message reply;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	c = pns_connection(&pns);
	fixture_time.ms += 30000; /* heard half an interval ago */
	fixture_strike(f, &c->timer);
	pns_turn(&pns);
	assert_int_equal(heard_type(&pns), 8);
	assert_true(ev_timer_remaining(f->loop, &c->timer) < 31);
	fixture_time.ms += 30000;
	fixture_strike(f, &c->timer);
	pns_turn(&pns);
	assert_int_equal(heard_type(&pns), 5);
	assert_true(ev_timer_remaining(f->loop, &c->timer) < 31); /* echo-timeout */
	reply = message_of(6, 20);
	put32(&reply, 12, get32(heard_before(&pns, 0), 12));
	reply.bytes[16] = 1;
	pns_send(&pns, &reply);
	assert_int_equal(c->echoes, 1);
	assert_true(ev_timer_remaining(f->loop, &c->timer) > 31);
	fixture_time.ms += 60000;
	fixture_strike(f, &c->timer);
	assert_int_equal(a->lost, CAUSE_NONE);
	fixture_time.ms += 30000;
	fixture_strike(f, &c->timer);
	assert_int_equal(f->pptp->counters.echo_timeout, 1);
	assert_int_equal(f->pptp->counters.echo_out, 2);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
	assert_ended(&pns);
}

static void echoes_are_answered_with_their_identifier(void **state)
{
	struct message m = message_of(5, 16);
	struct fixture *f = *state;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	put32(&m, 12, 0xdeadbeef);
	pns_send(&pns, &m);
	assert_int_equal(heard_type(&pns), 6);
	assert_int_equal(heard_before(&pns, 0)->len, 20);
	assert_int_equal(get32(heard_before(&pns, 0), 12), 0xdeadbeef);
	assert_int_equal(heard_before(&pns, 0)->bytes[16], 1);
	m = message_of(6, 20); /* an answer that nobody asked for */
	put32(&m, 12, 77);
	pns_send(&pns, &m);
	assert_int_equal(drops(f, XP_R_T_STATE), 1);
	pns_close(&pns);
}

static void without_an_interval_nobody_is_asked(void **state)
{
	struct fixture *f = *state;
	struct pns pns;

	f->tunnel.pptp.echo_interval = 0;
	pns_connect(&pns, f, "198.51.100.1", 4000);
	assert_false(ev_is_active(&pns_connection(&pns)->timer));
	pns_close(&pns);
}

/* ---- the end ---- */

static void the_peer_says_good_bye(void **state)
{
	struct message m = message_of(3, 16);
	struct fixture *f = *state;
	struct accepted *a, *b;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	b = pns_call(&pns, 6);
	m.bytes[12] = 1;
	pns_send(&pns, &m);
	assert_int_equal(heard_type(&pns), 4);
	assert_int_equal(heard_before(&pns, 0)->bytes[12], 1);
	assert_true(pns.ended);
	assert_int_equal(a->lost, CAUSE_PEER);
	assert_int_equal(b->lost, CAUSE_PEER);
	assert_int_equal(f->pptp->counters.calls, 0);
	/* what it says now nobody hears */
	pns_about(&pns, 5, 16, 1);
	assert_int_equal(heard_type(&pns), 4);
	pns_close(&pns);
	assert_int_equal(f->pptp->counters.connections, 0);
}

static void who_only_hangs_up_has_lost_its_calls(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	pns_close(&pns);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
	assert_int_equal(f->pptp->counters.connections, 0);
}

static void a_connection_stays_until_its_last_call_is_lost(void **state)
{
	struct fixture *f = *state;
	struct accepted *a[3];
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	for (uint16_t i = 0; i < 3; i++)
		a[i] = pns_call(&pns, (uint16_t)(5 + i));
	carriers_by_hand(&f->carriers);
	pns_close(&pns);
	fixture_turn(f);
	assert_int_equal(f->pptp->counters.connections, 1);
	assert_null(pns_connection(&pns));
	assert_true(carriers_step(&f->carriers));
	a[1]->carrier->ops->close(a[1]->carrier, CAUSE_PEER);
	assert_false(carriers_step(&f->carriers));
	assert_int_equal(a[0]->lost, CAUSE_LOST_CARRIER);
	assert_int_equal(a[1]->lost, CAUSE_NONE);
	assert_int_equal(a[2]->lost, CAUSE_LOST_CARRIER);
	fixture_turn(f);
	assert_int_equal(f->pptp->counters.connections, 0);
	assert_int_equal(f->pptp->counters.calls, 0);
}

static void what_befalls_it_first_is_why_calls_are_lost(void **state)
{
	struct fixture *f = *state;
	struct pptp_connection *c;
	struct accepted *a, *b;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	b = pns_call(&pns, 6);
	c = pns_connection(&pns);
	carriers_by_hand(&f->carriers);
	assert_int_equal(pptp_clear_connection(f->pptp, c->id), 0);
	pptp_connection_drop(c, CAUSE_LOST_CARRIER);
	/* one of them ends meanwhile, and there is nobody left to tell */
	a->carrier->ops->close(a->carrier, CAUSE_REPLACED);
	fixture_turn(f);
	assert_int_equal(f->pptp->counters.connections, 1);
	assert_false(carriers_step(&f->carriers));
	assert_int_equal(a->lost, CAUSE_NONE);
	assert_int_equal(b->lost, CAUSE_CLEARED);
	pns_close(&pns);
	assert_int_equal(f->pptp->counters.connections, 0);
}

static void a_listener_does_not_wait_for_calls_to_be_lost(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	carriers_by_hand(&f->carriers);
	assert_int_equal(pptp_clear_connection(f->pptp, pns_connection(&pns)->id), 0);
	assert_int_equal(a->lost, CAUSE_NONE);
	f->tunnel.bound = false;
	assert_int_equal(pptp_configure(f->pptp, &f->conf), 0);
	assert_int_equal(a->lost, CAUSE_CLEARED);
	fixture_turn(f);
	assert_int_equal(f->pptp->counters.connections, 0);
	pns_close(&pns);
}

static void the_operator_clears_a_connection(void **state)
{
	struct message m = message_of(4, 16);
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;
	uint32_t id;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	id = pns_connection(&pns)->id;
	assert_int_equal(pptp_clear_connection(f->pptp, id + 1), -ENOENT);
	assert_int_equal(pptp_clear_connection(f->pptp, id - PPTP_CONNECTION_FIRST), -ENOENT);
	assert_int_equal(pptp_clear_connection(f->pptp, id), 0);
	pns_turn(&pns);
	assert_int_equal(a->lost, CAUSE_CLEARED);
	assert_int_equal(heard_type(&pns), 3);
	assert_int_equal(heard_before(&pns, 0)->bytes[12], 1);
	assert_int_equal(pptp_clear_connection(f->pptp, id), -ENOENT);
	m.bytes[12] = 1;
	pns_send(&pns, &m);
	assert_ended(&pns);
}

static void who_does_not_answer_our_good_bye_is_left(void **state)
{
	struct fixture *f = *state;
	struct pptp_connection *c;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	c = pns_connection(&pns);
	assert_int_equal(pptp_clear_connection(f->pptp, c->id), 0);
	assert_true(ev_timer_remaining(f->loop, &c->timer) <= CLOCK_PPTP_STOP_MS / 1000. + 0.1);
	fixture_strike(f, &c->timer);
	assert_ended(&pns);
}

/* ---- dumps ---- */

static void messages_are_dumped_where_it_is_wanted(void **state)
{
	struct fixture *f = *state;
	struct stderr_text silent, in, out;
	struct pns pns;

	log_set_level(f->log, LOG_DEBUG);
	stderr_begin(&silent);
	pns_connect(&pns, f, "198.51.100.1", 4000);
	stderr_end(&silent);
	pns_close(&pns);
	f->tunnel.pptp.hostname = (char *)"a-pac";
	f->tunnel.ctrl_in_pktdump = true;
	stderr_begin(&in);
	pns_connect(&pns, f, "198.51.100.1", 4001);
	stderr_end(&in);
	pns_close(&pns);
	f->tunnel.ctrl_in_pktdump = false;
	f->tunnel.ctrl_out_pktdump = true;
	stderr_begin(&out);
	pns_connect(&pns, f, "198.51.100.1", 4002);
	stderr_end(&out);
	pns_close(&pns);
	assert_null(strstr(silent.text, " bytes "));
	assert_non_null(strstr(in.text, "198.51.100.1:4001: in 156 bytes "
					"009c00011a2b3c4d00010000"));
	assert_null(strstr(in.text, ": out "));
	assert_non_null(strstr(out.text, "198.51.100.1:4002: out 156 bytes "
					 "009c00011a2b3c4d00020000"));
	assert_null(strstr(out.text, ": in "));
}

/* ---- floods ---- */

static void one_address_asks_only_so_often(void **state)
{
	struct fixture *f = *state;
	struct pns pns;

	for (int i = 0; i < PPTP_RATE_PEER_BURST; i++) {
		pns_open(&pns, f, "198.51.100.1", 4000);
		pns_close(&pns);
	}
	assert_int_equal(drops(f, XP_R_T_RATE), 0);
	pns_open(&pns, f, "198.51.100.1", 4000);
	assert_int_equal(drops(f, XP_R_T_RATE), 1);
	assert_ended(&pns);
	pns_connect(&pns, f, "198.51.100.2", 4000); /* others may */
	pns_close(&pns);
	fixture_time.ms += 1000;
	pns_connect(&pns, f, "198.51.100.1", 4000); /* and itself later */
	pns_close(&pns);
}

/* Without descriptors of their own, so that there may be so many. */
static void fill_idle(struct fixture *f)
{
	const struct sockaddr_in local = fixture_addr("192.0.2.1", 1723);
	struct pptp_connection *c;

	while (f->pptp->n_idle < PPTP_IDLE_MAX) {
		const struct sockaddr_in peer =
			fixture_addr("203.0.113.9", (uint16_t)f->pptp->n_idle);

		assert_int_equal(
			pptp_connection_new(fixture_listener(f), dup(0), &local, &peer, &c), 0);
		pptp_stream_close(&c->stream);
	}
}

static void the_oldest_without_a_call_gives_way(void **state)
{
	struct fixture *f = *state;
	struct pns busy, idle, late;

	pns_connect(&busy, f, "198.51.100.1", 4000);
	pns_call(&busy, 5);
	pns_connect(&idle, f, "198.51.100.1", 4001);
	fill_idle(f);
	assert_int_equal(drops(f, XP_R_T_IDLE), 0);
	pns_connect(&late, f, "198.51.100.1", 4002);
	assert_int_equal(drops(f, XP_R_T_IDLE), 1);
	assert_int_equal(f->pptp->n_idle, PPTP_IDLE_MAX);
	pns_turn(&idle);
	assert_true(idle.ended);
	assert_non_null(pns_connection(&busy));
	assert_non_null(pns_connection(&late));
	close(idle.fd);
	pns_close(&busy);
	pns_close(&late);
}

static void ids_are_not_used_up_by_coming_and_going(void **state)
{
	const struct sockaddr_in local = fixture_addr("192.0.2.1", 1723);
	struct fixture *f = *state;
	struct pptp_connection *c;

	for (int i = 0; i < 0x10010; i++) {
		assert_int_equal(
			pptp_connection_new(fixture_listener(f), dup(0), &local, &local, &c), 0);
		pptp_connection_free(c);
	}
}

static void a_connection_whose_calls_ended_is_one_of_them(void **state)
{
	struct fixture *f = *state;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	assert_int_equal(f->pptp->n_idle, 1);
	pns_call(&pns, 5);
	pns_call(&pns, 6);
	assert_int_equal(f->pptp->n_idle, 0);
	pns_about(&pns, 12, 16, 5);
	assert_int_equal(f->pptp->n_idle, 0);
	pns_about(&pns, 12, 16, 6);
	assert_int_equal(f->pptp->n_idle, 1);
	pns_close(&pns);
	assert_int_equal(f->pptp->n_idle, 0);
}

/* ---- configuration ---- */

static void a_reload_keeps_calls_of_listeners_that_stay(void **state)
{
	struct fixture *f = *state;
	struct conf_addr second = { 0 };
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	fixture_listen_on(&second, "192.0.2.2", 1723);
	STAILQ_INSERT_TAIL(&f->tunnel.pptp.listen, &second, entry);
	assert_int_equal(pptp_configure(f->pptp, &f->conf), 0);
	assert_int_equal(f->n_open, 2);
	assert_int_equal(a->lost, CAUSE_NONE);
	STAILQ_REMOVE_HEAD(&f->tunnel.pptp.listen, entry);
	assert_int_equal(pptp_configure(f->pptp, &f->conf), 0);
	assert_int_equal(f->n_open, 1);
	assert_int_equal(a->lost, CAUSE_CONFIG);
	pns_hear(&pns);
	assert_int_equal(heard_type(&pns), 3); /* StopCCRQ */
	assert_int_equal(heard_before(&pns, 0)->bytes[12], 3);
	assert_true(pns.ended);
	assert_int_equal(f->pptp->counters.connections, 0);
	close(pns.fd);
}

static void a_tunnel_without_addresses_listens_on_all(void **state)
{
	struct fixture *f = *state;

	STAILQ_INIT(&f->tunnel.pptp.listen);
	assert_int_equal(pptp_configure(f->pptp, &f->conf), 0);
	assert_int_equal(f->n_open, 1);
	assert_int_equal(fixture_listener(f)->addr.sin_addr.s_addr, INADDR_ANY);
	assert_int_equal(fixture_listener(f)->addr.sin_port, htons(1723));
}

static void what_could_not_be_opened_is_tried_again(void **state)
{
	struct fixture *f = *state;

	fixture_listen_on(&f->listen, "192.0.2.9", 1723);
	f->listen_error = -EADDRINUSE;
	assert_int_equal(pptp_configure(f->pptp, &f->conf), -EADDRINUSE);
	assert_int_equal(f->n_open, 0);
	f->listen_error = 0;
	assert_int_equal(pptp_configure(f->pptp, &f->conf), 0);
	assert_int_equal(f->n_open, 1);
}

static void without_listeners_there_is_no_gre(void **state)
{
	struct fixture *f = *state;

	assert_true(f->pptp->gre_open);
	f->tunnel.bound = false;
	assert_int_equal(pptp_configure(f->pptp, &f->conf), 0);
	assert_false(f->pptp->gre_open);
	assert_true(LIST_EMPTY(&f->pptp->listeners));
	f->tunnel.bound = true;
	f->gre_error = -EPERM;
	assert_int_equal(pptp_configure(f->pptp, &f->conf), -EPERM);
	f->gre_error = 0;
	assert_int_equal(pptp_configure(f->pptp, &f->conf), 0);
	assert_true(f->pptp->gre_open);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_connection_begins_with_sccrq),
		TEST(names_of_peers_are_escaped),
		TEST(another_version_is_told_ours),
		TEST(a_later_revision_of_version_one_will_do),
		TEST(a_second_sccrq_is_refused),
		TEST(nothing_else_comes_before_sccrq),
		TEST(who_says_nothing_is_given_up),
		TEST(messages_come_in_pieces),
		TEST(messages_come_all_at_once),
		TEST(a_length_of_zero_ends_the_connection),
		TEST(a_monstrous_length_does_too),
		TEST(and_a_wrong_magic_cookie),
		TEST(and_a_message_of_another_kind),
		TEST(and_one_that_is_shorter_than_its_type),
		TEST(unknown_types_are_passed_over),
		TEST(who_does_not_read_is_given_up),
		TEST(what_was_not_taken_at_once_comes_later),
		TEST(silent_peers_are_asked_and_given_up),
		TEST(echoes_are_answered_with_their_identifier),
		TEST(without_an_interval_nobody_is_asked),
		TEST(the_peer_says_good_bye),
		TEST(who_only_hangs_up_has_lost_its_calls),
		TEST(a_connection_stays_until_its_last_call_is_lost),
		TEST(what_befalls_it_first_is_why_calls_are_lost),
		TEST(a_listener_does_not_wait_for_calls_to_be_lost),
		TEST(the_operator_clears_a_connection),
		TEST(who_does_not_answer_our_good_bye_is_left),
		TEST(messages_are_dumped_where_it_is_wanted),
		TEST(one_address_asks_only_so_often),
		TEST(the_oldest_without_a_call_gives_way),
		TEST(ids_are_not_used_up_by_coming_and_going),
		TEST(a_connection_whose_calls_ended_is_one_of_them),
		TEST(a_reload_keeps_calls_of_listeners_that_stay),
		TEST(a_tunnel_without_addresses_listens_on_all),
		TEST(what_could_not_be_opened_is_tried_again),
		TEST(without_listeners_there_is_no_gre),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
