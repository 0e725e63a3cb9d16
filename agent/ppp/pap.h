/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The Password Authentication Protocol, RFC 1334 2, as authenticator. */
#ifndef XPPPD_PAP_H
#define XPPPD_PAP_H

struct packet;
struct ppp;

void pap_input(struct ppp *ppp, const struct packet *p);
/* Authenticate-Ack or -Nak, after the step of authentication. */
void pap_send_answer(struct ppp *ppp);

#endif
