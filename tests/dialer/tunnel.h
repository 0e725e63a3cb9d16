/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * One control connection of a LAC (RFC 2661 5, 7.2): idle → opening → up → closing → idle;
 * tunnel_set_state() alone changes it. It comes up with the first call that wants it.
 *
 * Timer: retransmission, from --control-timeout on and doubled up to eight times as long;
 * else HELLO, after --hello-interval without a message from the server.
 */
#ifndef DIALER_TUNNEL_H
#define DIALER_TUNNEL_H

#include "avp.h"
#include "delivery.h"
#include "dgram.h"
#include "wheel.h"

struct call;
struct client;

enum tunnel_state {
	TUNNEL_IDLE,
	TUNNEL_OPENING, /* SCCRQ is out */
	TUNNEL_UP,
	TUNNEL_CLOSING, /* StopCCN is out */
};

struct tunnel {
	struct wheel_timer timer; /* first */
	uint32_t nth;
	enum tunnel_state state;
	uint16_t id, peer_id; /* who receives by it: we, the server */
	union endpoint peer;
	struct delivery delivery;
	uint8_t tries;
	bool owes_ack; /* nothing has carried our nr since a message came */
	bool ever_up;
	struct avp_key key;
	uint8_t challenge[16];
};

void tunnel_init(struct client *client, struct tunnel *t, uint32_t nth);
void tunnel_free(struct tunnel *t);
void tunnel_open(struct client *client, struct tunnel *t);
/* Sends StopCCN; the calls are over before or are given up. */
void tunnel_close(struct client *client, struct tunnel *t);
/* For a call that waits; the connection is up. */
void tunnel_call(struct client *client, struct tunnel *t, struct call *call);
void tunnel_hang_up(struct client *client, struct tunnel *t, struct call *call);
/* A datagram with the T bit; from: where it came from. */
void tunnel_input(struct client *client, struct tunnel *t, struct rd r, const union endpoint *from);
/* Sends what may go out by now, and the acknowledgement that is owed. */
void tunnel_flush(struct client *client, struct tunnel *t);
/* Sends a HELLO: the server learns where we are now. */
void tunnel_hello(struct client *client, struct tunnel *t);
void tunnel_expired(struct client *client, struct tunnel *t);

#endif
