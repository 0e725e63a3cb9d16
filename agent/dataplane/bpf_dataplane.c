/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The data plane in the kernel: loads and pins the programs' maps, writes sessions into them
 * (lines.c, over mapped memory), and keeps programs on devices (device.c) and concentrator
 * interfaces (concentrator.c). Routes, and sockets for slow sessions, follow the sessions.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <unistd.h>

#include "conf/conf.h"
#include "dataplane/captures.h"
#include "dataplane/concentrator.h"
#include "dataplane/cpus.h"
#include "dataplane/device.h"
#include "dataplane/hops.h"
#include "dataplane/inspect.h"
#include "dataplane/lines.h"
#include "dataplane/mppe_homes.h"
#include "dataplane/mppe_slabs.h"
#include "dataplane/netmap.h"
#include "dataplane/pins.h"
#include "dataplane/platform.h"
#include "dataplane/rates.h"
#include "dataplane/ring.h"
#include "dataplane/route.h"
#include "dataplane/slow_socket.h"
#include "dataplane/way.h"
#include "log.h"

#include "xpppd.skel.h"

#define IP_DF_BYTE 0x40 /* in the high byte of the fragment field */

struct slow_end { /* of one concentrator; open while it has slow sessions */
	struct slow_socket *socket;
	unsigned int sessions;
};

struct dp_bpf {
	struct dataplane dp; /* first */
	struct ev_loop *loop;
	struct log *log;
	struct xpppd *skel;
	struct pins pins;
	struct lines lines;
	struct rates rates;
	struct netmap netmap;
	struct mppe_slabs mppe;
	struct mppe_homes *homes;
	struct xp_tunnel *tunnels;
	struct xp_config *config;
	uint32_t sessions;
	struct routes *routes;
	struct ways *ways;
	struct hops *hops;
	struct cpus *cpus;
	struct devices *devices;
	struct concentrators *concentrators;
	struct slow_end slow[XP_CONCENTRATORS];
	struct captures captures;
	struct ring *events;
};

static struct dp_bpf *bpf_of(struct dataplane *dp)
{
	return (struct dp_bpf *)dp;
}

/* ---- routes of sessions */

/* The pool's route serves most; others get one of their own. */
static void session_route(struct dp_bpf *d, uint32_t slot, bool wanted)
{
	const struct xp_session_up *up = &d->lines.up[slot];
	const struct concentrator *c = concentrator_by_index(d->concentrators, up->concentrator);
	struct lines_extra *extra = &d->lines.extra[slot];
	uint16_t mtu = d->lines.down[up->down].mtu;
	struct dp_route route = { .net = { up->addr }, .len = 32 };
	bool own;

	if (!c)
		return;
	own = wanted && !concentrator_routes(c, route.net, mtu);
	if (own && !extra->own_route)
		route_add(d->routes, &route, c->ifindex, mtu);
	else if (!own && extra->own_route)
		route_del(d->routes, &route, c->ifindex);
	extra->own_route = own;
}

static void session_check_nets(const struct dp_bpf *d, const struct dp_session *session)
{
	unsigned int n = d->lines.extra[session->slot].left_out;
	char text[INET_ADDRSTRLEN];

	if (n)
		log_msg(d->log, LOG_WARNING,
			"session of %s: another session has %u of the nets behind it, no route",
			inet_ntop(AF_INET, &session->addr, text, sizeof(text)), n);
}

/* A new configuration may have other pools. */
static void sessions_reroute(struct dp_bpf *d)
{
	for (uint32_t slot = 0; d->sessions && slot < d->lines.slots; slot++)
		if (lines_used(&d->lines, slot))
			session_route(d, slot, true);
}

/* ---- the MTU, which routes tell the kernel */

static void session_set_mtu(struct dp_bpf *d, uint32_t slot, uint16_t mtu)
{
	lines_set_mtu(&d->lines, slot, mtu);
	session_route(d, slot, false);
	session_route(d, slot, true);
	netmap_route(&d->netmap, slot, true);
}

static void on_set_mtu(void *arg, uint32_t slot, uint16_t mtu)
{
	session_set_mtu(arg, slot, mtu);
}

