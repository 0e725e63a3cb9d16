/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The next hops that programs keep: when they use them, and when they must ask. */
#include <arpa/inet.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "rig_l2tp.h"
#include "rig_pptp.h"
#include "xpppd.skel.h"

#define RIG_OTHER_SERVER IP(192, 0, 2, 3)

static const uint8_t other_mac[6] = { 0x02, 0x07, 0x4e, 0x12, 0x00, 0x05 };

/* The network is every test's: what one changes it changes back. */
static void shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

static void new_generation(struct rig *rig)
{
	rig->config->hop_generation++;
}

static void clear_counters(struct rig *rig)
{
	struct xp_config config = *rig->config;
	struct xp_hop hops[RIG_HOPS];
	void *state = rig;

	memcpy(hops, rig->hops, sizeof(hops));
	rig_reset(&state);
	memcpy(rig->hops, hops, sizeof(hops));
	*rig->config = config;
}

/* All runs are on one CPU: it is the first, whose table begins the map. */
static int pin(void **state)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	assert_int_equal(sched_setaffinity(0, sizeof(first), &first), 0);
	return rig_reset(state);
}

/* ---- one packet of Alice to the core */

static struct rig_result send_up(struct rig *rig, const struct frame *packet)
{
	struct rig_session alice = rig_alice(rig);
	struct frame frame = build_pppoe(&alice.wrap, packet);

	clear_counters(rig);
	rig_add(rig, &alice);
	return rig_run(rig, rig->access, &frame);
}

static void expect_up_as(struct rig *rig, uint32_t to, uint8_t tos, const uint8_t *mac)
{
	struct frame packet = rig_packet(RIG_ALICE, to, 64), after = rig_packet(RIG_ALICE, to, 63);
	struct rig_result result;
	struct frame expected;

	packet.byte[1] = after.byte[1] = tos;
	build_fix_ip(packet.byte);
	build_fix_ip(after.byte);
	result = send_up(rig, &packet);
	expected = build_ethernet(mac, rig->core_mac, &after);
	rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
}

static void expect_up(struct rig *rig, uint32_t to, const uint8_t *mac)
{
	expect_up_as(rig, to, 0, mac);
}

static void expect_up_stack(struct rig *rig, const struct frame *packet, enum xp_reason reason)
{
	struct rig_session alice = rig_alice(rig);
	struct rig_result result = send_up(rig, packet);

	rig_expect_stack(rig, &result, &alice, packet, reason);
}

static struct frame packet_of(size_t len)
{
	static uint8_t data[1500];
	struct ip_spec ip = { .src = RIG_ALICE,
			      .dst = RIG_REMOTE,
			      .ttl = 64,
			      .proto = 99,
			      .payload = data,
			      .len = len - 20 };

	return build_ip(&ip);
}

/* ---- generations */

#define MOVE "ip neigh replace 192.0.2.2 lladdr 02:07:4e:12:00:05 dev core nud permanent"
#define MOVE_BACK "ip neigh replace 192.0.2.2 lladdr 02:5e:47:e4:00:03 dev core nud permanent"

/* What is kept is used, or the rest here would prove nothing; and no longer than it should be. */
static void test_generation(void **state)
{
	struct rig *rig = *state;

	expect_up(rig, RIG_REMOTE, rig_server_mac);
	assert_int_equal(rig_hops(rig), 1);
	shell(MOVE);
	expect_up(rig, RIG_REMOTE, rig_server_mac);
	new_generation(rig);
	expect_up(rig, RIG_REMOTE, other_mac);
	assert_int_equal(rig_hops(rig), 1);
	shell(MOVE_BACK);
	new_generation(rig);
	expect_up(rig, RIG_REMOTE, rig_server_mac);
}

