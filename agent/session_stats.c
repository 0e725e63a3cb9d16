/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "session_stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session_private.h"

static const char *const state_names[SESSION_STATES] = {
	[PPP_IDLE] = "starting",
	[PPP_ESTABLISH] = "establish",
	[PPP_AUTHENTICATE] = "authenticate",
	[PPP_NETWORK] = "network",
	[PPP_OPENED] = "opened",
	[PPP_TERMINATE] = "terminate",
};
_Static_assert(SESSION_STATES == PPP_DEAD, "those that are over are not counted");

static const char *const step_names[SESSION_STEPS] = {
	[SESSION_STEP_CARRIER] = "carrier",
	[SESSION_STEP_LCP] = "lcp",
	[SESSION_STEP_AUTHENTICATION] = "authentication",
	[SESSION_STEP_IPCP] = "ipcp",
	[SESSION_STEP_ALL] = "all",
};

const char *session_state_name(unsigned int state)
{
	return state_names[state];
}

const char *session_step_name(enum session_step step)
{
	return step_names[step];
}

/* ---- tunnels ---- */

static struct session_tunnel *tunnel_find(const struct session_stats *stats, const char *name)
{
	struct session_tunnel *t;

	LIST_FOREACH(t, &stats->tunnels, entry)
		if (strcmp(t->totals.tunnel, name) == 0)
			return t;
	return NULL;
}

static struct session_tunnel *tunnel_get(struct session_stats *stats,
					 const struct conf_tunnel *conf)
{
	struct session_tunnel *t = tunnel_find(stats, conf->name);

	if (t)
		return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->totals.tunnel = strdup(conf->name);
	if (!t->totals.tunnel) {
		free(t);
		return NULL;
	}
	t->totals.protocol = conf_protocol_name(conf->protocol);
	LIST_INSERT_HEAD(&stats->tunnels, t, entry);
	return t;
}

static void tunnel_free(struct session_tunnel *t)
{
	LIST_REMOVE(t, entry);
	free((char *)t->totals.tunnel);
	free(t);
}

/* Nobody asks for it any more. */
static void tunnel_release(struct session_tunnel *t)
{
	if (t->named)
		return;
	for (int i = 0; i < SESSION_STATES; i++)
		if (t->totals.states[i])
			return;
	tunnel_free(t);
}

void session_stats_configure(struct session_stats *stats, const struct conf *conf)
{
	const struct conf_tunnel *tunnel;
	struct session_tunnel *t, *next;

	LIST_FOREACH(t, &stats->tunnels, entry)
		t->named = false;
	STAILQ_FOREACH(tunnel, &conf->tunnels, entry) {
		t = tunnel->bound ? tunnel_get(stats, tunnel) : NULL;
		if (!t)
			continue;
		t->named = true;
		t->totals.protocol = conf_protocol_name(tunnel->protocol);
	}
	for (t = LIST_FIRST(&stats->tunnels); t; t = next) {
		next = LIST_NEXT(t, entry);
		tunnel_release(t);
	}
}

void session_stats_free(struct session_stats *stats)
{
	struct session_tunnel *t;

	while ((t = LIST_FIRST(&stats->tunnels)))
		tunnel_free(t);
}

/* ---- one session's way ---- */

static void half_open_set(struct session *s, bool half_open)
{
	struct session_progress *p = &s->progress;

	if (p->half_open != half_open)
		s->table->totals.half_open += half_open ? 1 : -1;
	p->half_open = half_open;
}

int session_stats_add(struct session *s)
{
	struct session_progress *p = &s->progress;

	p->tunnel = tunnel_get(&s->table->stats, s->carrier.base.tunnel);
	if (!p->tunnel)
		return -ENOMEM;
	p->phase = PPP_IDLE;
	p->tunnel->totals.states[PPP_IDLE]++;
	p->asked_us = p->step_us = mono_now_us();
	half_open_set(s, true);
	return 0;
}

static void step_done(struct session *s, enum session_step step)
{
	struct session_progress *p = &s->progress;
	int64_t now = mono_now_us();

	histogram_add(&s->table->stats.setup[step], now - p->step_us);
	p->step_us = now;
}

void session_stats_started(struct session *s)
{
	struct session_progress *p = &s->progress;

	p->asked_us -= s->carrier.base.waited_ms * 1000;
	p->step_us = p->asked_us;
	step_done(s, SESSION_STEP_CARRIER);
}

/* A link that begins anew measures its last try; an adopted one has no LCP to speak of. */
static void progress(struct session *s, enum ppp_phase phase)
{
	switch (phase) {
	case PPP_AUTHENTICATE:
		step_done(s, SESSION_STEP_LCP);
		break;
	case PPP_NETWORK:
		step_done(s, SESSION_STEP_AUTHENTICATION);
		break;
	case PPP_OPENED:
		step_done(s, SESSION_STEP_IPCP);
		s->progress.step_us = s->progress.asked_us;
		step_done(s, SESSION_STEP_ALL);
		half_open_set(s, false);
		break;
	case PPP_TERMINATE:
		half_open_set(s, false);
		break;
	default:
		break;
	}
}

void session_stats_phase(void *session, enum ppp_phase phase)
{
	struct session *s = session;
	struct session_progress *p = &s->progress;

	if (!p->tunnel || phase >= PPP_DEAD)
		return;
	p->tunnel->totals.states[p->phase]--;
	p->tunnel->totals.states[phase]++;
	p->phase = (uint8_t)phase;
	if (p->half_open)
		progress(s, phase);
}

void session_stats_authenticated(struct session *s, bool accepted)
{
	struct session_totals *all = &s->table->totals;
	struct session_tunnel_totals *own = &s->progress.tunnel->totals;

	if (accepted) {
		all->auth_accepted++;
		own->auth_accepted++;
	} else {
		all->auth_rejected++;
		own->auth_rejected++;
	}
}

void session_stats_del(struct session *s)
{
	struct session_progress *p = &s->progress;

	half_open_set(s, false);
	if (!p->tunnel)
		return;
	p->tunnel->totals.states[p->phase]--;
	tunnel_release(p->tunnel);
	p->tunnel = NULL;
}

/* ---- for those who tell ---- */

void sessions_tunnels(const struct sessions *t, session_tunnel_fn fn, void *arg)
{
	const struct session_tunnel *tunnel;

	LIST_FOREACH(tunnel, &t->stats.tunnels, entry)
		fn(arg, &tunnel->totals);
}

const struct histogram *sessions_setup(const struct sessions *t, enum session_step step)
{
	return &t->stats.setup[step];
}
