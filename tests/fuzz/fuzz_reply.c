/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* A reply to a login, from a server that knows the secret: method, code, then the attributes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/attribute.h"
#include "aaa/attribute_text.h"
#include "aaa/profile.h"
#include "aaa/radius_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool fine)
{
	if (!fine)
		abort();
}

static bool is_net(const struct profile_route *r)
{
	uint32_t host = r->prefix == 32 ? 0 : UINT32_MAX >> r->prefix;

	return r->prefix >= 1 && r->prefix <= 32 && !(ntohl(r->net.s_addr) & host);
}

static void check_profile(const struct profile *p)
{
	unsigned int i;

	check(p->n_routes <= PROFILE_LIST_MAX && p->n_filters <= PROFILE_LIST_MAX &&
	      p->n_classes <= PROFILE_LIST_MAX);
	for (i = 0; i < p->n_routes; i++)
		check(is_net(&p->routes[i]));
	for (i = 0; i < p->n_filters; i++)
		check(*p->filters[i] && strlen(p->filters[i]) <= PROFILE_NAME_MAX);
	for (i = 0; i < p->n_classes; i++)
		check(p->classes[i]->len > 0);
	check(!p->pool || strlen(p->pool) <= PROFILE_NAME_MAX);
	check(!p->message);
	check(p->framed_netmask.s_addr != 0);
}

/* A change by it must give the same on top of anything. */
static void check_merge(const struct profile *p)
{
	struct profile *empty = profile_new(), *merged;

	check(empty != NULL);
	merged = profile_merge(empty, p);
	check(merged && merged->set == p->set && merged->n_routes == p->n_routes &&
	      merged->n_filters == p->n_filters && merged->n_classes == p->n_classes);
	profile_free(merged);
	profile_free(empty);
}

static void check_result(struct aaa_result *result)
{
	bool accepted = result->ppp.result == PPP_AUTH_ACCEPT;

	check(accepted == (result->profile != NULL));
	check((result->ppp.result == PPP_AUTH_CHALLENGE) == (result->state != NULL));
	check(strlen(result->ppp.message) <= PPP_MESSAGE_MAX);
	check(accepted || result->ppp.keys == PPP_KEYS_NONE);
	if (accepted) {
		check_profile(result->profile);
		check_merge(result->profile);
	}
	profile_free(result->profile);
	aaa_state_free(result->state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t authenticator[RADIUS_AUTHENTICATOR] = { 1, 2, 3 };
	static uint8_t eap[RADIUS_MAX];
	struct radius_auth auth = { .username = "fuzz" };
	struct aaa_result result = { 0 };
	struct radius_reply reply = {
		.secret = "secret",
		.authenticator = authenticator,
		.server = 1,
	};

	if (size < 2 || size > RADIUS_MAX)
		return 0;
	auth.method = data[0] % (PPP_AUTH_MSCHAPV2_CHANGE + 1);
	reply.code = data[1];
	reply.attrs = buf_of(data + 2, size - 2);
	radius_auth_read(&auth, &reply, &result, eap);
	check_result(&result);
	return 0;
}
