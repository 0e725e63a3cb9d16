/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Upstream: the IP packet of a PPPoE frame, an L2TP data message or a PPTP packet goes out and on: to
 * another session (hairpin), over a route to an attached device, or to the stack by the
 * concentrator interface.
 */
#ifndef XPPPD_BPF_UP_H
#define XPPPD_BPF_UP_H

#include "down.h"
#include "pptp.h"
#include "rate.h"
#include "route.h"

struct up {
	struct wrap wrap;
	struct ip_packet at;
	struct xp_session_up *line;
	__u32 slot;
};

/* Only packets of the right peer get here: nobody else moves the session's drop counter. */
INLINE int up_drop(const struct packet *p, struct xp_session_up *line, enum xp_reason reason)
{
	__sync_fetch_and_add(&line->drops, 1);
	return packet_refuse(p, reason);
}

/* The last step, for a packet that is already aimed. */
INLINE int up_send(struct packet *p, const struct up *up, const struct hop *hop, enum xp_path path)
{
	if (!packet_reframe(p, up->wrap, up->at.offset, WRAP_NONE, ETH_HLEN, up->at.len) ||
	    !outer_write_ethernet(p, hop, bpf_htons(ETH_P_IP)))
		return packet_refuse(p, XP_R_HEADROOM);
	count_path(path, up->at.len);
	return packet_redirect(p);
}

/* To the stack, which sees a packet from the subscriber on the concentrator interface. It
 * decreases the TTL itself. */
INLINE int up_to_stack(struct packet *p, const struct up *up, enum xp_reason why)
{
	/* the sender's MAC is of no use but for those who look: other peers than PPPoE's have none */
	bool has_mac = !(up->line->flags & (XP_F_L2TP | XP_F_PPTP));
	__u32 index = up->line->concentrator;
	const struct xp_concentrator *concentrator = bpf_map_lookup_elem(&concentrators, &index);
	struct hop hop;

	if (!concentrator)
		return up_drop(p, up->line, XP_R_NO_SESSION);
	count_reason(why);
	packet_aim_own(concentrator->dp_ifindex);
	__builtin_memcpy(hop.mac, concentrator->mac, ETH_ALEN);
	__builtin_memcpy((void *)hop.mac + ETH_ALEN,
			 has_mac ? up->line->peer_mac : concentrator->mac, ETH_ALEN);
	return up_send(p, up, &hop, XP_PATH_UP_STACK);
}

/* Sends it and leaves the verdict, or says why not. */
INLINE enum xp_reason up_to_session(struct packet *p, const struct up *up, struct iphdr *ip,
				    struct xp_session_down *line, int *verdict)
{
	struct hop hop = { 0 };
	enum xp_reason why = down_punt(p, &up->at, line, &hop);

	if (why)
		return why;
	ip = ip_header(p, &up->at);
	if (!ip) {
		*verdict = packet_refuse(p, XP_R_TRUNCATED);
		return XP_R_NONE;
	}
	ip_decrease_ttl(ip);
	*verdict = down_send(p, up->wrap, &up->at, ip, line, &hop, XP_PATH_HAIRPIN);
	return XP_R_NONE;
}

/* The same. */
INLINE enum xp_reason up_to_core(struct packet *p, const struct up *up, struct iphdr *ip,
				 const struct xp_config *now, int *verdict)
{
	const struct route route = {
		.src = ip->saddr,
		.dst = ip->daddr,
		.len = up->at.len,
		.tos = ip->tos,
		.protocol = ip->protocol,
		.concentrator = up->line->concentrator,
	};
	enum xp_reason why;
	struct hop hop;

	why = ip_is_no_host(ip->daddr) ? XP_R_P_LOCAL : route_find(p, now, &route, &hop);
	if (why)
		return why;
	if (!packet_aim(p, hop.ifindex))
		return XP_R_P_NOT_ATTACHED;
	ip_decrease_ttl(ip);
	*verdict = up_send(p, up, &hop, XP_PATH_UP_FAST);
	return XP_R_NONE;
}

/* What the stack does better. */
INLINE enum xp_reason up_punt(const struct up *up, const struct iphdr *ip)
{
	if (up->line->flags & XP_F_STACK)
		return XP_R_P_STACK;
	if (ip_has_options(ip))
		return XP_R_P_IP_OPTIONS;
	if (ip->ttl <= 1)
		return XP_R_P_TTL;
	/* no session has such an address */
	return ip->saddr != up->line->addr && ip_is_no_host(ip->saddr) ? XP_R_P_MARTIAN : XP_R_NONE;
}

INLINE int up_forward(struct packet *p, const struct up *up, struct iphdr *ip)
{
	enum xp_reason why = up_punt(up, ip);
	const struct xp_config *now = NULL;
	struct xp_session_down *peer;
	int verdict = 0;

	if (!why) {
		peer = session_of_pool(ip->daddr, &p->line);
		if (!peer) {
			now = config_find();
			peer = session_beside_pools(now, ip->daddr, &p->line);
		}
		why = peer ? up_to_session(p, up, ip, peer, &verdict)
			   : up_to_core(p, up, ip, now, &verdict);
	}
	return why ? up_to_stack(p, up, why) : verdict;
}

