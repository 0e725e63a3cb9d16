/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MPPE (RFC 3078, keys of RFC 3079) in one source for three homes: BPF programs (clang 14,
 * -mcpu=v3, Linux 6.1), the kernel module and the agent. Before including it, provide
 * __u8..__u64.
 *
 * A packet to be sent, its payload (PPP protocol and IP packet) in place:
 *     verdict = mppe_out_begin(dir, s);        s->header: the two bytes before the payload
 *     crypt the whole payload with s->rc4
 *     mppe_out_end(dir, s);
 * A packet that came in, its header 16 bits, len what follows the header:
 *     copy the first min(len, MPPE_HEAD) bytes of the payload to s->head
 *     verdict = mppe_in_begin(dir, s, header, len);
 *     write s->head back; crypt the rest of the payload, from byte MPPE_HEAD on, with s->rc4
 *     mppe_in_end(dir, s);
 * A verdict is 0 or why the packet goes no further (enum xp_reason; XP_R_P_MPPE_AHEAD is for the
 * agent), perhaps with XP_MPPE_TELL in it. After another verdict than 0 nothing is owed and
 * s->head is garbage; after 0 the end has to be called, in stateful mode it gives the lock back.
 * To crypt: mppe_rc4_16() and mppe_rc4_1(), for linear memory outside BPF mppe_rc4_crypt().
 *
 * s, the scratch memory, is the CPU's own from begin to end and need not be initialized. dir is
 * shared with other CPUs and with the agent, and user space could write anything into it: nothing
 * in it is an index, a length or a bound without a mask.
 *
 * Stateless: the keys are copied under the lock, and only key changes of what we send are made
 * under it. The count that came with a packet and its key are kept in `dir` when the packet's
 * first bytes decrypted to an IP header, not before: a forged count costs MPPE_AHEAD key changes
 * at most and changes nothing. XP_MPPE_LATE older packets are accepted, each once.
 *
 * Stateful: RC4 goes on from packet to packet, so two CPUs have to take turns anyway: the lock is
 * held from begin to end. What came in is proved in the same way before it changes the state.
 *
 * Loops end where they have nothing more to do, instead of going on without effect: the verifier of
 * Linux 6.1 would follow each combination of steps left out.
 *
 * The two ways to begin anew. RFC 3078 initializes RC4 with the present key for a flushed packet;
 * Linux' pppd also changes the key. Coming in, both are tried, the IP header tells. Going out, the
 * count jumps to the next one that asks for a key change of everybody (its low byte is 0xff; the
 * jump looks like further losses): there both mean the same.
 */
#ifndef XPPPD_MPPE_CORE_H
#define XPPPD_MPPE_CORE_H

#include <xpppd/mppe.h>
#include <xpppd/reason.h>

#include "mppe_home.h"
#include "mppe_rc4.h"
#include "mppe_sha1.h"

#define MPPE_FLUSHED 0x8000    /* A: RC4 was initialized for this packet */
#define MPPE_COMPRESSED 0x2000 /* C */
#define MPPE_ENCRYPTED 0x1000  /* D */
#define MPPE_COUNT 0xfff

#define MPPE_HEAD 64  /* protocol and IPv4 header are no longer */
#define MPPE_AHEAD 32 /* key changes for a packet in the kernel */
#define MPPE_LATE 64
#define MPPE_FAR 4095 /* key changes for a packet in the agent */

/* The largest number of key changes that this home ever makes for a packet. */
#ifdef __bpf__
#define MPPE_CHANGES MPPE_AHEAD
#else
#define MPPE_CHANGES MPPE_FAR
#endif

union mppe_key {
	__u8 byte[XP_MPPE_KEY];
	__u32 word[XP_MPPE_KEY / 4];
	__u64 half[XP_MPPE_KEY / 8];
};

struct mppe_scratch {
	struct mppe_rc4 rc4;
	__u8 head[MPPE_HEAD];
	__u16 header; /* of the packet to be sent */

