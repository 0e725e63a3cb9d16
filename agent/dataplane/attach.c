/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Pins: link_IF is the BPF link of an XDP program, tc_IF the program of a tc filter: a
 * filter outlives its owner by itself, its pin is there so that the next agent
 * finds it. bpffs takes no dots in names, network devices no colons.
 */
#include "dataplane/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "dataplane/filter.h"

#define PIN_LINK "link_"
#define PIN_TC "tc_"

static const char *const mode_names[] = {
	[ATTACH_NONE] = "-",
	[ATTACH_NATIVE] = "native",
	[ATTACH_GENERIC] = "generic",
	[ATTACH_TC] = "tc",
};

const char *attach_mode_name(enum attach_mode mode)
{
	return mode_names[mode];
}

static void char_replace(char *s, char from, char to)
{
	while ((s = strchr(s, from)))
		*s = to;
}

static void pin_path(char path[PATH_MAX], const char *dir, const char *kind, const char *ifname)
{
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "%s", ifname);
	char_replace(name, '.', ':');
	snprintf(path, PATH_MAX, "%s/%s%s", dir, kind, name);
}

static int pin(int fd, const char *dir, const char *kind, const char *ifname)
{
	char path[PATH_MAX];

	pin_path(path, dir, kind, ifname);
	unlink(path);
	return bpf_obj_pin(fd, path) < 0 ? -errno : 0;
}

static void unpin(const char *dir, const char *kind, const char *ifname)
{
	char path[PATH_MAX];

	pin_path(path, dir, kind, ifname);
	unlink(path);
}

/* Never replaces: the kernel refuses a link while there is another program. */
static int xdp_open(struct attach *attach, const struct attach_programs *programs, bool generic)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts,
		    .flags = generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(programs->xdp_fd, (int)attach->ifindex, BPF_XDP, &opts);
	int r;

	if (fd < 0)
		return -errno;
	r = pin(fd, programs->pin_dir, PIN_LINK, attach->name);
	if (r < 0) {
		close(fd);
		return r;
	}
	attach->link_fd = fd;
	return 0;
}

static int tc_open(struct attach *attach, const struct attach_programs *programs)
{
	int r = pin(programs->tc_fd, programs->pin_dir, PIN_TC, attach->name);

	if (r < 0)
		return r;
	r = filter_add(attach->ifindex, programs->tc_fd);
	if (r < 0)
		unpin(programs->pin_dir, PIN_TC, attach->name);
	return r;
}

static int mode_open(struct attach *attach, const struct attach_programs *programs,
		     enum attach_mode mode)
{
	int r = mode == ATTACH_TC ? tc_open(attach, programs)
				  : xdp_open(attach, programs, mode == ATTACH_GENERIC);

	if (r == 0)
		attach->mode = mode;
	return r;
}

static void why_add(char *why, size_t size, enum attach_mode mode, int error)
{
	size_t at = strlen(why);

	if (error == -EBUSY || error == -EEXIST)
		snprintf(why + at, size - at, "%s%s: the device has another program",
			 at ? "; " : "", mode_names[mode]);
	else
		snprintf(why + at, size - at, "%s%s: %s", at ? "; " : "", mode_names[mode],
			 strerror(-error));
}

/* `auto` leaves generic XDP to who asks for it: where the driver has no XDP, GRO has merged packets
 * before, of which tc can tell. */
static enum attach_mode mode_after(enum attach_mode mode)
{
	return mode == ATTACH_NATIVE ? ATTACH_TC : mode + 1;
}

int attach_open(struct attach *attach, const struct attach_programs *programs, const char *name,
		uint32_t ifindex, enum conf_mode wanted, enum attach_mode first, char *why,
		size_t why_size)
{
	static const enum attach_mode fixed[] = {
		[CONF_MODE_NATIVE] = ATTACH_NATIVE,
		[CONF_MODE_GENERIC] = ATTACH_GENERIC,
		[CONF_MODE_TC] = ATTACH_TC,
	};
	enum attach_mode mode = wanted == CONF_MODE_AUTO ? first : fixed[wanted];
	enum attach_mode last = wanted == CONF_MODE_AUTO ? ATTACH_TC : mode;
	int r = -EINVAL;

	*attach =
		(struct attach){ .ifindex = ifindex, .link_fd = -1, .pin_dir = programs->pin_dir };
	snprintf(attach->name, sizeof(attach->name), "%s", name);
	why[0] = '\0';
	for (; mode <= last; mode = mode_after(mode)) {
		r = mode_open(attach, programs, mode);
		/* somebody else's device: not to be shared by another hook */
		if (r == 0 || r == -EBUSY || r == -EEXIST)
			break;
		why_add(why, why_size, mode, r);
	}
	if (r == -EBUSY || r == -EEXIST) {
		why[0] = '\0';
		why_add(why, why_size, mode, r);
		return -EBUSY;
	}
	return r;
}

int attach_change(const struct attach *attach, int xdp_fd)
{
	return bpf_link_update(attach->link_fd, xdp_fd, NULL) < 0 ? -errno : 0;
}

void attach_close(struct attach *attach)
{
	if (attach->mode == ATTACH_NONE)
		return;
	if (attach->mode == ATTACH_TC) {
		filter_del(attach->ifindex);
		unpin(attach->pin_dir, PIN_TC, attach->name);
	} else {
		bpf_link_detach(attach->link_fd);
		unpin(attach->pin_dir, PIN_LINK, attach->name);
		close(attach->link_fd);
	}
	attach->mode = ATTACH_NONE;
	attach->link_fd = -1;
}

static void sweep_link(const char *path)
{
	int fd = bpf_obj_get(path);

	if (fd >= 0) {
		bpf_link_detach(fd);
		close(fd);
	}
	unlink(path);
}

static void sweep_tc(const char *path, const char *pinned_name)
{
	char name[IFNAMSIZ];
	uint32_t ifindex;

	snprintf(name, sizeof(name), "%s", pinned_name);
	char_replace(name, ':', '.');
	ifindex = if_nametoindex(name);
	if (ifindex)
		filter_del(ifindex);
	unlink(path);
}

void attach_sweep(const char *pin_dir)
{
	const struct dirent *entry;
	DIR *dir = opendir(pin_dir);
	char path[PATH_MAX];

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (snprintf(path, sizeof(path), "%s/%s", pin_dir, entry->d_name) >= PATH_MAX)
			continue;
		if (!strncmp(entry->d_name, PIN_LINK, strlen(PIN_LINK)))
			sweep_link(path);
		else if (!strncmp(entry->d_name, PIN_TC, strlen(PIN_TC)))
			sweep_tc(path, entry->d_name + strlen(PIN_TC));
	}
	closedir(dir);
}
