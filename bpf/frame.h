/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Ethernet and VLAN tags: up to two, 802.1Q or 802.1ad. */
#ifndef XPPPD_BPF_FRAME_H
#define XPPPD_BPF_FRAME_H

#include "packet.h"

struct frame {
	__be16 type;      /* EtherType behind the tags */
	__be16 vid_outer; /* 0 = none; a priority tag (VLAN 0) counts as none */
	__be16 vid_inner;
	__u32 tags;   /* as many there are, priority tags too */
	__u32 offset; /* of what follows the EtherType */
};

struct vlan_tag {
	__be16 tci;
	__be16 type;
};

INLINE bool frame_is_tagged(const struct frame *f)
{
	return f->type == bpf_htons(ETH_P_8021Q) || f->type == bpf_htons(ETH_P_8021AD);
}

INLINE void frame_add_tag(struct frame *f, __be16 tci)
{
	__be16 vid = tci & bpf_htons(0x0fff);

	f->tags++;
	if (!f->vid_outer)
		f->vid_outer = vid;
	else
		f->vid_inner = vid;
}

INLINE bool frame_pull_tag(const struct packet *p, struct frame *f)
{
	const struct vlan_tag *tag = p->data + f->offset;

	if ((void *)(tag + 1) > p->end)
		return false;
	frame_add_tag(f, tag->tci);
	f->type = tag->type;
	f->offset += sizeof(*tag);
	return true;
}

/* Before tc the kernel moves the outermost tag out of the frame. */
INLINE void frame_pull_metadata(const struct packet *p, struct frame *f)
{
	const struct __sk_buff *skb = p->ctx;

	if (p->hook == HOOK_TC && skb->vlan_present)
		frame_add_tag(f, bpf_htons(skb->vlan_tci));
}

/* False if the frame ends within a tag. With more tags than two, type says that one follows. */
INLINE bool frame_parse(const struct packet *p, struct frame *f)
{
	/* struct ethhdr is packed, and would be read by bytes */
	const __be16 *type = p->data + offsetof(struct ethhdr, h_proto);

	if ((void *)(type + 1) > p->end)
		return false;
	*f = (struct frame){ .type = *type, .offset = ETH_HLEN };
	frame_pull_metadata(p, f);
	if (!frame_is_tagged(f))
		return true;
	if (!frame_pull_tag(p, f))
		return false;
	return f->tags >= 2 || !frame_is_tagged(f) || frame_pull_tag(p, f);
}

#endif
