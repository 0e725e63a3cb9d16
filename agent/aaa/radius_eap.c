/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/radius_eap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa.h"
#include "aaa/radius.h"

enum {
	RADIUS_STATE = 24,
	RADIUS_SESSION_TIMEOUT = 27,
};

int radius_eap_put(const struct ppp_auth_request *request, const struct aaa_state *state,
		   struct radius_attrs *attrs)
{
	int r = radius_put_eap(attrs, request->response, request->response_len);

	if (r == 0 && state && state->len)
		r = radius_put(attrs, 0, RADIUS_STATE, state->value, state->len);
	return r;
}

static struct aaa_state *state_of(const struct radius_reply *challenge)
{
	struct aaa_state *state;
	struct buf value = { 0 };

	radius_find(challenge->attrs, 0, RADIUS_STATE, &value);
	state = calloc(1, sizeof(*state) + value.len);
	if (!state)
		return NULL;
	state->server = challenge->server;
	state->len = value.len;
	if (value.len)
		memcpy(state->value, value.p, value.len);
	return state;
}

/* RFC 3579 2.3 */
static unsigned int timeout_of(const struct radius_reply *challenge)
{
	struct buf value;
	uint32_t seconds;

	if (!radius_find(challenge->attrs, 0, RADIUS_SESSION_TIMEOUT, &value) ||
	    buf_u32(&value, &seconds) < 0)
		return 0;
	return seconds;
}

int radius_eap_take(const struct radius_reply *challenge, uint8_t packet[RADIUS_MAX],
		    struct ppp_auth_reply *reply, struct aaa_state **state)
{
	int len = radius_join(challenge->attrs, 0, RADIUS_EAP_MESSAGE, packet, RADIUS_MAX);
	struct aaa_state *next;

	if (len <= 0)
		return len < 0 ? len : -EPROTO;
	next = state_of(challenge);
	if (!next)
		return -ENOMEM;
	reply->result = PPP_AUTH_CHALLENGE;
	reply->eap = packet;
	reply->eap_len = (size_t)len;
	reply->eap_timeout = timeout_of(challenge);
	*state = next;
	return 0;
}

void aaa_state_free(struct aaa_state *state)
{
	free(state);
}
