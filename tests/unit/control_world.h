/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The agent around a control socket, and clients that talk to it over real connections. Both sides
 * run in one thread: a client that waits gives the agent loop turns.
 */
#ifndef XPPPD_CONTROL_WORLD_H
#define XPPPD_CONTROL_WORLD_H

#include <errno.h>
#include <ev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "control/control.h"
#include "dataplane/dataplane.h"
#include "fake_sessions.h"
#include "log.h"

/* ---- time that a test can push forward ---- */

static int64_t clock_shift_s;

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, clock, t);

	t->tv_sec += clock_shift_s;
	return r;
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

static inline struct pools *world_pools(void *arg)
{
	(void)arg;
	return NULL;
}

static inline const struct conf *world_conf(void *arg)
{
	return &((struct world *)arg)->conf;
}

static inline int world_reload(void *arg, char *message, size_t size)
{
	struct world *w = arg;

	snprintf(message, size, "%s", w->reload_message);
	return w->reload_error;
}

static inline int setup(void **state)
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

static inline int teardown(void **state)
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

static inline void turn(struct world *w, int n)
{
	while (n-- > 0)
		ev_run(w->loop, EVRUN_NOWAIT);
}

static inline int dial(struct world *w)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, w->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	turn(w, 2);
	return fd;
}

static inline int ask(struct world *w, const char *line)
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
static inline bool receive(struct answer *a, int fd)
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
static inline struct answer finish(struct world *w, int fd)
{
	struct answer a = { 0 };

	for (int i = 0; !receive(&a, fd); i++) {
		assert_true(i < 100000);
		turn(w, 1);
	}
	close(fd);
	return a;
}

static inline struct answer answer_to(struct world *w, const char *line)
{
	return finish(w, ask(w, line));
}

static inline size_t count_lines(const struct answer *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->len; i++)
		n += a->text[i] == '\n';
	return n;
}

#define assert_answer(w, line, expected)                                                           \
	do {                                                                                       \
		struct answer answer_ = answer_to(w, line);                                        \
		assert_string_equal(answer_.text, expected);                                       \
		free(answer_.text);                                                                \
	} while (0)

#define assert_contains(a, part)                                                                   \
	do {                                                                                       \
		if (!strstr((a)->text, part))                                                      \
			fail_msg("\"%s\" is not in: %.2000s", part, (a)->text);                    \
	} while (0)

#define END(status, matched) "{\"end\":{\"status\":" #status ",\"matched\":" #matched "}}\n"
#define BRIEF(id, name, address)                                                                   \
	"{\"type\":\"session\",\"ppp-id\":" #id ",\"address\":\"" address                          \
	"\",\"username\":\"" name "\",\"protocol\":\"pppoe\",\"peer\":\"02:00:00:00:00:01\","      \
	"\"device\":\"access0.100.200\"}\n"

#endif
