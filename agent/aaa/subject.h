/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What RADIUS is told of a session. Filled for the moment of a call: strings belong to the
 * session, the carrier and the configuration.
 */
#ifndef XPPPD_SUBJECT_H
#define XPPPD_SUBJECT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "ppp/ppp_state.h"
#include "tunnel/carrier.h"

struct conf;
struct conf_servers;
struct conf_tunnel;
struct profile;
struct radius_attrs;

#define SUBJECT_ID_LEN 16    /* of an Acct-Session-Id */
#define SUBJECT_TEXT_MAX 253 /* of an attribute's text */

/* RFC 2865 5.6 */
enum subject_service {
	SUBJECT_FRAMED = 2,
	SUBJECT_AUTHORIZE_ONLY = 17, /* RFC 5176 3.2 */
};

struct subject {
	char username[PPP_USERNAME_MAX + 1]; /* as it is sent: without what the realm strips */
	const struct conf_tunnel *tunnel;
	const struct carrier_info *carrier;
	uint32_t ppp_id;
	char session_id[SUBJECT_ID_LEN + 1]; /* Acct-Session-Id; "": none */
	uint32_t nas_port;                   /* the session's slot */
	enum subject_service service;        /* 0: SUBJECT_FRAMED */
	struct in_addr address;              /* 0 before IPCP */
	struct in_addr netmask;              /* sent beside the address unless 255.255.255.255 */
	uint16_t mtu;                        /* 0: not known yet */
	const struct profile *profile;       /* NULL before authentication */
};

/*
 * Writes all that is sent both to authenticate and to account: User-Name, NAS-*, Service-Type,
 * Framed-*, Calling- and Called-Station-Id, Acct-Session-Id, Tunnel-*, ADSL-Forum's attributes.
 * servers: those that it goes to. -EMSGSIZE: it does not fit.
 */
int subject_put(const struct subject *subject, const struct conf_servers *servers,
		struct radius_attrs *attrs);
/* What of it belongs to the agent, and to the tunnel; what does not fit sets attrs->overflow. */
void subject_put_nas(const struct conf *conf, const struct conf_servers *servers,
		     struct radius_attrs *attrs);
void subject_put_tunnel(const struct subject *subject, struct radius_attrs *attrs);
/* The Class attributes of its profile, which only accounting sends. -EMSGSIZE. */
int subject_put_classes(const struct subject *subject, struct radius_attrs *attrs);

/* What a session is called, and found by, in RADIUS. */
void subject_session_id(uint32_t start, uint32_t ppp_id, char out[SUBJECT_ID_LEN + 1]);
/* -EINVAL: it is none of this form. */
int subject_session_id_parse(const char *text, size_t len, uint32_t *start, uint32_t *ppp_id);
/* A number for each start of the agent, other than that of any other start. */
uint32_t subject_start(void);
/* NAS-Port-Id: interface and VLANs of PPPoE; tunnel and call of L2TP and PPTP. */
void subject_nas_port_id(const struct carrier_info *carrier, const char *protocol,
			 char out[SUBJECT_TEXT_MAX + 1]);
/* Called-Station-Id: the number that is called, or the service that is asked for, or else where the
 * call came in. */
const char *subject_called(const struct carrier_info *carrier, const struct conf_tunnel *tunnel);
/* Calling-Station-Id: circuit and remote id, or the number that calls, or the peer's address. */
void subject_calling(const struct carrier_info *carrier, char out[SUBJECT_TEXT_MAX + 1]);

#endif
