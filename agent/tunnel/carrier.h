/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What a tunnel driver and a session know of each other. A carrier is one call of a
 * driver (a PPPoE session, an L2TP or PPTP call); it is embedded in the session,
 * which owns its memory. Drivers keep pointers to carriers only between accept and
 * close.
 */
#ifndef XPPPD_CARRIER_H
#define XPPPD_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xpppd/reason.h>

#include "buf.h"
#include "cause.h"

struct carrier;
struct conf_tunnel;
struct dp_session;
struct work;

/* How a carrier is shown, and found by its peer. Strings belong to the carrier. */
struct carrier_info {
	char peer[64];                                /* "02:00:00:00:00:01" */
	char device[32];                              /* "access0", "access0.100.200" */
	uint16_t id;                                  /* PPPoE session id */
	const char *service, *circuit_id, *remote_id; /* escaped; "" if absent */
	/* L2TP, PPTP: numbers of the call, host name and our id of the tunnel; "" and 0 if absent */
	const char *called, *calling, *peer_name;
	uint32_t tunnel_id;
	/* For accounting of tunnels, RFC 2867 and 2868: our end's address and host name, and the
	 * number by which both ends know the call; "" and 0 if absent. All of it stays when the
	 * carrier is closed. */
	char local[64];
	const char *local_name;
	uint32_t serial;
};

enum carrier_proxy_auth {
	CARRIER_PROXY_NONE,
	CARRIER_PROXY_PAP,
	CARRIER_PROXY_CHAP_MD5,
};

/* What somebody between us and the subscriber has negotiated with him. Buffers belong to the
 * carrier. */
struct carrier_proxy {
	struct buf sent_lcp, received_lcp; /* options of the last Configure-Requests, his second */
	enum carrier_proxy_auth auth;
	struct buf name, challenge, response; /* PAP: the response is the password */
	uint8_t ident;
	bool may_renegotiate; /* if this cannot be taken over */
};

struct carrier_ops {
	const char *name; /* "pppoe" */
	bool ip_input;    /* IP packets may come up even of sessions that are not slow */
	bool acfc;        /* address and control fields may be left out (RFC 1661 6.6) */
	size_t size;      /* of the driver's struct that begins with struct carrier */
	/* Sends one PPP frame. */
	void (*send)(struct carrier *c, uint16_t proto, const uint8_t *info, size_t len);
	/* Tells the peer (PADT) and removes the carrier from the driver's indexes;
	 * afterwards the driver does not know it. Idempotent. */
	void (*close)(struct carrier *c, enum cause cause);
	/* Fills the driver's part of the data plane's description. */
	void (*describe)(const struct carrier *c, struct dp_session *dp);
	void (*info)(const struct carrier *c, struct carrier_info *info);
	/* Largest MRU it bears. */
	uint16_t (*mru)(const struct carrier *c);
	/* Tells the peer what came in, because nothing else is sent that would. NULL: not needed. */
	void (*acknowledge)(struct carrier *c);
	/* False: PPP starts from nothing. NULL: always so. */
	bool (*proxy)(const struct carrier *c, struct carrier_proxy *proxy);
};

struct carrier {
	const struct carrier_ops *ops;
	const struct conf_tunnel *tunnel;
	void *session;     /* owner, set by accept */
	int64_t waited_ms; /* before accept, if the driver knows since when the peer asks */
};

/* How much there is to do. */
struct carrier_load {
	uint32_t sessions, half_open; /* of all drivers */
	enum xp_reason busy;          /* why no new peer is taken at the moment; XP_R_NONE: it is */
};

/* What drivers ask of the session layer. */
struct carrier_user {
	/* A peer wants a session: returns memory of ops->size for it, zeroed but for
	 * ops, tunnel and session, or NULL (limits, memory). */
	struct carrier *(*accept)(void *user, const struct carrier_ops *ops,
				  const struct conf_tunnel *tunnel);
	/* Asked before anything is done for a peer that has no session yet. Those that have one come
	 * first. */
	void (*load)(void *user, struct carrier_load *load);
	/* What came for sessions, or may have, has been waiting so long and still does: the socket
	 * had its turn and was not read empty. */
	void (*waiting)(void *user, int64_t us);
	/* The driver has filled the carrier and told the peer: PPP may start. */
	void (*started)(void *user, struct carrier *c);
	/* accept is taken back before `started`. */
	void (*aborted)(void *user, struct carrier *c);
	/* A PPP frame came in. */
	void (*input)(void *user, struct carrier *c, struct buf frame);
	/* The peer hung up or the device vanished; the session calls close from here. */
	void (*lost)(void *user, struct carrier *c, enum cause cause);
	/* Does in slices what is too much for one turn of the loop, such as to lose all carriers of a
	 * device; the first at once. */
	void (*work)(void *user, struct work *work);
	/* What `describe` says has changed. */
	void (*moved)(void *user, struct carrier *c);
	/* The number of the next frame that `send` sends, where frames are numbered: the data plane
	 * may be numbering its own. */
	uint32_t (*sequence)(void *user, struct carrier *c);
	/* The data plane's programs take most of what comes in; only some frames come up the
	 * driver. */
	bool (*forwarded)(void *user, const struct carrier *c);
	/* PPTP: the number of a frame that came in, before `input`. -ESTALE: drop it. */
	int (*received)(void *user, struct carrier *c, uint32_t sequence);
	/* PPTP: the newest number that came in, which the next packet to the peer tells it; -ENOENT:
	 * none yet. */
	int64_t (*acknowledge)(void *user, struct carrier *c);
};

#endif
