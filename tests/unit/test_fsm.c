/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Every cell of the table of RFC 1661 4.1, the restart timer, and events within actions. */
#include "ppp_rig.h"

#include <stdio.h>

#include "ppp/fsm.h"

/* Rows and columns as the RFC prints them, the numbers being its states; footnotes left out. */
static const char *const rfc_table[FSM_EVENTS][FSM_STATES] = {
	[FSM_UP] = { "2", "irc,scr/6", "-", "-", "-", "-", "-", "-", "-", "-" },
	[FSM_DOWN] = { "-", "-", "0", "tls/1", "0", "1", "1", "1", "1", "tld/1" },
	[FSM_OPEN] = { "tls/1", "1", "irc,scr/6", "3", "5", "5", "6", "7", "8", "9" },
	[FSM_CLOSE] = { "0", "tlf/0", "2", "2", "4", "4", "irc,str/4", "irc,str/4", "irc,str/4",
			"tld,irc,str/4" },
	[FSM_TO_PLUS] = { "-", "-", "-", "-", "str/4", "str/5", "scr/6", "scr/6", "scr/8", "-" },
	[FSM_TO_MINUS] = { "-", "-", "-", "-", "tlf/2", "tlf/3", "tlf/3", "tlf/3", "tlf/3", "-" },
	[FSM_RCR_PLUS] = { "-", "-", "sta/2", "irc,scr,sca/8", "4", "5", "sca/8", "sca,tlu/9",
			   "sca/8", "tld,scr,sca/8" },
	[FSM_RCR_MINUS] = { "-", "-", "sta/2", "irc,scr,scn/6", "4", "5", "scn/6", "scn/7", "scn/6",
			    "tld,scr,scn/6" },
	[FSM_RCA] = { "-", "-", "sta/2", "sta/3", "4", "5", "irc/7", "scr/6", "irc,tlu/9",
		      "tld,scr/6" },
	[FSM_RCN] = { "-", "-", "sta/2", "sta/3", "4", "5", "irc,scr/6", "scr/6", "irc,scr/8",
		      "tld,scr/6" },
	[FSM_RTR] = { "-", "-", "sta/2", "sta/3", "sta/4", "sta/5", "sta/6", "sta/6", "sta/6",
		      "tld,zrc,sta/5" },
	[FSM_RTA] = { "-", "-", "2", "3", "tlf/2", "tlf/3", "6", "6", "8", "tld,scr/6" },
	[FSM_RUC] = { "-", "-", "scj/2", "scj/3", "scj/4", "scj/5", "scj/6", "scj/7", "scj/8",
		      "scj/9" },
	[FSM_RXJ_PLUS] = { "-", "-", "2", "3", "4", "5", "6", "6", "8", "9" },
	[FSM_RXJ_MINUS] = { "-", "-", "tlf/2", "tlf/3", "tlf/2", "tlf/3", "tlf/3", "tlf/3", "tlf/3",
			    "tld,irc,str/5" },
	[FSM_RXR] = { "-", "-", "2", "3", "4", "5", "6", "7", "8", "ser/9" },
};

static const char *const action_names[FSM_ACTIONS] = {
	[FSM_TLU] = "tlu", [FSM_TLD] = "tld", [FSM_TLS] = "tls", [FSM_TLF] = "tlf",
	[FSM_SCR] = "scr", [FSM_SCA] = "sca", [FSM_SCN] = "scn", [FSM_STR] = "str",
	[FSM_STA] = "sta", [FSM_SCJ] = "scj", [FSM_SER] = "ser",
};

#define COUNTER 77 /* restart counter before an event */

struct bench {
	struct ev_loop *loop;
	struct fsm fsm;
	struct fsm_state_vars vars;
	char done[64];
	int changes;
	enum fsm_event nested_event;
	enum fsm_action nested_in; /* 0: none */
	bool reset_in_action;
};

