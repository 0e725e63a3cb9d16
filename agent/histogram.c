/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "histogram.h"

const uint32_t histogram_bounds_us[HISTOGRAM_STEPS] = {
	100,    250,    500,    1000,    2500,    5000,    10000,    25000,    50000,
	100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000,
};

void histogram_add(struct histogram *h, int64_t us)
{
	unsigned int i = 0;

	if (us < 0)
		us = 0;
	while (i < HISTOGRAM_STEPS && us > histogram_bounds_us[i])
		i++;
	h->count[i]++;
	h->sum_us += (uint64_t)us;
}
