/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Calls: how they begin and end, what the data plane learns of them, and their data packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "dataplane/dataplane.h"
#include "pptp_fixture.h"

#define IP 0x0021
#define LCP 0xc021

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

static void send_ppp(struct pptp_call *call, uint16_t proto)
{
	call->carrier.ops->send(&call->carrier, proto, echo + 4, sizeof(echo) - 4);
}

/* ---- beginning ---- */

static void a_call_starts_with_its_ocrq(void **state)
{
	struct fixture *f = *state;
	struct message m = ocrq(0x8000);
	const struct message *reply;
	struct dp_session dp = { 0 };
	struct carrier_info info = { 0 };
	struct pptp_call *call;
	struct pns pns;
	uint16_t id;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	put16(&m, 36, 5); /* a number of five digits */
	memcpy(m.bytes + 40, "08\"15", 5);
	pns_send(&pns, &m);
	reply = heard_before(&pns, 0);
	assert_int_equal(get16(reply, 8), 8);
	id = get16(reply, 12);
	assert_in_range(id, 1, FIXTURE_IDS - 1);
	assert_int_equal(get16(reply, 14), 0x8000);
	assert_int_equal(reply->bytes[16], 1);
	assert_int_equal(reply->bytes[17], 0);
	assert_int_equal(get16(reply, 24), 64); /* our window */
	assert_true(f->carriers.accepted[0].started);
	call = f->carriers.accepted[0].pptp;
	call->carrier.ops->info(&call->carrier, &info);
	assert_string_equal(info.peer, "198.51.100.1");
	assert_string_equal(info.local, "192.0.2.1");
	assert_string_equal(info.called, "08\\x2215");
	assert_string_equal(info.calling, "");
	assert_string_equal(info.peer_name, "client");
	assert_string_equal(info.local_name, "pac");
	assert_int_equal(info.id, id);
	assert_int_equal(info.serial, 4711);
	assert_int_equal(info.tunnel_id, pns_connection(&pns)->id);
	call->carrier.ops->describe(&call->carrier, &dp);
	assert_int_equal(dp.carrier, DP_PPTP);
	assert_int_equal(dp.slot, FIXTURE_FIRST + id);
	assert_ptr_equal(pptp_by_slot(f->pptp, dp.slot), call);
	assert_null(pptp_by_slot(f->pptp, FIXTURE_FIRST - 1));
	assert_int_equal(dp.pptp.call_id, id);
	assert_int_equal(dp.pptp.peer_call_id, 0x8000);
	assert_int_equal(dp.pptp.local.s_addr, pns.hosts.local.s_addr);
	assert_int_equal(dp.pptp.peer.s_addr, pns.hosts.peer.s_addr);
	assert_false(dp.slow);
	/* IPv4, the longest GRE header, PPP */
	assert_int_equal(call->carrier.ops->mru(&call->carrier), 1500 - 20 - 16 - 4);
	pns_close(&pns);
}

static void assert_refused(struct pns *pns, uint16_t peer_call_id, uint8_t error)
{
	const struct message *reply = heard_before(pns, 0);

	assert_int_equal(get16(reply, 8), 8);
	assert_int_equal(get16(reply, 12), 0);
	assert_int_equal(get16(reply, 14), peer_call_id);
	assert_int_equal(reply->bytes[16], 2);
	assert_int_equal(reply->bytes[17], error);
}

static void limits_refuse(void **state)
{
	struct fixture *f = *state;
	struct pns pns;

	f->carriers.max = 1;
	pns_connect(&pns, f, "198.51.100.1", 4000);
	pns_call(&pns, 5);
	assert_int_equal(pns_ocrq(&pns, 6), 0);
	assert_refused(&pns, 6, 4);
	assert_int_equal(drops(f, XP_R_T_LIMIT), 1);
	assert_int_equal(f->pptp->counters.calls, 1);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	pns_close(&pns);
}

static void calls_are_refused_while_busy(void **state)
{
	struct fixture *f = *state;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	f->carriers.load.busy = XP_R_A_HALF_OPEN;
	assert_int_equal(pns_ocrq(&pns, 6), 0);
	assert_refused(&pns, 6, 4);
	assert_int_equal(drops(f, XP_R_A_HALF_OPEN), 1);
	assert_int_equal(drops(f, XP_R_T_LIMIT), 0);
	pns_close(&pns);
}

