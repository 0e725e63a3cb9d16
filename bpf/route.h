/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The kernel's routing table, as for a packet that came in on the concentrator interface. */
#ifndef XPPPD_BPF_ROUTE_H
#define XPPPD_BPF_ROUTE_H

#include "ip.h"

#define ROUTE_AF_INET 2

INLINE enum xp_reason route_reason(long result)
{
	switch (result) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		return XP_R_NONE;
	case BPF_FIB_LKUP_RET_NOT_FWDED:
		return XP_R_P_LOCAL;
	case BPF_FIB_LKUP_RET_FWD_DISABLED:
		return XP_R_P_FORWARDING;
	case BPF_FIB_LKUP_RET_NO_NEIGH:
		return XP_R_P_NO_NEIGHBOUR;
	case BPF_FIB_LKUP_RET_FRAG_NEEDED:
		return XP_R_P_MTU;
	default:
		return XP_R_P_NO_ROUTE;
	}
}

/* hop gets the device and both MACs. */
INLINE enum xp_reason route_find(const struct packet *p, const struct iphdr *ip, __u32 len,
				 __u32 ifindex, struct bpf_fib_lookup *hop)
{
	if (ip_is_no_host(ip->daddr))
		return XP_R_P_LOCAL;
	*hop = (struct bpf_fib_lookup){
		.family = ROUTE_AF_INET,
		.l4_protocol = ip->protocol,
		.tot_len = len,
		.ifindex = ifindex,
		.tos = ip->tos,
		.ipv4_src = ip->saddr,
		.ipv4_dst = ip->daddr,
	};
	return route_reason(bpf_fib_lookup(p->ctx, hop, sizeof(*hop), 0));
}

#endif
