/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the outer headers of L2TP and PPTP leave of the way to a peer. */
#ifndef XPPPD_OUTER_H
#define XPPPD_OUTER_H

#include <stdint.h>
#include <sys/socket.h>

/* Who asks. The sockets are kept: to make and to close one costs more than the question. */
struct outer {
	int in, in6; /* -1: not asked for such a peer yet */
};

void outer_init(struct outer *outer);
void outer_clear(struct outer *outer);

/* The largest IP packet of a session with these flags (enum xp_flag) that leaves whole to peer: by the kernel's
 * routes, and by what routers on the way have said. 0 if there is no way. */
uint16_t outer_mtu(struct outer *outer, const struct sockaddr_storage *peer, uint16_t flags);

#endif
