/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/ethtool.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FEATURES_MAX 256
#define BLOCKS (FEATURES_MAX / 32)

struct device {
	int fd;
	struct ifreq ifr;
};

static int device_call(struct device *device, void *command)
{
	device->ifr.ifr_data = command;
	return ioctl(device->fd, SIOCETHTOOL, &device->ifr) < 0 ? -errno : 0;
}

static int features_count(struct device *device, uint32_t *count)
{
	union {
		struct ethtool_sset_info info;
		uint8_t space[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} ask = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES } };
	int r = device_call(device, &ask);

	if (r < 0)
		return r;
	if (ask.info.data[0] > FEATURES_MAX)
		return -E2BIG;
	*count = ask.info.data[0];
	return 0;
}

/* The feature's bit, -ENOENT if this kernel knows none of that name. */
static int feature_bit(struct device *device, const char *feature, uint32_t count)
{
	struct ethtool_gstrings *names;
	int r;

	names = calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	if (!names)
		return -ENOMEM;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = count;
	r = device_call(device, names);
	if (r == 0)
		r = -ENOENT;
	for (uint32_t i = 0; r == -ENOENT && i < names->len; i++)
		if (!strncmp((char *)names->data + (size_t)i * ETH_GSTRING_LEN, feature,
			     ETH_GSTRING_LEN))
			r = (int)i;
	free(names);
	return r;
}

static int feature_get(struct device *device, uint32_t count, unsigned int bit, bool *on)
{
	union {
		struct ethtool_gfeatures head;
		uint8_t space[sizeof(struct ethtool_gfeatures) +
			      BLOCKS * sizeof(struct ethtool_get_features_block)];
	} get;
	int r;

	memset(&get, 0, sizeof(get));
	get.head.cmd = ETHTOOL_GFEATURES;
	get.head.size = (count + 31) / 32;
	r = device_call(device, &get);
	if (r == 0)
		*on = get.head.features[bit / 32].active >> bit % 32 & 1;
	return r;
}

static int feature_set(struct device *device, uint32_t count, unsigned int bit, bool on)
{
	union {
		struct ethtool_sfeatures head;
		uint8_t space[sizeof(struct ethtool_sfeatures) +
			      BLOCKS * sizeof(struct ethtool_set_features_block)];
	} set;
	bool now = !on;
	int r;

	memset(&set, 0, sizeof(set));
	set.head.cmd = ETHTOOL_SFEATURES;
	set.head.size = (count + 31) / 32;
	set.head.features[bit / 32].valid = 1u << bit % 32;
	set.head.features[bit / 32].requested = on ? 1u << bit % 32 : 0;
	r = device_call(device, &set);
	if (r == 0)
		r = feature_get(device, count, bit, &now);
	if (r < 0)
		return r;
	return now == on ? 1 : -EOPNOTSUPP;
}

static int device_set(struct device *device, const char *feature, bool on)
{
	uint32_t count;
	bool now;
	int r = features_count(device, &count);
	int bit;

	if (r < 0)
		return r;
	bit = feature_bit(device, feature, count);
	if (bit < 0)
		return bit == -ENOENT ? 0 : bit;
	r = feature_get(device, count, (unsigned int)bit, &now);
	if (r < 0 || now == on)
		return r;
	return feature_set(device, count, (unsigned int)bit, on);
}

int ethtool_set_feature(const char *ifname, const char *feature, bool on)
{
	struct device device = { .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	int r;

	if (device.fd < 0)
		return -errno;
	strncpy(device.ifr.ifr_name, ifname, sizeof(device.ifr.ifr_name) - 1);
	r = device_set(&device, feature, on);
	close(device.fd);
	return r;
}
