/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pppoe/pppoe_later.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

struct pppoe_later_frame {
	TAILQ_ENTRY(pppoe_later_frame) entry;
	struct pppoe_interface *ifc;
	int64_t due_us;
	size_t len;
	uint8_t bytes[];
};

static void frame_del(struct pppoe_later *later, struct pppoe_later_frame *f)
{
	TAILQ_REMOVE(&later->frames, f, entry);
	later->n--;
	free(f);
}

static void timer_set(struct pppoe_later *later)
{
	const struct pppoe_later_frame *first = TAILQ_FIRST(&later->frames);
	int64_t us;

	ev_timer_stop(later->loop, &later->timer);
	if (!first)
		return;
	us = first->due_us - mono_now_us();
	ev_now_update(later->loop); /* timers count from the turn's beginning */
	ev_timer_set(&later->timer, us > 0 ? (double)us / 1e6 : 0., 0.);
	ev_timer_start(later->loop, &later->timer);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct pppoe_later *later = timer->data;
	int64_t now = mono_now_us();
	struct pppoe_later_frame *f;

	(void)loop;
	(void)revents;
	while ((f = TAILQ_FIRST(&later->frames)) && f->due_us <= now) {
		later->send(f->ifc, f->bytes, f->len);
		frame_del(later, f);
	}
	timer_set(later);
}

void pppoe_later_init(struct pppoe_later *later, struct ev_loop *loop,
		      void (*send)(struct pppoe_interface *ifc, const uint8_t *frame, size_t len))
{
	*later = (struct pppoe_later){ .loop = loop, .send = send };
	TAILQ_INIT(&later->frames);
	ev_init(&later->timer, on_timer);
	later->timer.data = later;
}

int pppoe_later_add(struct pppoe_later *later, struct pppoe_interface *ifc, const uint8_t *frame,
		    size_t len, unsigned int ms)
{
	struct pppoe_later_frame *f, *before;

	if (later->n >= PPPOE_LATER_MAX)
		return -ENOBUFS;
	f = malloc(sizeof(*f) + len);
	if (!f)
		return -ENOMEM;
	f->ifc = ifc;
	f->due_us = mono_now_us() + (int64_t)ms * 1000;
	f->len = len;
	memcpy(f->bytes, frame, len);
	/* delays change seldom: its place is nearly always the last */
	TAILQ_FOREACH_REVERSE(before, &later->frames, pppoe_later_frames, entry)
	if (before->due_us <= f->due_us)
		break;
	if (before)
		TAILQ_INSERT_AFTER(&later->frames, before, f, entry);
	else
		TAILQ_INSERT_HEAD(&later->frames, f, entry);
	later->n++;
	if (f == TAILQ_FIRST(&later->frames))
		timer_set(later);
	return 0;
}

void pppoe_later_drop(struct pppoe_later *later, const struct pppoe_interface *ifc)
{
	struct pppoe_later_frame *f, *next;

	for (f = TAILQ_FIRST(&later->frames); f; f = next) {
		next = TAILQ_NEXT(f, entry);
		if (!ifc || f->ifc == ifc)
			frame_del(later, f);
	}
	if (later->n == 0)
		ev_timer_stop(later->loop, &later->timer);
}