	/* the core's own from here on */
	__u8 bits, flags; /* as they were when the packet began */
	__u16 count;      /* of the packet */
	__u16 changes;    /* that led to its key */
	__u16 epoch;
	union mppe_key start, key, mix;
	__u8 cipher[MPPE_HEAD]; /* the head as it came */
	__u32 digest[6];
	__u32 block[32]; /* SHA-1's input: two blocks */
	__u32 schedule[16];
	__u8 past[16][XP_MPPE_KEY];
};

MPPE_INLINE int mppe_wide(const struct mppe_scratch *s)
{
	return s->bits == XP_MPPE_128;
}

/* ---- keys */

/* A shorter key leaves its other half as the first: RC4 takes it for the same. Bits that export
 * rules took away are set to what everybody knows (RFC 3078, sections 7.1 and 7.2). */
MPPE_INLINE void mppe_key_reduce(struct mppe_scratch *s)
{
	if (mppe_wide(s))
		return;
	s->key.byte[0] = 0xd1;
	if (s->bits == XP_MPPE_40) {
		s->key.byte[1] = 0x26;
		s->key.byte[2] = 0x9e;
	}
	s->key.half[1] = s->key.half[0];
}

/* What stays in SHA-1's input as long as the start key does: start key, 40 zeroes, key,
 * 40 times f2 (RFC 3079, section 3.3), SHA-1's own padding. Always two blocks. */
MPPE_INLINE void mppe_key_prepare(struct mppe_scratch *s)
{
	__u32 key_words = mppe_wide(s) ? 4 : 2;
	__u32 end = 20 + 2 * key_words, i;

	__builtin_memset(s->block, 0, sizeof(s->block));
	for (i = 0; i < 4; i++)
		if (i < key_words)
			s->block[i] = MPPE_BE32(s->start.word[i]);
	for (i = 0; i < 10; i++)
		s->block[(end - 10 + i) & 31] = 0xf2f2f2f2;
	s->block[end & 31] = 0x80000000;
	s->block[31] = end * 32;
}

/* GetNewKeyFromSHA: mix is what comes out, once more in its second half if keys are short. */
MPPE_FUNCTION mppe_key_mix(struct mppe_scratch *s)
{
	__u32 at, i;

	MPPE_POINTERS(s, s);
	at = mppe_wide(s) ? 14 : 12;
	for (i = 0; i < 4; i++)
		if (i < 2 || mppe_wide(s))
			s->block[(at + i) & 31] = MPPE_BE32(s->key.word[i]);
	s->digest[0] = 0x67452301;
	s->digest[1] = 0xefcdab89;
	s->digest[2] = 0x98badcfe;
	s->digest[3] = 0x10325476;
	s->digest[4] = 0xc3d2e1f0;
	mppe_sha1_add(s->digest, s->block, s->schedule);
	mppe_sha1_add(s->digest, s->block + 16, s->schedule);
	for (i = 0; i < 4; i++)
		s->mix.word[i] = MPPE_BE32(s->digest[i]);
	if (!mppe_wide(s))
		s->mix.half[1] = s->mix.half[0];
	return 0;
}

/* RC4 for the present key. */
MPPE_FUNCTION mppe_key_use(struct mppe_scratch *s)
{
	MPPE_POINTERS(s, s);
	mppe_rc4_begin(&s->rc4, s->key.byte);
	return 0;
}

/* The next session key (RFC 3078, section 7.3): the mix, encrypted with itself. */
MPPE_FUNCTION mppe_key_change(struct mppe_scratch *s)
{
	MPPE_POINTERS(s, s);
	mppe_key_mix(s);
	s->key = s->mix;
	mppe_key_use(s);
	mppe_rc4_16(&s->rc4, s->key.byte);
	mppe_key_reduce(s);
	return 0;
}

