/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Upstream: every form of header, every way on, every reason against. */
#include <arpa/inet.h>
#include <string.h>

#include "rig.h"

#define Q 0x8100
#define AD 0x88a8

/* ---- forms of the header */

static const struct form {
	const char *name;
	struct wrap_spec wrap;
} forms[] = {
	{ "untagged", { .sid = 0 } },
	{ "802.1Q", { .tpid_outer = Q, .vid_outer = 100 } },
	{ "802.1Q with priority", { .tpid_outer = Q, .vid_outer = 0xe064 } },
	{ "802.1ad", { .tpid_outer = AD, .vid_outer = 4094 } },
	{ "QinQ", { .tpid_outer = AD, .vid_outer = 100, .tpid_inner = Q, .vid_inner = 200 } },
	{ "Q in Q", { .tpid_outer = Q, .vid_outer = 100, .tpid_inner = Q, .vid_inner = 100 } },
	{ "priority tag", { .tpid_outer = Q, .vid_outer = 0xa000 } },
	{ "priority tag in VLAN", { .tpid_outer = Q, .vid_outer = 9, .tpid_inner = Q } },
	{ "VLAN in priority tag", { .tpid_outer = Q, .tpid_inner = Q, .vid_inner = 9 } },
};

static struct frame to_server(const struct frame *packet, const struct rig *rig)
{
	return build_ethernet(rig_server_mac, rig->core_mac, packet);
}

/* Sends a packet of `form`, with the protocol field and padding given, and expects it at the
 * server without any of that. */
static void check_form(struct rig *rig, const struct form *form, bool ff03, bool pfc,
		       size_t padding)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	struct frame after = rig_packet(RIG_ALICE, RIG_SERVER, 63);
	struct rig_session alice = rig_alice(rig);
	struct wrap_spec wrap = form->wrap;
	struct frame frame, expected;
	struct rig_result result;
	void *state = rig;

	rig_reset(&state);
	wrap.own = alice.wrap.own;
	wrap.peer = alice.wrap.peer;
	wrap.sid = alice.wrap.sid;
	alice.wrap = wrap;
	rig_add(rig, &alice);
	wrap.ff03 = ff03;
	wrap.pfc = pfc;
	wrap.padding = padding;
	frame = build_pppoe(&wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	expected = to_server(&after, rig);
	rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	assert_int_equal(rig->up[alice.slot].packets, 1);
	assert_int_equal(rig->up[alice.slot].bytes, packet.len);
	assert_int_equal(rig->up[alice.slot].drops, 0);
}

static void test_forms(void **state)
{
	static const size_t paddings[] = { 0, 1, 18, 700 };

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		for (int field = 0; field < 4; field++)
			for (size_t j = 0; j < 4; j++) {
				print_message("%s, field %d, padding %zu\n", forms[i].name, field,
					      paddings[j]);
				check_form(*state, &forms[i], field & 1, field & 2, paddings[j]);
			}
}

static void test_three_tags(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame = { .len = 0 };
	struct rig_result result;

	rig_add(rig, &alice);
	frame_add(&frame, alice.wrap.own, 6);
	frame_add(&frame, alice.wrap.peer, 6);
	for (int i = 0; i < 3; i++) {
		frame_add16(&frame, Q);
		frame_add16(&frame, 0);
	}
	frame_add16(&frame, 0x8864);
	frame_add16(&frame, 0x1100);
	frame_add16(&frame, alice.wrap.sid);
	frame_add16(&frame, packet.len + 2);
	frame_add16(&frame, 0x0021);
	frame_add(&frame, packet.byte, packet.len);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_ignored(rig, &result, &frame);
}

