/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/concentrator.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "dataplane/ethtool.h"
#include "dataplane/filter.h"
#include "dataplane/route.h"
#include "dataplane/veth.h"
#include "link.h"
#include "log.h"

#define MTU_MIN 1500
#define POOL_MTU 1492 /* PPPoE without RFC 4638 */

struct concentrators {
	struct concentrators_config config;
	struct concentrator list[XP_CONCENTRATORS];
};

/* ---- the pair of devices */

/* XDP loses partial checksums and takes no super-packets; the kernel drops features by itself
 * that depend on those before them. */
static void features_set(const char *name, const char *dp_name)
{
	static const char *const off[] = {
		"tx-checksum-ip-generic",     "tx-generic-segmentation",
		"tx-tcp-segmentation",        "tx-tcp6-segmentation",
		"tx-tcp-ecn-segmentation",    "tx-tcp-mangleid-segmentation",
		"tx-udp-segmentation",        "tx-gso-list",
		"tx-scatter-gather-fraglist", "tx-sctp-segmentation",
		"tx-checksum-sctp",
	};

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		ethtool_set_feature(name, off[i], false);
	/* without it a veth does not take frames that its peer's program redirected */
	ethtool_set_feature(name, "rx-gro", true);
	ethtool_set_feature(dp_name, "rx-gro", false);
}

/* Finds the pair or makes it; other devices of these names are left alone. */
static int pair_find(struct concentrator *c, struct log *log)
{
	struct veth end, dp;
	int r, r_dp;

	r = veth_find(c->name, &end);
	r_dp = veth_find(c->dp_name, &dp);
	if (r == -ENODEV && r_dp == -ENODEV) {
		r = veth_create(c->name, c->dp_name);
		if (r < 0) {
			log_msg(log, LOG_ERR, "cannot make the interfaces %s and %s: %s", c->name,
				c->dp_name, strerror(-r));
			return r;
		}
		r = veth_find(c->name, &end);
		r_dp = veth_find(c->dp_name, &dp);
	}
	if (r < 0 || r_dp < 0 || !end.is_veth || !dp.is_veth || end.peer != dp.ifindex) {
		log_msg(log, LOG_ERR,
			"%s or %s exists and is not a pair of xpppd: remove it or name another",
			c->name, c->dp_name);
		return -EEXIST;
	}
	c->ifindex = end.ifindex;
	c->dp_ifindex = dp.ifindex;
	memcpy(c->mac, end.mac, sizeof(c->mac));
	memcpy(c->dp_mac, dp.mac, sizeof(c->dp_mac));
	return 0;
}

static int pair_setup(struct concentrator *c)
{
	struct veth_setup setup = { .mtu = c->mtu, .forwarding = true };
	int r = veth_setup(c->ifindex, &setup);

	setup.forwarding = false;
	if (r == 0)
		r = veth_setup(c->dp_ifindex, &setup);
	features_set(c->name, c->dp_name);
	if (r == 0)
		r = veth_address(c->ifindex, c->address);
	if (r == 0)
		r = veth_address(c->dp_ifindex, (struct in_addr){ 0 });
	/* the second is ready at once, the first when the kernel has noticed its carrier */
	if (r == 0)
		r = veth_up(c->dp_ifindex);
	return r ? r : veth_up(c->ifindex);
}

static int map_set(struct concentrators *cs, const struct concentrator *c)
{
	struct xp_concentrator entry = { .ifindex = c->ifindex, .dp_ifindex = c->dp_ifindex };
	uint32_t index = c->index;

	memcpy(entry.mac, c->mac, sizeof(entry.mac));
	return bpf_map_update_elem(cs->config.map_fd, &index, &entry, BPF_ANY) < 0 ? -errno : 0;
}

/* ---- its program */

static int program_open(struct concentrators *cs, struct concentrator *c, enum attach_mode mode)
{
	char why[80];
	int r;

	attach_close(&c->attach);
	r = attach_open(&c->attach, &cs->config.programs, c->dp_name, c->dp_ifindex, CONF_MODE_AUTO,
			mode, why, sizeof(why));
	if (r == 0 && c->attach.mode != ATTACH_TC) {
		r = filter_add(c->dp_ifindex, cs->config.drop_fd);
		if (r < 0)
			snprintf(why, sizeof(why), "tc: %s", strerror(-r));
	}
	c->asked = mode;
	snprintf(c->detail, sizeof(c->detail), "%s", why);
	if (r < 0)
		log_msg(cs->config.log, LOG_ERR, "%s: cannot attach: %s", c->dp_name, why);
	return r;
}

