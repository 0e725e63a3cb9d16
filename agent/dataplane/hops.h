/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Tells the programs when the next hops that they keep (`hops` of <xpppd/map.h>) may be used:
 * follows what the kernel's routing depends on, by its events.
 */
#ifndef XPPPD_HOPS_H
#define XPPPD_HOPS_H

#include <ev.h>
#include <stdint.h>

struct hops;
struct log;
struct xp_config;

/* Entries of the map, for all CPUs. */
uint32_t hops_entries(void);

/* -errno */
int hops_new(struct ev_loop *loop, struct log *log, struct xp_config *config, struct hops **hops);
void hops_free(struct hops *hops); /* from then on nothing is kept */

#endif
