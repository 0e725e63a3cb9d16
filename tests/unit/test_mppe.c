/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <pthread.h>

#include "mppe_rig.h"

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

/* RFC 3079 3.5. The sample text there is encrypted with the first session key, as the first packet
 * of a stateful session is. */
static void the_keys_of_rfc_3079_come_out(void **state)
{
	static const uint8_t start[16] = { 0x8b, 0x7c, 0xdc, 0x14, 0x9b, 0x99, 0x3a, 0x1b,
					   0xa1, 0x18, 0xcb, 0x15, 0x3f, 0x56, 0xdc, 0xcb };
	static const struct {
		enum xp_mppe_bits bits;
		size_t key_len;
		uint8_t key[16], text[12];
	} samples[] = {
		{ XP_MPPE_40,
		  8,
		  { 0xd1, 0x26, 0x9e, 0xc4, 0x9f, 0xa6, 0x2e, 0x3e },
		  { 0x92, 0x91, 0x37, 0x91, 0x7e, 0x58, 0x03, 0xd6, 0x68, 0xd7, 0x58, 0x98 } },
		/* the last byte is 0x58 in the RFC, which RC4 does not give */
		{ XP_MPPE_56,
		  8,
		  { 0xd1, 0x5c, 0x00, 0xc4, 0x9f, 0xa6, 0x2e, 0x3e },
		  { 0x3f, 0x10, 0x68, 0x33, 0xfa, 0x44, 0x8d, 0xa8, 0x42, 0xbc, 0x57, 0xb8 } },
		{ XP_MPPE_128,
		  16,
		  { 0x40, 0x5c, 0xb2, 0x24, 0x7a, 0x79, 0x56, 0xe6, 0xe2, 0x11, 0x00, 0x7a, 0xe2,
		    0x7b, 0x22, 0xd4 },
		  { 0x81, 0x84, 0x83, 0x17, 0xdf, 0x68, 0x84, 0x62, 0x72, 0xfb, 0x5a, 0xbe } },
	};

	(void)state;
	for (size_t i = 0; i < LENGTHS; i++) {
		struct xp_mppe_dir dir;
		uint8_t out[14];

		mppe_start(&dir, start, samples[i].bits, XP_MPPE_F_STATEFUL);
		assert_memory_equal(dir.session, samples[i].key, samples[i].key_len);
		assert_int_equal(mppe_encrypt(&dir, (const uint8_t *)"test message", 12, out), 0);
		assert_int_equal(out[0], 0x10);
		assert_int_equal(out[1], 0);
		assert_memory_equal(out + 2, samples[i].text, 12);
	}
}

/* ---- what we send */

static void reference_reads(const struct length *length, bool stateful, enum peer_kind kind)
{
	struct packet clear, wire, got;
	struct xp_mppe_dir dir;
	struct peer peer;

	keys_open(&peer, &dir, kind, length, stateful);
	for (unsigned int i = 0; i < 4503; i++) {
		size_t len = i % 1501;

		fill(clear.bytes, len);
		assert_int_equal(mppe_encrypt(&dir, clear.bytes, len, wire.bytes), 0);
		assert_int_equal((wire.bytes[0] & 15) << 8 | wire.bytes[1], i % 4096);
		assert_int_equal(wire.bytes[0] & 0x80, !stateful || i % 256 == 255 ? 0x80 : 0);
		assert_true(peer_receive(&peer, wire.bytes, len + 2, got.bytes));
		assert_memory_equal(got.bytes, clear.bytes, len);
	}
	peer_close(&peer);
}

static void the_reference_reads_every_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTHS; i++) {
		reference_reads(&lengths[i], false, PEER_RFC);
		reference_reads(&lengths[i], true, i & 1 ? PEER_LINUX : PEER_RFC);
	}
}

static void a_packet_is_encrypted_in_place(void **state)
{
	struct packet clear, wire, in_place;
	struct xp_mppe_dir dir, same;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	same = dir;
	ip_packet(&clear, 777, false);
	assert_int_equal(mppe_encrypt(&dir, clear.bytes, clear.len, wire.bytes), 0);
	memcpy(in_place.bytes + XP_MPPE_HEADER, clear.bytes, clear.len);
	assert_int_equal(
		mppe_encrypt(&same, in_place.bytes + XP_MPPE_HEADER, clear.len, in_place.bytes), 0);
	assert_memory_equal(in_place.bytes, wire.bytes, clear.len + XP_MPPE_HEADER);
	peer_close(&peer);
}

