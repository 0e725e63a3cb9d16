/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Encryption of sessions. A session's keys are in one place at a time: in the data plane while it
 * is there, shared with the programs, otherwise here (session.mppe). They move with it as
 * they are, because counts and RC4 go on from where they stood: an RC4 that went back would
 * encrypt two packets alike.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mppe.h"
#include "session_private.h"

#define WHO "ppp-id %u: "

/* Computing a key far ahead takes milliseconds. */
#define FAR_RATE 1
#define FAR_BURST 2
#define FAR_RATE_ALL 20

/* ---- where the keys are */

void session_mppe_free(struct session *s)
{
	if (s->mppe)
		OPENSSL_cleanse(s->mppe, sizeof(*s->mppe));
	free(s->mppe);
	s->mppe = NULL;
}

static int mppe_keep(struct session *s, const struct xp_mppe *mppe)
{
	if (!mppe) {
		session_mppe_free(s);
		return 0;
	}
	if (!s->mppe)
		s->mppe = malloc(sizeof(*s->mppe));
	if (!s->mppe)
		return -ENOMEM;
	*s->mppe = *mppe;
	return 0;
}

int session_mppe_enter(const struct session *s, struct dp_session *desc)
{
	if (session_mppe_required(s) && !s->encrypted)
		return -EACCES;
	if (s->encrypted && !s->mppe)
		return -ENOMEM;
	desc->mppe = s->mppe;
	if (s->encrypted)
		desc->mtu = (uint16_t)(desc->mtu + XP_MPPE_OVERHEAD);
	return 0;
}

void session_mppe_leave(struct session *s)
{
	struct dataplane *dp = s->table->dp;
	struct xp_mppe *shared = s->encrypted ? dp->ops->mppe(dp, s->slot) : NULL;
	struct xp_mppe taken;

	if (!shared || s->ended)
		return;
	mppe_withdraw(shared, &taken);
	mppe_keep(s, &taken);
	OPENSSL_cleanse(&taken, sizeof(taken));
}

/* ---- what PPP says */

static void log_encryption(const struct session *s, bool settled)
{
	char text[PPP_ENCRYPTION_MAX];

	ppp_encryption(&s->ppp, text);
	log_msg(s->table->log, settled ? LOG_INFO : LOG_DEBUG, WHO "encryption: %s",
		s->state.ppp_id, text);
}

void session_mppe(void *owner, const struct xp_mppe *mppe)
{
	struct session *s = owner;
	struct dataplane *dp = s->table->dp;
	int r;

	if (!mppe && s->in_dataplane && session_mppe_required(s)) {
		session_terminate(s, CAUSE_MPPE);
		return;
	}
	s->encrypted = mppe != NULL;
	if (s->in_dataplane)
		r = dp->ops->mppe_set(dp, s->slot, mppe);
	else
		r = mppe_keep(s, mppe);
	if (r < 0) {
		log_msg(s->table->log, LOG_ERR, WHO "no room for its keys: %s", s->state.ppp_id,
			strerror(-r));
		session_terminate(s, CAUSE_RESOURCES);
		return;
	}
	log_encryption(s, !mppe || mppe->out.bits != XP_MPPE_NONE);
}

static struct xp_mppe *mppe_of(const struct session *s)
{
	struct dataplane *dp = s->table->dp;

	return s->in_dataplane && s->encrypted ? dp->ops->mppe(dp, s->slot) : NULL;
}

void session_mppe_flush(void *owner)
{
	struct xp_mppe *mppe = mppe_of(owner);

	if (mppe)
		mppe_flush(&mppe->out);
}

bool session_mppe_lost(void *owner)
{
	const struct xp_mppe *mppe = mppe_of(owner);

	return mppe && mppe->in.flags & XP_MPPE_F_LOST;
}

/* ---- packets */

bool session_mppe_is_copy(const struct session *s, struct buf packet)
{
	const struct dataplane *dp = s->table->dp;
	const struct xp_mppe *mppe = mppe_of(s);

	return mppe && !s->slow && !s->carrier.base.ops->ip_input && dp->ops->mppe_forwards &&
	       dp->ops->mppe_forwards(dp, packet.len) &&
	       !mppe_is_far(&mppe->in, packet.p, packet.len);
}

static int decrypt_far(struct session *s, struct xp_mppe_dir *in, struct buf packet, uint8_t *out)
{
	struct mono now = mono_now();

	if (!bucket_take(&s->far, FAR_RATE, FAR_BURST, now) ||
	    !bucket_take(&s->table->far, FAR_RATE_ALL, FAR_RATE_ALL, now))
		return XP_R_MPPE_COUNT;
	return mppe_decrypt_far(in, packet.p, packet.len, out);
}

int session_mppe_decrypt(struct session *s, struct buf packet, uint8_t *out)
{
	struct xp_mppe *mppe = mppe_of(s);
	int verdict;

	if (!mppe)
		return XP_R_S_MPPE;
	verdict = mppe_decrypt(&mppe->in, packet.p, packet.len, out);
	if (verdict == XP_R_P_MPPE_AHEAD)
		verdict = decrypt_far(s, &mppe->in, packet, out);
	if (verdict & XP_MPPE_TELL)
		ppp_mppe_lost(&s->ppp);
	return verdict & ~XP_MPPE_TELL;
}

int session_mppe_encrypt(struct session *s, uint8_t *frame, size_t len)
{
	struct xp_mppe *mppe = mppe_of(s);

	if (!mppe)
		return XP_R_MPPE_KEYS;
	return mppe_encrypt(&mppe->out, frame + XP_MPPE_HEADER, len - XP_MPPE_HEADER, frame);
}