static void bench_act(void *ctx, enum fsm_action action, enum fsm_event event)
{
	struct bench *b = ctx;

	(void)event;
	assert_non_null(action_names[action]);
	if (b->done[0])
		strcat(b->done, ",");
	strcat(b->done, action_names[action]);
	if (b->nested_in == action)
		fsm_event(&b->fsm, b->nested_event);
	if (b->reset_in_action)
		fsm_reset(&b->fsm);
}

static void bench_changed(void *ctx, enum fsm_state old, enum fsm_event event, enum fsm_state next)
{
	struct bench *b = ctx;

	(void)old;
	(void)event;
	b->changes++;
	assert_int_equal(next, fsm_state(&b->fsm));
}

static const struct fsm_ops bench_ops = { bench_act, bench_changed };

static void bench_init(struct bench *b)
{
	static const struct fsm_limits limits = { 3, 10, 2 };

	memset(b, 0, sizeof(*b));
	b->loop = ev_loop_new(EVFLAG_AUTO);
	fsm_init(&b->fsm, b->loop, &bench_ops, b, &b->vars, &limits);
	assert_int_equal(fsm_state(&b->fsm), FSM_INITIAL);
}

static bool timed(unsigned int state)
{
	return state >= 4 && state <= 8;
}

/* Puts it into a state as if it had come there by itself. */
static void bench_place(struct bench *b, unsigned int state)
{
	fsm_reset(&b->fsm);
	b->vars.state = (uint8_t)state;
	b->vars.restarts = COUNTER;
	b->done[0] = '\0';
	b->changes = 0;
	if (timed(state)) {
		ev_timer_set(&b->fsm.timer, 1000., 0.);
		ev_timer_start(b->loop, &b->fsm.timer);
	}
}

/* irc and zrc are seen by the counter, the others by what was called. */
static void check_cell(struct bench *b, unsigned int event, unsigned int state)
{
	char cell[64], sent[64] = "", where[64];
	unsigned int next, expected = COUNTER;
	char *slash, *action, *save = NULL;

	snprintf(where, sizeof(where), "%s in %s", fsm_event_name(event), fsm_state_name(state));
	snprintf(cell, sizeof(cell), "%s", rfc_table[event][state]);
	bench_place(b, state);
	if (cell[0] == '-') {
		assert_int_equal(fsm_event(&b->fsm, event), -EPROTO);
		assert_int_equal(fsm_state(&b->fsm), state);
		assert_int_equal(b->changes, 0);
		assert_string_equal(b->done, "");
		return;
	}
	assert_int_equal(fsm_event(&b->fsm, event), 0);
	slash = strchr(cell, '/');
	next = (unsigned int)atoi(slash ? slash + 1 : cell);
	if (slash)
		*slash = '\0';
	for (action = slash ? strtok_r(cell, ",", &save) : NULL; action;
	     action = strtok_r(NULL, ",", &save)) {
		if (strcmp(action, "irc") == 0) {
			expected = next == 4 || next == 5 ? 2 : 10;
		} else if (strcmp(action, "zrc") == 0) {
			expected = 0;
		} else {
			snprintf(sent + strlen(sent), sizeof(sent) - strlen(sent), "%s%s",
				 sent[0] ? "," : "", action);
			if (strcmp(action, "scr") == 0 || strcmp(action, "str") == 0)
				expected--;
		}
	}
	if (fsm_state(&b->fsm) != next || strcmp(b->done, sent) != 0 ||
	    b->vars.restarts != expected)
		fail_msg("%s: %s/%u, counter %u; expected %s/%u, %u", where, b->done,
			 fsm_state(&b->fsm), b->vars.restarts, sent, next, expected);
	assert_int_equal(b->changes, 1);
	assert_int_equal(ev_is_active(&b->fsm.timer) != 0, timed(next));
}

static void test_every_cell(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	for (unsigned int event = 0; event < FSM_EVENTS; event++)
		for (unsigned int s = 0; s < FSM_STATES; s++)
			check_cell(&b, event, s);
	fsm_reset(&b.fsm);
	ev_loop_destroy(b.loop);
}

