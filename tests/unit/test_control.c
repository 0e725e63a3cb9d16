/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The control socket over real connections, with a session layer of its own below it: that one is
 * as large and as eventful as a test wants. The agent side and the client side run in one thread.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "control/client.h"
#include "control/control.h"
#include "control/out.h"
#include "control/records.h"
#include "dataplane/dataplane.h"
#include "log.h"
#include "pool.h"
#include "session.h"
#include "tunnel/pppoe/pppoe.h"

/* ---- time that a test can push forward ---- */

static int64_t clock_shift_s;

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, clock, t);

	t->tv_sec += clock_shift_s;
	return r;
}

/* ---- the session layer below ---- */

struct session {
	uint32_t ppp_id;
	const char *username;
	bool ended;
	int captured;
	enum cause cause;
};

struct session_sub {
	session_event_fn fn;
	void *arg;
};

struct sessions {
	struct session *list;
	uint32_t n;
	uint32_t seen; /* by session_next */
	struct session_sub *sub[80];
};

struct session *session_next(struct sessions *s, struct session_cursor *cursor)
{
	const struct session_filter *filter = &cursor->filter;

	for (; cursor->after < s->n; cursor->after++) {
		struct session *session = &s->list[cursor->after];

		if (session->ended || (filter->by_ppp_id && filter->ppp_id != session->ppp_id) ||
		    (filter->username && strcmp(filter->username, session->username) != 0))
			continue;
		cursor->after++;
		s->seen++;
		return session;
	}
	return NULL;
}

void session_describe(const struct session *session, struct session_record *out)
{
	*out = (struct session_record){
		.ppp_id = session->ppp_id,
		.slot = session->ppp_id + 1000,
		.username = session->username,
		.realm = "LOCAL",
		.protocol = "pppoe",
		.tunnel = "ACCESS",
		.concentrator = "pppac0",
		.phase = session->ppp_id % 2 ? "opened" : "authenticate",
		.auth = "chap",
		.address.s_addr = htonl(0x0a000000 + session->ppp_id),
		.mtu = 1492,
		.stack = true,
		.started = 1700000000,
		.duration_s = 90061,
		.idle_s = 7,
		.counters = { 1, 2, 3, 4, 5, { 0 }, { 0 } },
		.peer = "02:00:00:00:00:01",
		.device = "access0.100.200",
		.carrier_id = 77,
		.service = "isp",
		.circuit_id = "port\\x201",
		.remote_id = "",
	};
}

void session_terminate(struct session *session, enum cause cause)
{
	session->cause = cause;
}

int session_capture(struct session *session, bool on)
{
	session->captured += on ? 1 : -1;
	return 0;
}

void sessions_totals(const struct sessions *s, struct session_totals *out)
{
	*out = (struct session_totals){ .sessions = s->n, .established = s->n / 2, .started = 9 };
	out->ended_by[CAUSE_IDLE] = 4;
}

int sessions_subscribe(struct sessions *s, session_event_fn fn, void *arg, struct session_sub **sub)
{
	for (size_t i = 0; i < sizeof(s->sub) / sizeof(s->sub[0]); i++) {
		if (s->sub[i])
			continue;
		s->sub[i] = *sub = calloc(1, sizeof(**sub));
		**sub = (struct session_sub){ fn, arg };
		return 0;
	}
	return -ENOMEM;
}

static struct sessions sessions;

void sessions_unsubscribe(struct session_sub *sub)
{
	for (size_t i = 0; i < sizeof(sessions.sub) / sizeof(sessions.sub[0]); i++)
		if (sessions.sub[i] == sub)
			sessions.sub[i] = NULL;
	free(sub);
}

static void happen(enum session_event event, uint32_t index, enum cause cause)
{
	struct session_record record;

	session_describe(&sessions.list[index], &record);
	sessions.list[index].ended = event == SESSION_ENDED;
	for (size_t i = 0; i < sizeof(sessions.sub) / sizeof(sessions.sub[0]); i++)
		if (sessions.sub[i])
			sessions.sub[i]->fn(sessions.sub[i]->arg, event, &record, cause);
}

void pools_usage(const struct pools *pools, pool_usage_fn fn, void *arg)
{
	(void)pools;
	for (uint32_t i = 0; i < 3000; i++) {
		const struct pool_usage usage = { "POOL", 100, i, 10, 1, 2 };

		fn(arg, &usage);
	}
}

void pppoe_counters(const struct pppoe *pppoe, struct pppoe_counters *out)
{
	(void)pppoe;
	*out = (struct pppoe_counters){ .padi = 11, .pado = 10 };
}

