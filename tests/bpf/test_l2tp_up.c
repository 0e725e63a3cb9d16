/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* L2TP upstream: every combination of the header's bits, whose message it is, what is in the way. */
#include <arpa/inet.h>
#include <string.h>

#include "rig_l2tp.h"

static struct frame to_server(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig_server_mac, rig->core_mac, packet);
}

static struct rig_result run_up(struct rig *rig, const struct frame *frame)
{
	return rig_run(rig, rig->access, frame);
}

/* Carol's packet, in `spec`, comes out at the server. */
static void expect_through(struct rig *rig, const struct rig_l2tp *carol,
			   const struct l2tp_spec *spec)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64);
	struct frame after = rig_packet(RIG_CAROL, RIG_SERVER, 63);
	struct frame frame = build_l2tp(spec, &packet), expected = to_server(rig, &after);
	struct rig_result result = run_up(rig, &frame);

	rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	assert_int_equal(rig->up[carol->slot].packets, 1);
	assert_int_equal(rig->up[carol->slot].bytes, packet.len);
	assert_int_equal(rig->up[carol->slot].drops, 0);
	assert_in_range(rig->up[carol->slot].active, rig_now() - 1, rig_now());
}

/* A frame with one thing changed is refused; drops: of the session. */
static void expect_refused(struct rig *rig, const struct rig_l2tp *carol, const struct frame *frame,
			   enum xp_reason reason, unsigned int drops)
{
	struct rig_result result = run_up(rig, frame);

	rig_expect_refused(rig, &result, frame, reason);
	assert_int_equal(rig->up[carol->slot].packets, 0);
	assert_int_equal(rig->up[carol->slot].drops, drops);
	assert_int_equal(rig->up[carol->slot].active, 0);
}

static struct rig_l2tp begin(struct rig *rig, bool ipv6, bool sequence)
{
	struct rig_l2tp carol = rig_carol(rig, ipv6, sequence);
	void *state = rig;

	rig_reset(&state);
	rig_add_l2tp(rig, &carol);
	return carol;
}

/* ---- forms of the header */

#define L 1
#define S 2
#define O 4
#define FF03 8
#define PFC 16
#define SESSION_SEQUENCE 32 /* the session is numbered, whether the message is or not */
#define FORMS 64

static void check_form(struct rig *rig, bool ipv6, unsigned int form, uint8_t pad)
{
	static const size_t paddings[] = { 0, 1, 18 }, beyonds[] = { 0, 5 };
	struct rig_l2tp carol;

	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < (form & L ? 2 : 1); j++) {
			carol = begin(rig, ipv6, form & SESSION_SEQUENCE);
			carol.up.length = form & L;
			carol.up.sequence = form & S;
			carol.up.offset = form & O;
			carol.up.pad = pad;
			carol.up.ff03 = form & FF03;
			carol.up.pfc = form & PFC;
			carol.up.padding = paddings[i];
			carol.up.beyond = beyonds[j];
			expect_through(rig, &carol, &carol.up);
		}
}

static void test_forms(void **state)
{
	static const uint8_t pads[] = { 0, 1, 2, 7, 64 };

	for (int ipv6 = 0; ipv6 < 2; ipv6++)
		for (unsigned int form = 0; form < FORMS; form++)
			for (size_t i = 0; i < (form & O ? sizeof(pads) : 1); i++) {
				print_message("IPv%d, form %u, padding %u\n", ipv6 ? 6 : 4, form,
					      pads[i]);
				check_form(*state, ipv6, form, pads[i]);
			}
}

/* Bits that nobody has defined are 0 when sent and not looked at when received; so is priority. */
static void test_other_bits(void **state)
{
	static const uint16_t bits[] = { 0x0100, 0x2000, 0x1000, 0x0400, 0x00f0 };
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		struct rig_l2tp carol = begin(rig, false, false);

		carol.up.flags = bits[i];
		expect_through(rig, &carol, &carol.up);
	}
}

static void test_large_padding(void **state)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, false);

	carol.up.offset = true;
	carol.up.pad = 65;
	frame = build_l2tp(&carol.up, &packet);
	expect_refused(rig, &carol, &frame, XP_R_P_PPP_PROTOCOL, 0);
}

