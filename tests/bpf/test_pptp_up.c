/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPTP upstream: forms of GRE's header, whose packet it is, numbers, acknowledgements asked for. */
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <net/ethernet.h>
#include <string.h>

#include "rig_l2tp.h"
#include "rig_pptp.h"
#include "xpppd.skel.h"

static struct frame to_server(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig_server_mac, rig->core_mac, packet);
}

static struct rig_result run_up(struct rig *rig, const struct frame *frame)
{
	return rig_run(rig, rig->access, frame);
}

static struct rig_pptp begin(struct rig *rig)
{
	struct rig_pptp erin = rig_erin(rig);
	void *state = rig;

	rig_reset(&state);
	rig_add_pptp(rig, &erin);
	return erin;
}

static void expect_through(struct rig *rig, const struct rig_pptp *erin)
{
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64);
	struct frame after = rig_packet(RIG_ERIN, RIG_SERVER, 63);
	struct frame frame = build_pptp(&erin->up, &packet), expected = to_server(rig, &after);
	struct rig_result result = run_up(rig, &frame);

	rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	assert_int_equal(rig->up[erin->slot].packets, 1);
	assert_int_equal(rig->up[erin->slot].bytes, packet.len);
	assert_int_equal(rig->up[erin->slot].drops, 0);
	assert_in_range(rig->up[erin->slot].active, rig_now() - 1, rig_now());
}

/* drops: of the session. */
static void expect_refused(struct rig *rig, const struct rig_pptp *erin, const struct frame *frame,
			   enum xp_reason reason, unsigned int drops)
{
	uint32_t newest = rig->up[erin->slot].sequence;
	struct rig_result result = run_up(rig, frame);

	rig_expect_refused(rig, &result, frame, reason);
	assert_int_equal(rig->up[erin->slot].packets, 0);
	assert_int_equal(rig->up[erin->slot].drops, drops);
	assert_int_equal(rig->up[erin->slot].sequence, newest);
}

static void expect_other(struct rig *rig, const struct rig_pptp *erin, const struct pptp_spec *spec,
			 enum xp_reason reason)
{
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64);
	struct frame frame = build_pptp(spec, &packet);

	expect_refused(rig, erin, &frame, reason, 0);
}

static void expect_ignored(struct rig *rig, const struct pptp_spec *spec)
{
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64);
	struct frame frame = build_pptp(spec, &packet);
	struct rig_result result = run_up(rig, &frame);

	rig_expect_ignored(rig, &result, &frame);
}

/* ---- forms */

static void test_forms(void **state)
{
	static const size_t tails[] = { 0, 1, 18 };
	struct rig *rig = *state;

	for (unsigned int form = 0; form < 8; form++)
		for (size_t i = 0; i < 3; i++)
			for (size_t j = 0; j < 2; j++) {
				struct rig_pptp erin = begin(rig);

				erin.up.ack = form & 1;
				erin.up.ack_number = 0xfffffff0;
				erin.up.ff03 = form & 2;
				erin.up.pfc = form & 4;
				erin.up.padding = tails[i];
				erin.up.beyond = j ? 3 : 0;
				expect_through(rig, &erin);
			}
}

/* What tells numbers only is taken note of: nothing passes and nothing is counted as dropped. */
static void test_acknowledgement_alone(void **state)
{
	struct rig *rig = *state;

	for (int form = 0; form < 3; form++) {
		struct rig_pptp erin = begin(rig);
		struct rig_result result;
		struct frame frame;

		erin.up.no_sequence = form != 1;
		erin.up.ack = form != 2;
		erin.up.ack_number = 99;
		frame = build_pptp(&erin.up, NULL);
		result = run_up(rig, &frame);
		assert_int_equal(result.verdict, RIG_DROP);
		assert_int_equal(rig_drops_all(rig), 0);
		assert_int_equal(rig->up[erin.slot].sequence, UINT32_MAX);
		/* a slow session's go to the agent, which keeps a window */
		rig->up[erin.slot].state = XP_STATE_SLOW;
		expect_refused(rig, &erin, &frame, XP_R_P_PPTP, 0);
	}
}

static void test_other_gre(void **state)
{
	static const uint16_t wrong[] = { 0x8000, 0x4000, 0x2000, 0x0800, 0x0100, 0x0400,
					  0x0008, 0x0040, 0x0001, 0x0002, 0x0004 };
	struct rig *rig = *state;
	struct rig_pptp erin;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		erin = begin(rig);
		erin.up.flags = wrong[i];
		expect_ignored(rig, &erin.up);
	}
	erin = begin(rig);
	erin.up.type = 0x0800;
	expect_ignored(rig, &erin.up);
}

