/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/radius_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define FIRST_MS 500 /* until a request is sent again, and FIRST_ROUNDS usual round trips */
#define FIRST_ROUNDS 4
#define BACK_OFF_FIRST_MS 1000
#define BACK_OFF_MAX_MS 30000

static const char *const state_names[] = {
	[RADIUS_ALIVE] = "alive",
	[RADIUS_DEAD] = "dead",
	[RADIUS_PROBED] = "probed",
};

const char *radius_state_name(enum radius_state state)
{
	return state_names[state];
}

const char *radius_kind_name(enum radius_kind kind)
{
	return kind == RADIUS_ACCOUNTING ? "accounting" : "authentication";
}

static void pump(struct radius_server *s);

/* ---- identity ---- */

char *radius_addr_text(const struct sockaddr_storage *addr, char text[RADIUS_ADDR_TEXT])
{
	const struct sockaddr_in *a4 = (const void *)addr;
	const struct sockaddr_in6 *a6 = (const void *)addr;
	char address[INET6_ADDRSTRLEN];

	if (a4->sin_family == AF_INET)
		snprintf(text, RADIUS_ADDR_TEXT, "%s:%u",
			 inet_ntop(AF_INET, &a4->sin_addr, address, sizeof(address)),
			 ntohs(a4->sin_port));
	else
		snprintf(text, RADIUS_ADDR_TEXT, "[%s]:%u",
			 inet_ntop(AF_INET6, &a6->sin6_addr, address, sizeof(address)),
			 ntohs(a6->sin6_port));
	return text;
}

char *radius_server_text(const struct radius_server *s, char text[RADIUS_ADDR_TEXT])
{
	return radius_addr_text(&s->conf.addr, text);
}

/* ---- channels and identifiers ---- */

static void channel_init(struct radius_server *s, struct radius_channel *c)
{
	unsigned int i;

	c->server = s;
	for (i = 0; i < RADIUS_IDS; i++)
		c->free[i] = (uint8_t)i;
	c->n_free = RADIUS_IDS;
	TAILQ_INSERT_TAIL(&s->channels, c, entry);
	TAILQ_INSERT_TAIL(&s->free_channels, c, free_entry);
	s->n_channels++;
}

static void channel_close(struct radius_channel *c)
{
	struct radius_server *s = c->server;

	if (c->n_free > 0)
		TAILQ_REMOVE(&s->free_channels, c, free_entry);
	TAILQ_REMOVE(&s->channels, c, entry);
	s->n_channels--;
	s->transport->close(c);
}

int radius_server_bind(const struct radius_server *s, int fd)
{
	const struct sockaddr_storage *source = &s->conf.source;

	if (source->ss_family != s->conf.addr.ss_family)
		return 0;
	if (bind(fd, (const void *)source,
		 source->ss_family == AF_INET ? sizeof(struct sockaddr_in)
					      : sizeof(struct sockaddr_in6)) < 0)
		return -errno;
	return 0;
}

/* One with a free identifier; NULL: there is none, and none can be opened now. */
static struct radius_channel *channel_get(struct radius_server *s)
{
	struct radius_channel *c = TAILQ_FIRST(&s->free_channels);
	struct mono now = mono_now();
	char text[RADIUS_ADDR_TEXT];
	int r;

	if (c || s->n_channels == s->transport->max_channels || mono_elapsed_ms(s->reopen, now) < 0)
		return c;
	r = s->transport->open(s, &c);
	if (r < 0) {
		log_msg(s->radius->log, LOG_ERR, "RADIUS server %s: %s",
			radius_server_text(s, text), strerror(-r));
		radius_server_unreachable(s);
		s->reopen = mono_add_ms(now, BACK_OFF_FIRST_MS);
		return NULL;
	}
	channel_init(s, c);
	return c;
}

static void id_take(struct radius_channel *c, struct radius_job *job)
{
	struct radius_id *id = &job->ids[job->n_ids++];

	id->channel = c;
	id->id = c->free[c->free_first];
	c->jobs[id->id] = job;
	c->free_first = (c->free_first + 1) % RADIUS_IDS;
	if (--c->n_free == 0)
		TAILQ_REMOVE(&c->server->free_channels, c, free_entry);
}

