/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The kernel module, called by a program as the real ones call it, against the reference. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/mppe_rig.h"
#include "mppe_kfunc.skel.h"

#define SKIPPED 77
#define OFFSET 14

static struct mppe_kfunc *skel;
static struct xp_mppe *shared; /* the map's memory */

struct hook {
	struct bpf_program *in, *out;
};

static struct hook hooks[2];

#define HOOKS (sizeof(hooks) / sizeof(hooks[0]))

/* What the kfunc said about `len` bytes at `offset` of the frame, which becomes what it made. */
static int run(struct bpf_program *program, struct packet *frame, uint32_t offset, uint32_t len)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->bytes, .data_size_in = frame->len,
		    .data_out = frame->bytes, .data_size_out = PACKET_MAX, .repeat = 1);

	skel->bss->offset = offset;
	skel->bss->len = len;
	skel->bss->verdict = -1;
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &opts), 0);
	return skel->bss->verdict;
}

/* The frame that has these bytes behind an Ethernet header and `room`. */
static void frame_of(struct packet *frame, const uint8_t *bytes, size_t len, size_t room)
{
	memset(frame->bytes, 0, OFFSET + room);
	memcpy(frame->bytes + OFFSET + room, bytes, len);
	frame->len = OFFSET + room + len;
}

static void use_keys(struct peer *peer, size_t length, bool stateful)
{
	struct xp_mppe_dir dir;
	struct xp_mppe fresh;

	keys_open(peer, &dir, PEER_RFC, &lengths[length], stateful);
	fresh.in = fresh.out = dir;
	mppe_replace(shared, &fresh);
}

static void what_the_reference_sends_is_decrypted(void **state)
{
	struct packet clear, wire, frame;
	struct peer peer;

	(void)state;
	for (size_t n = 0; n < HOOKS * LENGTHS * 2; n++) {
		const struct hook *hook = &hooks[n % HOOKS];

		use_keys(&peer, n / HOOKS % LENGTHS, n >= HOOKS * LENGTHS);
		for (unsigned int i = 0; i < 600; i++) {
			peer_next(&peer, &clear, &wire);
			frame_of(&frame, wire.bytes, wire.len, 0);
			assert_int_equal(run(hook->in, &frame, OFFSET, wire.len), 0);
			assert_int_equal(frame.len, OFFSET + wire.len);
			assert_memory_equal(frame.bytes + OFFSET + XP_MPPE_HEADER, clear.bytes,
					    clear.len);
		}
		peer_close(&peer);
	}
}

static void what_is_encrypted_the_reference_reads(void **state)
{
	struct packet clear, frame, got;
	struct peer peer;

	(void)state;
	for (size_t n = 0; n < HOOKS * LENGTHS * 2; n++) {
		const struct hook *hook = &hooks[n % HOOKS];

		use_keys(&peer, n / HOOKS % LENGTHS, n >= HOOKS * LENGTHS);
		for (size_t len = 0; len <= 1501; len += len < 70 ? 1 : 7) {
			fill(clear.bytes, len);
			frame_of(&frame, clear.bytes, len, XP_MPPE_HEADER);
			assert_int_equal(run(hook->out, &frame, OFFSET, XP_MPPE_HEADER + len), 0);
			assert_true(peer_receive(&peer, frame.bytes + OFFSET, XP_MPPE_HEADER + len,
						 got.bytes));
			assert_memory_equal(got.bytes, clear.bytes, len);
		}
		peer_close(&peer);
	}
}

/* One hook takes over from the other, and from the agent: there is only one state. */
static void hooks_and_agent_share_the_state(void **state)
{
	struct packet clear, wire, frame;
	struct peer peer;

	(void)state;
	for (unsigned int stateful = 0; stateful < 2; stateful++) {
		use_keys(&peer, 2, stateful);
		for (unsigned int i = 0; i < 300; i++) {
			peer_next(&peer, &clear, &wire);
			if (i % 3 == 2) {
				assert_received(&shared->in, &wire, &clear);
				continue;
			}
			frame_of(&frame, wire.bytes, wire.len, 0);
			assert_int_equal(run(hooks[i % 3].in, &frame, OFFSET, wire.len), 0);
			assert_memory_equal(frame.bytes + OFFSET + XP_MPPE_HEADER, clear.bytes,
					    clear.len);
		}
		peer_close(&peer);
	}
}

