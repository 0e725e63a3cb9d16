/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MPPE as the programs see it that do it, with the module's kfuncs or with what is in mppe_plain.h.
 * Both work on a session's state in `mppe`, so that one can take over from the other at any time.
 */
#ifndef XPPPD_BPF_MPPE_HERE_H
#define XPPPD_BPF_MPPE_HERE_H

#include "event.h"
#include "mppe_plain.h"
#include "ppp.h"

#include <xpppd/mppe_kfunc.h>

/* A constant to the verifier: without the module it does not see the kfuncs' calls. */
const volatile bool mppe_kfuncs = false;

/* Never asked: nothing is elsewhere. */
INLINE enum xp_reason mppe_call(const struct packet *p, enum xp_mppe_entry entry)
{
	return XP_R_P_MPPE;
}

/* An IP packet of `len` bytes. */
INLINE bool mppe_takes(const struct packet *p, __u32 len)
{
	return !p->encrypt || mppe_kfuncs || XP_MPPE_OVERHEAD + len <= MPPE_COPY_MAX;
}

INLINE struct xp_mppe *mppe_state(__u32 slot)
{
	__u32 index = slot / XP_MPPE_SLAB, entry = slot % XP_MPPE_SLAB;
	void *slab = bpf_map_lookup_elem(&mppe, &index);

	return slab ? bpf_map_lookup_elem(slab, &entry) : NULL;
}

INLINE int mppe_do_decrypt(struct packet *p, __u32 offset, __u32 len, struct xp_mppe_dir *in)
{
	if (!mppe_kfuncs)
		return p->hook == HOOK_XDP ? mppe_xdp_decrypt(p->ctx, offset, len, in)
					   : mppe_skb_decrypt(p->ctx, offset, len, in);
	if (p->hook == HOOK_XDP)
		return xppp_mppe_xdp_decrypt(p->ctx, offset, len, in);
	bpf_skb_pull_data(p->ctx, offset + len);
	return xppp_mppe_skb_decrypt(p->ctx, offset, len, in);
}

INLINE int mppe_do_encrypt(struct packet *p, __u32 offset, __u32 len, struct xp_mppe_dir *out)
{
	if (!mppe_kfuncs)
		return p->hook == HOOK_XDP ? mppe_xdp_encrypt(p->ctx, offset, len, out)
					   : mppe_skb_encrypt(p->ctx, offset, len, out);
	if (p->hook == HOOK_XDP)
		return xppp_mppe_xdp_encrypt(p->ctx, offset, len, out);
	bpf_skb_pull_data(p->ctx, offset + len);
	return xppp_mppe_skb_encrypt(p->ctx, offset, len, out);
}

/* If that fails the next packet begins the loss anew. */
INLINE void mppe_tell(const struct xp_session_up *line, __u32 slot, struct xp_mppe_dir *in)
{
	if (event_tell(line, slot, XP_EVENT_MPPE_LOST) || mppe_lock(in) != 1)
		return;
	in->flags &= ~XP_MPPE_F_LOST;
	mppe_unlock(in);
}

/* A frame of a session with keys; XP_R_NONE: ppp is the IPv4 packet that was inside. Invalidates
 * pointers into the packet. */
INLINE enum xp_reason mppe_decrypt(struct packet *p, struct xp_session_up *line, __u32 slot,
				   struct ppp *ppp)
{
	struct xp_mppe *state = mppe_state(slot);
	int verdict;

	if (!state)
		return XP_R_MPPE_KEYS;
	verdict = mppe_do_decrypt(p, ppp->offset, ppp->len, &state->in);
	packet_load(p);
	if (verdict & XP_MPPE_TELL)
		mppe_tell(line, slot, &state->in);
	if (verdict)
		return verdict & (XP_MPPE_TELL - 1);
	ppp->offset += XP_MPPE_HEADER;
	ppp->len -= XP_MPPE_HEADER;
	if (ppp_parse_payload(p, ppp) || ppp->protocol != PPP_IPV4)
		return XP_R_MPPE_GARBAGE;
	return XP_R_NONE;
}

/* The IP packet of `len` bytes stands behind the room for header and protocol field at offset. */
INLINE enum xp_reason mppe_encrypt(struct packet *p, const struct xp_session_down *line,
				   __u32 offset, __u32 len)
{
	struct xp_mppe *state = mppe_state(line->slot);
	__be16 *protocol = p->data + offset + XP_MPPE_HEADER;
	int verdict;

	if (!state)
		return XP_R_MPPE_KEYS;
	if ((void *)(protocol + 1) > p->end)
		return XP_R_HEADROOM;
	*protocol = bpf_htons(PPP_IPV4);
	verdict = mppe_do_encrypt(p, offset, XP_MPPE_OVERHEAD + len, &state->out);
	packet_load(p);
	return verdict & (XP_MPPE_TELL - 1);
}

#endif
