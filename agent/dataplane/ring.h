/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A ring that programs write samples into. Captured packets are read only while some session is
 * captured, events always. */
#ifndef XPPPD_RING_H
#define XPPPD_RING_H

#include <ev.h>
#include <stddef.h>

struct ring;

typedef void (*ring_fn)(void *arg, const void *sample, size_t size);

int ring_new(struct ev_loop *loop, int map_fd, ring_fn fn, void *arg, struct ring **ring);
void ring_free(struct ring *ring);

#endif
