/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/way.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "dataplane/outer.h"

#define MTU_MIN 68 /* RFC 791 */
#define CHECK_MS 1000
#define SHARE 64 /* of narrow ones that are asked for in a turn of the loop */

/* One that is narrower than its session would have it. Found stale by the generation. */
struct way {
	TAILQ_ENTRY(way) entry;
	uint32_t slot;
	uint16_t generation;
	struct mono due;
};

struct ways {
	struct ways_config config;
	struct outer outer;
	ev_timer timer;
	TAILQ_HEAD(ways_head, way) narrow; /* by `due` */
};

static uint16_t mtu_over(struct ways *w, const struct sockaddr_storage *peer, uint16_t flags,
			 uint16_t mtu)
{
	uint16_t bears = outer_mtu(&w->outer, peer, flags);

	return bears >= MTU_MIN && bears < mtu ? bears : mtu;
}

uint16_t ways_fit(struct ways *w, const struct dp_session *session)
{
	struct sockaddr_storage peer = session->l2tp.peer;
	uint16_t flags = session->l2tp.sequencing ? XP_F_SEQUENCE : 0;

	if (session->carrier == DP_PPPOE)
		return session->mtu;
	if (session->carrier == DP_PPTP) {
		*(struct sockaddr_in *)&peer = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_addr = session->pptp.peer,
		};
		flags = XP_F_PPTP;
	}
	return mtu_over(w, &peer, flags, session->mtu);
}

static uint16_t less_of(const struct xp_session_up *up)
{
	return up->flags & XP_F_MPPE ? XP_MPPE_OVERHEAD : 0;
}

/* True: it is narrower than it might be. */
static bool way_ask(struct ways *w, uint32_t slot)
{
	const struct lines *lines = w->config.lines;
	const struct xp_session_up *up = &lines->up[slot];
	uint16_t full = lines->extra[slot].mtu, now;
	struct sockaddr_storage peer = lines_peer(lines, slot);

	lines->extra[slot].mtu_checked = mono_now();
	now = mtu_over(w, &peer, up->flags, full);
	if ((uint16_t)(now - less_of(up)) != lines->down[up->down].mtu)
		w->config.set_mtu(w->config.arg, slot, (uint16_t)(now - less_of(up)));
	return now < full;
}

/* ---- narrow ones */

static void timer_set(struct ways *w)
{
	const struct way *first = TAILQ_FIRST(&w->narrow);
	int64_t ms;

	ev_timer_stop(w->config.loop, &w->timer);
	if (!first)
		return;
	ms = mono_elapsed_ms(mono_now(), first->due);
	ev_timer_set(&w->timer, ms > 0 ? (double)ms / 1000. : 0., 0.);
	ev_timer_start(w->config.loop, &w->timer);
}

static void way_remember(struct ways *w, uint32_t slot)
{
	struct lines_extra *extra = &w->config.lines->extra[slot];
	struct way *way = extra->narrow ? NULL : calloc(1, sizeof(*way));

	if (!way) /* out of memory, it stays as narrow as it is */
		return;
	extra->narrow = true;
	way->slot = slot;
	way->generation = w->config.lines->up[slot].generation;
	way->due = mono_add_ms(mono_now(), w->config.again_ms);
	TAILQ_INSERT_TAIL(&w->narrow, way, entry);
	if (TAILQ_FIRST(&w->narrow) == way)
		timer_set(w);
}

/* Asks for the first one, and puts it behind the others if it is still narrow. */
static void first_again(struct ways *w)
{
	struct lines *lines = w->config.lines;
	struct way *way = TAILQ_FIRST(&w->narrow);
	bool is_there =
		lines_used(lines, way->slot) && lines->up[way->slot].generation == way->generation;

	TAILQ_REMOVE(&w->narrow, way, entry);
	if (is_there && way_ask(w, way->slot)) {
		way->due = mono_add_ms(mono_now(), w->config.again_ms);
		TAILQ_INSERT_TAIL(&w->narrow, way, entry);
		return;
	}
	if (is_there)
		lines->extra[way->slot].narrow = false;
	free(way);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct ways *w = timer->data;

	(void)loop;
	(void)revents;
	for (unsigned int i = 0; i < SHARE && !TAILQ_EMPTY(&w->narrow); i++) {
		if (mono_elapsed_ms(TAILQ_FIRST(&w->narrow)->due, mono_now()) < 0)
			break;
		first_again(w);
	}
	timer_set(w);
}

void ways_again(struct ways *w)
{
	struct way *last = TAILQ_LAST(&w->narrow, ways_head), *way = NULL;

	while (way != last) {
		way = TAILQ_FIRST(&w->narrow);
		first_again(w);
	}
	timer_set(w);
}

/* ---- sessions */

void ways_begin(struct ways *w, uint32_t slot, uint16_t full)
{
	const struct xp_session_up *up = &w->config.lines->up[slot];

	w->config.lines->extra[slot].mtu = full;
	if (w->config.lines->down[up->down].mtu + less_of(up) < full)
		way_remember(w, slot);
}

void ways_check(struct ways *w, uint32_t slot)
{
	if (mono_elapsed_ms(w->config.lines->extra[slot].mtu_checked, mono_now()) < CHECK_MS)
		return;
	if (way_ask(w, slot))
		way_remember(w, slot);
}

/* ---- coming and going */

int ways_new(const struct ways_config *config, struct ways **ways)
{
	struct ways *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->config = *config;
	outer_init(&w->outer);
	TAILQ_INIT(&w->narrow);
	ev_timer_init(&w->timer, on_timer, 0., 0.);
	w->timer.data = w;
	*ways = w;
	return 0;
}

void ways_free(struct ways *w)
{
	struct way *way;

	if (!w)
		return;
	ev_timer_stop(w->config.loop, &w->timer);
	while ((way = TAILQ_FIRST(&w->narrow))) {
		TAILQ_REMOVE(&w->narrow, way, entry);
		free(way);
	}
	outer_clear(&w->outer);
	free(w);
}