/* ---- lengths */

static void test_lengths(void **state)
{
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64), whole;
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	uint32_t full = packet.len + 4;
	size_t at;

	whole = build_pptp(&erin.up, &packet);
	at = build_pptp_at(&erin.up) + 4;
	for (uint32_t len = 1; len < full; len++) {
		struct frame frame = whole;

		begin(rig);
		build_set16(frame.byte + at, (uint16_t)len);
		if (len < 4) {
			expect_refused(rig, &erin, &frame, XP_R_PPTP_LENGTH, 1);
		} else {
			struct rig_result result = run_up(rig, &frame);

			rig_expect_refused(rig, &result, &frame, XP_R_IP_LENGTH);
		}
	}
	begin(rig);
	build_set16(whole.byte + at, (uint16_t)(full + 1));
	expect_refused(rig, &erin, &whole, XP_R_PPTP_LENGTH, 1);
	build_set16(whole.byte + at, 0xffff);
	begin(rig);
	expect_refused(rig, &erin, &whole, XP_R_PPTP_LENGTH, 1);
}

/* The frame ends anywhere: never taken, never more than dropped. */
static void test_truncated(void **state)
{
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64), whole;
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);

	erin.up.ack = true;
	whole = build_pptp(&erin.up, &packet);
	/* the kernel makes no test run of a tc program on less than an IP header */
	for (uint32_t len = ETHER_HDR_LEN + 20; len < whole.len; len++) {
		struct frame frame = whole;
		struct rig_result result;

		begin(rig);
		frame.len = len;
		result = run_up(rig, &frame);
		assert_int_not_equal(result.verdict, RIG_REDIRECT);
		assert_int_equal(rig->up[erin.slot].packets, 0);
		assert_int_equal(rig->up[erin.slot].sequence, UINT32_MAX);
	}
}

static void test_outer_ip(void **state)
{
	static const struct {
		uint32_t offset;
		uint8_t value;
		enum xp_reason reason;
	} cases[] = {
		{ 16, 0x10, XP_R_IP_LENGTH },
		{ 17, 19, XP_R_IP_LENGTH },
		{ 15, 0x01, XP_R_IP_CHECKSUM },
		{ 24, 0x42, XP_R_IP_CHECKSUM },
	};
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64);
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig_pptp erin = begin(rig);
		struct frame frame = build_pptp(&erin.up, &packet);

		frame.byte[cases[i].offset] = cases[i].value;
		expect_refused(rig, &erin, &frame, cases[i].reason, 1);
	}
}

/* ---- whose it is */

static void test_key(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin;

	for (unsigned int i = 0; i < 32; i++) {
		erin = begin(rig);
		erin.up.src ^= 1u << i;
		expect_other(rig, &erin, &erin.up, XP_R_PPTP_PEER);
		/* not to us, then: left alone, whoever sent it */
		erin = begin(rig);
		erin.up.dst ^= 1u << i;
		expect_other(rig, &erin, &erin.up, XP_R_P_PPTP);
	}
	for (unsigned int i = 0; i < 16; i++) {
		erin = begin(rig);
		erin.up.call_id ^= (uint16_t)(1u << i);
		expect_other(rig, &erin, &erin.up, XP_R_P_PPTP);
	}
}

static void test_other_peers_call(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig), frank = rig_frank(rig);

	rig_add_pptp(rig, &frank);
	frank.up.call_id = erin.up.call_id;
	expect_other(rig, &erin, &frank.up, XP_R_PPTP_PEER);
}

static void test_station_and_vlan(void **state)
{
	static const uint8_t station[6] = { 2, 9, 9, 9, 9, 9 };
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64), frame, tagged = { .len = 0 };
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct rig_result result;

	frame = build_pptp(&erin.up, &packet);
	frame_add(&tagged, frame.byte, 12);
	frame_add16(&tagged, 0x8100);
	frame_add16(&tagged, 7);
	frame_add(&tagged, frame.byte + 12, frame.len - 12);
	result = run_up(rig, &tagged);
	rig_expect_ignored(rig, &result, &tagged);
	erin.up.dst_mac = station;
	/* tests do not say for whom a frame is */
	if (rig->hook == RIG_XDP)
		expect_ignored(rig, &erin.up);
}

