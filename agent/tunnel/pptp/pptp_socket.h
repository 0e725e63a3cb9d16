/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The raw socket for GRE: one for all listeners, because several would each get every packet. A
 * filter in the kernel lets nothing but PPTP's packets in, so that other tunnels of this machine
 * cost nothing. Packets are read and written in batches; what is written waits until the loop is
 * about to sleep, the batch is full, or a turn of reading is over.
 *
 * While it is open, the kernel does not answer GRE with "protocol unreachable".
 */
#ifndef XPPPD_PPTP_SOCKET_H
#define XPPPD_PPTP_SOCKET_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* Both ends of a call. */
struct pptp_hosts {
	struct in_addr local, peer;
};

struct pptp_batch;

struct pptp_socket_ops {
	/* A packet, without its IP header. */
	void (*receive)(void *arg, const struct pptp_hosts *hosts, struct buf packet);
	/* A packet was not sent. */
	void (*failed)(void *arg, const struct pptp_hosts *hosts, int error);
};

struct pptp_socket {
	struct ev_loop *loop;
	struct ev_io io;
	struct ev_prepare prepare; /* active while something waits to be sent */
	struct pptp_batch *rx, *tx;
	const struct pptp_socket_ops *ops;
	void *arg;
	bool open;
};

/* -errno. receive must not close the socket. */
int pptp_socket_open(struct pptp_socket *s, struct ev_loop *loop, const struct pptp_socket_ops *ops,
		     void *arg);
/* Sends what waits. A zeroed or closed one is fine. */
void pptp_socket_close(struct pptp_socket *s);
/* -EMSGSIZE; -ENETDOWN: not open. What fails later is told to ops->failed. */
int pptp_socket_send(struct pptp_socket *s, const struct pptp_hosts *hosts, const uint8_t *packet,
		     size_t len);
void pptp_socket_flush(struct pptp_socket *s);

#endif
