/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Encrypted packets upstream, by the plain home: what the reference sends must come out. */
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "rig_mppe.h"
#include "xpppd.skel.h"

#define MANY 80

static const unsigned int key_bits[] = { 40, 56, 128 };

static struct frame from_session(const struct rig *rig, const struct frame *packet)
{
	return build_ethernet(rig_server_mac, rig->core_mac, packet);
}

/* The frame's packet goes out to the server. */
static void expect_decrypted(struct rig *rig, const struct rig_mppe *session,
			     const struct frame *frame, size_t len)
{
	struct frame packet = rig_mppe_packet(session, true, len, 63);
	struct frame expected = from_session(rig, &packet);
	struct rig_result result = rig_run(rig, rig->access, frame);

	assert_int_equal(result.verdict, RIG_REDIRECT);
	assert_int_equal(result.frame.len, expected.len);
	assert_memory_equal(result.frame.byte, expected.byte, expected.len);
}

static void send_and_expect(struct rig *rig, struct rig_mppe *session, size_t len)
{
	struct frame packet = rig_mppe_packet(session, true, len, 64);
	struct frame frame = rig_mppe_send(session, &packet);

	expect_decrypted(rig, session, &frame, len);
}

/* Refused, the frame and all keys as they were. */
static void expect_refused(struct rig *rig, const struct rig_mppe *session,
			   const struct frame *frame, enum xp_reason reason)
{
	uint64_t before = rig_drops(rig, reason);
	struct xp_mppe state = *session->state;
	struct rig_result result = rig_run(rig, rig->access, frame);

	assert_int_equal(rig_drops(rig, reason), before + 1);
	assert_int_equal(result.verdict, XP_REASON_IS_PUNT(reason) ? RIG_PASS : RIG_DROP);
	assert_int_equal(result.frame.len, frame->len);
	assert_memory_equal(result.frame.byte, frame->byte, frame->len);
	assert_memory_equal(session->state, &state, sizeof(state));
}

static void lose(struct rig_mppe *session, unsigned int packets)
{
	struct frame packet = rig_mppe_packet(session, true, 40, 64);

	while (packets-- > 0)
		rig_mppe_send(session, &packet);
}

/* Every carrier, key length and mode, packets of every kind of length. */
static void test_lengths(void **state)
{
	static const size_t lengths[] = { 20, 21, 28, 33, 34, 35, 60, 61, 62, 63, 64,  65,  76,
					  77, 78, 79, 80, 94, 95, 96, 97, 98, 99, 511, 512, 1023 };
	struct rig *rig = *state;

	for (int carrier = 0; carrier < RIG_CARRIERS; carrier++)
		for (int i = 0; i < 6; i++) {
			uint64_t bytes = 0, packets = 0;
			struct rig_mppe session;
			size_t most;

			rig_mppe_add(rig, &session, carrier, key_bits[i % 3], i >= 3);
			most = rig_mppe_most(rig, &session);
			for (size_t n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
				send_and_expect(rig, &session, lengths[n]);
				bytes += lengths[n];
				packets++;
			}
			for (size_t len = most - 17; len <= most; len++) {
				send_and_expect(rig, &session, len);
				bytes += len;
				packets++;
			}
			assert_int_equal(rig_drops_all(rig), 0);
			assert_int_equal(rig->up[session.slot].packets, packets);
			assert_int_equal(rig->up[session.slot].bytes, bytes);
			assert_int_equal(rig_path(rig, XP_PATH_UP_FAST).packets, packets);
			rig_mppe_remove(rig, &session);
		}
}

/* Through several key changes of the stateful mode, and round the count in both. */
static void test_the_count_goes_round(void **state)
{
	struct rig *rig = *state;

	for (int stateful = 0; stateful < 2; stateful++) {
		struct rig_mppe session;

		rig_mppe_add(rig, &session, RIG_PPPOE, 128, stateful);
		for (int i = 0; i < 4096 + 300; i++)
			send_and_expect(rig, &session, 40);
		assert_int_equal(rig_drops_all(rig), 0);
		rig_mppe_remove(rig, &session);
	}
}

static void test_stateless_losses(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 3; i++) {
		struct rig_mppe session;

		rig_mppe_add(rig, &session, RIG_PPTP, key_bits[i], false);
		for (unsigned int n = 0; n < 32; n++) {
			lose(&session, n);
			send_and_expect(rig, &session, 60 + n);
		}
		assert_int_equal(rig_drops_all(rig), 0);
		rig_mppe_remove(rig, &session);
	}
}

