/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/dae_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "index.h"

struct entry {
	struct index_node node;
	TAILQ_ENTRY(entry) by_age;
	struct mono until;
	struct dae_key key;
	uint16_t len;
	uint8_t reply[];
};

struct dae_cache {
	struct index index;
	TAILQ_HEAD(, entry) by_age;
	unsigned int n, max;
	size_t octets, max_octets;
};

int dae_cache_new(unsigned int entries, size_t octets, struct dae_cache **out)
{
	struct dae_cache *cache = calloc(1, sizeof(*cache));
	int r;

	if (!cache)
		return -ENOMEM;
	r = index_init(&cache->index);
	if (r < 0) {
		free(cache);
		return r;
	}
	TAILQ_INIT(&cache->by_age);
	cache->max = entries;
	cache->max_octets = octets;
	*out = cache;
	return 0;
}

static void entry_free(struct dae_cache *cache, struct entry *e)
{
	index_del(&cache->index, &e->node);
	TAILQ_REMOVE(&cache->by_age, e, by_age);
	cache->n--;
	cache->octets -= sizeof(*e) + e->len;
	free(e);
}

void dae_cache_free(struct dae_cache *cache)
{
	struct entry *e;

	if (!cache)
		return;
	while ((e = TAILQ_FIRST(&cache->by_age)))
		entry_free(cache, e);
	index_fini(&cache->index);
	free(cache);
}

/* Octets without padding, since they are hashed. */
struct packed {
	uint8_t octets[RADIUS_AUTHENTICATOR + 3];
};

static struct packed pack(const struct dae_key *key)
{
	struct packed p;

	memcpy(p.octets, key->authenticator, RADIUS_AUTHENTICATOR);
	p.octets[RADIUS_AUTHENTICATOR] = (uint8_t)(key->port >> 8);
	p.octets[RADIUS_AUTHENTICATOR + 1] = (uint8_t)key->port;
	p.octets[RADIUS_AUTHENTICATOR + 2] = key->id;
	return p;
}

static struct entry *entry_find(const struct dae_cache *cache, const struct dae_key *key,
				uint64_t hash)
{
	struct index_node *n = index_first(&cache->index, hash);

	for (; n; n = index_next(n)) {
		struct entry *e = INDEX_ENTRY(n, struct entry, node);

		if (e->key.id == key->id && e->key.port == key->port &&
		    memcmp(e->key.authenticator, key->authenticator, RADIUS_AUTHENTICATOR) == 0)
			return e;
	}
	return NULL;
}

static uint64_t key_hash(const struct dae_cache *cache, const struct dae_key *key)
{
	struct packed p = pack(key);

	return index_hash(&cache->index, p.octets, sizeof(p.octets));
}

/* An entry that is too old is no duplicate's: a client that tells no time may ask for the same
 * again by the same octets. */
struct buf dae_cache_find(const struct dae_cache *cache, const struct dae_key *key, struct mono now)
{
	const struct entry *e = entry_find(cache, key, key_hash(cache, key));

	return e && e->until.ms > now.ms ? buf_of(e->reply, e->len) : buf_of(NULL, 0);
}

int dae_cache_put(struct dae_cache *cache, const struct dae_key *key, struct buf reply,
		  struct mono until)
{
	uint64_t hash = key_hash(cache, key);
	struct entry *old = entry_find(cache, key, hash);
	struct entry *e = malloc(sizeof(*e) + reply.len);

	if (!e)
		return -ENOMEM;
	if (old)
		entry_free(cache, old);
	*e = (struct entry){ .until = until, .key = *key, .len = (uint16_t)reply.len };
	memcpy(e->reply, reply.p, reply.len);
	index_add(&cache->index, &e->node, hash);
	TAILQ_INSERT_TAIL(&cache->by_age, e, by_age);
	cache->n++;
	cache->octets += sizeof(*e) + e->len;
	while (cache->n > cache->max || cache->octets > cache->max_octets)
		entry_free(cache, TAILQ_FIRST(&cache->by_age));
	return 0;
}

unsigned int dae_cache_len(const struct dae_cache *cache)
{
	return cache->n;
}
