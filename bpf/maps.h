/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The maps and constants of <xpppd/map.h>. Sizes of 1 are set by the agent before loading. */
#ifndef XPPPD_BPF_MAPS_H
#define XPPPD_BPF_MAPS_H

#include "base.h"

/* Read-only from loading on: the verifier sees the values and drops what they rule out. */
const volatile __u32 spaces = 1;
const volatile __u32 space_size = 65536;
const volatile __u32 l2tp_first = 0;
const volatile __u32 l2tp_spaces = 0; /* 0: no L2TP here */
const volatile __u32 l2tp_space_size = 0;
const volatile __u32 pptp_first = 0;
const volatile __u32 pptp_size = 0; /* call ids; 0: no PPTP here */
const volatile __u32 pool_count = 0;
const volatile struct xp_pool pools[XP_POOLS] = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xp_session_up);
} sessions_up SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xp_session_down);
} sessions_down SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xp_rate);
} rates_up SEC(".maps"), rates_down SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xp_tunnel);
} tunnels SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, __be32);
	__type(value, __u32);
} addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct xp_route_key);
	__type(value, __u32);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, XP_CONCENTRATORS);
	__type(key, __u32);
	__type(value, struct xp_concentrator);
} concentrators SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xp_config);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* begins at a page, so entries do not straddle lines */
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xp_hop);
} hops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, XP_ATTACHED);
	__type(key, __u32);
	__type(value, __u32);
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, XP_ATTACHED);
	__type(key, __u32);
	__type(value, struct xp_attached);
} attached SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, XP_REASON_MAX);
	__type(key, __u32);
	__type(value, __u64);
} drops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, XP_PATH_MAX);
	__type(key, __u32);
	__type(value, struct xp_path_counter);
} paths SEC(".maps");

/* <xpppd/mppe.h> */
struct mppe_slab {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, XP_MPPE_SLAB);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct xp_mppe));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct mppe_slab);
} mppe SEC(".maps");

/* Where MPPE is done: programs of mppe.bpf.c by enum xp_mppe_entry. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XP_MPPE_ENTRIES);
	__type(key, __u32);
	__type(value, __u32);
} mppe_xdp SEC(".maps"), mppe_tc SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} capture SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} events SEC(".maps");

INLINE const struct xp_config *config_find(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&config, &zero);
}

INLINE const struct xp_attached *attached_find(__u32 ifindex)
{
	__u32 place = ifindex % XP_ATTACHED;
	const struct xp_attached *device = bpf_map_lookup_elem(&attached, &place);

	return device && device->ifindex == ifindex ? device : NULL;
}

#endif
