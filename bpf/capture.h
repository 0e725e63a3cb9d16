/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Copies of packets for `xpppctl capture`, as they are on the PPP link. */
#ifndef XPPPD_BPF_CAPTURE_H
#define XPPPD_BPF_CAPTURE_H

#include "ip.h"

INLINE void capture_copy(const struct packet *p, const struct ip_packet *at, bool up, __u32 slot)
{
	const struct xp_session_up *line = bpf_map_lookup_elem(&sessions_up, &slot);
	struct xp_capture *copy;
	__u32 len = at->len;

	if (!line)
		return;
	copy = bpf_ringbuf_reserve(&capture, sizeof(*copy), 0);
	if (!copy)
		return;
	copy->slot = slot;
	copy->generation = line->generation;
	copy->up = up;
	copy->pad = 0;
	copy->time = bpf_ktime_get_ns();
	copy->len = len;
	if (len > XP_CAPTURE_SNAP)
		len = XP_CAPTURE_SNAP;
	copy->caplen = len;
	/* changes nothing, but shows the verifier that it is neither 0 nor too much */
	barrier_var(len);
	len = ((len - 1) & (XP_CAPTURE_SNAP - 1)) + 1;
	if (packet_copy(p, at->offset, copy->data, len))
		bpf_ringbuf_discard(copy, 0);
	else
		bpf_ringbuf_submit(copy, 0);
}

#endif
