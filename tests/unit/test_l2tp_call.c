/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Calls: how they begin and end, what the data plane learns of them, and data messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "dataplane/dataplane.h"
#include "l2tp_fixture.h"

static const uint8_t packet[] = { 0xff, 0x03, 0x00, 0x21, 0x45, 0, 0, 20 };
static const uint8_t echo[] = { 0xff, 0x03, 0xc0, 0x21, 9, 1, 0, 8, 1, 2, 3, 4 };

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

static struct lac connected(struct fixture *f)
{
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);

	lac_connect(&lac);
	return lac;
}

static void assert_refused(struct fixture *f, uint16_t peer_session, unsigned int result,
			   unsigned int error)
{
	const struct sent *s = last_sent(f);

	assert_int_equal(s->avps.message, L2TP_CDN);
	assert_int_equal(s->header.session_id, peer_session);
	assert_int_equal(s->avps.result, result);
	assert_int_equal(s->avps.error, error);
}

/* ---- beginning ---- */

static void a_call_starts_with_its_iccn(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct carrier_info info;
	struct dp_session dp = { 0 };
	struct l2tp_call *call;
	struct message m;
	uint16_t id;

	icrq_begin(&m, 5);
	l2tp_avp_put(&m.w, L2TP_AVP_CALLED_NUMBER, true, "0900", 4);
	l2tp_avp_put(&m.w, L2TP_AVP_CALLING_NUMBER, true, "08\"15", 5);
	lac_send(&lac, 0, &m.w);
	assert_int_equal(last_sent(f)->avps.message, L2TP_ICRP);
	assert_int_equal(last_sent(f)->header.tunnel_id, 7);
	assert_int_equal(last_sent(f)->header.session_id, 5);
	id = last_sent(f)->avps.session_id;
	assert_in_range(id, 1, FIXTURE_IDS - 1);
	assert_false(f->carriers.accepted[0].started);
	iccn_begin(&m);
	lac_send(&lac, id, &m.w);
	assert_true(f->carriers.accepted[0].started);
	call = f->carriers.accepted[0].call;
	call->carrier.ops->info(&call->carrier, &info);
	assert_string_equal(info.peer, "198.51.100.1");
	assert_string_equal(info.called, "0900");
	assert_string_equal(info.calling, "08\\x2215");
	assert_string_equal(info.peer_name, "lac");
	assert_int_equal(info.id, id);
	assert_int_equal(info.tunnel_id, lac.tunnel_id);
	assert_string_equal(info.local, "192.0.2.1");
	assert_string_equal(info.local_name, "lns");
	assert_int_equal(info.serial, 4711);
	assert_int_equal(call->serial, 4711);
	assert_int_equal(call->tx_speed, 64000);
	assert_int_equal(call->rx_speed, 64000);
	call->carrier.ops->describe(&call->carrier, &dp);
	assert_int_equal(dp.carrier, DP_L2TP);
	assert_int_equal(dp.slot, FIXTURE_FIRST + id);
	assert_ptr_equal(l2tp_by_slot(f->l2tp, dp.slot), call);
	assert_int_equal(dp.l2tp.tunnel_id, lac.tunnel_id);
	assert_int_equal(dp.l2tp.session_id, id);
	assert_int_equal(dp.l2tp.peer_tunnel_id, 7);
	assert_int_equal(dp.l2tp.peer_session_id, 5);
	assert_false(dp.l2tp.sequencing);
	assert_false(dp.slow);
	assert_memory_equal(&dp.l2tp.peer, &lac.path.peer.in, sizeof(lac.path.peer.in));
	assert_memory_equal(&dp.l2tp.local, &lac.path.local.in, sizeof(lac.path.local.in));
	/* IPv4, UDP, the longest header, PPP */
	assert_int_equal(call->carrier.ops->mru(&call->carrier), 1500 - 20 - 8 - 12 - 4);
}

