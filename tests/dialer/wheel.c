/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "wheel.h"

#include <stddef.h>

static void list_init(struct wheel_timer *head)
{
	head->next = head->prev = head;
}

static void list_append(struct wheel_timer *head, struct wheel_timer *t)
{
	t->prev = head->prev;
	t->next = head;
	head->prev->next = t;
	head->prev = t;
}

void wheel_init(struct wheel *w, int64_t now)
{
	for (unsigned int i = 0; i < WHEEL_SLOTS; i++)
		list_init(&w->slot[i]);
	w->tick = now / WHEEL_TICK_NS;
}

void wheel_cancel(struct wheel_timer *t)
{
	if (!t->next)
		return;
	t->prev->next = t->next;
	t->next->prev = t->prev;
	t->next = t->prev = NULL;
}

void wheel_arm(struct wheel *w, struct wheel_timer *t, int64_t deadline)
{
	int64_t tick = deadline / WHEEL_TICK_NS + 1;

	wheel_cancel(t);
	if (tick <= w->tick)
		tick = w->tick + 1;
	t->deadline = deadline;
	list_append(&w->slot[tick % WHEEL_SLOTS], t);
}

/* Moves what is due in a slot to a list of its own first: fn may change the slot. */
static void expire_slot(struct wheel_timer *slot, int64_t now,
			void (*fn)(struct wheel_timer *t, void *arg), void *arg)
{
	struct wheel_timer due, *t, *next;

	list_init(&due);
	for (t = slot->next; t != slot; t = next) {
		next = t->next;
		if (t->deadline > now)
			continue;
		wheel_cancel(t);
		list_append(&due, t);
	}
	while (due.next != &due) {
		t = due.next;
		wheel_cancel(t);
		fn(t, arg);
	}
}

void wheel_advance(struct wheel *w, int64_t now, void (*fn)(struct wheel_timer *t, void *arg),
		   void *arg)
{
	int64_t last = now / WHEEL_TICK_NS;

	if (last - w->tick > WHEEL_SLOTS)
		w->tick = last - WHEEL_SLOTS;
	while (w->tick < last) {
		w->tick++;
		expire_slot(&w->slot[w->tick % WHEEL_SLOTS], now, fn, arg);
	}
}
