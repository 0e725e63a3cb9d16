/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* UDP through the sessions, with a sequence number in every packet, in four directions: up to the
 * core, down from it, echo (up and reflected) and hairpin (session to session). */
#ifndef DIALER_TRAFFIC_H
#define DIALER_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "hist.h"
#include "pace.h"
#include "track.h"
#include "wire.h"

struct call;
struct client;

enum traffic_stage {
	TRAFFIC_NONE,
	TRAFFIC_JOINING, /* every session tells the core its address */
	TRAFFIC_RUNNING,
	TRAFFIC_DRAINING,
	TRAFFIC_DONE,
};

struct traffic {
	enum traffic_stage stage;
	uint32_t run; /* random; packets of another run are nothing to us */
	int control;  /* socket to the core companion, or -1 */
	int64_t stage_begun, running_ns;
	struct pace join_pace, up_pace, echo_pace, hairpin_pace;
	uint32_t join_next, up_next, echo_next, hairpin_next;
	struct tally up, down, echo, hairpin;
	uint64_t misdelivered;  /* IP packets whose destination is not the session's address */
	uint64_t core_overflow; /* the companion was too slow */
	bool core_known;        /* the companion's figures are in */
	struct hist rtt;
};

/* -errno if the companion's control socket is not there. */
int traffic_init(struct client *client);
void traffic_free(struct client *client);
void traffic_begin(struct client *client);
void traffic_tick(struct client *client);
bool traffic_active(const struct client *client);

/* A session came up, or goes; tells the core. */
void traffic_join(struct client *client, struct call *call);
void traffic_leave(struct client *client, struct call *call);
/* An IPv4 packet came in. */
void traffic_input(struct client *client, struct call *call, struct rd packet);
/* Sends an IPv4 packet as it is. */
void traffic_output(struct client *client, struct call *call, struct rd packet);
/* Something arrived that must not; for the verdict. */
uint64_t traffic_wrong(const struct client *client);
uint64_t traffic_lost(const struct client *client);

#endif