static void test_udp_checksum(void **state)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, false);

	carol.up.checksum = true;
	expect_through(rig, &carol, &carol.up);
	carol = begin(rig, true, false);
	carol.up.checksum = false;
	frame = build_l2tp(&carol.up, &packet);
	expect_refused(rig, &carol, &frame, XP_R_L2TP_CHECKSUM, 1);
}

static void test_sizes(void **state)
{
	static uint8_t data[1400];
	static const size_t sizes[] = { 0, 1, 8, 1380 };
	struct rig *rig = *state;

	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
		struct rig_l2tp carol = begin(rig, i & 1, true);
		struct ip_spec ip = { .src = RIG_CAROL,
				      .dst = RIG_SERVER,
				      .ttl = 2,
				      .proto = 99,
				      .payload = data,
				      .len = sizes[i / 2] };
		struct frame packet = build_ip(&ip), frame = build_l2tp(&carol.up, &packet);
		struct rig_result result = run_up(rig, &frame);

		ip.ttl = 1;
		packet = build_ip(&ip);
		frame = to_server(rig, &packet);
		rig_expect_sent(rig, &result, &frame, XP_PATH_UP_FAST);
	}
}

/* ---- truncation and wrong lengths */

/* Below a readable header nothing says that it is ours; from there on it is dropped. */
static void check_truncation(struct rig *rig, bool ipv6, unsigned int form)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), whole;
	struct rig_l2tp carol = rig_carol(rig, ipv6, form & S);
	uint32_t udp = ipv6 ? 54 : 34;

	carol.up.length = form & L;
	carol.up.offset = form & O;
	carol.up.pad = 3;
	whole = build_l2tp(&carol.up, &packet);
	/* the kernel makes no test run of a tc program on less than an IP header */
	for (uint32_t len = udp; len < whole.len; len++) {
		struct frame frame = whole;
		struct rig_result result;

		begin(rig, ipv6, form & S);
		frame.len = len;
		result = run_up(rig, &frame);
		if (len < udp + 8)
			rig_expect_ignored(rig, &result, &frame);
		else if (len < udp + 16)
			rig_expect_refused(rig, &result, &frame, XP_R_P_L2TP);
		else
			rig_expect_refused(rig, &result, &frame, XP_R_IP_LENGTH);
		assert_int_equal(rig->up[carol.slot].packets, 0);
	}
}

static void test_truncation(void **state)
{
	for (int ipv6 = 0; ipv6 < 2; ipv6++)
		for (unsigned int form = 0; form < 8; form++)
			check_truncation(*state, ipv6, form);
}

/* The frame is whole; UDP's length, or L2TP's, ends at every byte before its end. */
static void check_short(struct rig *rig, bool ipv6, bool of_udp)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), whole;
	struct rig_l2tp carol = rig_carol(rig, ipv6, true);
	uint32_t udp = ipv6 ? 54 : 34, full;

	carol.up.length = !of_udp;
	carol.up.offset = true;
	carol.up.pad = 5;
	whole = build_l2tp(&carol.up, &packet);
	full = whole.len - udp - (of_udp ? 0 : 8);
	for (uint32_t len = 0; len < full; len++) {
		uint32_t header = (of_udp ? 8 + 6 : 8) + 4 + 2 + 5;
		struct frame frame = whole;

		begin(rig, ipv6, true);
		build_set16(frame.byte + udp + (of_udp ? 4 : 10), len);
		if (of_udp && !ipv6)
			build_set16(frame.byte + udp + 6, 0);
		expect_refused(rig, &carol, &frame,
			       len < header + 4 ? XP_R_L2TP_LENGTH : XP_R_IP_LENGTH, 1);
	}
	begin(rig, ipv6, true);
	build_set16(whole.byte + udp + (of_udp ? 4 : 10), full + 1);
	expect_refused(rig, &carol, &whole, XP_R_L2TP_LENGTH, 1);
}

static void test_short_lengths(void **state)
{
	for (int i = 0; i < 4; i++)
		check_short(*state, i & 1, i & 2);
}

