/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What sessions do for carriers over UDP: their peer may move, their frames are numbered, and IP
 * packets come up their socket although the fast path serves them.
 */
#include <errno.h>

#include "session_rig.h"

#include "session_private.h"
#include "stderr_text.h"

static const char l2tp[] = "tunnel L protocol l2tp { listen on 192.0.2.1\n"
			   "  authentication-method pap\n"
			   "  ingress-filter yes\n"
			   "  idle-timeout 100\n"
			   "  l2tp-data-out-pktdump yes\n"
			   "}\n"
			   "bind tunnel from L authenticated by A to pppac0";

/* The data plane, with a look at what it is told. */
static struct spy {
	struct dataplane_ops ops;
	const struct dataplane_ops *real;
	struct dp_session added; /* the last */
	unsigned int adds, dels, sent;
	size_t sent_len;
	int refuse;
} spy;

static int spy_add(struct dataplane *dp, const struct dp_session *session)
{
	struct dp_counters counters;

	/* it has been told of the end of what was there */
	assert_true(spy.real->session_counters(dp, session->slot, &counters) < 0);
	spy.adds++;
	spy.added = *session;
	return spy.refuse ? spy.refuse : spy.real->session_add(dp, session);
}

static void spy_del(struct dataplane *dp, uint32_t slot, struct dp_counters *counters,
		    struct dp_sequence *sequence)
{
	spy.dels++;
	spy.real->session_del(dp, slot, counters, sequence);
}

static int spy_send(struct dataplane *dp, uint32_t slot, const uint8_t *packet, size_t len)
{
	spy.sent++;
	spy.sent_len = len;
	return spy.real->ip_send(dp, slot, packet, len);
}

static int setup_l2tp(void **state)
{
	struct fixture *f;

	if (setup_more(state, "", l2tp))
		return -1;
	f = *state;
	memset(&spy, 0, sizeof(spy));
	spy.real = f->dp->ops;
	spy.ops = *spy.real;
	spy.ops.session_add = spy_add;
	spy.ops.session_del = spy_del;
	spy.ops.ip_send = spy_send;
	f->dp->ops = &spy.ops;
	return 0;
}

/* ---- a call as the driver would describe it ---- */

static uint16_t peer_port;
static bool through_esp;

static struct sockaddr_storage endpoint(const char *address, uint16_t port)
{
	struct sockaddr_storage storage = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, address, &in.sin_addr);
	memcpy(&storage, &in, sizeof(in));
	return storage;
}

static void call_describe(const struct carrier *carrier, struct dp_session *dp)
{
	const struct client *c = client_of((struct carrier *)carrier);
	struct dp_dims dims;

	dp_dims(c->f->conf, &dims);
	dp->slot = dims.l2tp_first + c->sid;
	dp->carrier = DP_L2TP;
	dp->l2tp = (struct dp_l2tp){
		.local = endpoint("192.0.2.1", 1701),
		.peer = endpoint("198.51.100.1", peer_port),
		.tunnel_id = dims.l2tp_spaces,
		.session_id = c->sid,
		.peer_tunnel_id = 7,
		.peer_session_id = 5,
		.sequencing = true,
	};
	dp->slow = dp->slow || through_esp;
}

static const struct carrier_ops call_ops = {
	.name = "l2tp",
	.ip_input = true,
	.acfc = true,
	.size = sizeof(struct pppoe_session),
	.send = fake_send,
	.close = fake_close,
	.describe = call_describe,
	.info = fake_info,
	.mru = fake_mru,
};

static struct client *call(struct fixture *f)
{
	peer_port = 1701;
	through_esp = false;
	return dial_by(f, &call_ops, "L", "u1", "p1");
}

static void move(struct client *c, uint16_t port)
{
	peer_port = port;
	session_carrier_user.moved(c->f->sessions, &c->pppoe->carrier);
}

static uint16_t told_port(void)
{
	struct sockaddr_in in;

	memcpy(&in, &spy.added.l2tp.peer, sizeof(in));
	return ntohs(in.sin_port);
}

static uint32_t next_sequence(struct client *c)
{
	return session_carrier_user.sequence(c->f->sessions, &c->pppoe->carrier);
}

static struct session *session_of_client(struct client *c)
{
	return c->pppoe->carrier.session;
}

static void send_ip(struct client *c, uint32_t src)
{
	uint8_t ip[20];

	ip_header(ip, sizeof(ip), src, 0xc0000201, 17);
	reply(c, PPP_PROTO_IP, ip, sizeof(ip));
	settle(c->f);
}

/* ---- moving ---- */

static void the_data_plane_follows_a_peer_that_moves(void **state)
{
	struct fixture *f = *state;
	struct client *c = call(f);
	struct session *s = session_of_client(c);
	struct session_record before, after;

	assert_int_equal(spy.adds, 1);
	assert_int_equal(told_port(), 1701);
	send_ip(c, c->address);
	session_describe(s, &before);
	assert_int_equal(before.counters.up_packets, 1);
	move(c, 40000);
	assert_int_equal(spy.dels, 1);
	assert_int_equal(spy.adds, 2);
	assert_int_equal(told_port(), 40000);
	assert_int_equal(spy.added.addr.s_addr, htonl(c->address));
	assert_int_equal(totals(f).established, 1);
	assert_int_equal(totals(f).ended, 0);
	/* what was counted stays, and it goes on */
	send_ip(c, c->address);
	session_describe(s, &after);
	assert_int_equal(after.counters.up_packets, 2);
	assert_int_equal(after.counters.up_bytes, 40);
	assert_int_equal(count(f, (struct session_filter){ .by_address = true,
							   .address.s_addr = htonl(c->address) }),
			 1);
	assert_true(ev_is_active(&s->timer)); /* idle-timeout */
	assert_int_equal(c->closed, 0);
}

