/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPTP sessions of the data plane's binding with real devices; the peer is behind acc0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "build_pptp.h"
#include "net.h"
#include "plane.h"

#define CALL_ID 21
#define PEER_CALL_ID 0x9876
#define LNS 0xac100001
#define PEER 0xac100002
#define MTU 1400

static const char *const modes[] = { "native", "generic", "tc" };

static struct dp_session pptp_session(const struct plane *p)
{
	return (struct dp_session){
		.slot = p->pptp_first + CALL_ID,
		.carrier = DP_PPTP,
		.pptp = { .local = { htonl(LNS) },
			  .peer = { htonl(PEER) },
			  .call_id = CALL_ID,
			  .peer_call_id = PEER_CALL_ID },
		.sequence = { .next = 3, .newest = 9, .acked = 9 },
		.addr = { htonl(NET_CLIENT) },
		.netmask = { INADDR_NONE },
		.mtu = MTU,
		.concentrator = "pppac0",
		.ingress_filter = true,
		.mss_clamp = true,
	};
}

static struct frame packet(uint32_t from, uint32_t to, size_t payload, uint8_t ttl)
{
	struct frame f = { .len = (uint32_t)net_packet(f.byte, from, to, payload) };

	build_set16(f.byte + 6, 0x4000); /* DF */
	f.byte[8] = ttl;
	build_fix_ip(f.byte);
	return f;
}

static void send_up(struct plane *p, uint32_t number)
{
	struct frame inner = packet(NET_CLIENT, NET_REMOTE, 32, 64), frame;
	struct pptp_spec spec = { .dst_mac = net_access_mac,
				  .src_mac = net_client_mac,
				  .dst = LNS,
				  .src = PEER,
				  .call_id = CALL_ID,
				  .number = number,
				  .ff03 = true };

	frame = build_pptp(&spec, &inner);
	assert_int_equal(send(p->sub_fd, frame.byte, frame.len, 0), frame.len);
}

static void send_down(struct plane *p, size_t payload)
{
	struct frame inner = packet(NET_REMOTE, NET_CLIENT, payload, 64);
	struct frame frame = build_ethernet(net_core_mac, net_router_mac, &inner);

	assert_int_equal(send(p->up_fd, frame.byte, frame.len, 0), frame.len);
}

static void expect_down(struct plane *p, size_t payload, uint32_t number, uint32_t ack)
{
	struct frame inner = packet(NET_REMOTE, NET_CLIENT, payload, 63), frame;
	struct pptp_spec spec = { .dst_mac = net_client_mac,
				  .src_mac = net_access_mac,
				  .dst = PEER,
				  .src = LNS,
				  .frag = 0x4000,
				  .call_id = PEER_CALL_ID,
				  .ack = true,
				  .number = number,
				  .ack_number = ack,
				  .ff03 = true };
	uint8_t got[2048];
	size_t len;

	frame = build_pptp(&spec, &inner);
	assert_true(plane_expect(p, p->sub_fd, frame.byte, frame.len, got, &len));
	assert_int_equal(len, frame.len);
}

static struct dp_session begin(struct plane *p, const char *mode, const char *more)
{
	net_run("ip address replace 172.16.0.1/24 dev acc0 &&"
		"ip neigh replace 172.16.0.2 lladdr 02:00:00:00:00:51 dev acc0");
	plane_start_over_ip(p, mode);
	net_run("%s", more);
	return pptp_session(p);
}

