/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "gre.h"

#include <string.h>

#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_ACK 0x0080
#define GRE_VERSION 0x0001
#define GRE_PPP 0x880b
#define NUMBERS_HALF 0x80000000u

bool gre_parse(struct rd *r, struct gre_header *h)
{
	struct rd c = *r;
	uint16_t flags, protocol, len;

	memset(h, 0, sizeof(*h));
	if (!rd_u16(&c, &flags) || !rd_u16(&c, &protocol) || protocol != GRE_PPP ||
	    (flags & ~(GRE_SEQUENCE | GRE_ACK)) != (GRE_KEY | GRE_VERSION))
		return false;
	if (!rd_u16(&c, &len) || !rd_u16(&c, &h->call))
		return false;
	h->sequenced = flags & GRE_SEQUENCE;
	h->acknowledges = flags & GRE_ACK;
	if (h->sequenced && !rd_u32(&c, &h->sequence))
		return false;
	if (h->acknowledges && !rd_u32(&c, &h->acknowledged))
		return false;
	return rd_take(&c, len, r);
}

size_t gre_put(struct wr *w, const struct gre_header *h)
{
	size_t at = w->len;

	wr_u16(w, GRE_KEY | GRE_VERSION | (h->sequenced ? GRE_SEQUENCE : 0) |
			  (h->acknowledges ? GRE_ACK : 0));
	wr_u16(w, GRE_PPP);
	wr_u16(w, 0);
	wr_u16(w, h->call);
	if (h->sequenced)
		wr_u32(w, h->sequence);
	if (h->acknowledges)
		wr_u32(w, h->acknowledged);
	return at;
}

void gre_end(struct wr *w, size_t at)
{
	uint16_t flags = wire_get16(w->p + at);
	size_t header = 8 + (flags & GRE_SEQUENCE ? 4 : 0) + (flags & GRE_ACK ? 4 : 0);

	wr_patch_u16(w, at + 4, w->len - at - header);
}

void gre_flow_init(struct gre_flow *flow, uint32_t nth)
{
	wheel_cancel(&flow->timer);
	*flow = (struct gre_flow){ .nth = nth };
}

/* Numbers have 32 bits; the tracker's have 64 and do not come round in a test. */
static bool number_input(struct gre_flow *flow, uint32_t number, struct gre_stats *stats)
{
	stats->received++;
	flow->owed++;
	switch (track_add(&flow->seen, number)) {
	case TRACK_DUPLICATE:
		stats->duplicates++;
		return false;
	case TRACK_LATE:
		stats->late++;
		return true;
	default:
		return true;
	}
}

static void ack_input(struct gre_flow *flow, uint32_t number, struct gre_stats *stats)
{
	uint32_t acked = number + 1;

	if (flow->next - acked >= NUMBERS_HALF)
		stats->bad_acks++;
	else if (acked - flow->acked < NUMBERS_HALF)
		flow->acked = acked;
}

bool gre_flow_input(struct gre_flow *flow, const struct gre_header *h, struct gre_stats *stats)
{
	if (h->acknowledges)
		ack_input(flow, h->acknowledged, stats);
	if (h->acknowledges && h->sequenced)
		stats->piggybacked++;
	else if (h->acknowledges)
		stats->acks_received++;
	return !h->sequenced || number_input(flow, h->sequence, stats);
}

uint64_t gre_flow_gaps(const struct gre_flow *flow)
{
	return flow->seen.next - flow->seen.unique;
}
