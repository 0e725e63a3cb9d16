/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions over PPTP: all control connections of a run, and the socket for GRE that their calls
 * share. */
#ifndef DIALER_PPTP_H
#define DIALER_PPTP_H

#include "connection.h"
#include "dgram.h"
#include "gre.h"
#include "wheel.h"

/* The last one of the server. */
struct pptp_result {
	uint64_t count;
	uint8_t result, error;
};

struct pptp_stats {
	uint64_t established; /* control connections, each time one came up */
	uint64_t timeouts;    /* given up without an answer, opening or up */
	uint64_t lost;        /* were up, and ended by the server or by a time-out */
	uint64_t sent, received;
	uint64_t echo_sent, echo_answered, echo_received;
	uint64_t link_info;  /* Set-Link-Info */
	uint64_t hung_up;    /* Call-Disconnect-Notify for a call that we have cleared */
	uint64_t unexpected; /* messages that do not fit the state */
	uint64_t strangers;  /* packets of calls that are not ours */
	struct pptp_result refused, stopped, disconnected; /* SCCRP, StopCCRQ, CDN and OCRP */
};

struct pptp {
	int epoll;
	struct dgram *gre;
	struct wheel wheel;            /* of connections */
	struct wheel acks;             /* of calls' struct gre_flow */
	struct connection *connection; /* opt.tunnels */
	uint16_t first_id;
	uint32_t server_window; /* of packets, the last that the server named */
	struct pptp_stats stats;
	struct gre_stats data;
};

/* The calls of a connection are those whose nth leaves its nth when divided by --tunnels. */
struct connection *pptp_connection(const struct client *client, const struct call *call);
/* The call of a call id of ours, or NULL. */
struct call *pptp_call(struct client *client, uint16_t id);
/* The call id for a call's next dial. */
uint16_t pptp_call_id(const struct client *client, const struct call *call);
/* The server knows the call: numbers begin anew. */
void pptp_begin_call(struct client *client, struct call *call);

#endif