static void exhausted_ids_refuse_likewise(void **state)
{
	struct fixture *f = *state;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	for (uint16_t i = 1; i < FIXTURE_IDS; i++)
		assert_int_not_equal(pns_ocrq(&pns, i), 0);
	assert_int_equal(pns_ocrq(&pns, FIXTURE_IDS), 0);
	assert_refused(&pns, FIXTURE_IDS, 4);
	assert_true(f->carriers.accepted[FIXTURE_IDS - 1].aborted);
	pns_close(&pns);
}

static void ids_rest_before_they_are_used_again(void **state)
{
	struct fixture *f = *state;
	struct pns pns;
	uint16_t id;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	for (uint16_t i = 1; i < FIXTURE_IDS; i++)
		id = pns_call(&pns, i)->pptp->call_id;
	pns_about(&pns, 12, 16, FIXTURE_IDS - 1);
	assert_int_equal(pns_ocrq(&pns, 77), 0);
	fixture_time.ms += CLOCK_SLOT_QUARANTINE_MS;
	assert_int_equal(pns_ocrq(&pns, 77), id);
	pns_close(&pns);
}

/* Or one that calls and clears as fast as it can would use up all of them. */
static void one_address_calls_only_so_often(void **state)
{
	struct fixture *f = *state;
	struct pns often, other;

	pns_connect(&often, f, "198.51.100.1", 4000);
	pns_connect(&other, f, "198.51.100.2", 4000);
	f->carriers.max = 1;
	pns_call(&often, 1);
	for (uint16_t i = 1; i < PPTP_RATE_PEER_BURST; i++)
		pns_ocrq(&often, (uint16_t)(1 + i));
	assert_int_equal(drops(f, XP_R_T_RATE), 0);
	pns_about(&often, 12, 16, 1);
	assert_int_equal(pns_ocrq(&often, 2), 0);
	assert_refused(&often, 2, 4);
	assert_int_equal(drops(f, XP_R_T_RATE), 1);
	f->carriers.max = 3;
	pns_call(&other, 1);
	fixture_time.ms += 10;
	pns_call(&often, 2);
	pns_close(&often);
	pns_close(&other);
}

static void call_ids_of_the_peer_are_its_connections(void **state)
{
	struct fixture *f = *state;
	struct accepted *a, *b;
	struct pns pns, other;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	pns_connect(&other, f, "198.51.100.1", 4001);
	a = pns_call(&pns, 0); /* nobody says that 0 is none */
	assert_int_equal(pns_ocrq(&pns, 0), 0);
	assert_refused(&pns, 0, 5);
	assert_int_equal(drops(f, XP_R_T_CALL), 1);
	b = pns_call(&other, 0);
	pns_about(&other, 12, 16, 0);
	assert_int_equal(a->lost, CAUSE_NONE);
	assert_int_equal(b->lost, CAUSE_PEER);
	pns_close(&other);
	assert_int_equal(a->lost, CAUSE_NONE);
	pns_close(&pns);
}

static void incoming_calls_are_refused(void **state)
{
	struct fixture *f = *state;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	pns_about(&pns, 9, 220, 9);
	assert_int_equal(heard_type(&pns), 10);
	assert_int_equal(get16(heard_before(&pns, 0), 12), 0);
	assert_int_equal(get16(heard_before(&pns, 0), 14), 9);
	assert_int_equal(heard_before(&pns, 0)->bytes[16], 3);
	assert_int_equal(drops(f, XP_R_T_INCOMING), 1);
	assert_int_equal(f->carriers.n, 0);
	assert_int_equal(pns_connection(&pns)->state, PPTP_ESTABLISHED);
	pns_close(&pns);
}

/* ---- the end ---- */

