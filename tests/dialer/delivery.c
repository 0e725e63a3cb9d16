/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "delivery.h"

#include <stdlib.h>
#include <string.h>

void delivery_init(struct delivery *d)
{
	memset(d, 0, sizeof(*d));
	d->end = &d->first;
	d->window = DELIVERY_WINDOW;
}

void delivery_free(struct delivery *d)
{
	struct message *m;

	while ((m = d->first)) {
		d->first = m->next;
		free(m);
	}
	for (unsigned int i = 0; i < DELIVERY_EARLY; i++)
		free(d->early[i]);
	delivery_init(d);
}

static struct message *make(uint16_t ns, uint16_t sid, const void *body, size_t len)
{
	struct message *m = calloc(1, sizeof(*m) + len);

	if (!m)
		return NULL;
	m->ns = ns;
	m->sid = sid;
	m->len = len;
	memcpy(m->body, body, len);
	return m;
}

bool delivery_queue(struct delivery *d, uint16_t sid, const void *body, size_t len)
{
	struct message *m = make(d->ns, sid, body, len);

	if (!m)
		return false;
	d->ns++;
	d->queued++;
	*d->end = m;
	d->end = &m->next;
	return true;
}

struct message *delivery_next(struct delivery *d)
{
	struct message *m = d->first;

	if (d->in_flight >= d->window || d->in_flight >= d->queued)
		return NULL;
	for (uint32_t i = 0; i < d->in_flight; i++)
		m = m->next;
	d->in_flight++;
	return m;
}

void delivery_again(struct delivery *d)
{
	d->in_flight = 0;
}

uint32_t delivery_acknowledge(struct delivery *d, uint16_t nr)
{
	struct message *m;
	uint32_t n = 0;

	/* an nr beyond what was sent is not believed */
	if ((uint16_t)(d->ns - nr) > d->queued)
		return 0;
	while ((m = d->first) && m->sent && m->ns != nr) {
		d->first = m->next;
		if (!d->first)
			d->end = &d->first;
		d->queued--;
		if (d->in_flight)
			d->in_flight--;
		free(m);
		n++;
	}
	return n;
}

enum delivery_verdict delivery_judge(const struct delivery *d, uint16_t ns)
{
	if (ns == d->nr)
		return DELIVERY_NEXT;
	return (uint16_t)(ns - d->nr) < 0x8000 ? DELIVERY_AHEAD : DELIVERY_DUPLICATE;
}

void delivery_keep(struct delivery *d, uint16_t ns, uint16_t sid, struct rd body)
{
	struct message **slot = &d->early[ns % DELIVERY_EARLY];

	if ((uint16_t)(ns - d->nr) < DELIVERY_EARLY && !*slot)
		*slot = make(ns, sid, body.p, body.len);
}

struct message *delivery_take(struct delivery *d)
{
	struct message **slot = &d->early[d->nr % DELIVERY_EARLY], *m = *slot;

	if (!m || m->ns != d->nr)
		return NULL;
	*slot = NULL;
	return m;
}