/* ---- slow sessions */

/* Nothing leaves in pieces of which the sender can be told: he will be, with the next one. */
static bool slow_fits(struct dp_bpf *d, const struct xp_session_down *down, struct buf packet)
{
	if (packet.len <= down->mtu || !(packet.p[6] & IP_DF_BYTE))
		return true;
	log_drop(d->log, XP_R_S_TOO_BIG, "%zu bytes, %u fit the way to the peer", packet.len,
		 down->mtu);
	return false;
}

/* Nobody but the agent encrypts it, whatever the program could send. */
static bool slow_encrypts(const struct dp_bpf *d, const struct xp_session_down *down, size_t len)
{
	return down->flags & XP_F_MPPE && !mppe_homes_forward(d->homes, XP_MPPE_OVERHEAD + len);
}

/*
 * The tc program's packets pass the socket, too: there whatever is not a slow session's is not
 * for us, but may not have fitted. Behind XDP it is what the program could not send: for L2TP and
 * PPTP, or encrypted without a home of MPPE that takes it.
 */
static bool slow_is_ours(struct dp_bpf *d, const struct xp_session_down *down, struct buf packet)
{
	const struct concentrator *c = concentrator_by_index(d->concentrators, down->concentrator);

	if (down->state == XP_STATE_FREE || !(down->flags & (XP_F_L2TP | XP_F_PPTP | XP_F_MPPE)))
		return down->state == XP_STATE_SLOW;
	if (lines_is_routed(&d->lines, down->slot))
		ways_check(d->ways, down->slot);
	if (down->state == XP_STATE_FORWARD && (!c || c->attach.mode == ATTACH_TC) &&
	    !slow_encrypts(d, down, packet.len))
		return false;
	return slow_fits(d, down, packet);
}

static void slow_input(void *arg, struct buf packet)
{
	struct buf header = packet;
	struct dp_bpf *d = arg;
	struct in_addr dst;
	uint32_t line;

	if (buf_skip(&header, 16) < 0 || buf_copy(&header, &dst, sizeof(dst)) < 0 ||
	    !lines_owner(&d->lines, dst, &line) || !slow_is_ours(d, &d->lines.down[line], packet))
		return;
	dst.s_addr = d->lines.down[line].addr;
	captures_packet(&d->captures, d->lines.down[line].slot, false, packet);
	if (d->dp.ip_input)
		d->dp.ip_input(d->dp.ip_arg, dst, packet);
}

static int slow_begin(struct dp_bpf *d, const struct concentrator *c)
{
	struct slow_end *end;
	int r = 0;

	if (!c)
		return -ENODEV;
	end = &d->slow[c->index];
	if (!end->socket)
		r = slow_socket_new(d->loop, c, slow_input, d, &end->socket);
	if (r == 0)
		end->sessions++;
	return r;
}

static void slow_end(struct dp_bpf *d, uint8_t concentrator)
{
	struct slow_end *end = &d->slow[concentrator];

	if (--end->sessions > 0)
		return;
	slow_socket_free(end->socket);
	end->socket = NULL;
}

static int bpf_ip_send(struct dataplane *dp, uint32_t slot, const uint8_t *packet, size_t len)
{
	struct dp_bpf *d = bpf_of(dp);
	struct slow_socket *s;

	if (!lines_used(&d->lines, slot))
		return -ENOENT;
	captures_packet(&d->captures, slot, true, buf_of(packet, len));
	s = d->slow[d->lines.up[slot].concentrator].socket;
	return s ? slow_socket_send(s, packet, len) : -ENOTCONN;
}

/* ---- capture */

static int bpf_capture(struct dataplane *dp, uint32_t slot, bool on)
{
	struct dp_bpf *d = bpf_of(dp);

	if (!lines_used(&d->lines, slot))
		return -ENOENT;
	if (on)
		return captures_start(&d->captures, slot);
	captures_stop(&d->captures, slot);
	return 0;
}

/* ---- sessions */

