/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Reliable delivery of control messages (RFC 2661 5.8), without sockets and timers: what waits to
 * be sent or acknowledged, in order; and what came before its turn.
 */
#ifndef DIALER_DELIVERY_H
#define DIALER_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define DELIVERY_EARLY 64
#define DELIVERY_WINDOW 4 /* of a peer that names none */

struct message {
	struct message *next;
	uint16_t ns;
	uint16_t sid; /* session id of the header */
	bool sent;    /* at least once */
	size_t len;
	uint8_t body[];
};

enum delivery_verdict {
	DELIVERY_NEXT,
	DELIVERY_DUPLICATE,
	DELIVERY_AHEAD, /* its predecessors are missing */
};

struct delivery {
	struct message *first, **end; /* not acknowledged; of these the first in_flight were sent */
	uint32_t queued, in_flight;
	uint16_t ns, nr; /* of the next message to queue; of the next one expected */
	uint16_t window; /* how many the peer takes at a time */
	struct message *early[DELIVERY_EARLY]; /* by ns */
};

void delivery_init(struct delivery *d);
void delivery_free(struct delivery *d);
/* False for want of memory. */
bool delivery_queue(struct delivery *d, uint16_t sid, const void *body, size_t len);
/* The next message that the window lets out, or NULL. */
struct message *delivery_next(struct delivery *d);
/* All that is in flight is to be sent again. */
void delivery_again(struct delivery *d);
/* The peer expects nr: returns how many messages that acknowledges. */
uint32_t delivery_acknowledge(struct delivery *d, uint16_t nr);
enum delivery_verdict delivery_judge(const struct delivery *d, uint16_t ns);
/* Keeps a message that is ahead, for delivery_take(). */
void delivery_keep(struct delivery *d, uint16_t ns, uint16_t sid, struct rd body);
/* The message whose turn it is now, or NULL; the caller frees it. */
struct message *delivery_take(struct delivery *d);

#endif
