/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/cpus.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>

#include "conf/cpu_list.h"
#include "dataplane/inspect.h"
#include "dataplane/lines.h"
#include "dataplane/pins.h"
#include "dataplane/share.h"
#include "log.h"

#include "spread.skel.h"
#include "xpppd.skel.h"

#define QUEUE 2048 /* packets that wait for a CPU: some milliseconds of what it can do */
#define OWN_MPPE "mppe_xdp"
#define OWN_MPPE_PIN "spread_mppe" /* the main object has one of that name */

struct deal { /* a CPU of a device's set */
	uint32_t cpu;
	uint32_t sessions;
};

struct spread_device {
	LIST_ENTRY(spread_device) entry;
	uint32_t ifindex;
	cpu_set_t set;
	struct deal deals[CPU_SETSIZE];
	unsigned int n;
};

struct cpus {
	struct cpus_config config;
	struct spread *spread;     /* NULL: not loaded */
	struct xp_spread *session; /* by slot, the map's memory */
	size_t slots;              /* of PPPoE, which come first */
	LIST_HEAD(, spread_device) devices;
	cpu_set_t queues; /* CPUs that have one */
};

/* ---- programs and maps */

static int cpus_possible(void)
{
	int cpu = CPU_SETSIZE - 1;
	cpu_set_t possible;

	if (cpu_list_read("possible", &possible) < 0)
		return libbpf_num_possible_cpus();
	while (cpu > 0 && !CPU_ISSET(cpu, &possible))
		cpu--;
	return cpu + 1;
}

/* What can only be set when the maps are there. */
static int spread_set_up(const struct xpppd *main, struct spread *spread)
{
	int rest = bpf_program__fd(main->progs.xpppd_xdp);
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info), zero = 0;

	if (bpf_map_update_elem(bpf_map__fd(spread->maps.spread_rest), &zero, &rest, BPF_ANY) < 0 ||
	    bpf_obj_get_info_by_fd(bpf_map__fd(spread->maps.spread_cpus), &info, &len) < 0)
		return -errno;
	spread->bss->spread_cpus_id = info.id;
	return 0;
}

int cpus_load(const struct xpppd *main, uint32_t slots, struct spread **out)
{
	struct spread *spread = spread__open();
	int possible = cpus_possible();
	int r;

	if (!spread)
		return -errno;
	SHARE_CONSTANTS(main->rodata, spread->rodata);
	bpf_map__set_max_entries(spread->maps.spread_cpus, possible > 0 ? (uint32_t)possible : 1);
	bpf_map__set_max_entries(spread->maps.spread_sessions, slots);
	r = share_maps(main->obj, spread->obj, OWN_MPPE);
	if (r == 0)
		r = spread__load(spread);
	if (r == 0)
		r = spread_set_up(main, spread);
	if (r < 0) {
		spread__destroy(spread);
		return r;
	}
	*out = spread;
	return 0;
}

int cpus_queue(const struct spread *spread, uint32_t cpu, bool on)
{
	const struct bpf_cpumap_val value = {
		.qsize = QUEUE,
		.bpf_prog.fd = bpf_program__fd(spread->progs.spread_cpu),
	};
	int map = bpf_map__fd(spread->maps.spread_cpus);
	int r = on ? bpf_map_update_elem(map, &cpu, &value, BPF_ANY)
		   : bpf_map_delete_elem(map, &cpu);

	return r < 0 ? -errno : 0;
}

/* While the agent is dead the programs go on; the kernel would empty program arrays that nobody
 * holds. */
static int own_pin(struct cpus *c)
{
	const struct bpf_object *main = c->config.main->obj;
	struct bpf_map *map;
	int r = 0;

	bpf_object__for_each_map(map, c->spread->obj)
	{
		const char *name = bpf_map__name(map);

		if (r == 0 && strcmp(name, OWN_MPPE) == 0)
			r = pins_map(c->config.pins, map, OWN_MPPE_PIN, c->config.log);
		else if (r == 0 && !bpf_map__is_internal(map) &&
			 !bpf_object__find_map_by_name(main, name))
			r = pins_map(c->config.pins, map, name, c->config.log);
	}
	return r;
}