static void test_offset_beyond(void **state)
{
	static const uint16_t pads[] = { 200, 0x7fff, 0xffff };
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64);
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(pads) / sizeof(*pads); i++) {
		struct rig_l2tp carol = begin(rig, false, false);
		struct frame frame;

		carol.up.offset = true;
		frame = build_l2tp(&carol.up, &packet);
		build_set16(frame.byte + build_l2tp_at(&carol.up) + 6, pads[i]);
		expect_refused(rig, &carol, &frame, XP_R_L2TP_LENGTH, 1);
	}
}

static void test_outer_ip(void **state)
{
	static const struct {
		uint32_t offset;
		uint8_t value;
		enum xp_reason reason;
	} cases[] = {
		{ 16, 0x10, XP_R_IP_LENGTH },   { 17, 19, XP_R_IP_LENGTH },
		{ 15, 0x01, XP_R_IP_CHECKSUM }, { 22, 0x3f, XP_R_IP_CHECKSUM },
		{ 24, 0x42, XP_R_IP_CHECKSUM },
	};
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64);
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig_l2tp carol = begin(rig, false, false);
		struct frame frame = build_l2tp(&carol.up, &packet);

		frame.byte[cases[i].offset] = cases[i].value;
		expect_refused(rig, &carol, &frame, cases[i].reason, 1);
	}
}

/* ---- whose it is */

static void expect_other(struct rig *rig, const struct rig_l2tp *carol,
			 const struct l2tp_spec *spec, enum xp_reason reason)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64);
	struct frame frame = build_l2tp(spec, &packet);

	expect_refused(rig, carol, &frame, reason, 0);
}

static void check_key(struct rig *rig, bool ipv6)
{
	unsigned int len = ipv6 ? 16 : 4;
	struct rig_l2tp carol;

	for (unsigned int i = 0; i < 8 * len; i++) {
		carol = begin(rig, ipv6, false);
		carol.up.src[i / 8] ^= 1 << i % 8;
		expect_other(rig, &carol, &carol.up, XP_R_L2TP_PEER);
		/* not to us, then: left alone, whoever sent it */
		carol = begin(rig, ipv6, false);
		carol.up.dst[i / 8] ^= 1 << i % 8;
		expect_other(rig, &carol, &carol.up, XP_R_P_L2TP_SESSION);
	}
	for (unsigned int i = 0; i < 16; i++) {
		carol = begin(rig, ipv6, false);
		carol.up.src_port ^= 1 << i;
		expect_other(rig, &carol, &carol.up, XP_R_L2TP_PEER);
		carol = begin(rig, ipv6, false);
		carol.up.tunnel_id ^= 1 << i;
		expect_other(rig, &carol, &carol.up, XP_R_P_L2TP_SESSION);
		carol = begin(rig, ipv6, false);
		carol.up.session_id ^= 1 << i;
		expect_other(rig, &carol, &carol.up, XP_R_P_L2TP_SESSION);
	}
}

static void test_key(void **state)
{
	check_key(*state, false);
	check_key(*state, true);
}

/* The same ids over the other IP version. */
static void test_other_version_of_ip(void **state)
{
	struct rig *rig = *state;

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct rig_l2tp carol = begin(rig, ipv6, false),
				other = rig_carol(rig, !ipv6, false);

		expect_other(rig, &carol, &other.up, XP_R_P_L2TP_SESSION);
	}
}

/* Another session's ids from a peer that has one as well. */
static void test_other_peers_session(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, false), dave = rig_dave(rig, false, false);

	rig_add_l2tp(rig, &dave);
	dave.up.tunnel_id = carol.up.tunnel_id;
	dave.up.session_id = carol.up.session_id;
	expect_other(rig, &carol, &dave.up, XP_R_L2TP_PEER);
}

static void test_control_and_versions(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, false);

	carol.up.flags = 0x8000;
	carol.up.length = carol.up.sequence = true;
	expect_other(rig, &carol, &carol.up, XP_R_P_L2TP);
	for (uint16_t version = 0; version < 16; version++) {
		carol = begin(rig, version & 1, false);
		carol.up.version = version | 0x10; /* the builder takes 0 for 2 */
		if (version != 2)
			expect_other(rig, &carol, &carol.up, XP_R_P_L2TP);
		else
			expect_through(rig, &carol, &carol.up);
	}
}

