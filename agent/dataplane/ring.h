/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The ring of captured packets, read only while some session is captured. */
#ifndef XPPPD_RING_H
#define XPPPD_RING_H

#include <ev.h>
#include <linux/types.h>
#include <xpppd/map.h>

struct ring;

typedef void (*ring_fn)(void *arg, const struct xp_capture *packet);

int ring_new(struct ev_loop *loop, int map_fd, ring_fn fn, void *arg, struct ring **ring);
void ring_free(struct ring *ring);

#endif
