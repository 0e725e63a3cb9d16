/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* SHA-1's compression (FIPS 180-4, section 6.1.2), without a loop: BPF runs and verifies it best
 * as straight code. Its stack has no room for the sixteen words of the schedule, w. */
#ifndef XPPPD_MPPE_SHA1_H
#define XPPPD_MPPE_SHA1_H

#include "mppe_home.h"

#define MPPE_ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))

#define MPPE_CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define MPPE_PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MPPE_MAJORITY(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))

#define MPPE_WORD(i)                                                                               \
	((i) < 16 ? w[(i)&15]                                                                      \
		  : (t = w[((i) + 13) & 15] ^ w[((i) + 8) & 15] ^ w[((i) + 2) & 15] ^ w[(i)&15],   \
		     w[(i)&15] = MPPE_ROTATE(t, 1)))

/* BPF's compiler would calculate the whole schedule first, and has no room for it: keep the
 * order. */
#ifdef __bpf__
#define MPPE_IN_ORDER(x, y) asm volatile("" : "+r"(x), "+r"(y))
#else
#define MPPE_IN_ORDER(x, y)                                                                        \
	do {                                                                                       \
	} while (0)
#endif

#define MPPE_ROUND(a, b, c, d, e, f, k, i)                                                         \
	do {                                                                                       \
		e += MPPE_ROTATE(a, 5) + f(b, c, d) + (k) + MPPE_WORD(i);                          \
		b = MPPE_ROTATE(b, 30);                                                            \
		MPPE_IN_ORDER(e, w[(i)&15]);                                                       \
	} while (0)

#define MPPE_ROUNDS_5(f, k, i)                                                                     \
	do {                                                                                       \
		MPPE_ROUND(a, b, c, d, e, f, k, (i));                                              \
		MPPE_ROUND(e, a, b, c, d, f, k, (i) + 1);                                          \
		MPPE_ROUND(d, e, a, b, c, f, k, (i) + 2);                                          \
		MPPE_ROUND(c, d, e, a, b, f, k, (i) + 3);                                          \
		MPPE_ROUND(b, c, d, e, a, f, k, (i) + 4);                                          \
	} while (0)

#define MPPE_ROUNDS_20(f, k, i)                                                                    \
	do {                                                                                       \
		MPPE_ROUNDS_5(f, k, (i));                                                          \
		MPPE_ROUNDS_5(f, k, (i) + 5);                                                      \
		MPPE_ROUNDS_5(f, k, (i) + 10);                                                     \
		MPPE_ROUNDS_5(f, k, (i) + 15);                                                     \
	} while (0)

/* The digest after one more block of sixteen words, all in the machine's byte order. */
MPPE_INLINE void mppe_sha1_add(__u32 digest[5], const __u32 block[16], __u32 w[16])
{
	__u32 a = digest[0], b = digest[1], c = digest[2], d = digest[3], e = digest[4];
	__u32 t;

	__builtin_memcpy(w, block, 16 * sizeof(*w));
	MPPE_ROUNDS_20(MPPE_CHOOSE, 0x5a827999, 0);
	MPPE_ROUNDS_20(MPPE_PARITY, 0x6ed9eba1, 20);
	MPPE_ROUNDS_20(MPPE_MAJORITY, 0x8f1bbcdc, 40);
	MPPE_ROUNDS_20(MPPE_PARITY, 0xca62c1d6, 60);
	digest[0] += a;
	digest[1] += b;
	digest[2] += c;
	digest[3] += d;
	digest[4] += e;
}

#endif