/* From every count on: some packets are lost, the peer says so, and the next one mends it. */
static void begin_anew(enum peer_kind kind, unsigned int lost)
{
	struct packet clear, wire, got;
	struct xp_mppe_dir dir;
	struct peer peer;

	keys_open(&peer, &dir, kind, &lengths[lost % 3], true);
	for (unsigned int round = 0; round < 60; round++) {
		ip_packet(&clear, 100, false);
		for (unsigned int i = 0; i < lost; i++)
			assert_int_equal(mppe_encrypt(&dir, clear.bytes, 102, wire.bytes), 0);
		assert_int_equal(mppe_encrypt(&dir, clear.bytes, 102, wire.bytes), 0);
		if (!peer_receive(&peer, wire.bytes, 104, got.bytes)) {
			mppe_flush(&dir);
			assert_int_equal(mppe_encrypt(&dir, clear.bytes, 102, wire.bytes), 0);
			assert_int_equal(wire.bytes[0] & 0x80, 0x80);
			assert_true(peer_receive(&peer, wire.bytes, 104, got.bytes));
		}
		assert_memory_equal(got.bytes, clear.bytes, 102);
		for (unsigned int i = 0; i < round; i++) {
			assert_int_equal(mppe_encrypt(&dir, clear.bytes, 102, wire.bytes), 0);
			assert_true(peer_receive(&peer, wire.bytes, 104, got.bytes));
			assert_memory_equal(got.bytes, clear.bytes, 102);
		}
	}
	peer_close(&peer);
}

static void a_reset_request_is_answered_so_that_every_peer_reads_it(void **state)
{
	(void)state;
	for (unsigned int lost = 1; lost < 600; lost += 1 + lost / 4) {
		begin_anew(PEER_RFC, lost);
		begin_anew(PEER_LINUX, lost);
	}
}

static void stateless_packets_do_not_begin_anew(void **state)
{
	struct xp_mppe_dir dir, before;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	before = dir;
	mppe_flush(&dir);
	assert_memory_equal(&dir, &before, sizeof(dir));
	peer_close(&peer);
}

/* ---- what comes in */

static void we_read_every_length(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < 2 * LENGTHS; n++) {
		struct packet clear, wire;
		struct xp_mppe_dir dir;
		struct peer peer;

		keys_open(&peer, &dir, n & 2 ? PEER_LINUX : PEER_RFC, &lengths[n / 2], n & 1);
		for (unsigned int i = 0; i < 4500; i++) {
			ip_packet(&clear, 20 + i % 1481, i & 1);
			peer_send(&peer, clear.bytes, clear.len, wire.bytes);
			wire.len = clear.len + 2;
			assert_received(&dir, &wire, &clear);
		}
		peer_close(&peer);
	}
}

static void a_packet_is_decrypted_in_place(void **state)
{
	struct packet clear, wire;
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	peer_next(&peer, &clear, &wire);
	assert_int_equal(mppe_decrypt(&dir, wire.bytes, wire.len, wire.bytes + 2), 0);
	assert_memory_equal(wire.bytes + 2, clear.bytes, clear.len);
	peer_close(&peer);
}

/* IPv6 does not pass, but it shows that the key is right. */
static void ipv6_proves_the_key(void **state)
{
	struct packet clear, wire;
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	fill(clear.bytes, 142);
	clear.len = 142;
	memcpy(clear.bytes, "\0\x57\x60", 3);
	clear.bytes[6] = 0;
	clear.bytes[7] = 100;
	peer_send(&peer, clear.bytes, clear.len, wire.bytes);
	wire.len = 144;
	assert_received(&dir, &wire, &clear);
	clear.bytes[7] = 99;
	peer_send(&peer, clear.bytes, clear.len, wire.bytes);
	assert_refused(&dir, &wire, XP_R_MPPE_GARBAGE);
	peer_close(&peer);
}

static void what_is_no_ip_packet_changes_nothing(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} spoils[] = { { 0, 0xc0 }, { 1, 0x23 }, { 2, 0x46 }, { 2, 0x44 }, { 4, 0xff }, { 12, 0 } };
	struct packet clear, wire;
	struct xp_mppe_dir dir, before;
	struct peer peer;

	(void)state;
	for (unsigned int stateful = 0; stateful < 2; stateful++) {
		for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
			keys_open(&peer, &dir, PEER_RFC, &lengths[i % 3], stateful);
			before = dir;
			ip_packet(&clear, 40, false);
			clear.bytes[spoils[i].at] =
				spoils[i].at == 12 ? ~clear.bytes[12] : spoils[i].value;
			peer_send(&peer, clear.bytes, clear.len, wire.bytes);
			wire.len = clear.len + 2;
			assert_refused(&dir, &wire, XP_R_MPPE_GARBAGE);
			assert_memory_equal(&dir, &before, sizeof(dir));
			peer_close(&peer);
		}
	}
}

