/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "session_private.h"

static bool walk_step(void *arg)
{
	struct session_walk *walk = arg;
	bool more;
	struct session *s = session_next_soon(walk->table, &walk->cursor, &more);

	if (s) {
		walk->visited++;
		walk->visit(s, walk->cause);
	}
	return s || more;
}

void session_walk_start(struct sessions *t, struct session_walk *walk)
{
	walk->table = t;
	walk->work = (struct work){ .step = walk_step, .arg = walk };
	work_start(&t->works, &walk->work);
}

void session_walk_stop(struct session_walk *walk)
{
	work_stop(&walk->work);
}

bool session_walk_over(const struct session_walk *walk)
{
	return !walk->work.works;
}

void session_work(void *sessions, struct work *work)
{
	struct sessions *t = sessions;

	work_start(&t->works, work);
}

void sessions_works(const struct sessions *t, uint64_t *slices, uint64_t *steps)
{
	*slices = t->works.slices;
	*steps = t->works.steps;
}
