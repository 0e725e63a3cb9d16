/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The connections of the control socket. A client costs at most its request line, OUT_SIZE bytes of
 * output and CLIENT_STEPS records a loop turn, however many sessions it asks for and however slowly
 * it reads.
 */
#ifndef XPPPD_CLIENT_H
#define XPPPD_CLIENT_H

#include <sys/queue.h>

#include "control/job.h"

struct client;
struct control_ctx;

#define CLIENTS_MAX 64
#define CLIENT_STEPS 256
#define CLIENT_REQUEST_S 10.0 /* for the whole request line */
#define CLIENT_STALL_S 600.0  /* for a reader that takes nothing: an operator may read slowly */

struct clients {
	const struct control_ctx *ctx;
	TAILQ_HEAD(, client) list; /* oldest first */
	unsigned int n;
	struct job_list captures;
	unsigned int tops;
};

/* Takes the non-blocking socket. When there are too many clients, the one that has kept its request
 * to itself for longest makes room; without such a one the new one is told so and closed. */
void client_open(struct clients *clients, int fd);
void clients_close(struct clients *clients);

#endif
