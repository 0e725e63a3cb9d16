/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Agreeing on MPPE by CCP (RFC 1962, RFC 3078 2), and the packets of a session that has done so.
 * It goes on beside IPCP and after it, so it has a timer of its own: our request again, what
 * --ccp-after and --ccp-again say, and a Reset-Request that was not obeyed.
 */
#ifndef DIALER_CCP_H
#define DIALER_CCP_H

#include <stdbool.h>
#include <stdint.h>

#include "cp_state.h"
#include "mppe.h"
#include "wheel.h"
#include "wire.h"

struct call;
struct client;
struct ppp_packet;

enum ccp_phase {
	CCP_OFF,
	CCP_DELAYED, /* --ccp-after */
	CCP_OPENING,
	CCP_OPEN,
};

struct ccp {
	struct wheel_timer timer;
	enum ccp_phase phase;
	struct negotiation negotiation;
	uint32_t ours, theirs; /* what we ask for and then receive; what the peer does */
	uint8_t tries;
	uint8_t reset_ident;
	bool was_open;
	bool master_set;
	uint8_t master[MPPE_KEY];
	int64_t opened_at, again_at; /* ns */
	struct mppe_flow in, out;
};

/* Of all sessions. */
struct mppe_stats {
	uint64_t opened;              /* each time CCP came up */
	uint64_t sealed, unsealed;    /* packets sent, received */
	uint64_t failures;            /* were decrypted to no packet */
	uint64_t missed;              /* by the count */
	uint64_t waited, late, early; /* dropped: after a loss, out of order, before the keys */
	uint64_t resets_sent, resets_received, reset_acks;
	uint64_t flushed;            /* losses that a packet that begins anew has mended */
	uint64_t clear_received;     /* although it must not be */
	uint64_t clear_sent, forged; /* as the command line says */
	uint64_t withheld;           /* not sent, for want of keys */
};

enum ccp_way {
	CCP_WAY_CLEAR,
	CCP_WAY_SEALED,
	CCP_WAY_NONE,
};

/* The peer is authenticated; MS-CHAPv2 has set the master key. */
void ccp_begin(struct client *client, struct call *call);
/* The link is over, or begins anew. */
void ccp_reset(struct call *call);
void ccp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
	       struct rd whole);
/* The peer does not know CCP. */
void ccp_rejected(struct client *client, struct call *call);
void ccp_expired(struct client *client, struct call *call);
/* May the session come up? */
bool ccp_permits(const struct client *client, const struct call *call);

/* How the next packet of traffic goes out. */
enum ccp_way ccp_way(struct client *client, struct call *call);
/* Encrypts what stands behind the header in place; sends a forged one besides when it is time. */
void ccp_seal(struct client *client, struct call *call, struct wr *w, size_t header);
void ccp_forge_due(struct client *client, struct call *call);
/* An encrypted packet came. */
void ccp_data_input(struct client *client, struct call *call, struct rd r);
/* An IP packet came in clear text. False: it must not. */
bool ccp_clear_input(struct client *client, struct call *call);

#endif
