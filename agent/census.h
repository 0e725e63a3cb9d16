/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * How many of a net's IPv4 addresses are in use. Bounded work whatever the net: at most 256 places
 * are looked at.
 */
#ifndef XPPPD_CENSUS_H
#define XPPPD_CENSUS_H

#include <netinet/in.h>
#include <stdint.h>

#include "index.h"

struct census {
	struct index index; /* nets of 8, 16 and 24 bits with addresses in use */
};

int census_init(struct census *census); /* -ENOMEM */
void census_fini(struct census *census);

/* Each address once. Without memory it is not counted. */
void census_add(struct census *census, struct in_addr addr);
void census_del(struct census *census, struct in_addr addr);
/* Bits of net beyond len do not count. */
uint32_t census_count(const struct census *census, struct in_addr net, uint8_t len);

#endif
