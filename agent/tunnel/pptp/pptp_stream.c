/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pptp/pptp_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_MAX 2048

static bool try_again(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Told when the loop comes round. */
static void fail(struct pptp_stream *s, int error)
{
	s->error = error;
	ev_feed_event(s->loop, &s->in, EV_READ);
}

/* ---- receiving ---- */

static void messages_take(struct pptp_stream *s, struct buf bytes)
{
	struct buf frame;
	int length;

	s->n_part = 0;
	while ((length = pptp_frame(bytes)) > 0 && buf_take(&bytes, (size_t)length, &frame) == 0) {
		s->ops->message(s->arg, frame);
		if (!s->open || s->finished)
			return;
	}
	if (length < 0) {
		s->ops->ended(s->arg, length);
		return;
	}
	memcpy(s->part, bytes.p, bytes.len); /* shorter than any whole message */
	s->n_part = bytes.len;
}

static void on_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct pptp_stream *s = io->data;
	uint8_t bytes[PPTP_MESSAGE_MAX + READ_MAX];
	ssize_t n;

	(void)loop;
	(void)events;
	if (s->error) {
		s->ops->ended(s->arg, s->error);
		return;
	}
	memcpy(bytes, s->part, s->n_part);
	n = recv(io->fd, bytes + s->n_part, READ_MAX, 0);
	if (n > 0 && !s->finished)
		messages_take(s, buf_of(bytes, s->n_part + (size_t)n));
	else if (n == 0 || (n < 0 && !try_again()))
		s->ops->ended(s->arg, n < 0 ? -errno : 0);
}

/* ---- sending ---- */

static ssize_t send_some(struct pptp_stream *s, const uint8_t *bytes, size_t len)
{
	ssize_t n = send(s->out.fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && try_again())
		return 0;
	if (n < 0)
		fail(s, -errno);
	return n;
}

static void unsent_drop(struct pptp_stream *s)
{
	ev_io_stop(s->loop, &s->out);
	free(s->unsent);
	s->unsent = NULL;
	s->n_unsent = 0;
}

static void unsent_keep(struct pptp_stream *s, const uint8_t *bytes, size_t len)
{
	if (!s->unsent)
		s->unsent = malloc(PPTP_STREAM_UNSENT_MAX);
	if (!s->unsent) {
		fail(s, -ENOMEM);
		return;
	}
	if (len > PPTP_STREAM_UNSENT_MAX - s->n_unsent) {
		fail(s, -ENOBUFS);
		return;
	}
	memcpy(s->unsent + s->n_unsent, bytes, len);
	s->n_unsent += len;
	ev_io_start(s->loop, &s->out);
}

static void on_writable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct pptp_stream *s = io->data;
	ssize_t n = send_some(s, s->unsent, s->n_unsent);

	(void)loop;
	(void)events;
	if (n > 0 && (size_t)n < s->n_unsent) {
		s->n_unsent -= (size_t)n;
		memmove(s->unsent, s->unsent + n, s->n_unsent);
		return;
	}
	if (n == 0)
		return;
	unsent_drop(s);
	if (s->finished)
		shutdown(io->fd, SHUT_WR);
}

void pptp_stream_send(struct pptp_stream *s, const uint8_t *bytes, size_t len)
{
	ssize_t n = 0;

	if (!s->open || s->finished || s->error)
		return;
	if (s->n_unsent == 0)
		n = send_some(s, bytes, len);
	if (n >= 0 && (size_t)n < len)
		unsent_keep(s, bytes + n, len - (size_t)n);
}

/* ---- beginning and end ---- */

void pptp_stream_open(struct pptp_stream *s, struct ev_loop *loop, int fd,
		      const struct pptp_stream_ops *ops, void *arg)
{
	*s = (struct pptp_stream){ .loop = loop, .ops = ops, .arg = arg, .open = true };
	ev_io_init(&s->in, on_readable, fd, EV_READ);
	ev_io_init(&s->out, on_writable, fd, EV_WRITE);
	s->in.data = s->out.data = s;
	ev_io_start(loop, &s->in);
}

void pptp_stream_finish(struct pptp_stream *s)
{
	if (!s->open || s->finished)
		return;
	s->finished = true;
	s->n_part = 0;
	if (s->n_unsent == 0)
		shutdown(s->in.fd, SHUT_WR);
}

void pptp_stream_close(struct pptp_stream *s)
{
	if (!s->open)
		return;
	s->open = false;
	unsent_drop(s);
	ev_io_stop(s->loop, &s->in);
	close(s->in.fd);
}
