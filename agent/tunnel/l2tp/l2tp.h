/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The L2TPv2 network server (LNS): RFC 2661, disconnect causes of RFC 3145. */
#ifndef XPPPD_L2TP_H
#define XPPPD_L2TP_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "tunnel/carrier.h"

struct conf;
struct conf_tunnel;
struct l2tp;
struct log;

/* One call of a control connection, embedded in struct session. */
struct l2tp_call {
	struct carrier carrier; /* first */
	struct l2tp_tunnel *tunnel;
	uint16_t session_id;      /* ours */
	uint16_t peer_session_id;
	uint32_t slot;
	/* the driver's links, called and calling number, proxy LCP and authentication, what
	 * accounting needs of the AVPs stand here */
};

/* Slots: `first` on, `spaces` of `space_size` session ids each, the space is the tunnel id modulo
 * `spaces`. */
struct l2tp_dims {
	uint32_t first, spaces, space_size;
};

int l2tp_new(struct ev_loop *loop, const struct carrier_user *user, void *arg, struct log *log,
	     struct l2tp_dims dims, struct l2tp **l2tp);
/* Opens, keeps or closes listeners so that they match conf; calls of listeners that are gone are
 * `lost`. */
int l2tp_configure(struct l2tp *l2tp, const struct conf *conf);
void l2tp_free(struct l2tp *l2tp); /* sessions must be closed before */

struct l2tp_call *l2tp_by_slot(struct l2tp *l2tp, uint32_t slot);

/* One control connection, for `show tunnels`. Strings belong to the tunnel, are escaped, and are
 * valid during the call. */
struct l2tp_tunnel_record {
	const char *tunnel;    /* name of the tunnel statement */
	char local[64];        /* "192.0.2.1:1701" */
	char peer[64];
	const char *hostname, *vendor; /* of the peer */
	const char *state;
	uint16_t tunnel_id, peer_tunnel_id;
	uint32_t sessions;
	uint16_t window;       /* the peer's receive window */
	uint32_t queued;       /* messages waiting for it */
	uint64_t retransmits;
	bool ipsec;
	int64_t duration_s;
};
/* A position that survives tunnels coming and going; 0 at the start. */
bool l2tp_next_tunnel(struct l2tp *l2tp, uint64_t *after, struct l2tp_tunnel_record *out);
/* Ends a control connection with all its calls (StopCCN); -ENOENT. */
int l2tp_clear_tunnel(struct l2tp *l2tp, uint16_t tunnel_id);

struct l2tp_counters {
	uint64_t sccrq, sccrp, stopccn_in, stopccn_out, icrq, cdn_in, cdn_out, hello_timeout,
		retransmits, duplicates;
	uint32_t tunnels, calls;
};
void l2tp_counters(const struct l2tp *l2tp, struct l2tp_counters *out);

#endif
