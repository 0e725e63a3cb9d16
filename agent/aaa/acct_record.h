/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What accounting has to tell of one session (or tunnel, or of the agent itself), as it is kept on
 * disk and as it is told: a head that changes with every update, and a body that hardly ever does,
 * the attributes that name the session.
 */
#ifndef XPPPD_ACCT_RECORD_H
#define XPPPD_ACCT_RECORD_H

#include <stdint.h>

#include "buf.h"

struct radius_attrs;

enum acct_kind {
	ACCT_SESSION = 1,
	ACCT_TUNNEL, /* Tunnel-Start and -Stop of RFC 2867 */
	ACCT_ON,     /* Accounting-On, */
	ACCT_OFF,    /* Accounting-Off: single messages */
};

/* What is still to be told; the lowest first. */
enum acct_due {
	ACCT_DUE_START = 1 << 0,
	ACCT_DUE_LINK_START = 1 << 1, /* RFC 2867 3.3 */
	ACCT_DUE_INTERIM = 1 << 2,
	ACCT_DUE_LINK_STOP = 1 << 3, /* RFC 2867 3.4 */
	ACCT_DUE_STOP = 1 << 4,
};
#define ACCT_DUE_ALL 0x1f

/* "Input" is what came from the user, RFC 2866 5.3. */
struct acct_traffic {
	uint64_t in_octets, in_packets, out_octets, out_packets;
	uint64_t lost; /* packets dropped */
};

struct acct_record {
	uint64_t id;    /* Acct-Session-Id: start of the agent, number */
	uint64_t seq;   /* smaller: to be told earlier */
	uint8_t kind;   /* enum acct_kind */
	uint8_t due;    /* enum acct_due */
	uint8_t cause;  /* Acct-Terminate-Cause of RFC 2866 5.10 */
	uint8_t linked; /* 1: the messages of a tunnel's link are told, too */
	uint32_t session_s;
	uint32_t body;   /* acct_body_id() of the body that is kept with it */
	int64_t started; /* wall clock: the Start */
	int64_t event;   /* of the numbers below, and of interim or Stop */
	struct acct_traffic traffic;
};

#define ACCT_KEY 9
#define ACCT_HEAD 80
#define ACCT_NAME_MAX 255
#define ACCT_BODY_MAX (5 + 1 + ACCT_NAME_MAX + 4096)

void acct_key_write(const struct acct_record *record, uint8_t key[ACCT_KEY]);
int acct_key_read(struct buf key, struct acct_record *record); /* kind and id; -EBADMSG */
void acct_head_write(const struct acct_record *record, uint8_t head[ACCT_HEAD]);
/* Both come from a file that may be damaged: -EBADMSG. */
int acct_record_read(struct buf key, struct buf head, struct acct_record *record);

/* name: the `authentication` statement whose servers are told. The length; -EMSGSIZE. */
int acct_body_write(const char *name, struct buf attrs, uint8_t *out, size_t cap);
/* name: a string. attrs: well-formed attributes, within body. -EBADMSG. */
int acct_body_read(struct buf body, char name[ACCT_NAME_MAX + 1], struct buf *attrs);

/* Equal for equal bodies. */
uint32_t acct_body_id(struct buf body);

/* The next message: one of enum acct_due, 0 if all is told. */
unsigned int acct_record_next(const struct acct_record *record);
/* Adds what belongs to that message to the body's attributes. -EMSGSIZE. */
int acct_record_put(const struct acct_record *record, unsigned int due, struct radius_attrs *attrs);

#endif
