/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* L2TP downstream: from the core, out of the stack, and from session to session. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig_l2tp.h"

#define FORMS 4 /* IPv6, numbered */

static bool form_ipv6(int form)
{
	return form & 1;
}

static bool form_sequence(int form)
{
	return form & 2;
}

static struct frame from_server(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig->core_mac, rig_server_mac, packet);
}

static struct frame from_stack(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig->concentrator_mac, rig->concentrator_mac, packet);
}

static struct rig_l2tp begin(struct rig *rig, int form)
{
	struct rig_l2tp carol = rig_carol(rig, form_ipv6(form), form_sequence(form));
	void *state = rig;

	rig_reset(&state);
	rig_add_l2tp(rig, &carol);
	return carol;
}

/* A packet of this size for Carol; ttl as it shall be. */
static struct frame packet_of(size_t len, uint8_t ttl, uint8_t fill)
{
	static uint8_t data[1500];
	struct ip_spec ip = { .src = RIG_SERVER,
			      .dst = RIG_CAROL,
			      .ttl = ttl,
			      .proto = 99,
			      .payload = data,
			      .len = len - 20 };

	for (size_t i = 0; i < ip.len; i++)
		data[i] = (uint8_t)(fill + i * 7);
	return build_ip(&ip);
}

/* ---- the header */

/* Byte for byte, with checksums made by other code, of many sizes and contents. */
static void test_forms(void **state)
{
	static const size_t sizes[] = { 20,  21,  22,   23,   61,   479,         480,
					481, 512, 1023, 1024, 1399, RIG_L2TP_MTU };
	struct rig *rig = *state;

	for (int form = 0; form < FORMS; form++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct frame packet = packet_of(sizes[i], 64, (uint8_t)i);
			struct frame after = packet_of(sizes[i], 63, (uint8_t)i);
			struct rig_l2tp carol = begin(rig, form);
			struct frame frame = from_server(rig, &packet);
			struct frame expected = build_l2tp(&carol.down, &after);
			struct rig_result result = rig_run(rig, rig->core, &frame);

			print_message("form %d, %zu bytes\n", form, sizes[i]);
			rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_FAST);
			assert_int_equal(rig->down[carol.line].packets, 1);
			assert_int_equal(rig->down[carol.line].bytes, sizes[i]);
			assert_int_equal(rig_path(rig, XP_PATH_DOWN_FAST).bytes, sizes[i]);
		}
}

/* Many contents: also the one that makes UDP's checksum 0, which must be sent as 0xffff. */
static void test_ipv6_checksums(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, 1);
	bool seen_ffff = false;

	for (uint32_t i = 0; i < 0x10000; i += i < 0x100 ? 1 : 251) {
		struct frame packet = packet_of(64, 64, 0), frame;
		struct rig_result result;

		build_set16(packet.byte + 40, (uint16_t)i);
		frame = from_server(rig, &packet);
		result = rig_run(rig, rig->core, &frame);
		assert_int_equal(result.verdict, RIG_REDIRECT);
		assert_true(build_l2tp_checksum_ok(&carol.down, &result.frame));
		/* the sum is now known: choose the word so that it becomes 0 */
		if (!seen_ffff) {
			uint16_t check = build_get16(result.frame.byte + 60);
			uint32_t word = i + check;

			word = (word & 0xffff) + (word >> 16);
			build_set16(packet.byte + 40, (uint16_t)word);
			frame = from_server(rig, &packet);
			result = rig_run(rig, rig->core, &frame);
			assert_int_equal(build_get16(result.frame.byte + 60), 0xffff);
			seen_ffff = true;
		}
	}
	assert_true(seen_ffff);
}

/* TCP and UDP whose checksum is still to be made, in a packet of `len` bytes. */
static struct frame partial_of(uint8_t proto, size_t len)
{
	static uint8_t data[1500];
	size_t field = 20u + (proto == IPPROTO_TCP ? 16 : 6);
	struct ip_spec ip = { .src = RIG_SERVER,
			      .dst = RIG_CAROL,
			      .ttl = 64,
			      .proto = proto,
			      .payload = data,
			      .len = len - 20 };
	struct frame packet;
	uint32_t sum;

