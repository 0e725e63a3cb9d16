/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "mppe.h"

#include <openssl/crypto.h>
#include <string.h>
#include <time.h>

#include "../bpf/mppe/mppe_linear.h"

#define PATIENCE_MS 50

void mppe_start(struct xp_mppe_dir *dir, const uint8_t start[XP_MPPE_KEY], enum xp_mppe_bits bits,
		unsigned int flags)
{
	struct mppe_scratch s;

	mppe_setup(dir, &s, start, bits, flags & XP_MPPE_F_STATEFUL);
	OPENSSL_cleanse(&s, sizeof(s));
}

/* A virtual CPU may lose its turn with the lock taken, and would write its keys over the new ones.
 * After that without it: whoever took it is gone, and the new keys free it. */
static void dir_wait(struct xp_mppe_dir *shared)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; i < PATIENCE_MS && mppe_lock(shared) != 1; i++)
		nanosleep(&pause, NULL);
}

static void dir_replace(struct xp_mppe_dir *shared, const struct xp_mppe_dir *fresh)
{
	size_t keys = offsetof(struct xp_mppe_dir, count);
	uint16_t epoch;

	dir_wait(shared);
	epoch = shared->epoch + 1;
	if (fresh)
		memcpy((uint8_t *)shared + keys, (const uint8_t *)fresh + keys,
		       sizeof(*shared) - keys);
	else
		OPENSSL_cleanse((uint8_t *)shared + keys, sizeof(*shared) - keys);
	shared->epoch = epoch;
	mppe_unlock(shared);
}

void mppe_replace(struct xp_mppe *shared, const struct xp_mppe *fresh)
{
	dir_replace(&shared->in, fresh ? &fresh->in : NULL);
	dir_replace(&shared->out, fresh ? &fresh->out : NULL);
}

static void dir_take(struct xp_mppe_dir *shared, struct xp_mppe_dir *taken)
{
	size_t keys = offsetof(struct xp_mppe_dir, count);

	dir_wait(shared);
	*taken = *shared;
	OPENSSL_cleanse((uint8_t *)shared + keys, sizeof(*shared) - keys);
	shared->epoch = taken->epoch + 1;
	mppe_unlock(shared);
	taken->lock = 0;
}

void mppe_withdraw(struct xp_mppe *shared, struct xp_mppe *taken)
{
	dir_take(&shared->in, &taken->in);
	dir_take(&shared->out, &taken->out);
}

void mppe_flush(struct xp_mppe_dir *out)
{
	if (mppe_lock(out) != 1)
		return;
	if (out->flags & XP_MPPE_F_STATEFUL)
		out->flags |= XP_MPPE_F_FLUSH;
	mppe_unlock(out);
}

int mppe_encrypt(struct xp_mppe_dir *dir, const uint8_t *in, size_t len, uint8_t *out)
{
	struct mppe_scratch s;
	int verdict;

	if (len > UINT16_MAX)
		return XP_R_MPPE_HEADER;
	memmove(out + XP_MPPE_HEADER, in, len);
	verdict = mppe_linear_out(dir, &s, out + XP_MPPE_HEADER, len);
	if (!verdict) {
		out[0] = s.header >> 8;
		out[1] = s.header & 0xff;
	}
	OPENSSL_cleanse(&s, sizeof(s));
	return verdict;
}

static int decrypt(struct xp_mppe_dir *dir, const uint8_t *in, size_t len, uint8_t *out,
		   uint32_t ahead_max)
{
	struct mppe_scratch s;
	uint32_t header;
	int verdict;

	if (len <= XP_MPPE_HEADER || len > UINT16_MAX)
		return XP_R_MPPE_HEADER;
	header = in[0] << 8 | in[1];
	len -= XP_MPPE_HEADER;
	memmove(out, in + XP_MPPE_HEADER, len);
	verdict = mppe_linear_in(dir, &s, header, out, len, ahead_max);
	OPENSSL_cleanse(&s, sizeof(s));
	return verdict;
}

int mppe_decrypt(struct xp_mppe_dir *dir, const uint8_t *in, size_t len, uint8_t *out)
{
	return decrypt(dir, in, len, out, MPPE_AHEAD);
}

bool mppe_is_far(const struct xp_mppe_dir *dir, const uint8_t *in, size_t len)
{
	unsigned int ahead;

	if (len < XP_MPPE_HEADER || dir->flags & XP_MPPE_F_STATEFUL)
		return false;
	ahead = ((unsigned int)(in[0] << 8 | in[1]) - dir->count) & MPPE_COUNT;
	return ahead > MPPE_AHEAD && ahead <= MPPE_COUNT / 2;
}

int mppe_decrypt_far(struct xp_mppe_dir *dir, const uint8_t *in, size_t len, uint8_t *out)
{
	return decrypt(dir, in, len, out, MPPE_FAR);
}