/* The agent moves packets of slow sessions; of L2TP's and PPTP's some: fragments, or what comes
 * through IPsec; of encrypted ones those far ahead. */
static bool session_needs_socket(const struct dp_bpf *d, uint32_t slot)
{
	return lines_is_routed(&d->lines, slot) || d->lines.up[slot].state == XP_STATE_SLOW ||
	       d->lines.up[slot].flags & XP_F_MPPE;
}

static int session_put(struct dp_bpf *d, const struct dp_session *session,
		       const struct concentrator *c)
{
	bool socket = session->slow || session->carrier != DP_PPPOE || session->mppe;
	int r = lines_reserve(&d->lines, session, c->index);

	if (r < 0)
		return r;
	r = socket ? slow_begin(d, c) : 0;
	if (r < 0)
		goto release;
	r = mppe_slabs_add(&d->mppe, session);
	if (r < 0)
		goto slow;
	r = netmap_put(&d->netmap, session->slot);
	if (r < 0)
		goto keys;
	rates_add(&d->rates, session);
	lines_publish(&d->lines, session);
	cpus_session(d->cpus, session->slot);
	return 0;
keys:
	mppe_slabs_del(&d->mppe, session->slot);
slow:
	if (socket)
		slow_end(d, c->index);
release:
	lines_release(&d->lines, session->slot);
	return r;
}

static int bpf_session_add(struct dataplane *dp, const struct dp_session *session)
{
	struct dp_bpf *d = bpf_of(dp);
	const struct concentrator *c =
		concentrator_by_name(d->concentrators, session->concentrator);
	struct dp_session fits = *session;
	int r;

	if (!c)
		return -ENODEV;
	fits.mtu = ways_fit(d->ways, session);
	r = session_put(d, &fits, c);
	if (r < 0)
		return r;
	d->sessions++;
	if (session->carrier != DP_PPPOE)
		ways_begin(d->ways, session->slot, session->mtu);
	session_check_nets(d, session);
	session_route(d, session->slot, true);
	netmap_route(&d->netmap, session->slot, true);
	return 0;
}

static void bpf_session_del(struct dataplane *dp, uint32_t slot, struct dp_counters *counters,
			    struct dp_sequence *sequence)
{
	struct dp_bpf *d = bpf_of(dp);
	bool socket;

	if (counters)
		memset(counters, 0, sizeof(*counters));
	if (!lines_used(&d->lines, slot))
		return;
	captures_stop(&d->captures, slot);
	socket = session_needs_socket(d, slot);
	lines_hide(&d->lines, slot, counters, sequence);
	cpus_session(d->cpus, slot);
	if (counters)
		rates_counters(&d->rates, slot, counters);
	rates_del(&d->rates, slot);
	mppe_slabs_del(&d->mppe, slot);
	netmap_remove(&d->netmap, slot);
	session_route(d, slot, false);
	netmap_route(&d->netmap, slot, false);
	if (socket)
		slow_end(d, d->lines.up[slot].concentrator);
	lines_release(&d->lines, slot);
	d->sessions--;
}

static int bpf_session_counters(struct dataplane *dp, uint32_t slot, struct dp_counters *counters)
{
	int r = lines_counters(&bpf_of(dp)->lines, slot, counters);

	if (r == 0)
		rates_counters(&bpf_of(dp)->rates, slot, counters);
	return r;
}

static int64_t bpf_sequence(struct dataplane *dp, uint32_t slot)
{
	return lines_sequence(&bpf_of(dp)->lines, slot);
}

static int bpf_received(struct dataplane *dp, uint32_t slot, uint32_t sequence)
{
	return lines_received(&bpf_of(dp)->lines, slot, sequence);
}

static int64_t bpf_acknowledge(struct dataplane *dp, uint32_t slot)
{
	return lines_acknowledge(&bpf_of(dp)->lines, slot);
}

