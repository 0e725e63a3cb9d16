/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Downstream: an IP packet is put behind its session's header, which the agent prepared. It comes
 * from a core device, out of the stack over the concentrator interface, or straight from another
 * session (hairpin).
 */
#ifndef XPPPD_BPF_DOWN_H
#define XPPPD_BPF_DOWN_H

#include "capture.h"
#include "l2tp_out.h"
#include "mss.h"
#include "pptp_out.h"
#include "rate.h"

#define DOWN_VLAN 4

struct down_tail {
	__be16 length;
	__be16 protocol;
};

/* `size` is a constant in each call: of 18, 22 or 26 bytes. The header's end stands 4-byte aligned
 * and two bytes more in the line, so that whole words can be copied. */
INLINE bool down_write(const struct packet *p, const struct xp_session_down *line, __u32 size,
		       __u32 len)
{
	const void *from = line->header + XP_HEADER_MAX - size;
	void *to = p->data;
	struct down_tail *tail = to + size;

	if ((void *)(tail + 1) > p->end)
		return false;
	for (__u32 i = 0; i < size / 4; i++)
		((__u32 *)to)[i] = ((const __u32 *)from)[i];
	*(__u16 *)(to + size - 2) = *(const __u16 *)(from + size - 2);
	tail->length = bpf_htons(len + 2);
	tail->protocol = bpf_htons(mppe_protocol(p));
	/* else the compiler makes one piece of code for all sizes, with addresses to compute */
	asm volatile("" : : "i"(size));
	return true;
}

/* Over IP to a peer that the routing table leads to. Machines without L2TP or PPTP have no code
 * for it. */
INLINE bool down_is_routed(const struct xp_session_down *line)
{
	return line->flags & (XP_F_L2TP | XP_F_PPTP) && (l2tp_spaces || pptp_size);
}

INLINE bool down_is_pptp(const struct xp_session_down *line)
{
	return line->flags & XP_F_PPTP && pptp_size;
}

INLINE enum xp_reason down_encapsulate_l2tp(struct packet *p, struct wrap from,
					    const struct ip_packet *at,
					    struct xp_session_down *line, const struct hop *hop)
{
	enum wrap_kind to = line->flags & XP_F_OUTER_IPV6 ? WRAP_IPV6 : WRAP_IPV4;
	__u32 inner = ETH_HLEN + l2tp_out_size(p, line);
	enum xp_reason reason;

	if (!packet_reframe(p, from, at->offset, to, inner, at->len))
		return XP_R_HEADROOM;
	reason = mppe_seal(p, line, inner, at->len);
	if (reason)
		return reason;
	return l2tp_out_write(p, at->len, line, hop) ? XP_R_NONE : XP_R_HEADROOM;
}

INLINE bool down_write_pppoe(const struct packet *p, const struct xp_session_down *line, __u32 size,
			     __u32 len)
{
	switch (size) {
	case XP_HEADER_MIN:
		return down_write(p, line, XP_HEADER_MIN, len);
	case XP_HEADER_MIN + DOWN_VLAN:
		return down_write(p, line, XP_HEADER_MIN + DOWN_VLAN, len);
	case XP_HEADER_MIN + 2 * DOWN_VLAN:
		return down_write(p, line, XP_HEADER_MIN + 2 * DOWN_VLAN, len);
	default:
		return false;
	}
}

INLINE enum xp_reason down_encapsulate_pppoe(struct packet *p, struct wrap from,
					     const struct ip_packet *at,
					     const struct xp_session_down *line)
{
	__u32 size = XP_HEADER_MIN + DOWN_VLAN * (line->flags >> XP_F_TAGS_SHIFT);
	__u32 extra = mppe_extra(p), inner = size + sizeof(struct down_tail) + extra;
	enum xp_reason reason;

	if (!packet_reframe(p, from, at->offset, WRAP_PPPOE, inner, at->len))
		return XP_R_HEADROOM;
	reason = mppe_seal(p, line, inner, at->len);
	if (reason)
		return reason;
	return down_write_pppoe(p, line, size, at->len + extra) ? XP_R_NONE : XP_R_HEADROOM;
}

/* Exchanges what is in front of the packet for the session's header. */
INLINE enum xp_reason down_encapsulate(struct packet *p, struct wrap from,
				       const struct ip_packet *at, struct xp_session_down *line,
				       const struct hop *hop)
{
	if (!down_is_routed(line))
		return down_encapsulate_pppoe(p, from, at, line);
	return down_is_pptp(line) ? pptp_out_encapsulate(p, from, at, line, hop)
				  : down_encapsulate_l2tp(p, from, at, line, hop);
}

/* The last step, for a packet that is already aimed. */
INLINE int down_send(struct packet *p, struct wrap from, const struct ip_packet *at,
		     const struct iphdr *ip, struct xp_session_down *line, const struct hop *hop,
		     enum xp_path path)
{
	__u32 flags = line->flags;
	enum xp_reason reason;

