/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The phases of a link, RFC 1661 3: how LCP, authentication, IPCP and CCP follow each other. */
#ifndef XPPPD_PHASE_H
#define XPPPD_PHASE_H

#include "cause.h"

struct ppp;

void phase_init(struct ppp *ppp);
/* The carrier is up. */
void phase_start(struct ppp *ppp);
/* The carrier is up, and LCP is open without a packet of ours. */
void phase_adopt(struct ppp *ppp);
/* LCP is open, is not any more, has finished. */
void phase_link_up(struct ppp *ppp);
void phase_link_down(struct ppp *ppp);
void phase_over(struct ppp *ppp);
/* The peer has asked LCP or IPCP to terminate. */
void phase_hung_up(struct ppp *ppp);
/* The peer is who it says. */
void phase_admit(struct ppp *ppp);
/* IPCP is open, or CCP with keys. */
void phase_network_up(struct ppp *ppp);
/* IPCP is open no more. */
void phase_network_down(struct ppp *ppp);
/* What may pass has changed. */
void phase_watch(struct ppp *ppp);
/* Ends the link in order; the first cause stays. */
void phase_terminate(struct ppp *ppp, enum cause cause);
/* Ends it at once, without a packet or a call to the owner. */
void phase_stop(struct ppp *ppp);

#endif
