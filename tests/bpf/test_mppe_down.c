/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Encrypted packets downstream, by the plain home: the reference must understand them. */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "rig_mppe.h"
#include "xpppd.skel.h"

static const unsigned int key_bits[] = { 40, 56, 128 };

static struct frame to_core(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig->core_mac, rig_server_mac, packet);
}

static struct frame to_dp(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig->concentrator_mac, rig->concentrator_mac, packet);
}

/* What stands in front of PPP's payload in a session's frames. */
static size_t header_size(struct rig_mppe *session)
{
	struct frame none = { .len = 0 };

	return rig_mppe_down(session, 0x00fd, &none).len;
}

/* A well-formed frame to the peer, who finds this packet in it. */
static void expect_encrypted(struct rig_mppe *session, const struct rig_result *result,
			     const struct frame *packet)
{
	size_t header = header_size(session);
	struct frame payload = { .len = 0 }, expected;
	uint8_t clear[BUILD_MAX];

	assert_int_equal(result->verdict, RIG_REDIRECT);
	assert_int_equal(result->frame.len, header + XP_MPPE_HEADER + 2 + packet->len);
	frame_add(&payload, result->frame.byte + header, result->frame.len - header);
	expected = rig_mppe_down(session, 0x00fd, &payload);
	assert_int_equal(result->frame.len, expected.len);
	assert_memory_equal(result->frame.byte, expected.byte, expected.len);
	session->pptp.down.number++;
	session->l2tp.down.ns++;
	assert_true(peer_receive(&session->in, payload.byte, payload.len, clear));
	assert_int_equal(build_get16(clear), 0x0021);
	assert_memory_equal(clear + 2, packet->byte, packet->len);
}

static void core_and_expect(struct rig *rig, struct rig_mppe *session, size_t len)
{
	struct frame packet = rig_mppe_packet(session, false, len, 64);
	struct frame frame = to_core(rig, &packet);
	struct rig_result result = rig_run(rig, rig->core, &frame);

	packet = rig_mppe_packet(session, false, len, 63);
	expect_encrypted(session, &result, &packet);
}

static void stack_and_expect(struct rig *rig, struct rig_mppe *session, size_t len)
{
	struct frame packet = rig_mppe_packet(session, false, len, 64);
	struct frame frame = to_dp(rig, &packet);
	struct rig_result result = rig_run_dp(rig, &frame);

	expect_encrypted(session, &result, &packet);
}

static void expect_refused(struct rig *rig, const struct rig_result *result,
			   const struct frame *frame, enum xp_reason reason, uint64_t times)
{
	assert_int_equal(rig_drops(rig, reason), times);
	assert_int_equal(result->verdict, XP_REASON_IS_PUNT(reason) ? RIG_PASS : RIG_DROP);
	if (XP_REASON_IS_PUNT(reason)) {
		assert_int_equal(result->frame.len, frame->len);
		assert_memory_equal(result->frame.byte, frame->byte, frame->len);
	}
}

static void test_lengths(void **state)
{
	static const size_t lengths[] = { 20, 21, 28, 29, 30, 31, 32, 45, 46,  47,  61,  62,
					  63, 64, 65, 93, 94, 95, 96, 97, 511, 512, 1023 };
	struct rig *rig = *state;

	for (int carrier = 0; carrier < RIG_CARRIERS; carrier++)
		for (int i = 0; i < 6; i++) {
			uint64_t bytes = 0, packets = 0;
			struct rig_mppe session;
			size_t most;

			rig_mppe_add(rig, &session, carrier, key_bits[i % 3], i >= 3);
			most = rig_mppe_most(rig, &session);
			for (size_t n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
				core_and_expect(rig, &session, lengths[n]);
				stack_and_expect(rig, &session, lengths[n]);
				bytes += 2 * lengths[n];
				packets += 2;
			}
			for (size_t len = most - 16; len <= most; len++) {
				core_and_expect(rig, &session, len);
				bytes += len;
				packets++;
			}
			assert_int_equal(rig_drops_all(rig), 0);
			assert_int_equal(rig->down[session.line].packets, packets);
			assert_int_equal(rig->down[session.line].bytes, bytes);
			rig_mppe_remove(rig, &session);
		}
}

static void test_the_count_goes_round(void **state)
{
	struct rig *rig = *state;

	for (int stateful = 0; stateful < 2; stateful++) {
		struct rig_mppe session;

		rig_mppe_add(rig, &session, RIG_PPPOE, 40, stateful);
		for (int i = 0; i < 4096 + 300; i++)
			core_and_expect(rig, &session, 40);
		assert_int_equal(rig_drops_all(rig), 0);
		rig_mppe_remove(rig, &session);
	}
}

