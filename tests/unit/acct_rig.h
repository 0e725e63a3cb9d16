/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Accounting over a RADIUS client that exists in memory only: what it is given is kept in `sent`, and
 * the test says what becomes of it. The spool is a real file in a directory of its own.
 */
#ifndef ACCT_RIG_H
#define ACCT_RIG_H

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/accounting.h"
#include "aaa/radius.h"
#include "conf/conf.h"
#include "log.h"

#define SENT_MAX 10000
#define LOOK_MS 5

enum { STATUS = 40, DELAY = 41, IN_OCTETS = 42, ID = 44, TIME = 46, CAUSE = 49, STAMP = 55 };
enum { START = 1, STOP = 2, INTERIM = 3, ON = 7, OFF = 8 };

/* A message that the client was given. */
struct radius_job {
	radius_done_fn done;
	void *owner;
	bool open; /* neither answered nor taken back */
	time_t event;
	size_t len;
	uint8_t attrs[RADIUS_MAX];
};

static struct {
	struct radius_job sent[SENT_MAX];
	unsigned int n;
	unsigned int looked; /* of those, by answer() and the like */
	int refuse;          /* what radius_send() fails with */
	unsigned int groups;
	bool no_groups; /* servers cannot be used */
} fake;

struct radius_group {
	int unused;
};

int radius_group_new(struct radius *radius, const struct conf_servers *conf, enum radius_kind kind,
		     struct radius_group **group)
{
	(void)radius;
	assert_int_equal(kind, RADIUS_ACCOUNTING);
	assert_false(STAILQ_EMPTY(&conf->servers));
	if (fake.no_groups)
		return -EINVAL;
	*group = calloc(1, sizeof(**group));
	fake.groups += *group != NULL;
	return *group ? 0 : -ENOMEM;
}

void radius_group_unref(struct radius_group *group)
{
	fake.groups -= group != NULL;
	free(group);
}

int radius_send(struct radius_group *group, uint8_t code, const struct radius_attrs *attrs,
		unsigned int prefer, radius_done_fn done, void *owner, struct radius_job **job)
{
	struct radius_job *j = &fake.sent[fake.n];

	assert_non_null(group);
	assert_int_equal(prefer, 0);
	assert_int_equal(code, RADIUS_ACCOUNTING_REQUEST);
	assert_false(attrs->overflow);
	assert_true(fake.n < SENT_MAX);
	if (fake.refuse)
		return fake.refuse;
	*j = (struct radius_job){
		.done = done, .owner = owner, .open = true, .event = attrs->event, .len = attrs->len
	};
	memcpy(j->attrs, attrs->data, attrs->len);
	fake.n++;
	*job = j;
	return 0;
}

void radius_cancel(struct radius_job *job)
{
	if (job)
		job->open = false;
}

/* ---- what was sent ---- */

static inline bool find_attr(const struct radius_job *j, uint8_t type, struct buf *value)
{
	return radius_find(buf_of(j->attrs, j->len), 0, type, value);
}

static inline uint32_t number(const struct radius_job *j, uint8_t type)
{
	struct buf value;
	uint32_t n = 0xdeadbeef;

	if (find_attr(j, type, &value))
		buf_u32(&value, &n);
	return n;
}

/* The session's number in Acct-Session-Id. */
static inline uint32_t whose(const struct radius_job *j)
{
	struct buf value;
	uint32_t start, id;

	assert_true(find_attr(j, ID, &value));
	assert_int_equal(subject_session_id_parse((const char *)value.p, value.len, &start, &id),
			 0);
	return id;
}

/* How many messages of a kind are about this session; the last of them. */
static inline unsigned int told(uint32_t status, uint32_t id, struct radius_job **last)
{
	unsigned int n = 0;

	if (last)
		*last = NULL;
	for (unsigned int i = 0; i < fake.n; i++) {
		struct radius_job *j = &fake.sent[i];

		if (number(j, STATUS) != status || (id && whose(j) != id))
			continue;
		n++;
		if (last)
			*last = j;
	}
	return n;
}

/* ---- the rig ---- */

struct rig {
	struct ev_loop *loop;
	struct log *log;
	struct conf *conf;
	struct accounting *a;
	char dir[32];
	char file[64];
	bool silent; /* the servers */
};

struct fake_session {
	struct rig *rig;
	uint32_t id;
	uint32_t interim;
	struct acct_traffic traffic;
	struct acct *acct;
	uint32_t tunnel_id, serial;
};

static inline void describe(void *session, struct acct_facts *facts)
{
	struct fake_session *s = session;

	facts->carrier = (struct carrier_info){ .peer = "192.0.2.9",
						.device = "",
						.service = "",
						.circuit_id = "",
						.remote_id = "",
						.called = "",
						.calling = "",
						.peer_name = "lac",
						.local = "192.0.2.1",
						.local_name = "lns",
						.tunnel_id = s->tunnel_id,
						.serial = s->serial };
	facts->subject = (struct subject){ .ppp_id = s->id, .nas_port = s->id };
	facts->subject.carrier = &facts->carrier;
	facts->subject.tunnel = STAILQ_FIRST(&s->rig->conf->tunnels);
	facts->subject.address.s_addr = htonl(0x0a000000 + s->id);
	facts->subject.netmask.s_addr = INADDR_NONE;
	snprintf(facts->subject.username, sizeof(facts->subject.username), "user%u", s->id);
	subject_session_id(0x12345678, s->id, facts->subject.session_id);
	facts->traffic = s->traffic;
	facts->interim_s = s->interim;
}

