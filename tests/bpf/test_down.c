/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Downstream, from the core, out of the stack, and from session to session. */
#include <arpa/inet.h>
#include <string.h>

#include "rig.h"

#define Q 0x8100
#define AD 0x88a8

enum tags { UNTAGGED, VLAN, QINQ, TAGS_MAX };

static struct wrap_spec wrap_with(struct wrap_spec wrap, enum tags tags)
{
	if (tags != UNTAGGED) {
		wrap.tpid_outer = tags == QINQ ? AD : Q;
		wrap.vid_outer = 100;
	}
	if (tags == QINQ) {
		wrap.tpid_inner = Q;
		wrap.vid_inner = 2000;
	}
	return wrap;
}

static struct rig_session alice_with(const struct rig *rig, enum tags tags)
{
	struct rig_session alice = rig_alice(rig);

	alice.wrap = wrap_with(alice.wrap, tags);
	return alice;
}

static struct rig_session bob_with(const struct rig *rig, enum tags tags)
{
	struct rig_session bob = rig_bob(rig);

	bob.wrap = wrap_with(bob.wrap, tags);
	return bob;
}

static struct frame from_server(const struct rig *rig, const struct frame *packet, size_t padding)
{
	struct frame frame = build_ethernet(rig->core_mac, rig_server_mac, packet);

	for (size_t i = 0; i < padding; i++)
		frame_add8(&frame, 0x5a);
	return frame;
}

static struct frame from_stack(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig->concentrator_mac, rig->concentrator_mac, packet);
}

/* The kernel makes no test run of a tc program on an IP packet without its whole header. */
static uint32_t shortest(const struct rig *rig)
{
	return rig->hook == RIG_TC ? 34 : 14;
}

/* ---- from the core */

static void test_forms(void **state)
{
	static const size_t paddings[] = { 0, 1, 4, 18, 900 };
	struct rig *rig = *state;

	for (enum tags tags = 0; tags < TAGS_MAX; tags++)
		for (size_t i = 0; i < sizeof(paddings) / sizeof(*paddings); i++) {
			struct rig_session alice = alice_with(rig, tags);
			struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
			struct frame after = rig_packet(RIG_SERVER, RIG_ALICE, 63);
			struct frame frame = from_server(rig, &packet, paddings[i]);
			struct frame expected = build_pppoe_down(&alice.wrap, &after);
			struct rig_result result;

			rig_reset(state);
			rig_add(rig, &alice);
			result = rig_run(rig, rig->core, &frame);
			rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_FAST);
			assert_int_equal(rig->down[alice.line].packets, 1);
			assert_int_equal(rig->down[alice.line].bytes, packet.len);
			assert_int_equal(rig->up[alice.slot].packets, 0);
			assert_int_equal(rig_path(rig, XP_PATH_DOWN_FAST).bytes, packet.len);
		}
}

static void test_counters_add_up(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
	struct frame frame = from_server(rig, &packet, 0);

	rig_add(rig, &alice);
	rig_add(rig, &bob);
	for (int i = 0; i < 25; i++)
		rig_run(rig, rig->core, &frame);
	assert_int_equal(rig->down[alice.line].packets, 25);
	assert_int_equal(rig->down[alice.line].bytes, 25 * packet.len);
	assert_int_equal(rig->down[bob.line].packets, 0);
	assert_int_equal(rig_path(rig, XP_PATH_DOWN_FAST).packets, 25);
}

static void check_down(struct rig *rig, const struct frame *frame, const struct frame *expected,
		       enum xp_reason reason)
{
	struct rig_result result = rig_run(rig, rig->core, frame);

	if (reason)
		rig_expect_refused(rig, &result, frame, reason);
	else if (expected)
		rig_expect_sent(rig, &result, expected, XP_PATH_DOWN_FAST);
	else
		rig_expect_ignored(rig, &result, frame);
}