static void test_until(void **state)
{
	struct rig *rig = *state;

	rig->config->hops_until = rig_clock() + 60000000000;
	expect_up(rig, RIG_REMOTE, rig_server_mac);
	assert_int_equal(rig_hops(rig), 1);
	shell(MOVE);
	expect_up(rig, RIG_REMOTE, rig_server_mac);
	rig->config->hops_until -= 60000000000;
	expect_up(rig, RIG_REMOTE, other_mac);
	rig->config->hops_until = 0;
	expect_up(rig, RIG_SERVER, other_mac);
	assert_int_equal(rig_hops(rig), 1);
	shell(MOVE_BACK);
}

static void test_no_table(void **state)
{
	struct rig *rig = *state;

	rig->config->hops = 0;
	expect_up(rig, RIG_REMOTE, rig_server_mac);
	expect_up(rig, RIG_REMOTE, rig_server_mac);
	/* and beyond the map's end */
	rig->config->hops = UINT32_MAX;
	expect_up(rig, RIG_REMOTE, rig_server_mac);
}

/* ---- what an answer is for */

/* Two addresses, one entry. */
static void test_collision(void **state)
{
	struct rig *rig = *state;

	shell("ip neigh add 192.0.2.3 lladdr 02:07:4e:12:00:05 dev core nud permanent");
	rig->config->hops = 1;
	for (int i = 0; i < 3; i++) {
		expect_up(rig, RIG_SERVER, rig_server_mac);
		expect_up(rig, RIG_OTHER_SERVER, other_mac);
	}
	assert_int_equal(rig_hops(rig), 1);
	shell("ip neigh del 192.0.2.3 dev core");
}

/* A route for a TOS of its own; the entry's place may be the same. */
static void test_tos(void **state)
{
	struct rig *rig = *state;

	shell("ip neigh add 192.0.2.3 lladdr 02:07:4e:12:00:05 dev core nud permanent &&"
	      "ip route add 198.51.100.0/24 tos 0x10 via 192.0.2.3");
	for (uint32_t size = 1; size <= RIG_HOPS; size *= RIG_HOPS) {
		rig->config->hops = size;
		expect_up_as(rig, RIG_REMOTE, 0, rig_server_mac);
		expect_up_as(rig, RIG_REMOTE, 0x10, other_mac);
		expect_up_as(rig, RIG_REMOTE, 0, rig_server_mac);
	}
	shell("ip route del 198.51.100.0/24 tos 0x10 && ip neigh del 192.0.2.3 dev core");
}

/* Each concentrator interface has its own switch for forwarding. */
static void test_concentrator(void **state)
{
	struct rig *rig = *state;
	struct frame packet = rig_packet(RIG_ALICE, RIG_REMOTE, 64), frame;
	struct xp_concentrator second = { .ifindex = rig->other, .dp_ifindex = rig->dp };
	struct rig_session alice = rig_alice(rig);
	struct rig_result result;
	uint32_t index = 2;

	memcpy(second.mac, rig->concentrator_mac, 6);
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(rig->skel->maps.concentrators), &index,
					     &second, BPF_ANY),
			 0);
	shell("echo 0 > /proc/sys/net/ipv4/conf/other/forwarding");
	rig->config->hops = 1;
	expect_up(rig, RIG_REMOTE, rig_server_mac);
	clear_counters(rig);
	rig_add(rig, &alice);
	rig->up[alice.slot].concentrator = 2;
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_stack(rig, &result, &alice, &packet, XP_R_P_FORWARDING);
	shell("echo 1 > /proc/sys/net/ipv4/conf/other/forwarding");
}

/* The smaller packet's answer says what is too big. */
static void test_mtu(void **state)
{
	struct frame small = packet_of(100), fits = packet_of(1000), big = packet_of(1001), after;
	struct rig *rig = *state;
	struct rig_result result;

	shell("ip route add 198.51.100.0/24 via 192.0.2.2 mtu lock 1000");
	expect_up(rig, RIG_REMOTE, rig_server_mac);
	expect_up_stack(rig, &big, XP_R_P_MTU);
	result = send_up(rig, &fits);
	fits.byte[8]--;
	build_fix_ip(fits.byte);
	after = build_ethernet(rig_server_mac, rig->core_mac, &fits);
	rig_expect_sent(rig, &result, &after, XP_PATH_UP_FAST);
	shell("ip route change 198.51.100.0/24 via 192.0.2.2");
	new_generation(rig);
	assert_int_equal(send_up(rig, &small).verdict, RIG_REDIRECT);
	result = send_up(rig, &big);
	big.byte[8]--;
	build_fix_ip(big.byte);
	after = build_ethernet(rig_server_mac, rig->core_mac, &big);
	rig_expect_sent(rig, &result, &after, XP_PATH_UP_FAST);
	shell("ip route del 198.51.100.0/24");
}

