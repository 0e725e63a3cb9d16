/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What the kernel's routing table answered a moment ago, `hops` of <xpppd/map.h>: a look-up there
 * costs more than all the rest that is done to a packet. Only next hops are kept, no refusals.
 *
 * Each CPU has a table of its own: nobody interrupts a program there, so an entry is never seen
 * half written.
 */
#ifndef XPPPD_BPF_HOP_H
#define XPPPD_BPF_HOP_H

#include "packet.h"

#define HOP_SPREAD 0x9e3779b1u
#define HOP_SPREAD_FROM 0x85ebca6bu

struct hop {
	__u32 ifindex;
	__u32 mac[3]; /* destination and source, as they stand in the frame */
};

/* A packet of `len` bytes to dst; from: the rest of what the answer depends on. */
struct hop_key {
	__be32 dst;
	__u16 from;
	__u16 len;
};

/* This CPU's entry for the key, its own or another's. NULL: nothing is to be kept now, as the agent
 * has not said lately that it watches the routing table, or found something in it that the key
 * does not tell apart. */
INLINE struct xp_hop *hop_entry(__u64 now, const struct xp_config *config,
				const struct hop_key *key)
{
	__u32 hash = (key->dst + key->from * HOP_SPREAD_FROM) * HOP_SPREAD, index;

	if (now >= config->hops_until)
		return NULL;
	index = bpf_get_smp_processor_id() * config->hops + ((__u64)hash * config->hops >> 32);
	return bpf_map_lookup_elem(&hops, &index);
}

INLINE bool hop_fits(const struct xp_hop *entry, const struct hop_key *key, __u32 generation)
{
	return entry->dst == key->dst && entry->from == key->from &&
	       entry->generation == generation && key->len <= entry->mtu;
}

INLINE void hop_take(const struct xp_hop *entry, struct hop *hop)
{
	hop->ifindex = entry->ifindex;
	__builtin_memcpy(hop->mac, entry->mac, sizeof(hop->mac));
}

/* generation: as it was before the look-up, which may have seen what was there before a change. */
INLINE void hop_keep(struct xp_hop *entry, const struct hop_key *key, __u32 generation,
		     const struct hop *hop, __u16 mtu)
{
	entry->dst = key->dst;
	entry->from = key->from;
	entry->mtu = mtu;
	entry->generation = generation;
	entry->ifindex = hop->ifindex;
	__builtin_memcpy(entry->mac, hop->mac, sizeof(entry->mac));
}

#endif
