/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "proxy.h"

#include <string.h>

#include "call.h"
#include "client.h"
#include "crypto.h"
#include "lcp.h"

#define CHALLENGE_LEN 16
#define PROXY_IDENT 7

enum proxy_type {
	PROXY_CHAP = 2,
	PROXY_PAP = 3,
	PROXY_NONE = 4,
};

/* What a LAC asks a client for: its magic number is the one the LNS goes on with. */
static void put_lac_request(const struct client *client, const struct call *call, struct wr *w)
{
	static const uint8_t chap[] = { PPP_CHAP >> 8, PPP_CHAP & 0xff, 5 };
	static const uint8_t pap[] = { PPP_PAP >> 8, PPP_PAP & 0xff };
	uint8_t bytes[4];
	struct wr magic = { bytes, 0, sizeof(bytes), false };

	wr_u32(&magic, call->peer_magic);
	ppp_put_option(w, 1, (uint8_t[]){ PPP_MRU_DEFAULT >> 8, PPP_MRU_DEFAULT & 0xff }, 2);
	if (client->opt.proxy == PROXY_OF_CHAP)
		ppp_put_option(w, 3, chap, sizeof(chap));
	else if (client->opt.proxy == PROXY_OF_PAP)
		ppp_put_option(w, 3, pap, sizeof(pap));
	ppp_put_option(w, 5, bytes, sizeof(bytes));
}

static void put_chap(struct client *client, struct call *call, struct wr *w, struct avp_key *key,
		     const char *password)
{
	uint8_t challenge[CHALLENGE_LEN], response[16];

	for (unsigned int i = 0; i < CHALLENGE_LEN; i++)
		challenge[i] = client_random(client);
	crypto_chap(client->crypto, PROXY_IDENT, password, challenge, CHALLENGE_LEN, response);
	avp_put_secret(w, key, AVP_PROXY_CHALLENGE, challenge, CHALLENGE_LEN);
	avp_put_u16(w, AVP_PROXY_IDENT, PROXY_IDENT);
	avp_put_secret(w, key, AVP_PROXY_RESPONSE, response, sizeof(response));
	call->auth_proto = PPP_CHAP;
	call->auth_algorithm = 5;
}

static void put_authentication(struct client *client, struct call *call, struct wr *w,
			       struct avp_key *key)
{
	char user[256] = "", password[256] = "";
	enum proxy_type type = client->opt.proxy == PROXY_OF_CHAP  ? PROXY_CHAP
			       : client->opt.proxy == PROXY_OF_PAP ? PROXY_PAP
								   : PROXY_NONE;

	avp_put_u16(w, AVP_PROXY_TYPE, type);
	if (type == PROXY_NONE)
		return;
	plan_expand(client->opt.user, call_number(client, call), call->mac, user, sizeof(user));
	plan_expand(client->opt.password, call_number(client, call), call->mac, password,
		    sizeof(password));
	avp_put_secret(w, key, AVP_PROXY_NAME, user, strlen(user));
	call->auth_ident = PROXY_IDENT;
	if (type == PROXY_CHAP) {
		put_chap(client, call, w, key, password);
		return;
	}
	avp_put_u16(w, AVP_PROXY_IDENT, PROXY_IDENT);
	avp_put_secret(w, key, AVP_PROXY_RESPONSE, password, strlen(password));
	call->auth_proto = PPP_PAP;
}

void proxy_put(struct client *client, struct call *call, struct wr *w, struct avp_key *key)
{
	uint8_t own[64], theirs[64];
	struct wr client_request = { own, 0, sizeof(own), false };
	struct wr lac_request = { theirs, 0, sizeof(theirs), false };

	lcp_proxied(client, call, &client_request);
	call->peer_magic = client_random(client) | 1;
	call->peer_mru = PPP_MRU_DEFAULT;
	put_lac_request(client, call, &lac_request);
	avp_put(w, AVP_FIRST_CONFREQ, own, client_request.len);
	avp_put(w, AVP_SENT_CONFREQ, theirs, lac_request.len);
	avp_put(w, AVP_RECEIVED_CONFREQ, own, client_request.len);
	put_authentication(client, call, w, key);
}

void proxy_start(struct client *client, struct call *call)
{
	call_advance(client, call, CALL_AUTH);
	call_arm(client, call, client->opt.auth_timeout);
}