	for (size_t i = 0; i < ip.len; i++)
		data[i] = (uint8_t)(i * 13);
	data[12] = 0x50;
	build_set16(data + 4, (uint16_t)ip.len);
	packet = build_ip(&ip);
	sum = (RIG_SERVER >> 16) + (RIG_SERVER & 0xffff) + (RIG_CAROL >> 16) +
	      (RIG_CAROL & 0xffff) + proto + (uint32_t)ip.len;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	build_set16(packet.byte + field, (uint16_t)sum);
	return packet;
}

/* The outer checksum is right for what the packet will be when its own has been made. */
static void test_ipv6_partial_checksums(void **state)
{
	static const size_t sizes[] = { 40, 41, 60, 511, 1400 };
	struct rig *rig = *state;

	for (size_t i = 0; i < 4 * sizeof(sizes) / sizeof(*sizes); i++) {
		uint8_t proto = i & 1 ? IPPROTO_TCP : IPPROTO_UDP;
		size_t field = 20u + (proto == IPPROTO_TCP ? 16 : 6), inner;
		struct rig_l2tp carol = begin(rig, i & 2 ? 3 : 1);
		struct frame packet = partial_of(proto, sizes[i / 4]), frame, whole;
		struct ip_spec ip = { .src = RIG_SERVER, .dst = RIG_CAROL, .ttl = 63 };
		struct rig_result result;

		frame = from_server(rig, &packet);
		result = rig_run(rig, rig->core, &frame);
		assert_int_equal(result.verdict, RIG_REDIRECT);
		inner = result.frame.len - packet.len;
		assert_memory_equal(result.frame.byte + inner + field, packet.byte + field, 2);
		ip.proto = proto;
		ip.payload = packet.byte + 20;
		ip.len = packet.len - 20;
		whole = build_ip(&ip);
		assert_true(build_checksums_ok(whole.byte, whole.len));
		memcpy(result.frame.byte + inner, whole.byte, whole.len);
		assert_true(build_l2tp_checksum_ok(&carol.down, &result.frame));
	}
}

static void test_ipv4_checksums(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 300; i++) {
		struct rig_l2tp carol = rig_carol(rig, false, false);
		struct frame packet = packet_of(20 + i * 4, 64, 1), frame;
		struct rig_result result;

		rig_reset(state);
		carol.down.src[2] = (uint8_t)(i * 37);
		carol.down.src[3] = (uint8_t)(i * 11);
		rig_add_l2tp(rig, &carol);
		frame = from_server(rig, &packet);
		result = rig_run(rig, rig->core, &frame);
		assert_int_equal(result.verdict, RIG_REDIRECT);
		assert_int_equal(build_get16(result.frame.byte + 40), 0);
		frame = result.frame;
		build_fix_ip(frame.byte + ETHER_HDR_LEN);
		assert_memory_equal(result.frame.byte, frame.byte, frame.len);
	}
}

/* Each message has the next number; the agent takes some of them. */
static void test_sequence(void **state)
{
	struct rig *rig = *state;

	for (int form = 2; form < FORMS; form++) {
		struct rig_l2tp carol = rig_carol(rig, form_ipv6(form), true);
		struct frame packet = packet_of(40, 64, 0), after = packet_of(40, 63, 0);
		struct frame frame = from_server(rig, &packet), expected;
		struct rig_result result;

		rig_reset(state);
		carol.down.ns = 0xfffd;
		rig_add_l2tp(rig, &carol);
		for (int i = 0; i < 6; i++, carol.down.ns++) {
			result = rig_run(rig, rig->core, &frame);
			expected = build_l2tp(&carol.down, &after);
			assert_int_equal(result.frame.len, expected.len);
			assert_memory_equal(result.frame.byte, expected.byte, expected.len);
		}
		/* one that is not sent takes no number */
		rig->down[carol.line].mtu = 39;
		rig_run(rig, rig->core, &frame);
		rig->down[carol.line].mtu = 40;
		result = rig_run(rig, rig->core, &frame);
		expected = build_l2tp(&carol.down, &after);
		assert_memory_equal(result.frame.byte, expected.byte, expected.len);
	}
}

/* ---- what is left to others */

static void expect_left(struct rig *rig, const struct rig_l2tp *carol, const struct frame *packet,
			enum xp_reason reason)
{
	struct frame frame = from_server(rig, packet);
	struct rig_result result = rig_run(rig, rig->core, &frame);

