/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What of accounting is on disk. Each session has one record there from its Start to the answer to its
 * Stop: an update changes the head in place, so that what is newest replaces what was never told, and
 * a Stop needs no room that its session has not had all along. Sessions that come when all room is
 * taken have no record: they are told of while a server answers, and their Stop is kept if there is
 * room by then.
 *
 * While the file cannot be written, records are told of from memory, and written again (RETRY_S)
 * until that works.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aaa/acct_private.h"
#include "aaa/acct_spool.h"
#include "aaa/radius_packet.h"
#include "log.h"

#define RETRY_S 5.
#define RETRY_MANY 256 /* in one go */
/* Pages of LMDB are part empty, and each commit takes new ones before it gives back the old. */
#define ROOM_OF_FILE 3
#define OVERHEAD (2 * (ACCT_KEY + 16))
#define PATHS 4096

/* ---- lists ---- */

static void leave_list(struct acct *acct)
{
	struct accounting *a = acct->group->accounting;

	if (acct->kept == ACCT_UNSAFE)
		TAILQ_REMOVE(&a->unsafe, acct, keeping);
	else if (acct->kept == ACCT_FAILED)
		TAILQ_REMOVE(&a->failed, acct, keeping);
	acct->kept = ACCT_KEPT;
}

static void kept_set(struct acct *acct, enum acct_kept kept)
{
	struct accounting *a = acct->group->accounting;

	leave_list(acct);
	acct->kept = kept;
	if (kept == ACCT_UNSAFE)
		TAILQ_INSERT_TAIL(&a->unsafe, acct, keeping);
	else if (kept == ACCT_FAILED)
		TAILQ_INSERT_TAIL(&a->failed, acct, keeping);
}

static void arm_retry(struct accounting *a)
{
	if (ev_is_active(&a->retry) || TAILQ_EMPTY(&a->failed))
		return;
	ev_timer_set(&a->retry, RETRY_S, 0.);
	ev_timer_start(a->loop, &a->retry);
}

/* ---- room ---- */

static uint32_t cost_of(size_t body_len)
{
	return (uint32_t)(ACCT_HEAD + body_len + OVERHEAD);
}

static void cost_set(struct acct *acct, uint32_t cost)
{
	struct accounting *a = acct->group->accounting;

	a->totals.records += (cost > 0) - (acct->cost > 0);
	a->bytes += cost;
	a->bytes -= acct->cost;
	acct->cost = cost;
}

/* One that has a record already always gets what little more it needs. */
static bool find_room(struct acct *acct, size_t body_len)
{
	struct accounting *a = acct->group->accounting;

	if (acct->cost == 0 && (body_len == 0 || a->bytes + cost_of(body_len) > a->bytes_max))
		return false;
	if (body_len > 0)
		cost_set(acct, cost_of(body_len));
	return true;
}

/* ---- writing ---- */

static void put(struct acct *acct, struct buf body)
{
	struct accounting *a = acct->group->accounting;

	acct->ticket = acct_spool_put(a->spool, &acct->record, body);
	kept_set(acct, acct->ticket ? ACCT_UNSAFE : ACCT_FAILED);
	arm_retry(a);
}