void concentrators_set_mode(struct concentrators *cs, enum attach_mode mode)
{
	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++) {
		struct concentrator *c = &cs->list[i];

		/* one that failed is tried again */
		if (c->used && (c->asked != mode || c->attach.mode == ATTACH_NONE))
			program_open(cs, c, mode);
	}
}

/* ---- routes to the pools */

static bool bind_uses(const struct conf_bind *bind, const struct conf_interface *interface)
{
	return bind->interface == interface && bind->tunnel->ppp.mru;
}

/* What most sessions will have; others get routes of their own. */
static uint16_t pool_mtu(const struct conf *conf, const struct conf_interface *interface)
{
	const struct conf_bind *bind;
	uint16_t mtu = 0;

	STAILQ_FOREACH(bind, &conf->binds, entry)
		if (bind_uses(bind, interface) && (!mtu || bind->tunnel->ppp.mru < mtu))
			mtu = bind->tunnel->ppp.mru;
	return mtu ? mtu : POOL_MTU;
}

static void pools_route(struct concentrators *cs, struct concentrator *c,
			const struct prefixes *pools, const struct prefixes *except, bool add)
{
	for (unsigned int i = 0; i < pools->n; i++) {
		const struct prefix *prefix = &pools->list[i];
		struct dp_route route = { { htonl(prefix->net) }, prefix->len, 0 };

		if (except && prefixes_have(except, prefix))
			continue;
		if (add)
			route_add(cs->config.routes, &route, c->ifindex, c->pool_mtu);
		else
			route_del(cs->config.routes, &route, c->ifindex);
	}
}

static int pools_configure(struct concentrators *cs, struct concentrator *c,
			   const struct conf *conf, const struct conf_interface *interface)
{
	struct prefixes old = c->pools, new = { 0 };
	const struct conf_range *range;
	int r = 0;

	if (interface->ipcp)
		STAILQ_FOREACH(range, &interface->ipcp->ranges, entry)
			if (r == 0)
				r = prefixes_add(&new, range->first, range->last);
	if (r < 0) {
		prefixes_clear(&new);
		return r;
	}
	c->pools = new;
	c->pool_mtu = pool_mtu(conf, interface);
	pools_route(cs, c, &new, NULL, true);
	pools_route(cs, c, &old, &new, false);
	prefixes_clear(&old);
	return 0;
}

bool concentrator_routes(const struct concentrator *c, struct in_addr addr, uint16_t mtu)
{
	return c->pool_mtu == mtu && prefixes_cover(&c->pools, addr);
}

bool concentrator_has_route(const struct concentrator *c, const struct dp_route *route)
{
	const struct prefix prefix = { ntohl(route->net.s_addr), route->len };

	return route->metric == 0 && prefixes_have(&c->pools, &prefix);
}

/* ---- one concentrator */

static uint16_t device_mtu(const struct conf *conf)
{
	const struct conf_tunnel *tunnel;
	unsigned int mtu = MTU_MIN;

	STAILQ_FOREACH(tunnel, &conf->tunnels, entry) {
		if (tunnel->ppp.mru > mtu)
			mtu = tunnel->ppp.mru;
		if (tunnel->protocol == CONF_PPPOE && tunnel->pppoe.max_payload > mtu)
			mtu = tunnel->pppoe.max_payload;
	}
	return (uint16_t)(mtu < UINT16_MAX ? mtu : UINT16_MAX);
}

static bool l2tp_over_ipv6(const struct conf *conf)
{
	const struct conf_tunnel *tunnel;
	const struct conf_addr *addr;

	STAILQ_FOREACH(tunnel, &conf->tunnels, entry) {
		if (tunnel->protocol != CONF_L2TP || !tunnel->bound)
			continue;
		STAILQ_FOREACH(addr, &tunnel->l2tp.listen, entry)
			if (addr->addr.ss_family == AF_INET6)
				return true;
	}
	return false;
}

