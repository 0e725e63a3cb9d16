/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* TCP's MSS option in SYN segments, lowered to what fits the session (RFC 9293 section 3.7.1). */
#ifndef XPPPD_BPF_MSS_H
#define XPPPD_BPF_MSS_H

#include "ip.h"

#define MSS_OPTIONS_MAX 40
#define MSS_OPTION_LEN 4
#define MSS_FOUND_MAX (sizeof(struct tcphdr) + MSS_OPTIONS_MAX - MSS_OPTION_LEN)
#define TCP_OPTION_END 0
#define TCP_OPTION_NOP 1
#define TCP_OPTION_MSS 2
#define TCP_HEADER_WORDS 12 /* upper half */
#define TCP_FLAGS 13
#define TCP_SYN 0x02

/*
 * The search's state is in a map, not on the stack, because the verifier knows nothing of what a
 * map holds: up to 6.6 it takes what a bpf_loop() callback writes to the stack in its first round
 * for the outcome of all, and a loop without callback costs it a hundred thousand steps.
 */
struct mss_search {
	__u8 option[MSS_OPTIONS_MAX];
	__u32 len;
	__u32 at;
	__u32 found; /* offset in the TCP header, 0 if none */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mss_search);
} mss_scratch SEC(".maps");

/* Looks at one option; 1 ends the loop. */
static long mss_step(__u32 round, struct mss_search **context)
{
	struct mss_search *search = *context;
	__u32 at = search->at;
	__u8 kind, len;

	if (at > MSS_OPTIONS_MAX - MSS_OPTION_LEN || at + MSS_OPTION_LEN > search->len)
		return 1;
	kind = search->option[at];
	len = kind == TCP_OPTION_NOP ? 1 : search->option[at + 1];
	if (kind == TCP_OPTION_MSS && len == MSS_OPTION_LEN)
		search->found = sizeof(struct tcphdr) + at;
	search->at = at + len;
	return search->found || kind == TCP_OPTION_END || (kind != TCP_OPTION_NOP && len < 2);
}

/* The MSS option's offset in the TCP header at `offset`, 0 if there is none or the header does not
 * end within the packet, at `end`. */
INLINE __u32 mss_find(const struct packet *p, __u32 offset, __u32 end)
{
	const __u8 *tcp = p->data + offset;
	struct mss_search *search;
	__u32 len, zero = 0;

	if ((void *)(tcp + sizeof(struct tcphdr)) > p->end)
		return 0;
	len = (tcp[TCP_HEADER_WORDS] >> 4) * 4;
	if (len < sizeof(struct tcphdr) + MSS_OPTION_LEN || offset + len > end)
		return 0;
	len -= sizeof(struct tcphdr);
	search = bpf_map_lookup_elem(&mss_scratch, &zero);
	if (!search || packet_copy(p, offset + sizeof(struct tcphdr), search->option, len))
		return 0;
	search->len = len;
	search->at = 0;
	search->found = 0;
	bpf_loop(MSS_OPTIONS_MAX, mss_step, &search, 0);
	return search->found <= MSS_FOUND_MAX ? search->found : 0;
}

INLINE void mss_write(struct packet *p, __u32 offset, __u32 found, __u16 mss)
{
	struct tcphdr *tcp = p->data + offset;
	__be16 *value = (void *)tcp + found + 2;
	__be16 old, new = bpf_htons(mss);

	if ((void *)(tcp + 1) > p->end || (void *)(value + 1) > p->end)
		return;
	old = *value;
	if (bpf_ntohs(old) <= mss)
		return;
	*value = new;
	/* at an odd place the value's bytes stand in two words of the checksum */
	if (found & 1) {
		old = __builtin_bswap16(old);
		new = __builtin_bswap16(new);
	}
	packet_fix_checksum(p, &tcp->check, offset + offsetof(struct tcphdr, check), old, new);
}

/* Where a program's own code could lead a packet pointer. */
#define MSS_OFFSET_MAX 256

INLINE int mss_adjust(struct packet p, __u32 offset, __u32 end, __u16 mss)
{
	__u32 found;

	if (offset > MSS_OFFSET_MAX)
		return 0;
	packet_load(&p);
	found = mss_find(&p, offset, end);
	if (found)
		mss_write(&p, offset, found, mss);
	return 0;
}

/* Global functions: the verifier goes through them once, not at every call. */
__noinline int mss_adjust_xdp(struct xdp_md *ctx, __u32 offset, __u32 end, __u32 mss)
{
	return mss_adjust((struct packet){ .hook = HOOK_XDP, .ctx = ctx }, offset, end, mss);
}

__noinline int mss_adjust_tc(struct __sk_buff *skb, __u32 offset, __u32 end, __u32 mss)
{
	return mss_adjust((struct packet){ .hook = HOOK_TC, .ctx = skb }, offset, end, mss);
}

INLINE bool mss_is_syn(const struct packet *p, const struct iphdr *ip)
{
	const __u8 *tcp;

	if (ip->protocol != IPPROTO_TCP || ip->frag_off & IP_OFFSET)
		return false;
	tcp = ip_payload(ip);
	return (void *)(tcp + TCP_FLAGS + 1) <= p->end && tcp[TCP_FLAGS] & TCP_SYN;
}

/* Of a SYN. Invalidates pointers into the packet. */
INLINE void mss_clamp(struct packet *p, const struct ip_packet *at, const struct iphdr *ip,
		      __u16 mss)
{
	__u32 offset = at->offset + (ip_first_byte(ip) & 0x0f) * 4;

	if (p->hook == HOOK_XDP)
		mss_adjust_xdp(p->ctx, offset, at->offset + at->len, mss);
	else
		mss_adjust_tc(p->ctx, offset, at->offset + at->len, mss);
	packet_load(p);
}

#endif
