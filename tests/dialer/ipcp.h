/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* IPCP, client side (RFC 1332, RFC 1877). */
#ifndef DIALER_IPCP_H
#define DIALER_IPCP_H

#include "ppp.h"

void ipcp_start(struct client *client, struct call *call);
/* The call's timer is over: sends the Configure-Request again, if that is what is waited for. */
void ipcp_again(struct client *client, struct call *call);
/* The session may come up, if it waited for that alone. */
void ipcp_resume(struct client *client, struct call *call);
void ipcp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
		struct rd whole);

#endif