static void accounting_can_tell_of_a_call_when_it_is_over(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct accepted *a = lac_call(&lac, 5);
	struct carrier_info info;

	assert_int_equal(l2tp_clear_tunnel(f->l2tp, lac.tunnel_id), 0);
	lac_zlb(&lac);
	fixture_turn(f);
	assert_null(lac_tunnel(&lac));
	a->call->carrier.ops->info(a->carrier, &info);
	assert_string_equal(info.peer, "198.51.100.1");
	assert_string_equal(info.peer_name, "lac");
	assert_string_equal(info.local, "192.0.2.1");
	assert_string_equal(info.local_name, "lns");
	assert_int_equal(info.serial, 4711);
	assert_int_equal(info.tunnel_id, lac.tunnel_id);
}

static void what_came_through_esp_is_slow(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.2", 1701, 7);
	struct dp_session dp = { 0 };
	struct l2tp_call *call;

	lac_connect(&lac);
	call = lac_call(&lac, 5)->call;
	call->carrier.ops->describe(&call->carrier, &dp);
	assert_true(dp.slow);
	assert_true(dp.l2tp.esp);
	/* UDP of NAT-T, ESP with the longest IV, padding and ICV */
	assert_int_equal(call->carrier.ops->mru(&call->carrier), 1500 - 44 - 81);
}

/* Where the policies have gone, what still comes may be anybody's, and what went would be read by
 * anybody: neither does, and both do again when the policies are back. */
static void a_session_in_ipsec_takes_and_sends_nothing_clear(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.2", 1701, 7);
	struct accepted *a;
	struct carrier *c;
	struct message m;

	lac_connect(&lac);
	a = lac_call(&lac, 5);
	c = &a->call->carrier;
	f->no_policies = true;
	f->n_sent = 0;
	lac_data(&lac, a->call->session_id, false, 0, packet, sizeof(packet));
	lac_data(&lac, a->call->session_id, false, 0, echo, sizeof(echo));
	c->ops->send(c, 0x0021, packet, sizeof(packet));
	assert_int_equal(a->inputs, 0);
	assert_int_equal(f->n_sent, 0);
	assert_int_equal(drops(f, XP_R_S_L2TP_CLEAR), 3);
	message_begin(&m, L2TP_STOPCCN);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_TUNNEL_ID, 7);
	l2tp_avp_put_result(&m.w, 1, 0, NULL);
	lac_put(&lac, 0, &m.w, lac.ns, lac.nr);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(drops(f, XP_R_L_IPSEC), 1);
	f->no_policies = false;
	lac_data(&lac, a->call->session_id, false, 0, packet, sizeof(packet));
	c->ops->send(c, 0x0021, packet, sizeof(packet));
	assert_int_equal(a->inputs, 1);
	assert_int_equal(f->n_sent, 1);
}

/* Nothing says on which link it is but the scope, which is not on the wire. */
static void a_link_local_peer_is_slow(void **state)
{
	struct fixture *f = *state;
	struct lac lac = lac_at(f, "198.51.100.1", 1701, 7);
	struct dp_session dp = { 0 };
	struct l2tp_call *call;

	lac_connect(&lac);
	call = lac_call(&lac, 5)->call;
	call->path.peer = (union l2tp_addr){ .in6 = { .sin6_family = AF_INET6 } };
	call->path.local = call->path.peer;
	inet_pton(AF_INET6, "2001:db8::7", &call->path.peer.in6.sin6_addr);
	call->carrier.ops->describe(&call->carrier, &dp);
	assert_false(dp.slow);
	inet_pton(AF_INET6, "fe80::7", &call->path.peer.in6.sin6_addr);
	call->carrier.ops->describe(&call->carrier, &dp);
	assert_true(dp.slow);
	assert_false(dp.l2tp.esp);
}

static void limits_refuse_for_the_time_being(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);

	f->carriers.max = 1;
	assert_int_not_equal(lac_icrq(&lac, 5), 0);
	assert_int_equal(lac_icrq(&lac, 6), 0);
	assert_refused(f, 6, L2TP_CALL_TEMPORARY, 0);
	assert_int_equal(drops(f, XP_R_L_LIMIT), 1);
	assert_int_equal(f->l2tp->counters.calls, 1);
}

