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

/* Of a slice that has room; what it takes is taken from the slice. */
static bool slice_step(struct works *works, struct work *work)
{
	int64_t begin = mono_now_us();
	bool more;

	works->steps_left--;
	works->steps++;
	more = work->step(work->arg);
	works->us_left -= mono_now_us() - begin;
	return more;
}

/* A turn has one slice, however many works begin in it: the end of a thousand tunnels that are small
 * is as much as that of a large one. */
static bool slice_has_room(struct works *works)
{
	unsigned int turn = ev_iteration(works->loop);

	if (works->sliced != turn) {
		works->sliced = turn;
		works->steps_left = WORKS_STEPS;
		works->us_left = WORKS_SLICE_US;
		works->slices++;
	}
	return works->steps_left > 0 && works->us_left > 0;
}

/* Out of the queue while it lasts: the work may end with it, and its owner too. */
static void take_step(struct works *works, struct work *work)
{
	work_stop(work);
	if (slice_step(works, work) && !work->works)
		enqueue(works, work);
}

static void on_turn(struct ev_loop *loop, struct ev_idle *turn, int revents)
{
	struct works *works = turn->data;

	(void)loop;
	(void)revents;
	while (!TAILQ_EMPTY(&works->queue) && slice_has_room(works))
		take_step(works, TAILQ_FIRST(&works->queue));
}

void work_start(struct works *works, struct work *work)
{
	if (work->works)
		return;
	while (slice_has_room(works))
		/* a step may have started it again */
		if (!slice_step(works, work) || work->works)
			return;
	enqueue(works, work);
}

void works_init(struct works *works, struct ev_loop *loop)
{
	*works = (struct works){ .loop = loop, .sliced = ev_iteration(loop) - 1 };
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
