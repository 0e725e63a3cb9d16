/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Control connections as the LNS sees them: RFC 2661 5.1 (authentication), 5.5 (hello), 5.7
 * (tear-down), 7.2.1 (states). SCCRQ makes a tunnel, SCCCN proves that the peer is where it says
 * and, with a secret, who it says.
 *
 * A message from another port of the peer moves the tunnel only if it is the very next one, and
 * neither out of IPsec nor into it.
 *
 * A peer that restarts without a good-bye makes a new tunnel beside the old one. When that is
 * established the older ones of the same address, port and host name (PROBES of them at most, if a
 * LAC has many) are asked at once whether they still live; a tie breaker says that the peer wants
 * but one, and ends them.
 *
 * We never ask for tunnels ourselves, so there is no tie to break otherwise.
 *
 * Timer: WAIT and STOPPING, CLOCK_L2TP_LINGER_MS, then it is given up; ESTABLISHED,
 * l2tp-hello-interval without a control message brings a HELLO, l2tp-hello-timeout after that the
 * peer is dead; LINGERING, CLOCK_L2TP_LINGER_MS.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "log.h"
#include "tunnel/l2tp/l2tp_private.h"

#define IPV4_UDP 28 /* octets of the outer headers */
#define IPV6_UDP 48
#define PPP_HEADER 4 /* address, control, protocol */
/* At most: UDP of NAT-T, ESP's header, IV, padding with its trailer, and ICV. */
#define ESP_OVERHEAD (8 + 8 + 16 + 17 + 32)
#define MTU_UNKNOWN 1500
#define PROBE_MIN_MS 2000 /* who was heard just now lives */
#define PROBES 16         /* older tunnels that are looked at for a new one */

static const struct l2tp_control_ops tunnel_control_ops;

/* ---- states ---- */

static const char *const state_names[L2TP_TUNNEL_STATES] = {
	[L2TP_TUNNEL_WAIT] = "wait",         [L2TP_TUNNEL_ESTABLISHED] = "established",
	[L2TP_TUNNEL_STOPPING] = "stopping", [L2TP_TUNNEL_LINGERING] = "lingering",
	[L2TP_TUNNEL_GONE] = "gone",
};

const char *l2tp_tunnel_state_name(enum l2tp_tunnel_state state)
{
	return state_names[state];
}

static const char *peer_text(const struct l2tp_tunnel *t, char text[L2TP_ADDR_TEXT])
{
	return l2tp_addr_text(&t->path.peer, true, text);
}

static void timer_set(struct l2tp_tunnel *t, int64_t ms)
{
	ev_timer_stop(t->l2tp->loop, &t->timer);
	if (ms <= 0)
		return;
	ev_timer_set(&t->timer, (double)ms / 1000., 0.);
	ev_timer_start(t->l2tp->loop, &t->timer);
}

static int64_t hello_interval_ms(const struct l2tp_tunnel *t)
{
	return (int64_t)t->listener->tunnel->l2tp.hello_interval * 1000;
}

static int64_t hello_timeout_ms(const struct l2tp_tunnel *t)
{
	return (int64_t)t->listener->tunnel->l2tp.hello_timeout * 1000;
}

static void half_open_remove(struct l2tp_tunnel *t)
{
	TAILQ_REMOVE(&t->l2tp->half_open, t, waiting);
	t->l2tp->n_half_open--;
}

/* Where its peer's earlier tunnels are found. */
static void name_index(struct l2tp_tunnel *t)
{
	struct l2tp *l = t->l2tp;
	const uint16_t port = l2tp_addr_port(&t->path.peer);
	uint8_t bytes[16 + sizeof(port) + sizeof(t->path.mark) + L2TP_TEXT_MAX];
	struct wbuf key = wbuf_of(bytes, sizeof(bytes));
	size_t len;
	const uint8_t *octets = l2tp_addr_octets(&t->path.peer, &len);

	wbuf_put(&key, octets, len);
	wbuf_put(&key, &port, sizeof(port));
	wbuf_put(&key, &t->path.mark, sizeof(t->path.mark));
	wbuf_put(&key, t->hostname, strlen(t->hostname));
	index_del(&l->names, &t->by_name);
	index_add(&l->names, &t->by_name, index_hash(&l->names, key.base, key.len));
}

