/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What accounting.c and acct_*.c share; nobody else includes it. */
#ifndef XPPPD_ACCT_PRIVATE_H
#define XPPPD_ACCT_PRIVATE_H

#include <ev.h>
#include <sys/queue.h>

#include "aaa/accounting.h"
#include "aaa/acct_record.h"
#include "index.h"

struct acct_group;
struct acct_spool;
struct acct_tunnel;
struct radius_attrs;
struct radius_group;
struct radius_job;

enum acct_place {
	ACCT_IDLE,    /* nothing is to be told */
	ACCT_WAITING, /* in group->waiting */
	ACCT_FLYING,  /* in group->flying: being read from disk, or sent */
};

/* Is what it knows on disk? */
enum acct_kept {
	ACCT_KEPT,
	ACCT_UNSAFE, /* in accounting->unsafe: being written, told of after that */
	ACCT_FAILED, /* in accounting->failed: could not be written, tried again */
	ACCT_ALONE,  /* there is no room, or no file: it is in memory only */
};

struct acct {
	struct acct_record record;
	struct acct_group *group;
	enum acct_place place;
	TAILQ_ENTRY(acct) queued; /* by place */
	enum acct_kept kept;
	TAILQ_ENTRY(acct) keeping; /* by kept */
	uint64_t ticket;           /* ACCT_UNSAFE */
	bool open;                 /* it goes on: its Stop is still to come */
	acct_describe_fn describe; /* of a session that goes on; else NULL */
	void *session;
	int64_t since_ms;
	struct ev_timer timer; /* of interim updates and of snapshots */
	int64_t next_interim_ms;
	uint32_t interim_s;
	struct acct_tunnel *tunnel; /* whose link it is, NULL: none, or not told of */
	uint8_t *body;              /* NULL: can be made anew, or is on disk only */
	uint32_t body_len;
	uint32_t cost; /* its part of accounting->bytes; 0: it has no record */
	bool body_kept;
	unsigned int sending; /* FLYING: which message */
	int64_t sent_ms;
	struct radius_job *job; /* NULL while it is read */
	unsigned int tries, unheard;
};
TAILQ_HEAD(acct_list, acct);

/* The accounting servers of one `authentication` statement. */
struct acct_group {
	TAILQ_ENTRY(acct_group) entry;
	struct accounting *accounting;
	char *name;
	struct conf *conf;            /* that auth belongs to, NULL: none names it */
	const struct conf_auth *auth; /* newest that names it; stays for those that wait */
	struct radius_group *servers; /* NULL: none can be told now */
	bool named;                   /* by the configuration of today */
	struct acct_list waiting;     /* by record.seq */
	struct acct_list flying;
	unsigned int n_waiting, n_flying;
	unsigned int probes; /* since no server answers; 0: one does */
	int64_t answered_ms; /* the last time */
	struct ev_timer again;
	struct index tunnels;
};

struct accounting {
	struct ev_loop *loop;
	struct log *log;
	struct radius *radius;
	struct conf *conf;
	char *file;
	struct acct_spool *spool; /* NULL: none */
	TAILQ_HEAD(, acct_group) groups;
	struct acct_list unsafe; /* by ticket */
	struct acct_list failed;
	struct ev_timer retry; /* of failed */
	bool failing;
	bool ending; /* nothing is told any more, only kept */
	uint64_t seq, bytes, bytes_max;
	uint32_t start, number;
	struct acct_totals totals;
	void (*closed)(void *arg);
	void *closed_arg;
	struct ev_timer deadline;
};

/* accounting.c: attributes of a session that goes on; its record gets the numbers of now. -EMSGSIZE. */
int acct_refresh(struct acct *acct, struct radius_attrs *attrs);
struct acct *acct_new(struct acct_group *group, enum acct_kind kind, uint64_t id); /* or NULL */
uint64_t acct_next_id(struct accounting *a); /* of what is no session */
/* Keeps a copy of the body and has it written; -ENOMEM, -EMSGSIZE. */
int acct_set_body(struct acct *acct, const struct radius_attrs *attrs);
/* Forgets it, in memory and on disk. */
void acct_free(struct acct *acct);
/* It could be neither told nor kept: says so, and forgets it. */
void acct_lose(struct acct *acct);
void acct_check_closed(struct accounting *a);

/* acct_keep.c */
int acct_keep_open(struct accounting *a, const char *file, size_t size);
/* What could not be written is tried once more; whatever is not ACCT_KEPT then is lost. */
void acct_keep_close(struct accounting *a);
/* Has it written; body: empty if it is the one that is there. */
void acct_keep(struct acct *acct, struct buf body);
/* Its record goes. */
void acct_unkeep(struct acct *acct);
/* Has its body read; acct_group_loaded() is called. -ENOMEM, -ENOENT: there is no file. */
int acct_keep_load(struct acct *acct);
/* A record that was found at the start. -ENOMEM. */
typedef int (*acct_found_fn)(struct accounting *a, const struct acct_record *record,
			     const char *name, size_t body_len);
int acct_keep_walk(struct accounting *a, acct_found_fn fn);
void acct_keep_found(struct acct *acct, size_t body_len); /* its body is on disk */

/* acct_group.c */
struct acct_group *acct_group_get(struct accounting *a, const char *name); /* NULL: no memory */
void acct_group_free(struct acct_group *group);
/* Something is to be told of it: its place in the order, which is kept with it, is that of now. */
void acct_group_enqueue(struct acct *acct);
/* Nothing may be told of it any more. */
void acct_group_dequeue(struct acct *acct);
/* A record of an earlier run, with a seq of its own; acct_group_sort() once all are there. */
void acct_group_resume(struct acct *acct);
void acct_group_sort(struct acct_group *group);
void acct_group_pump(struct acct_group *group);
void acct_group_loaded(struct acct *acct, int result, struct buf body);
/* Anything waits behind a server that does not answer, or that is not there. */
static inline bool acct_group_down(const struct acct_group *group)
{
	return !group->servers || group->probes > 0;
}

/* acct_attrs.c */
int acct_attrs_session(const struct acct_group *group, const struct acct_facts *facts,
		       struct radius_attrs *attrs);
int acct_attrs_agent(const struct acct_group *group, const struct acct_record *record,
		     struct radius_attrs *attrs);
int acct_attrs_tunnel(const struct acct_group *group, const struct acct_record *record,
		      const struct acct_facts *facts, struct radius_attrs *attrs);

/* acct_tunnel.c: the session is a link of a tunnel; no longer so, it was stopped */
void acct_tunnel_join(struct acct *acct, const struct acct_facts *facts);
void acct_tunnel_leave(struct acct *acct);

#endif
