/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "buf.h"

#include <errno.h>
#include <string.h>

int buf_take(struct buf *b, size_t n, struct buf *part)
{
	if (b->len < n)
		return -ENODATA;
	*part = buf_of(b->p, n);
	b->p += n;
	b->len -= n;
	return 0;
}

int buf_skip(struct buf *b, size_t n)
{
	struct buf part;

	return buf_take(b, n, &part);
}

int buf_copy(struct buf *b, void *to, size_t n)
{
	struct buf part;
	int r = buf_take(b, n, &part);

	if (r == 0 && n > 0)
		memcpy(to, part.p, n);
	return r;
}

int buf_u8(struct buf *b, uint8_t *v)
{
	return buf_copy(b, v, 1);
}

int buf_u16(struct buf *b, uint16_t *v)
{
	struct buf part;
	int r = buf_take(b, 2, &part);

	if (r == 0)
		*v = (uint16_t)(part.p[0] << 8 | part.p[1]);
	return r;
}

int buf_u32(struct buf *b, uint32_t *v)
{
	struct buf part;
	int r = buf_take(b, 4, &part);

	if (r == 0)
		*v = (uint32_t)part.p[0] << 24 | (uint32_t)part.p[1] << 16 |
		     (uint32_t)part.p[2] << 8 | part.p[3];
	return r;
}

void wbuf_put(struct wbuf *w, const void *p, size_t n)
{
	if (w->overflow || w->cap - w->len < n) {
		w->overflow = true;
		return;
	}
	if (n > 0)
		memcpy(w->base + w->len, p, n);
	w->len += n;
}

void wbuf_u8(struct wbuf *w, uint8_t v)
{
	wbuf_put(w, &v, 1);
}

void wbuf_u16(struct wbuf *w, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	wbuf_put(w, b, sizeof(b));
}

void wbuf_u32(struct wbuf *w, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	wbuf_put(w, b, sizeof(b));
}

void wbuf_patch_u16(struct wbuf *w, size_t at, uint16_t v)
{
	if (w->overflow || at + 2 > w->len)
		return;
	w->base[at] = (uint8_t)(v >> 8);
	w->base[at + 1] = (uint8_t)v;
}
