/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What kernel and process must have before BPF is worth a try. */
#ifndef XPPPD_PLATFORM_H
#define XPPPD_PLATFORM_H

struct log;

/* -EPERM: a capability is missing; -ENOSYS: the kernel is too old. One sentence is logged. */
int platform_check(struct log *log);

/* Where libbpf's messages go. NULL: nowhere. */
void platform_log_libbpf(struct log *log);

#endif
