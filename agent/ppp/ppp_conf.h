/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What a `tunnel` statement says of PPP. Part of struct conf_tunnel; links keep a
 * pointer to it and it outlives them. */
#ifndef XPPPD_PPP_CONF_H
#define XPPPD_PPP_CONF_H

#include <stdbool.h>
#include <stdint.h>

enum ppp_auth {
	PPP_AUTH_NONE,
	PPP_AUTH_PAP,
	PPP_AUTH_CHAP_MD5,
	PPP_AUTH_MSCHAPV2,
	PPP_AUTH_EAP,
	/* only in requests: a new password, in answer to MS-CHAPv2's error 648 */
	PPP_AUTH_MSCHAPV2_CHANGE,
};
#define PPP_AUTH_METHODS 4 /* that LCP can ask for */

enum ppp_mppe {
	PPP_MPPE_NO,
	PPP_MPPE_YES,
	PPP_MPPE_REQUIRED,
};

struct ppp_conf {
	uint16_t mru;
	/* the methods that are allowed; the strongest is asked for first
	 * (EAP, MS-CHAPv2, CHAP-MD5, PAP) and a Nak chooses another */
	bool auth_pap, auth_chap, auth_mschapv2, auth_eap;
	char chap_name[64]; /* name in challenges; empty: the host name */
	bool keepalive;
	unsigned int keepalive_interval;       /* seconds of silence before an echo */
	unsigned int keepalive_retry_interval; /* seconds */
	unsigned int keepalive_max_retries;
	unsigned int lcp_timeout; /* restart timer, seconds */
	unsigned int lcp_max_configure;
	unsigned int lcp_max_terminate;
	unsigned int lcp_max_nak_loop;
	unsigned int ipcp_timeout;
	unsigned int ipcp_max_configure;
	unsigned int ipcp_max_terminate;
	unsigned int ipcp_max_nak_loop;
	unsigned int ccp_timeout;
	unsigned int ccp_max_configure;
	unsigned int ccp_max_terminate;
	unsigned int ccp_max_nak_loop;
	enum ppp_mppe mppe;
	bool mppe_40, mppe_56, mppe_128; /* key lengths that are allowed */
	bool mppe_stateful, mppe_stateless;
};

#endif
