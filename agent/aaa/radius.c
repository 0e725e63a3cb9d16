/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Which server a request goes to, and when it has an end. RFC 2865 2.5. */
#include "aaa/radius.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/radius_server.h"
#include "conf/conf.h"
#include "log.h"

#define SERVERS_MAX 64 /* of a group: bits of radius_job.asked */
#define ATTRS_MAX                                                                                  \
	(RADIUS_MAX - RADIUS_HEADER - (2 + RADIUS_AUTHENTICATOR) - (2 + 4) - RADIUS_PASSWORD_MAX)

struct radius_group {
	unsigned int refs;
	unsigned int max_failovers;
	unsigned int n;
	struct radius_server *servers[];
};

int radius_new(struct ev_loop *loop, struct log *log, struct radius **radius)
{
	struct radius *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->loop = loop;
	r->log = log;
	STAILQ_INIT(&r->servers);
	*radius = r;
	return 0;
}

/* Ends a server's jobs; with the last one it may go. */
static void cancel_all(struct radius_server *s)
{
	struct radius_job *job;

	radius_server_ref(s);
	while ((job = radius_server_first(s))) {
		radius_server_withdraw(job);
		radius_job_end(job, -ECANCELED, NULL);
	}
	radius_server_unref(s);
}

void radius_free(struct radius *radius)
{
	struct radius_server *s, *last = NULL;

	if (!radius)
		return;
	while ((s = STAILQ_FIRST(&radius->servers)) && s != last) {
		cancel_all(s);
		last = s;
	}
	free(radius);
}

/* ---- groups ---- */

static struct radius_server_conf conf_of(const struct conf_servers *c, const struct conf_addr *a,
					 enum radius_kind kind)
{
	return (struct radius_server_conf){
		.kind = kind,
		.addr = a->addr,
		.source = c->source,
		.secret = a->secret,
		.timeout = c->timeout,
		.max_tries = c->max_tries,
		.dead_time = c->dead_time,
		.queue = c->queue,
		.demanded = c->require_message_authenticator,
		.tls = c->tls,
		.ca_file = c->ca_file,
		.certificate = c->certificate,
		.private_key = c->private_key,
		.server_name = c->server_name,
	};
}

static unsigned int count(const struct conf_servers *conf)
{
	const struct conf_addr *a;
	unsigned int n = 0;

	STAILQ_FOREACH(a, &conf->servers, entry)
		n++;
	return n < SERVERS_MAX ? n : SERVERS_MAX;
}

int radius_group_new(struct radius *radius, const struct conf_servers *conf, enum radius_kind kind,
		     struct radius_group **group)
{
	unsigned int n = count(conf);
	struct radius_group *g = calloc(1, sizeof(*g) + n * sizeof(struct radius_server *));
	const struct conf_addr *a;
	int r = 0;

	if (!g)
		return -ENOMEM;
	g->refs = 1;
	g->max_failovers = conf->max_failovers;
	STAILQ_FOREACH(a, &conf->servers, entry) {
		struct radius_server_conf c = conf_of(conf, a, kind);

		if (g->n == n)
			break;
		r = radius_server_get(radius, &c, &g->servers[g->n]);
		if (r < 0)
			break;
		g->n++;
	}
	if (r < 0) {
		radius_group_unref(g);
		return r;
	}
	*group = g;
	return 0;
}

void radius_group_unref(struct radius_group *group)
{
	unsigned int i;

	if (!group || --group->refs > 0)
		return;
	for (i = 0; i < group->n; i++)
		radius_server_unref(group->servers[i]);
	free(group);
}

bool radius_group_dead(const struct radius_group *group)
{
	unsigned int i;

	for (i = 0; i < group->n; i++)
		if (group->servers[i]->state == RADIUS_ALIVE)
			return false;
	return true;
}

/* ---- choosing ---- */

/* The first that is alive, or may be so again and is tried by this request; when all are dead,
 * the first. */
static unsigned int pick(const struct radius_group *g)
{
	unsigned int i;

	for (i = 0; i < g->n; i++)
		if (g->servers[i]->state == RADIUS_ALIVE || radius_server_take_trial(g->servers[i]))
			return i;
	return 0;
}

static bool find(const struct radius_group *g, unsigned int number, unsigned int *index)
{
	unsigned int i;

	for (i = 0; i < g->n; i++) {
		if (g->servers[i]->number == number) {
			*index = i;
			return true;
		}
	}
	return false;
}

