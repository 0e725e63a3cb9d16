/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * PPTP's data packets (RFC 2637 4): the header, and for each call the numbers that go both
 * ways. A packet with a payload has a sequence number; any may acknowledge.
 */
#ifndef DIALER_GRE_H
#define DIALER_GRE_H

#include <stdbool.h>
#include <stdint.h>

#include "track.h"
#include "wheel.h"
#include "wire.h"

#define GRE_HEADER_MAX 16

struct gre_header {
	uint16_t call; /* the receiver's id */
	bool sequenced, acknowledges;
	uint32_t sequence, acknowledged;
};

/* Of all calls of a run. */
struct gre_stats {
	uint64_t received, sent;           /* packets with a payload */
	uint64_t late, duplicates;         /* in the server's numbers */
	uint64_t gaps;                     /* likewise, of calls that are over */
	uint64_t acks_received, acks_sent; /* packets that do nothing else */
	uint64_t piggybacked;              /* packets with a payload that acknowledge */
	uint64_t bad_acks;                 /* of what was never sent */
	uint32_t in_flight;                /* sent and not acknowledged, at most */
};

struct gre_flow {
	struct wheel_timer timer; /* first; an acknowledgement is owed until then */
	uint32_t nth;             /* of its call */
	uint32_t next;            /* number of the next packet to the server */
	uint32_t acked;           /* the server has all before this */
	struct track seen;        /* of the server's packets */
	uint32_t owed;            /* packets since one of ours acknowledged */
};

/* Takes the header off and cuts *r to the payload's length. */
bool gre_parse(struct rd *r, struct gre_header *h);
/* Returns where it begins, for gre_end(). */
size_t gre_put(struct wr *w, const struct gre_header *h);
/* Fills in the length of the payload. */
void gre_end(struct wr *w, size_t at);

void gre_flow_init(struct gre_flow *flow, uint32_t nth);
/* Notes what a packet of the server says. False: it came before. */
bool gre_flow_input(struct gre_flow *flow, const struct gre_header *h, struct gre_stats *stats);
/* What did not come so far. */
uint64_t gre_flow_gaps(const struct gre_flow *flow);

#endif
