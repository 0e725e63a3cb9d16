/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The MSS clamp: every place where the option can stand, and everything that is none. */
#include <netinet/in.h>
#include <string.h>

#include "rig.h"

#define SYN 0x02
#define ACK 0x10
#define TCP_MAX 120

/* A TCP segment with `len` bytes of options; the header's length is rounded up. */
struct segment {
	uint8_t byte[TCP_MAX];
	size_t len;
};

static struct segment segment_of(uint8_t flags, const uint8_t *options, size_t len, size_t data)
{
	struct segment segment = { .len = 20 + (len + 3) / 4 * 4 };

	build_set16(segment.byte, 40000);
	build_set16(segment.byte + 2, 443);
	segment.byte[12] = segment.len / 4 << 4;
	segment.byte[13] = flags;
	memcpy(segment.byte + 20, options, len);
	memset(segment.byte + segment.len, 0xee, data);
	segment.len += data;
	return segment;
}

static struct frame packet_of(const struct segment *segment, bool up, uint8_t ttl, uint8_t options)
{
	struct ip_spec ip = { .src = up ? RIG_ALICE : RIG_SERVER,
			      .dst = up ? RIG_SERVER : RIG_ALICE,
			      .ttl = ttl,
			      .proto = IPPROTO_TCP,
			      .options = options,
			      .payload = segment->byte,
			      .len = segment->len };

	return build_ip(&ip);
}

/* What comes out behind the new header must be the segment with `options` replaced, its checksum
 * as if made anew. Both directions, on the fast path. */
static void check_direction(struct rig *rig, bool up, const struct segment *in,
			    const struct segment *out)
{
	struct rig_session alice = rig_alice(rig);
	struct frame packet = packet_of(in, up, 64, 0), after = packet_of(out, up, 63, 0);
	struct frame frame, expected;
	struct rig_result result;
	void *state = rig;

	rig_reset(&state);
	rig_add(rig, &alice);
	if (up) {
		frame = build_pppoe(&alice.wrap, &packet);
		expected = build_ethernet(rig_server_mac, rig->core_mac, &after);
		result = rig_run(rig, rig->access, &frame);
		rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	} else {
		frame = build_ethernet(rig->core_mac, rig_server_mac, &packet);
		expected = build_pppoe_down(&alice.wrap, &after);
		result = rig_run(rig, rig->core, &frame);
		rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_FAST);
	}
}

static void check_options(struct rig *rig, uint8_t flags, const uint8_t *in, const uint8_t *out,
			  size_t len, size_t data)
{
	struct segment before = segment_of(flags, in, len, data);
	struct segment after = segment_of(flags, out, len, data);

	check_direction(rig, true, &before, &after);
	check_direction(rig, false, &before, &after);
}

static void put_mss(uint8_t *at, uint16_t mss)
{
	at[0] = 2;
	at[1] = 4;
	build_set16(at + 2, mss);
}

/* NOPs in front, so that it stands at every offset from 0 to 36, odd ones too. */
static void test_behind_nops(void **state)
{
	for (size_t place = 0; place <= 36; place++) {
		uint8_t in[40], out[40];

		memset(in, 1, sizeof(in));
		put_mss(in + place, 1460);
		memcpy(out, in, sizeof(in));
		put_mss(out + place, RIG_MSS);
		check_options(*state, SYN, in, out, sizeof(in), 0);
		check_options(*state, SYN | ACK, in, out, place + 4, 7);
	}
}

static void test_behind_other_options(void **state)
{
	static const uint8_t linux_syn[] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0,
					     0, 1, 0,    0,    0, 0, 1, 3,  3, 7 };
	static const uint8_t reversed[] = { 3, 3, 7, 8, 10, 9, 9, 9,    9,   0,
					    0, 0, 0, 4, 2,  2, 4, 0x23, 0x28 };
	static const uint8_t long_one[] = { 254, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0,   0, 0,
					    0,   0,  0, 0, 0, 0, 0, 0, 0, 0, 0,    0,   0, 0,
					    0,   0,  0, 0, 0, 0, 0, 0, 2, 4, 0xff, 0xff };
	uint8_t out[40];

	memcpy(out, linux_syn, sizeof(linux_syn));
	put_mss(out, RIG_MSS);
	check_options(*state, SYN, linux_syn, out, sizeof(linux_syn), 0);
	memcpy(out, reversed, sizeof(reversed));
	put_mss(out + 15, RIG_MSS);
	check_options(*state, SYN, reversed, out, sizeof(reversed), 0);
	memcpy(out, long_one, sizeof(long_one));
	put_mss(out + 36, RIG_MSS);
	check_options(*state, SYN, long_one, out, sizeof(long_one), 0);
}