static void id_give(const struct radius_id *id)
{
	struct radius_channel *c = id->channel;

	c->jobs[id->id] = NULL;
	c->free[(c->free_first + c->n_free) % RADIUS_IDS] = id->id;
	if (c->n_free++ == 0)
		TAILQ_INSERT_TAIL(&c->server->free_channels, c, free_entry);
}

/* That which a reply on the channel is for; NULL: nobody waits for it. */
static const struct radius_id *id_find(const struct radius_channel *c, uint8_t id)
{
	const struct radius_job *job = c->jobs[id];
	const struct radius_id *i = job ? job->ids : NULL;

	while (i && (i->channel != c || i->id != id))
		i++;
	return i;
}

/* ---- timers: one for each list, whose order is that of `due` ---- */

static void arm(struct radius_server *s, struct ev_timer *timer, const struct radius_jobs *jobs)
{
	const struct radius_job *first = TAILQ_FIRST(jobs);
	int64_t ms;

	if (!first || ev_is_active(timer))
		return;
	ms = mono_elapsed_ms(mono_now(), first->due);
	ev_timer_set(timer, ms > 0 ? (double)ms / 1000 : 0, 0);
	ev_timer_start(s->radius->loop, timer);
}

static int64_t try_ms(const struct radius_server *s)
{
	return (int64_t)s->conf.timeout * 1000 / s->conf.max_tries;
}

static int64_t least_first_ms(const struct radius_server *s)
{
	bool only = s->transport->reliable || s->conf.max_tries == 1;

	return only || try_ms(s) < FIRST_MS ? try_ms(s) : FIRST_MS;
}

/* The first try is short: most that is lost is lost in a burst. */
static int64_t first_ms(const struct radius_server *s)
{
	int64_t ms = least_first_ms(s) + radius_window_least_us(&s->window) * FIRST_ROUNDS / 1000;

	return ms < try_ms(s) ? ms : try_ms(s);
}

/* Of each further try. */
static int64_t again_ms(const struct radius_server *s)
{
	return ((int64_t)s->conf.timeout * 1000 - least_first_ms(s)) / (s->conf.max_tries - 1);
}

/* Adds to a list, whose order it keeps where the interval has become shorter. */
static void list_add(struct radius_server *s, struct radius_jobs *jobs, struct ev_timer *timer,
		     struct radius_job *job, struct mono due)
{
	const struct radius_job *last = TAILQ_LAST(jobs, radius_jobs);

	job->due = last && last->due.ms > due.ms ? last->due : due;
	TAILQ_INSERT_TAIL(jobs, job, entry);
	arm(s, timer, jobs);
}

/* ---- sending ---- */

static void transmit(struct radius_job *job)
{
	struct radius_server *s = job->server;
	struct radius_id *id = &job->ids[job->n_ids - 1];
	uint8_t packet[RADIUS_MAX];
	int len = radius_finish(
		&(struct radius_attrs){ .data = job->attrs, .len = job->len, .event = job->event },
		job->code, id->id, s->conf.secret, job->told, id->authenticator, packet);

	if (len > 0)
		s->transport->send(id->channel, packet, (size_t)len);
	explicit_bzero(packet, sizeof(packet));
}

/* A job that is in no list; false: it must wait. */
static bool send_first(struct radius_server *s, struct radius_job *job)
{
	struct radius_channel *c = s->n_sent < s->window.size ? channel_get(s) : NULL;
	uint8_t *authenticator = job->ids[0].authenticator;
	int64_t now = mono_now_us();

	if (!c || RAND_bytes(authenticator, RADIUS_AUTHENTICATOR) != 1)
		return false;
	histogram_add(&s->waits, now - job->since_us);
	id_take(c, job);
	job->tries = 1;
	job->told = job->event ? time(NULL) : 0;
	job->since_us = now;
	job->first = mono_now();
	list_add(s, &s->sent, &s->sent_timer, job, mono_add_ms(job->first, first_ms(s)));
	s->n_sent++;
	s->counters.requests++;
	transmit(job);
	return true;
}

static struct radius_jobs *sent_list(const struct radius_job *job)
{
	return job->tries > 1 ? &job->server->again : &job->server->sent;
}

