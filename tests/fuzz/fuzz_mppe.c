/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MPPE packets into the real decryption, among those of a peer that behaves. The first byte says
 * which keys, then come steps: a byte that says what (see enum step), a length (1) and as many
 * bytes. Nothing that is forged may change what the next packet of the peer becomes.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mppe.h"
#include <xpppd/reason.h>

enum step {
	STEP_RAW,   /* header and payload as they are */
	STEP_FAR,   /* likewise, with as many key changes as it takes */
	STEP_NEXT,  /* of the peer, these bytes as the payload of an IPv4 packet */
	STEP_SPOIL, /* likewise, these bytes over it */
	STEP_LOSE,  /* the peer's next packets, as many as the first byte says, at most 31 */
	STEP_AGAIN, /* the peer's last packet once more, these bytes over it */
	STEP_STATE, /* these bytes over the receiver's state: it need not work any more */
	STEP_MAX,
};

#define IP_HEADER 20
#define LEN_MAX (2 + IP_HEADER + 255)

struct world {
	struct xp_mppe_dir peer, own;
	uint8_t clear[LEN_MAX], wire[LEN_MAX + XP_MPPE_HEADER];
	size_t len;
	unsigned int lost;
	bool spoiled;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ip_packet(struct world *w, struct buf payload)
{
	uint8_t *ip = w->clear + 2;
	uint32_t sum = 0;

	w->len = 2 + IP_HEADER + payload.len;
	memset(w->clear, 0, 2 + IP_HEADER);
	w->clear[1] = 0x21;
	ip[0] = 0x45;
	ip[2] = (w->len - 2) >> 8;
	ip[3] = (w->len - 2) & 0xff;
	memcpy(ip + IP_HEADER, payload.p, payload.len);
	for (size_t i = 0; i < IP_HEADER; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
	ip[10] = sum >> 8;
	ip[11] = sum & 0xff;
}

static void peer_send(struct world *w, struct buf payload)
{
	ip_packet(w, payload);
	if (mppe_encrypt(&w->peer, w->clear, w->len, w->wire))
		abort();
}

/* What the peer sends arrives as it was, whatever was forged before. Stateful, a loss is told and the
 * peer begins anew. */
static void next_step(struct world *w, struct buf payload)
{
	uint8_t clear[sizeof(w->wire)];
	int verdict;

	peer_send(w, payload);
	verdict = mppe_decrypt(&w->own, w->wire, w->len + XP_MPPE_HEADER, clear);
	if (!w->spoiled && verdict && w->own.flags & XP_MPPE_F_LOST) {
		mppe_flush(&w->peer);
		peer_send(w, payload);
		verdict = mppe_decrypt(&w->own, w->wire, w->len + XP_MPPE_HEADER, clear);
	}
	if (!w->spoiled && (verdict || memcmp(clear, w->clear, w->len)))
		abort();
	w->lost = 0;
}

static void forged(struct world *w, struct buf packet, bool far)
{
	uint8_t clear[sizeof(w->wire)];
	int verdict;

	if (packet.len > sizeof(w->wire))
		return;
	verdict = far ? mppe_decrypt_far(&w->own, packet.p, packet.len, clear)
		      : mppe_decrypt(&w->own, packet.p, packet.len, clear);
	if (w->own.lock || (verdict & ~XP_MPPE_TELL) >= XP_REASON_MAX)
		abort();
}

static void over(uint8_t *to, size_t size, struct buf bytes)
{
	memcpy(to, bytes.p, bytes.len < size ? bytes.len : size);
}

/* Stateful, who repeats a packet that began anew under another count is believed: nothing in MPPE
 * could tell. */
static void twisted(struct world *w, struct buf bytes)
{
	w->spoiled = w->spoiled || w->own.flags & XP_MPPE_F_STATEFUL;
	over(w->wire, sizeof(w->wire), bytes);
	forged(w, (struct buf){ w->wire, w->len + XP_MPPE_HEADER }, false);
}

static void lose_step(struct world *w, struct buf bytes)
{
	uint8_t count = 0;

	buf_u8(&bytes, &count);
	for (; count > 0 && w->lost < 31; count--, w->lost++)
		peer_send(w, buf_of("", 0));
}

static void state_step(struct world *w, struct buf bytes)
{
	w->spoiled = true;
	over((uint8_t *)&w->own, sizeof(w->own), bytes);
	w->own.lock = 0;
}

static void do_step(struct world *w, unsigned int step, struct buf bytes)
{
	switch (step % STEP_MAX) {
	case STEP_RAW:
	case STEP_FAR:
		forged(w, bytes, step % STEP_MAX == STEP_FAR);
		break;
	case STEP_NEXT:
		next_step(w, bytes);
		break;
	case STEP_SPOIL:
		if (w->lost >= 31)
			break;
		w->lost++;
		peer_send(w, bytes);
		/* fallthrough */
	case STEP_AGAIN:
		twisted(w, bytes);
		break;
	case STEP_LOSE:
		lose_step(w, bytes);
		break;
	case STEP_STATE:
		state_step(w, bytes);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t start[XP_MPPE_KEY] = "as RFC 3079 says";
	struct buf in = { data, size }, bytes;
	struct world w = { .len = 0 };
	uint8_t keys, step, len;

	if (buf_u8(&in, &keys))
		return 0;
	mppe_start(&w.own, start, XP_MPPE_40 + keys % 3, keys & 0x80 ? XP_MPPE_F_STATEFUL : 0);
	w.peer = w.own;
	while (buf_u8(&in, &step) == 0 && buf_u8(&in, &len) == 0 && buf_take(&in, len, &bytes) == 0)
		do_step(&w, step, bytes);
	return 0;
}