/* The agent counts as far as it wants; the next one here is as far ahead. */
static void test_far_ahead_is_for_the_agent(void **state)
{
	struct rig *rig = *state;
	struct rig_mppe session;
	struct frame packet, frame;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = rig_mppe_packet(&session, true, 200, 64);
	lose(&session, 32);
	for (int i = 0; i < 3; i++) {
		frame = rig_mppe_send(&session, &packet);
		expect_refused(rig, &session, &frame, XP_R_P_MPPE_AHEAD);
	}
	assert_int_equal(rig->up[session.slot].packets, 0);
	assert_int_equal(rig->up[session.slot].drops, 0);
	rig_mppe_remove(rig, &session);
}

/* A window of packets, each sent once, in any order, some twice. */
static void test_stateless_reordering(void **state)
{
	static struct frame frames[MANY];
	struct rig *rig = *state;

	for (int i = 0; i < 3; i++) {
		struct rig_mppe session;

		rig_mppe_add(rig, &session, RIG_L2TP, key_bits[i], false);
		for (int n = 0; n < MANY; n++) {
			struct frame packet = rig_mppe_packet(&session, true, 100 + n, 64);

			frames[n] = rig_mppe_send(&session, &packet);
		}
		/* backwards in groups of 20, the last of all first */
		for (int group = 0; group < MANY; group += 20)
			for (int n = 19; n >= 0; n--) {
				expect_decrypted(rig, &session, &frames[group + n],
						 100 + group + n);
				if (n % 3 == 0)
					expect_refused(rig, &session, &frames[group + n],
						       XP_R_MPPE_COUNT);
			}
		assert_int_equal(rig->up[session.slot].packets, MANY);
		rig_mppe_remove(rig, &session);
	}
}

/* 63 later is still taken, 64 is not. */
static void test_stateless_late(void **state)
{
	static struct frame frames[MANY];
	struct rig *rig = *state;
	struct rig_mppe session;

	rig_mppe_add(rig, &session, RIG_PPPOE_QINQ, 128, false);
	for (int n = 0; n < MANY; n++) {
		struct frame packet = rig_mppe_packet(&session, true, 100 + n, 64);

		frames[n] = rig_mppe_send(&session, &packet);
	}
	for (int n = 2; n < 66; n++)
		expect_decrypted(rig, &session, &frames[n], 100 + n);
	expect_refused(rig, &session, &frames[1], XP_R_P_MPPE_AHEAD);
	rig_mppe_remove(rig, &session);
	rig_mppe_add(rig, &session, RIG_PPPOE_QINQ, 128, false);
	for (int n = 0; n < MANY; n++) {
		struct frame packet = rig_mppe_packet(&session, true, 100 + n, 64);

		frames[n] = rig_mppe_send(&session, &packet);
	}
	for (int n = 1; n < 64; n++)
		expect_decrypted(rig, &session, &frames[n], 100 + n);
	expect_decrypted(rig, &session, &frames[0], 100);
	expect_refused(rig, &session, &frames[0], XP_R_MPPE_COUNT);
	rig_mppe_remove(rig, &session);
}

/* Who knows no keys but everything else cannot move the count. */
static void test_forged_counts(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 6; i++) {
		struct rig_mppe session;

		rig_mppe_add(rig, &session, RIG_PPPOE, key_bits[i % 3], i >= 3);
		send_and_expect(rig, &session, 100);
		for (uint32_t n = 0; n < 64; n++) {
			struct frame payload = { .len = 102 }, frame;

			/* as if the next, or a little ahead */
			payload.byte[0] = 0x90;
			payload.byte[1] = (uint8_t)(1 + (i >= 3 ? 0 : n % 32));
			for (uint32_t at = 2; at < payload.len; at++)
				payload.byte[at] = (uint8_t)rand();
			frame = rig_mppe_up(&session, 0x00fd, &payload);
			expect_refused(rig, &session, &frame, XP_R_MPPE_GARBAGE);
		}
		send_and_expect(rig, &session, 100);
		assert_int_equal(rig->up[session.slot].drops, 64);
		rig_mppe_remove(rig, &session);
	}
}

/* ---- the stateful mode's losses */

