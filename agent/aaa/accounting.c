/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Accounting of sessions: RFC 2866 (Start, Stop, Accounting-On and -Off), 2867 (tunnels), 2869
 * (Interim-Update, gigawords, Event-Timestamp). Each session has a record (acct_keep.c); what is due
 * of it waits for its servers (acct_group.c). An event is on disk before it is told, so that
 * the same is told again, and not something else, when the agent dies in between.
 *
 * Sessions that had a Start and no Stop when the agent died get theirs when it comes back,
 * with the last numbers that were written: their Acct-Terminate-Cause is NAS-Reboot.
 *
 * Timers: a session's, at its interim updates and at least every SNAPSHOT_MS, when its numbers are
 * written; the first time at random within the interval, so that sessions that came at once are not
 * told of at once for ever. deadline, of accounting_close().
 */
#include "aaa/accounting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "aaa/acct_cause.h"
#include "aaa/acct_private.h"
#include "aaa/acct_spool.h"
#include "aaa/radius.h"
#include "conf/conf.h"
#include "log.h"

#define SNAPSHOT_MS 300000
#define CLOSE_S 3.
#define MB 1048576UL
#define NO_SESSION (1U << 31) /* in ids: no ppp-id gets there */

/* ---- records ---- */

uint64_t acct_next_id(struct accounting *a)
{
	return (uint64_t)a->start << 32 | NO_SESSION | ++a->number;
}

struct acct *acct_new(struct acct_group *group, enum acct_kind kind, uint64_t id)
{
	struct acct *acct = calloc(1, sizeof(*acct));

	if (!acct)
		return NULL;
	acct->group = group;
	acct->kept = ACCT_ALONE;
	acct->since_ms = mono_now().ms;
	acct->record = (struct acct_record){
		.id = id,
		.kind = (uint8_t)kind,
		.started = time(NULL),
	};
	acct->record.event = acct->record.started;
	return acct;
}

void acct_free(struct acct *acct)
{
	acct_group_dequeue(acct);
	acct_unkeep(acct);
	ev_timer_stop(acct->group->accounting->loop, &acct->timer);
	free(acct->body);
	free(acct);
}

/* The operator can still bill by hand. */
void acct_lose(struct acct *acct)
{
	struct accounting *a = acct->group->accounting;
	const struct acct_record *r = &acct->record;
	char id[SUBJECT_ID_LEN + 1];

	subject_session_id((uint32_t)(r->id >> 32), (uint32_t)r->id, id);
	log_msg(a->log, LOG_ERR,
		"accounting: a Stop is lost, neither told nor kept: session %s, %u s, in %" PRIu64
		" bytes %" PRIu64 " packets, out %" PRIu64 " bytes %" PRIu64 " packets",
		id, r->session_s, r->traffic.in_octets, r->traffic.in_packets,
		r->traffic.out_octets, r->traffic.out_packets);
	a->totals.lost++;
	acct_free(acct);
}

int acct_set_body(struct acct *acct, const struct radius_attrs *attrs)
{
	uint8_t storage[ACCT_BODY_MAX];
	int len = acct_body_write(acct->group->name, buf_of(attrs->data, attrs->len), storage,
				  sizeof(storage));
	uint8_t *body = len < 0 ? NULL : malloc((size_t)len);

	if (!body)
		return len < 0 ? len : -ENOMEM;
	memcpy(body, storage, (size_t)len);
	free(acct->body);
	acct->body = body;
	acct->body_len = (uint32_t)len;
	return 0;
}

/* ---- a session ---- */

static void ask(struct acct *acct, struct acct_facts *facts)
{
	struct acct_record *r = &acct->record;

	memset(facts, 0, sizeof(*facts));
	acct->describe(acct->session, facts);
	r->traffic = facts->traffic;
	r->session_s = (uint32_t)((mono_now().ms - acct->since_ms) / 1000);
	r->event = time(NULL);
}

int acct_refresh(struct acct *acct, struct radius_attrs *attrs)
{
	struct acct_facts facts;

	if (!acct->describe)
		return -ENOENT;
	ask(acct, &facts);
	return acct_attrs_session(acct->group, &facts, attrs);
}

