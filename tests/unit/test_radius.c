/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The RADIUS client against servers of this file, on the loopback: real datagrams, real time. */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/radius.h"
#include "conf/conf.h"
#include "conf/init.h"

#define SECRET "xyzzy5461"
#define SERVERS 2
#define KEPT 600
#define MANY 260

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

static int bound_socket(struct sockaddr_in *addr)
{
	socklen_t size = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*addr = (struct sockaddr_in){ .sin_family = AF_INET };
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (const void *)addr, sizeof(*addr)), 0);
	assert_int_equal(getsockname(fd, (void *)addr, &size), 0);
	return fd;
}

static void send_reply(struct server *s, const uint8_t *packet, size_t len,
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
static void send_patched(struct server *s, uint8_t *packet, size_t len,
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

static void treat(struct server *s, uint8_t *packet, size_t len, const struct sockaddr_in *from)
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

static void on_request(struct ev_loop *loop, struct ev_io *io, int revents)
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

static struct server *server_new(struct ev_loop *loop)
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

static void server_free(struct ev_loop *loop, struct server *s)
{
	ev_io_stop(loop, &s->io);
	if (s->fd >= 0)
		close(s->fd);
	close(s->other_fd);
	free(s);
}

/* ---- the client ---- */

static struct conf_auth *conf_new(struct fixture *f, unsigned int n)
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

static void use(struct fixture *f, struct conf_auth *auth)
{
	assert_int_equal(radius_group_new(f->radius, &auth->authentication, RADIUS_AUTHENTICATION,
					  &f->group),
			 0);
	conf_auth_free(auth);
}

static int setup(void **state)
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

static int teardown(void **state)
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

static void on_done(void *owner, int result, const struct radius_reply *reply)
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

static int ask_for(struct fixture *f, unsigned int prefer, struct radius_job **job)
{
	uint8_t storage[128];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));

	radius_put_string(&attrs, 0, 1, "nemo");
	radius_put_string(&attrs, 0, RADIUS_USER_PASSWORD, "arctangent");
	return radius_send(f->group, RADIUS_ACCESS_REQUEST, &attrs, prefer, on_done, f, job);
}

static struct radius_job *ask(struct fixture *f)
{
	struct radius_job *job = NULL;

	assert_int_equal(ask_for(f, 0, &job), 0);
	assert_non_null(job);
	return job;
}

static void on_second(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)timer;
	(void)revents;
	ev_break(loop, EVBREAK_ALL);
}

/* Until that many requests have ended in all, or the time is over. */
static void run(struct fixture *f, unsigned int ended, double seconds)
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

static void on_info(void *arg, const struct radius_server_info *info)
{
	struct fixture *f = arg;

	assert_true(f->n_info < SERVERS);
	f->info[f->n_info++] = *info;
}

static const struct radius_server_info *look(struct fixture *f, unsigned int i)
{
	f->n_info = 0;
	radius_info(f->radius, on_info, f);
	assert_true(i < f->n_info);
	return &f->info[i];
}

/* ---- one server ---- */

static void test_answered(void **state)
{
	static const uint8_t codes[] = { RADIUS_ACCESS_ACCEPT, RADIUS_ACCESS_REJECT,
					 RADIUS_ACCESS_CHALLENGE };
	struct fixture *f = *state;
	const struct radius_server_info *info;
	unsigned int i;

	use(f, conf_new(f, 1));
	for (i = 0; i < 3; i++) {
		f->servers[0]->reply_code = codes[i];
		ask(f);
		assert_int_equal(f->ended, i);
		run(f, i + 1, 1);
		assert_int_equal(f->ended, i + 1);
		assert_int_equal(f->last_result, 0);
		assert_int_equal(f->last_code, codes[i]);
	}
	info = look(f, 0);
	assert_int_equal(info->counters->requests, 3);
	assert_int_equal(info->counters->accepts, 1);
	assert_int_equal(info->counters->rejects, 1);
	assert_int_equal(info->counters->challenges, 1);
	assert_int_equal(info->counters->retransmits, 0);
	assert_int_equal(info->outstanding, 0);
	assert_int_equal(info->sockets, 1);
	assert_true(info->rtt_min_us > 0 && info->rtt_min_us <= info->rtt_max_us);
	assert_int_equal(f->last_server, info->number);
}