static unsigned int told;

static int on_event(void *arg, void *data, size_t size)
{
	const struct rig_mppe *session = arg;
	const struct xp_event *event = data;

	assert_int_equal(size, sizeof(*event));
	if (event->kind != XP_EVENT_MPPE_LOST)
		return 0;
	assert_int_equal(event->slot, session->slot);
	told++;
	return 0;
}

static unsigned int events_read(const struct rig *rig, struct rig_mppe *session)
{
	struct ring_buffer *ring =
		ring_buffer__new(bpf_map__fd(rig->skel->maps.events), on_event, session, NULL);

	assert_non_null(ring);
	told = 0;
	assert_true(ring_buffer__consume(ring) >= 0);
	ring_buffer__free(ring);
	return told;
}

/* One question for a loss, however long it takes; both ways of peers to begin anew. */
static void test_stateful_losses(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 6; i++) {
		struct rig_mppe session;
		struct frame packet, frame;

		rig_mppe_add(rig, &session, RIG_PPTP, 128, true);
		rig_mppe_rekey(rig, &session, i % 2 ? PEER_LINUX : PEER_RFC, key_bits[i / 2], true);
		packet = rig_mppe_packet(&session, true, 90, 64);
		for (int n = 0; n < 3; n++)
			send_and_expect(rig, &session, 300);
		assert_int_equal(events_read(rig, &session), 0);
		for (unsigned int lost = 1; lost < 600; lost += 199) {
			uint64_t before = rig_drops(rig, XP_R_MPPE_COUNT);

			lose(&session, lost);
			for (int n = 0; n < 5; n++) {
				frame = rig_mppe_send(&session, &packet);
				assert_int_equal(rig_run(rig, rig->access, &frame).verdict,
						 RIG_DROP);
			}
			assert_int_equal(rig_drops(rig, XP_R_MPPE_COUNT), before + 5);
			assert_int_equal(events_read(rig, &session), 1);
			assert_true(session.state->in.flags & XP_MPPE_F_LOST);
			session.out.flush = true;
			for (int n = 0; n < 3; n++)
				send_and_expect(rig, &session, 300);
			assert_false(session.state->in.flags & XP_MPPE_F_LOST);
			assert_int_equal(events_read(rig, &session), 0);
		}
		rig_mppe_remove(rig, &session);
	}
}

/* ---- what must not pass */

static void test_clear_text_is_dropped(void **state)
{
	struct rig *rig = *state;

	for (int carrier = 0; carrier < RIG_CARRIERS; carrier++) {
		struct rig_mppe session;
		struct frame packet, frame;

		rig_mppe_add(rig, &session, carrier, 128, false);
		packet = rig_mppe_packet(&session, true, 100, 64);
		frame = rig_mppe_up(&session, 0x0021, &packet);
		expect_refused(rig, &session, &frame, XP_R_MPPE_CLEAR);
		frame = rig_mppe_up(&session, 0x0057, &packet);
		expect_refused(rig, &session, &frame, XP_R_MPPE_CLEAR);
		/* of a slow session, too */
		rig->up[session.slot].state = XP_STATE_SLOW;
		frame = rig_mppe_up(&session, 0x0021, &packet);
		expect_refused(rig, &session, &frame, XP_R_MPPE_CLEAR);
		frame = rig_mppe_send(&session, &packet);
		expect_refused(rig, &session, &frame, XP_R_P_SLOW);
		assert_int_equal(rig_path(rig, XP_PATH_UP_SLOW).packets, 1);
		rig_mppe_remove(rig, &session);
	}
}

static void test_without_keys_nothing_passes(void **state)
{
	struct rig *rig = *state;
	struct rig_mppe session;
	struct frame packet, frame;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = rig_mppe_packet(&session, true, 100, 64);
	memset(session.state, 0, sizeof(*session.state));
	frame = rig_mppe_send(&session, &packet);
	expect_refused(rig, &session, &frame, XP_R_MPPE_KEYS);
	frame = rig_mppe_up(&session, 0x0021, &packet);
	expect_refused(rig, &session, &frame, XP_R_MPPE_CLEAR);
	rig_mppe_remove(rig, &session);
}

