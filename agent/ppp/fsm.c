/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 1661 4: the automaton as its table (4.1). The "restart" (r) and "passive" (p) options
 * of the table are not used; a crossed connection (x) needs nothing of its own. One
 * timer, the restart timer (4.6), runs in the states Closing to Ack-Sent.
 */
#include "ppp/fsm.h"

#include <errno.h>
#include <string.h>

#define FSM_CELL_ACTIONS 4

struct fsm_cell {
	bool possible;
	uint8_t next;
	uint8_t actions[FSM_CELL_ACTIONS]; /* up to FSM_END */
};

/* clang-format off */
#define TO(state, ...) { true, FSM_##state, { __VA_ARGS__ } }
#define NO { false, 0, { 0 } }
/* clang-format on */

#define TLU FSM_TLU
#define TLD FSM_TLD
#define TLS FSM_TLS
#define TLF FSM_TLF
#define IRC FSM_IRC
#define ZRC FSM_ZRC
#define SCR FSM_SCR
#define SCA FSM_SCA
#define SCN FSM_SCN
#define STR FSM_STR
#define STA FSM_STA
#define SCJ FSM_SCJ
#define SER FSM_SER

/* Initial, Starting, Closed, Stopped, Closing, Stopping, Req-Sent, Ack-Rcvd, Ack-Sent, Opened */
static const struct fsm_cell fsm_table[FSM_EVENTS][FSM_STATES] = {
	[FSM_UP] = {
		TO(CLOSED, 0), TO(REQ_SENT, IRC, SCR), NO, NO, NO,
		NO, NO, NO, NO, NO,
	},
	[FSM_DOWN] = {
		NO, NO, TO(INITIAL, 0), TO(STARTING, TLS), TO(INITIAL, 0),
		TO(STARTING, 0), TO(STARTING, 0), TO(STARTING, 0), TO(STARTING, 0),
		TO(STARTING, TLD),
	},
	[FSM_OPEN] = {
		TO(STARTING, TLS), TO(STARTING, 0), TO(REQ_SENT, IRC, SCR), TO(STOPPED, 0),
		TO(STOPPING, 0),
		TO(STOPPING, 0), TO(REQ_SENT, 0), TO(ACK_RCVD, 0), TO(ACK_SENT, 0), TO(OPENED, 0),
	},
	[FSM_CLOSE] = {
		TO(INITIAL, 0), TO(INITIAL, TLF), TO(CLOSED, 0), TO(CLOSED, 0), TO(CLOSING, 0),
		TO(CLOSING, 0), TO(CLOSING, IRC, STR), TO(CLOSING, IRC, STR),
		TO(CLOSING, IRC, STR), TO(CLOSING, TLD, IRC, STR),
	},
	[FSM_TO_PLUS] = {
		NO, NO, NO, NO, TO(CLOSING, STR),
		TO(STOPPING, STR), TO(REQ_SENT, SCR), TO(REQ_SENT, SCR), TO(ACK_SENT, SCR), NO,
	},
	[FSM_TO_MINUS] = {
		NO, NO, NO, NO, TO(CLOSED, TLF),
		TO(STOPPED, TLF), TO(STOPPED, TLF), TO(STOPPED, TLF), TO(STOPPED, TLF), NO,
	},
	[FSM_RCR_PLUS] = {
		NO, NO, TO(CLOSED, STA), TO(ACK_SENT, IRC, SCR, SCA), TO(CLOSING, 0),
		TO(STOPPING, 0), TO(ACK_SENT, SCA), TO(OPENED, SCA, TLU), TO(ACK_SENT, SCA),
		TO(ACK_SENT, TLD, SCR, SCA),
	},
	[FSM_RCR_MINUS] = {
		NO, NO, TO(CLOSED, STA), TO(REQ_SENT, IRC, SCR, SCN), TO(CLOSING, 0),
		TO(STOPPING, 0), TO(REQ_SENT, SCN), TO(ACK_RCVD, SCN), TO(REQ_SENT, SCN),
		TO(REQ_SENT, TLD, SCR, SCN),
	},
	[FSM_RCA] = {
		NO, NO, TO(CLOSED, STA), TO(STOPPED, STA), TO(CLOSING, 0),
		TO(STOPPING, 0), TO(ACK_RCVD, IRC), TO(REQ_SENT, SCR), TO(OPENED, IRC, TLU),
		TO(REQ_SENT, TLD, SCR),
	},
	[FSM_RCN] = {
		NO, NO, TO(CLOSED, STA), TO(STOPPED, STA), TO(CLOSING, 0),
		TO(STOPPING, 0), TO(REQ_SENT, IRC, SCR), TO(REQ_SENT, SCR), TO(ACK_SENT, IRC, SCR),
		TO(REQ_SENT, TLD, SCR),
	},
	[FSM_RTR] = {
		NO, NO, TO(CLOSED, STA), TO(STOPPED, STA), TO(CLOSING, STA),
		TO(STOPPING, STA), TO(REQ_SENT, STA), TO(REQ_SENT, STA), TO(REQ_SENT, STA),
		TO(STOPPING, TLD, ZRC, STA),
	},
	[FSM_RTA] = {
		NO, NO, TO(CLOSED, 0), TO(STOPPED, 0), TO(CLOSED, TLF),
		TO(STOPPED, TLF), TO(REQ_SENT, 0), TO(REQ_SENT, 0), TO(ACK_SENT, 0),
		TO(REQ_SENT, TLD, SCR),
	},
	[FSM_RUC] = {
		NO, NO, TO(CLOSED, SCJ), TO(STOPPED, SCJ), TO(CLOSING, SCJ),
		TO(STOPPING, SCJ), TO(REQ_SENT, SCJ), TO(ACK_RCVD, SCJ), TO(ACK_SENT, SCJ),
		TO(OPENED, SCJ),
	},
	[FSM_RXJ_PLUS] = {
		NO, NO, TO(CLOSED, 0), TO(STOPPED, 0), TO(CLOSING, 0),
		TO(STOPPING, 0), TO(REQ_SENT, 0), TO(REQ_SENT, 0), TO(ACK_SENT, 0), TO(OPENED, 0),
	},
	[FSM_RXJ_MINUS] = {
		NO, NO, TO(CLOSED, TLF), TO(STOPPED, TLF), TO(CLOSED, TLF),
		TO(STOPPED, TLF), TO(STOPPED, TLF), TO(STOPPED, TLF), TO(STOPPED, TLF),
		TO(STOPPING, TLD, IRC, STR),
	},
	[FSM_RXR] = {
		NO, NO, TO(CLOSED, 0), TO(STOPPED, 0), TO(CLOSING, 0),
		TO(STOPPING, 0), TO(REQ_SENT, 0), TO(ACK_RCVD, 0), TO(ACK_SENT, 0),
		TO(OPENED, SER),
	},
};