/* Writes head and body, or the head alone if the body is as it was. */
static void keep_all(struct acct *acct)
{
	struct buf body = buf_of(acct->body, acct->body_len);

	if (acct->cost > 0 && acct->record.body == acct_body_id(body))
		body.len = 0;
	acct_keep(acct, body);
}

static int64_t until_next(const struct acct *acct, int64_t now)
{
	int64_t left = acct->next_interim_ms - now;

	return acct->interim_s && left < SNAPSHOT_MS ? (left > 1 ? left : 1) : SNAPSHOT_MS;
}

static void arm(struct acct *acct, int64_t after_ms)
{
	ev_timer_set(&acct->timer, (double)after_ms / 1000., 0.);
	ev_timer_start(acct->group->accounting->loop, &acct->timer);
}

/* Of one that is being told, the newer numbers go with the next. */
static void interim_due(struct acct *acct)
{
	if (acct->place == ACCT_FLYING && acct->sending == ACCT_DUE_INTERIM)
		return;
	acct->group->accounting->totals.dropped += (acct->record.due & ACCT_DUE_INTERIM) != 0;
	acct->record.due |= ACCT_DUE_INTERIM;
	acct_group_enqueue(acct);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct acct *acct = timer->data;
	struct acct_facts facts;
	int64_t now = mono_now().ms;

	(void)loop;
	(void)revents;
	ask(acct, &facts);
	if (acct->interim_s && now >= acct->next_interim_ms) {
		interim_due(acct);
		acct->next_interim_ms += (int64_t)acct->interim_s * 1000;
		if (acct->next_interim_ms <= now)
			acct->next_interim_ms = now + (int64_t)acct->interim_s * 1000;
	}
	/* a disk that is slow is not given more than it can take */
	if (acct->cost > 0 && acct->kept != ACCT_UNSAFE)
		acct_keep(acct, buf_of(NULL, 0));
	arm(acct, until_next(acct, now));
	acct_group_pump(acct->group);
}

static void set_interval(struct acct *acct, uint32_t interim_s)
{
	int64_t now = mono_now().ms;

	if (acct->interim_s != interim_s && interim_s)
		acct->next_interim_ms = now + 1 + arc4random_uniform(interim_s * 1000);
	acct->interim_s = interim_s;
	ev_timer_stop(acct->group->accounting->loop, &acct->timer);
	arm(acct, interim_s ? until_next(acct, now)
			    : SNAPSHOT_MS / 2 + arc4random_uniform(SNAPSHOT_MS / 2));
}

static uint64_t id_of(const struct subject *subject)
{
	uint32_t start = 0, number = subject->ppp_id;

	subject_session_id_parse(subject->session_id, SUBJECT_ID_LEN, &start, &number);
	return (uint64_t)start << 32 | number;
}

