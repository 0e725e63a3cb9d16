/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Outer fragments. Only the first one says which port it is for; it leaves a tag of addresses and
 * identification here, by which those behind it are known. Nothing but a counter depends on it.
 */
#ifndef XPPPD_BPF_FRAGMENT_H
#define XPPPD_BPF_FRAGMENT_H

#include "packet.h"

#define FRAGMENT_TAGS 256
#define FRAGMENT_HEADER 44 /* IPv6's next header */
#define FRAGMENT_OFFSET6 bpf_htons(0xfff8)
#define IP_MORE_FRAGMENTS bpf_htons(0x2000)

struct fragment6 { /* RFC 8200 section 4.5 */
	__u8 next;
	__u8 reserved;
	__be16 offset;
	__be32 id;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FRAGMENT_TAGS);
	__type(key, __u32);
	__type(value, __u32);
} fragments SEC(".maps");

/* `words` is a constant in each call. */
INLINE __u32 fragment_tag(const __u32 *addresses, __u32 words, __u32 id)
{
	__u32 tag = id;

	for (__u32 i = 0; i < words; i++)
		tag = (tag ^ addresses[i]) * 0x9e3779b1u;
	return tag ^ tag >> 15;
}

INLINE void fragment_note(__u32 tag)
{
	__u32 place = tag % FRAGMENT_TAGS, *noted = bpf_map_lookup_elem(&fragments, &place);

	if (noted)
		*noted = tag;
}

INLINE bool fragment_is_noted(__u32 tag)
{
	__u32 place = tag % FRAGMENT_TAGS, *noted = bpf_map_lookup_elem(&fragments, &place);

	return noted && *noted == tag;
}

#endif
