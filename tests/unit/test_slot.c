/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tunnel/slot.h"

static const struct mono t0 = { 1000 };
static int owner;

static void all_ids_but_the_reserved_are_handed_out_once(void **state)
{
	static unsigned char seen[0x10000];
	struct slots *slots;
	uint32_t slot;

	(void)state;
	assert_int_equal(slots_new(1, 0x10000, &slots), 0);
	for (unsigned int i = 0; i < 0xfffe; i++) {
		assert_int_equal(slot_take(slots, 0, &owner, t0, &slot), 0);
		assert_in_range(slot, 1, 0xfffe);
		assert_int_equal(slot_id(slots, slot), slot);
		assert_false(seen[slot]);
		seen[slot] = 1;
	}
	assert_int_equal(slot_take(slots, 0, &owner, t0, &slot), -ENOSPC);
	slots_free(slots);
}

static void the_id_that_rested_longest_comes_first(void **state)
{
	const struct mono given = { 2000 };
	const struct mono rested = mono_add_ms(given, CLOCK_SLOT_QUARANTINE_MS);
	struct slots *slots;
	uint32_t slot[7], again;

	(void)state;
	assert_int_equal(slots_new(1, 8, &slots), 0);
	for (int i = 0; i < 7; i++)
		assert_int_equal(slot_take(slots, 0, &owner, t0, &slot[i]), 0);
	slot_give(slots, slot[4], given);
	slot_give(slots, slot[1], mono_add_ms(given, 5));
	assert_null(slot_owner(slots, slot[4]));
	assert_true(slot_resting(slots, slot[4], given));
	assert_false(slot_resting(slots, slot[0], given));

	assert_int_equal(slot_take(slots, 0, &owner, mono_add_ms(rested, -1), &again), -ENOSPC);
	assert_int_equal(slot_take(slots, 0, &owner, rested, &again), 0);
	assert_int_equal(again, slot[4]);
	assert_int_equal(slot_take(slots, 0, &owner, rested, &again), -ENOSPC);
	assert_int_equal(slot_take(slots, 0, &owner, mono_add_ms(rested, 5), &again), 0);
	assert_int_equal(again, slot[1]);
	assert_false(slot_resting(slots, slot[1], mono_add_ms(rested, 5)));
	/* the queue is empty, and works again after having been so */
	slot_give(slots, slot[2], rested);
	assert_int_equal(slot_take(slots, 0, &owner, mono_add_ms(rested, CLOCK_SLOT_QUARANTINE_MS),
				   &again),
			 0);
	assert_int_equal(again, slot[2]);
	slots_free(slots);
}

