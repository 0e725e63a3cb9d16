/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* IPv4 headers: checks, TTL, and what counts as activity. */
#ifndef XPPPD_BPF_IP_H
#define XPPPD_BPF_IP_H

#include "clock.h"
#include "packet.h"

#define IP_PLAIN 0x45 /* version 4, no options */
#define IP_OFFSET bpf_htons(0x1fff)
#define IP_MORE_FRAGMENTS bpf_htons(0x2000)
#define ICMP_ECHO_REPLY 0
#define ICMP_ECHO 8
#define NS_PER_S 1000000000ull

/* A checked IPv4 packet within a frame; a pointer to it is got anew with ip_header(). */
struct ip_packet {
	__u32 offset;
	__u32 len;
};

INLINE struct iphdr *ip_header(const struct packet *p, const struct ip_packet *at)
{
	struct iphdr *ip = p->data + at->offset;

	return (void *)(ip + 1) > p->end ? NULL : ip;
}

INLINE __u8 ip_first_byte(const struct iphdr *ip)
{
	return *(const __u8 *)ip;
}

INLINE bool ip_has_options(const struct iphdr *ip)
{
	return ip_first_byte(ip) != IP_PLAIN;
}

/* Net 0, loopback, multicast, reserved, broadcast: the stack neither takes them for a source nor
 * forwards to them, but a look-up would find the default route. */
INLINE bool ip_is_no_host(__be32 addr)
{
	__u32 net = bpf_ntohl(addr) >> 24;

	return net == 0 || net == 127 || net >= 224;
}

INLINE void *ip_payload(const struct iphdr *ip)
{
	return (void *)ip + (ip_first_byte(ip) & 0x0f) * 4;
}

/* Of a sum below 2^48. */
INLINE __u16 ip_fold(__u64 sum)
{
	sum = (__u32)sum + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* A header without options. */
INLINE bool ip_checksum_ok(const struct iphdr *ip)
{
	const __u32 *word = (const void *)ip;
	__u64 sum = (__u64)word[0] + word[1] + word[2] + word[3] + word[4];

	return ip_fold(sum) == 0xffff;
}

INLINE enum xp_reason ip_check_plain(const struct iphdr *ip, __u32 len, __u32 room)
{
	if (len < sizeof(*ip) || len > room)
		return XP_R_IP_LENGTH;
	return ip_checksum_ok(ip) ? XP_R_NONE : XP_R_IP_CHECKSUM;
}

INLINE enum xp_reason ip_check_other(const struct iphdr *ip, __u32 len, __u32 room)
{
	if (ip_first_byte(ip) >> 4 != 4 || (ip_first_byte(ip) & 0x0f) < 5)
		return XP_R_IP_HEADER;
	return len < (ip_first_byte(ip) & 0x0f) * 4u || len > room ? XP_R_IP_LENGTH : XP_R_NONE;
}

/* Checks what stands at offset, with `room` bytes up to the end of what carries it. The checksum
 * of a header with options is left to the stack, which gets all such packets. */
INLINE enum xp_reason ip_check(const struct packet *p, __u32 offset, __u32 room,
			       struct ip_packet *at)
{
	const struct iphdr *ip = p->data + offset;

	if (room < sizeof(*ip))
		return XP_R_IP_LENGTH;
	if ((void *)(ip + 1) > p->end)
		return XP_R_TRUNCATED;
	at->offset = offset;
	at->len = bpf_ntohs(ip->tot_len);
	return ip_first_byte(ip) == IP_PLAIN ? ip_check_plain(ip, at->len, room)
					     : ip_check_other(ip, at->len, room);
}

/* RFC 1141 */
INLINE void ip_decrease_ttl(struct iphdr *ip)
{
	__u32 sum = ip->check;

	sum += bpf_htons(0x0100);
	ip->check = sum + (sum >= 0xffff);
	ip->ttl--;
}

INLINE bool ip_is_idle_port(__be16 port)
{
	switch (bpf_ntohs(port)) {
	case 53:
	case 67:
	case 68:
	case 123:
	case 137:
	case 520:
		return true;
	default:
		return false;
	}
}

/* Traffic that a machine makes without anybody using it. */
INLINE bool ip_is_idle(const struct iphdr *ip, const void *end)
{
	const __be16 *port = ip_payload(ip);
	const __u8 *icmp_type = ip_payload(ip);

	if (ip->frag_off & IP_OFFSET || (void *)(port + 2) > end)
		return false;
	switch (ip->protocol) {
	case IPPROTO_ICMP:
		return *icmp_type != ICMP_ECHO && *icmp_type != ICMP_ECHO_REPLY;
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		return ip_is_idle_port(port[0]) || ip_is_idle_port(port[1]);
	default:
		return false;
	}
}

/* Written once a second at most: the rest of the time the line is only read. */
INLINE void ip_mark_active(const struct packet *p, const struct iphdr *ip, __u32 *active)
{
	if (p->now - *active * NS_PER_S < NS_PER_S || ip_is_idle(ip, p->end))
		return;
	*active = p->now / NS_PER_S;
}

#endif