static void calls_are_refused_while_busy(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);

	assert_int_not_equal(lac_icrq(&lac, 5), 0);
	f->carriers.load.busy = XP_R_A_HALF_OPEN;
	assert_int_equal(lac_icrq(&lac, 6), 0);
	assert_refused(f, 6, L2TP_CALL_TEMPORARY, 0);
	assert_int_equal(drops(f, XP_R_A_HALF_OPEN), 1);
	assert_int_equal(drops(f, XP_R_L_LIMIT), 0);
	f->carriers.load.busy = XP_R_NONE;
	assert_int_not_equal(lac_icrq(&lac, 6), 0);
}

static void exhausted_ids_refuse_likewise(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);

	for (uint16_t i = 1; i < FIXTURE_IDS; i++)
		assert_int_not_equal(lac_icrq(&lac, i), 0);
	assert_int_equal(lac_icrq(&lac, FIXTURE_IDS), 0);
	assert_refused(f, FIXTURE_IDS, L2TP_CALL_TEMPORARY, 0);
	assert_true(f->carriers.accepted[FIXTURE_IDS - 1].aborted);
}

static void session_ids_of_the_peer_are_its_calls(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f), other = lac_at(f, "198.51.100.1", 1702, 7);

	lac_call(&lac, 5);
	assert_int_equal(lac_icrq(&lac, 0), 0);
	assert_refused(f, 0, L2TP_CALL_ERROR, L2TP_ERROR_SESSION_ID);
	lac_connect(&other);
	assert_int_not_equal(lac_icrq(&other, 5), 0);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
}

/* The refusal ends whatever the peer has under that id. */
static void an_id_used_twice_ends_both_calls(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);

	lac_call(&lac, 5);
	assert_int_equal(lac_icrq(&lac, 5), 0);
	assert_refused(f, 5, L2TP_CALL_ERROR, L2TP_ERROR_SESSION_ID);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_LOST_CARRIER);
	assert_int_equal(f->l2tp->counters.calls, 0);
	assert_int_not_equal(lac_icrq(&lac, 5), 0);
}

/* Requests of every kind, whose answers are never acknowledged. */
static void answers_do_not_pile_up(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	const struct l2tp_control *control = &lac_tunnel(&lac)->control;
	struct wbuf none = { 0 };
	struct message m;

	for (unsigned int i = 0; i < 3000; i++) {
		icrq_begin(&m, (uint16_t)(i % 3 == 0 ? 0 : 100 + i));
		if (i % 3 == 1)
			m.bytes[7] = L2TP_OCRQ;
		lac_put(&lac, 0, &m.w, lac.ns++, 1);
	}
	assert_int_equal(f->l2tp->counters.calls, FIXTURE_IDS - 1);
	assert_in_range(control->queued, 256, 256 + 2 * FIXTURE_IDS);
	assert_true(drops(f, XP_R_L_LIMIT) > 2000);
	/* a peer that acknowledges again is answered again */
	for (lac.nr = 2; control->queued > 0; lac.nr++)
		lac_put(&lac, 0, &none, lac.ns, lac.nr);
	lac.nr--;
	assert_int_equal(lac_icrq(&lac, 0), 0);
	assert_refused(f, 0, L2TP_CALL_ERROR, L2TP_ERROR_SESSION_ID);
}

static void outgoing_calls_are_refused_for_good(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct message m;

	message_begin(&m, L2TP_OCRQ);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_SESSION_ID, 9);
	lac_send(&lac, 0, &m.w);
	assert_refused(f, 9, L2TP_CALL_PERMANENT, 0);
	assert_int_equal(f->carriers.n, 0);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_ESTABLISHED);
}