static int bpf_mppe_set(struct dataplane *dp, uint32_t slot, const struct xp_mppe *mppe)
{
	struct dp_bpf *d = bpf_of(dp);
	bool had = mppe_slabs_find(&d->mppe, slot), socket;
	const struct xp_session_up *up;
	int r = 0;

	if (!lines_used(&d->lines, slot))
		return -ENOENT;
	up = &d->lines.up[slot];
	socket = session_needs_socket(d, slot);
	if (!socket && mppe)
		r = slow_begin(d, concentrator_by_index(d->concentrators, up->concentrator));
	if (r < 0)
		return r;
	r = mppe_slabs_set(&d->mppe, slot, mppe);
	cpus_session(d->cpus, slot);
	if (r == 0 && had != (mppe != NULL)) /* encryption changed it */
		session_set_mtu(d, slot, d->lines.down[up->down].mtu);
	if ((socket || mppe) && !session_needs_socket(d, slot))
		slow_end(d, up->concentrator);
	return r;
}

static struct xp_mppe *bpf_mppe(struct dataplane *dp, uint32_t slot)
{
	return mppe_slabs_find(&bpf_of(dp)->mppe, slot);
}

static bool bpf_mppe_forwards(const struct dataplane *dp, size_t len)
{
	return mppe_homes_forward(((const struct dp_bpf *)dp)->homes, len);
}

static int bpf_rate_set(struct dataplane *dp, uint32_t slot, const struct dp_rate *up,
			const struct dp_rate *down)
{
	return rates_set(&bpf_of(dp)->rates, slot, up, down);
}

static bool bpf_rate_pass(struct dataplane *dp, uint32_t slot, bool up, size_t bytes)
{
	return rates_pass(&bpf_of(dp)->rates, slot, up, bytes);
}

static int bpf_routes_set(struct dataplane *dp, uint32_t slot, const struct dp_route *routes,
			  unsigned int n)
{
	return netmap_set(&bpf_of(dp)->netmap, slot, routes, n);
}

static bool bpf_has_address(struct dataplane *dp, uint32_t slot, struct in_addr addr)
{
	return lines_has_address(&bpf_of(dp)->lines, slot, addr);
}

static void bpf_count(struct dataplane *dp, uint32_t slot, bool up, size_t bytes, bool active)
{
	lines_count(&bpf_of(dp)->lines, slot, up, bytes, active);
}

/* ---- counters of all CPUs */

static void bpf_drops(struct dataplane *dp, uint64_t drops[XP_REASON_MAX])
{
	for (uint32_t i = 0; i < XP_REASON_MAX; i++)
		inspect_sum(bpf_of(dp)->skel->maps.drops, i, &drops[i], 1);
}

static void bpf_paths(struct dataplane *dp, struct xp_path_counter paths[XP_PATH_MAX])
{
	for (uint32_t i = 0; i < XP_PATH_MAX; i++) {
		uint64_t sum[2];

		inspect_sum(bpf_of(dp)->skel->maps.paths, i, sum, 2);
		paths[i] = (struct xp_path_counter){ .packets = sum[0], .bytes = sum[1] };
	}
}

/* ---- devices, programs and maps, as shown */

static void bpf_devices(struct dataplane *dp, dp_device_fn fn, void *arg)
{
	struct dp_bpf *d = bpf_of(dp);

	devices_show(d->devices, fn, arg);
	concentrators_show(d->concentrators, fn, arg);
}

static void bpf_programs(struct dataplane *dp, dp_program_fn fn, void *arg)
{
	struct dp_bpf *d = bpf_of(dp);

	inspect_programs(d->skel->obj, fn, arg);
	mppe_homes_programs(d->homes, fn, arg);
	cpus_programs(d->cpus, fn, arg);
}

static void bpf_cpus(struct dataplane *dp, dp_cpu_fn fn, void *arg)
{
	cpus_show(bpf_of(dp)->cpus, fn, arg);
}

static void bpf_mppe_home(struct dataplane *dp, struct dp_mppe_home *home)
{
	mppe_homes_show(bpf_of(dp)->homes, home);
}

