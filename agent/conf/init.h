/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Every default of the configuration, and how its parts are freed. */
#ifndef XPPPD_CONF_INIT_H
#define XPPPD_CONF_INIT_H

#include "conf/conf.h"

#define CONF_PORT_L2TP 1701
#define CONF_PORT_PPTP 1723
#define CONF_PORT_RADIUS_AUTH 1812
#define CONF_PORT_RADIUS_ACCT 1813
#define CONF_PORT_RADIUS_DAE 3799
#define CONF_PORT_RADSEC 2083
#define CONF_SECRET_RADSEC "radsec" /* RFC 6614 2.3 */
#define CONF_PORT_METRICS 8863

void conf_init(struct conf *conf);
void conf_tunnel_init(struct conf_tunnel *tunnel, enum conf_protocol protocol);
void conf_ipcp_init(struct conf_ipcp *ipcp);
void conf_auth_init(struct conf_auth *auth, enum conf_auth_type type);

/* The members and the struct itself; NULL is fine. */
void conf_tunnel_free(struct conf_tunnel *tunnel);
void conf_ipcp_free(struct conf_ipcp *ipcp);
void conf_auth_free(struct conf_auth *auth);
/* Overwrites a string, then frees it. */
void conf_secret_free(char *secret);

#endif
