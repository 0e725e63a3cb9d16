/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Where sessions' MPPE states lie: slabs of XP_MPPE_SLAB, made when the first session of its slots
 * needs one. They stay for the next ones, slots bound them; their keys do not.
 */
#ifndef XPPPD_MPPE_SLABS_H
#define XPPPD_MPPE_SLABS_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>
#include <xpppd/mppe.h>

struct dp_session;
struct lines;

struct mppe_slabs {
	struct lines *lines;
	struct xp_mppe **slab; /* by slot / XP_MPPE_SLAB */
	int map_fd;            /* the array of arrays; -1: memory of the agent's own */
	uint32_t sessions;     /* that have MPPE */
};

/* How many slabs so many slots may need. */
uint32_t mppe_slabs_max(uint32_t slots);

int mppe_slabs_init(struct mppe_slabs *slabs, struct lines *lines, int map_fd);
void mppe_slabs_clear(struct mppe_slabs *slabs);

/* As the operations mppe_set and mppe of dataplane.h. */
int mppe_slabs_set(struct mppe_slabs *slabs, uint32_t slot, const struct xp_mppe *mppe);
struct xp_mppe *mppe_slabs_find(const struct mppe_slabs *slabs, uint32_t slot);
/* The keys of a session whose lines are reserved but not published, if it has some. */
int mppe_slabs_add(struct mppe_slabs *slabs, const struct dp_session *session);
/* Wipes those of one whose lines are hidden but not released. */
void mppe_slabs_del(struct mppe_slabs *slabs, uint32_t slot);

#endif
