/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Authentication of the peer by the method that LCP agreed on: PAP, CHAP-MD5, MS-CHAPv2 or EAP. */
#ifndef XPPPD_AUTH_H
#define XPPPD_AUTH_H

#include <stdint.h>

#include "buf.h"

struct ppp;
struct ppp_auth_reply;

/* What the peer will need MS-CHAPv2 errors for, RFC 2759 6. */
enum auth_mschap_error {
	AUTH_MSCHAP_PASSWORD_EXPIRED = 648,
	AUTH_MSCHAP_FAILURE = 691,
	AUTH_MSCHAP_CHANGING_PASSWORD = 709,
};

void auth_init(struct ppp *ppp);
/* The authentication phase begins, or is over by other means. */
void auth_start(struct ppp *ppp);
void auth_stop(struct ppp *ppp);
/* The link is up. */
void auth_settled(struct ppp *ppp);
/* A packet of PAP, CHAP or EAP. */
void auth_input(struct ppp *ppp, uint16_t proto, struct buf frame);

/* ---- for the methods */

/* The peer has answered: asks the owner, or rejects it at once. */
void auth_submit(struct ppp *ppp, struct buf name, struct buf response);
/* MS-CHAPv2: wants another password. */
void auth_submit_change(struct ppp *ppp, struct buf response);
/* EAP: goes on. */
void auth_continue(struct ppp *ppp, struct buf response);
/* Ends the wait for the owner, or the peer's try, with this answer. */
void auth_answer(struct ppp *ppp, const struct ppp_auth_reply *reply);

#endif