static void short_payloads_prove_nothing(void **state)
{
	struct packet wire;
	struct xp_mppe_dir dir, before;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], true);
	before = dir;
	memset(&wire, 0, sizeof(wire));
	wire.bytes[0] = 0x10;
	for (wire.len = 0; wire.len < 3; wire.len++)
		assert_int_equal(mppe_decrypt(&dir, wire.bytes, wire.len, wire.bytes),
				 XP_R_MPPE_HEADER);
	for (; wire.len < 23; wire.len++)
		assert_refused(&dir, &wire, XP_R_MPPE_GARBAGE);
	assert_memory_equal(&dir, &before, sizeof(dir));
	peer_close(&peer);
}

static void header_bits_are_checked(void **state)
{
	struct packet clear, wire;
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	peer_next(&peer, &clear, &wire);
	wire.bytes[0] ^= 0x10; /* not encrypted */
	assert_refused(&dir, &wire, XP_R_MPPE_HEADER);
	wire.bytes[0] ^= 0x30; /* compressed */
	assert_refused(&dir, &wire, XP_R_MPPE_HEADER);
	wire.bytes[0] ^= 0xa0; /* not flushed */
	assert_refused(&dir, &wire, XP_R_MPPE_HEADER);
	wire.bytes[0] ^= 0x80;
	assert_received(&dir, &wire, &clear);
	peer_close(&peer);
}

/* ---- stateless: lost, late, forged */

static void lost_packets_cost_key_changes_up_to_a_bound(void **state)
{
	struct packet clear, wire;
	struct xp_mppe_dir dir, before;
	struct peer peer;

	(void)state;
	for (unsigned int n = 0; n < 40; n++) {
		keys_open(&peer, &dir, PEER_RFC, &lengths[n % 3], false);
		peer_skip(&peer, n);
		peer_next(&peer, &clear, &wire);
		before = dir;
		if (n < 32) {
			assert_received(&dir, &wire, &clear);
		} else {
			assert_refused(&dir, &wire, XP_R_P_MPPE_AHEAD);
			assert_memory_equal(&dir, &before, sizeof(dir));
		}
		peer_close(&peer);
	}
}

static void the_agent_goes_any_way(void **state)
{
	static const unsigned int losses[] = { 32, 64, 100, 129, 1000, 4030 };
	struct packet clear, wire, got, late_clear, late_wire;
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		keys_open(&peer, &dir, PEER_RFC, &lengths[i % 3], false);
		peer_next(&peer, &clear, &wire);
		assert_received(&dir, &wire, &clear);
		peer_skip(&peer, losses[i] - 30);
		peer_next(&peer, &late_clear, &late_wire);
		peer_skip(&peer, 29);
		peer_next(&peer, &clear, &wire);
		assert_refused(&dir, &wire, XP_R_P_MPPE_AHEAD);
		assert_int_equal(mppe_decrypt_far(&dir, wire.bytes, wire.len, got.bytes), 0);
		assert_memory_equal(got.bytes, clear.bytes, clear.len);
		assert_received(&dir, &late_wire, &late_clear);
		peer_next(&peer, &clear, &wire);
		assert_received(&dir, &wire, &clear);
		peer_close(&peer);
	}
}

static void a_forged_count_changes_nothing(void **state)
{
	struct packet clear, wire, forged, got;
	struct xp_mppe_dir dir, before;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	for (unsigned int i = 0; i < 100; i++) {
		peer_next(&peer, &clear, &wire);
		assert_received(&dir, &wire, &clear);
	}
	before = dir;
	for (unsigned int count = 0; count < 4096; count++) {
		forged = wire;
		forged.bytes[0] = 0x90 | count >> 8;
		forged.bytes[1] = count & 255;
		assert_int_not_equal(receive(&dir, &forged, &got), 0);
		if (count % 128 == 0)
			assert_int_not_equal(
				mppe_decrypt_far(&dir, forged.bytes, forged.len, got.bytes), 0);
		assert_memory_equal(&dir, &before, sizeof(dir));
	}
	peer_next(&peer, &clear, &wire);
	assert_received(&dir, &wire, &clear);
	peer_close(&peer);
}