static inline struct conf *rig_conf(const char *file, const char *size, const char *options)
{
	static const char format[] =
		"radius spool \"%s\" %s\nradius nas-id nas1\nradius nas-address 192.0.2.1\n"
		"tunnel T protocol l2tp { listen on 0.0.0.0\n }\n"
		"ipcp P { pool-address 10.0.0.2-10.0.0.250\n }\n"
		"interface pppac0 address 10.0.0.1 ipcp P\n"
		"authentication A type radius { authentication-server { address 192.0.2.2 secret x\n }\n"
		" accounting-server { address 192.0.2.2 secret x\n }\n %s\n}\n"
		"bind tunnel from T authenticated by A to pppac0\n";
	struct conf *conf = NULL;
	char text[2048];
	int n = snprintf(text, sizeof(text), format, file, size, options);

	assert_int_equal(conf_parse(text, (size_t)n, "test.conf", stderr, &conf), 0);
	return conf;
}

static inline void rig_open(struct rig *r, const char *file)
{
	assert_int_equal(accounting_new(r->loop, NULL, r->log, &r->a), 0);
	if (file != r->file) {
		conf_unref(r->conf);
		r->conf = rig_conf(file, "", "");
	}
	assert_int_equal(accounting_configure(r->a, r->conf), 0);
}

static inline struct rig *rig_new(const char *size, const char *options)
{
	struct rig *r = calloc(1, sizeof(*r));

	memset(&fake, 0, sizeof(fake));
	r->loop = ev_loop_new(0);
	r->log = log_new(1, getenv("VERBOSE") ? LOG_DEBUG : LOG_EMERG);
	strcpy(r->dir, "/tmp/xpppd-acct-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->file, sizeof(r->file), "%s/spool", r->dir);
	r->conf = rig_conf(r->file, size, options);
	rig_open(r, r->file);
	return r;
}

static inline void rig_free(struct rig *r)
{
	char command[64];

	accounting_free(r->a);
	assert_int_equal(fake.groups, 0);
	conf_unref(r->conf);
	log_free(r->log);
	ev_loop_destroy(r->loop);
	snprintf(command, sizeof(command), "rm -r %s", r->dir);
	assert_int_equal(system(command), 0);
	free(r);
}

static inline void run(struct rig *r)
{
	ev_run(r->loop, EVRUN_NOWAIT);
}

static inline void done(struct radius_job *j, int result)
{
	static const struct radius_reply reply = { .code = RADIUS_ACCOUNTING_RESPONSE };

	if (!j->open)
		return;
	j->open = false;
	j->done(j->owner, result, result == 0 ? &reply : NULL);
}

/* Everything that is under way ends so. */
static inline void end_all(int result)
{
	unsigned int n = fake.n;

	for (unsigned int i = fake.looked; i < n; i++)
		done(&fake.sent[i], result);
	fake.looked = n;
}

static inline struct acct_totals totals(const struct rig *r)
{
	struct acct_totals t;

	accounting_totals(r->a, &t);
	return t;
}

/* The loop turns and the servers answer, or keep silent, until nothing has come for a while: not
 * long, unless something is still to come. */
static inline void settle(struct rig *r)
{
	for (int quiet = 0; quiet < (totals(r).waiting ? 1000 : 20); quiet++) {
		run(r);
		if (fake.looked < fake.n) {
			quiet = 0;
			end_all(r->silent ? -ETIMEDOUT : 0);
			if (r->silent)
				return;
		}
		usleep(LOOK_MS * 1000);
	}
}

/* Until as many messages were sent. */
static inline void await_sent(struct rig *r, unsigned int n)
{
	for (int i = 0; i < 2000 && fake.n < n; i++) {
		run(r);
		usleep(1000);
	}
	assert_true(fake.n >= n);
}

/* Until the file has it. */
static inline void await_disk(struct rig *r)
{
	uint64_t before = totals(r).commits;

	for (int i = 0; i < 60 || totals(r).commits != before; i++) {
		if (totals(r).commits != before)
			i = 0;
		before = totals(r).commits;
		run(r);
		usleep(2000);
	}
}

static inline void begin(struct rig *r, struct fake_session *s, uint32_t id)
{
	s->rig = r;
	s->id = id;
	s->acct = accounting_start(r->a, STAILQ_FIRST(&r->conf->auths), describe, s);
	assert_non_null(s->acct);
}

static inline void end(struct fake_session *s, enum cause cause)
{
	accounting_stop(s->acct, cause);
	s->acct = NULL;
}

#endif
