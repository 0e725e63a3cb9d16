/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The kernel's routing table, as for a packet that came in on the concentrator interface, which is
 * set up for forwarding. */
#ifndef XPPPD_BPF_ROUTE_H
#define XPPPD_BPF_ROUTE_H

#include "hop.h"
#include "ip.h"

#define ROUTE_AF_INET 2
#define ROUTE_AF_INET6 10

/* An IPv4 packet that looks for its way. */
struct route_query {
	__be32 src;
	__be32 dst;
	__be16 sport;
	__be16 dport;
	__u16 len;
	__u8 tos;
	__u8 protocol;
	__u8 concentrator;
};

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

/* fib has the question, but for the device, and gets the answer; hop, which is empty, gets what is
 * of it. */
INLINE enum xp_reason route_ask(const struct packet *p, __u32 index, struct bpf_fib_lookup *fib,
				struct hop *hop)
{
	const struct xp_concentrator *concentrator = bpf_map_lookup_elem(&concentrators, &index);
	long result;

	if (!concentrator)
		return XP_R_P_NO_ROUTE;
	fib->ifindex = concentrator->ifindex;
	result = bpf_fib_lookup(p->ctx, fib, sizeof(*fib), 0);
	hop->ifindex = fib->ifindex;
	__builtin_memcpy(hop->mac, fib->dmac, ETH_ALEN);
	__builtin_memcpy(hop->mac + ETH_ALEN / 2, fib->smac, ETH_ALEN);
	return route_reason(result);
}

INLINE enum xp_reason route_find(const struct packet *p, const struct route_query *query,
				 struct hop *hop)
{
	struct hop_key key = { .dst = query->dst,
			       .from = query->concentrator << 8 | query->tos,
			       .len = query->len };
	__u32 zero = 0, generation;
	const struct xp_config *now = bpf_map_lookup_elem(&config, &zero);
	struct bpf_fib_lookup fib;
	struct xp_hop *entry;
	enum xp_reason reason;

	*hop = (struct hop){ 0 };
	if (!now)
		return XP_R_P_NO_ROUTE;
	generation = *(const volatile __u32 *)&now->hop_generation;
	entry = hop_entry(now, &key);
	if (entry && hop_fits(entry, &key, generation)) {
		hop_take(entry, hop);
		return XP_R_NONE;
	}
	fib = (struct bpf_fib_lookup){ .family = ROUTE_AF_INET,
				       .tot_len = query->len,
				       .tos = query->tos,
				       .ipv4_dst = query->dst };
	/* of several equal routes one is chosen by these, and what is kept is for all */
	if (!entry) {
		fib.l4_protocol = query->protocol;
		fib.sport = query->sport;
		fib.dport = query->dport;
		fib.ipv4_src = query->src;
	}
	reason = route_ask(p, query->concentrator, &fib, hop);
	if (!reason && entry)
		hop_keep(entry, &key, generation, hop, fib.mtu_result);
	return reason;
}

#endif
