/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The core in the kernel, and what older kernels lack. */
#ifndef XPPPD_MPPE_KERNEL_H
#define XPPPD_MPPE_KERNEL_H

#include <linux/atomic.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/types.h>

/* Most tries only look, so that the other CPU's line stays with it. */
#define MPPE_TAKE(lock)                                                                            \
	({                                                                                         \
		bool free = !READ_ONCE(*(lock)) && cmpxchg_acquire((lock), 0, 1) == 0;             \
                                                                                                   \
		if (!free)                                                                         \
			cpu_relax();                                                               \
		free;                                                                              \
	})
#define MPPE_GIVE(lock) smp_store_release((lock), 0)

#include "mppe_linear.h"

#ifndef __bpf_kfunc /* since 6.3 */
#define __bpf_kfunc __used noinline
#endif
#ifndef __bpf_kfunc_start_defs /* since 6.7 */
#define __bpf_kfunc_start_defs()                                                                   \
	__diag_push();                                                                             \
	__diag_ignore_all("-Wmissing-declarations", "called by BPF programs");                     \
	__diag_ignore_all("-Wmissing-prototypes", "called by BPF programs")
#define __bpf_kfunc_end_defs() __diag_pop()
#endif
#ifndef BTF_KFUNCS_START /* since 6.9 */
#define BTF_KFUNCS_START(name) BTF_SET8_START(name)
#define BTF_KFUNCS_END(name) BTF_SET8_END(name)
#endif

#endif
