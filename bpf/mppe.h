/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What MPPE means to the way of a packet, wherever it is done: mppe_call.h or mppe_here.h. */
#ifndef XPPPD_BPF_MPPE_H
#define XPPPD_BPF_MPPE_H

#include "ip.h"

/* What the session has and what the program does are not the same. */
INLINE bool mppe_is_elsewhere(const struct packet *p, const struct xp_session_down *line)
{
	return p->encrypt != !!(line->flags & XP_F_MPPE);
}

/* Nor can the program do it with an IP packet of this length. */
INLINE bool mppe_is_left(const struct packet *p, const struct xp_session_down *line, __u32 len)
{
	return mppe_is_elsewhere(p, line) || !mppe_takes(p, len);
}

/* What stands between PPP's protocol field and the IP packet. */
INLINE __u32 mppe_extra(const struct packet *p)
{
	return p->encrypt ? XP_MPPE_OVERHEAD : 0;
}

INLINE __u16 mppe_protocol(const struct packet *p)
{
	return p->encrypt ? PPP_MPPE : PPP_IPV4;
}

/* Encrypts the IP packet at `offset`, in front of which there is room for mppe_extra(). Invalidates
 * pointers into the packet. */
INLINE enum xp_reason mppe_seal(struct packet *p, const struct xp_session_down *line, __u32 offset,
				__u32 len)
{
	return p->encrypt ? mppe_encrypt(p, line, offset - XP_MPPE_OVERHEAD, len) : XP_R_NONE;
}

#endif
