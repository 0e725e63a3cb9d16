/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * LMDB trusts its file: a damaged one may cost the process that reads it its life. So another
 * process reads it first, all of it, and its death is the verdict. Then this one reads the same in the
 * same way, and copies it into a new file that takes the old one's place: nothing is ever written
 * into a structure of which only part has been seen to be whole. Commits are synchronous: what has been
 * committed outlives a crash of the machine, and no order of writes can damage the file.
 */
#include "aaa/acct_db.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define MODE 0600
#define CHECK_S 30
#define CHECK_BYTES_PER_S (10U << 20) /* what any disk reads */
#define PATHS 4096
#define FREE_DBI 0 /* LMDB's own: which pages are free */
#define FLAGS (MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS)

struct acct_db {
	int fd; /* holds the lock */
	MDB_env *env;
	MDB_dbi heads, bodies;
	MDB_txn *txn;
};

static int error_of(int r)
{
	switch (r) {
	case MDB_SUCCESS:
		return 0;
	case MDB_MAP_FULL:
		return -ENOSPC;
	case MDB_NOTFOUND:
		return -ENOENT;
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
		return -EBADMSG;
	default:
		return r > 0 ? -r : -EIO;
	}
}

static struct buf buf_of_val(const MDB_val *v)
{
	return buf_of(v->mv_data, v->mv_size);
}

static MDB_val val_of(struct buf b)
{
	return (MDB_val){ b.len, (void *)b.p };
}

/* ---- is it whole? ---- */

static int walk_free(MDB_txn *txn)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int r = mdb_cursor_open(txn, FREE_DBI, &cursor);

	if (r != MDB_SUCCESS)
		return r;
	do
		r = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	while (r == MDB_SUCCESS && k.mv_size == sizeof(size_t) && v.mv_size >= sizeof(size_t));
	mdb_cursor_close(cursor);
	return r == MDB_NOTFOUND ? 0 : MDB_CORRUPTED;
}

/* All bytes must be there; what they say is the business of others. */
static int check_record(void *arg, struct buf key, struct buf head, struct buf body)
{
	unsigned long *sum = arg;

	*sum = crc32_z(*sum, key.p, key.len);
	*sum = crc32_z(*sum, head.p, head.len);
	*sum = crc32_z(*sum, body.p, body.len);
	return 0;
}

static void on_assert(MDB_env *env, const char *message)
{
	(void)env;
	(void)message;
	_exit(1);
}

static int open_tables(struct acct_db *db, MDB_txn *txn, unsigned int flags)
{
	int r = mdb_dbi_open(txn, "heads", flags, &db->heads);

	return r == MDB_SUCCESS ? mdb_dbi_open(txn, "bodies", flags, &db->bodies) : r;
}

/* -ENOENT: it has no tables yet. */
static int open_to_read(struct acct_db *db, const char *path)
{
	MDB_txn *txn;
	int r = mdb_env_create(&db->env);

	if (r != MDB_SUCCESS)
		return error_of(r);
	mdb_env_set_assert(db->env, on_assert);
	mdb_env_set_maxdbs(db->env, 2);
	r = mdb_env_open(db->env, path, FLAGS | MDB_RDONLY, MODE);
	if (r == MDB_SUCCESS)
		r = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn);
	if (r != MDB_SUCCESS)
		return error_of(r);
	r = walk_free(txn);
	if (r == MDB_SUCCESS)
		r = open_tables(db, txn, 0);
	if (r != MDB_SUCCESS) {
		mdb_txn_abort(txn);
		return error_of(r);
	}
	return error_of(mdb_txn_commit(txn));
}

static int check_all(const char *path)
{
	struct acct_db db = { .fd = -1 };
	unsigned long sum = 0;
	int r = open_to_read(&db, path);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return acct_db_walk(&db, check_record, &sum);
}

