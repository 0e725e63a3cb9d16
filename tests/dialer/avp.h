/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Attribute value pairs of L2TP control messages (RFC 2661 4), hidden ones too (4.3). */
#ifndef DIALER_AVP_H
#define DIALER_AVP_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

struct crypto;

#define AVP_MAX 1023
#define AVP_VECTOR 16
#define AVP_DIGEST 16

enum avp_type {
	AVP_MESSAGE = 0,
	AVP_RESULT = 1,
	AVP_VERSION = 2,
	AVP_FRAMING = 3,
	AVP_BEARER = 4,
	AVP_FIRMWARE = 6,
	AVP_HOST_NAME = 7,
	AVP_VENDOR_NAME = 8,
	AVP_TUNNEL_ID = 9,
	AVP_WINDOW = 10,
	AVP_CHALLENGE = 11,
	AVP_CAUSE = 12,
	AVP_RESPONSE = 13,
	AVP_SESSION_ID = 14,
	AVP_SERIAL = 15,
	AVP_BEARER_TYPE = 18,
	AVP_FRAMING_TYPE = 19,
	AVP_CALLED = 21,
	AVP_CALLING = 22,
	AVP_SPEED = 24,
	AVP_FIRST_CONFREQ = 26,
	AVP_SENT_CONFREQ = 27,
	AVP_RECEIVED_CONFREQ = 28,
	AVP_PROXY_TYPE = 29,
	AVP_PROXY_NAME = 30,
	AVP_PROXY_CHALLENGE = 31,
	AVP_PROXY_IDENT = 32,
	AVP_PROXY_RESPONSE = 33,
	AVP_RANDOM_VECTOR = 36,
	AVP_SEQUENCING = 39,
};

enum avp_message {
	MESSAGE_NONE, /* a zero-length body: an acknowledgement */
	MESSAGE_SCCRQ = 1,
	MESSAGE_SCCRP = 2,
	MESSAGE_SCCCN = 3,
	MESSAGE_STOPCCN = 4,
	MESSAGE_HELLO = 6,
	MESSAGE_ICRQ = 10,
	MESSAGE_ICRP = 11,
	MESSAGE_ICCN = 12,
	MESSAGE_CDN = 14,
	MESSAGE_WEN = 15,
	MESSAGE_SLI = 16,
};

struct avp {
	bool mandatory, hidden;
	uint16_t vendor, type;
	struct rd value;
};

/* What hiding needs; hide: the writer of AVPs is to use it. */
struct avp_key {
	struct crypto *crypto;
	const char *secret; /* NULL: nothing can be hidden */
	bool hide;
	uint8_t vector[AVP_VECTOR];
};

bool avp_next(struct rd *body, struct avp *avp);
void avp_put(struct wr *w, enum avp_type type, const void *p, size_t len);
void avp_put_u16(struct wr *w, enum avp_type type, uint16_t v);
void avp_put_u32(struct wr *w, enum avp_type type, uint32_t v);

/* The Random Vector that AVPs hidden after it refer to; writes nothing if none are to be. */
void avp_put_vector(struct wr *w, const struct avp_key *key);
/* Hidden, if key says so. */
void avp_put_secret(struct wr *w, struct avp_key *key, enum avp_type type, const void *p,
		    size_t len);
/* The value of a hidden AVP in clear, in out; false if its length is not right. */
bool avp_reveal(const struct avp *avp, const struct avp_key *key, uint8_t out[AVP_MAX],
		struct rd *value);

#endif
