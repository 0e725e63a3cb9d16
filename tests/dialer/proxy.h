/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Proxy LCP and proxy authentication (RFC 2661 4.4.5): what a LAC that spoke with the client
 * itself tells the LNS of it. Here the dialer was both of them. */
#ifndef DIALER_PROXY_H
#define DIALER_PROXY_H

#include "avp.h"

struct call;
struct client;

/* Writes the AVPs of the ICCN, for a conversation that it makes up. */
void proxy_put(struct client *client, struct call *call, struct wr *w, struct avp_key *key);
/* The call waits for the LNS to go on from there: success of the authentication, IPCP, or
 * LCP anew. */
void proxy_start(struct client *client, struct call *call);

#endif