/* Where there is no identifier for another packet it is told the time that it was told before. */
static void tell_time(struct radius_server *s, struct radius_job *job)
{
	time_t now = job->event ? time(NULL) : 0;
	struct radius_channel *c = NULL;

	if (now != job->told && job->n_ids < RADIUS_JOB_IDS)
		c = channel_get(s);
	if (!c)
		return;
	id_take(c, job);
	job->told = now;
}

static void send_again(struct radius_server *s, struct radius_job *job, struct mono now)
{
	TAILQ_REMOVE(sent_list(job), job, entry);
	job->tries++;
	list_add(s, &s->again, &s->again_timer, job, mono_add_ms(now, again_ms(s)));
	if (s->transport->reliable)
		return;
	s->counters.retransmits++;
	tell_time(s, job);
	transmit(job);
}

/* No answer will make room where nothing could be sent at all. */
static void pump_later(struct radius_server *s)
{
	if (s->n_sent == 0 && !ev_is_active(&s->reopen_timer))
		ev_timer_again(s->radius->loop, &s->reopen_timer);
}

static void wait_last(struct radius_server *s, struct radius_job *job)
{
	job->first = mono_now();
	list_add(s, &s->waiting, &s->waiting_timer, job,
		 mono_add_ms(job->first, (int64_t)s->conf.timeout * 1000));
	s->n_waiting++;
	pump_later(s);
}

struct radius_job *radius_server_first(const struct radius_server *s)
{
	return !TAILQ_EMPTY(&s->waiting) ? TAILQ_FIRST(&s->waiting)
	       : !TAILQ_EMPTY(&s->sent)  ? TAILQ_FIRST(&s->sent)
					 : TAILQ_FIRST(&s->again);
}

bool radius_server_has_room(const struct radius_server *s)
{
	return s->n_waiting < s->conf.queue;
}

int radius_server_submit(struct radius_server *s, struct radius_job *job)
{
	if (!radius_server_has_room(s))
		return -ENOBUFS;
	job->server = s;
	job->since_us = mono_now_us();
	if (s->n_waiting > 0 || !send_first(s, job))
		wait_last(s, job);
	return 0;
}

static void unlist(struct radius_job *job)
{
	struct radius_server *s = job->server;

	if (job->n_ids > 0) {
		while (job->n_ids > 0)
			id_give(&job->ids[--job->n_ids]);
		TAILQ_REMOVE(sent_list(job), job, entry);
		s->n_sent--;
	} else {
		TAILQ_REMOVE(&s->waiting, job, entry);
		s->n_waiting--;
	}
	job->server = NULL;
}

void radius_server_withdraw(struct radius_job *job)
{
	struct radius_server *s = job->server;

	unlist(job);
	pump(s);
}

/* Those that wait take the room that there is. */
static void pump(struct radius_server *s)
{
	struct radius_job *job;

	while ((job = TAILQ_FIRST(&s->waiting))) {
		TAILQ_REMOVE(&s->waiting, job, entry);
		s->n_waiting--;
		if (send_first(s, job))
			continue;
		TAILQ_INSERT_HEAD(&s->waiting, job, entry);
		s->n_waiting++;
		pump_later(s);
		break;
	}
}

static void on_reopen(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct radius_server *s = timer->data;

	(void)revents;
	ev_timer_stop(loop, timer);
	pump(s);
}

/* ---- states ---- */

static void set_state(struct radius_server *s, enum radius_state state, const char *why)
{
	char text[RADIUS_ADDR_TEXT];

	if (s->state == state)
		return;
	log_msg(s->radius->log,
		state == RADIUS_ALIVE                              ? LOG_NOTICE
		: state == RADIUS_DEAD && s->state == RADIUS_ALIVE ? LOG_WARNING
								   : LOG_DEBUG,
		"RADIUS server %s: %s -> %s: %s", radius_server_text(s, text),
		state_names[s->state], state_names[state], why);
	s->state = state;
	s->state_since = mono_now();
	s->on_trial = false;
	ev_timer_stop(s->radius->loop, &s->dead_timer);
	if (state == RADIUS_DEAD) {
		ev_timer_set(&s->dead_timer, s->conf.dead_time, 0);
		ev_timer_start(s->radius->loop, &s->dead_timer);
	}
}

