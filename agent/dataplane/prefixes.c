/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/prefixes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int prefix_append(struct prefixes *p, uint32_t net, uint8_t len)
{
	if (p->n == p->cap) {
		unsigned int cap = p->cap ? 2 * p->cap : 16;
		struct prefix *list = realloc(p->list, cap * sizeof(*list));

		if (!list)
			return -ENOMEM;
		p->list = list;
		p->cap = cap;
	}
	p->list[p->n++] = (struct prefix){ net, len };
	return 0;
}

/* log2 of the largest aligned block that begins at first and does not pass last. */
static unsigned int block_bits(uint64_t first, uint64_t last)
{
	unsigned int bits = first ? (unsigned int)__builtin_ctzll(first) : 32;

	while (bits && first + (1ull << bits) - 1 > last)
		bits--;
	return bits;
}

int prefixes_add(struct prefixes *p, uint32_t first, uint32_t last)
{
	uint64_t at = first;
	int r = 0;

	while (r == 0 && at <= last) {
		unsigned int bits = block_bits(at, last);
		struct prefix prefix = { (uint32_t)at, (uint8_t)(32 - bits) };

		if (!prefixes_have(p, &prefix))
			r = prefix_append(p, prefix.net, prefix.len);
		at += 1ull << bits;
	}
	return r;
}

bool prefixes_have(const struct prefixes *p, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < p->n; i++)
		if (p->list[i].net == prefix->net && p->list[i].len == prefix->len)
			return true;
	return false;
}

bool prefixes_cover(const struct prefixes *p, struct in_addr addr)
{
	uint32_t host = ntohl(addr.s_addr);

	for (unsigned int i = 0; i < p->n; i++) {
		uint8_t len = p->list[i].len;
		uint32_t mask = len ? UINT32_MAX << (32 - len) : 0;

		if ((host & mask) == p->list[i].net)
			return true;
	}
	return false;
}

void prefixes_clear(struct prefixes *p)
{
	free(p->list);
	memset(p, 0, sizeof(*p));
}
