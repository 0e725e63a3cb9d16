/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "avp.h"

#include <string.h>

#include "crypto.h"

#define FLAG_MANDATORY 0x8000
#define FLAG_HIDDEN 0x4000
#define HEADER 6

bool avp_next(struct rd *body, struct avp *avp)
{
	struct rd r = *body;
	uint16_t head;

	if (!rd_u16(&r, &head) || (head & AVP_MAX) < HEADER || !rd_u16(&r, &avp->vendor) ||
	    !rd_u16(&r, &avp->type) || !rd_take(&r, (head & AVP_MAX) - HEADER, &avp->value))
		return false;
	avp->mandatory = head & FLAG_MANDATORY;
	avp->hidden = head & FLAG_HIDDEN;
	*body = r;
	return true;
}

/* RFC 2661 4.4 names those that must not be mandatory. */
static bool is_mandatory(enum avp_type type)
{
	switch (type) {
	case AVP_FIRMWARE:
	case AVP_VENDOR_NAME:
	case AVP_FIRST_CONFREQ:
	case AVP_SENT_CONFREQ:
	case AVP_RECEIVED_CONFREQ:
	case AVP_PROXY_TYPE:
	case AVP_PROXY_NAME:
	case AVP_PROXY_CHALLENGE:
	case AVP_PROXY_IDENT:
	case AVP_PROXY_RESPONSE:
		return false;
	default:
		return true;
	}
}

static void put_head(struct wr *w, uint16_t flags, enum avp_type type, size_t len)
{
	if (is_mandatory(type))
		flags |= FLAG_MANDATORY;
	wr_u16(w, flags | (HEADER + len));
	wr_u16(w, 0);
	wr_u16(w, type);
}

void avp_put(struct wr *w, enum avp_type type, const void *p, size_t len)
{
	put_head(w, 0, type, len);
	wr_put(w, p, len);
}

void avp_put_u16(struct wr *w, enum avp_type type, uint16_t v)
{
	avp_put(w, type, (uint8_t[]){ v >> 8, v }, 2);
}

void avp_put_u32(struct wr *w, enum avp_type type, uint32_t v)
{
	avp_put(w, type, (uint8_t[]){ v >> 24, v >> 16, v >> 8, v }, 4);
}

/* ---- hiding */

/* The stream's next block: from type, secret and vector first, then from secret and the
 * block of ciphertext before. */
static void next_block(const struct avp_key *key, uint16_t type, const uint8_t *before,
		       uint8_t block[AVP_DIGEST])
{
	const uint8_t head[2] = { type >> 8, type };
	const struct crypto_piece first[] = { { head, 2 },
					      { key->secret, strlen(key->secret) },
					      { key->vector, AVP_VECTOR } };
	const struct crypto_piece later[] = { { key->secret, strlen(key->secret) },
					      { before, AVP_DIGEST } };

	if (before)
		crypto_md5(key->crypto, later, 2, block);
	else
		crypto_md5(key->crypto, first, 3, block);
}

void avp_put_vector(struct wr *w, const struct avp_key *key)
{
	if (key->hide)
		avp_put(w, AVP_RANDOM_VECTOR, key->vector, AVP_VECTOR);
}

void avp_put_secret(struct wr *w, struct avp_key *key, enum avp_type type, const void *p,
		    size_t len)
{
	uint8_t bytes[AVP_MAX], block[AVP_DIGEST];
	struct wr clear = { bytes, 0, sizeof(bytes) - HEADER, false };

	if (!key->hide) {
		avp_put(w, type, p, len);
		return;
	}
	wr_u16(&clear, len);
	wr_put(&clear, p, len);
	wr_fill(&clear, 0x5a, 3); /* padding, so that the length does not show */
	if (clear.full) {
		w->full = true;
		return;
	}
	for (size_t i = 0; i < clear.len; i++) {
		if (i % AVP_DIGEST == 0)
			next_block(key, type, i ? bytes + i - AVP_DIGEST : NULL, block);
		bytes[i] ^= block[i % AVP_DIGEST];
	}
	put_head(w, FLAG_HIDDEN, type, clear.len);
	wr_put(w, bytes, clear.len);
}

bool avp_reveal(const struct avp *avp, const struct avp_key *key, uint8_t out[AVP_MAX],
		struct rd *value)
{
	const uint8_t *in = avp->value.p;
	uint8_t block[AVP_DIGEST];
	struct rd clear = { out, avp->value.len };
	uint16_t len;

	if (!key->secret || avp->value.len > AVP_MAX)
		return false;
	for (size_t i = 0; i < avp->value.len; i++) {
		if (i % AVP_DIGEST == 0)
			next_block(key, avp->type, i ? in + i - AVP_DIGEST : NULL, block);
		out[i] = in[i] ^ block[i % AVP_DIGEST];
	}
	return rd_u16(&clear, &len) && rd_take(&clear, len, value);
}
