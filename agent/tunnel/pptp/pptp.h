/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The PPTP server (a PAC that PNSs call): RFC 2637. */
#ifndef XPPPD_PPTP_H
#define XPPPD_PPTP_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "clock.h"
#include "index.h"
#include "tunnel/carrier.h"

struct conf;
struct log;
struct pptp;
struct pptp_connection;

#define PPTP_TEXT_MAX 64 /* room for a peer's string in escaped form */

/* One call of a control connection, embedded in struct session. What accounting tells of it stays
 * when the connection is gone. */
struct pptp_call {
	struct carrier carrier;             /* first */
	struct pptp_connection *connection; /* NULL when the driver does not know it (any more) */
	struct in_addr local, peer;
	uint32_t connection_id;
	uint16_t call_id, peer_call_id;
	uint32_t slot;
	uint16_t serial; /* Call Serial Number */
	uint16_t mru;
	char number[PPTP_TEXT_MAX]; /* that the peer has called, escaped */
	char peer_name[PPTP_TEXT_MAX];
	char local_name[65]; /* that the peer was told */
	/* the driver's own: */
	LIST_ENTRY(pptp_call) on_connection;
	struct index_node by_peer;
	struct ev_timer ack;  /* until what came in is acknowledged without a packet to ride on */
	uint16_t untold;      /* packets that came to the agent since the peer was told of any */
	uint16_t window;      /* how many un-acknowledged packets the peer bears, 0: any number */
	uint32_t told;        /* the newest number that the peer was told of from here */
	uint32_t sent, acked; /* the newest number that was sent from here, that the peer told of */
	struct mono progress; /* when that last moved on */
};

/* Slot: `first` + our call id, ids below `size`; 0: no calls. */
struct pptp_dims {
	uint32_t first, size;
};

int pptp_new(struct ev_loop *loop, const struct carrier_user *user, void *arg, struct log *log,
	     struct pptp_dims dims, struct pptp **pptp);
/* Takes the memory that pptp_configure() of this conf wants, so that it cannot fail for want of it.
 * -ENOMEM: nothing has changed. conf NULL: gives it back. */
int pptp_prepare(struct pptp *pptp, const struct conf *conf);
/* Opens, keeps or closes listeners so that they match conf; calls of listeners that are gone are
 * `lost`. The old conf may go when no session uses it. An error is that of the first listener that
 * could not be opened, which has been logged; or, of a conf that was not prepared, -ENOMEM: nothing
 * has changed, and the old one must not go. */
int pptp_configure(struct pptp *pptp, const struct conf *conf);
void pptp_free(struct pptp *pptp); /* sessions must be closed before */

struct pptp_call *pptp_by_slot(struct pptp *pptp, uint32_t slot);

/* One control connection, for `show tunnels`. Strings belong to the connection, are escaped, and
 * are valid during the call. */
struct pptp_connection_record {
	const char *tunnel; /* name of the tunnel statement */
	char local[24];     /* "192.0.2.1:1723" */
	char peer[24];
	const char *hostname, *vendor; /* of the peer */
	const char *state;
	uint32_t id;
	uint32_t calls;
	uint64_t echoes;   /* requests of ours that were answered */
	int64_t silence_s; /* since a message came */
	int64_t duration_s;
};
/* A position that survives connections coming and going; 0 at the start. */
bool pptp_next_connection(struct pptp *pptp, uint64_t *after, struct pptp_connection_record *out);
/* Ids of connections are this and up: no tunnel of another kind has them. */
#define PPTP_CONNECTION_FIRST 0x10000
/* Ends a control connection with all its calls (StopCCRQ); -ENOENT. */
int pptp_clear_connection(struct pptp *pptp, uint32_t id);

struct pptp_counters {
	uint64_t accepted, sccrq, sccrp, stop_in, stop_out, echo_in, echo_out, echo_timeout, ocrq,
		clear, disconnect_in, disconnect_out, link_info, ack_only;
	uint32_t connections, calls;
};
void pptp_counters(const struct pptp *pptp, struct pptp_counters *out);

#endif
