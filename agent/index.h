/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Intrusive hash index. Nodes live in what they index; equal keys may occur more than
 * once. The caller hashes and compares; the hash is keyed at random, because the
 * keys (MACs, user names) are chosen by peers.
 */
#ifndef XPPPD_INDEX_H
#define XPPPD_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct index_node {
	struct index_node *next;
	struct index_node **link; /* what points here; NULL when not in an index */
	uint64_t hash;
};

struct index {
	struct index_node **buckets;
	size_t mask;
	size_t count;
	uint64_t seed[2];
};

#define INDEX_ENTRY(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

int index_init(struct index *index); /* -ENOMEM */
/* Frees the buckets; nodes are their owners'. A zeroed index is fine. */
void index_fini(struct index *index);

uint64_t index_hash(const struct index *index, const void *key, size_t len);
/* Never fails: an index that cannot grow gets slower. Newest first among equals. */
void index_add(struct index *index, struct index_node *node, uint64_t hash);
/* A node that is in no index is left alone. */
void index_del(struct index *index, struct index_node *node);
/* Nodes with this hash, newest first; the caller compares keys. */
struct index_node *index_first(const struct index *index, uint64_t hash);
struct index_node *index_next(const struct index_node *node);

#endif
