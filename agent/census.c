/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "census.h"

#include <arpa/inet.h>
#include <stdlib.h>

struct block {
	struct index_node node;
	uint32_t net; /* host order */
	uint32_t len;
	uint32_t count;
	uint64_t bits[]; /* of 24 bits: which addresses */
};

static uint32_t mask(uint32_t len)
{
	return len ? UINT32_MAX << (32 - len) : 0;
}

static uint64_t block_hash(const struct census *c, uint32_t net, uint32_t len)
{
	const uint32_t key[2] = { net, len };

	return index_hash(&c->index, key, sizeof(key));
}

static struct block *block_find(const struct census *c, uint32_t addr, uint32_t len)
{
	uint32_t net = addr & mask(len);
	struct index_node *node = index_first(&c->index, block_hash(c, net, len));

	for (; node; node = index_next(node)) {
		struct block *block = INDEX_ENTRY(node, struct block, node);

		if (block->net == net && block->len == len)
			return block;
	}
	return NULL;
}

static struct block *block_get(struct census *c, uint32_t addr, uint32_t len)
{
	struct block *block = block_find(c, addr, len);

	if (block)
		return block;
	block = calloc(1, sizeof(*block) + (len == 24 ? 256 / 8 : 0));
	if (!block)
		return NULL;
	block->net = addr & mask(len);
	block->len = len;
	index_add(&c->index, &block->node, block_hash(c, block->net, len));
	return block;
}

static void block_put(struct census *c, struct block *block)
{
	if (block->count)
		return;
	index_del(&c->index, &block->node);
	free(block);
}

int census_init(struct census *c)
{
	return index_init(&c->index);
}

void census_fini(struct census *c)
{
	index_fini(&c->index);
}

void census_add(struct census *c, struct in_addr addr)
{
	uint32_t host = ntohl(addr.s_addr), bit = host & 0xff;

	for (uint32_t len = 8; len <= 24; len += 8) {
		struct block *block = block_get(c, host, len);

		if (!block)
			continue;
		block->count++;
		if (len == 24)
			block->bits[bit / 64] |= 1ull << bit % 64;
	}
}

void census_del(struct census *c, struct in_addr addr)
{
	uint32_t host = ntohl(addr.s_addr), bit = host & 0xff;

	for (uint32_t len = 8; len <= 24; len += 8) {
		struct block *block = block_find(c, host, len);

		if (!block)
			continue;
		block->count--;
		if (len == 24)
			block->bits[bit / 64] &= ~(1ull << bit % 64);
		block_put(c, block);
	}
}

/* Those of one block of 24 bits. */
static uint32_t count_bits(const struct block *block, uint32_t first, uint32_t size)
{
	uint32_t count = 0;

	for (uint32_t bit = first; block && bit < first + size; bit++)
		count += block->bits[bit / 64] >> bit % 64 & 1;
	return count;
}

uint32_t census_count(const struct census *c, struct in_addr net, uint8_t len)
{
	uint32_t first = ntohl(net.s_addr) & mask(len), count = 0;
	uint32_t step = len <= 8 ? 8 : len <= 16 ? 16 : 24;

	if (len > 24)
		return count_bits(block_find(c, first, 24), first & 0xff, 1u << (32 - len));
	for (uint32_t i = 0; i < 1u << (step - len); i++) {
		const struct block *block = block_find(c, first + (i << (32 - step)), step);

		count += block ? block->count : 0;
	}
	return count;
}
