/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Reliable delivery of control messages: RFC 2661 5.8 and appendix A. Messages go out in order, as
 * many as the peer's receive window and slow start allow, and again with growing pauses until the
 * peer has acknowledged them; what comes in is delivered once and in order.
 */
#ifndef XPPPD_L2TP_CONTROL_H
#define XPPPD_L2TP_CONTROL_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "buf.h"

struct l2tp_header;

/* What we let the peer have under way; ahead of its turn no more than this is kept. */
#define L2TP_CONTROL_WINDOW 32
#define L2TP_CONTROL_RETRIES 5
#define L2TP_CONTROL_KEPT_MAX 8192   /* octets of messages ahead of their turn */
#define L2TP_CONTROL_WINDOW_MAX 1024 /* of the peer's that we use */

struct l2tp_control_ops {
	/* Puts a whole message on the wire; failures are its own business. */
	void (*transmit)(void *arg, const uint8_t *message, size_t len);
	/* A message in its turn. It may end the connection, by l2tp_control_stop() too. */
	void (*deliver)(void *arg, uint16_t session_id, struct buf payload);
	/* The peer has not answered L2TP_CONTROL_RETRIES repetitions. */
	void (*dead)(void *arg);
	/* Everything that was sent is acknowledged. */
	void (*idle)(void *arg);
};

struct l2tp_control_message;
TAILQ_HEAD(l2tp_control_queue, l2tp_control_message);

struct l2tp_control_counts {
	uint64_t retransmits, duplicates;
};

struct l2tp_control {
	struct ev_loop *loop;
	const struct l2tp_control_ops *ops;
	void *arg;
	struct ev_timer timer;
	struct l2tp_control_queue queue;   /* oldest first, until acknowledged */
	struct l2tp_control_message *next; /* first that is to be sent, NULL: none */
	struct l2tp_control_message *early[L2TP_CONTROL_WINDOW]; /* by ns, ahead of their turn */
	uint32_t queued;                                         /* all of the queue */
	uint32_t in_flight;                                      /* before `next` */
	size_t kept;                                             /* octets in `early` */
	uint16_t ns, nr;                                         /* next to use, next expected */
	uint16_t fresh; /* ns that the next message gets on the wire that was never there */
	uint16_t peer_window, cwnd, ssthresh, cwnd_acks;
	uint8_t tries; /* repetitions of the oldest */
	bool ack_due;
	bool stopped;
	struct l2tp_control_counts counts, *total;
};

enum l2tp_control_verdict {
	L2TP_CONTROL_TAKEN,     /* delivered, kept for its turn, or an acknowledgement */
	L2TP_CONTROL_DUPLICATE, /* had it; it is acknowledged again */
	L2TP_CONTROL_BEYOND,    /* ns or nr is out of every window */
};

/* total: of all connections of the owner, outlives them. */
void l2tp_control_init(struct l2tp_control *c, struct ev_loop *loop,
		       const struct l2tp_control_ops *ops, void *arg,
		       struct l2tp_control_counts *total);
/* The peer has sent something again that the owner has answered already. */
void l2tp_control_count_duplicate(struct l2tp_control *c);
/* Sends the oldest message again: the peer shows that it has not got it. */
void l2tp_control_repeat(struct l2tp_control *c);
/* Gives up what is not acknowledged; what comes in is still acknowledged. */
void l2tp_control_quiet(struct l2tp_control *c);
/* Forgets what the peer cannot have seen, so that the next message waits for less. */
void l2tp_control_hurry(struct l2tp_control *c);
/* Sends nothing and takes nothing any more; the memory stays the owner's. Idempotent. */
void l2tp_control_stop(struct l2tp_control *c);
/* The peer's receive window, from its SCCRQ; 0 counts as 1. */
void l2tp_control_set_window(struct l2tp_control *c, uint16_t window);

/* Queues a message: AVPs for tunnel and session ids of the peer. -ENOMEM; -EMSGSIZE; -ESHUTDOWN:
 * stopped. */
int l2tp_control_send(struct l2tp_control *c, uint16_t tunnel_id, uint16_t session_id,
		      const struct wbuf *avps);
/* A control message of the peer. */
enum l2tp_control_verdict l2tp_control_receive(struct l2tp_control *c,
					       const struct l2tp_header *header);
/* Would this message be delivered at once? */
bool l2tp_control_in_turn(const struct l2tp_control *c, const struct l2tp_header *header);
/* After a turn of receiving: acknowledges what no message has acknowledged by the way. */
void l2tp_control_flush(struct l2tp_control *c, uint16_t tunnel_id);

#endif
