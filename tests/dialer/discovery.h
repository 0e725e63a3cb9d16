/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPPoE discovery, client side (RFC 2516 5, RFC 4638, TR-101 tags). */
#ifndef DIALER_DISCOVERY_H
#define DIALER_DISCOVERY_H

#include "wire.h"

struct call;
struct client;

enum discovery_code {
	DISCOVERY_PADO = 0x07,
	DISCOVERY_PADI = 0x09,
	DISCOVERY_PADR = 0x19,
	DISCOVERY_PADS = 0x65,
	DISCOVERY_PADT = 0xa7,
};

enum discovery_tag {
	TAG_END = 0x0000,
	TAG_SERVICE = 0x0101,
	TAG_AC_NAME = 0x0102,
	TAG_HOST_UNIQ = 0x0103,
	TAG_COOKIE = 0x0104,
	TAG_VENDOR = 0x0105,
	TAG_RELAY = 0x0110,
	TAG_MAX_PAYLOAD = 0x0120,
	TAG_SERVICE_ERROR = 0x0201,
	TAG_SYSTEM_ERROR = 0x0202,
	TAG_GENERIC_ERROR = 0x0203,
};

/* PADI or PADR, as the call's state says; arms its timer. */
void discovery_send(struct client *client, struct call *call);
void discovery_send_padt(struct client *client, struct call *call);
void discovery_input(struct client *client, struct call *call, const struct frame *f);

#endif