/* Every packet of a window is held back for every possible time, over the count's wrap. */
static void late_packets_are_taken_once_within_64(void **state)
{
	static struct packet clear[4300], wire[4300];
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	for (unsigned int i = 0; i < 4300; i++)
		peer_next(&peer, &clear[i], &wire[i]);
	for (unsigned int i = 0, hold = 1; i + hold < 4300; i += hold + 1, hold = hold % 70 + 1) {
		for (unsigned int n = 1; n <= hold; n++)
			assert_received(&dir, &wire[i + n], &clear[i + n]);
		if (hold < 64) {
			assert_received(&dir, &wire[i], &clear[i]);
			assert_refused(&dir, &wire[i], XP_R_MPPE_COUNT);
		} else {
			assert_refused(&dir, &wire[i], XP_R_P_MPPE_AHEAD);
		}
		assert_refused(&dir, &wire[i + hold], XP_R_MPPE_COUNT);
	}
	peer_close(&peer);
}

static void what_came_before_the_first_packet_is_old(void **state)
{
	struct packet clear, wire;
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	peer_next(&peer, &clear, &wire);
	assert_received(&dir, &wire, &clear);
	wire.bytes[0] = 0x9f;
	wire.bytes[1] = 0xfe;
	assert_refused(&dir, &wire, XP_R_MPPE_COUNT);
	peer_close(&peer);
}

/* Losses, repetitions and disorder at random: whatever comes within the bounds is read. */
static void any_disorder_is_read(void **state)
{
	static struct packet clear[64], wire[64];
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	for (unsigned int length = 0; length < LENGTHS; length++) {
		keys_open(&peer, &dir, PEER_RFC, &lengths[length], false);
		for (unsigned int round = 0; round < 400; round++) {
			unsigned int n = 1 + rand() % 32;
			bool came[64] = { false };

			for (unsigned int i = 0; i < n; i++)
				peer_next(&peer, &clear[i], &wire[i]);
			for (unsigned int tries = 0; tries < n; tries++) {
				unsigned int i = rand() % n;

				if (came[i])
					assert_refused(&dir, &wire[i], XP_R_MPPE_COUNT);
				else
					assert_received(&dir, &wire[i], &clear[i]);
				came[i] = true;
			}
			if (!came[n - 1])
				assert_received(&dir, &wire[n - 1], &clear[n - 1]);
		}
		peer_close(&peer);
	}
}

/* ---- stateful: lost */

static void recover(enum peer_kind kind, unsigned int before, unsigned int lost)
{
	struct packet clear, wire;
	struct xp_mppe_dir dir;
	struct peer peer;

	keys_open(&peer, &dir, kind, &lengths[lost % 3], true);
	for (unsigned int i = 0; i < before; i++) {
		peer_next(&peer, &clear, &wire);
		assert_received(&dir, &wire, &clear);
	}
	peer_skip(&peer, lost);
	peer_next(&peer, &clear, &wire);
	if (wire.bytes[0] & 0x80) { /* begins anew by itself: its count asks for it */
		assert_received(&dir, &wire, &clear);
	} else {
		assert_refused(&dir, &wire, XP_R_MPPE_COUNT | XP_MPPE_TELL);
		for (unsigned int i = 0; i < lost % 5; i++) {
			peer_next(&peer, &clear, &wire);
			if (!(wire.bytes[0] & 0x80))
				assert_refused(&dir, &wire, XP_R_MPPE_COUNT);
		}
		peer.flush = true;
		peer_next(&peer, &clear, &wire);
		assert_received(&dir, &wire, &clear);
	}
	for (unsigned int i = 0; i < 260; i++) {
		peer_next(&peer, &clear, &wire);
		assert_received(&dir, &wire, &clear);
	}
	peer_close(&peer);
}

static void a_loss_is_told_once_and_mended(void **state)
{
	(void)state;
	for (unsigned int before = 250; before < 260; before++) {
		for (unsigned int lost = 1; lost < 12; lost++) {
			recover(PEER_RFC, before, lost);
			recover(PEER_LINUX, before, lost);
		}
	}
	recover(PEER_RFC, 3, 256);
	recover(PEER_LINUX, 3, 257);
	recover(PEER_LINUX, 3, 2000);
	recover(PEER_RFC, 4090, 1030);
	recover(PEER_RFC, 100, 3900);
}

