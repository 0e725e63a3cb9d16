/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>

#include "aaa/dae_cache.h"
#include "aaa/dae_private.h"

const char *dae_drop_name(enum dae_drop drop)
{
	static const char *const names[DAE_DROP_MAX] = {
#define DAE_DROP_NAME(symbol, name, reason) [DAE_DROP_##symbol] = (name),
		DAE_DROPS(DAE_DROP_NAME)
#undef DAE_DROP_NAME
	};

	return names[drop];
}

const char *dae_kind_name(enum dae_kind kind)
{
	return kind == DAE_DISCONNECT ? "disconnect" : "coa";
}

const char *dae_addr_text(const struct sockaddr_storage *addr, char text[DAE_ADDR_TEXT])
{
	const void *octets = addr->ss_family == AF_INET
				     ? (const void *)&((const struct sockaddr_in *)addr)->sin_addr
				     : &((const struct sockaddr_in6 *)addr)->sin6_addr;

	return inet_ntop(addr->ss_family, octets, text, DAE_ADDR_TEXT) ? text : "?";
}

void dae_info(const struct dae *dae, dae_info_fn fn, void *arg)
{
	const struct dae_client *c;
	char text[DAE_ADDR_TEXT];

	LIST_FOREACH(c, &dae->clients, entry) {
		const struct dae_client_info info = { dae_addr_text(&c->addr, text), &c->counters,
						      dae_cache_len(c->cache) };

		fn(arg, &info);
	}
}

uint64_t dae_strangers(const struct dae *dae)
{
	return dae->strangers;
}