	if (flags & XP_F_RATE && !rate_pass_down(p->line, at->len))
		return packet_refuse(p, XP_R_RATE_DOWN);
	ip_mark_active(p, ip, &line->active);
	if (flags & XP_F_MSS_CLAMP && mss_is_syn(p, ip))
		mss_clamp(p, at, ip, line->mtu - XP_TCP_IP_HEADERS);
	if (flags & XP_F_CAPTURE)
		capture_copy(p, at, false, line->slot);
	reason = down_encapsulate(p, from, at, line, hop);
	if (reason)
		return packet_refuse(p, reason);
	session_count(&line->packets, &line->bytes, at->len);
	count_path(path, at->len);
	return packet_redirect(p);
}

/* hop: where an L2TP or PPTP session's packets go, for down_send(). */
INLINE enum xp_reason down_aim(const struct packet *p, const struct ip_packet *at,
			       const struct xp_session_down *line, struct hop *hop)
{
	enum xp_reason reason;

	if (!down_is_routed(line))
		return packet_aim(p, line->ifindex) ? XP_R_NONE : XP_R_P_NOT_ATTACHED;
	reason = down_is_pptp(line) ? pptp_out_route(p, line, at->len, hop)
				    : l2tp_out_route(p, line, at->len, hop);
	if (!reason && !packet_aim(p, hop->ifindex))
		reason = XP_R_P_PEER;
	return reason;
}

/* Why a session's packet cannot be sent here and now but by the stack or the agent; aims it if
 * it can. */
INLINE enum xp_reason down_punt(const struct packet *p, const struct ip_packet *at,
				const struct xp_session_down *line, struct hop *hop)
{
	if (line->state != XP_STATE_FORWARD)
		return XP_R_P_SLOW;
	if (line->flags & XP_F_STACK)
		return XP_R_P_STACK;
	if (at->len > line->mtu)
		return XP_R_P_MTU;
	if (mppe_is_left(p, line, at->len))
		return XP_R_P_MPPE;
	return down_aim(p, at, line, hop);
}

INLINE bool down_is_ip(const struct frame *f)
{
	return f->type == bpf_htons(ETH_P_IP) && !f->tags;
}

INLINE struct xp_session_down *down_find_of_pool(struct packet *p, const struct frame *f)
{
	const struct iphdr *ip = p->data + f->offset;

	return (void *)(ip + 1) > p->end ? NULL : session_of_pool(ip->daddr, &p->line);
}

INLINE struct xp_session_down *down_find_beside_pools(struct packet *p, const struct frame *f)
{
	const struct iphdr *ip = p->data + f->offset;

	return (void *)(ip + 1) > p->end ? NULL
					 : session_beside_pools(config_find(), ip->daddr, &p->line);
}

INLINE struct xp_session_down *down_find(struct packet *p, const struct frame *f)
{
	return down_find_of_pool(p, f) ?: down_find_beside_pools(p, f);
}

/* ---- from a core device */

/* A checksum that is made when the packet leaves would be made over what is encrypted; the stack
 * makes it before. */
INLINE bool down_is_unfinished(const struct packet *p, const struct ip_packet *at)
{
	__u32 sum;

	return p->encrypt && sum_of_partial(p, at->offset, &sum);
}

INLINE enum xp_reason down_check(const struct packet *p, const struct ip_packet *at,
				 const struct xp_session_down *line, struct hop *hop)
{
	const struct iphdr *ip = ip_header(p, at);

	if (!ip)
		return XP_R_TRUNCATED;
	if (ip_has_options(ip))
		return XP_R_P_IP_OPTIONS;
	if (ip->ttl <= 1)
		return XP_R_P_TTL;
	if (ip_is_no_host(ip->saddr))
		return XP_R_P_MARTIAN;
	if (down_is_unfinished(p, at))
		return XP_R_P_CHECKSUM;
	return down_punt(p, at, line, hop);
}

INLINE int down_from_core(struct packet *p, const struct frame *f, struct xp_session_down *line)
{
	struct hop hop = { 0 };
	enum xp_reason reason;
	struct ip_packet at;
	struct iphdr *ip;

	if (!packet_is_for_us(p, p->data))
		return packet_pass(p);
	if (packet_is_super(p))
		return packet_refuse(p, XP_R_P_GSO);
	if (mppe_is_elsewhere(p, line))
		mppe_call(p, XP_MPPE_DOWN);
	p->now = clock_now();
	reason = ip_check(p, f->offset, p->len - f->offset, &at);
	if (!reason)
		reason = down_check(p, &at, line, &hop);
	if (reason)
		return packet_refuse(p, reason);
	ip = ip_header(p, &at);
	if (!ip)
		return packet_refuse(p, XP_R_TRUNCATED);
	ip_decrease_ttl(ip);
	return down_send(p, (struct wrap){ .kind = WRAP_NONE }, &at, ip, line, &hop,
			 XP_PATH_DOWN_FAST);
}