static void test_largest_and_smallest(void **state)
{
	static uint8_t data[RIG_MTU];
	static const size_t sizes[] = { 0, 1, 8, RIG_MTU - 20 };
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct ip_spec ip = { .src = RIG_ALICE,
				      .dst = RIG_SERVER,
				      .ttl = 2,
				      .proto = 99,
				      .payload = data,
				      .len = sizes[i] };
		struct frame packet = build_ip(&ip), frame = build_pppoe(&alice.wrap, &packet);
		struct rig_result result;
		struct frame expected;

		rig_reset(state);
		rig_add(rig, &alice);
		result = rig_run(rig, rig->access, &frame);
		ip.ttl = 1;
		packet = build_ip(&ip);
		expected = to_server(&packet, rig);
		rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	}
}

/* Every TTL and many checksums: the incremental change must agree with a whole sum. */
static void test_ttl_checksum(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	rig_add(rig, &alice);
	for (int i = 0; i < 1000; i++) {
		uint8_t ttl = 2 + i % 254;
		struct frame packet = rig_packet(RIG_ALICE, RIG_REMOTE, ttl);
		struct frame frame;
		struct rig_result result;

		build_set16(packet.byte + 4, i * 0x0421); /* identification */
		build_fix_ip(packet.byte);
		frame = build_pppoe(&alice.wrap, &packet);
		result = rig_run(rig, rig->access, &frame);
		assert_int_equal(result.verdict, RIG_REDIRECT);
		assert_int_equal(result.frame.byte[14 + 8], ttl - 1);
		assert_true(build_checksums_ok(result.frame.byte + 14, result.frame.len - 14));
	}
}

/* A packet whose checksum is `sum`, by its identification. */
static struct frame packet_with_checksum(uint16_t sum)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);

	for (uint32_t id = 0; id < 65536 && build_get16(packet.byte + 10) != sum; id++) {
		build_set16(packet.byte + 4, id);
		build_fix_ip(packet.byte);
	}
	assert_int_equal(build_get16(packet.byte + 10), sum);
	return packet;
}

/* Where the incremental change carries over, and with the other zero of one's complement. */
static void test_ttl_carry(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packets[] = { packet_with_checksum(0xfeff), packet_with_checksum(0xfffe),
				   packet_with_checksum(0xff00), packet_with_checksum(0) };

	build_set16(packets[3].byte + 10, 0xffff);
	rig_add(rig, &alice);
	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		struct frame frame = build_pppoe(&alice.wrap, &packets[i]);
		struct rig_result result = rig_run(rig, rig->access, &frame);

		assert_int_equal(result.verdict, RIG_REDIRECT);
		assert_true(build_checksums_ok(result.frame.byte + 14, result.frame.len - 14));
	}
}

/* ---- truncation: never forwarded, always the right reason */

static enum xp_reason truncation_reason(uint32_t len, uint32_t tags)
{
	uint32_t pppoe = 14 + 4 * tags;

	return len < pppoe + 6 ? XP_R_TRUNCATED : XP_R_PPPOE_LENGTH;
}

static void check_truncation(struct rig *rig, const struct form *form, uint32_t tags)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	struct rig_session alice = rig_alice(rig);
	struct wrap_spec wrap = form->wrap;
	struct frame whole;
	void *state = rig;

	wrap.own = alice.wrap.own;
	wrap.peer = alice.wrap.peer;
	wrap.sid = alice.wrap.sid;
	alice.wrap = wrap;
	whole = build_pppoe(&wrap, &packet);
	for (uint32_t len = 14; len < whole.len; len++) {
		struct frame frame = whole;
		struct rig_result result;

		rig_reset(&state);
		rig_add(rig, &alice);
		frame.len = len;
		result = rig_run(rig, rig->access, &frame);
		if (len < 14 + 4 * tags)
			rig_expect_ignored(rig, &result, &frame);
		else
			rig_expect_refused(rig, &result, &frame, truncation_reason(len, tags));
		assert_int_equal(rig->up[alice.slot].packets, 0);
	}
}

static void test_truncation(void **state)
{
	check_truncation(*state, &forms[0], 0);
	check_truncation(*state, &forms[1], 1);
	check_truncation(*state, &forms[4], 2);
}

