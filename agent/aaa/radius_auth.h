/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A login in attributes: what the peer proves himself with goes into an Access-Request (RFC 2865
 * 4.1, RFC 2548 2, RFC 3579 3.1), and what the server answers comes out of its reply.
 */
#ifndef XPPPD_RADIUS_AUTH_H
#define XPPPD_RADIUS_AUTH_H

#include <stdint.h>

#include "aaa/aaa.h"
#include "aaa/radius.h"

/* state: of the round of EAP before, NULL at first. -EINVAL: no server could be asked that;
 * -EMSGSIZE. */
int radius_auth_put(const struct ppp_auth_request *request, const struct aaa_state *state,
		    struct radius_attrs *attrs);

struct dictionary;

/* What a reply is to. */
struct radius_auth {
	enum ppp_auth method; /* PPP_AUTH_NONE: nothing but what is granted is asked */
	const char *username; /* for the log */
	struct log *log;
	const struct dictionary *dictionary; /* NULL: numbers will do */
};

/* Fills result->ppp, with what it grants result->profile, and if the peer is challenged
 * result->state. What is wrong is logged and ends in a reject. eap: room for a packet that
 * result->ppp points to. */
void radius_auth_read(const struct radius_auth *auth, const struct radius_reply *reply,
		      struct aaa_result *result, uint8_t eap[RADIUS_MAX]);

#endif
