/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A round walks through the sessions in their order, which is that of `seen`: both are sorted by
 * age, so that one pass compares and renews in place. What has ended falls out, what is new is
 * added at the end. The first round only remembers.
 */
#include "control/top.h"

#include <errno.h>
#include <ev.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "control/control.h"

#define SHOWN 20
#define INTERVAL_MS 1000

struct seen {
	uint64_t position; /* of the cursor behind the session */
	uint64_t up_bytes, down_bytes, up_packets, down_packets;
	int64_t us;
};

struct busy {
	uint32_t ppp_id;
	uint64_t up_bps, down_bps, up_pps, down_pps; /* bits and packets per second */
};

struct top {
	struct job *job;
	struct ev_timer timer; /* to the next round */
	int64_t round_us;      /* this one began */
	struct seen *seen;
	size_t n, cap; /* of the round before, and of this one up to `kept` */
	size_t next, kept;
	struct busy *busiest; /* a heap, the least busy first; sorted when the round is over */
	unsigned int n_busiest, told;
	uint32_t sessions;
	bool compares; /* there is a round before */
	bool walking, sleeping;
};

static unsigned int shown(const struct top *top)
{
	uint32_t n = top->job->request.count;

	return n == 0 ? SHOWN : n > TOP_SHOWN_MAX ? TOP_SHOWN_MAX : n;
}

/* ---- the busiest ---- */

static uint64_t bps(const struct busy *b)
{
	return b->up_bps + b->down_bps;
}

static int by_bps(const void *a, const void *b)
{
	uint64_t x = bps(a), y = bps(b);

	return x < y ? 1 : x > y ? -1 : 0;
}

static void swap(struct busy *a, struct busy *b)
{
	struct busy t = *a;

	*a = *b;
	*b = t;
}

static void sift_down(struct busy *heap, unsigned int n)
{
	for (unsigned int i = 0, child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && bps(&heap[child + 1]) < bps(&heap[child]))
			child++;
		if (bps(&heap[i]) <= bps(&heap[child]))
			return;
		swap(&heap[i], &heap[child]);
	}
}

