/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * L2TPv2 data messages over UDP (RFC 2661 sections 3.1, 5.4 and 8.1): whose they are, and where PPP
 * begins. A message is known to be for this machine only when its session's own address and port
 * fit. Until then nothing is dropped: it may be on its way through.
 *
 * A UDP checksum other than 0 is not looked at, which would mean to read the whole packet: the IP
 * packets inside have checksums of their own.
 */
#ifndef XPPPD_BPF_L2TP_H
#define XPPPD_BPF_L2TP_H

#include <linux/ipv6.h>
#include <linux/udp.h>

#include "fragment.h"
#include "session.h"

#define L2TP_PORT 1701
#define L2TP_T bpf_htons(0x8000)
#define L2TP_L bpf_htons(0x4000)
#define L2TP_S bpf_htons(0x0800)
#define L2TP_O bpf_htons(0x0200)
#define L2TP_VERSION_MASK bpf_htons(0x000f)
#define L2TP_VERSION bpf_htons(2)
#define L2TP_MIN 6          /* flags, tunnel id, session id */
#define L2TP_PADDING_MAX 64 /* with the O bit; more is left to the agent */
#define L2TP_TRIES 4

struct l2tp {
	__u32 ip; /* offsets of the outer headers */
	__u32 udp;
	bool ipv6;
	__be16 flags;
	__be16 tunnel_id;
	__be16 session_id;
	__u32 ids; /* where they stand behind UDP's header */
};

/* ---- outer headers */

INLINE bool l2tp_is_port(const struct packet *p, const struct udphdr *udp)
{
	return (void *)(udp + 1) <= p->end && udp->dest == bpf_htons(L2TP_PORT);
}

/* For the stack, with a port or behind one that had it. */
INLINE enum xp_reason l2tp_fragment(__u32 tag, bool first)
{
	if (first)
		fragment_note(tag);
	return first || fragment_is_noted(tag) ? XP_R_P_FRAGMENT : XP_R_OTHER;
}

INLINE enum xp_reason l2tp_parse_ipv4(const struct packet *p, struct l2tp *l2tp)
{
	const struct iphdr *ip = p->data + l2tp->ip;
	bool first;

	if ((void *)(ip + 1) > p->end || ip->protocol != IPPROTO_UDP)
		return XP_R_OTHER;
	first = !(ip->frag_off & IP_OFFSET);
	if (first && !l2tp_is_port(p, ip_payload(ip)))
		return XP_R_OTHER;
	l2tp->udp = l2tp->ip + sizeof(*ip);
	if (!first || ip->frag_off & IP_MORE_FRAGMENTS)
		return l2tp_fragment(fragment_tag((const void *)&ip->saddr, 2, ip->id), first);
	return ip_has_options(ip) ? XP_R_P_FRAGMENT : XP_R_NONE;
}

INLINE enum xp_reason l2tp_parse_fragment6(const struct packet *p, const struct ipv6hdr *ip)
{
	const struct fragment6 *fragment = (const void *)(ip + 1);
	bool first;

	if ((void *)(fragment + 1) > p->end || fragment->next != IPPROTO_UDP)
		return XP_R_OTHER;
	first = !(fragment->offset & FRAGMENT_OFFSET6);
	if (first && !l2tp_is_port(p, (const void *)(fragment + 1)))
		return XP_R_OTHER;
	return l2tp_fragment(fragment_tag((const void *)&ip->saddr, 8, fragment->id), first);
}

/* With another extension header it is the stack's. */
INLINE enum xp_reason l2tp_parse_ipv6(const struct packet *p, struct l2tp *l2tp)
{
	const struct ipv6hdr *ip = p->data + l2tp->ip;

	if ((void *)(ip + 1) > p->end)
		return XP_R_OTHER;
	if (ip->nexthdr == FRAGMENT_HEADER)
		return l2tp_parse_fragment6(p, ip);
	if (ip->nexthdr != IPPROTO_UDP || !l2tp_is_port(p, (const void *)(ip + 1)))
		return XP_R_OTHER;
	l2tp->udp = l2tp->ip + sizeof(*ip);
	return XP_R_NONE;
}

/* Bytes behind UDP's header by the lengths of IP and UDP, 0 if they do not fit each other. */
INLINE __u32 l2tp_room(const struct packet *p, const struct l2tp *l2tp, __u32 ip_payload_len)
{
	const struct udphdr *udp = p->data + l2tp->udp;
	__u32 len;

	if ((void *)(udp + 1) > p->end)
		return 0;
	len = bpf_ntohs(udp->len);
	return len < sizeof(*udp) || len > ip_payload_len ? 0 : len - sizeof(*udp);
}

INLINE enum xp_reason l2tp_check_ipv4(const struct packet *p, const struct l2tp *l2tp, __u32 *room)
{
	struct ip_packet at;
	enum xp_reason reason = ip_check(p, l2tp->ip, p->len - l2tp->ip, &at);

	if (reason)
		return reason;
	*room = l2tp_room(p, l2tp, at.len - sizeof(struct iphdr));
	return XP_R_NONE;
}

