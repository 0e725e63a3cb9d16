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

/* Of session_routes_change(), which else says how many of the profile the data plane has now. */
#define ROUTES_AS_BEFORE (PROFILE_LIST_MAX + 1)

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
	case -E2BIG:
		return "it has too many";
	default:
		return strerror(-r);
	}
}

/* Why nobody may have it as the configuration is. */
static const char *refusal_of_conf(const struct conf *conf, struct net net)
{
	if (takes_from_pools(conf, net))
		return "addresses of a pool are in it";
	if (takes_concentrator(conf, net))
		return "the address of a concentrator interface is in it";
	return NULL;
}

/* Why the session may not have it; NULL: it may, if no other has it. */
static const char *refusal(const struct session *s, const struct profile_route *route)
{
	struct net net = net_of(route);
	const char *why;
	int r;

	if (route->prefix == 0)
		return error_text(-EINVAL);
	why = refusal_of_conf(s->table->conf, net);
	if (why)
		return why;
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
	struct dp_route list[XP_ROUTES_MAX];

	if (n > XP_ROUTES_MAX)
		return -E2BIG;
	for (unsigned int i = 0; i < n; i++)
		list[i] = (struct dp_route){ routes[i].net, routes[i].prefix, routes[i].metric };
	return s->table->dp->ops->routes_set(s->table->dp, s->slot, list, n);
}

static bool same_net(const struct profile_route *a, const struct profile_route *b)
{
	return a->net.s_addr == b->net.s_addr && a->prefix == b->prefix;
}

static bool has_net(const struct profile_route *routes, unsigned int n,
		    const struct profile_route *net)
{
	for (unsigned int i = 0; i < n; i++)
		if (same_net(&routes[i], net))
			return true;
	return false;
}

static bool same_routes(const struct profile *a, const struct profile *b)
{
	if (a->n_routes != b->n_routes)
		return false;
	for (unsigned int i = 0; i < a->n_routes; i++)
		if (!same_net(&a->routes[i], &b->routes[i]) ||
		    a->routes[i].metric != b->routes[i].metric)
			return false;
	return true;
}

bool session_has_route(const struct session *s, const struct profile_route *route)
{
	return s->in_dataplane && has_net(s->profile->routes, s->routes, route);
}

static void swap(struct profile_route *a, struct profile_route *b)
{
	struct profile_route was = *a;

	*a = *b;
	*b = was;
}

/* One more. A dead session of the same peer must not keep it from what is its own. */
static int set_next(struct session *s, bool replace)
{
	struct profile *p = s->profile;
	int r = set(s, p->routes, s->routes + 1u);

	if (r == -EADDRINUSE && replace && session_replace_holder(s, &p->routes[s->routes]))
		r = set(s, p->routes, s->routes + 1u);
	if (r == 0)
		s->routes++;
	return r;
}

/* Those that it does not have yet, as far as they can be. -EADDRINUSE: another session has one. */
static int set_rest(struct session *s, bool first)
{
	struct profile *p = s->profile;
	int result = 0;

	for (unsigned int i = s->routes; i < p->n_routes; i++) {
		struct profile_route *next = &p->routes[s->routes];
		int r;

		swap(next, &p->routes[i]);
		r = set_next(s, first);
		if (r == 0)
			continue;
		if (first)
			log_refusal(s, next, error_text(r));
		swap(next, &p->routes[i]);
		result = r == -EADDRINUSE ? r : result;
	}
	return result;
}

static void forget_waiting(struct session *s)
{
	if (!s->routes_wait)
		return;
	LIST_REMOVE(s, waiting);
	s->routes_wait = false;
}

static void await_routes(struct session *s)
{
	LIST_INSERT_HEAD(&s->table->waiting, s, waiting);
	s->routes_wait = true;
}

/* Leaves out what cannot be, unless it is one of these, which may be its own first ones. */
static void keep_possible(const struct session *s, struct profile *p,
			  const struct profile_route *known, unsigned int n_known)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->n_routes; i++) {
		const struct profile_route *route = &p->routes[i];
		const char *why = has_net(known, n_known, route) ? NULL : refusal(s, route);

		if (why)
			log_refusal(s, route, why);
		else
			p->routes[n++] = *route;
	}
	p->n_routes = (uint8_t)n;
}

