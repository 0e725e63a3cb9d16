/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * One RADIUS server as the client sees it, private to radius*.c.
 *
 * A request (job) is sent on a channel: a UDP socket with a source port of its own, or a TLS
 * connection. A channel has 256 identifiers, those free longest are used first; when none is free
 * another channel is opened, up to a bound. How many requests are out at a time a window limits
 * (radius_window.h). What does not fit waits, in order and bounded.
 *
 * Timers: a request is sent again after FIRST_MS and some of its usual round trips, then evenly until
 * `timeout` is over, and as the same packet (RFC 5080 2.2.1: same identifier, same authenticator; on
 * TLS nothing is sent again, RFC 6613 2.6.1). Where Acct-Delay-Time has changed since, it is another
 * packet with another identifier (RFC 2866 5.2); the earlier ones stay reserved, so that what
 * answers one of them is the answer.
 * A request that waits for longer than `timeout` gives up. A server that answered nothing
 * since the request that just failed was first sent is dead; then requests go to another that
 * is alive, if there is one. After dead-time it is asked by Status-Server (RFC 5997); to one that
 * never answered this, one request goes instead. Any good reply makes it alive.
 */
#ifndef XPPPD_RADIUS_SERVER_H
#define XPPPD_RADIUS_SERVER_H

#include <ev.h>
#include <sys/queue.h>

#include "aaa/radius.h"
#include "aaa/radius_window.h"
#include "clock.h"

#define RADIUS_IDS 256
#define RADIUS_UDP_CHANNELS 16
#define RADIUS_TLS_CHANNELS 4
#define RADIUS_JOB_IDS 4
#define RADIUS_BATCH 16 /* packets and timeouts that are dealt with in one turn of the loop */

struct radius_server;

struct radius {
	struct ev_loop *loop;
	struct log *log;
	unsigned int last_number;
	STAILQ_HEAD(, radius_server) servers;
};

/* What an answer is known by. */
struct radius_id {
	struct radius_channel *channel;
	uint8_t authenticator[RADIUS_AUTHENTICATOR];
	uint8_t id;
};

struct radius_job {
	TAILQ_ENTRY(radius_job) entry; /* of a list of its server */
	struct radius_group *group;    /* NULL: the server's own probe */
	struct radius_server *server;  /* NULL: with none yet */
	radius_done_fn done;
	void *owner;
	struct radius_id ids[RADIUS_JOB_IDS]; /* taken, the last of them is in use */
	uint8_t n_ids;                        /* 0: it waits */
	time_t told;                          /* when it was as Acct-Delay-Time says */
	struct mono first;                    /* sent to this server, or came to wait */
	struct mono due;                      /* the end of this try, or of its waiting */
	int64_t since_us;                     /* came to this server, then: sent */
	uint64_t asked;                       /* indexes of the group's servers that had it */
	uint8_t code, tries, failovers;
	size_t len;
	time_t event;
	uint8_t attrs[];
};
TAILQ_HEAD(radius_jobs, radius_job);

/* The base of a transport's own. */
struct radius_channel {
	TAILQ_ENTRY(radius_channel) entry;
	TAILQ_ENTRY(radius_channel) free_entry; /* of those with a free identifier */
	struct radius_server *server;
	struct radius_job *jobs[RADIUS_IDS];
	uint8_t free[RADIUS_IDS]; /* a ring */
	uint16_t free_first, n_free;
};
TAILQ_HEAD(radius_channels, radius_channel);

/* UDP or TLS. */
struct radius_transport {
	unsigned int max_channels;
	bool reliable; /* what was taken needs not be sent again */
	int (*open)(struct radius_server *server, struct radius_channel **channel);
	void (*close)(struct radius_channel *channel);
	/* Never calls back. What is not taken counts as lost on the way. */
	void (*send)(struct radius_channel *channel, const uint8_t *packet, size_t len);
};
extern const struct radius_transport radius_udp, radius_tls;

