/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * libmicrohttpd has an epoll descriptor of its own, which the loop watches; MHD_run() then does what
 * is due, a buffer a connection. When it wants to go on at once it says so by a time-out of 0,
 * which is a timer for the loop's next turn: others come in between, however much a client asks for.
 *
 * Timers: a listener's `again`, for libmicrohttpd's own time-outs; a connection's `deadline`.
 */
#include "metrics/metrics.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/text.h"
#include "control/control.h"
#include "log.h"
#include "metrics/exposition.h"
#include "metrics/page.h"
#include "metrics/series.h"

#define SILENCE_S 10       /* a client that neither reads nor writes */
#define MEMORY (64 * 1024) /* of a connection */
#define BLOCK (32 * 1024)  /* of an answer, in one turn */
#define BACKLOG 32
#define PRIORITY (-1) /* after sessions and operators */
#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct listener {
	LIST_ENTRY(listener) entry;
	struct metrics *metrics;
	struct sockaddr_storage addr;
	struct MHD_Daemon *daemon; /* NULL: could not be opened */
	struct ev_io io;
	struct ev_timer again;
	bool wanted;
};

struct connection {
	struct ev_loop *loop;
	struct ev_timer deadline;
	int fd;
};

struct metrics {
	struct ev_loop *loop;
	struct control_ctx ctx;
	const struct lag *lag;
	LIST_HEAD(, listener) listeners;
};

/* ---- answers */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
			      struct MHD_Response *response)
{
	enum MHD_Result r;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	r = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return r;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned int status,
				   const char *text)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);

	if (response && status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET");
	return answer(connection, status, response);
}

static enum MHD_Result answer_page(struct metrics *m, struct MHD_Connection *connection)
{
	struct exposition e = { 0 };
	struct MHD_Response *response;

	metrics_page(&e, &m->ctx, m->lag);
	if (e.failed) {
		exposition_free(&e);
		return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
	}
	response = MHD_create_response_from_buffer(e.len, e.data, MHD_RESPMEM_MUST_FREE);
	if (response)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, CONTENT_TYPE);
	else
		exposition_free(&e);
	return answer(connection, MHD_HTTP_OK, response);
}

static ssize_t on_series(void *arg, uint64_t at, char *out, size_t size)
{
	ssize_t n = series_read(arg, out, size);

	(void)at;
	return n > 0    ? n
	       : n == 0 ? MHD_CONTENT_READER_END_OF_STREAM
			: MHD_CONTENT_READER_END_WITH_ERROR;
}

static void on_series_end(void *arg)
{
	series_free(arg);
}

static enum MHD_Result answer_series(struct metrics *m, struct MHD_Connection *connection)
{
	struct series *series = series_new(m->ctx.sessions);
	struct MHD_Response *response;

	if (!series)
		return MHD_NO;
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_series, series,
						     on_series_end);
	if (response)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, CONTENT_TYPE);
	else
		series_free(series);
	return answer(connection, MHD_HTTP_OK, response);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *body,
				  size_t *body_size, void **state)
{
	struct metrics *m = ((struct listener *)arg)->metrics;

	(void)version;
	(void)body;
	(void)body_size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
	if (strcmp(url, "/metrics") == 0)
		return answer_page(m, connection);
	if (strcmp(url, "/metrics/sessions") == 0)
		return answer_series(m, connection);
	return answer_text(connection, MHD_HTTP_NOT_FOUND,
			   "there are /metrics and /metrics/sessions\n");
}

/* ---- connections */

/* libmicrohttpd counts silence only: who sends an octet now and then would stay for ever. */
static void on_deadline(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct connection *c = timer->data;

	(void)loop;
	(void)revents;
	shutdown(c->fd, SHUT_RDWR);
}

static void connection_open(struct metrics *m, struct MHD_Connection *connection, void **state)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *c = info ? calloc(1, sizeof(*c)) : NULL;

	if (!c)
		return;
	c->loop = m->loop;
	c->fd = info->connect_fd;
	ev_timer_init(&c->deadline, on_deadline, METRICS_DEADLINE_S, 0.);
	c->deadline.data = c;
	ev_timer_start(m->loop, &c->deadline);
	*state = c;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **state,
			  enum MHD_ConnectionNotificationCode what)
{
	struct connection *c = *state;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_open(((struct listener *)arg)->metrics, connection, state);
	} else if (c) {
		ev_timer_stop(c->loop, &c->deadline);
		free(c);
		*state = NULL;
	}
}

