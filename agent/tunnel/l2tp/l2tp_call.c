/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Calls of a control connection, and the carrier that the session layer sees: RFC 2661 5.2 (ICRQ,
 * ICRP, ICCN), 5.4 (sequence numbers), 5.6 (CDN), 7.4. An ICRQ gets a session and an id; PPP starts
 * with ICCN. Outgoing calls are refused: there is no line here to dial out on.
 *
 * Data messages carry sequence numbers if the peer requires them or sends them itself, unless the
 * configuration says no. Of received ones those that come twice or more than 64 late are dropped.
 *
 * Timer: setup, CLOCK_L2TP_CALL_SETUP_MS from ICRQ to ICCN.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "dataplane/dataplane.h"
#include "log.h"
#include "tunnel/l2tp/l2tp_private.h"
#include "tunnel/l2tp/l2tp_proxy.h"

#define LATE_MAX 64
#define LOST_MAX 8 /* after so many older ones in a row the peer has begun anew */
#define ADDRESS_CONTROL 0xff03
#define PPP_HEADER 4    /* address, control, protocol */
#define WAITING_MAX 256 /* messages for a peer that does not acknowledge, beside its calls' */

static const struct carrier_ops call_carrier_ops;

/* ---- indexes ---- */

static uint64_t call_hash(const struct l2tp *l, uint16_t tunnel_id, uint16_t peer_session_id)
{
	const uint16_t key[2] = { tunnel_id, peer_session_id };

	return index_hash(&l->calls, key, sizeof(key));
}

static struct l2tp_call *call_by_peer(const struct l2tp_tunnel *t, uint16_t peer_session_id)
{
	const struct l2tp *l = t->l2tp;
	struct index_node *n = index_first(&l->calls, call_hash(l, t->id, peer_session_id));

	for (; n; n = index_next(n)) {
		struct l2tp_call *call = INDEX_ENTRY(n, struct l2tp_call, by_peer);

		if (call->tunnel == t && call->peer_session_id == peer_session_id)
			return call;
	}
	return NULL;
}

static void call_attach(struct l2tp_tunnel *t, struct l2tp_call *call)
{
	struct l2tp *l = t->l2tp;

	call->tunnel = t;
	LIST_INSERT_HEAD(&t->calls, call, on_tunnel);
	index_add(&l->calls, &call->by_peer, call_hash(l, t->id, call->peer_session_id));
	t->n_calls++;
	l->counters.calls++;
}

/* Takes the driver's knowledge of it away; the memory is its owner's. */
static void call_detach(struct l2tp_call *call)
{
	struct l2tp_tunnel *t = call->tunnel;
	struct l2tp *l = t->l2tp;

	ev_timer_stop(l->loop, &call->setup);
	slot_give(l->sessions, call->slot - l->dims.first, l->io->now());
	index_del(&l->calls, &call->by_peer);
	LIST_REMOVE(call, on_tunnel);
	call->tunnel = NULL;
	t->n_calls--;
	l->counters.calls--;
	l2tp_proxy_free(call->proxy);
	call->proxy = NULL;
}

void l2tp_call_lost(struct l2tp_call *call, enum cause cause)
{
	struct l2tp *l = call->tunnel->l2tp;

	/* unreachable first: the owner's close finds nothing left to do */
	call_detach(call);
	if (call->established)
		l->user->lost(l->user_arg, &call->carrier, cause);
	else
		l->user->aborted(l->user_arg, &call->carrier);
}

/* ---- CDN ---- */

/* How a cause is said to the peer: result, and code and direction of RFC 3145 2.1. */
struct farewell {
	enum l2tp_call_result result;
	uint16_t code, protocol;
	uint8_t direction; /* 1: at the peer, 2: here */
};

#define PROTOCOL_LCP 0xc021
#define PROTOCOL_IPCP 0x8021
#define PROTOCOL_CCP 0x80fd

