/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * How often peers may ask: token buckets. The table of peers has a fixed size, so that a
 * flood from random addresses cannot make it grow: a new peer takes the place of the
 * one of its set that has been silent longest.
 */
#ifndef XPPPD_PPPOE_RATE_H
#define XPPPD_PPPOE_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

/* Zeroed: full. */
struct pppoe_bucket {
	int64_t spent; /* thousandths of tokens that are missing */
	struct mono last;
};

/* Takes a token; false: none left. rate: tokens per second, 0: without limit. */
bool pppoe_bucket_take(struct pppoe_bucket *bucket, unsigned int rate, unsigned int burst,
		       struct mono now);

/* A client repeats its PADI every few seconds; households and test gear that dial
 * several sessions from one MAC stay below this too. */
#define PPPOE_RATE_PEER 10
#define PPPOE_RATE_PEER_BURST 20

struct pppoe_rates;

int pppoe_rates_new(struct pppoe_rates **rates);
void pppoe_rates_free(struct pppoe_rates *rates);
/* peer: a keyed hash of it. */
bool pppoe_rate_peer(struct pppoe_rates *rates, uint64_t peer, struct mono now);

#endif
