/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A pair of veth devices and what rtnetlink sets on one. */
#ifndef XPPPD_VETH_H
#define XPPPD_VETH_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct veth {
	uint32_t ifindex;
	uint32_t peer; /* ifindex */
	uint8_t mac[ETH_ALEN];
	bool is_veth;
};

/* -ENODEV */
int veth_find(const char *name, struct veth *veth);
int veth_create(const char *name, const char *peer);
int veth_delete(uint32_t ifindex);

struct veth_setup {
	uint16_t mtu;
	bool forwarding;
};
/* Down, without ARP and IPv6 of its own, with these settings. */
int veth_setup(uint32_t ifindex, const struct veth_setup *setup);
int veth_up(uint32_t ifindex);
/* Lets programs look up IPv6 routes as from there: nothing but a sysctl does. */
int veth_forward_ipv6(const char *name);
int veth_set_mtu(uint32_t ifindex, uint16_t mtu);
/* Makes addr/32 the only IPv4 address; 0: none. */
int veth_address(uint32_t ifindex, struct in_addr addr);

#endif
