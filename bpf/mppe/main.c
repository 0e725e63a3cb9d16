// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Copyright (c) 2026 The xpppd authors */
/*
 * xppp_mppe: MPPE for the BPF programs of xpppd, by kfuncs (include/xpppd/mppe_kfunc.h). The
 * module has no state but scratch memory: keys stand in a BPF map, programs pass a pointer into
 * it, user space can write there. Nothing that comes in is trusted: offsets and lengths are
 * checked against the packet, and mppe_core.h trusts nothing in the keys.
 *
 * While a program that calls a kfunc is loaded, the kernel holds a reference to the module.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/filter.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <net/xdp.h>

#include "kernel.h"
#include "selftest.h"

/* Used with softirqs off: programs of one CPU do not interrupt each other, test runs of a process
 * are not interrupted by them. */
static DEFINE_PER_CPU(struct mppe_scratch, scratch);

/* From header on. The other CPU's packets do not wait for us here: they are dropped if they find
 * the lock taken for longer than anybody needs it. */
static int packet_decrypt(u8 *packet, u32 len, struct xp_mppe_dir *in)
{
	u32 header;
	int verdict;

	if (len <= XP_MPPE_HEADER)
		return XP_R_MPPE_HEADER;
	header = packet[0] << 8 | packet[1];
	local_bh_disable();
	verdict = mppe_linear_in(in, this_cpu_ptr(&scratch), header, packet + XP_MPPE_HEADER,
				 len - XP_MPPE_HEADER, MPPE_AHEAD);
	local_bh_enable();
	return verdict;
}

static int packet_encrypt(u8 *packet, u32 len, struct xp_mppe_dir *out)
{
	struct mppe_scratch *s;
	int verdict;

	if (len < XP_MPPE_HEADER)
		return XP_R_MPPE_HEADER;
	local_bh_disable();
	s = this_cpu_ptr(&scratch);
	verdict = mppe_linear_out(out, s, packet + XP_MPPE_HEADER, len - XP_MPPE_HEADER);
	if (!verdict) {
		packet[0] = s->header >> 8;
		packet[1] = s->header;
	}
	local_bh_enable();
	return verdict;
}

/* The bytes, or NULL if they are not all in the linear part. */
static u8 *xdp_bytes(struct xdp_md *context, u32 offset, u32 len)
{
	struct xdp_buff *xdp = (struct xdp_buff *)context;
	u8 *data = xdp->data, *end = xdp->data_end;
	u32 have = end - data;

	if (len > U16_MAX || offset > have || len > have - offset)
		return NULL;
	return data + offset;
}

/* Likewise, or if somebody else may look at them. Nothing may move: the verifier takes the
 * program's packet pointers for valid after the call. */
static u8 *skb_bytes(struct sk_buff *skb, u32 offset, u32 len)
{
	u32 have = skb_headlen(skb);

	if (len > U16_MAX || offset > have || len > have - offset)
		return NULL;
	if (skb_cloned(skb) && !skb_clone_writable(skb, offset + len))
		return NULL;
	return skb->data + offset;
}

/* A checksum that the device was to fill in is wanted before it is encrypted. The kernel would make
 * the packet's memory anew for it where that is shared, which must not happen here: it is made only
 * where the field is in the first `writable` bytes and no fragments follow. */
static bool skb_checksum_done(struct sk_buff *skb, u32 writable)
{
	u32 start;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return true;
	start = skb_checksum_start_offset(skb);
	if (skb_is_nonlinear(skb) || skb_is_gso(skb) || start >= writable ||
	    start + skb->csum_offset + sizeof(__sum16) > writable)
		return false;
	return skb_checksum_help(skb) == 0;
}

__bpf_kfunc_start_defs();

__bpf_kfunc int xppp_mppe_xdp_decrypt(struct xdp_md *context, u32 offset, u32 len,
				      struct xp_mppe_dir *in)
{
	u8 *bytes = xdp_bytes(context, offset, len);

	return bytes ? packet_decrypt(bytes, len, in) : XP_R_TRUNCATED;
}

__bpf_kfunc int xppp_mppe_xdp_encrypt(struct xdp_md *context, u32 offset, u32 len,
				      struct xp_mppe_dir *out)
{
	u8 *bytes = xdp_bytes(context, offset, len);

	return bytes ? packet_encrypt(bytes, len, out) : XP_R_TRUNCATED;
}

__bpf_kfunc int xppp_mppe_skb_decrypt(struct __sk_buff *context, u32 offset, u32 len,
				      struct xp_mppe_dir *in)
{
	struct sk_buff *skb = (struct sk_buff *)context;
	u8 *bytes = skb_bytes(skb, offset, len);

	if (!bytes)
		return XP_R_TRUNCATED;
	/* what the device found out was about other bytes */
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		skb->ip_summed = CHECKSUM_NONE;
	return packet_decrypt(bytes, len, in);
}

__bpf_kfunc int xppp_mppe_skb_encrypt(struct __sk_buff *context, u32 offset, u32 len,
				      struct xp_mppe_dir *out)
{
	struct sk_buff *skb = (struct sk_buff *)context;
	u8 *bytes = skb_bytes(skb, offset, len);

	if (!bytes || !skb_checksum_done(skb, offset + len))
		return XP_R_TRUNCATED;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return packet_encrypt(bytes, len, out);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(xdp_kfuncs)
BTF_ID_FLAGS(func, xppp_mppe_xdp_decrypt)
BTF_ID_FLAGS(func, xppp_mppe_xdp_encrypt)
BTF_KFUNCS_END(xdp_kfuncs)

BTF_KFUNCS_START(skb_kfuncs)
BTF_ID_FLAGS(func, xppp_mppe_skb_decrypt)
BTF_ID_FLAGS(func, xppp_mppe_skb_encrypt)
BTF_KFUNCS_END(skb_kfuncs)

static const struct btf_kfunc_id_set xdp_set = { .owner = THIS_MODULE, .set = &xdp_kfuncs };
static const struct btf_kfunc_id_set skb_set = { .owner = THIS_MODULE, .set = &skb_kfuncs };

static int __init xppp_mppe_init(void)
{
	int err = selftest();

	if (err)
		return err;
	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &xdp_set);
	return err ?: register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &skb_set);
}

/* The kernel forgets the kfuncs with the module's BTF. Keys do not stay in memory that others get. */
static void __exit xppp_mppe_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) memzero_explicit(per_cpu_ptr(&scratch, cpu), sizeof(scratch));
}

module_init(xppp_mppe_init);
module_exit(xppp_mppe_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_AUTHOR("The xpppd authors");
MODULE_DESCRIPTION("MPPE for the BPF programs of xpppd");
MODULE_VERSION(__stringify(XP_MPPE_VERSION));