static void what_is_not_understood_ends_the_call_only(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct accepted *a = lac_call(&lac, 5);
	struct message m;

	icrq_begin(&m, 6);
	l2tp_avp_put(&m.w, (enum l2tp_avp)99, true, "x", 1);
	lac_send(&lac, 0, &m.w);
	assert_refused(f, 6, L2TP_CALL_ERROR, L2TP_ERROR_UNKNOWN_AVP);
	message_begin(&m, L2TP_WEN);
	l2tp_avp_put(&m.w, L2TP_AVP_CALL_ERRORS, true, "short", 5);
	lac_send(&lac, a->call->session_id, &m.w);
	assert_refused(f, 5, L2TP_CALL_ERROR, L2TP_ERROR_LENGTH);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
	assert_int_equal(lac_tunnel(&lac)->state, L2TP_TUNNEL_ESTABLISHED);
	/* a CDN is one whatever else it says */
	a = lac_call(&lac, 7);
	message_begin(&m, L2TP_CDN);
	l2tp_avp_put(&m.w, (enum l2tp_avp)99, true, "x", 1);
	lac_send(&lac, a->call->session_id, &m.w);
	assert_int_equal(a->lost, CAUSE_PEER);
}

static void line_reports_are_read_and_change_nothing(void **state)
{
	static const uint8_t zeros[26];
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct accepted *a = lac_call(&lac, 5);
	struct message m;

	message_begin(&m, L2TP_WEN);
	l2tp_avp_put(&m.w, L2TP_AVP_CALL_ERRORS, true, zeros, 26);
	lac_send(&lac, a->call->session_id, &m.w);
	message_begin(&m, L2TP_SLI);
	l2tp_avp_put(&m.w, L2TP_AVP_ACCM, true, zeros, 10);
	lac_send(&lac, a->call->session_id, &m.w);
	assert_int_equal(a->lost, CAUSE_NONE);
	/* a second ICCN is more than a report */
	iccn_begin(&m);
	lac_send(&lac, a->call->session_id, &m.w);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
}

/* ---- ends ---- */

static void the_peer_hangs_up(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct accepted *a = lac_call(&lac, 5), *b = lac_call(&lac, 6);
	struct message m;

	message_begin(&m, L2TP_CDN);
	l2tp_avp_put_result(&m.w, L2TP_CALL_LOST_CARRIER, 0, "gone");
	l2tp_avp_put_u16(&m.w, L2TP_AVP_SESSION_ID, 5);
	l2tp_avp_put_ppp_cause(&m.w, 3, 0xc021, 1);
	lac_send(&lac, a->call->session_id, &m.w);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
	assert_int_equal(b->lost, CAUSE_NONE);
	/* nothing is answered to it but by the acknowledgement */
	assert_int_equal(last_sent(f)->header.payload.len, 0);
	lac_send(&lac, b->call->session_id + 40, &m.w);
	assert_int_equal(drops(f, XP_R_L_CALL), 1);
}

static void a_call_given_up_before_its_iccn_is_taken_back(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct message m;

	lac_icrq(&lac, 5);
	message_begin(&m, L2TP_CDN);
	l2tp_avp_put_result(&m.w, L2TP_CALL_ADMIN, 0, NULL);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_SESSION_ID, 5);
	lac_send(&lac, 0, &m.w); /* it has not got our id yet */
	assert_true(f->carriers.accepted[0].aborted);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	lac_icrq(&lac, 6);
	fixture_strike(f, &f->carriers.accepted[1].call->setup);
	assert_true(f->carriers.accepted[1].aborted);
	assert_refused(f, 6, L2TP_CALL_ADMIN, 0);
	lac_icrq(&lac, 7);
	l2tp_clear_tunnel(f->l2tp, lac.tunnel_id);
	assert_true(f->carriers.accepted[2].aborted);
	assert_int_equal(f->l2tp->counters.calls, 0);
}

