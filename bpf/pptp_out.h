/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Downstream in PPTP: IPv4 and GRE in front of the packet (RFC 2637 section 4.1). Each packet tells
 * the peer the newest number that came in, once there is one; it stands in the session's upstream
 * line.
 */
#ifndef XPPPD_BPF_PPTP_OUT_H
#define XPPPD_BPF_PPTP_OUT_H

#include "outer.h"
#include "pptp.h"

#define PPTP_OUT (sizeof(struct pptp_gre) + sizeof(__be32)) /* with a sequence number */
#define PPTP_OUT_ACK sizeof(__be32)
/* the most there is in front of an IP packet behind Ethernet */
#define PPTP_OUT_MAX (sizeof(struct iphdr) + PPTP_OUT + PPTP_OUT_ACK + sizeof(__be32))

INLINE const struct xp_pptp_down *pptp_out_line(const struct xp_session_down *line)
{
	return (const void *)line->header;
}

INLINE enum xp_reason pptp_out_route(const struct packet *p, const struct xp_session_down *line,
				     __u32 len, struct hop *hop)
{
	const struct route route = {
		.src = pptp_out_line(line)->local,
		.dst = pptp_out_line(line)->peer,
		.len = len + PPTP_OUT_MAX + mppe_extra(p),
		.protocol = IPPROTO_GRE,
		.concentrator = line->concentrator,
	};

	return route_find(p, config_find(), &route, hop);
}

/* GRE and PPP: `len` bytes behind GRE's header. */
INLINE bool pptp_out_gre(const struct packet *p, __u32 len, struct xp_session_down *line, bool ack,
			 __u32 newest)
{
	__u32 *sequence = (void *)line->header + offsetof(struct xp_pptp_down, sequence);
	struct pptp_gre *gre = p->data + ETH_HLEN + sizeof(struct iphdr);
	__be32 *next = (void *)(gre + 1);

	if ((void *)(next + 2) > p->end)
		return false;
	gre->flags = PPTP_GRE_FLAGS | PPTP_GRE_S | (ack ? PPTP_GRE_A : 0);
	gre->protocol = PPTP_GRE_PPP;
	gre->len = bpf_htons(len);
	gre->call_id = pptp_out_line(line)->call_id;
	*next++ = bpf_htonl(__sync_fetch_and_add(sequence, 1));
	if (ack) {
		*next++ = bpf_htonl(newest);
		if ((void *)(next + 1) > p->end)
			return false;
	}
	*next = outer_ppp(p);
	return true;
}

/* Exchanges what is in front of the packet for PPTP's headers. */
INLINE enum xp_reason pptp_out_encapsulate(struct packet *p, struct wrap from,
					   const struct ip_packet *at, struct xp_session_down *line,
					   const struct hop *hop)
{
	struct outer_ipv4 outer = { .local = pptp_out_line(line)->local,
				    .peer = pptp_out_line(line)->peer,
				    .check = pptp_out_line(line)->check,
				    .protocol = IPPROTO_GRE };
	__u32 slot = line->slot, newest, extra = mppe_extra(p), size = PPTP_OUT_MAX + extra;
	struct xp_session_up *up = bpf_map_lookup_elem(&sessions_up, &slot);
	enum xp_reason reason;
	bool ack;

	if (!up)
		return XP_R_HEADROOM;
	newest = *(volatile __u32 *)&up->sequence;
	ack = newest != 0xffffffff;
	if (!ack)
		size -= PPTP_OUT_ACK;
	if (!packet_reframe(p, from, at->offset, WRAP_GRE, ETH_HLEN + size, at->len))
		return XP_R_HEADROOM;
	reason = mppe_seal(p, line, ETH_HLEN + size, at->len);
	if (reason)
		return reason;
	if (!outer_write_ipv4(p, &outer, size + at->len, hop))
		return XP_R_HEADROOM;
	if (ack && up->pptp.acked != newest)
		up->pptp.acked = newest;
	return pptp_out_gre(p, sizeof(__be32) + extra + at->len, line, ack, newest) ? XP_R_NONE
										    : XP_R_HEADROOM;
}

#endif
