/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dump.h"

#include <string.h>

#include "conf/conf.h"
#include "log.h"
#include "ppp/ppp.h"

#define DUMP_OTHER (1U << 31) /* no word of the configuration, but in DUMP_ALL */

/* RFC 3748 4.1, 5 */
#define EAP_TYPE 4 /* its place */
#define EAP_RESPONSE 2
#define EAP_OTP 5
#define EAP_GTC 6

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
		return DUMP_OTHER;
	}
}

struct hex {
	char text[DUMP_BYTES * 2 + sizeof("...")];
};

static const char *hex_of(struct hex *hex, struct buf bytes, size_t most,
			  const struct dump_veil *veil)
{
	static const char digit[] = "0123456789abcdef";
	size_t n = bytes.len < most ? bytes.len : most, at = 0;

	for (size_t i = 0; i < n; i++) {
		bool veiled = veil && veil->over[i];

		hex->text[at++] = veiled ? '*' : digit[bytes.p[i] >> 4];
		hex->text[at++] = veiled ? '*' : digit[bytes.p[i] & 15];
	}
	strcpy(hex->text + at, n < bytes.len ? "..." : "");
	return hex->text;
}

/* As far as there is no password in it: PAP's, and those that EAP takes in clear. */
static size_t readable(uint16_t proto, struct buf info)
{
	bool response = proto == PPP_PROTO_EAP && info.len > EAP_TYPE && info.p[0] == EAP_RESPONSE;

	if (proto == PPP_PROTO_PAP)
		return 0;
	if (response && (info.p[EAP_TYPE] == EAP_OTP || info.p[EAP_TYPE] == EAP_GTC))
		return EAP_TYPE + 1;
	return DUMP_BYTES;
}

void dump_ppp(struct log *log, uint32_t ppp_id, unsigned int mask, const char *direction,
	      uint16_t proto, struct buf info)
{
	size_t most = readable(proto, info);
	struct hex hex;

	if (mask & mask_of(proto))
		log_msg(log, LOG_DEBUG, "ppp-id %u: %s 0x%04x, %zu bytes %s", ppp_id, direction,
			proto, info.len, hex_of(&hex, info, most, NULL));
}

void dump_frame(struct log *log, uint32_t ppp_id, unsigned int mask, const char *direction,
		struct buf frame)
{
	uint16_t proto;

	if (mask && ppp_frame_protocol(&frame, &proto) == 0)
		dump_ppp(log, ppp_id, mask, direction, proto, frame);
}

void dump_veil_put(struct dump_veil *veil, size_t at, size_t len)
{
	for (size_t i = at; i < DUMP_BYTES && i - at < len; i++)
		veil->over[i] = true;
}

void dump_control(struct log *log, const char *where, const char *direction, struct buf packet,
		  const struct dump_veil *veil)
{
	struct hex hex;

	log_msg(log, LOG_DEBUG, "%s: %s %zu bytes %s", where, direction, packet.len,
		hex_of(&hex, packet, DUMP_BYTES, veil));
}