bool radius_server_take_trial(struct radius_server *s)
{
	if (s->state != RADIUS_PROBED || s->answers_status || s->on_trial)
		return false;
	s->on_trial = true;
	return true;
}

/* Those that can go to another server do so at once, and probes are over. Nobody is called. */
static void move_all(struct radius_server *s, struct radius_jobs *jobs)
{
	struct radius_job *job, *following;

	for (job = TAILQ_FIRST(jobs); job; job = following) {
		following = TAILQ_NEXT(job, entry);
		if (job->group && !radius_job_movable(job))
			continue;
		unlist(job);
		if (radius_job_failed(job))
			s->counters.failovers++;
	}
}

/* What was sent on it waits to be sent again. */
static void channel_drop(struct radius_channel *c)
{
	struct radius_server *s = c->server;
	struct radius_job *job;
	unsigned int i;

	for (i = 0; i < RADIUS_IDS; i++) {
		job = c->jobs[i];
		if (!job)
			continue;
		unlist(job);
		job->server = s;
		wait_last(s, job);
	}
	channel_close(c);
}

static void die(struct radius_server *s, const char *why)
{
	if (s->state == RADIUS_ALIVE)
		s->counters.deaths++;
	set_state(s, RADIUS_DEAD, why);
	move_all(s, &s->waiting);
	move_all(s, &s->sent);
	move_all(s, &s->again);
	/* a connection may be broken without a sign */
	while (s->transport->reliable && !TAILQ_EMPTY(&s->channels))
		channel_drop(TAILQ_FIRST(&s->channels));
}

/* The probe is a job like any other, but nobody is told of its end. */
static void on_dead_time(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct radius_server *s = timer->data;
	struct radius_attrs none = { 0 };
	struct radius_job *probe = radius_job_new(RADIUS_STATUS_SERVER, &none);

	(void)loop;
	(void)revents;
	if (!probe) {
		ev_timer_set(&s->dead_timer, s->conf.dead_time, 0);
		ev_timer_start(s->radius->loop, &s->dead_timer);
		return;
	}
	set_state(s, RADIUS_PROBED, "dead-time is over");
	probe->server = s;
	probe->since_us = mono_now_us();
	if (!send_first(s, probe))
		wait_last(s, probe);
}

/* ---- no answer ---- */

/* Has nothing come from the server since this job was sent first? */
static bool is_silent(const struct radius_server *s, const struct radius_job *job)
{
	return mono_elapsed_ms(s->last_reply, job->first) >= 0;
}

static void give_up(struct radius_server *s, struct radius_job *job)
{
	/* one that waited says nothing of the server, unless there was no way to it */
	bool asked = job->n_ids > 0 || s->n_channels == 0;
	bool dead = job->group ? asked && is_silent(s, job) : s->state == RADIUS_PROBED;

	unlist(job);
	if (radius_job_failed(job))
		s->counters.failovers++;
	if (dead && s->state != RADIUS_DEAD)
		die(s, "no answer");
}

/* A try of the list's first ones is over. */
static void tries_over(struct radius_server *s, struct ev_timer *timer, struct radius_jobs *jobs)
{
	struct mono now = mono_now();
	struct radius_job *job;
	unsigned int n = 0;

	radius_server_ref(s);
	while ((job = TAILQ_FIRST(jobs)) && mono_elapsed_ms(job->due, now) >= 0 &&
	       n++ < RADIUS_BATCH) {
		s->counters.timeouts++;
		radius_window_missed(&s->window, now, try_ms(s));
		if (job->tries < s->conf.max_tries)
			send_again(s, job, now);
		else
			give_up(s, job);
	}
	pump(s);
	arm(s, timer, jobs);
	radius_server_unref(s);
}

static void on_sent_due(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct radius_server *s = timer->data;

	(void)loop;
	(void)revents;
	tries_over(s, timer, &s->sent);
}

static void on_again_due(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct radius_server *s = timer->data;

	(void)loop;
	(void)revents;
	tries_over(s, timer, &s->again);
}

