/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/slot.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#define ID_LAST 0xfffe
#define NO_SLOT UINT32_MAX

/* Used ids wait in queues that run through `next`; 0 ends them. */
struct slot_queue {
	uint16_t head, tail;
};

struct slot_space {
	void **owner;
	uint32_t *given; /* when, in milliseconds that wrap; 0: never */
	uint32_t *peer;  /* who has or had it; 0: unknown, or more than one lately */
	uint16_t *next;
	uint32_t start;            /* the id before the first one that was handed out */
	uint32_t fresh;            /* ids that were handed out at least once */
	struct slot_queue for_one; /* resting for the peer that had it */
	struct slot_queue for_all; /* they must not keep those of the other queue waiting */
};

struct slots {
	uint32_t spaces, space_size;
	uint32_t ids; /* per space */
	struct slot_space space[];
};

int slots_new(uint32_t spaces, uint32_t space_size, struct slots **slots)
{
	struct slots *s;

	if (spaces == 0 || space_size < 2 || (uint64_t)spaces * space_size >= NO_SLOT)
		return -EINVAL;
	s = calloc(1, sizeof(*s) + spaces * sizeof(struct slot_space));
	if (!s)
		return -ENOMEM;
	s->spaces = spaces;
	s->space_size = space_size;
	s->ids = space_size - 1 < ID_LAST ? space_size - 1 : ID_LAST;
	*slots = s;
	return 0;
}

static void space_fini(struct slot_space *space)
{
	free(space->owner);
	free(space->given);
	free(space->peer);
	free(space->next);
	*space = (struct slot_space){ 0 };
}

static int space_init(struct slot_space *space, uint32_t ids)
{
	if (space->owner)
		return 0;
	space->owner = calloc(ids + 1, sizeof(*space->owner));
	space->given = calloc(ids + 1, sizeof(*space->given));
	space->peer = calloc(ids + 1, sizeof(*space->peer));
	space->next = calloc(ids + 1, sizeof(*space->next));
	if (!space->owner || !space->given || !space->peer || !space->next) {
		space_fini(space);
		return -ENOMEM;
	}
	/* after a restart, clients with old sessions should not meet new ones; if there is no
	 * randomness yet, starting with 1 is no failure */
	if (getrandom(&space->start, sizeof(space->start), GRND_NONBLOCK) < 0)
		space->start = 0;
	space->start %= ids;
	return 0;
}

void slots_free(struct slots *slots)
{
	if (!slots)
		return;
	for (uint32_t i = 0; i < slots->spaces; i++)
		space_fini(&slots->space[i]);
	free(slots);
}

static bool id_resting(const struct slot_space *space, uint16_t id, struct mono now)
{
	return space->given[id] != 0 &&
	       (uint32_t)now.ms - space->given[id] < CLOCK_SLOT_QUARANTINE_MS;
}

static uint16_t queue_take(const struct slot_space *space, struct slot_queue *queue)
{
	uint16_t id = queue->head;

	queue->head = space->next[id];
	if (queue->head == 0)
		queue->tail = 0;
	return id;
}

static void queue_put(const struct slot_space *space, struct slot_queue *queue, uint16_t id)
{
	space->next[id] = 0;
	if (queue->tail)
		space->next[queue->tail] = id;
	else
		queue->head = id;
	queue->tail = id;
}

static uint16_t id_take(struct slot_space *space, uint32_t ids, uint32_t peer, struct mono now)
{
	uint16_t all = space->for_all.head, one = space->for_one.head;

	if (space->fresh < ids)
		return (uint16_t)(1 + (space->start + space->fresh++) % ids);
	if (all != 0 && !id_resting(space, all, now))
		return queue_take(space, &space->for_all);
	if (one != 0 && (!id_resting(space, one, now) || (peer != 0 && space->peer[one] != peer)))
		return queue_take(space, &space->for_one);
	return 0;
}

int slot_take(struct slots *slots, uint32_t space, void *owner, struct mono now, uint32_t *slot)
{
	return slot_take_for(slots, space, 0, owner, now, slot);
}

int slot_take_for(struct slots *slots, uint32_t space, uint32_t peer, void *owner, struct mono now,
		  uint32_t *slot)
{
	struct slot_space *s = &slots->space[space];
	uint16_t id;

	if (space_init(s, slots->ids))
		return -ENOMEM;
	id = id_take(s, slots->ids, peer, now);
	if (id == 0)
		return -ENOSPC;
	s->owner[id] = owner;
	s->peer[id] = peer;
	*slot = space * slots->space_size + id;
	return 0;
}

void slot_give(struct slots *slots, uint32_t slot, struct mono now)
{
	struct slot_space *s = &slots->space[slot / slots->space_size];
	uint16_t id = slot_id(slots, slot);
	uint32_t ms = (uint32_t)now.ms;

	/* it has not rested from the one before either, who is somebody else */
	if (id_resting(s, id, now))
		s->peer[id] = 0;
	s->owner[id] = NULL;
	s->given[id] = ms ? ms : 1;
	queue_put(s, s->peer[id] ? &s->for_one : &s->for_all, id);
}

uint32_t slot_of(const struct slots *slots, uint32_t space, uint16_t sid)
{
	if (space >= slots->spaces || sid == 0 || sid > slots->ids)
		return NO_SLOT;
	return space * slots->space_size + sid;
}

uint16_t slot_id(const struct slots *slots, uint32_t slot)
{
	return (uint16_t)(slot % slots->space_size);
}

/* The space of a slot that may exist, or NULL. */
static const struct slot_space *space_of(const struct slots *slots, uint32_t slot)
{
	uint32_t i = slot / slots->space_size;

	if (i >= slots->spaces || slot % slots->space_size > slots->ids)
		return NULL;
	return slots->space[i].owner ? &slots->space[i] : NULL;
}

void *slot_owner(const struct slots *slots, uint32_t slot)
{
	const struct slot_space *s = space_of(slots, slot);

	return s ? s->owner[slot_id(slots, slot)] : NULL;
}

bool slot_resting(const struct slots *slots, uint32_t slot, struct mono now)
{
	const struct slot_space *s = space_of(slots, slot);

	return s && id_resting(s, slot_id(slots, slot), now);
}