/* What a server block says of each of its servers; two that are equal share one server. */
struct radius_server_conf {
	enum radius_kind kind;
	struct sockaddr_storage addr, source;
	const char *secret;
	unsigned int timeout, max_tries, dead_time, queue;
	bool demanded; /* require-message-authenticator */
	bool tls;
	const char *ca_file, *certificate, *private_key, *server_name;
};

struct radius_server {
	STAILQ_ENTRY(radius_server) entry;
	unsigned int refs;
	unsigned int number;
	struct radius *radius;
	struct radius_server_conf conf; /* its strings are its own */
	const struct radius_transport *transport;
	void *tls; /* radius_tls.c's context */

	enum radius_state state;
	struct mono state_since;
	struct mono last_reply;
	bool answers_status; /* it has answered a Status-Server */
	bool on_trial;       /* probed by a request that is under way */

	struct radius_channels channels, free_channels;
	unsigned int n_channels;
	/* each in the order of `due`: sent once, sent again, not sent yet */
	struct radius_jobs sent, again, waiting;
	uint32_t n_sent, n_waiting;
	struct radius_window window;
	struct mono reopen; /* no channel is opened before */
	int64_t back_off_ms;
	struct ev_timer sent_timer, again_timer, waiting_timer, dead_timer, reopen_timer;

	struct radius_counters counters;
	struct histogram round_trips, waits;
	uint32_t rtt_min_us, rtt_max_us;
};

/* ---- radius_conf.c ---- */

bool radius_conf_same(const struct radius_server_conf *a, const struct radius_server_conf *b);
/* Strings, too. -ENOMEM: `to` can be freed nevertheless. */
int radius_conf_copy(struct radius_server_conf *to, const struct radius_server_conf *from);
void radius_conf_free(struct radius_server_conf *conf);

/* ---- radius_server.c ---- */

/* The one of `radius` with this conf, with a reference more; made if there is none. */
int radius_server_get(struct radius *radius, const struct radius_server_conf *conf,
		      struct radius_server **server);
void radius_server_ref(struct radius_server *server);
/* The last one frees it; then it has no jobs but its own. */
void radius_server_unref(struct radius_server *server);
/* May one request go to it although it was dead? Says so once, until that is decided. */
bool radius_server_take_trial(struct radius_server *server);
/* Some job of it, those that wait before those that are sent; NULL: it has none. */
struct radius_job *radius_server_first(const struct radius_server *server);
bool radius_server_has_room(const struct radius_server *server);
/* Sends the job or lets it wait; -ENOBUFS: there is no room. */
int radius_server_submit(struct radius_server *server, struct radius_job *job);
/* Takes it back, wherever it is. */
void radius_server_withdraw(struct radius_job *job);
char *radius_server_text(const struct radius_server *server, char text[RADIUS_ADDR_TEXT]);

/* For transports: an unbound socket gets the source address, if there is one of this family. 0 or
 * a negative errno. */
int radius_server_bind(const struct radius_server *server, int fd);
/* A packet came in; true if it is an answer. A caller that goes on afterwards
 * holds a reference. */
bool radius_server_input(struct radius_channel *channel, struct buf datagram);
void radius_server_bad(struct radius_server *server, enum radius_bad bad);
/* The network says that it cannot be reached. */
void radius_server_unreachable(struct radius_server *server);
/* The channel is no more: closes it. Its jobs are sent again on another. failed: before
 * anything good came from it, so that another would not do either. */
void radius_server_lost(struct radius_channel *channel, bool failed, const char *why);

/* ---- radius_tls.c ---- */

/* Reads the files again; the context that there was stays on failure, which is logged. */
int radius_tls_configure(struct radius_server *server);
void radius_tls_free(void *tls); /* NULL is fine */

/* ---- radius.c ---- */

/* Its server did not answer: true if it went on to another, otherwise it has ended. It is with no
 * server when this is called. */
bool radius_job_failed(struct radius_job *job);
/* A server died: can this job go on to another that is alive? Then radius_job_failed() does not
 * call back. */
bool radius_job_movable(const struct radius_job *job);
/* Calls back and frees it. */
void radius_job_end(struct radius_job *job, int result, const struct radius_reply *reply);
struct radius_job *radius_job_new(uint8_t code, const struct radius_attrs *attrs);

#endif
