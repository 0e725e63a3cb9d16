/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Latency histogram: exact up to 128 µs, then 64 steps per power of two (1.6 % at most). */
#ifndef DIALER_HIST_H
#define DIALER_HIST_H

#include <stdint.h>

#define HIST_STEPS 64
#define HIST_BUCKETS (HIST_STEPS * 28)

struct hist {
	uint64_t count, max;
	uint32_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, uint64_t us);
/* The smallest value that `percent` of the samples do not exceed; 0 without samples. */
uint64_t hist_percentile(const struct hist *h, double percent);

#endif
