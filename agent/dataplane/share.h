/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the other objects of BPF programs have in common with xpppd.bpf.c: bpf/maps.h. Include with
 * <string.h>. */
#ifndef XPPPD_SHARE_H
#define XPPPD_SHARE_H

struct bpf_object;

/* Before loading `other`: it uses the maps of `main`, which is loaded, wherever names are the same
 * and not `own`. -errno. */
int share_maps(const struct bpf_object *main, struct bpf_object *other, const char *own);

/* Of one read-only data to another's. */
#define SHARE_CONSTANTS(from, to)                                                                  \
	do {                                                                                       \
		(to)->spaces = (from)->spaces;                                                     \
		(to)->space_size = (from)->space_size;                                             \
		(to)->l2tp_first = (from)->l2tp_first;                                             \
		(to)->l2tp_spaces = (from)->l2tp_spaces;                                           \
		(to)->l2tp_space_size = (from)->l2tp_space_size;                                   \
		(to)->pptp_first = (from)->pptp_first;                                             \
		(to)->pptp_size = (from)->pptp_size;                                               \
		(to)->pool_count = (from)->pool_count;                                             \
		memcpy((void *)(to)->pools, (const void *)(from)->pools, sizeof((to)->pools));     \
	} while (0)

#endif
