/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* RC4 with the keys of MPPE: sixteen bytes, or eight, which are the same as those eight twice.
 * Indexes are masked at each use: the permutation may come from a map. */
#ifndef XPPPD_MPPE_RC4_H
#define XPPPD_MPPE_RC4_H

#include "mppe_home.h"

/* 0, 1, .. 7 in memory */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MPPE_RC4_EIGHT 0x0706050403020100ull
#else
#define MPPE_RC4_EIGHT 0x0001020304050607ull
#endif

struct mppe_rc4 {
	__u8 s[256];
	__u32 x, y;
};

#define MPPE_16_TIMES(step)                                                                        \
	do {                                                                                       \
		step(0);                                                                           \
		step(1);                                                                           \
		step(2);                                                                           \
		step(3);                                                                           \
		step(4);                                                                           \
		step(5);                                                                           \
		step(6);                                                                           \
		step(7);                                                                           \
		step(8);                                                                           \
		step(9);                                                                           \
		step(10);                                                                          \
		step(11);                                                                          \
		step(12);                                                                          \
		step(13);                                                                          \
		step(14);                                                                          \
		step(15);                                                                          \
	} while (0)

#define MPPE_SCHEDULE(n)                                                                           \
	do {                                                                                       \
		__u8 a = rc4->s[i + (n)];                                                          \
                                                                                                   \
		y = (y + a + key[n]) & 255;                                                        \
		rc4->s[i + (n)] = rc4->s[y];                                                       \
		rc4->s[y] = a;                                                                     \
	} while (0)

MPPE_INLINE void mppe_rc4_begin(struct mppe_rc4 *rc4, const __u8 key[16])
{
	__u32 i, y = 0;

	for (i = 0; i < 32; i++)
		MPPE_STORE_64(&rc4->s[8 * i], MPPE_RC4_EIGHT + 0x0808080808080808ull * i);
	for (i = 0; i < 256; i += 16)
		MPPE_16_TIMES(MPPE_SCHEDULE);
	rc4->x = 0;
	rc4->y = 0;
}

/* The next byte of the stream, for the variables x and y of who uses it. */
#define MPPE_NEXT(rc4)                                                                             \
	({                                                                                         \
		__u8 a, b;                                                                         \
                                                                                                   \
		x = (x + 1) & 255;                                                                 \
		a = (rc4)->s[x];                                                                   \
		y = (y + a) & 255;                                                                 \
		b = (rc4)->s[y];                                                                   \
		(rc4)->s[y] = a;                                                                   \
		(rc4)->s[x] = b;                                                                   \
		(rc4)->s[(a + b) & 255];                                                           \
	})

/* Eight bytes of the stream as they stand in memory. */
#define MPPE_NEXT_8(rc4)                                                                           \
	({                                                                                         \
		__u64 eight = MPPE_BYTE(MPPE_NEXT(rc4), 0);                                        \
                                                                                                   \
		eight |= MPPE_BYTE(MPPE_NEXT(rc4), 1);                                             \
		eight |= MPPE_BYTE(MPPE_NEXT(rc4), 2);                                             \
		eight |= MPPE_BYTE(MPPE_NEXT(rc4), 3);                                             \
		eight |= MPPE_BYTE(MPPE_NEXT(rc4), 4);                                             \
		eight |= MPPE_BYTE(MPPE_NEXT(rc4), 5);                                             \
		eight |= MPPE_BYTE(MPPE_NEXT(rc4), 6);                                             \
		eight |= MPPE_BYTE(MPPE_NEXT(rc4), 7);                                             \
		eight;                                                                             \
	})

/* Encrypts or decrypts sixteen bytes in place. BPF: in a packet too, once 16 are known to be
 * there. */
MPPE_INLINE void mppe_rc4_16(struct mppe_rc4 *rc4, __u8 *data)
{
	__u32 x = rc4->x & 255, y = rc4->y & 255;

	MPPE_STORE_64(data, MPPE_LOAD_64(data) ^ MPPE_NEXT_8(rc4));
	MPPE_STORE_64(data + 8, MPPE_LOAD_64(data + 8) ^ MPPE_NEXT_8(rc4));
	rc4->x = x;
	rc4->y = y;
}

MPPE_INLINE void mppe_rc4_1(struct mppe_rc4 *rc4, __u8 *data)
{
	__u32 x = rc4->x & 255, y = rc4->y & 255;

	*data ^= MPPE_NEXT(rc4);
	rc4->x = x;
	rc4->y = y;
}

#ifndef __bpf__
MPPE_INLINE void mppe_rc4_crypt(struct mppe_rc4 *rc4, __u8 *data, __u32 len)
{
	for (; len >= 16; data += 16, len -= 16)
		mppe_rc4_16(rc4, data);
	for (; len > 0; data++, len--)
		mppe_rc4_1(rc4, data);
}
#endif

#endif
