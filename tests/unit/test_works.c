/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "works.h"

/* Time passes in steps that take some, and not otherwise. */
static int64_t now_us = 1000000000;

int clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	t->tv_sec = now_us / 1000000;
	t->tv_nsec = now_us % 1000000 * 1000;
	return 0;
}

struct task {
	struct work work;
	struct works *works;
	unsigned int left, done;
	unsigned int takes_us;
	struct task *stops;  /* this one, with its last step */
	struct task *starts; /* likewise */
	bool freed;          /* frees itself at its end */
};

struct fixture {
	struct ev_loop *loop;
	struct works works;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = ev_loop_new(0);
	works_init(&f->works, f->loop);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	works_fini(&f->works);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static bool step(void *arg)
{
	struct task *t = arg;

	if (t->left == 0)
		return false;
	t->left--;
	t->done++;
	now_us += t->takes_us;
	if (t->left > 0)
		return true;
	if (t->stops)
		work_stop(&t->stops->work);
	if (t->starts)
		work_start(t->works, &t->starts->work);
	if (t->freed)
		free(t);
	return false;
}

static struct task task(struct fixture *f, unsigned int steps)
{
	return (struct task){ .works = &f->works, .left = steps };
}

static void start(struct fixture *f, struct task *t)
{
	t->work = (struct work){ .step = step, .arg = t };
	work_start(&f->works, &t->work);
}

static void turn(struct fixture *f)
{
	ev_run(f->loop, EVRUN_NOWAIT);
}

static void test_little_is_done_at_once(void **state)
{
	struct fixture *f = *state;
	struct task t = task(f, WORKS_STEPS);

	start(f, &t);
	assert_int_equal(t.done, WORKS_STEPS);
	assert_null(t.work.works);
	assert_int_equal(f->works.slices, 1);
}

static void test_much_is_done_in_slices(void **state)
{
	struct fixture *f = *state;
	struct task t = task(f, 10 * WORKS_STEPS - 1);

	start(f, &t);
	for (unsigned int slices = 1; slices < 10; slices++) {
		assert_true(t.done <= slices * WORKS_STEPS);
		assert_non_null(t.work.works);
		turn(f);
	}
	assert_null(t.work.works);
	assert_int_equal(t.left, 0);
	assert_int_equal(f->works.slices, 10);
	assert_int_equal(f->works.steps, 10 * WORKS_STEPS - 1);
}

/* A step that takes long is the last of its slice. */
static void test_time_ends_a_slice(void **state)
{
	struct fixture *f = *state;
	struct task t = task(f, 4);

	t.takes_us = 2 * WORKS_SLICE_US;
	start(f, &t);
	assert_int_equal(t.done, 1);
	turn(f);
	assert_int_equal(t.done, 2);
	turn(f);
	assert_int_equal(t.done, 3);
	work_stop(&t.work);
}

static void test_works_share_a_slice(void **state)
{
	struct fixture *f = *state;
	struct task a = task(f, 10 * WORKS_STEPS), b = task(f, 10 * WORKS_STEPS);

	start(f, &a);
	start(f, &b);
	a.done = b.done = 0;
	turn(f);
	assert_int_equal(a.done, WORKS_STEPS / 2);
	assert_int_equal(b.done, WORKS_STEPS / 2);
	work_stop(&a.work);
	work_stop(&b.work);
}

/* Each of them alone would be done at once. */
static void test_works_that_begin_in_one_turn_share_its_slice(void **state)
{
	struct fixture *f = *state;
	unsigned int done = 0;
	struct task t[20];

	for (int i = 0; i < 20; i++) {
		t[i] = task(f, 10);
		start(f, &t[i]);
	}
	for (unsigned int slices = 1; slices < 5; slices++) {
		done = 0;
		for (int i = 0; i < 20; i++)
			done += t[i].done;
		assert_int_equal(done, slices * WORKS_STEPS > 200 ? 200 : slices * WORKS_STEPS);
		assert_int_equal(f->works.slices, slices);
		turn(f);
	}
	assert_true(TAILQ_EMPTY(&f->works.queue));
}

static void test_so_does_their_time(void **state)
{
	struct fixture *f = *state;
	struct task a = task(f, 1), b = task(f, 1), c = task(f, 1);

	a.takes_us = b.takes_us = WORKS_SLICE_US / 2;
	start(f, &a);
	now_us += 10 * WORKS_SLICE_US; /* others' */
	start(f, &b);
	start(f, &c);
	assert_int_equal(a.done + b.done, 2);
	assert_int_equal(c.done, 0);
	turn(f);
	assert_int_equal(c.done, 1);
}

/* The loop comes round without waiting, and other events have their turn. */
static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	++*(unsigned int *)timer->data;
}

