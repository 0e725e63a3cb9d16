/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "lag.h"

#include "clock.h"

#define TIMER_S 0.25

/* Before all other watchers of a turn, and after them. */
static void on_check(struct ev_loop *loop, struct ev_check *check, int revents)
{
	struct lag *lag = check->data;

	(void)loop;
	(void)revents;
	lag->woke_us = mono_now_us();
}

static void on_prepare(struct ev_loop *loop, struct ev_prepare *prepare, int revents)
{
	struct lag *lag = prepare->data;

	(void)loop;
	(void)revents;
	if (lag->woke_us == 0)
		return;
	lag->turn_us = mono_now_us() - lag->woke_us;
	histogram_add(&lag->turns, lag->turn_us);
	lag->waited_us = lag->waiting_us;
	lag->waiting_us = 0;
}

static void timer_set(struct lag *lag)
{
	lag->due_us = mono_now_us() + (int64_t)(TIMER_S * 1e6);
	ev_timer_set(&lag->timer, TIMER_S, 0.);
	ev_timer_start(lag->loop, &lag->timer);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct lag *lag = timer->data;

	(void)revents;
	histogram_add(&lag->late, mono_now_us() - lag->due_us);
	ev_now_update(loop); /* timers count from the turn's beginning */
	ev_ref(loop);
	timer_set(lag);
	ev_unref(loop);
}

void lag_start(struct lag *lag, struct ev_loop *loop)
{
	*lag = (struct lag){ .loop = loop };
	ev_check_init(&lag->check, on_check);
	ev_set_priority(&lag->check, EV_MAXPRI);
	ev_prepare_init(&lag->prepare, on_prepare);
	ev_set_priority(&lag->prepare, EV_MINPRI);
	ev_init(&lag->timer, on_timer);
	lag->check.data = lag->prepare.data = lag->timer.data = lag;
	ev_check_start(loop, &lag->check);
	ev_prepare_start(loop, &lag->prepare);
	timer_set(lag);
	for (int i = 0; i < 3; i++)
		ev_unref(loop);
}

void lag_stop(struct lag *lag)
{
	if (!lag->loop)
		return;
	for (int i = 0; i < 3; i++)
		ev_ref(lag->loop);
	ev_check_stop(lag->loop, &lag->check);
	ev_prepare_stop(lag->loop, &lag->prepare);
	ev_timer_stop(lag->loop, &lag->timer);
	lag->loop = NULL;
}

static int64_t longest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void lag_waiting(struct lag *lag, int64_t us)
{
	lag->waiting_us = longest(lag->waiting_us, us);
}

int64_t lag_now_ms(const struct lag *lag)
{
	return longest(longest(lag->waited_us, lag->waiting_us), lag->turn_us) / 1000;
}
