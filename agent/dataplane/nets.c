/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/nets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/dataplane.h"
#include "dataplane/lines.h"

static uint32_t net_host(const struct dp_route *net)
{
	return ntohl(net->net.s_addr);
}

static const struct dp_route *nets_find(const struct nets *nets, const struct dp_route *net)
{
	for (unsigned int i = 0; i < nets->n; i++)
		if (nets->list[i].len == net->len && nets->list[i].net.s_addr == net->net.s_addr)
			return &nets->list[i];
	return NULL;
}

bool nets_have(const struct nets *nets, const struct dp_route *net)
{
	return nets_find(nets, net);
}

bool nets_have_metric(const struct nets *nets, const struct dp_route *net)
{
	const struct dp_route *found = nets_find(nets, net);

	return found && found->metric == net->metric;
}

static struct nets *nets_of(const struct lines *lines, uint32_t slot)
{
	return &lines->extra[slot].nets;
}

/* Net 0, loopback, multicast and reserved are nobody's; a default route is no net behind one. */
static bool net_is_possible(const struct dp_route *net)
{
	uint32_t top = net_host(net) >> 24;

	return net->len > 0 && net->len <= 32 && top > 0 && top != 127 && top < 224;
}

static int nets_begin(struct nets *nets, unsigned int n)
{
	*nets = (struct nets){ 0 };
	if (!n)
		return 0;
	nets->list = calloc(n, sizeof(*nets->list));
	return nets->list ? 0 : -ENOMEM;
}

static void nets_free(struct nets *nets)
{
	free(nets->list);
	*nets = (struct nets){ 0 };
}

/* Takes the net, unless the session has it in the list, or among its former nets, already. */
static int net_add(struct lines *lines, uint32_t slot, struct nets *nets, const struct nets *former,
		   struct dp_route net, struct in_addr own)
{
	int r;

	if (!net_is_possible(&net))
		return -EINVAL;
	net.net.s_addr &= htonl(taken_mask(net.len));
	if (nets_have(nets, &net) || (net.len == 32 && net.net.s_addr == own.s_addr))
		return 0;
	if (!nets_have(former, &net)) {
		r = taken_add(&lines->taken, net_host(&net), net.len, slot);
		if (r < 0)
			return r;
	}
	nets->list[nets->n++] = net;
	return 0;
}

/* Gives back what is in `nets` and not in `kept`. */
static void nets_give(struct lines *lines, uint32_t slot, const struct nets *nets,
		      const struct nets *kept)
{
	for (unsigned int i = 0; i < nets->n; i++)
		if (!nets_have(kept, &nets->list[i]))
			taken_del(&lines->taken, net_host(&nets->list[i]), nets->list[i].len, slot);
}

static int net_reserve(struct lines *lines, const struct dp_session *session, struct nets *nets,
		       const struct dp_route *net)
{
	const struct nets none = { 0 };
	int r = net_add(lines, session->slot, nets, &none, *net, session->addr);

	if (r != -EADDRINUSE)
		return r;
	lines->extra[session->slot].left_out++;
	return 0;
}

int nets_reserve(struct lines *lines, const struct dp_session *session)
{
	struct dp_route own = { session->addr, (uint8_t)lines_prefix(session->netmask), 0 };
	unsigned int wanted = (own.len < 32) + session->n_routes;
	struct nets nets;
	int r;

	if (session->n_routes > XP_ROUTES_MAX)
		return -EINVAL;
	r = nets_begin(&nets, wanted);
	if (r == 0 && own.len < 32)
		r = net_reserve(lines, session, &nets, &own);
	nets.of_netmask = nets.n > 0;
	for (unsigned int i = 0; i < session->n_routes && r == 0; i++)
		r = net_reserve(lines, session, &nets, &session->routes[i]);
	*nets_of(lines, session->slot) = nets;
	if (r < 0)
		nets_release(lines, session->slot);
	return r;
}

void nets_release(struct lines *lines, uint32_t slot)
{
	const struct nets none = { 0 };

	nets_give(lines, slot, nets_of(lines, slot), &none);
	nets_free(nets_of(lines, slot));
}

int nets_take(struct lines *lines, uint32_t slot, const struct dp_route *routes, unsigned int n,
	      struct nets *fresh)
{
	const struct nets *former;
	struct nets nets;
	int r;

	if (!lines_used(lines, slot))
		return -ENOENT;
	if (n > XP_ROUTES_MAX)
		return -EINVAL;
	former = nets_of(lines, slot);
	r = nets_begin(&nets, former->of_netmask + n);
	if (r < 0)
		return r;
	nets.of_netmask = former->of_netmask;
	if (nets.of_netmask)
		nets.list[nets.n++] = former->list[0];
	for (unsigned int i = 0; i < n && r == 0; i++)
		r = net_add(lines, slot, &nets, former, routes[i],
			    (struct in_addr){ lines->up[slot].addr });
	if (r < 0)
		nets_drop(lines, slot, &nets);
	else
		*fresh = nets;
	return r;
}

void nets_exchange(struct lines *lines, uint32_t slot, struct nets *fresh)
{
	struct nets *nets = nets_of(lines, slot);

	nets_give(lines, slot, nets, fresh);
	nets_free(nets);
	*nets = *fresh;
	lines_route(lines, slot, nets->n > 0);
}

void nets_drop(struct lines *lines, uint32_t slot, struct nets *fresh)
{
	nets_give(lines, slot, fresh, nets_of(lines, slot));
	nets_free(fresh);
}