static void the_peer_clears_its_call(void **state)
{
	struct fixture *f = *state;
	struct accepted *a, *b;
	struct pns pns;
	uint16_t id;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 0x1005);
	b = pns_call(&pns, 0x1006);
	id = a->pptp->call_id;
	pns_about(&pns, 12, 16, 0x1005); /* its own id, 2.12 */
	assert_int_equal(heard_type(&pns), 13);
	assert_int_equal(get16(heard_before(&pns, 0), 12), id);
	assert_int_equal(heard_before(&pns, 0)->bytes[14], 4); /* as it asked */
	assert_int_equal(pns.n_heard, 4);                      /* SCCRP, two OCRP, one CDN */
	assert_int_equal(a->lost, CAUSE_PEER);
	assert_int_equal(b->lost, CAUSE_NONE);
	assert_null(pptp_by_slot(f->pptp, FIXTURE_FIRST + id));
	pns_about(&pns, 12, 16, 0x1005);
	assert_int_equal(drops(f, XP_R_T_CALL), 1);
	assert_int_equal(pns.n_heard, 4);
	pns_close(&pns);
}

static void the_session_ends_its_call(void **state)
{
	static const struct {
		enum cause cause;
		uint8_t result, error;
	} ends[] = {
		{ CAUSE_PEER, 4, 0 },  { CAUSE_LOST_CARRIER, 1, 0 }, { CAUSE_IDLE, 3, 0 },
		{ CAUSE_LIMIT, 2, 4 }, { CAUSE_CLEARED, 3, 0 },      { CAUSE_RESOURCES, 2, 4 },
	};
	struct fixture *f = *state;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct carrier *c = pns_call(&pns, 5)->carrier;
		const uint16_t id = ((struct pptp_call *)c)->call_id;

		c->ops->close(c, ends[i].cause);
		c->ops->close(c, ends[i].cause);
		pns_turn(&pns);
		assert_int_equal(pns.n_heard, 1 + 2 * (i + 1));
		assert_int_equal(heard_type(&pns), 13);
		assert_int_equal(get16(heard_before(&pns, 0), 12), id);
		assert_int_equal(heard_before(&pns, 0)->bytes[14], ends[i].result);
		assert_int_equal(heard_before(&pns, 0)->bytes[15], ends[i].error);
		assert_string_equal((const char *)heard_before(&pns, 0)->bytes + 20,
				    cause_name(ends[i].cause));
		send_ppp((struct pptp_call *)c, LCP); /* nothing */
		c->ops->acknowledge(c);
		assert_int_equal(f->n_sent, 0);
	}
	assert_int_equal(f->pptp->counters.calls, 0);
	pns_close(&pns);
}

static void a_disconnect_notify_ends_the_call_as_well(void **state)
{
	struct message m = message_of(13, 148);
	struct fixture *f = *state;
	struct accepted *a, *b;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	b = pns_call(&pns, 6);
	put16(&m, 12, 5);
	m.bytes[14] = 1;
	pns_send(&pns, &m);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
	assert_int_equal(pns.n_heard, 3);
	put16(&m, 12, 6);
	m.bytes[14] = 4;
	pns_send(&pns, &m);
	assert_int_equal(b->lost, CAUSE_PEER);
	pns_close(&pns);
}

static void line_reports_are_read_and_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns, other;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	pns_connect(&other, f, "198.51.100.2", 4000);
	a = pns_call(&pns, 5);
	pns_about(&pns, 14, 40, a->pptp->call_id); /* WEN: ours here */
	pns_about(&pns, 15, 24, a->pptp->call_id); /* SLI */
	assert_int_equal(f->pptp->counters.link_info, 2);
	assert_int_equal(pns.n_heard, 2);
	assert_int_equal(a->lost, CAUSE_NONE);
	pns_about(&other, 15, 24, a->pptp->call_id); /* another's call */
	assert_int_equal(drops(f, XP_R_T_CALL), 1);
	pns_close(&pns);
	pns_close(&other);
}

/* ---- data in ---- */

static void data_reaches_its_session(void **state)
{
	struct fixture *f = *state;
	struct accepted *a, *b;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	b = pns_call(&pns, 6);
	pns_data(&pns, b->pptp->call_id, 0, echo, sizeof(echo));
	assert_int_equal(a->inputs, 0);
	assert_int_equal(b->inputs, 1);
	assert_int_equal(b->input_len, sizeof(echo));
	assert_memory_equal(b->input, echo, sizeof(echo));
	pns_close(&pns);
}

