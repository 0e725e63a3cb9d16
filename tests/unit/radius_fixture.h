/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RADIUS servers on the loopback, in the loop of the client that asks them: real datagrams, real
 * time.
 */
#ifndef XPPPD_RADIUS_FIXTURE_H
#define XPPPD_RADIUS_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/radius.h"
#include "conf/conf.h"
#include "conf/init.h"

#define SECRET "xyzzy5461"
#define SERVERS 2
#define KEPT 600

enum manner {
	ANSWERS,
	SILENT,
	WRONG_SECRET,
	UNSIGNED,  /* without a Message-Authenticator */
	MISSIGNED, /* with a wrong one, under a right authenticator */
	TRUNCATED,
	OVERSIZED,
	BROKEN, /* attributes do not fill it */
	ELSEWHERE,
	TWICE,
	WRONG_CODE,
	KEEPS, /* until the test says what becomes of it */
};

struct server {
	struct ev_io io;
	int fd, other_fd;
	struct sockaddr_in addr;
	enum manner manner;
	bool knows_status;
	uint8_t reply_code;
	unsigned int received, statuses;
	uint8_t last[RADIUS_MAX];
	size_t last_len;
	struct {
		uint8_t packet[RADIUS_MAX];
		size_t len;
		struct sockaddr_in from;
	} kept[KEPT];
	unsigned int n_kept;
};

struct fixture {
	struct ev_loop *loop;
	struct radius *radius;
	struct radius_group *group;
	struct server *servers[SERVERS];
	unsigned int ended, accepted, timed_out;
	unsigned int last_server;
	int last_result;
	uint8_t last_code;
	struct radius_server_info info[SERVERS];
	unsigned int n_info;
};

/* ---- the servers ---- */

static inline int bound_socket(struct sockaddr_in *addr)
{
	socklen_t size = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*addr = (struct sockaddr_in){ .sin_family = AF_INET };
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (const void *)addr, sizeof(*addr)), 0);
	assert_int_equal(getsockname(fd, (void *)addr, &size), 0);
	return fd;
}

static inline void send_reply(struct server *s, const uint8_t *packet, size_t len,
			      const struct sockaddr_in *to, uint8_t code, const char *secret)
{
	uint8_t storage[64], out[RADIUS_MAX + 64] = { 0 };
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	int fd = s->manner == ELSEWHERE ? s->other_fd : s->fd, n;

	radius_put_string(&attrs, 0, 18, "hello");
	n = radius_finish_reply(&attrs, code, secret, buf_of(packet, len), out);
	assert_true(n > 0);
	if (s->manner == TRUNCATED)
		n--;
	if (s->manner == OVERSIZED)
		n = sizeof(out);
	assert_int_equal(sendto(fd, out, (size_t)n, 0, (const void *)to, sizeof(*to)), n);
}

/* Signs after a change to the attributes. */
static inline void send_patched(struct server *s, uint8_t *packet, size_t len,
				const struct sockaddr_in *to)
{
	uint8_t out[RADIUS_MAX];
	uint8_t text[] = {
		18, 3, 'x', 80, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	};
	struct radius_attrs attrs = { .data = text, .len = 3, .cap = sizeof(text) };
	struct radius_packet p;
	struct buf value;
	int n;

	/* without its Message-Authenticator the reply has none either */
	assert_int_equal(radius_parse(buf_of(packet, len), &p), RADIUS_GOOD);
	if (radius_find(p.attrs, 0, RADIUS_MESSAGE_AUTHENTICATOR, &value))
		packet[value.p - packet - 2] = 33;
	if (s->manner == MISSIGNED)
		attrs.len = sizeof(text);
	if (s->manner == BROKEN)
		text[1] = 9;
	n = radius_finish_reply(&attrs, RADIUS_ACCESS_ACCEPT, SECRET, buf_of(packet, len), out);
	assert_true(n > 0);
	assert_int_equal(sendto(s->fd, out, (size_t)n, 0, (const void *)to, sizeof(*to)), n);
}

static inline void treat(struct server *s, uint8_t *packet, size_t len,
			 const struct sockaddr_in *from)
{
	switch (s->manner) {
	case SILENT:
		break;
	case KEEPS:
		assert_true(s->n_kept < KEPT);
		memcpy(s->kept[s->n_kept].packet, packet, len);
		s->kept[s->n_kept].len = len;
		s->kept[s->n_kept++].from = *from;
		break;
	case UNSIGNED:
	case MISSIGNED:
	case BROKEN:
		send_patched(s, packet, len, from);
		break;
	case WRONG_SECRET:
		send_reply(s, packet, len, from, s->reply_code, "another");
		break;
	case WRONG_CODE:
		send_reply(s, packet, len, from, RADIUS_ACCOUNTING_RESPONSE, SECRET);
		break;
	case TWICE:
		send_reply(s, packet, len, from, s->reply_code, SECRET);
		/* fall through */
	default:
		send_reply(s, packet, len, from, s->reply_code, SECRET);
	}
}

static inline void on_request(struct ev_loop *loop, struct ev_io *io, int revents)
{
	struct server *s = io->data;
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	uint8_t packet[RADIUS_MAX];
	ssize_t n;

	(void)loop;
	(void)revents;
	while ((n = recvfrom(s->fd, packet, sizeof(packet), 0, (void *)&from, &size)) > 0) {
		if (packet[0] == RADIUS_STATUS_SERVER) {
			s->statuses++;
			if (!s->knows_status)
				continue;
		} else {
			s->received++;
		}
		memcpy(s->last, packet, (size_t)n);
		s->last_len = (size_t)n;
		treat(s, packet, (size_t)n, &from);
	}
}

