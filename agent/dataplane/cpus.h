/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Which CPU does the work for which PPPoE session, on devices whose frames all come in on one
 * (`pppoe-cpus`). Its programs and maps are loaded while there are such devices.
 */
#ifndef XPPPD_CPUS_H
#define XPPPD_CPUS_H

#include <sched.h>

#include "dataplane/dataplane.h"

struct cpus;
struct lines;
struct log;
struct pins;
struct spread;
struct xpppd;

struct cpus_config {
	const struct xpppd *main;
	const struct lines *lines;
	const struct pins *pins;
	struct log *log;
};

int cpus_new(const struct cpus_config *config, struct cpus **cpus);
void cpus_free(struct cpus *cpus); /* after the devices */

/*
 * The sessions behind this device get one CPU each out of the set, as many on each. Returns the
 * program for the device: the caller puts it there. If it is another set than before all are dealt out
 * anew; packets that are on their way at that moment may then overtake each other.
 */
int cpus_spread(struct cpus *cpus, uint32_t ifindex, const cpu_set_t *set);
/* Not any more; the program is on the device no longer. */
void cpus_gather(struct cpus *cpus, uint32_t ifindex);
/* A session has come, has changed, or is not visible any more. */
void cpus_session(struct cpus *cpus, uint32_t slot);

void cpus_show(const struct cpus *cpus, dp_cpu_fn fn, void *arg);
void cpus_programs(const struct cpus *cpus, dp_program_fn fn, void *arg);

/* The programs of bpf/spread.bpf.c, beside main's, for so many slots of PPPoE. */
int cpus_load(const struct xpppd *main, uint32_t slots, struct spread **spread);
/* Lets a CPU do work, or not. -errno. */
int cpus_queue(const struct spread *spread, uint32_t cpu, bool on);

#endif
