/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The kernel module's kfuncs, each called as it is: a frame, where in it, one state. */
#include <linux/types.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <xpppd/mppe_kfunc.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct xp_mppe);
} states SEC(".maps");

__u32 offset, len;
int verdict;

static __always_inline struct xp_mppe *state(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&states, &zero);
}

SEC("xdp")
int xdp_in(struct xdp_md *context)
{
	struct xp_mppe *mppe = state();

	if (mppe)
		verdict = xppp_mppe_xdp_decrypt(context, offset, len, &mppe->in);
	return XDP_PASS;
}

SEC("xdp")
int xdp_out(struct xdp_md *context)
{
	struct xp_mppe *mppe = state();

	if (mppe)
		verdict = xppp_mppe_xdp_encrypt(context, offset, len, &mppe->out);
	return XDP_PASS;
}

SEC("tc")
int tc_in(struct __sk_buff *context)
{
	struct xp_mppe *mppe = state();

	if (mppe)
		verdict = xppp_mppe_skb_decrypt(context, offset, len, &mppe->in);
	return 0;
}

SEC("tc")
int tc_out(struct __sk_buff *context)
{
	struct xp_mppe *mppe = state();

	if (mppe)
		verdict = xppp_mppe_skb_encrypt(context, offset, len, &mppe->out);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