/* A bad reply does not end the request: the right one that follows does. */
static void bad_then_good(struct fixture *f, enum manner manner, enum radius_bad reason)
{
	use(f, conf_new(f, 1));
	f->servers[0]->manner = manner;
	ask(f);
	run(f, 1, 0.1);
	assert_int_equal(f->ended, 0);
	assert_true(look(f, 0)->counters->bad[reason] >= 1);
	f->servers[0]->manner = ANSWERS;
	run(f, 1, 1);
	assert_int_equal(f->accepted, 1);
	assert_true(look(f, 0)->counters->retransmits >= 1);
}

static void test_wrong_secret(void **state)
{
	bad_then_good(*state, WRONG_SECRET, RADIUS_BAD_AUTHENTICATOR);
}

static void test_unsigned(void **state)
{
	bad_then_good(*state, UNSIGNED, RADIUS_NO_MESSAGE_AUTHENTICATOR);
}

static void test_missigned(void **state)
{
	bad_then_good(*state, MISSIGNED, RADIUS_BAD_MESSAGE_AUTHENTICATOR);
}

static void test_truncated(void **state)
{
	bad_then_good(*state, TRUNCATED, RADIUS_BAD_LENGTH);
}

static void test_oversized(void **state)
{
	bad_then_good(*state, OVERSIZED, RADIUS_BAD_LENGTH);
}

static void test_broken(void **state)
{
	bad_then_good(*state, BROKEN, RADIUS_BAD_ATTRIBUTE);
}

static void test_elsewhere(void **state)
{
	bad_then_good(*state, ELSEWHERE, RADIUS_BAD_ADDRESS);
}

static void test_wrong_code(void **state)
{
	bad_then_good(*state, WRONG_CODE, RADIUS_BAD_CODE);
}

static void test_unsigned_allowed(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 1);

	auth->authentication.require_message_authenticator = false;
	use(f, auth);
	f->servers[0]->manner = UNSIGNED;
	ask(f);
	run(f, 1, 1);
	assert_int_equal(f->accepted, 1);
}

static void test_duplicates(void **state)
{
	struct fixture *f = *state;

	use(f, conf_new(f, 1));
	f->servers[0]->manner = TWICE;
	ask(f);
	run(f, 1, 1);
	run(f, 2, 0.1);
	assert_int_equal(f->ended, 1);
	assert_int_equal(look(f, 0)->counters->bad[RADIUS_BAD_UNASKED], 1);
}

/* RFC 5080 2.2.1: what is sent again is the same packet. */
static void test_same_packet_again(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	use(f, conf_new(f, 1));
	s->manner = KEEPS;
	ask(f);
	run(f, 1, 0.6);
	assert_true(s->n_kept >= 2);
	assert_int_equal(s->kept[0].len, s->kept[1].len);
	assert_memory_equal(s->kept[0].packet, s->kept[1].packet, s->kept[0].len);
	assert_int_equal(s->kept[0].from.sin_port, s->kept[1].from.sin_port);
	/* the answer to the first, and then to the second */
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from, 2, SECRET);
	send_reply(s, s->kept[1].packet, s->kept[1].len, &s->kept[1].from, 2, SECRET);
	run(f, 1, 1);
	run(f, 2, 0.1);
	assert_int_equal(f->accepted, 1);
	assert_int_equal(f->ended, 1);
}

/* The second after half a second, the last ends with the time-out; a single one has all of it. */
static void test_times(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 1);
	ev_tstamp began;

	auth->authentication.timeout = 2;
	auth->authentication.max_tries = 2;
	use(f, auth);
	f->servers[0]->manner = SILENT;
	began = ev_time();
	ask(f);
	run(f, 1, 0.4);
	assert_int_equal(f->servers[0]->received, 1);
	run(f, 1, 0.4);
	assert_int_equal(f->servers[0]->received, 2);
	run(f, 1, 5);
	assert_true(ev_time() - began > 1.9 && ev_time() - began < 2.5);
	radius_group_unref(f->group);

	auth = conf_new(f, 1);
	auth->authentication.max_tries = 1;
	use(f, auth);
	began = ev_time();
	ask(f);
	run(f, 2, 5);
	assert_int_equal(f->timed_out, 2);
	assert_int_equal(f->servers[0]->received, 3);
	assert_true(ev_time() - began > 0.9 && ev_time() - began < 1.5);
}