static void own_unpin(struct cpus *c)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, c->spread->obj)
	{
		if (bpf_map__is_pinned(map))
			bpf_map__unpin(map, NULL);
	}
}

static void unload(struct cpus *c)
{
	if (!c->spread)
		return;
	if (c->session)
		munmap(c->session, c->slots * sizeof(*c->session));
	own_unpin(c);
	spread__destroy(c->spread);
	c->session = NULL;
	c->spread = NULL;
	CPU_ZERO(&c->queues);
}

static int load(struct cpus *c)
{
	void *memory;
	int r;

	if (c->spread)
		return 0;
	r = cpus_load(c->config.main, (uint32_t)c->slots, &c->spread);
	if (r < 0)
		return r;
	memory = mmap(NULL, c->slots * sizeof(*c->session), PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(c->spread->maps.spread_sessions), 0);
	r = memory == MAP_FAILED ? -errno : 0;
	c->session = r < 0 ? NULL : memory;
	if (r == 0)
		r = own_pin(c);
	if (r < 0) {
		unload(c);
		return r;
	}
	c->spread->links.spread_lost = bpf_program__attach(c->spread->progs.spread_lost);
	if (!c->spread->links.spread_lost)
		log_msg(c->config.log, LOG_WARNING,
			"packets that find a CPU's queue full will not be counted: %s",
			strerror(errno));
	return 0;
}

/* ---- queues of CPUs */

/* Those that a device has sessions for. New ones come before sessions are sent there, old ones go
 * after that; the kernel works off what is in them. */
static int queues_add(struct cpus *c, const cpu_set_t *set)
{
	int r = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE && r == 0; cpu++) {
		if (!CPU_ISSET(cpu, set) || CPU_ISSET(cpu, &c->queues))
			continue;
		r = cpus_queue(c->spread, (uint32_t)cpu, true);
		if (r == 0)
			CPU_SET(cpu, &c->queues);
	}
	return r;
}

static void queues_trim(struct cpus *c)
{
	const struct spread_device *device;
	cpu_set_t used;

	CPU_ZERO(&used);
	LIST_FOREACH(device, &c->devices, entry)
		CPU_OR(&used, &used, &device->set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &c->queues) || CPU_ISSET(cpu, &used))
			continue;
		cpus_queue(c->spread, (uint32_t)cpu, false);
		CPU_CLR(cpu, &c->queues);
	}
}

/* ---- sessions */

static struct spread_device *device_find(const struct cpus *c, uint32_t ifindex)
{
	struct spread_device *device;

	LIST_FOREACH(device, &c->devices, entry)
		if (device->ifindex == ifindex)
			return device;
	return NULL;
}

static void session_set(struct cpus *c, uint32_t slot, uint16_t cpu_and_one)
{
	struct xp_spread *session = &c->session[slot];

	if (cpu_and_one)
		memcpy(session->peer_mac, c->config.lines->up[slot].peer_mac,
		       sizeof(session->peer_mac));
	__atomic_store_n(&session->cpu, cpu_and_one, __ATOMIC_RELEASE);
}

static void session_deal(struct cpus *c, struct spread_device *device, uint32_t slot)
{
	struct deal *least = &device->deals[0];

	for (unsigned int i = 1; i < device->n; i++)
		if (device->deals[i].sessions < least->sessions)
			least = &device->deals[i];
	least->sessions++;
	session_set(c, slot, (uint16_t)(least->cpu + 1));
}

static void session_take(struct cpus *c, struct spread_device *device, uint32_t slot)
{
	for (unsigned int i = 0; device && i < device->n; i++)
		if (device->deals[i].cpu + 1 == c->session[slot].cpu)
			device->deals[i].sessions--;
	session_set(c, slot, 0);
}

/* Packets that the agent moves, or that another kind of program decrypts, are not handed over. */
static bool session_spreads(const struct xp_session_up *up)
{
	return up->state == XP_STATE_FORWARD && !(up->flags & XP_F_MPPE);
}

void cpus_session(struct cpus *c, uint32_t slot)
{
	struct spread_device *device;
	const struct xp_session_up *up;
	bool spreads;

	if (!c->spread || slot >= c->slots)
		return;
	up = &c->config.lines->up[slot];
	device = device_find(c, up->ifindex);
	spreads = device && session_spreads(up);
	if (c->session[slot].cpu && !spreads)
		session_take(c, device, slot);
	else if (!c->session[slot].cpu && spreads)
		session_deal(c, device, slot);
}

