/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What a round of EAP adds to an Access-Request and takes from its Access-Challenge: RFC 3579. The
 * names of such users are sent as the peer gave them (2.1): nothing is stripped. Framed-MTU
 * is to be the request's mtu (2.4).
 */
#ifndef XPPPD_RADIUS_EAP_H
#define XPPPD_RADIUS_EAP_H

#include <stddef.h>
#include <stdint.h>

#include "aaa/radius_packet.h"

struct ppp_auth_reply;
struct ppp_auth_request;
struct radius_reply;

/* What a server wants back with the next round of the same login (RFC 2865 5.24). */
struct aaa_state {
	unsigned int server; /* radius_reply.server: nobody else understands it */
	size_t len;          /* 0: it wants nothing back */
	uint8_t value[];
};

/* EAP-Message and State. state: of the round before, NULL at first. -EMSGSIZE. */
int radius_eap_put(const struct ppp_auth_request *request, const struct aaa_state *state,
		   struct radius_attrs *attrs);
/*
 * Makes a reply of an Access-Challenge. packet holds what reply->eap points to. -EPROTO: without an
 * EAP packet it is none; -EMSGSIZE, -ENOMEM; then nothing is written.
 */
int radius_eap_take(const struct radius_reply *challenge, uint8_t packet[RADIUS_MAX],
		    struct ppp_auth_reply *reply, struct aaa_state **state);

#endif