static void test_mtu(void **state)
{
	static uint8_t data[RIG_MTU];
	struct rig *rig = *state;
	struct rig_session alice = alice_with(rig, QINQ);
	struct ip_spec ip = { .src = RIG_SERVER,
			      .dst = RIG_ALICE,
			      .ttl = 64,
			      .proto = 99,
			      .payload = data,
			      .len = RIG_MTU - 20 };
	struct frame packet = build_ip(&ip), frame = from_server(rig, &packet, 0), expected;

	rig_add(rig, &alice);
	ip.ttl = 63;
	packet = build_ip(&ip);
	expected = build_pppoe_down(&alice.wrap, &packet);
	check_down(rig, &frame, &expected, XP_R_NONE);

	rig_reset(state);
	rig_add(rig, &alice);
	ip.len++;
	packet = build_ip(&ip);
	frame = from_server(rig, &packet, 0);
	check_down(rig, &frame, NULL, XP_R_P_MTU);
	assert_int_equal(rig->down[alice.line].packets, 0);
}

static void test_left_to_the_stack(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct ip_spec ip = { .src = RIG_SERVER, .dst = RIG_ALICE, .ttl = 64, .proto = 99 };
	struct frame packet = build_ip(&ip), plain = from_server(rig, &packet, 0), frame;

	rig_add(rig, &alice);
	ip.ttl = 1;
	packet = build_ip(&ip);
	frame = from_server(rig, &packet, 0);
	check_down(rig, &frame, NULL, XP_R_P_TTL);

	rig_reset(state);
	rig_add(rig, &alice);
	ip.ttl = 64;
	ip.options = 8;
	packet = build_ip(&ip);
	frame = from_server(rig, &packet, 0);
	check_down(rig, &frame, NULL, XP_R_P_IP_OPTIONS);

	rig_reset(state);
	rig_add(rig, &alice);
	ip.options = 0;
	ip.src = IP(127, 0, 0, 1);
	packet = build_ip(&ip);
	frame = from_server(rig, &packet, 0);
	check_down(rig, &frame, NULL, XP_R_P_MARTIAN);
	ip.src = RIG_SERVER;

	rig_reset(state);
	rig_add(rig, &alice);
	rig->down[alice.line].flags |= XP_F_STACK;
	check_down(rig, &plain, NULL, XP_R_P_STACK);

	rig_reset(state);
	rig_add(rig, &alice);
	rig->down[alice.line].state = XP_STATE_SLOW;
	check_down(rig, &plain, NULL, XP_R_P_SLOW);

	rig_reset(state);
	rig_add(rig, &alice);
	rig_set_device(rig, rig->access, false);
	check_down(rig, &plain, NULL, XP_R_P_NOT_ATTACHED);
	assert_int_equal(rig->down[alice.line].packets, 0);
}

static void test_malformed(void **state)
{
	static const struct {
		uint32_t offset;
		uint8_t value;
		enum xp_reason reason;
	} cases[] = {
		{ 14, 0x65, XP_R_IP_HEADER },   { 14, 0x43, XP_R_IP_HEADER },
		{ 16, 0x10, XP_R_IP_LENGTH },   { 17, 10, XP_R_IP_LENGTH },
		{ 15, 0x01, XP_R_IP_CHECKSUM }, { 24, 0x42, XP_R_IP_CHECKSUM },
		{ 28, 0x01, XP_R_IP_CHECKSUM },
	};
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
		struct frame frame = from_server(rig, &packet, 0);

		rig_reset(state);
		rig_add(rig, &alice);
		frame.byte[cases[i].offset] = cases[i].value;
		check_down(rig, &frame, NULL, cases[i].reason);
		assert_int_equal(rig->down[alice.line].packets, 0);
	}
}