static void expect_ignored(struct rig *rig, const struct l2tp_spec *spec)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64);
	struct frame frame = build_l2tp(spec, &packet);
	struct rig_result result = run_up(rig, &frame);

	rig_expect_ignored(rig, &result, &frame);
}

static void test_other_port_or_station(void **state)
{
	static const uint8_t station[6] = { 2, 9, 9, 9, 9, 9 };
	struct rig *rig = *state;

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct rig_l2tp carol = begin(rig, ipv6, false);

		carol.up.dst_port = 1702;
		expect_ignored(rig, &carol.up);
		carol = begin(rig, ipv6, false);
		carol.up.dst_mac = station;
		/* tests do not say for whom a frame is */
		if (rig->hook == RIG_XDP)
			expect_ignored(rig, &carol.up);
	}
}

static void test_vlan(void **state)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), frame, tagged = { .len = 0 };
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, false);
	struct rig_result result;

	frame = build_l2tp(&carol.up, &packet);
	frame_add(&tagged, frame.byte, 12);
	frame_add16(&tagged, 0x8100);
	frame_add16(&tagged, 7);
	frame_add(&tagged, frame.byte + 12, frame.len - 12);
	result = run_up(rig, &tagged);
	rig_expect_ignored(rig, &result, &tagged);
}

static void test_fragments_and_options(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, false);

	carol.up.frag = 0x2000; /* the first of several */
	expect_other(rig, &carol, &carol.up, XP_R_P_FRAGMENT);
	carol = begin(rig, false, false);
	carol.up.options = 4;
	expect_other(rig, &carol, &carol.up, XP_R_P_FRAGMENT);
	carol = begin(rig, false, false);
	carol.up.frag = 0x4000; /* DF */
	expect_through(rig, &carol, &carol.up);
}

static struct frame fragment(bool ipv6, uint16_t id, uint16_t frag, uint16_t port,
			     const struct rig_l2tp *carol)
{
	static const uint8_t header[8] = { IPPROTO_UDP };
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), whole, frame = { .len = 0 };
	struct l2tp_spec spec = carol->up;

	spec.frag = ipv6 ? 0 : frag;
	spec.dst_port = port;
	whole = build_l2tp(&spec, &packet);
	if (!ipv6) {
		build_set16(whole.byte + 18, id);
		build_fix_ip(whole.byte + 14);
		return whole;
	}
	frame_add(&frame, whole.byte, 54);
	frame_add(&frame, header, sizeof(header));
	frame_add(&frame, whole.byte + 54, whole.len - 54);
	frame.byte[20] = 44;
	build_set16(frame.byte + 18, (uint16_t)(frame.len - 54));
	build_set16(frame.byte + 56, (uint16_t)((frag & 0x1fff) << 3 | (frag & 0x2000 ? 1 : 0)));
	build_set16(frame.byte + 60, id);
	return frame;
}

/* Those behind the first one are known by it, and nobody else's for them. */
static void test_later_fragments(void **state)
{
	struct rig *rig = *state;

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct rig_l2tp carol = begin(rig, ipv6, false), dave = rig_dave(rig, ipv6, false);
		struct frame other = fragment(ipv6, 0x4711, 0x2000, 53, &carol);
		struct frame first = fragment(ipv6, 0x4712, 0x2000, 1701, &carol);
		struct frame later = fragment(ipv6, 0x4712, 0x2010, 0, &carol);
		struct frame last = fragment(ipv6, 0x4712, 0x0020, 0, &carol);
		struct frame another = fragment(ipv6, 0x4713, 0x0020, 0, &carol);
		struct frame of_dave = fragment(ipv6, 0x4712, 0x0020, 0, &dave);
		struct rig_result result = run_up(rig, &other);

		rig_expect_ignored(rig, &result, &other);
		result = run_up(rig, &last);
		rig_expect_ignored(rig, &result, &last);
		expect_refused(rig, &carol, &first, XP_R_P_FRAGMENT, 0);
		for (int i = 0; i < 2; i++) {
			carol = begin(rig, ipv6, false);
			expect_refused(rig, &carol, i ? &last : &later, XP_R_P_FRAGMENT, 0);
		}
		begin(rig, ipv6, false);
		result = run_up(rig, &another);
		rig_expect_ignored(rig, &result, &another);
		result = run_up(rig, &of_dave);
		rig_expect_ignored(rig, &result, &of_dave);
	}
}

