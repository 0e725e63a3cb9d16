/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Sets of nftables that sessions' addresses join by name (Filter-Id). The operator makes the
 * table `inet xpppd` and its sets, of type ipv4_addr and without intervals; elements with
 * the comment "xpppd: …" are put there and taken away here, others are left alone.
 */
#ifndef XPPPD_NFTSET_H
#define XPPPD_NFTSET_H

#include <ev.h>
#include <netinet/in.h>
#include <stdint.h>

struct log;
struct nftset_member;
struct nftsets;

/* Takes away what an earlier agent has left behind. -errno; without nftables in the kernel it
 * is made all the same, and nobody can join. */
int nftsets_new(struct ev_loop *loop, struct log *log, struct nftsets **sets);
void nftsets_free(struct nftsets *sets); /* members have left */

/*
 * When it returns the kernel has the element; it comes back by itself when the operator makes the
 * set anew. -ENOENT: no such table or set; -EINVAL: it is of another type; -ENFILE: it is full.
 */
int nftset_join(struct nftsets *sets, const char *name, struct in_addr addr, uint32_t ppp_id,
		struct nftset_member **member);
void nftset_leave(struct nftset_member *member); /* NULL is fine */

#endif