static void test_bad_packets(void **state)
{
	static const struct {
		uint8_t first;
		enum xp_reason reason;
	} headers[] = { { 0x80, XP_R_MPPE_HEADER },
			{ 0xb0, XP_R_MPPE_HEADER },
			{ 0x10, XP_R_MPPE_HEADER },
			{ 0x00, XP_R_MPPE_HEADER } };
	struct rig *rig = *state;
	struct rig_mppe session;
	struct frame packet, frame, payload = { .len = 2 };

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = rig_mppe_packet(&session, true, 100, 64);
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		struct frame bad = { .len = 30, .byte = { headers[i].first } };

		frame = rig_mppe_up(&session, 0x00fd, &bad);
		expect_refused(rig, &session, &frame, headers[i].reason);
	}
	/* nothing in it */
	payload.byte[0] = 0x90;
	frame = rig_mppe_up(&session, 0x00fd, &payload);
	expect_refused(rig, &session, &frame, XP_R_MPPE_HEADER);
	/* another protocol in a good one: nothing is to leave here */
	payload.len = 2 + 2 + 40;
	memset(payload.byte, 0, payload.len);
	payload.byte[1] = 0x57;
	payload.byte[2] = 0x60;
	peer_send(&session.out, payload.byte, 42, packet.byte);
	packet.len = 44;
	frame = rig_mppe_up(&session, 0x00fd, &packet);
	assert_int_equal(rig_run(rig, rig->access, &frame).verdict, RIG_DROP);
	assert_int_equal(rig_drops(rig, XP_R_MPPE_GARBAGE), 1);
	/* the sender is not who the session is */
	packet = rig_mppe_packet(&session, true, 100, 64);
	packet.byte[15] ^= 1;
	build_fix_ip(packet.byte);
	frame = rig_mppe_send(&session, &packet);
	assert_int_equal(rig_run(rig, rig->access, &frame).verdict, RIG_DROP);
	assert_int_equal(rig_drops(rig, XP_R_SOURCE), 1);
	rig_mppe_remove(rig, &session);
}

/* Larger than what the program has room for: the agent's. */
static void test_jumbo_is_for_the_agent(void **state)
{
	struct frame payload = { .len = 2200, .byte = { 0x90 } }, frame;
	struct rig *rig = *state;
	struct rig_mppe session;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	frame = rig_mppe_up(&session, 0x00fd, &payload);
	expect_refused(rig, &session, &frame, XP_R_P_MPPE);
	rig_mppe_remove(rig, &session);
}

/* No home: everything encrypted is the agent's, nothing else changes. */
static void test_without_a_home(void **state)
{
	struct rig *rig = *state;
	struct rig_mppe session;
	struct frame packet, frame;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = rig_mppe_packet(&session, true, 100, 64);
	rig_mppe_home(rig, false);
	frame = rig_mppe_send(&session, &packet);
	expect_refused(rig, &session, &frame, XP_R_P_MPPE);
	frame = rig_mppe_up(&session, 0x0021, &packet);
	expect_refused(rig, &session, &frame, XP_R_MPPE_CLEAR);
	rig_mppe_home(rig, true);
	send_and_expect(rig, &session, 100);
	rig_mppe_remove(rig, &session);
}

/* Encrypted for a session without keys: negotiation is the agent's. */
static void test_without_encryption(void **state)
{
	struct rig *rig = *state;
	struct rig_mppe session;
	struct frame packet, frame;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = rig_mppe_packet(&session, true, 100, 64);
	frame = rig_mppe_send(&session, &packet);
	rig_mppe_remove(rig, &session);
	assert_int_equal(rig_run(rig, rig->access, &frame).verdict, RIG_PASS);
	assert_int_equal(rig_drops(rig, XP_R_P_MPPE), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_the_count_goes_round),
		cmocka_unit_test(test_stateless_losses),
		cmocka_unit_test(test_far_ahead_is_for_the_agent),
		cmocka_unit_test(test_stateless_reordering),
		cmocka_unit_test(test_stateless_late),
		cmocka_unit_test(test_forged_counts),
		cmocka_unit_test(test_stateful_losses),
		cmocka_unit_test(test_clear_text_is_dropped),
		cmocka_unit_test(test_without_keys_nothing_passes),
		cmocka_unit_test(test_bad_packets),
		cmocka_unit_test(test_jumbo_is_for_the_agent),
		cmocka_unit_test(test_without_a_home),
		cmocka_unit_test(test_without_encryption),
	};

	return rig_mppe_tests(tests);
}
