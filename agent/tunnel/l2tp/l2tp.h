/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The L2TPv2 network server (LNS): RFC 2661, disconnect causes of RFC 3145. */
#ifndef XPPPD_L2TP_H
#define XPPPD_L2TP_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "index.h"
#include "tunnel/carrier.h"
#include "tunnel/l2tp/l2tp_addr.h"

struct conf;
struct conf_tunnel;
struct l2tp;
struct l2tp_proxy;
struct l2tp_tunnel;
struct log;

#define L2TP_TEXT_MAX 64 /* room for a peer's string in escaped form */

/* One call of a control connection, embedded in struct session. What accounting tells of it stays
 * when the tunnel is gone. */
struct l2tp_call {
	struct carrier carrier;     /* first */
	struct l2tp_tunnel *tunnel; /* NULL when the driver does not know it (any more) */
	struct l2tp_path path;
	uint16_t tunnel_id, peer_tunnel_id;
	uint16_t session_id; /* ours */
	uint16_t peer_session_id;
	uint32_t slot;
	uint32_t serial;             /* Call Serial Number */
	uint32_t tx_speed, rx_speed; /* bits per second, as the LAC sees them; 0: not told */
	uint16_t mru;
	bool ipsec;
	bool sequencing; /* the peer requires it, or the configuration uses it and the peer does */
	char called[L2TP_TEXT_MAX], calling[L2TP_TEXT_MAX]; /* escaped */
	char sub_address[L2TP_TEXT_MAX];
	char peer_name[L2TP_TEXT_MAX]; /* host name of the LAC */
	char local_name[65];           /* what the LAC was told */
	/* the driver's own: */
	LIST_ENTRY(l2tp_call) on_tunnel;
	struct index_node by_peer;
	struct ev_timer setup; /* until ICCN */
	struct l2tp_proxy *proxy;
	uint16_t nr;      /* of the peer's next one */
	uint64_t nr_seen; /* of the 64 before nr, the last in bit 0 */
	uint8_t nr_lost;  /* that were too late, in a row */
	bool nr_known;    /* a sequence number came */
	bool established; /* ICCN came */
};

/* Slots: `first` on, `spaces` of `space_size` session ids each, the space is the tunnel id modulo
 * `spaces`. */
struct l2tp_dims {
	uint32_t first, spaces, space_size;
};

int l2tp_new(struct ev_loop *loop, const struct carrier_user *user, void *arg, struct log *log,
	     struct l2tp_dims dims, struct l2tp **l2tp);
/* Takes the memory that l2tp_configure() of this conf wants, so that it cannot fail for want of it.
 * -ENOMEM: nothing has changed. conf NULL: gives it back. */
int l2tp_prepare(struct l2tp *l2tp, const struct conf *conf);
/* Opens, keeps or closes listeners so that they match conf; calls of listeners that are gone are
 * `lost`. The old conf may go when no session uses it. An error is that of the first listener that
 * could not be opened, which has been logged; or, of a conf that was not prepared, -ENOMEM: nothing
 * has changed, and the old one must not go. */
int l2tp_configure(struct l2tp *l2tp, const struct conf *conf);
void l2tp_free(struct l2tp *l2tp); /* sessions must be closed before */

struct l2tp_call *l2tp_by_slot(struct l2tp *l2tp, uint32_t slot);

/* One control connection, for `show tunnels`. Strings belong to the tunnel, are escaped, and are
 * valid during the call. */
struct l2tp_tunnel_record {
	const char *tunnel; /* name of the tunnel statement */
	char local[64];     /* "192.0.2.1:1701" */
	char peer[64];
	const char *hostname, *vendor; /* of the peer */
	const char *state;
	uint16_t tunnel_id, peer_tunnel_id;
	uint32_t sessions;
	uint16_t window; /* the peer's receive window */
	uint32_t queued; /* messages waiting for it */
	uint64_t retransmits;
	bool ipsec;
	int64_t duration_s;
};
/* Those that the peer has ended are not told of, though repetitions of its StopCCN are still
 * acknowledged. A position that survives tunnels coming and going; 0 at the start. */
bool l2tp_next_tunnel(struct l2tp *l2tp, uint64_t *after, struct l2tp_tunnel_record *out);
/* Ends a control connection with all its calls (StopCCN); -ENOENT. */
int l2tp_clear_tunnel(struct l2tp *l2tp, uint16_t tunnel_id);

struct l2tp_counters {
	uint64_t sccrq, sccrp, stopccn_in, stopccn_out, icrq, cdn_in, cdn_out, hello_timeout,
		retransmits, duplicates;
	uint32_t tunnels, calls; /* now; those that linger after StopCCN are none */
};
void l2tp_counters(const struct l2tp *l2tp, struct l2tp_counters *out);

#endif