static void enter_rest(struct session *s)
{
	if (s->routes < s->profile->n_routes && set_rest(s, true) == -EADDRINUSE)
		await_routes(s);
}

void session_routes_enter(struct session *s)
{
	struct profile *p = s->profile;
	unsigned int had = s->routes;

	forget_waiting(s);
	s->routes = 0;
	if (p->n_routes == 0)
		return;
	keep_possible(s, p, p->routes, had);
	if (p->n_routes && set(s, p->routes, p->n_routes) == 0)
		s->routes = p->n_routes;
	enter_rest(s);
}

/* Some routes are free. */
static void serve_waiting(struct sessions *t)
{
	struct session *s, *next;

	for (s = LIST_FIRST(&t->waiting); s; s = next) {
		next = LIST_NEXT(s, waiting);
		if (set_rest(s, false) == 0)
			forget_waiting(s);
	}
}

void session_routes_leave(struct session *s)
{
	bool had = s->routes > 0;

	forget_waiting(s);
	s->routes = 0;
	if (had)
		serve_waiting(s->table);
}

/* To the front those that the data plane has: how many. */
static unsigned int held_first(const struct session *s, struct profile *to)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < to->n_routes; i++)
		if (has_net(s->profile->routes, s->routes, &to->routes[i]))
			swap(&to->routes[n++], &to->routes[i]);
	return n;
}

static int change_possible(struct session *s, struct profile *to)
{
	unsigned int n;
	int r;

	keep_possible(s, to, s->profile->routes, s->profile->n_routes);
	if (same_routes(s->profile, to))
		return ROUTES_AS_BEFORE;
	if (set(s, to->routes, to->n_routes) == 0)
		return to->n_routes;
	n = held_first(s, to);
	r = set(s, to->routes, n);
	return r < 0 ? r : (int)n;
}

static int change_all(struct session *s, const struct profile *to)
{
	int r;

	for (unsigned int i = 0; i < to->n_routes; i++) {
		const struct profile_route *route = &to->routes[i];
		bool had = has_net(s->profile->routes, s->profile->n_routes, route);
		const char *why = had ? NULL : refusal(s, route);

		if (why) {
			log_refusal(s, route, why);
			return -EADDRINUSE;
		}
	}
	r = set(s, to->routes, to->n_routes);
	if (r < 0)
		log_msg(s->table->log, LOG_WARNING, WHO "its routes stay as they are: %s",
			s->state.ppp_id, error_text(r));
	return r < 0 ? r : to->n_routes;
}

int session_routes_change(struct session *s, struct profile *to, bool all)
{
	if (same_routes(s->profile, to))
		return ROUTES_AS_BEFORE;
	return all ? change_all(s, to) : change_possible(s, to);
}

void session_routes_restore(struct session *s)
{
	set(s, s->profile->routes, s->routes);
}

void session_routes_changed(struct session *s, int result)
{
	if (result == ROUTES_AS_BEFORE)
		return;
	forget_waiting(s);
	s->routes = (uint8_t)result;
	enter_rest(s);
	serve_waiting(s->table);
}

void session_routes_configure(struct session *s)
{
	struct profile *p = s->profile;
	unsigned int n = 0, held = 0;

	for (unsigned int i = 0; s->in_dataplane && i < p->n_routes; i++) {
		const struct profile_route *route = &p->routes[i];
		const char *why = refusal_of_conf(s->table->conf, net_of(route));

		if (why) {
			log_refusal(s, route, why);
			continue;
		}
		held += i < s->routes;
		p->routes[n++] = *route;
	}
	if (!s->in_dataplane || n == p->n_routes)
		return;
	p->n_routes = (uint8_t)n;
	if (held == s->routes)
		return;
	set(s, p->routes, held); /* fewer can always be */
	s->routes = (uint8_t)held;
	serve_waiting(s->table);
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
