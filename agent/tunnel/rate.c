/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/rate.h"

#include <errno.h>
#include <stdlib.h>

#define TOKEN 1000
#define REFILL_MAX_MS 1000000 /* keeps the product small; every bucket is full by then */
#define SETS 1024             /* a power of two */
#define WAYS 4

struct rate_entry {
	uint64_t peer;
	struct bucket bucket;
};

struct rates {
	unsigned int rate, burst;
	struct rate_entry entry[SETS][WAYS];
};

bool bucket_take(struct bucket *bucket, unsigned int rate, unsigned int burst, struct mono now)
{
	int64_t elapsed = mono_elapsed_ms(bucket->last, now);
	int64_t refill = (elapsed < REFILL_MAX_MS ? elapsed : REFILL_MAX_MS) * rate;

	if (rate == 0)
		return true;
	bucket->spent = bucket->spent > refill ? bucket->spent - refill : 0;
	bucket->last = now;
	if (bucket->spent + TOKEN > (int64_t)burst * TOKEN)
		return false;
	bucket->spent += TOKEN;
	return true;
}

int rates_new(unsigned int rate, unsigned int burst, struct rates **rates)
{
	struct rates *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->rate = rate;
	r->burst = burst;
	*rates = r;
	return 0;
}

void rates_free(struct rates *rates)
{
	free(rates);
}

static struct rate_entry *entry_of(struct rates *rates, uint64_t peer)
{
	struct rate_entry *set = rates->entry[peer & (SETS - 1)];
	struct rate_entry *oldest = &set[0];

	for (int i = 0; i < WAYS; i++) {
		if (set[i].peer == peer)
			return &set[i];
		if (set[i].bucket.last.ms < oldest->bucket.last.ms)
			oldest = &set[i];
	}
	*oldest = (struct rate_entry){ .peer = peer };
	return oldest;
}

bool rate_peer(struct rates *rates, uint64_t peer, struct mono now)
{
	return bucket_take(&entry_of(rates, peer)->bucket, rates->rate, rates->burst, now);
}
