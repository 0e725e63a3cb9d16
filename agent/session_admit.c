/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Who may begin a session. What the agent is behind with belongs to sessions that somebody uses or
 * is about to: while it is, and while enough are on their way, nobody new is taken, so that those
 * get through and keepalives are answered. Peers ask again by themselves.
 */
#include "lag.h"
#include "session_private.h"

void sessions_watch(struct sessions *t, struct lag *lag)
{
	t->lag = lag;
}

static enum xp_reason busy(const struct sessions *t)
{
	if (t->lag && lag_now_ms(t->lag) >= CLOCK_BEHIND_MS)
		return XP_R_A_BEHIND;
	if (t->conf->max_half_open && t->totals.half_open >= t->conf->max_half_open)
		return XP_R_A_HALF_OPEN;
	return XP_R_NONE;
}

void session_load(void *sessions, struct carrier_load *load)
{
	const struct sessions *t = sessions;

	*load = (struct carrier_load){
		.sessions = t->totals.sessions,
		.half_open = t->totals.half_open,
		.busy = busy(t),
	};
}

void session_waiting(void *sessions, int64_t us)
{
	struct sessions *t = sessions;

	if (t->lag)
		lag_waiting(t->lag, us);
}

bool session_admit(const struct sessions *t)
{
	return !t->closing && t->totals.sessions < t->conf->max_session && busy(t) == XP_R_NONE;
}
