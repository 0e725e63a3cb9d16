/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A bad link for packets of the sessions' traffic (--lose, --reorder, --behind); control packets
 * are not touched, see --drop. */
#ifndef DIALER_IMPAIR_H
#define DIALER_IMPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

struct call;
struct client;

#define IMPAIR_HELD 64
#define IMPAIR_SIZE 2048

struct held {
	struct call *call; /* NULL: free */
	uint32_t dial;     /* the call's, when it was held */
	uint32_t after;    /* packets of the call that still go first */
	size_t len;
	uint8_t bytes[IMPAIR_SIZE];
};

struct impair {
	uint64_t out, in; /* packets seen, for every n-th */
	uint64_t lost_out, lost_in, reordered;
	struct held held[IMPAIR_HELD];
};

/* Of what the command line wants done every n-th time; n 0: never. */
bool impair_is_nth(uint64_t seen, uint32_t n);
/* Sends, keeps or loses a frame that is complete. */
void impair_send(struct client *client, struct call *call, const struct wr *w);
/* The link loses this packet of the server's. */
bool impair_loses(struct client *client);
/* What is still held goes out. */
void impair_release(struct client *client);

#endif
