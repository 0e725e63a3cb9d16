/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/acct_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "aaa/radius_packet.h"

#define VERSION 1
#define CRC 4

/* RFC 2866 5, RFC 2867 4, RFC 2869 5 */
enum {
	ACCT_STATUS_TYPE = 40,
	ACCT_INPUT_OCTETS = 42,
	ACCT_OUTPUT_OCTETS = 43,
	ACCT_SESSION_TIME = 46,
	ACCT_INPUT_PACKETS = 47,
	ACCT_OUTPUT_PACKETS = 48,
	ACCT_TERMINATE_CAUSE = 49,
	ACCT_INPUT_GIGAWORDS = 52,
	ACCT_OUTPUT_GIGAWORDS = 53,
	EVENT_TIMESTAMP = 55,
	ACCT_TUNNEL_PACKETS_LOST = 86,
};

/* ---- as kept ---- */

static uint32_t checksum(const uint8_t *p, size_t len)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), p, (unsigned int)len);
}

static void wbuf_u64(struct wbuf *w, uint64_t v)
{
	wbuf_u32(w, (uint32_t)(v >> 32));
	wbuf_u32(w, (uint32_t)v);
}

static int buf_u64(struct buf *b, uint64_t *v)
{
	uint32_t high, low;

	if (b->len < 8 || buf_u32(b, &high) < 0 || buf_u32(b, &low) < 0)
		return -ENODATA;
	*v = (uint64_t)high << 32 | low;
	return 0;
}

void acct_key_write(const struct acct_record *r, uint8_t key[ACCT_KEY])
{
	struct wbuf w = wbuf_of(key, ACCT_KEY);

	wbuf_u8(&w, r->kind);
	wbuf_u64(&w, r->id);
}

void acct_head_write(const struct acct_record *r, uint8_t head[ACCT_HEAD])
{
	struct wbuf w = wbuf_of(head, ACCT_HEAD);

	wbuf_u8(&w, VERSION);
	wbuf_u8(&w, r->due);
	wbuf_u8(&w, r->cause);
	wbuf_u8(&w, r->linked);
	wbuf_u64(&w, r->seq);
	wbuf_u64(&w, (uint64_t)r->started);
	wbuf_u64(&w, (uint64_t)r->event);
	wbuf_u32(&w, r->session_s);
	wbuf_u32(&w, r->body);
	wbuf_u64(&w, r->traffic.in_octets);
	wbuf_u64(&w, r->traffic.in_packets);
	wbuf_u64(&w, r->traffic.out_octets);
	wbuf_u64(&w, r->traffic.out_packets);
	wbuf_u64(&w, r->traffic.lost);
	wbuf_u32(&w, checksum(head, w.len));
}

int acct_key_read(struct buf key, struct acct_record *r)
{
	if (key.len != ACCT_KEY || buf_u8(&key, &r->kind) < 0 || buf_u64(&key, &r->id) < 0)
		return -EBADMSG;
	return r->kind < ACCT_SESSION || r->kind > ACCT_OFF ? -EBADMSG : 0;
}

static int read_traffic(struct buf *b, struct acct_traffic *t)
{
	if (buf_u64(b, &t->in_octets) < 0 || buf_u64(b, &t->in_packets) < 0 ||
	    buf_u64(b, &t->out_octets) < 0 || buf_u64(b, &t->out_packets) < 0 ||
	    buf_u64(b, &t->lost) < 0)
		return -EBADMSG;
	return 0;
}

static int read_head(struct buf b, struct acct_record *r)
{
	uint64_t started, event;
	uint8_t version;

	if (buf_u8(&b, &version) < 0 || version != VERSION || buf_u8(&b, &r->due) < 0 ||
	    buf_u8(&b, &r->cause) < 0 || buf_u8(&b, &r->linked) < 0 || buf_u64(&b, &r->seq) < 0 ||
	    buf_u64(&b, &started) < 0 || buf_u64(&b, &event) < 0 ||
	    buf_u32(&b, &r->session_s) < 0 || buf_u32(&b, &r->body) < 0)
		return -EBADMSG;
	r->started = (int64_t)started;
	r->event = (int64_t)event;
	return read_traffic(&b, &r->traffic);
}

int acct_record_read(struct buf key, struct buf head, struct acct_record *record)
{
	struct acct_record r = { 0 };
	struct buf sum;
	uint32_t crc;

	if (head.len != ACCT_HEAD)
		return -EBADMSG;
	sum = buf_of(head.p + ACCT_HEAD - CRC, CRC);
	buf_u32(&sum, &crc);
	if (crc != checksum(head.p, ACCT_HEAD - CRC) || acct_key_read(key, &r) < 0 ||
	    read_head(head, &r) < 0 || (r.due & ~ACCT_DUE_ALL) || r.linked > 1)
		return -EBADMSG;
	*record = r;
	return 0;
}

