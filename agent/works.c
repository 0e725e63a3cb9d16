/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "works.h"

#include "clock.h"

static void enqueue(struct works *works, struct work *work)
{
	if (TAILQ_EMPTY(&works->queue))
		ev_idle_start(works->loop, &works->turn);
	work->works = works;
	TAILQ_INSERT_TAIL(&works->queue, work, entry);
}

void work_stop(struct work *work)
{
	struct works *works = work->works;

	if (!works)
		return;
	TAILQ_REMOVE(&works->queue, work, entry);
	work->works = NULL;
	if (TAILQ_EMPTY(&works->queue))
		ev_idle_stop(works->loop, &works->turn);
}

/* Out of the queue while it lasts: the work may end with it, and its owner too. */
static void take_step(struct works *works, struct work *work)
{
	work_stop(work);
	works->steps++;
	if (work->step(work->arg) && !work->works)
		enqueue(works, work);
}

static void on_turn(struct ev_loop *loop, struct ev_idle *turn, int revents)
{
	struct works *works = turn->data;
	int64_t end = mono_now_us() + WORKS_SLICE_US;

	(void)loop;
	(void)revents;
	works->slices++;
	for (int i = 0; i < WORKS_STEPS && !TAILQ_EMPTY(&works->queue); i++) {
		take_step(works, TAILQ_FIRST(&works->queue));
		if (mono_now_us() >= end)
			break;
	}
}

void work_start(struct works *works, struct work *work)
{
	int64_t end = mono_now_us() + WORKS_SLICE_US;

	if (work->works)
		return;
	works->slices++;
	for (int i = 0; i < WORKS_STEPS && mono_now_us() < end; i++) {
		works->steps++;
		if (!work->step(work->arg))
			return;
	}
	enqueue(works, work);
}

void works_init(struct works *works, struct ev_loop *loop)
{
	*works = (struct works){ .loop = loop };
	TAILQ_INIT(&works->queue);
	/* an idle watcher keeps the loop from sleeping, and with the highest priority runs in each turn
	 * however much else there is to do */
	ev_idle_init(&works->turn, on_turn);
	ev_set_priority(&works->turn, EV_MAXPRI);
	works->turn.data = works;
}

void works_fini(struct works *works)
{
	while (!TAILQ_EMPTY(&works->queue))
		work_stop(TAILQ_FIRST(&works->queue));
}
