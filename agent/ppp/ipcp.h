/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The IP Control Protocol, RFC 1332, with name servers, RFC 1877. */
#ifndef XPPPD_IPCP_H
#define XPPPD_IPCP_H

struct ppp;

enum ipcp_option {
	IPCP_OPT_ADDRESS = 3,
	IPCP_OPT_DNS1 = 129,
	IPCP_OPT_NBNS1,
	IPCP_OPT_DNS2,
	IPCP_OPT_NBNS2,
};

void ipcp_init(struct ppp *ppp);
/* The network phase begins, ends. */
void ipcp_lower_up(struct ppp *ppp);
void ipcp_lower_down(struct ppp *ppp);
/* Timers off, without any action. */
void ipcp_stop(struct ppp *ppp);

#endif
