/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions' rates: what a bucket holds passes, on each of the ways, and is counted once. */
#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "rig_mppe.h"
#include "xpppd.skel.h"

#define SIZE 100
#define FULL 4 /* packets of that size that a bucket holds, and half a one */
#define PACKET_S 1000ull
#define TICK_NS 20000000 /* of the kernel's clock, no less */

static uint64_t ticks(uint64_t ns)
{
	return ns << XP_RATE_TICKS;
}

static uint64_t now_ticks(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ticks((uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec);
}

/* So slow that nothing comes back while a test runs. */
static struct xp_rate slow_rate(void)
{
	uint64_t packet = ticks(PACKET_S * 1000000000);

	return (struct xp_rate){
		.price = (packet << XP_RATE_SHIFT) / SIZE,
		.depth = packet * FULL + packet / 2,
	};
}

/* ---- a session of each carrier, encrypted or not */

struct limited {
	struct rig *rig;
	struct rig_mppe session;
	bool encrypted;
};

static void limited_add(struct limited *l, struct rig *rig, enum rig_carrier carrier,
			bool encrypted)
{
	*l = (struct limited){ .rig = rig, .encrypted = encrypted };
	rig_mppe_add(rig, &l->session, carrier, 128, false);
	if (!encrypted)
		rig_mppe_remove(rig, &l->session);
	rig->up[l->session.slot].flags |= XP_F_RATE;
	rig->down[l->session.line].flags |= XP_F_RATE;
	rig->rates_up[l->session.slot] = slow_rate();
	rig->rates_down[l->session.line] = slow_rate();
}

static void limited_remove(struct limited *l)
{
	if (l->encrypted)
		rig_mppe_remove(l->rig, &l->session);
}

static enum rig_verdict limited_up(struct limited *l, size_t len)
{
	struct frame packet = rig_mppe_packet(&l->session, true, len, 64);
	struct frame frame = l->encrypted ? rig_mppe_send(&l->session, &packet)
					  : rig_mppe_up(&l->session, 0x0021, &packet);

	return rig_run(l->rig, l->rig->access, &frame).verdict;
}

static enum rig_verdict limited_down(struct limited *l, bool from_stack)
{
	struct frame packet = rig_mppe_packet(&l->session, false, SIZE, 64);
	struct frame frame = from_stack ? build_ethernet(l->rig->concentrator_mac,
							 l->rig->concentrator_mac, &packet)
					: build_ethernet(l->rig->core_mac, rig_server_mac, &packet);

	return from_stack ? rig_run_dp(l->rig, &frame).verdict
			  : rig_run(l->rig, l->rig->core, &frame).verdict;
}

static void expect_dropped(struct rig *rig, const struct xp_rate *rate, enum xp_reason reason,
			   uint64_t packets)
{
	assert_int_equal(rig_drops(rig, reason), packets);
	assert_int_equal(rate->drops, packets);
}

static void check_up(struct rig *rig, enum rig_carrier carrier, bool encrypted)
{
	struct limited l;

	limited_add(&l, rig, carrier, encrypted);
	for (int i = 0; i < FULL + 1; i++)
		assert_int_equal(limited_up(&l, SIZE), RIG_REDIRECT);
	for (int i = 0; i < 3; i++)
		assert_int_equal(limited_up(&l, SIZE), RIG_DROP);
	expect_dropped(rig, &rig->rates_up[l.session.slot], XP_R_RATE_UP, 3);
	assert_int_equal(rig_drops_all(rig), 3);
	assert_int_equal(rig->up[l.session.slot].packets, FULL + 1);
	assert_int_equal(rig->up[l.session.slot].bytes, (FULL + 1) * SIZE);
	assert_int_equal(rig->up[l.session.slot].drops, 0);
	assert_int_equal(rig_path(rig, XP_PATH_UP_FAST).packets, FULL + 1);
	/* the other direction has credit of its own */
	assert_int_equal(limited_down(&l, false), RIG_REDIRECT);
	limited_remove(&l);
}

static void check_down(struct rig *rig, enum rig_carrier carrier, bool encrypted, bool from_stack)
{
	enum xp_path path = from_stack ? XP_PATH_DOWN_STACK : XP_PATH_DOWN_FAST;
	struct limited l;

	limited_add(&l, rig, carrier, encrypted);
	for (int i = 0; i < FULL + 1; i++)
		assert_int_equal(limited_down(&l, from_stack), RIG_REDIRECT);
	for (int i = 0; i < 3; i++)
		assert_int_equal(limited_down(&l, from_stack), RIG_DROP);
	expect_dropped(rig, &rig->rates_down[l.session.line], XP_R_RATE_DOWN, 3);
	assert_int_equal(rig_drops_all(rig), 3);
	assert_int_equal(rig->down[l.session.line].packets, FULL + 1);
	assert_int_equal(rig->down[l.session.line].bytes, (FULL + 1) * SIZE);
	assert_int_equal(rig_path(rig, path).packets, FULL + 1);
	assert_int_equal(limited_up(&l, SIZE), RIG_REDIRECT);
	limited_remove(&l);
}

static void test_every_carrier(void **state)
{
	for (int carrier = 0; carrier < RIG_CARRIERS; carrier++)
		for (int encrypted = 0; encrypted < 2; encrypted++) {
			check_up(*state, carrier, encrypted);
			check_down(*state, carrier, encrypted, false);
			check_down(*state, carrier, encrypted, true);
		}
}

/* Over the stack it is taken once, where the packet comes from or leaves. */
static void test_stack_path(void **state)
{
	struct rig *rig = *state;
	struct limited l;

	limited_add(&l, rig, RIG_PPPOE, false);
	rig->up[l.session.slot].flags |= XP_F_STACK;
	rig->down[l.session.line].flags |= XP_F_STACK;
	for (int i = 0; i < FULL + 3; i++)
		limited_up(&l, SIZE);
	expect_dropped(rig, &rig->rates_up[l.session.slot], XP_R_RATE_UP, 2);
	assert_int_equal(rig_path(rig, XP_PATH_UP_STACK).packets, FULL + 1);
	/* from the core it is left to the stack, which sends it back */
	for (int i = 0; i < 2 * FULL; i++)
		limited_down(&l, false);
	expect_dropped(rig, &rig->rates_down[l.session.line], XP_R_RATE_DOWN, 0);
	for (int i = 0; i < FULL + 3; i++)
		limited_down(&l, true);
	expect_dropped(rig, &rig->rates_down[l.session.line], XP_R_RATE_DOWN, 2);
}

/* ---- from subscriber to subscriber */

static void send_to_bob(struct rig *rig, const struct rig_session *alice, unsigned int times)
{
	struct frame packet = rig_packet(RIG_ALICE, RIG_BOB, 64);
	struct frame frame = build_pppoe(&alice->wrap, &packet);

	while (times-- > 0)
		rig_run(rig, rig->access, &frame);
}

static void test_hairpin(void **state)
{
	struct rig *rig = *state;
	struct rig_session alice = rig_alice(rig), bob = rig_bob(rig);
	size_t len = rig_packet(RIG_ALICE, RIG_BOB, 64).len;
	uint64_t packet = ticks(PACKET_S * 1000000000) * len / SIZE;

	rig_add(rig, &alice);
	rig_add(rig, &bob);
	rig->up[alice.slot].flags |= XP_F_RATE;
	rig->down[bob.line].flags |= XP_F_RATE;
	rig->rates_up[alice.slot] = rig->rates_down[bob.line] = slow_rate();
	rig->rates_up[alice.slot].depth = 5 * packet + packet / 2;
	rig->rates_down[bob.line].depth = 2 * packet + packet / 2;
	/* neither is asked for what is its other direction */
	rig->rates_down[alice.line] = rig->rates_up[bob.slot] = slow_rate();
	send_to_bob(rig, &alice, 8);
	expect_dropped(rig, &rig->rates_up[alice.slot], XP_R_RATE_UP, 2);
	expect_dropped(rig, &rig->rates_down[bob.line], XP_R_RATE_DOWN, 3);
	assert_int_equal(rig->up[alice.slot].packets, 6);
	assert_int_equal(rig->down[bob.line].packets, 3);
	assert_int_equal(rig_path(rig, XP_PATH_HAIRPIN).packets, 3);
	assert_int_equal(rig->rates_down[alice.line].until, 0);
	assert_int_equal(rig->rates_up[bob.slot].until, 0);
}

/* ---- the schedule */

static void test_without_a_rate(void **state)
{
	struct rig *rig = *state;
	struct limited l;

	limited_add(&l, rig, RIG_PPPOE, false);
	rig->up[l.session.slot].flags &= (uint16_t)~XP_F_RATE;
	rig->down[l.session.line].flags &= (uint16_t)~XP_F_RATE;
	for (int i = 0; i < 4 * FULL; i++) {
		assert_int_equal(limited_up(&l, SIZE), RIG_REDIRECT);
		assert_int_equal(limited_down(&l, i & 1), RIG_REDIRECT);
	}
	assert_int_equal(rig->rates_up[l.session.slot].until, 0);
	assert_int_equal(rig->rates_down[l.session.line].until, 0);
}

/* It begins now, as of the last tick at least; from then on it advances by what each packet costs. */
static void test_schedule(void **state)
{
	struct rig *rig = *state;
	uint64_t before, until, cost;
	struct xp_rate *rate;
	struct limited l;

	limited_add(&l, rig, RIG_PPPOE, false);
	rate = &rig->rates_up[l.session.slot];
	cost = rate->price * SIZE >> XP_RATE_SHIFT;
	before = now_ticks();
	assert_int_equal(limited_up(&l, SIZE), RIG_REDIRECT);
	assert_in_range(rate->until, before - ticks(TICK_NS) + cost, now_ticks() + cost);
	until = rate->until;
	assert_int_equal(limited_up(&l, SIZE), RIG_REDIRECT);
	assert_int_equal(rate->until, until + cost);
	/* what was dropped costs nothing; the largest packet passes on the last credit */
	rate->until = now_ticks() + rate->depth - cost / 2;
	until = rate->until;
	assert_int_equal(limited_up(&l, 1400), RIG_REDIRECT);
	assert_int_equal(rate->until, until + (rate->price * 1400 >> XP_RATE_SHIFT));
	until = rate->until;
	assert_int_equal(limited_up(&l, 20), RIG_DROP);
	assert_int_equal(rate->until, until);
	/* time brings it back */
	rate->until = now_ticks() + rate->depth - 1;
	assert_int_equal(limited_up(&l, SIZE), RIG_REDIRECT);
	assert_int_equal(rate->drops, 1);
}

/* A flag whose rate was not written yet, or is being taken away. */
static void test_no_price(void **state)
{
	struct rig *rig = *state;
	struct limited l;

	limited_add(&l, rig, RIG_PPPOE, false);
	memset(&rig->rates_up[l.session.slot], 0, sizeof(struct xp_rate));
	for (int i = 0; i < 2 * FULL; i++)
		assert_int_equal(limited_up(&l, SIZE), RIG_REDIRECT);
}

/* What is dropped was not there: neither activity nor capture. */
static void test_dropped_is_no_activity(void **state)
{
	struct rig *rig = *state;
	struct limited l;

	limited_add(&l, rig, RIG_PPPOE, false);
	rig->rates_up[l.session.slot].until = now_ticks() + ticks(3600000000000);
	rig->rates_up[l.session.slot].depth = 1;
	rig->rates_down[l.session.line] = rig->rates_up[l.session.slot];
	assert_int_equal(limited_up(&l, SIZE), RIG_DROP);
	assert_int_equal(limited_down(&l, false), RIG_DROP);
	assert_int_equal(rig->up[l.session.slot].active, 0);
	assert_int_equal(rig->down[l.session.line].active, 0);
	assert_int_equal(rig->up[l.session.slot].packets, 0);
	assert_int_equal(rig->down[l.session.line].packets, 0);
}

/* ---- several CPUs at once */

#define THREADS 4
#define TIMES 500

struct crowd {
	struct rig *rig;
	struct frame frame;
};

static void *crowd_run(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < TIMES; i++)
		rig_run(crowd->rig, crowd->rig->access, &crowd->frame);
	return NULL;
}

