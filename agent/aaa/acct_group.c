/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Telling the accounting servers of one `authentication` statement: what waits goes out in the order
 * in which it happened, WINDOW records at a time and of each record one message at a time, so that a
 * Stop never overtakes its Start. Accounting-On and -Off go alone, because servers close
 * sessions by them (RFC 2866 5.1).
 *
 * The client (radius.h) sends again and fails over. When it gives up, no server answers, and PROBES
 * records are tried until one is answered: two and not one, the second another one each time, for a
 * server may be well and yet never answer that one record. Such a record is given up after UNHEARD
 * times, but for a Stop, which goes to the end of those that wait.
 *
 * Timer: again, until the next try after a failure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/acct_private.h"
#include "aaa/radius.h"
#include "clock.h"
#include "conf/conf.h"
#include "log.h"

#define WINDOW 128
#define PROBES 2
#define PROBED_FROM 16 /* first ones of those that wait */
#define UNHEARD 3
#define ALONE_TRIES 5 /* after that, others are tried beside an Accounting-On */
#define AGAIN_DOWN_S 1.
#define AGAIN_FULL_S 0.1

/* ---- places ---- */

static void waiting_del(struct acct *acct)
{
	TAILQ_REMOVE(&acct->group->waiting, acct, queued);
	acct->group->n_waiting--;
	acct->group->accounting->totals.waiting--;
}

/* From the end, where most belong; from the front, those that come back. */
static void waiting_add(struct acct *acct)
{
	struct acct_group *g = acct->group;
	struct acct *at = TAILQ_LAST(&g->waiting, acct_list);

	g->n_waiting++;
	g->accounting->totals.waiting++;
	if (!at || at->record.seq < acct->record.seq) {
		TAILQ_INSERT_TAIL(&g->waiting, acct, queued);
		return;
	}
	TAILQ_FOREACH(at, &g->waiting, queued)
		if (at->record.seq > acct->record.seq)
			break;
	TAILQ_INSERT_BEFORE(at, acct, queued);
}

static void place_set(struct acct *acct, enum acct_place place)
{
	struct acct_group *g = acct->group;

	if (acct->place == ACCT_WAITING)
		waiting_del(acct);
	if (acct->place == ACCT_FLYING) {
		TAILQ_REMOVE(&g->flying, acct, queued);
		g->n_flying--;
		radius_cancel(acct->job);
		acct->job = NULL;
	}
	acct->place = place;
	if (place == ACCT_WAITING)
		waiting_add(acct);
	if (place == ACCT_FLYING) {
		TAILQ_INSERT_TAIL(&g->flying, acct, queued);
		g->n_flying++;
	}
}

static void arm_again(struct acct_group *g, double after)
{
	if (ev_is_active(&g->again) || g->n_waiting == 0)
		return;
	ev_timer_set(&g->again, after, 0.);
	ev_timer_start(g->accounting->loop, &g->again);
}

/* ---- answers ---- */

static void count_told(struct acct_totals *totals, const struct acct *acct)
{
	if (acct->record.kind != ACCT_SESSION)
		totals->others++;
	else if (acct->sending == ACCT_DUE_START)
		totals->starts++;
	else if (acct->sending == ACCT_DUE_INTERIM)
		totals->interims++;
	else if (acct->sending == ACCT_DUE_STOP)
		totals->stops++;
	else
		totals->others++;
}

/* What it was to tell is told, or given up. */
static void settled(struct acct *acct)
{
	unsigned int due = acct->sending;

	acct->sending = 0;
	acct->tries = acct->unheard = 0;
	acct->record.due &= (uint8_t)~due;
	if (acct->record.due) {
		if (due != ACCT_DUE_INTERIM)
			acct_keep(acct, buf_of(NULL, 0));
		place_set(acct, ACCT_WAITING);
		return;
	}
	place_set(acct, ACCT_IDLE);
	if (!acct->open)
		acct_free(acct);
	else if (due != ACCT_DUE_INTERIM)
		acct_keep(acct, buf_of(NULL, 0));
}

static void on_answer(struct acct *acct)
{
	struct acct_group *g = acct->group;
	struct accounting *a = g->accounting;

	if (acct_group_down(g))
		log_msg(a->log, LOG_NOTICE,
			"accounting: servers of %s answer again; %u records wait to be told",
			g->name, g->n_waiting);
	g->probes = 0;
	g->answered_ms = mono_now().ms;
	count_told(&a->totals, acct);
	settled(acct);
}

