/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the kernel says of loaded programs and of counters that each CPU has for itself. */
#ifndef XPPPD_INSPECT_H
#define XPPPD_INSPECT_H

#include "dataplane/dataplane.h"

struct bpf_map;
struct bpf_object;

void inspect_programs(const struct bpf_object *object, dp_program_fn fn, void *arg);
/* Sums the 64-bit words of a per-CPU entry. */
void inspect_sum(const struct bpf_map *map, uint32_t key, uint64_t *sum, size_t words);

#endif