static void our_end_says_why(void **state)
{
	static const struct {
		enum cause cause;
		unsigned int result, code;
	} ends[] = {
		{ CAUSE_CLEARED, L2TP_CALL_ADMIN, 1 },
		{ CAUSE_AUTH, L2TP_CALL_ADMIN, 16 },
		{ CAUSE_LOST_CARRIER, L2TP_CALL_LOST_CARRIER, 8 },
		{ CAUSE_NO_ADDRESS, L2TP_CALL_TEMPORARY, 19 },
	};
	struct fixture *f = *state;
	struct lac lac = connected(f);

	for (unsigned int i = 0; i < 4; i++) {
		struct l2tp_call *call = lac_call(&lac, (uint16_t)(5 + i))->call;

		call->carrier.ops->close(&call->carrier, ends[i].cause);
		assert_refused(f, (uint16_t)(5 + i), ends[i].result, 0);
		assert_int_equal(last_sent(f)->avps.session_id, call->session_id);
		assert_int_equal(last_sent(f)->avps.ppp_cause.code, ends[i].code);
		assert_null(call->tunnel);
		lac_zlb(&lac);
		call->carrier.ops->close(&call->carrier, ends[i].cause);
		assert_int_equal(f->l2tp->counters.cdn_out, i + 1);
	}
}

/* ---- data ---- */

static void data_goes_both_ways(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct accepted *a = lac_call(&lac, 5);
	struct carrier *c = &a->call->carrier;

	lac_data(&lac, a->call->session_id, false, 0, echo, sizeof(echo));
	assert_int_equal(a->inputs, 1);
	assert_int_equal(a->input_len, sizeof(echo));
	assert_memory_equal(a->input, echo, sizeof(echo));
	c->ops->send(c, 0xc021, echo + 4, 8);
	assert_false(last_sent(f)->header.control);
	assert_false(last_sent(f)->header.sequence);
	assert_int_equal(last_sent(f)->header.tunnel_id, 7);
	assert_int_equal(last_sent(f)->header.session_id, 5);
	assert_int_equal(last_sent(f)->header.payload.len, sizeof(echo));
	assert_memory_equal(last_sent(f)->header.payload.p, echo, sizeof(echo));
	c->ops->close(c, CAUSE_CLEARED);
	f->n_sent = 0;
	c->ops->send(c, 0xc021, echo + 4, 8);
	assert_int_equal(f->n_sent, 0);
}

static void data_of_anybody_else_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f), other = lac_at(f, "198.51.100.1", 1702, 9);
	struct accepted *a = lac_call(&lac, 5);
	uint16_t id = a->call->session_id;
	struct lac forger = lac;

	lac_connect(&other);
	forger.path.peer = fixture_addr("198.51.100.9", 1701);
	lac_data(&forger, id, false, 0, echo, sizeof(echo));
	forger = lac;
	l2tp_addr_set_port(&forger.path.peer, 1702);
	lac_data(&forger, id, false, 0, echo, sizeof(echo));
	assert_int_equal(drops(f, XP_R_S_L2TP_PEER), 2);
	lac_data(&other, id, false, 0, echo, sizeof(echo)); /* its own tunnel, not its call */
	lac_data(&lac, id + 1, false, 0, echo, sizeof(echo));
	lac_data(&lac, 0, false, 0, echo, sizeof(echo));
	assert_int_equal(drops(f, XP_R_S_L2TP_UNKNOWN), 3);
	assert_int_equal(a->inputs, 0);
}

static void late_data_is_tolerated_once(void **state)
{
	static const struct {
		uint16_t ns;
		bool taken;
	} steps[] = {
		{ 65530, true },  { 65531, true }, { 65531, false }, { 10, true },
		{ 9, true },      { 9, false },    { 65532, true },  { 65531, false },
		{ 100, true },    { 37, true },    { 36, false },    { 99, true },
		{ 100, false },   { 20000, true }, { 101, false },   { 19999, true },
		{ 19999, false }, { 19937, true }, { 19936, false },
	};
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct accepted *a = lac_call(&lac, 5);
	unsigned int taken = 0;

	for (unsigned int i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		lac_data(&lac, a->call->session_id, true, steps[i].ns, packet, sizeof(packet));
		taken += steps[i].taken;
		assert_int_equal(a->inputs, taken);
	}
	assert_int_equal(drops(f, XP_R_S_L2TP_LATE), sizeof(steps) / sizeof(steps[0]) - taken);
}