/* ---- devices */

static void deal_out(struct cpus *c, struct spread_device *device, const cpu_set_t *set)
{
	const struct xp_session_up *up = c->config.lines->up;

	device->set = *set;
	device->n = 0;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, set))
			device->deals[device->n++] = (struct deal){ .cpu = (uint32_t)cpu };
	for (uint32_t slot = 0; slot < c->slots; slot++) {
		if (up[slot].state == XP_STATE_FREE || up[slot].ifindex != device->ifindex)
			continue;
		if (device->n && session_spreads(&up[slot]))
			session_deal(c, device, slot);
		else
			session_set(c, slot, 0);
	}
}

static struct spread_device *device_new(struct cpus *c, uint32_t ifindex)
{
	struct spread_device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	device->ifindex = ifindex;
	LIST_INSERT_HEAD(&c->devices, device, entry);
	return device;
}

int cpus_spread(struct cpus *c, uint32_t ifindex, const cpu_set_t *set)
{
	struct spread_device *device = device_find(c, ifindex);
	int r = load(c);

	if (r == 0)
		r = queues_add(c, set);
	if (r == 0 && !device) {
		device = device_new(c, ifindex);
		r = device ? 0 : -ENOMEM;
	}
	if (r == 0 && !CPU_EQUAL(&device->set, set))
		deal_out(c, device, set);
	if (c->spread)
		queues_trim(c);
	if (LIST_EMPTY(&c->devices))
		unload(c);
	return r < 0 ? r : bpf_program__fd(c->spread->progs.spread_xdp);
}

void cpus_gather(struct cpus *c, uint32_t ifindex)
{
	struct spread_device *device = device_find(c, ifindex);
	cpu_set_t none;

	if (!device)
		return;
	CPU_ZERO(&none);
	deal_out(c, device, &none);
	LIST_REMOVE(device, entry);
	free(device);
	queues_trim(c);
	if (LIST_EMPTY(&c->devices))
		unload(c);
}

/* ---- as shown */

static uint32_t sessions_on(const struct cpus *c, uint32_t cpu)
{
	const struct spread_device *device;
	uint32_t sessions = 0;

	LIST_FOREACH(device, &c->devices, entry)
		for (unsigned int i = 0; i < device->n; i++)
			if (device->deals[i].cpu == cpu)
				sessions += device->deals[i].sessions;
	return sessions;
}

void cpus_show(const struct cpus *c, dp_cpu_fn fn, void *arg)
{
	int n = c->spread ? libbpf_num_possible_cpus() : 0;
	struct xp_spread_counter *counters = calloc(n > 0 ? (size_t)n : 1, sizeof(*counters));
	uint32_t zero = 0;

	if (n > 0 && counters &&
	    bpf_map_lookup_elem(bpf_map__fd(c->spread->maps.spread_counters), &zero, counters) == 0)
		for (int cpu = 0; cpu < n; cpu++) {
			const struct dp_cpu shown = {
				.cpu = (uint32_t)cpu,
				.sessions = sessions_on(c, (uint32_t)cpu),
				.given = counters[cpu].given,
				.taken = counters[cpu].taken,
			};

			if (CPU_ISSET(cpu, &c->queues) || shown.given || shown.taken)
				fn(arg, &shown);
		}
	free(counters);
}

void cpus_programs(const struct cpus *c, dp_program_fn fn, void *arg)
{
	if (c->spread)
		inspect_programs(c->spread->obj, fn, arg);
}

/* ---- coming and going */

int cpus_new(const struct cpus_config *config, struct cpus **out)
{
	struct cpus *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->config = *config;
	c->slots = config->lines->dims.l2tp_first;
	LIST_INIT(&c->devices);
	*out = c;
	return 0;
}

void cpus_free(struct cpus *c)
{
	struct spread_device *device;

	if (!c)
		return;
	while ((device = LIST_FIRST(&c->devices))) {
		LIST_REMOVE(device, entry);
		free(device);
	}
	unload(c);
	free(c);
}
