/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Addresses and ports of L2TP's outer packets. */
#ifndef XPPPD_L2TP_ADDR_H
#define XPPPD_L2TP_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

union l2tp_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Both ends of a tunnel; local is the address that the peer sent to. Clients behind one NAT
 * address that come through IPsec differ in nothing but the mark that their security
 * association gives its packets; what is sent with the mark goes back through it. */
struct l2tp_path {
	union l2tp_addr local, peer;
	uint32_t mark;
};

#define L2TP_ADDR_TEXT 64

/* IPv4 and IPv6 only. */
union l2tp_addr l2tp_addr_of(const struct sockaddr_storage *addr);
struct sockaddr_storage l2tp_addr_storage(const union l2tp_addr *addr);
socklen_t l2tp_addr_len(const union l2tp_addr *addr);
uint16_t l2tp_addr_port(const union l2tp_addr *addr);
void l2tp_addr_set_port(union l2tp_addr *addr, uint16_t port);
/* The same address; the port does not matter. Of paths the mark does. */
bool l2tp_addr_same_host(const union l2tp_addr *a, const union l2tp_addr *b);
bool l2tp_addr_same(const union l2tp_addr *a, const union l2tp_addr *b);
bool l2tp_path_same_hosts(const struct l2tp_path *a, const struct l2tp_path *b);
bool l2tp_path_same(const struct l2tp_path *a, const struct l2tp_path *b);
/* The address as octets, for hashing and prefixes; *len: 4 or 16. */
const uint8_t *l2tp_addr_octets(const union l2tp_addr *addr, size_t *len);
/* "192.0.2.1" or "2001:db8::1"; with the port "192.0.2.1:1701" or "[2001:db8::1]:1701";
 * the number of the interface with it where that matters: "fe80::1%3". */
/* Means something on one link only, which the address does not name. */
bool l2tp_addr_is_link_local(const union l2tp_addr *addr);
char *l2tp_addr_text(const union l2tp_addr *addr, bool port, char text[L2TP_ADDR_TEXT]);

#endif