static void old_packets_are_no_loss(void **state)
{
	struct packet clear, wire, old[3];
	struct xp_mppe_dir dir, before;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], true);
	for (unsigned int i = 0; i < 3; i++) {
		peer_next(&peer, &clear, &old[i]);
		assert_received(&dir, &old[i], &clear);
	}
	before = dir;
	for (unsigned int i = 0; i < 3; i++)
		assert_refused(&dir, &old[i], XP_R_MPPE_COUNT);
	assert_memory_equal(&dir, &before, sizeof(dir));
	peer_next(&peer, &clear, &wire);
	assert_received(&dir, &wire, &clear);
	peer_close(&peer);
}

/* (Who repeats a packet that really began anew is believed: nothing in MPPE could tell.) */
static void a_forged_flushed_packet_changes_nothing(void **state)
{
	struct packet clear, wire, got;
	struct xp_mppe_dir dir, before;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], true);
	for (unsigned int i = 0; i < 2; i++) {
		peer_next(&peer, &clear, &wire);
		assert_received(&dir, &wire, &clear);
	}
	before = dir;
	for (unsigned int count = 0; count < 4096; count++) {
		wire.bytes[0] = 0x90 | count >> 8;
		wire.bytes[1] = count & 255;
		assert_int_not_equal(receive(&dir, &wire, &got), 0);
		assert_memory_equal(&dir, &before, sizeof(dir));
	}
	peer_next(&peer, &clear, &wire);
	assert_received(&dir, &wire, &clear);
	peer_close(&peer);
}

/* ---- the state as others see it */

static void without_keys_nothing_passes(void **state)
{
	struct packet clear, wire;
	struct xp_mppe_dir dir;
	struct xp_mppe mppe;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	peer_next(&peer, &clear, &wire);
	mppe.in = mppe.out = dir;
	mppe_replace(&mppe, NULL);
	assert_refused(&mppe.in, &wire, XP_R_MPPE_KEYS);
	assert_int_equal(mppe_encrypt(&mppe.out, clear.bytes, clear.len, wire.bytes),
			 XP_R_MPPE_KEYS);
	for (size_t i = 0; i < sizeof(mppe.in.start); i++)
		assert_int_equal(mppe.in.start[i] | mppe.out.session[i], 0);
	peer_close(&peer);
}

static void fresh_keys_begin_at_the_beginning(void **state)
{
	struct packet clear, wire;
	struct xp_mppe mppe, fresh;
	struct peer peer;

	(void)state;
	keys_open(&peer, &fresh.in, PEER_RFC, &lengths[2], false);
	fresh.out = fresh.in;
	mppe = fresh;
	peer_skip(&peer, 5);
	peer_next(&peer, &clear, &wire);
	assert_received(&mppe.in, &wire, &clear);
	mppe_replace(&mppe, &fresh);
	assert_int_not_equal(mppe.in.epoch, fresh.in.epoch);
	assert_int_equal(mppe.in.count, 0xfff);
	assert_received(&mppe.in, &wire, &clear);
	peer_close(&peer);
}

/* The state is memory that others can write: any bytes there are survived. */
static void any_state_is_survived(void **state)
{
	struct packet clear, wire, got;
	struct xp_mppe_dir dir;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		fill((uint8_t *)&dir, sizeof(dir));
		dir.lock = 0;
		dir.bits = i % 5;
		ip_packet(&clear, 20 + i % 1481, i & 1);
		mppe_encrypt(&dir, clear.bytes, clear.len, wire.bytes);
		wire.len = clear.len + 2;
		fill(wire.bytes, 2);
		receive(&dir, &wire, &got);
		assert_int_equal(dir.lock, 0);
	}
}

/* ---- two CPUs */

#define THREADS 4
#define EACH 500

struct worker {
	pthread_t thread;
	struct xp_mppe_dir *dir;
	const struct packet *clear;
	struct packet *wires;
	unsigned int first, done;
};

static void *encrypt_many(void *arg)
{
	struct worker *w = arg;

	for (unsigned int i = 0; i < EACH; i++)
		while (mppe_encrypt(w->dir, w->clear->bytes, w->clear->len,
				    w->wires[w->first + i].bytes) == XP_R_MPPE_BUSY)
			;
	return NULL;
}

static void in_parallel(struct worker workers[THREADS], void *(*work)(void *))
{
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
}

static int by_count(const void *a, const void *b)
{
	const struct packet *x = a, *y = b;

	return ((x->bytes[0] & 15) << 8 | x->bytes[1]) - ((y->bytes[0] & 15) << 8 | y->bytes[1]);
}

