/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What may be too much for one turn of the loop, as the end of all sessions or of a whole tunnel's,
 * is done in slices: every turn does some small steps of all that is under way, one of each in
 * turn, until enough are done or their time is over. Nobody else waits longer than that.
 */
#ifndef XPPPD_WORKS_H
#define XPPPD_WORKS_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#define WORKS_STEPS 64      /* of one slice, at most */
#define WORKS_SLICE_US 2000 /* then no other step of it begins */

struct works;

/* Embedded in its owner, who sets step and arg. */
struct work {
	/* Does a little; false: nothing is left, and the work may be no more. */
	bool (*step)(void *arg);
	void *arg;
	struct works *works; /* where it is queued; NULL: it is not */
	TAILQ_ENTRY(work) entry;
};

struct works {
	struct ev_loop *loop;
	struct ev_idle turn; /* while something is queued */
	TAILQ_HEAD(, work) queue;
	unsigned int sliced; /* the turn whose slice has this left */
	int steps_left;
	int64_t us_left;
	uint64_t slices, steps;
};

void works_init(struct works *works, struct ev_loop *loop);
/* Forgets what is queued. */
void works_fini(struct works *works);

/* Does what this turn's slice has room for at once, and queues what is left. One that is queued goes
 * on. */
void work_start(struct works *works, struct work *work);
/* Takes it out of the queue, wherever it stands. */
void work_stop(struct work *work);

#endif