/* ---- the state: copied under the lock, because others may change it at any time */

/* Whether the lock could be had. Bounded: the state could say for ever that somebody has it. */
MPPE_FUNCTION mppe_lock(struct xp_mppe_dir *dir)
{
	int i;

	MPPE_POINTERS(dir, dir);
	for (i = 0; i < MPPE_TRIES; i++)
		if (MPPE_TAKE(&dir->lock))
			return 1;
	return 0;
}

MPPE_INLINE void mppe_unlock(struct xp_mppe_dir *dir)
{
	MPPE_GIVE(&dir->lock);
}

/* Takes the lock and the keys. 0, or why not, and then the lock is free. */
MPPE_FUNCTION mppe_take(struct xp_mppe_dir *dir, struct mppe_scratch *s)
{
	MPPE_POINTERS(dir, s);
	if (mppe_lock(dir) != 1)
		return XP_R_MPPE_BUSY;
	s->bits = dir->bits;
	s->flags = dir->flags;
	s->epoch = dir->epoch;
	if (s->bits < XP_MPPE_40 || s->bits > XP_MPPE_128) {
		mppe_unlock(dir);
		return XP_R_MPPE_KEYS;
	}
	__builtin_memcpy(&s->start, dir->start, sizeof(s->start));
	__builtin_memcpy(&s->key, dir->session, sizeof(s->key));
	return 0;
}

/* Stateful: leaves key and RC4 as they are now for the next packet. Whoever slept too long with the
 * lock finds other keys: they are not touched, and the lock is somebody else's. */
MPPE_INLINE void mppe_leave(struct xp_mppe_dir *dir, struct mppe_scratch *s, __u8 flags)
{
	if (dir->epoch != s->epoch)
		return;
	__builtin_memcpy(dir->session, &s->key, sizeof(s->key));
	__builtin_memcpy(dir->rc4, s->rc4.s, sizeof(dir->rc4));
	dir->x = s->rc4.x;
	dir->y = s->rc4.y;
	dir->count = s->count;
	dir->flags = flags;
	mppe_unlock(dir);
}

/* Stateful: RC4 as the last packet left it. */
MPPE_INLINE void mppe_resume(struct mppe_scratch *s, const struct xp_mppe_dir *dir)
{
	__builtin_memcpy(s->rc4.s, dir->rc4, sizeof(dir->rc4));
	s->rc4.x = dir->x;
	s->rc4.y = dir->y;
}

#ifndef __bpf__
/* A direction with fresh keys: `start` has 8 bytes, or 16 with XP_MPPE_128. Nobody else uses the
 * state yet. */
MPPE_INLINE void mppe_setup(struct xp_mppe_dir *dir, struct mppe_scratch *s, const __u8 *start,
			    __u8 bits, __u8 flags)
{
	__builtin_memset(dir, 0, sizeof(*dir));
	__builtin_memset(&s->start, 0, sizeof(s->start));
	s->bits = bits;
	__builtin_memcpy(&s->start, start, mppe_wide(s) ? 16 : 8);
	s->key = s->start;
	mppe_key_prepare(s);
	mppe_key_mix(s);
	s->key = s->mix;
	mppe_key_reduce(s);
	mppe_key_use(s);
	s->count = MPPE_COUNT;
	s->epoch = dir->epoch;
	dir->bits = bits;
	dir->seen = ~0ull;
	__builtin_memcpy(dir->start, &s->start, sizeof(s->start));
	if (flags & XP_MPPE_F_STATEFUL)
		mppe_leave(dir, s, flags);
	dir->flags = flags;
	dir->count = s->count;
	__builtin_memcpy(dir->session, &s->key, sizeof(s->key));
}
#endif

/* ---- packets that are sent */