/* The peer asked for it: both kinds understand the next packet whatever they missed. */
static void test_beginning_anew(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 6; i++) {
		struct rig_mppe session;

		rig_mppe_add(rig, &session, RIG_L2TP, 128, true);
		rig_mppe_rekey(rig, &session, i % 2 ? PEER_LINUX : PEER_RFC, key_bits[i / 2], true);
		for (int n = 0; n < 10; n++)
			core_and_expect(rig, &session, 100);
		for (int resets = 0; resets < 20; resets++) {
			for (int n = 0; n < 7; n++) {
				struct frame packet = rig_mppe_packet(&session, false, 77, 64);
				struct frame frame = to_core(rig, &packet);

				assert_int_equal(rig_run(rig, rig->core, &frame).verdict,
						 RIG_REDIRECT);
				session.l2tp.down.ns++;
			}
			session.in.lost = true;
			session.state->out.flags |= XP_MPPE_F_FLUSH;
			for (int n = 0; n < 5; n++)
				core_and_expect(rig, &session, 100);
			assert_false(session.state->out.flags & XP_MPPE_F_FLUSH);
		}
		rig_mppe_remove(rig, &session);
	}
}

/* Encryption makes it four bytes less. */
static void test_too_big(void **state)
{
	struct rig *rig = *state;

	for (int carrier = 0; carrier < RIG_CARRIERS; carrier++) {
		struct rig_mppe session;
		struct frame packet, frame;
		struct rig_result result;

		rig_mppe_add(rig, &session, carrier, 128, false);
		packet = rig_mppe_packet(&session, false, rig_mppe_most(rig, &session) + 1, 64);
		frame = to_core(rig, &packet);
		result = rig_run(rig, rig->core, &frame);
		expect_refused(rig, &result, &frame, XP_R_P_MTU, 1);
		frame = to_dp(rig, &packet);
		result = rig_run_dp(rig, &frame);
		expect_refused(rig, &result, &frame, XP_R_TOO_BIG, 1);
		core_and_expect(rig, &session, 100);
		rig_mppe_remove(rig, &session);
	}
}

/* Longer than plain BPF can copy: the agent encrypts it. */
static void test_jumbo_is_for_the_agent(void **state)
{
	const size_t most = XP_MPPE_PLAIN_MAX - XP_MPPE_OVERHEAD;
	struct rig *rig = *state;
	struct frame packet, frame;
	struct rig_result result;
	struct rig_mppe session;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	rig->down[session.line].mtu = most + 100;
	core_and_expect(rig, &session, most);
	stack_and_expect(rig, &session, most);
	packet = rig_mppe_packet(&session, false, most + 1, 64);
	frame = to_core(rig, &packet);
	result = rig_run(rig, rig->core, &frame);
	expect_refused(rig, &result, &frame, XP_R_P_MPPE, 1);
	frame = to_dp(rig, &packet);
	result = rig_run_dp(rig, &frame);
	assert_int_equal(rig_drops(rig, XP_R_P_MPPE), 2);
	assert_int_equal(result.verdict, rig->hook == RIG_XDP ? RIG_PASS : RIG_DROP);
	assert_int_equal(rig_path(rig, XP_PATH_DOWN_SLOW).packets, 1);
	core_and_expect(rig, &session, most);
	rig_mppe_remove(rig, &session);
}

/* A TCP segment of the server's with an MSS option. */
static struct frame syn(uint32_t to, uint16_t mss)
{
	struct tcphdr tcp = {
		.source = htons(443), .dest = htons(50000), .doff = 6, .syn = 1, .window = 9
	};
	uint8_t segment[24];
	struct ip_spec ip = { .src = RIG_SERVER,
			      .dst = to,
			      .ttl = 64,
			      .proto = IPPROTO_TCP,
			      .payload = segment,
			      .len = sizeof(segment) };

	memcpy(segment, &tcp, sizeof(tcp));
	memcpy(segment + 20, "\x02\x04", 2);
	build_set16(segment + 22, mss);
	return build_ip(&ip);
}

static void test_mss_before_encryption(void **state)
{
	struct rig *rig = *state;

	for (int carrier = 0; carrier < RIG_CARRIERS; carrier++) {
		struct rig_mppe session;
		struct frame packet, frame;
		struct rig_result result;

		rig_mppe_add(rig, &session, carrier, 128, false);
		packet = syn(session.addr, 1460);
		frame = to_dp(rig, &packet);
		result = rig_run_dp(rig, &frame);
		packet = syn(session.addr, (uint16_t)(rig_mppe_most(rig, &session) - 40));
		assert_true(build_checksums_ok(packet.byte, packet.len));
		expect_encrypted(&session, &result, &packet);
		rig_mppe_remove(rig, &session);
	}
}

