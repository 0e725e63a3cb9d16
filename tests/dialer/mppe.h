/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MPPE packets one way (RFC 3078), with keys of MS-CHAPv2 (RFC 3079 3). Written from the RFCs over
 * OpenSSL, for this program alone: what the concentrator encrypts is decrypted here by another
 * program.
 */
#ifndef DIALER_MPPE_H
#define DIALER_MPPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct crypto;
struct crypto_rc4;

#define MPPE_HEADER 2
#define MPPE_KEY 16

/* The bits of CCP's option (RFC 3078 2.1). */
#define MPPE_STATELESS 0x01000000u
#define MPPE_56 0x80u
#define MPPE_128 0x40u
#define MPPE_40 0x20u
#define MPPE_STRENGTHS (MPPE_40 | MPPE_56 | MPPE_128)

struct mppe_flow {
	struct crypto *crypto;
	struct crypto_rc4 *rc4; /* NULL: no keys */
	uint32_t bits;          /* one strength, perhaps stateless */
	size_t len;             /* of the keys */
	uint8_t start[MPPE_KEY], session[MPPE_KEY];
	uint16_t count; /* of the last packet */
	bool flush;     /* sending: the next packet begins anew */
	bool lost;      /* receiving, stateful: waits for a packet that begins anew */
	bool rekeys;    /* beginning anew changes the key, too */
};

enum mppe_verdict {
	MPPE_CLEAR, /* it is decrypted */
	MPPE_LOST,  /* some are missing: the peer has to begin anew */
	MPPE_WAITS, /* the same, and it was asked already */
	MPPE_LATE,
	MPPE_MALFORMED,
};

/* Has keys for sending (up) or receiving. -errno. */
int mppe_init(struct mppe_flow *flow, struct crypto *crypto, const uint8_t master[MPPE_KEY],
	      uint32_t bits, bool up);
void mppe_free(struct mppe_flow *flow);
/* header: two bytes to write, and behind them len bytes to encrypt. */
int mppe_seal(struct mppe_flow *flow, uint8_t *header, size_t len);
/* packet: from the header on; out has room for all of it. missed: how many did not come. */
enum mppe_verdict mppe_open(struct mppe_flow *flow, struct rd packet, uint8_t *out,
			    uint16_t *missed);

#endif