static void data_from_elsewhere_does_not(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	pns.hosts.peer.s_addr ^= htonl(1);
	pns_data(&pns, a->pptp->call_id, 0, echo, sizeof(echo));
	pns.hosts.peer.s_addr ^= htonl(1);
	pns.hosts.local.s_addr ^= htonl(1);
	pns_data(&pns, a->pptp->call_id, 0, echo, sizeof(echo));
	pns.hosts.local.s_addr ^= htonl(1);
	assert_int_equal(drops(f, XP_R_T_DATA_PEER), 2);
	pns_data(&pns, (uint16_t)(a->pptp->call_id + 1), 0, echo, sizeof(echo));
	pns_data(&pns, 0xffff, 0, echo, sizeof(echo));
	pns_data(&pns, 0, 0, echo, sizeof(echo));
	assert_int_equal(drops(f, XP_R_T_DATA_UNKNOWN), 3);
	assert_int_equal(a->inputs, 0);
	assert_int_equal(a->newest, UINT32_MAX); /* not even its number counts */
	pns_close(&pns);
}

static void receive_raw(struct pns *pns, const void *bytes, size_t len)
{
	pptp_receive(pns->f->pptp, &pns->hosts, buf_of(bytes, len));
}

static void malformed_packets_are_counted(void **state)
{
	struct fixture *f = *state;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	pns_call(&pns, 5);
	receive_raw(&pns, "\x30\x01\x88\x0b\0\5\0\1\0\0\0\0abcd", 16);
	receive_raw(&pns, "\x30\x01\x88\x0b", 4);
	receive_raw(&pns, "", 0);
	assert_int_equal(drops(f, XP_R_T_DATA_LENGTH), 3);
	receive_raw(&pns, "\xb0\x01\x88\x0b\0\0\0\1\0\0\0\0", 12);
	assert_int_equal(drops(f, XP_R_T_DATA_HEADER), 1);
	receive_raw(&pns, "\0\0\x08\0abcd", 8); /* a tunnel of another kind */
	assert_int_equal(drops(f, XP_R_T_DATA_HEADER), 1);
	assert_int_equal(f->carriers.accepted[0].inputs, 0);
	pns_close(&pns);
}

static void what_comes_far_too_late_is_dropped(void **state)
{
	static const struct {
		uint32_t number;
		bool taken;
	} packets[] = {
		{ 0, true },   { 1, true },   { 3, true },   { 2, true },
		{ 100, true }, /* what is missing is lost */
		{ 36, true },  { 35, false }, { 101, true }, { 0xfffffff0, false },
	};
	struct fixture *f = *state;
	unsigned int inputs = 0, late = 0;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		pns_data(&pns, a->pptp->call_id, packets[i].number, echo, sizeof(echo));
		inputs += packets[i].taken;
		late += !packets[i].taken;
		assert_int_equal(a->inputs, inputs);
		assert_int_equal(drops(f, XP_R_T_DATA_LATE), late);
	}
	pns_close(&pns);
}

static void a_payload_without_a_number_is_ignored(void **state)
{
	struct fixture *f = *state;
	struct pptp_gre gre = { .payload = buf_of(echo, sizeof(echo)) };
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	gre.call_id = a->pptp->call_id;
	pns_gre(&pns, &gre);
	assert_int_equal(drops(f, XP_R_T_DATA_UNNUMBERED), 1);
	gre.has_ack = true;
	gre.payload.len = 0;
	pns_gre(&pns, &gre); /* an acknowledgement is not meant to have one */
	assert_int_equal(drops(f, XP_R_T_DATA_UNNUMBERED), 1);
	assert_int_equal(a->inputs, 0);
	assert_int_equal(f->n_sent, 0);
	pns_close(&pns);
}

/* ---- data out ---- */

static void what_is_sent_is_numbered(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 0x8005);
	for (uint32_t i = 0; i < 3; i++) {
		const struct sent *s;

		send_ppp(a->pptp, LCP);
		s = sent_before(f, 0);
		assert_int_equal(s->hosts.local.s_addr, pns.hosts.local.s_addr);
		assert_int_equal(s->hosts.peer.s_addr, pns.hosts.peer.s_addr);
		assert_int_equal(s->gre.call_id, 0x8005);
		assert_true(s->gre.has_sequence);
		assert_int_equal(s->gre.sequence, i);
		assert_false(s->gre.has_ack); /* nothing came */
		assert_int_equal(s->gre.payload.len, sizeof(echo));
		assert_memory_equal(s->gre.payload.p, echo, sizeof(echo));
	}
	pns_close(&pns);
}

