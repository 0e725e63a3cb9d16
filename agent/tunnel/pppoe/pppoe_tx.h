/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Frames that are sent together: one system call for what a turn of the loop has to say. They keep
 * their order, also between sockets.
 */
#ifndef XPPPD_PPPOE_TX_H
#define XPPPD_PPPOE_TX_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

struct pppoe_socket;
struct pppoe_tx;

/* Shared by all sockets of the loop. */
int pppoe_tx_new(struct ev_loop *loop, struct pppoe_tx **tx); /* -ENOMEM */
void pppoe_tx_free(struct pppoe_tx *tx);

/* Sends the frame before the loop waits for anything; what fails then is told to socket->failed. The
 * socket must not be closed before a flush. 0; -ENETDOWN: it is closed; an error of a frame that was
 * too long to wait. */
int pppoe_tx_post(struct pppoe_tx *tx, struct pppoe_socket *socket, const uint8_t *frame,
		  size_t len);
void pppoe_tx_flush(struct pppoe_tx *tx);

#endif