static void fire(struct bench *b)
{
	assert_true(ev_is_active(&b->fsm.timer));
	ev_timer_stop(b->loop, &b->fsm.timer);
	ev_invoke(b->loop, &b->fsm.timer, EV_TIMER);
}

/* Max-Configure counts the first transmission as well (RFC 1661 4.4, irc). */
static void test_restart_counter(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	fsm_event(&b.fsm, FSM_OPEN);
	fsm_event(&b.fsm, FSM_UP);
	assert_string_equal(b.done, "tls,scr");
	for (int sent = 1; sent < 10; sent++) {
		b.done[0] = '\0';
		fire(&b);
		assert_string_equal(b.done, "scr");
	}
	b.done[0] = '\0';
	fire(&b);
	assert_string_equal(b.done, "tlf");
	assert_int_equal(fsm_state(&b.fsm), FSM_STOPPED);
	assert_false(ev_is_active(&b.fsm.timer));

	bench_place(&b, FSM_OPENED);
	fsm_event(&b.fsm, FSM_CLOSE);
	assert_string_equal(b.done, "tld,str");
	fire(&b);
	assert_string_equal(b.done, "tld,str,str");
	fire(&b);
	assert_string_equal(b.done, "tld,str,str,tlf");
	assert_int_equal(fsm_state(&b.fsm), FSM_CLOSED);
	ev_loop_destroy(b.loop);
}

/* After the peer's Terminate-Request one period passes, then it is over. */
static void test_zero_restart_counter(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	bench_place(&b, FSM_OPENED);
	fsm_event(&b.fsm, FSM_RTR);
	fire(&b);
	assert_string_equal(b.done, "tld,sta,tlf");
	assert_int_equal(fsm_state(&b.fsm), FSM_STOPPED);
	ev_loop_destroy(b.loop);
}

/* Close out of tld: the actions of the event are finished first, then it is taken. */
static void test_nested_event(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	bench_place(&b, FSM_OPENED);
	b.nested_in = FSM_TLD;
	b.nested_event = FSM_CLOSE;
	fsm_event(&b.fsm, FSM_RCR_PLUS);
	assert_string_equal(b.done, "tld,scr,sca,str");
	assert_int_equal(fsm_state(&b.fsm), FSM_CLOSING);
	assert_int_equal(b.vars.restarts, 1);
	assert_true(ev_is_active(&b.fsm.timer));

	bench_place(&b, FSM_OPENED);
	fsm_event(&b.fsm, FSM_RTR);
	assert_string_equal(b.done, "tld,sta");
	assert_int_equal(fsm_state(&b.fsm), FSM_CLOSING);
	assert_true(ev_is_active(&b.fsm.timer));
	fsm_reset(&b.fsm);
	ev_loop_destroy(b.loop);
}

static void test_reset_in_action(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	bench_place(&b, FSM_OPENED);
	b.reset_in_action = true;
	fsm_event(&b.fsm, FSM_RCR_PLUS);
	assert_string_equal(b.done, "tld");
	assert_int_equal(fsm_state(&b.fsm), FSM_INITIAL);
	assert_false(ev_is_active(&b.fsm.timer));
	ev_loop_destroy(b.loop);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(fsm_state_name(FSM_REQ_SENT), "req-sent");
	assert_string_equal(fsm_state_name(FSM_OPENED), "opened");
	assert_string_equal(fsm_state_name(FSM_STATES), "unknown");
	assert_string_equal(fsm_event_name(FSM_RXJ_MINUS), "rxj-");
	assert_string_equal(fsm_event_name(FSM_RXR), "rxr");
	assert_string_equal(fsm_event_name(FSM_EVENTS), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell),           cmocka_unit_test(test_restart_counter),
		cmocka_unit_test(test_zero_restart_counter), cmocka_unit_test(test_nested_event),
		cmocka_unit_test(test_reset_in_action),      cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
