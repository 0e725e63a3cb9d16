/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Bounded reading and writing of wire formats, network byte order.
 * A getter returns 0 and advances, or -ENODATA and changes nothing.
 * A putter that does not fit sets `overflow` and writes nothing from then on, so
 * that a packet can be composed without a check per field and one at the end.
 */
#ifndef XPPPD_BUF_H
#define XPPPD_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A read cursor; does not own the bytes. */
struct buf {
	const uint8_t *p;
	size_t len; /* bytes left */
};

/* A write cursor over the caller's storage. */
struct wbuf {
	uint8_t *base;
	size_t len; /* bytes written */
	size_t cap;
	bool overflow;
};

static inline struct buf buf_of(const void *p, size_t len)
{
	return (struct buf){ p, len };
}

static inline struct wbuf wbuf_of(void *p, size_t cap)
{
	return (struct wbuf){ p, 0, cap, false };
}

int buf_u8(struct buf *b, uint8_t *v);
int buf_u16(struct buf *b, uint16_t *v);
int buf_u32(struct buf *b, uint32_t *v);
/* Copies n bytes out. */
int buf_copy(struct buf *b, void *to, size_t n);
/* Splits the next n bytes off into *part, without copying. */
int buf_take(struct buf *b, size_t n, struct buf *part);
int buf_skip(struct buf *b, size_t n);

void wbuf_u8(struct wbuf *w, uint8_t v);
void wbuf_u16(struct wbuf *w, uint16_t v);
void wbuf_u32(struct wbuf *w, uint32_t v);
void wbuf_put(struct wbuf *w, const void *p, size_t n);
/* Overwrites two bytes at offset `at`, which have been written before. */
void wbuf_patch_u16(struct wbuf *w, size_t at, uint16_t v);

#endif