static uint32_t delay_of(const struct server *s, unsigned int i)
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

/* An Accounting-Request that the first server has had twice, with another delay each time. */
static void tell_twice(struct fixture *f)
{
	struct conf_auth *auth = conf_new(f, 1);
	struct server *s = f->servers[0];
	uint8_t storage[128];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct radius_job *job;

	auth->authentication.timeout = 6;
	assert_int_equal(radius_group_new(f->radius, &auth->authentication, RADIUS_ACCOUNTING,
					  &f->group),
			 0);
	conf_auth_free(auth);
	s->manner = KEEPS;
	radius_put_string(&attrs, 0, 44, "0001");
	attrs.event = time(NULL) - 7;
	assert_int_equal(radius_send(f->group, RADIUS_ACCOUNTING_REQUEST, &attrs, 0, on_done, f,
				     &job),
			 0);
	run(f, 1, 2.7);
	assert_true(s->n_kept >= 3);
	assert_true(delay_of(s, 0) >= 7);
	assert_true(delay_of(s, 2) > delay_of(s, 0));
}

/* RFC 2866 5.2: Acct-Delay-Time changes, and the identifier with it; the same delay is the same
 * packet. */
static void test_delay_changes_identifier(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	tell_twice(f);
	assert_int_not_equal(s->kept[0].packet[1], s->kept[2].packet[1]);
	for (unsigned int i = 1; i < s->n_kept; i++) {
		if (s->kept[i].packet[1] == s->kept[i - 1].packet[1])
			assert_memory_equal(s->kept[i].packet, s->kept[i - 1].packet,
					    s->kept[i].len);
	}
	assert_int_equal(look(f, 0)->outstanding, 1);
	send_reply(s, s->kept[2].packet, s->kept[2].len, &s->kept[2].from, 5, SECRET);
	run(f, 1, 0.2);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->last_code, RADIUS_ACCOUNTING_RESPONSE);
	assert_int_equal(look(f, 0)->outstanding, 0);
}

/* The answer to the first try comes after the last one was sent: it has been told. */
static void test_late_answer_to_first_delay(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	tell_twice(f);
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from, 5, SECRET);
	run(f, 1, 0.2);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->last_result, 0);
	assert_int_equal(look(f, 0)->counters->bad[RADIUS_BAD_AUTHENTICATOR], 0);
	/* and the other answer is nobody's */
	send_reply(s, s->kept[2].packet, s->kept[2].len, &s->kept[2].from, 5, SECRET);
	run(f, 2, 0.1);
	assert_int_equal(f->ended, 1);
	assert_int_equal(look(f, 0)->counters->bad[RADIUS_BAD_UNASKED], 1);
}

static void test_cancelled(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	use(f, conf_new(f, 1));
	s->manner = KEEPS;
	radius_cancel(ask(f));
	run(f, 1, 0.1);
	assert_int_equal(s->n_kept, 1);
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from, 2, SECRET);
	run(f, 1, 0.1);
	assert_int_equal(f->ended, 0);
	assert_int_equal(look(f, 0)->outstanding, 0);
}

/* Nobody listens: the request ends after its time, and the loop does not spin meanwhile. */
static void test_unreachable(void **state)
{
	struct fixture *f = *state;
	unsigned int turns;

	use(f, conf_new(f, 1));
	ev_io_stop(f->loop, &f->servers[0]->io);
	close(f->servers[0]->fd);
	f->servers[0]->fd = -1;
	turns = ev_iteration(f->loop);
	ask(f);
	run(f, 1, 3);
	assert_int_equal(f->timed_out, 1);
	assert_true(ev_iteration(f->loop) - turns < 50);
	assert_true(look(f, 0)->counters->unreachable >= 4);
	assert_int_equal(look(f, 0)->counters->timeouts, 4);
	assert_int_equal(look(f, 0)->state, RADIUS_DEAD);
	assert_true(radius_group_dead(f->group));
}

static void from(struct fixture *f, const char *address)
{
	struct conf_auth *auth = conf_new(f, 1);
	struct sockaddr_in *source = (void *)&auth->authentication.source;

	source->sin_family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, address, &source->sin_addr), 1);
	use(f, auth);
}

