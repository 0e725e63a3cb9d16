/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What a Disconnect- or CoA-Request says, RFC 5176 3: which NAS and which sessions it means, and
 * what is to become of them.
 */
#ifndef XPPPD_DAE_REQUEST_H
#define XPPPD_DAE_REQUEST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "aaa/dae_error.h"
#include "aaa/radius_packet.h"
#include "aaa/subject.h"
#include "session.h"

struct profile;

/* Attributes with a part in replies, or before a request is read. */
enum dae_type {
	DAE_SERVICE_TYPE = 6,
	DAE_PROXY_STATE = 33,
	DAE_EVENT_TIMESTAMP = 55,
	DAE_ERROR_CAUSE = 101,
};

/* Who we are, as far as requests may ask. */
struct dae_nas {
	const char *id;                 /* NAS-Identifier */
	const struct sockaddr *address; /* that RADIUS is told; AF_UNSPEC: any of ours */
};

enum dae_text {
	DAE_SESSION_ID,
	DAE_USER_NAME,
	DAE_CALLING,
	DAE_CALLED,
	DAE_PORT_ID,
	DAE_TEXTS,
};

struct dae_request {
	uint8_t code;
	const struct dae_nas *nas;
	struct session_filter filter; /* its strings are in text */
	char text[DAE_TEXTS][RADIUS_VALUE_MAX + 1];
	uint64_t seen;          /* standard attributes below 64 that may come but once */
	uint64_t seen_above;    /* likewise, those from 64 to 127 */
	bool identified;        /* something says which session */
	bool authorize_only;    /* Service-Type, RFC 5176 3.2 */
	bool reauthenticate;    /* the peer */
	struct buf state;       /* of the packet */
	struct profile *change; /* what is granted from now on */
	const char *why;        /* more about what is wrong; NULL: nothing */
};

/* packet has been verified. DAE_DONE: request is to be cleared by dae_request_clear(); anything
 * else is why it must be refused. */
enum dae_error dae_request_read(const struct radius_packet *packet, const struct dae_nas *nas,
				struct dae_request *request);
void dae_request_clear(struct dae_request *request);

#endif