/* ---- out of the stack, over the concentrator interface */

/* Over PPPoE. The last path must work also for a device that found its place in `attached`
 * taken. */
INLINE enum xp_reason down_stack_aim_pppoe(const struct packet *p,
					   const struct xp_session_down *line)
{
	if (p->hook == HOOK_TC) {
		packet_aim_own(line->ifindex);
		return XP_R_NONE;
	}
	return packet_aim(p, line->ifindex) ? XP_R_NONE : XP_R_NO_DEVICE;
}

/* The way to the peer leads into the session itself: what is sent there comes back here, larger
 * each time. (In another session it is well, as with a LAC behind PPPoE.) */
INLINE bool down_loops(const struct xp_session_down *line, const struct hop *hop)
{
	__u32 index = line->concentrator;
	const struct xp_concentrator *concentrator = bpf_map_lookup_elem(&concentrators, &index);
	const struct xp_session_down *way;
	__u32 way_index;
	__be32 peer;

	if (!concentrator || hop->ifindex != concentrator->ifindex || line->flags & XP_F_OUTER_IPV6)
		return false;
	peer = down_is_pptp(line) ? pptp_out_line(line)->peer : l2tp_out_line(line)->peer;
	way = session_of_pool(peer, &way_index)
		      ?: session_beside_pools(config_find(), peer, &way_index);
	return way && way->slot == line->slot;
}

/* What a tc program could not send: the kernel's ways are open to it, the agent's are not. */
INLINE enum xp_reason down_stack_aim_tc(enum xp_reason reason, const struct hop *hop)
{
	switch (reason) {
	case XP_R_P_PEER:
	case XP_R_P_NO_NEIGHBOUR:
		tc_aim_neighbour(hop->ifindex);
		return XP_R_NONE;
	case XP_R_P_MTU:
		return XP_R_OUTER_MTU;
	default:
		return XP_R_OUTER_ROUTE;
	}
}

/*
 * What no attached device takes goes to the agent, whose socket has the kernel's ways of sending:
 * by a packet socket that sees what is left here. In tc mode it sees everything, and can not tell
 * what to send.
 */
INLINE enum xp_reason down_stack_aim(const struct packet *p, const struct ip_packet *at,
				     const struct xp_session_down *line, struct hop *hop)
{
	enum xp_reason reason;

	if (!down_is_routed(line))
		return down_stack_aim_pppoe(p, line);
	reason = down_aim(p, at, line, hop);
	if (!reason)
		return XP_R_NONE;
	if ((reason == XP_R_P_PEER || reason == XP_R_P_NO_NEIGHBOUR) && down_loops(line, hop))
		return XP_R_L2TP_LOOP;
	if (p->hook == HOOK_TC)
		return down_stack_aim_tc(reason, hop);
	count_path(XP_PATH_DOWN_SLOW, at->len);
	return reason;
}

/* The stack has done everything but what only the session knows; nothing may go back to it. */
INLINE enum xp_reason down_stack_punt(const struct packet *p, const struct ip_packet *at,
				      const struct xp_session_down *line, struct hop *hop)
{
	if (line->state != XP_STATE_FORWARD) {
		count_path(XP_PATH_DOWN_SLOW, at->len);
		return XP_R_P_SLOW;
	}
	if (at->len > line->mtu)
		return XP_R_TOO_BIG;
	if (mppe_is_left(p, line, at->len)) {
		count_path(XP_PATH_DOWN_SLOW, at->len);
		return XP_R_P_MPPE;
	}
	return down_stack_aim(p, at, line, hop);
}

INLINE int down_from_stack(struct packet *p, const struct frame *f)
{
	struct xp_session_down *line;
	struct hop hop = { 0 };
	enum xp_reason reason;
	struct ip_packet at;
	const struct iphdr *ip;

	if (!down_is_ip(f))
		return packet_refuse(p, XP_R_NOT_IPV4);
	if (packet_is_super(p))
		return packet_refuse(p, XP_R_P_GSO);
	reason = ip_check(p, f->offset, p->len - f->offset, &at);
	if (reason)
		return packet_refuse(p, reason);
	line = down_find(p, f);
	if (!line)
		return packet_refuse(p, XP_R_NO_ADDRESS);
	if (mppe_is_elsewhere(p, line) && line->state == XP_STATE_FORWARD)
		mppe_call(p, XP_MPPE_DP);
	p->now = clock_now();
	reason = down_stack_punt(p, &at, line, &hop);
	if (reason)
		return packet_refuse(p, reason);
	ip = ip_header(p, &at);
	if (!ip)
		return packet_refuse(p, XP_R_TRUNCATED);
	return down_send(p, (struct wrap){ .kind = WRAP_NONE }, &at, ip, line, &hop,
			 XP_PATH_DOWN_STACK);
}

#endif