/* A checksum that the device was to make: over what is encrypted it would be made too late. */
static void test_unfinished_checksums(void **state)
{
	struct rig *rig = *state;
	struct rig_mppe session;
	struct frame packet, frame;
	struct rig_result result;
	uint32_t sum;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = syn(session.addr, 1200);
	sum = (RIG_SERVER >> 16) + (RIG_SERVER & 0xffff) + (session.addr >> 16) +
	      (session.addr & 0xffff) + IPPROTO_TCP + 24;
	sum = (sum & 0xffff) + (sum >> 16);
	build_set16(packet.byte + 20 + 16, (uint16_t)((sum & 0xffff) + (sum >> 16)));
	frame = to_core(rig, &packet);
	result = rig_run(rig, rig->core, &frame);
	expect_refused(rig, &result, &frame, XP_R_P_CHECKSUM, 1);
	core_and_expect(rig, &session, 100);
	rig_mppe_remove(rig, &session);
}

static void test_super_packets(void **state)
{
	struct rig *rig = *state;
	struct rig_mppe session;
	struct frame packet, frame;
	struct rig_result result;

	if (rig->hook != RIG_TC) /* XDP sees none */
		return;
	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = rig_mppe_packet(&session, false, 1400, 64);
	frame = to_core(rig, &packet);
	rig->gso_size = 700;
	result = rig_run(rig, rig->core, &frame);
	expect_refused(rig, &result, &frame, XP_R_P_GSO, 1);
	rig_mppe_remove(rig, &session);
}

static void test_without_keys_nothing_passes(void **state)
{
	struct rig *rig = *state;

	for (int carrier = 0; carrier < RIG_CARRIERS; carrier++) {
		struct rig_mppe session;
		struct frame packet, frame;
		struct rig_result result;

		rig_mppe_add(rig, &session, carrier, 128, false);
		memset(session.state, 0, sizeof(*session.state));
		packet = rig_mppe_packet(&session, false, 100, 64);
		frame = to_core(rig, &packet);
		result = rig_run(rig, rig->core, &frame);
		expect_refused(rig, &result, &frame, XP_R_MPPE_KEYS, 1);
		frame = to_dp(rig, &packet);
		result = rig_run_dp(rig, &frame);
		expect_refused(rig, &result, &frame, XP_R_MPPE_KEYS, 2);
		assert_int_equal(rig->down[session.line].packets, 0);
		rig_mppe_remove(rig, &session);
	}
}

static void test_without_a_home(void **state)
{
	struct rig *rig = *state;
	struct rig_mppe session;
	struct frame packet, frame;
	struct rig_result result;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = rig_mppe_packet(&session, false, 100, 64);
	rig_mppe_home(rig, false);
	frame = to_core(rig, &packet);
	result = rig_run(rig, rig->core, &frame);
	expect_refused(rig, &result, &frame, XP_R_P_MPPE, 1);
	frame = to_dp(rig, &packet);
	result = rig_run_dp(rig, &frame);
	assert_int_equal(rig_drops(rig, XP_R_P_MPPE), 2);
	assert_int_equal(result.verdict, rig->hook == RIG_XDP ? RIG_PASS : RIG_DROP);
	assert_int_equal(rig_path(rig, XP_PATH_DOWN_SLOW).packets, 1);
	rig_mppe_home(rig, true);
	core_and_expect(rig, &session, 100);
	rig_mppe_remove(rig, &session);
}

/* Between sessions: from the encrypted one to the clear one at once, the other way by the stack,
 * because only the programs for encryption encrypt. */
static void test_between_sessions(void **state)
{
	struct rig *rig = *state;

	for (int carrier = 0; carrier < RIG_CARRIERS; carrier++) {
		struct rig_session bob = rig_bob(rig), mac = { 0 };
		struct frame packet, frame, expected;
		struct rig_mppe session;
		struct rig_result result;
		void *reset = rig;

		rig_mppe_add(rig, &session, carrier, 128, false);
		rig_add(rig, &bob);
		packet = rig_packet(session.addr, bob.addr, 64);
		frame = rig_mppe_send(&session, &packet);
		packet = rig_packet(session.addr, bob.addr, 63);
		result = rig_run(rig, rig->access, &frame);
		expected = build_pppoe_down(&bob.wrap, &packet);
		rig_expect_sent(rig, &result, &expected, XP_PATH_HAIRPIN);
		rig_mppe_remove(rig, &session);

		rig_mppe_add(rig, &session, carrier, 128, false);
		rig_add(rig, &bob);
		packet = rig_packet(bob.addr, session.addr, 64);
		frame = build_pppoe(&bob.wrap, &packet);
		result = rig_run(rig, rig->access, &frame);
		mac.wrap.peer = bob.wrap.peer;
		rig_expect_stack(rig, &result, &mac, &packet, XP_R_P_MPPE);
		rig_mppe_remove(rig, &session);
		rig_reset(&reset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_the_count_goes_round),
		cmocka_unit_test(test_beginning_anew),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_jumbo_is_for_the_agent),
		cmocka_unit_test(test_mss_before_encryption),
		cmocka_unit_test(test_unfinished_checksums),
		cmocka_unit_test(test_super_packets),
		cmocka_unit_test(test_without_keys_nothing_passes),
		cmocka_unit_test(test_without_a_home),
		cmocka_unit_test(test_between_sessions),
	};

	return rig_mppe_tests(tests);
}