static void test_values(void **state)
{
	static const uint16_t values[] = {
		0, 1, 536, RIG_MSS - 1, RIG_MSS, RIG_MSS + 1, 8960, 65535
	};
	uint8_t in[4], out[4];

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		put_mss(in, values[i]);
		put_mss(out, values[i] > RIG_MSS ? RIG_MSS : values[i]);
		check_options(*state, SYN, in, out, sizeof(in), 0);
	}
}

static void test_untouched(void **state)
{
	static const struct {
		uint8_t flags;
		uint8_t options[12];
	} cases[] = {
		{ ACK, { 2, 4, 5, 0xb4 } }, /* no SYN */
		{ 0, { 2, 4, 5, 0xb4 } },
		{ SYN, { 0, 0, 0, 0, 2, 4, 5, 0xb4 } },   /* behind the end of options */
		{ SYN, { 3, 0, 0, 0, 2, 4, 5, 0xb4 } },   /* behind an option of length 0 */
		{ SYN, { 3, 1, 0, 0, 2, 4, 5, 0xb4 } },   /* ... and of length 1 */
		{ SYN, { 8, 200, 0, 0, 2, 4, 5, 0xb4 } }, /* ... and beyond the header */
		{ SYN, { 2, 3, 0xff, 1, 1, 1, 1, 1 } },   /* of the wrong length */
		{ SYN, { 2, 6, 0xff, 0xff, 0, 0, 1, 1 } },
		{ SYN, { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4 } }, /* cut off */
		{ SYN, { 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 0xff } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_options(*state, cases[i].flags, cases[i].options, cases[i].options, 12, 20);
}

/* The header says more than the packet has: what follows the packet is not touched. */
static void test_header_beyond_packet(void **state)
{
	static const uint8_t options[] = { 2, 4, 5, 0xb4 };
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	for (size_t len = 0; len < 24; len++) {
		struct segment segment = segment_of(SYN, options, sizeof(options), 0);
		struct frame packet, frame, expected;
		struct rig_result result;

		segment.len = len;
		packet = packet_of(&segment, true, 64, 0);
		rig_reset(state);
		rig_add(rig, &alice);
		frame = build_pppoe(&alice.wrap, &packet);
		frame_add(&frame, segment.byte + len, 24 - len);
		result = rig_run(rig, rig->access, &frame);
		packet = packet_of(&segment, true, 63, 0);
		expected = build_ethernet(rig_server_mac, rig->core_mac, &packet);
		rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	}
}

static void test_without_flag(void **state)
{
	static const uint8_t options[] = { 2, 4, 0x22, 0x00 };
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct segment segment = segment_of(SYN, options, sizeof(options), 0);
	struct frame packet = packet_of(&segment, true, 64, 0), frame, expected;
	struct rig_result result;

	rig_add(rig, &alice);
	rig->up[alice.slot].flags &= ~XP_F_MSS_CLAMP;
	frame = build_pppoe(&alice.wrap, &packet);
	result = rig_run(rig, rig->access, &frame);
	packet = packet_of(&segment, true, 63, 0);
	expected = build_ethernet(rig_server_mac, rig->core_mac, &packet);
	rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
}

/* Later fragments have data where TCP's header would be; the first has the header. */
static void test_fragments(void **state)
{
	static const uint8_t options[] = { 2, 4, 0x22, 0x00 };
	static const uint8_t clamped[] = { 2, 4, RIG_MSS >> 8, RIG_MSS & 0xff };
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct segment segment = segment_of(SYN, options, sizeof(options), 8);
	struct segment lowered = segment_of(SYN, clamped, sizeof(clamped), 8);
	static const uint16_t frags[] = { 0x2000, 0x2001, 0x0001, 0x1fff };

	for (size_t i = 0; i < 4; i++) {
		struct ip_spec ip = { .src = RIG_ALICE,
				      .dst = RIG_SERVER,
				      .ttl = 64,
				      .proto = IPPROTO_TCP,
				      .frag = frags[i],
				      .payload = segment.byte,
				      .len = segment.len };
		struct frame packet = build_ip(&ip), frame, expected;
		struct rig_result result;

		rig_reset(state);
		rig_add(rig, &alice);
		frame = build_pppoe(&alice.wrap, &packet);
		result = rig_run(rig, rig->access, &frame);
		ip.ttl = 63;
		ip.payload = i ? segment.byte : lowered.byte;
		packet = build_ip(&ip);
		expected = build_ethernet(rig_server_mac, rig->core_mac, &packet);
		rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	}
}

/* The stack gets it clamped as well, also behind IP options. */
static void test_on_the_way_to_the_stack(void **state)
{
	static const uint8_t options[] = { 1, 2, 4, 0x22, 0x00, 1, 1, 1 };
	static const uint8_t clamped[] = { 1, 2, 4, RIG_MSS >> 8, RIG_MSS & 0xff, 1, 1, 1 };
	struct segment in = segment_of(SYN, options, sizeof(options), 0);
	struct segment out = segment_of(SYN, clamped, sizeof(clamped), 0);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);

	for (int length = 4; length <= 40; length += 4) {
		struct frame packet = packet_of(&in, true, 64, length), frame;
		struct rig_result result;

		rig_reset(state);
		rig_add(rig, &alice);
		frame = build_pppoe(&alice.wrap, &packet);
		result = rig_run(rig, rig->access, &frame);
		packet = packet_of(&out, true, 64, length);
		rig_expect_stack(rig, &result, &alice, &packet, XP_R_P_IP_OPTIONS);
		assert_true(build_checksums_ok(result.frame.byte + 14, result.frame.len - 14));
	}
}

/* Between two sessions the smaller of both counts. */
static void test_hairpin(void **state)
{
	static const uint8_t options[] = { 2, 4, 0x22, 0x00 };
	struct segment in = segment_of(SYN, options, sizeof(options), 0);
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);
	static const uint16_t values[2][2] = { { 1400, 1452 }, { 1452, 1360 } };

	for (int i = 0; i < 2; i++) {
		struct ip_spec ip = { .src = RIG_ALICE,
				      .dst = RIG_BOB,
				      .ttl = 64,
				      .proto = IPPROTO_TCP,
				      .payload = in.byte,
				      .len = in.len };
		struct frame packet = build_ip(&ip), frame;
		struct rig_result result;

		rig_reset(state);
		rig_add(rig, &alice);
		rig_add(rig, &bob);
		rig->up[alice.slot].mss = values[i][0];
		rig->down[bob.line].mtu = values[i][1] + XP_TCP_IP_HEADERS;
		frame = build_pppoe(&alice.wrap, &packet);
		result = rig_run(rig, rig->access, &frame);
		assert_int_equal(result.verdict, RIG_REDIRECT);
		assert_int_equal(build_get16(result.frame.byte + 22 + 20 + 22), i ? 1360 : 1400);
		assert_true(build_checksums_ok(result.frame.byte + 22, result.frame.len - 22));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_behind_nops, rig_reset),
		cmocka_unit_test_setup(test_behind_other_options, rig_reset),
		cmocka_unit_test_setup(test_values, rig_reset),
		cmocka_unit_test_setup(test_untouched, rig_reset),
		cmocka_unit_test_setup(test_header_beyond_packet, rig_reset),
		cmocka_unit_test_setup(test_without_flag, rig_reset),
		cmocka_unit_test_setup(test_fragments, rig_reset),
		cmocka_unit_test_setup(test_on_the_way_to_the_stack, rig_reset),
		cmocka_unit_test_setup(test_hairpin, rig_reset),
	};

	return rig_tests(tests);
}