static void an_id_rests_for_its_own_peer_only(void **state)
{
	struct slots *slots;
	uint32_t slot[3], again;

	(void)state;
	assert_int_equal(slots_new(1, 4, &slots), 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(slot_take_for(slots, 0, i, &owner, t0, &slot[i]), 0);
	slot_give(slots, slot[1], t0);
	assert_int_equal(slot_take_for(slots, 0, 1, &owner, t0, &again), -ENOSPC);
	assert_int_equal(slot_take(slots, 0, &owner, t0, &again), -ENOSPC);
	assert_int_equal(slot_take_for(slots, 0, 7, &owner, t0, &again), 0);
	assert_int_equal(again, slot[1]);
	/* nobody knows whose it was */
	slot_give(slots, slot[0], t0);
	assert_int_equal(slot_take_for(slots, 0, 1, &owner, t0, &again), -ENOSPC);
	slots_free(slots);
}

/* Frames of both of them may be on their way. */
static void an_id_that_had_two_peers_rests_for_all(void **state)
{
	struct mono later = mono_add_ms(t0, CLOCK_SLOT_QUARANTINE_MS - 1);
	struct slots *slots;
	uint32_t slot[3], again;

	(void)state;
	assert_int_equal(slots_new(1, 4, &slots), 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(slot_take_for(slots, 0, 1 + i, &owner, t0, &slot[i]), 0);
	slot_give(slots, slot[0], t0);
	assert_int_equal(slot_take_for(slots, 0, 7, &owner, t0, &again), 0);
	slot_give(slots, again, later);
	for (uint32_t peer = 0; peer < 10; peer++)
		assert_int_equal(slot_take_for(slots, 0, peer, &owner, later, &again), -ENOSPC);
	/* it is in nobody's way */
	slot_give(slots, slot[1], later);
	assert_int_equal(slot_take_for(slots, 0, 1, &owner, later, &again), 0);
	assert_int_equal(again, slot[1]);
	assert_int_equal(slot_take_for(slots, 0, 1, &owner,
				       mono_add_ms(later, CLOCK_SLOT_QUARANTINE_MS), &again),
			 0);
	assert_int_equal(again, slot[0]);
	/* 7's has been forgotten, and it was 1's alone */
	slot_give(slots, again, mono_add_ms(later, 2 * CLOCK_SLOT_QUARANTINE_MS));
	assert_int_equal(slot_take_for(slots, 0, 7, &owner,
				       mono_add_ms(later, 2 * CLOCK_SLOT_QUARANTINE_MS), &again),
			 0);
	slots_free(slots);
}

static void an_id_is_not_used_again_while_others_are_fresh(void **state)
{
	struct slots *slots;
	uint32_t first, slot;
	struct mono now = t0;

	(void)state;
	assert_int_equal(slots_new(1, 101, &slots), 0);
	assert_int_equal(slot_take(slots, 0, &owner, now, &first), 0);
	slot_give(slots, first, now);
	for (int i = 0; i < 99; i++) {
		now = mono_add_ms(now, CLOCK_SLOT_QUARANTINE_MS);
		assert_int_equal(slot_take(slots, 0, &owner, now, &slot), 0);
		assert_int_not_equal(slot, first);
		slot_give(slots, slot, now);
	}
	slots_free(slots);
}

static void spaces_repeat_ids(void **state)
{
	struct slots *slots;
	uint32_t slot[2];
	int owners[2];

	(void)state;
	assert_int_equal(slots_new(3, 2, &slots), 0);
	assert_int_equal(slot_take(slots, 0, &owners[0], t0, &slot[0]), 0);
	assert_int_equal(slot_take(slots, 2, &owners[1], t0, &slot[1]), 0);
	assert_int_equal(slot[0], 1);
	assert_int_equal(slot[1], 5);
	assert_int_equal(slot_id(slots, slot[0]), slot_id(slots, slot[1]));
	assert_int_equal(slot_of(slots, 2, 1), slot[1]);
	assert_ptr_equal(slot_owner(slots, slot[0]), &owners[0]);
	assert_ptr_equal(slot_owner(slots, slot[1]), &owners[1]);
	slots_free(slots);
}

static void numbers_that_are_no_slot_have_no_owner(void **state)
{
	static const uint32_t numbers[] = { 0, 7, 8, 9, 15, 16, 17, 0x10000, UINT32_MAX };
	struct slots *slots;
	uint32_t slot;

	(void)state;
	assert_int_equal(slots_new(2, 8, &slots), 0);
	for (int i = 0; i < 6; i++)
		assert_int_equal(slot_take(slots, 0, &owner, t0, &slot), 0);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i] == 7) /* may be one of the six */
			continue;
		assert_null(slot_owner(slots, numbers[i]));
		assert_false(slot_resting(slots, numbers[i], t0));
	}
	assert_null(slot_owner(slots, slot_of(slots, 0, 0)));
	assert_null(slot_owner(slots, slot_of(slots, 0, 8)));
	assert_null(slot_owner(slots, slot_of(slots, 0, 0xffff)));
	assert_null(slot_owner(slots, slot_of(slots, 5, 1)));
	slots_free(slots);
}

static void impossible_dimensions_are_refused(void **state)
{
	struct slots *slots;

	(void)state;
	assert_int_equal(slots_new(0, 8, &slots), -EINVAL);
	assert_int_equal(slots_new(1, 1, &slots), -EINVAL);
	assert_int_equal(slots_new(0x10000, 0x10000, &slots), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ids_but_the_reserved_are_handed_out_once),
		cmocka_unit_test(the_id_that_rested_longest_comes_first),
		cmocka_unit_test(an_id_rests_for_its_own_peer_only),
		cmocka_unit_test(an_id_that_had_two_peers_rests_for_all),
		cmocka_unit_test(an_id_is_not_used_again_while_others_are_fresh),
		cmocka_unit_test(spaces_repeat_ids),
		cmocka_unit_test(numbers_that_are_no_slot_have_no_owner),
		cmocka_unit_test(impossible_dimensions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
