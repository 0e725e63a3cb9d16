/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * PPPoE of a device whose frames all come in on one CPU. spread_xdp hands IP packets of sessions
 * over to the CPUs that the agent gave them, where spread_cpu decapsulates and forwards. A session
 * has one CPU, and its packets go there through one queue, also if they came in there: so they stay
 * in order wherever they come in.
 *
 * Whatever is not a known peer's IP packet stays: negotiation, discovery, floods. It must not take
 * the place of sessions' packets in a queue that is bounded.
 *
 * The main object's maps are shared but for mppe_xdp: programs of one of the two kinds, for devices
 * and for CPUs, cannot call those of the other.
 */
#include "mppe_call.h"

#include "input.h"

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} spread_cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xp_spread);
} spread_sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xp_spread_counter);
} spread_counters SEC(".maps");

/* xpppd_xdp */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} spread_rest SEC(".maps");

__u32 spread_cpus_id; /* of the map, once it is there */

INLINE struct xp_spread_counter *spread_counter(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&spread_counters, &zero);
}

/* The frame was parsed: it has an Ethernet header. */
INLINE bool spread_is_peer(const struct packet *p, const struct xp_spread *session)
{
	const __u16 *a = p->data + ETH_ALEN, *b = (const void *)session->peer_mac;

	return (void *)(a + 3) <= p->end && a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

/* The session whose IP packet it is, if it is one that is handed over. */
INLINE const struct xp_spread *spread_find(const struct packet *p)
{
	const struct xp_spread *session;
	struct frame f;
	struct ppp ppp;
	__u32 slot;

	if (!frame_parse(p, &f) || f.type != bpf_htons(ETH_P_PPP_SES) || ppp_parse(p, &f, &ppp) ||
	    ppp.protocol != PPP_IPV4 || !session_slot(p, &f, ppp.sid, &slot))
		return NULL;
	session = bpf_map_lookup_elem(&spread_sessions, &slot);
	return session && session->cpu && spread_is_peer(p, session) ? session : NULL;
}

SEC("xdp")
int spread_xdp(struct xdp_md *ctx)
{
	const struct packet p = packet_xdp(ctx);
	const struct xp_spread *session = spread_find(&p);
	struct xp_spread_counter *counter;

	/* a CPU that was just taken off the list has no queue any more */
	if (session && bpf_redirect_map(&spread_cpus, session->cpu - 1, XDP_PASS) == XDP_REDIRECT) {
		counter = spread_counter();
		if (counter)
			counter->given++;
		return XDP_REDIRECT;
	}
	bpf_tail_call(ctx, &spread_rest, 0);
	return XDP_PASS;
}

INLINE int spread_input(struct packet p)
{
	struct xp_spread_counter *counter = spread_counter();
	enum xp_reason reason;
	struct up up = { 0 };
	struct frame f;
	struct ppp ppp;

	if (counter)
		counter->taken++;
	if (!frame_parse(&p, &f))
		return packet_pass(&p);
	reason = up_find_pppoe(&p, &f, &up, &ppp);
	if (!reason)
		return up_from_session(&p, &up, &ppp);
	return reason == XP_R_OTHER ? packet_pass(&p) : packet_refuse(&p, reason);
}

SEC("xdp/cpumap")
int spread_cpu(struct xdp_md *ctx)
{
	return spread_input(packet_xdp(ctx));
}

/* The kernel puts packets into queues by the dozen, after spread_xdp: only its tracepoint (map,
 * packets, lost of them, CPU) tells of those that found no room. */
SEC("raw_tp/xdp_cpumap_enqueue")
int spread_lost(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 key = XP_R_SPREAD_FULL, lost = ctx->args[2];
	__u64 *drop;

	if (!lost || (__u32)ctx->args[0] != spread_cpus_id)
		return 0;
	drop = bpf_map_lookup_elem(&drops, &key);
	if (drop)
		*drop += lost;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
