/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Packets that the agent moves itself between slow sessions and the stack, over the
 * data plane's end of a concentrator interface.
 */
#ifndef XPPPD_SLOW_SOCKET_H
#define XPPPD_SLOW_SOCKET_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct concentrator;
struct log;
struct slow_socket;

/* An IPv4 packet came from the stack; also those that a tc program moved already. */
typedef void (*slow_socket_fn)(void *arg, struct buf packet);

int slow_socket_new(struct ev_loop *loop, const struct concentrator *c, slow_socket_fn fn,
		    void *arg, struct slow_socket **s);
void slow_socket_free(struct slow_socket *s);
/* Hands an IPv4 packet to the stack; -EAGAIN: the device's queue is full. */
int slow_socket_send(struct slow_socket *s, const uint8_t *packet, size_t len);

#endif
