/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the parts of the L2TP driver share; nobody else includes this. */
#ifndef XPPPD_L2TP_PRIVATE_H
#define XPPPD_L2TP_PRIVATE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "clock.h"
#include "index.h"
#include "tunnel/l2tp/l2tp.h"
#include "tunnel/l2tp/l2tp_addr.h"
#include "tunnel/l2tp/l2tp_avp.h"
#include "tunnel/l2tp/l2tp_control.h"
#include "tunnel/l2tp/l2tp_socket.h"
#include "tunnel/l2tp/l2tp_wire.h"
#include "tunnel/rate.h"
#include "tunnel/slot.h"
#include "works.h"

#define L2TP_CHALLENGE_LEN 16
#define L2TP_HALF_OPEN_MAX 4096 /* then the oldest gives way */

/* A LAC with a tunnel for each of its calls reconnects them all at once; one address alone must
 * not keep the others from it, though. */
#define L2TP_RATE_PEER 1000 /* SCCRQ per second */
#define L2TP_RATE_PEER_BURST 2000

/* An address and port that the configuration names. */
struct l2tp_listener {
	LIST_ENTRY(l2tp_listener) entry;
	struct l2tp *l2tp;
	union l2tp_addr addr;
	const struct conf_tunnel *tunnel;
	const struct conf_tunnel *next_tunnel; /* being configured; NULL: no longer named */
	struct l2tp_socket socket;
	bool open;
	int open_error; /* of the last attempt */
	LIST_HEAD(, l2tp_tunnel) tunnels;
};

/* Where the driver meets the world, or a test. */
struct l2tp_io {
	int (*open)(struct l2tp_listener *listener);
	void (*close)(struct l2tp_listener *listener);
	int (*send)(struct l2tp_listener *listener, const struct l2tp_path *path,
		    const uint8_t *datagram, size_t len);
	struct mono (*now)(void);
	unsigned int (*path_mtu)(const struct l2tp_path *path);
	/* Does all that comes over this path come through ESP? */
	bool (*ipsec)(struct l2tp *l2tp, const struct l2tp_path *path);
};
extern const struct l2tp_io l2tp_io_udp;

enum l2tp_tunnel_state {
	L2TP_TUNNEL_WAIT, /* SCCRP is sent: for SCCCN */
	L2TP_TUNNEL_ESTABLISHED,
	L2TP_TUNNEL_STOPPING,  /* StopCCN is sent: for its acknowledgement */
	L2TP_TUNNEL_LINGERING, /* StopCCN came: it may come again */
	L2TP_TUNNEL_GONE,      /* freed when the loop comes round and its calls are lost */
	L2TP_TUNNEL_STATES
};

/* A control connection. */
struct l2tp_tunnel {
	struct l2tp *l2tp;
	struct l2tp_listener *listener;
	LIST_ENTRY(l2tp_tunnel) on_listener;
	TAILQ_ENTRY(l2tp_tunnel) waiting; /* WAIT: half_open; dead: l2tp->dead */
	TAILQ_ENTRY(l2tp_tunnel) flush;   /* has acknowledgements to send */
	bool to_flush;
	struct index_node by_peer, by_name;
	enum l2tp_tunnel_state state;
	uint16_t id, peer_id;
	struct l2tp_path path;
	struct l2tp_control control;
	struct ev_timer timer; /* WAIT, STOPPING: give up; ESTABLISHED: hello; LINGERING: the end */
	struct mono started, heard;
	bool probing; /* nothing was heard since hello was due */
	bool ipsec, challenged;
	bool wants_only_one; /* its SCCRQ had a tie breaker */
	char *secret;        /* NULL: none */
	uint8_t challenge[L2TP_CHALLENGE_LEN];
	uint64_t request; /* hash of its SCCRQ */
	uint16_t mtu;     /* of the session's IP packets, at most */
	LIST_HEAD(, l2tp_call) calls;
	uint32_t n_calls;
	struct work lose;      /* of its calls */
	enum cause lose_cause; /* for them */
	bool dead;             /* in the list of those that are to be freed */
	char hostname[L2TP_TEXT_MAX], vendor[L2TP_TEXT_MAX]; /* escaped */
};
TAILQ_HEAD(l2tp_tunnels, l2tp_tunnel);

struct l2tp {
	struct ev_loop *loop;
	const struct l2tp_io *io;
	const struct carrier_user *user;
	void *user_arg;
	struct log *log;
	struct l2tp_dims dims;
	struct slots *tunnel_ids, *sessions; /* sessions NULL: no spaces, no calls */
	struct index tunnels;                /* by peer and its tunnel id */
	struct index names;                  /* established ones, by path and host name */
	struct index calls;                  /* by our tunnel id and the peer's session id */
	struct rates *rates;
	struct l2tp_rx *rx;
	struct l2tp_ipsec *ipsec;
	LIST_HEAD(, l2tp_listener) listeners;
	const struct conf *prepared; /* what next_tunnel is of; NULL: there is none */
	struct l2tp_tunnels half_open, flush, dead;
	uint32_t n_half_open;
	struct ev_prepare reap;
	struct l2tp_counters counters;
	struct l2tp_control_counts control_counts; /* of all tunnels there ever were */
	char hostname[65];
};

