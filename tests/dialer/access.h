/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* How the sessions reach their server: by PPPoE (pppoe.c) or by L2TP (l2tp.c). PPP and what
 * comes after it do not know which. */
#ifndef DIALER_ACCESS_H
#define DIALER_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct client;
struct io_counters;
struct wr;

struct access {
	uint16_t mru; /* asked for where the command line says nothing */
	/* *what: which step failed, for the message. */
	int (*open)(struct client *client, const char **what);
	void (*close)(struct client *client);
	/* Readable when something came in. */
	int (*fd)(const struct client *client);
	/* Takes at most a burst of what came in, and sees to timers; true if something came. */
	bool (*receive)(struct client *client);
	void (*flush)(struct client *client);
	/* For a call in CALL_SEEK or CALL_REQUEST: asks for what it needs, again if need be, and
	 * arms its timer. */
	void (*request)(struct client *client, struct call *call);
	/* Tells the server that a call is over, if the server knows of it. */
	void (*bye)(struct client *client, struct call *call);
	/* The calls are over: ends what they shared. True once nothing is left to wait for. */
	bool (*finish)(struct client *client);
	/* A frame to the server, up to the PPP header; end() sends it. */
	struct wr *(*begin)(struct client *client, const struct call *call, size_t *at);
	void (*end)(struct client *client, struct wr *w, size_t at);
	void (*counters)(struct client *client, struct io_counters *out);
};

extern const struct access pppoe_access, l2tp_access;

#endif
