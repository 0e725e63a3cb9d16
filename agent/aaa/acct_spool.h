/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The file of accounting records, without waiting for it: a thread of its own writes what it is given,
 * many records to a commit, and tells the loop when they are safe. Each write has a ticket; tickets
 * ascend, and their writes become safe in that order.
 */
#ifndef XPPPD_ACCT_SPOOL_H
#define XPPPD_ACCT_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "aaa/acct_db.h"
#include "aaa/acct_record.h"

struct acct_spool;
struct ev_loop;

/* Called from the loop. */
struct acct_spool_user {
	/* All writes up to ticket are safe, or (error) those not yet told of are not and are
	 * forgotten, but for deletions, which are tried again. */
	void (*stored)(void *arg, uint64_t ticket, int error);
	/* What acct_spool_load() asked for; result: 0, -ENOENT, -EBADMSG. body: valid during the call. */
	void (*loaded)(void *arg, void *what, int result, struct buf body);
};

struct acct_spool_stats {
	uint64_t commits;
	int64_t commit_us_max;
};

/* Errors as acct_db_open()'s, and of threads. */
int acct_spool_open(struct ev_loop *loop, const char *path, size_t size,
		    const struct acct_spool_user *user, void *arg, struct acct_spool **spool);
/* Writes what it was given, waits for that, and tells the last of `stored` before it returns. What is
 * not told of then is not written. */
void acct_spool_finish(struct acct_spool *spool);
/* Finished or not. NULL is fine. */
void acct_spool_close(struct acct_spool *spool);
/* All that is there; before the first write only, and it blocks. */
int acct_spool_walk(struct acct_spool *spool, acct_db_fn fn, void *arg);

/* An empty body: the one that is there stays. The ticket; 0: no memory. */
uint64_t acct_spool_put(struct acct_spool *spool, const struct acct_record *record,
			struct buf body);
uint64_t acct_spool_del(struct acct_spool *spool, const struct acct_record *record);
/* -ENOMEM */
int acct_spool_load(struct acct_spool *spool, const struct acct_record *record, void *what);

void acct_spool_stats(struct acct_spool *spool, struct acct_spool_stats *stats);

#endif
