/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What tunnels over IP have in common downstream: the way to the peer by the kernel's routing table,
 * and the headers up to IPv4's. Nothing is fragmented: DF is set, and what the way does not bear does
 * not leave.
 */
#ifndef XPPPD_BPF_OUTER_H
#define XPPPD_BPF_OUTER_H

#include "mppe.h"
#include "route.h"

struct outer_ipv4 {
	__be32 local;
	__be32 peer;
	__u16 check; /* as in the session's line */
	__u8 protocol;
};

/* Address, control and protocol field of PPP. */
INLINE __be32 outer_ppp(const struct packet *p)
{
	return bpf_htonl(0xff030000 | mppe_protocol(p));
}

INLINE bool outer_write_ethernet(const struct packet *p, const struct hop *hop, __be16 type)
{
	__u32 *eth = p->data;

	if ((void *)eth + ETH_HLEN > p->end)
		return false;
	eth[0] = hop->mac[0];
	eth[1] = hop->mac[1];
	eth[2] = hop->mac[2];
	*(__be16 *)(eth + 3) = type;
	return true;
}

INLINE bool outer_write_ipv4(const struct packet *p, const struct outer_ipv4 *outer, __u32 len,
			     const struct hop *hop)
{
	struct iphdr *ip = p->data + ETH_HLEN;
	__u32 *word = (void *)ip;
	__be16 total = bpf_htons(len);

	if ((void *)(ip + 1) > p->end || !outer_write_ethernet(p, hop, bpf_htons(ETH_P_IP)))
		return false;
	word[0] = bpf_htonl(IP_PLAIN << 24 | len);
	word[1] = bpf_htonl(0x4000); /* DF */
	ip->ttl = XP_OUTER_TTL;
	ip->protocol = outer->protocol;
	ip->check = ~ip_fold((__u32)outer->check + total);
	ip->saddr = outer->local;
	ip->daddr = outer->peer;
	return true;
}

#endif
