/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* IPCP, client side (RFC 1332, RFC 1877). */
#ifndef DIALER_IPCP_H
#define DIALER_IPCP_H

#include "ppp.h"

void ipcp_start(struct client *client, struct call *call);
/* Sends the Configure-Request; arms the call's timer. */
void ipcp_send_request(struct client *client, struct call *call);
void ipcp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
		struct rd whole);

#endif