static struct farewell farewell_of(enum cause cause)
{
	switch (cause) {
	case CAUSE_PEER:
		return (struct farewell){ L2TP_CALL_ADMIN, 3, PROTOCOL_LCP, 1 };
	case CAUSE_LOST_CARRIER:
		return (struct farewell){ L2TP_CALL_LOST_CARRIER, 8, PROTOCOL_LCP, 1 };
	case CAUSE_LCP:
		return (struct farewell){ L2TP_CALL_ADMIN, 5, PROTOCOL_LCP, 0 };
	case CAUSE_LOOPBACK:
		return (struct farewell){ L2TP_CALL_ADMIN, 7, PROTOCOL_LCP, 0 };
	case CAUSE_AUTH:
		return (struct farewell){ L2TP_CALL_ADMIN, 16, 0, 2 };
	case CAUSE_AUTH_TIMEOUT:
		return (struct farewell){ L2TP_CALL_ADMIN, 13, 0, 1 };
	case CAUSE_IPCP:
	case CAUSE_ESTABLISH_TIMEOUT:
		return (struct farewell){ L2TP_CALL_ADMIN, 17, PROTOCOL_IPCP, 0 };
	case CAUSE_MPPE:
		return (struct farewell){ L2TP_CALL_ADMIN, 17, PROTOCOL_CCP, 0 };
	case CAUSE_NO_ADDRESS:
		return (struct farewell){ L2TP_CALL_TEMPORARY, 19, PROTOCOL_IPCP, 2 };
	case CAUSE_LIMIT:
	case CAUSE_RESOURCES:
	case CAUSE_DATAPLANE:
		return (struct farewell){ L2TP_CALL_TEMPORARY, 0, 0, 0 };
	default:
		return (struct farewell){ L2TP_CALL_ADMIN, 1, 0, 2 };
	}
}

/* What a CDN says. */
struct cdn {
	uint16_t session_id, peer_session_id; /* ours may be 0: there is none */
	enum l2tp_call_result result;
	enum l2tp_error error;
	const char *text;
	const struct farewell *farewell; /* NULL: nothing of PPP */
};

