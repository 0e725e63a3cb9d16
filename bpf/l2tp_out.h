/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Downstream in L2TP: UDP, L2TP and PPP in front of the packet. UDP has no checksum over IPv4 and
 * must have one over IPv6 (RFC 8200 section 8.1).
 */
#ifndef XPPPD_BPF_L2TP_OUT_H
#define XPPPD_BPF_L2TP_OUT_H

#include "l2tp.h"
#include "outer.h"

#define L2TP_OUT 6          /* flags and ids */
#define L2TP_OUT_SEQUENCE 4 /* Ns and Nr */
#define L2TP_IPV6_MAX 9000  /* of the IP packet inside: what the checksum's loop bears */

struct l2tp_out {
	__be16 flags;
	__be16 tunnel_id;
	__be16 session_id;
};

INLINE const struct xp_l2tp_down *l2tp_out_line(const struct xp_session_down *line)
{
	return (const void *)line->header;
}

INLINE __u32 l2tp_out_size(const struct packet *p, const struct xp_session_down *line)
{
	return sizeof(struct udphdr) + L2TP_OUT + sizeof(__be32) +
	       (line->flags & XP_F_SEQUENCE ? L2TP_OUT_SEQUENCE : 0) +
	       (line->flags & XP_F_OUTER_IPV6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) +
	       mppe_extra(p);
}

/* ---- the way */

INLINE enum xp_reason l2tp_out_route_ipv4(const struct packet *p,
					  const struct xp_session_down *line, __u32 len,
					  struct hop *hop)
{
	const struct xp_l2tp_down *l2tp = l2tp_out_line(line);
	const struct route route = {
		.src = l2tp->local,
		.dst = l2tp->peer,
		.sport = l2tp->local_port,
		.dport = l2tp->peer_port,
		.len = len,
		.protocol = IPPROTO_UDP,
		.concentrator = line->concentrator,
	};

	return route_find(p, config_find(), &route, hop);
}

/* Asked for each packet: its checksum costs more. */
INLINE enum xp_reason l2tp_out_route_ipv6(const struct packet *p,
					  const struct xp_session_down *line, __u32 len,
					  struct hop *hop)
{
	const struct xp_l2tp_down *l2tp = l2tp_out_line(line);
	__u32 index = l2tp->tunnel;
	const struct xp_tunnel *tunnel = bpf_map_lookup_elem(&tunnels, &index);
	struct bpf_fib_lookup fib = {
		.family = ROUTE_AF_INET6,
		.l4_protocol = IPPROTO_UDP,
		.sport = l2tp->local_port,
		.dport = l2tp->peer_port,
		.tot_len = len,
	};
	enum xp_reason reason;

	if (!tunnel)
		return XP_R_P_PEER;
	__builtin_memcpy(fib.ipv6_src, tunnel->local, sizeof(fib.ipv6_src));
	__builtin_memcpy(fib.ipv6_dst, tunnel->peer, sizeof(fib.ipv6_dst));
	reason = route_ask(p, line->concentrator, &fib);
	route_take(&fib, hop);
	return reason;
}

/* len is the IP packet's. */
INLINE enum xp_reason l2tp_out_route(const struct packet *p, const struct xp_session_down *line,
				     __u32 len, struct hop *hop)
{
	__u32 outer = len + l2tp_out_size(p, line);

	if (!(line->flags & XP_F_OUTER_IPV6))
		return l2tp_out_route_ipv4(p, line, outer, hop);
	*hop = (struct hop){ 0 };
	return len > L2TP_IPV6_MAX ? XP_R_P_PEER : l2tp_out_route_ipv6(p, line, outer, hop);
}

/* ---- headers */

/* UDP, L2TP and PPP: `len` bytes from UDP's header on. */
INLINE bool l2tp_out_datagram(const struct packet *p, __u32 offset, __u32 len,
			      struct xp_session_down *line)
{
	const struct xp_l2tp_down *from = l2tp_out_line(line);
	__u32 *sequence = (void *)line->header + offsetof(struct xp_l2tp_down, sequence);
	struct udphdr *udp = p->data + offset;
	struct l2tp_out *l2tp = (void *)(udp + 1);
	__be32 *next = (void *)(l2tp + 1);