/* From the core, for a subscriber who dialled somebody else. */
static void test_l2tp_of_a_subscriber(void **state)
{
	static const uint16_t flags[] = { 0x8000, 0 };
	struct rig *rig = *state;

	for (size_t i = 0; i < 2; i++) {
		struct rig_l2tp carol = begin(rig, false, false);
		struct rig_session alice = rig_alice(rig);
		struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), frame, expected, inner;
		uint32_t to = htonl(RIG_ALICE);
		struct rig_result result;

		rig_add(rig, &alice);
		carol.up.dst_mac = rig->core_mac;
		carol.up.flags = flags[i];
		memcpy(carol.up.dst, &to, 4);
		frame = build_l2tp(&carol.up, &packet);
		result = rig_run(rig, rig->core, &frame);
		inner.len = frame.len - 14;
		memcpy(inner.byte, frame.byte + 14, inner.len);
		inner.byte[8]--;
		build_fix_ip(inner.byte);
		expected = build_pppoe_down(&alice.wrap, &inner);
		rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_FAST);
	}
}

/* ---- what is inside */

static void check_protocol(struct rig *rig, uint16_t protocol, enum xp_reason reason)
{
	struct rig_l2tp carol = begin(rig, false, true);

	carol.up.protocol = protocol;
	carol.up.ns = 77;
	expect_other(rig, &carol, &carol.up, reason);
}

static void test_protocols(void **state)
{
	check_protocol(*state, 0xc021, XP_R_P_CONTROL);
	check_protocol(*state, 0x8021, XP_R_P_CONTROL);
	check_protocol(*state, 0xc223, XP_R_P_CONTROL);
	check_protocol(*state, 0x0057, XP_R_P_IPV6);
	check_protocol(*state, 0x00fd, XP_R_P_MPPE);
	check_protocol(*state, 0x002d, XP_R_P_PPP_PROTOCOL);
}

static void test_states(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, true);

	rig->up[carol.slot].state = XP_STATE_FREE;
	expect_other(rig, &carol, &carol.up, XP_R_P_L2TP_SESSION);
	carol = begin(rig, false, true);
	rig->up[carol.slot].state = XP_STATE_SLOW;
	expect_other(rig, &carol, &carol.up, XP_R_P_SLOW);
	assert_int_equal(rig_path(rig, XP_PATH_UP_SLOW).packets, 1);
	assert_int_equal(rig->up[carol.slot].sequence, 0);
}

/* Clear text of a session that comes through ESP, on the wire: where the kernel has taken it out
 * of ESP it looks the same, and the program lets it pass. */
static void test_clear_text_of_esp(void **state)
{
	static const uint16_t protocols[] = { 0x0021, 0xc021 };
	struct rig *rig = *state;

	for (int i = 0; i < 8; i++) {
		bool ipv6 = i & 1, native = i & 2;
		struct rig_l2tp carol = begin(rig, ipv6, true);
		bool dropped = native && rig->hook == RIG_XDP;

		rig_set_native(rig, rig->access, native);
		rig->up[carol.slot].state = XP_STATE_SLOW;
		rig->up[carol.slot].l2tp.esp = 1;
		carol.up.protocol = protocols[i / 4];
		if (dropped) {
			struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64);
			struct frame frame = build_l2tp(&carol.up, &packet);

			expect_refused(rig, &carol, &frame, XP_R_L2TP_CLEAR, 1);
			/* forged ones count for nobody's session */
			carol = begin(rig, ipv6, true);
			rig_set_native(rig, rig->access, native);
			rig->up[carol.slot].l2tp.esp = 1;
			carol.up.src_port++;
			expect_other(rig, &carol, &carol.up, XP_R_L2TP_PEER);
		} else {
			expect_other(rig, &carol, &carol.up, i / 4 ? XP_R_P_CONTROL : XP_R_P_SLOW);
		}
	}
}

