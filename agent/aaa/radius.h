/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The RADIUS client: requests go out at once or wait in a bounded queue, are sent again, fail over
 * to other servers, and are answered by callback. Nothing here blocks.
 */
#ifndef XPPPD_RADIUS_H
#define XPPPD_RADIUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "aaa/radius_packet.h"
#include "histogram.h"

struct conf_servers;
struct ev_loop;
struct log;
struct radius;       /* one per agent, outlives configurations */
struct radius_group; /* the servers of one authentication-server or accounting-server block */
struct radius_job;   /* a request under way */

enum radius_kind {
	RADIUS_AUTHENTICATION,
	RADIUS_ACCOUNTING,
};

int radius_new(struct ev_loop *loop, struct log *log, struct radius **radius);
/* Requests that are still under way end with -ECANCELED. Groups must be gone. */
void radius_free(struct radius *radius);

/*
 * The group that the block describes; servers that an earlier group has with the same
 * settings are shared, with their state and counters. Nothing of conf is kept. Counted by
 * reference: requests under way keep theirs. -ENOMEM, and with TLS what is wrong with its
 * files (logged).
 */
int radius_group_new(struct radius *radius, const struct conf_servers *conf, enum radius_kind kind,
		     struct radius_group **group);
void radius_group_unref(struct radius_group *group); /* NULL is fine */
/* No server answers: requests are still tried, but an answer is not to be expected. */
bool radius_group_dead(const struct radius_group *group);

struct radius_reply {
	uint8_t code;
	struct buf attrs;
	const char *secret;           /* for radius_unhide_mppe_key(), */
	const uint8_t *authenticator; /* with the request's */
	unsigned int server; /* a number that is its own as long as the agent runs, never 0 */
};

/* result: 0; -ETIMEDOUT (no server answered), -ENOBUFS (the queue of the server to fail over to
 * is full), -ECANCELED (radius_free()). reply is NULL unless 0 and valid during the call only. */
typedef void (*radius_done_fn)(void *owner, int result, const struct radius_reply *reply);

/*
 * Sends a request; attrs are copied. prefer: the server that gave the State in it, 0 if any will
 * do; it is asked first. `done` is called once, and not before this returns; never if this
 * fails: -ENOBUFS (the queue is full), -EMSGSIZE, -EINVAL, -ENOMEM, -EDESTADDRREQ (no
 * server is configured).
 */
int radius_send(struct radius_group *group, uint8_t code, const struct radius_attrs *attrs,
		unsigned int prefer, radius_done_fn done, void *owner, struct radius_job **job);
/* `done` will not be called; NULL is fine. */
void radius_cancel(struct radius_job *job);

/* ---- looking ---- */

#define RADIUS_ADDR_TEXT 80
/* "192.0.2.1:1812", "[2001:db8::1]:1812" */
char *radius_addr_text(const struct sockaddr_storage *addr, char text[RADIUS_ADDR_TEXT]);

enum radius_state {
	RADIUS_ALIVE,
	RADIUS_DEAD,
	RADIUS_PROBED, /* dead-time is over: it may come back */
};
const char *radius_state_name(enum radius_state state);
const char *radius_kind_name(enum radius_kind kind);

struct radius_counters {
	uint64_t requests; /* without retransmits */
	uint64_t retransmits;
	uint64_t accepts, rejects, challenges, responses;
	uint64_t timeouts;    /* tries without an answer */
	uint64_t failovers;   /* requests that went on to another server */
	uint64_t refused;     /* requests that found the queue full */
	uint64_t unreachable; /* ICMP said so, or the connection broke */
	uint64_t deaths;
	uint64_t bad[RADIUS_BADS];
};

struct radius_server_info {
	unsigned int number;
	enum radius_kind kind;
	bool tls;
	const struct sockaddr_storage *addr;
	enum radius_state state;
	int64_t state_ms;     /* since when */
	uint32_t outstanding; /* sent and not answered */
	uint32_t window;      /* so many may be */
	uint32_t sockets;
	uint32_t waiting;   /* in the queue */
	uint32_t queue;     /* its bound */
	int64_t waiting_ms; /* the oldest of them */
	const struct radius_counters *counters;
	const struct histogram
		*round_trips;            /* from the try that was answered, if only one was sent */
	const struct histogram *waits;   /* in the queue, of all requests */
	uint32_t rtt_min_us, rtt_max_us; /* 0: none was measured */
};

typedef void (*radius_info_fn)(void *arg, const struct radius_server_info *info);
/* All servers of groups in use. */
void radius_info(const struct radius *radius, radius_info_fn fn, void *arg);

#endif
