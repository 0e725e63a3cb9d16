/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPTP downstream: from the core, out of the stack, and from session to session. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <string.h>

#include "rig_l2tp.h"
#include "rig_pptp.h"

static struct frame from_server(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig->core_mac, rig_server_mac, packet);
}

static struct frame from_stack(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig->concentrator_mac, rig->concentrator_mac, packet);
}

static struct rig_pptp begin(struct rig *rig)
{
	struct rig_pptp erin = rig_erin(rig);
	void *state = rig;

	rig_reset(&state);
	rig_add_pptp(rig, &erin);
	return erin;
}

static struct frame packet_of(size_t len, uint8_t ttl)
{
	static uint8_t data[1500];
	struct ip_spec ip = { .src = RIG_SERVER,
			      .dst = RIG_ERIN,
			      .ttl = ttl,
			      .proto = 99,
			      .payload = data,
			      .len = len - 20 };

	for (size_t i = 0; i < ip.len; i++)
		data[i] = (uint8_t)(i * 7);
	return build_ip(&ip);
}

/* Byte for byte, before and after something came in. */
static void test_forms(void **state)
{
	static const size_t sizes[] = { 20, 21, 61, 512, 1399, RIG_PPTP_MTU };
	struct rig *rig = *state;

	for (int ack = 0; ack < 2; ack++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct frame packet = packet_of(sizes[i], 64);
			struct frame after = packet_of(sizes[i], 63);
			struct rig_pptp erin = begin(rig);
			struct frame frame = from_server(rig, &packet), expected;
			struct rig_result result;

			if (ack) {
				rig_pptp_received(rig, &erin, 0x01020304);
				rig->up[erin.slot].pptp.acked = 0x01020300;
			}
			erin.down.ack = ack;
			erin.down.ack_number = 0x01020304;
			expected = build_pptp(&erin.down, &after);
			result = rig_run(rig, rig->core, &frame);
			rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_FAST);
			assert_int_equal(rig->down[erin.line].packets, 1);
			assert_int_equal(rig->down[erin.line].bytes, sizes[i]);
			assert_int_equal(rig->up[erin.slot].pptp.acked,
					 ack ? 0x01020304 : UINT32_MAX);
		}
}

/* Each packet has the next number and the newest that came in. */
static void test_numbers(void **state)
{
	struct frame packet = packet_of(40, 64), after = packet_of(40, 63);
	struct rig *rig = *state;
	struct rig_pptp erin = rig_erin(rig);
	struct frame frame = from_server(rig, &packet), expected;
	struct rig_result result;

	rig_reset(state);
	erin.down.number = UINT32_MAX - 2;
	erin.down.ack = true;
	rig_add_pptp(rig, &erin);
	for (uint32_t i = 0; i < 6; i++, erin.down.number++) {
		rig->up[erin.slot].sequence = erin.down.ack_number = UINT32_MAX - 4 + i;
		erin.down.ack = erin.down.ack_number != UINT32_MAX;
		result = rig_run(rig, rig->core, &frame);
		expected = build_pptp(&erin.down, &after);
		assert_int_equal(result.frame.len, expected.len);
		assert_memory_equal(result.frame.byte, expected.byte, expected.len);
	}
	/* one that is not sent takes no number */
	rig->down[erin.line].mtu = 39;
	rig_run(rig, rig->core, &frame);
	assert_int_equal(rig->down[erin.line].pptp.sequence, erin.down.number);
}

static void test_mtu(void **state)
{
	struct frame packet = packet_of(RIG_PPTP_MTU + 1, 64), frame;
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct rig_result result;

	frame = from_server(rig, &packet);
	result = rig_run(rig, rig->core, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_P_MTU);
	assert_int_equal(rig->down[erin.line].pptp.sequence, erin.down.number);
}

static void test_out_of_stack(void **state)
{
	struct frame packet = packet_of(100, 64);
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct frame frame = from_stack(rig, &packet), expected = build_pptp(&erin.down, &packet);
	struct rig_result result = rig_run_dp(rig, &frame);

	rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_STACK);
}

/* The peer's neighbour is unknown. */
static void test_peer_without_neighbour(void **state)
{
	struct frame packet = packet_of(100, 64);
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct frame frame = from_server(rig, &packet);
	struct rig_result result;

	rig->down[erin.line].pptp.peer = htonl(IP(172, 16, 0, 77));
	result = rig_run(rig, rig->core, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_P_NO_NEIGHBOUR);
}

/* From a session of each kind to Erin's, and back. */
static void test_hairpin(void **state)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_ERIN, 64);
	struct frame after = rig_packet(RIG_CAROL, RIG_ERIN, 63);
	struct frame back = rig_packet(RIG_ERIN, RIG_CAROL, 64);
	struct frame back_after = rig_packet(RIG_ERIN, RIG_CAROL, 63);
	struct rig *rig = *state;

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct rig_pptp erin = begin(rig);
		struct rig_l2tp carol = rig_carol(rig, ipv6, true);
		struct frame frame = build_l2tp(&carol.up, &packet), expected;
		struct rig_result result;

		rig_add_l2tp(rig, &carol);
		expected = build_pptp(&erin.down, &after);
		result = rig_run(rig, rig->access, &frame);
		rig_expect_sent(rig, &result, &expected, XP_PATH_HAIRPIN);
		frame = build_pptp(&erin.up, &back);
		expected = build_l2tp(&carol.down, &back_after);
		result = rig_run(rig, rig->access, &frame);
		assert_int_equal(result.verdict, RIG_REDIRECT);
		assert_int_equal(result.frame.len, expected.len);
		assert_memory_equal(result.frame.byte, expected.byte, expected.len);
	}
}

static void test_hairpin_pppoe(void **state)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_ERIN, 64);
	struct frame after = rig_packet(RIG_ALICE, RIG_ERIN, 63);
	struct frame back = rig_packet(RIG_ERIN, RIG_ALICE, 64);
	struct frame back_after = rig_packet(RIG_ERIN, RIG_ALICE, 63);
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct rig_session alice = rig_alice(rig);
	struct frame frame = build_pppoe(&alice.wrap, &packet), expected;
	struct rig_result result;

	rig_add(rig, &alice);
	expected = build_pptp(&erin.down, &after);
	result = rig_run(rig, rig->access, &frame);
	rig_expect_sent(rig, &result, &expected, XP_PATH_HAIRPIN);
	frame = build_pptp(&erin.up, &back);
	expected = build_pppoe_down(&alice.wrap, &back_after);
	result = rig_run(rig, rig->access, &frame);
	assert_int_equal(result.verdict, RIG_REDIRECT);
	assert_memory_equal(result.frame.byte, expected.byte, expected.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_forms, rig_reset),
		cmocka_unit_test_setup(test_numbers, rig_reset),
		cmocka_unit_test_setup(test_mtu, rig_reset),
		cmocka_unit_test_setup(test_out_of_stack, rig_reset),
		cmocka_unit_test_setup(test_peer_without_neighbour, rig_reset),
		cmocka_unit_test_setup(test_hairpin, rig_reset),
		cmocka_unit_test_setup(test_hairpin_pppoe, rig_reset),
	};

	return rig_tests(tests);
}
