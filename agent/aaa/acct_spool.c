/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A commit waits for the disk, milliseconds or, on a bad day, seconds; the loop never does. While one
 * is under way the next ones' writes gather. COMMIT_EVERY_MS bounds how often the disk is asked.
 *
 * The thread owns the file. What both share is under `lock`: two queues to it, one back.
 */
#include "aaa/acct_spool.h"

#include <errno.h>
#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "clock.h"

#define COMMIT_EVERY_MS 20
#define RETRY_MS 1000   /* of deletions that failed */
#define COMMIT_OPS 4096 /* at most in one */
#define FEWER 8         /* times, after one that failed */

enum op_kind {
	OP_PUT,
	OP_DEL,
	OP_LOAD,
	OP_STORED, /* back: all up to ticket */
};

struct op {
	STAILQ_ENTRY(op) entry;
	enum op_kind kind;
	int result;
	uint64_t ticket;
	void *what;
	uint8_t key[ACCT_KEY];
	uint8_t head[ACCT_HEAD];
	size_t body_len;
	uint8_t body[];
};
STAILQ_HEAD(ops, op);

struct acct_spool {
	struct ev_loop *loop;
	const struct acct_spool_user *user;
	void *arg;
	struct acct_db *db; /* the thread's once it runs */
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct ops writes, loads, done;
	bool closing;
	struct acct_spool_stats stats;
	struct ev_async ready;
	uint64_t tickets;
};

/* ---- the thread ---- */

static struct op *stored_op(uint64_t ticket)
{
	struct op *op = calloc(1, sizeof(*op));

	if (op) {
		op->kind = OP_STORED;
		op->ticket = ticket;
	}
	return op;
}

static void hand_back(struct acct_spool *s, struct op *op)
{
	pthread_mutex_lock(&s->lock);
	STAILQ_INSERT_TAIL(&s->done, op, entry);
	pthread_mutex_unlock(&s->lock);
	ev_async_send(s->loop, &s->ready);
}

static int write_op(struct acct_spool *s, const struct op *op)
{
	if (op->kind == OP_DEL)
		return acct_db_del(s->db, op->key);
	return acct_db_put(s->db, op->key, buf_of(op->head, sizeof(op->head)),
			   buf_of(op->body, op->body_len));
}