static void acknowledgements_ride_on_what_is_sent(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	pns_data(&pns, a->pptp->call_id, 0, echo, sizeof(echo));
	pns_data(&pns, a->pptp->call_id, 1, echo, sizeof(echo));
	assert_true(ev_is_active(&a->pptp->ack));
	send_ppp(a->pptp, LCP);
	assert_true(sent_before(f, 0)->gre.has_ack);
	assert_int_equal(sent_before(f, 0)->gre.ack, 1);
	assert_false(ev_is_active(&a->pptp->ack));
	send_ppp(a->pptp, LCP);
	assert_false(sent_before(f, 0)->gre.has_ack); /* it has been told */
	pns_data(&pns, a->pptp->call_id, 2, echo, sizeof(echo));
	send_ppp(a->pptp, LCP);
	assert_int_equal(sent_before(f, 0)->gre.ack, 2);
	assert_int_equal(f->pptp->counters.ack_only, 0);
	pns_close(&pns);
}

static void or_go_alone_after_a_while(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	pns_data(&pns, a->pptp->call_id, 7, echo, sizeof(echo));
	assert_int_equal(f->n_sent, 0);
	fixture_strike(f, &a->pptp->ack);
	assert_int_equal(f->n_sent, 1);
	assert_true(sent_before(f, 0)->gre.has_ack);
	assert_int_equal(sent_before(f, 0)->gre.ack, 7);
	assert_false(sent_before(f, 0)->gre.has_sequence);
	assert_int_equal(sent_before(f, 0)->gre.payload.len, 0);
	assert_int_equal(a->sequence, 0); /* it has no number */
	assert_int_equal(f->pptp->counters.ack_only, 1);
	pns_close(&pns);
}

static void or_when_half_the_window_waits(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	for (uint32_t i = 0; i < 2 * XP_PPTP_ACK_AFTER; i++) {
		assert_int_equal(f->n_sent, i / XP_PPTP_ACK_AFTER);
		pns_data(&pns, a->pptp->call_id, i, echo, sizeof(echo));
	}
	assert_int_equal(f->n_sent, 2);
	assert_int_equal(sent_before(f, 1)->gre.ack, XP_PPTP_ACK_AFTER - 1);
	assert_int_equal(sent_before(f, 0)->gre.ack, 2 * XP_PPTP_ACK_AFTER - 1);
	assert_false(ev_is_active(&a->pptp->ack));
	pns_close(&pns);
}

/* The program has seen packets that the agent has not. */
static void or_when_the_data_plane_asks(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	a->carrier->ops->acknowledge(a->carrier);
	assert_int_equal(f->n_sent, 0); /* nothing came */
	a->newest = 32;
	a->carrier->ops->acknowledge(a->carrier);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(sent_before(f, 0)->gre.ack, 32);
	pns_close(&pns);
}

static void hang_up(struct carrier *c)
{
	c->ops->close(c, CAUSE_AUTH);
}

static void a_packet_may_end_its_call(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	f->carriers.on_input = hang_up;
	pns_data(&pns, a->pptp->call_id, 0, echo, sizeof(echo));
	assert_int_equal(a->inputs, 1);
	assert_false(ev_is_active(&a->pptp->ack));
	assert_int_equal(f->pptp->counters.calls, 0);
	pns_turn(&pns);
	assert_int_equal(heard_type(&pns), 13);
	pns_close(&pns);
}

/* ---- the peer's window ---- */

static struct pptp_call *slow_call(struct fixture *f, struct pns *pns, uint16_t window)
{
	struct message m = ocrq(5);

	f->tunnel.pipex = false;
	pns_connect(pns, f, "198.51.100.1", 4000);
	put16(&m, 32, window);
	pns_send(pns, &m);
	return f->carriers.accepted[0].pptp;
}

static void ack(struct pns *pns, const struct pptp_call *call, uint32_t number)
{
	const struct pptp_gre gre = { .call_id = call->call_id, .has_ack = true, .ack = number };

	pns_gre(pns, &gre);
}