/* What is missing at the file's end is mapped nevertheless, and kills whoever reads it. */
static void die_quietly(off_t size)
{
	static const int deadly[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM };
	const struct rlimit none = { 0, 0 };

	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		signal(deadly[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &none);
	alarm(CHECK_S + (unsigned int)(size / CHECK_BYTES_PER_S));
}

static int check(const char *path)
{
	struct stat st;
	int status;
	pid_t pid;

	if (stat(path, &st) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		die_quietly(st.st_size);
		_exit(check_all(path) == 0 ? 0 : 1);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBADMSG;
}

/* ---- opening ---- */

/* Until now another process may have put a new file in its place. */
static bool is_at(const struct stat *st, const char *path)
{
	struct stat now;

	return lstat(path, &now) == 0 && now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

/* 0: it is empty, 1: something is in it. */
static int lock_file(struct acct_db *db, const char *path)
{
	struct stat st;

	db->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (db->fd < 0)
		return -errno;
	if (flock(db->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(db->fd, &st) < 0 || fchmod(db->fd, MODE) < 0)
		return -errno;
	if (!is_at(&st, path))
		return -EBUSY;
	return S_ISREG(st.st_mode) ? st.st_size > 0 : -EINVAL;
}

/* The name of a file is on disk when its directory is. Not every file system can do that. */
static void sync_name(const char *path)
{
	char directory[PATHS];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int open_env(struct acct_db *db, const char *path, size_t size)
{
	int r = mdb_env_create(&db->env);

	if (r != MDB_SUCCESS)
		return error_of(r);
	mdb_env_set_maxdbs(db->env, 2);
	mdb_env_set_mapsize(db->env, size);
	r = mdb_env_open(db->env, path, FLAGS, MODE);
	if (r == MDB_SUCCESS)
		r = mdb_txn_begin(db->env, NULL, 0, &db->txn);
	if (r == MDB_SUCCESS)
		r = open_tables(db, db->txn, MDB_CREATE);
	return r == MDB_SUCCESS ? acct_db_commit(db) : error_of(r);
}

static struct acct_db *db_new(void)
{
	struct acct_db *db = calloc(1, sizeof(*db));

	if (db)
		db->fd = -1;
	return db;
}

/* What is too long is no record, which whoever reads it is to find out. */
static int copy_record(void *arg, struct buf key, struct buf head, struct buf body)
{
	if (head.len > ACCT_HEAD)
		head.len = 0;
	if (body.len > ACCT_BODY_MAX)
		body.len = 0;
	return key.len == ACCT_KEY ? acct_db_put(arg, key.p, head, body) : 0;
}

static int copy_all(struct acct_db *to, const char *path)
{
	struct acct_db *from = db_new();
	int r = from ? open_to_read(from, path) : -ENOMEM;

	if (r == 0)
		r = acct_db_begin(to);
	if (r == 0)
		r = acct_db_walk(from, copy_record, to);
	if (r == 0)
		r = acct_db_commit(to);
	acct_db_close(from);
	return r == -ENOENT ? 0 : r; /* it has no tables yet */
}

/* Whoever opens the path from the rename on finds the new file, which is locked. Its name is as safe
 * as what will be written into it, or the old file would come back. */
static int renew(const char *path, size_t size, struct acct_db **out)
{
	struct acct_db *db = db_new();
	char fresh[PATHS];
	int r = -ENOMEM;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	unlink(fresh);
	if (db)
		r = lock_file(db, fresh);
	if (r >= 0)
		r = open_env(db, fresh, size);
	if (r == 0)
		r = copy_all(db, path);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r == 0)
		sync_name(path);
	if (r < 0) {
		unlink(fresh);
		acct_db_close(db);
		return r;
	}
	*out = db;
	return 0;
}

/* A disk without room for a second file still takes what the first has room for. */
static int open_old(struct acct_db *db, const char *path, size_t size, struct acct_db **out)
{
	int r = check(path);

	if (r < 0)
		return r;
	r = renew(path, size, out);
	if (r == 0)
		acct_db_close(db);
	if (r != -ENOSPC && r != -EDQUOT && r != -EFBIG)
		return r;
	r = open_env(db, path, size);
	if (r == 0)
		*out = db;
	return r;
}

int acct_db_open(const char *path, size_t size, struct acct_db **out)
{
	struct acct_db *db = db_new();
	int r;

	if (!db)
		return -ENOMEM;
	r = lock_file(db, path);
	if (r > 0) {
		r = open_old(db, path, size, out);
	} else if (r == 0) {
		r = open_env(db, path, size);
		if (r == 0)
			*out = db;
		if (r == 0)
			sync_name(path);
	}
	if (r < 0)
		acct_db_close(db);
	return r;
}

void acct_db_close(struct acct_db *db)
{
	if (!db)
		return;
	acct_db_abort(db);
	if (db->env)
		mdb_env_close(db->env);
	if (db->fd >= 0)
		close(db->fd);
	free(db);
}

/* ---- writing ---- */

int acct_db_begin(struct acct_db *db)
{
	return error_of(mdb_txn_begin(db->env, NULL, 0, &db->txn));
}

int acct_db_put(struct acct_db *db, const uint8_t key[ACCT_KEY], struct buf head, struct buf body)
{
	MDB_val k = { ACCT_KEY, (void *)key }, h = val_of(head), b = val_of(body);
	int r = mdb_put(db->txn, db->heads, &k, &h, 0);

	if (r == MDB_SUCCESS && body.len > 0)
		r = mdb_put(db->txn, db->bodies, &k, &b, 0);
	return error_of(r);
}

static int del(struct acct_db *db, MDB_dbi table, const uint8_t key[ACCT_KEY])
{
	MDB_val k = { ACCT_KEY, (void *)key };
	int r = mdb_del(db->txn, table, &k, NULL);

	return r == MDB_NOTFOUND ? 0 : error_of(r);
}

int acct_db_del(struct acct_db *db, const uint8_t key[ACCT_KEY])
{
	int r = del(db, db->heads, key);

	return r < 0 ? r : del(db, db->bodies, key);
}

int acct_db_commit(struct acct_db *db)
{
	MDB_txn *txn = db->txn;

	db->txn = NULL;
	return error_of(mdb_txn_commit(txn));
}

void acct_db_abort(struct acct_db *db)
{
	if (db->txn)
		mdb_txn_abort(db->txn);
	db->txn = NULL;
}

/* ---- reading ---- */

int acct_db_body(struct acct_db *db, const uint8_t key[ACCT_KEY], uint8_t *out, size_t cap)
{
	MDB_val k = { ACCT_KEY, (void *)key }, v;
	MDB_txn *txn;
	int r = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn);

	if (r != MDB_SUCCESS)
		return error_of(r);
	r = error_of(mdb_get(txn, db->bodies, &k, &v));
	if (r == 0 && v.mv_size > cap)
		r = -EBADMSG;
	if (r == 0) {
		memcpy(out, v.mv_data, v.mv_size);
		r = (int)v.mv_size;
	}
	mdb_txn_abort(txn);
	return r;
}

static int walk_heads(struct acct_db *db, MDB_txn *txn, acct_db_fn fn, void *arg)
{
	MDB_cursor *cursor;
	MDB_val k, head, body;
	int r = mdb_cursor_open(txn, db->heads, &cursor);

	if (r != MDB_SUCCESS)
		return error_of(r);
	while ((r = mdb_cursor_get(cursor, &k, &head, MDB_NEXT)) == MDB_SUCCESS) {
		int found = mdb_get(txn, db->bodies, &k, &body);

		if (found != MDB_SUCCESS && found != MDB_NOTFOUND) {
			r = found;
			break;
		}
		if (found == MDB_NOTFOUND)
			body = (MDB_val){ 0 };
		r = fn(arg, buf_of_val(&k), buf_of_val(&head), buf_of_val(&body));
		if (r != 0)
			break;
	}
	mdb_cursor_close(cursor);
	return r == MDB_NOTFOUND ? 0 : r;
}

int acct_db_walk(struct acct_db *db, acct_db_fn fn, void *arg)
{
	MDB_txn *txn;
	int r = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn);

	if (r != MDB_SUCCESS)
		return error_of(r);
	r = walk_heads(db, txn, fn, arg);
	mdb_txn_abort(txn);
	return r;
}