/* Others were answered meanwhile, this was not. */
static void on_unheard(struct acct *acct)
{
	struct accounting *a = acct->group->accounting;
	char id[SUBJECT_ID_LEN + 1];

	if (++acct->unheard < UNHEARD) {
		place_set(acct, ACCT_WAITING);
		return;
	}
	if (acct->sending == ACCT_DUE_STOP) {
		acct->unheard = 0;
		acct->record.seq = ++a->seq;
		place_set(acct, ACCT_WAITING);
		return;
	}
	subject_session_id((uint32_t)(acct->record.id >> 32), (uint32_t)acct->record.id, id);
	log_msg(a->log, LOG_WARNING,
		"accounting: servers of %s do not answer a message of %s, but others; it is given up",
		acct->group->name, id);
	a->totals.ignored++;
	settled(acct);
}

/* What waits now may wait long: a Stop needs a place for that. */
static void stranded(struct acct *acct)
{
	if (!(acct->record.due & ACCT_DUE_STOP) || acct->cost > 0)
		return;
	acct_keep(acct, buf_of(NULL, 0));
	if (acct->cost == 0)
		acct_lose(acct);
}

static void on_silence(struct acct *acct)
{
	struct acct_group *g = acct->group;

	acct->tries++;
	if (g->answered_ms > acct->sent_ms) {
		on_unheard(acct);
		return;
	}
	acct->unheard = 0;
	if (g->probes++ == 0)
		log_msg(g->accounting->log, LOG_ERR,
			"accounting: no server of %s answers; records are kept", g->name);
	place_set(acct, ACCT_WAITING);
	stranded(acct);
	arm_again(g, AGAIN_DOWN_S);
}

static void on_done(void *owner, int result, const struct radius_reply *reply)
{
	struct acct *acct = owner;
	struct acct_group *g = acct->group;
	struct accounting *a = g->accounting;

	(void)reply;
	acct->job = NULL;
	if (result == 0) {
		on_answer(acct);
	} else if (result == -ETIMEDOUT) {
		on_silence(acct);
	} else {
		place_set(acct, ACCT_WAITING);
		arm_again(g, AGAIN_FULL_S);
	}
	acct_group_pump(g);
	acct_check_closed(a);
}

/* ---- sending ---- */

/* It will never be: no server can be told of it. */
static void unspeakable(struct acct *acct, int error)
{
	struct accounting *a = acct->group->accounting;
	char id[SUBJECT_ID_LEN + 1];

	subject_session_id((uint32_t)(acct->record.id >> 32), (uint32_t)acct->record.id, id);
	log_msg(a->log, LOG_ERR, "accounting: a message of %s cannot be sent: %s; it is lost", id,
		strerror(-error));
	if (acct->sending == ACCT_DUE_STOP)
		a->totals.lost++;
	settled(acct);
}

static void send_message(struct acct *acct, struct radius_attrs *attrs)
{
	struct acct_group *g = acct->group;
	int r = acct_record_put(&acct->record, acct->sending, attrs);

	if (r == 0)
		r = radius_send(g->servers, RADIUS_ACCOUNTING_REQUEST, attrs, 0, on_done, acct,
				&acct->job);
	if (r == -EMSGSIZE || r == -EINVAL || r == -EBADMSG) {
		unspeakable(acct, r);
	} else if (r < 0) {
		place_set(acct, ACCT_WAITING);
		arm_again(g, r == -ENOBUFS ? AGAIN_FULL_S : AGAIN_DOWN_S);
	} else {
		acct->sent_ms = mono_now().ms;
	}
}

