/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dump.h"

#include <stdio.h>

#include "conf/conf.h"
#include "log.h"
#include "ppp/ppp.h"

#define DUMP_BYTES 128
#define PPP_PROTO_EAP 0xc227

static unsigned int mask_of(uint16_t proto)
{
	switch (proto) {
	case PPP_PROTO_IP:
		return CONF_DUMP_IP;
	case PPP_PROTO_LCP:
		return CONF_DUMP_LCP;
	case PPP_PROTO_PAP:
		return CONF_DUMP_PAP;
	case PPP_PROTO_CHAP:
		return CONF_DUMP_CHAP;
	case PPP_PROTO_EAP:
		return CONF_DUMP_EAP;
	case PPP_PROTO_MPPE:
		return CONF_DUMP_MPPE;
	case PPP_PROTO_CCP:
		return CONF_DUMP_CCP;
	case PPP_PROTO_IPCP:
		return CONF_DUMP_IPCP;
	default:
		return 0;
	}
}

void dump_ppp(struct log *log, uint32_t ppp_id, unsigned int mask, const char *direction,
	      uint16_t proto, struct buf info)
{
	char hex[DUMP_BYTES * 2 + 1] = "";
	size_t n = info.len < DUMP_BYTES ? info.len : DUMP_BYTES;

	if (!(mask & mask_of(proto)))
		return;
	if (proto == PPP_PROTO_PAP) /* the password stands in it */
		n = 0;
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", info.p[i]);
	log_msg(log, LOG_DEBUG, "ppp-id %u: %s 0x%04x, %zu bytes %s%s", ppp_id, direction, proto,
		info.len, hex, n < info.len ? "..." : "");
}

void dump_frame(struct log *log, uint32_t ppp_id, unsigned int mask, const char *direction,
		struct buf frame)
{
	uint16_t proto;

	if (mask && ppp_frame_protocol(&frame, &proto) == 0)
		dump_ppp(log, ppp_id, mask, direction, proto, frame);
}
