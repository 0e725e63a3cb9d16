/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* All sessions of one run, their queue, timers, pace and counts; the event loop. */
#ifndef DIALER_CLIENT_H
#define DIALER_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "call.h"
#include "hist.h"
#include "impair.h"
#include "io.h"
#include "options.h"
#include "pace.h"
#include "traffic.h"
#include "wheel.h"

struct access;
struct crypto;
struct l2tp;
struct pptp;

enum latency {
	LATENCY_DISCOVERY,
	LATENCY_LCP,
	LATENCY_AUTH,
	LATENCY_IPCP,
	LATENCY_TOTAL,
};
#define LATENCIES 5

struct stats {
	uint64_t attempts, established; /* set-ups; a session may have several */
	uint64_t hangups, hangups_answered;
	uint64_t faults[FAULTS];
	uint64_t retransmissions[PHASES];
	uint64_t terminated[PHASES]; /* by the server's LCP Terminate-Request */
	uint64_t padt[PHASES];       /* by the server's PADT or CDN alone */
	uint64_t echo_sent, echo_received, echo_answered, echo_ignored;
	uint64_t protocol_errors;                /* answers that no correct server gives */
	uint64_t code_rejects, protocol_rejects; /* received */
	uint64_t misdirected; /* frames whose MAC, VLANs or id belong to no one session */
	uint64_t late_frames; /* to a session that is not there any more */
	uint64_t malformed;
	uint64_t second_session; /* a repeated PADR or ICRQ was given another session id */
	uint64_t icmp_echo, icmp_too_big, icmp_other;
	struct mppe_stats mppe;
	struct hist latency[LATENCIES];
};

/* What an epoll event carries: one of these, or CLIENT_EVENT_TUN + the call's nth. */
#define CLIENT_EVENT_IO 0
#define CLIENT_EVENT_SIGNAL 1
#define CLIENT_EVENT_TUN 2

enum stage {
	STAGE_SETUP,
	STAGE_HOLD,
	STAGE_HANGUP,
	STAGE_DONE,
};

struct client {
	struct options opt;
	const struct access *access;
	struct io *io;     /* of PPPoE */
	struct l2tp *l2tp; /* of L2TP */
	struct pptp *pptp; /* of PPTP */
	struct crypto *crypto;
	int epoll, signals;
	FILE *sessions_file;
	int64_t now; /* ns, CLOCK_MONOTONIC, as of the last look at the clock */
	uint64_t random;

	struct wheel wheel, ccp_wheel;
	struct call *calls;
	struct call **up; /* those that are up, densely */
	uint32_t ups;
	struct call *queue, **queue_end;
	uint32_t queued, dialling, closing;
	uint32_t churn_next;
	uint32_t address_conflicts; /* sessions that share an address with another */
	uint32_t up_at_end;         /* when hanging up began */

	enum stage stage;
	bool interrupted;
	struct pace dial_pace, hangup_pace, churn_pace;
	int64_t started, last_established, stage_begun, stopped;
	double wall_started;

	struct stats stats;
	struct traffic traffic;
	struct impair impair;
};

int client_init(struct client *client, const struct options *opt);
void client_run(struct client *client);
void client_free(struct client *client);

/* Numbers for magic, challenges and sizes; not secret. */
uint64_t client_random(struct client *client);
/* The session of a MAC, or NULL. */
struct call *client_find(struct client *client, const uint8_t *mac);
void client_enqueue(struct client *client, struct call *call);
/* 0 if everything that was wanted came about. */
int client_verdict(const struct client *client);
uint32_t client_established(const struct client *client);

#endif
