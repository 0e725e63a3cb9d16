/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * PPTP's data packets, GRE version 1 (RFC 2637 section 4): whose they are, and where PPP begins. The
 * key's lower half is our call id. A packet is known to be for this machine only when its call's
 * own address fits; until then nothing is dropped, it may be on its way through.
 *
 * Acknowledgements (section 4.2): what goes out tells the peer the newest number. When
 * XP_PPTP_ACK_AFTER packets came in and nothing went out, the agent is asked to tell it. The
 * window that the peer grants is not looked at: this path keeps nothing back.
 */
#ifndef XPPPD_BPF_PPTP_H
#define XPPPD_BPF_PPTP_H

#include "event.h"
#include "session.h"

#define PPTP_GRE_FLAGS bpf_htons(0x2001) /* key, version 1 */
#define PPTP_GRE_S bpf_htons(0x1000)     /* has a sequence number */
#define PPTP_GRE_A bpf_htons(0x0080)     /* has an acknowledgement number */
#define PPTP_GRE_PPP bpf_htons(0x880b)
#define PPTP_TRIES 4

struct pptp_gre {
	__be16 flags;
	__be16 protocol;
	__be16 len; /* of the payload */
	__be16 call_id;
};

struct pptp {
	__u32 ip; /* offset of the outer header */
	__be16 flags;
	__u16 len; /* of the payload */
	__u32 number;
};

INLINE __u32 pptp_gre(const struct pptp *pptp)
{
	return pptp->ip + sizeof(struct iphdr);
}

/* ---- outer headers */

/* XP_R_OTHER also for GRE of any other kind. */
INLINE enum xp_reason pptp_parse(const struct packet *p, struct pptp *pptp, __u32 *call_id)
{
	const struct iphdr *ip = p->data + pptp->ip;
	const struct pptp_gre *gre = ip_payload(ip);

	if ((void *)(ip + 1) > p->end || ip->protocol != IPPROTO_GRE || ip->frag_off & IP_OFFSET ||
	    (void *)(gre + 1) > p->end ||
	    (gre->flags & ~(PPTP_GRE_S | PPTP_GRE_A)) != PPTP_GRE_FLAGS ||
	    gre->protocol != PPTP_GRE_PPP)
		return XP_R_OTHER;
	pptp->flags = gre->flags;
	pptp->len = bpf_ntohs(gre->len);
	*call_id = bpf_ntohs(gre->call_id);
	return ip_has_options(ip) || ip->frag_off & IP_MORE_FRAGMENTS ? XP_R_P_FRAGMENT : XP_R_NONE;
}

INLINE enum xp_reason pptp_compare(const struct packet *p, const struct pptp *pptp,
				   const struct xp_session_up *line)
{
	const struct iphdr *ip = p->data + pptp->ip;

	if ((void *)(ip + 1) > p->end || !(line->flags & XP_F_PPTP) ||
	    ip->daddr != line->pptp.local)
		return XP_R_P_PPTP;
	return ip->saddr == line->pptp.peer ? XP_R_NONE : XP_R_PPTP_PEER;
}

/* ---- sequence numbers */

INLINE void pptp_ask(struct xp_session_up *line, __u32 slot, __u32 number)
{
	if (number - line->pptp.acked < XP_PPTP_ACK_AFTER ||
	    (__u16)(number - line->pptp.asked) < XP_PPTP_ACK_AFTER)
		return;
	if (event_tell(line, slot, XP_EVENT_ACKNOWLEDGE))
		line->pptp.asked = number;
}

INLINE bool pptp_sequence(struct xp_session_up *line, __u32 slot, __u32 number)
{
#pragma unroll
	for (int i = 0; i < PPTP_TRIES; i++) {
		__u32 now = *(volatile __u32 *)&line->sequence, next = now;
		__u16 late = line->pptp.late;
		bool taken = xp_pptp_sequence(number, &next, &late);

		if (late != line->pptp.late)
			line->pptp.late = late;
		if (!taken)
			return false;
		if (next == now)
			return true;
		if (__sync_val_compare_and_swap(&line->sequence, now, next) == now) {
			pptp_ask(line, slot, next);
			return true;
		}
	}
	/* other CPUs are faster: the newest number moves without this packet */
	return true;
}

/* ---- PPP inside */

INLINE enum xp_reason pptp_payload(const struct packet *p, struct pptp *pptp, struct ppp *ppp)
{
	__u32 header = sizeof(struct pptp_gre) + (pptp->flags & PPTP_GRE_S ? 4 : 0) +
		       (pptp->flags & PPTP_GRE_A ? 4 : 0);
	const __be32 *number = p->data + pptp_gre(pptp) + sizeof(struct pptp_gre);
	struct ip_packet at;
	enum xp_reason reason = ip_check(p, pptp->ip, p->len - pptp->ip, &at);

	if (reason)
		return reason;
	if (sizeof(struct iphdr) + header + pptp->len > at.len)
		return XP_R_PPTP_LENGTH;
	/* acknowledges only: what that is good for, the agent's window, this path has not */
	if (!(pptp->flags & PPTP_GRE_S) || !pptp->len)
		return XP_R_NOTED;
	if (pptp->len < PPP_MIN)
		return XP_R_PPTP_LENGTH;
	if ((void *)(number + 1) > p->end)
		return XP_R_TRUNCATED;
	pptp->number = bpf_ntohl(*number);
	ppp->offset = pptp_gre(pptp) + header;
	ppp->len = pptp->len;
	return ppp_parse_payload(p, ppp);
}

/* What the agent gets it numbers itself. */
INLINE enum xp_reason pptp_parse_ppp(const struct packet *p, struct pptp *pptp,
				     struct xp_session_up *line, __u32 slot, struct ppp *ppp)
{
	enum xp_reason reason = pptp_payload(p, pptp, ppp);

	if (reason == XP_R_NOTED && line->state == XP_STATE_SLOW)
		return XP_R_P_PPTP;
	if (reason)
		return reason;
	if (ppp->protocol >= PPP_CONTROL)
		return XP_R_P_CONTROL;
	if (line->state == XP_STATE_FORWARD && !pptp_sequence(line, slot, pptp->number))
		return XP_R_PPTP_SEQUENCE;
	return XP_R_NONE;
}

/* ---- all of it */

/* XP_R_NONE: a packet of the session `line`, which is the right peer's. Drops are counted for the
 * session if it is. */
INLINE enum xp_reason pptp_find(const struct packet *p, const struct frame *f,
				struct xp_session_up **line, __u32 *slot, struct ppp *ppp)
{
	struct pptp pptp = { .ip = f->offset };
	enum xp_reason reason;
	__u32 call_id;

	reason = pptp_parse(p, &pptp, &call_id);
	if (reason == XP_R_OTHER || !packet_is_for_us(p, p->data))
		return XP_R_OTHER;
	if (!reason && packet_is_super(p))
		reason = XP_R_P_GSO;
	if (reason)
		return reason;
	if (call_id >= pptp_size)
		return XP_R_P_PPTP;
	*slot = pptp_first + call_id;
	*line = session_up_at(*slot);
	if (!*line || (*line)->state == XP_STATE_FREE)
		return XP_R_P_PPTP;
	reason = pptp_compare(p, &pptp, *line);
	if (reason)
		return reason;
	reason = pptp_parse_ppp(p, &pptp, *line, *slot, ppp);
	if (XP_REASON_IS_DROP(reason))
		__sync_fetch_and_add(&(*line)->drops, 1);
	return reason;
}

#endif