int acct_body_write(const char *name, struct buf attrs, uint8_t *out, size_t cap)
{
	struct wbuf w = wbuf_of(out, cap);
	size_t len = strlen(name);
	uint32_t crc;

	if (len > ACCT_NAME_MAX)
		return -EMSGSIZE;
	wbuf_u8(&w, (uint8_t)len);
	wbuf_put(&w, name, len);
	wbuf_put(&w, attrs.p, attrs.len);
	if (w.overflow)
		return -EMSGSIZE;
	crc = checksum(out, w.len);
	wbuf_u32(&w, crc);
	return w.overflow ? -EMSGSIZE : (int)w.len;
}

/* Each attribute has its length, and together they fill it. */
static bool well_formed(struct buf attrs)
{
	uint8_t type, len;

	while (attrs.len > 0)
		if (buf_u8(&attrs, &type) < 0 || buf_u8(&attrs, &len) < 0 || len < 3 ||
		    buf_skip(&attrs, len - 2U) < 0)
			return false;
	return true;
}

int acct_body_read(struct buf body, char name[ACCT_NAME_MAX + 1], struct buf *attrs)
{
	struct buf content, sum, text;
	uint32_t crc;
	uint8_t len;

	if (body.len < CRC || body.len > ACCT_BODY_MAX)
		return -EBADMSG;
	content = buf_of(body.p, body.len - CRC);
	sum = buf_of(body.p + content.len, CRC);
	buf_u32(&sum, &crc);
	if (crc != checksum(content.p, content.len) || buf_u8(&content, &len) < 0 ||
	    buf_take(&content, len, &text) < 0 || memchr(text.p, '\0', len) ||
	    !well_formed(content))
		return -EBADMSG;
	memcpy(name, text.p, len);
	name[len] = '\0';
	*attrs = content;
	return 0;
}

uint32_t acct_body_id(struct buf body)
{
	return checksum(body.p, body.len);
}

/* ---- as told ---- */

unsigned int acct_record_next(const struct acct_record *r)
{
	return r->due & -(unsigned int)r->due;
}

static uint32_t status_type(uint8_t kind, unsigned int due)
{
	switch (kind) {
	case ACCT_ON:
		return 7;
	case ACCT_OFF:
		return 8;
	case ACCT_TUNNEL:
		return due == ACCT_DUE_STOP ? 10 : 9;
	default:
		return due == ACCT_DUE_START        ? 1
		       : due == ACCT_DUE_STOP       ? 2
		       : due == ACCT_DUE_INTERIM    ? 3
		       : due == ACCT_DUE_LINK_START ? 12
						    : 13;
	}
}

static void put_octets(struct radius_attrs *attrs, uint8_t octets, uint8_t gigawords, uint64_t n)
{
	radius_put_u32(attrs, 0, octets, (uint32_t)n);
	radius_put_u32(attrs, 0, gigawords, (uint32_t)(n >> 32));
}

static void put_numbers(const struct acct_record *r, struct radius_attrs *attrs)
{
	const struct acct_traffic *t = &r->traffic;

	radius_put_u32(attrs, 0, ACCT_SESSION_TIME, r->session_s);
	put_octets(attrs, ACCT_INPUT_OCTETS, ACCT_INPUT_GIGAWORDS, t->in_octets);
	put_octets(attrs, ACCT_OUTPUT_OCTETS, ACCT_OUTPUT_GIGAWORDS, t->out_octets);
	radius_put_u32(attrs, 0, ACCT_INPUT_PACKETS, (uint32_t)t->in_packets);
	radius_put_u32(attrs, 0, ACCT_OUTPUT_PACKETS, (uint32_t)t->out_packets);
}

static bool is_stop(unsigned int due)
{
	return due == ACCT_DUE_STOP || due == ACCT_DUE_LINK_STOP;
}

/* RFC 2867 allows it in the Stops of a tunnel and of a link. */
static bool tells_lost(const struct acct_record *r, unsigned int due)
{
	return due == ACCT_DUE_LINK_STOP || (r->kind == ACCT_TUNNEL && due == ACCT_DUE_STOP);
}

int acct_record_put(const struct acct_record *r, unsigned int due, struct radius_attrs *attrs)
{
	int64_t when = is_stop(due) || due == ACCT_DUE_INTERIM ? r->event : r->started;

	radius_put_u32(attrs, 0, ACCT_STATUS_TYPE, status_type(r->kind, due));
	radius_put_u32(attrs, 0, EVENT_TIMESTAMP, (uint32_t)when);
	if (is_stop(due) || due == ACCT_DUE_INTERIM)
		put_numbers(r, attrs);
	if (is_stop(due))
		radius_put_u32(attrs, 0, ACCT_TERMINATE_CAUSE, r->cause);
	if (tells_lost(r, due))
		radius_put_u32(attrs, 0, ACCT_TUNNEL_PACKETS_LOST, (uint32_t)r->traffic.lost);
	attrs->event = (time_t)when;
	return attrs->overflow ? -EMSGSIZE : 0;
}
