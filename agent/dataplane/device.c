/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/device.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/cpu_list.h"
#include "dataplane/cpus.h"
#include "dataplane/ethtool.h"
#include "link.h"
#include "log.h"

/* XDP does not see tags that the device took off. */
static const char *const strip_features[] = { "rx-vlan-hw-parse", "rx-vlan-stag-hw-parse" };
#define DETAIL_MAX 80 /* of why a mode did not work */
#define STRIP_FEATURES (sizeof(strip_features) / sizeof(strip_features[0]))

struct device {
	LIST_ENTRY(device) entry;
	struct devices *devices;
	struct link_sub *sub;
	struct link link;
	struct attach attach;
	enum conf_mode wanted;
	enum conf_mode next;       /* what the configuration that is being applied wants */
	cpu_set_t cpus, next_cpus; /* likewise: to spread its PPPoE over */
	bool spread;
	bool pppoe;
	bool stay; /* named by the configuration that is being applied */
	bool failed;
	bool strip_changed[STRIP_FEATURES]; /* to be switched on again */
	char detail[DETAIL_MAX + 16];       /* what was changed on it, why not a better mode */
};

struct devices {
	struct devices_config config;
	LIST_HEAD(, device) list;
};

static bool device_attached(const struct device *device)
{
	return device->attach.mode != ATTACH_NONE;
}

/* ---- what the programs know of the devices */

static void place_set(struct devices *devices, const struct device *device)
{
	uint32_t place = device->link.ifindex % XP_ATTACHED;
	struct xp_attached now = { 0 };

	if (bpf_map_lookup_elem(devices->config.attached_fd, &place, &now) == 0 && now.ifindex &&
	    now.ifindex != device->link.ifindex)
		return;
	now.ifindex = device->link.ifindex;
	memcpy(now.mac, device->link.mac, sizeof(now.mac));
	now.native = device->attach.mode == ATTACH_NATIVE;
	bpf_map_update_elem(devices->config.attached_fd, &place, &now, BPF_ANY);
}

static void place_clear(struct devices *devices, uint32_t ifindex)
{
	uint32_t place = ifindex % XP_ATTACHED;
	struct xp_attached now = { 0 }, none = { 0 };

	if (bpf_map_lookup_elem(devices->config.attached_fd, &place, &now) == 0 &&
	    now.ifindex == ifindex)
		bpf_map_update_elem(devices->config.attached_fd, &place, &none, BPF_ANY);
	bpf_map_delete_elem(devices->config.devices_fd, &ifindex);
}

/*
 * A native program can send only to devices whose driver takes XDP frames; those that run one
 * do. Generic XDP can send to any device. So beside native ones no other device is in the
 * devmap, and what goes there takes the stack path.
 */
static void devices_sync(struct devices *devices)
{
	struct device *device;
	bool native = false;

	LIST_FOREACH(device, &devices->list, entry)
		native |= device->attach.mode == ATTACH_NATIVE;
	LIST_FOREACH(device, &devices->list, entry) {
		uint32_t ifindex = device->link.ifindex;

		if (!device_attached(device))
			continue;
		place_set(devices, device);
		if (native && device->attach.mode != ATTACH_NATIVE)
			bpf_map_delete_elem(devices->config.devices_fd, &ifindex);
		else
			bpf_map_update_elem(devices->config.devices_fd, &ifindex, &ifindex,
					    BPF_ANY);
	}
	if (devices->config.changed)
		devices->config.changed(devices->config.arg);
}

/* ---- one device */

static void device_strip_off(struct device *device)
{
	for (size_t i = 0; i < STRIP_FEATURES; i++) {
		int r = ethtool_set_feature(device->link.name, strip_features[i], false);

		device->strip_changed[i] = r == 1;
		if (r < 0)
			log_msg(device->devices->config.log, LOG_WARNING,
				"%s: cannot switch %s off (%s): tagged frames may not be seen",
				device->link.name, strip_features[i], strerror(-r));
	}
}

static void device_strip_restore(struct device *device)
{
	for (size_t i = 0; i < STRIP_FEATURES; i++) {
		if (device->strip_changed[i])
			ethtool_set_feature(device->link.name, strip_features[i], true);
		device->strip_changed[i] = false;
	}
}

static void device_check_forwarding(const struct device *device)
{
	char path[64 + IFNAMSIZ];
	char value = '1';
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/forwarding", device->link.name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (read(fd, &value, 1) == 1 && value == '0')
		log_msg(device->devices->config.log, LOG_WARNING,
			"%s: IPv4 forwarding is off, packets from there reach no session "
			"(sysctl net.ipv4.ip_forward=1)",
			device->link.name);
	close(fd);
}

