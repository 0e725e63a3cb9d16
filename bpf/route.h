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

/* The question to the kernel: not on the stack, of which MPPE's programs have none left. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_fib_lookup);
} fib_questions SEC(".maps");

/* Of an IPv4 packet that looks for its way. */
struct route {
	__be32 src;
	__be32 dst;
	__be16 sport;
	__be16 dport;
	__u16 len;
	__u8 tos;
	__u8 protocol;
	__u32 concentrator;
};

/* The question where it is asked: only then it has to be in memory. */
struct route_question {
	__u64 now;
	struct route route;
	struct hop hop; /* the answer; if it is a refusal, the device at most counts */
	__u32 pad;
};

INLINE struct hop_key route_key(const struct route *route)
{
	return (struct hop_key){ .dst = route->dst,
				 .from = route->concentrator << 8 | route->tos,
				 .len = route->len };
}

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

INLINE enum xp_reason route_ask(const struct packet *p, __u32 index, struct bpf_fib_lookup *fib)
{
	const struct xp_concentrator *concentrator = bpf_map_lookup_elem(&concentrators, &index);

	if (!concentrator)
		return XP_R_P_NO_ROUTE;
	fib->ifindex = concentrator->ifindex;
	return route_reason(bpf_fib_lookup(p->ctx, fib, sizeof(*fib), 0));
}

INLINE void route_take(const struct bpf_fib_lookup *fib, struct hop *hop)
{
	hop->ifindex = fib->ifindex;
	__builtin_memcpy(hop->mac, fib->dmac, ETH_ALEN);
	__builtin_memcpy((void *)hop->mac + ETH_ALEN, fib->smac, ETH_ALEN);
}

/* What the kernel says now; kept if there is a place for it. */
INLINE int route_look_up(const struct packet *p, struct route_question *question)
{
	const struct route *route = &question->route;
	const struct hop_key key = route_key(route);
	__u32 zero = 0, generation;
	const struct xp_config *now = bpf_map_lookup_elem(&config, &zero);
	struct bpf_fib_lookup *fib = bpf_map_lookup_elem(&fib_questions, &zero);
	struct xp_hop *entry;
	enum xp_reason reason;

	if (!now || !fib)
		return XP_R_P_NO_ROUTE;
	generation = *(const volatile __u32 *)&now->hop_generation;
	entry = hop_entry(question->now, now, &key);
	__builtin_memset(fib, 0, sizeof(*fib));
	fib->family = ROUTE_AF_INET;
	fib->tot_len = route->len;
	fib->tos = route->tos;
	fib->ipv4_dst = route->dst;
	/* of several equal routes one is chosen by these, and what is kept is for all */
	if (!entry) {
		fib->l4_protocol = route->protocol;
		fib->sport = route->sport;
		fib->dport = route->dport;
		fib->ipv4_src = route->src;
	}
	reason = route_ask(p, route->concentrator, fib);
	route_take(fib, &question->hop);
	if (!reason && entry)
		hop_keep(entry, &key, generation, &question->hop, fib->mtu_result);
	return reason;
}

/* Global functions: the verifier goes through them once, not for every way that leads here. */
__noinline int route_look_up_xdp(struct xdp_md *ctx, struct route_question *question)
{
	const struct packet p = { .hook = HOOK_XDP, .ctx = ctx };

	return question ? route_look_up(&p, question) : XP_R_P_NO_ROUTE;
}

__noinline int route_look_up_tc(struct __sk_buff *skb, struct route_question *question)
{
	const struct packet p = { .hook = HOOK_TC, .ctx = skb };

	return question ? route_look_up(&p, question) : XP_R_P_NO_ROUTE;
}

/* XP_R_NONE: *hop is where to. */
INLINE enum xp_reason route_find(const struct packet *p, const struct xp_config *now,
				 const struct route *route, struct hop *hop)
{
	const struct hop_key key = route_key(route);
	const struct xp_hop *entry = now ? hop_entry(p->now, now, &key) : NULL;
	struct route_question question;
	enum xp_reason reason;

	if (entry && hop_fits(entry, &key, now->hop_generation)) {
		hop_take(entry, hop);
		return XP_R_NONE;
	}
	question = (struct route_question){ .route = *route, .now = p->now };
	reason = p->hook == HOOK_XDP ? route_look_up_xdp(p->ctx, &question)
				     : route_look_up_tc(p->ctx, &question);
	*hop = question.hop;
	return reason;
}

#endif
