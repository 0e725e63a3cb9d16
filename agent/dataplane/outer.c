/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/outer.h"

#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <unistd.h>
#include <xpppd/map.h>

#define OUTER_IPV4 20
#define OUTER_IPV6 40
#define OUTER_GRE 16 /* with both numbers */
#define OUTER_UDP 8
#define OUTER_L2TP 6
#define OUTER_SEQUENCE 4
#define OUTER_PPP 4 /* address, control, protocol */

void outer_init(struct outer *outer)
{
	outer->in = outer->in6 = -1;
}

void outer_clear(struct outer *outer)
{
	if (outer->in >= 0)
		close(outer->in);
	if (outer->in6 >= 0)
		close(outer->in6);
	outer_init(outer);
}

/* Connecting a UDP socket sends nothing. While it is not connected it has neither an address nor a port: nobody
 * can send to it, and the next question has nothing of this one. */
static int path_mtu(struct outer *outer, const struct sockaddr_storage *peer)
{
	bool ipv6 = peer->ss_family == AF_INET6;
	socklen_t addr_len = ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	int *fd = ipv6 ? &outer->in6 : &outer->in;
	socklen_t len = sizeof(int);
	int mtu = 0;

	if (*fd < 0)
		*fd = socket(peer->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return 0;
	if (connect(*fd, (const struct sockaddr *)peer, addr_len) < 0 ||
	    getsockopt(*fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_MTU : IP_MTU, &mtu,
		       &len) < 0)
		mtu = 0;
	connect(*fd, &nobody, sizeof(nobody));
	return mtu;
}

static int outer_tunnel(uint16_t flags)
{
	if (flags & XP_F_PPTP)
		return OUTER_GRE;
	return OUTER_UDP + OUTER_L2TP + (flags & XP_F_SEQUENCE ? OUTER_SEQUENCE : 0);
}

uint16_t outer_mtu(struct outer *outer, const struct sockaddr_storage *peer, uint16_t flags)
{
	int ip = peer->ss_family == AF_INET6 ? OUTER_IPV6 : OUTER_IPV4;
	int left = path_mtu(outer, peer) - ip - outer_tunnel(flags) - OUTER_PPP;

	return (uint16_t)(left < 0 ? 0 : left < UINT16_MAX ? left : UINT16_MAX);
}
