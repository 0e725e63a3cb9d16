/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What a LAC has negotiated with the subscriber before it made the call: the proxy AVPs of an ICCN
 * (RFC 2661 4.4.5), kept until PPP starts or the call ends. */
#ifndef XPPPD_L2TP_PROXY_H
#define XPPPD_L2TP_PROXY_H

#include <stdbool.h>

struct carrier_proxy;
struct l2tp_avps;
struct l2tp_proxy;

/* NULL: the LAC has negotiated nothing, or there is no memory. may_renegotiate: PPP may start anew
 * if it cannot go on with what the LAC has agreed. */
struct l2tp_proxy *l2tp_proxy_new(const struct l2tp_avps *avps, bool may_renegotiate);
void l2tp_proxy_free(struct l2tp_proxy *proxy);
void l2tp_proxy_get(const struct l2tp_proxy *proxy, struct carrier_proxy *out);

#endif
