/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What the ways to L2TP's and PPTP's peers bear. A session's MTU follows the kernel, which hears of narrow ways
 * from routers and forgets them after a while (net.ipv4.route.mtu_expires): it is asked when a
 * session comes, when a packet may not have fitted, and for narrow ones again every so often.
 */
#ifndef XPPPD_WAY_H
#define XPPPD_WAY_H

#include <ev.h>

#include "dataplane/lines.h"

struct ways;

struct ways_config {
	struct ev_loop *loop;
	struct lines *lines;
	int64_t again_ms;
	/* A session's MTU shall be this. */
	void (*set_mtu)(void *arg, uint32_t slot, uint16_t mtu);
	void *arg;
};

int ways_new(const struct ways_config *config, struct ways **ways);
void ways_free(struct ways *ways);

/* What the session may have of the MTU it asks for. */
uint16_t ways_fit(struct ways *ways, const struct dp_session *session);
/* It is in the lines now; full: the MTU that it asked for. It may go without a word. */
void ways_begin(struct ways *ways, uint32_t slot, uint16_t full);
/* A packet of such a session may not have fitted. Asks once a second at most. */
void ways_check(struct ways *ways, uint32_t slot);
/* Asks for all narrow ones now. */
void ways_again(struct ways *ways);

#endif
