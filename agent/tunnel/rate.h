/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * How often peers may ask: token buckets. The table of peers has a fixed size,
 * so that a flood from random addresses cannot make it grow: a new peer takes
 * the place of the one of its set that has been silent longest.
 */
#ifndef XPPPD_RATE_H
#define XPPPD_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

/* Zeroed: full. */
struct bucket {
	int64_t spent; /* thousandths of tokens that are missing */
	struct mono last;
};

/* Takes a token; false: none left. rate: tokens per second, 0: without limit.
 */
bool bucket_take(struct bucket *bucket, unsigned int rate, unsigned int burst, struct mono now);

struct rates;

/* rate and burst: of each peer. */
int rates_new(unsigned int rate, unsigned int burst, struct rates **rates);
void rates_free(struct rates *rates);
/* peer: a keyed hash of it. */
bool rate_peer(struct rates *rates, uint64_t peer, struct mono now);

#endif