/* The frame is whole, PPPoE's length says less than the IP packet is. */
static void test_short_length(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	for (uint32_t len = 0; len < packet.len + 2; len++) {
		struct frame frame = build_pppoe(&alice.wrap, &packet);
		struct rig_result result;

		rig_reset(state);
		rig_add(rig, &alice);
		build_set16(frame.byte + 18, len);
		result = rig_run(rig, rig->access, &frame);
		rig_expect_refused(rig, &result, &frame,
				   len < 4 ? XP_R_PPPOE_LENGTH : XP_R_IP_LENGTH);
		assert_int_equal(rig->up[alice.slot].drops, len < 4 ? 0 : 1);
	}
}

/* ---- one byte changed */

static void expect_reason_at(struct rig *rig, const struct rig_session *session,
			     const struct frame *packet, uint32_t offset, uint8_t value,
			     enum xp_reason reason)
{
	struct frame frame = build_pppoe(&session->wrap, packet);
	struct rig_result result;
	void *state = rig;

	rig_reset(&state);
	rig_add(rig, session);
	frame.byte[offset] = value;
	result = rig_run(rig, rig->access, &frame);
	rig_expect_refused(rig, &result, &frame, reason);
	assert_int_equal(rig->up[session->slot].packets, 0);
	assert_int_equal(rig->up[session->slot].active, 0);
}

static void test_header_fields(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	expect_reason_at(rig, &alice, &packet, 14, 0x21, XP_R_PPPOE_HEADER); /* version */
	expect_reason_at(rig, &alice, &packet, 14, 0x12, XP_R_PPPOE_HEADER); /* type */
	expect_reason_at(rig, &alice, &packet, 15, 0x09, XP_R_PPPOE_HEADER); /* code */
	expect_reason_at(rig, &alice, &packet, 18, 0x05, XP_R_PPPOE_LENGTH);
	expect_reason_at(rig, &alice, &packet, 19, packet.len + 3, XP_R_PPPOE_LENGTH);
	expect_reason_at(rig, &alice, &packet, 16, 0x03, XP_R_NO_SESSION); /* session id */
	expect_reason_at(rig, &alice, &packet, 16, 0xff, XP_R_NO_SESSION); /* beyond the space */
	expect_reason_at(rig, &alice, &packet, 6, 0x06, XP_R_WRONG_PEER);
	expect_reason_at(rig, &alice, &packet, 11, 0x77, XP_R_WRONG_PEER);
	expect_reason_at(rig, &alice, &packet, 22, 0x55, XP_R_IP_HEADER);
	expect_reason_at(rig, &alice, &packet, 22, 0x44, XP_R_IP_HEADER);
	expect_reason_at(rig, &alice, &packet, 24, 0x7f, XP_R_IP_LENGTH);
	expect_reason_at(rig, &alice, &packet, 25, 19, XP_R_IP_LENGTH);
	expect_reason_at(rig, &alice, &packet, 25, packet.len + 1, XP_R_IP_LENGTH);
}

static void test_checksum(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	static const uint32_t offsets[] = { 23, 26, 30, 31, 32, 33, 37, 38, 41 };

	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		struct frame frame = build_pppoe(&alice.wrap, &packet);

		expect_reason_at(rig, &alice, &packet, offsets[i], frame.byte[offsets[i]] ^ 0x10,
				 XP_R_IP_CHECKSUM);
		assert_int_equal(rig->up[alice.slot].drops, 1);
	}
}

/* ---- PPP protocols */

static void check_protocol(struct rig *rig, uint16_t protocol, bool pfc, enum xp_reason reason)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	struct rig_session alice = rig_alice(rig);
	struct rig_result result;
	void *state = rig;

	rig_reset(&state);
	rig_add(rig, &alice);
	alice.wrap.protocol = protocol;
	alice.wrap.pfc = pfc;
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_refused(rig, &result, &frame, reason);
	assert_int_equal(rig->up[alice.slot].packets, 0);
}

