/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "slowpath.h"

#include <errno.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#define IP_HEADER_MIN 20
#define TCP_HEADER_MIN 20
#define TCP_OPT_END 0
#define TCP_OPT_NOP 1
#define TCP_OPT_MSS 2
#define TCP_FLAG_SYN 0x02

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static bool header_sum_ok(const uint8_t *ip, size_t header)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < header; i += 2)
		sum += get16(ip + i);
	return fold(sum) == 0xffff;
}

int slowpath_copy(struct buf packet, uint8_t *out)
{
	size_t header, total;

	if (packet.len < IP_HEADER_MIN || packet.p[0] >> 4 != 4)
		return -EBADMSG;
	header = (packet.p[0] & 15u) * 4u;
	total = get16(packet.p + 2);
	if (header < IP_HEADER_MIN || total < header || total > packet.len ||
	    total > SLOWPATH_PACKET_MAX || !header_sum_ok(packet.p, header))
		return -EBADMSG;
	memcpy(out, packet.p, total);
	return (int)total;
}

struct in_addr slowpath_source(const uint8_t *packet)
{
	struct in_addr a;

	memcpy(&a, packet + 12, sizeof(a));
	return a;
}

/* Where the MSS option's value stands in a TCP header, 0 if nowhere. */
static size_t find_mss(const uint8_t *tcp, size_t header)
{
	size_t at = TCP_HEADER_MIN;

	while (at + 4 <= header && tcp[at] != TCP_OPT_END) {
		if (tcp[at] == TCP_OPT_NOP) {
			at++;
			continue;
		}
		if (tcp[at] == TCP_OPT_MSS && tcp[at + 1] == 4)
			return at + 2;
		if (tcp[at + 1] < 2)
			return 0;
		at += tcp[at + 1];
	}
	return 0;
}

/* RFC 1624 eqn. 3; a value at an odd offset counts with its bytes swapped. */
static void lower_mss(uint8_t *tcp, size_t at, uint16_t mss)
{
	uint16_t old = get16(tcp + at), new = mss;

	if (old <= mss)
		return;
	put16(tcp + at, mss);
	if (at & 1) {
		old = (uint16_t)(old << 8 | old >> 8);
		new = (uint16_t)(new << 8 | new >> 8);
	}
	put16(tcp + 16,
	      (uint16_t)~fold((uint32_t)(uint16_t)~get16(tcp + 16) + (uint16_t)~old + new));
}

void slowpath_clamp_mss(uint8_t *packet, size_t len, uint16_t mss)
{
	size_t ip_header, tcp_header, at;
	uint8_t *tcp;

	if (len < IP_HEADER_MIN || packet[9] != IPPROTO_TCP || (get16(packet + 6) & 0x1fff) != 0)
		return;
	ip_header = (packet[0] & 15u) * 4u;
	if (len < ip_header + TCP_HEADER_MIN)
		return;
	tcp = packet + ip_header;
	tcp_header = (tcp[12] >> 4) * 4u;
	if (!(tcp[13] & TCP_FLAG_SYN) || len < ip_header + tcp_header)
		return;
	at = find_mss(tcp, tcp_header);
	if (at)
		lower_mss(tcp, at, mss);
}

static bool is_idle_port(uint16_t port)
{
	switch (port) {
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

/* As bpf/ip.h has it for the fast path. */
bool slowpath_is_activity(const uint8_t *packet, size_t len)
{
	size_t header = (packet[0] & 15u) * 4u;
	const uint8_t *ports = packet + header;

	if (len < header + 4 || (get16(packet + 6) & 0x1fff) != 0)
		return true;
	switch (packet[9]) {
	case IPPROTO_ICMP:
		return ports[0] == ICMP_ECHO || ports[0] == ICMP_ECHOREPLY;
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		return !is_idle_port(get16(ports)) && !is_idle_port(get16(ports + 2));
	default:
		return true;
	}
}
