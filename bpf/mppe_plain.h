/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The plain home of MPPE: the core in the program itself, for machines without the module. What it
 * gives is called as the module's kfuncs are.
 *
 * RC4 works on a copy: in the packet each step would have to show the verifier where the packet
 * ends, and what turns out not to be ours has to stay as it came.
 */
#ifndef XPPPD_BPF_MPPE_PLAIN_H
#define XPPPD_BPF_MPPE_PLAIN_H

#include "packet.h"

#include "mppe/mppe_core.h"

#define MPPE_COPY_MAX XP_MPPE_PLAIN_MAX

struct mppe_cpu {
	struct mppe_scratch scratch;
	__u8 pad[16 - XP_MPPE_HEADER]; /* so that the payload is aligned */
	__u8 header[XP_MPPE_HEADER];
	__u8 payload[MPPE_COPY_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mppe_cpu);
} mppe_cpu SEC(".maps");

INLINE struct mppe_cpu *mppe_cpu_find(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&mppe_cpu, &zero);
}

/* Changes nothing in what is from 1 to MPPE_COPY_MAX, but shows the verifier that it is. */
INLINE __u32 mppe_bound(__u32 len)
{
	barrier_var(len);
	return ((len - 1) & (MPPE_COPY_MAX - 1)) + 1;
}

/* `len` bytes of payload but the first `from`, a multiple of 16. A global function: the verifier
 * goes through it once. */
__noinline int mppe_crypt(struct mppe_cpu *cpu, __u32 from, __u32 len)
{
	struct mppe_rc4 *rc4;
	__u32 i, x, y;

	if (!cpu || len <= from)
		return 0;
	rc4 = &cpu->scratch.rc4;
	x = rc4->x & 255;
	y = rc4->y & 255;
	for (i = from; i < MPPE_COPY_MAX && i + 16 <= len; i += 16) {
		__u8 *at = &cpu->payload[i & (MPPE_COPY_MAX - 16)];

		MPPE_STORE_64(at, MPPE_LOAD_64(at) ^ MPPE_NEXT_8(rc4));
		MPPE_STORE_64(at + 8, MPPE_LOAD_64(at + 8) ^ MPPE_NEXT_8(rc4));
	}
	for (i = 0; i < (len & 15); i++)
		cpu->payload[((len & ~15u) + i) & (MPPE_COPY_MAX - 1)] ^= MPPE_NEXT(rc4);
	rc4->x = x;
	rc4->y = y;
	return 0;
}

INLINE int mppe_plain_decrypt(struct packet p, __u32 offset, __u32 len, struct xp_mppe_dir *in)
{
	struct mppe_cpu *cpu = mppe_cpu_find();
	int verdict;

	if (!in || !cpu)
		return XP_R_MPPE_KEYS;
	if (len < XP_MPPE_HEADER)
		return XP_R_MPPE_HEADER;
	if (len > MPPE_COPY_MAX)
		return XP_R_P_MPPE;
	if (packet_copy(&p, offset, cpu->header, mppe_bound(len)))
		return XP_R_TRUNCATED;
	__builtin_memcpy(cpu->scratch.head, cpu->payload, MPPE_HEAD);
	len -= XP_MPPE_HEADER;
	/* not mppe_in_begin(): each call takes of the stack, and most of it is needed for SHA-1 */
	verdict = mppe_in_begin_far(in, &cpu->scratch, cpu->header[0] << 8 | cpu->header[1], len,
				    MPPE_AHEAD);
	if (verdict)
		return verdict;
	__builtin_memcpy(cpu->payload, cpu->scratch.head, MPPE_HEAD);
	mppe_crypt(cpu, MPPE_HEAD, len);
	mppe_in_end(in, &cpu->scratch);
	len += XP_MPPE_HEADER;
	return packet_store(&p, offset, cpu->header, mppe_bound(len)) ? XP_R_TRUNCATED : 0;
}

INLINE int mppe_plain_encrypt(struct packet p, __u32 offset, __u32 len, struct xp_mppe_dir *out)
{
	struct mppe_cpu *cpu = mppe_cpu_find();
	int verdict;

	if (!out || !cpu)
		return XP_R_MPPE_KEYS;
	if (len < XP_MPPE_HEADER || len > MPPE_COPY_MAX)
		return XP_R_MPPE_HEADER;
	if (packet_copy(&p, offset, cpu->header, mppe_bound(len)))
		return XP_R_TRUNCATED;
	verdict = mppe_out_begin(out, &cpu->scratch);
	if (verdict)
		return verdict;
	cpu->header[0] = cpu->scratch.header >> 8;
	cpu->header[1] = cpu->scratch.header;
	mppe_crypt(cpu, 0, len - XP_MPPE_HEADER);
	mppe_out_end(out, &cpu->scratch);
	return packet_store(&p, offset, cpu->header, mppe_bound(len)) ? XP_R_TRUNCATED : 0;
}

__noinline int mppe_xdp_decrypt(struct xdp_md *ctx, __u32 offset, __u32 len, struct xp_mppe_dir *in)
{
	return mppe_plain_decrypt((struct packet){ .hook = HOOK_XDP, .ctx = ctx }, offset, len, in);
}

__noinline int mppe_xdp_encrypt(struct xdp_md *ctx, __u32 offset, __u32 len,
				struct xp_mppe_dir *out)
{
	return mppe_plain_encrypt((struct packet){ .hook = HOOK_XDP, .ctx = ctx }, offset, len,
				  out);
}

__noinline int mppe_skb_decrypt(struct __sk_buff *skb, __u32 offset, __u32 len,
				struct xp_mppe_dir *in)
{
	return mppe_plain_decrypt((struct packet){ .hook = HOOK_TC, .ctx = skb }, offset, len, in);
}

__noinline int mppe_skb_encrypt(struct __sk_buff *skb, __u32 offset, __u32 len,
				struct xp_mppe_dir *out)
{
	return mppe_plain_encrypt((struct packet){ .hook = HOOK_TC, .ctx = skb }, offset, len, out);
}

#endif
