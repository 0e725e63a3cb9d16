/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Addresses of the `ipcp` statements. Allocation and release are O(1) amortised; freed
 * addresses are handed out last. Addresses that an interface of the concentrator
 * has, and network and broadcast addresses of CIDR ranges, are never handed out.
 */
#ifndef XPPPD_POOL_H
#define XPPPD_POOL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct conf;
struct conf_ipcp;
struct pools;

/* The pools of conf, all free. */
int pools_new(const struct conf *conf, struct pools **pools);
/* New configuration: addresses in use stay in use, also where the new one no longer
 * has them (they are not handed out again). On failure nothing has changed. */
int pools_reload(struct pools *pools, const struct conf *conf);
void pools_free(struct pools *pools);

/*
 * Takes an address of the pool of `ipcp` for a user. fixed: the user's own address, 0 if
 * none: need not be in a range, must be free. wanted: what the peer asks for, 0 if
 * nothing; honoured when the statement allows it and it is free in a dynamic
 * range; otherwise the next free dynamic address is taken. The statement's max-session
 * counts here. -EADDRINUSE, -ENOSPC.
 */
int pool_take(struct pools *pools, const struct conf_ipcp *ipcp, struct in_addr fixed,
	      struct in_addr wanted, struct in_addr *addr);
/* The address that the peer asks for, even if the statement does not let users select:
 * -EADDRINUSE if it is in no dynamic range or not free. */
int pool_take_wanted(struct pools *pools, const struct conf_ipcp *ipcp, struct in_addr wanted,
		     struct in_addr *addr);
void pool_give(struct pools *pools, const struct conf_ipcp *ipcp, struct in_addr addr);

struct pool_usage {
	const char *name; /* of the ipcp statement */
	uint32_t dynamic_size;
	uint32_t dynamic_used;
	uint32_t static_size;
	uint32_t static_used;
	uint32_t outside_used; /* fixed addresses outside the ranges */
};
typedef void (*pool_usage_fn)(void *arg, const struct pool_usage *usage);
void pools_usage(const struct pools *pools, pool_usage_fn fn, void *arg);

#endif
