/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* L2TP sessions of the data plane's binding with real devices; the peer is behind acc0. */
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

#include "build_l2tp.h"
#include "log.h"
#include "net.h"
#include "plane.h"

#define SESSION_ID 33
#define TUNNEL_ID 0x1234
#define PEER_TUNNEL 0x4321
#define PEER_SESSION 0x0777
#define MTU 1360

static const char *const modes[] = { "native", "generic", "tc" };

static const char *peer_text(bool ipv6)
{
	return ipv6 ? "fd00:1::2" : "172.16.0.2";
}

static const char *local_text(bool ipv6)
{
	return ipv6 ? "fd00:1::1" : "172.16.0.1";
}

static struct sockaddr_storage address(bool ipv6, const char *text, uint16_t port)
{
	struct sockaddr_storage addr = { .ss_family = ipv6 ? AF_INET6 : AF_INET };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr;
	struct sockaddr_in *in = (struct sockaddr_in *)&addr;

	if (ipv6) {
		in6->sin6_port = htons(port);
		assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
	} else {
		in->sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, text, &in->sin_addr), 1);
	}
	return addr;
}

static struct dp_session l2tp_session(const struct plane *p, bool ipv6)
{
	return (struct dp_session){
		.slot = p->l2tp_first + SESSION_ID,
		.carrier = DP_L2TP,
		.l2tp = { .local = address(ipv6, local_text(ipv6), 1701),
			  .peer = address(ipv6, peer_text(ipv6), 1701),
			  .tunnel_id = TUNNEL_ID,
			  .session_id = SESSION_ID,
			  .peer_tunnel_id = PEER_TUNNEL,
			  .peer_session_id = PEER_SESSION,
			  .sequencing = true },
		.sequence = { .next = 100 },
		.addr = { htonl(NET_CLIENT) },
		.netmask = { INADDR_NONE },
		.mtu = MTU,
		.concentrator = "pppac0",
		.ingress_filter = true,
		.mss_clamp = true,
	};
}

/* As sent by the peer, or as the peer gets it. */
static struct l2tp_spec message(bool ipv6, bool up, uint16_t ns)
{
	struct l2tp_spec spec = {
		.dst_mac = up ? net_access_mac : net_client_mac,
		.src_mac = up ? net_client_mac : net_access_mac,
		.ipv6 = ipv6,
		.dst_port = 1701,
		.src_port = 1701,
		.checksum = ipv6,
		.frag = 0x4000,
		.tunnel_id = up ? TUNNEL_ID : PEER_TUNNEL,
		.session_id = up ? SESSION_ID : PEER_SESSION,
		.length = up,
		.sequence = true,
		.ns = ns,
		.ff03 = true,
	};
	int family = ipv6 ? AF_INET6 : AF_INET;

	inet_pton(family, up ? local_text(ipv6) : peer_text(ipv6), spec.dst);
	inet_pton(family, up ? peer_text(ipv6) : local_text(ipv6), spec.src);
	return spec;
}

static struct frame packet(uint32_t from, uint32_t to, size_t payload, uint8_t ttl)
{
	struct frame f = { .len = (uint32_t)net_packet(f.byte, from, to, payload) };

	build_set16(f.byte + 6, 0x4000); /* DF */
	f.byte[8] = ttl;
	build_fix_ip(f.byte);
	return f;
}

static void send_up(struct plane *p, bool ipv6, uint16_t ns)
{
	struct frame inner = packet(NET_CLIENT, NET_REMOTE, 32, 64), frame;
	struct l2tp_spec spec = message(ipv6, true, ns);

	frame = build_l2tp(&spec, &inner);
	assert_int_equal(send(p->sub_fd, frame.byte, frame.len, 0), frame.len);
}

static void send_down(struct plane *p, size_t payload)
{
	struct frame inner = packet(NET_REMOTE, NET_CLIENT, payload, 64);
	struct frame frame = build_ethernet(net_core_mac, net_router_mac, &inner);

	assert_int_equal(send(p->up_fd, frame.byte, frame.len, 0), frame.len);
}

static void expect_down(struct plane *p, bool ipv6, size_t payload, uint16_t ns)
{
	struct frame inner = packet(NET_REMOTE, NET_CLIENT, payload, 63), frame;
	struct l2tp_spec spec = message(ipv6, false, ns);
	uint8_t got[2048];
	size_t len;

	frame = build_l2tp(&spec, &inner);
	assert_true(plane_expect(p, p->sub_fd, frame.byte, frame.len, got, &len));
	assert_int_equal(len, frame.len);
}

