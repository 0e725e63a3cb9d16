/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define INDEX_START 64

int index_init(struct index *index)
{
	struct index_node **buckets = calloc(INDEX_START, sizeof(struct index_node *));

	if (!buckets)
		return -ENOMEM;
	*index = (struct index){ .buckets = buckets, .mask = INDEX_START - 1 };
	if (getrandom(index->seed, sizeof(index->seed), 0) != sizeof(index->seed)) {
		free(buckets);
		return -EIO;
	}
	return 0;
}

void index_fini(struct index *index)
{
	free(index->buckets);
	*index = (struct index){ 0 };
}

static uint64_t rotl(uint64_t v, unsigned int n)
{
	return v << n | v >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* SipHash-1-3 */
uint64_t index_hash(const struct index *index, const void *key, size_t len)
{
	uint64_t v[4] = { index->seed[0] ^ 0x736f6d6570736575u,
			  index->seed[1] ^ 0x646f72616e646f6du,
			  index->seed[0] ^ 0x6c7967656e657261u,
			  index->seed[1] ^ 0x7465646279746573u };
	const uint8_t *p = key;
	uint64_t word = 0;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = 0;
	if (left > 0)
		memcpy(&word, p, left);
	word |= (uint64_t)len << 56;
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void link_node(struct index_node **head, struct index_node *node)
{
	node->next = *head;
	node->link = head;
	if (*head)
		(*head)->link = &node->next;
	*head = node;
}

/* Nodes are moved so that the order among equals stays newest first. */
static void grow(struct index *index)
{
	size_t size = (index->mask + 1) * 2;
	struct index_node **buckets = calloc(size, sizeof(struct index_node *));

	if (!buckets)
		return;
	for (size_t i = 0; i <= index->mask; i++) {
		struct index_node **tail[2] = { &buckets[i], &buckets[i + index->mask + 1] };

		for (struct index_node *node = index->buckets[i]; node;) {
			struct index_node *next = node->next;
			struct index_node ***t = &tail[(node->hash & (index->mask + 1)) != 0];

			node->next = NULL;
			node->link = *t;
			**t = node;
			*t = &node->next;
			node = next;
		}
	}
	free(index->buckets);
	index->buckets = buckets;
	index->mask = size - 1;
}

void index_add(struct index *index, struct index_node *node, uint64_t hash)
{
	if (index->count > index->mask)
		grow(index);
	node->hash = hash;
	link_node(&index->buckets[hash & index->mask], node);
	index->count++;
}

void index_del(struct index *index, struct index_node *node)
{
	if (!node->link)
		return;
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	*node = (struct index_node){ 0 };
	index->count--;
}

static struct index_node *match(struct index_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct index_node *index_first(const struct index *index, uint64_t hash)
{
	return match(index->buckets[hash & index->mask], hash);
}

struct index_node *index_next(const struct index_node *node)
{
	return match(node->next, node->hash);
}
