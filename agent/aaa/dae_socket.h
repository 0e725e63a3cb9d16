/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A UDP socket that requests come to. So many are read in one turn of the loop, however many wait,
 * and sessions come first. Replies leave from the address that was asked.
 */
#ifndef XPPPD_DAE_SOCKET_H
#define XPPPD_DAE_SOCKET_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "buf.h"

union dae_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage storage;
};

struct dae_path {
	union dae_addr peer, local; /* local: what it sent to */
};

struct dae_socket;

/* One that is longer than any request comes with more octets than RADIUS_MAX. The socket must not
 * be closed within. */
typedef void (*dae_receive_fn)(void *arg, struct dae_socket *s, const struct dae_path *path,
			       struct buf datagram);

struct dae_socket {
	struct ev_loop *loop;
	struct ev_io io;
	union dae_addr addr;
	dae_receive_fn receive;
	void *arg;
};

/* -errno. An address that this machine does not have yet is fine. */
int dae_socket_open(struct dae_socket *s, struct ev_loop *loop, const struct sockaddr_storage *addr,
		    dae_receive_fn receive, void *arg);
void dae_socket_close(struct dae_socket *s);
/* Is this (4 or 16 octets) an address of this machine? */
bool dae_addr_is_ours(int family, const void *octets);
int dae_socket_send(const struct dae_socket *s, const struct dae_path *path, struct buf datagram);

#endif
