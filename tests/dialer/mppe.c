/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "mppe.h"

#include <errno.h>
#include <string.h>

#include "crypto.h"

#define FLAG_FLUSHED 0x8000
#define FLAG_ENCRYPTED 0x1000
#define FLAG_COMPRESSED 0x2000
#define COUNTS 0x1000
#define COUNT_MASK (COUNTS - 1)
#define COUNT_FLAG 0xff /* the low byte of a stateful packet that changes the key */

static bool is_stateless(const struct mppe_flow *flow)
{
	return flow->bits & MPPE_STATELESS;
}

/* RFC 3079 3.3 GetAsymmetricStartKey, as the client. */
static int start_key(struct mppe_flow *flow, const uint8_t *master, bool up)
{
	static const char to_server[] =
		"On the client side, this is the send key; on the server side, it is the receive key.";
	static const char to_client[] =
		"On the client side, this is the receive key; on the server side, it is the send key.";
	uint8_t pad1[40] = { 0 }, pad2[40], digest[20];
	const struct crypto_piece pieces[] = {
		{ master, MPPE_KEY },
		{ pad1, sizeof(pad1) },
		{ up ? to_server : to_client, sizeof(to_server) - 1 },
		{ pad2, sizeof(pad2) },
	};

	memset(pad2, 0xf2, sizeof(pad2));
	if (crypto_sha1(flow->crypto, pieces, 4, digest) < 0)
		return -EIO;
	memcpy(flow->start, digest, flow->len);
	return 0;
}

/* RFC 3078 7.3 GetNewKeyFromSHA */
static int next_key(struct mppe_flow *flow, uint8_t out[MPPE_KEY])
{
	uint8_t pad1[40] = { 0 }, pad2[40], digest[20];
	const struct crypto_piece pieces[] = {
		{ flow->start, flow->len },
		{ pad1, sizeof(pad1) },
		{ flow->session, flow->len },
		{ pad2, sizeof(pad2) },
	};

	memset(pad2, 0xf2, sizeof(pad2));
	if (crypto_sha1(flow->crypto, pieces, 4, digest) < 0)
		return -EIO;
	memcpy(out, digest, flow->len);
	return 0;
}

static void weaken(struct mppe_flow *flow)
{
	static const uint8_t salt[] = { 0xd1, 0x26, 0x9e };

	if (flow->bits & MPPE_40)
		memcpy(flow->session, salt, 3);
	else if (flow->bits & MPPE_56)
		memcpy(flow->session, salt, 1);
}

static int restart(struct mppe_flow *flow)
{
	return crypto_rc4_key(flow->rc4, flow->session, flow->len);
}

static int change_key(struct mppe_flow *flow)
{
	uint8_t interim[MPPE_KEY];

	if (next_key(flow, interim) < 0 || crypto_rc4_key(flow->rc4, interim, flow->len) < 0 ||
	    crypto_rc4_run(flow->rc4, interim, flow->len, flow->session) < 0)
		return -EIO;
	weaken(flow);
	return restart(flow);
}

int mppe_init(struct mppe_flow *flow, struct crypto *crypto, const uint8_t master[MPPE_KEY],
	      uint32_t bits, bool up)
{
	bool rekeys = flow->rekeys;

	mppe_free(flow);
	*flow = (struct mppe_flow){ .crypto = crypto,
				    .bits = bits,
				    .len = bits & MPPE_128 ? 16 : 8,
				    .count = COUNT_MASK,
				    .flush = up && !rekeys,
				    .rekeys = rekeys };
	if (crypto_rc4_new(crypto, &flow->rc4) < 0)
		return -ENOMEM;
	if (start_key(flow, master, up) < 0)
		return -EIO;
	memcpy(flow->session, flow->start, flow->len);
	if (next_key(flow, flow->session) < 0)
		return -EIO;
	weaken(flow);
	return restart(flow);
}

void mppe_free(struct mppe_flow *flow)
{
	crypto_rc4_free(flow->rc4);
	flow->rc4 = NULL;
}

/* A stateful packet that begins anew: RFC 3078 5 says that the tables are made again from
 * the key that there is. */
static int begin_anew(struct mppe_flow *flow)
{
	return flow->rekeys ? change_key(flow) : restart(flow);
}

int mppe_seal(struct mppe_flow *flow, uint8_t *header, size_t len)
{
	bool flushed = is_stateless(flow) || flow->flush;
	uint16_t word;

	flow->count = (flow->count + 1) & COUNT_MASK;
	if (is_stateless(flow) || (flow->count & 0xff) == COUNT_FLAG) {
		flushed = true;
		if (change_key(flow) < 0)
			return -EIO;
	} else if (flow->flush && begin_anew(flow) < 0) {
		return -EIO;
	}
	flow->flush = false;
	word = flow->count | FLAG_ENCRYPTED | (flushed ? FLAG_FLUSHED : 0);
	header[0] = word >> 8;
	header[1] = word;
	return crypto_rc4_run(flow->rc4, header + MPPE_HEADER, len, header + MPPE_HEADER);
}

static int open_stateless(struct mppe_flow *flow, uint16_t ahead)
{
	for (; ahead; ahead--)
		if (change_key(flow) < 0)
			return -EIO;
	return 0;
}

/* The key of a packet that begins anew: as many changes as flag packets have been passed. */
static int catch_up(struct mppe_flow *flow, uint16_t count)
{
	bool changed = false;

	for (; flow->count != count; flow->count = (flow->count + 1) & COUNT_MASK) {
		changed = ((flow->count + 1) & 0xff) == COUNT_FLAG;
		if (changed && change_key(flow) < 0)
			return -EIO;
	}
	return changed ? 0 : begin_anew(flow);
}

static enum mppe_verdict open_stateful(struct mppe_flow *flow, uint16_t count, bool flushed,
				       uint16_t ahead)
{
	if (flushed) {
		flow->lost = false;
		return catch_up(flow, count) < 0 ? MPPE_MALFORMED : MPPE_CLEAR;
	}
	if (flow->lost)
		return MPPE_WAITS;
	if (ahead != 1) {
		flow->lost = true;
		return MPPE_LOST;
	}
	flow->count = count;
	if ((count & 0xff) == COUNT_FLAG && change_key(flow) < 0)
		return MPPE_MALFORMED;
	return MPPE_CLEAR;
}

enum mppe_verdict mppe_open(struct mppe_flow *flow, struct rd packet, uint8_t *out,
			    uint16_t *missed)
{
	enum mppe_verdict verdict = MPPE_CLEAR;
	uint16_t word, count, ahead;

	if (!rd_u16(&packet, &word) || !packet.len || !(word & FLAG_ENCRYPTED) ||
	    word & FLAG_COMPRESSED || (is_stateless(flow) && !(word & FLAG_FLUSHED)))
		return MPPE_MALFORMED;
	count = word & COUNT_MASK;
	ahead = (count - flow->count) & COUNT_MASK;
	if (ahead == 0 || ahead > COUNTS / 2)
		return MPPE_LATE;
	*missed = ahead - 1;
	if (!is_stateless(flow))
		verdict = open_stateful(flow, count, word & FLAG_FLUSHED, ahead);
	else if (open_stateless(flow, ahead) < 0)
		return MPPE_MALFORMED;
	if (verdict != MPPE_CLEAR)
		return verdict;
	flow->count = count;
	return crypto_rc4_run(flow->rc4, packet.p, packet.len, out) < 0 ? MPPE_MALFORMED
									: MPPE_CLEAR;
}
