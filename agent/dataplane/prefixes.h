/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A set of IPv4 prefixes: address ranges as routes take them. */
#ifndef XPPPD_PREFIXES_H
#define XPPPD_PREFIXES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct prefix {
	uint32_t net; /* host order */
	uint8_t len;
};

struct prefixes {
	struct prefix *list;
	unsigned int n;
	unsigned int cap;
};

/* Adds first..last (host order) as the fewest prefixes; -ENOMEM. */
int prefixes_add(struct prefixes *p, uint32_t first, uint32_t last);
bool prefixes_have(const struct prefixes *p, const struct prefix *prefix);
/* An address of one of them. */
bool prefixes_cover(const struct prefixes *p, struct in_addr addr);
void prefixes_clear(struct prefixes *p);

#endif
