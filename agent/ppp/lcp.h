/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The Link Control Protocol, RFC 1661 5 and 6. */
#ifndef XPPPD_LCP_H
#define XPPPD_LCP_H

#include <stdint.h>

#include "buf.h"

struct ppp;

enum lcp_code {
	LCP_PROTO_REJ = 8,
	LCP_ECHO_REQ,
	LCP_ECHO_REP,
	LCP_DISCARD_REQ,
	LCP_IDENTIFICATION, /* RFC 1570 2.1 */
	LCP_TIME_REMAINING, /* RFC 1570 2.2 */
};

enum lcp_option {
	LCP_OPT_MRU = 1,
	LCP_OPT_ACCM = 2,
	LCP_OPT_AUTH = 3,
	LCP_OPT_MAGIC = 5,
	LCP_OPT_PFC = 7,
	LCP_OPT_ACFC = 8,
};

#define LCP_MRU_DEFAULT 1500 /* RFC 1661 6.1 */
#define LCP_MRU_MIN 128

void lcp_init(struct ppp *ppp);
/* Takes over what somebody else has negotiated: options that he sent, and that the peer sent.
 * -EPROTO: we would not have agreed to it, nothing has changed. */
int lcp_adopt(struct ppp *ppp, struct buf sent, struct buf received);
void lcp_send_echo(struct ppp *ppp);
/* Tells the peer that a protocol is not spoken here. */
void lcp_send_protocol_reject(struct ppp *ppp, uint16_t proto, struct buf info);

#endif