static void on_waiting_due(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct radius_server *s = timer->data;
	struct mono now = mono_now();
	struct radius_job *job;
	unsigned int n = 0;

	(void)loop;
	(void)revents;
	radius_server_ref(s);
	while ((job = TAILQ_FIRST(&s->waiting)) && mono_elapsed_ms(job->due, now) >= 0 &&
	       n++ < RADIUS_BATCH)
		give_up(s, job);
	arm(s, &s->waiting_timer, &s->waiting);
	radius_server_unref(s);
}

void radius_server_unreachable(struct radius_server *s)
{
	s->counters.unreachable++;
}

void radius_server_lost(struct radius_channel *c, bool failed, const char *why)
{
	struct radius_server *s = c->server;

	radius_server_ref(s);
	if (failed || c->n_free < RADIUS_IDS)
		radius_server_unreachable(s);
	channel_drop(c);
	if (failed) {
		s->back_off_ms = s->back_off_ms ? s->back_off_ms * 2 : BACK_OFF_FIRST_MS;
		if (s->back_off_ms > BACK_OFF_MAX_MS)
			s->back_off_ms = BACK_OFF_MAX_MS;
		s->reopen = mono_add_ms(mono_now(), s->back_off_ms);
		die(s, why);
	}
	pump(s);
	radius_server_unref(s);
}

/* ---- answers ---- */

void radius_server_bad(struct radius_server *s, enum radius_bad bad)
{
	char text[RADIUS_ADDR_TEXT];

	s->counters.bad[bad]++;
	log_drop(s->radius->log, XP_R_RADIUS_REPLY, "RADIUS server %s: %s",
		 radius_server_text(s, text), radius_bad_name(bad));
}

static bool answers(uint8_t request, uint8_t reply)
{
	switch (request) {
	case RADIUS_ACCESS_REQUEST:
		return reply == RADIUS_ACCESS_ACCEPT || reply == RADIUS_ACCESS_REJECT ||
		       reply == RADIUS_ACCESS_CHALLENGE;
	case RADIUS_ACCOUNTING_REQUEST:
		return reply == RADIUS_ACCOUNTING_RESPONSE;
	default:
		return reply == RADIUS_ACCESS_ACCEPT || reply == RADIUS_ACCOUNTING_RESPONSE;
	}
}

static enum radius_bad check(const struct radius_channel *c, const struct radius_packet *reply)
{
	const struct radius_job *job = c->jobs[reply->id];
	const struct radius_id *id = id_find(c, reply->id);
	const struct radius_server_conf *conf = &c->server->conf;

	if (!id)
		return RADIUS_BAD_UNASKED;
	if (!answers(job->code, reply->code))
		return RADIUS_BAD_CODE;
	return radius_verify_reply(reply, conf->secret, id->authenticator,
				   conf->demanded && job->code == RADIUS_ACCESS_REQUEST);
}

static void count_reply(struct radius_counters *c, uint8_t request, uint8_t reply)
{
	if (request == RADIUS_STATUS_SERVER)
		return;
	switch (reply) {
	case RADIUS_ACCESS_ACCEPT:
		c->accepts++;
		break;
	case RADIUS_ACCESS_REJECT:
		c->rejects++;
		break;
	case RADIUS_ACCESS_CHALLENGE:
		c->challenges++;
		break;
	default:
		c->responses++;
		break;
	}
}

/* Of what was sent once: which try is answered cannot be told otherwise. */
static void measure(struct radius_server *s, const struct radius_job *job)
{
	int64_t us = mono_now_us() - job->since_us;
	uint32_t rtt = us < 1 ? 1 : us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;

	if (job->tries > 1)
		return;
	radius_window_answered(&s->window, mono_now(), rtt, s->n_sent);
	histogram_add(&s->round_trips, us);
	if (!s->rtt_min_us || rtt < s->rtt_min_us)
		s->rtt_min_us = rtt;
	if (rtt > s->rtt_max_us)
		s->rtt_max_us = rtt;
}

