/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/l2tp/l2tp_addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

union l2tp_addr l2tp_addr_of(const struct sockaddr_storage *addr)
{
	union l2tp_addr a;

	memset(&a, 0, sizeof(a));
	memcpy(&a, addr, addr->ss_family == AF_INET ? sizeof(a.in) : sizeof(a.in6));
	return a;
}

struct sockaddr_storage l2tp_addr_storage(const union l2tp_addr *addr)
{
	struct sockaddr_storage s = { 0 };

	memcpy(&s, addr, sizeof(*addr));
	return s;
}

socklen_t l2tp_addr_len(const union l2tp_addr *addr)
{
	return addr->sa.sa_family == AF_INET ? sizeof(addr->in) : sizeof(addr->in6);
}

uint16_t l2tp_addr_port(const union l2tp_addr *addr)
{
	return ntohs(addr->sa.sa_family == AF_INET ? addr->in.sin_port : addr->in6.sin6_port);
}

void l2tp_addr_set_port(union l2tp_addr *addr, uint16_t port)
{
	if (addr->sa.sa_family == AF_INET)
		addr->in.sin_port = htons(port);
	else
		addr->in6.sin6_port = htons(port);
}

const uint8_t *l2tp_addr_octets(const union l2tp_addr *addr, size_t *len)
{
	bool four = addr->sa.sa_family == AF_INET;

	*len = four ? sizeof(addr->in.sin_addr) : sizeof(addr->in6.sin6_addr);
	return four ? (const uint8_t *)&addr->in.sin_addr : addr->in6.sin6_addr.s6_addr;
}

bool l2tp_addr_same_host(const union l2tp_addr *a, const union l2tp_addr *b)
{
	size_t n, m;
	const uint8_t *x = l2tp_addr_octets(a, &n), *y = l2tp_addr_octets(b, &m);

	if (a->sa.sa_family != b->sa.sa_family || memcmp(x, y, n) != 0)
		return false;
	return a->sa.sa_family == AF_INET || a->in6.sin6_scope_id == b->in6.sin6_scope_id;
}

bool l2tp_addr_same(const union l2tp_addr *a, const union l2tp_addr *b)
{
	return l2tp_addr_same_host(a, b) && l2tp_addr_port(a) == l2tp_addr_port(b);
}

bool l2tp_path_same_hosts(const struct l2tp_path *a, const struct l2tp_path *b)
{
	return l2tp_addr_same_host(&a->peer, &b->peer) && l2tp_addr_same(&a->local, &b->local) &&
	       a->mark == b->mark;
}

bool l2tp_path_same(const struct l2tp_path *a, const struct l2tp_path *b)
{
	return l2tp_addr_same(&a->peer, &b->peer) && l2tp_addr_same(&a->local, &b->local) &&
	       a->mark == b->mark;
}

bool l2tp_addr_is_link_local(const union l2tp_addr *addr)
{
	return addr->sa.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&addr->in6.sin6_addr);
}

char *l2tp_addr_text(const union l2tp_addr *addr, bool port, char text[L2TP_ADDR_TEXT])
{
	bool six = addr->sa.sa_family == AF_INET6;
	char host[INET6_ADDRSTRLEN] = "", scope[12] = "";
	size_t n;

	inet_ntop(addr->sa.sa_family, l2tp_addr_octets(addr, &n), host, sizeof(host));
	if (six && addr->in6.sin6_scope_id != 0)
		snprintf(scope, sizeof(scope), "%%%u", addr->in6.sin6_scope_id);
	if (port)
		snprintf(text, L2TP_ADDR_TEXT, six ? "[%s%s]:%u" : "%s%s:%u", host, scope,
			 l2tp_addr_port(addr));
	else
		snprintf(text, L2TP_ADDR_TEXT, "%s%s", host, scope);
	return text;
}