/* Programs and agent share the numbers of both ways. */
static void test_forward(void **state)
{
	struct dp_sequence sequence = { 0 };
	struct dp_counters c;
	struct dp_session s;
	struct plane p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		print_message("%s\n", modes[i]);
		s = begin(&p, modes[i], "true");
		plane_add(&p, &s);
		send_up(&p, 10);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		send_down(&p, 32);
		expect_down(&p, 32, 3, 10);
		assert_int_equal(p.dp->ops->received(p.dp, s.slot, 11), 0);
		assert_int_equal(p.dp->ops->received(p.dp, s.slot, 12), 0);
		assert_int_equal(p.dp->ops->sequence(p.dp, s.slot), 4);
		send_down(&p, 32);
		expect_down(&p, 32, 5, 12);
		send_up(&p, 13);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		assert_int_equal(p.dp->ops->acknowledge(p.dp, s.slot), 13);
		assert_int_equal(p.dp->ops->received(p.dp, s.slot, UINT32_MAX - 100), -ESTALE);
		send_up(&p, UINT32_MAX - 100);
		send_up(&p, 14);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		assert_int_equal(plane_drops(&p, XP_R_PPTP_SEQUENCE), 1);
		assert_int_equal(plane_packets(&p, XP_PATH_UP_FAST), 3);
		assert_int_equal(plane_packets(&p, XP_PATH_DOWN_FAST), 2);
		p.dp->ops->session_del(p.dp, s.slot, &c, &sequence);
		assert_int_equal(c.up_packets, 3);
		assert_int_equal(c.down_packets, 2);
		assert_int_equal(c.drops, 1);
		assert_int_equal(sequence.next, 6);
		assert_int_equal(sequence.newest, 14);
		assert_int_equal(sequence.acked, 13);
		assert_int_equal(p.dp->ops->sequence(p.dp, s.slot), -ENOENT);
		assert_int_equal(p.dp->ops->received(p.dp, s.slot, 15), -ENOENT);
		assert_int_equal(p.dp->ops->acknowledge(p.dp, s.slot), -ENOENT);
		plane_stop(&p);
		plane_left_nothing();
	}
}

static void test_stack_path(void **state)
{
	struct dp_session s;
	struct plane p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		s = begin(&p, modes[i], "true");
		s.stack = true;
		plane_add(&p, &s);
		send_up(&p, 10);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		send_down(&p, 32);
		expect_down(&p, 32, 3, 10);
		assert_int_equal(plane_packets(&p, XP_PATH_UP_STACK), 1);
		assert_int_equal(plane_packets(&p, XP_PATH_DOWN_STACK), 1);
		plane_stop(&p);
	}
}

/* What XDP cannot send comes to the agent. */
static void test_no_neighbour(void **state)
{
	struct dp_session s;
	struct mono start;
	struct plane p;

	(void)state;
	s = begin(&p, "native", "ip neigh del 172.16.0.2 dev acc0");
	plane_add(&p, &s);
	start = mono_now();
	send_down(&p, 32);
	while (!p.slow_len && mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS)
		ev_run(p.loop, EVRUN_NOWAIT);
	assert_int_equal(p.slow_len, 60);
	assert_int_equal(ntohl(p.slow_dst.s_addr), NET_CLIENT);
	plane_stop(&p);
}

/* The sender is told what the way to the peer leaves. */
static void test_narrow_way(void **state)
{
	uint16_t fits = 1300 - 20 - 16 - 4;
	struct dp_session s;
	uint8_t got[2048];
	struct plane p;
	size_t len;

	(void)state;
	for (int i = 0; i < 3; i++) {
		uint8_t begin_with[14 + 1];

		s = begin(&p, modes[i], "ip link set acc0 mtu 1300");
		plane_add(&p, &s);
		send_down(&p, fits - 28u);
		expect_down(&p, fits - 28u, 3, 9);
		send_down(&p, fits - 28u + 1);
		net_ethernet(begin_with, net_router_mac, net_core_mac, 0x0800);
		begin_with[14] = 0x45;
		do {
			assert_true(plane_expect(&p, p.up_fd, begin_with, sizeof(begin_with), got,
						 &len));
		} while (got[14 + 9] != IPPROTO_ICMP);
		assert_int_equal(got[34], 3); /* unreachable: fragmentation needed */
		assert_int_equal(got[35], 4);
		assert_int_equal(build_get16(got + 40), fits);
		plane_stop(&p);
		net_run("ip link set acc0 mtu 1500");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_stack_path),
		cmocka_unit_test(test_no_neighbour),
		cmocka_unit_test(test_narrow_way),
	};

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, net_setup, NULL);
}
