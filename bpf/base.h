/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What every part of the programs needs. UAPI headers, not the running kernel's types: the
 * object does not depend on the machine that built it. */
#ifndef XPPPD_BPF_BASE_H
#define XPPPD_BPF_BASE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <xpppd/map.h>
#include <xpppd/mppe.h>
#include <xpppd/reason.h>

/* Beside the reasons: nothing of ours, passed on as it is and not counted. */
#define XP_R_OTHER ((enum xp_reason)XP_REASON_MAX)
/* Of use to nobody else any more, and no drop that should be counted. */
#define XP_R_NOTED ((enum xp_reason)(XP_REASON_MAX + 1))

#define INLINE static __always_inline

/* A field of the context, by a load of its own: the compiler would merge loads of several fields
 * into one at a computed offset, which the verifier refuses. */
#define CONTEXT_LOAD(context, field)                                                               \
	({                                                                                         \
		__u64 loaded;                                                                      \
		asm volatile("%0 = *(u32 *)(%1 + %2)"                                              \
			     : "=r"(loaded)                                                        \
			     : "r"(context), "i"(offsetof(typeof(*(context)), field)));            \
		loaded;                                                                            \
	})

/* What an IPv4 packet is wrapped in. */
enum wrap_kind {
	WRAP_NONE, /* plain Ethernet */
	WRAP_PPPOE,
	WRAP_IPV4, /* L2TP over it */
	WRAP_IPV6,
	WRAP_GRE, /* PPTP */
};

struct wrap {
	enum wrap_kind kind;
	__u32 tags; /* VLAN tags, with PPPoE */
};

#endif