static void test_ingress_filter(void **state)
{
	struct frame packet = rig_packet(RIG_DAVE, RIG_SERVER, 64), frame;
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, false);

	frame = build_l2tp(&carol.up, &packet);
	expect_refused(rig, &carol, &frame, XP_R_SOURCE, 1);
}

static void test_stack(void **state)
{
	static const struct {
		uint32_t dst;
		uint8_t ttl, options;
		enum xp_reason reason;
	} cases[] = {
		{ RIG_SERVER, 1, 0, XP_R_P_TTL },
		{ RIG_SERVER, 64, 8, XP_R_P_IP_OPTIONS },
		{ RIG_LOCAL, 64, 0, XP_R_P_LOCAL },
		{ RIG_UNRESOLVED, 64, 0, XP_R_P_NO_NEIGHBOUR },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		struct rig_l2tp carol = begin(rig, i & 1, i & 1);
		struct ip_spec ip = { .src = RIG_CAROL,
				      .dst = cases[i / 2].dst,
				      .ttl = cases[i / 2].ttl,
				      .proto = 99,
				      .options = cases[i / 2].options };
		struct rig_session stack = rig_l2tp_stack(rig);
		struct frame packet = build_ip(&ip), frame;
		struct rig_result result;

		carol.up.padding = 9;
		carol.up.length = true;
		frame = build_l2tp(&carol.up, &packet);
		result = run_up(rig, &frame);
		rig_expect_stack(rig, &result, &stack, &packet, cases[i / 2].reason);
		assert_int_equal(rig->up[carol.slot].packets, 1);
	}
}

/* ---- sequence numbers */

static void expect_number(struct rig *rig, struct rig_l2tp *carol, uint16_t ns, bool taken)
{
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), frame;
	uint64_t before = rig->up[carol->slot].packets;
	struct rig_result result;

	carol->up.ns = ns;
	frame = build_l2tp(&carol->up, &packet);
	result = run_up(rig, &frame);
	assert_int_equal(result.verdict, taken ? RIG_REDIRECT : RIG_DROP);
	assert_int_equal(rig->up[carol->slot].packets, before + taken);
}

static void test_sequence_window(void **state)
{
	static const uint16_t starts[] = { 0, 1, 100, 0x7fff, 0x8000, 0xfff0, 0xffff };
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		struct rig_l2tp carol = begin(rig, i & 1, true);
		uint16_t at = starts[i];

		expect_number(rig, &carol, at, true); /* whatever comes first */
		expect_number(rig, &carol, at + 1, true);
		expect_number(rig, &carol, at - 63, true);
		expect_number(rig, &carol, at - 64, false);
		expect_number(rig, &carol, at + 1000, true); /* a gap */
		expect_number(rig, &carol, at + 936, true);
		expect_number(rig, &carol, at + 935, false);
		expect_number(rig, &carol, at + 1001, true);
		expect_number(rig, &carol, at + 1001 - 0x7fff, false);
		assert_int_equal(rig_drops(rig, XP_R_L2TP_SEQUENCE), 3);
		assert_int_equal(rig->up[carol.slot].drops, 3);
	}
}

/* A peer that begins anew is believed after a few messages, not for ever locked out. */
static void test_sequence_begins_anew(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, true);

	expect_number(rig, &carol, 20000, true);
	for (int i = 0; i < XP_SEQUENCE_LOST - 1; i++)
		expect_number(rig, &carol, i, false);
	expect_number(rig, &carol, XP_SEQUENCE_LOST, true);
	expect_number(rig, &carol, XP_SEQUENCE_LOST + 1, true);
	expect_number(rig, &carol, 1, true);

	/* strays among messages in order do not add up */
	carol = begin(rig, false, true);
	expect_number(rig, &carol, 20000, true);
	for (int i = 1; i < 4 * XP_SEQUENCE_LOST; i++) {
		expect_number(rig, &carol, i, false);
		expect_number(rig, &carol, 20000 + i / 2, true);
	}
}