/* Freed when the loop comes round: callers up the stack still hold it. */
static void bury(struct l2tp_tunnel *t)
{
	struct l2tp *l = t->l2tp;

	if (t->state != L2TP_TUNNEL_GONE || t->n_calls > 0 || t->dead)
		return;
	t->dead = true;
	TAILQ_INSERT_TAIL(&l->dead, t, waiting);
	ev_prepare_start(l->loop, &l->reap);
}

/* The one place where the state changes. */
static void state_set(struct l2tp_tunnel *t, enum l2tp_tunnel_state state, const char *why)
{
	struct l2tp *l = t->l2tp;
	char text[L2TP_ADDR_TEXT];

	log_msg(l->log, LOG_DEBUG, L2TP_WHO "%s -> %s: %s", t->id, peer_text(t, text),
		state_names[t->state], state_names[state], why);
	if (t->state == L2TP_TUNNEL_WAIT)
		half_open_remove(t);
	if (t->state == L2TP_TUNNEL_ESTABLISHED)
		index_del(&l->names, &t->by_name);
	if (t->state < L2TP_TUNNEL_LINGERING && state >= L2TP_TUNNEL_LINGERING)
		l->counters.tunnels--;
	t->state = state;
	if (state == L2TP_TUNNEL_ESTABLISHED) {
		name_index(t);
		timer_set(t, hello_interval_ms(t));
	} else {
		timer_set(t, state == L2TP_TUNNEL_GONE ? 0 : CLOCK_L2TP_LINGER_MS);
	}
	if (state != L2TP_TUNNEL_GONE)
		return;
	/* unreachable now */
	index_del(&l->tunnels, &t->by_peer);
	l2tp_control_stop(&t->control);
	bury(t);
}

/* ---- beginning and end ---- */

uint64_t l2tp_tunnel_hash(const struct l2tp *l, const union l2tp_addr *peer, uint16_t peer_id)
{
	uint8_t key[20] = { 0 };
	size_t len;
	const uint8_t *octets = l2tp_addr_octets(peer, &len);

	memcpy(key, octets, len);
	memcpy(key + 16, &peer_id, sizeof(peer_id));
	return index_hash(&l->tunnels, key, sizeof(key));
}

static bool lose_one(void *arg)
{
	struct l2tp_tunnel *t = arg;

	if (!LIST_EMPTY(&t->calls))
		l2tp_call_lost(LIST_FIRST(&t->calls), t->lose_cause);
	if (!LIST_EMPTY(&t->calls))
		return true;
	bury(t);
	return false;
}

/* No others come: the tunnel is over, or will be with the next line of the caller. */
static void calls_lose(struct l2tp_tunnel *t, enum cause cause)
{
	struct l2tp *l = t->l2tp;

	/* what ended it first is why */
	if (LIST_EMPTY(&t->calls) || t->lose.works)
		return;
	t->lose_cause = cause;
	l->user->work(l->user_arg, &t->lose);
}

void l2tp_tunnel_free(struct l2tp_tunnel *t)
{
	struct l2tp *l = t->l2tp;

	work_stop(&t->lose);
	while (!LIST_EMPTY(&t->calls))
		l2tp_call_lost(LIST_FIRST(&t->calls), t->lose_cause);
	l2tp_control_stop(&t->control);
	ev_timer_stop(l->loop, &t->timer);
	if (t->state == L2TP_TUNNEL_WAIT)
		half_open_remove(t);
	else if (t->dead)
		TAILQ_REMOVE(&l->dead, t, waiting);
	if (t->to_flush)
		TAILQ_REMOVE(&l->flush, t, flush);
	index_del(&l->tunnels, &t->by_peer);
	index_del(&l->names, &t->by_name);
	slot_give(l->tunnel_ids, t->id, l->io->now());
	LIST_REMOVE(t, on_listener);
	l->counters.tunnels -= t->state < L2TP_TUNNEL_LINGERING;
	if (t->secret)
		explicit_bzero(t->secret, strlen(t->secret));
	free(t->secret);
	free(t);
}

void l2tp_stop_put(struct wbuf *w, uint16_t id, enum l2tp_stop_result result, enum l2tp_error error,
		   const char *text)
{
	l2tp_avp_put_message(w, L2TP_STOPCCN);
	l2tp_avp_put_u16(w, L2TP_AVP_TUNNEL_ID, id);
	l2tp_avp_put_result(w, (uint16_t)result, (uint16_t)error, text);
}

