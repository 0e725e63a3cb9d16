/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Whom the device's program hands over to another CPU, and that the usual one does the rest. What
 * happens on the other CPU no test run shows: tests/netns does.
 */
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "dataplane/cpus.h"
#include "rig.h"
#include "spread.skel.h"
#include "xpppd.skel.h"

static struct spread *spread;

static void handed_over(const struct rig_session *session, uint16_t cpu)
{
	struct xp_spread entry = { .cpu = (uint16_t)(cpu + 1) };

	memcpy(entry.peer_mac, session->wrap.peer, sizeof(entry.peer_mac));
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(spread->maps.spread_sessions),
					     &session->slot, &entry, BPF_ANY),
			 0);
}

static struct xp_spread_counter counted(void)
{
	int cpus = libbpf_num_possible_cpus();
	struct xp_spread_counter values[cpus], sum = { 0 };
	uint32_t zero = 0;

	assert_int_equal(
		bpf_map_lookup_elem(bpf_map__fd(spread->maps.spread_counters), &zero, values), 0);
	for (int i = 0; i < cpus; i++) {
		sum.given += values[i].given;
		sum.taken += values[i].taken;
	}
	return sum;
}

static struct rig_result run(struct rig *rig, const struct frame *frame)
{
	return rig_test_run(rig, spread->progs.spread_xdp, rig->access, frame);
}

/* As it came, with nothing counted but that: the other CPU begins anew. */
static void expect_given(struct rig *rig, const struct frame *frame)
{
	uint64_t before = counted().given;
	struct rig_result result = run(rig, frame);

	assert_int_equal(result.verdict, RIG_REDIRECT);
	assert_int_equal(result.frame.len, frame->len);
	assert_memory_equal(result.frame.byte, frame->byte, frame->len);
	assert_int_equal(counted().given, before + 1);
	assert_int_equal(counted().taken, 0);
	assert_int_equal(rig_drops_all(rig), 0);
	assert_int_equal(rig_path(rig, XP_PATH_UP_FAST).packets, 0);
}

static void expect_sent_here(struct rig *rig, const struct frame *frame, const struct frame *packet)
{
	uint64_t before = counted().given;
	struct rig_result result = run(rig, frame);
	struct frame expected = build_ethernet(rig_server_mac, rig->core_mac, packet);

	rig_expect_sent(rig, &result, &expected, XP_PATH_UP_FAST);
	assert_int_equal(counted().given, before);
}

static void expect_left(struct rig *rig, const struct frame *frame, enum xp_reason reason)
{
	uint64_t before = counted().given;
	struct rig_result result = run(rig, frame);
	void *state = rig;

	rig_expect_refused(rig, &result, frame, reason);
	assert_int_equal(counted().given, before);
	rig_reset(&state);
}

static void test_given(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;

	rig_add(rig, &alice);
	handed_over(&alice, 0);
	frame = build_pppoe(&alice.wrap, &packet);
	expect_given(rig, &frame);
	/* compressed protocol field, padding, tags: the same session */
	alice.wrap.pfc = true;
	alice.wrap.padding = 9;
	frame = build_pppoe(&alice.wrap, &packet);
	expect_given(rig, &frame);
	alice.wrap.tpid_outer = 0x8100;
	alice.wrap.vid_outer = 7;
	frame = build_pppoe(&alice.wrap, &packet);
	expect_given(rig, &frame);
}

static void test_kept(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);
	struct frame packet = rig_packet(RIG_BOB, RIG_SERVER, 64), sent;
	struct frame frame = build_pppoe(&bob.wrap, &packet);

	rig_add(rig, &bob);
	sent = rig_packet(RIG_BOB, RIG_SERVER, 63);
	expect_sent_here(rig, &frame, &sent);
	rig_reset(state);

	/* on its way to where there is no queue any more */
	rig_add(rig, &bob);
	assert_int_equal(cpus_queue(spread, 0, false), 0);
	handed_over(&bob, 0);
	expect_sent_here(rig, &frame, &sent);
	assert_int_equal(cpus_queue(spread, 0, true), 0);
	rig_reset(state);

	/* of Alice, in Bob's name */
	rig_add(rig, &bob);
	bob.wrap.peer = alice.wrap.peer;
	frame = build_pppoe(&bob.wrap, &packet);
	expect_left(rig, &frame, XP_R_WRONG_PEER);
}

static void test_not_ip(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packet = rig_packet(RIG_ALICE, RIG_SERVER, 64), frame;
	const uint16_t sid = alice.wrap.sid;

	handed_over(&alice, 0);
	rig_add(rig, &alice);
	alice.wrap.protocol = 0xc021;
	frame = build_pppoe(&alice.wrap, &packet);
	expect_left(rig, &frame, XP_R_P_CONTROL);

	rig_add(rig, &alice);
	alice.wrap.protocol = 0x00fd;
	frame = build_pppoe(&alice.wrap, &packet);
	expect_left(rig, &frame, XP_R_P_MPPE);

	alice.wrap.protocol = 0;
	alice.wrap.sid = sid + 5;
	frame = build_pppoe(&alice.wrap, &packet);
	expect_left(rig, &frame, XP_R_NO_SESSION);

	alice.wrap.sid = 0xffff; /* beyond all slots */
	frame = build_pppoe(&alice.wrap, &packet);
	expect_left(rig, &frame, XP_R_NO_SESSION);

	alice.wrap.sid = sid;
	frame = build_pppoe(&alice.wrap, &packet);
	frame.byte[15] = 0xa7; /* the PPPoE code of a PADT */
	expect_left(rig, &frame, XP_R_PPPOE_HEADER);
}

/* The same program serves what comes from the core. */
static void test_down(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig);
	struct frame packet = rig_packet(RIG_SERVER, RIG_ALICE, 64), expected, sent;
	struct frame frame = build_ethernet(rig->access_mac, rig_server_mac, &packet);
	struct rig_result result;

	rig_add(rig, &alice);
	handed_over(&alice, 0);
	result = run(rig, &frame);
	sent = rig_packet(RIG_SERVER, RIG_ALICE, 63);
	expected = build_pppoe_down(&alice.wrap, &sent);
	rig_expect_sent(rig, &result, &expected, XP_PATH_DOWN_FAST);
}

static int setup(void **state)
{
	struct rig *rig;

	if (rig_setup_xdp(state) < 0)
		return -1;
	rig = *state;
	assert_int_equal(cpus_load(rig->skel, 4096, &spread), 0);
	assert_int_equal(cpus_queue(spread, 0, true), 0);
	return 0;
}

static int teardown(void **state)
{
	spread__destroy(spread);
	return rig_teardown(state);
}

/* Nobody is handed over. */
static int reset(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);
	const struct xp_spread none = { .cpu = 0 };
	int fd = bpf_map__fd(spread->maps.spread_sessions);

	bpf_map_update_elem(fd, &alice.slot, &none, BPF_ANY);
	bpf_map_update_elem(fd, &bob.slot, &none, BPF_ANY);
	return rig_reset(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_given, reset),
		cmocka_unit_test_setup(test_kept, reset),
		cmocka_unit_test_setup(test_not_ip, reset),
		cmocka_unit_test_setup(test_down, reset),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
