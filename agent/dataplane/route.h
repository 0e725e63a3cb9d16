/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The kernel's routes to sessions. They are asked for without waiting; what the kernel
 * refuses is logged when its answer comes.
 */
#ifndef XPPPD_ROUTE_H
#define XPPPD_ROUTE_H

#include <ev.h>
#include <stdint.h>

struct dp_route;
struct log;
struct routes;

/* protocol number of our routes, as `ip route show proto 120` takes it */
#define ROUTE_PROTOCOL 120

int routes_new(struct ev_loop *loop, struct log *log, struct routes **routes);
void routes_free(struct routes *routes); /* leaves the routes */

/* Replaces what there is for this prefix with this metric. */
void route_add(struct routes *routes, const struct dp_route *route, uint32_t ifindex, uint16_t mtu);
/* Replaces only what route_add() and this have made for this interface: another's route stays, and that
 * there is one is logged. */
void route_claim(struct routes *routes, const struct dp_route *route, uint32_t ifindex,
		 uint16_t mtu);
void route_del(struct routes *routes, const struct dp_route *route, uint32_t ifindex);

#endif
