/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * How long an established session may last: Session-Timeout, counted from its login, and idle
 * time. Both share one timer, which is armed for the nearer end and, where there was activity,
 * again for what is left.
 */
#include "session_private.h"

uint32_t session_idle_timeout(const struct session *s)
{
	return s->profile && profile_has(s->profile, PROFILE_IDLE_TIMEOUT)
		       ? s->profile->idle_timeout
		       : s->carrier.base.tunnel->idle_timeout;
}

uint32_t session_timeout(const struct session *s)
{
	return s->profile ? s->profile->session_timeout : 0;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t session_last_active(const struct session *s, const struct dp_counters *c)
{
	return later(s->state.active_ms, later(c->active_up.ms, c->active_down.ms));
}

static int64_t last_activity_ms(const struct session *s)
{
	struct dp_counters c = { 0 };

	if (s->in_dataplane)
		s->table->dp->ops->session_counters(s->table->dp, s->slot, &c);
	return later(s->state.established_ms, session_last_active(s, &c));
}

/* When it is over, unless there is activity before; INT64_MAX: it has no end. */
static int64_t end_ms(const struct session *s, enum cause *cause)
{
	uint32_t limit = session_timeout(s), idle = session_idle_timeout(s);
	int64_t end = INT64_MAX;

	if (limit) {
		end = s->state.granted_ms + (int64_t)limit * 1000;
		*cause = CAUSE_SESSION_TIMEOUT;
	}
	if (idle && last_activity_ms(s) + (int64_t)idle * 1000 < end) {
		end = last_activity_ms(s) + (int64_t)idle * 1000;
		*cause = CAUSE_IDLE;
	}
	return end;
}

static void on_time(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	session_time_start(timer->data);
}

void session_time_start(struct session *s)
{
	enum cause cause = CAUSE_NONE;
	int64_t end = end_ms(s, &cause), now = mono_now().ms;

	ev_timer_stop(s->table->loop, &s->timer);
	if (end == INT64_MAX)
		return;
	if (end <= now) {
		session_terminate(s, cause);
		return;
	}
	ev_timer_init(&s->timer, on_time, (double)(end - now) / 1000.0, 0.);
	s->timer.data = s;
	ev_timer_start(s->table->loop, &s->timer);
}