static void test_truncation(void **state)
{
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame whole = from_server(rig, &packet, 0);

	for (uint32_t len = shortest(rig); len < whole.len; len++) {
		struct frame frame = whole;

		rig_reset(state);
		rig_add(rig, &alice);
		frame.len = len;
		/* without its destination nobody knows that it is ours */
		check_down(rig, &frame, NULL, len < 34 ? XP_R_NONE : XP_R_IP_LENGTH);
		assert_int_equal(rig->down[alice.line].packets, 0);
	}
}

/* ---- what is not for a session, or not for this machine */

static void test_not_ours(void **state)
{
	static const uint32_t others[] = {
		RIG_BOB,   RIG_POOL, RIG_POOL + 256, RIG_POOL - 1, RIG_POOL_2 + 16,
		RIG_LOCAL, 0,        0xffffffff
	};
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	rig_add(rig, &alice);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct frame packet = rig_packet(RIG_SERVER, others[i], 64);
		struct frame frame = from_server(rig, &packet, 0);

		check_down(rig, &frame, NULL, XP_R_NONE);
	}
}

static void test_other_station(void **state)
{
	static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 };
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame frame;

	rig_add(rig, &alice);
	frame = build_ethernet(rig_bob_mac, rig_server_mac, &packet);
	check_down(rig, &frame, NULL, XP_R_NONE);
	frame = build_ethernet(group, rig_server_mac, &packet);
	check_down(rig, &frame, NULL, XP_R_NONE);
	frame = build_ethernet(rig->core_mac, rig_server_mac, &packet);
	frame.byte[5] ^= 1;
	check_down(rig, &frame, NULL, XP_R_NONE);
}

static void test_tagged_is_the_stacks(void **state)
{
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64), frame = { .len = 0 };
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	rig_add(rig, &alice);
	frame_add_ethernet(&frame, rig->core_mac, rig_server_mac, Q);
	frame_add16(&frame, 5);
	frame_add16(&frame, 0x0800);
	frame_add(&frame, packet.byte, packet.len);
	check_down(rig, &frame, NULL, XP_R_NONE);
}

/* ---- finding the session */

static struct rig_session elsewhere(const struct rig *rig, uint32_t addr, uint32_t line)
{
	struct rig_session session = rig_alice(rig);

	session.addr = addr;
	session.line = line;
	return session;
}

static void expect_found(struct rig *rig, const struct rig_session *session, uint32_t dst)
{
	struct frame packet = rig_packet(RIG_SERVER, dst, 64),
		     after = rig_packet(RIG_SERVER, dst, 63);
	struct frame frame = from_server(rig, &packet, 0);
	struct frame expected = build_pppoe_down(&session->wrap, &after);

	check_down(rig, &frame, &expected, XP_R_NONE);
	assert_int_equal(rig->down[session->line].packets, 1);
}

static void test_pools(void **state)
{
	struct rig *rig = *state;
	const struct rig_session sessions[] = {
		elsewhere(rig, RIG_POOL, 0),
		elsewhere(rig, RIG_POOL + 255, 255),
		elsewhere(rig, RIG_POOL_2, 256),
		elsewhere(rig, RIG_POOL_2 + 15, 271),
	};

	for (size_t i = 0; i < sizeof(sessions) / sizeof(*sessions); i++) {
		rig_reset(state);
		rig_add(rig, &sessions[i]);
		expect_found(rig, &sessions[i], sessions[i].addr);
	}
}

static void test_addresses(void **state)
{
	struct rig *rig = *state;
	struct rig_session far = elsewhere(rig, IP(172, 16, 5, 5), RIG_LINE_OTHER);
	struct frame packet = rig_packet(RIG_SERVER, far.addr, 64);
	struct frame frame = from_server(rig, &packet, 0);

	rig_add(rig, &far);
	check_down(rig, &frame, NULL, XP_R_NONE);
	rig_set_address(rig, far.addr, far.line);
	expect_found(rig, &far, far.addr);

	/* the line went to somebody else in between */
	rig_reset(state);
	rig_add(rig, &far);
	rig_set_address(rig, far.addr, far.line);
	rig->down[far.line].addr = htonl(far.addr + 1);
	check_down(rig, &frame, NULL, XP_R_NONE);

	/* not looked at while `addresses` is said to be empty */
	rig_reset(state);
	rig_add(rig, &far);
	rig_set_address(rig, far.addr, far.line);
	rig->config->addresses = 0;
	check_down(rig, &frame, NULL, XP_R_NONE);
}

