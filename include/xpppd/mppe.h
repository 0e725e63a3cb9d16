/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MPPE's state of one session (RFC 3078), shared by the BPF programs, the kernel module and the
 * agent: numbers only, because it stands in a map's value, and nothing in it is trusted by who
 * works with it. Before including it, provide __u8..__u64 (<linux/types.h> or vmlinux.h).
 *
 * It stands in `mppe`, an array of arrays that the agent makes as sessions need them: slot /
 * XP_MPPE_SLAB names the inner array, slot % XP_MPPE_SLAB the entry. The inner ones are mmapable.
 */
#ifndef XPPPD_MPPE_H
#define XPPPD_MPPE_H

#define XP_MPPE_VERSION 1
#define XP_MPPE_SLAB 64
#define XP_MPPE_KEY 16
#define XP_MPPE_HEADER 2   /* flags and coherency count */
#define XP_MPPE_OVERHEAD 4 /* what an IP packet gets longer by: protocol 0x00fd and the header */
#define XP_MPPE_PLAIN_MAX 2048 /* header and payload: longer ones plain BPF leaves to the agent */

enum xp_mppe_bits {
	XP_MPPE_NONE = 0, /* no keys yet: nothing passes */
	XP_MPPE_40,
	XP_MPPE_56,
	XP_MPPE_128,
};

enum xp_mppe_flag {
	XP_MPPE_F_STATEFUL = 1 << 0,
	XP_MPPE_F_FLUSH = 1 << 1, /* outgoing: the next packet begins anew (Reset-Request) */
	XP_MPPE_F_LOST = 1 << 2,  /* incoming, stateful: waits for a flushed packet */
};

/* Beside a reason that the core returned: this packet began the loss, the agent asks the peer to
 * begin anew (XP_EVENT_MPPE_LOST). */
#define XP_MPPE_TELL 0x100

/* One direction. What is done with it stands in bpf/mppe/mppe_core.h. */
struct xp_mppe_dir {
	__u32 lock;                /* 0 free, 1 held; taken and given back by atomic operations */
	__u16 count;               /* coherency count of the last packet; 0xfff before the first */
	__u8 bits;                 /* enum xp_mppe_bits */
	__u8 flags;                /* enum xp_mppe_flag */
	__u8 start[XP_MPPE_KEY];   /* the master key that each key change starts from */
	__u8 session[XP_MPPE_KEY]; /* of packet `count` */
	__u64 seen; /* incoming, stateless: bit n is set if packet `count` - n has come; all before the
		     * first */
	__u8 x, y;   /* stateful: RC4's indexes */
	__u16 epoch; /* how often the keys were replaced: a packet under way then is void */
	__u8 pad[12];
	union {
		__u8 rc4[256]; /* stateful: RC4's permutation */
		/* incoming, stateless: session keys of packets with a count that is a multiple of
		 * eight, for packets that come late */
		__u8 past[16][XP_MPPE_KEY];
	};
};

struct xp_mppe {
	struct xp_mppe_dir in, out;
};

_Static_assert(sizeof(struct xp_mppe_dir) == 320, "layout");
_Static_assert(sizeof(struct xp_mppe) == 640, "layout");

#endif
