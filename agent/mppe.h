/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MPPE in the agent: fresh keys, and the packets of the slow path, by the same arithmetic as the
 * programs and the kernel module (bpf/mppe/mppe_core.h), which may work on the same state at the
 * same time.
 */
#ifndef XPPPD_AGENT_MPPE_H
#define XPPPD_AGENT_MPPE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xpppd/mppe.h>

/* A direction that begins. start: the start key of RFC 3079, 16 bytes, of which 40 and 56 bits use
 * eight. flags: 0 or XP_MPPE_F_STATEFUL. */
void mppe_start(struct xp_mppe_dir *dir, const uint8_t start[XP_MPPE_KEY], enum xp_mppe_bits bits,
		unsigned int flags);
/* Fresh keys for a state that programs may be using just now. NULL: none, nothing passes. */
void mppe_replace(struct xp_mppe *shared, const struct xp_mppe *fresh);
/* Moves the state out of one that programs may be using just now; nothing passes there any more. */
void mppe_withdraw(struct xp_mppe *shared, struct xp_mppe *taken);
/* The peer asked to begin anew (CCP Reset-Request): the next packet does. Nothing to do without
 * XP_MPPE_F_STATEFUL. */
void mppe_flush(struct xp_mppe_dir *out);

/*
 * What stands behind PPP's protocol 0x00fd, from and to the PPP packet (protocol, information).
 * 0, or enum xp_reason, perhaps with XP_MPPE_TELL in it (the agent then asks the peer to begin
 * anew), and then out is not what it should be. in and out may be the same memory if they begin at the same byte of the
 * PPP packet, that is, the encrypted one XP_MPPE_HEADER bytes earlier.
 */
int mppe_encrypt(struct xp_mppe_dir *dir, const uint8_t *in, size_t len, uint8_t *out);
int mppe_decrypt(struct xp_mppe_dir *dir, const uint8_t *in, size_t len, uint8_t *out);
/* Is this packet's count further ahead than that? Stateless only. More than half of all counts
 * ahead is taken for behind: who asks may see packets long after somebody else did. */
bool mppe_is_far(const struct xp_mppe_dir *dir, const uint8_t *in, size_t len);
/* Likewise for a count that is further ahead than XP_R_P_MPPE_AHEAD allows: up to 4,095 key
 * changes, some milliseconds. The caller limits how often. */
int mppe_decrypt_far(struct xp_mppe_dir *dir, const uint8_t *in, size_t len, uint8_t *out);

#endif