	if ((void *)(next + 2) > p->end)
		return false;
	udp->source = from->local_port;
	udp->dest = from->peer_port;
	udp->len = bpf_htons(len);
	udp->check = 0;
	l2tp->flags = L2TP_VERSION;
	l2tp->tunnel_id = from->tunnel_id;
	l2tp->session_id = from->session_id;
	if (line->flags & XP_F_SEQUENCE) {
		l2tp->flags |= L2TP_S;
		*next++ = bpf_htonl(__sync_fetch_and_add(sequence, 1) << 16);
	}
	*next = outer_ppp(p);
	return true;
}

INLINE bool l2tp_out_ipv4(const struct packet *p, __u32 len, struct xp_session_down *line,
			  const struct hop *hop)
{
	struct outer_ipv4 outer = { .local = l2tp_out_line(line)->local,
				    .peer = l2tp_out_line(line)->peer,
				    .check = l2tp_out_line(line)->check,
				    .protocol = IPPROTO_UDP };

	return outer_write_ipv4(p, &outer, len, hop) &&
	       l2tp_out_datagram(p, ETH_HLEN + sizeof(struct iphdr), len - sizeof(struct iphdr),
				 line);
}

/* ---- UDP's checksum over IPv6 */

#define SUM_PART 512 /* what bpf_csum_diff() takes */
#define SUM_PARTS 18

struct sum_scratch {
	__u8 byte[SUM_PART];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sum_scratch);
} sum_scratch SEC(".maps");

/* Adds up to SUM_PART bytes at offset; negative on failure. */
INLINE long sum_part(const struct packet *p, struct sum_scratch *scratch, __u32 offset, __u32 len,
		     __u32 sum)
{
	__u32 last; /* word, which len may not fill */

	/* changes nothing, but shows the verifier that it is neither 0 nor too much */
	barrier_var(len);
	len = ((len - 1) & (SUM_PART - 1)) + 1;
	last = (len - 1) & (SUM_PART - 4);
	*(__u32 *)(scratch->byte + last) = 0;
	if (packet_copy(p, offset, scratch->byte, len))
		return -1;
	return bpf_csum_diff(NULL, 0, (__be32 *)scratch->byte, last + 4, sum);
}

/* Folded sum of `len` bytes at offset, starting with `sum`. */
INLINE int sum_bytes(struct packet p, __u32 offset, __u32 len, __u32 sum)
{
	struct sum_scratch *scratch;
	__u32 zero = 0;

	scratch = bpf_map_lookup_elem(&sum_scratch, &zero);
	if (!scratch)
		return -1;
	for (int i = 0; i < SUM_PARTS && len; i++) {
		__u32 part = len < SUM_PART ? len : SUM_PART;
		long result = sum_part(&p, scratch, offset, part, sum);

		if (result < 0)
			return -1;
		sum = result;
		offset += part;
		len -= part;
	}
	return len ? -1 : ip_fold(sum);
}

/* Global functions: the verifier goes through them once, not at every call. */
__noinline int sum_bytes_xdp(struct xdp_md *ctx, __u32 offset, __u32 len, __u32 sum)
{
	return sum_bytes((struct packet){ .hook = HOOK_XDP, .ctx = ctx }, offset, len, sum);
}

__noinline int sum_bytes_tc(struct __sk_buff *skb, __u32 offset, __u32 len, __u32 sum)
{
	return sum_bytes((struct packet){ .hook = HOOK_TC, .ctx = skb }, offset, len, sum);
}

/* Of a TCP or UDP segment, the field with the checksum; NULL if there is none in the packet. */
INLINE const __sum16 *sum_field(const struct packet *p, const struct iphdr *ip)
{
	const void *segment = ip + 1;
	const __sum16 *field = segment + offsetof(struct tcphdr, check);

	if (ip->protocol == IPPROTO_UDP)
		field = segment + offsetof(struct udphdr, check);
	else if (ip->protocol != IPPROTO_TCP)
		return NULL;
	if (ip_has_options(ip) || ip->frag_off & (IP_OFFSET | IP_MORE_FRAGMENTS))
		return NULL;
	return (void *)(field + 1) > p->end ? NULL : field;
}

