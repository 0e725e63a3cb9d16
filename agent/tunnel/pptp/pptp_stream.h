/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A control connection's TCP stream: cuts what comes into messages, and keeps what the network
 * does not take at once, up to a limit. Nothing but the loop's callbacks calls `ended`, so that who
 * sends need not fear for the connection it works with.
 */
#ifndef XPPPD_PPTP_STREAM_H
#define XPPPD_PPTP_STREAM_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "tunnel/pptp/pptp_wire.h"

/* A peer that does not read is given up when so much waits for it. */
#define PPTP_STREAM_UNSENT_MAX 4096

struct pptp_stream_ops {
	/* A whole message. It may close the stream; the memory must stay until the loop comes
	 * round. */
	void (*message)(void *arg, struct buf frame);
	/* It is over. 0: the peer has closed it; -EBADMSG and -EMSGSIZE as of pptp_frame();
	 * -ENOBUFS: the peer does not read; another errno. */
	void (*ended)(void *arg, int error);
};

struct pptp_stream {
	struct ev_loop *loop;
	struct ev_io in, out;
	const struct pptp_stream_ops *ops;
	void *arg;
	uint8_t *unsent; /* NULL: nothing */
	size_t n_unsent;
	size_t n_part;
	uint8_t part[PPTP_MESSAGE_MAX]; /* the beginning of a message */
	int error;
	bool open;
	bool finished; /* nothing is sent or taken any more but the other end's good-bye */
};

/* Takes fd, which does not block. */
void pptp_stream_open(struct pptp_stream *s, struct ev_loop *loop, int fd,
		      const struct pptp_stream_ops *ops, void *arg);
void pptp_stream_send(struct pptp_stream *s, const uint8_t *bytes, size_t len);
/* Sends what waits and then the end; `ended` tells when the peer has closed its side as well. */
void pptp_stream_finish(struct pptp_stream *s);
/* At once. Idempotent. */
void pptp_stream_close(struct pptp_stream *s);

#endif
