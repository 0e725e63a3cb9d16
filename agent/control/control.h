/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The control socket: accepts clients (<xpppd/control.h> is their protocol) and answers each
 * in bounded memory and a bounded share of a loop turn.
 */
#ifndef XPPPD_AGENT_CONTROL_H
#define XPPPD_AGENT_CONTROL_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

struct conf;
struct control;
struct dae;
struct dataplane;
struct dp_dims;
struct l2tp;
struct pptp;
struct log;
struct pools;
struct pppoe;
struct accounting;
struct radius;
struct sessions;
struct xp_capture;

/* What commands work on. Copied; what it points to must outlive the control socket. */
struct control_ctx {
	const char *version;
	struct sessions *sessions;
	struct dataplane *dp;
	const struct dp_dims *dims;
	struct pppoe *pppoe;                 /* NULL: no PPPoE */
	struct l2tp *l2tp;                   /* NULL: no L2TP */
	struct pptp *pptp;                   /* NULL: no PPTP */
	const struct radius *radius;         /* NULL: no RADIUS */
	const struct accounting *accounting; /* NULL: likewise */
	struct dae *dae;                     /* NULL: no dynamic authorization */
	/* What a reload replaces is asked for each time, with arg. */
	struct pools *(*pools)(void *arg);
	const struct conf *(*conf)(void *arg);
	/* Reads the configuration again; message tells how it went, or why not. */
	int (*reload)(void *arg, char *message, size_t size);
	void *arg;
	/* set by control_new */
	struct ev_loop *loop;
	struct log *log;
	struct mono started;
};

/* Could xpppd listen on path? Asked before anything else is touched, since a second agent would
 * take the data plane from the first. Errors as of control_new, and logged as there. */
int control_check(const char *path, struct log *log);

/*
 * Listens on path, mode 0660, owned by `group` if that is not NULL. A socket that nobody listens
 * on any more is replaced. -EADDRINUSE: another xpppd is running; all errors are logged here as one
 * sentence.
 */
int control_new(struct ev_loop *loop, const struct control_ctx *ctx, const char *path,
		const char *group, struct log *log, struct control **control);
/* A reload may name another group; NULL: that of the process. Errors are logged here. */
int control_set_group(struct control *control, const char *group);
/* Closes all clients and removes the socket file. Sessions and data plane must still be there. */
void control_free(struct control *control);

/* A packet that the data plane copied, for the clients that capture its session: dp->captured with
 * the control socket as dp->capture_arg. */
void control_captured(void *control, const struct xp_capture *packet);

#endif
