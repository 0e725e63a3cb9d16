/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * PPPoE session ids and who has them. A slot is an id within one of several id spaces;
 * its number is what the data plane indexes by. Ids are handed out in turn, beginning at a
 * random one, and rest for CLOCK_SLOT_QUARANTINE_MS after use: late frames of an old
 * session must not meet a new one. Ids 0 and 0xffff are reserved (RFC 2516 4).
 *
 * A space takes its memory when its first id is taken.
 */
#ifndef XPPPD_PPPOE_SLOT_H
#define XPPPD_PPPOE_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

struct pppoe_slots;

int pppoe_slots_new(uint32_t spaces, uint32_t space_size, struct pppoe_slots **slots);
void pppoe_slots_free(struct pppoe_slots *slots);

/* owner: not NULL. -ENOSPC: no id is free or has rested long enough; -ENOMEM. */
int pppoe_slot_take(struct pppoe_slots *slots, uint32_t space, void *owner, struct mono now,
		    uint32_t *slot);
void pppoe_slot_give(struct pppoe_slots *slots, uint32_t slot, struct mono now);
/* The slot of an id, or one without an owner if there is no such id. */
uint32_t pppoe_slot_of(const struct pppoe_slots *slots, uint32_t space, uint16_t sid);
uint16_t pppoe_slot_sid(const struct pppoe_slots *slots, uint32_t slot);
/* NULL if nobody has it, for any number. */
void *pppoe_slot_owner(const struct pppoe_slots *slots, uint32_t slot);
/* Was given back a moment ago. */
bool pppoe_slot_resting(const struct pppoe_slots *slots, uint32_t slot, struct mono now);

#endif