static void test_fragments_and_options(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);

	erin.up.frag = 0x2000;
	expect_other(rig, &erin, &erin.up, XP_R_P_FRAGMENT);
	erin = begin(rig);
	erin.up.options = 4;
	expect_other(rig, &erin, &erin.up, XP_R_P_FRAGMENT);
	erin = begin(rig);
	erin.up.frag = 0x0010;
	expect_ignored(rig, &erin.up);
}

static void test_super_packet(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);

	if (rig->hook != RIG_TC)
		return;
	rig->gso_size = 100;
	expect_other(rig, &erin, &erin.up, XP_R_P_GSO);
}

/* ---- what is inside */

static void test_protocols(void **state)
{
	static const struct {
		uint16_t protocol;
		enum xp_reason reason;
	} cases[] = {
		{ 0xc021, XP_R_P_CONTROL },
		{ 0x80fd, XP_R_P_CONTROL },
		{ 0x0057, XP_R_P_IPV6 },
		{ 0x0031, XP_R_P_PPP_PROTOCOL },
	};
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64), frame;
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig_pptp erin = begin(rig);
		struct rig_result result;

		erin.up.protocol = cases[i].protocol;
		erin.up.number = 5;
		frame = build_pptp(&erin.up, &packet);
		result = run_up(rig, &frame);
		rig_expect_refused(rig, &result, &frame, cases[i].reason);
		assert_int_equal(rig->up[erin.slot].drops, 0);
		/* the agent takes note of a control packet's number itself */
		if (cases[i].reason == XP_R_P_CONTROL)
			assert_int_equal(rig->up[erin.slot].sequence, UINT32_MAX);
	}
}

static void test_slow_session(void **state)
{
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct rig_result result;

	rig->up[erin.slot].state = XP_STATE_SLOW;
	frame = build_pptp(&erin.up, &packet);
	result = run_up(rig, &frame);
	assert_int_equal(result.verdict, RIG_PASS);
	assert_int_equal(rig_drops(rig, XP_R_P_SLOW), 1);
	assert_int_equal(rig_path(rig, XP_PATH_UP_SLOW).packets, 1);
	assert_int_equal(rig->up[erin.slot].sequence, UINT32_MAX);
}

static void test_ingress_filter(void **state)
{
	struct frame packet = rig_packet(RIG_BOB, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct rig_result result;

	frame = build_pptp(&erin.up, &packet);
	result = run_up(rig, &frame);
	rig_expect_refused(rig, &result, &frame, XP_R_SOURCE);
	assert_int_equal(rig->up[erin.slot].drops, 1);
}

/* ---- numbers */

static enum rig_verdict run_number(struct rig *rig, struct rig_pptp *erin, uint32_t number)
{
	struct frame packet = rig_packet(RIG_ERIN, RIG_SERVER, 64), frame;

	erin->up.number = number;
	frame = build_pptp(&erin->up, &packet);
	return run_up(rig, &frame).verdict;
}

static void test_numbers(void **state)
{
	static const struct {
		uint32_t newest, number;
		bool taken;
	} cases[] = {
		{ UINT32_MAX, 0, true },
		{ UINT32_MAX, 1, true },
		{ 100, 101, true },
		{ 100, 5000, true },
		{ 100, 36, true },
		{ 100, 35, false },
		{ 5, UINT32_MAX, true },
		{ 5, UINT32_MAX - 58, true },
		{ 5, UINT32_MAX - 59, false },
		{ 0x80000000, 0x7fffffff, true },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig_pptp erin = begin(rig);
		bool newer = (int32_t)(cases[i].number - cases[i].newest) > 0;

		rig_pptp_received(rig, &erin, cases[i].newest);
		assert_int_equal(run_number(rig, &erin, cases[i].number),
				 cases[i].taken ? RIG_REDIRECT : RIG_DROP);
		assert_int_equal(rig->up[erin.slot].sequence,
				 newer ? cases[i].number : cases[i].newest);
		assert_int_equal(rig_drops(rig, XP_R_PPTP_SEQUENCE), !cases[i].taken);
		assert_int_equal(rig->up[erin.slot].drops, !cases[i].taken);
	}
}

/* So many old ones in a row mean that the peer has begun anew. */
static void test_peer_begins_anew(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);

	rig_pptp_received(rig, &erin, 1000000);
	for (uint32_t i = 0; i < XP_SEQUENCE_LOST - 1; i++)
		assert_int_equal(run_number(rig, &erin, i), RIG_DROP);
	/* a good one in between starts the count again */
	assert_int_equal(run_number(rig, &erin, 1000001), RIG_REDIRECT);
	for (uint32_t i = 0; i < XP_SEQUENCE_LOST - 1; i++)
		assert_int_equal(run_number(rig, &erin, i), RIG_DROP);
	assert_int_equal(run_number(rig, &erin, 7), RIG_REDIRECT);
	assert_int_equal(rig->up[erin.slot].sequence, 7);
}

