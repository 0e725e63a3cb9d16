/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Does what comes over a path come through ESP? A socket cannot tell of a datagram, but the
 * kernel's policies do: where the best policy for a path asks for ESP, the kernel has dropped
 * whatever came in clear before any socket saw it.
 *
 * There may be thousands of policies, some for each client, and every SCCRQ asks. So they are read
 * once and then followed by what the kernel tells of their changes.
 */
#ifndef XPPPD_L2TP_IPSEC_H
#define XPPPD_L2TP_IPSEC_H

#include <stdbool.h>
#include <stdint.h>

struct l2tp_ipsec;
struct l2tp_path;

int l2tp_ipsec_new(struct l2tp_ipsec **ipsec); /* -ENOMEM; policies are read when first asked for */
void l2tp_ipsec_free(struct l2tp_ipsec *ipsec);
/* As things are now. False also if the kernel cannot be asked. */
bool l2tp_ipsec_covers(struct l2tp_ipsec *ipsec, const struct l2tp_path *path);
/* How often all policies were read. */
uint64_t l2tp_ipsec_reads(const struct l2tp_ipsec *ipsec);

#endif
