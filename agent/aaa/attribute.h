/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The one table of RADIUS attributes that mean something here: what each is called, its number,
 * how its value is written, and which field of a profile it is. Replies, changes of authorization,
 * the users file, and what is sent all go by it.
 */
#ifndef XPPPD_ATTRIBUTE_H
#define XPPPD_ATTRIBUTE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aaa/radius_packet.h"

struct profile;

enum attribute_vendor {
	VENDOR_MICROSOFT = 311,   /* RFC 2548 */
	VENDOR_ADSL_FORUM = 3561, /* RFC 4679 */
	VENDOR_WISPR = 14122,
	VENDOR_MIKROTIK = 14988,
};

enum attribute_kind {
	ATTRIBUTE_TEXT, /* UTF-8, without NUL */
	ATTRIBUTE_OCTETS,
	ATTRIBUTE_INTEGER,
	ATTRIBUTE_ADDRESS,
	ATTRIBUTE_ADDRESS6,
	ATTRIBUTE_TAGGED, /* an INTEGER of three octets after a tag: RFC 2868 3.1 */
};

enum attribute_id {
	ATTRIBUTE_USER_NAME,
	ATTRIBUTE_USER_PASSWORD,
	ATTRIBUTE_CHAP_PASSWORD,
	ATTRIBUTE_NAS_IP_ADDRESS,
	ATTRIBUTE_NAS_PORT,
	ATTRIBUTE_SERVICE_TYPE,
	ATTRIBUTE_FRAMED_PROTOCOL,
	ATTRIBUTE_FRAMED_IP_ADDRESS,
	ATTRIBUTE_FRAMED_IP_NETMASK,
	ATTRIBUTE_FILTER_ID,
	ATTRIBUTE_FRAMED_MTU,
	ATTRIBUTE_REPLY_MESSAGE,
	ATTRIBUTE_FRAMED_ROUTE,
	ATTRIBUTE_STATE,
	ATTRIBUTE_CLASS,
	ATTRIBUTE_SESSION_TIMEOUT,
	ATTRIBUTE_IDLE_TIMEOUT,
	ATTRIBUTE_CALLED_STATION_ID,
	ATTRIBUTE_CALLING_STATION_ID,
	ATTRIBUTE_NAS_IDENTIFIER,
	ATTRIBUTE_ACCT_SESSION_ID,
	ATTRIBUTE_CHAP_CHALLENGE,
	ATTRIBUTE_NAS_PORT_TYPE,
	ATTRIBUTE_PORT_LIMIT,
	ATTRIBUTE_TUNNEL_TYPE,
	ATTRIBUTE_TUNNEL_MEDIUM_TYPE,
	ATTRIBUTE_TUNNEL_CLIENT_ENDPOINT,
	ATTRIBUTE_TUNNEL_SERVER_ENDPOINT,
	ATTRIBUTE_ACCT_TUNNEL_CONNECTION,
	ATTRIBUTE_ACCT_INTERIM_INTERVAL,
	ATTRIBUTE_NAS_PORT_ID,
	ATTRIBUTE_FRAMED_POOL,
	ATTRIBUTE_TUNNEL_CLIENT_AUTH_ID,
	ATTRIBUTE_TUNNEL_SERVER_AUTH_ID,
	ATTRIBUTE_NAS_IPV6_ADDRESS,
	ATTRIBUTE_MS_CHAP_ERROR,
	ATTRIBUTE_MS_CHAP_NT_ENC_PW,
	ATTRIBUTE_MS_MPPE_ENCRYPTION_POLICY,
	ATTRIBUTE_MS_MPPE_ENCRYPTION_TYPES,
	ATTRIBUTE_MS_CHAP_CHALLENGE,
	ATTRIBUTE_MS_MPPE_SEND_KEY,
	ATTRIBUTE_MS_MPPE_RECV_KEY,
	ATTRIBUTE_MS_CHAP2_RESPONSE,
	ATTRIBUTE_MS_CHAP2_SUCCESS,
	ATTRIBUTE_MS_CHAP2_CPW,
	ATTRIBUTE_MS_PRIMARY_DNS_SERVER,
	ATTRIBUTE_MS_SECONDARY_DNS_SERVER,
	ATTRIBUTE_MS_PRIMARY_NBNS_SERVER,
	ATTRIBUTE_MS_SECONDARY_NBNS_SERVER,
	ATTRIBUTE_AGENT_CIRCUIT_ID,
	ATTRIBUTE_AGENT_REMOTE_ID,
	ATTRIBUTE_WISPR_BANDWIDTH_MAX_UP,
	ATTRIBUTE_WISPR_BANDWIDTH_MAX_DOWN,
	ATTRIBUTE_MIKROTIK_RATE_LIMIT,
	ATTRIBUTES
};
_Static_assert(ATTRIBUTES <= 64, "sets of them are bits");

struct attribute {
	const char *name; /* as dictionaries have it */
	uint32_t vendor;  /* 0: standard */
	uint8_t type;
	enum attribute_kind kind;
	/* Of one that grants something: who cannot be given what it says is not let in, rather than
	 * given more than he should have. Others are left out then. */
	bool strict;
	bool many; /* may be granted more than once */
};

const struct attribute *attribute_of(enum attribute_id id);
enum attribute_id attribute_id(const struct attribute *attribute);
/* NULL: it means nothing here. */
const struct attribute *attribute_find(uint32_t vendor, uint8_t type);
const struct attribute *attribute_by_name(const char *name); /* in either case */
/* May a users file, a reply or a change grant it? */
bool attribute_grants(const struct attribute *attribute);

/* ---- reading ---- */

/*
 * Puts one attribute into a profile; again for one that may come more than once adds to it.
 * 0; -ENOENT: it grants nothing; -EINVAL: the value is wrong, *why says in what way; -ENOMEM.
 */
int attribute_read(const struct radius_attr *attr, struct profile *profile, const char **why);
/* The same of a users file: text as 600, 192.0.2.1, 0x0a or itself. */
int attribute_read_text(const struct attribute *attribute, const char *text,
			struct profile *profile, const char **why);

/* What was wrong with a reply. */
typedef void (*attribute_wrong_fn)(void *arg, const struct attribute *attribute, const char *why);
/* All of a reply. -EINVAL: one that is strict is wrong; -ENOMEM. */
int attribute_read_all(struct buf attrs, struct profile *profile, attribute_wrong_fn wrong,
		       void *arg);

/* ---- writing ---- */

/* -EMSGSIZE, and attrs has overflowed. Empty values are left out. */
int attribute_put(struct radius_attrs *attrs, enum attribute_id id, const void *value, size_t len);
int attribute_put_text(struct radius_attrs *attrs, enum attribute_id id, const char *text);
int attribute_put_u32(struct radius_attrs *attrs, enum attribute_id id, uint32_t value);
int attribute_put_addr(struct radius_attrs *attrs, enum attribute_id id, struct in_addr address);
/* The first of a packet. */
bool attribute_get(struct buf attrs, enum attribute_id id, struct buf *value);

#endif
