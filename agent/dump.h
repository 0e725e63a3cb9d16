/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Packet dumps in the log (`debug-dump-pktin`, `debug-dump-pktout`, the `-pktdump` switches). */
#ifndef XPPPD_DUMP_H
#define XPPPD_DUMP_H

#include <stdint.h>

#include "buf.h"

struct log;

#define DUMP_ALL (~0U) /* for a mask */

/* Writes the packet at debug level if `mask` (enum conf_dump) has its protocol. What carries
 * passwords is shown without them: PAP requests by length only. */
void dump_ppp(struct log *log, uint32_t ppp_id, unsigned int mask, const char *direction,
	      uint16_t proto, struct buf info);
/* The same for a frame that begins with its protocol field. */
void dump_frame(struct log *log, uint32_t ppp_id, unsigned int mask, const char *direction,
		struct buf frame);
/* A packet of the tunnel's own protocol (PPPoE discovery), which has no secrets. */
void dump_control(struct log *log, const char *device, const char *direction, struct buf frame);

#endif