/* For log lines. */
#define L2TP_WHO "l2tp %u (%s): "

/* ---- l2tp.c ---- */

/* A datagram that came in on a listener. */
void l2tp_receive(struct l2tp_listener *listener, const struct l2tp_path *path, struct buf wire);
/* After some of them: sends acknowledgements. */
void l2tp_turn_over(struct l2tp *l2tp);
void l2tp_listener_send(struct l2tp_listener *listener, const struct l2tp_path *path,
			const uint8_t *datagram, size_t len);
/* A control message, header included. */
void l2tp_listener_send_control(struct l2tp_listener *listener, const struct l2tp_path *path,
				const uint8_t *message, size_t len);
struct l2tp_tunnel *l2tp_tunnel_by_id(const struct l2tp *l2tp, uint16_t id);
/* What began in IPsec would go over this path in clear text, or has come so: the policies that kept
 * it from that have gone. */
bool l2tp_is_clear(struct l2tp *l2tp, bool ipsec, const struct l2tp_path *path);
/* The secret that the configuration has for this peer, or NULL. */
const char *l2tp_secret_of(const struct conf_tunnel *tunnel, const union l2tp_addr *peer);
const char *l2tp_hostname_of(const struct l2tp *l2tp, const struct conf_tunnel *tunnel);

/* ---- l2tp_request.c ---- */

/* What an SCCRQ says, and where it came from. */
struct l2tp_request {
	struct l2tp_listener *listener;
	const struct l2tp_path *path;
	const struct l2tp_header *header;
	const struct l2tp_avps *avps;
	const char *secret;
	uint64_t hash;
	bool ipsec;
};

/* A message that names no tunnel yet. */
void l2tp_tunnel_request(struct l2tp_listener *listener, const struct l2tp_path *path,
			 const struct l2tp_header *header);
/* ---- l2tp_tunnel.c ---- */

/* In state WAIT; the peer has not been told. -ENOMEM; -ENOSPC: no id. */
int l2tp_tunnel_new(const struct l2tp_request *request, struct l2tp_tunnel **tunnel);
uint64_t l2tp_tunnel_hash(const struct l2tp *l, const union l2tp_addr *peer, uint16_t peer_id);
/* Frees one that is not established, in silence. */
void l2tp_tunnel_give_way(struct l2tp_tunnel *t);
/* Writes a StopCCN for a tunnel of ours, 0: for none. */
void l2tp_stop_put(struct wbuf *w, uint16_t id, enum l2tp_stop_result result, enum l2tp_error error,
		   const char *text);
/* A control message for a tunnel. */
void l2tp_tunnel_receive(struct l2tp_tunnel *t, const struct l2tp_path *path,
			 const struct l2tp_header *header);
/* Sends AVPs to the peer's session, 0: to the tunnel itself. */
void l2tp_tunnel_send(struct l2tp_tunnel *t, uint16_t session_id, const struct wbuf *avps);
/* Ends it and its calls with a StopCCN. */
void l2tp_tunnel_stop(struct l2tp_tunnel *t, enum l2tp_stop_result result, enum l2tp_error error,
		      const char *text, enum cause cause);
/* Ends it at once, without a word to the peer but one StopCCN that nobody waits for. */
void l2tp_tunnel_drop(struct l2tp_tunnel *t, enum cause cause);
/* The configuration of its listener may have changed. */
void l2tp_tunnel_configure(struct l2tp_tunnel *t);
void l2tp_tunnel_free(struct l2tp_tunnel *t);
const char *l2tp_tunnel_state_name(enum l2tp_tunnel_state state);
/* What is wrong with a message, as StopCCN and CDN say it. */
enum l2tp_error l2tp_problem_error(const struct l2tp_avps *avps);
enum xp_reason l2tp_problem_reason(const struct l2tp_avps *avps);

/* ---- l2tp_call.c ---- */

/* A message of a call. session_id: of the header, ours. */
void l2tp_call_receive(struct l2tp_tunnel *t, uint16_t session_id, const struct l2tp_avps *avps);
/* A data message, whose tunnel and path are right. */
void l2tp_call_data(struct l2tp_call *call, const struct l2tp_header *header);
/* The call's tunnel ends, and with it the call, without a CDN. */
void l2tp_call_lost(struct l2tp_call *call, enum cause cause);
/* The peer's port has changed. */
void l2tp_call_moved(struct l2tp_call *call);

#endif
