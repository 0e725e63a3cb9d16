/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* How the sessions reach their server: by PPPoE (pppoe.c), L2TP (l2tp.c) or PPTP (pptp.c). PPP
 * and what comes after it do not know which. */
#ifndef DIALER_ACCESS_H
#define DIALER_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct client;
struct io_counters;
struct json_object;
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
	/* An empty frame to the call's server, which queue() takes for sending. */
	struct wr *(*frame)(struct client *client, const struct call *call);
	void (*queue)(struct client *client);
	/* What stands in front of PPP; returns where it begins. end() completes it. */
	size_t (*begin)(struct client *client, struct call *call, struct wr *w);
	void (*end)(struct client *client, struct wr *w, size_t at);
	void (*counters)(struct client *client, struct io_counters *out);
	/* Of what the calls share; NULL: nothing. */
	struct json_object *(*report)(struct client *client);
};

extern const struct access pppoe_access, l2tp_access, pptp_access;

#endif
