/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "probe.h"

#define PROBE_MAGIC 0x58504d31

static uint8_t fill_byte(const struct probe *p)
{
	return p->seq * 31 + p->from + p->to;
}

static void put_headers(struct wr *w, const struct probe_path *path, uint16_t size)
{
	wr_u16(w, 0x4500);
	wr_u16(w, size);
	wr_u16(w, 0);
	wr_u16(w, 0x4000); /* don't fragment */
	wr_u8(w, 64);
	wr_u8(w, IPPROTO_UDP);
	wr_u16(w, 0);
	wr_put(w, &path->src, 4);
	wr_put(w, &path->dst, 4);
	wr_u16(w, path->src_port);
	wr_u16(w, path->dst_port);
	wr_u16(w, size - 20);
	wr_u16(w, 0);
}

void probe_put(struct wr *w, const struct probe_path *path, const struct probe *p)
{
	uint16_t size = p->size < PROBE_MIN ? PROBE_MIN : p->size;
	size_t at = w->len;
	uint16_t sum;

	put_headers(w, path, size);
	wr_u32(w, PROBE_MAGIC);
	wr_u8(w, p->kind);
	wr_u8(w, 0);
	wr_u16(w, size);
	wr_u32(w, p->run);
	wr_u32(w, p->from);
	wr_u32(w, p->to);
	wr_u32(w, p->dial);
	wr_put(w, &p->addr, 4);
	wr_u64(w, p->seq);
	wr_u64(w, p->sent_ns);
	wr_fill(w, fill_byte(p), size - PROBE_MIN);
	if (w->full)
		return;
	wr_patch_u16(w, at + 10, wire_fold(wire_sum(w->p + at, 20, 0)));
	sum = wire_udp_check(w->p + at, 20, size);
	wr_patch_u16(w, at + 26, sum ? sum : 0xffff);
}

bool probe_parse(struct rd payload, struct probe *p, bool *ours)
{
	uint32_t magic;
	uint8_t kind, zero, fill;
	size_t size = payload.len + PROBE_HEADERS;
	const uint8_t *b;

	*ours = false;
	p->run = 0;
	if (payload.len < PROBE_MIN - PROBE_HEADERS || !rd_u32(&payload, &magic) ||
	    magic != PROBE_MAGIC)
		return false;
	*ours = true;
	if (!rd_u8(&payload, &kind) || !rd_u8(&payload, &zero) || !rd_u16(&payload, &p->size) ||
	    !rd_u32(&payload, &p->run) || !rd_u32(&payload, &p->from) ||
	    !rd_u32(&payload, &p->to) || !rd_u32(&payload, &p->dial) ||
	    !rd_copy(&payload, &p->addr, 4))
		return false;
	b = payload.p;
	p->kind = kind;
	p->seq = wire_get64(b);
	p->sent_ns = wire_get64(b + 8);
	fill = fill_byte(p);
	for (size_t i = 16; i < payload.len; i++)
		if (b[i] != fill)
			return false;
	return p->size == size && kind >= PROBE_JOIN && kind <= PROBE_HAIRPIN;
}
