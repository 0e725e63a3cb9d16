/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RADIUS accounting, RFC 2866, 2867 and 2869: what sessions used, told to the accounting servers
 * of their `authentication` statement exactly once as far as we know, and kept on disk until it is
 * (acct_spool.h). Sessions know three calls: start, update, stop.
 */
#ifndef XPPPD_ACCOUNTING_H
#define XPPPD_ACCOUNTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aaa/acct_record.h"
#include "aaa/subject.h"
#include "cause.h"

struct accounting; /* one per agent, outlives configurations */
struct acct;       /* one accounted session, or what is left to be told of it */
struct acct_wire;
struct conf;
struct conf_auth;
struct ev_loop;
struct log;
struct radius;

/* A session at this moment. Pointers in subject are read during the call only. */
struct acct_facts {
	struct carrier_info carrier; /* subject's */
	struct subject subject;
	struct acct_traffic traffic;
	uint32_t interim_s; /* Acct-Interim-Interval; 0: none */
	bool local;         /* Acct-Authentic: decided by a users file, not by a server */
};
typedef void (*acct_describe_fn)(void *session, struct acct_facts *facts);

/* radius may be NULL: no statement has servers. -ENOMEM. */
int accounting_new(struct ev_loop *loop, struct radius *radius, struct log *log,
		   struct accounting **accounting);
/* Stops that were not told stay on disk. */
void accounting_free(struct accounting *a);
/* Opens the spool at the first call; a file that cannot be used is logged, and records are then
 * kept in memory. -ENOMEM changes nothing. */
int accounting_configure(struct accounting *a, struct conf *conf);

/* A session is established for the first time. describe is called at interim updates, until
 * accounting_stop(). NULL: `auth` has no accounting servers, or no memory (counted). */
struct acct *accounting_start(struct accounting *a, const struct conf_auth *auth,
			      acct_describe_fn describe, void *session);
/* What describe says has changed otherwise than by traffic: interval, classes, address. NULL is
 * fine. */
void accounting_update(struct acct *acct);
/* With the last numbers; describe is called once more and never again. NULL is fine. */
void accounting_stop(struct acct *acct, enum cause cause);
/* The agent stops, all sessions have: Accounting-Off. `closed` is called when all has been told, or
 * soon without. */
void accounting_close(struct accounting *a, void (*closed)(void *arg), void *arg);

/* ---- looking ---- */

struct acct_totals {
	uint64_t starts, interims, stops; /* told and acknowledged, of sessions */
	uint64_t others;                  /* likewise, of tunnels and of the agent itself */
	uint64_t refused; /* sessions that found the spool full: they have no record of their own */
	uint64_t dropped; /* interim updates that a newer one or the Stop replaced */
	uint64_t ignored; /* records given up that a living server did not answer */
	uint64_t lost;    /* Stops that could be neither told nor kept; each is logged */
	uint64_t recovered;        /* sessions of a run that ended without their Stops */
	uint32_t sessions;         /* accounted now */
	uint32_t waiting;          /* records that have something to be told */
	uint32_t records;          /* kept: those and the sessions' */
	uint64_t bytes, bytes_max; /* they take and may take */
	int64_t oldest_s;          /* the event that waits longest; 0: none */
	uint64_t commits;          /* to disk */
	int64_t commit_us_max;     /* the slowest */
	const char *file;          /* NULL: in memory only */
	bool failing;              /* it cannot be written at the moment */
};
void accounting_totals(const struct accounting *a, struct acct_totals *totals);

#endif