static void a_peer_that_numbers_anew_is_followed(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct accepted *a = lac_call(&lac, 5);
	uint16_t id = a->call->session_id;

	lac_data(&lac, id, true, 20000, packet, sizeof(packet));
	for (uint16_t ns = 0; ns < 7; ns++)
		lac_data(&lac, id, true, ns, packet, sizeof(packet));
	lac_data(&lac, id, true, 20001, packet, sizeof(packet)); /* it was not so */
	assert_int_equal(a->inputs, 2);
	for (uint16_t ns = 7; ns < 17; ns++)
		lac_data(&lac, id, true, ns, packet, sizeof(packet));
	assert_int_equal(a->inputs, 5);
	assert_int_equal(drops(f, XP_R_S_L2TP_LATE), 14);
}

/* The programs take what is between the fragments that come here. */
static void numbers_of_forwarded_data_are_the_programs(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct accepted *a = lac_call(&lac, 5);
	uint16_t id = a->call->session_id;

	lac_data(&lac, id, true, 5, packet, sizeof(packet));
	a->forwarded = true;
	lac_data(&lac, id, true, 40005, packet, sizeof(packet));
	lac_data(&lac, id, true, 14000, packet, sizeof(packet));
	assert_int_equal(a->inputs, 3);
	a->forwarded = false;
	lac_data(&lac, id, true, 50000, packet, sizeof(packet));
	assert_int_equal(a->inputs, 4);
	lac_data(&lac, id, true, 49000, packet, sizeof(packet));
	assert_int_equal(a->inputs, 4);
	assert_int_equal(drops(f, XP_R_S_L2TP_LATE), 1);
}

static void frames_of_the_largest_mru_fit(void **state)
{
	static const uint8_t info[9000];
	static const uint8_t more[L2TP_DATAGRAM_MAX];
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct carrier *c = &lac_call(&lac, 5)->call->carrier;
	unsigned int before = f->n_sent;

	c->ops->send(c, 0x0021, more, sizeof(more));
	assert_int_equal(f->n_sent, before);
	c->ops->send(c, 0x0021, info, sizeof(info));
	assert_int_equal(f->n_sent, before + 1);
	assert_int_equal(last_sent(f)->header.payload.len, sizeof(info) + 4);
}

static void numbers_are_sent_if_the_peer_wants_them(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct dp_session dp = { 0 };
	struct carrier *c;
	struct message m;
	uint16_t id = lac_icrq(&lac, 5);

	iccn_begin(&m);
	l2tp_avp_put(&m.w, L2TP_AVP_SEQUENCING, true, NULL, 0);
	lac_send(&lac, id, &m.w);
	c = &f->carriers.accepted[0].call->carrier;
	for (unsigned int i = 0; i < 3; i++) {
		c->ops->send(c, 0xc021, echo + 4, 8);
		assert_true(last_sent(f)->header.sequence);
		assert_int_equal(last_sent(f)->header.ns, i);
	}
	c->ops->describe(c, &dp);
	assert_true(dp.l2tp.sequencing);
	/* one that uses numbers without asking for them */
	c = &lac_call(&lac, 6)->call->carrier;
	lac_data(&lac, f->carriers.accepted[1].call->session_id, true, 0, echo, sizeof(echo));
	c->ops->send(c, 0xc021, echo + 4, 8);
	assert_true(last_sent(f)->header.sequence);
	/* unless the configuration says no */
	f->tunnel.l2tp.data_use_seq = false;
	c = &lac_call(&lac, 7)->call->carrier;
	lac_data(&lac, f->carriers.accepted[2].call->session_id, true, 0, echo, sizeof(echo));
	c->ops->send(c, 0xc021, echo + 4, 8);
	assert_false(last_sent(f)->header.sequence);
}

/* ---- proxies ---- */

