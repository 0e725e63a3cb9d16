/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A session layer that only remembers, for the fixtures of the tunnel drivers. A fixture begins with
 * struct carriers, and gives carriers_user and itself to its driver.
 */
#ifndef CARRIERS_H
#define CARRIERS_H

#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xpppd/map.h>

#include "tunnel/carrier.h"
#include "works.h"

#define CARRIERS_MAX 64

/* A carrier in the order of its acceptance; the memory stays until the fixture goes. */
struct accepted {
	union { /* which of them, the driver knows */
		struct carrier *carrier;
		struct pppoe_session *session;
		struct l2tp_call *call;
		struct pptp_call *pptp;
	};
	bool started, aborted;
	enum cause lost; /* CAUSE_NONE: it is not */
	unsigned int inputs, moves;
	uint8_t input[2048]; /* the last */
	size_t input_len;
	uint32_t sequence; /* of the next frame */
	uint32_t newest;   /* number that came in */
	uint16_t late;
	bool forwarded;
};

struct carriers {
	struct accepted accepted[CARRIERS_MAX];
	unsigned int n, max;                   /* accepted, and no more than these */
	void (*on_started)(struct carrier *c); /* NULL: nothing more is done */
	void (*on_input)(struct carrier *c);   /* likewise */
	struct carrier_load load;              /* that the drivers are told */
	int64_t waited_us;                     /* that they told */
	bool by_hand;                          /* works wait for carriers_step() */
	struct works works;                    /* these, and no loop does them */
	struct work *work;                     /* the last one */
};

static inline struct carrier *carriers_accept(void *user, const struct carrier_ops *ops,
					      const struct conf_tunnel *tunnel)
{
	struct carriers *cs = user;
	struct carrier *c;

	if (cs->n >= cs->max)
		return NULL;
	c = calloc(1, ops->size);
	*c = (struct carrier){ .ops = ops, .tunnel = tunnel, .session = &cs->accepted[cs->n] };
	cs->accepted[cs->n].newest = UINT32_MAX;
	cs->accepted[cs->n++].carrier = c;
	return c;
}

static inline void carriers_started(void *user, struct carrier *c)
{
	struct carriers *cs = user;

	((struct accepted *)c->session)->started = true;
	if (cs->on_started)
		cs->on_started(c);
}

static inline void carriers_aborted(void *user, struct carrier *c)
{
	(void)user;
	((struct accepted *)c->session)->aborted = true;
}

static inline void carriers_input(void *user, struct carrier *c, struct buf frame)
{
	struct accepted *a = c->session;
	struct carriers *cs = user;

	a->inputs++;
	a->input_len = frame.len < sizeof(a->input) ? frame.len : sizeof(a->input);
	memcpy(a->input, frame.p, a->input_len);
	if (cs->on_input)
		cs->on_input(c);
}

static inline void carriers_lost(void *user, struct carrier *c, enum cause cause)
{
	(void)user;
	((struct accepted *)c->session)->lost = cause;
	c->ops->close(c, cause);
}

static inline void carriers_work(void *user, struct work *work)
{
	struct carriers *cs = user;

	cs->work = work;
	if (cs->by_hand)
		work_start(&cs->works, work);
	while (!cs->by_hand && work->step(work->arg))
		;
}

static inline bool carriers_busy(void *arg)
{
	return --*(int *)arg > 0;
}

/* From now on works are queued: something else has had this turn's slice. */
static inline void carriers_by_hand(struct carriers *cs)
{
	int steps = WORKS_STEPS;
	struct work busy = { .step = carriers_busy, .arg = &steps };

	works_init(&cs->works, ev_default_loop(0));
	work_start(&cs->works, &busy);
	cs->by_hand = true;
}

/* One more step of a work that is done by hand; false: it was the last. */
static inline bool carriers_step(struct carriers *cs)
{
	struct work *work = cs->work;

	work_stop(work);
	if (!work->step(work->arg))
		return false;
	work_start(&cs->works, work);
	return true;
}

static inline void carriers_moved(void *user, struct carrier *c)
{
	(void)user;
	((struct accepted *)c->session)->moves++;
}

static inline uint32_t carriers_sequence(void *user, struct carrier *c)
{
	(void)user;
	return ((struct accepted *)c->session)->sequence++;
}

static inline bool carriers_forwarded(void *user, const struct carrier *c)
{
	(void)user;
	return ((const struct accepted *)c->session)->forwarded;
}

static inline int carriers_received(void *user, struct carrier *c, uint32_t sequence)
{
	struct accepted *a = c->session;

	(void)user;
	return xp_pptp_sequence(sequence, &a->newest, &a->late) ? 0 : -ESTALE;
}

static inline int64_t carriers_acknowledge(void *user, struct carrier *c)
{
	struct accepted *a = c->session;

	(void)user;
	return a->newest == UINT32_MAX ? -ENOENT : (int64_t)a->newest;
}

static inline void carriers_load(void *user, struct carrier_load *load)
{
	*load = ((struct carriers *)user)->load;
}

static inline void carriers_waiting(void *user, int64_t us)
{
	((struct carriers *)user)->waited_us = us;
}

static const struct carrier_user carriers_user = {
	.load = carriers_load,
	.waiting = carriers_waiting,
	.accept = carriers_accept,
	.started = carriers_started,
	.aborted = carriers_aborted,
	.input = carriers_input,
	.lost = carriers_lost,
	.work = carriers_work,
	.moved = carriers_moved,
	.sequence = carriers_sequence,
	.received = carriers_received,
	.acknowledge = carriers_acknowledge,
	.forwarded = carriers_forwarded,
};

static inline void carriers_init(struct carriers *cs)
{
	memset(cs, 0, sizeof(*cs));
	cs->max = CARRIERS_MAX;
}

/* Closes what the driver still knows, and forgets all. */
static inline void carriers_forget(struct carriers *cs)
{
	for (unsigned int i = 0; i < cs->n; i++) {
		struct carrier *c = cs->accepted[i].carrier;

		c->ops->close(c, CAUSE_SHUTDOWN);
		free(c);
		cs->accepted[i] = (struct accepted){ 0 };
	}
	cs->n = 0;
}

#endif
