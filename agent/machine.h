/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What belongs to the machine itself, as the kernel has it at the moment. */
#ifndef XPPPD_MACHINE_H
#define XPPPD_MACHINE_H

#include <netinet/in.h>
#include <stdint.h>

/* May a net be routed to a session? -EADDRINUSE: an address of the machine is in it; -EEXIST: there
 * is a route to it that is not the data plane's; or what the kernel says when it is asked. */
int machine_spares(struct in_addr net, uint8_t len);

#endif