/* Its body, made anew if it is a session's that goes on. */
static struct buf body_of(struct acct *acct, uint8_t storage[ACCT_BODY_MAX])
{
	uint8_t bytes[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(bytes, sizeof(bytes));
	int len;

	if (acct->body)
		return buf_of(acct->body, acct->body_len);
	if (acct->body_kept || acct_refresh(acct, &attrs) < 0)
		return buf_of(NULL, 0);
	len = acct_body_write(acct->group->name, buf_of(bytes, attrs.len), storage, ACCT_BODY_MAX);
	return buf_of(storage, len < 0 ? 0 : (size_t)len);
}

/* A head alone is not written before its body is known to be there. */
void acct_keep(struct acct *acct, struct buf body)
{
	struct accounting *a = acct->group->accounting;
	uint8_t storage[ACCT_BODY_MAX];

	if (body.len == 0 && !acct->body_kept)
		body = body_of(acct, storage);
	if (!find_room(acct, body.len) || !a->spool) {
		kept_set(acct, ACCT_ALONE);
		return;
	}
	if (body.len > 0) {
		acct->body_kept = false;
		acct->record.body = acct_body_id(body);
	}
	if (acct->kept != ACCT_FAILED || !a->failing)
		put(acct, body);
}

void acct_unkeep(struct acct *acct)
{
	struct accounting *a = acct->group->accounting;

	leave_list(acct);
	if (a->spool && acct->cost > 0)
		acct_spool_del(a->spool, &acct->record);
	cost_set(acct, 0);
}

void acct_keep_found(struct acct *acct, size_t body_len)
{
	cost_set(acct, cost_of(body_len));
	kept_set(acct, ACCT_KEPT);
	acct->body_kept = true;
}

static void retry_some(struct accounting *a, unsigned int many)
{
	uint8_t storage[ACCT_BODY_MAX];
	struct acct *acct;

	while (many-- > 0 && (acct = TAILQ_FIRST(&a->failed))) {
		struct buf body = body_of(acct, storage);

		put(acct, body);
		if (acct->kept == ACCT_FAILED)
			return;
	}
}

static void on_retry(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	retry_some(timer->data, RETRY_MANY);
}

/* ---- what the spool says ---- */

/* On disk is enough for what others have to be told before. */
static void drop_body(struct acct *acct)
{
	if (!acct->body_kept || acct->place != ACCT_WAITING || !acct_group_down(acct->group))
		return;
	free(acct->body);
	acct->body = NULL;
}

static void kept_well(struct acct *acct)
{
	kept_set(acct, ACCT_KEPT);
	acct->body_kept = true;
	drop_body(acct);
}

static void tell_failing(struct accounting *a, int error)
{
	if (a->failing == (error < 0))
		return;
	a->failing = error < 0;
	if (a->failing)
		log_msg(a->log, LOG_ERR,
			"accounting: cannot write %s: %s; records are in memory only until that works",
			a->file, strerror(-error));
	else
		log_msg(a->log, LOG_NOTICE, "accounting: %s is written again", a->file);
}

static void pump_all(struct accounting *a)
{
	struct acct_group *group;

	TAILQ_FOREACH(group, &a->groups, entry)
		acct_group_pump(group);
}

static void on_stored(void *arg, uint64_t ticket, int error)
{
	struct accounting *a = arg;
	struct acct *acct;

	tell_failing(a, error);
	while ((acct = TAILQ_FIRST(&a->unsafe)) && acct->ticket <= ticket) {
		if (error < 0)
			kept_set(acct, ACCT_FAILED);
		else
			kept_well(acct);
	}
	if (a->ending)
		return;
	if (error == 0)
		retry_some(a, RETRY_MANY);
	arm_retry(a);
	pump_all(a);
}

static void on_loaded(void *arg, void *what, int result, struct buf body)
{
	(void)arg;
	acct_group_loaded(what, result, body);
}

static const struct acct_spool_user spool_user = {
	.stored = on_stored,
	.loaded = on_loaded,
};

int acct_keep_load(struct acct *acct)
{
	struct accounting *a = acct->group->accounting;

	return a->spool ? acct_spool_load(a->spool, &acct->record, acct) : -ENOENT;
}

/* ---- opening ---- */

static int move_aside(struct accounting *a, const char *file)
{
	char other[PATHS];

	snprintf(other, sizeof(other), "%s.damaged-%lld", file, (long long)time(NULL));
	if (rename(file, other) < 0)
		return -errno;
	log_msg(a->log, LOG_ERR,
		"accounting: %s is damaged or no file of accounting records; it is %s now, and a new one is begun",
		file, other);
	return 0;
}

int acct_keep_open(struct accounting *a, const char *file, size_t size)
{
	int r;

	a->retry.data = a;
	ev_timer_init(&a->retry, on_retry, RETRY_S, 0.);
	a->bytes_max = size / ROOM_OF_FILE;
	r = acct_spool_open(a->loop, file, size, &spool_user, a, &a->spool);
	if (r == -EBADMSG)
		r = move_aside(a, file);
	else
		return r;
	return r < 0 ? r : acct_spool_open(a->loop, file, size, &spool_user, a, &a->spool);
}

void acct_keep_close(struct accounting *a)
{
	a->ending = true;
	if (a->spool) {
		retry_some(a, UINT_MAX);
		acct_spool_finish(a->spool);
	}
	ev_timer_stop(a->loop, &a->retry);
	acct_spool_close(a->spool);
	a->spool = NULL;
}

/* ---- what was there ---- */

/* Those that are no good are deleted once nobody reads the file any more. */
struct walk {
	struct accounting *a;
	acct_found_fn found;
	unsigned int damaged, n_bad;
	struct acct_record bad[64];
};

static void on_damaged(struct walk *w, struct buf key)
{
	w->damaged++;
	if (w->n_bad < sizeof(w->bad) / sizeof(*w->bad) &&
	    acct_key_read(key, &w->bad[w->n_bad]) == 0)
		w->n_bad++;
}

static int on_record(void *arg, struct buf key, struct buf head, struct buf body)
{
	struct walk *w = arg;
	char name[ACCT_NAME_MAX + 1];
	struct acct_record record;
	struct buf attrs;

	if (acct_record_read(key, head, &record) < 0 || acct_body_read(body, name, &attrs) < 0) {
		on_damaged(w, key);
		return 0;
	}
	return w->found(w->a, &record, name, body.len);
}

int acct_keep_walk(struct accounting *a, acct_found_fn found)
{
	struct walk w = { .a = a, .found = found };
	int r = acct_spool_walk(a->spool, on_record, &w);

	for (unsigned int i = 0; i < w.n_bad; i++)
		acct_spool_del(a->spool, &w.bad[i]);
	if (w.damaged)
		log_msg(a->log, LOG_ERR, "accounting: %u damaged records of %s are left out",
			w.damaged, a->file);
	return r;
}
