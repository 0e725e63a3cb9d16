/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The option negotiation automaton, RFC 1661 4: one table for LCP and all NCPs. */
#ifndef XPPPD_FSM_H
#define XPPPD_FSM_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "ppp/ppp_state.h"

/* RFC 1661 4.2, in the order of its table. */
enum fsm_state {
	FSM_INITIAL,
	FSM_STARTING,
	FSM_CLOSED,
	FSM_STOPPED,
	FSM_CLOSING,
	FSM_STOPPING,
	FSM_REQ_SENT,
	FSM_ACK_RCVD,
	FSM_ACK_SENT,
	FSM_OPENED,
	FSM_STATES
};

/* RFC 1661 4.3 */
enum fsm_event {
	FSM_UP,
	FSM_DOWN,
	FSM_OPEN,
	FSM_CLOSE,
	FSM_TO_PLUS,
	FSM_TO_MINUS,
	FSM_RCR_PLUS,
	FSM_RCR_MINUS,
	FSM_RCA,
	FSM_RCN,
	FSM_RTR,
	FSM_RTA,
	FSM_RUC,
	FSM_RXJ_PLUS,
	FSM_RXJ_MINUS,
	FSM_RXR,
	FSM_EVENTS
};

/* RFC 1661 4.4 */
enum fsm_action {
	FSM_END, /* of a list of actions */
	FSM_TLU,
	FSM_TLD,
	FSM_TLS,
	FSM_TLF,
	FSM_IRC,
	FSM_ZRC,
	FSM_SCR,
	FSM_SCA,
	FSM_SCN,
	FSM_STR,
	FSM_STA,
	FSM_SCJ,
	FSM_SER,
	FSM_ACTIONS
};

struct fsm_ops {
	/* Does an action; irc and zrc are the automaton's own. */
	void (*act)(void *ctx, enum fsm_action action, enum fsm_event event);
	/* For the log. */
	void (*changed)(void *ctx, enum fsm_state old, enum fsm_event event, enum fsm_state next);
};

struct fsm_limits {
	unsigned int timeout; /* seconds */
	unsigned int max_configure;
	unsigned int max_terminate;
};

#define FSM_QUEUE 4

struct fsm {
	const struct fsm_ops *ops;
	void *ctx;
	struct ev_loop *loop;
	struct fsm_state_vars *vars;
	struct fsm_limits limits;
	ev_timer timer;
	bool running;   /* within fsm_event */
	uint8_t queued; /* events that came meanwhile */
	uint8_t queue[FSM_QUEUE];
};

/* State Initial. vars, ops, ctx and loop must outlive it. */
void fsm_init(struct fsm *fsm, struct ev_loop *loop, const struct fsm_ops *ops, void *ctx,
	      struct fsm_state_vars *vars, const struct fsm_limits *limits);
/*
 * Takes an event. One that arises within an action is taken after that event's last action, so
 * that no list of actions is left half done. -EPROTO: it cannot happen in
 * this state (RFC 1661 4.1, "-"): nothing is done.
 */
int fsm_event(struct fsm *fsm, enum fsm_event event);
/* Opened at once, from Initial or Starting: others have negotiated. Not within an action. */
void fsm_adopt(struct fsm *fsm);
/* Back to Initial without any action; also within one. */
void fsm_reset(struct fsm *fsm);

static inline enum fsm_state fsm_state(const struct fsm *fsm)
{
	return (enum fsm_state)fsm->vars->state;
}

const char *fsm_state_name(enum fsm_state state); /* "req-sent" */
const char *fsm_event_name(enum fsm_event event); /* "rcr+" */

#endif