static void verdicts_come_out(void **state)
{
	struct packet clear, wire, frame;
	struct peer peer;

	(void)state;
	for (size_t n = 0; n < HOOKS; n++) {
		use_keys(&peer, 2, true);
		peer_skip(&peer, 1);
		peer_next(&peer, &clear, &wire);
		frame_of(&frame, wire.bytes, wire.len, 0);
		assert_int_equal(run(hooks[n].in, &frame, OFFSET, wire.len),
				 XP_R_MPPE_COUNT | XP_MPPE_TELL);
		assert_memory_equal(frame.bytes + OFFSET, wire.bytes, wire.len);
		assert_int_equal(run(hooks[n].in, &frame, OFFSET, wire.len), XP_R_MPPE_COUNT);
		peer_close(&peer);
		use_keys(&peer, 2, false);
		peer_skip(&peer, 32);
		peer_next(&peer, &clear, &wire);
		frame_of(&frame, wire.bytes, wire.len, 0);
		assert_int_equal(run(hooks[n].in, &frame, OFFSET, wire.len), XP_R_P_MPPE_AHEAD);
		mppe_replace(shared, NULL);
		assert_int_equal(run(hooks[n].in, &frame, OFFSET, wire.len), XP_R_MPPE_KEYS);
		assert_int_equal(run(hooks[n].out, &frame, OFFSET, wire.len), XP_R_MPPE_KEYS);
		peer_close(&peer);
	}
}

static void what_is_not_in_the_packet_is_refused(void **state)
{
	static const struct {
		uint32_t offset, len;
		int verdict;
	} calls[] = {
		{ OFFSET, 101, XP_R_TRUNCATED },   { 115, 0, XP_R_TRUNCATED },
		{ 114, 1, XP_R_TRUNCATED },        { UINT32_MAX, 2, XP_R_TRUNCATED },
		{ 2, UINT32_MAX, XP_R_TRUNCATED }, { UINT32_MAX, UINT32_MAX, XP_R_TRUNCATED },
		{ 0x80000000, 8, XP_R_TRUNCATED }, { 114, 0, XP_R_MPPE_HEADER },
		{ 113, 1, XP_R_MPPE_HEADER },
	};
	struct packet frame;
	struct peer peer;

	(void)state;
	use_keys(&peer, 2, false);
	memset(&frame, 0, sizeof(frame));
	frame.len = 114;
	for (size_t i = 0; i < HOOKS * sizeof(calls) / sizeof(calls[0]); i++) {
		const struct hook *hook = &hooks[i % HOOKS];
		uint32_t offset = calls[i / HOOKS].offset, len = calls[i / HOOKS].len;

		assert_int_equal(run(hook->in, &frame, offset, len), calls[i / HOOKS].verdict);
		assert_int_equal(run(hook->out, &frame, offset, len), calls[i / HOOKS].verdict);
	}
	assert_int_equal(run(hooks[0].in, &frame, 112, 2), XP_R_MPPE_HEADER);
	assert_int_equal(run(hooks[0].out, &frame, 112, 2), 0);
	peer_close(&peer);
}

static void any_state_is_survived(void **state)
{
	struct packet frame;

	(void)state;
	fill(frame.bytes, 1400);
	for (unsigned int i = 0; i < 2000; i++) {
		frame.len = 100 + i % 1300;
		fill((uint8_t *)shared, sizeof(*shared));
		shared->in.lock = shared->out.lock = i % 50 == 0;
		shared->in.bits = shared->out.bits = i % 5;
		frame.bytes[OFFSET] |= 0x90;
		run(hooks[i % 2].in, &frame, OFFSET, frame.len - OFFSET);
		run(hooks[i % 2].out, &frame, OFFSET, frame.len - OFFSET);
	}
	shared->in.lock = shared->out.lock = 0;
}

static int load(void **state)
{
	(void)state;
	srand(2);
	reference_open(&reference);
	skel = mppe_kfunc__open_and_load();
	if (!skel)
		return -1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(skel->maps.states), 0);
	hooks[0] = (struct hook){ skel->progs.xdp_in, skel->progs.xdp_out };
	hooks[1] = (struct hook){ skel->progs.tc_in, skel->progs.tc_out };
	return shared == MAP_FAILED ? -1 : 0;
}

static int unload(void **state)
{
	(void)state;
	munmap(shared, sizeof(*shared));
	mppe_kfunc__destroy(skel);
	reference_close(&reference);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_reference_sends_is_decrypted),
		cmocka_unit_test(what_is_encrypted_the_reference_reads),
		cmocka_unit_test(hooks_and_agent_share_the_state),
		cmocka_unit_test(verdicts_come_out),
		cmocka_unit_test(what_is_not_in_the_packet_is_refused),
		cmocka_unit_test(any_state_is_survived),
	};

	if (access("/sys/kernel/btf/xppp_mppe", F_OK)) {
		puts("the kernel module is not loaded");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, load, unload);
}