/* Numbers count only if the session has them, and need not be there. */
static void test_sequence_is_optional(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = begin(rig, false, false);

	carol.up.sequence = true;
	expect_number(rig, &carol, 20000, true);
	expect_number(rig, &carol, 1, true);
	assert_int_equal(rig->up[carol.slot].sequence, 0);

	carol = begin(rig, false, true);
	expect_number(rig, &carol, 20000, true);
	carol.up.sequence = false;
	expect_number(rig, &carol, 0, true);
	assert_int_equal((uint16_t)rig->up[carol.slot].sequence, 20000);
}

/* ---- id spaces, and no L2TP at all */

static void test_spaces(void **state)
{
	struct rig *rig = *state;

	rig_load(rig, (struct rig_dims){ .spaces = 1,
					 .space_size = 4096,
					 .l2tp_spaces = 3,
					 .l2tp_space_size = 256 });
	for (uint16_t tunnel = 1; tunnel <= 6; tunnel++) {
		struct rig_l2tp carol = rig_carol(rig, false, false);
		void *rig_state = rig;

		rig_reset(&rig_state);
		carol.up.tunnel_id = tunnel;
		carol.slot += tunnel % 3 * 256;
		rig_add_l2tp(rig, &carol);
		expect_through(rig, &carol, &carol.up);
	}
}

static void test_without_l2tp(void **state)
{
	struct rig *rig = *state;
	struct rig_l2tp carol = rig_carol(rig, false, false);
	struct frame packet = rig_packet(RIG_CAROL, RIG_SERVER, 64), frame;
	struct rig_result result;

	rig_load(rig, (struct rig_dims){ .spaces = 1, .space_size = 4096 });
	frame = build_l2tp(&carol.up, &packet);
	result = run_up(rig, &frame);
	rig_expect_ignored(rig, &result, &frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_forms, rig_reset),
		cmocka_unit_test_setup(test_other_bits, rig_reset),
		cmocka_unit_test_setup(test_large_padding, rig_reset),
		cmocka_unit_test_setup(test_udp_checksum, rig_reset),
		cmocka_unit_test_setup(test_sizes, rig_reset),
		cmocka_unit_test_setup(test_truncation, rig_reset),
		cmocka_unit_test_setup(test_short_lengths, rig_reset),
		cmocka_unit_test_setup(test_offset_beyond, rig_reset),
		cmocka_unit_test_setup(test_outer_ip, rig_reset),
		cmocka_unit_test_setup(test_key, rig_reset),
		cmocka_unit_test_setup(test_other_version_of_ip, rig_reset),
		cmocka_unit_test_setup(test_other_peers_session, rig_reset),
		cmocka_unit_test_setup(test_control_and_versions, rig_reset),
		cmocka_unit_test_setup(test_other_port_or_station, rig_reset),
		cmocka_unit_test_setup(test_vlan, rig_reset),
		cmocka_unit_test_setup(test_fragments_and_options, rig_reset),
		cmocka_unit_test_setup(test_later_fragments, rig_reset),
		cmocka_unit_test_setup(test_l2tp_of_a_subscriber, rig_reset),
		cmocka_unit_test_setup(test_protocols, rig_reset),
		cmocka_unit_test_setup(test_states, rig_reset),
		cmocka_unit_test_setup(test_clear_text_of_esp, rig_reset),
		cmocka_unit_test_setup(test_ingress_filter, rig_reset),
		cmocka_unit_test_setup(test_stack, rig_reset),
		cmocka_unit_test_setup(test_sequence_window, rig_reset),
		cmocka_unit_test_setup(test_sequence_begins_anew, rig_reset),
		cmocka_unit_test_setup(test_sequence_is_optional, rig_reset),
		/* last, as what they load is left */
		cmocka_unit_test_setup(test_spaces, rig_reset),
		cmocka_unit_test_setup(test_without_l2tp, rig_reset),
	};

	return rig_tests(tests);
}
