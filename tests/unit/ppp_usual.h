/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The configuration of links on a bench: the usual one but for the methods of authentication. */
#ifndef PPP_USUAL_H
#define PPP_USUAL_H

#include "ppp/ppp_conf.h"

static inline struct ppp_conf ppp_usual(bool pap, bool chap, bool mschapv2)
{
	return (struct ppp_conf){
		.mru = 1492,
		.auth_pap = pap,
		.auth_chap = chap,
		.auth_mschapv2 = mschapv2,
		.chap_name = "ac1",
		.keepalive = true,
		.keepalive_interval = 300,
		.keepalive_retry_interval = 60,
		.keepalive_max_retries = 3,
		.lcp_timeout = 3,
		.lcp_max_configure = 10,
		.lcp_max_terminate = 2,
		.lcp_max_nak_loop = 5,
		.ipcp_timeout = 3,
		.ipcp_max_configure = 10,
		.ipcp_max_terminate = 2,
		.ipcp_max_nak_loop = 5,
		.ccp_timeout = 3,
		.ccp_max_configure = 10,
		.ccp_max_terminate = 2,
		.ccp_max_nak_loop = 5,
		.mppe_40 = true,
		.mppe_56 = true,
		.mppe_128 = true,
		.mppe_stateful = true,
		.mppe_stateless = true,
	};
}

#endif