static void test_source(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	from(f, "127.0.0.2");
	s->manner = KEEPS;
	ask(f);
	run(f, 1, 0.1);
	assert_int_equal(s->n_kept, 1);
	assert_int_equal(ntohl(s->kept[0].from.sin_addr.s_addr), 0x7f000002);
}

/* No socket can be had: the request waits for one, and then it is over. */
static void test_source_of_another(void **state)
{
	struct fixture *f = *state;
	unsigned int turns;

	from(f, "192.0.2.77");
	ask(f);
	assert_int_equal(look(f, 0)->waiting, 1);
	turns = ev_iteration(f->loop);
	run(f, 1, 3);
	assert_int_equal(f->timed_out, 1);
	assert_true(ev_iteration(f->loop) - turns < 20);
	assert_int_equal(f->servers[0]->received, 0);
}

/* No descriptor is free any more. */
static rlim_t limit_files(rlim_t limit)
{
	struct rlimit now;
	rlim_t before;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
	before = now.rlim_cur;
	now.rlim_cur = limit;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	return before;
}

static rlim_t use_up_files(void)
{
	int lowest = dup(STDERR_FILENO);

	assert_true(lowest >= 0);
	close(lowest);
	return limit_files((rlim_t)lowest);
}

/* Requests that find no socket are sent as soon as there is one again. */
static void test_no_socket_for_a_while(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 1);
	rlim_t before;

	auth->authentication.timeout = 5;
	use(f, auth);
	before = use_up_files();
	ask(f);
	ask(f);
	run(f, 1, 0.2);
	limit_files(before);
	assert_int_equal(f->servers[0]->received, 0);
	run(f, 2, 2);
	assert_int_equal(f->accepted, 2);
	assert_int_equal(look(f, 0)->state, RADIUS_ALIVE);
}

/* A server that cannot be asked is as good as one that does not answer. */
static void test_no_socket(void **state)
{
	struct fixture *f = *state;
	rlim_t before;

	use(f, conf_new(f, 1));
	before = use_up_files();
	ask(f);
	run(f, 1, 3);
	limit_files(before);
	assert_int_equal(f->timed_out, 1);
	assert_true(radius_group_dead(f->group));
	/* and comes back like one */
	run(f, 99, 1.5);
	assert_int_equal(look(f, 0)->state, RADIUS_ALIVE);
}

/* ---- many ---- */

static void reply_to_kept(struct server *s)
{
	while (s->n_kept-- > 0)
		send_reply(s, s->kept[s->n_kept].packet, s->kept[s->n_kept].len,
			   &s->kept[s->n_kept].from, RADIUS_ACCESS_ACCEPT, SECRET);
	s->n_kept = 0;
}

static void test_more_than_256(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];
	struct conf_auth *auth = conf_new(f, 1);
	const struct radius_server_info *info;
	unsigned int i;

	auth->authentication.timeout = 20;
	use(f, auth);
	s->manner = KEEPS;
	do { /* opens the window, sooner where the machine has nothing else to do */
		for (i = 0; i < 500; i++)
			ask(f);
		while (f->ended % 500 || look(f, 0)->outstanding > 0) {
			run(f, 9999, 0.05);
			reply_to_kept(s);
			run(f, 9999, 0.01);
		}
	} while (look(f, 0)->window < MANY && f->ended < 5000);
	assert_int_equal(f->accepted, f->ended);
	assert_true(look(f, 0)->window >= MANY);
	f->ended = f->accepted = 0;
	for (i = 0; i < MANY; i++)
		ask(f);
	run(f, 1, 0.1);
	info = look(f, 0);
	assert_int_equal(info->outstanding, MANY);
	assert_true(info->sockets >= 2);
	assert_int_equal(s->n_kept, MANY);
	assert_int_not_equal(s->kept[0].from.sin_port, s->kept[MANY - 1].from.sin_port);
	reply_to_kept(s);
	run(f, MANY, 10);
	assert_int_equal(f->accepted, MANY);
}

static void test_queue(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 1);
	struct radius_job *job;
	unsigned int i;

	auth->authentication.queue = 10;
	use(f, auth);
	f->servers[0]->manner = SILENT;
	for (i = 0; i < 74; i++)
		ask(f);
	assert_int_equal(look(f, 0)->outstanding, 64);
	assert_int_equal(look(f, 0)->waiting, 10);
	assert_int_equal(ask_for(f, 0, &job), -ENOBUFS);
	assert_int_equal(look(f, 0)->counters->refused, 1);
	run(f, 1, 0.1);
	assert_true(look(f, 0)->waiting_ms >= 90);
	run(f, 74, 5);
	assert_int_equal(f->timed_out, 74);
	assert_int_equal(look(f, 0)->waiting, 0);
}

