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

#endif
