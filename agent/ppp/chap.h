/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* CHAP as authenticator: RFC 1994 (MD5), RFC 2759 (MS-CHAPv2). */
#ifndef XPPPD_CHAP_H
#define XPPPD_CHAP_H

struct packet;
struct ppp;

void chap_input(struct ppp *ppp, const struct packet *p);
void chap_send_challenge(struct ppp *ppp);
/* Success or Failure, after the step of authentication. */
void chap_send_answer(struct ppp *ppp);

#endif
