/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "pace.h"

#include <time.h>

#define PACE_BACKLOG 0.1  /* seconds */
#define PACE_PAUSE 100000 /* ns; when nothing is due */

int64_t pace_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

void pace_begin(struct pace *p, double rate, int64_t now)
{
	*p = (struct pace){ .rate = rate, .begun = now };
}

uint32_t pace_due(struct pace *p, int64_t now, uint32_t most)
{
	double due;

	if (p->rate == 0)
		return most;
	due = (now - p->begun) * p->rate / 1e9 - p->done;
	if (due < 1)
		return 0;
	if (due > p->rate * PACE_BACKLOG + 1) {
		p->begun = now - (int64_t)(PACE_BACKLOG * 1e9);
		p->done = 0;
		due = p->rate * PACE_BACKLOG + 1;
	}
	return due < most ? due : most;
}

void pace_took(struct pace *p, uint32_t n)
{
	p->done += n;
}

void pace_work(const struct pace_work *work)
{
	const struct timespec pause = { 0, PACE_PAUSE };
	uint64_t done = 0;
	struct pace pace;
	int64_t until;
	uint32_t n;

	pace_begin(&pace, work->rate, pace_clock());
	while (done < work->count) {
		n = pace_due(&pace, pace_clock(), work->burst);
		pace_took(&pace, n);
		if (n == 0)
			nanosleep(&pause, NULL);
		for (; n && done < work->count; n--, done++)
			work->each(work->arg);
		if (work->meanwhile)
			work->meanwhile(work->arg);
	}
	until = pace_clock() + (int64_t)(work->wait * 1e9);
	while (pace_clock() < until) {
		nanosleep(&pause, NULL);
		if (work->meanwhile)
			work->meanwhile(work->arg);
	}
}
