/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "hist.h"

static unsigned int bucket_of(uint64_t us)
{
	unsigned int shift = 0;

	while (us >> shift >= 2 * HIST_STEPS)
		shift++;
	if (shift * HIST_STEPS + (us >> shift) >= HIST_BUCKETS)
		return HIST_BUCKETS - 1;
	return shift * HIST_STEPS + (us >> shift);
}

static uint64_t bucket_top(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < 2 * HIST_STEPS)
		return bucket;
	shift = bucket / HIST_STEPS - 1;
	return ((bucket - shift * HIST_STEPS + 1ULL) << shift) - 1;
}

void hist_add(struct hist *h, uint64_t us)
{
	h->count++;
	h->bucket[bucket_of(us)]++;
	if (us > h->max)
		h->max = us;
}

uint64_t hist_percentile(const struct hist *h, double percent)
{
	double wanted = percent / 100 * h->count;
	uint64_t seen = 0, top;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (h->bucket[i] && seen >= wanted) {
			top = bucket_top(i);
			return top < h->max ? top : h->max;
		}
	}
	return h->max;
}