MPPE_FUNCTION mppe_out_begin(struct xp_mppe_dir *dir, struct mppe_scratch *s)
{
	int verdict, anew;

	MPPE_POINTERS(dir, s);
	verdict = mppe_take(dir, s);
	if (verdict)
		return verdict;
	s->count = dir->count + 1;
	if (s->flags & XP_MPPE_F_STATEFUL) {
		if (s->flags & XP_MPPE_F_FLUSH)
			s->count |= 0xff;
		anew = (s->count & 0xff) == 0xff;
	} else {
		anew = 1;
	}
	s->count &= MPPE_COUNT;
	if (anew) {
		mppe_key_prepare(s);
		mppe_key_change(s);
	}
	if (s->flags & XP_MPPE_F_STATEFUL) {
		mppe_resume(s, dir);
	} else {
		dir->count = s->count;
		__builtin_memcpy(dir->session, &s->key, sizeof(s->key));
		mppe_unlock(dir);
	}
	if (anew)
		mppe_key_use(s);
	s->header = MPPE_ENCRYPTED | (anew ? MPPE_FLUSHED : 0) | s->count;
	return 0;
}

MPPE_FUNCTION mppe_out_end(struct xp_mppe_dir *dir, struct mppe_scratch *s)
{
	MPPE_POINTERS(dir, s);
	if (s->flags & XP_MPPE_F_STATEFUL)
		mppe_leave(dir, s, s->flags & ~XP_MPPE_F_FLUSH);
	return 0;
}

/* ---- proof that a key was right: the IP header in what it decrypted */

