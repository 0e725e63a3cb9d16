/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Keepalive of an open link: LCP Echo-Requests (RFC 1661 5.8) after silence. */
#ifndef XPPPD_ECHO_H
#define XPPPD_ECHO_H

struct ppp;

void echo_init(struct ppp *ppp);
void echo_start(struct ppp *ppp);
void echo_stop(struct ppp *ppp);

#endif
