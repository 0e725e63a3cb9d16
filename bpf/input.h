/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A packet's way through the sources: hook_xdp.h or hook_tc.h, behind packet.h -> frame.h (VLANs) ->
 * up.h (ppp.h, session.h, l2tp.h, pptp.h, route.h) or down.h (l2tp_out.h, pptp_out.h);
 * packet_refuse() counts what is not forwarded. Which of mppe_call.h and mppe_here.h was included
 * before says where MPPE is done.
 */
#ifndef XPPPD_BPF_INPUT_H
#define XPPPD_BPF_INPUT_H

#include "up.h"

INLINE int attached_input(struct packet p)
{
	struct xp_session_down *line;
	enum xp_reason reason;
	struct up up = { 0 };
	struct frame f;
	struct ppp ppp;

	if (!frame_parse(&p, &f))
		return packet_pass(&p);
	/* most packets, and none that is for this machine itself */
	line = down_is_ip(&f) ? down_find_of_pool(&p, &f) : NULL;
	if (!line) {
		reason = up_find(&p, &f, &up, &ppp);
		if (!reason)
			return up_from_session(&p, &up, &ppp);
		/* L2TP of others may be for a session as everything else */
		line = down_is_ip(&f) ? down_find_beside_pools(&p, &f) : NULL;
		if (!line)
			return reason == XP_R_OTHER ? packet_pass(&p) : packet_refuse(&p, reason);
	}
	return down_from_core(&p, &f, line);
}

INLINE int concentrator_input(struct packet p)
{
	struct frame f;

	if (!frame_parse(&p, &f))
		return packet_refuse(&p, XP_R_TRUNCATED);
	return down_from_stack(&p, &f);
}

#endif
