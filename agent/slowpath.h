/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* IPv4 packets that the agent moves itself (`pipex no`): the checks and changes that
 * the BPF programs make on the fast path. */
#ifndef XPPPD_SLOWPATH_H
#define XPPPD_SLOWPATH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define SLOWPATH_PACKET_MAX 9000 /* the largest mru that can be configured */

/*
 * Copies the packet without padding to out[SLOWPATH_PACKET_MAX] and returns its length.
 * -EBADMSG: header or length is wrong.
 */
int slowpath_copy(struct buf packet, uint8_t *out);
struct in_addr slowpath_source(const uint8_t *packet);
/* Lowers the MSS option of a TCP SYN to mss, checksum included; anything else is left
 * alone (RFC 879, RFC 1624). */
void slowpath_clamp_mss(uint8_t *packet, size_t len, uint16_t mss);
/* False for what machines send without anybody using them, which does not keep a session from
 * being idle. */
bool slowpath_is_activity(const uint8_t *packet, size_t len);

#endif