static void expect_counters(struct plane *p, uint64_t up, uint64_t down)
{
	struct dp_counters c;

	assert_int_equal(p->dp->ops->session_counters(p->dp, p->l2tp_first + SESSION_ID, &c), 0);
	assert_int_equal(c.up_packets, up);
	assert_int_equal(c.up_bytes, up * 60);
	assert_int_equal(c.down_packets, down);
	assert_int_equal(c.down_bytes, down * 60);
	assert_in_range(mono_elapsed_ms(c.active_up, mono_now()), 0, 10000);
}

/* Starts it all with a session; more: shell commands before the session comes. */
static struct dp_session begin(struct plane *p, const char *mode, bool ipv6, const char *more)
{
	struct dp_session s;

	net_run("ip address replace 172.16.0.1/24 dev acc0 &&"
		"ip neigh replace 172.16.0.2 lladdr 02:00:00:00:00:51 dev acc0 &&"
		"echo 0 > /proc/sys/net/ipv6/conf/acc0/disable_ipv6 &&"
		"ip address replace fd00:1::1/64 dev acc0 nodad &&"
		"ip neigh replace fd00:1::2 lladdr 02:00:00:00:00:51 dev acc0");
	plane_start_over_ip(p, mode);
	net_run("echo 1 > /proc/sys/net/ipv6/conf/pppac0/forwarding");
	net_run("%s", more);
	s = l2tp_session(p, ipv6);
	return s;
}

static void test_forward(void **state)
{
	struct dp_session s;
	struct plane p;

	(void)state;
	for (int i = 0; i < 6; i++) {
		bool ipv6 = i & 1;

		print_message("%s, IPv%d\n", modes[i / 2], ipv6 ? 6 : 4);
		s = begin(&p, modes[i / 2], ipv6, "true");
		plane_add(&p, &s);
		send_up(&p, ipv6, 0);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		send_down(&p, 32);
		expect_down(&p, ipv6, 32, 100);
		send_up(&p, ipv6, 1);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		assert_int_equal(p.dp->ops->sequence(p.dp, s.slot), 101);
		send_down(&p, 32);
		expect_down(&p, ipv6, 32, 102);
		assert_int_equal(plane_packets(&p, XP_PATH_UP_FAST), 2);
		assert_int_equal(plane_packets(&p, XP_PATH_DOWN_FAST), 2);
		expect_counters(&p, 2, 2);
		send_up(&p, ipv6, 0x9000); /* too old */
		send_up(&p, ipv6, 2);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		assert_int_equal(plane_drops(&p, XP_R_L2TP_SEQUENCE), 1);
		p.dp->ops->session_del(p.dp, s.slot, NULL, NULL);
		assert_int_equal(p.dp->ops->sequence(p.dp, s.slot), -ENOENT);
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
		bool ipv6 = i & 1;

		print_message("%s, IPv%d\n", modes[i], ipv6 ? 6 : 4);
		s = begin(&p, modes[i], ipv6, "true");
		s.stack = true;
		plane_add(&p, &s);
		send_up(&p, ipv6, 0);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		send_down(&p, 32);
		expect_down(&p, ipv6, 32, 100);
		assert_int_equal(plane_packets(&p, XP_PATH_UP_STACK), 1);
		assert_int_equal(plane_packets(&p, XP_PATH_DOWN_STACK), 1);
		expect_counters(&p, 1, 1);
		plane_stop(&p);
	}
}

static void expect_slow(struct plane *p, size_t len)
{
	struct mono start = mono_now();

	while (!p->slow_len && mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS)
		ev_run(p->loop, EVRUN_NOWAIT);
	assert_int_equal(p->slow_len, len);
	assert_int_equal(ntohl(p->slow_dst.s_addr), NET_CLIENT);
	assert_int_equal(plane_packets(p, XP_PATH_DOWN_SLOW), 1);
}

