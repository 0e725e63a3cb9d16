/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Two CPUs work on one session at the same time, and the agent changes its keys meanwhile. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "mppe.h"
#include "rig_mppe.h"

#define THREADS 2
#define PACKETS 1500 /* of each; together fewer than there are counts */
#define WINDOW                                                                                     \
	30 /* counts that the threads are apart at most: what is further ahead is not taken */
#define LEN 300

struct worker {
	pthread_t thread;
	struct rig *rig;
	uint32_t ifindex;
	int cpu;
	const struct frame *frames[PACKETS];
	struct rig_result results[PACKETS];
	pthread_barrier_t *barrier; /* NULL: no waiting for each other */
};

static struct worker workers[THREADS];

static void *work(void *arg)
{
	struct worker *w = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	for (int i = 0; i < PACKETS; i++) {
		if (w->barrier && i % (WINDOW / THREADS) == 0)
			pthread_barrier_wait(w->barrier);
		w->results[i] = rig_run(w->rig, w->ifindex, w->frames[i]);
	}
	return NULL;
}

static void work_together(struct rig *rig, uint32_t ifindex, pthread_barrier_t *barrier)
{
	for (int t = 0; t < THREADS; t++) {
		workers[t].rig = rig;
		workers[t].ifindex = ifindex;
		workers[t].cpu = t;
		workers[t].barrier = barrier;
		assert_int_equal(pthread_create(&workers[t].thread, NULL, work, &workers[t]), 0);
	}
	for (int t = 0; t < THREADS; t++)
		pthread_join(workers[t].thread, NULL);
}

/* Every count is used once, and in the order of the counts the peer understands every packet. */
static void expect_understood(struct rig *rig, struct rig_mppe *session)
{
	static const struct frame *by_count[4096];
	struct frame none = { .len = 0 }, packet = rig_mppe_packet(session, false, LEN, 63);
	size_t header = rig_mppe_down(session, 0x00fd, &none).len;
	uint64_t busy = rig_drops(rig, XP_R_MPPE_BUSY), sent = 0, seen = 0;
	uint8_t clear[BUILD_MAX];

	memset(by_count, 0, sizeof(by_count));
	for (int t = 0; t < THREADS; t++)
		for (int i = 0; i < PACKETS; i++) {
			const struct rig_result *result = &workers[t].results[i];
			unsigned int count = build_get16(result->frame.byte + header) & 0xfff;

			if (result->verdict == RIG_DROP)
				continue;
			assert_int_equal(result->verdict, RIG_REDIRECT);
			assert_null(by_count[count]);
			by_count[count] = &result->frame;
			sent++;
		}
	assert_int_equal(sent + busy, THREADS * PACKETS);
	for (uint64_t count = 0; count < sent; count++) {
		const struct frame *frame = by_count[count];

		assert_non_null(frame);
		assert_true(peer_receive(&session->in, frame->byte + header, frame->len - header,
					 clear));
		assert_memory_equal(clear + 2, packet.byte, packet.len);
		seen++;
	}
	assert_int_equal(seen, sent);
	assert_int_equal(rig_drops_all(rig), busy);
}

static void test_downstream(void **state)
{
	struct rig *rig = *state;

	for (int stateful = 0; stateful < 2; stateful++) {
		struct rig_mppe session;
		struct frame packet, frame;

		rig_mppe_add(rig, &session, RIG_PPPOE, 128, stateful);
		packet = rig_mppe_packet(&session, false, LEN, 64);
		frame = build_ethernet(rig->core_mac, rig_server_mac, &packet);
		for (int t = 0; t < THREADS; t++)
			for (int i = 0; i < PACKETS; i++)
				workers[t].frames[i] = &frame;
		work_together(rig, rig->core, NULL);
		expect_understood(rig, &session);
		rig_mppe_remove(rig, &session);
	}
}

static void test_upstream(void **state)
{
	static struct frame frames[THREADS * PACKETS];
	struct frame packet, expected;
	struct rig *rig = *state;
	struct rig_mppe session;
	pthread_barrier_t barrier;
	uint64_t taken = 0;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, false);
	packet = rig_mppe_packet(&session, true, LEN, 64);
	for (int i = 0; i < THREADS * PACKETS; i++) {
		frames[i] = rig_mppe_send(&session, &packet);
		workers[i % THREADS].frames[i / THREADS] = &frames[i];
	}
	pthread_barrier_init(&barrier, NULL, THREADS);
	work_together(rig, rig->access, &barrier);
	pthread_barrier_destroy(&barrier);
	packet = rig_mppe_packet(&session, true, LEN, 63);
	expected = build_ethernet(rig_server_mac, rig->core_mac, &packet);
	for (int i = 0; i < THREADS * PACKETS; i++) {
		const struct rig_result *result = &workers[i % THREADS].results[i / THREADS];

		if (result->verdict == RIG_DROP)
			continue;
		assert_int_equal(result->verdict, RIG_REDIRECT);
		assert_int_equal(result->frame.len, expected.len);
		assert_memory_equal(result->frame.byte, expected.byte, expected.len);
		taken++;
	}
	assert_int_equal(taken + rig_drops(rig, XP_R_MPPE_BUSY), THREADS * PACKETS);
	assert_int_equal(rig_drops_all(rig), rig_drops(rig, XP_R_MPPE_BUSY));
	assert_int_equal(rig->up[session.slot].packets, taken);
	rig_mppe_remove(rig, &session);
}

/* ---- new keys while packets are under way */

static bool stop;

static void *rekey(void *arg)
{
	static const uint8_t start[XP_MPPE_KEY] = "the same for all";
	struct xp_mppe *shared = arg, fresh;

	memset(&fresh, 0, sizeof(fresh));
	mppe_start(&fresh.in, start, XP_MPPE_128, XP_MPPE_F_STATEFUL);
	mppe_start(&fresh.out, start, XP_MPPE_128, XP_MPPE_F_STATEFUL);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		mppe_replace(shared, &fresh);
		sched_yield();
	}
	return NULL;
}

/* Whatever happens, in the end the keys are whole. */
static void test_new_keys(void **state)
{
	struct frame packet, frame;
	struct rig *rig = *state;
	struct rig_mppe session;
	pthread_t thread;

	rig_mppe_add(rig, &session, RIG_PPPOE, 128, true);
	packet = rig_mppe_packet(&session, false, LEN, 64);
	frame = build_ethernet(rig->core_mac, rig_server_mac, &packet);
	for (int t = 0; t < THREADS; t++)
		for (int i = 0; i < PACKETS; i++)
			workers[t].frames[i] = &frame;
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, rekey, session.state), 0);
	work_together(rig, rig->core, NULL);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(session.state->in.lock | session.state->out.lock, 0);
	rig_mppe_remove(rig, &session);
	rig_mppe_add(rig, &session, RIG_PPPOE, 128, true);
	work_together(rig, rig->core, NULL);
	expect_understood(rig, &session);
	rig_mppe_remove(rig, &session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_downstream),
		cmocka_unit_test(test_upstream),
		cmocka_unit_test(test_new_keys),
	};

	return rig_mppe_tests(tests);
}