MPPE_FUNCTION mppe_plausible_ipv4(const struct mppe_scratch *s, __u32 at, __u32 len)
{
	__u32 i, header, total, sum = 0;

	MPPE_POINTERS(s, s);
	at = at == 1 ? 1 : 2;
	header = (s->head[at] & 15) * 4;
	total = s->head[at + 2] << 8 | s->head[at + 3];
	if (s->head[at] >> 4 != 4 || header < 20 || total < header || total > len - at)
		return 0;
	for (i = 0; i < 60 && i < header; i += 2)
		sum += s->head[at + i] << 8 | s->head[at + i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff || sum == 0x1fffe;
}

/* IPv6 is not forwarded, but it proves the key as well: sent by who has it. */
MPPE_FUNCTION mppe_plausible_ipv6(const struct mppe_scratch *s, __u32 at, __u32 len)
{
	MPPE_POINTERS(s, s);
	at = at == 1 ? 1 : 2;
	return s->head[at] >> 4 == 6 &&
	       (__u32)(s->head[at + 4] << 8 | s->head[at + 5]) + 40 == len - at;
}

/* The protocol field may be compressed to one byte, which is odd then. */
MPPE_INLINE int mppe_plausible(const struct mppe_scratch *s, __u32 len)
{
	__u32 at = s->head[0] & 1 ? 1 : 2;
	__u32 protocol = at == 1 ? s->head[0] : s->head[0] << 8 | s->head[1];

	if (len < at + 20)
		return 0;
	if (protocol == 0x21)
		return mppe_plausible_ipv4(s, at, len);
	return protocol == 0x57 && mppe_plausible_ipv6(s, at, len);
}

/* Decrypts the head with the key that s->rc4 stands for, exactly len bytes if the packet is
 * shorter than the head. Whether the result proves the key. */
MPPE_FUNCTION mppe_try(struct mppe_scratch *s, __u32 len)
{
	__u32 at;

	MPPE_POINTERS(s, s);
	for (at = 0; at < MPPE_HEAD && at + 16 <= len; at += 16)
		mppe_rc4_16(&s->rc4, s->head + at);
	for (; at < MPPE_HEAD && at < len; at++)
		mppe_rc4_1(&s->rc4, s->head + at);
	return mppe_plausible(s, len);
}

/* ---- packets that come in, stateless */

/* How many key changes lead to a packet's key from the one in s->key; negative: why it is not
 * accepted. Under the lock. */
MPPE_INLINE int mppe_stateless_way(const struct xp_mppe_dir *dir, struct mppe_scratch *s,
				   __u32 ahead_max)
{
	__u32 ahead = (s->count - dir->count) & MPPE_COUNT;
	__u32 late = (dir->count - s->count) & MPPE_COUNT;

	if (late < MPPE_LATE) {
		if (dir->seen >> late & 1)
			return -XP_R_MPPE_COUNT;
		__builtin_memcpy(&s->key, dir->past[s->count >> 3 & 15], sizeof(s->key));
		return s->count & 7;
	}
	return ahead <= ahead_max ? (int)ahead : -XP_R_P_MPPE_AHEAD;
}

/* Goes the way, and keeps the keys of counts that are a multiple of eight. */
MPPE_INLINE void mppe_stateless_go(struct mppe_scratch *s)
{
	__u32 count = s->count - s->changes, i;

	mppe_key_prepare(s);
	for (i = 0; i < MPPE_CHANGES && i < s->changes; i++) {
		mppe_key_change(s);
		count++;
		if ((count & 7) == 0)
			__builtin_memcpy(s->past[count >> 3 & 15], &s->key, sizeof(s->key));
	}
}

/* The packet is the newest now. Under the lock. */
MPPE_INLINE void mppe_stateless_advance(struct xp_mppe_dir *dir, const struct mppe_scratch *s,
					__u32 ahead)
{
	__u32 i;

	dir->seen = (ahead < 64 ? dir->seen << ahead : 0) | 1;
	dir->count = s->count;
	__builtin_memcpy(dir->session, &s->key, sizeof(s->key));
	for (i = 0; i < 16; i++) {
		__u32 back = 8 * i + (s->count & 7);
		__u32 n = ((s->count >> 3) - i) & 15;

		if (back >= s->changes)
			break;
		__builtin_memcpy(dir->past[n], s->past[n], XP_MPPE_KEY);
	}
}

/* Others may have been here meanwhile: a newer packet makes this a late one, new keys void it. */
MPPE_FUNCTION mppe_stateless_keep(struct xp_mppe_dir *dir, struct mppe_scratch *s)
{
	__u32 ahead, late;
	int verdict = 0;

	MPPE_POINTERS(dir, s);
	if (mppe_lock(dir) != 1)
		return XP_R_MPPE_BUSY;
	ahead = (s->count - dir->count) & MPPE_COUNT;
	late = (dir->count - s->count) & MPPE_COUNT;
	if (dir->epoch != s->epoch)
		verdict = XP_R_MPPE_KEYS;
	else if (late < MPPE_LATE && !(dir->seen >> late & 1))
		dir->seen |= 1ull << late;
	else if (late >= MPPE_LATE && ahead <= s->changes)
		mppe_stateless_advance(dir, s, ahead);
	else
		verdict = XP_R_MPPE_COUNT;
	mppe_unlock(dir);
	return verdict;
}

MPPE_FUNCTION mppe_stateless_in(struct xp_mppe_dir *dir, struct mppe_scratch *s, __u32 len,
				__u32 ahead_max)
{
	int way;

	MPPE_POINTERS(dir, s);
	way = mppe_stateless_way(dir, s, ahead_max);
	mppe_unlock(dir);
	if (way < 0)
		return -way;
	s->changes = way;
	mppe_stateless_go(s);
	mppe_key_use(s);
	if (mppe_try(s, len) != 1)
		return XP_R_MPPE_GARBAGE;
	return mppe_stateless_keep(dir, s);
}

/* ---- packets that come in, stateful */

/* RC4 begins anew after `changes` key changes, and after one more if that does not prove right. */
MPPE_FUNCTION mppe_stateful_anew(struct mppe_scratch *s, __u32 len, __u32 changes)
{
	__u32 i;

	MPPE_POINTERS(s, s);
	mppe_key_prepare(s);
	for (i = 0; i < 17 && i < changes; i++)
		mppe_key_change(s);
	__builtin_memcpy(s->cipher, s->head, sizeof(s->cipher));
	mppe_key_use(s);
	if (mppe_try(s, len) == 1)
		return 0;
	__builtin_memcpy(s->head, s->cipher, sizeof(s->head));
	mppe_key_change(s);
	mppe_key_use(s);
	return mppe_try(s, len) == 1 ? 0 : XP_R_MPPE_GARBAGE;
}

/* A packet that is not the one expected, or is expected flushed. Key changes stand at the counts
 * whose low byte is 0xff, RC4 begins anew there; those that are missing are caught up with. */
MPPE_INLINE int mppe_stateful_jump(struct xp_mppe_dir *dir, struct mppe_scratch *s, __u32 len,
				   __u32 expected, int flushed)
{
	__u32 changes = ((s->count >> 8) - (expected >> 8)) & 15;
	int flag = (s->count & 0xff) == 0xff;

	if (((expected - s->count - 1) & MPPE_COUNT) < MPPE_LATE)
		return XP_R_MPPE_COUNT;
	if (flushed || flag)
		return mppe_stateful_anew(s, len, changes + flag);
	if (s->flags & XP_MPPE_F_LOST)
		return XP_R_MPPE_COUNT;
	dir->flags |= XP_MPPE_F_LOST;
	return XP_R_MPPE_COUNT | XP_MPPE_TELL;
}

/* Keeps the lock if the verdict is 0. */
MPPE_FUNCTION mppe_stateful_in(struct xp_mppe_dir *dir, struct mppe_scratch *s, __u32 len,
			       __u32 flushed)
{
	__u32 expected;
	int verdict;

	MPPE_POINTERS(dir, s);
	expected = (dir->count + 1) & MPPE_COUNT;
	if (s->count != expected || s->flags & XP_MPPE_F_LOST || flushed ||
	    (s->count & 0xff) == 0xff) {
		verdict = mppe_stateful_jump(dir, s, len, expected, flushed);
	} else {
		mppe_resume(s, dir);
		verdict = mppe_try(s, len) == 1 ? 0 : XP_R_MPPE_GARBAGE;
	}
	if (verdict)
		mppe_unlock(dir);
	return verdict;
}

/* ---- packets that come in */

/* ahead_max: key changes that a count ahead may cost, at most MPPE_CHANGES. */
MPPE_INLINE int mppe_in_begin_far(struct xp_mppe_dir *dir, struct mppe_scratch *s, __u32 header,
				  __u32 len, __u32 ahead_max)
{
	int verdict;

	if ((header & (MPPE_ENCRYPTED | MPPE_COMPRESSED)) != MPPE_ENCRYPTED || len == 0)
		return XP_R_MPPE_HEADER;
	verdict = mppe_take(dir, s);
	if (verdict)
		return verdict;
	s->count = header & MPPE_COUNT;
	if (s->flags & XP_MPPE_F_STATEFUL)
		return mppe_stateful_in(dir, s, len, header & MPPE_FLUSHED);
	if (header & MPPE_FLUSHED)
		return mppe_stateless_in(dir, s, len, ahead_max);
	mppe_unlock(dir);
	return XP_R_MPPE_HEADER;
}

MPPE_FUNCTION mppe_in_begin(struct xp_mppe_dir *dir, struct mppe_scratch *s, __u32 header,
			    __u32 len)
{
	MPPE_POINTERS(dir, s);
	return mppe_in_begin_far(dir, s, header, len, MPPE_AHEAD);
}

MPPE_FUNCTION mppe_in_end(struct xp_mppe_dir *dir, struct mppe_scratch *s)
{
	MPPE_POINTERS(dir, s);
	if (s->flags & XP_MPPE_F_STATEFUL)
		mppe_leave(dir, s, s->flags & ~XP_MPPE_F_LOST);
	return 0;
}

#endif
