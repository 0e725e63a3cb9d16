/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the parts of the PPPoE driver share; nobody else includes this. */
#ifndef XPPPD_PPPOE_PRIVATE_H
#define XPPPD_PPPOE_PRIVATE_H

#include <net/if.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "clock.h"
#include "index.h"
#include "link.h"
#include "tunnel/pppoe/pppoe.h"
#include "tunnel/pppoe/pppoe_cookie.h"
#include "tunnel/pppoe/pppoe_later.h"
#include "tunnel/rate.h"
#include "tunnel/slot.h"
#include "tunnel/pppoe/pppoe_socket.h"
#include "tunnel/pppoe/pppoe_tx.h"
#include "tunnel/pppoe/pppoe_wire.h"
#include "works.h"

struct conf_tunnel;
struct pppoe_interface;

/* A client repeats its PADI every few seconds; households and test gear that dial
 * several sessions from one MAC stay below this too. */
#define PPPOE_RATE_PEER 10 /* per second */
#define PPPOE_RATE_PEER_BURST 20

LIST_HEAD(pppoe_sessions, pppoe_session);

/* A served device. It exists as long as the configuration names it, also while the
 * device does not. */
struct pppoe_interface {
	LIST_ENTRY(pppoe_interface) entry;
	struct pppoe *pppoe;
	char name[IFNAMSIZ];
	struct link_sub *sub;
	struct link link; /* ifindex 0: the device is not there, or could not be opened */
	struct pppoe_socket discovery, session;
	/* the tunnels that listen here, in the order of the configuration */
	const struct conf_tunnel **tunnels;
	unsigned int n_tunnels;
	const struct conf_tunnel **next_tunnels; /* being configured; NULL: no longer named */
	unsigned int n_next;
	unsigned int padi_rate;
	struct bucket padi, padr;
	int open_error; /* of the last attempt */
	struct pppoe_sessions sessions;
	struct pppoe_sessions losing; /* that the device had when it went */
	struct work lose;
};

/* Where the driver meets the world: packet sockets and the clock, or a test. */
struct pppoe_io {
	int (*open)(struct pppoe_interface *ifc);
	void (*close)(struct pppoe_interface *ifc);
	int (*send)(struct pppoe_interface *ifc, enum pppoe_traffic traffic, const uint8_t *frame,
		    size_t len);
	struct mono (*now)(void);
};
extern const struct pppoe_io pppoe_io_packet;

struct pppoe {
	struct ev_loop *loop;
	const struct pppoe_io *io;
	const struct carrier_user *user;
	void *user_arg;
	struct log *log;
	struct pppoe_dims dims;
	struct slots *slots;
	struct pppoe_cookies *cookies;
	struct rates *rates;
	struct pppoe_rx *rx;
	struct pppoe_tx *tx;
	struct bucket stray;   /* PADT for frames of unknown sessions */
	struct index requests; /* sessions by the serial of their cookie */
	LIST_HEAD(, pppoe_interface) interfaces;
	const struct conf *prepared; /* what next_tunnels are of; NULL: there are none */
	struct pppoe_later later;
	struct pppoe_counters counters;
	char hostname[65];
};

/* For log lines: device, VLANs and MAC of who sent a frame. */
#define PPPOE_FROM "%s.%u.%u %02x:%02x:%02x:%02x:%02x:%02x"
#define PPPOE_FROM_ARGS(ifc, frame)                                                                \
	(ifc)->name, (frame)->vlans.vid_outer, (frame)->vlans.vid_inner, (frame)->src[0],          \
		(frame)->src[1], (frame)->src[2], (frame)->src[3], (frame)->src[4],                \
		(frame)->src[5]

/* ---- pppoe_interface.c ---- */

struct pppoe_interface *pppoe_interface_find(struct pppoe *pppoe, const char *name);
/* Without a subscription and without tunnels; NULL: out of memory. */
struct pppoe_interface *pppoe_interface_new(struct pppoe *pppoe, const char *name);
/* Its sessions must be gone. */
void pppoe_interface_free(struct pppoe_interface *ifc);
/* Puts the next tunnels in the place of the present ones. */
void pppoe_interface_configure(struct pppoe_interface *ifc);
/* A link_fn: the device came, changed or went. */
void pppoe_interface_link(void *arg, const struct link *link);
/* Is this our own unicast address there? */
bool pppoe_interface_is_own(const struct pppoe_interface *ifc, const uint8_t mac[ETH_ALEN]);
/* The first tunnel of the interface that serves these VLANs; after: continues behind it. */
const struct conf_tunnel *pppoe_interface_tunnel(const struct pppoe_interface *ifc,
						 const struct pppoe_vlans *vlans,
						 const struct conf_tunnel *after);
/* Ends and sends a frame that pppoe_frame_begin() began; failures are counted. */
int pppoe_interface_send(struct pppoe_interface *ifc, enum pppoe_traffic traffic, struct wbuf *w,
			 size_t length_at);

/* ---- pppoe_discovery.c ---- */

/* A pppoe_receive_fn; arg: the interface. */
void pppoe_discovery_receive(void *arg, struct buf wire, const struct pppoe_aux *aux);
/* Sends a PADO that was due later. */
void pppoe_pado_send_now(struct pppoe_interface *ifc, const uint8_t *frame, size_t len);
void pppoe_padt_send(struct pppoe_interface *ifc, const struct pppoe_frame *to);

/* ---- pppoe.c ---- */

/* A pppoe_receive_fn; arg: the interface. */
void pppoe_session_receive(void *arg, struct buf wire, const struct pppoe_aux *aux);
/* What a new session gets from discovery. */
struct pppoe_offer {
	const struct pppoe_frame *frame; /* the PADR */
	const struct pppoe_tags *tags;
	const struct conf_tunnel *tunnel;
	uint64_t request;
	uint16_t mru;
};
/* A session that its owner has accepted and that has an id, in all indexes; the peer
 * does not know of it yet. -EUSERS: not accepted; -ENOSPC: no id; -ENOMEM. */
int pppoe_session_new(struct pppoe_interface *ifc, const struct pppoe_offer *offer,
		      struct pppoe_session **session);
/* The session a PADR with this cookie has already made. */
struct pppoe_session *pppoe_session_by_request(struct pppoe *pppoe, uint64_t request);
/* Takes the driver's knowledge of it away; the memory is its owner's. */
void pppoe_session_detach(struct pppoe_session *session);
/* The slot that a frame's session id means. */
uint32_t pppoe_session_slot(const struct pppoe_interface *ifc, const struct pppoe_frame *frame);
/* Did this frame come from the session's peer, over its VLANs, to our end? */
bool pppoe_session_is_peer(const struct pppoe_session *session, const struct pppoe_interface *ifc,
			   const struct pppoe_frame *frame);
/* The peer or the device is gone. tell: send a PADT. */
void pppoe_session_lost(struct pppoe_session *session, enum cause cause, bool tell);

#endif
