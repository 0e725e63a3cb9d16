/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 1661 3. IPCP is the only network protocol, so the link ends with it. CCP goes beside it;
 * where encryption is required both have to be open, whichever comes first. When the peer
 * begins anew with LCP on an open link, everything above goes down and is negotiated
 * again, authentication included.
 *
 * Timer: the watchdog, CLOCK_ESTABLISH_TIMEOUT_MS, runs whenever the link is on its way up or
 * down, and while CCP negotiates again and nothing passes, so that no peer keeps a session by
 * negotiating for ever.
 */
#include "ppp/phase.h"

#include "log.h"
#include "ppp/auth.h"
#include "ppp/ccp.h"
#include "ppp/echo.h"
#include "ppp/ipcp.h"
#include "ppp/ppp.h"

static const char *const phase_names[PPP_PHASES] = {
	[PPP_IDLE] = "dead",
	[PPP_ESTABLISH] = "establish",
	[PPP_AUTHENTICATE] = "authenticate",
	[PPP_NETWORK] = "network",
	[PPP_OPENED] = "opened",
	[PPP_TERMINATE] = "terminate",
	[PPP_DEAD] = "dead",
};

const char *ppp_phase_name(const struct ppp *ppp)
{
	return phase_names[ppp->state.phase];
}

static bool phase_settled(const struct ppp *ppp)
{
	return ppp->state.phase == PPP_DEAD ||
	       (ppp->state.phase == PPP_OPENED && ppp->state.ccp.passing != CCP_BLOCKED);
}

void phase_watch(struct ppp *ppp)
{
	if (phase_settled(ppp)) {
		ev_timer_stop(ppp->loop, &ppp->watchdog);
	} else if (!ev_is_active(&ppp->watchdog)) {
		ev_timer_set(&ppp->watchdog, CLOCK_ESTABLISH_TIMEOUT_MS / 1000., 0.);
		ev_timer_start(ppp->loop, &ppp->watchdog);
	}
}

/* The one place where the phase changes. */
static void phase_set(struct ppp *ppp, enum ppp_phase phase)
{
	if (ppp->state.phase == phase)
		return;
	log_msg(ppp->log, LOG_DEBUG, "%s: phase %s -> %s", ppp->label, ppp_phase_name(ppp),
		phase_names[phase]);
	ppp->state.phase = phase;
	if (ppp->ops->phase && phase != PPP_DEAD)
		ppp->ops->phase(ppp->owner, phase);
	phase_watch(ppp);
}

static void phase_watchdog_cb(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct ppp *ppp = timer->data;

	(void)loop;
	(void)revents;
	if (ppp->state.phase == PPP_TERMINATE)
		phase_over(ppp);
	else if (ppp->state.phase == PPP_AUTHENTICATE)
		phase_terminate(ppp,
				ppp->state.auth.failures > 0 ? CAUSE_AUTH : CAUSE_AUTH_TIMEOUT);
	else if (ppp->state.phase == PPP_OPENED || (cp_opened(&ppp->ipcp) && ccp_missing(ppp)))
		phase_terminate(ppp, CAUSE_MPPE);
	else
		phase_terminate(ppp, CAUSE_ESTABLISH_TIMEOUT);
}

void phase_init(struct ppp *ppp)
{
	ev_init(&ppp->watchdog, phase_watchdog_cb);
	ppp->watchdog.data = ppp;
}

void phase_start(struct ppp *ppp)
{
	if (ppp->state.phase != PPP_IDLE)
		return;
	phase_set(ppp, PPP_ESTABLISH);
	fsm_event(&ppp->ipcp.fsm, FSM_OPEN);
	fsm_event(&ppp->lcp.fsm, FSM_OPEN);
	fsm_event(&ppp->lcp.fsm, FSM_UP);
}

void phase_adopt(struct ppp *ppp)
{
	phase_set(ppp, PPP_ESTABLISH);
	fsm_event(&ppp->ipcp.fsm, FSM_OPEN);
	fsm_adopt(&ppp->lcp.fsm);
}

void phase_link_up(struct ppp *ppp)
{
	ppp->state.cause = CAUSE_NONE;
	phase_set(ppp, PPP_AUTHENTICATE);
	auth_start(ppp);
}

void phase_link_down(struct ppp *ppp)
{
	enum fsm_state lcp = fsm_state(&ppp->lcp.fsm);

	phase_set(ppp, lcp == FSM_CLOSING || lcp == FSM_STOPPING ? PPP_TERMINATE : PPP_ESTABLISH);
	auth_stop(ppp);
	ipcp_lower_down(ppp);
	ccp_lower_down(ppp);
}

void phase_hung_up(struct ppp *ppp)
{
	if (ppp->state.cause == CAUSE_NONE)
		ppp->state.cause = CAUSE_PEER;
}

void phase_admit(struct ppp *ppp)
{
	if (ppp->state.phase != PPP_AUTHENTICATE) /* it was in already, and was asked again */
		return;
	phase_set(ppp, PPP_NETWORK);
	ipcp_lower_up(ppp);
	ccp_lower_up(ppp);
}

void phase_network_up(struct ppp *ppp)
{
	if (ppp->state.phase != PPP_NETWORK || !cp_opened(&ppp->ipcp) || ccp_missing(ppp))
		return;
	ppp->state.cause = CAUSE_NONE;
	phase_set(ppp, PPP_OPENED);
	auth_settled(ppp);
	echo_start(ppp);
	ppp->up = true;
	ppp->ops->up(ppp->owner);
}

void phase_network_down(struct ppp *ppp)
{
	echo_stop(ppp);
	if (ppp->state.phase == PPP_OPENED)
		phase_set(ppp, PPP_NETWORK);
	if (ppp->up) {
		ppp->up = false;
		ppp->ops->down(ppp->owner);
	}
}

void phase_terminate(struct ppp *ppp, enum cause cause)
{
	if (ppp->state.phase == PPP_DEAD)
		return;
	if (ppp->state.cause == CAUSE_NONE)
		ppp->state.cause = cause;
	if (ppp->state.phase == PPP_IDLE) {
		phase_over(ppp);
		return;
	}
	phase_set(ppp, PPP_TERMINATE);
	fsm_event(&ppp->lcp.fsm, FSM_CLOSE);
}

void phase_stop(struct ppp *ppp)
{
	auth_stop(ppp);
	echo_stop(ppp);
	ipcp_stop(ppp);
	ccp_stop(ppp);
	fsm_reset(&ppp->lcp.fsm);
	phase_set(ppp, PPP_DEAD);
}

void phase_over(struct ppp *ppp)
{
	enum cause cause = ppp->state.cause == CAUSE_NONE ? CAUSE_LCP : ppp->state.cause;

	if (ppp->state.phase == PPP_DEAD)
		return;
	phase_stop(ppp);
	ppp->state.cause = cause;
	ppp->ops->finished(ppp->owner, cause);
}