static void test_others_have_their_turn(void **state)
{
	struct fixture *f = *state;
	struct task t = task(f, 1000);
	unsigned int fired = 0;
	struct ev_timer timer;

	t.takes_us = 1000;
	ev_timer_init(&timer, on_timer, 0.001, 0.001);
	timer.data = &fired;
	start(f, &t);
	ev_timer_start(f->loop, &timer);
	for (int i = 0; i < 20; i++)
		ev_run(f->loop, EVRUN_ONCE);
	assert_true(fired >= 10);
	assert_true(t.done >= 20 && t.left > 0);
	ev_timer_stop(f->loop, &timer);
	work_stop(&t.work);
	ev_run(f->loop, 0); /* nothing is left that keeps it running */
	assert_true(t.left > 0);
}

static void test_a_step_stops_another_work(void **state)
{
	struct fixture *f = *state;
	struct task a = task(f, WORKS_STEPS + 3), b = task(f, 10 * WORKS_STEPS);

	a.stops = &b;
	start(f, &a);
	start(f, &b);
	while (a.work.works)
		turn(f);
	assert_null(b.work.works);
	assert_true(b.left > 0);
	turn(f);
	assert_true(b.left > 0);
}

static void test_a_step_starts_another_work(void **state)
{
	struct fixture *f = *state;
	struct task a = task(f, WORKS_STEPS + 3), b = task(f, 2 * WORKS_STEPS);

	b.work = (struct work){ .step = step, .arg = &b };
	a.starts = &b;
	start(f, &a);
	while (a.work.works || b.work.works)
		turn(f);
	assert_int_equal(b.left, 0);
}

static void test_a_work_may_be_gone_after_its_last_step(void **state)
{
	struct fixture *f = *state;
	struct task *t = malloc(sizeof(*t));

	*t = task(f, WORKS_STEPS + 1);
	t->freed = true;
	start(f, t);
	turn(f);
	assert_true(TAILQ_EMPTY(&f->works.queue));
}

static void test_started_twice_goes_on(void **state)
{
	struct fixture *f = *state;
	struct task t = task(f, 10 * WORKS_STEPS);
	unsigned int done;

	start(f, &t);
	done = t.done;
	work_start(&f->works, &t.work);
	assert_int_equal(t.done, done);
	work_stop(&t.work);
	work_stop(&t.work);
	turn(f);
	assert_int_equal(t.done, done);
}

static bool step_again(void *arg)
{
	struct task *t = arg;

	if (t->left == 0)
		return false;
	t->left--;
	t->done++;
	work_start(t->works, &t->work);
	return t->left > 0;
}

static void test_a_step_may_start_its_own_work(void **state)
{
	struct fixture *f = *state;
	struct task t = task(f, 3 * WORKS_STEPS);

	t.work = (struct work){ .step = step_again, .arg = &t };
	work_start(&f->works, &t.work);
	for (int i = 0; i < 10; i++)
		turn(f);
	assert_int_equal(t.done, 3 * WORKS_STEPS);
	assert_true(TAILQ_EMPTY(&f->works.queue));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_little_is_done_at_once),
		T(test_much_is_done_in_slices),
		T(test_time_ends_a_slice),
		T(test_works_share_a_slice),
		T(test_others_have_their_turn),
		T(test_a_step_stops_another_work),
		T(test_a_step_starts_another_work),
		T(test_a_work_may_be_gone_after_its_last_step),
		T(test_started_twice_goes_on),
		T(test_works_that_begin_in_one_turn_share_its_slice),
		T(test_so_does_their_time),
		T(test_a_step_may_start_its_own_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