/*
 * The segment inside may still lack its checksum, which is made when the packet leaves
 * (CHECKSUM_PARTIAL): until then the field holds the sum of its pseudo-header, and afterwards the
 * whole segment has the complement of that for its sum. So it has as well if it is complete and the
 * field happens to hold the same. True: *sum is the segment's.
 */
INLINE bool sum_of_partial(const struct packet *p, __u32 offset, __u32 *sum)
{
	const struct iphdr *ip = p->data + offset;
	const __sum16 *field;
	__u64 pseudo;

	if ((void *)(ip + 1) > p->end)
		return false;
	field = sum_field(p, ip);
	if (!field)
		return false;
	pseudo = (__u64)ip->saddr + ip->daddr + bpf_htons(ip->protocol) +
		 bpf_htons(bpf_ntohs(ip->tot_len) - sizeof(*ip));
	if (*field != ip_fold(pseudo))
		return false;
	*sum = (__u16) ~*field;
	return true;
}

/* Of `len` bytes at offset, which begin with UDP's header; the IP packet is at `inner`, 0 if it is
 * encrypted. */
INLINE bool l2tp_out_checksum(struct packet *p, const struct xp_tunnel *tunnel, __u32 offset,
			      __u32 inner, __u32 len)
{
	/* addresses and the rest of the pseudo-header, whose length is below 65,536 */
	long pseudo = bpf_csum_diff(NULL, 0, (__be32 *)tunnel, sizeof(*tunnel),
				    bpf_htons(len) + bpf_htons(IPPROTO_UDP));
	struct udphdr *udp;
	__u32 segment;
	int sum;

	if (pseudo < 0)
		return false;
	if (inner && sum_of_partial(p, inner, &segment)) {
		pseudo = ip_fold((__u64)pseudo + segment);
		len = inner + sizeof(struct iphdr) - offset;
	}
	sum = p->hook == HOOK_XDP ? sum_bytes_xdp(p->ctx, offset, len, pseudo)
				  : sum_bytes_tc(p->ctx, offset, len, pseudo);
	packet_load(p);
	udp = p->data + offset;
	if (sum < 0 || (void *)(udp + 1) > p->end)
		return false;
	udp->check = (__u16)~sum ?: 0xffff;
	return true;
}

INLINE bool l2tp_out_ipv6(struct packet *p, __u32 len, struct xp_session_down *line,
			  const struct hop *hop)
{
	struct ipv6hdr *ip = p->data + ETH_HLEN;
	__u32 inner = p->encrypt ? 0 : ETH_HLEN + l2tp_out_size(p, line);
	__u32 udp = ETH_HLEN + sizeof(*ip), index = l2tp_out_line(line)->tunnel;
	const struct xp_tunnel *tunnel = bpf_map_lookup_elem(&tunnels, &index);

	if (!tunnel || (void *)(ip + 1) > p->end ||
	    !outer_write_ethernet(p, hop, bpf_htons(ETH_P_IPV6)))
		return false;
	*(__be32 *)ip = bpf_htonl(6 << 28);
	ip->payload_len = bpf_htons(len - sizeof(*ip));
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = XP_OUTER_TTL;
	__builtin_memcpy(&ip->saddr, tunnel->local, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, tunnel->peer, sizeof(ip->daddr));
	return l2tp_out_datagram(p, udp, len - sizeof(*ip), line) &&
	       l2tp_out_checksum(p, tunnel, udp, inner, len - sizeof(*ip));
}

/* Writes the headers into the room that has been made; len is the IP packet's inside. */
INLINE bool l2tp_out_write(struct packet *p, __u32 len, struct xp_session_down *line,
			   const struct hop *hop)
{
	len += l2tp_out_size(p, line);
	return line->flags & XP_F_OUTER_IPV6 ? l2tp_out_ipv6(p, len, line, hop)
					     : l2tp_out_ipv4(p, len, line, hop);
}

#endif
