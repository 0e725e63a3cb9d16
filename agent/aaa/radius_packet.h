/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The wire format of RADIUS: RFC 2865 (3, 5), RFC 2866 (3, 4), RFC 3579 (3.1, 3.2), RFC 5176
 * (2.3, 3.5), RFC 5997 (3), vendors' keys RFC 2548 (2.4). Composing, signing, checking and
 * walking; no sockets and no state. Secrets and clear passwords that it copies are wiped.
 */
#ifndef XPPPD_RADIUS_PACKET_H
#define XPPPD_RADIUS_PACKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "buf.h"

#define RADIUS_MAX 4096
#define RADIUS_HEADER 20
#define RADIUS_AUTHENTICATOR 16
#define RADIUS_VALUE_MAX 253        /* of an attribute, RFC 2865 5 */
#define RADIUS_VENDOR_VALUE_MAX 247 /* of one within Vendor-Specific, RFC 2865 5.26 */
#define RADIUS_PASSWORD_MAX 128     /* RFC 2865 5.2 */
#define RADIUS_MPPE_KEY_MAX 32

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCOUNTING_REQUEST = 4,
	RADIUS_ACCOUNTING_RESPONSE = 5,
	RADIUS_ACCESS_CHALLENGE = 11,
	RADIUS_STATUS_SERVER = 12,
	RADIUS_DISCONNECT_REQUEST = 40,
	RADIUS_DISCONNECT_ACK = 41,
	RADIUS_DISCONNECT_NAK = 42,
	RADIUS_COA_REQUEST = 43,
	RADIUS_COA_ACK = 44,
	RADIUS_COA_NAK = 45,
};

/* Attributes with a part in the packet's format itself. */
enum radius_type {
	RADIUS_USER_PASSWORD = 2,
	RADIUS_VENDOR_SPECIFIC = 26,
	RADIUS_ACCT_DELAY_TIME = 41,
	RADIUS_EAP_MESSAGE = 79,
	RADIUS_MESSAGE_AUTHENTICATOR = 80,
};

/* Why a packet is ignored. */
enum radius_bad {
	RADIUS_GOOD,
	RADIUS_BAD_ADDRESS,   /* from somebody else than the server */
	RADIUS_BAD_LENGTH,    /* truncated, or longer than a packet may be */
	RADIUS_BAD_ATTRIBUTE, /* attributes do not fill the packet */
	RADIUS_BAD_CODE,      /* does not answer such a request */
	RADIUS_BAD_UNASKED,   /* no request waits for it: a duplicate, or too late */
	RADIUS_BAD_AUTHENTICATOR,
	RADIUS_BAD_MESSAGE_AUTHENTICATOR,
	RADIUS_NO_MESSAGE_AUTHENTICATOR,
	RADIUS_BADS,
};
/* "bad-authenticator" */
const char *radius_bad_name(enum radius_bad bad);

/* ---- composing ---- */

/*
 * Attributes in clear, in the caller's storage; what depends on the server (hiding,
 * authenticators) is done when a packet is finished for it. Once something did not fit,
 * `overflow` stays set and the list is of no use.
 */
struct radius_attrs {
	uint8_t *data;
	size_t len;
	size_t cap;
	bool overflow;
	/* Accounting: when what is told of happened. Each packet made of it gets the
	 * Acct-Delay-Time of its moment; 0: none. */
	time_t event;
};

static inline struct radius_attrs radius_attrs_of(void *storage, size_t cap)
{
	return (struct radius_attrs){ .data = storage, .cap = cap };
}

/* vendor 0: a standard attribute. Nothing is written for len 0, which no attribute may have
 * (a password is padded). -EMSGSIZE. */
int radius_put(struct radius_attrs *attrs, uint32_t vendor, uint8_t type, const void *value,
	       size_t len);
int radius_put_u32(struct radius_attrs *attrs, uint32_t vendor, uint8_t type, uint32_t value);
/* NULL is like "". */
int radius_put_string(struct radius_attrs *attrs, uint32_t vendor, uint8_t type, const char *text);
int radius_put_addr(struct radius_attrs *attrs, uint32_t vendor, uint8_t type, struct in_addr addr);
int radius_put_addr6(struct radius_attrs *attrs, uint32_t vendor, uint8_t type,
		     const struct in6_addr *addr);
/* In as many EAP-Message attributes as it needs, RFC 3579 3.1. */
int radius_put_eap(struct radius_attrs *attrs, const void *eap, size_t len);

/*
 * Composes a request. authenticator: of Access-Request and Status-Server given (16 random
 * bytes, the same for each try), of others computed and written. Access-Request and Status-Server
 * begin with a Message-Authenticator. now: for Acct-Delay-Time. The length, or -EMSGSIZE,
 * -EINVAL (a password is too long).
 */
int radius_finish(const struct radius_attrs *attrs, uint8_t code, uint8_t id, const char *secret,
		  time_t now, uint8_t authenticator[RADIUS_AUTHENTICATOR], uint8_t out[RADIUS_MAX]);
/* Composes the reply to a request that has been verified, with a Message-Authenticator if the
 * request had one. The length, or -EMSGSIZE. */
int radius_finish_reply(const struct radius_attrs *attrs, uint8_t code, const char *secret,
			struct buf request, uint8_t out[RADIUS_MAX]);

/* ---- checking ---- */

struct radius_packet {
	uint8_t code;
	uint8_t id;
	const uint8_t *authenticator;
	struct buf whole; /* without what a datagram has after it */
	struct buf attrs; /* well-formed at the outer level */
};

/* The form only. datagram: as received, so that longer ones than RADIUS_MAX can be told. */
enum radius_bad radius_parse(struct buf datagram, struct radius_packet *packet);
/*
 * Does the reply prove that its sender knows the secret and the request? A Message-Authenticator
 * that is there must be right, and it must be there if demanded (and with EAP-Message).
 */
enum radius_bad radius_verify_reply(const struct radius_packet *reply, const char *secret,
				    const uint8_t request[RADIUS_AUTHENTICATOR], bool demanded);
/* Disconnect-Request and CoA-Request, RFC 5176 2.3 and 3.4. */
enum radius_bad radius_verify_request(const struct radius_packet *request, const char *secret,
				      bool demanded);

/* ---- walking ---- */

struct radius_attr {
	uint32_t vendor; /* 0: standard */
	uint8_t type;
	struct buf value;
};

/* Vendor-Specific is unfolded into the vendor's attributes; one that has another form inside
 * than RFC 2865 5.26 recommends comes as it is. */
struct radius_walk {
	struct buf rest;
	struct buf inside;
	uint32_t vendor;
};

static inline struct radius_walk radius_walk_of(struct buf attrs)
{
	return (struct radius_walk){ .rest = attrs };
}

bool radius_next(struct radius_walk *walk, struct radius_attr *attr);
/* The first of its kind. */
bool radius_find(struct buf attrs, uint32_t vendor, uint8_t type, struct buf *value);
/* All values of a kind in a row, such as an EAP packet's. The length, 0 if there is none,
 * -EMSGSIZE. */
int radius_join(struct buf attrs, uint32_t vendor, uint8_t type, uint8_t *out, size_t cap);

/* The key in MS-MPPE-Send-Key or MS-MPPE-Recv-Key, RFC 2548 2.4.2. -EBADMSG. */
int radius_unhide_mppe_key(struct buf value, const char *secret,
			   const uint8_t request[RADIUS_AUTHENTICATOR],
			   uint8_t key[RADIUS_MPPE_KEY_MAX], size_t *len);

#endif
