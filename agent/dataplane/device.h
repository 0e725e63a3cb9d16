/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The access and core devices of the configuration: attached when they are there, and again
 * when they come back.
 */
#ifndef XPPPD_DEVICE_H
#define XPPPD_DEVICE_H

#include "dataplane/attach.h"
#include "dataplane/dataplane.h"

struct cpus;
struct devices;

struct devices_config {
	struct attach_programs programs;
	int attached_fd; /* maps */
	int devices_fd;
	struct cpus *cpus;
	struct log *log;
	/* the set of attached devices or their modes changed */
	void (*changed)(void *arg);
	void *arg;
};

int devices_new(const struct devices_config *config, struct devices **devices);
void devices_free(struct devices *devices); /* detaches */
/* Attaches what conf names and detaches the rest. A device that fails is logged and shown: the
 * others work. -ENOMEM. */
int devices_configure(struct devices *devices, const struct conf *conf, struct links *links);
/* The mode whose programs can send to all attached devices: theirs if it is one, otherwise tc. */
enum attach_mode devices_mode(const struct devices *devices);
void devices_show(const struct devices *devices, dp_device_fn fn, void *arg);

#endif
