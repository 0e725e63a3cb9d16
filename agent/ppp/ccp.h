/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The Compression Control Protocol, RFC 1962, for MPPE alone, RFC 3078. */
#ifndef XPPPD_CCP_H
#define XPPPD_CCP_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct ppp;
struct ppp_auth_reply;
struct ppp_grant;

enum ccp_code {
	CCP_RESET_REQ = 14,
	CCP_RESET_ACK,
};

#define CCP_OPT_MPPE 18

/* The option's Supported Bits, RFC 3078 2.1. MPPC and the obsolete D bit are never agreed to. */
enum ccp_mppe_bit {
	CCP_MPPE_STATELESS = 0x01000000, /* H */
	CCP_MPPE_56 = 0x80,              /* M */
	CCP_MPPE_128 = 0x40,             /* S */
	CCP_MPPE_40 = 0x20,              /* L */
};

void ccp_init(struct ppp *ppp);
void ccp_grant(struct ppp *ppp, const struct ppp_grant *grant);
/* The peer was let in by this answer: what keys are made of. */
void ccp_take_keys(struct ppp *ppp, const struct ppp_auth_reply *reply);
/* The network phase begins, ends. */
void ccp_lower_up(struct ppp *ppp);
void ccp_lower_down(struct ppp *ppp);
/* The peer speaks no CCP, or no MPPE. */
void ccp_protocol_rejected(struct ppp *ppp);
/* Timers off and keys wiped, without any action. */
void ccp_stop(struct ppp *ppp);
/* Is CCP spoken on this link? */
bool ccp_offered(const struct ppp *ppp);
/* Encryption is required, and there is none. */
bool ccp_missing(const struct ppp *ppp);
/* Must data in clear be refused? */
bool ccp_forbids_clear(const struct ppp *ppp);
/* A frame of protocol 0x00fd. */
void ccp_data(struct ppp *ppp, struct buf info);

#endif
