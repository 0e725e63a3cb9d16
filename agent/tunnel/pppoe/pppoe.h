/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The PPPoE access concentrator: RFC 2516, RFC 4638, TR-101 tags. */
#ifndef XPPPD_PPPOE_H
#define XPPPD_PPPOE_H

#include <ev.h>
#include <net/ethernet.h>
#include <stdint.h>
#include <sys/queue.h>

#include "index.h"
#include "tunnel/carrier.h"

struct conf;
struct links;
struct log;
struct pppoe;
struct pppoe_interface;

/* Room for a peer's string in escaped form: 63 printable bytes, which is what TR-101
 * allows circuit and remote ids, or 31 that are not. */
#define PPPOE_TEXT_MAX 128

/* One PPPoE session, embedded in struct session. */
struct pppoe_session {
	struct carrier carrier; /* first */
	uint32_t ifindex;
	uint16_t vid_outer, vid_inner;   /* 0 = none */
	uint16_t tpid_outer, tpid_inner; /* as received, sent back the same */
	uint16_t sid;
	uint32_t slot;
	uint8_t peer_mac[ETH_ALEN];
	uint8_t own_mac[ETH_ALEN];
	uint16_t mru; /* 1492, what RFC 4638 settled, or less if the device bears less */
	char service[PPPOE_TEXT_MAX];    /* escaped */
	char circuit_id[PPPOE_TEXT_MAX]; /* escaped; "" if the tag was absent */
	char remote_id[PPPOE_TEXT_MAX];
	char ifname[16];
	/* the driver's own: */
	struct pppoe_interface *interface; /* NULL when the driver does not know it (any more) */
	LIST_ENTRY(pppoe_session) on_interface;
	struct index_node by_request;
	uint64_t request; /* serial of the AC-Cookie: the same in a repeated PADR */
};

/* Slots: `spaces` id spaces (xp_slot_space) of `space_size` ids each. */
struct pppoe_dims {
	uint32_t spaces;
	uint32_t space_size;
};

/* user and arg: the session layer. No socket is open yet. */
int pppoe_new(struct ev_loop *loop, const struct carrier_user *user, void *arg, struct log *log,
	      struct pppoe_dims dims, struct pppoe **pppoe);
/* Takes the memory that pppoe_configure() of this conf wants, so that it cannot fail for want of
 * it. -ENOMEM: nothing has changed. conf NULL: gives it back. */
int pppoe_prepare(struct pppoe *pppoe, const struct conf *conf);
/*
 * Opens, keeps or closes listeners so that they match conf; sessions where their tunnel, by
 * name, no longer listens are `lost`. Interfaces that do not exist yet are opened
 * when `links` reports them. Call again with each new conf; the old one may go
 * when no session uses it. An error is that of the first interface that exists and could
 * not be opened, which has been logged, the others are served; or, of a conf that was
 * not prepared, -ENOMEM: nothing has changed, and the old one must not go.
 */
int pppoe_configure(struct pppoe *pppoe, const struct conf *conf, struct links *links);
void pppoe_free(struct pppoe *pppoe); /* sessions must be closed before */

/* O(1) by what the data plane knows; NULL if none. */
struct pppoe_session *pppoe_by_slot(struct pppoe *pppoe, uint32_t slot);

struct pppoe_counters {
	uint64_t padi, pado, padr, pads, padt_in, padt_out, pads_error, duplicate_padr;
	uint64_t pado_delayed; /* of padi: answered later */
	uint64_t socket_drops; /* frames that the kernel dropped because the agent was late */
	uint32_t sessions;
};
void pppoe_counters(const struct pppoe *pppoe, struct pppoe_counters *out);

#endif
