/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What forward.bpf.c and forward.c share. Include it after the types. */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#define FRAMES_SESSIONS 65536
#define FRAMES_PPPOE 22 /* Ethernet, PPPoE, PPP protocol field */
#define FRAMES_L2TP 52 /* Ethernet, IPv4, UDP, L2TP without options, PPP with address and control */
#define FRAMES_PPTP 54 /* Ethernet, IPv4, GRE with both numbers, PPP with address and control */
#define FRAMES_ETHER 14
#define FRAMES_IP_MIN 28      /* with UDP, which is all that is written */
#define FRAMES_FAR 0x10000000 /* addresses behind the core: 16.0.0.0/4 */

struct frames_session {
	__u8 mac[6];
	__be16 sid; /* of L2TP's tunnel as well; PPTP's call id */
	__be32 addr;
	__be32 peer; /* L2TP and PPTP */
};

/* Which way the frames go, and what is the same in all of them. */
struct frames_way {
	__u8 dst[6]; /* of the device that takes them */
	__u8 src[6]; /* downstream only: upstream it is the session's */
	__be32 lns;  /* L2TP and PPTP: where the packets of the tunnel go */
	__u32 sessions;
	__u32 fars;  /* so many addresses behind the core */
	__u32 bytes; /* of the IP packets */
	__u32 out;   /* ifindex that the source sends out of */
	__u32 next;  /* ifindex that the plain redirect sends out of */
};

#endif
