/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * One control connection of a PPTP client (RFC 2637 2, 3): idle → connecting → opening → up →
 * closing → idle; connection_set_state() alone changes it. It comes up with the first call that
 * wants it. Clients place outgoing calls, whoever dials: the server is the PAC.
 *
 * Timer: while connecting and opening all of --control-timeout times --control-tries, TCP does
 * the rest; closing --control-timeout; up --hello-interval, for Echo-Requests.
 */
#ifndef DIALER_CONNECTION_H
#define DIALER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "wheel.h"
#include "wire.h"

struct call;
struct client;

#define PPTP_MESSAGE_MAX 220
#define PPTP_HEADER 12
#define PPTP_COOKIE 0x1a2b3c4d

enum pptp_type {
	PPTP_SCCRQ = 1,
	PPTP_SCCRP,
	PPTP_STOPCCRQ,
	PPTP_STOPCCRP,
	PPTP_ECHO_REQUEST,
	PPTP_ECHO_REPLY,
	PPTP_OCRQ,
	PPTP_OCRP,
	PPTP_CALL_CLEAR = 12,
	PPTP_CDN,
	PPTP_WEN,
	PPTP_SLI,
};

enum connection_state {
	CONNECTION_IDLE,
	CONNECTION_CONNECTING,
	CONNECTION_OPENING, /* SCCRQ is out */
	CONNECTION_UP,
	CONNECTION_CLOSING, /* StopCCRQ is out */
};

struct connection {
	struct wheel_timer timer; /* first */
	uint32_t nth;
	enum connection_state state;
	int fd; /* -1 */
	bool ever_up;
	uint32_t echo;       /* identifier of the last Echo-Request */
	uint8_t echo_missed; /* in a row */
	size_t in_len, out_len, out_cap;
	uint8_t in[PPTP_MESSAGE_MAX];
	uint8_t *out; /* what the socket did not take yet */
};

void connection_init(struct connection *c, uint32_t nth);
void connection_free(struct connection *c);
void connection_open(struct client *client, struct connection *c);
/* Sends StopCCRQ; the calls are over before or are given up. */
void connection_close(struct client *client, struct connection *c);
/* For a call that waits; the connection is up. */
void connection_call(struct client *client, struct connection *c, struct call *call);
void connection_hang_up(struct client *client, struct connection *c, struct call *call);
/* The socket has something, or takes something (again). */
void connection_ready(struct client *client, struct connection *c);
void connection_expired(struct client *client, struct connection *c);

/* A message of a type, zeros up to its length. */
void pptp_put_header(struct wr *w, enum pptp_type type, uint16_t len);
void pptp_put_sccrq(struct wr *w, const char *host_name);

#endif
