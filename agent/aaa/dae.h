/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Dynamic authorization, RFC 5176: clients that the configuration names end sessions
 * (Disconnect-Request), change what they are granted, or have them ask again (CoA-Request).
 */
#ifndef XPPPD_DAE_H
#define XPPPD_DAE_H

#include <ev.h>
#include <stdint.h>

#include "aaa/dae_error.h"
#include "aaa/radius_packet.h"

struct conf;
struct dae;
struct dae_path;
struct log;
struct sessions;

int dae_new(struct ev_loop *loop, struct sessions *sessions, struct log *log, struct dae **dae);
void dae_free(struct dae *dae); /* NULL is fine */
/*
 * Opens, keeps or closes sockets, and knows clients, as conf says; what it says as before keeps its
 * counters and replies. Takes its own reference of conf. What cannot be had is logged, and tried
 * again next time.
 */
void dae_configure(struct dae *dae, struct conf *conf);

/* Does what a datagram asks for: the length of the reply, 0 if it gets none. */
size_t dae_handle(struct dae *dae, const struct dae_path *path, struct buf datagram,
		  uint8_t reply[RADIUS_MAX]);

/* ---- looking ---- */

/* clang-format off */

/* Why a client's datagram gets no answer. X(SYMBOL, "name", reason) */
#define DAE_DROPS(X)                                                                               \
	X(FORM, "bad-form", DAE_FORM)                                                              \
	X(CODE, "bad-code", DAE_FORM)                                                              \
	X(AUTHENTICATOR, "bad-authenticator", DAE_AUTHENTICATOR)                                   \
	X(MESSAGE_AUTHENTICATOR, "bad-message-authenticator", DAE_AUTHENTICATOR)                   \
	X(NO_MESSAGE_AUTHENTICATOR, "no-message-authenticator", DAE_AUTHENTICATOR)                 \
	X(NO_TIMESTAMP, "no-event-timestamp", DAE_TIMESTAMP)                                       \
	X(TIMESTAMP, "stale-event-timestamp", DAE_TIMESTAMP)

enum dae_drop {
#define DAE_DROP_ENUM(symbol, name, reason) DAE_DROP_##symbol,
	DAE_DROPS(DAE_DROP_ENUM)
#undef DAE_DROP_ENUM
	DAE_DROP_MAX,
};

/* clang-format on */

const char *dae_drop_name(enum dae_drop drop);

enum dae_kind {
	DAE_DISCONNECT,
	DAE_COA,
	DAE_KINDS,
};
const char *dae_kind_name(enum dae_kind kind); /* "disconnect" */

struct dae_counters {
	uint64_t requests[DAE_KINDS]; /* duplicates not among them */
	uint64_t duplicates;          /* that got the reply once more */
	uint64_t acks[DAE_KINDS];
	uint64_t naks[DAE_KINDS];
	uint64_t errors[DAE_ERROR_MAX]; /* Error-Cause of these, and of ACKs that have one */
	uint64_t drops[DAE_DROP_MAX];
};

struct dae_client_info {
	const char *client; /* its address */
	const struct dae_counters *counters;
	unsigned int cached; /* replies */
};
typedef void (*dae_info_fn)(void *arg, const struct dae_client_info *info);
void dae_info(const struct dae *dae, dae_info_fn fn, void *arg);
/* Datagrams of nobody who is a client. */
uint64_t dae_strangers(const struct dae *dae);

#endif
