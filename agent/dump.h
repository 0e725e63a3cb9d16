/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Packet dumps in the log (`debug-dump-pktin`, `debug-dump-pktout`, the `-pktdump` switches). */
#ifndef XPPPD_DUMP_H
#define XPPPD_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct log;

#define DUMP_ALL (~0U) /* for a mask */
#define DUMP_BYTES 128 /* as much of a packet is shown */

/* The octets of a packet that nobody may read: they are shown as "**". Starts zeroed. */
struct dump_veil {
	bool over[DUMP_BYTES];
};

/* Writes the packet at debug level if `mask` (enum conf_dump) has its protocol. What carries
 * passwords is shown without them: PAP requests by length only, and EAP's by their type. */
void dump_ppp(struct log *log, uint32_t ppp_id, unsigned int mask, const char *direction,
	      uint16_t proto, struct buf info);
/* The same for a frame that begins with its protocol field. */
void dump_frame(struct log *log, uint32_t ppp_id, unsigned int mask, const char *direction,
		struct buf frame);
/* A packet of the tunnel's own protocol, and where it is seen: a device, or the peer's address.
 * veil: NULL if there are no secrets in it. */
void dump_control(struct log *log, const char *where, const char *direction, struct buf packet,
		  const struct dump_veil *veil);
/* len octets from `at` on are a secret. */
void dump_veil_put(struct dump_veil *veil, size_t at, size_t len);

#endif