static void test_protocols(void **state)
{
	static const uint16_t control[] = { 0x4001, 0x8021, 0x8057, 0x80fd, 0xc021,
					    0xc023, 0xc223, 0xc227, 0xfe23 };

	for (size_t i = 0; i < sizeof(control) / sizeof(*control); i++)
		check_protocol(*state, control[i], false, XP_R_P_CONTROL);
	check_protocol(*state, 0x0057, false, XP_R_P_IPV6);
	check_protocol(*state, 0x0057, true, XP_R_P_IPV6);
	check_protocol(*state, 0x00fd, false, XP_R_P_MPPE);
	check_protocol(*state, 0x00fd, true, XP_R_P_MPPE);
	check_protocol(*state, 0x002d, false, XP_R_P_PPP_PROTOCOL);
	check_protocol(*state, 0x0002, false, XP_R_P_PPP_PROTOCOL);
	check_protocol(*state, 0x3fff, false, XP_R_P_PPP_PROTOCOL);
	check_protocol(*state, 0x0023, true, XP_R_P_PPP_PROTOCOL);
}

/* Negotiation comes before any session is in the maps; other protocols do not. */
static void test_control_without_session(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct rig_result result;

	alice.wrap.protocol = 0xc021;
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_P_CONTROL);
	rig_reset(state);
	alice.wrap.protocol = 0x0057;
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_NO_SESSION);
}

static void test_other_ethertypes(void **state)
{
	static const uint16_t types[] = { 0x8863, 0x0806, 0x86dd, 0x8865 };
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	rig_add(rig, &alice);
	for (size_t i = 0; i < 4; i++) {
		struct frame frame = build_pppoe(&alice.wrap, &packet);
		struct rig_result result;

		build_set16(frame.byte + 12, types[i]);
		result = rig_run(rig, rig->access, &frame);
		rig_expect_ignored(rig, &result, &frame);
	}
}

/* ---- whose frame it is */

static void check_peer(struct rig *rig, const struct wrap_spec *wrap, uint32_t ifindex)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64);
	struct frame frame = build_pppoe(wrap, &packet);
	struct rig_session alice = rig_alice(rig);
	struct xp_session_up before;
	struct rig_result result;
	void *state = rig;

	rig_reset(&state);
	alice.wrap.tpid_outer = AD;
	alice.wrap.vid_outer = 100;
	alice.wrap.tpid_inner = Q;
	alice.wrap.vid_inner = 200;
	rig_add(rig, &alice);
	before = rig->up[alice.slot];
	result = rig_run(rig, ifindex, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_WRONG_PEER);
	assert_memory_equal(&before, &rig->up[alice.slot], sizeof(before));
}

static void test_wrong_peer(void **state)
{
	struct rig *rig = *state;
	struct wrap_spec right = rig_alice(rig).wrap, wrap;

	right.tpid_outer = AD;
	right.vid_outer = 100;
	right.tpid_inner = Q;
	right.vid_inner = 200;
	wrap = right;
	wrap.peer = rig_bob_mac;
	check_peer(rig, &wrap, rig->access);
	wrap = right;
	wrap.vid_outer = 101;
	check_peer(rig, &wrap, rig->access);
	wrap = right;
	wrap.vid_inner = 0x8c9;
	check_peer(rig, &wrap, rig->access);
	wrap = right;
	wrap.vid_outer = 200;
	wrap.vid_inner = 100;
	check_peer(rig, &wrap, rig->access);
	wrap = right;
	wrap.tpid_inner = 0;
	check_peer(rig, &wrap, rig->access);
	wrap = right;
	wrap.tpid_outer = wrap.tpid_inner = 0;
	check_peer(rig, &wrap, rig->access);
	if (rig->hook == RIG_XDP) { /* in tc, a frame to another device's MAC is not for us */
		check_peer(rig, &right, rig->core);
	}
}

