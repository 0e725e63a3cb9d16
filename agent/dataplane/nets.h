/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The nets behind sessions: that of a session's netmask, and its routes. */
#ifndef XPPPD_NETS_H
#define XPPPD_NETS_H

#include <stdbool.h>
#include <stdint.h>

struct dp_route;
struct dp_session;
struct lines;

struct nets {
	struct dp_route *list; /* without bits beyond their lengths, none twice */
	unsigned int n;
	bool of_netmask; /* the first one is */
};

/* Of a session whose address is taken: nets that another session has are left out and counted.
 * -EINVAL, -ENOMEM. */
int nets_reserve(struct lines *lines, const struct dp_session *session);
void nets_release(struct lines *lines, uint32_t slot);

/*
 * Other routes, as dataplane_ops.routes_set has it: takes those that are new and makes the list of
 * all that the session will have. Then comes one of the other two: the list becomes the session's,
 * or it does not.
 */
int nets_take(struct lines *lines, uint32_t slot, const struct dp_route *routes, unsigned int n,
	      struct nets *fresh);
void nets_exchange(struct lines *lines, uint32_t slot, struct nets *fresh);
void nets_drop(struct lines *lines, uint32_t slot, struct nets *fresh);

/* This net, whatever its metric; and with the same one. */
bool nets_have(const struct nets *nets, const struct dp_route *net);
bool nets_have_metric(const struct nets *nets, const struct dp_route *net);

#endif
