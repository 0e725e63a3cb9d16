/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

/* How many samples are taken in a turn of the loop: they may come faster than they are used up. */
#define RING_SHARE 128

struct ring {
	struct ev_loop *loop;
	struct ring_buffer *buffer;
	ev_io io;
	ring_fn fn;
	void *arg;
	unsigned int left; /* of the share */
};

static int ring_sample(void *arg, void *data, size_t size)
{
	struct ring *ring = arg;

	ring->fn(ring->arg, data, size);
	return --ring->left ? 0 : -EAGAIN;
}

static void ring_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct ring *ring = io->data;

	(void)loop;
	(void)revents;
	ring->left = RING_SHARE;
	ring_buffer__consume(ring->buffer); /* what is left makes it readable again */
}

int ring_new(struct ev_loop *loop, int map_fd, ring_fn fn, void *arg, struct ring **out)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return -ENOMEM;
	ring->buffer = ring_buffer__new(map_fd, ring_sample, ring, NULL);
	if (!ring->buffer) {
		int r = -errno;

		free(ring);
		return r;
	}
	ring->loop = loop;
	ring->fn = fn;
	ring->arg = arg;
	ev_io_init(&ring->io, ring_readable, ring_buffer__epoll_fd(ring->buffer), EV_READ);
	ring->io.data = ring;
	ev_io_start(loop, &ring->io);
	*out = ring;
	return 0;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	ev_io_stop(ring->loop, &ring->io);
	ring_buffer__free(ring->buffer);
	free(ring);
}