/* What XDP cannot send comes to the agent; in tc mode the kernel asks for the neighbour. */
static void test_no_neighbour(void **state)
{
	static const uint8_t arp[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct dp_session s;
	uint8_t got[2048];
	struct plane p;
	size_t len;

	(void)state;
	for (int i = 0; i < 3; i++) {
		s = begin(&p, modes[i], false, "ip neigh del 172.16.0.2 dev acc0");
		plane_add(&p, &s);
		send_down(&p, 32);
		if (i == 2) {
			assert_true(plane_expect(&p, p.sub_fd, arp, sizeof(arp), got, &len));
			assert_int_equal(build_get16(got + 12), 0x0806);
		} else {
			expect_slow(&p, 60);
		}
		plane_stop(&p);
	}
}

/* The agent gives the stack what came to its own socket. */
static void test_agent_sends_up(void **state)
{
	struct frame inner = packet(NET_CLIENT, NET_REMOTE, 32, 64);
	struct dp_session s;
	struct plane p;

	(void)state;
	for (int i = 0; i < 3; i += 2) {
		s = begin(&p, modes[i], false, "true");
		plane_add(&p, &s);
		assert_int_equal(p.dp->ops->ip_send(p.dp, s.slot, inner.byte, inner.len), 0);
		plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
		plane_stop(&p);
	}
}

static void expect_too_big(struct plane *p, uint16_t mtu)
{
	uint8_t begin_with[14 + 1], got[2048];
	size_t len;

	net_ethernet(begin_with, net_router_mac, net_core_mac, 0x0800);
	begin_with[14] = 0x45;
	do {
		assert_true(plane_expect(p, p->up_fd, begin_with, sizeof(begin_with), got, &len));
	} while (got[14 + 9] != IPPROTO_ICMP);
	assert_int_equal(got[34], 3); /* unreachable: fragmentation needed */
	assert_int_equal(got[35], 4);
	assert_int_equal(build_get16(got + 40), mtu);
}

/* The sender is told what the way to the peer leaves: nothing is sent in outer fragments. */
static void test_narrow_way(void **state)
{
	static const uint16_t overheads[] = { 42, 62 };
	struct dp_session s;
	struct plane p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		bool ipv6 = !(i & 1);
		uint16_t fits = 1300 - overheads[ipv6];

		print_message("%s, IPv%d\n", modes[i], ipv6 ? 6 : 4);
		s = begin(&p, modes[i], ipv6, "ip link set acc0 mtu 1300");
		plane_add(&p, &s);
		send_down(&p, fits - 28);
		expect_down(&p, ipv6, fits - 28, 100);
		send_down(&p, fits - 28 + 1);
		expect_too_big(&p, fits);
		p.dp->ops->session_del(p.dp, s.slot, NULL, NULL);
		plane_stop(&p);
		net_run("ip link set acc0 mtu 1500");
	}
}

/* Runs the loop until the agent has looked at the session's way. */
static void wait_mtu(struct plane *p, const char *mtu)
{
	struct mono start = mono_now();
	char net[64];

	snprintf(net, sizeof(net), "mtu %s", mtu);
	while (!net_says("ip route show 10.0.0.5 dev pppac0; ip route show 10.0.0.0/24", net) &&
	       mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS)
		ev_run(p->loop, EVRUN_NOWAIT);
	assert_true(net_says("ip route show 10.0.0.5 dev pppac0; ip route show 10.0.0.0/24", net));
}

/*
 * The way narrows while the session is there: one packet is lost, which would have left in
 * pieces, and the sender is told with the next. When the way is wide again so is the session.
 */
static void test_way_narrows(void **state)
{
	struct dp_session s;
	struct plane p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		print_message("%s\n", modes[i]);
		s = begin(&p, modes[i], false, "true");
		plane_add(&p, &s);
		send_down(&p, 1300);
		expect_down(&p, false, 1300, 100);
		net_run("ip route add 172.16.0.2 dev acc0 mtu lock 1300");
		send_down(&p, 1300);
		wait_mtu(&p, "1258");
		assert_int_equal(p.slow_len, 0);
		send_down(&p, 1300);
		expect_too_big(&p, 1300 - 42);
		send_down(&p, 1258 - 28);
		expect_down(&p, false, 1258 - 28, 101);
		if (i < 2)
			assert_int_equal(log_drops(p.log, XP_R_S_TOO_BIG), 1);
		else
			assert_int_equal(plane_drops(&p, XP_R_OUTER_MTU), 1);

		net_run("ip route del 172.16.0.2 dev acc0");
		assert_int_equal(p.dp->ops->configure(p.dp, p.conf, p.links), 0);
		send_down(&p, 1300);
		expect_down(&p, false, 1300, 102);
		plane_stop(&p);
		plane_left_nothing();
	}
}

/* What nobody can be told of is not lost: without DF it goes, in pieces if it must. */
static void test_narrow_way_without_df(void **state)
{
	struct frame inner, frame;
	struct dp_session s;
	struct plane p;

	(void)state;
	s = begin(&p, "native", false, "true");
	plane_add(&p, &s);
	net_run("ip route add 172.16.0.2 dev acc0 mtu lock 1300");
	inner = packet(NET_REMOTE, NET_CLIENT, 1300, 64);
	build_set16(inner.byte + 6, 0);
	build_fix_ip(inner.byte);
	frame = build_ethernet(net_core_mac, net_router_mac, &inner);
	assert_int_equal(send(p.up_fd, frame.byte, frame.len, 0), frame.len);
	expect_slow(&p, 1328);
	net_run("ip route del 172.16.0.2 dev acc0");
	plane_stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_stack_path),
		cmocka_unit_test(test_no_neighbour),
		cmocka_unit_test(test_agent_sends_up),
		cmocka_unit_test(test_narrow_way),
		cmocka_unit_test(test_way_narrows),
		cmocka_unit_test(test_narrow_way_without_df),
	};

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, net_setup, NULL);
}