INLINE enum xp_reason l2tp_check_ipv6(const struct packet *p, const struct l2tp *l2tp, __u32 *room)
{
	const struct ipv6hdr *ip = p->data + l2tp->ip;
	const struct udphdr *udp = (const void *)(ip + 1);
	__u32 len;

	if ((void *)(udp + 1) > p->end)
		return XP_R_TRUNCATED;
	len = bpf_ntohs(ip->payload_len);
	if (len > p->len - l2tp->udp)
		return XP_R_IP_LENGTH;
	/* RFC 8200 section 8.1 */
	if (!udp->check)
		return XP_R_L2TP_CHECKSUM;
	*room = l2tp_room(p, l2tp, len);
	return XP_R_NONE;
}

/* ---- the session */

INLINE enum xp_reason l2tp_parse_ids(const struct packet *p, struct l2tp *l2tp)
{
	const __be16 *field = p->data + l2tp->udp + sizeof(struct udphdr);

	if ((void *)(field + 4) > p->end)
		return XP_R_P_L2TP;
	l2tp->flags = field[0];
	if (l2tp->flags & L2TP_T || (l2tp->flags & L2TP_VERSION_MASK) != L2TP_VERSION)
		return XP_R_P_L2TP;
	l2tp->ids = l2tp->flags & L2TP_L ? 4 : 2;
	l2tp->tunnel_id = l2tp->flags & L2TP_L ? field[2] : field[1];
	l2tp->session_id = l2tp->flags & L2TP_L ? field[3] : field[2];
	return XP_R_NONE;
}

INLINE struct xp_session_up *l2tp_line(const struct l2tp *l2tp, __u32 *slot)
{
	__u32 tunnel_id = bpf_ntohs(l2tp->tunnel_id), session_id = bpf_ntohs(l2tp->session_id);

	if (session_id >= l2tp_space_size)
		return NULL;
	*slot = l2tp_first + session_id;
	if (l2tp_spaces > 1)
		*slot += tunnel_id % l2tp_spaces * l2tp_space_size;
	return session_up_at(*slot);
}

INLINE bool l2tp_same_ipv6(const struct in6_addr *a, const __u8 *b)
{
	const __u32 *x = (const void *)a, *y = (const void *)b;

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]));
}

INLINE void l2tp_compare_ipv6(const struct ipv6hdr *ip, __be16 tunnel_id, bool *local, bool *peer)
{
	__u32 index = bpf_ntohs(tunnel_id);
	const struct xp_tunnel *tunnel = bpf_map_lookup_elem(&tunnels, &index);

	*local = tunnel && l2tp_same_ipv6(&ip->daddr, tunnel->local);
	*peer = tunnel && l2tp_same_ipv6(&ip->saddr, tunnel->peer);
}

/* Compares everything that the wire gives with what the session has. */
INLINE enum xp_reason l2tp_compare(const struct packet *p, const struct l2tp *l2tp,
				   const struct xp_session_up *line)
{
	const struct udphdr *udp = p->data + l2tp->udp;
	bool ipv6 = line->flags & XP_F_OUTER_IPV6, local, peer;

	if ((void *)(udp + 1) > p->end || l2tp->tunnel_id != line->l2tp.tunnel_id ||
	    l2tp->ipv6 != ipv6)
		return XP_R_P_L2TP_SESSION;
	if (ipv6) {
		const struct ipv6hdr *ip = p->data + l2tp->ip;

		if ((void *)(ip + 1) > p->end)
			return XP_R_P_L2TP_SESSION;
		l2tp_compare_ipv6(ip, l2tp->tunnel_id, &local, &peer);
	} else {
		const struct iphdr *ip = p->data + l2tp->ip;

		if ((void *)(ip + 1) > p->end)
			return XP_R_P_L2TP_SESSION;
		local = ip->daddr == line->l2tp.local;
		peer = ip->saddr == line->l2tp.peer;
	}
	if (!local || udp->dest != line->l2tp.local_port)
		return XP_R_P_L2TP_SESSION;
	return peer && udp->source == line->l2tp.peer_port ? XP_R_NONE : XP_R_L2TP_PEER;
}

/* ---- sequence numbers */

/* What becomes of the state of <xpppd/map.h>, and whether the message is taken. */
INLINE __u32 l2tp_sequence_next(__u32 state, __u16 ns, bool *taken)
{
	__s16 ahead = ns - (__u16)state;
	__u32 lost = state >> 16 & 0x7fff;

	*taken = true;
	if (!(state & XP_SEQUENCE_SEEN) || ahead > 0)
		return XP_SEQUENCE_SEEN | ns;
	if (ahead >= -XP_SEQUENCE_LATE)
		return XP_SEQUENCE_SEEN | (__u16)state;
	if (lost + 1 >= XP_SEQUENCE_LOST)
		return XP_SEQUENCE_SEEN | ns;
	*taken = false;
	return state + (1 << 16);
}

