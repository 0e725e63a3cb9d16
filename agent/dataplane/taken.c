/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/taken.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct taken_prefix {
	struct index_node node;
	LIST_ENTRY(taken_prefix) entry;
	uint32_t net;
	uint8_t len;
	uint32_t slot;
};

int taken_init(struct taken *taken)
{
	memset(taken, 0, sizeof(*taken));
	LIST_INIT(&taken->all);
	return index_init(&taken->index);
}

void taken_clear(struct taken *taken)
{
	struct taken_prefix *prefix;

	while ((prefix = LIST_FIRST(&taken->all))) {
		LIST_REMOVE(prefix, entry);
		free(prefix);
	}
	index_fini(&taken->index);
}

static struct taken_prefix *prefix_find(const struct taken *taken, uint32_t net, uint8_t len)
{
	uint32_t key[2] = { net, len };
	struct index_node *node =
		index_first(&taken->index, index_hash(&taken->index, key, sizeof(key)));

	for (; node; node = index_next(node)) {
		struct taken_prefix *prefix = INDEX_ENTRY(node, struct taken_prefix, node);

		if (prefix->net == net && prefix->len == len)
			return prefix;
	}
	return NULL;
}

int taken_add(struct taken *taken, uint32_t net, uint8_t len, uint32_t slot)
{
	uint32_t key[2] = { net, len };
	struct taken_prefix *prefix;

	if (prefix_find(taken, net, len))
		return -EADDRINUSE;
	prefix = calloc(1, sizeof(*prefix));
	if (!prefix)
		return -ENOMEM;
	prefix->net = net;
	prefix->len = len;
	prefix->slot = slot;
	LIST_INSERT_HEAD(&taken->all, prefix, entry);
	index_add(&taken->index, &prefix->node, index_hash(&taken->index, key, sizeof(key)));
	taken->of_len[len]++;
	return 0;
}

void taken_del(struct taken *taken, uint32_t net, uint8_t len, uint32_t slot)
{
	struct taken_prefix *prefix = prefix_find(taken, net, len);

	if (!prefix || prefix->slot != slot)
		return;
	taken->of_len[len]--;
	index_del(&taken->index, &prefix->node);
	LIST_REMOVE(prefix, entry);
	free(prefix);
}

bool taken_find(const struct taken *taken, uint32_t net, uint8_t len, uint32_t *slot)
{
	const struct taken_prefix *prefix = prefix_find(taken, net, len);

	if (prefix)
		*slot = prefix->slot;
	return prefix;
}

bool taken_owner(const struct taken *taken, uint32_t addr, uint32_t *slot)
{
	for (int len = 32; len >= 0; len--)
		if (taken->of_len[len] &&
		    taken_find(taken, addr & taken_mask((uint8_t)len), (uint8_t)len, slot))
			return true;
	return false;
}
