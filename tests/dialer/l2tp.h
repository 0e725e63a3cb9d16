/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions over L2TPv2: all tunnels of a run, their sockets, and data messages (RFC 2661 3.1). */
#ifndef DIALER_L2TP_H
#define DIALER_L2TP_H

#include "tunnel.h"
#include "dgram.h"
#include "wheel.h"

/* The header's first two bytes. */
#define L2TP_TYPE 0x8000 /* a control message */
#define L2TP_LENGTH 0x4000
#define L2TP_SEQUENCE 0x0800
#define L2TP_OFFSET 0x0200
#define L2TP_VERSION 0x0002

struct l2tp_header {
	uint16_t flags, tunnel, session, ns, nr;
};

/* The last StopCCN or CDN of the server. */
struct l2tp_result {
	uint64_t count;
	uint16_t result, error;
};

struct l2tp_stats {
	uint64_t established;   /* control connections, each time one came up */
	uint64_t timeouts;      /* given up without an answer, opening or up */
	uint64_t moved;         /* connections that went on from another port */
	uint64_t lost;          /* were up, and ended by the server or by a time-out */
	uint64_t second_tunnel; /* a repeated SCCRQ was answered with another tunnel id */
	uint64_t sent, received, retransmissions, duplicates, ahead, acks_sent, acks_received;
	uint64_t hello_sent, hello_received;
	uint64_t bad_response; /* the server does not know the secret */
	uint64_t strangers;    /* messages to a tunnel that is not ours, of before a restart */
	uint64_t unexpected;   /* messages that do not fit the state */
	struct l2tp_result stopccn, cdn;
	/* data messages */
	uint64_t sequenced, unsequenced;
	uint64_t sequence_gaps, sequence_late;
};

struct l2tp {
	struct dgram *dgram;
	struct wheel wheel;
	struct tunnel *tunnel; /* opt.tunnels */
	uint32_t per_tunnel;   /* calls of each, rounded up */
	uint16_t first_id;
	bool moved;
	struct l2tp_stats stats;
};

/* The calls of a tunnel are those whose nth leaves its nth when divided by --tunnels. */
struct tunnel *l2tp_tunnel(const struct client *client, const struct call *call);
/* The call of a session id of ours, or NULL. */
struct call *l2tp_call(struct client *client, const struct tunnel *t, uint16_t sid);
/* The session id for a call's next dial. */
uint16_t l2tp_session_id(const struct client *client, const struct call *call);
uint16_t l2tp_tunnel_id(const struct client *client, uint32_t nth);

/* Takes the header off and cuts *r to the length, if there is one. */
bool l2tp_parse(struct rd *r, struct l2tp_header *h);

#endif