/* Without it L2TP's packets over IPv6 go by the agent. */
static void concentrator_forward_ipv6(const struct concentrators *cs, const struct concentrator *c)
{
	int r = c->l2tp_ipv6 ? veth_forward_ipv6(c->name) : 0;

	if (r < 0)
		log_msg(cs->config.log, LOG_WARNING,
			"%s: cannot set net.ipv6.conf.%s.forwarding (%s): L2TP over IPv6 is slow",
			c->name, c->name, strerror(-r));
}

static int concentrator_start(struct concentrators *cs, struct concentrator *c)
{
	int r = pair_setup(c);

	if (r == 0)
		r = map_set(cs, c);
	if (r < 0)
		log_msg(cs->config.log, LOG_ERR, "cannot set the interface %s up: %s", c->name,
			strerror(-r));
	concentrator_forward_ipv6(cs, c);
	return r;
}

static int concentrator_open(struct concentrators *cs, struct concentrator *c)
{
	int r = pair_find(c, cs->config.log);

	if (r < 0)
		return r;
	c->used = true;
	c->asked = ATTACH_NONE;
	return concentrator_start(cs, c);
}

/* 0: the pair is still there; 1: it is there again. */
static int concentrator_renew(struct concentrators *cs, struct concentrator *c)
{
	uint32_t before = c->ifindex;
	int r = pair_find(c, cs->config.log);

	if (r < 0 || c->ifindex == before)
		return r;
	log_msg(cs->config.log, LOG_WARNING, "%s was deleted: it is made anew", c->name);
	r = concentrator_start(cs, c);
	if (r == 0)
		r = program_open(cs, c, c->asked);
	return r < 0 ? r : 1;
}

/* Events may be older than the device that has the name now, so that it is looked for at each
 * that matters; what is made anew has events of its own. */
static void concentrator_link(void *arg, const struct link *link)
{
	struct concentrator *c = arg;
	struct concentrators *cs = c->all;
	bool came_up = link->up && !c->up;

	c->up = link->up;
	if ((link->ifindex && !came_up) || concentrator_renew(cs, c) != 0 || !came_up)
		return;
	pools_route(cs, c, &c->pools, NULL, true);
	cs->config.renewed(cs->config.arg, c);
}

static void concentrator_close(struct concentrators *cs, struct concentrator *c)
{
	struct xp_concentrator none = { 0 };
	uint32_t index = c->index;

	if (!c->used)
		return;
	links_unsubscribe(c->sub);
	c->sub = NULL;
	bpf_map_update_elem(cs->config.map_fd, &index, &none, BPF_ANY);
	attach_close(&c->attach);
	veth_delete(c->ifindex); /* both ends and all routes */
	prefixes_clear(&c->pools);
	c->used = false;
}

/* Without the program, whose presence limits how far devices may grow; it may have to come back
 * in another mode. */
static int concentrator_grow(struct concentrators *cs, struct concentrator *c, uint16_t mtu)
{
	int r, r_program;

	attach_close(&c->attach);
	r = veth_set_mtu(c->ifindex, mtu);
	if (r == 0)
		r = veth_set_mtu(c->dp_ifindex, mtu);
	if (r == 0)
		c->mtu = mtu;
	r_program = program_open(cs, c, c->asked);
	cs->config.renewed(cs->config.arg, c);
	return r ? r : r_program;
}

static int concentrator_change(struct concentrators *cs, struct concentrator *c,
			       const struct conf_interface *interface, uint16_t mtu)
{
	int r = concentrator_renew(cs, c);

	if (r < 0)
		return r;
	r = 0;
	if (c->address.s_addr != interface->address.s_addr)
		r = veth_address(c->ifindex, interface->address);
	if (r == 0 && mtu > c->mtu)
		r = concentrator_grow(cs, c, mtu);
	if (r == 0)
		c->address = interface->address;
	else
		log_msg(cs->config.log, LOG_ERR, "cannot change the interface %s: %s", c->name,
			strerror(-r));
	return r;
}

static struct concentrator *concentrator_find(struct concentrators *cs, const char *name)
{
	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++)
		if (cs->list[i].used && !strcmp(cs->list[i].name, name))
			return &cs->list[i];
	return NULL;
}