static void the_window_bounds_what_the_agent_moves(void **state)
{
	struct fixture *f = *state;
	struct pns pns;
	struct pptp_call *call = slow_call(f, &pns, 80);

	for (int i = 0; i < 100; i++)
		send_ppp(call, IP);
	assert_int_equal(f->n_sent, 80);
	assert_int_equal(drops(f, XP_R_T_DATA_WINDOW), 20);
	assert_int_equal(sent_before(f, 0)->gre.sequence, 79); /* no number is left out */
	send_ppp(call, LCP);                                   /* never held up */
	assert_int_equal(f->n_sent, 81);
	ack(&pns, call, 9);
	for (int i = 0; i < 100; i++)
		send_ppp(call, IP);
	assert_int_equal(f->n_sent, 90);
	ack(&pns, call, 5);          /* an old one changes nothing */
	ack(&pns, call, 0x7fffffff); /* nor one of what was never sent */
	send_ppp(call, IP);
	assert_int_equal(f->n_sent, 90);
	ack(&pns, call, 19);
	for (int i = 0; i < 100; i++)
		send_ppp(call, IP);
	assert_int_equal(f->n_sent, 100);
	pns_close(&pns);
}

static void a_peer_that_never_acknowledges_gets_a_window_each_time(void **state)
{
	struct fixture *f = *state;
	struct pns pns;
	struct pptp_call *call = slow_call(f, &pns, 80);

	fixture_time.ms += 100000; /* idle until now */
	for (int i = 0; i < 100; i++)
		send_ppp(call, IP);
	assert_int_equal(f->n_sent, 80);
	fixture_time.ms += CLOCK_PPTP_LOST_MS - 1;
	send_ppp(call, IP);
	assert_int_equal(f->n_sent, 80);
	fixture_time.ms++;
	for (int i = 0; i < 100; i++)
		send_ppp(call, IP);
	assert_int_equal(f->n_sent, 160);
	pns_close(&pns);
}

static void small_windows_are_not_meant(void **state)
{
	struct fixture *f = *state;
	struct pns pns;
	struct pptp_call *call = slow_call(f, &pns, 3);

	for (int i = 0; i < 100; i++)
		send_ppp(call, IP);
	assert_int_equal(f->n_sent, XP_PPTP_WINDOW);
	pns_close(&pns);
}

static void what_the_programs_move_is_not_bounded(void **state)
{
	struct fixture *f = *state;
	struct accepted *a;
	struct pns pns;

	pns_connect(&pns, f, "198.51.100.1", 4000);
	a = pns_call(&pns, 5);
	for (int i = 0; i < 200; i++)
		send_ppp(a->pptp, IP);
	assert_int_equal(f->n_sent, 200);
	pns_close(&pns);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_starts_with_its_ocrq),
		TEST(limits_refuse),
		TEST(calls_are_refused_while_busy),
		TEST(exhausted_ids_refuse_likewise),
		TEST(ids_rest_before_they_are_used_again),
		TEST(one_address_calls_only_so_often),
		TEST(call_ids_of_the_peer_are_its_connections),
		TEST(incoming_calls_are_refused),
		TEST(the_peer_clears_its_call),
		TEST(the_session_ends_its_call),
		TEST(a_disconnect_notify_ends_the_call_as_well),
		TEST(line_reports_are_read_and_change_nothing),
		TEST(data_reaches_its_session),
		TEST(data_from_elsewhere_does_not),
		TEST(malformed_packets_are_counted),
		TEST(what_comes_far_too_late_is_dropped),
		TEST(a_payload_without_a_number_is_ignored),
		TEST(what_is_sent_is_numbered),
		TEST(acknowledgements_ride_on_what_is_sent),
		TEST(or_go_alone_after_a_while),
		TEST(or_when_half_the_window_waits),
		TEST(or_when_the_data_plane_asks),
		TEST(a_packet_may_end_its_call),
		TEST(the_window_bounds_what_the_agent_moves),
		TEST(a_peer_that_never_acknowledges_gets_a_window_each_time),
		TEST(small_windows_are_not_meant),
		TEST(what_the_programs_move_is_not_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