INLINE bool l2tp_sequence(__u32 *place, __u16 ns)
{
	bool taken;

#pragma unroll
	for (int i = 0; i < L2TP_TRIES; i++) {
		__u32 now = *(volatile __u32 *)place, next = l2tp_sequence_next(now, ns, &taken);

		if (next == now || __sync_val_compare_and_swap(place, now, next) == now)
			return taken;
	}
	/* other CPUs are faster: the window moves without this message */
	return true;
}

/* ---- PPP inside */

/* Where PPP begins behind the header, and how long it is. */
INLINE enum xp_reason l2tp_payload(const struct packet *p, const struct l2tp *l2tp, __u32 room,
				   struct ppp *ppp, __u16 *ns)
{
	__u32 start = l2tp->udp + sizeof(struct udphdr), size = l2tp->ids + 4;
	const __be16 *length = p->data + start + 2, *field;

	if (l2tp->flags & L2TP_L) {
		if ((void *)(length + 1) > p->end || bpf_ntohs(*length) > room)
			return XP_R_L2TP_LENGTH;
		room = bpf_ntohs(*length);
	}
	field = p->data + start + size;
	if ((void *)(field + 3) > p->end)
		return XP_R_L2TP_LENGTH;
	*ns = bpf_ntohs(field[0]);
	if (l2tp->flags & L2TP_S)
		size += 4;
	if (l2tp->flags & L2TP_O) {
		__u32 padding = bpf_ntohs(l2tp->flags & L2TP_S ? field[2] : field[0]);

		if (padding > L2TP_PADDING_MAX)
			return size + 2 + padding > room ? XP_R_L2TP_LENGTH : XP_R_P_PPP_PROTOCOL;
		/* changes nothing, but shows the verifier what was checked */
		barrier_var(padding);
		size += 2 + (padding & (2 * L2TP_PADDING_MAX - 1));
	}
	if (size + PPP_MIN > room)
		return XP_R_L2TP_LENGTH;
	ppp->offset = start + size;
	ppp->len = room - size;
	return XP_R_NONE;
}

INLINE enum xp_reason l2tp_parse_ppp(const struct packet *p, const struct l2tp *l2tp,
				     struct xp_session_up *line, struct ppp *ppp)
{
	enum xp_reason reason;
	__u32 room = 0;
	__u16 ns;

	reason = l2tp->ipv6 ? l2tp_check_ipv6(p, l2tp, &room) : l2tp_check_ipv4(p, l2tp, &room);
	if (!reason)
		reason = l2tp_payload(p, l2tp, room, ppp, &ns);
	if (!reason)
		reason = ppp_parse_payload(p, ppp);
	if (reason)
		return reason;
	if (ppp->protocol >= PPP_CONTROL)
		return XP_R_P_CONTROL;
	/* a slow session's numbers are the agent's business */
	if (l2tp->flags & L2TP_S && line->flags & XP_F_SEQUENCE &&
	    line->state == XP_STATE_FORWARD && !l2tp_sequence(&line->sequence, ns))
		return XP_R_L2TP_SEQUENCE;
	return XP_R_NONE;
}

/* ---- all of it */

/* XP_R_NONE: a data message of the session `line`, which is the right peer's. Drops are counted
 * for the session if it is. */
INLINE enum xp_reason l2tp_find(const struct packet *p, const struct frame *f,
				struct xp_session_up **line, __u32 *slot, struct ppp *ppp)
{
	struct l2tp l2tp = { .ip = f->offset, .ipv6 = f->type == bpf_htons(ETH_P_IPV6) };
	enum xp_reason reason;

	reason = l2tp.ipv6 ? l2tp_parse_ipv6(p, &l2tp) : l2tp_parse_ipv4(p, &l2tp);
	if (reason == XP_R_OTHER || !packet_is_for_us(p, p->data))
		return XP_R_OTHER;
	if (!reason && packet_is_super(p))
		reason = XP_R_P_GSO;
	if (!reason)
		reason = l2tp_parse_ids(p, &l2tp);
	if (reason)
		return reason;
	*line = l2tp_line(&l2tp, slot);
	if (!*line || (*line)->state == XP_STATE_FREE)
		return XP_R_P_L2TP_SESSION;
	reason = l2tp_compare(p, &l2tp, *line);
	if (reason)
		return reason;
	/* what ESP brings does not look like this on the wire */
	if ((*line)->l2tp.esp && packet_is_of_wire(p))
		reason = XP_R_L2TP_CLEAR;
	else
		reason = l2tp_parse_ppp(p, &l2tp, *line, ppp);
	if (reason && !XP_REASON_IS_PUNT(reason))
		__sync_fetch_and_add(&(*line)->drops, 1);
	return reason;
}

#endif
