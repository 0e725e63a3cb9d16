/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Sessions counted by tunnel statement and state, and how long the steps of their set-up took. All of
 * it is kept as sessions change, so that nobody has to walk through them to tell. For session*.c;
 * others read it with the functions of session.h.
 */
#ifndef XPPPD_SESSION_STATS_H
#define XPPPD_SESSION_STATS_H

#include <stdbool.h>
#include <sys/queue.h>

#include "ppp/ppp_state.h"
#include "session.h"

struct conf;
struct session;

struct session_tunnel {
	LIST_ENTRY(session_tunnel) entry;
	struct session_tunnel_totals totals; /* its name is ours, its protocol a constant */
	bool named;                          /* by the configuration */
};

struct session_stats {
	LIST_HEAD(, session_tunnel) tunnels;
	struct histogram setup[SESSION_STEPS];
};

/* A session's part. */
struct session_progress {
	struct session_tunnel *tunnel; /* NULL: not counted */
	int64_t asked_us;              /* the peer's first word, as far as it is known */
	int64_t step_us;               /* when the present step began */
	uint8_t phase;                 /* enum ppp_phase, as it is counted */
	bool half_open;                /* on its way to its first "opened" */
};

/* Tunnels that conf binds are told of even without a session; others until their last has gone. */
void session_stats_configure(struct session_stats *stats, const struct conf *conf);
void session_stats_free(struct session_stats *stats);

/* Accepted; its carrier is up, which knows since when the peer has been asking; its link is in
 * another phase; its user was answered; it has ended. -ENOMEM. */
int session_stats_add(struct session *s);
void session_stats_started(struct session *s);
void session_stats_phase(void *session, enum ppp_phase phase); /* a ppp_ops.phase */
void session_stats_authenticated(struct session *s, bool accepted);
void session_stats_del(struct session *s);

#endif
