/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* IPv4 packets with any source address. */
#ifndef DIALER_RAW4_H
#define DIALER_RAW4_H

#include <netinet/in.h>

#include "wire.h"

struct options;

/* --spoof, --local, or the address that a datagram to the server goes out with. -errno. */
int raw4_own_address(const struct options *o, struct in_addr *addr);
/* The kernel fills in the length and the checksum. */
void raw4_put_ip(struct wr *w, uint8_t protocol, struct in_addr from, struct in_addr to);

#endif