	rig_expect_refused(rig, &result, &frame, reason);
	assert_int_equal(rig->down[carol->line].packets, 0);
	assert_int_equal(rig->down[carol->line].l2tp.sequence, carol->down.ns);
}

static void test_session_mtu(void **state)
{
	struct frame packet = packet_of(RIG_L2TP_MTU + 1, 64, 0);
	struct rig *rig = *state;

	for (int form = 0; form < FORMS; form++) {
		struct rig_l2tp carol = begin(rig, form);

		expect_left(rig, &carol, &packet, XP_R_P_MTU);
	}
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[128];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static void set_mtu(const char *device, unsigned int mtu)
{
	run("ip link set %s mtu %u", device, mtu);
}

static uint32_t overhead(int form)
{
	return (form_ipv6(form) ? 40 : 20) + 8 + 6 + 4 + (form_sequence(form) ? 4 : 0);
}

/* The outer packet must fit its way, to the byte. */
static void test_outer_mtu(void **state)
{
	struct rig *rig = *state;

	set_mtu("access", 1380);
	for (int form = 0; form < FORMS; form++) {
		uint32_t fits = 1380 - overhead(form);
		struct frame packet = packet_of(fits, 64, 0), after = packet_of(fits, 63, 0), frame;
		struct rig_l2tp carol = begin(rig, form);
		struct rig_result result;

		frame = from_server(rig, &packet);
		result = rig_run(rig, rig->core, &frame);
		frame = build_l2tp(&carol.down, &after);
		rig_expect_sent(rig, &result, &frame, XP_PATH_DOWN_FAST);
		carol = begin(rig, form);
		packet = packet_of(fits + 1, 64, 0);
		expect_left(rig, &carol, &packet, XP_R_P_MTU);
	}
	set_mtu("access", 1500);
}

static void test_no_way_to_the_peer(void **state)
{
	struct frame packet = packet_of(100, 64, 0);
	struct rig *rig = *state;

	for (int form = 0; form < FORMS; form++) {
		struct rig_l2tp carol = begin(rig, form);

		rig_set_device(rig, rig->access, false);
		expect_left(rig, &carol, &packet, XP_R_P_PEER);

		carol = rig_carol(rig, form_ipv6(form), form_sequence(form));
		carol.down.dst[form_ipv6(form) ? 15 : 3] = 77;
		carol.up.src[form_ipv6(form) ? 15 : 3] = 77;
		rig_reset(state);
		rig_add_l2tp(rig, &carol);
		expect_left(rig, &carol, &packet, XP_R_P_NO_NEIGHBOUR);
	}
}

static void test_states_and_stack(void **state)
{
	struct frame packet = packet_of(100, 64, 0), over = packet_of(100, 1, 0);
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, 0);

	rig->down[carol.line].state = XP_STATE_SLOW;
	expect_left(rig, &carol, &packet, XP_R_P_SLOW);
	carol = begin(rig, 0);
	rig->down[carol.line].flags |= XP_F_STACK;
	expect_left(rig, &carol, &packet, XP_R_P_STACK);
	carol = begin(rig, 0);
	expect_left(rig, &carol, &over, XP_R_P_TTL);
}

/* ---- over a route, and on one arm */

static void test_over_a_router(void **state)
{
	struct frame packet = packet_of(100, 64, 0), after = packet_of(100, 63, 0), frame;
	struct rig *rig = *state;
	struct rig_l2tp carol = rig_carol(rig, false, false);
	uint32_t remote = htonl(RIG_REMOTE);
	struct rig_result result;

	/* the peer is somewhere behind the core, where the packet came from as well */
	memcpy(carol.down.dst, &remote, 4);
	memcpy(carol.up.src, &remote, 4);
	rig_add_l2tp(rig, &carol);
	frame = from_server(rig, &packet);
	result = rig_run(rig, rig->core, &frame);
	carol.down.dst_mac = rig_server_mac;
	carol.down.src_mac = rig->core_mac;
	frame = build_l2tp(&carol.down, &after);
	rig_expect_sent(rig, &result, &frame, XP_PATH_DOWN_FAST);
}

