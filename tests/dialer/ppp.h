/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPP frames, and control packets with their options (RFC 1661 2, 5, 6). */
#ifndef DIALER_PPP_H
#define DIALER_PPP_H

#include <stdbool.h>

#include "wire.h"

struct call;
struct client;

#define PPP_MRU_DEFAULT 1492

enum ppp_proto {
	PPP_IP = 0x0021,
	PPP_COMP = 0x00fd, /* compressed; here encrypted */
	PPP_IPCP = 0x8021,
	PPP_CCP = 0x80fd,
	PPP_LCP = 0xc021,
	PPP_PAP = 0xc023,
	PPP_CHAP = 0xc223,
	PPP_EAP = 0xc227,
};

enum ppp_code {
	PPP_CONF_REQ = 1,
	PPP_CONF_ACK,
	PPP_CONF_NAK,
	PPP_CONF_REJ,
	PPP_TERM_REQ,
	PPP_TERM_ACK,
	PPP_CODE_REJ,
	PPP_PROTO_REJ,
	PPP_ECHO_REQ,
	PPP_ECHO_REP,
	PPP_DISCARD,
	PPP_IDENTIFICATION,
};

struct ppp_packet {
	uint8_t code, ident;
	struct rd data;
};

/* A session frame's payload. */
void ppp_input(struct client *client, struct call *call, struct rd r);
/* What was encrypted in one. False: it is no IP packet. */
bool ppp_sealed_input(struct client *client, struct call *call, struct rd r);

/* A frame with an IP packet of the session's traffic, encrypted if CCP says so. */
struct ppp_data {
	struct wr *w;
	size_t at;
	size_t header; /* MPPE's; 0: none */
};
/* The caller writes the packet to d->w. False: nothing may be sent now. */
bool ppp_begin_data(struct client *client, struct call *call, struct ppp_data *d);
void ppp_end_data(struct client *client, struct call *call, struct ppp_data *d);

void ppp_send(struct client *client, struct call *call, uint16_t proto, uint8_t code, uint8_t ident,
	      const void *data, size_t len);
bool ppp_parse(struct rd r, struct ppp_packet *packet);
bool ppp_option(struct rd *options, uint8_t *type, struct rd *value);
void ppp_put_option(struct wr *w, uint8_t type, const void *p, size_t len);

#endif
