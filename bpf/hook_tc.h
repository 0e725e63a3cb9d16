/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What packet.h needs of a tc program. */
#ifndef XPPPD_BPF_HOOK_TC_H
#define XPPPD_BPF_HOOK_TC_H

#include "maps.h"

/* All headers that a program looks at: Ethernet, IPv6, UDP, L2TP with padding, PPP, IP and TCP with
 * options (14 + 40 + 8 + 14 + 64 + 4 + 60 + 60); those of PPPoE are shorter. */
#define TC_LINEAR 264

INLINE void tc_linearize(struct __sk_buff *skb)
{
	__u32 want = skb->len < TC_LINEAR ? skb->len : TC_LINEAR;

	/* On failure the bounds checks of the parsers drop or pass the packet. */
	if ((__u64)skb->data_end - (__u64)skb->data < want)
		bpf_skb_pull_data(skb, want);
}

INLINE __u32 tc_load(struct __sk_buff *skb, void **data, void **end)
{
	*data = (void *)CONTEXT_LOAD(skb, data);
	*end = (void *)CONTEXT_LOAD(skb, data_end);
	return CONTEXT_LOAD(skb, len);
}

INLINE bool tc_aim(__u32 ifindex)
{
	return attached_find(ifindex) && bpf_redirect(ifindex, 0) == TC_ACT_REDIRECT;
}

/* The kernel finds the neighbour itself, and any device will do. */
INLINE void tc_aim_neighbour(__u32 ifindex)
{
	bpf_redirect_neigh(ifindex, NULL, 0, 0);
}

INLINE bool tc_is_for_us(const struct __sk_buff *skb)
{
	return CONTEXT_LOAD(skb, pkt_type) == PACKET_HOST;
}

INLINE bool tc_is_super(const struct __sk_buff *skb)
{
	return CONTEXT_LOAD(skb, gso_size) != 0;
}

/*
 * Makes an untagged PPPoE frame one of IPv4, with PPPoE's and PPP's headers still in between.
 * bpf_skb_adjust_room works only if skb->protocol says IP, and only popping a VLAN tag sets
 * skb->protocol from the frame. The second push writes the first one's tag into the frame,
 * the first pop reads what then follows it.
 */
INLINE long tc_set_ipv4(struct __sk_buff *skb)
{
	__be16 *type;
	long error;

	error = bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 1);
	if (!error)
		error = bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 1);
	if (error)
		return error;
	type = (void *)(long)skb->data + ETH_HLEN + 2;
	if ((void *)(type + 1) > (void *)(long)skb->data_end)
		return -1;
	*type = bpf_htons(ETH_P_IP);
	error = bpf_skb_vlan_pop(skb);
	return error ?: bpf_skb_vlan_pop(skb);
}

/* Cuts the old header down to Ethernet. */
INLINE long tc_strip(struct __sk_buff *skb, struct wrap from, __u32 old)
{
	__u32 before = skb->len, in_frame;
	long error = 0;

	if (from.tags > 0)
		error = bpf_skb_vlan_pop(skb);
	if (!error && from.tags > 1)
		error = bpf_skb_vlan_pop(skb);
	if (!error && from.kind == WRAP_IPV6)
		error = bpf_skb_change_proto(skb, bpf_htons(ETH_P_IP), 0);
	/* a tag that the skb carries beside the frame took nothing from it, the change from IPv6 to
	 * IPv4 what is between their headers' sizes */
	in_frame = before - skb->len;
	if (!error && from.kind == WRAP_PPPOE)
		error = tc_set_ipv4(skb);
	return error
		       ?: bpf_skb_adjust_room(skb, ETH_HLEN - (int)(old - in_frame),
					      BPF_ADJ_ROOM_MAC, 0);
}

/* With an outer IP header the kernel must know that there is one inside, whose checksum may still
 * have to be made. */
INLINE __u64 tc_room_flags(enum wrap_kind to)
{
	switch (to) {
	case WRAP_IPV4:
		return BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
	case WRAP_IPV6:
		return BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
	case WRAP_GRE:
		return BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
	default:
		return 0;
	}
}

INLINE long tc_reframe(struct __sk_buff *skb, struct wrap from, __u32 old, enum wrap_kind to,
		       __u32 new, __u32 len)
{
	long error = 0;

	if (skb->len != old + len)
		error = bpf_skb_change_tail(skb, old + len, 0);
	if (!error && from.kind != WRAP_NONE)
		error = tc_strip(skb, from, old);
	if (!error && to != WRAP_NONE)
		error = bpf_skb_adjust_room(skb, (int)new - ETH_HLEN, BPF_ADJ_ROOM_MAC,
					    tc_room_flags(to));
	return error;
}

#endif