static void log_stop(const struct l2tp_tunnel *t, const char *who, unsigned int result,
		     unsigned int error, const char *text)
{
	char peer[L2TP_ADDR_TEXT];

	log_msg(t->l2tp->log, LOG_INFO, L2TP_WHO "ended by %s, result %u, error %u%s%s, %u calls",
		t->id, peer_text(t, peer), who, result, error, text && *text ? ": " : "",
		text ? text : "", t->n_calls);
}

void l2tp_tunnel_stop(struct l2tp_tunnel *t, enum l2tp_stop_result result, enum l2tp_error error,
		      const char *text, enum cause cause)
{
	uint8_t bytes[L2TP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	if (t->state > L2TP_TUNNEL_ESTABLISHED)
		return;
	log_stop(t, "us", result, error, text);
	state_set(t, L2TP_TUNNEL_STOPPING, "stop");
	calls_lose(t, cause);
	l2tp_control_hurry(&t->control);
	l2tp_stop_put(&w, t->id, result, error, text);
	t->l2tp->counters.stopccn_out++;
	l2tp_tunnel_send(t, 0, &w);
}

void l2tp_tunnel_drop(struct l2tp_tunnel *t, enum cause cause)
{
	uint8_t bytes[L2TP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	if (t->state == L2TP_TUNNEL_GONE)
		return;
	calls_lose(t, cause);
	if (t->state == L2TP_TUNNEL_ESTABLISHED) {
		l2tp_control_quiet(&t->control);
		l2tp_stop_put(&w, t->id, L2TP_STOP_SHUTDOWN, L2TP_ERROR_NONE, NULL);
		t->l2tp->counters.stopccn_out++;
		l2tp_tunnel_send(t, 0, &w);
	}
	state_set(t, L2TP_TUNNEL_GONE, "drop");
}

/* The peer does not answer any more. */
static void peer_dead(struct l2tp_tunnel *t, const char *why)
{
	char text[L2TP_ADDR_TEXT];

	if (t->state == L2TP_TUNNEL_ESTABLISHED)
		log_msg(t->l2tp->log, LOG_NOTICE, L2TP_WHO "the peer is dead: %s; %u calls", t->id,
			peer_text(t, text), why, t->n_calls);
	calls_lose(t, CAUSE_LOST_CARRIER);
	state_set(t, L2TP_TUNNEL_GONE, why);
}

/* ---- hello ---- */

static void hello_send(struct l2tp_tunnel *t)
{
	uint8_t bytes[16];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	t->probing = true;
	timer_set(t, hello_timeout_ms(t));
	if (t->control.queued > 0) /* what waits for an acknowledgement asks as well */
		return;
	l2tp_avp_put_message(&w, L2TP_HELLO);
	l2tp_tunnel_send(t, 0, &w);
}

/* The kernel's policies may have gone since the tunnel was made. */
static bool ipsec_still(struct l2tp_tunnel *t)
{
	struct l2tp *l = t->l2tp;

	return !t->listener->tunnel->l2tp.require_ipsec || l->io->ipsec(l, &t->path);
}

static void hello_due(struct l2tp_tunnel *t)
{
	int64_t silence = mono_elapsed_ms(t->heard, t->l2tp->io->now());

	if (!ipsec_still(t)) {
		l2tp_tunnel_stop(t, L2TP_STOP_NOT_AUTHORIZED, L2TP_ERROR_NONE, "IPsec required",
				 CAUSE_CONFIG);
	} else if (t->probing) {
		t->l2tp->counters.hello_timeout++;
		peer_dead(t, "no answer to hello");
	} else if (silence < hello_interval_ms(t)) {
		timer_set(t, hello_interval_ms(t) - silence);
	} else {
		hello_send(t);
	}
}

void l2tp_tunnel_configure(struct l2tp_tunnel *t)
{
	int64_t interval = hello_interval_ms(t);
	int64_t left = interval - mono_elapsed_ms(t->heard, t->l2tp->io->now());

	if (t->state != L2TP_TUNNEL_ESTABLISHED)
		return;
	if (!ipsec_still(t))
		l2tp_tunnel_stop(t, L2TP_STOP_NOT_AUTHORIZED, L2TP_ERROR_NONE, "IPsec required",
				 CAUSE_CONFIG);
	else if (!t->probing)
		timer_set(t, interval > 0 && left < 1 ? 1 : left);
}

static void heard(struct l2tp_tunnel *t)
{
	t->heard = t->l2tp->io->now();
	if (!t->probing)
		return;
	t->probing = false;
	if (t->state == L2TP_TUNNEL_ESTABLISHED)
		timer_set(t, hello_interval_ms(t));
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct l2tp_tunnel *t = timer->data;

	(void)loop;
	(void)revents;
	if (t->state == L2TP_TUNNEL_ESTABLISHED)
		hello_due(t);
	else
		state_set(t, L2TP_TUNNEL_GONE, "time-out");
}

/* ---- what the control connection's delivery calls ---- */

static void on_transmit(void *arg, const uint8_t *message, size_t len)
{
	struct l2tp_tunnel *t = arg;

	l2tp_listener_send_control(t->listener, &t->path, message, len);
}

static void on_dead(void *arg)
{
	peer_dead(arg, "messages are not acknowledged");
}

static void on_idle(void *arg)
{
	struct l2tp_tunnel *t = arg;

	if (t->state == L2TP_TUNNEL_STOPPING)
		state_set(t, L2TP_TUNNEL_GONE, "acknowledged");
}

void l2tp_tunnel_send(struct l2tp_tunnel *t, uint16_t session_id, const struct wbuf *avps)
{
	char text[L2TP_ADDR_TEXT];
	int r = l2tp_control_send(&t->control, t->peer_id, session_id, avps);

	if (r < 0 && r != -ESHUTDOWN)
		log_drop(t->l2tp->log, XP_R_L_SEND, L2TP_WHO "message: %s", t->id,
			 peer_text(t, text), strerror(-r));
}

/* ---- messages of the control connection ---- */

enum l2tp_error l2tp_problem_error(const struct l2tp_avps *avps)
{
	switch (avps->problem) {
	case L2TP_PROBLEM_LENGTH:
		return L2TP_ERROR_LENGTH;
	case L2TP_PROBLEM_VALUE:
		return L2TP_ERROR_VALUE;
	case L2TP_PROBLEM_UNKNOWN:
	case L2TP_PROBLEM_HIDDEN:
		return L2TP_ERROR_UNKNOWN_AVP;
	default:
		return L2TP_ERROR_NONE;
	}
}

enum xp_reason l2tp_problem_reason(const struct l2tp_avps *avps)
{
	switch (avps->problem) {
	case L2TP_PROBLEM_UNKNOWN:
		return XP_R_L_AVP_UNKNOWN;
	case L2TP_PROBLEM_HIDDEN:
		return XP_R_L_AVP_HIDDEN;
	default:
		return XP_R_L_AVP;
	}
}

static void stopped_by_peer(struct l2tp_tunnel *t, const struct l2tp_avps *avps)
{
	char text[4 * L2TP_TEXT_MAX];

	t->l2tp->counters.stopccn_in++;
	if (t->state >= L2TP_TUNNEL_LINGERING)
		return;
	log_escape(text, sizeof(text), avps->result_text.p, avps->result_text.len);
	log_stop(t, "the peer", avps->result, avps->error, text);
	l2tp_control_quiet(&t->control);
	state_set(t, L2TP_TUNNEL_LINGERING, "StopCCN");
	calls_lose(t, CAUSE_PEER);
}

static bool response_right(const struct l2tp_tunnel *t, const struct l2tp_avps *avps)
{
	uint8_t expected[L2TP_RESPONSE_LEN];
	bool right;

	if (!t->challenged)
		return true;
	if (avps->response.len != sizeof(expected))
		return false;
	l2tp_response(L2TP_SCCCN, t->secret, buf_of(t->challenge, sizeof(t->challenge)), expected);
	right = CRYPTO_memcmp(expected, avps->response.p, sizeof(expected)) == 0;
	explicit_bzero(expected, sizeof(expected));
	return right;
}

static bool is_predecessor(const struct l2tp_tunnel *old, const struct l2tp_tunnel *t)
{
	return old != t && old->state == L2TP_TUNNEL_ESTABLISHED &&
	       l2tp_path_same(&old->path, &t->path);
}

/* Nobody has one id twice; a StopCCN would meet the new tunnel. */
static void same_id_replace(struct l2tp_tunnel *t)
{
	struct l2tp *l = t->l2tp;
	uint64_t hash = l2tp_tunnel_hash(l, &t->path.peer, t->peer_id);
	struct index_node *n, *next;

	for (n = index_first(&l->tunnels, hash); n; n = next) {
		struct l2tp_tunnel *old = INDEX_ENTRY(n, struct l2tp_tunnel, by_peer);

		next = index_next(n);
		if (!is_predecessor(old, t) || old->peer_id != t->peer_id)
			continue;
		calls_lose(old, CAUSE_REPLACED);
		state_set(old, L2TP_TUNNEL_GONE, "replaced");
	}
}

/* Tunnels that the peer had before it restarted, perhaps: see the top. */
static void same_name_probe(struct l2tp_tunnel *t)
{
	struct l2tp *l = t->l2tp;
	unsigned int left = PROBES;
	struct index_node *n, *next;

	for (n = index_first(&l->names, t->by_name.hash); n && left > 0; n = next) {
		struct l2tp_tunnel *old = INDEX_ENTRY(n, struct l2tp_tunnel, by_name);

		next = index_next(n);
		if (!is_predecessor(old, t) || strcmp(old->hostname, t->hostname) != 0)
			continue;
		left--;
		if (!old->probing && mono_elapsed_ms(old->heard, l->io->now()) >= PROBE_MIN_MS)
			hello_send(old);
	}
}

/* Each of them leaves the index. */
static void same_name_stop(struct l2tp_tunnel *t)
{
	struct l2tp *l = t->l2tp;
	struct index_node *n, *next;

	for (n = index_first(&l->names, t->by_name.hash); n; n = next) {
		struct l2tp_tunnel *old = INDEX_ENTRY(n, struct l2tp_tunnel, by_name);

		next = index_next(n);
		if (is_predecessor(old, t) && strcmp(old->hostname, t->hostname) == 0)
			l2tp_tunnel_stop(old, L2TP_STOP_EXISTS, L2TP_ERROR_NONE,
					 "replaced by a new tunnel", CAUSE_REPLACED);
	}
}

static void connected(struct l2tp_tunnel *t, const struct l2tp_avps *avps)
{
	char text[L2TP_ADDR_TEXT];

	if (!response_right(t, avps)) {
		log_drop(t->l2tp->log, XP_R_L_SECRET, L2TP_WHO "SCCCN of \"%s\"", t->id,
			 peer_text(t, text), t->hostname);
		l2tp_tunnel_stop(t, L2TP_STOP_NOT_AUTHORIZED, L2TP_ERROR_NONE, "wrong secret",
				 CAUSE_AUTH);
		return;
	}
	log_msg(t->l2tp->log, LOG_INFO,
		L2TP_WHO "established with \"%s\" (%s), its tunnel %u, tunnel %s%s", t->id,
		peer_text(t, text), t->hostname, t->vendor, t->peer_id, t->listener->tunnel->name,
		t->ipsec ? ", IPsec" : "");
	state_set(t, L2TP_TUNNEL_ESTABLISHED, "SCCCN");
	same_id_replace(t);
	if (t->wants_only_one)
		same_name_stop(t);
	else
		same_name_probe(t);
}

static void tunnel_message(struct l2tp_tunnel *t, const struct l2tp_avps *avps)
{
	char text[L2TP_ADDR_TEXT];

	switch (avps->message) {
	case L2TP_STOPCCN:
		stopped_by_peer(t, avps);
		return;
	case L2TP_HELLO:
		return;
	case L2TP_SCCCN:
		if (t->state == L2TP_TUNNEL_WAIT) {
			connected(t, avps);
			return;
		}
		break;
	default:
		break;
	}
	log_drop(t->l2tp->log, XP_R_L_STATE, L2TP_WHO "%s in state %s", t->id, peer_text(t, text),
		 l2tp_message_name(avps->message), state_names[t->state]);
	l2tp_tunnel_stop(t, L2TP_STOP_FSM, L2TP_ERROR_NONE, l2tp_message_name(avps->message),
			 CAUSE_LOST_CARRIER);
}

static bool is_of_call(uint16_t message)
{
	return message >= L2TP_OCRQ && message <= L2TP_SLI && message != 13;
}

static bool is_known(uint16_t message)
{
	return (message >= L2TP_SCCRQ && message <= L2TP_STOPCCN) || message == L2TP_HELLO ||
	       is_of_call(message);
}

/* RFC 2661 4.1, 4.4.1, 7.1: what cannot be understood ends the tunnel, if it must be. */
static bool tunnel_understands(struct l2tp_tunnel *t, const struct l2tp_avps *avps)
{
	char text[L2TP_ADDR_TEXT];

	if (!is_known(avps->message)) {
		log_drop(t->l2tp->log, XP_R_L_STATE, L2TP_WHO "message type %u", t->id,
			 peer_text(t, text), avps->message);
		if (avps->message_mandatory)
			l2tp_tunnel_stop(t, L2TP_STOP_ERROR, L2TP_ERROR_UNKNOWN_AVP,
					 "unknown message type", CAUSE_LOST_CARRIER);
		return false;
	}
	/* a good-bye is one however it is worded, and calls have their own answer */
	if (avps->problem == L2TP_PROBLEM_NONE || avps->message == L2TP_STOPCCN ||
	    is_of_call(avps->message))
		return true;
	log_drop(t->l2tp->log, l2tp_problem_reason(avps), L2TP_WHO "%s: AVP %u", t->id,
		 peer_text(t, text), l2tp_message_name(avps->message), avps->problem_type);
	l2tp_tunnel_stop(t, L2TP_STOP_ERROR, l2tp_problem_error(avps), NULL, CAUSE_LOST_CARRIER);
	return false;
}

static void on_deliver(void *arg, uint16_t session_id, struct buf payload)
{
	struct l2tp_tunnel *t = arg;
	struct l2tp_avps avps;
	char text[L2TP_ADDR_TEXT];

	if (l2tp_avps_parse(payload, t->secret, &avps)) {
		log_drop(t->l2tp->log, XP_R_L_AVP, L2TP_WHO "%s of %zu octets", t->id,
			 peer_text(t, text), l2tp_message_name(avps.message), payload.len);
		l2tp_tunnel_stop(t, L2TP_STOP_ERROR, L2TP_ERROR_LENGTH, "malformed message",
				 CAUSE_LOST_CARRIER);
	} else if (t->state > L2TP_TUNNEL_ESTABLISHED && avps.message != L2TP_STOPCCN) {
		; /* it is over: what comes is acknowledged and no more */
	} else if (tunnel_understands(t, &avps)) {
		if (!is_of_call(avps.message) || t->state != L2TP_TUNNEL_ESTABLISHED)
			tunnel_message(t, &avps);
		else
			l2tp_call_receive(t, session_id, &avps);
	}
	l2tp_avps_wipe(&avps);
}

static const struct l2tp_control_ops tunnel_control_ops = {
	.transmit = on_transmit,
	.deliver = on_deliver,
	.dead = on_dead,
	.idle = on_idle,
};

/* ---- a new one ---- */

/* The kernel knows what ESP takes only for the ports that it is for, one of which is the
 * listener's. */
static uint16_t tunnel_mtu(const struct l2tp *l, const struct l2tp_path *path, bool ipsec)
{
	unsigned int mtu = l->io->path_mtu(path);
	unsigned int outer = path->peer.sa.sa_family == AF_INET ? IPV4_UDP : IPV6_UDP;

	if (mtu == 0)
		mtu = MTU_UNKNOWN;
	if (mtu > UINT16_MAX)
		mtu = UINT16_MAX;
	outer += L2TP_DATA_HEADER_MAX + PPP_HEADER + (ipsec ? ESP_OVERHEAD : 0);
	return (uint16_t)(mtu > outer + 128 ? mtu - outer : 128);
}

int l2tp_tunnel_new(const struct l2tp_request *r, struct l2tp_tunnel **out)
{
	struct l2tp *l = r->listener->l2tp;
	struct l2tp_tunnel *t = calloc(1, sizeof(*t));
	const struct l2tp_avps *avps = r->avps;
	uint32_t id;
	int err = -ENOMEM;

	if (!t)
		return err;
	if (r->secret && !(t->secret = strdup(r->secret)))
		goto free_tunnel;
	err = slot_take(l->tunnel_ids, 0, t, l->io->now(), &id);
	if (err)
		goto free_secret;
	t->l2tp = l;
	t->listener = r->listener;
	t->id = (uint16_t)id;
	t->peer_id = avps->tunnel_id;
	t->path = *r->path;
	t->request = r->hash;
	t->ipsec = r->ipsec;
	t->wants_only_one = l2tp_avp_present(avps, L2TP_AVP_TIE_BREAKER);
	t->mtu = tunnel_mtu(l, r->path, r->ipsec);
	t->started = t->heard = l->io->now();
	log_escape(t->hostname, sizeof(t->hostname), avps->hostname.p, avps->hostname.len);
	log_escape(t->vendor, sizeof(t->vendor), avps->vendor.p, avps->vendor.len);
	LIST_INIT(&t->calls);
	t->lose = (struct work){ .step = lose_one, .arg = t };
	l2tp_control_init(&t->control, l->loop, &tunnel_control_ops, t, &l->control_counts);
	l2tp_control_set_window(&t->control, l2tp_avp_present(avps, L2TP_AVP_WINDOW)
						     ? avps->window
						     : L2TP_WINDOW_DEFAULT);
	ev_timer_init(&t->timer, on_timer, 0., 0.);
	t->timer.data = t;
	timer_set(t, CLOCK_L2TP_LINGER_MS);
	t->state = L2TP_TUNNEL_WAIT;
	TAILQ_INSERT_TAIL(&l->half_open, t, waiting);
	l->n_half_open++;
	LIST_INSERT_HEAD(&r->listener->tunnels, t, on_listener);
	index_add(&l->tunnels, &t->by_peer, l2tp_tunnel_hash(l, &t->path.peer, t->peer_id));
	l->counters.tunnels++;
	*out = t;
	return 0;
free_secret:
	if (t->secret)
		explicit_bzero(t->secret, strlen(t->secret));
	free(t->secret);
free_tunnel:
	free(t);
	return err;
}

void l2tp_tunnel_give_way(struct l2tp_tunnel *t)
{
	state_set(t, L2TP_TUNNEL_GONE, "too many");
	l2tp_tunnel_free(t);
}

/* ---- control messages ---- */

static bool path_allowed(struct l2tp_tunnel *t, const struct l2tp_path *path,
			 const struct l2tp_header *header)
{
	return l2tp_path_same(&t->path, path) ||
	       (l2tp_path_same_hosts(&t->path, path) && header->payload.len > 0 &&
		l2tp_control_in_turn(&t->control, header) &&
		t->l2tp->io->ipsec(t->l2tp, path) == t->ipsec);
}

static void tunnel_move(struct l2tp_tunnel *t, const struct l2tp_path *path)
{
	char old[L2TP_ADDR_TEXT], text[L2TP_ADDR_TEXT];
	struct l2tp_call *call, *next;

	if (l2tp_path_same(&t->path, path))
		return;
	log_msg(t->l2tp->log, LOG_INFO, L2TP_WHO "now sends from %s", t->id, peer_text(t, old),
		l2tp_addr_text(&path->peer, true, text));
	t->path = *path;
	if (t->state == L2TP_TUNNEL_ESTABLISHED)
		name_index(t);
	for (call = LIST_FIRST(&t->calls); call; call = next) {
		next = LIST_NEXT(call, on_tunnel);
		l2tp_call_moved(call);
	}
}

void l2tp_tunnel_receive(struct l2tp_tunnel *t, const struct l2tp_path *path,
			 const struct l2tp_header *header)
{
	struct l2tp *l = t->l2tp;
	char text[L2TP_ADDR_TEXT], from[L2TP_ADDR_TEXT];

	if (!path_allowed(t, path, header)) {
		log_drop(l->log, XP_R_L_PEER, L2TP_WHO "message from %s", t->id, peer_text(t, text),
			 l2tp_addr_text(&path->peer, true, from));
		return;
	}
	if (l2tp_is_clear(l, t->ipsec, path)) {
		log_drop(l->log, XP_R_L_IPSEC, L2TP_WHO "message in clear text", t->id,
			 peer_text(t, text));
		return;
	}
	tunnel_move(t, path);
	if (l2tp_control_receive(&t->control, header) == L2TP_CONTROL_BEYOND) {
		log_drop(l->log, XP_R_L_WINDOW, L2TP_WHO "ns %u, nr %u", t->id, peer_text(t, text),
			 header->ns, header->nr);
		return;
	}
	heard(t);
	if (t->control.ack_due && !t->to_flush && t->state != L2TP_TUNNEL_GONE) {
		t->to_flush = true;
		TAILQ_INSERT_TAIL(&l->flush, t, flush);
	}
}
