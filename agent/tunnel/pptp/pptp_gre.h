/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The GRE header of PPTP's data packets: RFC 2637 4.1. */
#ifndef XPPPD_PPTP_GRE_H
#define XPPPD_PPTP_GRE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define PPTP_GRE_HEADER_MAX 16

struct pptp_gre {
	uint16_t call_id; /* the receiver's */
	bool has_sequence, has_ack;
	uint32_t sequence, ack;
	struct buf payload;
};

/* wire: behind the IP header. -EPROTONOSUPPORT: another use of GRE, -EPROTO: bits that PPTP does
 * not have, -ENODATA: shorter than it says. */
int pptp_gre_parse(struct buf wire, struct pptp_gre *gre);
/* The header; `payload` octets follow. */
void pptp_gre_put(struct wbuf *w, const struct pptp_gre *gre, size_t payload);

#endif