static void test_one_arm_up(void **state)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), frame;
	struct frame after = rig_packet(RIG_CAROL, RIG_SERVER, 63);
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, 2);
	struct rig_result result;

	carol.up.dst_mac = rig->core_mac;
	frame = build_l2tp(&carol.up, &packet);
	result = rig_run(rig, rig->core, &frame);
	frame = build_ethernet(rig_server_mac, rig->core_mac, &after);
	rig_expect_sent(rig, &result, &frame, XP_PATH_UP_FAST);
}

/* ---- out of the stack */

static void test_from_stack(void **state)
{
	struct rig *rig = *state;

	for (int form = 0; form < FORMS; form++) {
		struct frame packet = packet_of(300, 9, 0), frame = from_stack(rig, &packet);
		struct rig_l2tp carol = begin(rig, form);
		struct rig_result result;

		/* also with `forward stack`: that is where it comes from */
		rig->down[carol.line].flags |= XP_F_STACK;
		result = rig_run_dp(rig, &frame);
		frame = build_l2tp(&carol.down, &packet);
		rig_expect_sent(rig, &result, &frame, XP_PATH_DOWN_STACK);
	}
}

static void test_from_stack_too_big(void **state)
{
	struct frame packet = packet_of(RIG_L2TP_MTU + 1, 9, 0), frame;
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, 0);
	struct rig_result result;

	frame = from_stack(rig, &packet);
	result = rig_run_dp(rig, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_TOO_BIG);

	set_mtu("access", 1300);
	carol = begin(rig, 0);
	packet = packet_of(1300, 9, 0);
	frame = from_stack(rig, &packet);
	result = rig_run_dp(rig, &frame);
	assert_int_equal(rig->down[carol.line].packets, 0);
	if (rig->hook == RIG_TC) {
		rig_expect_refused(rig, &result, &frame, XP_R_OUTER_MTU);
	} else {
		assert_int_equal(rig_drops(rig, XP_R_P_MTU), 1);
		assert_int_equal(result.verdict, RIG_PASS);
	}
	set_mtu("access", 1500);
}

/* Without a device that takes it the agent sends it, or in tc mode the kernel. */
static void test_from_stack_to_nowhere(void **state)
{
	struct frame packet = packet_of(200, 9, 0), frame;
	struct rig *rig = *state;

	for (int form = 0; form < FORMS; form++) {
		struct rig_l2tp carol = begin(rig, form);
		struct rig_result result;

		rig_set_device(rig, rig->access, false);
		frame = from_stack(rig, &packet);
		result = rig_run_dp(rig, &frame);
		if (rig->hook == RIG_TC) {
			frame = build_l2tp(&carol.down, &packet);
			rig_expect_sent(rig, &result, &frame, XP_PATH_DOWN_STACK);
			continue;
		}
		rig_expect_refused(rig, &result, &frame, XP_R_P_PEER);
		assert_int_equal(rig_path(rig, XP_PATH_DOWN_SLOW).packets, 1);
	}
}

/* The route to the peer leads into the session itself, by its address or by the net behind it;
 * into another one it may. */
static void test_loop(void **state)
{
	static const struct {
		uint32_t peer;
		const char *net;
	} cases[] = {
		{ RIG_CAROL, "10.0.0.4/32" },
		{ IP(203, 0, 113, 77), "203.0.113.64/26" },
		{ RIG_DAVE, "10.0.0.5/32" },
	};
	struct frame packet = packet_of(200, 9, 0), frame;
	struct rig *rig = *state;

	for (int i = 0; i < 6; i++) {
		struct rig_l2tp carol = rig_carol(rig, false, false);
		struct rig_l2tp dave = rig_dave(rig, false, false);
		uint32_t peer = htonl(cases[i / 2].peer);
		struct rig_result result;

		rig_reset(state);
		memcpy(carol.down.dst, &peer, 4);
		memcpy(carol.up.src, &peer, 4);
		rig_add_l2tp(rig, &carol);
		rig_add_l2tp(rig, &dave);
		rig_set_route(rig, IP(203, 0, 113, 64), 26, carol.line);
		run("ip route add %s dev pppac0", cases[i / 2].net);
		if (i & 1)
			run("ip neigh add %u.%u.%u.%u lladdr 02:00:00:00:00:01 dev pppac0",
			    carol.down.dst[0], carol.down.dst[1], carol.down.dst[2],
			    carol.down.dst[3]);
		frame = from_stack(rig, &packet);
		result = rig_run_dp(rig, &frame);
		run("ip neigh flush dev pppac0 nud permanent");
		run("ip route del %s dev pppac0", cases[i / 2].net);
		if (i < 4)
			rig_expect_refused(rig, &result, &frame, XP_R_L2TP_LOOP);
		else
			assert_int_equal(rig_drops(rig, XP_R_L2TP_LOOP), 0);
	}
}