static void bpf_maps(struct dataplane *dp, dp_map_fn fn, void *arg)
{
	struct dp_bpf *d = bpf_of(dp);
	const struct {
		const struct bpf_map *map;
		uint32_t used;
	} maps[] = {
		{ d->skel->maps.sessions_up, d->sessions },
		{ d->skel->maps.sessions_down, d->sessions },
		{ d->skel->maps.rates_up, d->rates.sessions },
		{ d->skel->maps.rates_down, d->rates.sessions },
		{ d->skel->maps.addresses, d->config->addresses },
		{ d->skel->maps.routes, d->config->routes },
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct dp_map shown = {
			.name = bpf_map__name(maps[i].map),
			.used = maps[i].used,
			.size = bpf_map__max_entries(maps[i].map),
		};

		fn(arg, &shown);
	}
}

/* ---- configuration */

static void devices_changed(void *arg)
{
	struct dp_bpf *d = arg;

	concentrators_set_mode(d->concentrators, devices_mode(d->devices));
}

/* Routes went with the devices, or when these were down; the slow path's socket is bound to one and
 * its buffers are as large as packets were. */
static void concentrator_renewed(void *arg, const struct concentrator *c)
{
	struct dp_bpf *d = arg;
	struct slow_end *end = &d->slow[c->index];

	for (uint32_t slot = 0; d->sessions && slot < d->lines.slots; slot++) {
		if (!lines_used(&d->lines, slot) || d->lines.up[slot].concentrator != c->index)
			continue;
		d->lines.extra[slot].own_route = false;
		session_route(d, slot, true);
		netmap_route(&d->netmap, slot, true);
	}
	if (!end->sessions)
		return;
	slow_socket_free(end->socket);
	end->socket = NULL;
	if (slow_socket_new(d->loop, c, slow_input, d, &end->socket) < 0)
		log_msg(d->log, LOG_ERR, "%s: no socket for the slow path", c->dp_name);
}

/* A concentrator that is gone took its socket's device along. */
static void slow_check(struct dp_bpf *d)
{
	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++) {
		if (concentrator_by_index(d->concentrators, (uint8_t)i))
			continue;
		slow_socket_free(d->slow[i].socket);
		d->slow[i].socket = NULL;
	}
}

static int bpf_configure(struct dataplane *dp, const struct conf *conf, struct links *links)
{
	struct dp_bpf *d = bpf_of(dp);
	int r = concentrators_configure(d->concentrators, conf, links);
	int r_devices;

	slow_check(d);
	r_devices = devices_configure(d->devices, conf, links);
	sessions_reroute(d);
	ways_again(d->ways);
	mppe_homes_configure(d->homes, conf);
	return r ? r : r_devices;
}

/* ---- coming and going */