static void numbers_go_on_where_they_were(void **state)
{
	struct fixture *f = *state;
	struct client *c;
	uint32_t next;

	f->mute = true;
	c = call(f);
	for (next = 0; next < 5; next++)
		assert_int_equal(next_sequence(c), next);
	c->mute = false; /* up at last */
	send_lcp(c);
	settle(f);
	assert_int_equal(totals(f).established, 1);
	assert_int_equal(spy.added.sequence.next, next);
	assert_int_equal(next_sequence(c), next++);
	move(c, 40000);
	assert_int_equal(spy.added.sequence.next, next);
	assert_int_equal(next_sequence(c), next++);
	move(c, 40001);
	assert_int_equal(spy.added.sequence.next, next);
}

static void who_is_not_up_moves_without_the_data_plane(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	f->mute = true;
	c = call(f);
	move(c, 40000);
	assert_int_equal(spy.adds, 0);
	assert_int_equal(totals(f).sessions, 1);
	assert_int_equal(c->closed, 0);
}

static void a_place_that_the_data_plane_refuses_ends_the_session(void **state)
{
	struct fixture *f = *state;
	struct client *c = call(f);

	spy.refuse = -ENOSPC;
	move(c, 40000);
	settle(f);
	assert_true(c->terminated);
	assert_int_equal(totals(f).established, 0);
	assert_int_equal(totals(f).ended_by[CAUSE_DATAPLANE], 1);
	assert_int_equal(c->closed, 1);
	assert_int_equal(count(f, (struct session_filter){ .by_address = true,
							   .address.s_addr = htonl(c->address) }),
			 0);
}

/* From a port of clear text to one that ESP covers, or back. */
static void moving_may_change_the_path(void **state)
{
	struct fixture *f = *state;
	struct client *c = call(f);
	struct session_record rec;

	session_describe(session_of_client(c), &rec);
	assert_false(rec.slow);
	through_esp = true;
	move(c, 4500);
	assert_true(spy.added.slow);
	session_describe(session_of_client(c), &rec);
	assert_true(rec.slow);
}

/* ---- IP packets that come up the socket ---- */

static void packets_come_up_of_fast_calls_only_where_the_carrier_says_so(void **state)
{
	struct fixture *f = *state;
	struct client *c = call(f), *pppoe = dial_tunnel(f, "T", "u2", "p2");

	send_ip(c, c->address);
	assert_int_equal(spy.sent, 1);
	assert_int_equal(spy.sent_len, 20);
	assert_int_equal(log_drops(f->log, XP_R_S_STATE), 0);
	/* a copy of what the program has forwarded already */
	send_ip(pppoe, pppoe->address);
	assert_int_equal(spy.sent, 1);
	assert_int_equal(log_drops(f->log, XP_R_S_STATE), 1);
}

static void packets_that_come_up_are_looked_at_as_any(void **state)
{
	struct fixture *f = *state;
	struct client *c = call(f);
	const uint8_t broken[4] = { 0x45, 0, 0, 20 };

	send_ip(c, c->address + 1);
	assert_int_equal(log_drops(f->log, XP_R_S_IP), 1);
	reply(c, PPP_PROTO_IP, broken, sizeof(broken));
	settle(f);
	assert_int_equal(log_drops(f->log, XP_R_S_IP), 2);
	assert_int_equal(spy.sent, 0);
}

static void packets_before_the_call_is_up_are_dropped(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	f->mute = true;
	c = call(f);
	send_ip(c, 0x0a000002);
	assert_int_equal(spy.sent, 0);
	assert_int_equal(log_drops(f->log, XP_R_S_STATE), 1);
}

/* ---- dumps ---- */

static void data_is_dumped_in_the_direction_that_is_wanted(void **state)
{
	struct fixture *f = *state;
	struct stderr_text log;
	struct client *c;
	uint8_t ip[20];

	log_set_level(f->log, LOG_DEBUG);
	stderr_begin(&log);
	c = call(f);
	ip_header(ip, sizeof(ip), 0xc0000201, c->address, 17);
	sessions_ip_input(f->sessions, (struct in_addr){ htonl(c->address) },
			  buf_of(ip, sizeof(ip)));
	stderr_end(&log);
	log_set_level(f->log, LOG_EMERG);
	assert_non_null(strstr(log.text, "ppp-id 1: out 0xc021, "));
	assert_non_null(strstr(log.text, "ppp-id 1: out 0x8021, "));
	assert_non_null(strstr(log.text, "ppp-id 1: out 0x0021, 20 bytes 45000014"));
	assert_null(strstr(log.text, ": in 0x"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_l2tp, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_data_plane_follows_a_peer_that_moves),
		TEST(numbers_go_on_where_they_were),
		TEST(who_is_not_up_moves_without_the_data_plane),
		TEST(a_place_that_the_data_plane_refuses_ends_the_session),
		TEST(moving_may_change_the_path),
		TEST(packets_come_up_of_fast_calls_only_where_the_carrier_says_so),
		TEST(packets_that_come_up_are_looked_at_as_any),
		TEST(packets_before_the_call_is_up_are_dropped),
		TEST(data_is_dumped_in_the_direction_that_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