static void device_tell(struct device *device, const char *why)
{
	struct log *log = device->devices->config.log;
	const char *name = device->link.name;
	bool strip = device->strip_changed[0] || device->strip_changed[1];

	if (device_attached(device)) {
		snprintf(device->detail, sizeof(device->detail), "%s%s%s",
			 strip ? "rxvlan off" : "",
			 strip && *why ? ", not "
			 : *why        ? "not "
				       : "",
			 why);
		log_msg(log, LOG_INFO, "%s: attached, %s mode%s%s", name,
			attach_mode_name(device->attach.mode), *device->detail ? ", " : "",
			device->detail);
		return;
	}
	if (!device->failed || strcmp(device->detail, why) != 0)
		log_msg(log, LOG_ERR, "%s: cannot attach: %s", name, why);
	snprintf(device->detail, sizeof(device->detail), "%s", why);
}

static bool device_is_xdp(const struct device *device)
{
	return device->attach.mode == ATTACH_NATIVE || device->attach.mode == ATTACH_GENERIC;
}

/* The program that hands over must not be left without its maps: it would pass everything to the stack.
 * If it cannot be replaced, it stays with them, until the next reload or the device's end. */
static void device_gather(struct device *device)
{
	const struct devices_config *config = &device->devices->config;
	int r = 0;

	if (!device->spread)
		return;
	if (device_attached(device))
		r = attach_change(&device->attach, config->programs.xdp_fd);
	if (r < 0) {
		log_msg(config->log, LOG_ERR, "%s: PPPoE stays spread over CPUs: %s",
			device->link.name, strerror(-r));
		return;
	}
	cpus_gather(config->cpus, device->link.ifindex);
	device->spread = false;
}

/* As the configuration wants it, again and again; without it the device does as well, if slower. */
static void device_spread(struct device *device)
{
	const struct devices_config *config = &device->devices->config;
	char text[DETAIL_MAX];
	int r;

	if (CPU_COUNT(&device->cpus) == 0) {
		device_gather(device);
		return;
	}
	if (!device_is_xdp(device)) {
		log_msg(config->log, LOG_WARNING, "%s: tc does not spread PPPoE over CPUs",
			device->link.name);
		return;
	}
	r = cpus_spread(config->cpus, device->link.ifindex, &device->cpus);
	device->spread |= r >= 0;
	if (r >= 0)
		r = attach_change(&device->attach, r);
	cpu_list_print(&device->cpus, text, sizeof(text));
	if (r == 0) {
		log_msg(config->log, LOG_INFO, "%s: PPPoE is spread over CPUs %s",
			device->link.name, text);
		return;
	}
	log_msg(config->log, LOG_ERR, "%s: cannot spread PPPoE over CPUs %s: %s", device->link.name,
		text, strerror(-r));
	device_gather(device);
}

static void device_open(struct device *device)
{
	struct devices *devices = device->devices;
	char why[DETAIL_MAX];
	int r;

	r = attach_open(&device->attach, &devices->config.programs, device->link.name,
			device->link.ifindex, device->wanted, ATTACH_NATIVE, why, sizeof(why));
	if (r == 0)
		device_strip_off(device);
	device_tell(device, why);
	device->failed = r < 0;
	if (r == 0 && !device->pppoe)
		device_check_forwarding(device);
	if (r == 0)
		device_spread(device);
}

static void device_close(struct device *device)
{
	if (!device_attached(device))
		return;
	attach_close(&device->attach);
	device_gather(device);
	place_clear(device->devices, device->link.ifindex);
	if (device->link.ifindex)
		device_strip_restore(device);
}

static void device_link(void *arg, const struct link *link)
{
	struct device *device = arg;

	if (!link->ifindex && device_attached(device)) {
		log_msg(device->devices->config.log, LOG_WARNING, "%s has vanished: waiting for it",
			link->name);
		memset(device->strip_changed, 0, sizeof(device->strip_changed));
	}
	if (device->link.ifindex != link->ifindex)
		device_close(device);
	device->link = *link;
	if (link->ifindex && !device_attached(device))
		device_open(device);
	devices_sync(device->devices);
}

static void device_free(struct device *device)
{
	links_unsubscribe(device->sub);
	device_close(device);
	LIST_REMOVE(device, entry);
	free(device);
}

static struct device *device_find(struct devices *devices, const char *name)
{
	struct device *device;

	LIST_FOREACH(device, &devices->list, entry)
		if (!strcmp(device->link.name, name))
			return device;
	return NULL;
}

/* ---- all of them */