static struct concentrator *concentrator_vacant(struct concentrators *cs)
{
	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++) {
		if (!cs->list[i].used) {
			memset(&cs->list[i], 0, sizeof(cs->list[i]));
			cs->list[i].index = (uint8_t)i;
			return &cs->list[i];
		}
	}
	return NULL;
}

static int concentrator_add(struct concentrators *cs, const struct conf *conf, struct links *links,
			    const struct conf_interface *interface, struct concentrator **out)
{
	struct concentrator *c = concentrator_vacant(cs);
	int r;

	if (!c) {
		log_msg(cs->config.log, LOG_ERR, "more than %d concentrator interfaces",
			XP_CONCENTRATORS);
		return -ENOSPC;
	}
	snprintf(c->name, sizeof(c->name), "%s", interface->name);
	snprintf(c->dp_name, sizeof(c->dp_name), "%.12s" CONF_DP_SUFFIX, interface->name);
	c->all = cs;
	c->address = interface->address;
	c->mtu = device_mtu(conf);
	r = concentrator_open(cs, c);
	if (r == 0)
		r = links_subscribe(links, c->name, concentrator_link, c, &c->sub);
	if (r < 0) {
		concentrator_close(cs, c);
		return r;
	}
	*out = c;
	return 0;
}

static int concentrator_want(struct concentrators *cs, const struct conf *conf, struct links *links,
			     const struct conf_interface *interface)
{
	struct concentrator *c = concentrator_find(cs, interface->name);
	int r = c ? concentrator_change(cs, c, interface, device_mtu(conf))
		  : concentrator_add(cs, conf, links, interface, &c);

	if (r < 0)
		return r;
	c->l2tp_ipv6 = l2tp_over_ipv6(conf);
	concentrator_forward_ipv6(cs, c);
	return pools_configure(cs, c, conf, interface);
}

/* ---- all of them */

int concentrators_new(const struct concentrators_config *config, struct concentrators **out)
{
	struct concentrators *cs = calloc(1, sizeof(*cs));

	if (!cs)
		return -ENOMEM;
	cs->config = *config;
	*out = cs;
	return 0;
}

void concentrators_free(struct concentrators *cs)
{
	if (!cs)
		return;
	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++)
		concentrator_close(cs, &cs->list[i]);
	free(cs);
}

/* First, because a new one may need the place or the address. */
static void concentrators_prune(struct concentrators *cs, const struct conf *conf)
{
	const struct conf_interface *interface;
	struct concentrator *c;

	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++)
		cs->list[i].stay = false;
	STAILQ_FOREACH(interface, &conf->interfaces, entry) {
		c = concentrator_find(cs, interface->name);
		if (c)
			c->stay = true;
	}
	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++)
		if (!cs->list[i].stay)
			concentrator_close(cs, &cs->list[i]);
}

int concentrators_configure(struct concentrators *cs, const struct conf *conf, struct links *links)
{
	const struct conf_interface *interface;
	int r = 0;

	concentrators_prune(cs, conf);
	STAILQ_FOREACH(interface, &conf->interfaces, entry) {
		int one = concentrator_want(cs, conf, links, interface);

		if (r == 0)
			r = one;
	}
	return r;
}

const struct concentrator *concentrator_by_name(struct concentrators *cs, const char *name)
{
	return concentrator_find(cs, name);
}

const struct concentrator *concentrator_by_index(const struct concentrators *cs, uint8_t index)
{
	return index < XP_CONCENTRATORS && cs->list[index].used ? &cs->list[index] : NULL;
}

void concentrators_show(const struct concentrators *cs, dp_device_fn fn, void *arg)
{
	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++) {
		const struct concentrator *c = &cs->list[i];
		struct dp_device shown = {
			.mode = attach_mode_name(c->attach.mode),
			.role = "concentrator",
			.state = c->attach.mode == ATTACH_NONE ? "failed" : "attached",
		};

		if (!c->used)
			continue;
		memcpy(shown.name, c->dp_name, sizeof(shown.name));
		memcpy(shown.detail, c->detail, sizeof(c->detail));
		fn(arg, &shown);
	}
}
