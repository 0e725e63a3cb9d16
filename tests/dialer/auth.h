/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PAP (RFC 1334), CHAP-MD5 (RFC 1994) and MS-CHAPv2 (RFC 2759), the side that is asked. */
#ifndef DIALER_AUTH_H
#define DIALER_AUTH_H

#include "ppp.h"

/* Judges the Authentication-Protocol option of the server's LCP request. */
enum ppp_code auth_judge(struct client *client, struct call *call, struct rd value, struct wr *nak);
/* LCP is open. Goes on to IPCP if the server asked for no authentication. */
void auth_start(struct client *client, struct call *call);
/* The server takes the client as authenticated, with or without saying so. */
void auth_accepted(struct client *client, struct call *call);
/* Is there something to repeat when nothing comes? */
bool auth_repeats(const struct call *call);
/* Nothing came in time. */
void auth_again(struct client *client, struct call *call);
void auth_input(struct client *client, struct call *call, uint16_t proto,
		const struct ppp_packet *packet);

/* ---- for EAP */

#define AUTH_TEXT_MAX 256
void auth_expand(const struct client *client, const struct call *call, const char *template,
		 char text[AUTH_TEXT_MAX]);
/* The response to a challenge of MS-CHAPv2, in call->response. False: the call has failed. */
bool auth_mschap(struct client *client, struct call *call, const uint8_t *challenge,
		 const char *template);
/* Does the server's "S=" prove that it knows the password? False: the call has failed. */
bool auth_proven(struct client *client, struct call *call, struct rd message);

#endif
