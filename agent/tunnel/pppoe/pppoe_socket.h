/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Raw frames of one device (packet(7)). Discovery and session frames have a socket each:
 * a flood of one fills its own queue, and session frames are read first. Both see frames
 * with any VLAN tags, which needs ETH_P_ALL; a filter in the kernel passes only what is
 * meant for the socket.
 */
#ifndef XPPPD_PPPOE_SOCKET_H
#define XPPPD_PPPOE_SOCKET_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "tunnel/backlog.h"
#include "tunnel/pppoe/pppoe_wire.h"

struct pppoe_rx;

/* Room to receive into, shared by all sockets of a loop. */
int pppoe_rx_new(struct pppoe_rx **rx);
void pppoe_rx_free(struct pppoe_rx *rx);

enum pppoe_traffic {
	PPPOE_TRAFFIC_DISCOVERY,
	PPPOE_TRAFFIC_CONTROL, /* session frames but those with IPv4 inside */
	PPPOE_TRAFFIC_SESSION, /* all session frames */
};

typedef void (*pppoe_receive_fn)(void *arg, struct buf frame, const struct pppoe_aux *aux);
/* A frame has been waiting so long, and was read now or is not read yet. */
typedef void (*pppoe_waiting_fn)(void *arg, int64_t us);
/* A frame that was to be sent with others was not. */
typedef void (*pppoe_failed_fn)(void *arg, size_t len, int error);

struct pppoe_socket {
	struct ev_loop *loop;
	struct ev_io io;
	struct pppoe_rx *rx;
	pppoe_receive_fn receive;
	pppoe_waiting_fn waiting; /* set by the owner; NULL: nobody asks */
	pppoe_failed_fn failed;   /* likewise */
	void *arg;
	struct backlog backlog;
	uint64_t queued, drops; /* frames so far */
	enum pppoe_traffic traffic;
	bool open;
};

/* receive must not close the socket. -errno. */
int pppoe_socket_open(struct pppoe_socket *s, struct ev_loop *loop, struct pppoe_rx *rx,
		      uint32_t ifindex, enum pppoe_traffic traffic, pppoe_receive_fn receive,
		      void *arg);
/* A zeroed or closed one is fine. */
void pppoe_socket_close(struct pppoe_socket *s);
int pppoe_socket_send(struct pppoe_socket *s, const uint8_t *frame, size_t len);
/* Switches between control and session traffic. */
int pppoe_socket_pass(struct pppoe_socket *s, enum pppoe_traffic traffic);
/* Frames that came when the queue was full, since the socket was opened. */
uint64_t pppoe_socket_drops(struct pppoe_socket *s);

#endif