static void proxy_iccn(struct lac *lac, uint16_t peer_session)
{
	uint16_t id = lac_icrq(lac, peer_session);
	struct message m;

	iccn_begin(&m);
	l2tp_avp_put(&m.w, L2TP_AVP_SENT_LCP, false, "\x01\x04\x05\x78", 4);
	l2tp_avp_put(&m.w, L2TP_AVP_RECEIVED_LCP, false, "\x05\x06\1\2\3\4", 6);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_PROXY_TYPE, 3);
	l2tp_avp_put(&m.w, L2TP_AVP_PROXY_NAME, false, "anna", 4);
	l2tp_avp_put_u16(&m.w, L2TP_AVP_PROXY_ID, 77);
	l2tp_avp_put(&m.w, L2TP_AVP_PROXY_RESPONSE, false, "secret", 6);
	lac_send(lac, id, &m.w);
}

static unsigned int n_proxies;

static void no_proxy(struct carrier *c)
{
	struct carrier_proxy proxy;

	assert_false(c->ops->proxy(c, &proxy));
	n_proxies++;
}

static void proxy_of_anna(struct carrier *c)
{
	struct carrier_proxy proxy;

	assert_true(c->ops->proxy(c, &proxy));
	assert_int_equal(proxy.sent_lcp.len, 4);
	assert_memory_equal(proxy.received_lcp.p, "\x05\x06\1\2\3\4", 6);
	assert_int_equal(proxy.auth, CARRIER_PROXY_PAP);
	assert_memory_equal(proxy.name.p, "anna", 4);
	assert_int_equal(proxy.response.len, 6);
	assert_int_equal(proxy.ident, 77);
	assert_false(proxy.may_renegotiate);
	n_proxies++;
}

static void ends_at_once(struct carrier *c)
{
	c->ops->close(c, CAUSE_LCP);
}

static void what_the_lac_negotiated_is_handed_on(void **state)
{
	struct fixture *f = *state;
	struct lac lac = connected(f);
	struct carrier *c;

	n_proxies = 0;
	f->carriers.on_started = no_proxy; /* l2tp-accept-dialin no */
	proxy_iccn(&lac, 5);
	f->tunnel.l2tp.accept_dialin = true;
	f->tunnel.l2tp.lcp_renegotiation = false;
	f->carriers.on_started = proxy_of_anna;
	proxy_iccn(&lac, 6);
	c = &f->carriers.accepted[1].call->carrier;
	no_proxy(c); /* a password is not kept any longer */
	f->carriers.on_started = ends_at_once;
	proxy_iccn(&lac, 8);
	assert_null(f->carriers.accepted[2].call->tunnel);
	f->tunnel.l2tp.force_lcp_renegotiation = true;
	f->carriers.on_started = no_proxy;
	proxy_iccn(&lac, 7);
	assert_int_equal(n_proxies, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_starts_with_its_iccn),
		TEST(accounting_can_tell_of_a_call_when_it_is_over),
		TEST(what_came_through_esp_is_slow),
		TEST(a_session_in_ipsec_takes_and_sends_nothing_clear),
		TEST(a_link_local_peer_is_slow),
		TEST(limits_refuse_for_the_time_being),
		TEST(calls_are_refused_while_busy),
		TEST(exhausted_ids_refuse_likewise),
		TEST(session_ids_of_the_peer_are_its_calls),
		TEST(an_id_used_twice_ends_both_calls),
		TEST(answers_do_not_pile_up),
		TEST(outgoing_calls_are_refused_for_good),
		TEST(what_is_not_understood_ends_the_call_only),
		TEST(line_reports_are_read_and_change_nothing),
		TEST(the_peer_hangs_up),
		TEST(a_call_given_up_before_its_iccn_is_taken_back),
		TEST(our_end_says_why),
		TEST(data_goes_both_ways),
		TEST(data_of_anybody_else_is_dropped),
		TEST(late_data_is_tolerated_once),
		TEST(a_peer_that_numbers_anew_is_followed),
		TEST(numbers_of_forwarded_data_are_the_programs),
		TEST(frames_of_the_largest_mru_fit),
		TEST(numbers_are_sent_if_the_peer_wants_them),
		TEST(what_the_lac_negotiated_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
