/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The kernel module's own source under sanitizers: packets end where their memory does. */
#define DEBUG
#include "shim.h"

#include <limits.h>

/* what programs see of the kfuncs has to be what they are */
#define __ksym
#define __weak
#include <xpppd/mppe_kfunc.h>

#include "../../bpf/mppe/main.c"
#include "../../bpf/mppe/selftest.c"

#include "mppe_rig.h"

enum hook { XDP, TC, HOOKS };

static struct xp_mppe mppe;

static int call(enum hook hook, bool out, u8 *data, size_t have, u32 offset, u32 len)
{
	struct xdp_buff xdp = { .data = data, .data_end = data + have };
	struct sk_buff skb = { .data = data, .headlen = have };
	void *context = hook == XDP ? (void *)&xdp : (void *)&skb;
	int verdict;

	if (out)
		verdict = hook == XDP ? xppp_mppe_xdp_encrypt(context, offset, len, &mppe.out)
				      : xppp_mppe_skb_encrypt(context, offset, len, &mppe.out);
	else
		verdict = hook == XDP ? xppp_mppe_xdp_decrypt(context, offset, len, &mppe.in)
				      : xppp_mppe_skb_decrypt(context, offset, len, &mppe.in);
	assert_int_equal(softirqs_off, 0);
	return verdict;
}

static void use_keys(struct peer *peer, size_t length, bool stateful)
{
	keys_open(peer, &mppe.in, PEER_RFC, &lengths[length], stateful);
	mppe.out = mppe.in;
}

static void it_registers_after_its_self_test(void **state)
{
	(void)state;
	registered = 0;
	assert_int_equal(xppp_mppe_init(), 0);
	assert_int_equal(registered, 1u << BPF_PROG_TYPE_XDP | 1u << BPF_PROG_TYPE_SCHED_CLS);
	xppp_mppe_exit();
}

static void every_length_goes_there_and_back(void **state)
{
	struct packet clear;
	struct peer peer;

	(void)state;
	for (size_t n = 0; n < HOOKS * LENGTHS * 2; n++) {
		use_keys(&peer, n / HOOKS % LENGTHS, n >= HOOKS * LENGTHS);
		for (size_t total = 20; total <= 1500; total += 3) {
			size_t offset = total % 40, len;
			u8 *data;

			ip_packet(&clear, total, false);
			len = XP_MPPE_HEADER + clear.len;
			data = malloc(offset + len);
			memcpy(data + offset + XP_MPPE_HEADER, clear.bytes, clear.len);
			assert_int_equal(call(n % HOOKS, true, data, offset + len, offset, len), 0);
			assert_memory_not_equal(data + offset + XP_MPPE_HEADER, clear.bytes,
						clear.len);
			assert_int_equal(call(n % HOOKS, false, data, offset + len, offset, len),
					 0);
			assert_memory_equal(data + offset + XP_MPPE_HEADER, clear.bytes, clear.len);
			free(data);
		}
		peer_close(&peer);
	}
}

static void the_reference_understands_it(void **state)
{
	struct packet clear, wire, got;
	struct peer peer;

	(void)state;
	for (size_t n = 0; n < HOOKS * LENGTHS * 2; n++) {
		use_keys(&peer, n / HOOKS % LENGTHS, n >= HOOKS * LENGTHS);
		for (size_t len = 0; len < 1500; len += 1 + len / 9) {
			fill(clear.bytes, len);
			memcpy(wire.bytes + XP_MPPE_HEADER, clear.bytes, len);
			assert_int_equal(call(n % HOOKS, true, wire.bytes, len + XP_MPPE_HEADER, 0,
					      len + XP_MPPE_HEADER),
					 0);
			assert_true(
				peer_receive(&peer, wire.bytes, len + XP_MPPE_HEADER, got.bytes));
			assert_memory_equal(got.bytes, clear.bytes, len);
		}
		peer_close(&peer);
	}
}

static void nothing_beyond_the_packet_is_touched(void **state)
{
	static const u32 numbers[] = { 0,          1,          2,          3,       63,
				       64,         65,         99,         100,     101,
				       0x7fffffff, 0x80000000, UINT32_MAX, 0x10000, 0xffff };
	struct peer peer;
	u8 *data = malloc(100);

	(void)state;
	fill(data, 100);
	use_keys(&peer, 2, false);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(numbers) * HOOKS; j++) {
			u32 offset = numbers[i], len = numbers[j / HOOKS];
			bool inside = offset <= 100 && len <= 100 - offset;
			int in = call(j % HOOKS, false, data, 100, offset, len);
			int out = call(j % HOOKS, true, data, 100, offset, len);

			assert_true(inside ? in != XP_R_TRUNCATED : in == XP_R_TRUNCATED);
			assert_int_equal(out, !inside   ? XP_R_TRUNCATED
					      : len < 2 ? XP_R_MPPE_HEADER
							: 0);
		}
	}
	free(data);
	peer_close(&peer);
}

/* Frames may be longer than any IPv4 packet: GSO, jumbo. */
static void longer_than_16_bits_is_refused(void **state)
{
	struct peer peer;
	u8 *data = calloc(1, 0x20000);

	(void)state;
	use_keys(&peer, 2, false);
	for (enum hook hook = XDP; hook < HOOKS; hook++) {
		assert_int_equal(call(hook, true, data, 0x20000, 0, 0x10000), XP_R_TRUNCATED);
		assert_int_equal(call(hook, true, data, 0x20000, 0, 0xffff), 0);
	}
	free(data);
	peer_close(&peer);
}