static const char *const state_names[FSM_STATES] = {
	"initial",  "starting", "closed",   "stopped",  "closing",
	"stopping", "req-sent", "ack-rcvd", "ack-sent", "opened",
};
static const char *const event_names[FSM_EVENTS] = {
	"up",  "down", "open", "close", "to+", "to-",  "rcr+", "rcr-",
	"rca", "rcn",  "rtr",  "rta",   "ruc", "rxj+", "rxj-", "rxr",
};

const char *fsm_state_name(enum fsm_state state)
{
	return (unsigned int)state < FSM_STATES ? state_names[state] : "unknown";
}

const char *fsm_event_name(enum fsm_event event)
{
	return (unsigned int)event < FSM_EVENTS ? event_names[event] : "unknown";
}

static bool fsm_timed(enum fsm_state state)
{
	return state >= FSM_CLOSING && state <= FSM_ACK_SENT;
}

static bool fsm_ending(enum fsm_state state)
{
	return state == FSM_CLOSING || state == FSM_STOPPING;
}

static void fsm_timer_start(struct fsm *fsm)
{
	ev_timer_stop(fsm->loop, &fsm->timer);
	ev_timer_set(&fsm->timer, fsm->limits.timeout, 0.);
	ev_timer_start(fsm->loop, &fsm->timer);
}