static void test_routes(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = alice_with(rig, VLAN);
	struct frame packet = rig_packet(RIG_SERVER, IP(10, 77, 2, 1), 64);
	struct frame frame = from_server(rig, &packet, 0);

	rig_add(rig, &alice);
	rig_set_route(rig, IP(10, 77, 1, 0), 24, alice.line);
	expect_found(rig, &alice, IP(10, 77, 1, 200));

	rig_reset(state);
	rig_add(rig, &alice);
	rig_set_route(rig, IP(10, 77, 1, 0), 24, alice.line);
	check_down(rig, &frame, NULL, XP_R_NONE);

	/* a session's own address comes before a route that covers it */
	rig_reset(state);
	rig_add(rig, &alice);
	rig_set_route(rig, RIG_POOL, 24, RIG_LINE_OTHER);
	expect_found(rig, &alice, RIG_ALICE);
	rig_reset(state);
	rig_set_route(rig, RIG_POOL, 24, RIG_LINE_OTHER);
	packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
	frame = from_server(rig, &packet, 0);
	check_down(rig, &frame, NULL, XP_R_NONE);
}

static void test_line_out_of_range(void **state)
{
	struct rig *rig = *state;
	struct frame packet = rig_packet(RIG_SERVER, IP(172, 16, 5, 5), 64);
	struct frame frame = from_server(rig, &packet, 0);

	rig_set_address(rig, IP(172, 16, 5, 5), 0xffffffff);
	rig_set_route(rig, IP(172, 16, 0, 0), 16, RIG_LINES);
	check_down(rig, &frame, NULL, XP_R_NONE);
}

static void test_bad_tags(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
	struct frame frame = from_server(rig, &packet, 0);

	rig_add(rig, &alice);
	rig->down[alice.line].flags |= 3 << XP_F_TAGS_SHIFT;
	assert_int_equal(rig_run(rig, rig->core, &frame).verdict, RIG_DROP);
	assert_int_equal(rig_drops(rig, XP_R_HEADROOM), 1);
}

/* ---- out of the stack */

/* The stack has decreased the TTL and answered for options; its own packets may have a TTL of 1. */
static void test_from_stack(void **state)
{
	struct rig *rig = *state;
	static const uint8_t ttls[] = { 64, 1, 255 };

	for (enum tags tags = 0; tags < TAGS_MAX; tags++)
		for (int i = 0; i < 6; i++) {
			struct ip_spec ip = { .src = RIG_SERVER,
					      .dst = RIG_ALICE,
					      .ttl = ttls[i / 2],
					      .proto = 99,
					      .options = i & 1 ? 12 : 0 };
			struct rig_session alice = alice_with(rig, tags);
			struct frame packet = build_ip(&ip), frame = from_stack(rig, &packet);
			struct frame expected = build_pppoe_down(&alice.wrap, &packet);
			struct rig_result result;

			rig_reset(state);
			rig_add(rig, &alice);
			rig->down[alice.line].flags |= XP_F_STACK;
			result = rig_run_dp(rig, &frame);
			rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_STACK);
			assert_int_equal(rig->down[alice.line].packets, 1);
			assert_int_equal(rig->down[alice.line].bytes, packet.len);
		}
}