int devices_new(const struct devices_config *config, struct devices **out)
{
	struct devices *devices = calloc(1, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	devices->config = *config;
	LIST_INIT(&devices->list);
	*out = devices;
	return 0;
}

void devices_free(struct devices *devices)
{
	struct device *device;

	if (!devices)
		return;
	while ((device = LIST_FIRST(&devices->list)))
		device_free(device);
	free(devices);
}

/* attach: NULL, or what the configuration says of it */
static int device_want(struct devices *devices, const char *name, bool pppoe,
		       const struct conf_attach *attach)
{
	struct device *device = device_find(devices, name);

	if (!device) {
		device = calloc(1, sizeof(*device));
		if (!device)
			return -ENOMEM;
		device->devices = devices;
		device->attach.link_fd = -1;
		snprintf(device->link.name, sizeof(device->link.name), "%s", name);
		LIST_INSERT_HEAD(&devices->list, device, entry);
	}
	if (!device->stay) {
		device->pppoe = false;
		device->next = CONF_MODE_AUTO;
		CPU_ZERO(&device->next_cpus);
	}
	device->stay = true;
	device->pppoe |= pppoe;
	if (attach) {
		device->next = attach->mode;
		device->next_cpus = attach->pppoe_cpus;
	}
	return 0;
}

static int devices_want(struct devices *devices, const struct conf *conf)
{
	const struct conf_attach *attach;
	const struct conf_tunnel *tunnel;
	const struct conf_name *name;
	int r = 0;

	STAILQ_FOREACH(attach, &conf->attaches, entry)
		if (r == 0)
			r = device_want(devices, attach->name, false, attach);
	STAILQ_FOREACH(tunnel, &conf->tunnels, entry) {
		if (tunnel->protocol != CONF_PPPOE || !tunnel->bound)
			continue;
		STAILQ_FOREACH(name, &tunnel->pppoe.interfaces, entry)
			if (r == 0)
				r = device_want(devices, name->name, true, NULL);
	}
	return r;
}

static int device_watch(struct device *device, struct links *links)
{
	bool changed;

	if (device->wanted != device->next)
		device_close(device);
	device->wanted = device->next;
	changed = !CPU_EQUAL(&device->cpus, &device->next_cpus);
	device->cpus = device->next_cpus;
	if (device_attached(device) &&
	    (changed || device->spread != (CPU_COUNT(&device->cpus) > 0)))
		device_spread(device);
	if (!device->sub) {
		int r = links_subscribe(links, device->link.name, device_link, device,
					&device->sub);

		if (r < 0)
			return r;
	} else if (device->link.ifindex && !device_attached(device)) {
		device_open(device);
	}
	if (!device->link.ifindex)
		log_msg(device->devices->config.log, LOG_WARNING,
			"%s does not exist: waiting for it", device->link.name);
	return 0;
}

int devices_configure(struct devices *devices, const struct conf *conf, struct links *links)
{
	struct device *device, *next;
	int r;

	LIST_FOREACH(device, &devices->list, entry)
		device->stay = false;
	r = devices_want(devices, conf);
	for (device = LIST_FIRST(&devices->list); device; device = next) {
		next = LIST_NEXT(device, entry);
		if (r == 0 && !device->stay)
			device_free(device);
		else if (r == 0)
			r = device_watch(device, links);
	}
	devices_sync(devices);
	return r;
}

enum attach_mode devices_mode(const struct devices *devices)
{
	enum attach_mode mode = ATTACH_NONE;
	const struct device *device;

	LIST_FOREACH(device, &devices->list, entry) {
		if (!device_attached(device))
			continue;
		if (mode != ATTACH_NONE && mode != device->attach.mode)
			return ATTACH_TC;
		mode = device->attach.mode;
	}
	return mode == ATTACH_NONE ? ATTACH_NATIVE : mode;
}

static void device_tell_detail(const struct device *device, char *text, size_t size)
{
	const char *before = *device->detail ? ", " : "";
	char cpus[DETAIL_MAX];

	cpu_list_print(&device->cpus, cpus, sizeof(cpus));
	if (device->spread && *cpus)
		snprintf(text, size, "%s%sPPPoE over CPUs %s", device->detail, before, cpus);
	else if (device->spread)
		snprintf(text, size, "%s%sPPPoE is still spread", device->detail, before);
	else if (*cpus && device_attached(device))
		snprintf(text, size, "%s%sPPPoE is not spread", device->detail, before);
	else
		snprintf(text, size, "%s", device->detail);
}

void devices_show(const struct devices *devices, dp_device_fn fn, void *arg)
{
	const struct device *device;

	LIST_FOREACH(device, &devices->list, entry) {
		struct dp_device shown = {
			.mode = attach_mode_name(device->attach.mode),
			.role = device->pppoe ? "pppoe" : "core",
			.state = !device->link.ifindex     ? "missing"
				 : device_attached(device) ? "attached"
							   : "failed",
		};

		memcpy(shown.name, device->link.name, sizeof(shown.name));
		device_tell_detail(device, shown.detail, sizeof(shown.detail));
		fn(arg, &shown);
	}
}