static void shared_memory_is_left_alone(void **state)
{
	struct packet clear, wire, before;
	struct sk_buff skb;
	struct peer peer;

	(void)state;
	use_keys(&peer, 2, false);
	peer_next(&peer, &clear, &wire);
	before = wire;
	skb = (struct sk_buff){ .data = wire.bytes, .headlen = wire.len, .cloned = true };
	assert_int_equal(xppp_mppe_skb_decrypt((void *)&skb, 0, wire.len, &mppe.in),
			 XP_R_TRUNCATED);
	assert_int_equal(xppp_mppe_skb_encrypt((void *)&skb, 0, wire.len, &mppe.out),
			 XP_R_TRUNCATED);
	assert_memory_equal(wire.bytes, before.bytes, wire.len);
	skb.writable = true;
	assert_int_equal(xppp_mppe_skb_decrypt((void *)&skb, 0, wire.len, &mppe.in), 0);
	assert_memory_equal(wire.bytes + XP_MPPE_HEADER, clear.bytes, clear.len);
	peer_close(&peer);
}

static void what_was_known_of_checksums_is_forgotten(void **state)
{
	struct packet clear, wire;
	struct sk_buff skb;
	struct peer peer;

	(void)state;
	use_keys(&peer, 2, false);
	for (int summed = CHECKSUM_NONE; summed < CHECKSUM_PARTIAL; summed++) {
		peer_next(&peer, &clear, &wire);
		skb = (struct sk_buff){ .data = wire.bytes,
					.headlen = wire.len,
					.ip_summed = summed };
		assert_int_equal(xppp_mppe_skb_decrypt((void *)&skb, 0, wire.len, &mppe.in), 0);
		assert_int_equal(skb.ip_summed, CHECKSUM_NONE);
	}
	skb.ip_summed = CHECKSUM_PARTIAL;
	assert_int_equal(xppp_mppe_skb_encrypt((void *)&skb, 0, wire.len, &mppe.out), 0);
	assert_int_equal(skb.ip_summed, CHECKSUM_NONE);
	skb.ip_summed = CHECKSUM_PARTIAL;
	skb.checksum_error = -ENOMEM;
	assert_int_equal(xppp_mppe_skb_encrypt((void *)&skb, 0, wire.len, &mppe.out),
			 XP_R_TRUNCATED);
	peer_close(&peer);
}

/* The kernel makes a checksum's memory anew if it is not all the packet's own, and whoever has
 * pointers into the packet keeps the old ones. */
static void no_checksum_moves_the_packet(void **state)
{
	u8 data[64] = { 0 }, before[64] = { 0 };
	const struct sk_buff usual = { .data = data,
				       .headlen = sizeof(data),
				       .ip_summed = CHECKSUM_PARTIAL,
				       .csum_start = 40,
				       .csum_offset = 16 };
	struct sk_buff bad[] = { usual, usual, usual, usual, usual };
	struct sk_buff good = usual;
	struct peer peer;

	(void)state;
	use_keys(&peer, 2, false);
	bad[0].nonlinear = true;
	bad[1].gso = true;
	bad[2].csum_start = 43; /* ends one byte behind what was asked to be encrypted */
	bad[3].csum_start = -2;
	bad[4].csum_start = INT_MAX;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(xppp_mppe_skb_encrypt((void *)&bad[i], 20, 40, &mppe.out),
				 XP_R_TRUNCATED);
		assert_int_equal(bad[i].ip_summed, CHECKSUM_PARTIAL);
		assert_memory_equal(data, before, sizeof(data));
	}
	good.csum_start = 42;
	assert_int_equal(xppp_mppe_skb_encrypt((void *)&good, 20, 40, &mppe.out), 0);
	assert_int_equal(good.ip_summed, CHECKSUM_NONE);
	peer_close(&peer);
}

static void keys_go_with_the_module(void **state)
{
	static const struct mppe_scratch nothing;
	u8 data[40] = { 0 };
	struct peer peer;

	(void)state;
	use_keys(&peer, 2, false);
	assert_int_equal(call(XDP, true, data, sizeof(data), 0, sizeof(data)), 0);
	assert_memory_not_equal(&scratch, &nothing, sizeof(scratch));
	xppp_mppe_exit();
	assert_memory_equal(&scratch, &nothing, sizeof(scratch));
	peer_close(&peer);
}

static void any_state_and_packet_is_survived(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		size_t have = rand() % 300;
		u8 *data = malloc(have + 1);

		fill(data, have);
		fill((u8 *)&mppe, sizeof(mppe));
		mppe.in.lock = mppe.out.lock = 0;
		mppe.in.bits = mppe.out.bits = i % 5;
		call(i % HOOKS, i & 2, data, have, rand() % 20, rand() % 300);
		assert_int_equal(mppe.in.lock | mppe.out.lock, 0);
		free(data);
	}
}

static int open_reference(void **state)
{
	(void)state;
	srand(3);
	reference_open(&reference);
	return 0;
}

static int close_reference(void **state)
{
	(void)state;
	reference_close(&reference);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_registers_after_its_self_test),
		cmocka_unit_test(every_length_goes_there_and_back),
		cmocka_unit_test(the_reference_understands_it),
		cmocka_unit_test(nothing_beyond_the_packet_is_touched),
		cmocka_unit_test(longer_than_16_bits_is_refused),
		cmocka_unit_test(shared_memory_is_left_alone),
		cmocka_unit_test(what_was_known_of_checksums_is_forgotten),
		cmocka_unit_test(no_checksum_moves_the_packet),
		cmocka_unit_test(keys_go_with_the_module),
		cmocka_unit_test(any_state_and_packet_is_survived),
	};

	return cmocka_run_group_tests(tests, open_reference, close_reference);
}
