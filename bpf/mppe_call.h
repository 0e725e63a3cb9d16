/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MPPE as the programs see it that leave it to those of mppe.bpf.c: they call these, and do not come
 * back. What was counted before is counted again there, so nothing is that does not bear it. If no
 * home of MPPE is loaded, the packet is the agent's.
 */
#ifndef XPPPD_BPF_MPPE_CALL_H
#define XPPPD_BPF_MPPE_CALL_H

#include "ppp.h"

/* Loads the packet anew if it comes back: to newer kernels a tail call may have changed it. */
INLINE enum xp_reason mppe_call(struct packet *p, enum xp_mppe_entry entry)
{
	if (p->hook == HOOK_XDP)
		bpf_tail_call(p->ctx, &mppe_xdp, entry);
	else
		bpf_tail_call(p->ctx, &mppe_tc, entry);
	packet_load(p);
	return XP_R_P_MPPE;
}

/* Nothing is too long for who does not encrypt. */
INLINE bool mppe_takes(const struct packet *p, __u32 len)
{
	return true;
}

/* Never asked: mppe_call() comes before. */
INLINE enum xp_reason mppe_encrypt(struct packet *p, const struct xp_session_down *line,
				   __u32 offset, __u32 len)
{
	return XP_R_P_MPPE;
}

#endif