/* In tc, what the agent has seen goes no further. */
static void expect_dp_refused(struct rig *rig, const struct frame *frame, enum xp_reason reason)
{
	bool passes = XP_REASON_IS_PUNT(reason) && rig->hook == RIG_XDP;
	struct rig_result result = rig_run_dp(rig, frame);

	assert_int_equal(result.verdict, passes ? RIG_PASS : RIG_DROP);
	assert_int_equal(rig_drops(rig, reason), 1);
	assert_int_equal(rig_drops_all(rig), 1);
	if (passes)
		assert_memory_equal(result.frame.byte, frame->byte, frame->len);
}

/* Two devices may want one place in `attached`: map.h promises that both work. */
static void test_from_stack_without_a_place(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64),
		     frame = from_stack(rig, &packet),
		     expected = build_pppoe_down(&alice.wrap, &packet);
	struct rig_result result;

	rig_add(rig, &alice);
	rig_take_place(rig, rig->access);
	result = rig_run_dp(rig, &frame);
	rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_STACK);
	rig_set_device(rig, rig->access, true);
}

static void test_stack_refused(void **state)
{
	static uint8_t data[RIG_MTU];
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packet = rig_packet(RIG_SERVER, RIG_BOB, 64), frame = from_stack(rig, &packet);
	struct ip_spec large = { .src = RIG_SERVER,
				 .dst = RIG_ALICE,
				 .ttl = 9,
				 .proto = 99,
				 .payload = data,
				 .len = RIG_MTU - 19 };

	rig_add(rig, &alice);
	expect_dp_refused(rig, &frame, XP_R_NO_ADDRESS);

	rig_reset(state);
	build_set16(frame.byte + 12, 0x86dd);
	frame.len += 20; /* room for its header */
	expect_dp_refused(rig, &frame, XP_R_NOT_IPV4);

	rig_reset(state);
	build_set16(frame.byte + 12, Q);
	expect_dp_refused(rig, &frame, XP_R_NOT_IPV4);

	rig_reset(state);
	rig_add(rig, &alice);
	packet = build_ip(&large);
	frame = from_stack(rig, &packet);
	expect_dp_refused(rig, &frame, XP_R_TOO_BIG);

	packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
	frame = from_stack(rig, &packet);
	rig_reset(state);
	rig_add(rig, &alice);
	rig_set_device(rig, rig->access, false);
	if (rig->hook == RIG_XDP)
		expect_dp_refused(rig, &frame, XP_R_NO_DEVICE);

	rig_reset(state);
	rig_add(rig, &alice);
	rig->down[alice.line].state = XP_STATE_SLOW;
	expect_dp_refused(rig, &frame, XP_R_P_SLOW);
	assert_int_equal(rig_path(rig, XP_PATH_DOWN_SLOW).packets, 1);
	assert_int_equal(rig_path(rig, XP_PATH_DOWN_SLOW).bytes, packet.len);
	assert_int_equal(rig->down[alice.line].packets, 0);
}

/* Only tc meets them: the stack cuts them up. */
static void test_super_packets(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64), frame;
	struct rig_result result;

	if (rig->hook != RIG_TC)
		return;
	rig_add(rig, &alice);
	rig->gso_size = 20;
	frame = from_server(rig, &packet, 0);
	check_down(rig, &frame, NULL, XP_R_P_GSO);

	rig_reset(state);
	rig_add(rig, &alice);
	rig->gso_size = 20;
	frame = from_stack(rig, &packet);
	expect_dp_refused(rig, &frame, XP_R_P_GSO);

	rig_reset(state);
	rig_add(rig, &alice);
	rig->gso_size = 20;
	packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_P_GSO);
}

static void test_stack_truncation(void **state)
{
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame frame = from_stack(rig, &packet);

	while (--frame.len >= shortest(rig)) {
		rig_reset(state);
		rig_add(rig, &alice);
		expect_dp_refused(rig, &frame, XP_R_IP_LENGTH);
	}
}

/* ---- hairpin */