static void send_body(struct acct *acct, struct buf body)
{
	uint8_t storage[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	char name[ACCT_NAME_MAX + 1];
	struct buf kept;

	if (acct_body_read(body, name, &kept) < 0 || kept.len > sizeof(storage)) {
		unspeakable(acct, -EBADMSG);
		return;
	}
	memcpy(storage, kept.p, kept.len);
	attrs.len = kept.len;
	send_message(acct, &attrs);
}

void acct_group_loaded(struct acct *acct, int result, struct buf body)
{
	struct acct_group *g = acct->group;

	if (result == -ENOMEM) {
		place_set(acct, ACCT_WAITING);
		arm_again(g, AGAIN_DOWN_S);
	} else if (result < 0) {
		unspeakable(acct, result);
	} else {
		send_body(acct, body);
	}
	acct_group_pump(g);
	acct_check_closed(g->accounting);
}

static void send_live(struct acct *acct)
{
	uint8_t storage[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	int r = acct_refresh(acct, &attrs);

	if (r < 0)
		unspeakable(acct, r);
	else
		send_message(acct, &attrs);
}

static void fly(struct acct *acct)
{
	int r;

	place_set(acct, ACCT_FLYING);
	acct->sending = acct_record_next(&acct->record);
	if (acct->describe) {
		send_live(acct);
		return;
	}
	if (acct->body) {
		send_body(acct, buf_of(acct->body, acct->body_len));
		return;
	}
	r = acct_keep_load(acct);
	if (r == -ENOENT) {
		unspeakable(acct, r);
	} else if (r < 0) {
		place_set(acct, ACCT_WAITING);
		arm_again(acct->group, AGAIN_DOWN_S);
	}
}

/* Goes alone, as long as there is hope. */
static bool is_barrier(const struct acct *acct)
{
	return (acct->record.kind == ACCT_ON || acct->record.kind == ACCT_OFF) &&
	       acct->tries < ALONE_TRIES;
}

/* The first, or while no server answers another one beside it. */
static struct acct *pick(struct acct_group *g)
{
	struct acct *acct = TAILQ_FIRST(&g->waiting);

	if (!acct_group_down(g) || g->n_flying == 0)
		return acct;
	for (unsigned int n = g->probes % PROBED_FROM; n > 0 && acct; n--) {
		if (is_barrier(acct) || !TAILQ_NEXT(acct, queued))
			break;
		acct = TAILQ_NEXT(acct, queued);
	}
	return acct;
}

/* What is on its way to the disk is told of when it is there. */
static bool may_fly(const struct acct_group *g, const struct acct *acct)
{
	const struct acct *first = TAILQ_FIRST(&g->flying);

	if (acct->kept == ACCT_UNSAFE && !g->accounting->failing)
		return false;
	return !first || (!is_barrier(first) && !is_barrier(acct));
}

void acct_group_pump(struct acct_group *g)
{
	unsigned int window = acct_group_down(g) ? PROBES : WINDOW;
	struct acct *acct;

	if (!g->servers)
		return;
	while (g->n_flying < window && !ev_is_active(&g->again) && (acct = pick(g)) &&
	       may_fly(g, acct))
		fly(acct);
}

static void on_again(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	acct_group_pump(timer->data);
}

/* ---- what accounting asks for ---- */

void acct_group_enqueue(struct acct *acct)
{
	if (acct->place != ACCT_IDLE)
		return;
	acct->record.seq = ++acct->group->accounting->seq;
	place_set(acct, ACCT_WAITING);
}

void acct_group_resume(struct acct *acct)
{
	struct acct_group *g = acct->group;

	acct->place = ACCT_WAITING;
	TAILQ_INSERT_TAIL(&g->waiting, acct, queued);
	g->n_waiting++;
	g->accounting->totals.waiting++;
}

static int by_seq(const void *a, const void *b)
{
	const struct acct *x = *(struct acct *const *)a, *y = *(struct acct *const *)b;

	return x->record.seq < y->record.seq ? -1 : x->record.seq > y->record.seq;
}

/* Without memory for it they stay in the order of their keys, which is nearly the same. */
void acct_group_sort(struct acct_group *g)
{
	struct acct **all = calloc(g->n_waiting + 1UL, sizeof(struct acct *)), *acct;
	unsigned int n = 0;

	if (!all)
		return;
	TAILQ_FOREACH(acct, &g->waiting, queued)
		all[n++] = acct;
	qsort(all, n, sizeof(struct acct *), by_seq);
	TAILQ_INIT(&g->waiting);
	for (unsigned int i = 0; i < n; i++)
		TAILQ_INSERT_TAIL(&g->waiting, all[i], queued);
	free(all);
}

void acct_group_dequeue(struct acct *acct)
{
	place_set(acct, ACCT_IDLE);
	acct->sending = 0;
}

struct acct_group *acct_group_get(struct accounting *a, const char *name)
{
	struct acct_group *g;

	TAILQ_FOREACH(g, &a->groups, entry)
		if (strcmp(g->name, name) == 0)
			return g;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->accounting = a;
	g->name = strdup(name);
	if (!g->name || index_init(&g->tunnels) < 0) {
		free(g->name);
		free(g);
		return NULL;
	}
	TAILQ_INIT(&g->waiting);
	TAILQ_INIT(&g->flying);
	ev_timer_init(&g->again, on_again, AGAIN_DOWN_S, 0.);
	g->again.data = g;
	TAILQ_INSERT_TAIL(&a->groups, g, entry);
	return g;
}

void acct_group_free(struct acct_group *g)
{
	ev_timer_stop(g->accounting->loop, &g->again);
	TAILQ_REMOVE(&g->accounting->groups, g, entry);
	radius_group_unref(g->servers);
	index_fini(&g->tunnels);
	conf_unref(g->conf);
	free(g->name);
	free(g);
}