/* Of two equal routes a destination has one, whoever asked first, and others the other. */
static void test_equal_routes(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	unsigned int ways[2] = { 0 };

	shell("ip neigh add 192.0.2.3 lladdr 02:07:4e:12:00:05 dev core nud permanent &&"
	      "ip route add 198.51.100.0/24 nexthop via 192.0.2.2 nexthop via 192.0.2.3");
	rig_add(rig, &alice);
	rig->up[alice.slot].flags &= ~XP_F_INGRESS_FILTER;
	for (uint32_t i = 0; i < 32; i++) {
		bool other = false;

		for (uint32_t j = 0; j < 16; j++) {
			struct frame packet = rig_packet(RIG_ALICE + j, RIG_REMOTE + i, 64);
			struct frame frame = build_pppoe(&alice.wrap, &packet);
			struct rig_result result = rig_run(rig, rig->access, &frame);
			bool now = !memcmp(result.frame.byte, other_mac, 6);

			assert_int_equal(result.verdict, RIG_REDIRECT);
			assert_true(j == 0 || now == other);
			other = now;
			new_generation(rig);
		}
		ways[other]++;
	}
	assert_true(ways[0] > 4 && ways[1] > 4);
	shell("ip route del 198.51.100.0/24 && ip neigh del 192.0.2.3 dev core");
}

/* ---- what is not kept */

/* Refusals: the next packet must see that the neighbour is there now, without any event. */
static void test_refusals(void **state)
{
	struct rig *rig = *state;
	struct frame packet = rig_packet(RIG_ALICE, RIG_UNRESOLVED, 64);
	struct frame forbidden = rig_packet(RIG_ALICE, RIG_FORBIDDEN, 64);
	struct frame local = rig_packet(RIG_ALICE, RIG_LOCAL, 64);

	expect_up_stack(rig, &packet, XP_R_P_NO_NEIGHBOUR);
	expect_up_stack(rig, &forbidden, XP_R_P_NO_ROUTE);
	expect_up_stack(rig, &local, XP_R_P_LOCAL);
	assert_int_equal(rig_hops(rig), 0);
	shell("ip neigh add 192.0.2.9 lladdr 02:07:4e:12:00:05 dev core nud permanent");
	expect_up(rig, RIG_UNRESOLVED, other_mac);
	shell("ip neigh del 192.0.2.9 dev core");
	new_generation(rig);
	expect_up_stack(rig, &packet, XP_R_P_NO_NEIGHBOUR);
}

/* Whether the way out takes frames is not the routing table's knowledge. */
static void test_device(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_REMOTE, 64), frame;
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct rig_result result;

	expect_up(rig, RIG_REMOTE, rig_server_mac);
	clear_counters(rig);
	rig_add(rig, &alice);
	rig_set_device(rig, rig->core, false);
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_stack(rig, &result, &alice, &packet, XP_R_P_NOT_ATTACHED);
}

/* ---- CPUs */

