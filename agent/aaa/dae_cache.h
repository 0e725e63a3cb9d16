/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Replies to a client's last requests, so that a request that comes again gets the reply that it
 * had and nothing is done twice (RFC 5080 2.2.2, RFC 5176 6.3). Bounded in number and octets: the
 * oldest go first. Nothing here is looked for by walking.
 */
#ifndef XPPPD_DAE_CACHE_H
#define XPPPD_DAE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "aaa/radius_packet.h"
#include "buf.h"
#include "clock.h"

struct dae_cache;

/* What the same request has every time it comes. */
struct dae_key {
	uint8_t authenticator[RADIUS_AUTHENTICATOR];
	uint16_t port; /* that it came from, 0: any */
	uint8_t id;
};

int dae_cache_new(unsigned int entries, size_t octets, struct dae_cache **cache);
void dae_cache_free(struct dae_cache *cache); /* NULL is fine */
/* The reply that is kept for it, empty if there is none. */
struct buf dae_cache_find(const struct dae_cache *cache, const struct dae_key *key,
			  struct mono now);
/* Keeps a copy. -ENOMEM. */
int dae_cache_put(struct dae_cache *cache, const struct dae_key *key, struct buf reply,
		  struct mono until);
unsigned int dae_cache_len(const struct dae_cache *cache);

#endif