static void test_hairpin(void **state)
{
	struct rig *rig = *state;

	for (enum tags from = 0; from < TAGS_MAX; from++)
		for (enum tags to = 0; to < TAGS_MAX; to++) {
			struct rig_session alice = alice_with(rig, from), bob = bob_with(rig, to);
			struct frame packet = rig_packet(RIG_ALICE, RIG_BOB, 64);
			struct frame after = rig_packet(RIG_ALICE, RIG_BOB, 63);
			struct frame frame, expected = build_pppoe_down(&bob.wrap, &after);
			struct rig_result result;

			rig_reset(state);
			rig_add(rig, &alice);
			rig_add(rig, &bob);
			alice.wrap.padding = 11;
			alice.wrap.pfc = from == to;
			frame = build_pppoe(&alice.wrap, &packet);
			result = rig_run(rig, rig->access, &frame);
			rig_expect_sent(rig, &result, &expected, XP_PATH_HAIRPIN);
			assert_int_equal(rig->up[alice.slot].packets, 1);
			assert_int_equal(rig->up[alice.slot].bytes, packet.len);
			assert_int_equal(rig->down[bob.line].packets, 1);
			assert_int_equal(rig->down[bob.line].bytes, packet.len);
			assert_int_equal(rig->down[alice.line].packets, 0);
			assert_int_equal(rig->up[bob.slot].packets, 0);
		}
}

static void check_hairpin_stack(struct rig *rig, enum xp_reason reason)
{
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);
	struct frame packet = rig_packet(RIG_ALICE, RIG_BOB, 64);
	struct frame frame = build_pppoe(&alice.wrap, &packet);
	struct rig_result result = rig_run(rig, rig->access, &frame);

	rig_expect_stack(rig, &result, &alice, &packet, reason);
	assert_int_equal(rig->down[bob.line].packets, 0);
}

static void test_hairpin_over_stack(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);
	static const enum xp_reason reasons[] = { XP_R_P_STACK, XP_R_P_SLOW, XP_R_P_MTU };

	for (int i = 0; i < 3; i++) {
		rig_reset(state);
		rig_add(rig, &alice);
		rig_add(rig, &bob);
		if (i == 0)
			rig->down[bob.line].flags |= XP_F_STACK;
		else if (i == 1)
			rig->down[bob.line].state = XP_STATE_SLOW;
		else
			rig->down[bob.line].mtu = 30;
		check_hairpin_stack(rig, reasons[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_forms, rig_reset),
		cmocka_unit_test_setup(test_counters_add_up, rig_reset),
		cmocka_unit_test_setup(test_mtu, rig_reset),
		cmocka_unit_test_setup(test_left_to_the_stack, rig_reset),
		cmocka_unit_test_setup(test_malformed, rig_reset),
		cmocka_unit_test_setup(test_truncation, rig_reset),
		cmocka_unit_test_setup(test_not_ours, rig_reset),
		cmocka_unit_test_setup(test_other_station, rig_reset),
		cmocka_unit_test_setup(test_tagged_is_the_stacks, rig_reset),
		cmocka_unit_test_setup(test_pools, rig_reset),
		cmocka_unit_test_setup(test_addresses, rig_reset),
		cmocka_unit_test_setup(test_routes, rig_reset),
		cmocka_unit_test_setup(test_line_out_of_range, rig_reset),
		cmocka_unit_test_setup(test_bad_tags, rig_reset),
		cmocka_unit_test_setup(test_from_stack, rig_reset),
		cmocka_unit_test_setup(test_from_stack_without_a_place, rig_reset),
		cmocka_unit_test_setup(test_stack_refused, rig_reset),
		cmocka_unit_test_setup(test_super_packets, rig_reset),
		cmocka_unit_test_setup(test_stack_truncation, rig_reset),
		cmocka_unit_test_setup(test_hairpin, rig_reset),
		cmocka_unit_test_setup(test_hairpin_over_stack, rig_reset),
	};

	return rig_tests(tests);
}
