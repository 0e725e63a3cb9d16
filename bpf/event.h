/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What programs tell the agent. */
#ifndef XPPPD_BPF_EVENT_H
#define XPPPD_BPF_EVENT_H

#include "maps.h"

/* False: the agent is far behind. */
INLINE bool event_tell(const struct xp_session_up *line, __u32 slot, enum xp_event_kind kind)
{
	struct xp_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return false;
	*event = (struct xp_event){ .slot = slot, .generation = line->generation, .kind = kind };
	bpf_ringbuf_submit(event, 0);
	return true;
}

#endif