/* ---- the agent around the control socket ---- */

struct world {
	struct ev_loop *loop;
	struct log *log;
	struct dataplane *dp;
	struct dp_dims dims;
	struct conf conf;
	struct control_ctx ctx;
	struct control *control;
	char dir[64], path[96];
	int reload_error;
	char reload_message[64];
};

static struct pools *world_pools(void *arg)
{
	(void)arg;
	return NULL;
}

static const struct conf *world_conf(void *arg)
{
	return &((struct world *)arg)->conf;
}

static int world_reload(void *arg, char *message, size_t size)
{
	struct world *w = arg;

	snprintf(message, size, "%s", w->reload_message);
	return w->reload_error;
}

static void make_sessions(uint32_t n)
{
	free(sessions.list);
	sessions = (struct sessions){ .list = calloc(n, sizeof(struct session)), .n = n };
	for (uint32_t i = 0; i < n; i++) {
		sessions.list[i].ppp_id = i + 1;
		sessions.list[i].username = i == 1 ? "anna" : "user@isp";
	}
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	clock_shift_s = 0;
	make_sessions(3);
	w->loop = ev_loop_new(EVFLAG_AUTO);
	w->log = log_new(1, LOG_EMERG - 1);
	w->dims = (struct dp_dims){ .spaces = 1, .space_size = 4096, .down_lines = 4096 };
	assert_int_equal(dp_double_new(&w->dims, &w->dp), 0);
	w->conf.max_session = 10000;
	strcpy(w->dir, "/tmp/xpppd-test-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof(w->path), "%s/control", w->dir);
	w->ctx = (struct control_ctx){
		.version = "1.2.3",
		.sessions = &sessions,
		.dp = w->dp,
		.dims = &w->dims,
		.pppoe = (struct pppoe *)w, /* the double takes anything */
		.pools = world_pools,
		.conf = world_conf,
		.reload = world_reload,
		.arg = w,
	};
	assert_int_equal(control_new(w->loop, &w->ctx, w->path, NULL, w->log, &w->control), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	control_free(w->control);
	w->dp->ops->free(w->dp);
	log_free(w->log);
	ev_loop_destroy(w->loop);
	assert_int_equal(rmdir(w->dir), 0); /* nothing is left behind */
	for (size_t i = 0; i < sizeof(sessions.sub) / sizeof(sessions.sub[0]); i++)
		assert_null(sessions.sub[i]);
	make_sessions(0);
	free(sessions.list);
	sessions.list = NULL;
	free(w);
	return 0;
}

/* ---- clients ---- */

static void turn(struct world *w, int n)
{
	while (n-- > 0)
		ev_run(w->loop, EVRUN_NOWAIT);
}

static int dial(struct world *w)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, w->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	turn(w, 2);
	return fd;
}

static int ask(struct world *w, const char *line)
{
	int fd = dial(w);

	assert_int_equal(send(fd, line, strlen(line), MSG_NOSIGNAL), strlen(line));
	turn(w, 3);
	return fd;
}

struct answer {
	char *text;
	size_t len;
};

/* What is there now, and whether the connection is closed. */
static bool receive(struct answer *a, int fd)
{
	char buffer[65536];
	ssize_t n;

	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		a->text = realloc(a->text, a->len + (size_t)n + 1);
		memcpy(a->text + a->len, buffer, (size_t)n);
		a->len += (size_t)n;
		a->text[a->len] = '\0';
	}
	return n == 0 || (n < 0 && errno != EAGAIN);
}

/* The whole answer; the connection must end. */
static struct answer finish(struct world *w, int fd)
{
	struct answer a = { 0 };

	for (int i = 0; !receive(&a, fd); i++) {
		assert_true(i < 100000);
		turn(w, 1);
	}
	close(fd);
	return a;
}

static struct answer answer_to(struct world *w, const char *line)
{
	return finish(w, ask(w, line));
}

static size_t count_lines(const struct answer *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->len; i++)
		n += a->text[i] == '\n';
	return n;
}

#define assert_answer(w, line, expected)                          \
	do {                                                      \
		struct answer answer_ = answer_to(w, line);       \
		assert_string_equal(answer_.text, expected);      \
		free(answer_.text);                               \
	} while (0)

#define assert_contains(a, part)                                                            \
	do {                                                                                \
		if (!strstr((a)->text, part))                                               \
			fail_msg("\"%s\" is not in: %.2000s", part, (a)->text);             \
	} while (0)