/* The route to the peer is none: nothing else can send it either, in tc mode. */
static void test_from_stack_without_route(void **state)
{
	struct frame packet = packet_of(200, 9, 0), frame;
	struct rig *rig = *state;
	struct rig_l2tp carol = rig_carol(rig, false, false);
	uint32_t forbidden = htonl(RIG_FORBIDDEN);
	struct rig_result result;

	memcpy(carol.down.dst, &forbidden, 4);
	memcpy(carol.up.src, &forbidden, 4);
	rig_add_l2tp(rig, &carol);
	frame = from_stack(rig, &packet);
	result = rig_run_dp(rig, &frame);
	rig_expect_refused(rig, &result, &frame,
			   rig->hook == RIG_TC ? XP_R_OUTER_ROUTE : XP_R_P_NO_ROUTE);
}

/* ---- from session to session */

static void test_hairpin_l2tp(void **state)
{
	struct rig *rig = *state;

	for (int from = 0; from < FORMS; from++)
		for (int to = 0; to < FORMS; to++) {
			struct rig_l2tp carol = begin(rig, from);
			struct rig_l2tp dave = rig_dave(rig, form_ipv6(to), form_sequence(to));
			struct frame packet = rig_packet(RIG_CAROL, RIG_DAVE, 64), frame;
			struct frame after = rig_packet(RIG_CAROL, RIG_DAVE, 63);
			struct rig_result result;

			print_message("from form %d to form %d\n", from, to);
			carol.up.padding = 3;
			carol.up.length = true;
			rig_add_l2tp(rig, &dave);
			frame = build_l2tp(&carol.up, &packet);
			result = rig_run(rig, rig->access, &frame);
			frame = build_l2tp(&dave.down, &after);
			rig_expect_sent(rig, &result, &frame, XP_PATH_HAIRPIN);
			assert_int_equal(rig->up[carol.slot].packets, 1);
			assert_int_equal(rig->down[dave.line].packets, 1);
		}
}

static struct rig_session alice_with(const struct rig *rig, int tags)
{
	struct rig_session alice = rig_alice(rig);

	if (tags > 0) {
		alice.wrap.tpid_outer = tags > 1 ? 0x88a8 : 0x8100;
		alice.wrap.vid_outer = 100;
	}
	if (tags > 1) {
		alice.wrap.tpid_inner = 0x8100;
		alice.wrap.vid_inner = 200;
	}
	return alice;
}

static void test_hairpin_with_pppoe(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < FORMS * 3; i++) {
		struct rig_l2tp carol = begin(rig, i / 3);
		struct rig_session alice = alice_with(rig, i % 3);
		struct frame packet = rig_packet(RIG_ALICE, RIG_CAROL, 64), frame;
		struct frame after = rig_packet(RIG_ALICE, RIG_CAROL, 63);
		struct rig_result result;

		print_message("form %d, %d tags\n", i / 3, i % 3);
		rig_add(rig, &alice);
		alice.wrap.padding = 7;
		frame = build_pppoe(&alice.wrap, &packet);
		result = rig_run(rig, rig->access, &frame);
		frame = build_l2tp(&carol.down, &after);
		rig_expect_sent(rig, &result, &frame, XP_PATH_HAIRPIN);

		carol = begin(rig, i / 3);
		rig_add(rig, &alice);
		alice.wrap.padding = 0;
		packet = rig_packet(RIG_CAROL, RIG_ALICE, 64);
		after = rig_packet(RIG_CAROL, RIG_ALICE, 63);
		frame = build_l2tp(&carol.up, &packet);
		result = rig_run(rig, rig->access, &frame);
		frame = build_pppoe_down(&alice.wrap, &after);
		rig_expect_sent(rig, &result, &frame, XP_PATH_HAIRPIN);
	}
}