static void sift_up(struct busy *heap, unsigned int i)
{
	for (; i > 0 && bps(&heap[i]) < bps(&heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&heap[i], &heap[(i - 1) / 2]);
}

static void busiest_add(struct top *top, const struct busy *b)
{
	if (bps(b) == 0 && b->up_pps + b->down_pps == 0)
		return;
	if (top->n_busiest < shown(top)) {
		top->busiest[top->n_busiest] = *b;
		sift_up(top->busiest, top->n_busiest++);
	} else if (bps(b) > bps(&top->busiest[0])) {
		top->busiest[0] = *b;
		sift_down(top->busiest, top->n_busiest);
	}
}

/* ---- a round ---- */

/* A counter that has become less is another's. */
static uint64_t rate(uint64_t now, uint64_t before, uint64_t factor, int64_t us)
{
	return now < before || us <= 0 ? 0 : (now - before) * factor * 1000000 / (uint64_t)us;
}

static void compare(struct top *top, uint32_t ppp_id, const struct seen *now)
{
	const struct seen *before;
	struct busy b = { .ppp_id = ppp_id };
	int64_t us;

	while (top->next < top->n && top->seen[top->next].position < now->position)
		top->next++;
	if (top->next == top->n || top->seen[top->next].position != now->position)
		return;
	before = &top->seen[top->next++];
	us = now->us - before->us;
	b.up_bps = rate(now->up_bytes, before->up_bytes, 8, us);
	b.down_bps = rate(now->down_bytes, before->down_bytes, 8, us);
	b.up_pps = rate(now->up_packets, before->up_packets, 1, us);
	b.down_pps = rate(now->down_packets, before->down_packets, 1, us);
	busiest_add(top, &b);
}

/* Never overtakes `next`: those of the round before that are still needed are behind it. */
static int keep(struct top *top, const struct seen *now)
{
	if (top->kept == top->cap) {
		size_t cap = top->cap ? top->cap * 2 : 1024;
		struct seen *seen = realloc(top->seen, cap * sizeof(*seen));

		if (!seen)
			return -ENOMEM;
		top->seen = seen;
		top->cap = cap;
	}
	top->seen[top->kept++] = *now;
	return 0;
}

static void round_begin(struct top *top)
{
	top->walking = true;
	top->round_us = mono_now_us();
	top->next = top->kept = top->n_busiest = top->told = top->sessions = 0;
	top->job->cursor.after = 0;
}

static void round_end(struct top *top)
{
	top->walking = false;
	top->n = top->kept;
	qsort(top->busiest, top->n_busiest, sizeof(*top->busiest), by_bps);
}

/* The next session of the round. */
static enum job_state walk(struct top *top)
{
	struct job *job = top->job;
	struct session_traffic t;
	struct session *session;
	struct seen now;
	bool more;

	session = session_next_soon(job->ctx->sessions, &job->cursor, &more);
	if (!session) {
		if (!more)
			round_end(top);
		return JOB_MORE;
	}
	session_traffic(session, &t);
	now = (struct seen){ job->cursor.after, t.up_bytes,     t.down_bytes,
			     t.up_packets,      t.down_packets, mono_now_us() };
	top->sessions++;
	if (top->compares)
		compare(top, t.ppp_id, &now);
	if (keep(top, &now) < 0)
		job_fail(job, "out of memory");
	return JOB_MORE;
}

/* ---- telling ---- */

static void put_busy(struct job *job, const struct busy *b)
{
	struct session_cursor cursor = { .filter = { .by_ppp_id = true, .ppp_id = b->ppp_id } };
	struct session *session = session_next(job->ctx->sessions, &cursor);
	struct session_record record;
	struct json_object *o;

	if (!session) /* it has ended meanwhile */
		return;
	session_describe(session, &record);
	o = record_session(&record, CONTROL_VIEW_BRIEF);
	if (o) {
		json_object_object_add(o, "type", json_object_new_string("busy"));
		json_object_object_add(o, "up-bps", json_object_new_uint64(b->up_bps));
		json_object_object_add(o, "down-bps", json_object_new_uint64(b->down_bps));
		json_object_object_add(o, "up-pps", json_object_new_uint64(b->up_pps));
		json_object_object_add(o, "down-pps", json_object_new_uint64(b->down_pps));
	}
	job_put(job, o);
}

static void put_round(const struct top *top)
{
	struct json_object *o = record_result("round");

	if (o) {
		json_object_object_add(o, "sessions", json_object_new_int64(top->sessions));
		json_object_object_add(o, "interval-ms",
				       json_object_new_int64(top->job->request.interval));
	}
	job_put(top->job, o);
}

static enum job_state rest(struct top *top)
{
	struct ev_loop *loop = top->job->ctx->loop;
	int64_t ms = top->job->request.interval - (mono_now_us() - top->round_us) / 1000;

	top->compares = true;
	top->sleeping = true;
	ev_now_update(loop); /* timers count from the turn's beginning */
	ev_timer_set(&top->timer, ms > 0 ? (double)ms / 1000. : 0., 0.);
	ev_timer_start(loop, &top->timer);
	return JOB_WAIT;
}

enum job_state top_step(struct job *job)
{
	struct top *top = job->top;

	if (top->sleeping)
		return JOB_WAIT;
	if (top->walking)
		return walk(top);
	if (top->compares && top->told < top->n_busiest) {
		put_busy(job, &top->busiest[top->told++]);
		return JOB_MORE;
	}
	if (top->compares)
		put_round(top);
	return rest(top);
}

/* ---- beginning and end ---- */

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct top *top = timer->data;

	(void)loop;
	(void)revents;
	top->sleeping = false;
	round_begin(top);
	top->job->wake(top->job->arg);
}

void top_start(struct job *job)
{
	struct top *top;

	if (*job->tops >= TOP_JOBS) {
		job_fail(job, "%d others watch already", TOP_JOBS);
		return;
	}
	top = calloc(1, sizeof(*top));
	if (top)
		top->busiest = calloc(TOP_SHOWN_MAX, sizeof(*top->busiest));
	if (!top || !top->busiest) {
		free(top);
		job_fail(job, "out of memory");
		return;
	}
	if (job->request.interval == 0)
		job->request.interval = INTERVAL_MS;
	top->job = job;
	ev_init(&top->timer, on_timer);
	top->timer.data = top;
	job->top = top;
	++*job->tops;
	round_begin(top);
}

void top_stop(struct job *job)
{
	struct top *top = job->top;

	if (!top)
		return;
	--*job->tops;
	ev_timer_stop(job->ctx->loop, &top->timer);
	free(top->busiest);
	free(top->seen);
	free(top);
	job->top = NULL;
}