static void many_cpus_send_in_one_session(void **state)
{
	static struct packet wires[THREADS * EACH];
	struct worker workers[THREADS];
	struct packet clear, got;
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	for (unsigned int stateful = 0; stateful < 2; stateful++) {
		keys_open(&peer, &dir, PEER_RFC, &lengths[2], stateful);
		ip_packet(&clear, 300, false);
		for (unsigned int i = 0; i < THREADS; i++)
			workers[i] = (struct worker){
				.dir = &dir, .clear = &clear, .wires = wires, .first = i * EACH
			};
		in_parallel(workers, encrypt_many);
		qsort(wires, THREADS * EACH, sizeof(wires[0]), by_count);
		for (unsigned int i = 0; i < THREADS * EACH; i++) {
			assert_int_equal((wires[i].bytes[0] & 15) << 8 | wires[i].bytes[1], i);
			assert_true(peer_receive(&peer, wires[i].bytes, clear.len + 2, got.bytes));
			assert_memory_equal(got.bytes, clear.bytes, clear.len);
		}
		peer_close(&peer);
	}
}

/* So many packets of each worker are under way together: more are too late for each other. */
#define TOGETHER 4

static pthread_barrier_t barrier;

static void *decrypt_many(void *arg)
{
	struct worker *w = arg;
	struct packet got;

	for (unsigned int i = 0; i < EACH; i++) {
		struct packet *wire = &w->wires[i * THREADS + w->first];
		int verdict;

		if (i % TOGETHER == 0)
			pthread_barrier_wait(&barrier);
		wire->len = w->clear->len + 2;
		do
			verdict = receive(w->dir, wire, &got);
		while (verdict == XP_R_MPPE_BUSY);
		w->done += verdict == 0 && memcmp(got.bytes, w->clear->bytes, w->clear->len) == 0;
	}
	return NULL;
}

static void many_cpus_receive_in_one_session(void **state)
{
	static struct packet wires[THREADS * EACH];
	struct worker workers[THREADS];
	struct packet clear;
	struct xp_mppe_dir dir;
	struct peer peer;

	(void)state;
	keys_open(&peer, &dir, PEER_RFC, &lengths[2], false);
	ip_packet(&clear, 300, false);
	for (unsigned int i = 0; i < THREADS * EACH; i++)
		peer_send(&peer, clear.bytes, clear.len, wires[i].bytes);
	assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		workers[i] =
			(struct worker){ .dir = &dir, .clear = &clear, .wires = wires, .first = i };
	in_parallel(workers, decrypt_many);
	pthread_barrier_destroy(&barrier);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].done, EACH);
	assert_int_equal(dir.count, THREADS * EACH - 1);
	peer_close(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keys_of_rfc_3079_come_out),
		cmocka_unit_test(the_reference_reads_every_length),
		cmocka_unit_test(a_packet_is_encrypted_in_place),
		cmocka_unit_test(a_reset_request_is_answered_so_that_every_peer_reads_it),
		cmocka_unit_test(stateless_packets_do_not_begin_anew),
		cmocka_unit_test(we_read_every_length),
		cmocka_unit_test(a_packet_is_decrypted_in_place),
		cmocka_unit_test(ipv6_proves_the_key),
		cmocka_unit_test(what_is_no_ip_packet_changes_nothing),
		cmocka_unit_test(short_payloads_prove_nothing),
		cmocka_unit_test(header_bits_are_checked),
		cmocka_unit_test(lost_packets_cost_key_changes_up_to_a_bound),
		cmocka_unit_test(the_agent_goes_any_way),
		cmocka_unit_test(a_forged_count_changes_nothing),
		cmocka_unit_test(late_packets_are_taken_once_within_64),
		cmocka_unit_test(what_came_before_the_first_packet_is_old),
		cmocka_unit_test(any_disorder_is_read),
		cmocka_unit_test(a_loss_is_told_once_and_mended),
		cmocka_unit_test(old_packets_are_no_loss),
		cmocka_unit_test(a_forged_flushed_packet_changes_nothing),
		cmocka_unit_test(without_keys_nothing_passes),
		cmocka_unit_test(fresh_keys_begin_at_the_beginning),
		cmocka_unit_test(any_state_is_survived),
		cmocka_unit_test(many_cpus_send_in_one_session),
		cmocka_unit_test(many_cpus_receive_in_one_session),
	};

	return cmocka_run_group_tests(tests, open_reference, close_reference);
}
