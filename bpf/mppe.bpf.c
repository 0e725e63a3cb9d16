/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The programs that those of xpppd.bpf.c call for packets of encrypted sessions: the same sources,
 * with MPPE done here. They share that object's maps. A packet is looked at from its beginning; what
 * had been found out is found again, unless the agent has changed it in between.
 */
#include "mppe_here.h"

#include "input.h"

#define WRAP_KIND 8 /* bits beside it for the number of tags */

INLINE int up_rest(struct packet p, __u32 slot, __u32 wrap, __u32 offset, __u32 room)
{
	struct up up = { .wrap = { .kind = wrap >> WRAP_KIND, .tags = wrap & 3 }, .slot = slot };

	up.line = bpf_map_lookup_elem(&sessions_up, &slot);
	if (!up.line || offset >= PPP_OFFSET_MAX)
		return packet_drop(&p);
	/* changes nothing, but shows the verifier what was checked */
	barrier_var(offset);
	return up_packet(&p, &up, offset & (PPP_OFFSET_MAX - 1), room);
}

/* Global functions: the verifier goes through them once, not for every way that leads here. */
__noinline int up_rest_xdp(struct xdp_md *ctx, __u32 slot, __u32 wrap, __u32 offset, __u32 room)
{
	return up_rest(packet_xdp(ctx), slot, wrap, offset, room);
}

__noinline int up_rest_tc(struct __sk_buff *skb, __u32 slot, __u32 wrap, __u32 offset, __u32 room)
{
	return up_rest(packet_tc(skb), slot, wrap, offset, room);
}

INLINE int up_decrypt(struct packet *p, const struct up *up, struct ppp *ppp)
{
	__u32 wrap = up->wrap.kind << WRAP_KIND | up->wrap.tags;
	enum xp_reason reason;

	if (!(up->line->flags & XP_F_MPPE) || up->line->state != XP_STATE_FORWARD ||
	    ppp->protocol != PPP_MPPE)
		return packet_refuse(p, XP_R_P_MPPE);
	reason = mppe_decrypt(p, up->line, up->slot, ppp);
	if (XP_REASON_IS_PUNT(reason))
		return packet_refuse(p, reason);
	if (reason)
		return up_drop(p, up->line, reason);
	return p->hook == HOOK_XDP ? up_rest_xdp(p->ctx, up->slot, wrap, ppp->offset, ppp->len)
				   : up_rest_tc(p->ctx, up->slot, wrap, ppp->offset, ppp->len);
}

INLINE int up_input(struct packet p)
{
	enum xp_reason reason;
	struct up up = { 0 };
	struct frame f;
	struct ppp ppp;

	if (!frame_parse(&p, &f))
		return packet_pass(&p);
	reason = up_find(&p, &f, &up, &ppp);
	if (reason)
		return reason == XP_R_OTHER ? packet_pass(&p) : packet_refuse(&p, reason);
	return up_decrypt(&p, &up, &ppp);
}

INLINE int down_input(struct packet p)
{
	struct xp_session_down *line;
	struct frame f;

	p.encrypt = true;
	if (!frame_parse(&p, &f) || f.type != bpf_htons(ETH_P_IP) || f.tags)
		return packet_pass(&p);
	line = down_find(&p, &f);
	return line ? down_from_core(&p, &f, line) : packet_pass(&p);
}

INLINE int stack_input(struct packet p)
{
	p.encrypt = true;
	return concentrator_input(p);
}

SEC("xdp")
int mppe_xdp_up(struct xdp_md *ctx)
{
	return up_input(packet_xdp(ctx));
}

SEC("xdp")
int mppe_xdp_down(struct xdp_md *ctx)
{
	return down_input(packet_xdp(ctx));
}

SEC("xdp")
int mppe_xdp_dp(struct xdp_md *ctx)
{
	return stack_input(packet_xdp(ctx));
}

SEC("tc")
int mppe_tc_up(struct __sk_buff *skb)
{
	return up_input(packet_tc(skb));
}

SEC("tc")
int mppe_tc_down(struct __sk_buff *skb)
{
	return down_input(packet_tc(skb));
}

/* What is for the agent has passed its packet socket before it came here. */
SEC("tc")
int mppe_tc_dp(struct __sk_buff *skb)
{
	int verdict = stack_input(packet_tc(skb));

	return verdict == TC_ACT_OK ? TC_ACT_SHOT : verdict;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