static int commit(struct acct_spool *s, const struct ops *batch)
{
	int64_t begun = mono_now_us(), took;
	const struct op *op;
	int r = acct_db_begin(s->db);

	STAILQ_FOREACH(op, batch, entry) {
		if (r < 0)
			break;
		r = write_op(s, op);
	}
	if (r == 0)
		r = acct_db_commit(s->db);
	else
		acct_db_abort(s->db);
	took = mono_now_us() - begun;
	pthread_mutex_lock(&s->lock);
	s->stats.commits++;
	if (took > s->stats.commit_us_max)
		s->stats.commit_us_max = took;
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* Those that must be tried again stay. */
static void free_batch(struct ops *batch, bool keep_deletions)
{
	struct ops kept = STAILQ_HEAD_INITIALIZER(kept);
	struct op *op;

	while ((op = STAILQ_FIRST(batch))) {
		STAILQ_REMOVE_HEAD(batch, entry);
		if (keep_deletions && op->kind == OP_DEL)
			STAILQ_INSERT_TAIL(&kept, op, entry);
		else
			free(op);
	}
	STAILQ_CONCAT(batch, &kept);
}

/* Takes up to `most`; the last one's ticket. */
static uint64_t take(struct ops *from, struct ops *batch, unsigned int most)
{
	uint64_t ticket = 0;
	struct op *op;

	for (unsigned int n = 0; n < most && (op = STAILQ_FIRST(from)); n++) {
		STAILQ_REMOVE_HEAD(from, entry);
		STAILQ_INSERT_TAIL(batch, op, entry);
		ticket = op->ticket;
	}
	return ticket;
}

/* They go first again, so that no write that came later is undone by them. */
static void put_back(struct acct_spool *s, struct ops *batch)
{
	pthread_mutex_lock(&s->lock);
	STAILQ_CONCAT(batch, &s->writes);
	STAILQ_CONCAT(&s->writes, batch);
	pthread_mutex_unlock(&s->lock);
}

static int write_batch(struct acct_spool *s, struct ops *batch, uint64_t last)
{
	struct op *told = stored_op(last);
	int r;

	if (!told) {
		put_back(s, batch);
		return -ENOMEM;
	}
	r = commit(s, batch);
	free_batch(batch, r < 0);
	put_back(s, batch);
	told->result = r;
	hand_back(s, told);
	return r;
}

/* Until it is committed, what is deleted takes more room of the file and not less: in a full one only
 * small commits find that. */
static unsigned int next_most(unsigned int most, int r)
{
	if (r < 0)
		return most > FEWER ? most / FEWER : 1;
	return most < COMMIT_OPS / 2 ? most * 2 : COMMIT_OPS;
}

static struct op *load(struct acct_spool *s, struct op *op)
{
	struct op *grown = realloc(op, sizeof(*op) + ACCT_BODY_MAX);
	int len;

	if (!grown) {
		op->result = -ENOMEM;
		return op;
	}
	len = acct_db_body(s->db, grown->key, grown->body, ACCT_BODY_MAX);
	grown->result = len < 0 ? len : 0;
	grown->body_len = len < 0 ? 0 : (size_t)len;
	return grown;
}

static void load_all(struct acct_spool *s, struct ops *loads)
{
	struct op *op;

	while ((op = STAILQ_FIRST(loads))) {
		STAILQ_REMOVE_HEAD(loads, entry);
		hand_back(s, load(s, op));
	}
}

static void wait_until(struct acct_spool *s, int64_t us)
{
	struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	pthread_cond_timedwait(&s->wake, &s->lock, &t);
}

/* The lock is held. False: there is nothing more to do, ever. */
static bool await_work(struct acct_spool *s, int64_t not_before)
{
	while (STAILQ_EMPTY(&s->loads)) {
		if (s->closing)
			return !STAILQ_EMPTY(&s->writes);
		if (STAILQ_EMPTY(&s->writes))
			pthread_cond_wait(&s->wake, &s->lock);
		else if (mono_now_us() < not_before)
			wait_until(s, not_before);
		else
			break;
	}
	return true;
}

static void *run(void *arg)
{
	struct acct_spool *s = arg;
	struct ops batch = STAILQ_HEAD_INITIALIZER(batch);
	struct ops loads = STAILQ_HEAD_INITIALIZER(loads);
	int64_t not_before = 0;
	unsigned int most = COMMIT_OPS;
	uint64_t last = 0;
	bool closing = false;
	int r = 0;

	pthread_mutex_lock(&s->lock);
	while (!(closing && r < 0) && await_work(s, not_before)) {
		closing = s->closing; /* from then on, the first failure is the last */
		STAILQ_CONCAT(&loads, &s->loads);
		if (s->closing || mono_now_us() >= not_before)
			last = take(&s->writes, &batch, most);
		pthread_mutex_unlock(&s->lock);
		load_all(s, &loads);
		r = 0;
		if (!STAILQ_EMPTY(&batch)) {
			r = write_batch(s, &batch, last);
			most = next_most(most, r);
			not_before = mono_now_us() + (r < 0 ? RETRY_MS : COMMIT_EVERY_MS) * 1000;
		}
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* ---- the loop ---- */

static void on_ready(struct ev_loop *loop, struct ev_async *ready, int revents)
{
	struct acct_spool *s = ready->data;
	struct ops done = STAILQ_HEAD_INITIALIZER(done);
	struct op *op;

	(void)loop;
	(void)revents;
	pthread_mutex_lock(&s->lock);
	STAILQ_CONCAT(&done, &s->done);
	pthread_mutex_unlock(&s->lock);
	while ((op = STAILQ_FIRST(&done))) {
		STAILQ_REMOVE_HEAD(&done, entry);
		if (op->kind == OP_STORED)
			s->user->stored(s->arg, op->ticket, op->result);
		else
			s->user->loaded(s->arg, op->what, op->result,
					buf_of(op->body, op->body_len));
		free(op);
	}
}

/* Signals are the loop's. SIGXFSZ, blocked, is an error of the write. */
static int start_thread(struct acct_spool *s)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

static void init_lock(struct acct_spool *s)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&s->lock, NULL);
}

int acct_spool_open(struct ev_loop *loop, const char *path, size_t size,
		    const struct acct_spool_user *user, void *arg, struct acct_spool **out)
{
	struct acct_spool *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->loop = loop;
	s->user = user;
	s->arg = arg;
	STAILQ_INIT(&s->writes);
	STAILQ_INIT(&s->loads);
	STAILQ_INIT(&s->done);
	init_lock(s);
	ev_async_init(&s->ready, on_ready);
	s->ready.data = s;
	r = acct_db_open(path, size, &s->db);
	if (r < 0) {
		acct_spool_close(s);
		return r;
	}
	ev_async_start(loop, &s->ready);
	ev_unref(loop);
	*out = s;
	return 0;
}

static void free_ops(struct ops *ops)
{
	struct op *op;

	while ((op = STAILQ_FIRST(ops))) {
		STAILQ_REMOVE_HEAD(ops, entry);
		free(op);
	}
}

void acct_spool_finish(struct acct_spool *s)
{
	struct op *op;

	if (!s->running)
		return;
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	s->running = false;
	STAILQ_FOREACH(op, &s->done, entry)
		if (op->kind == OP_STORED)
			s->user->stored(s->arg, op->ticket, op->result);
	free_ops(&s->done);
}

void acct_spool_close(struct acct_spool *s)
{
	if (!s)
		return;
	acct_spool_finish(s);
	if (ev_is_active(&s->ready)) {
		ev_ref(s->loop);
		ev_async_stop(s->loop, &s->ready);
	}
	free_ops(&s->writes);
	free_ops(&s->loads);
	free_ops(&s->done);
	acct_db_close(s->db);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int acct_spool_walk(struct acct_spool *s, acct_db_fn fn, void *arg)
{
	return acct_db_walk(s->db, fn, arg);
}

/* Without a thread, nobody would ever take it. */
static int ensure_thread(struct acct_spool *s)
{
	if (!s->running)
		s->running = start_thread(s) == 0;
	return s->running ? 0 : -EAGAIN;
}

static struct op *new_op(struct acct_spool *s, enum op_kind kind, const struct acct_record *record,
			 struct buf body)
{
	struct op *op = ensure_thread(s) == 0 ? calloc(1, sizeof(*op) + body.len) : NULL;

	if (!op)
		return NULL;
	op->kind = kind;
	acct_key_write(record, op->key);
	op->body_len = body.len;
	if (body.len > 0)
		memcpy(op->body, body.p, body.len);
	return op;
}

/* Of those that are queued already the thread knows; it may be waiting for more of them. */
static void submit(struct acct_spool *s, struct ops *queue, struct op *op)
{
	pthread_mutex_lock(&s->lock);
	if (STAILQ_EMPTY(queue))
		pthread_cond_signal(&s->wake);
	STAILQ_INSERT_TAIL(queue, op, entry);
	pthread_mutex_unlock(&s->lock);
}

static uint64_t submit_write(struct acct_spool *s, struct op *op)
{
	op->ticket = ++s->tickets;
	submit(s, &s->writes, op);
	return s->tickets;
}

uint64_t acct_spool_put(struct acct_spool *s, const struct acct_record *record, struct buf body)
{
	struct op *op = new_op(s, OP_PUT, record, body);

	if (!op)
		return 0;
	acct_head_write(record, op->head);
	return submit_write(s, op);
}

uint64_t acct_spool_del(struct acct_spool *s, const struct acct_record *record)
{
	struct op *op = new_op(s, OP_DEL, record, buf_of(NULL, 0));

	if (!op)
		return 0;
	return submit_write(s, op);
}

int acct_spool_load(struct acct_spool *s, const struct acct_record *record, void *what)
{
	struct op *op = new_op(s, OP_LOAD, record, buf_of(NULL, 0));

	if (!op)
		return -ENOMEM;
	op->what = what;
	submit(s, &s->loads, op);
	return 0;
}

void acct_spool_stats(struct acct_spool *s, struct acct_spool_stats *stats)
{
	pthread_mutex_lock(&s->lock);
	*stats = s->stats;
	pthread_mutex_unlock(&s->lock);
}
