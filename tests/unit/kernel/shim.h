/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* As much of the kernel as bpf/mppe/main.c needs to run in a process, under sanitizers. What a
 * packet consists of is memory of its own, so that every byte beyond it is found. */
#ifndef XPPPD_TESTS_KERNEL_SHIM_H
#define XPPPD_TESTS_KERNEL_SHIM_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define U16_MAX UINT16_MAX
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define __stringify_1(x) #x
#define __stringify(x) __stringify_1(x)

/* ---- one CPU */

#define DEFINE_PER_CPU(type, name) type name
#define this_cpu_ptr(p) (p)
#define per_cpu_ptr(p, cpu) ((void)(cpu), (p))
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define memzero_explicit(p, size) memset(p, 0, size)
#define READ_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define cmpxchg_acquire(p, old, new) __sync_val_compare_and_swap(p, old, new)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define cpu_relax()                                                                                \
	do {                                                                                       \
	} while (0)

static int softirqs_off;

static inline void local_bh_disable(void)
{
	softirqs_off++;
}

static inline void local_bh_enable(void)
{
	softirqs_off--;
}

/* ---- modules, their BTF and kfuncs */

struct module {
	int unused;
};

struct btf_kfunc_id_set {
	struct module *owner;
	const void *set;
};

static struct module this_module;
static unsigned int registered; /* program types, a bit for each */

#define THIS_MODULE (&this_module)
#define __init
#define __exit
#define __bpf_kfunc
#define __bpf_kfunc_start_defs() struct module
#define __bpf_kfunc_end_defs() struct module
#define BTF_KFUNCS_START(name) static const char name[] = "";
#define BTF_KFUNCS_END(name)
#define BTF_ID_FLAGS(kind, name)
#define module_init(f) struct module
#define module_exit(f) struct module
#define MODULE_LICENSE(x) struct module
#define MODULE_AUTHOR(x) struct module
#define MODULE_DESCRIPTION(x) struct module
#define MODULE_VERSION(x) struct module

static inline int register_btf_kfunc_id_set(enum bpf_prog_type type,
					    const struct btf_kfunc_id_set *set)
{
	if (set->owner != THIS_MODULE)
		return -EINVAL;
	registered |= 1u << type;
	return 0;
}

/* ---- memory and messages */

#define GFP_KERNEL 0
#define kzalloc(size, flags) calloc(1, size)
#define kfree_sensitive(p) free(p)
#define pr_err(...) ((void)0)
#define pr_info(...) ((void)0)

/* ---- packets */

struct xdp_buff {
	void *data, *data_end;
};

enum { CHECKSUM_NONE, CHECKSUM_UNNECESSARY, CHECKSUM_COMPLETE, CHECKSUM_PARTIAL };

struct sk_buff {
	u8 *data;
	unsigned int headlen;
	int ip_summed;
	bool cloned, writable, nonlinear, gso;
	int csum_start, csum_offset; /* of the packet */
	int checksum_error;          /* of skb_checksum_help */
};

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->headlen;
}

static inline bool skb_cloned(const struct sk_buff *skb)
{
	return skb->cloned;
}

static inline bool skb_clone_writable(const struct sk_buff *skb, unsigned int len)
{
	return len <= skb->headlen && skb->writable;
}

static inline bool skb_is_nonlinear(const struct sk_buff *skb)
{
	return skb->nonlinear;
}

static inline bool skb_is_gso(const struct sk_buff *skb)
{
	return skb->gso;
}

static inline int skb_checksum_start_offset(const struct sk_buff *skb)
{
	return skb->csum_start;
}

static inline int skb_checksum_help(struct sk_buff *skb)
{
	if (!skb->checksum_error)
		skb->ip_summed = CHECKSUM_NONE;
	return skb->checksum_error;
}

#endif