/* ---- acknowledgements */

struct asked {
	struct xp_event last;
	unsigned int count;
};

static int take_event(void *arg, void *data, size_t size)
{
	struct asked *asked = arg;

	assert_int_equal(size, sizeof(asked->last));
	memcpy(&asked->last, data, sizeof(asked->last));
	asked->count++;
	return 0;
}

static struct asked asked_for(struct rig *rig)
{
	struct asked asked = { .count = 0 };
	struct ring_buffer *ring =
		ring_buffer__new(bpf_map__fd(rig->skel->maps.events), take_event, &asked, NULL);

	assert_non_null(ring);
	ring_buffer__consume(ring);
	ring_buffer__free(ring);
	return asked;
}

/* Once for each half window, not once for each packet. */
static void test_asks_for_acknowledgement(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct asked asked;

	asked_for(rig);
	for (uint32_t i = 0; i < XP_PPTP_ACK_AFTER - 1; i++)
		assert_int_equal(run_number(rig, &erin, i), RIG_REDIRECT);
	assert_int_equal(asked_for(rig).count, 0);
	run_number(rig, &erin, XP_PPTP_ACK_AFTER - 1);
	asked = asked_for(rig);
	assert_int_equal(asked.count, 1);
	assert_int_equal(asked.last.slot, erin.slot);
	assert_int_equal(asked.last.kind, XP_EVENT_ACKNOWLEDGE);
	assert_int_equal(asked.last.generation, rig->up[erin.slot].generation);
	for (uint32_t i = 0; i < XP_PPTP_ACK_AFTER - 1; i++)
		run_number(rig, &erin, XP_PPTP_ACK_AFTER + i);
	assert_int_equal(asked_for(rig).count, 0);
	run_number(rig, &erin, 2 * XP_PPTP_ACK_AFTER - 1);
	assert_int_equal(asked_for(rig).count, 1);
}

/* What goes out tells the peer: nobody need be asked. */
static void test_piggy_back_spares_the_question(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin = begin(rig);
	struct frame back = rig_packet(RIG_SERVER, RIG_ERIN, 64);
	struct frame frame = build_ethernet(rig->core_mac, rig_server_mac, &back);

	asked_for(rig);
	for (uint32_t i = 0; i < 4 * XP_PPTP_ACK_AFTER; i++) {
		run_number(rig, &erin, i);
		if (i % (XP_PPTP_ACK_AFTER / 2) == 0)
			assert_int_equal(rig_run(rig, rig->core, &frame).verdict, RIG_REDIRECT);
	}
	assert_int_equal(asked_for(rig).count, 0);
}

static void test_none_here(void **state)
{
	struct rig *rig = *state;
	struct rig_pptp erin;

	rig_load(rig, (struct rig_dims){ .spaces = 1, .space_size = 4096 });
	erin = rig_erin(rig);
	expect_ignored(rig, &erin.up);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_forms, rig_reset),
		cmocka_unit_test_setup(test_acknowledgement_alone, rig_reset),
		cmocka_unit_test_setup(test_other_gre, rig_reset),
		cmocka_unit_test_setup(test_lengths, rig_reset),
		cmocka_unit_test_setup(test_truncated, rig_reset),
		cmocka_unit_test_setup(test_outer_ip, rig_reset),
		cmocka_unit_test_setup(test_key, rig_reset),
		cmocka_unit_test_setup(test_other_peers_call, rig_reset),
		cmocka_unit_test_setup(test_station_and_vlan, rig_reset),
		cmocka_unit_test_setup(test_fragments_and_options, rig_reset),
		cmocka_unit_test_setup(test_super_packet, rig_reset),
		cmocka_unit_test_setup(test_protocols, rig_reset),
		cmocka_unit_test_setup(test_slow_session, rig_reset),
		cmocka_unit_test_setup(test_ingress_filter, rig_reset),
		cmocka_unit_test_setup(test_numbers, rig_reset),
		cmocka_unit_test_setup(test_peer_begins_anew, rig_reset),
		cmocka_unit_test_setup(test_asks_for_acknowledgement, rig_reset),
		cmocka_unit_test_setup(test_piggy_back_spares_the_question, rig_reset),
		/* last, as what it loads is left */
		cmocka_unit_test_setup(test_none_here, rig_reset),
	};

	return rig_tests(tests);
}