/* Half of what they send fits: no packet passes without being paid for, and none is refused that fits. */
static void test_several_cpus(void **state)
{
	const uint64_t fits = THREADS * TIMES / 2;
	struct crowd crowd = { .rig = *state };
	struct rig *rig = *state;
	pthread_t threads[THREADS];
	struct frame packet;
	struct xp_rate *rate;
	struct limited l;
	uint64_t cost;

	limited_add(&l, rig, RIG_PPPOE, false);
	rate = &rig->rates_up[l.session.slot];
	cost = rate->price * SIZE >> XP_RATE_SHIFT;
	rate->depth = fits * cost - cost / 2;
	rate->until = now_ticks();
	packet = rig_mppe_packet(&l.session, true, SIZE, 64);
	crowd.frame = rig_mppe_up(&l.session, 0x0021, &packet);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_run, &crowd), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(rig->up[l.session.slot].packets, fits);
	expect_dropped(rig, rate, XP_R_RATE_UP, THREADS * TIMES - fits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_carrier, rig_reset),
		cmocka_unit_test_setup(test_stack_path, rig_reset),
		cmocka_unit_test_setup(test_hairpin, rig_reset),
		cmocka_unit_test_setup(test_without_a_rate, rig_reset),
		cmocka_unit_test_setup(test_schedule, rig_reset),
		cmocka_unit_test_setup(test_no_price, rig_reset),
		cmocka_unit_test_setup(test_dropped_is_no_activity, rig_reset),
		cmocka_unit_test_setup(test_several_cpus, rig_reset),
	};

	return rig_mppe_tests(tests);
}