/* The packet is the session's and well-formed. */
INLINE int up_accept(struct packet *p, const struct up *up, struct iphdr *ip)
{
	struct xp_session_up *line = up->line;
	__u32 flags = line->flags;
	int verdict;

	if (flags & XP_F_RATE && !rate_pass_up(up->slot, up->at.len))
		return packet_refuse(p, XP_R_RATE_UP);
	if (flags & XP_F_CAPTURE)
		capture_copy(p, &up->at, true, up->slot);
	p->now = clock_now();
	ip_mark_active(p, ip, &line->active);
	if (flags & XP_F_MSS_CLAMP && mss_is_syn(p, ip)) {
		mss_clamp(p, &up->at, ip, line->mss);
		ip = ip_header(p, &up->at);
		if (!ip)
			return packet_refuse(p, XP_R_TRUNCATED);
	}
	verdict = up_forward(p, up, ip);
	/* last, whatever became of it: the processor waits here for the line to come out of memory,
	 * and does nothing of what follows */
	session_count(&line->packets, &line->bytes, up->at.len);
	return verdict;
}

/* The IP packet at `offset`, with `room` bytes up to the end of what carries it. */
INLINE int up_packet(struct packet *p, struct up *up, __u32 offset, __u32 room)
{
	enum xp_reason reason = ip_check(p, offset, room, &up->at);
	struct iphdr *ip;

	if (reason)
		return up_drop(p, up->line, reason);
	ip = ip_header(p, &up->at);
	if (!ip || !session_has_source(up->line, ip->saddr))
		return up_drop(p, up->line, XP_R_SOURCE);
	return up_accept(p, up, ip);
}

INLINE int up_slow(const struct packet *p, const struct ppp *ppp)
{
	count_path(XP_PATH_UP_SLOW, ppp->len);
	return packet_refuse(p, XP_R_P_SLOW);
}

/* Of an encrypted session: only what is encrypted passes, and is another program's. */
INLINE int up_encrypted(struct packet *p, const struct up *up, const struct ppp *ppp)
{
	switch (ppp->protocol) {
	case PPP_IPV4:
	case PPP_IPV6:
		return up_drop(p, up->line, XP_R_MPPE_CLEAR);
	case PPP_MPPE:
		break;
	default:
		return packet_refuse(p, ppp_punt(ppp));
	}
	if (up->line->state == XP_STATE_SLOW)
		return up_slow(p, ppp);
	return packet_refuse(p, mppe_call(p, XP_MPPE_UP));
}

INLINE int up_from_session(struct packet *p, struct up *up, const struct ppp *ppp)
{
	enum xp_reason reason = ppp_punt(ppp);

	if (up->line->flags & XP_F_MPPE)
		return up_encrypted(p, up, ppp);
	if (reason)
		return packet_refuse(p, reason);
	if (up->line->state == XP_STATE_SLOW)
		return up_slow(p, ppp);
	if (p->hook == HOOK_TC) { /* the only one that wants to know */
		up->wrap.kind = packet_forget(p, up->wrap.kind, 7);
		up->wrap.tags = packet_forget(p, up->wrap.tags, 3);
	}
	return up_packet(p, up, ppp->offset, ppp->len);
}

/* ---- whose it is: XP_R_NONE if it is a session's, from the right peer */

/* A promiscuous device, or a port of a bridge, sees sessions of other concentrators as well. */
INLINE enum xp_reason up_reason(const struct packet *p, enum xp_reason reason)
{
	return packet_is_for_us(p, p->data) ? reason : XP_R_OTHER;
}

INLINE enum xp_reason up_find_pppoe(const struct packet *p, const struct frame *f, struct up *up,
				    struct ppp *ppp)
{
	enum xp_reason reason;

	if (packet_is_super(p))
		return XP_R_P_GSO;
	reason = ppp_parse(p, f, ppp);
	if (reason)
		return up_reason(p, reason);
	/* needs no session in the maps: negotiation is what makes one */
	if (ppp->protocol >= PPP_CONTROL)
		return XP_R_P_CONTROL;
	up->line = session_up_line(p, f, ppp->sid, &up->slot);
	if (!up->line || up->line->state == XP_STATE_FREE)
		return up_reason(p, XP_R_NO_SESSION);
	up->wrap = (struct wrap){ .kind = WRAP_PPPOE, .tags = f->tags };
	if (session_up_is_peer(p, f, up->line))
		return XP_R_NONE;
	return session_up_is_own(p, up->line) ? XP_R_WRONG_PEER : XP_R_OTHER;
}

INLINE enum xp_reason up_find_l2tp(const struct packet *p, const struct frame *f, struct up *up,
				   struct ppp *ppp)
{
	up->wrap.kind = f->type == bpf_htons(ETH_P_IP) ? WRAP_IPV4 : WRAP_IPV6;
	return l2tp_find(p, f, &up->line, &up->slot, ppp);
}

INLINE enum xp_reason up_find_pptp(const struct packet *p, const struct frame *f, struct up *up,
				   struct ppp *ppp)
{
	up->wrap.kind = WRAP_GRE;
	return pptp_find(p, f, &up->line, &up->slot, ppp);
}

INLINE enum xp_reason up_find(const struct packet *p, const struct frame *f, struct up *up,
			      struct ppp *ppp)
{
	enum xp_reason reason = XP_R_OTHER;

	if (f->type == bpf_htons(ETH_P_PPP_SES))
		return up_find_pppoe(p, f, up, ppp);
	if (f->tags)
		return XP_R_OTHER;
	if (pptp_size && f->type == bpf_htons(ETH_P_IP))
		reason = up_find_pptp(p, f, up, ppp);
	if (reason == XP_R_OTHER && l2tp_spaces &&
	    (f->type == bpf_htons(ETH_P_IP) || f->type == bpf_htons(ETH_P_IPV6)))
		reason = up_find_l2tp(p, f, up, ppp);
	return reason;
}

#endif
