/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Accounting when memory runs out, at each place in turn: nothing breaks, and what is told is told once. */
#include "acct_rig.h"

#include "no_memory.h"

#define PLACES 60

static int setup(void **state)
{
	*state = rig_new("", "tunnel-accounting yes");
	return 0;
}

static int teardown(void **state)
{
	memory_left = UINT_MAX;
	rig_free(*state);
	return 0;
}

static void run_out(void **state)
{
	struct rig *r = *state;
	unsigned int accounted = 0;

	settle(r);
	for (unsigned int i = 0; i < PLACES; i++) {
		struct fake_session s = { .rig = r, .id = i + 1, .tunnel_id = 1, .serial = i };

		fake.n = fake.looked = 0;
		memory_left = i % 12;
		s.acct = accounting_start(r->a, STAILQ_FIRST(&r->conf->auths), describe, &s);
		run(r);
		if (i % 2)
			memory_left = UINT_MAX;
		accounted += s.acct != NULL;
		if (!s.acct)
			continue;
		for (int turn = 0; turn < 20; turn++) {
			run(r);
			usleep(LOOK_MS * 1000);
		}
		end(&s, CAUSE_PEER);
		memory_left = UINT_MAX;
		settle(r);
		assert_int_equal(told(START, s.id, NULL), 1);
		assert_int_equal(told(STOP, s.id, NULL), 1);
	}
	assert_in_range(accounted, PLACES / 2, PLACES - 1);
	memory_left = UINT_MAX;
	for (int i = 0; i < 20 && totals(r).records; i++)
		settle(r);
	assert_int_equal(totals(r).records, 0);
	assert_int_equal(totals(r).lost, PLACES - accounted);
}

/* Whoever cannot be begun leaves nothing behind. */
static void no_beginning(void **state)
{
	struct rig *r = *state;
	struct accounting *a = NULL;
	int begun = 0;

	accounting_free(r->a);
	r->a = NULL;
	for (unsigned int i = 0; i < 20; i++) {
		memory_left = i;
		if (accounting_new(r->loop, NULL, r->log, &a) < 0)
			continue;
		begun += accounting_configure(a, r->conf) == 0;
		memory_left = UINT_MAX;
		accounting_free(a);
	}
	assert_true(begun > 0);
	assert_int_equal(fake.groups, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(run_out, setup, teardown),
		cmocka_unit_test_setup_teardown(no_beginning, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
