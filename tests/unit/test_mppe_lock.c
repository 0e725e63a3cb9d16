/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The lock of a state: programs that have it when the agent comes, or never give it back. */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "mppe_rig.h"

#include "../../bpf/mppe/mppe_linear.h"

static int open_reference(void **state)
{
	(void)state;
	srand(1);
	reference_open(&reference);
	return 0;
}

static int close_reference(void **state)
{
	(void)state;
	reference_close(&reference);
	return 0;
}

static void a_lock_that_nobody_gives_back_drops_packets(void **state)
{
	struct packet clear, wire;
	struct xp_mppe mppe, fresh;
	struct peer peer;

	(void)state;
	keys_open(&peer, &fresh.in, PEER_RFC, &lengths[2], false);
	fresh.out = fresh.in;
	mppe = fresh;
	mppe.in.lock = mppe.out.lock = 1;
	peer_next(&peer, &clear, &wire);
	assert_refused(&mppe.in, &wire, XP_R_MPPE_BUSY);
	assert_int_equal(mppe_encrypt(&mppe.out, clear.bytes, clear.len, wire.bytes),
			 XP_R_MPPE_BUSY);
	mppe_flush(&mppe.out);
	assert_int_equal(mppe.out.flags, 0);
	mppe_replace(&mppe, &fresh);
	assert_int_equal(mppe.in.lock | mppe.out.lock, 0);
	peer_close(&peer);
}

struct holder {
	struct xp_mppe *mppe;
	bool has_begun;
};

/* A program that has encrypted a packet and was stopped before it could say so. */
static void *hold(void *arg)
{
	struct holder *h = arg;

	__atomic_store_n(&h->has_begun, true, __ATOMIC_RELEASE);
	usleep(2000);
	h->mppe->out.count = 0x123;
	__atomic_store_n(&h->mppe->out.lock, 0, __ATOMIC_RELEASE);
	return NULL;
}

/* Or the keys would encrypt two packets alike. */
static void who_has_the_lock_is_waited_for(void **state)
{
	struct xp_mppe mppe, taken;
	struct holder holder = { .mppe = &mppe };
	pthread_t thread;
	struct peer peer;

	(void)state;
	keys_open(&peer, &mppe.in, PEER_RFC, &lengths[2], false);
	mppe.out = mppe.in;
	mppe.out.lock = 1;
	assert_int_equal(pthread_create(&thread, NULL, hold, &holder), 0);
	while (!__atomic_load_n(&holder.has_begun, __ATOMIC_ACQUIRE))
		sched_yield();
	mppe_withdraw(&mppe, &taken);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(taken.out.count, 0x123);
	assert_int_equal(mppe.out.lock, 0);
	peer_close(&peer);
}

/* A program that slept too long with the lock changes nothing of the keys that came meanwhile. */
static void keys_that_were_replaced_stay(void **state)
{
	struct xp_mppe mppe, fresh, before;
	struct mppe_scratch scratch = { 0 };
	struct peer peer;

	(void)state;
	keys_open(&peer, &fresh.in, PEER_RFC, &lengths[2], true);
	fresh.out = fresh.in;
	mppe = fresh;
	assert_int_equal(mppe_out_begin(&mppe.out, &scratch), 0);
	assert_int_equal(mppe.out.lock, 1);
	mppe_replace(&mppe, &fresh);
	mppe.out.lock = 1; /* the next one has it */
	before = mppe;
	mppe_out_end(&mppe.out, &scratch);
	assert_memory_equal(&mppe.out, &before.out, sizeof(mppe.out));
	peer_close(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock_that_nobody_gives_back_drops_packets),
		cmocka_unit_test(who_has_the_lock_is_waited_for),
		cmocka_unit_test(keys_that_were_replaced_stay),
	};

	return cmocka_run_group_tests(tests, open_reference, close_reference);
}
