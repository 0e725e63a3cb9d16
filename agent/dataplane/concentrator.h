/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Concentrator interfaces: pppac0 is a veth whose other end, pppac0-dp, carries the data
 * plane's program. The stack routes sessions' addresses to pppac0, and what it sends there is
 * encapsulated at pppac0-dp; what programs hand to the stack goes out of pppac0-dp.
 */
#ifndef XPPPD_CONCENTRATOR_H
#define XPPPD_CONCENTRATOR_H

#include "dataplane/attach.h"
#include "dataplane/dataplane.h"
#include "dataplane/prefixes.h"

struct concentrators;
struct link_sub;
struct links;
struct routes;

struct concentrator {
	bool used;
	bool stay;      /* named by the configuration that is being applied */
	bool l2tp_ipv6; /* the configuration has L2TP over IPv6 */
	bool up;        /* as last seen: routes go when somebody sets it down */
	uint8_t index;
	struct concentrators *all;
	struct link_sub *sub;
	char name[IFNAMSIZ], dp_name[IFNAMSIZ];
	uint32_t ifindex, dp_ifindex;
	uint8_t mac[ETH_ALEN], dp_mac[ETH_ALEN];
	struct in_addr address;
	uint16_t mtu;          /* of the devices */
	struct prefixes pools; /* routes to the addresses of its pools */
	uint16_t pool_mtu;     /* MTU of these routes */
	struct attach attach;
	enum attach_mode asked; /* what attach came from */
	char detail[96];
};

struct concentrators_config {
	struct attach_programs programs;
	int drop_fd; /* the tc program behind XDP */
	int map_fd;  /* `concentrators` */
	struct routes *routes;
	struct log *log;
	/* The devices were made anew, came up again, or grew: what was bound to them is to be
	 * renewed, and sessions' own routes are gone. */
	void (*renewed)(void *arg, const struct concentrator *c);
	void *arg;
};

int concentrators_new(const struct concentrators_config *config, struct concentrators **cs);
void concentrators_free(struct concentrators *cs); /* removes the devices */
/* Makes the devices and pool routes match conf, and keeps the devices there. What fails is logged
 * and leaves the others alone; the first error is returned. */
int concentrators_configure(struct concentrators *cs, const struct conf *conf, struct links *links);
/* Runs a program that can send to devices in this mode. */
void concentrators_set_mode(struct concentrators *cs, enum attach_mode mode);
void concentrators_show(const struct concentrators *cs, dp_device_fn fn, void *arg);

/* NULL if there is none. */
const struct concentrator *concentrator_by_name(struct concentrators *cs, const char *name);
const struct concentrator *concentrator_by_index(const struct concentrators *cs, uint8_t index);
/* A session's packets need no route but the pool's. */
bool concentrator_routes(const struct concentrator *c, struct in_addr addr, uint16_t mtu);
/* This very route is a pool's. */
bool concentrator_has_route(const struct concentrator *c, const struct dp_route *route);

#endif