/* ---- listeners */

static void listener_run(struct listener *l)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(l->daemon);
	ev_timer_stop(l->metrics->loop, &l->again);
	if (MHD_get_timeout(l->daemon, &ms) != MHD_YES)
		return;
	ev_timer_set(&l->again, (double)ms / 1000., 0.);
	ev_timer_start(l->metrics->loop, &l->again);
}

static void on_readable(struct ev_loop *loop, struct ev_io *io, int revents)
{
	(void)loop;
	(void)revents;
	listener_run(io->data);
}

static void on_again(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	listener_run(timer->data);
}

static int listener_socket(const struct sockaddr_storage *addr)
{
	bool four = addr->ss_family == AF_INET;
	int fd = socket(addr->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, r;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    (!four && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) ||
	    bind(fd, (const struct sockaddr *)addr,
		 four ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) ||
	    listen(fd, BACKLOG)) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

static int listener_open(struct listener *l)
{
	const union MHD_DaemonInfo *info;
	int fd = listener_socket(&l->addr);

	if (fd < 0)
		return fd;
	l->daemon =
		MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, l,
				 MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				 (unsigned int)METRICS_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
				 (unsigned int)SILENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				 (size_t)MEMORY, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l,
				 MHD_OPTION_END);
	if (!l->daemon) {
		close(fd);
		return -ENOMEM;
	}
	info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	ev_io_set(&l->io, info->epoll_fd, EV_READ);
	ev_io_start(l->metrics->loop, &l->io);
	return 0;
}

static void listener_free(struct listener *l)
{
	ev_io_stop(l->metrics->loop, &l->io);
	ev_timer_stop(l->metrics->loop, &l->again);
	if (l->daemon)
		MHD_stop_daemon(l->daemon);
	LIST_REMOVE(l, entry);
	free(l);
}

static struct listener *listener_get(struct metrics *m, const struct sockaddr_storage *addr)
{
	struct listener *l;

	LIST_FOREACH(l, &m->listeners, entry)
		if (memcmp(&l->addr, addr, sizeof(*addr)) == 0)
			return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->metrics = m;
	l->addr = *addr;
	ev_init(&l->io, on_readable);
	ev_init(&l->again, on_again);
	ev_set_priority(&l->io, PRIORITY);
	ev_set_priority(&l->again, PRIORITY);
	l->io.data = l->again.data = l;
	LIST_INSERT_HEAD(&m->listeners, l, entry);
	return l;
}

static void listener_log(const struct listener *l, int err)
{
	char text[80] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (out) {
		conf_text_print_address(out, &l->addr, 0);
		fclose(out);
	}
	log_msg(l->metrics->ctx.log, LOG_ERR, "metrics: cannot listen on %s: %s", text,
		strerror(-err));
}

/* ---- all */

int metrics_new(struct ev_loop *loop, const struct control_ctx *ctx, const struct lag *lag,
		struct metrics **out)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->loop = loop;
	m->ctx = *ctx;
	m->lag = lag;
	LIST_INIT(&m->listeners);
	*out = m;
	return 0;
}

void metrics_configure(struct metrics *m, const struct conf *conf)
{
	const struct conf_addr *a;
	struct listener *l, *next;
	int r;

	LIST_FOREACH(l, &m->listeners, entry)
		l->wanted = false;
	STAILQ_FOREACH(a, &conf->metrics_listen, entry) {
		l = listener_get(m, &a->addr);
		if (l)
			l->wanted = true;
	}
	/* first, since one for all addresses is in the way of one for a single address */
	for (l = LIST_FIRST(&m->listeners); l; l = next) {
		next = LIST_NEXT(l, entry);
		if (!l->wanted)
			listener_free(l);
	}
	LIST_FOREACH(l, &m->listeners, entry) {
		r = l->daemon ? 0 : listener_open(l);
		if (r < 0)
			listener_log(l, r);
	}
}

void metrics_free(struct metrics *m)
{
	struct listener *l;

	if (!m)
		return;
	while ((l = LIST_FIRST(&m->listeners)))
		listener_free(l);
	free(m);
}