bool radius_server_input(struct radius_channel *c, struct buf datagram)
{
	struct radius_server *s = c->server;
	const uint8_t *authenticator;
	struct radius_packet packet;
	struct radius_reply reply;
	struct radius_job *job;
	enum radius_bad bad = radius_parse(datagram, &packet);

	if (bad == RADIUS_GOOD)
		bad = check(c, &packet);
	if (bad != RADIUS_GOOD) {
		radius_server_bad(s, bad);
		return false;
	}
	job = c->jobs[packet.id];
	authenticator = id_find(c, packet.id)->authenticator;
	s->last_reply = mono_now();
	s->back_off_ms = 0;
	s->answers_status |= job->code == RADIUS_STATUS_SERVER;
	count_reply(&s->counters, job->code, packet.code);
	measure(s, job);
	set_state(s, RADIUS_ALIVE, "it answers");
	radius_server_withdraw(job);
	reply = (struct radius_reply){
		.code = packet.code,
		.attrs = packet.attrs,
		.secret = s->conf.secret,
		.authenticator = authenticator,
		.server = s->number,
	};
	radius_job_end(job, 0, &reply);
	return true;
}

/* ---- coming and going ---- */

static void timer_init(struct radius_server *s, struct ev_timer *timer,
		       void (*fn)(struct ev_loop *, struct ev_timer *, int))
{
	ev_timer_init(timer, fn, 0, 0);
	timer->data = s;
}

static void server_free(struct radius_server *s)
{
	struct radius_channel *c;
	struct radius_job *job;

	while ((job = radius_server_first(s))) {
		unlist(job);
		radius_job_end(job, -ECANCELED, NULL);
	}
	while ((c = TAILQ_FIRST(&s->channels)))
		channel_close(c);
	ev_timer_stop(s->radius->loop, &s->sent_timer);
	ev_timer_stop(s->radius->loop, &s->again_timer);
	ev_timer_stop(s->radius->loop, &s->waiting_timer);
	ev_timer_stop(s->radius->loop, &s->dead_timer);
	ev_timer_stop(s->radius->loop, &s->reopen_timer);
	radius_tls_free(s->tls);
	radius_conf_free(&s->conf);
	free(s);
}

static int server_new(struct radius *radius, const struct radius_server_conf *conf,
		      struct radius_server **server)
{
	struct radius_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->refs = 1;
	s->radius = radius;
	s->transport = conf->tls ? &radius_tls : &radius_udp;
	s->state_since = s->last_reply = mono_now();
	radius_window_init(&s->window, s->transport->max_channels * RADIUS_IDS);
	TAILQ_INIT(&s->channels);
	TAILQ_INIT(&s->free_channels);
	TAILQ_INIT(&s->sent);
	TAILQ_INIT(&s->again);
	TAILQ_INIT(&s->waiting);
	timer_init(s, &s->sent_timer, on_sent_due);
	timer_init(s, &s->again_timer, on_again_due);
	timer_init(s, &s->waiting_timer, on_waiting_due);
	timer_init(s, &s->dead_timer, on_dead_time);
	timer_init(s, &s->reopen_timer, on_reopen);
	s->reopen_timer.repeat = BACK_OFF_FIRST_MS / 1000.0;
	r = radius_conf_copy(&s->conf, conf);
	if (r == 0 && conf->tls)
		r = radius_tls_configure(s);
	if (r < 0) {
		server_free(s);
		return r;
	}
	s->number = ++radius->last_number;
	STAILQ_INSERT_TAIL(&radius->servers, s, entry);
	*server = s;
	return 0;
}

int radius_server_get(struct radius *radius, const struct radius_server_conf *conf,
		      struct radius_server **server)
{
	struct radius_server *s;
	int r = 0;

	STAILQ_FOREACH(s, &radius->servers, entry)
		if (radius_conf_same(&s->conf, conf))
			break;
	if (!s)
		return server_new(radius, conf, server);
	if (conf->tls)
		r = radius_tls_configure(s);
	if (r < 0)
		return r;
	radius_server_ref(s);
	*server = s;
	return 0;
}

void radius_server_ref(struct radius_server *s)
{
	s->refs++;
}

void radius_server_unref(struct radius_server *s)
{
	if (--s->refs > 0)
		return;
	STAILQ_REMOVE(&s->radius->servers, s, radius_server, entry);
	server_free(s);
}