/* Seen because the device is promiscuous. */
static void test_other_station(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct wrap_spec wrap = alice.wrap;
	struct rig_result result;

	rig_add(rig, &alice);
	wrap.own = rig_server_mac;
	frame = build_pppoe(&wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_ignored(rig, &result, &frame);
	/* of an id that no session has here, or damaged */
	wrap.sid = RIG_SID_BOB;
	frame = build_pppoe(&wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_ignored(rig, &result, &frame);
	frame.byte[14] = 0x21;
	result = rig_run(rig, rig->access, &frame);
	rig_expect_ignored(rig, &result, &frame);
}

static void test_states(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct rig_result result;

	frame = build_pppoe(&alice.wrap, &packet);
	rig_add(rig, &alice);
	rig->up[alice.slot].state = XP_STATE_FREE;
	result = rig_run(rig, rig->access, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_NO_SESSION);

	rig_reset(state);
	rig_add(rig, &alice);
	rig->up[alice.slot].state = XP_STATE_SLOW;
	result = rig_run(rig, rig->access, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_P_SLOW);
	assert_int_equal(rig_path(rig, XP_PATH_UP_SLOW).packets, 1);
	assert_int_equal(rig->up[alice.slot].packets, 0);
}

/* ---- ingress filter */

static void check_source(struct rig *rig, uint32_t src, enum xp_reason reason)
{
	struct frame packet = rig_packet(src, RIG_SERVER, 64),
		     after = rig_packet(src, RIG_SERVER, 63);
	struct rig_session alice = rig_alice(rig);
	struct frame frame = build_pppoe(&alice.wrap, &packet);
	struct rig_result result;
	struct frame expected;

	result = rig_run(rig, rig->access, &frame);
	if (reason) {
		rig_expect_refused(rig, &result, &frame, reason);
		assert_int_equal(rig->up[alice.slot].drops, 1);
	} else {
		expected = to_server(&after, rig);
		rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	}
}

static void test_ingress_filter(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	const uint32_t inside = IP(10, 77, 1, 5), bobs = IP(10, 77, 2, 5);

	rig_add(rig, &alice);
	check_source(rig, RIG_BOB, XP_R_SOURCE);

	rig_reset(state);
	rig_add(rig, &alice);
	rig->up[alice.slot].flags &= ~XP_F_INGRESS_FILTER;
	check_source(rig, RIG_BOB, XP_R_NONE);

	/* routes count only for the session that says it has some, and only its own */
	for (int i = 0; i < 3; i++) {
		rig_reset(state);
		rig_add(rig, &alice);
		rig_set_route(rig, IP(10, 77, 1, 0), 24, alice.line);
		rig_set_route(rig, IP(10, 77, 2, 0), 24, alice.line + 1);
		if (i != 1)
			rig->up[alice.slot].flags |= XP_F_ROUTES;
		check_source(rig, i == 2 ? bobs : inside, i ? XP_R_SOURCE : XP_R_NONE);
	}
}

/* Addresses that other sessions have are theirs, though within a net behind this one. */
static void test_ingress_filter_within_routes(void **state)
{
	const uint32_t outside = IP(10, 77, 1, 9), spare = IP(10, 0, 0, 9);
	const uint32_t sources[] = { RIG_BOB, outside, spare, IP(10, 77, 1, 8) };
	struct rig *rig = *state;

	for (int i = 0; i < 4; i++) {
		struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);

		rig_reset(state);
		if (i == 1) {
			bob.addr = outside;
			bob.line = RIG_LINE_OTHER;
			rig_set_address(rig, outside, bob.line);
		}
		rig_add(rig, &alice);
		rig_add(rig, &bob);
		rig->up[alice.slot].flags |= XP_F_ROUTES;
		rig_set_route(rig, RIG_POOL, 16, alice.line);
		rig_set_route(rig, IP(10, 77, 0, 0), 16, alice.line);
		check_source(rig, sources[i], i < 2 ? XP_R_SOURCE : XP_R_NONE);
	}
}

/* ---- what the stack has to do */

static void check_stack(struct rig *rig, const struct ip_spec *ip, enum xp_reason reason)
{
	struct rig_session alice = rig_alice(rig);
	struct frame packet = build_ip(ip), frame;
	struct rig_result result;

	alice.wrap.padding = 9;
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_stack(rig, &result, &alice, &packet, reason);
	assert_int_equal(rig->up[alice.slot].packets, 1);
	assert_int_equal(rig->up[alice.slot].bytes, packet.len);
}

static void test_stack(void **state)
{
	static uint8_t data[1400];
	const struct {
		uint32_t dst;
		uint8_t ttl, options;
		size_t len;
		enum xp_reason reason;
	} cases[] = {
		{ RIG_SERVER, 1, 0, 8, XP_R_P_TTL },
		{ RIG_SERVER, 0, 0, 8, XP_R_P_TTL },
		{ RIG_SERVER, 64, 4, 8, XP_R_P_IP_OPTIONS },
		{ RIG_SERVER, 64, 40, 8, XP_R_P_IP_OPTIONS },
		{ RIG_LOCAL, 64, 0, 8, XP_R_P_LOCAL },
		{ IP(224, 0, 0, 5), 64, 0, 8, XP_R_P_LOCAL },
		{ IP(0, 0, 0, 0), 64, 0, 8, XP_R_P_LOCAL },
		{ IP(0, 1, 2, 3), 64, 0, 8, XP_R_P_LOCAL },
		{ IP(127, 0, 0, 1), 64, 0, 8, XP_R_P_LOCAL },
		{ IP(255, 255, 255, 255), 64, 0, 8, XP_R_P_LOCAL },
		{ IP(192, 0, 2, 255), 64, 0, 8, XP_R_P_LOCAL },
		{ RIG_UNRESOLVED, 64, 0, 8, XP_R_P_NO_NEIGHBOUR },
		{ RIG_NARROW, 64, 0, 981, XP_R_P_MTU },
		{ RIG_FORBIDDEN, 64, 0, 8, XP_R_P_NO_ROUTE },
		{ RIG_ASIDE, 64, 0, 8, XP_R_P_NOT_ATTACHED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ip_spec ip = { .src = RIG_ALICE,
				      .dst = cases[i].dst,
				      .ttl = cases[i].ttl,
				      .proto = IPPROTO_UDP,
				      .options = cases[i].options,
				      .payload = data,
				      .len = cases[i].len };
		struct rig *rig = *state;
		struct rig_session alice = rig_alice(rig);

		print_message("case %zu\n", i);
		rig_reset(state);
		rig_add(rig, &alice);
		check_stack(rig, &ip, cases[i].reason);
	}
}

/* Without a filter, too, the fast path forwards nothing that the stack would not. */
static void test_martians(void **state)
{
	static const uint32_t sources[] = { 0, IP(0, 1, 2, 3), IP(127, 0, 0, 1), IP(224, 0, 0, 5),
					    IP(255, 255, 255, 255) };
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);

	for (size_t i = 0; i < 2 * sizeof(sources) / sizeof(*sources); i++) {
		struct ip_spec ip = { .src = sources[i / 2],
				      .dst = i & 1 ? RIG_BOB : RIG_SERVER,
				      .ttl = 64,
				      .proto = 99 };

		rig_reset(state);
		rig_add(rig, &alice);
		rig_add(rig, &bob);
		rig->up[alice.slot].flags &= ~XP_F_INGRESS_FILTER;
		check_stack(rig, &ip, XP_R_P_MARTIAN);
	}
}

static void test_mtu_just_fits(void **state)
{
	static uint8_t data[980];
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct ip_spec ip = { .src = RIG_ALICE,
			      .dst = RIG_NARROW,
			      .ttl = 64,
			      .proto = 99,
			      .payload = data,
			      .len = sizeof(data) };
	struct frame packet = build_ip(&ip), frame = build_pppoe(&alice.wrap, &packet);
	struct rig_result result;

	rig_add(rig, &alice);
	result = rig_run(rig, rig->access, &frame);
	ip.ttl = 63;
	packet = build_ip(&ip);
	frame = to_server(&packet, rig);
	rig_expect_sent(rig, &result, &frame, XP_PATH_UP_FAST);
}

static void test_forward_stack(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct ip_spec ip = { .src = RIG_ALICE, .dst = RIG_SERVER, .ttl = 64, .proto = 99 };

	rig_add(rig, &alice);
	rig->up[alice.slot].flags |= XP_F_STACK;
	check_stack(rig, &ip, XP_R_P_STACK);
}

static void test_core_not_attached(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct ip_spec ip = { .src = RIG_ALICE, .dst = RIG_SERVER, .ttl = 64, .proto = 99 };

	rig_add(rig, &alice);
	rig_set_device(rig, rig->core, false);
	check_stack(rig, &ip, XP_R_P_NOT_ATTACHED);
}

static void test_no_concentrator(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct rig_result result;

	rig_add(rig, &alice);
	rig->up[alice.slot].concentrator = XP_CONCENTRATORS;
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_NO_SESSION);
}

