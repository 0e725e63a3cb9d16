/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "pace.h"

#include <time.h>

#define PACE_BACKLOG 0.1 /* seconds */

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
