/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The kfuncs of xppp_mppe.ko, for XDP and sched_cls programs. They do all that bpf/mppe/mppe_core.h
 * says about a packet, in place. Before including it, provide <linux/bpf.h> and bpf_helpers.h.
 *
 * offset: of the MPPE header from the packet's start (context.data); len: header and payload.
 * Decrypting, the header is read and the payload becomes clear text. Encrypting, the payload
 * stands behind two bytes of room, which become the header.
 *
 * They return the core's verdict: 0, or an enum xp_reason, perhaps with XP_MPPE_TELL in it; after
 * another verdict than 0 the payload may be garbage. XP_R_TRUNCATED: the bytes are not in the
 * linear part, or not writable: a tc program calls bpf_skb_pull_data(skb, offset + len) first.
 * Packet pointers of the program stay valid.
 *
 * Weak: calls stand behind a constant in rodata that says whether the module is there
 * (/sys/kernel/btf/xppp_mppe exists), because libbpf 1.1 cannot ask.
 */
#ifndef XPPPD_MPPE_KFUNC_H
#define XPPPD_MPPE_KFUNC_H

#include <xpppd/mppe.h>

extern int xppp_mppe_xdp_decrypt(struct xdp_md *context, __u32 offset, __u32 len,
				 struct xp_mppe_dir *in) __ksym __weak;
extern int xppp_mppe_xdp_encrypt(struct xdp_md *context, __u32 offset, __u32 len,
				 struct xp_mppe_dir *out) __ksym __weak;
extern int xppp_mppe_skb_decrypt(struct __sk_buff *context, __u32 offset, __u32 len,
				 struct xp_mppe_dir *in) __ksym __weak;
extern int xppp_mppe_skb_encrypt(struct __sk_buff *context, __u32 offset, __u32 len,
				 struct xp_mppe_dir *out) __ksym __weak;

#endif