static void fsm_timer_cb(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct fsm *fsm = timer->data;

	(void)loop;
	(void)revents;
	fsm_event(fsm, fsm->vars->restarts > 0 ? FSM_TO_PLUS : FSM_TO_MINUS);
}

void fsm_init(struct fsm *fsm, struct ev_loop *loop, const struct fsm_ops *ops, void *ctx,
	      struct fsm_state_vars *vars, const struct fsm_limits *limits)
{
	*fsm = (struct fsm){
		.ops = ops, .ctx = ctx, .loop = loop, .vars = vars, .limits = *limits
	};
	memset(vars, 0, sizeof(*vars));
	ev_init(&fsm->timer, fsm_timer_cb);
	fsm->timer.data = fsm;
}

/* The one place where the state changes. */
static void fsm_change(struct fsm *fsm, enum fsm_event event, enum fsm_state next)
{
	enum fsm_state old = fsm_state(fsm);

	fsm->vars->state = next;
	if (!fsm_timed(next))
		ev_timer_stop(fsm->loop, &fsm->timer);
	fsm->ops->changed(fsm->ctx, old, event, next);
}

static void fsm_act(struct fsm *fsm, enum fsm_action action, enum fsm_event event)
{
	switch (action) {
	case FSM_IRC:
		fsm->vars->restarts = fsm_ending(fsm_state(fsm)) ? fsm->limits.max_terminate
								 : fsm->limits.max_configure;
		return;
	case FSM_ZRC:
		fsm->vars->restarts = 0;
		fsm_timer_start(fsm);
		return;
	case FSM_SCR:
	case FSM_STR:
		if (fsm->vars->restarts > 0)
			fsm->vars->restarts--;
		fsm_timer_start(fsm);
		break;
	default:
		break;
	}
	fsm->ops->act(fsm->ctx, action, event);
}

static int fsm_take(struct fsm *fsm, enum fsm_event event)
{
	const struct fsm_cell *cell = &fsm_table[event][fsm_state(fsm)];

	if (!cell->possible)
		return -EPROTO;
	fsm_change(fsm, event, cell->next);
	for (int i = 0; i < FSM_CELL_ACTIONS && cell->actions[i] != FSM_END; i++) {
		fsm_act(fsm, cell->actions[i], event);
		/* only fsm_reset changes it under an action: nothing more is done */
		if (fsm->vars->state != cell->next)
			break;
	}
	return 0;
}

static void fsm_drain(struct fsm *fsm)
{
	for (int i = 0; i < fsm->queued; i++)
		fsm_take(fsm, fsm->queue[i]);
	fsm->queued = 0;
	fsm->running = false;
}

int fsm_event(struct fsm *fsm, enum fsm_event event)
{
	int r;

	if (fsm->running) {
		/* actions raise Up, Down, Open and Close only, each at most once */
		if (fsm->queued < FSM_QUEUE)
			fsm->queue[fsm->queued++] = event;
		return 0;
	}
	fsm->running = true;
	r = fsm_take(fsm, event);
	fsm_drain(fsm);
	return r;
}

void fsm_adopt(struct fsm *fsm)
{
	fsm->running = true;
	fsm_change(fsm, FSM_UP, FSM_OPENED);
	fsm_act(fsm, FSM_TLU, FSM_UP);
	fsm_drain(fsm);
}

void fsm_reset(struct fsm *fsm)
{
	ev_timer_stop(fsm->loop, &fsm->timer);
	fsm->vars->state = FSM_INITIAL;
	fsm->queued = 0;
}