static void cdn_send(struct l2tp_tunnel *t, const struct cdn *cdn)
{
	uint8_t bytes[L2TP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	l2tp_avp_put_message(&w, L2TP_CDN);
	l2tp_avp_put_result(&w, (uint16_t)cdn->result, (uint16_t)cdn->error, cdn->text);
	l2tp_avp_put_u16(&w, L2TP_AVP_SESSION_ID, cdn->session_id);
	if (cdn->farewell)
		l2tp_avp_put_ppp_cause(&w, cdn->farewell->code, cdn->farewell->protocol,
				       cdn->farewell->direction);
	t->l2tp->counters.cdn_out++;
	l2tp_tunnel_send(t, cdn->peer_session_id, &w);
}

/* Ends a call for a fault of the peer's message. */
static void call_refuse(struct l2tp_call *call, enum l2tp_call_result result, enum l2tp_error error,
			const char *text, enum cause cause)
{
	struct l2tp_tunnel *t = call->tunnel;
	const struct cdn cdn = {
		.session_id = call->session_id,
		.peer_session_id = call->peer_session_id,
		.result = result,
		.error = error,
		.text = text,
	};

	l2tp_call_lost(call, cause);
	cdn_send(t, &cdn);
}

/* ---- the carrier ---- */

static void call_send(struct carrier *c, uint16_t proto, const uint8_t *info, size_t len)
{
	struct l2tp_call *call = (struct l2tp_call *)c;
	struct l2tp_tunnel *t = call->tunnel;
	uint8_t bytes[L2TP_DATAGRAM_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	uint16_t ns = 0;

	if (!t || len > sizeof(bytes) - L2TP_DATA_HEADER_MAX - PPP_HEADER)
		return;
	if (l2tp_is_clear(t->l2tp, call->ipsec, &call->path)) {
		log_drop(t->l2tp->log, XP_R_S_L2TP_CLEAR, "for call %u of tunnel %u",
			 call->session_id, call->tunnel_id);
		return;
	}
	if (call->sequencing)
		ns = (uint16_t)t->l2tp->user->sequence(t->l2tp->user_arg, c);
	l2tp_data_header_put(&w, len + PPP_HEADER, call->peer_tunnel_id, call->peer_session_id,
			     call->sequencing, ns);
	wbuf_u16(&w, ADDRESS_CONTROL);
	wbuf_u16(&w, proto);
	wbuf_put(&w, info, len);
	l2tp_listener_send(t->listener, &t->path, w.base, w.len);
}

static void call_close(struct carrier *c, enum cause cause)
{
	struct l2tp_call *call = (struct l2tp_call *)c;
	struct l2tp_tunnel *t = call->tunnel;
	const struct farewell farewell = farewell_of(cause);
	const struct cdn cdn = {
		.session_id = call->session_id,
		.peer_session_id = call->peer_session_id,
		.result = farewell.result,
		.text = cause_name(cause),
		.farewell = &farewell,
	};

	if (!t)
		return;
	call_detach(call);
	cdn_send(t, &cdn);
}

static void call_describe(const struct carrier *c, struct dp_session *dp)
{
	const struct l2tp_call *call = (const struct l2tp_call *)c;

	dp->slot = call->slot;
	dp->carrier = DP_L2TP;
	dp->l2tp = (struct dp_l2tp){
		.local = l2tp_addr_storage(&call->path.local),
		.peer = l2tp_addr_storage(&call->path.peer),
		.tunnel_id = call->tunnel_id,
		.session_id = call->session_id,
		.peer_tunnel_id = call->peer_tunnel_id,
		.peer_session_id = call->peer_session_id,
		.sequencing = call->sequencing,
		.esp = call->ipsec,
	};
	/* what ESP brings comes up the socket, and only the kernel's stack can send it back; where
	 * a link-local address is, the programs' keys and look-ups do not say */
	dp->slow = dp->slow || call->ipsec || l2tp_addr_is_link_local(&call->path.peer);
}

static void call_info(const struct carrier *c, struct carrier_info *info)
{
	const struct l2tp_call *call = (const struct l2tp_call *)c;
	char text[L2TP_ADDR_TEXT];

	snprintf(info->peer, sizeof(info->peer), "%s",
		 l2tp_addr_text(&call->path.peer, false, text));
	snprintf(info->local, sizeof(info->local), "%s",
		 l2tp_addr_text(&call->path.local, false, text));
	info->device[0] = '\0';
	info->id = call->session_id;
	info->service = "";
	info->circuit_id = "";
	info->remote_id = "";
	info->called = call->called;
	info->calling = call->calling;
	info->peer_name = call->peer_name;
	info->tunnel_id = call->tunnel_id;
	info->local_name = call->local_name;
	info->serial = call->serial;
}

static uint16_t call_mru(const struct carrier *c)
{
	return ((const struct l2tp_call *)c)->mru;
}

static bool call_proxy(const struct carrier *c, struct carrier_proxy *out)
{
	const struct l2tp_call *call = (const struct l2tp_call *)c;

	if (!call->proxy)
		return false;
	l2tp_proxy_get(call->proxy, out);
	return true;
}

static const struct carrier_ops call_carrier_ops = {
	.name = "l2tp",
	.size = sizeof(struct l2tp_call),
	.ip_input = true,
	.acfc = true,
	.send = call_send,
	.close = call_close,
	.describe = call_describe,
	.info = call_info,
	.mru = call_mru,
	.proxy = call_proxy,
};

/* ---- ICRQ ---- */

static void on_setup(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct l2tp_call *call = timer->data;
	struct l2tp *l = call->tunnel->l2tp;

	(void)loop;
	(void)revents;
	call_close(&call->carrier, CAUSE_ESTABLISH_TIMEOUT);
	l->user->aborted(l->user_arg, &call->carrier);
}

static void text_keep(char text[L2TP_TEXT_MAX], struct buf value)
{
	log_escape(text, L2TP_TEXT_MAX, value.p, value.len);
}

static void call_fill(struct l2tp_call *call, const struct l2tp_tunnel *t,
		      const struct l2tp_avps *avps)
{
	call->path = t->path;
	call->tunnel_id = t->id;
	call->peer_tunnel_id = t->peer_id;
	call->peer_session_id = avps->session_id;
	call->serial = avps->call_serial;
	call->mru = t->mtu;
	call->ipsec = t->ipsec;
	text_keep(call->called, avps->called);
	text_keep(call->calling, avps->calling);
	text_keep(call->sub_address, avps->sub_address);
	memcpy(call->peer_name, t->hostname, sizeof(call->peer_name));
	snprintf(call->local_name, sizeof(call->local_name), "%s",
		 l2tp_hostname_of(t->l2tp, t->listener->tunnel));
}

/* *reason: of a failure. */
static int call_new(struct l2tp_tunnel *t, const struct l2tp_avps *avps, struct l2tp_call **out,
		    enum xp_reason *reason)
{
	struct l2tp *l = t->l2tp;
	struct l2tp_call *call;
	struct carrier_load load;
	struct carrier *c;
	uint32_t slot;
	int r;

	if (!l->sessions)
		return -ENOSPC;
	l->user->load(l->user_arg, &load);
	if (load.busy != XP_R_NONE) {
		*reason = load.busy;
		return -EBUSY;
	}
	c = l->user->accept(l->user_arg, &call_carrier_ops, t->listener->tunnel);
	if (!c)
		return -EUSERS;
	call = (struct l2tp_call *)c;
	r = slot_take(l->sessions, t->id % l->dims.spaces, call, l->io->now(), &slot);
	if (r) {
		l->user->aborted(l->user_arg, c);
		return r;
	}
	call->slot = l->dims.first + slot;
	call->session_id = slot_id(l->sessions, slot);
	call_fill(call, t, avps);
	call_attach(t, call);
	ev_timer_init(&call->setup, on_setup, CLOCK_L2TP_CALL_SETUP_MS / 1000., 0.);
	call->setup.data = call;
	ev_timer_start(l->loop, &call->setup);
	*out = call;
	return 0;
}

static void icrp_send(struct l2tp_call *call)
{
	uint8_t bytes[64];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	l2tp_avp_put_message(&w, L2TP_ICRP);
	l2tp_avp_put_u16(&w, L2TP_AVP_SESSION_ID, call->session_id);
	l2tp_tunnel_send(call->tunnel, call->peer_session_id, &w);
}

/* Refuses an id that is none, and one that the peer has for another call already: that one is lost
 * too, since the CDN ends it at the peer whichever of the two it means. */
static bool session_id_free(struct l2tp_tunnel *t, uint16_t peer_session_id)
{
	const struct cdn cdn = { .result = L2TP_CALL_ERROR, .error = L2TP_ERROR_SESSION_ID };
	struct l2tp_call *old = peer_session_id ? call_by_peer(t, peer_session_id) : NULL;
	char text[L2TP_ADDR_TEXT];

	if (peer_session_id && !old)
		return true;
	log_drop(t->l2tp->log, XP_R_L_AVP, L2TP_WHO "ICRQ with session id %u", t->id,
		 l2tp_addr_text(&t->path.peer, true, text), peer_session_id);
	if (old)
		call_refuse(old, L2TP_CALL_ERROR, L2TP_ERROR_SESSION_ID, "session id used twice",
			    CAUSE_LOST_CARRIER);
	else
		cdn_send(t, &cdn);
	return false;
}

static void incoming_request(struct l2tp_tunnel *t, const struct l2tp_avps *avps)
{
	struct cdn cdn = {
		.peer_session_id = avps->session_id,
		.result = L2TP_CALL_TEMPORARY,
	};
	enum xp_reason reason = XP_R_L_LIMIT;
	char text[L2TP_ADDR_TEXT];
	struct l2tp_call *call;
	int r;

	t->l2tp->counters.icrq++;
	if (!session_id_free(t, avps->session_id))
		return;
	r = call_new(t, avps, &call, &reason);
	if (r == 0) {
		icrp_send(call);
		return;
	}
	log_drop(t->l2tp->log, reason, L2TP_WHO "ICRQ: %s", t->id,
		 l2tp_addr_text(&t->path.peer, true, text),
		 r == -EUSERS   ? "no session"
		 : r == -ENOSPC ? "no session id is free"
				: strerror(-r));
	cdn.text = cause_name(r == -EUSERS ? CAUSE_LIMIT : CAUSE_RESOURCES);
	cdn_send(t, &cdn);
}

/* ---- ICCN ---- */

/* What the LAC has negotiated is for the beginning only. A password may be in it. */
static void call_start(struct l2tp_call *call)
{
	struct l2tp *l = call->tunnel->l2tp;
	uint32_t slot = call->slot;

	l->user->started(l->user_arg, &call->carrier);
	if (l2tp_by_slot(l, slot) != call) /* it has ended already */
		return;
	l2tp_proxy_free(call->proxy);
	call->proxy = NULL;
}

static void call_connected(struct l2tp_call *call, const struct l2tp_avps *avps)
{
	struct l2tp_tunnel *t = call->tunnel;
	struct l2tp *l = t->l2tp;
	const struct conf_l2tp *conf = &t->listener->tunnel->l2tp;

	if (call->established) {
		call_refuse(call, L2TP_CALL_ERROR, L2TP_ERROR_VALUE, "ICCN twice",
			    CAUSE_LOST_CARRIER);
		return;
	}
	ev_timer_stop(l->loop, &call->setup);
	call->established = true;
	call->tx_speed = avps->tx_speed;
	call->rx_speed = avps->rx_speed ? avps->rx_speed : avps->tx_speed;
	call->sequencing = conf->data_use_seq && l2tp_avp_present(avps, L2TP_AVP_SEQUENCING);
	if (conf->accept_dialin && !conf->force_lcp_renegotiation)
		call->proxy = l2tp_proxy_new(avps, conf->lcp_renegotiation);
	call_start(call);
}

/* ---- CDN of the peer ---- */

static void log_cdn(const struct l2tp_call *call, const struct l2tp_avps *avps)
{
	char text[4 * L2TP_TEXT_MAX], cause[4 * L2TP_TEXT_MAX], peer[L2TP_ADDR_TEXT];
	const struct l2tp_ppp_cause *ppp = &avps->ppp_cause;

	log_escape(text, sizeof(text), avps->result_text.p, avps->result_text.len);
	log_escape(cause, sizeof(cause), ppp->message.p, ppp->message.len);
	log_msg(call->tunnel->l2tp->log, LOG_INFO,
		L2TP_WHO "call %u ended by the peer, result %u, error %u%s%s; "
			 "ppp cause %u of protocol %04x, direction %u%s%s",
		call->tunnel_id, l2tp_addr_text(&call->path.peer, true, peer), call->session_id,
		avps->result, avps->error, *text ? ": " : "", text, ppp->code, ppp->protocol,
		ppp->direction, *cause ? ": " : "", cause);
}

static void call_disconnected(struct l2tp_call *call, const struct l2tp_avps *avps)
{
	log_cdn(call, avps);
	l2tp_call_lost(call,
		       avps->result == L2TP_CALL_LOST_CARRIER ? CAUSE_LOST_CARRIER : CAUSE_PEER);
}

/* ---- messages ---- */

/* The call that a message is about. A peer that has not got our id yet says its own. */
static struct l2tp_call *call_of(const struct l2tp_tunnel *t, uint16_t session_id,
				 const struct l2tp_avps *avps)
{
	const struct l2tp *l = t->l2tp;
	struct l2tp_call *call;

	if (session_id == 0)
		return avps->session_id ? call_by_peer(t, avps->session_id) : NULL;
	if (!l->sessions)
		return NULL;
	call = slot_owner(l->sessions, slot_of(l->sessions, t->id % l->dims.spaces, session_id));
	return call && call->tunnel == t ? call : NULL;
}

/* RFC 2661 7.5: an outgoing call is the LAC's to make, and we are none. */
static void outgoing_refuse(struct l2tp_tunnel *t, const struct l2tp_avps *avps)
{
	const struct cdn cdn = {
		.peer_session_id = avps->session_id,
		.result = L2TP_CALL_PERMANENT,
		.text = "no outgoing calls here",
	};
	char text[L2TP_ADDR_TEXT];

	log_drop(t->l2tp->log, XP_R_L_OUTGOING, L2TP_WHO "OCRQ", t->id,
		 l2tp_addr_text(&t->path.peer, true, text));
	cdn_send(t, &cdn);
}

/* What is wrong with the message ends the call, if there is one, and not the tunnel. */
static bool call_understands(struct l2tp_tunnel *t, struct l2tp_call *call,
			     const struct l2tp_avps *avps)
{
	const struct cdn cdn = {
		.peer_session_id = avps->session_id,
		.result = L2TP_CALL_ERROR,
		.error = l2tp_problem_error(avps),
	};
	char text[L2TP_ADDR_TEXT];

	if (avps->problem == L2TP_PROBLEM_NONE || avps->message == L2TP_CDN)
		return true;
	log_drop(t->l2tp->log, l2tp_problem_reason(avps), L2TP_WHO "%s: AVP %u", t->id,
		 l2tp_addr_text(&t->path.peer, true, text), l2tp_message_name(avps->message),
		 avps->problem_type);
	if (call)
		call_refuse(call, L2TP_CALL_ERROR, cdn.error, NULL, CAUSE_LOST_CARRIER);
	else if (avps->message == L2TP_ICRQ || avps->message == L2TP_OCRQ)
		cdn_send(t, &cdn);
	return false;
}

/* A peer that asks and asks but acknowledges no answer gets none: they would pile up here. */
static bool answers_pile_up(const struct l2tp_tunnel *t)
{
	char text[L2TP_ADDR_TEXT];

	if (t->control.queued < WAITING_MAX + 2 * t->n_calls)
		return false;
	log_drop(t->l2tp->log, XP_R_L_LIMIT, L2TP_WHO "%u messages wait for acknowledgement", t->id,
		 l2tp_addr_text(&t->path.peer, true, text), t->control.queued);
	return true;
}

static void request_receive(struct l2tp_tunnel *t, const struct l2tp_avps *avps)
{
	if (answers_pile_up(t) || !call_understands(t, NULL, avps))
		return;
	if (avps->message == L2TP_ICRQ)
		incoming_request(t, avps);
	else
		outgoing_refuse(t, avps);
}

void l2tp_call_receive(struct l2tp_tunnel *t, uint16_t session_id, const struct l2tp_avps *avps)
{
	struct l2tp_call *call;
	char text[L2TP_ADDR_TEXT];

	if (avps->message == L2TP_ICRQ || avps->message == L2TP_OCRQ) {
		request_receive(t, avps);
		return;
	}
	if (avps->message == L2TP_CDN)
		t->l2tp->counters.cdn_in++;
	call = call_of(t, session_id, avps);
	if (!call_understands(t, call, avps))
		return;
	if (!call) { /* ours may have ended while this was under way */
		log_drop(t->l2tp->log, XP_R_L_CALL, L2TP_WHO "%s for call %u", t->id,
			 l2tp_addr_text(&t->path.peer, true, text),
			 l2tp_message_name(avps->message), session_id);
		return;
	}
	switch (avps->message) {
	case L2TP_ICCN:
		call_connected(call, avps);
		break;
	case L2TP_CDN:
		call_disconnected(call, avps);
		break;
	case L2TP_WEN: /* line errors and the ACCM of the LAC's line: nothing to do about */
	case L2TP_SLI:
		break;
	default:
		call_refuse(call, L2TP_CALL_ERROR, L2TP_ERROR_VALUE,
			    l2tp_message_name(avps->message), CAUSE_LOST_CARRIER);
	}
}

/* ---- data ---- */

/* RFC 2661 5.4, appendix C. Any step forward is taken: what is missing is lost. */
static bool in_sequence(struct l2tp_call *call, uint16_t ns)
{
	int ahead = call->nr_known ? (int16_t)(ns - call->nr) : 0;
	bool late = ahead < -LATE_MAX;
	uint64_t bit;

	if (late && ++call->nr_lost < LOST_MAX)
		return false;
	call->nr_lost = 0;
	if (late || ahead >= 0) {
		call->nr_seen =
			!late && ahead < LATE_MAX - 1 ? call->nr_seen << (ahead + 1) | 1 : 1;
		call->nr = (uint16_t)(ns + 1);
		call->nr_known = true;
		return true;
	}
	bit = UINT64_C(1) << (-ahead - 1);
	if (call->nr_seen & bit)
		return false;
	call->nr_seen |= bit;
	return true;
}

/* While the programs take most messages the few that come here are far apart, and begin anew when
 * all come here again. Which ones come too late only the programs know. */
static bool is_taken(struct l2tp_call *call, uint16_t ns)
{
	const struct l2tp *l = call->tunnel->l2tp;

	if (!l->user->forwarded(l->user_arg, &call->carrier))
		return in_sequence(call, ns);
	call->nr_known = false;
	call->nr_seen = 0;
	return true;
}

void l2tp_call_data(struct l2tp_call *call, const struct l2tp_header *header)
{
	struct l2tp *l = call->tunnel->l2tp;

	if (!call->established) /* ahead of ICCN: PPP sends it again */
		return;
	if (header->sequence && !is_taken(call, header->ns)) {
		log_drop(l->log, XP_R_S_L2TP_LATE, "l2tp %u: call %u, ns %u, expected %u",
			 call->tunnel_id, call->session_id, header->ns, call->nr);
		return;
	}
	if (header->sequence && call->carrier.tunnel->l2tp.data_use_seq)
		call->sequencing = true;
	l->user->input(l->user_arg, &call->carrier, header->payload);
}

void l2tp_call_moved(struct l2tp_call *call)
{
	struct l2tp *l = call->tunnel->l2tp;

	call->path = call->tunnel->path;
	if (call->established)
		l->user->moved(l->user_arg, &call->carrier);
}
