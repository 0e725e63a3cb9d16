/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The control socket: its file, its clients and what they may not do to it. */
#include <errno.h>
#include <ev.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/client.h"
#include "control_world.h"

/* ---- bounds ---- */

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
		"{\"command\":\"clear\",\"tunnel\":0}\n",
		"{\"command\":\"clear\",\"tunnel\":4294967296}\n",
		"{\"command\":\"clear\",\"tunnel\":1,\"all\":true}\n",
		"{\"command\":\"clear\",\"tunnel\":1,\"filter\":{\"ppp-id\":1}}\n",
		"{\"command\":\"session\",\"tunnel\":1}\n",
		"{\"command\":\"session\",\"filter\":{\"peer\":\"192.0.2\"}}\n",
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
	assert_string_equal(a.text, "{\"type\":\"reload\",\"message\":\"fine\"}\n" END(0, 0));
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

/* Clients that say nothing make room, those that are served do not. */
static void test_too_many_clients(void **state)
{
	struct world *w = *state;
	int fd[CLIENTS_MAX];
	struct answer a = { 0 };

	for (int i = 0; i < CLIENTS_MAX; i++)
		fd[i] = dial(w);
	assert_answer(w, "{\"command\":\"session\",\"filter\":{\"ppp-id\":9}}\n", END(1, 0));
	assert_true(receive(&a, fd[0]));
	assert_false(receive(&a, fd[1]));
	close(fd[0]);
	fd[0] = dial(w);
	for (int i = 0; i < CLIENTS_MAX; i++) {
		static const char line[] = "{\"command\":\"monitor\",\"all\":true}\n";

		assert_int_equal(send(fd[i], line, sizeof(line) - 1, 0), sizeof(line) - 1);
	}
	turn(w, 5);
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
	assert_false(sessions.list[1].captured);
	for (size_t i = 0; i < sizeof(sessions.sub) / sizeof(sessions.sub[0]); i++)
		assert_null(sessions.sub[i]);
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
	assert_int_equal(st.st_gid, getegid());
	if (geteuid() == 0) {
		assert_int_equal(control_set_group(w->control, "daemon"), 0);
		assert_int_equal(stat(w->path, &st), 0);
		assert_int_equal(st.st_gid, 1);
		assert_int_equal(st.st_mode & 0777, 0660);
	}
	assert_int_equal(control_set_group(w->control, "no-such-group"), -ESRCH);
	/* a living one stays */
	assert_int_equal(control_check(w->path, w->log), -EADDRINUSE);
	assert_int_equal(control_new(w->loop, &w->ctx, w->path, NULL, w->log, &second),
			 -EADDRINUSE);
	assert_null(second);
	assert_answer(w, "{\"command\":\"session\",\"filter\":{\"ppp-id\":9}}\n", END(1, 0));
	/* it removes its own file only, and a dead one is replaced */
	control_free(w->control);
	assert_int_equal(access(w->path, F_OK), -1);
	assert_int_equal(control_check(w->path, w->log), 0);
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
	assert_int_equal(control_new(w->loop, &w->ctx, path, NULL, w->log, &second), -ENAMETOOLONG);
	assert_null(second);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_session_many),
		T(test_slow_reader),
		T(test_stalled_reader_is_closed),
		T(test_junk),
		T(test_request_too_long),
		T(test_half_request),
		T(test_request_in_pieces),
		T(test_half_close),
		T(test_too_many_clients),
		T(test_clients_vanish),
		T(test_socket_file),
		T(test_socket_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