static void *map_memory(const struct bpf_map *map)
{
	size_t len = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void map_memory_free(const struct bpf_map *map, void *memory)
{
	if (memory)
		munmap(memory, (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map));
}

static void skel_size(struct xpppd *skel, const struct dp_dims *dims)
{
	bpf_map__set_max_entries(skel->maps.sessions_up, dp_slots(dims));
	bpf_map__set_max_entries(skel->maps.sessions_down, dims->down_lines);
	bpf_map__set_max_entries(skel->maps.rates_up, dp_slots(dims));
	bpf_map__set_max_entries(skel->maps.rates_down, dims->down_lines);
	bpf_map__set_max_entries(skel->maps.routes, dp_slots(dims) * (XP_ROUTES_MAX + 1));
	bpf_map__set_max_entries(skel->maps.tunnels, dims->l2tp_spaces ? LINES_TUNNELS : 1);
	bpf_map__set_max_entries(skel->maps.addresses, dp_slots(dims));
	bpf_map__set_max_entries(skel->maps.hops, hops_entries());
	bpf_map__set_max_entries(skel->maps.mppe, mppe_slabs_max(dp_slots(dims)));
	skel->rodata->spaces = dims->spaces;
	skel->rodata->space_size = dims->space_size;
	skel->rodata->l2tp_first = dims->l2tp_first;
	skel->rodata->l2tp_spaces = dims->l2tp_spaces;
	skel->rodata->pptp_first = dims->pptp_first;
	skel->rodata->pptp_size = dims->pptp_size;
	skel->rodata->l2tp_space_size = dims->l2tp_space_size;
	skel->rodata->pool_count = dims->pools;
	memcpy((void *)skel->rodata->pools, dims->pool, sizeof(dims->pool));
}

static int skel_load(struct dp_bpf *d, const struct dp_dims *dims)
{
	int r;

	d->skel = xpppd__open();
	if (!d->skel) {
		r = -errno;
		log_msg(d->log, LOG_ERR, "cannot read the BPF programs: %s", strerror(-r));
		return r;
	}
	skel_size(d->skel, dims);
	r = xpppd__load(d->skel);
	if (r < 0) {
		log_msg(d->log, LOG_ERR, "the kernel does not take the BPF programs: %s%s",
			strerror(-r), r == -EPERM ? " (is BPF locked down here?)" : "");
		return r;
	}
	return pins_maps(&d->pins, d->skel->obj, d->log);
}

static int memory_map(struct dp_bpf *d, const struct dp_dims *dims)
{
	struct xp_session_up *up = map_memory(d->skel->maps.sessions_up);
	struct xp_session_down *down = map_memory(d->skel->maps.sessions_down);
	int r;

	d->lines.up = up;
	d->lines.down = down;
	d->rates.up = map_memory(d->skel->maps.rates_up);
	d->rates.down = map_memory(d->skel->maps.rates_down);
	d->rates.lines = &d->lines;
	d->tunnels = map_memory(d->skel->maps.tunnels);
	d->config = map_memory(d->skel->maps.config);
	if (!up || !down || !d->rates.up || !d->rates.down || !d->tunnels || !d->config) {
		log_msg(d->log, LOG_ERR, "cannot map the sessions' memory: %s", strerror(errno));
		return -ENOMEM;
	}
	d->config->version = XP_MAP_VERSION;
	r = lines_init(&d->lines, dims, up, down, d->tunnels);
	return r ? r : mppe_slabs_init(&d->mppe, &d->lines, bpf_map__fd(d->skel->maps.mppe));
}

/* What a session before this one in the slot has caused is not told. */
static void on_event(void *arg, const void *sample, size_t size)
{
	const struct xp_event *event = sample;
	struct dp_bpf *d = arg;

	if (size >= sizeof(*event) && d->dp.event && event->slot < d->lines.slots &&
	    lines_used(&d->lines, event->slot) &&
	    d->lines.up[event->slot].generation == event->generation)
		d->dp.event(d->dp.event_arg, event->slot, event->kind);
}

static int parts_new(struct dp_bpf *d)
{
	struct devices_config devices = {
		.programs = { bpf_program__fd(d->skel->progs.xpppd_xdp),
			      bpf_program__fd(d->skel->progs.xpppd_tc), d->pins.dir },
		.attached_fd = bpf_map__fd(d->skel->maps.attached),
		.devices_fd = bpf_map__fd(d->skel->maps.devices),
		.log = d->log,
		.changed = devices_changed,
		.arg = d,
	};
	struct concentrators_config concentrators = {
		.programs = { bpf_program__fd(d->skel->progs.xpppd_xdp_dp),
			      bpf_program__fd(d->skel->progs.xpppd_tc_dp), d->pins.dir },
		.drop_fd = bpf_program__fd(d->skel->progs.xpppd_tc_drop),
		.map_fd = bpf_map__fd(d->skel->maps.concentrators),
		.log = d->log,
		.renewed = concentrator_renewed,
		.arg = d,
	};
	const struct ways_config ways = {
		.loop = d->loop,
		.lines = &d->lines,
		.again_ms = CLOCK_WAY_AGAIN_MS,
		.set_mtu = on_set_mtu,
		.arg = d,
	};
	const struct mppe_homes_config homes = {
		.loop = d->loop,
		.log = d->log,
		.main = d->skel,
		.sessions = &d->mppe.sessions,
		.module = MPPE_HOMES_MODULE,
	};
	const struct cpus_config cpus = { d->skel, &d->lines, &d->pins, d->log };
	int r = routes_new(d->loop, d->log, &d->routes);

	d->captures.loop = d->loop;
	d->captures.dp = &d->dp;
	d->captures.lines = &d->lines;
	d->captures.map_fd = bpf_map__fd(d->skel->maps.capture);
	concentrators.routes = d->routes;
	if (r == 0)
		r = ring_new(d->loop, bpf_map__fd(d->skel->maps.events), on_event, d, &d->events);
	if (r == 0)
		r = ways_new(&ways, &d->ways);
	if (r == 0)
		r = mppe_homes_new(&homes, &d->homes);
	if (r == 0)
		r = hops_new(d->loop, d->log, d->config, &d->hops);
	if (r == 0)
		r = cpus_new(&cpus, &d->cpus);
	devices.cpus = d->cpus;
	if (r == 0)
		r = concentrators_new(&concentrators, &d->concentrators);
	d->netmap = (struct netmap){
		.lines = &d->lines,
		.addresses_fd = bpf_map__fd(d->skel->maps.addresses),
		.routes_fd = bpf_map__fd(d->skel->maps.routes),
		.config = d->config,
		.routes = d->routes,
		.concentrators = d->concentrators,
	};
	return r ? r : devices_new(&devices, &d->devices);
}

static void bpf_free(struct dataplane *dp)
{
	struct dp_bpf *d = bpf_of(dp);

	if (!d)
		return;
	devices_free(d->devices);
	cpus_free(d->cpus);
	for (unsigned int i = 0; i < XP_CONCENTRATORS; i++)
		slow_socket_free(d->slow[i].socket);
	concentrators_free(d->concentrators);
	ways_free(d->ways);
	hops_free(d->hops);
	routes_free(d->routes);
	captures_clear(&d->captures);
	ring_free(d->events);
	if (d->skel) {
		map_memory_free(d->skel->maps.sessions_up, d->lines.up);
		map_memory_free(d->skel->maps.sessions_down, d->lines.down);
		map_memory_free(d->skel->maps.rates_up, d->rates.up);
		map_memory_free(d->skel->maps.rates_down, d->rates.down);
		map_memory_free(d->skel->maps.tunnels, d->tunnels);
		map_memory_free(d->skel->maps.config, d->config);
	}
	mppe_homes_free(d->homes);
	mppe_slabs_clear(&d->mppe);
	lines_clear(&d->lines);
	pins_close(&d->pins);
	xpppd__destroy(d->skel);
	platform_log_libbpf(NULL);
	free(d);
}

static const struct dataplane_ops bpf_ops = {
	.name = "bpf",
	.free = bpf_free,
	.configure = bpf_configure,
	.session_add = bpf_session_add,
	.session_del = bpf_session_del,
	.session_counters = bpf_session_counters,
	.ip_send = bpf_ip_send,
	.sequence = bpf_sequence,
	.received = bpf_received,
	.acknowledge = bpf_acknowledge,
	.mppe_set = bpf_mppe_set,
	.mppe = bpf_mppe,
	.mppe_forwards = bpf_mppe_forwards,
	.rate_set = bpf_rate_set,
	.rate_pass = bpf_rate_pass,
	.routes_set = bpf_routes_set,
	.has_address = bpf_has_address,
	.count = bpf_count,
	.capture = bpf_capture,
	.drops = bpf_drops,
	.paths = bpf_paths,
	.devices = bpf_devices,
	.programs = bpf_programs,
	.mppe_home = bpf_mppe_home,
	.maps = bpf_maps,
	.cpus = bpf_cpus,
};

int dp_bpf_new(struct ev_loop *loop, const struct dp_dims *dims, struct log *log,
	       struct dataplane **dp)
{
	struct dp_bpf *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->dp.ops = &bpf_ops;
	d->loop = loop;
	d->log = log;
	LIST_INIT(&d->captures.list);
	platform_log_libbpf(log);
	r = platform_check(log);
	if (r == 0)
		r = pins_open(&d->pins, log);
	if (r == 0)
		r = skel_load(d, dims);
	if (r == 0)
		r = memory_map(d, dims);
	if (r == 0)
		r = parts_new(d);
	if (r < 0) {
		bpf_free(&d->dp);
		return r;
	}
	*dp = &d->dp;
	return 0;
}