/* ---- id spaces */

/* The same session id on three VLANs, each in the space that its VLAN chooses. */
static void test_spaces(void **state)
{
	struct rig *rig = *state;

	rig_load(rig, (struct rig_dims){ .spaces = 5, .space_size = 1000 });
	for (uint16_t vid = 1; vid <= 3; vid++) {
		struct rig_session alice = rig_alice(rig);
		struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
		struct rig_result result;

		rig_reset(state);
		alice.wrap.tpid_outer = Q;
		alice.wrap.vid_outer = vid;
		alice.slot += 1000 * xp_slot_space(rig->access, vid, 0, 5);
		rig_add(rig, &alice);
		frame = build_pppoe(&alice.wrap, &packet);
		result = rig_run(rig, rig->access, &frame);
		packet = rig_packet(RIG_ALICE, RIG_SERVER, 63);
		frame = to_server(&packet, rig);
		rig_expect_sent(rig, &result, &frame, XP_PATH_UP_FAST);
		assert_int_equal(rig->up[alice.slot].packets, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_forms, rig_reset),
		cmocka_unit_test_setup(test_three_tags, rig_reset),
		cmocka_unit_test_setup(test_largest_and_smallest, rig_reset),
		cmocka_unit_test_setup(test_ttl_checksum, rig_reset),
		cmocka_unit_test_setup(test_ttl_carry, rig_reset),
		cmocka_unit_test_setup(test_truncation, rig_reset),
		cmocka_unit_test_setup(test_short_length, rig_reset),
		cmocka_unit_test_setup(test_header_fields, rig_reset),
		cmocka_unit_test_setup(test_checksum, rig_reset),
		cmocka_unit_test_setup(test_protocols, rig_reset),
		cmocka_unit_test_setup(test_control_without_session, rig_reset),
		cmocka_unit_test_setup(test_other_ethertypes, rig_reset),
		cmocka_unit_test_setup(test_wrong_peer, rig_reset),
		cmocka_unit_test_setup(test_other_station, rig_reset),
		cmocka_unit_test_setup(test_states, rig_reset),
		cmocka_unit_test_setup(test_ingress_filter, rig_reset),
		cmocka_unit_test_setup(test_ingress_filter_within_routes, rig_reset),
		cmocka_unit_test_setup(test_stack, rig_reset),
		cmocka_unit_test_setup(test_martians, rig_reset),
		cmocka_unit_test_setup(test_mtu_just_fits, rig_reset),
		cmocka_unit_test_setup(test_forward_stack, rig_reset),
		cmocka_unit_test_setup(test_core_not_attached, rig_reset),
		cmocka_unit_test_setup(test_no_concentrator, rig_reset),
		/* last, as what it loads is left */
		cmocka_unit_test_setup(test_spaces, rig_reset),
	};

	return rig_tests(tests);
}