/* Nobody writes where another CPU may be reading. */
static void test_cpus(void **state)
{
	struct rig *rig = *state;
	cpu_set_t one, all;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	CPU_SET(1, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		skip();
	expect_up(rig, RIG_REMOTE, rig_server_mac);
	assert_int_equal(rig_hops(rig), 1);
	for (uint32_t i = 0; i < RIG_HOPS; i++)
		assert_int_equal(rig->hops[i].generation, 0);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	shell(MOVE);
	expect_up(rig, RIG_REMOTE, other_mac);
	shell(MOVE_BACK);
}

/* ---- L2TP and PPTP downstream */

#define MOVE_PEER "ip neigh replace 172.16.0.2 lladdr 02:07:4e:12:00:05 dev access nud permanent"
#define MOVE_PEER_BACK                                                                             \
	"ip neigh replace 172.16.0.2 lladdr 02:1a:c0:00:00:04 dev access nud permanent"

static void expect_outer(struct rig *rig, uint32_t to, const uint8_t *mac)
{
	struct frame packet = rig_packet(RIG_SERVER, to, 64);
	struct frame frame = build_ethernet(rig->core_mac, rig_server_mac, &packet);
	struct rig_result result = rig_run(rig, rig->core, &frame);

	assert_int_equal(result.verdict, RIG_REDIRECT);
	assert_memory_equal(result.frame.byte, mac, 6);
	assert_memory_equal(result.frame.byte + 6, rig->access_mac, 6);
}

static void check_outer(struct rig *rig, uint32_t to)
{
	expect_outer(rig, to, rig_lac_mac);
	assert_int_equal(rig_hops(rig), 1);
	shell(MOVE_PEER);
	expect_outer(rig, to, rig_lac_mac);
	new_generation(rig);
	expect_outer(rig, to, other_mac);
	shell(MOVE_PEER_BACK);
	new_generation(rig);
	expect_outer(rig, to, rig_lac_mac);
	assert_int_equal(rig_hops(rig), 1);
	assert_int_equal(rig_drops_all(rig), 0);
}

static void test_l2tp(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = rig_carol(rig, false, false);

	rig_add_l2tp(rig, &carol);
	check_outer(rig, RIG_CAROL);
}

static void test_l2tp_ipv6(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = rig_carol(rig, true, false);

	rig_add_l2tp(rig, &carol);
	expect_outer(rig, RIG_CAROL, rig_lac_mac);
	assert_int_equal(rig_hops(rig), 0);
}

static void test_pptp(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin = rig_erin(rig);

	rig_add_pptp(rig, &erin);
	check_outer(rig, RIG_ERIN);
}

/* The outer packet is larger than the one inside. */
static void test_outer_mtu(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin = rig_erin(rig);
	struct frame packet = rig_packet(RIG_SERVER, RIG_ERIN, 64), frame;
	struct rig_result result;
	uint32_t size = packet.len + 20 + 12 + 4 + 4;

	rig_add_pptp(rig, &erin);
	expect_outer(rig, RIG_ERIN, rig_lac_mac);
	for (uint32_t i = 0; i < RIG_HOPS; i++)
		if (rig->hops[i].generation)
			rig->hops[i].mtu = size;
	expect_outer(rig, RIG_ERIN, rig_lac_mac);
	shell(MOVE_PEER);
	for (uint32_t i = 0; i < RIG_HOPS; i++)
		rig->hops[i].mtu = size - 1;
	frame = build_ethernet(rig->core_mac, rig_server_mac, &packet);
	result = rig_run(rig, rig->core, &frame);
	assert_memory_equal(result.frame.byte, other_mac, 6); /* it asked */
	shell(MOVE_PEER_BACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_generation, pin),
		cmocka_unit_test_setup(test_until, pin),
		cmocka_unit_test_setup(test_no_table, pin),
		cmocka_unit_test_setup(test_collision, pin),
		cmocka_unit_test_setup(test_tos, pin),
		cmocka_unit_test_setup(test_concentrator, pin),
		cmocka_unit_test_setup(test_mtu, pin),
		cmocka_unit_test_setup(test_equal_routes, pin),
		cmocka_unit_test_setup(test_refusals, pin),
		cmocka_unit_test_setup(test_device, pin),
		cmocka_unit_test_setup(test_cpus, pin),
		cmocka_unit_test_setup(test_l2tp, pin),
		cmocka_unit_test_setup(test_l2tp_ipv6, pin),
		cmocka_unit_test_setup(test_pptp, pin),
		cmocka_unit_test_setup(test_outer_mtu, pin),
	};

	return rig_tests(tests);
}
