/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Does what comes over a path come through ESP? A socket cannot tell of a datagram, but the
 * kernel's policies do: where the best policy for a path asks for ESP, the kernel has dropped
 * whatever came in clear before any socket saw it.
 */
#ifndef XPPPD_L2TP_IPSEC_H
#define XPPPD_L2TP_IPSEC_H

#include <stdbool.h>

struct l2tp_path;

/* False also if the kernel cannot be asked. */
bool l2tp_ipsec_covers(const struct l2tp_path *path);

#endif
