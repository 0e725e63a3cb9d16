/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Finding a packet's session, and what is counted in its line. */
#ifndef XPPPD_BPF_SESSION_H
#define XPPPD_BPF_SESSION_H

#include "ip.h"
#include "ppp.h"

/* A map's key is a variable of its own here, not the caller's: that would have to be in memory with
 * all that is around it. */

/* ---- upstream: by PPPoE session id */

INLINE struct xp_session_up *session_up_at(__u32 slot)
{
	return bpf_map_lookup_elem(&sessions_up, &slot);
}

/* False if there can be none. */
INLINE bool session_slot(const struct packet *p, const struct frame *f, __u16 sid, __u32 *slot)
{
	*slot = sid;
	if (sid >= space_size)
		return false;
	if (spaces > 1)
		*slot += space_size * xp_slot_space(p->ifindex, bpf_ntohs(f->vid_outer),
						    bpf_ntohs(f->vid_inner), spaces);
	return true;
}

INLINE struct xp_session_up *session_up_line(const struct packet *p, const struct frame *f,
					     __u16 sid, __u32 *slot)
{
	return session_slot(p, f, sid, slot) ? session_up_at(*slot) : NULL;
}

INLINE bool session_up_is_peer(const struct packet *p, const struct frame *f,
			       const struct xp_session_up *line)
{
	const __u32 *a = p->data, *b = (const void *)line->own_mac;
	__u32 differ;

	if ((void *)(a + 3) > p->end)
		return false;
	differ = (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]);
	differ |= p->ifindex ^ line->ifindex;
	differ |= f->vid_outer ^ line->vid_outer;
	return !(differ | (f->vid_inner ^ line->vid_inner));
}

INLINE bool session_up_is_own(const struct packet *p, const struct xp_session_up *line)
{
	const __u16 *a = p->data, *b = (const void *)line->own_mac;

	return (void *)(a + 3) <= p->end && a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

/* ---- downstream: by destination address */

INLINE struct xp_session_down *session_at(__u32 at, __u32 *index)
{
	*index = at;
	return bpf_map_lookup_elem(&sessions_down, &at);
}

INLINE struct xp_session_down *session_in_pools(__be32 addr, __u32 *index)
{
	__u32 host = bpf_ntohl(addr);

#pragma unroll
	for (__u32 i = 0; i < XP_POOLS; i++) {
		__u32 offset = host - pools[i].base;

		/* pool_count is a constant to the verifier: pools that do not exist cost nothing */
		if (i >= pool_count)
			break;
		if (offset < pools[i].size)
			return session_at(pools[i].first + offset, index);
	}
	return NULL;
}

INLINE const __u32 *session_route(__be32 addr)
{
	struct xp_route_key key = { .prefixlen = 32, .addr = addr };

	return bpf_map_lookup_elem(&routes, &key);
}

/* A line may have gone to another session since the agent wrote what led here. */
INLINE bool session_down_is(const struct xp_session_down *line, __be32 addr)
{
	return line && line->state != XP_STATE_FREE && line->addr == addr;
}

/* Whose own address it is, that is in no pool. */
INLINE struct xp_session_down *session_outside(const struct xp_config *now, __be32 addr,
					       __u32 *index)
{
	const __u32 *at = now->addresses ? bpf_map_lookup_elem(&addresses, &addr) : NULL;
	struct xp_session_down *line = at ? session_at(*at, index) : NULL;

	return session_down_is(line, addr) ? line : NULL;
}

/* index: of the line. Who needs what else stands at it need not wait for the line. */
INLINE struct xp_session_down *session_of_pool(__be32 addr, __u32 *index)
{
	struct xp_session_down *line = session_in_pools(addr, index);

	return session_down_is(line, addr) ? line : NULL;
}

/* For addresses that are of no pool, or of nobody there. */
INLINE struct xp_session_down *session_beside_pools(const struct xp_config *now, __be32 addr,
						    __u32 *index)
{
	struct xp_session_down *line;
	const __u32 *route;

	if (!now)
		return NULL;
	line = session_outside(now, addr, index);
	if (line || !now->routes)
		return line;
	route = session_route(addr);
	line = route ? session_at(*route, index) : NULL;
	return line && line->state != XP_STATE_FREE ? line : NULL;
}

/* ---- the ingress filter */

/* In a net behind the session, and not the address of another one that is within it. */
INLINE bool session_routes_source(const struct xp_session_up *line, __be32 addr)
{
	const __u32 *route = session_route(addr);
	const struct xp_config *now;
	__u32 index;

	if (!route || *route != line->down || session_of_pool(addr, &index))
		return false;
	now = config_find();
	return now && !session_outside(now, addr, &index);
}

INLINE bool session_has_source(const struct xp_session_up *line, __be32 addr)
{
	if (addr == line->addr || !(line->flags & XP_F_INGRESS_FILTER))
		return true;
	return line->flags & XP_F_ROUTES && session_routes_source(line, addr);
}

/* ---- counters */

INLINE void session_count(__u64 *packets, __u64 *bytes, __u32 len)
{
	__sync_fetch_and_add(packets, 1);
	__sync_fetch_and_add(bytes, len);
}

#endif
