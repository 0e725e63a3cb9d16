/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What packetcost.bpf.c and packetcost.c share. Include it after the types. */
#ifndef BENCH_PACKETCOST_H
#define BENCH_PACKETCOST_H

#define PACKETCOST_WORDS 12    /* of 8 bytes: all headers and the beginning of the payload */
#define PACKETCOST_NUMBER 42   /* where GRE's sequence number stands in the frame */
#define PACKETCOST_OPTIONAL 16 /* headers may be so much longer than they must */

/* What the source sends, and what the sink takes for it. */
struct packetcost_run {
	__u64 frame[PACKETCOST_WORDS];
	__u32 out;      /* ifindex that the source sends out of */
	__u32 next;     /* ifindex that the plain redirect sends out of */
	__u32 numbered; /* frames have a sequence number */
	__u32 number;   /* of the next one */
	__u32 arrives;  /* bytes of the shortest frame that the sink takes for one of ours */
	__u32 sent;
	__u32 from, to;     /* when these have been sent the clock is read */
	__u64 began, ended; /* what it said, ns */
	__u64 arrived;
};

#endif
