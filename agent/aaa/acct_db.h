/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The file that accounting records are kept in: LMDB, two tables with the same keys, heads and bodies
 * (acct_record.h). Blocks; used by one thread, that of acct_spool.c.
 */
#ifndef XPPPD_ACCT_DB_H
#define XPPPD_ACCT_DB_H

#include <stddef.h>
#include <stdint.h>

#include "aaa/acct_record.h"

struct acct_db;

/*
 * Creates the file, mode 0600, or opens one that is whole; size: what it may grow to. -EBADMSG: it
 * is damaged, or no such file at all; -EBUSY: another process has it; -ENOMEM and what files fail
 * with.
 */
int acct_db_open(const char *path, size_t size, struct acct_db **db);
void acct_db_close(struct acct_db *db); /* NULL is fine */

/* What is changed between begin and commit is on disk when commit returns 0, else nothing of it.
 * -ENOSPC: file or disk is full. After an error only abort is of use. */
int acct_db_begin(struct acct_db *db);
int acct_db_put(struct acct_db *db, const uint8_t key[ACCT_KEY], struct buf head, struct buf body);
int acct_db_del(struct acct_db *db, const uint8_t key[ACCT_KEY]);
int acct_db_commit(struct acct_db *db);
void acct_db_abort(struct acct_db *db);

/* Copies; the length, -ENOENT. */
int acct_db_body(struct acct_db *db, const uint8_t key[ACCT_KEY], uint8_t *out, size_t cap);

/* Calls fn for each record; ends with what it returns if that is not 0. */
typedef int (*acct_db_fn)(void *arg, struct buf key, struct buf head, struct buf body);
int acct_db_walk(struct acct_db *db, acct_db_fn fn, void *arg);

#endif
