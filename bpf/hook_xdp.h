/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What packet.h needs of an XDP program. */
#ifndef XPPPD_BPF_HOOK_XDP_H
#define XPPPD_BPF_HOOK_XDP_H

#include "maps.h"

INLINE __u32 xdp_load(struct xdp_md *ctx, void **data, void **end)
{
	*data = (void *)(long)ctx->data;
	*end = (void *)(long)ctx->data_end;
	return *end - *data;
}

INLINE bool xdp_aim(__u32 ifindex)
{
	return bpf_redirect_map(&devices, ifindex, XDP_PASS) == XDP_REDIRECT;
}

INLINE bool xdp_is_for_us(__u32 ifindex, const struct ethhdr *eth)
{
	const struct xp_attached *device = attached_find(ifindex);
	const __u32 *a = (const void *)eth->h_dest;
	const __u32 *b;

	if (!device)
		return false;
	b = (const void *)device->mac;
	return a[0] == b[0] && *(const __u16 *)(a + 1) == *(const __u16 *)(b + 1);
}

INLINE bool xdp_is_native(__u32 ifindex)
{
	const struct xp_attached *device = attached_find(ifindex);

	return device && device->native;
}

/* RFC 1624 equation 3 */
INLINE void xdp_fix_checksum(__sum16 *check, __be16 old, __be16 new)
{
	__u32 sum = (__u16) ~*check + (__u16)~old + new;

	sum = (sum & 0xffff) + (sum >> 16);
	*check = ~((sum & 0xffff) + (sum >> 16));
}

INLINE long xdp_reframe(struct xdp_md *ctx, __u32 frame_len, __u32 old, __u32 new, __u32 len)
{
	__u32 excess = frame_len - old - len;
	long error;

	if (excess) {
		error = bpf_xdp_adjust_tail(ctx, -(int)excess);
		if (error)
			return error;
	}
	return bpf_xdp_adjust_head(ctx, (int)old - (int)new);
}

#endif
