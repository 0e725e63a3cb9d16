/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/l2tp/l2tp_proxy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tunnel/carrier.h"
#include "tunnel/l2tp/l2tp_avp.h"

/* RFC 2661 4.4.5, Proxy Authen Type */
enum proxy_type {
	PROXY_TEXT = 1,
	PROXY_CHAP = 2,
	PROXY_PAP = 3,
};

struct l2tp_proxy {
	struct carrier_proxy carrier; /* its buffers point into bytes */
	size_t len;
	uint8_t bytes[]; /* a password may be in it */
};

static struct buf keep(struct l2tp_proxy *proxy, struct buf value)
{
	uint8_t *to = proxy->bytes + proxy->len;

	if (value.len == 0)
		return (struct buf){ 0 };
	memcpy(to, value.p, value.len);
	proxy->len += value.len;
	return buf_of(to, value.len);
}

static enum carrier_proxy_auth auth_of(const struct l2tp_avps *avps)
{
	if (avps->proxy_type == PROXY_PAP || avps->proxy_type == PROXY_TEXT)
		return CARRIER_PROXY_PAP;
	return avps->proxy_type == PROXY_CHAP ? CARRIER_PROXY_CHAP_MD5 : CARRIER_PROXY_NONE;
}

struct l2tp_proxy *l2tp_proxy_new(const struct l2tp_avps *avps, bool may_renegotiate)
{
	size_t len = avps->sent_lcp.len + avps->received_lcp.len + avps->proxy_name.len +
		     avps->proxy_challenge.len + avps->proxy_response.len;
	struct l2tp_proxy *proxy;

	if (!l2tp_avp_present(avps, L2TP_AVP_SENT_LCP) ||
	    !l2tp_avp_present(avps, L2TP_AVP_RECEIVED_LCP))
		return NULL;
	proxy = calloc(1, sizeof(*proxy) + len);
	if (!proxy)
		return NULL;
	proxy->carrier = (struct carrier_proxy){
		.sent_lcp = keep(proxy, avps->sent_lcp),
		.received_lcp = keep(proxy, avps->received_lcp),
		.auth = auth_of(avps),
		.name = keep(proxy, avps->proxy_name),
		.challenge = keep(proxy, avps->proxy_challenge),
		.response = keep(proxy, avps->proxy_response),
		.ident = (uint8_t)avps->proxy_id,
		.may_renegotiate = may_renegotiate,
	};
	return proxy;
}

void l2tp_proxy_free(struct l2tp_proxy *proxy)
{
	if (!proxy)
		return;
	explicit_bzero(proxy->bytes, proxy->len);
	free(proxy);
}

void l2tp_proxy_get(const struct l2tp_proxy *proxy, struct carrier_proxy *out)
{
	*out = proxy->carrier;
}
