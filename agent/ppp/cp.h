/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A control protocol: the automaton and the option engine together behind the packets of
 * codes 1 to 7 (RFC 1661 5). LCP and each NCP are one, and differ by their class.
 */
#ifndef XPPPD_CP_H
#define XPPPD_CP_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "ppp/fsm.h"
#include "ppp/option.h"

struct packet;
struct packet_out;
struct ppp;

enum cp_code {
	CP_CONF_REQ = 1,
	CP_CONF_ACK,
	CP_CONF_NAK,
	CP_CONF_REJ,
	CP_TERM_REQ,
	CP_TERM_ACK,
	CP_CODE_REJ,
};

/* Hooks that may be NULL: requested, extended, echo. */
struct cp_class {
	const char *name;
	uint16_t proto;
	struct option_table table;
	void (*up)(struct ppp *ppp);       /* tlu */
	void (*down)(struct ppp *ppp);     /* tld */
	void (*finished)(struct ppp *ppp); /* tlf */
	/* The peer has asked to terminate. */
	void (*hung_up)(struct ppp *ppp);
	/* Before a Configure-Request is judged; negative: it is not. */
	int (*requested)(struct ppp *ppp, struct buf options);
	/* What the peer's options are without its saying; before they are applied. */
	void (*defaults)(struct ppp *ppp);
	/* Codes beyond 7; false: unknown. */
	bool (*extended)(struct ppp *ppp, const struct packet *p);
	/* ser: answers p if it is an Echo-Request. */
	void (*echo)(struct ppp *ppp, const struct packet *p);
};

struct cp {
	const struct cp_class *class;
	struct ppp *ppp;
	struct cp_state *state;
	unsigned int max_nak_loop;
	struct fsm fsm;
	/* while a packet is handled */
	const struct packet *in;
	struct packet_out *reply;
};

void cp_init(struct cp *cp, const struct cp_class *class, struct ppp *ppp, struct cp_state *state,
	     const struct fsm_limits *limits, unsigned int max_nak_loop);
void cp_input(struct cp *cp, struct buf frame);
static inline bool cp_opened(const struct cp *cp)
{
	return fsm_state(&cp->fsm) == FSM_OPENED;
}
/* A fresh identifier for a request. */
uint8_t cp_ident(struct cp *cp);
/* The packet being handled is this event. 0, or it is dropped: it cannot happen now. */
int cp_event(struct cp *cp, enum fsm_event event);

#endif
