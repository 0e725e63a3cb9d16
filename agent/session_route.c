/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Nets behind sessions (Framed-Route, Framed-IP-Netmask). The data plane has them and the
 * kernel's routes; here is decided which a session may have: none that others' addresses are in,
 * or may come to be in, and none of the machine itself. A net inside another session's is
 * fine, the longer prefix wins.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "machine.h"
#include "session_private.h"

#define WHO "ppp-id %u: "

struct net {
	uint32_t first, last; /* host order */
};

static struct net net_of(const struct profile_route *route)
{
	uint32_t mask = route->prefix ? UINT32_MAX << (32 - route->prefix) : 0;
	uint32_t first = ntohl(route->net.s_addr) & mask;

	return (struct net){ first, first | ~mask };
}

static bool net_has(struct net net, uint32_t first, uint32_t last)
{
	return first <= net.last && last >= net.first;
}

static bool takes_from_pools(const struct conf *conf, struct net net)
{
	const struct conf_range *range;
	const struct conf_ipcp *ipcp;

	STAILQ_FOREACH(ipcp, &conf->ipcps, entry)
		STAILQ_FOREACH(range, &ipcp->ranges, entry)
			if (!range->is_static && net_has(net, range->first, range->last))
				return true;
	return false;
}

static bool takes_concentrator(const struct conf *conf, struct net net)
{
	const struct conf_interface *interface;

	STAILQ_FOREACH(interface, &conf->interfaces, entry)
		if (net_has(net, ntohl(interface->address.s_addr),
			    ntohl(interface->address.s_addr)))
			return true;
	return false;
}

static bool takes_from_sessions(const struct session *s, const struct profile_route *route,
				struct net net)
{
	uint32_t own = ntohl(s->state.addr);

	return census_count(&s->table->addresses, route->net, route->prefix) >
	       (s->state.addr && net_has(net, own, own));
}

static const char *error_text(int r)
{
	switch (r) {
	case -EADDRINUSE:
		return "another session has it";
	case -EINVAL:
		return "no such net can be behind a session";
	default:
		return strerror(-r);
	}
}

/* Why the session may not have it; NULL: it may, if no other has it. */
static const char *refusal(const struct session *s, const struct profile_route *route)
{
	struct net net = net_of(route);
	int r;

	if (route->prefix == 0)
		return error_text(-EINVAL);
	if (takes_from_pools(s->table->conf, net))
		return "addresses of a pool are in it";
	if (takes_concentrator(s->table->conf, net))
		return "the address of a concentrator interface is in it";
	if (takes_from_sessions(s, route, net))
		return "addresses of other sessions are in it";
	r = machine_spares(route->net, route->prefix);
	return r == 0             ? NULL
	       : r == -EADDRINUSE ? "an address of this machine is in it"
	       : r == -EEXIST     ? "this machine has a route to it"
				  : strerror(-r);
}

static void log_refusal(const struct session *s, const struct profile_route *route, const char *why)
{
	char net[INET_ADDRSTRLEN];

	log_msg(s->table->log, LOG_WARNING, WHO "no route to %s/%u: %s", s->state.ppp_id,
		inet_ntop(AF_INET, &route->net, net, sizeof(net)), route->prefix, why);
}

static int set(struct session *s, const struct profile_route *routes, unsigned int n)
{
	struct dp_route list[PROFILE_LIST_MAX];

	for (unsigned int i = 0; i < n; i++)
		list[i] = (struct dp_route){ routes[i].net, routes[i].prefix, routes[i].metric };
	return s->table->dp->ops->routes_set(s->table->dp, s->slot, list, n);
}

/* Some of them cannot be: the others stay. */
static unsigned int set_possible(struct session *s, struct profile_route *routes, unsigned int n)
{
	unsigned int kept = 0;
	int r;

	for (unsigned int i = 0; i < n; i++) {
		routes[kept] = routes[i];
		r = set(s, routes, kept + 1);
		if (r < 0)
			log_refusal(s, &routes[i], error_text(r));
		else
			kept++;
	}
	return kept;
}

void session_routes_enter(struct session *s)
{
	struct profile *p = s->profile;
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->n_routes; i++) {
		const char *why = refusal(s, &p->routes[i]);

		if (why)
			log_refusal(s, &p->routes[i], why);
		else
			p->routes[n++] = p->routes[i];
	}
	if (n && set(s, p->routes, n) < 0)
		n = set_possible(s, p->routes, n);
	p->n_routes = (uint8_t)n;
}

static bool has_route(const struct profile *p, const struct profile_route *route)
{
	for (unsigned int i = 0; i < p->n_routes; i++)
		if (p->routes[i].net.s_addr == route->net.s_addr &&
		    p->routes[i].prefix == route->prefix)
			return true;
	return false;
}

int session_routes_change(struct session *s, const struct profile *to)
{
	int r;

	for (unsigned int i = 0; i < to->n_routes; i++) {
		const struct profile_route *route = &to->routes[i];
		const char *why = has_route(s->profile, route) ? NULL : refusal(s, route);

		if (why) {
			log_refusal(s, route, why);
			return -EADDRINUSE;
		}
	}
	r = set(s, to->routes, to->n_routes);
	if (r < 0)
		log_msg(s->table->log, LOG_WARNING, WHO "its routes stay as they are: %s",
			s->state.ppp_id, error_text(r));
	return r;
}

void session_netmask_check(struct session *s)
{
	const struct profile_route net = {
		.net.s_addr = s->state.addr & s->state.netmask,
		.prefix = (uint8_t)__builtin_popcount(s->state.netmask),
	};
	const char *why = net.prefix < 32 ? refusal(s, &net) : NULL;

	if (!why)
		return;
	log_refusal(s, &net, why);
	s->state.netmask = INADDR_NONE;
}
