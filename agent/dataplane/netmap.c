/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/netmap.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "dataplane/concentrator.h"
#include "dataplane/dataplane.h"
#include "dataplane/lines.h"
#include "dataplane/route.h"

static int entry_put(int fd, const void *key, uint32_t line, uint32_t *used)
{
	if (bpf_map_update_elem(fd, key, &line, BPF_NOEXIST) < 0)
		return -errno;
	__atomic_fetch_add(used, 1, __ATOMIC_RELEASE);
	return 0;
}

static void entry_remove(int fd, const void *key, uint32_t *used)
{
	if (bpf_map_delete_elem(fd, key) == 0)
		__atomic_fetch_sub(used, 1, __ATOMIC_RELEASE);
}

/* ---- addresses of no pool */

static int address_put(struct netmap *map, uint32_t slot)
{
	const struct xp_session_up *up = &map->lines->up[slot];

	if (!lines_outside(map->lines, up->down))
		return 0;
	return entry_put(map->addresses_fd, &up->addr, up->down, &map->config->addresses);
}

static void address_remove(struct netmap *map, uint32_t slot)
{
	const struct xp_session_up *up = &map->lines->up[slot];

	if (lines_outside(map->lines, up->down))
		entry_remove(map->addresses_fd, &up->addr, &map->config->addresses);
}

/* ---- nets */

static struct xp_route_key key_of(const struct dp_route *net)
{
	return (struct xp_route_key){ net->len, net->net.s_addr };
}

/* Those of the first `n` that are not among the others. */
static void entries_remove(struct netmap *map, const struct nets *nets, unsigned int n,
			   const struct nets *others)
{
	for (unsigned int i = 0; i < n; i++) {
		struct xp_route_key key = key_of(&nets->list[i]);

		if (!nets_have(others, &nets->list[i]))
			entry_remove(map->routes_fd, &key, &map->config->routes);
	}
}

static int entries_put(struct netmap *map, uint32_t slot, const struct nets *nets,
		       const struct nets *former)
{
	uint32_t line = map->lines->up[slot].down;
	int r = 0;

	for (unsigned int i = 0; i < nets->n && r == 0; i++) {
		struct xp_route_key key = key_of(&nets->list[i]);

		if (nets_have(former, &nets->list[i]))
			continue;
		r = entry_put(map->routes_fd, &key, line, &map->config->routes);
		if (r < 0)
			entries_remove(map, nets, i, former);
	}
	return r;
}

int netmap_put(struct netmap *map, uint32_t slot)
{
	const struct nets none = { 0 };
	int r = address_put(map, slot);

	if (r < 0)
		return r;
	r = entries_put(map, slot, &map->lines->extra[slot].nets, &none);
	if (r < 0)
		address_remove(map, slot);
	return r;
}

void netmap_remove(struct netmap *map, uint32_t slot)
{
	const struct nets *nets = &map->lines->extra[slot].nets, none = { 0 };

	entries_remove(map, nets, nets->n, &none);
	address_remove(map, slot);
}

/* ---- the kernel's routes */

/* Those that are not in the other list with the same metric, nor the pool's. */
static void routes_change(struct netmap *map, uint32_t slot, const struct nets *nets,
			  const struct nets *others, bool on)
{
	const struct xp_session_up *up = &map->lines->up[slot];
	const struct concentrator *c = concentrator_by_index(map->concentrators, up->concentrator);

	for (unsigned int i = 0; c && i < nets->n; i++) {
		const struct dp_route *net = &nets->list[i];

		if (nets_have_metric(others, net) || concentrator_has_route(c, net))
			continue;
		if (on)
			route_claim(map->routes, net, c->ifindex, map->lines->down[up->down].mtu);
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
