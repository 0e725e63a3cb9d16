/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* How long something took, counted in fixed steps from 0.1 ms to a minute. */
#ifndef XPPPD_HISTOGRAM_H
#define XPPPD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 18

/* Upper bounds in microseconds, inclusive. */
extern const uint32_t histogram_bounds_us[HISTOGRAM_STEPS];

struct histogram {
	uint64_t count[HISTOGRAM_STEPS + 1]; /* the last: beyond all bounds */
	uint64_t sum_us;
};

/* Less than nothing counts as nothing. */
void histogram_add(struct histogram *h, int64_t us);

#endif