/* Its body can be made anew as long as it goes on. */
static int keep_described(struct acct *acct, const struct acct_facts *facts)
{
	uint8_t bytes[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(bytes, sizeof(bytes));
	int r = acct_attrs_session(acct->group, facts, &attrs);

	if (r == 0)
		r = acct_set_body(acct, &attrs);
	if (r < 0)
		return r;
	keep_all(acct);
	if (acct->describe) {
		free(acct->body);
		acct->body = NULL;
	}
	return 0;
}

static struct acct_group *group_of(const struct accounting *a, const struct conf_auth *auth)
{
	struct acct_group *g;

	TAILQ_FOREACH(g, &a->groups, entry)
		if (g->auth && strcmp(g->name, auth->name) == 0)
			return g;
	return NULL;
}

static void begin(struct acct *acct, const struct acct_facts *facts)
{
	struct accounting *a = acct->group->accounting;

	acct->open = true;
	a->totals.sessions++;
	ev_timer_init(&acct->timer, on_timer, 0., 0.);
	acct->timer.data = acct;
	acct->record.due = ACCT_DUE_START;
	acct_tunnel_join(acct, facts);
	acct_group_enqueue(acct);
	if (keep_described(acct, facts) < 0 || acct->cost == 0)
		a->totals.refused++;
	set_interval(acct, facts->interim_s);
	acct_group_pump(acct->group);
}

struct acct *accounting_start(struct accounting *a, const struct conf_auth *auth,
			      acct_describe_fn describe, void *session)
{
	struct acct_group *g = group_of(a, auth);
	struct acct_facts facts = { 0 };
	struct acct *acct;

	if (!g)
		return NULL;
	describe(session, &facts);
	acct = acct_new(g, ACCT_SESSION, id_of(&facts.subject));
	if (!acct) {
		a->totals.lost++;
		log_msg(a->log, LOG_ERR, "accounting: no memory for session %s",
			facts.subject.session_id);
		return NULL;
	}
	acct->describe = describe;
	acct->session = session;
	begin(acct, &facts);
	return acct;
}

void accounting_update(struct acct *acct)
{
	struct acct_facts facts;

	if (!acct)
		return;
	ask(acct, &facts);
	keep_described(acct, &facts);
	set_interval(acct, facts.interim_s);
}

/* What is newest is all that counts. */
static void drop_interim(struct acct *acct)
{
	if (acct->place == ACCT_FLYING && acct->sending == ACCT_DUE_INTERIM)
		acct_group_dequeue(acct);
	acct->group->accounting->totals.dropped += (acct->record.due & ACCT_DUE_INTERIM) != 0;
	acct->record.due &= (uint8_t)~ACCT_DUE_INTERIM;
}

void accounting_stop(struct acct *acct, enum cause cause)
{
	struct acct_facts facts;
	struct acct_group *g;

	if (!acct)
		return;
	g = acct->group;
	ev_timer_stop(g->accounting->loop, &acct->timer);
	g->accounting->totals.sessions--;
	ask(acct, &facts);
	acct->describe = NULL;
	acct->open = false;
	drop_interim(acct);
	acct->record.cause = acct_cause(cause);
	acct->record.due |= ACCT_DUE_STOP;
	if (acct->record.linked)
		acct->record.due |= ACCT_DUE_LINK_STOP;
	acct_group_enqueue(acct);
	if (keep_described(acct, &facts) < 0)
		acct_keep(acct, buf_of(NULL, 0)); /* with the body that is on disk */
	acct_tunnel_leave(acct);
	if (acct->cost == 0 && acct_group_down(g)) {
		acct_lose(acct);
		return;
	}
	acct_group_pump(g);
}

/* ---- the agent itself ---- */

static void tell_agent(struct acct_group *g, enum acct_kind kind)
{
	uint8_t bytes[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(bytes, sizeof(bytes));
	struct acct *acct = acct_new(g, kind, acct_next_id(g->accounting));

	if (!acct)
		return;
	acct->record.due = ACCT_DUE_START;
	if (acct_attrs_agent(g, &acct->record, &attrs) < 0 || acct_set_body(acct, &attrs) < 0) {
		acct_free(acct);
		return;
	}
	acct_group_enqueue(acct);
	keep_all(acct);
	acct_group_pump(g);
}

/* ---- what an earlier run has left ---- */

static int on_found(struct accounting *a, const struct acct_record *record, const char *name,
		    size_t body_len)
{
	struct acct_group *g = acct_group_get(a, name);
	struct acct *acct = g ? acct_new(g, record->kind, record->id) : NULL;

	if (!acct)
		return -ENOMEM;
	acct->record = *record;
	acct_keep_found(acct, body_len);
	if (record->seq > a->seq)
		a->seq = record->seq;
	acct_group_resume(acct);
	return 0;
}

/* It went on when the agent died. */
static void end_orphan(struct acct *acct)
{
	struct acct_record *r = &acct->record;
	struct accounting *a = acct->group->accounting;

	if (r->due & ACCT_DUE_STOP || (r->kind != ACCT_SESSION && r->kind != ACCT_TUNNEL))
		return;
	r->due &= (uint8_t)~ACCT_DUE_INTERIM;
	if (!r->due)
		r->seq = ++a->seq;
	r->due |= ACCT_DUE_STOP | (r->linked ? ACCT_DUE_LINK_STOP : 0);
	r->cause = ACCT_NAS_REBOOT;
	a->totals.recovered += r->kind == ACCT_SESSION;
	acct_keep(acct, buf_of(NULL, 0));
}

static void recover(struct accounting *a)
{
	struct acct_group *g;
	struct acct *acct;
	int r = acct_keep_walk(a, on_found);

	if (r < 0)
		log_msg(a->log, LOG_ERR, "accounting: cannot read all of %s: %s", a->file,
			strerror(-r));
	TAILQ_FOREACH(g, &a->groups, entry) {
		TAILQ_FOREACH(acct, &g->waiting, queued)
			end_orphan(acct);
		acct_group_sort(g);
	}
	if (a->totals.waiting)
		log_msg(a->log, LOG_NOTICE,
			"accounting: %u records of earlier runs are to be told, %" PRIu64
			" of sessions that ended with the agent",
			a->totals.waiting, a->totals.recovered);
}

/* ---- configuration ---- */

/* The last directory of the path is made if it is missing. */
static void make_directory(const char *file)
{
	char *path = strdup(file), *slash = path ? strrchr(path, '/') : NULL;

	if (slash && slash != path) {
		*slash = '\0';
		mkdir(path, 0700);
	}
	free(path);
}

static int open_spool(struct accounting *a, const struct conf *conf)
{
	unsigned int mb = conf->spool.size_mb ? conf->spool.size_mb : CONF_SPOOL_MB;
	int r;

	a->file = strdup(conf->spool.file ? conf->spool.file : CONF_SPOOL);
	if (!a->file)
		return -ENOMEM;
	make_directory(a->file);
	r = acct_keep_open(a, a->file, mb * MB);
	if (r == 0)
		recover(a);
	else
		log_msg(a->log, LOG_ERR,
			"accounting: cannot use %s: %s; what is not told when the agent ends is lost",
			a->file, r == -EBUSY ? "another process has it" : strerror(-r));
	return 0;
}

static bool is_accounted(const struct conf_auth *auth)
{
	return auth->type == CONF_AUTH_RADIUS && !STAILQ_EMPTY(&auth->accounting.servers);
}

/* Servers that cannot be had (TLS: what is wrong was logged) leave those that there were; without
 * any, records wait for the next configuration. */
static void set_servers(struct acct_group *g, struct conf *conf, const struct conf_auth *auth)
{
	struct accounting *a = g->accounting;
	struct radius_group *servers = NULL;
	bool first = !g->auth;

	if (radius_group_new(a->radius, &auth->accounting, RADIUS_ACCOUNTING, &servers) < 0) {
		log_msg(a->log, LOG_ERR, "accounting: servers of %s cannot be used", g->name);
	} else {
		radius_group_unref(g->servers);
		g->servers = servers;
	}
	conf_unref(g->conf);
	g->conf = conf_ref(conf);
	g->auth = auth;
	if (first)
		tell_agent(g, ACCT_ON);
	acct_group_pump(g);
}

static bool is_named(const struct conf *conf, const char *name)
{
	const struct conf_bind *bind;

	STAILQ_FOREACH(bind, &conf->binds, entry)
		if (is_accounted(bind->auth) && strcmp(bind->auth->name, name) == 0)
			return true;
	return false;
}

/* The file that is open stays open. */
static void compare_spool(const struct accounting *a, const struct conf *conf)
{
	const char *file = conf->spool.file ? conf->spool.file : CONF_SPOOL;

	if (strcmp(a->file, file) != 0)
		log_msg(a->log, LOG_WARNING,
			"accounting: records go on to %s; another spool needs a restart of xpppd",
			a->file);
}

static int configure_bind(struct accounting *a, struct conf *conf, const struct conf_auth *auth)
{
	struct acct_group *g;

	if (!is_accounted(auth))
		return 0;
	if (!a->file && open_spool(a, conf) < 0)
		return -ENOMEM;
	g = acct_group_get(a, auth->name);
	if (!g)
		return -ENOMEM;
	if (!g->auth || g->conf != conf)
		set_servers(g, conf, auth);
	return 0;
}

int accounting_configure(struct accounting *a, struct conf *conf)
{
	const struct conf_bind *bind;
	struct acct_group *g;
	int r = 0;

	STAILQ_FOREACH(bind, &conf->binds, entry)
		if (r == 0)
			r = configure_bind(a, conf, bind->auth);
	if (r == 0 && a->file)
		compare_spool(a, conf);
	/* sessions of others are ended by the reload; their Stops go to the servers that they had */
	TAILQ_FOREACH(g, &a->groups, entry)
		g->named = is_named(conf, g->name);
	return r;
}

/* ---- beginning and end ---- */

int accounting_new(struct ev_loop *loop, struct radius *radius, struct log *log,
		   struct accounting **out)
{
	struct accounting *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->loop = loop;
	a->radius = radius;
	a->log = log;
	a->start = subject_start();
	a->bytes_max = CONF_SPOOL_MB * MB;
	TAILQ_INIT(&a->groups);
	TAILQ_INIT(&a->unsafe);
	TAILQ_INIT(&a->failed);
	*out = a;
	return 0;
}

/* What is on disk stays there; the file is closed. */
static void forget_all(struct acct_list *list)
{
	struct acct *acct;

	while ((acct = TAILQ_FIRST(list))) {
		if (acct->kept != ACCT_KEPT && acct->record.due & ACCT_DUE_STOP)
			acct_lose(acct);
		else
			acct_free(acct);
	}
}

void accounting_free(struct accounting *a)
{
	struct acct_group *g;

	if (!a)
		return;
	ev_timer_stop(a->loop, &a->deadline);
	acct_keep_close(a);
	while ((g = TAILQ_FIRST(&a->groups))) {
		forget_all(&g->waiting);
		forget_all(&g->flying);
		acct_group_free(g);
	}
	free(a->file);
	free(a);
}

static bool anything_to_tell(const struct accounting *a)
{
	const struct acct_group *g;

	TAILQ_FOREACH(g, &a->groups, entry)
		if (g->servers && !acct_group_down(g) && (g->n_waiting || g->n_flying))
			return true;
	return false;
}

static void close_now(struct accounting *a)
{
	void (*closed)(void *arg) = a->closed;

	ev_timer_stop(a->loop, &a->deadline);
	a->closed = NULL;
	closed(a->closed_arg);
}

void acct_check_closed(struct accounting *a)
{
	if (a->closed && !anything_to_tell(a))
		close_now(a);
}

static void on_deadline(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct accounting *a = timer->data;

	(void)loop;
	(void)revents;
	log_msg(a->log, LOG_NOTICE, "accounting: %u records are left to be told",
		a->totals.waiting);
	close_now(a);
}

void accounting_close(struct accounting *a, void (*closed)(void *arg), void *arg)
{
	struct acct_group *g;

	TAILQ_FOREACH(g, &a->groups, entry)
		if (g->named && g->auth)
			tell_agent(g, ACCT_OFF);
	a->closed = closed;
	a->closed_arg = arg;
	ev_timer_init(&a->deadline, on_deadline, CLOSE_S, 0.);
	a->deadline.data = a;
	ev_timer_start(a->loop, &a->deadline);
	acct_check_closed(a);
}

/* ---- looking ---- */

void accounting_totals(const struct accounting *a, struct acct_totals *totals)
{
	struct acct_spool_stats stats = { 0 };
	const struct acct_group *g;
	int64_t oldest = 0, now = time(NULL);

	if (a->spool)
		acct_spool_stats(a->spool, &stats);
	*totals = a->totals;
	TAILQ_FOREACH(g, &a->groups, entry) {
		const struct acct *first = TAILQ_FIRST(&g->waiting);

		totals->waiting += g->n_flying;
		if (first && (!oldest || first->record.event < oldest))
			oldest = first->record.event;
	}
	totals->bytes = a->bytes;
	totals->bytes_max = a->bytes_max;
	totals->oldest_s = oldest && now > oldest ? now - oldest : 0;
	totals->commits = stats.commits;
	totals->commit_us_max = stats.commit_us_max;
	totals->file = a->spool ? a->file : NULL;
	totals->failing = a->failing;
}
