/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "auth.h"
#include "client.h"
#include "ipcp.h"
#include "lcp.h"
#include "ppp.h"
#include "report.h"
#include "tun.h"

#define CLOSE_TIMEOUT_MS 1000
#define CLOSE_TRIES 3

const char *call_state_name(enum call_state state)
{
	static const char *const names[CALL_STATES] = {
		"idle", "queued", "seek", "request", "lcp", "auth", "ipcp", "up", "closing",
	};

	return names[state];
}

const char *call_phase_name(enum phase phase)
{
	static const char *const names[PHASES] = { "discovery", "lcp", "auth", "ipcp", "up" };

	return names[phase];
}

const char *call_fault_name(enum fault fault)
{
	static const char *const names[FAULTS] = {
		"padi-timeout",   "padr-timeout",   "service-name-error", "ac-system-error",
		"generic-error",  "lcp-timeout",    "lcp-refused",        "auth-timeout",
		"auth-rejected",  "auth-bad-proof", "ipcp-timeout",       "ipcp-refused",
		"terminated",     "padt",           "echo-timeout",       "local",
		"tunnel-timeout", "tunnel-refused", "call-refused",       "mppe-refused",
	};

	return names[fault];
}

enum phase call_phase(const struct call *call)
{
	switch (call->state) {
	case CALL_LCP:
		return PHASE_LCP;
	case CALL_AUTH:
		return PHASE_AUTH;
	case CALL_IPCP:
		return PHASE_IPCP;
	case CALL_UP:
	case CALL_CLOSING:
		return PHASE_UP;
	default:
		return PHASE_DISCOVERY;
	}
}

uint32_t call_number(const struct client *client, const struct call *call)
{
	return client->opt.first + call->nth;
}

static bool is_dialling(enum call_state state)
{
	return state >= CALL_SEEK && state <= CALL_IPCP;
}

static void leave_up(struct client *client, struct call *call)
{
	struct call *last = client->up[--client->ups];

	client->up[call->up_at] = last;
	last->up_at = call->up_at;
	tun_close(client, call);
}

static void call_set_state(struct client *client, struct call *call, enum call_state state)
{
	enum call_state old = call->state;

	if (old == CALL_UP)
		leave_up(client, call);
	client->queued += (state == CALL_QUEUED) - (old == CALL_QUEUED);
	client->dialling += is_dialling(state) - is_dialling(old);
	client->closing += (state == CALL_CLOSING) - (old == CALL_CLOSING);
	call->state = state;
	call->tries = 0;
	wheel_cancel(&call->timer);
	if (state == CALL_UP) {
		call->up_at = client->ups;
		client->up[client->ups++] = call;
	}
}

void call_arm(struct client *client, struct call *call, uint32_t ms)
{
	wheel_arm(&client->wheel, &call->timer, client->now + ms * 1000000LL);
}

static void note_latency(struct client *client, enum latency which, int64_t since)
{
	hist_add(&client->stats.latency[which], (client->now - since) / 1000);
}

void client_enqueue(struct client *client, struct call *call)
{
	call_set_state(client, call, CALL_QUEUED);
	call->next = NULL;
	*client->queue_end = call;
	client->queue_end = &call->next;
}

void call_dial(struct client *client, struct call *call)
{
	client->stats.attempts++;
	call->dial++;
	call->begun = call->phase_begun = client->now;
	call->addr = call->peer_addr = (struct in_addr){ 0 };
	call->peer_mru = PPP_MRU_DEFAULT;
	call->peer_magic = 0;
	call->auth_proto = 0;
	call->auth_done = call->auth_retried = call->proof_set = false;
	ccp_reset(call);
	memset(call->ac_mac, 0xff, WIRE_MAC);
	call_set_state(client, call, CALL_SEEK);
	client->access->request(client, call);
}

void call_advance(struct client *client, struct call *call, enum call_state state)
{
	if (state != CALL_REQUEST) {
		/* not when the peer negotiates anew, which goes back */
		if (state > call->state)
			note_latency(client, LATENCY_DISCOVERY + call_phase(call),
				     call->phase_begun);
		call->phase_begun = client->now;
	}
	call_set_state(client, call, state);
}

void call_established(struct client *client, struct call *call)
{
	if (call->begun) {
		note_latency(client, LATENCY_TOTAL, call->begun);
		client->stats.established++;
		client->last_established = client->now;
		report_session(client, call);
		call->begun = 0; /* counted, should the peer negotiate anew */
	}
	call->ever_up = true;
	call->failed = false;
	call->echo_missed = 0;
	if (!tun_open(client, call))
		return;
	if (traffic_active(client)) /* otherwise all join when they are up */
		traffic_join(client, call);
	if (client->opt.echo_interval > 0)
		call_arm(client, call, client->opt.echo_interval * 1000);
}