/* ---- several ---- */

static void test_failover_and_return(void **state)
{
	struct fixture *f = *state;

	use(f, conf_new(f, 2));
	f->servers[0]->manner = SILENT;
	f->servers[0]->knows_status = false;
	ask(f);
	run(f, 1, 3);
	assert_int_equal(f->accepted, 1);
	assert_int_equal(look(f, 0)->state, RADIUS_DEAD);
	assert_int_equal(look(f, 0)->counters->failovers, 1);
	assert_int_equal(f->servers[0]->received, 4);
	/* the dead one is passed over */
	ask(f);
	run(f, 2, 0.2);
	assert_int_equal(f->accepted, 2);
	assert_int_equal(f->servers[0]->received, 4);
	assert_int_equal(f->servers[1]->received, 2);
	/* and is asked how it is, until it says */
	f->servers[0]->manner = ANSWERS;
	f->servers[0]->knows_status = true;
	run(f, 99, 3);
	assert_true(f->servers[0]->statuses >= 1);
	assert_int_equal(look(f, 0)->state, RADIUS_ALIVE);
	ask(f);
	run(f, 3, 0.2);
	assert_int_equal(f->servers[0]->received, 5);
}

/* A server that does not know Status-Server gets a request when its dead-time is over. */
static void test_return_by_trial(void **state)
{
	struct fixture *f = *state;

	use(f, conf_new(f, 2));
	f->servers[0]->manner = SILENT;
	f->servers[0]->knows_status = false;
	ask(f);
	run(f, 1, 3);
	f->servers[0]->manner = ANSWERS;
	run(f, 99, 1.2);
	assert_int_equal(look(f, 0)->state, RADIUS_PROBED);
	ask(f);
	run(f, 2, 0.2);
	assert_int_equal(f->accepted, 2);
	assert_int_equal(look(f, 0)->state, RADIUS_ALIVE);
}

/* The one that gave the State, and no other. */
static void test_preferred(void **state)
{
	struct fixture *f = *state;
	struct radius_job *job;
	unsigned int second;

	use(f, conf_new(f, 2));
	second = look(f, 1)->number;
	assert_int_equal(ask_for(f, second, &job), 0);
	run(f, 1, 1);
	assert_int_equal(f->last_server, second);
	assert_int_equal(f->servers[0]->received, 0);
	f->servers[1]->manner = SILENT;
	assert_int_equal(ask_for(f, second, &job), 0);
	run(f, 2, 3);
	assert_int_equal(f->timed_out, 1);
	assert_int_equal(f->servers[0]->received, 0);
}

/* Each server is told how long ago it was; an answer of the other kind is none. */
static void test_accounting(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 2);
	uint8_t storage[16];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct server *s = f->servers[1];
	struct radius_job *job;

	assert_int_equal(radius_group_new(f->radius, &auth->authentication, RADIUS_ACCOUNTING,
					  &f->group),
			 0);
	conf_auth_free(auth);
	f->servers[0]->manner = s->manner = KEEPS;
	radius_put_u32(&attrs, 0, 40, 1);
	attrs.event = time(NULL) - 5;
	assert_int_equal(
		radius_send(f->group, RADIUS_ACCOUNTING_REQUEST, &attrs, 0, on_done, f, &job), 0);
	run(f, 1, 1.2);
	assert_in_range(delay_of(f->servers[0], 0), 5, 6);
	assert_in_range(delay_of(s, 0), 6, 8);
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from, RADIUS_ACCESS_ACCEPT,
		   SECRET);
	run(f, 1, 0.1);
	assert_int_equal(f->ended, 0);
	assert_int_equal(look(f, 1)->counters->bad[RADIUS_BAD_CODE], 1);
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from,
		   RADIUS_ACCOUNTING_RESPONSE, SECRET);
	run(f, 1, 1);
	assert_int_equal(f->last_result, 0);
	assert_int_equal(look(f, 1)->counters->responses, 1);
}

