/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What the homes of MPPE do differently: BPF programs, kernel module, agent. Before including
 * it, provide __u8..__u64. A home may define its own MPPE_TAKE() and MPPE_GIVE().
 */
#ifndef XPPPD_MPPE_HOME_H
#define XPPPD_MPPE_HOME_H

#define MPPE_INLINE static inline __attribute__((always_inline, unused))

/* BPF: global functions, which the verifier looks at once, however many call them. Their
 * pointers may be NULL for it; MPPE_POINTERS says that they are not. */
#ifdef __bpf__
#define MPPE_FUNCTION __attribute__((noinline)) int
#define MPPE_POINTERS(a, b)                                                                        \
	do {                                                                                       \
		if (!(a) || !(b))                                                                  \
			return XP_R_MPPE_KEYS;                                                     \
	} while (0)
#else
#define MPPE_FUNCTION static inline __attribute__((unused)) int
#define MPPE_POINTERS(a, b)                                                                        \
	do {                                                                                       \
	} while (0)
#endif

/* How often the lock is tried: at some 20 ns each longer than anybody has it. */
#define MPPE_TRIES 1024

#ifndef MPPE_TAKE
#ifdef __bpf__
/* clang's only orders for BPF are the strongest */
#define MPPE_TAKE(lock) (__sync_val_compare_and_swap((lock), 0, 1) == 0)
#define MPPE_GIVE(lock) ((void)__sync_lock_test_and_set((lock), 0))
#else
#define MPPE_TAKE(lock) (__sync_val_compare_and_swap((lock), 0, 1) == 0)
#define MPPE_GIVE(lock) __atomic_store_n((lock), 0, __ATOMIC_RELEASE)
#endif
#endif

/* Eight bytes at any address. Packets are not aligned; BPF's compiler would take memcpy for eight
 * loads of a byte, and its verifier knows the machine. */
#ifdef __bpf__
#define MPPE_LOAD_64(from) (*(const __u64 *)(from))
#define MPPE_STORE_64(to, value) (*(__u64 *)(to) = (value))
#else
MPPE_INLINE __u64 MPPE_LOAD_64(const void *from)
{
	__u64 value;

	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}

MPPE_INLINE void MPPE_STORE_64(void *to, __u64 value)
{
	__builtin_memcpy(to, &value, sizeof(value));
}
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MPPE_BE32(x) __builtin_bswap32(x)
#define MPPE_BYTE(value, n) ((__u64)(value) << 8 * (n)) /* the byte that stands nth in memory */
#else
#define MPPE_BE32(x) (x)
#define MPPE_BYTE(value, n) ((__u64)(value) << 8 * (7 - (n)))
#endif

#endif
