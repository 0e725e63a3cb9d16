/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/netmap.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "dataplane/concentrator.h"
#include "dataplane/dataplane.h"
#include "dataplane/lines.h"
#include "dataplane/route.h"

static int entry_put(struct netmap *map, const struct dp_route *net, uint32_t line)
{
	struct xp_route_key key = { net->len, net->net.s_addr };

	if (bpf_map_update_elem(map->map_fd, &key, &line, BPF_NOEXIST) < 0)
		return -errno;
	__atomic_fetch_add(map->used, 1, __ATOMIC_RELEASE);
	return 0;
}

static void entry_remove(struct netmap *map, const struct dp_route *net)
{
	struct xp_route_key key = { net->len, net->net.s_addr };

	if (bpf_map_delete_elem(map->map_fd, &key) == 0)
		__atomic_fetch_sub(map->used, 1, __ATOMIC_RELEASE);
}

/* Those of the first `n` that are not among the others. */
static void entries_remove(struct netmap *map, const struct nets *nets, unsigned int n,
			   const struct nets *others)
{
	for (unsigned int i = 0; i < n; i++)
		if (!nets_have(others, &nets->list[i]))
			entry_remove(map, &nets->list[i]);
}

static int entries_put(struct netmap *map, uint32_t slot, const struct nets *nets,
		       const struct nets *former)
{
	uint32_t line = map->lines->up[slot].down;
	int r = 0;

	for (unsigned int i = 0; i < nets->n && r == 0; i++) {
		if (nets_have(former, &nets->list[i]))
			continue;
		r = entry_put(map, &nets->list[i], line);
		if (r < 0)
			entries_remove(map, nets, i, former);
	}
	return r;
}

int netmap_put(struct netmap *map, uint32_t slot)
{
	const struct nets none = { 0 };

	return entries_put(map, slot, &map->lines->extra[slot].nets, &none);
}

void netmap_remove(struct netmap *map, uint32_t slot)
{
	const struct nets *nets = &map->lines->extra[slot].nets, none = { 0 };

	entries_remove(map, nets, nets->n, &none);
}

/* Those that are not in the other list with the same metric. */
static void routes_change(struct netmap *map, uint32_t slot, const struct nets *nets,
			  const struct nets *others, bool on)
{
	const struct xp_session_up *up = &map->lines->up[slot];
	const struct concentrator *c = concentrator_by_index(map->concentrators, up->concentrator);

	for (unsigned int i = 0; c && i < nets->n; i++) {
		const struct dp_route *net = &nets->list[i];

		if (nets_have_metric(others, net))
			continue;
		if (on)
			route_add(map->routes, net, c->ifindex, map->lines->down[up->down].mtu);
		else
			route_del(map->routes, net, c->ifindex);
	}
}

void netmap_route(struct netmap *map, uint32_t slot, bool on)
{
	const struct nets none = { 0 };

	routes_change(map, slot, &map->lines->extra[slot].nets, &none, on);
}

int netmap_set(struct netmap *map, uint32_t slot, const struct dp_route *routes, unsigned int n)
{
	struct nets fresh, *former;
	int r = nets_take(map->lines, slot, routes, n, &fresh);

	if (r < 0)
		return r;
	former = &map->lines->extra[slot].nets;
	r = entries_put(map, slot, &fresh, former);
	if (r < 0) {
		nets_drop(map->lines, slot, &fresh);
		return r;
	}
	routes_change(map, slot, &fresh, former, true);
	routes_change(map, slot, former, &fresh, false);
	entries_remove(map, former, former->n, &fresh);
	nets_exchange(map->lines, slot, &fresh);
	return 0;
}
