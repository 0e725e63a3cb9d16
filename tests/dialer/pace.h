/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A rate: how many events are due by now. */
#ifndef DIALER_PACE_H
#define DIALER_PACE_H

#include <stdint.h>

struct pace {
	double rate; /* a second; 0: no limit */
	int64_t begun;
	uint64_t done;
};

int64_t pace_clock(void); /* CLOCK_MONOTONIC, ns */
void pace_begin(struct pace *p, double rate, int64_t now);
/* At most `most`. A backlog of more than 100 ms is forgotten, so that no burst follows
 * when the caller was held up. */
uint32_t pace_due(struct pace *p, int64_t now, uint32_t most);
void pace_took(struct pace *p, uint32_t n);

/* Something to be done over and over, and what has to be seen to meanwhile. */
struct pace_work {
	double rate;    /* a second; 0: no limit */
	uint64_t count; /* how often */
	double wait;    /* seconds to go on seeing to it afterwards */
	uint32_t burst; /* at most, in one go */
	void (*each)(void *arg);
	void (*meanwhile)(void *arg); /* NULL: nothing */
	void *arg;
};
void pace_work(const struct pace_work *work);

#endif
