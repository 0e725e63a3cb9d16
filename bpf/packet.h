/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A packet at one of the two hooks. Everything else is written once against this header:
 * `hook` is a constant in each program, so the compiler drops the other hook's branches.
 *
 * Whatever moves the packet's edges invalidates pointers into it; such functions load data and
 * end again, their callers must do so with pointers of their own.
 */
#ifndef XPPPD_BPF_PACKET_H
#define XPPPD_BPF_PACKET_H

#include "count.h"
#include "hook_tc.h"
#include "hook_xdp.h"

enum hook {
	HOOK_XDP,
	HOOK_TC,
};

struct packet {
	enum hook hook;
	void *ctx; /* struct xdp_md or struct __sk_buff */
	void *data, *end;
	__u32 len; /* of the frame; in tc it may go on beyond end */
	__u32 ifindex;
	__u32 line;   /* of the session that it goes to, as an index */
	bool encrypt; /* what is sent to a session: decided once, its flag could change */
	__u64 now;    /* clock_now(), once it is known that a session has to do with it */
};

INLINE void packet_load(struct packet *p)
{
	if (p->hook == HOOK_XDP)
		p->len = xdp_load(p->ctx, &p->data, &p->end);
	else
		p->len = tc_load(p->ctx, &p->data, &p->end);
}

INLINE struct packet packet_xdp(struct xdp_md *ctx)
{
	struct packet p = { .hook = HOOK_XDP, .ctx = ctx, .ifindex = ctx->ingress_ifindex };

	packet_load(&p);
	return p;
}

INLINE struct packet packet_tc(struct __sk_buff *skb)
{
	struct packet p = { .hook = HOOK_TC, .ctx = skb, .ifindex = skb->ingress_ifindex };

	tc_linearize(skb);
	packet_load(&p);
	return p;
}

/*
 * The verifier follows every value that it can tell from others through all of the program that
 * comes. It can not tell what this returns, so ways on which packets came here meet again. `most` is
 * a power of two less one.
 */
INLINE __u32 packet_forget(const struct packet *p, __u32 value, __u32 most)
{
	__u32 unknown = p->len;

	asm volatile("%0 ^= %1\n%0 ^= %1" : "+r"(value) : "r"(unknown));
	return value & most;
}

/* ---- verdicts */

INLINE int packet_pass(const struct packet *p)
{
	return p->hook == HOOK_XDP ? XDP_PASS : TC_ACT_OK;
}

INLINE int packet_drop(const struct packet *p)
{
	return p->hook == HOOK_XDP ? XDP_DROP : TC_ACT_SHOT;
}

INLINE int packet_redirect(const struct packet *p)
{
	return p->hook == HOOK_XDP ? XDP_REDIRECT : TC_ACT_REDIRECT;
}

/* The one exit of packets that are not forwarded: dropped, or left to a slower path. */
INLINE int packet_refuse(const struct packet *p, enum xp_reason reason)
{
	if (reason == XP_R_NOTED)
		return packet_drop(p);
	count_reason(reason);
	return XP_REASON_IS_PUNT(reason) ? packet_pass(p) : packet_drop(p);
}

/* ---- where it goes */

/* Aims the packet at an attached device; false, and nothing changed, if it is none. The verdict
 * packet_redirect() then sends it. */
INLINE bool packet_aim(const struct packet *p, __u32 ifindex)
{
	return p->hook == HOOK_XDP ? xdp_aim(ifindex) : tc_aim(ifindex);
}

/* The same for a device that can only be ours, which needs no check. */
INLINE void packet_aim_own(__u32 ifindex)
{
	bpf_redirect(ifindex, 0);
}

/* Not for another station, which a promiscuous device sees as well. */
INLINE bool packet_is_for_us(const struct packet *p, const struct ethhdr *eth)
{
	return p->hook == HOOK_XDP ? xdp_is_for_us(p->ifindex, eth) : tc_is_for_us(p->ctx);
}

/* As the network had it: tc and generic XDP also see what the kernel took out of ESP. */
INLINE bool packet_is_of_wire(const struct packet *p)
{
	return p->hook == HOOK_XDP && xdp_is_native(p->ifindex);
}

INLINE bool packet_is_super(const struct packet *p)
{
	return p->hook == HOOK_TC && tc_is_super(p->ctx);
}

/* ---- its bytes */

INLINE long packet_copy(const struct packet *p, __u32 offset, void *to, __u32 len)
{
	return p->hook == HOOK_XDP ? bpf_xdp_load_bytes(p->ctx, offset, to, len)
				   : bpf_skb_load_bytes(p->ctx, offset, to, len);
}

INLINE long packet_store(const struct packet *p, __u32 offset, void *from, __u32 len)
{
	return p->hook == HOOK_XDP
		       ? bpf_xdp_store_bytes(p->ctx, offset, from, len)
		       : bpf_skb_store_bytes(p->ctx, offset, from, len, BPF_F_RECOMPUTE_CSUM);
}

/* For a change of one 16-bit word in what the TCP checksum at `offset` covers. */
INLINE void packet_fix_checksum(const struct packet *p, __sum16 *check, __u32 offset, __be16 old,
				__be16 new)
{
	if (p->hook == HOOK_XDP)
		xdp_fix_checksum(check, old, new);
	else
		bpf_l4_csum_replace(p->ctx, offset, old, new, sizeof(*check));
}

/* Replaces the header of `old` bytes in front of an IP packet of `len` bytes by room for a new one
 * and cuts off what follows the packet. */
INLINE bool packet_reframe(struct packet *p, struct wrap from, __u32 old, enum wrap_kind to,
			   __u32 new, __u32 len)
{
	long error;

	if (p->hook == HOOK_XDP)
		error = xdp_reframe(p->ctx, p->len, old, new, len);
	else
		error = tc_reframe(p->ctx, from, old, to, new, len);
	if (error)
		return false;
	packet_load(p);
	return true;
}

#endif