/* Too big for the way to the other: the stack says so. */
static void test_hairpin_too_big(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, 0), dave = rig_dave(rig, true, true);
	struct rig_session stack = rig_l2tp_stack(rig);
	static uint8_t data[1400];
	struct ip_spec ip = { .src = RIG_CAROL,
			      .dst = RIG_DAVE,
			      .ttl = 64,
			      .proto = 99,
			      .payload = data,
			      .len = 1330 };
	struct frame packet = build_ip(&ip), frame = build_l2tp(&carol.up, &packet);
	struct rig_result result;

	rig_add_l2tp(rig, &dave);
	set_mtu("access", 1400);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_stack(rig, &result, &stack, &packet, XP_R_P_MTU);
	set_mtu("access", 1500);
}

/* ---- MSS and capture are the same code for all; that they are used */

static void test_mss(void **state)
{
	static const uint8_t syn[] = { 0x30, 0x39, 0,    80,   0, 0, 0, 1, 0, 0, 0,    0,
				       0x60, 2,    0xff, 0xff, 0, 0, 0, 0, 2, 4, 0x05, 0xb4 };
	struct rig *rig = *state;

	for (int form = 0; form < FORMS; form++) {
		struct rig_l2tp carol = begin(rig, form);
		struct ip_spec ip = { .src = RIG_CAROL,
				      .dst = RIG_SERVER,
				      .ttl = 64,
				      .proto = IPPROTO_TCP,
				      .payload = syn,
				      .len = sizeof(syn) };
		struct frame packet = build_ip(&ip), frame;
		struct rig_result result;

		carol.up.offset = true;
		carol.up.pad = 64;
		carol.up.length = true;
		frame = build_l2tp(&carol.up, &packet);
		result = rig_run(rig, rig->access, &frame);
		assert_int_equal(result.verdict, RIG_REDIRECT);
		assert_int_equal(build_get16(result.frame.byte + 14 + 20 + 22), RIG_L2TP_MTU - 40);
		assert_true(build_checksums_ok(result.frame.byte + 14, packet.len));

		ip.src = RIG_SERVER;
		ip.dst = RIG_CAROL;
		packet = build_ip(&ip);
		frame = from_server(rig, &packet);
		result = rig_run(rig, rig->core, &frame);
		assert_int_equal(result.verdict, RIG_REDIRECT);
		assert_true(
			build_checksums_ok(result.frame.byte + 14 + overhead(form), packet.len));
		assert_int_equal(build_get16(result.frame.byte + 14 + overhead(form) + 42),
				 RIG_L2TP_MTU - 40);
		assert_true(form_ipv6(form) == false ||
			    build_l2tp_checksum_ok(&carol.down, &result.frame));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_forms, rig_reset),
		cmocka_unit_test_setup(test_ipv6_checksums, rig_reset),
		cmocka_unit_test_setup(test_ipv6_partial_checksums, rig_reset),
		cmocka_unit_test_setup(test_ipv4_checksums, rig_reset),
		cmocka_unit_test_setup(test_sequence, rig_reset),
		cmocka_unit_test_setup(test_session_mtu, rig_reset),
		cmocka_unit_test_setup(test_outer_mtu, rig_reset),
		cmocka_unit_test_setup(test_no_way_to_the_peer, rig_reset),
		cmocka_unit_test_setup(test_states_and_stack, rig_reset),
		cmocka_unit_test_setup(test_over_a_router, rig_reset),
		cmocka_unit_test_setup(test_one_arm_up, rig_reset),
		cmocka_unit_test_setup(test_from_stack, rig_reset),
		cmocka_unit_test_setup(test_from_stack_too_big, rig_reset),
		cmocka_unit_test_setup(test_from_stack_to_nowhere, rig_reset),
		cmocka_unit_test_setup(test_loop, rig_reset),
		cmocka_unit_test_setup(test_from_stack_without_route, rig_reset),
		cmocka_unit_test_setup(test_hairpin_l2tp, rig_reset),
		cmocka_unit_test_setup(test_hairpin_with_pppoe, rig_reset),
		cmocka_unit_test_setup(test_hairpin_too_big, rig_reset),
		cmocka_unit_test_setup(test_mss, rig_reset),
	};

	return rig_tests(tests);
}
