/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Any packet of the peer is a sign of life, in the data plane as well: a busy link
 * sends no echo. After lcp-keepalive-interval of silence an Echo-Request goes out, then one
 * each lcp-keepalive-retry-interval; when lcp-keepalive-max-retries of them
 * have brought nothing, the carrier is lost.
 */
#include "ppp/echo.h"

#include "ppp/lcp.h"
#include "ppp/phase.h"
#include "ppp/ppp.h"

static void echo_arm(struct ppp *ppp, double seconds)
{
	ev_timer_stop(ppp->loop, &ppp->echo_timer);
	ev_timer_set(&ppp->echo_timer, seconds, 0.);
	ev_timer_start(ppp->loop, &ppp->echo_timer);
}

static struct mono echo_last_heard(const struct ppp *ppp)
{
	struct mono data = ppp->ops->last_input(ppp->owner);

	return data.ms > ppp->heard.ms ? data : ppp->heard;
}

static void echo_timer_cb(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct ppp *ppp = timer->data;
	struct lcp_state *lcp = &ppp->state.lcp;
	struct mono now = mono_now(), heard = echo_last_heard(ppp);
	int64_t left_ms = ppp->conf->keepalive_interval * 1000LL - mono_elapsed_ms(heard, now);

	(void)loop;
	(void)revents;
	if (lcp->echoes > 0 && mono_elapsed_ms(ppp->echoed, heard) >= 0)
		lcp->echoes = 0;
	if (left_ms > 0) {
		echo_arm(ppp, (double)left_ms / 1000.);
		return;
	}
	if (lcp->echoes > 0 && lcp->echoes >= ppp->conf->keepalive_max_retries) {
		phase_terminate(ppp, CAUSE_LOST_CARRIER);
		return;
	}
	if (lcp->echoes < UINT8_MAX)
		lcp->echoes++;
	ppp->echoed = now;
	echo_arm(ppp, ppp->conf->keepalive_retry_interval);
	lcp_send_echo(ppp);
}

void echo_init(struct ppp *ppp)
{
	ev_init(&ppp->echo_timer, echo_timer_cb);
	ppp->echo_timer.data = ppp;
}

void echo_start(struct ppp *ppp)
{
	ppp->state.lcp.echoes = 0;
	if (ppp->conf->keepalive)
		echo_arm(ppp, ppp->conf->keepalive_interval);
}

void echo_stop(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->echo_timer);
}
