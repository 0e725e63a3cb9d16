/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions whose packets are copied for `xpppctl capture`: by the programs into a ring, and those that
 * the agent moves by the agent. */
#ifndef XPPPD_CAPTURES_H
#define XPPPD_CAPTURES_H

#include <ev.h>
#include <sys/queue.h>

#include "dataplane/lines.h"

struct captured;
struct ring;

/* Embedded in its owner; dp tells where copies go. */
struct captures {
	struct ev_loop *loop;
	struct dataplane *dp;
	struct lines *lines;
	int map_fd;
	struct ring *ring; /* from the first captured session on */
	LIST_HEAD(, captured) list;
};

int captures_start(struct captures *captures, uint32_t slot);
void captures_stop(struct captures *captures, uint32_t slot);
void captures_clear(struct captures *captures);
/* A packet that the agent moves, of whichever session. */
void captures_packet(struct captures *captures, uint32_t slot, bool up, struct buf packet);

#endif
