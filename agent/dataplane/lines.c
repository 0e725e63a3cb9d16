/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Programs read lines while they are written here, so a line is written with state
 * FREE and its state is stored last, with release; on the way out it is stored first. The
 * counters are the programs', but for those of slow sessions.
 */
#include "dataplane/lines.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int lines_init(struct lines *lines, const struct dp_dims *dims, struct xp_session_up *up,
	       struct xp_session_down *down, struct xp_tunnel *tunnels)
{
	memset(lines, 0, sizeof(*lines));
	lines->dims = *dims;
	lines->slots = dp_slots(dims);
	lines->up = up;
	lines->down = down;
	lines->tunnels = tunnels;
	lines->extra = calloc(lines->slots, sizeof(*lines->extra));
	if (!lines->extra)
		return -ENOMEM;
	return taken_init(&lines->taken);
}

void lines_clear(struct lines *lines)
{
	for (uint32_t slot = 0; lines->extra && slot < lines->slots; slot++)
		nets_release(lines, slot);
	taken_clear(&lines->taken);
	free(lines->extra);
	lines->extra = NULL;
}

bool lines_of_pool(const struct lines *lines, struct in_addr addr, uint32_t *line)
{
	uint32_t host = ntohl(addr.s_addr);

	for (uint32_t i = 0; i < lines->dims.pools; i++) {
		const struct xp_pool *pool = &lines->dims.pool[i];

		if (host - pool->base < pool->size) {
			*line = pool->first + (host - pool->base);
			return true;
		}
	}
	return false;
}

static uint32_t lines_others(const struct lines *lines)
{
	return lines->dims.down_lines - lines->slots;
}

bool lines_outside(const struct lines *lines, uint32_t line)
{
	return line >= lines_others(lines);
}

static bool line_visible(const struct lines *lines, uint32_t line)
{
	return __atomic_load_n(&lines->down[line].state, __ATOMIC_ACQUIRE) != XP_STATE_FREE;
}

bool lines_find(const struct lines *lines, struct in_addr addr, uint32_t *line)
{
	uint32_t at, slot;

	if (!lines_of_pool(lines, addr, &at)) {
		if (!taken_find(&lines->taken, ntohl(addr.s_addr), 32, &slot))
			return false;
		at = lines->up[slot].down;
	}
	if (!line_visible(lines, at) || lines->down[at].addr != addr.s_addr)
		return false;
	*line = at;
	return true;
}

bool lines_owner(const struct lines *lines, struct in_addr addr, uint32_t *line)
{
	uint32_t slot;

	if (lines_find(lines, addr, line))
		return true;
	if (!taken_owner(&lines->taken, ntohl(addr.s_addr), &slot) ||
	    !line_visible(lines, lines->up[slot].down))
		return false;
	*line = lines->up[slot].down;
	return true;
}

bool lines_has_address(const struct lines *lines, uint32_t slot, struct in_addr addr)
{
	uint32_t line;

	return lines_used(lines, slot) && lines_owner(lines, addr, &line) &&
	       line == lines->up[slot].down;
}

bool lines_used(const struct lines *lines, uint32_t slot)
{
	return slot < lines->slots && lines->up[slot].state != XP_STATE_FREE;
}

int lines_prefix(struct in_addr netmask)
{
	uint32_t mask = ntohl(netmask.s_addr);
	int len = mask ? __builtin_popcount(mask) : 32;

	return mask && mask != UINT32_MAX << (32 - len) ? -EINVAL : len;
}

static uint16_t l2tp_flags(const struct dp_l2tp *l2tp)
{
	return (uint16_t)(XP_F_L2TP | (l2tp->peer.ss_family == AF_INET6 ? XP_F_OUTER_IPV6 : 0) |
			  (l2tp->sequencing ? XP_F_SEQUENCE : 0));
}

static uint16_t line_flags(const struct dp_session *session, bool routes)
{
	return (uint16_t)((session->ingress_filter ? XP_F_INGRESS_FILTER : 0) |
			  (session->mss_clamp ? XP_F_MSS_CLAMP : 0) |
			  (session->stack ? XP_F_STACK : 0) | (routes ? XP_F_ROUTES : 0) |
			  (session->carrier == DP_L2TP ? l2tp_flags(&session->l2tp) : 0) |
			  (session->carrier == DP_PPTP ? XP_F_PPTP : 0) |
			  (session->mppe ? XP_F_MPPE : 0));
}