/* When a server dies, all that it has goes on to the other at once. */
static void test_all_move(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	use(f, conf_new(f, 2));
	f->servers[0]->manner = SILENT;
	for (i = 0; i < 50; i++)
		ask(f);
	run(f, 99, 0.5);
	for (i = 0; i < 50; i++)
		ask(f);
	run(f, 100, 0.8);
	assert_int_equal(f->accepted, 100);
}

static void test_all_dead(void **state)
{
	struct fixture *f = *state;

	use(f, conf_new(f, 2));
	f->servers[0]->manner = f->servers[1]->manner = SILENT;
	ask(f);
	run(f, 1, 5);
	assert_int_equal(f->timed_out, 1);
	assert_true(radius_group_dead(f->group));
	/* still tried: it may have come back in this moment */
	f->servers[0]->manner = ANSWERS;
	ask(f);
	run(f, 2, 1);
	assert_int_equal(f->accepted, 1);
	assert_false(radius_group_dead(f->group));
}

/* ---- configurations ---- */

static void test_reload_keeps_state(void **state)
{
	struct fixture *f = *state;
	struct radius_group *old;
	struct conf_auth *auth;
	unsigned int number;

	use(f, conf_new(f, 1));
	f->servers[0]->manner = KEEPS;
	ask(f);
	number = look(f, 0)->number;
	old = f->group;
	use(f, conf_new(f, 1));
	radius_group_unref(old);
	assert_int_equal(look(f, 0)->number, number);
	assert_int_equal(f->n_info, 1);
	assert_int_equal(look(f, 0)->outstanding, 1);
	/* another secret is another server; the old one stays for its request */
	auth = conf_new(f, 1);
	STAILQ_FIRST(&auth->authentication.servers)->secret[0] = 'X';
	old = f->group;
	use(f, auth);
	radius_group_unref(old);
	look(f, 0);
	assert_int_equal(f->n_info, 2);
	run(f, 1, 0.1);
	send_reply(f->servers[0], f->servers[0]->kept[0].packet, f->servers[0]->kept[0].len,
		   &f->servers[0]->kept[0].from, 2, SECRET);
	run(f, 1, 1);
	assert_int_equal(f->accepted, 1);
	look(f, 0);
	assert_int_equal(f->n_info, 1);
}

static void test_shutdown(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	use(f, conf_new(f, 1));
	f->servers[0]->manner = SILENT;
	for (i = 0; i < 100; i++)
		ask(f);
	radius_group_unref(f->group);
	f->group = NULL;
	radius_free(f->radius);
	f->radius = NULL;
	assert_int_equal(f->ended, 100);
	assert_int_equal(f->last_result, -ECANCELED);
}

static void test_nothing_to_ask(void **state)
{
	struct fixture *f = *state;
	uint8_t big[RADIUS_MAX] = { 0 };
	struct radius_attrs attrs = { .data = big, .len = sizeof(big), .cap = sizeof(big) };
	struct radius_job *job;

	use(f, conf_new(f, 0));
	assert_int_equal(ask_for(f, 0, &job), -EDESTADDRREQ);
	assert_true(radius_group_dead(f->group));
	radius_group_unref(f->group);
	use(f, conf_new(f, 1));
	assert_int_equal(radius_send(f->group, RADIUS_ACCESS_REQUEST, &attrs, 0, on_done, f, &job),
			 -EMSGSIZE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answered),
		TEST(test_wrong_secret),
		TEST(test_unsigned),
		TEST(test_missigned),
		TEST(test_truncated),
		TEST(test_oversized),
		TEST(test_broken),
		TEST(test_elsewhere),
		TEST(test_wrong_code),
		TEST(test_unsigned_allowed),
		TEST(test_duplicates),
		TEST(test_same_packet_again),
		TEST(test_times),
		TEST(test_delay_changes_identifier),
		TEST(test_late_answer_to_first_delay),
		TEST(test_cancelled),
		TEST(test_unreachable),
		TEST(test_source),
		TEST(test_source_of_another),
		TEST(test_no_socket_for_a_while),
		TEST(test_no_socket),
		TEST(test_more_than_256),
		TEST(test_queue),
		TEST(test_failover_and_return),
		TEST(test_return_by_trial),
		TEST(test_preferred),
		TEST(test_accounting),
		TEST(test_all_move),
		TEST(test_all_dead),
		TEST(test_reload_keeps_state),
		TEST(test_shutdown),
		TEST(test_nothing_to_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
