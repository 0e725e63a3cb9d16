/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * UDP sockets of the L2TP listeners. Datagrams are read and written in batches; what is written
 * waits until the loop is about to sleep, the batch is full, or a turn of reading is over. Answers
 * leave from the address that was asked, also on a listener for all addresses.
 */
#ifndef XPPPD_L2TP_SOCKET_H
#define XPPPD_L2TP_SOCKET_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "tunnel/backlog.h"
#include "tunnel/l2tp/l2tp_addr.h"

struct l2tp_rx;
struct l2tp_tx;

/* Room to receive into, shared by all sockets of a loop. */
int l2tp_rx_new(struct l2tp_rx **rx);
void l2tp_rx_free(struct l2tp_rx *rx);

struct l2tp_socket_ops {
	void (*receive)(void *arg, const struct l2tp_path *path, struct buf datagram);
	/* A turn of reading is over. waited_us: so long has something been waiting. */
	void (*turn_over)(void *arg, int64_t waited_us);
	/* A datagram was not sent, or was longer than there is room for. */
	void (*failed)(void *arg, const struct l2tp_path *path, int error);
};

struct l2tp_socket {
	struct ev_loop *loop;
	struct ev_io io;
	struct ev_prepare prepare; /* active while something waits to be sent */
	struct l2tp_rx *rx;
	struct l2tp_tx *tx;
	const struct l2tp_socket_ops *ops;
	void *arg;
	union l2tp_addr addr;
	struct backlog backlog;
	bool open;
};

/* addr: the listener's; may have no address of this machine yet. -errno. receive must not close the
 * socket. */
int l2tp_socket_open(struct l2tp_socket *s, struct ev_loop *loop, struct l2tp_rx *rx,
		     const union l2tp_addr *addr, const struct l2tp_socket_ops *ops, void *arg);
/* Sends what waits. A zeroed or closed one is fine. */
void l2tp_socket_close(struct l2tp_socket *s);
/* -EMSGSIZE; -ENETDOWN: not open. What fails later is told to ops->failed. */
int l2tp_socket_send(struct l2tp_socket *s, const struct l2tp_path *path, const uint8_t *datagram,
		     size_t len);
void l2tp_socket_flush(struct l2tp_socket *s);

/* The largest IP packet that the way to the peer bears, IPsec reckoned with; 0 if it is not known. */
unsigned int l2tp_socket_path_mtu(const struct l2tp_path *path);

#endif