/* Encryption takes its part of what the peer can take. */
static uint16_t line_mtu(uint16_t mtu, bool encrypted)
{
	uint16_t less = encrypted ? XP_MPPE_OVERHEAD : 0;

	return mtu > less ? (uint16_t)(mtu - less) : 0;
}

static uint16_t line_mss(uint16_t mtu)
{
	return mtu > XP_TCP_IP_HEADERS ? (uint16_t)(mtu - XP_TCP_IP_HEADERS) : 0;
}

static uint8_t *put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

/* Right-aligned, so that its end does not depend on the tags. */
static void line_header(uint8_t header[XP_HEADER_MAX], const struct dp_session *session,
			unsigned int tags)
{
	uint8_t *p = header + 4 * (2 - tags);

	memcpy(p, session->peer_mac, ETH_ALEN);
	memcpy(p + ETH_ALEN, session->own_mac, ETH_ALEN);
	p += 2 * ETH_ALEN;
	if (tags > 0)
		p = put_u16(put_u16(p, session->tpid_outer), session->vid_outer);
	if (tags > 1)
		p = put_u16(put_u16(p, session->tpid_inner), session->vid_inner);
	p = put_u16(p, 0x8864);
	p = put_u16(p, 0x1100); /* version 1, type 1, code 0 */
	put_u16(p, session->sid);
}

static void pppoe_write(struct xp_session_up *up, struct xp_session_down *down,
			const struct dp_session *session)
{
	unsigned int tags = session->vid_inner ? 2 : session->vid_outer ? 1 : 0;

	up->ifindex = session->ifindex;
	up->vid_outer = htons(session->vid_outer);
	up->vid_inner = htons(session->vid_inner);
	memcpy(up->own_mac, session->own_mac, ETH_ALEN);
	memcpy(up->peer_mac, session->peer_mac, ETH_ALEN);
	down->ifindex = session->ifindex;
	down->flags |= (uint16_t)(tags << XP_F_TAGS_SHIFT);
	line_header(down->header, session, tags);
}

static in_port_t sockaddr_port(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)addr)->sin6_port
					   : ((const struct sockaddr_in *)addr)->sin_port;
}

