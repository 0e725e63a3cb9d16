/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Whole packets in linear memory, in place: what the agent and the kernel module do. */
#ifndef XPPPD_MPPE_LINEAR_H
#define XPPPD_MPPE_LINEAR_H

#include "mppe_core.h"

/* Encrypts a payload; s->header is what goes before it. */
MPPE_INLINE int mppe_linear_out(struct xp_mppe_dir *dir, struct mppe_scratch *s, __u8 *payload,
				__u32 len)
{
	int verdict = mppe_out_begin(dir, s);

	if (verdict)
		return verdict;
	mppe_rc4_crypt(&s->rc4, payload, len);
	return mppe_out_end(dir, s);
}

/* Decrypts the payload behind `header`. After another verdict than 0 it is as it was. */
MPPE_INLINE int mppe_linear_in(struct xp_mppe_dir *dir, struct mppe_scratch *s, __u32 header,
			       __u8 *payload, __u32 len, __u32 ahead_max)
{
	__u32 head = len < MPPE_HEAD ? len : MPPE_HEAD;
	int verdict;

	__builtin_memcpy(s->head, payload, head);
	verdict = mppe_in_begin_far(dir, s, header, len, ahead_max);
	if (verdict)
		return verdict;
	__builtin_memcpy(payload, s->head, head);
	mppe_rc4_crypt(&s->rc4, payload + head, len - head);
	return mppe_in_end(dir, s);
}

#endif
