/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the parts of the PPTP driver share; nobody else includes this. */
#ifndef XPPPD_PPTP_PRIVATE_H
#define XPPPD_PPTP_PRIVATE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "clock.h"
#include "index.h"
#include "tunnel/pptp/pptp.h"
#include "tunnel/pptp/pptp_gre.h"
#include "tunnel/pptp/pptp_socket.h"
#include "tunnel/pptp/pptp_stream.h"
#include "tunnel/pptp/pptp_wire.h"
#include "tunnel/rate.h"
#include "tunnel/slot.h"
#include "works.h"

#define PPTP_IDLE_MAX 4096 /* connections without a call; then the oldest gives way */

/* Many clients may call from behind one NAT address; that address alone must not keep the others
 * from it, though: ids of calls that have come and gone rest for a while. */
#define PPTP_RATE_PEER 100 /* connections per second, and as many calls */
#define PPTP_RATE_PEER_BURST 500

/* An address and port that the configuration names. */
struct pptp_listener {
	LIST_ENTRY(pptp_listener) entry;
	struct pptp *pptp;
	struct sockaddr_in addr;
	const struct conf_tunnel *tunnel;
	const struct conf_tunnel *next_tunnel; /* being configured; NULL: no longer named */
	struct ev_io io;
	struct ev_timer pause; /* there was no file descriptor for a connection */
	bool open;
	int open_error; /* of the last attempt */
	LIST_HEAD(, pptp_connection) connections;
};

/* Where the driver meets the world, or a test. */
struct pptp_io {
	int (*listen)(struct pptp_listener *listener);
	void (*unlisten)(struct pptp_listener *listener);
	int (*gre_open)(struct pptp *pptp);
	void (*gre_close)(struct pptp *pptp);
	int (*gre_send)(struct pptp *pptp, const struct pptp_hosts *hosts, const uint8_t *packet,
			size_t len);
	struct mono (*now)(void);
};
extern const struct pptp_io pptp_io_network;

enum pptp_state {
	PPTP_WAIT, /* for SCCRQ */
	PPTP_ESTABLISHED,
	PPTP_STOPPING, /* a good-bye is sent: for the peer's, and for the end of the stream */
	PPTP_GONE,     /* freed when the loop comes round and its calls are lost */
	PPTP_STATES
};

/* A control connection. */
struct pptp_connection {
	struct pptp *pptp;
	struct pptp_listener *listener;
	LIST_ENTRY(pptp_connection) on_listener;
	TAILQ_ENTRY(pptp_connection) waiting; /* no call: idle; dead: pptp->dead */
	enum pptp_state state;
	uint32_t id;
	struct sockaddr_in local, peer;
	struct pptp_stream stream;
	struct ev_timer timer; /* WAIT, STOPPING: give up; ESTABLISHED: echo */
	struct mono started, heard;
	bool idle;     /* in that list */
	bool probing;  /* nothing was heard since echo was due */
	uint32_t echo; /* identifier of our last request */
	uint64_t echoes;
	uint16_t mtu; /* of the calls' IP packets, at most */
	LIST_HEAD(, pptp_call) calls;
	uint32_t n_calls;
	struct work lose;      /* of its calls */
	enum cause lose_cause; /* for them */
	bool dead;             /* in the list of those that are to be freed */
	char hostname[PPTP_TEXT_MAX], vendor[PPTP_TEXT_MAX]; /* escaped */
};
TAILQ_HEAD(pptp_connections, pptp_connection);

struct pptp {
	struct ev_loop *loop;
	const struct pptp_io *io;
	const struct carrier_user *user;
	void *user_arg;
	struct log *log;
	struct pptp_dims dims;
	struct slots *connection_ids, *call_ids; /* call_ids NULL: no calls */
	struct index calls;                      /* by connection and the peer's call id */
	struct rates *connection_rates, *call_rates;
	struct pptp_socket gre;
	bool gre_open;
	LIST_HEAD(, pptp_listener) listeners;
	const struct conf *prepared; /* what next_tunnel is of; NULL: there is none */
	struct pptp_connections idle, dead;
	uint32_t n_idle;
	struct ev_prepare reap;
	struct pptp_counters counters;
	char hostname[65];
};

/* For log lines. */
#define PPTP_WHO "pptp %u (%s): "
#define PPTP_ADDR_TEXT 24
/* "192.0.2.1:1723" */
char *pptp_addr_text(const struct sockaddr_in *addr, char text[PPTP_ADDR_TEXT]);

/* ---- pptp.c ---- */

/* A GRE packet that came in. */
void pptp_receive(struct pptp *pptp, const struct pptp_hosts *hosts, struct buf packet);
const char *pptp_hostname_of(const struct pptp *pptp, const struct conf_tunnel *tunnel);
/* Whether this address may ask just now; counted by `rates`. */
bool pptp_in_rate(struct pptp *pptp, struct rates *rates, struct in_addr peer);

/* ---- pptp_listener.c ---- */

/* Errors are the caller's to log. */
int pptp_listener_open(struct pptp_listener *listener);
void pptp_listener_close(struct pptp_listener *listener);
/* A peer has connected. Takes fd, which does not block. */
void pptp_listener_accept(struct pptp_listener *listener, int fd, const struct sockaddr_in *local,
			  const struct sockaddr_in *peer);

/* ---- pptp_connection.c ---- */

/* In state WAIT. -ENOMEM; -ENOSPC: no id. fd is taken if it does not fail. */
int pptp_connection_new(struct pptp_listener *listener, int fd, const struct sockaddr_in *local,
			const struct sockaddr_in *peer, struct pptp_connection **connection);
/* Frees the oldest that has no call, in silence; false: there is none. */
bool pptp_connection_give_way(struct pptp *pptp);
void pptp_connection_send(struct pptp_connection *c, const struct wbuf *message);
/* Ends it and its calls with a StopCCRQ. */
void pptp_connection_stop(struct pptp_connection *c, enum pptp_stop_reason reason,
			  enum cause cause);
/* Ends it at once, with a StopCCRQ that nobody waits for if it was established. */
void pptp_connection_drop(struct pptp_connection *c, enum cause cause);
void pptp_connection_free(struct pptp_connection *c);
/* A call came or went. */
void pptp_connection_count(struct pptp_connection *c, int more);
const char *pptp_state_name(enum pptp_state state);

/* ---- pptp_call.c ---- */

/* A message of a call. */
void pptp_call_receive(struct pptp_connection *c, const struct pptp_message *message);
/* A data packet whose addresses are right. */
void pptp_call_data(struct pptp_call *call, const struct pptp_gre *gre);
/* The call's connection ends, and with it the call, without a word. */
void pptp_call_lost(struct pptp_call *call, enum cause cause);

#endif
