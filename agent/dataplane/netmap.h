/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Where packets find sessions whose addresses are in no pool, and the nets behind sessions: in the
 * maps `addresses` and `routes`, and in the kernel's table.
 */
#ifndef XPPPD_NETMAP_H
#define XPPPD_NETMAP_H

#include <stdbool.h>
#include <stdint.h>

struct concentrators;
struct dp_route;
struct lines;
struct routes;
struct xp_config;

struct netmap {
	struct lines *lines;
	int addresses_fd, routes_fd;
	struct xp_config *config; /* the programs read from it how many entries there are */
	struct routes *routes;
	struct concentrators *concentrators;
};

/* The maps' entries of a session whose lines are reserved: all or none. */
int netmap_put(struct netmap *map, uint32_t slot);
void netmap_remove(struct netmap *map, uint32_t slot);
/* The kernel's routes, with the session's MTU; adding them again changes it. */
void netmap_route(struct netmap *map, uint32_t slot, bool on);

/* As dataplane_ops.routes_set. */
int netmap_set(struct netmap *map, uint32_t slot, const struct dp_route *routes, unsigned int n);

#endif