/* One that has not been asked, after those that have been; alive: only such a one. */
static bool next(const struct radius_job *job, bool alive, unsigned int *index)
{
	const struct radius_group *g = job->group;
	unsigned int i;

	for (i = 0; i < g->n; i++) {
		if (!(job->asked & 1ULL << i) && (!alive || g->servers[i]->state == RADIUS_ALIVE)) {
			*index = i;
			return true;
		}
	}
	return false;
}

static int submit(struct radius_job *job, unsigned int index)
{
	struct radius_server *s = job->group->servers[index];
	int r;

	job->asked |= 1ULL << index;
	r = radius_server_submit(s, job);
	if (r == -ENOBUFS)
		s->counters.refused++;
	return r;
}

/* ---- requests ---- */

struct radius_job *radius_job_new(uint8_t code, const struct radius_attrs *attrs)
{
	struct radius_job *job = calloc(1, sizeof(*job) + attrs->len);

	if (!job)
		return NULL;
	job->code = code;
	job->len = attrs->len;
	job->event = attrs->event;
	if (attrs->len > 0)
		memcpy(job->attrs, attrs->data, attrs->len);
	return job;
}

/* There may be a clear password in it. */
static void job_free(struct radius_job *job)
{
	explicit_bzero(job, sizeof(*job) + job->len);
	free(job);
}

int radius_send(struct radius_group *group, uint8_t code, const struct radius_attrs *attrs,
		unsigned int prefer, radius_done_fn done, void *owner, struct radius_job **out)
{
	struct radius_job *job;
	unsigned int index;
	int r;

	if (group->n == 0)
		return -EDESTADDRREQ;
	if (attrs->overflow || attrs->len > ATTRS_MAX)
		return -EMSGSIZE;
	job = radius_job_new(code, attrs);
	if (!job)
		return -ENOMEM;
	job->group = group;
	job->done = done;
	job->owner = owner;
	if (prefer && find(group, prefer, &index))
		job->asked = UINT64_MAX; /* nobody else knows the State */
	else
		index = pick(group);
	r = submit(job, index);
	if (r < 0) {
		job_free(job);
		return r;
	}
	group->refs++;
	*out = job;
	return 0;
}

void radius_job_end(struct radius_job *job, int result, const struct radius_reply *reply)
{
	struct radius_group *group = job->group;

	if (job->done)
		job->done(job->owner, result, reply);
	job_free(job);
	radius_group_unref(group);
}

void radius_cancel(struct radius_job *job)
{
	if (!job)
		return;
	radius_server_withdraw(job);
	job->done = NULL;
	radius_job_end(job, -ECANCELED, NULL);
}

bool radius_job_movable(const struct radius_job *job)
{
	unsigned int index;

	return job->group && job->failovers < job->group->max_failovers &&
	       next(job, true, &index) && radius_server_has_room(job->group->servers[index]);
}

bool radius_job_failed(struct radius_job *job)
{
	unsigned int index;
	int r = -ETIMEDOUT;

	if (job->group && job->failovers < job->group->max_failovers &&
	    (next(job, true, &index) || next(job, false, &index))) {
		job->failovers++;
		r = submit(job, index);
	}
	if (r < 0)
		radius_job_end(job, r, NULL);
	return r == 0;
}

/* ---- looking ---- */

void radius_info(const struct radius *radius, radius_info_fn fn, void *arg)
{
	const struct radius_job *oldest;
	const struct radius_server *s;
	struct mono now = mono_now();

	STAILQ_FOREACH(s, &radius->servers, entry) {
		struct radius_server_info info = {
			.number = s->number,
			.kind = s->conf.kind,
			.tls = s->conf.tls,
			.addr = &s->conf.addr,
			.state = s->state,
			.state_ms = mono_elapsed_ms(s->state_since, now),
			.outstanding = s->n_sent,
			.window = s->window.size,
			.sockets = s->n_channels,
			.waiting = s->n_waiting,
			.queue = s->conf.queue,
			.counters = &s->counters,
			.round_trips = &s->round_trips,
			.waits = &s->waits,
			.rtt_min_us = s->rtt_min_us,
			.rtt_max_us = s->rtt_max_us,
		};

		oldest = TAILQ_FIRST(&s->waiting);
		if (oldest)
			info.waiting_ms = mono_elapsed_ms(oldest->first, now);
		fn(arg, &info);
	}
}