#define END(status, matched) "{\"end\":{\"status\":" #status ",\"matched\":" #matched "}}\n"
#define BRIEF(id, name, address)                                                                  \
	"{\"type\":\"session\",\"ppp-id\":" #id ",\"address\":\"" address "\",\"username\":\"" name \
	"\",\"protocol\":\"pppoe\",\"peer\":\"02:00:00:00:00:01\","                                \
	"\"device\":\"access0.100.200\"}\n"

/* ---- sessions ---- */

static void test_session(void **state)
{
	struct world *w = *state;
	struct answer a;

	assert_answer(w, "{\"command\":\"session\",\"view\":\"brief\"}\n",
		      BRIEF(1, "user@isp", "10.0.0.1") BRIEF(2, "anna", "10.0.0.2")
			      BRIEF(3, "user@isp", "10.0.0.3") END(0, 3));
	assert_answer(w,
		      "{\"version\":1,\"command\":\"session\",\"view\":\"brief\","
		      "\"filter\":{\"username\":\"anna\"}}\n",
		      BRIEF(2, "anna", "10.0.0.2") END(0, 1));
	assert_answer(w, "{\"command\":\"session\",\"filter\":{\"ppp-id\":9}}\n", END(1, 0));
	assert_answer(w,
		      "{\"command\":\"session\",\"view\":\"packets\",\"filter\":{\"ppp-id\":2}}\n",
		      "{\"type\":\"session\",\"ppp-id\":2,\"address\":\"10.0.0.2\","
		      "\"username\":\"anna\",\"up-packets\":1,\"up-bytes\":2,\"down-packets\":3,"
		      "\"down-bytes\":4,\"drops\":5}\n" END(0, 1));
	a = answer_to(w, "{\"command\":\"session\",\"view\":\"all\",\"filter\":{\"ppp-id\":2}}\n");
	assert_contains(&a, "\"realm\":\"LOCAL\",\"tunnel\":\"ACCESS\",\"interface\":\"pppac0\","
			    "\"phase\":\"authenticate\",\"auth\":\"chap\",\"mtu\":1492,"
			    "\"path\":\"stack\",\"started\":1700000000,\"duration\":90061,"
			    "\"idle\":7,\"carrier-id\":77,\"service\":\"isp\","
			    "\"circuit-id\":\"port\\\\x201\",\"remote-id\":\"\"");
	free(a.text);
}

static void test_session_many(void **state)
{
	struct world *w = *state;
	struct answer a = { 0 };
	uint32_t before;
	const char *p;
	int fd;

	make_sessions(60000);
	fd = ask(w, "{\"command\":\"session\",\"view\":\"brief\"}\n");
	for (;;) {
		before = sessions.seen;
		turn(w, 1);
		assert_true(sessions.seen - before <= CLIENT_STEPS);
		if (receive(&a, fd))
			break;
	}
	close(fd);
	assert_int_equal(count_lines(&a), 60001);
	p = a.text;
	for (uint32_t i = 0; i < 60000; i++) {
		uint32_t id = 0;

		assert_int_equal(sscanf(p, "{\"type\":\"session\",\"ppp-id\":%u,", &id), 1);
		assert_int_equal(id, i + 1);
		p = strchr(p, '\n') + 1;
	}
	assert_string_equal(p, END(0, 60000));
	free(a.text);
}

/* Who reads nothing costs its buffers and no more. */
static void test_slow_reader(void **state)
{
	struct world *w = *state;
	struct answer a;
	uint32_t seen;
	int fd;

	make_sessions(60000);
	fd = ask(w, "{\"command\":\"session\",\"view\":\"brief\"}\n");
	turn(w, 500);
	seen = sessions.seen;
	assert_true(seen < 10000);
	turn(w, 500);
	assert_int_equal(sessions.seen, seen);
	assert_answer(w, "{\"command\":\"session\",\"filter\":{\"ppp-id\":70000}}\n", END(1, 0));
	a = finish(w, fd);
	assert_int_equal(count_lines(&a), 60001);
	free(a.text);
}

static void test_stalled_reader_is_closed(void **state)
{
	struct world *w = *state;
	struct answer a = { 0 };
	int fd;

	make_sessions(60000);
	fd = ask(w, "{\"command\":\"session\",\"view\":\"brief\"}\n");
	turn(w, 500);
	clock_shift_s += (int64_t)CLIENT_STALL_S + 1;
	turn(w, 3);
	assert_true(receive(&a, fd));
	assert_null(strstr(a.text, CONTROL_END));
	free(a.text);
	close(fd);
}

