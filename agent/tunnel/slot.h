/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Session ids of a driver and who has them. A slot is an id within one of
 * several id spaces; its number is what the data plane indexes by. Ids are
 * handed out in turn, beginning at a random one, and rest for
 * CLOCK_SLOT_QUARANTINE_MS after use: late frames of an old session must not
 * meet a new one. Where frames are known by their peer, too, only the same peer's
 * could, so another need not wait: or else those ids that are left over, a
 * quarantine long, would be all that can dial when everybody does. Once only: an id
 * that had two peers within a quarantine rests for all. Ids 0 and 0xffff are not
 * used (RFC 2516 4; RFC 2661 3.1 reserves 0).
 *
 * A space takes its memory when its first id is taken.
 */
#ifndef XPPPD_SLOT_H
#define XPPPD_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

struct slots;

int slots_new(uint32_t spaces, uint32_t space_size, struct slots **slots);
void slots_free(struct slots *slots);

/* owner: not NULL. -ENOSPC: no id is free or has rested long enough; -ENOMEM.
 */
int slot_take(struct slots *slots, uint32_t space, void *owner, struct mono now, uint32_t *slot);
/* peer: a hash of what else than the id is compared in each frame; 0: nothing is. */
int slot_take_for(struct slots *slots, uint32_t space, uint32_t peer, void *owner, struct mono now,
		  uint32_t *slot);
void slot_give(struct slots *slots, uint32_t slot, struct mono now);
/* The slot of an id, or one without an owner if there is no such id. */
uint32_t slot_of(const struct slots *slots, uint32_t space, uint16_t sid);
uint16_t slot_id(const struct slots *slots, uint32_t slot);
/* NULL if nobody has it, for any number. */
void *slot_owner(const struct slots *slots, uint32_t slot);
/* Was given back a moment ago. */
bool slot_resting(const struct slots *slots, uint32_t slot, struct mono now);

#endif
