/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "wire.h"

#include <string.h>

bool rd_take(struct rd *r, size_t n, struct rd *part)
{
	if (r->len < n)
		return false;
	*part = (struct rd){ r->p, n };
	r->p += n;
	r->len -= n;
	return true;
}

bool rd_copy(struct rd *r, void *to, size_t n)
{
	struct rd part;

	if (!rd_take(r, n, &part))
		return false;
	memcpy(to, part.p, n);
	return true;
}

bool rd_u8(struct rd *r, uint8_t *v)
{
	return rd_copy(r, v, 1);
}

bool rd_u16(struct rd *r, uint16_t *v)
{
	struct rd part;

	if (!rd_take(r, 2, &part))
		return false;
	*v = wire_get16(part.p);
	return true;
}

bool rd_u32(struct rd *r, uint32_t *v)
{
	struct rd part;

	if (!rd_take(r, 4, &part))
		return false;
	*v = wire_get32(part.p);
	return true;
}

void wr_put(struct wr *w, const void *p, size_t n)
{
	if (w->full || w->cap - w->len < n) {
		w->full = true;
		return;
	}
	if (n)
		memcpy(w->p + w->len, p, n);
	w->len += n;
}

void wr_fill(struct wr *w, uint8_t byte, size_t n)
{
	if (w->full || w->cap - w->len < n) {
		w->full = true;
		return;
	}
	memset(w->p + w->len, byte, n);
	w->len += n;
}

void wr_u8(struct wr *w, uint8_t v)
{
	wr_put(w, &v, 1);
}

void wr_u16(struct wr *w, uint16_t v)
{
	wr_put(w, (uint8_t[]){ v >> 8, v }, 2);
}

void wr_u32(struct wr *w, uint32_t v)
{
	wr_u16(w, v >> 16);
	wr_u16(w, v);
}

void wr_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, v >> 32);
	wr_u32(w, v);
}

void wr_tlv16(struct wr *w, uint16_t type, const void *p, size_t n)
{
	wr_u16(w, type);
	wr_u16(w, n);
	wr_put(w, p, n);
}

void wr_patch_u16(struct wr *w, size_t at, uint16_t v)
{
	if (w->full || at + 2 > w->len)
		return;
	w->p[at] = v >> 8;
	w->p[at + 1] = v;
}

uint16_t wire_get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

uint32_t wire_get32(const uint8_t *p)
{
	return (uint32_t)wire_get16(p) << 16 | wire_get16(p + 2);
}

uint64_t wire_get64(const uint8_t *p)
{
	return (uint64_t)wire_get32(p) << 32 | wire_get32(p + 4);
}

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

bool wire_parse(const uint8_t *p, size_t len, const struct vlan_tag *stripped, struct frame *f)
{
	struct rd r = { p, len };
	struct rd addresses;
	uint16_t tci;

	memset(f, 0, sizeof(*f));
	if (!rd_take(&r, 2 * WIRE_MAC, &addresses) || !rd_u16(&r, &f->type))
		return false;
	f->dst = addresses.p;
	f->src = addresses.p + WIRE_MAC;
	if (stripped)
		f->vlans.tag[f->vlans.count++] = *stripped;
	while (is_vlan(f->type)) {
		if (f->vlans.count == 2 || !rd_u16(&r, &tci))
			return false;
		f->vlans.tag[f->vlans.count++] = (struct vlan_tag){ f->type, tci & 0xfff };
		if (!rd_u16(&r, &f->type))
			return false;
	}
	f->payload = r;
	return true;
}

bool wire_parse_pppoe(struct rd *r, struct pppoe_header *h)
{
	uint8_t version;
	uint16_t len;

	if (!rd_u8(r, &version) || version != 0x11 || !rd_u8(r, &h->code) || !rd_u16(r, &h->sid) ||
	    !rd_u16(r, &len) || len > r->len)
		return false;
	r->len = len;
	return true;
}

bool wire_vlans_equal(const struct vlans *a, const struct vlans *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned int i = 0; i < a->count; i++)
		if (a->tag[i].vid != b->tag[i].vid || a->tag[i].tpid != b->tag[i].tpid)
			return false;
	return true;
}

void wire_put_eth(struct wr *w, const uint8_t *dst, const uint8_t *src, const struct vlans *v,
		  uint16_t type)
{
	wr_put(w, dst, WIRE_MAC);
	wr_put(w, src, WIRE_MAC);
	for (unsigned int i = 0; i < v->count; i++) {
		wr_u16(w, v->tag[i].tpid);
		wr_u16(w, v->tag[i].vid);
	}
	wr_u16(w, type);
}

size_t wire_put_pppoe(struct wr *w, uint8_t code, uint16_t sid)
{
	size_t at = w->len;

	wr_u8(w, 0x11);
	wr_u8(w, code);
	wr_u16(w, sid);
	wr_u16(w, 0);
	return at;
}

void wire_end_pppoe(struct wr *w, size_t at, bool pad)
{
	wr_patch_u16(w, at + 4, w->len - at - 6);
	if (pad && w->len < WIRE_MIN)
		wr_fill(w, 0, WIRE_MIN - w->len);
}

uint32_t wire_sum(const uint8_t *p, size_t len, uint32_t sum)
{
	uint64_t wide = sum;
	size_t i = 0;

	for (; i + 1 < len; i += 2)
		wide += wire_get16(p + i);
	if (i < len)
		wide += (uint32_t)p[i] << 8;
	return (wide & 0xffffffff) + (wide >> 32);
}

uint16_t wire_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

uint16_t wire_udp_check(const uint8_t *ip, size_t header_len, size_t len)
{
	uint32_t sum = wire_sum(ip + 12, 8, 17 + len - header_len);

	return wire_fold(wire_sum(ip + header_len, len - header_len, sum));
}