static inline struct server *server_new(struct ev_loop *loop)
{
	struct server *s = calloc(1, sizeof(*s));
	struct sockaddr_in other;
	int size = 1 << 20;

	s->fd = bound_socket(&s->addr);
	s->other_fd = bound_socket(&other);
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	s->reply_code = RADIUS_ACCESS_ACCEPT;
	s->knows_status = true;
	ev_io_init(&s->io, on_request, s->fd, EV_READ);
	s->io.data = s;
	ev_io_start(loop, &s->io);
	return s;
}

static inline void server_free(struct ev_loop *loop, struct server *s)
{
	ev_io_stop(loop, &s->io);
	if (s->fd >= 0)
		close(s->fd);
	close(s->other_fd);
	free(s);
}

/* ---- the client ---- */

static inline struct conf_auth *conf_new(struct fixture *f, unsigned int n)
{
	struct conf_auth *auth = calloc(1, sizeof(*auth));
	struct conf_addr *a;
	unsigned int i;

	conf_auth_init(auth, CONF_AUTH_RADIUS);
	for (i = 0; i < n; i++) {
		a = calloc(1, sizeof(*a));
		memcpy(&a->addr, &f->servers[i]->addr, sizeof(f->servers[i]->addr));
		a->secret = strdup(SECRET);
		STAILQ_INSERT_TAIL(&auth->authentication.servers, a, entry);
	}
	auth->authentication.timeout = 1;
	auth->authentication.max_tries = 4;
	auth->authentication.dead_time = 1;
	return auth;
}

static inline void use(struct fixture *f, struct conf_auth *auth)
{
	assert_int_equal(radius_group_new(f->radius, &auth->authentication, RADIUS_AUTHENTICATION,
					  &f->group),
			 0);
	conf_auth_free(auth);
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	unsigned int i;

	f->loop = ev_loop_new(EVFLAG_AUTO);
	for (i = 0; i < SERVERS; i++)
		f->servers[i] = server_new(f->loop);
	assert_int_equal(radius_new(f->loop, NULL, &f->radius), 0);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	radius_group_unref(f->group);
	radius_free(f->radius);
	for (i = 0; i < SERVERS; i++)
		server_free(f->loop, f->servers[i]);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static inline void on_done(void *owner, int result, const struct radius_reply *reply)
{
	struct fixture *f = owner;

	f->ended++;
	f->last_result = result;
	f->accepted += result == 0 && reply->code == RADIUS_ACCESS_ACCEPT;
	f->timed_out += result == -ETIMEDOUT;
	if (result == 0) {
		f->last_code = reply->code;
		f->last_server = reply->server;
	}
}

static inline int ask_for(struct fixture *f, unsigned int prefer, struct radius_job **job)
{
	uint8_t storage[128];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));

	radius_put_string(&attrs, 0, 1, "nemo");
	radius_put_string(&attrs, 0, RADIUS_USER_PASSWORD, "arctangent");
	return radius_send(f->group, RADIUS_ACCESS_REQUEST, &attrs, prefer, on_done, f, job);
}

static inline struct radius_job *ask(struct fixture *f)
{
	struct radius_job *job = NULL;

	assert_int_equal(ask_for(f, 0, &job), 0);
	assert_non_null(job);
	return job;
}

static inline void on_second(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)timer;
	(void)revents;
	ev_break(loop, EVBREAK_ALL);
}

/* Until that many requests have ended in all, or the time is over. */
static inline void run(struct fixture *f, unsigned int ended, double seconds)
{
	struct ev_timer timer;
	ev_tstamp until = ev_time() + seconds;

	ev_now_update(f->loop);
	ev_timer_init(&timer, on_second, seconds, 0);
	ev_timer_start(f->loop, &timer);
	while (f->ended < ended && ev_time() < until)
		ev_run(f->loop, EVRUN_ONCE);
	ev_timer_stop(f->loop, &timer);
}

static inline void on_info(void *arg, const struct radius_server_info *info)
{
	struct fixture *f = arg;

	assert_true(f->n_info < SERVERS);
	f->info[f->n_info++] = *info;
}

static inline const struct radius_server_info *look(struct fixture *f, unsigned int i)
{
	f->n_info = 0;
	radius_info(f->radius, on_info, f);
	assert_true(i < f->n_info);
	return &f->info[i];
}

static inline uint32_t delay_of(const struct server *s, unsigned int i)
{
	struct radius_packet p;
	struct buf value;
	uint32_t delay = 0;

	assert_true(i < s->n_kept);
	assert_int_equal(radius_parse(buf_of(s->kept[i].packet, s->kept[i].len), &p), RADIUS_GOOD);
	assert_int_equal(p.code, RADIUS_ACCOUNTING_REQUEST);
	assert_int_equal(radius_verify_request(&p, SECRET, false), RADIUS_GOOD);
	assert_true(radius_find(p.attrs, 0, RADIUS_ACCT_DELAY_TIME, &value));
	assert_int_equal(buf_u32(&value, &delay), 0);
	return delay;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