/* The outer header's sum but its length: version, DF, TTL, protocol and addresses. */
static uint16_t outer_check(uint8_t protocol, in_addr_t local, in_addr_t peer)
{
	uint32_t sum =
		htons(0x4500) + htons(0x4000) + htons((uint16_t)(XP_OUTER_TTL << 8 | protocol));

	sum += (local & 0xffff) + (local >> 16) + (peer & 0xffff) + (peer >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static void tunnel_write(struct lines *lines, const struct dp_l2tp *l2tp)
{
	struct xp_tunnel *tunnel = &lines->tunnels[l2tp->tunnel_id];

	memcpy(tunnel->peer, &((const struct sockaddr_in6 *)&l2tp->peer)->sin6_addr, 16);
	memcpy(tunnel->local, &((const struct sockaddr_in6 *)&l2tp->local)->sin6_addr, 16);
}

static void l2tp_write(struct lines *lines, struct xp_session_up *up, struct xp_session_down *down,
		       const struct dp_session *session)
{
	const struct dp_l2tp *l2tp = &session->l2tp;
	struct xp_l2tp_up key = {
		.peer_port = sockaddr_port(&l2tp->peer),
		.local_port = sockaddr_port(&l2tp->local),
		.tunnel_id = htons(l2tp->tunnel_id),
		.esp = l2tp->esp,
	};
	struct xp_l2tp_down header = {
		.local_port = key.local_port,
		.peer_port = key.peer_port,
		.tunnel_id = htons(l2tp->peer_tunnel_id),
		.session_id = htons(l2tp->peer_session_id),
		.sequence = session->sequence.next,
		.tunnel = l2tp->tunnel_id,
	};

	if (l2tp->peer.ss_family == AF_INET6) {
		tunnel_write(lines, l2tp);
	} else {
		key.peer = ((const struct sockaddr_in *)&l2tp->peer)->sin_addr.s_addr;
		key.local = ((const struct sockaddr_in *)&l2tp->local)->sin_addr.s_addr;
		header.peer = key.peer;
		header.local = key.local;
		header.check = outer_check(IPPROTO_UDP, key.local, key.peer);
	}
	up->l2tp = key;
	down->l2tp = header;
}

static void pptp_write(struct xp_session_up *up, struct xp_session_down *down,
		       const struct dp_session *session)
{
	const struct dp_pptp *pptp = &session->pptp;
	const struct dp_sequence *sequence = &session->sequence;

	up->pptp = (struct xp_pptp_up){
		.peer = pptp->peer.s_addr,
		.local = pptp->local.s_addr,
		.acked = sequence->acked,
		.asked = (uint16_t)sequence->acked,
		.late = sequence->late,
	};
	up->sequence = sequence->newest;
	down->pptp = (struct xp_pptp_down){
		.local = pptp->local.s_addr,
		.peer = pptp->peer.s_addr,
		.sequence = sequence->next,
		.call_id = htons(pptp->peer_call_id),
		.check = outer_check(IPPROTO_GRE, pptp->local.s_addr, pptp->peer.s_addr),
	};
}

/* Everything but the state, which stays FREE. */
static void lines_write(struct lines *lines, const struct dp_session *session, uint32_t line,
			uint8_t concentrator)
{
	uint16_t flags = line_flags(session, lines->extra[session->slot].nets.n > 0);
	uint16_t generation = (uint16_t)(lines->up[session->slot].generation + 1);
	uint16_t mtu = line_mtu(session->mtu, session->mppe);
	struct xp_session_up up = {
		.flags = flags,
		.generation = generation,
		.mss = line_mss(mtu),
		.addr = session->addr.s_addr,
		.down = line,
		.concentrator = concentrator,
	};
	struct xp_session_down down = {
		.flags = flags,
		.concentrator = concentrator,
		.addr = session->addr.s_addr,
		.mtu = mtu,
		.slot = session->slot,
	};

	if (session->carrier == DP_L2TP)
		l2tp_write(lines, &up, &down, session);
	else if (session->carrier == DP_PPTP)
		pptp_write(&up, &down, session);
	else
		pppoe_write(&up, &down, session);
	lines->up[session->slot] = up;
	lines->down[line] = down;
}

/* The slot is one of its carrier's, and L2TP's addresses are of one kind. */
static bool session_fits(const struct lines *lines, const struct dp_session *session)
{
	const struct dp_l2tp *l2tp = &session->l2tp;
	const struct dp_dims *dims = &lines->dims;

	if (session->carrier == DP_PPPOE)
		return session->slot < dims->spaces * dims->space_size;
	if (session->carrier == DP_PPTP)
		return session->slot - dims->pptp_first < dims->pptp_size;
	return session->slot - dims->l2tp_first < dims->l2tp_spaces * dims->l2tp_space_size &&
	       l2tp->local.ss_family == l2tp->peer.ss_family &&
	       (l2tp->peer.ss_family == AF_INET || l2tp->peer.ss_family == AF_INET6);
}

static int line_take(struct lines *lines, const struct dp_session *session, uint32_t *line)
{
	uint32_t at;
	int r;

	if (!lines_of_pool(lines, session->addr, &at)) {
		r = taken_add(&lines->taken, ntohl(session->addr.s_addr), 32, session->slot);
		if (r < 0)
			return r;
		at = lines_others(lines) + session->slot;
	} else if (lines->down[at].state != XP_STATE_FREE) {
		return -EADDRINUSE;
	}
	*line = at;
	return 0;
}

static void line_give(struct lines *lines, uint32_t slot, struct in_addr addr)
{
	uint32_t line;

	if (!lines_of_pool(lines, addr, &line))
		taken_del(&lines->taken, ntohl(addr.s_addr), 32, slot);
}

int lines_reserve(struct lines *lines, const struct dp_session *session, uint8_t concentrator)
{
	uint32_t slot = session->slot, line;
	int r;

	if (!session_fits(lines, session) || lines_prefix(session->netmask) < 0 ||
	    !session->addr.s_addr)
		return -EINVAL;
	if (lines_used(lines, slot))
		return -EEXIST;
	r = line_take(lines, session, &line);
	if (r < 0)
		return r;
	lines->extra[slot] = (struct lines_extra){ 0 };
	r = nets_reserve(lines, session);
	if (r < 0) {
		line_give(lines, slot, session->addr);
		return r;
	}
	lines_write(lines, session, line, concentrator);
	return 0;
}

void lines_publish(struct lines *lines, const struct dp_session *session)
{
	struct xp_session_up *up = &lines->up[session->slot];
	uint8_t state = session->slow ? XP_STATE_SLOW : XP_STATE_FORWARD;

	__atomic_store_n(&lines->down[up->down].state, state, __ATOMIC_RELEASE);
	__atomic_store_n(&up->state, state, __ATOMIC_RELEASE);
}

void lines_release(struct lines *lines, uint32_t slot)
{
	line_give(lines, slot, (struct in_addr){ lines->up[slot].addr });
	nets_release(lines, slot);
	lines->extra[slot] = (struct lines_extra){ 0 };
}

static struct mono active_mono(const uint32_t *active)
{
	return (struct mono){ (int64_t)__atomic_load_n(active, __ATOMIC_RELAXED) * 1000 };
}

static uint32_t *line_next(struct xp_session_down *down)
{
	size_t place = down->flags & XP_F_L2TP ? offsetof(struct xp_l2tp_down, sequence)
					       : offsetof(struct xp_pptp_down, sequence);

	return (uint32_t *)(down->header + place);
}

static bool line_is_numbered(const struct lines *lines, uint32_t slot, uint16_t flags)
{
	return lines_used(lines, slot) && lines->up[slot].flags & flags;
}

static void sequence_read(const struct lines *lines, uint32_t slot, struct dp_sequence *out)
{
	const struct xp_session_up *up = &lines->up[slot];

	if (!(up->flags & (XP_F_L2TP | XP_F_PPTP)))
		return;
	*out = (struct dp_sequence){
		.next = __atomic_load_n(line_next(&lines->down[up->down]), __ATOMIC_RELAXED),
		.newest = __atomic_load_n(&up->sequence, __ATOMIC_RELAXED),
		.acked = __atomic_load_n(&up->pptp.acked, __ATOMIC_RELAXED),
		.late = __atomic_load_n(&up->pptp.late, __ATOMIC_RELAXED),
	};
}

static void counters_read(const struct lines *lines, uint32_t slot, struct dp_counters *out)
{
	const struct xp_session_up *up = &lines->up[slot];
	const struct xp_session_down *down = &lines->down[up->down];

	*out = (struct dp_counters){
		.up_packets = __atomic_load_n(&up->packets, __ATOMIC_RELAXED),
		.up_bytes = __atomic_load_n(&up->bytes, __ATOMIC_RELAXED),
		.down_packets = __atomic_load_n(&down->packets, __ATOMIC_RELAXED),
		.down_bytes = __atomic_load_n(&down->bytes, __ATOMIC_RELAXED),
		.drops = __atomic_load_n(&up->drops, __ATOMIC_RELAXED),
		.active_up = active_mono(&up->active),
		.active_down = active_mono(&down->active),
	};
}

int lines_counters(const struct lines *lines, uint32_t slot, struct dp_counters *out)
{
	if (!lines_used(lines, slot))
		return -ENOENT;
	counters_read(lines, slot, out);
	return 0;
}

void lines_hide(struct lines *lines, uint32_t slot, struct dp_counters *counters,
		struct dp_sequence *sequence)
{
	struct xp_session_up *up = &lines->up[slot];

	__atomic_store_n(&up->state, XP_STATE_FREE, __ATOMIC_SEQ_CST);
	__atomic_store_n(&lines->down[up->down].state, XP_STATE_FREE, __ATOMIC_SEQ_CST);
	if (counters)
		counters_read(lines, slot, counters);
	if (sequence)
		sequence_read(lines, slot, sequence);
}

static void count_line(uint64_t *packets, uint64_t *total, uint32_t *since, size_t bytes,
		       bool active)
{
	__atomic_fetch_add(packets, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(total, bytes, __ATOMIC_RELAXED);
	if (active)
		__atomic_store_n(since, (uint32_t)(mono_now().ms / 1000), __ATOMIC_RELAXED);
}

void lines_count(struct lines *lines, uint32_t slot, bool up, size_t bytes, bool active)
{
	struct xp_session_down *d;
	struct xp_session_up *u;

	if (!lines_used(lines, slot))
		return;
	u = &lines->up[slot];
	d = &lines->down[u->down];
	if (up)
		count_line((uint64_t *)&u->packets, (uint64_t *)&u->bytes, &u->active, bytes,
			   active);
	else
		count_line((uint64_t *)&d->packets, (uint64_t *)&d->bytes, &d->active, bytes,
			   active);
}

bool lines_is_routed(const struct lines *lines, uint32_t slot)
{
	return lines_used(lines, slot) && lines->up[slot].flags & (XP_F_L2TP | XP_F_PPTP);
}

struct sockaddr_storage lines_peer(const struct lines *lines, uint32_t slot)
{
	const struct xp_session_up *up = &lines->up[slot];
	struct sockaddr_storage peer = { 0 };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&peer;
	struct sockaddr_in *in = (struct sockaddr_in *)&peer;

	if (up->flags & XP_F_OUTER_IPV6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = up->l2tp.peer_port;
		memcpy(&in6->sin6_addr, lines->tunnels[ntohs(up->l2tp.tunnel_id)].peer, 16);
	} else {
		in->sin_family = AF_INET;
		in->sin_port = up->flags & XP_F_L2TP ? up->l2tp.peer_port : 0;
		in->sin_addr.s_addr = up->flags & XP_F_L2TP ? up->l2tp.peer : up->pptp.peer;
	}
	return peer;
}

void lines_set_mtu(struct lines *lines, uint32_t slot, uint16_t mtu)
{
	struct xp_session_up *up = &lines->up[slot];
	struct xp_session_down *down = &lines->down[up->down];

	__atomic_store_n(&down->mtu, mtu, __ATOMIC_RELAXED);
	__atomic_store_n(&up->mss, line_mss(mtu), __ATOMIC_RELAXED);
}

int64_t lines_sequence(struct lines *lines, uint32_t slot)
{
	struct xp_session_down *down;
	uint32_t next;

	if (!line_is_numbered(lines, slot, XP_F_L2TP | XP_F_PPTP))
		return -ENOENT;
	down = &lines->down[lines->up[slot].down];
	next = __atomic_fetch_add(line_next(down), 1, __ATOMIC_RELAXED);
	return down->flags & XP_F_L2TP ? (uint16_t)next : next;
}

int lines_received(struct lines *lines, uint32_t slot, uint32_t sequence)
{
	struct xp_session_up *up;
	uint32_t newest, before;
	uint16_t late;

	if (!line_is_numbered(lines, slot, XP_F_PPTP))
		return -ENOENT;
	up = &lines->up[slot];
	before = __atomic_load_n(&up->sequence, __ATOMIC_RELAXED);
	late = __atomic_load_n(&up->pptp.late, __ATOMIC_RELAXED);
	do {
		newest = before;
		if (!xp_pptp_sequence(sequence, &newest, &late)) {
			__atomic_store_n(&up->pptp.late, late, __ATOMIC_RELAXED);
			return -ESTALE;
		}
	} while (!__atomic_compare_exchange_n(&up->sequence, &before, newest, false,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	__atomic_store_n(&up->pptp.late, 0, __ATOMIC_RELAXED);
	return 0;
}

int64_t lines_acknowledge(struct lines *lines, uint32_t slot)
{
	struct xp_session_up *up;
	uint32_t newest;

	if (!line_is_numbered(lines, slot, XP_F_PPTP))
		return -ENOENT;
	up = &lines->up[slot];
	newest = __atomic_load_n(&up->sequence, __ATOMIC_RELAXED);
	if (newest == UINT32_MAX)
		return -ENOENT;
	__atomic_store_n(&up->pptp.acked, newest, __ATOMIC_RELAXED);
	return newest;
}

static void flag_set(uint16_t *flags, uint16_t flag, bool on)
{
	if (on)
		__atomic_fetch_or(flags, flag, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(flags, (uint16_t)~flag, __ATOMIC_RELAXED);
}

int lines_capture(struct lines *lines, uint32_t slot, bool on)
{
	if (!lines_used(lines, slot))
		return -ENOENT;
	flag_set(&lines->up[slot].flags, XP_F_CAPTURE, on);
	flag_set(&lines->down[lines->up[slot].down].flags, XP_F_CAPTURE, on);
	return 0;
}

void lines_encrypt(struct lines *lines, uint32_t slot, bool on)
{
	struct xp_session_up *up = &lines->up[slot];
	struct xp_session_down *down = &lines->down[up->down];

	if (on)
		lines_set_mtu(lines, slot, line_mtu(down->mtu, true));
	flag_set(&down->flags, XP_F_MPPE, on);
	flag_set(&up->flags, XP_F_MPPE, on);
	if (!on)
		lines_set_mtu(lines, slot, (uint16_t)(down->mtu + XP_MPPE_OVERHEAD));
}

void lines_limit(struct lines *lines, uint32_t slot, bool up, bool down)
{
	flag_set(&lines->up[slot].flags, XP_F_RATE, up);
	flag_set(&lines->down[lines->up[slot].down].flags, XP_F_RATE, down);
}

void lines_route(struct lines *lines, uint32_t slot, bool on)
{
	flag_set(&lines->up[slot].flags, XP_F_ROUTES, on);
	flag_set(&lines->down[lines->up[slot].down].flags, XP_F_ROUTES, on);
}