static void test_clear(void **state)
{
	struct world *w = *state;

	assert_answer(w, "{\"command\":\"clear\",\"filter\":{\"username\":\"anna\"}}\n",
		      "{\"type\":\"clear\",\"cleared\":1}\n" END(0, 1));
	assert_int_equal(sessions.list[0].cause, CAUSE_NONE);
	assert_int_equal(sessions.list[1].cause, CAUSE_CLEARED);
	assert_answer(w, "{\"command\":\"clear\",\"all\":true}\n",
		      "{\"type\":\"clear\",\"cleared\":3}\n" END(0, 3));
	assert_int_equal(sessions.list[2].cause, CAUSE_CLEARED);
	assert_answer(w, "{\"command\":\"clear\",\"filter\":{\"username\":\"nobody\"}}\n",
		      "{\"type\":\"clear\",\"cleared\":0}\n" END(1, 0));
}

/* ---- bad requests ---- */

static void test_junk(void **state)
{
	static const char *const junk[] = {
		"\n",
		"hello\n",
		"{\n",
		"[]\n",
		"{}\n",
		"{} {}\n",
		"{\"command\":\"session\"} x\n",
		"{\"command\":\"sessions\"}\n",
		"{\"command\":7}\n",
		"{\"command\":\"session\\u0000\"}\n",
		"{\"version\":2,\"command\":\"session\"}\n",
		"{\"command\":\"session\",\"view\":\"some\"}\n",
		"{\"command\":\"session\",\"colour\":\"red\"}\n",
		"{\"command\":\"session\",\"filter\":[]}\n",
		"{\"command\":\"session\",\"filter\":{\"colour\":\"red\"}}\n",
		"{\"command\":\"session\",\"filter\":{\"ppp-id\":-1}}\n",
		"{\"command\":\"session\",\"filter\":{\"ppp-id\":4294967296}}\n",
		"{\"command\":\"session\",\"filter\":{\"address\":\"10.0.0\"}}\n",
		"{\"command\":\"session\",\"filter\":{\"peer\":\"02:00:00:00:00:01:02\"}}\n",
		"{\"command\":\"session\",\"filter\":{\"username\":null}}\n",
		"{\"command\":\"session\",\"filter\":{\"username\":{\"a\":{\"b\":{}}}}}\n",
		"{\"command\":\"session\",\"filter\":{\"username\":\"\xff\"}}\n",
		"{\"command\":\"clear\"}\n",
		"{\"command\":\"clear\",\"all\":false}\n",
		"{\"command\":\"clear\",\"filter\":{}}\n",
		"{\"command\":\"clear\",\"all\":true,\"filter\":{\"ppp-id\":1}}\n",
		"{\"command\":\"monitor\"}\n",
		"{\"command\":\"capture\"}\n",
		"{\"command\":\"capture\",\"count\":0,\"filter\":{\"ppp-id\":1}}\n",
		"{\"command\":\"tunnels\"}\n",
		"{\"command\":\"radius\"}\n",
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		struct answer a = answer_to(w, junk[i]);

		assert_int_equal(count_lines(&a), 1);
		assert_contains(&a, "{\"end\":{\"status\":2,\"matched\":0,\"error\":\"");
		free(a.text);
	}
	assert_int_equal(sessions.list[0].cause, CAUSE_NONE);
}