/* The session is over on our side; what still comes for it is late, not wrong. */
static void forget(struct client *client, struct call *call)
{
	call_set_state(client, call, CALL_IDLE);
	ccp_reset(call);
	call->old_sid = call->sid;
	call->sid = call->local_sid = 0;
	free(call->offer);
	call->offer = NULL;
	call->offer_len = 0;
}

static void count_fault(struct client *client, struct call *call, enum fault fault)
{
	client->stats.faults[fault]++;
	if (client->stage <= STAGE_HOLD && call->redials < client->opt.redials) {
		call->redials++;
		client_enqueue(client, call);
		return;
	}
	call->failed = true;
}

void call_fail(struct client *client, struct call *call, enum fault fault)
{
	client->access->bye(client, call);
	forget(client, call);
	count_fault(client, call, fault);
}

void call_ended_by_server(struct client *client, struct call *call, bool padt)
{
	enum phase phase = call_phase(call);
	enum call_state state = call->state;
	bool again = call->again;

	if (padt)
		client->stats.padt[phase]++;
	else
		client->stats.terminated[phase]++;
	forget(client, call);
	if (is_dialling(state))
		count_fault(client, call, padt ? FAULT_PADT : FAULT_TERMINATED);
	else if (again || (client->opt.persist && client->stage <= STAGE_HOLD))
		client_enqueue(client, call);
	call->again = false;
}

void call_closed(struct client *client, struct call *call)
{
	bool again = call->again;

	client->access->bye(client, call);
	forget(client, call);
	call->again = false;
	if (again)
		client_enqueue(client, call);
}

void call_hangup(struct client *client, struct call *call)
{
	client->stats.hangups++;
	traffic_leave(client, call);
	switch (client->opt.hangup) {
	case HANGUP_TERMINATE:
		call_set_state(client, call, CALL_CLOSING);
		lcp_send_terminate(client, call);
		call_arm(client, call, CLOSE_TIMEOUT_MS);
		return;
	case HANGUP_PADT:
		call_closed(client, call);
		return;
	case HANGUP_STOPCCN:
	case HANGUP_SILENT:
		forget(client, call);
		if (call->again)
			client_enqueue(client, call);
		call->again = false;
		return;
	}
}

static void echo_due(struct client *client, struct call *call)
{
	if (call->echo_missed >= client->opt.echo_tries) {
		traffic_leave(client, call);
		call_fail(client, call, FAULT_ECHO_TIMEOUT);
		return;
	}
	call->echo_missed++;
	lcp_send_echo(client, call);
	call_arm(client, call, client->opt.echo_interval * 1000);
}

static void close_due(struct client *client, struct call *call)
{
	if (++call->tries >= CLOSE_TRIES) {
		call_closed(client, call);
		return;
	}
	lcp_send_terminate(client, call);
	call_arm(client, call, CLOSE_TIMEOUT_MS);
}

static enum fault timeout_fault(const struct call *call)
{
	switch (call->state) {
	case CALL_SEEK:
		return FAULT_PADI_TIMEOUT;
	case CALL_REQUEST:
		return FAULT_PADR_TIMEOUT;
	case CALL_LCP:
		return FAULT_LCP_TIMEOUT;
	case CALL_AUTH:
		return FAULT_AUTH_TIMEOUT;
	default:
		return FAULT_IPCP_TIMEOUT;
	}
}

void call_expired(struct client *client, struct call *call)
{
	if (call->state == CALL_UP) {
		echo_due(client, call);
		return;
	}
	if (call->state == CALL_CLOSING) {
		close_due(client, call);
		return;
	}
	if (++call->tries >= client->opt.tries) {
		call_fail(client, call, timeout_fault(call));
		return;
	}
	if (call->state != CALL_AUTH || auth_repeats(call))
		client->stats.retransmissions[call_phase(call)]++;
	if (call->state == CALL_LCP)
		lcp_send_request(client, call);
	else if (call->state == CALL_AUTH)
		auth_again(client, call);
	else if (call->state == CALL_IPCP)
		ipcp_again(client, call);
	else
		client->access->request(client, call);
}

struct wr *call_begin(struct client *client, struct call *call, size_t *at)
{
	struct wr *w = client->access->frame(client, call);

	*at = client->access->begin(client, call, w);
	return w;
}

void call_end(struct client *client, struct wr *w, size_t at)
{
	client->access->end(client, w, at);
	client->access->queue(client);
}

void call_end_data(struct client *client, struct call *call, struct wr *w, size_t at)
{
	client->access->end(client, w, at);
	impair_send(client, call, w);
}
