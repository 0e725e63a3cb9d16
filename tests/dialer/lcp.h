/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* LCP, client side (RFC 1661 6, RFC 1570 for Identification). */
#ifndef DIALER_LCP_H
#define DIALER_LCP_H

#include "ppp.h"

void lcp_start(struct client *client, struct call *call);
/* As if LCP were done already: writes the options that we had asked for (proxy LCP). */
void lcp_proxied(struct client *client, struct call *call, struct wr *options);
/* Sends the Configure-Request; arms the call's timer. */
void lcp_send_request(struct client *client, struct call *call);
void lcp_send_terminate(struct client *client, struct call *call);
void lcp_send_echo(struct client *client, struct call *call);
/* whole: the packet with its header, for a Code-Reject. */
void lcp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
	       struct rd whole);

#endif