static void test_request_too_long(void **state)
{
	struct world *w = *state;
	char line[CONTROL_REQUEST_MAX + 101];
	struct answer a;

	memset(line, ' ', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	memcpy(line, "{\"command\":\"session\"}", 21);
	a = answer_to(w, line);
	assert_contains(&a, "the request is longer than 4096 bytes");
	free(a.text);
	/* the longest there may be */
	line[CONTROL_REQUEST_MAX - 1] = '\n';
	line[CONTROL_REQUEST_MAX] = '\0';
	a = answer_to(w, line);
	assert_contains(&a, END(0, 3));
	free(a.text);
}

static void test_half_request(void **state)
{
	struct world *w = *state;
	struct answer a = { 0 };
	int fd = ask(w, "{\"command\":\"ses");
	int gone = ask(w, "{\"comm");

	close(gone);
	turn(w, 3);
	clock_shift_s += (int64_t)CLIENT_REQUEST_S - 2;
	turn(w, 3);
	assert_false(receive(&a, fd));
	assert_int_equal(send(fd, "s", 1, 0), 1); /* trickling does not help */
	turn(w, 3);
	clock_shift_s += 3;
	turn(w, 3);
	assert_true(receive(&a, fd));
	assert_int_equal(a.len, 0);
	close(fd);
}

static void test_request_in_pieces(void **state)
{
	static const char line[] = "{\"command\":\"reload\"}\ntrailing junk\n\xff";
	struct world *w = *state;
	struct answer a;
	int fd = dial(w);

	strcpy(w->reload_message, "fine");
	for (size_t i = 0; i + 1 < sizeof(line); i++) {
		if (send(fd, line + i, 1, MSG_NOSIGNAL) < 0)
			break; /* answered and closed */
		turn(w, 1);
	}
	a = finish(w, fd);
	assert_string_equal(a.text,
			    "{\"type\":\"reload\",\"message\":\"fine\"}\n" END(0, 0));
	free(a.text);
}

/* `socat` and `nc -N` close their side when the request is out. */
static void test_half_close(void **state)
{
	struct world *w = *state;
	struct answer a;
	int fd;

	make_sessions(5000);
	fd = dial(w);
	assert_true(send(fd, "{\"command\":\"session\"}\n", 22, 0) == 22);
	shutdown(fd, SHUT_WR);
	a = finish(w, fd);
	assert_int_equal(count_lines(&a), 5001);
	free(a.text);
}

static void test_too_many_clients(void **state)
{
	struct world *w = *state;
	int fd[CLIENTS_MAX];
	struct answer a;

	for (int i = 0; i < CLIENTS_MAX; i++)
		fd[i] = dial(w);
	a = finish(w, dial(w));
	assert_contains(&a, "too many control clients");
	free(a.text);
	close(fd[7]);
	turn(w, 3);
	assert_answer(w, "{\"command\":\"session\",\"filter\":{\"ppp-id\":9}}\n", END(1, 0));
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (i != 7)
			close(fd[i]);
}

static void test_clients_vanish(void **state)
{
	static const char *const lines[] = {
		"{\"command\":\"session\"}\n",
		"{\"command\":\"monitor\",\"all\":true}\n",
		"{\"command\":\"capture\",\"filter\":{\"ppp-id\":2}}\n",
	};
	struct world *w = *state;

	make_sessions(5000);
	for (int round = 0; round < 40; round++) {
		for (int i = 0; i < 3; i++) {
			int fd = ask(w, lines[i]);

			turn(w, round % 4);
			close(fd);
		}
		happen(SESSION_ESTABLISHED, 1, CAUSE_NONE);
	}
	turn(w, 20);
	assert_int_equal(sessions.list[1].captured, 0);
	for (size_t i = 0; i < sizeof(sessions.sub) / sizeof(sessions.sub[0]); i++)
		assert_null(sessions.sub[i]);
}

/* ---- monitor ---- */

static void test_monitor(void **state)
{
	struct world *w = *state;
	struct answer a = { 0 };
	int fd = ask(w, "{\"command\":\"monitor\",\"filter\":{\"username\":\"anna\"}}\n");

	happen(SESSION_STARTED, 0, CAUSE_NONE);
	happen(SESSION_ESTABLISHED, 1, CAUSE_NONE);
	turn(w, 3);
	assert_false(receive(&a, fd));
	assert_int_equal(count_lines(&a), 1);
	assert_contains(&a, "{\"type\":\"event\",\"ppp-id\":2,");
	assert_contains(&a, "\"event\":\"established\",\"time\":");
	assert_null(strstr(a.text, "cause"));
	happen(SESSION_ENDED, 1, CAUSE_IDLE);
	turn(w, 3);
	assert_false(receive(&a, fd));
	assert_contains(&a, "\"event\":\"ended\",");
	assert_contains(&a, "\"cause\":\"idle timeout\"}");
	shutdown(fd, SHUT_WR);
	turn(w, 3);
	assert_true(receive(&a, fd));
	assert_contains(&a, END(0, 2));
	free(a.text);
	close(fd);
}

static void test_monitor_flood(void **state)
{
	struct world *w = *state;
	int fd = ask(w, "{\"command\":\"monitor\",\"all\":true}\n");
	unsigned int told = 0, lost = 0;
	struct answer a = { 0 };

	for (int i = 0; i < 20000; i++)
		happen(SESSION_STARTED, 0, CAUSE_NONE);
	turn(w, 10);
	for (int i = 0; i < 10; i++) {
		assert_false(receive(&a, fd));
		turn(w, 10);
	}
	shutdown(fd, SHUT_WR);
	turn(w, 10);
	receive(&a, fd);
	for (char *p = a.text; p && *p; p = strchr(p, '\n') + 1) {
		unsigned int n = 0;

		told += strncmp(p, "{\"type\":\"event\"", 15) == 0;
		if (sscanf(p, "{\"type\":\"lost\",\"events\":%u", &n) == 1)
			lost += n;
	}
	assert_true(told > 0);
	assert_true(told < 2 * OUT_SIZE / 300);
	assert_int_equal(told + lost, 20000);
	free(a.text);
	close(fd);
}

/* ---- capture ---- */

static struct xp_capture packet_of(uint32_t len)
{
	struct xp_capture packet = {
		.len = len, .caplen = len < XP_CAPTURE_SNAP ? len : XP_CAPTURE_SNAP, .time = 5
	};

	memset(packet.data, 0x45, sizeof(packet.data));
	return packet;
}

static const char *pcap_of(const struct answer *a)
{
	static const char line[] = "{\"type\":\"pcap\",\"linktype\":101}\n";
	const char *file = strchr(a->text, '\n') + 1;
	uint32_t words[6];

	assert_int_equal(strncmp(a->text, line, strlen(line)), 0);
	memcpy(words, file, sizeof(words));
	assert_int_equal(words[0], 0xa1b23c4d);
	assert_int_equal(words[4], XP_CAPTURE_SNAP);
	assert_int_equal(words[5], 101);
	return file + sizeof(words);
}

static void test_capture(void **state)
{
	struct world *w = *state;
	struct xp_capture small = packet_of(40), big = packet_of(9000);
	int fd = ask(w, "{\"command\":\"capture\",\"filter\":{\"username\":\"anna\"}}\n");
	int two = ask(w, "{\"command\":\"capture\",\"count\":1,\"filter\":{\"ppp-id\":2}}\n");
	struct answer a;
	uint32_t words[4];
	const char *p;

	assert_true(sessions.list[1].captured > 0);
	control_captured(w->control, 1001, &small); /* another's */
	control_captured(w->control, 1002, &small);
	control_captured(w->control, 1002, &big);
	a = finish(w, two);
	assert_int_equal(a.text + a.len - pcap_of(&a), 16 + 40);
	free(a.text);
	assert_true(sessions.list[1].captured > 0); /* for the first client */
	turn(w, 3);
	shutdown(fd, SHUT_WR);
	a = finish(w, fd);
	p = pcap_of(&a);
	assert_int_equal(a.text + a.len - p, 16 + 40 + 16 + XP_CAPTURE_SNAP);
	memcpy(words, p + 16 + 40, sizeof(words));
	assert_true(llabs((long long)words[0] - time(NULL)) > 0 || words[0] > 0);
	assert_int_equal(words[2], XP_CAPTURE_SNAP);
	assert_int_equal(words[3], 9000);
	free(a.text);
}

static void test_capture_ends(void **state)
{
	struct world *w = *state;
	int fd = ask(w, "{\"command\":\"capture\",\"filter\":{\"username\":\"user@isp\"}}\n");
	struct answer a = { 0 };

	assert_int_equal(sessions.list[0].captured, 1);
	assert_int_equal(sessions.list[2].captured, 1);
	happen(SESSION_ENDED, 0, CAUSE_PEER);
	turn(w, 3);
	assert_false(receive(&a, fd));
	happen(SESSION_ENDED, 2, CAUSE_PEER);
	turn(w, 3);
	assert_true(receive(&a, fd));
	pcap_of(&a);
	free(a.text);
	close(fd);
}

static void test_capture_refused(void **state)
{
	struct world *w = *state;
	struct answer a;

	assert_answer(w, "{\"command\":\"capture\",\"filter\":{\"ppp-id\":50}}\n", END(1, 0));
	make_sessions(20);
	a = answer_to(w, "{\"command\":\"capture\",\"filter\":{\"username\":\"user@isp\"}}\n");
	assert_contains(&a, "more than 16 sessions");
	free(a.text);
	for (int i = 0; i < 20; i++)
		assert_int_equal(sessions.list[i].captured, 0);
}

static void test_capture_flood(void **state)
{
	struct world *w = *state;
	struct xp_capture packet = packet_of(1000);
	int fd = ask(w, "{\"command\":\"capture\",\"filter\":{\"ppp-id\":1}}\n");
	struct answer a;

	for (int i = 0; i < 20000; i++)
		control_captured(w->control, 1001, &packet);
	shutdown(fd, SHUT_WR);
	a = finish(w, fd);
	assert_true(a.len > 50000);
	assert_true(a.len <= OUT_SIZE);
	/* whole packets only */
	assert_int_equal((a.text + a.len - pcap_of(&a)) % 1016, 0);
	free(a.text);
}

/* ---- show and reload ---- */

static void test_show_status(void **state)
{
	struct world *w = *state;
	struct answer a;

	make_sessions(1001);
	clock_shift_s = 100;
	a = answer_to(w, "{\"command\":\"status\"}\n");
	assert_contains(&a, "{\"type\":\"status\",\"version\":\"1.2.3\",\"pid\":");
	assert_contains(&a, "\"uptime\":100,\"sessions\":1001,\"sessions-established\":500,"
			    "\"sessions-max\":10000,"
			    "\"phases\":{\"opened\":501,\"authenticate\":500},\"started-total\":9");
	assert_contains(&a, "\"ended-by\":{\"idle timeout\":4}");
	assert_contains(&a, "\"discovery\":{\"padi\":11,\"pado\":10,");
	assert_contains(&a, END(0, 0));
	assert_null(strstr(a.text, "\"memory\":0"));
	free(a.text);
}

static void test_show_pools(void **state)
{
	struct world *w = *state;
	struct answer a = answer_to(w, "{\"command\":\"pools\"}\n");
	const char *p = a.text;

	/* more than fit into the buffer at once */
	assert_true(a.len > OUT_SIZE);
	for (int i = 0; i < 3000; i++) {
		int used = -1;

		assert_int_equal(sscanf(p, "{\"type\":\"pool\",\"name\":\"POOL\","
					   "\"dynamic-used\":%d,\"dynamic-size\":100,",
					&used), 1);
		assert_int_equal(used, i);
		p = strchr(p, '\n') + 1;
	}
	assert_string_equal(p, END(0, 0));
	free(a.text);
}

static void test_show_drops(void **state)
{
	struct world *w = *state;
	struct answer a;

	assert_answer(w, "{\"command\":\"drops\"}\n", END(0, 0));
	log_drop(w->log, XP_R_D_TAG, "test");
	log_drop(w->log, XP_R_D_TAG, "test");
	assert_answer(w, "{\"command\":\"drops\"}\n",
		      "{\"type\":\"drop\",\"number\":65,\"name\":\"discovery-tag\","
		      "\"text\":\"malformed tag\",\"punt\":false,\"packets\":2,\"dataplane\":0,"
		      "\"agent\":2}\n" END(0, 0));
	a = answer_to(w, "{\"command\":\"drops\",\"all\":true}\n");
	assert_true(count_lines(&a) > 50);
	assert_contains(&a, "\"name\":\"punt-ttl\"");
	free(a.text);
}

static void fixed_paths(struct dataplane *dp, struct xp_path_counter paths[XP_PATH_MAX])
{
	(void)dp;
	paths[XP_PATH_UP_FAST] = (struct xp_path_counter){ 2, 200 };
	paths[XP_PATH_UP_STACK] = (struct xp_path_counter){ 1, 100 };
	paths[XP_PATH_DOWN_FAST] = (struct xp_path_counter){ 7, 700 };
}

static void fixed_devices(struct dataplane *dp, dp_device_fn fn, void *arg)
{
	const struct dp_device device = { "eth0", "native", "pppoe", "attached", "rxvlan off" };

	(void)dp;
	fn(arg, &device);
}

static void fixed_maps(struct dataplane *dp, dp_map_fn fn, void *arg)
{
	const struct dp_map map = { "routes", 1, 64 };

	(void)dp;
	fn(arg, &map);
}

static void fixed_programs(struct dataplane *dp, dp_program_fn fn, void *arg)
{
	const struct dp_program program = { "xp_main", "xdp", 12, 3456 };

	(void)dp;
	fn(arg, &program);
}

static void test_show_dataplane(void **state)
{
	struct world *w = *state;
	const struct dataplane_ops *real = w->dp->ops;
	struct dataplane_ops ops = *real;
	struct answer a;

	ops.paths = fixed_paths;
	ops.devices = fixed_devices;
	ops.maps = fixed_maps;
	ops.programs = fixed_programs;
	w->dp->ops = &ops;
	a = answer_to(w, "{\"command\":\"dataplane\"}\n");
	w->dp->ops = real;
	assert_contains(&a, "{\"type\":\"dataplane\",\"name\":\"double\",\"map-version\":");
	assert_contains(&a, "\"sessions\":1,\"sessions-size\":4096}\n");
	assert_contains(&a, "\"direction\":\"up\",\"path\":\"fast\",\"packets\":2,\"bytes\":200,"
			    "\"percent\":66.67}");
	assert_contains(&a, "\"direction\":\"up\",\"path\":\"stack\",\"packets\":1,\"bytes\":100,"
			    "\"percent\":33.33}");
	assert_contains(&a, "\"direction\":\"down\",\"path\":\"fast\",\"packets\":7,"
			    "\"bytes\":700,\"percent\":100.00}");
	assert_contains(&a, "\"direction\":\"down\",\"path\":\"slow\",\"packets\":0,\"bytes\":0,"
			    "\"percent\":0.00}");
	assert_contains(&a, "{\"type\":\"device\",\"name\":\"eth0\",\"mode\":\"native\","
			    "\"role\":\"pppoe\",\"state\":\"attached\",\"detail\":\"rxvlan off\"}");
	assert_contains(&a, "{\"type\":\"map\",\"name\":\"routes\",\"used\":1,\"size\":64}");
	assert_contains(&a, "{\"type\":\"program\",\"name\":\"xp_main\",\"kind\":\"xdp\","
			    "\"id\":12,\"instructions\":3456}");
	free(a.text);
}

static void test_reload(void **state)
{
	struct world *w = *state;

	strcpy(w->reload_message, "x.conf:3: unknown \"keyword\"");
	w->reload_error = -EINVAL;
	assert_answer(w, "{\"command\":\"reload\"}\n",
		      "{\"end\":{\"status\":2,\"matched\":0,"
		      "\"error\":\"x.conf:3: unknown \\\"keyword\\\"\"}}\n");
}

/* ---- the socket file ---- */

static void test_socket_file(void **state)
{
	struct world *w = *state;
	struct control *second = NULL;
	struct stat st;
	int fd;

	assert_int_equal(stat(w->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_string_equal(CONTROL_PATH, CONF_CONTROL_PATH);
	/* a living one stays */
	assert_int_equal(control_new(w->loop, &w->ctx, w->path, NULL, w->log, &second),
			 -EADDRINUSE);
	assert_null(second);
	assert_answer(w, "{\"command\":\"session\",\"filter\":{\"ppp-id\":9}}\n", END(1, 0));
	/* it removes its own file only, and a dead one is replaced */
	control_free(w->control);
	assert_int_equal(access(w->path, F_OK), -1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strcpy(addr.sun_path, w->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	assert_int_equal(control_new(w->loop, &w->ctx, w->path, NULL, w->log, &w->control), 0);
	assert_answer(w, "{\"command\":\"session\",\"filter\":{\"ppp-id\":9}}\n", END(1, 0));
}

static void test_socket_refused(void **state)
{
	struct world *w = *state;
	struct control *second = NULL;
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/file", w->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(control_new(w->loop, &w->ctx, path, NULL, w->log, &second), -EEXIST);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(control_new(w->loop, &w->ctx, path, "no-such-group", w->log, &second),
			 -ESRCH);
	snprintf(path, sizeof(path), "%s/none/control", w->dir);
	assert_int_equal(control_new(w->loop, &w->ctx, path, NULL, w->log, &second), -ENOENT);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(control_new(w->loop, &w->ctx, path, NULL, w->log, &second),
			 -ENAMETOOLONG);
	assert_null(second);
}

static void test_record_string(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "anna@isp", "anna@isp" },
		{ "J\xc3\xb6rg", "J\xc3\xb6rg" },
		{ "DOMAIN\\user", "DOMAIN\\user" },
		{ "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xff", "\\xff" },
		{ "a\xc3", "a\\xc3" },             /* cut */
		{ "\xc0\xaf", "\\xc0\\xaf" },         /* too long a form */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xc2\x9b[31m", "\\xc2\\x9b[31m" }, /* C1: a terminal obeys it */
		{ "a\x7f", "a\\x7f" },
		{ "\\xff", "\\x5cxff" },              /* no escape, so it becomes one */
		{ "\x1b[0m", "\x1b[0m" },             /* JSON escapes it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *o = record_string(cases[i].in);

		assert_string_equal(json_object_get_string(o), cases[i].out);
		json_object_put(o);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_session),
		T(test_session_many),
		T(test_slow_reader),
		T(test_stalled_reader_is_closed),
		T(test_clear),
		T(test_junk),
		T(test_request_too_long),
		T(test_half_request),
		T(test_request_in_pieces),
		T(test_half_close),
		T(test_too_many_clients),
		T(test_clients_vanish),
		T(test_monitor),
		T(test_monitor_flood),
		T(test_capture),
		T(test_capture_ends),
		T(test_capture_refused),
		T(test_capture_flood),
		T(test_show_status),
		T(test_show_pools),
		T(test_show_drops),
		T(test_show_dataplane),
		T(test_reload),
		T(test_socket_file),
		T(test_socket_refused),
		cmocka_unit_test(test_record_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
