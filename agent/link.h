/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Network devices as they come, change and go (rtnetlink RTM_NEWLINK/RTM_DELLINK), for
 * everything that is bound to a device by name.
 */
#ifndef XPPPD_LINK_H
#define XPPPD_LINK_H

#include <ev.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct links;
struct log;

struct link {
	uint32_t ifindex; /* 0: the device is gone */
	char name[IFNAMSIZ];
	uint8_t mac[ETH_ALEN];
	uint32_t mtu;
	bool up; /* IFF_UP */
};

typedef void (*link_fn)(void *arg, const struct link *link);

/* Watches from now on; -errno. */
int links_new(struct ev_loop *loop, struct log *log, struct links **links);
void links_free(struct links *links); /* after all subscriptions have ended */
/* fn is called at once for the device if it exists, and at each later change. The
 * subscription's handle is freed with links_unsubscribe. */
struct link_sub;
int links_subscribe(struct links *links, const char *name, link_fn fn, void *arg,
		    struct link_sub **sub);
void links_unsubscribe(struct link_sub *sub); /* NULL is fine; safe within fn */

#endif
