/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A control client that sends anything, in two pieces. Input: one byte, the length of what sessions
 * have as user name; that name; what the client sends. Every answer must be lines of JSON of which the
 * last is the closing line, or a pcap file.
 */
#include <assert.h>
#include <ev.h>
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/fake_sessions.h"
#include "conf/conf.h"
#include "control/client.h"
#include "control/control.h"
#include "dataplane/dataplane.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct conf conf = { .max_session = 10 };

static struct pools *fuzz_pools(void *arg)
{
	(void)arg;
	return NULL;
}

static const struct conf *fuzz_conf(void *arg)
{
	(void)arg;
	return &conf;
}

static int fuzz_reload(void *arg, char *message, size_t size)
{
	(void)arg;
	(void)message;
	(void)size;
	return -1;
}

static void check_answer(const char *text, size_t len)
{
	const char *end;
	size_t lines = 0;

	for (const char *p = text; p < text + len; p = end + 1) {
		struct json_object *json;

		end = memchr(p, '\n', (size_t)(text + len - p));
		assert(end);
		json = json_tokener_parse(p);
		assert(json_object_is_type(json, json_type_object));
		json_object_put(json);
		lines++;
		if (strncmp(p, "{\"type\":\"pcap\"", 14) == 0)
			return;
		if (strncmp(p, CONTROL_END, strlen(CONTROL_END)) == 0) {
			assert(end + 1 == text + len);
			return;
		}
	}
	/* nothing at all, or the answer of a job that waits */
	assert(lines == 0 || strstr(text, "event"));
}

static void send_piece(struct ev_loop *loop, int fd, const uint8_t *data, size_t size)
{
	if (size > 0)
		send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	for (int i = 0; i < 3; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void converse(struct ev_loop *loop, struct clients *clients, const uint8_t *data,
		     size_t size)
{
	static char answer[1 << 20];
	size_t len = 0;
	ssize_t n;
	int fd[2];

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
	client_open(clients, fd[0]);
	send_piece(loop, fd[1], data, size / 2);
	send_piece(loop, fd[1], data + size / 2, size - size / 2);
	happen(SESSION_ESTABLISHED, 0, CAUSE_NONE);
	shutdown(fd[1], SHUT_WR);
	for (int i = 0; i < 20; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		while ((n = recv(fd[1], answer + len, sizeof(answer) - 1 - len, 0)) > 0)
			len += (size_t)n;
	}
	answer[len] = '\0';
	check_answer(answer, len);
	close(fd[1]);
	ev_run(loop, EVRUN_NOWAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ev_loop *loop;
	struct dp_dims dims = { .spaces = 1, .space_size = 16, .down_lines = 16 };
	struct control_ctx ctx = { .version = "fuzz", .sessions = &sessions, .dims = &dims };
	struct clients clients = { .ctx = &ctx };
	size_t name_len = size > 0 ? data[0] : 0;
	char name[256] = "";

	if (size < 1 + name_len)
		return 0;
	memcpy(name, data + 1, name_len);
	if (!loop)
		loop = ev_loop_new(EVFLAG_AUTO);
	TAILQ_INIT(&clients.list);
	make_sessions(3);
	sessions.list[0].username = name;
	ctx.loop = loop;
	ctx.pools = fuzz_pools;
	ctx.conf = fuzz_conf;
	ctx.reload = fuzz_reload;
	assert(dp_double_new(&dims, &ctx.dp) == 0);
	converse(loop, &clients, data + 1 + name_len, size - 1 - name_len);
	clients_close(&clients);
	for (int i = 0; i < 3; i++)
		assert(!sessions.list[i].captured);
	ctx.dp->ops->free(ctx.dp);
	free(sessions.list);
	sessions.list = NULL;
	return 0;
}
