/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/client.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/control.h"
#include "control/out.h"

struct client {
	TAILQ_ENTRY(client) entry;
	struct clients *clients;
	int fd;
	ev_io io;
	ev_timer timer;
	char in[CONTROL_REQUEST_MAX];
	size_t in_len;
	bool asked;   /* the request line is complete */
	bool eof;     /* the client sends no more */
	bool waiting; /* the job waits for an event */
	bool done;    /* the job is; what is in `out` is all */
	struct out out;
	struct job job;
};

static void client_close(struct client *c)
{
	struct ev_loop *loop = c->clients->ctx->loop;

	ev_io_stop(loop, &c->io);
	ev_timer_stop(loop, &c->timer);
	job_stop(&c->job);
	close(c->fd);
	TAILQ_REMOVE(&c->clients->list, c, entry);
	c->clients->n--;
	out_free(&c->out);
	free(c);
}

/* Watches for what can happen next. */
static void client_watch(struct client *c)
{
	struct ev_loop *loop = c->clients->ctx->loop;
	bool work = c->asked && !c->done && !c->waiting;
	int events = (c->eof ? 0 : EV_READ) | (work || out_len(&c->out) ? EV_WRITE : 0);

	if (events == c->io.events && ev_is_active(&c->io))
		return;
	ev_io_stop(loop, &c->io);
	ev_io_set(&c->io, c->fd, events);
	if (events)
		ev_io_start(loop, &c->io);
}

static void client_timeout(struct client *c, double seconds)
{
	c->timer.repeat = seconds;
	ev_timer_again(c->clients->ctx->loop, &c->timer);
}

/* A share of the work: some steps of the job, and what the socket takes. Closes a client that is
 * through. */
static void client_turn(struct client *c)
{
	int err;

	for (int i = 0; c->asked && !c->done && i < CLIENT_STEPS && out_ready(&c->out); i++) {
		enum job_state state = job_step(&c->job);

		c->done = state == JOB_DONE;
		c->waiting = state == JOB_WAIT;
		if (state != JOB_MORE)
			break;
	}
	if (c->waiting && c->eof) /* it would be for ever */
		job_finish(&c->job);
	err = out_send(&c->out, c->fd);
	if ((err && err != -EAGAIN) || (c->done && out_len(&c->out) == 0)) {
		client_close(c);
		return;
	}
	/* a turn comes only when the socket takes something: the reader is alive */
	client_timeout(c, c->waiting && out_len(&c->out) == 0 ? 0 : CLIENT_STALL_S);
	client_watch(c);
}

/* The job has something to do outside of its turn. */
static void client_wake(void *arg)
{
	struct client *c = arg;

	c->waiting = false;
	client_watch(c);
}

static void client_ask(struct client *c, size_t len)
{
	c->asked = true;
	client_timeout(c, CLIENT_STALL_S);
	job_start(&c->job, c->in, len);
}

/* The client sends no more: what it asked for is still answered, unless that never ends. */
static void client_eof(struct client *c)
{
	if (!c->asked) {
		client_close(c);
		return;
	}
	c->eof = true;
	if (c->waiting)
		job_finish(&c->job);
	client_watch(c);
}

/* What follows the request line is read and forgotten. */
static void client_read(struct client *c)
{
	char *end;
	ssize_t n;

	if (c->asked)
		c->in_len = 0;
	n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_eof(c);
		return;
	}
	if (c->asked)
		return;
	end = memchr(c->in + c->in_len, '\n', (size_t)n);
	c->in_len += (size_t)n;
	/* a line that fills the buffer without an end is refused for its length */
	if (end || c->in_len == sizeof(c->in)) {
		client_ask(c, end ? (size_t)(end - c->in) : c->in_len);
		client_watch(c);
	}
}

static void client_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct client *c = io->data;

	(void)loop;
	if (events & EV_WRITE)
		client_turn(c); /* may free it; what came in is read in the next loop turn */
	else if (events & EV_READ)
		client_read(c);
}

static void client_expired(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	client_close(timer->data);
}

static bool make_room(struct clients *clients)
{
	struct client *c;

	TAILQ_FOREACH(c, &clients->list, entry)
		if (!c->asked)
			break;
	if (c)
		client_close(c);
	return c != NULL;
}

void client_open(struct clients *clients, int fd)
{
	static const char full[] = CONTROL_END "{\"status\":2,\"matched\":0,"
					       "\"error\":\"too many control clients\"}}\n";
	struct client *c = NULL;

	if (clients->n < CLIENTS_MAX || make_room(clients))
		c = calloc(1, sizeof(*c));
	if (!c) {
		send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
		return;
	}
	c->clients = clients;
	c->fd = fd;
	c->job.ctx = clients->ctx;
	c->job.out = &c->out;
	c->job.captures = &clients->captures;
	c->job.tops = &clients->tops;
	c->job.wake = client_wake;
	c->job.arg = c;
	TAILQ_INSERT_TAIL(&clients->list, c, entry);
	clients->n++;
	ev_io_init(&c->io, client_io, fd, EV_READ);
	c->io.data = c;
	ev_init(&c->timer, client_expired);
	c->timer.data = c;
	client_timeout(c, CLIENT_REQUEST_S);
	client_watch(c);
}

void clients_close(struct clients *clients)
{
	struct client *c, *next;

	/* who waits for events is told that there will be none */
	for (c = TAILQ_FIRST(&clients->list); c; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (!c->waiting)
			continue;
		job_finish(&c->job);
		client_turn(c);
	}
	while ((c = TAILQ_FIRST(&clients->list)))
		client_close(c);
}
