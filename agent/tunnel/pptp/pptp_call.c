/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Calls of a control connection, and the carrier that the session layer sees: RFC 2637 2.7 to 2.15
 * (messages), 3.2 (states), 4 (data). An OCRQ gets a session and an id, and PPP starts. Incoming
 * calls are refused: they are for us to announce, and there is no line here that rings.
 *
 * Every data packet has a number; those that come far too late are dropped. Numbers are shared
 * with the data plane (carrier_user). What came in is acknowledged by whatever goes out; without
 * anything to ride on, when half the window is un-acknowledged, or after a while.
 *
 * The peer's window bounds what goes out un-acknowledged where the agent moves the packets itself
 * (`pipex no`). Control packets of PPP are never held up by it. Clients tell windows as small as
 * three and take more, so that of the peer and ours the larger one counts. What has not been
 * acknowledged for a while is lost, and the window opens (4.4).
 *
 * Timers: ack, CLOCK_PPTP_ACK_MS from the first packet that the peer has not been told of; the
 * window opens CLOCK_PPTP_LOST_MS after the last acknowledgement.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "dataplane/dataplane.h"
#include "log.h"
#include "tunnel/pptp/pptp_private.h"

#define FRAME_MAX 4000 /* of PPP frames that we send */
#define ADDRESS_CONTROL 0xff03
#define PROTOCOL_CONTROL 0x8000 /* and up: control protocols */
#define SPEED 100000000         /* bits per second that callers are told */

static const struct carrier_ops call_carrier_ops;

/* ---- indexes ---- */

static uint64_t call_hash(const struct pptp *p, uint32_t connection_id, uint16_t peer_call_id)
{
	const uint32_t key[2] = { connection_id, peer_call_id };

	return index_hash(&p->calls, key, sizeof(key));
}

static struct pptp_call *call_by_peer(const struct pptp_connection *c, uint16_t peer_call_id)
{
	const struct pptp *p = c->pptp;
	struct index_node *n = index_first(&p->calls, call_hash(p, c->id, peer_call_id));

	for (; n; n = index_next(n)) {
		struct pptp_call *call = INDEX_ENTRY(n, struct pptp_call, by_peer);

		if (call->connection == c && call->peer_call_id == peer_call_id)
			return call;
	}
	return NULL;
}

static struct pptp_call *call_by_id(const struct pptp_connection *c, uint16_t call_id)
{
	const struct pptp *p = c->pptp;
	struct pptp_call *call = NULL;

	if (p->call_ids)
		call = slot_owner(p->call_ids, slot_of(p->call_ids, 0, call_id));
	return call && call->connection == c ? call : NULL;
}

static void call_attach(struct pptp_connection *c, struct pptp_call *call)
{
	struct pptp *p = c->pptp;

	call->connection = c;
	LIST_INSERT_HEAD(&c->calls, call, on_connection);
	index_add(&p->calls, &call->by_peer, call_hash(p, c->id, call->peer_call_id));
	pptp_connection_count(c, 1);
}

/* Takes the driver's knowledge of it away; the memory is its owner's. */
static void call_detach(struct pptp_call *call)
{
	struct pptp_connection *c = call->connection;
	struct pptp *p = c->pptp;

	ev_timer_stop(p->loop, &call->ack);
	slot_give(p->call_ids, call->slot - p->dims.first, p->io->now());
	index_del(&p->calls, &call->by_peer);
	LIST_REMOVE(call, on_connection);
	call->connection = NULL;
	pptp_connection_count(c, -1);
}

void pptp_call_lost(struct pptp_call *call, enum cause cause)
{
	struct pptp *p = call->connection->pptp;

	/* unreachable first: the owner's close finds nothing left to do */
	call_detach(call);
	p->user->lost(p->user_arg, &call->carrier, cause);
}

/* ---- data out ---- */

static void gre_send(struct pptp_call *call, const struct pptp_gre *gre)
{
	struct pptp *p = call->connection->pptp;
	const struct pptp_hosts hosts = { call->local, call->peer };
	uint8_t bytes[PPTP_GRE_HEADER_MAX + FRAME_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	char text[PPTP_ADDR_TEXT];
	int r;

	pptp_gre_put(&w, gre, gre->payload.len);
	wbuf_put(&w, gre->payload.p, gre->payload.len);
	r = p->io->gre_send(p, &hosts, bytes, w.len);
	if (r < 0)
		log_drop(p->log, XP_R_T_DATA_SEND, PPTP_WHO "call %u: %s", call->connection_id,
			 pptp_addr_text(&call->connection->peer, text), call->call_id,
			 strerror(-r));
}

/* Acknowledges the newest packet that came in, unless the peer has been told of it from here. */
static void ack_put(struct pptp_call *call, struct pptp_gre *gre)
{
	struct pptp *p = call->connection->pptp;
	int64_t newest = p->user->acknowledge(p->user_arg, &call->carrier);

	call->untold = 0;
	ev_timer_stop(p->loop, &call->ack);
	if (newest < 0 || (uint32_t)newest == call->told)
		return;
	gre->has_ack = true;
	gre->ack = call->told = (uint32_t)newest;
}

static bool window_is_open(struct pptp_call *call)
{
	struct mono now = call->connection->pptp->io->now();
	uint32_t in_flight = call->sent - call->acked;
	uint32_t window = call->window > XP_PPTP_WINDOW ? call->window : XP_PPTP_WINDOW;

	if (call->window == 0)
		return true;
	if (in_flight == 0)
		call->progress = now;
	if (in_flight < window)
		return true;
	if (mono_elapsed_ms(call->progress, now) < CLOCK_PPTP_LOST_MS)
		return false;
	call->acked = call->sent;
	call->progress = now;
	return true;
}

static bool may_send(struct pptp_call *call, uint16_t proto)
{
	char text[PPTP_ADDR_TEXT];

	if (call->carrier.tunnel->pipex || proto >= PROTOCOL_CONTROL || window_is_open(call))
		return true;
	log_drop(call->connection->pptp->log, XP_R_T_DATA_WINDOW, PPTP_WHO "call %u, %u packets",
		 call->connection_id, pptp_addr_text(&call->connection->peer, text), call->call_id,
		 call->sent - call->acked);
	return false;
}

static void call_send(struct carrier *carrier, uint16_t proto, const uint8_t *info, size_t len)
{
	struct pptp_call *call = (struct pptp_call *)carrier;
	uint8_t frame[FRAME_MAX];
	struct wbuf w = wbuf_of(frame, sizeof(frame));
	struct pptp_gre gre = { .call_id = call->peer_call_id, .has_sequence = true };
	struct pptp *p;

	if (!call->connection || len > FRAME_MAX - 4 || !may_send(call, proto))
		return;
	p = call->connection->pptp;
	wbuf_u16(&w, ADDRESS_CONTROL);
	wbuf_u16(&w, proto);
	wbuf_put(&w, info, len);
	gre.payload = buf_of(frame, w.len);
	gre.sequence = call->sent = p->user->sequence(p->user_arg, carrier);
	ack_put(call, &gre);
	gre_send(call, &gre);
}

static void call_acknowledge(struct carrier *carrier)
{
	struct pptp_call *call = (struct pptp_call *)carrier;
	struct pptp_gre gre = { .call_id = call->peer_call_id };

	if (!call->connection)
		return;
	ack_put(call, &gre);
	if (!gre.has_ack)
		return;
	call->connection->pptp->counters.ack_only++;
	gre_send(call, &gre);
}

static void on_ack(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct pptp_call *call = timer->data;

	(void)loop;
	(void)events;
	call_acknowledge(&call->carrier);
}

/* ---- data in ---- */

static void ack_due(struct pptp_call *call)
{
	struct ev_loop *loop = call->connection->pptp->loop;

	if (call->untold >= XP_PPTP_ACK_AFTER) {
		call_acknowledge(&call->carrier);
	} else if (call->untold > 0 && !ev_is_active(&call->ack)) {
		ev_timer_set(&call->ack, CLOCK_PPTP_ACK_MS / 1000., 0.);
		ev_timer_start(loop, &call->ack);
	}
}

/* The program may have sent packets that are acknowledged here, but not to a slow session. */
static void acked(struct pptp_call *call, uint32_t ack)
{
	if ((int32_t)(ack - call->acked) <= 0 || (int32_t)(call->sent - ack) < 0)
		return;
	call->acked = ack;
	call->progress = call->connection->pptp->io->now();
}

void pptp_call_data(struct pptp_call *call, const struct pptp_gre *gre)
{
	struct pptp *p = call->connection->pptp;
	char text[PPTP_ADDR_TEXT];

	pptp_addr_text(&call->connection->peer, text);
	if (gre->has_ack)
		acked(call, gre->ack);
	if (!gre->has_sequence) {
		if (gre->payload.len > 0)
			log_drop(p->log, XP_R_T_DATA_UNNUMBERED, PPTP_WHO "call %u, %zu octets",
				 call->connection_id, text, call->call_id, gre->payload.len);
		return;
	}
	if (p->user->received(p->user_arg, &call->carrier, gre->sequence)) {
		log_drop(p->log, XP_R_T_DATA_LATE, PPTP_WHO "call %u, number %u",
			 call->connection_id, text, call->call_id, gre->sequence);
		return;
	}
	call->untold++;
	p->user->input(p->user_arg, &call->carrier, gre->payload);
	if (call->connection)
		ack_due(call);
}

/* ---- the carrier ---- */

static void disconnect_send(struct pptp_connection *c, uint16_t call_id,
			    enum pptp_disconnect_result result, enum cause cause)
{
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	pptp_put_disconnect(&w, call_id, result,
			    result == PPTP_DISCONNECT_ERROR ? PPTP_ERROR_RESOURCE : PPTP_ERROR_NONE,
			    cause_name(cause));
	c->pptp->counters.disconnect_out++;
	pptp_connection_send(c, &w);
}

static enum pptp_disconnect_result disconnect_result(enum cause cause)
{
	switch (cause) {
	case CAUSE_PEER:
		return PPTP_DISCONNECT_REQUEST;
	case CAUSE_LOST_CARRIER:
		return PPTP_DISCONNECT_LOST_CARRIER;
	case CAUSE_NO_ADDRESS:
	case CAUSE_LIMIT:
	case CAUSE_RESOURCES:
	case CAUSE_DATAPLANE:
		return PPTP_DISCONNECT_ERROR;
	default:
		return PPTP_DISCONNECT_ADMIN;
	}
}

static void call_close(struct carrier *carrier, enum cause cause)
{
	struct pptp_call *call = (struct pptp_call *)carrier;
	struct pptp_connection *c = call->connection;

	if (!c)
		return;
	call_detach(call);
	disconnect_send(c, call->call_id, disconnect_result(cause), cause);
}

static void call_describe(const struct carrier *carrier, struct dp_session *dp)
{
	const struct pptp_call *call = (const struct pptp_call *)carrier;

	dp->slot = call->slot;
	dp->carrier = DP_PPTP;
	dp->pptp = (struct dp_pptp){
		.local = call->local,
		.peer = call->peer,
		.call_id = call->call_id,
		.peer_call_id = call->peer_call_id,
	};
}

static void call_info(const struct carrier *carrier, struct carrier_info *info)
{
	const struct pptp_call *call = (const struct pptp_call *)carrier;

	inet_ntop(AF_INET, &call->peer, info->peer, sizeof(info->peer));
	inet_ntop(AF_INET, &call->local, info->local, sizeof(info->local));
	info->device[0] = '\0';
	info->id = call->call_id;
	info->service = "";
	info->circuit_id = "";
	info->remote_id = "";
	info->called = call->number;
	info->calling = "";
	info->peer_name = call->peer_name;
	info->tunnel_id = call->connection_id;
	info->local_name = call->local_name;
	info->serial = call->serial;
}

static uint16_t call_mru(const struct carrier *carrier)
{
	return ((const struct pptp_call *)carrier)->mru;
}

static const struct carrier_ops call_carrier_ops = {
	.name = "pptp",
	.size = sizeof(struct pptp_call),
	.ip_input = true,
	.acfc = true,
	.send = call_send,
	.close = call_close,
	.describe = call_describe,
	.info = call_info,
	.mru = call_mru,
	.acknowledge = call_acknowledge,
};

/* ---- OCRQ ---- */

static void call_fill(struct pptp_call *call, const struct pptp_connection *c,
		      const struct pptp_outgoing *request)
{
	call->local = c->local.sin_addr;
	call->peer = c->peer.sin_addr;
	call->connection_id = c->id;
	call->peer_call_id = request->call_id;
	call->serial = request->serial;
	call->window = request->window;
	call->mru = c->mtu;
	call->told = call->sent = call->acked = UINT32_MAX; /* below the first */
	log_escape(call->number, sizeof(call->number), request->number.p, request->number.len);
	memcpy(call->peer_name, c->hostname, sizeof(call->peer_name));
	snprintf(call->local_name, sizeof(call->local_name), "%s",
		 pptp_hostname_of(c->pptp, c->listener->tunnel));
	ev_timer_init(&call->ack, on_ack, 0., 0.);
	call->ack.data = call;
}

/* *reason: of a failure. */
static int call_new(struct pptp_connection *c, const struct pptp_outgoing *request,
		    struct pptp_call **out, enum xp_reason *reason)
{
	struct pptp *p = c->pptp;
	struct pptp_call *call;
	struct carrier_load load;
	struct carrier *carrier;
	uint32_t slot;
	int r;

	if (!p->call_ids)
		return -ENOSPC;
	p->user->load(p->user_arg, &load);
	if (load.busy != XP_R_NONE) {
		*reason = load.busy;
		return -EBUSY;
	}
	carrier = p->user->accept(p->user_arg, &call_carrier_ops, c->listener->tunnel);
	if (!carrier)
		return -EUSERS;
	call = (struct pptp_call *)carrier;
	r = slot_take(p->call_ids, 0, call, p->io->now(), &slot);
	if (r) {
		p->user->aborted(p->user_arg, carrier);
		return r;
	}
	call->slot = p->dims.first + slot;
	call->call_id = slot_id(p->call_ids, slot);
	call_fill(call, c, request);
	call_attach(c, call);
	*out = call;
	return 0;
}

static void outgoing_reply(struct pptp_connection *c, const struct pptp_outgoing_reply *reply)
{
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	pptp_put_outgoing_reply(&w, reply);
	pptp_connection_send(c, &w);
}

static void outgoing_refuse(struct pptp_connection *c, uint16_t peer_call_id, enum xp_reason reason,
			    const char *why)
{
	const struct pptp_outgoing_reply reply = {
		.peer_call_id = peer_call_id,
		.result = PPTP_RESULT_ERROR,
		.error = reason == XP_R_T_CALL ? PPTP_ERROR_CALL_ID : PPTP_ERROR_RESOURCE,
	};
	char text[PPTP_ADDR_TEXT];

	log_drop(c->pptp->log, reason, PPTP_WHO "OCRQ: %s", c->id, pptp_addr_text(&c->peer, text),
		 why);
	outgoing_reply(c, &reply);
}

static void outgoing_requested(struct pptp_connection *c, const struct pptp_message *message)
{
	struct pptp *p = c->pptp;
	struct pptp_outgoing_reply reply = {
		.result = PPTP_RESULT_OK,
		.speed = SPEED,
		.window = XP_PPTP_WINDOW,
	};
	enum xp_reason reason = XP_R_T_LIMIT;
	struct pptp_outgoing request;
	struct pptp_call *call;
	int r;

	p->counters.ocrq++;
	if (pptp_outgoing_read(message->body, &request))
		return;
	if (call_by_peer(c, request.call_id)) {
		outgoing_refuse(c, request.call_id, XP_R_T_CALL, "call id is in use");
		return;
	}
	if (!pptp_in_rate(p, p->call_rates, c->peer.sin_addr)) {
		outgoing_refuse(c, request.call_id, XP_R_T_RATE, "too often");
		return;
	}
	r = call_new(c, &request, &call, &reason);
	if (r) {
		outgoing_refuse(c, request.call_id, reason,
				r == -EUSERS   ? "no session"
				: r == -ENOSPC ? "no call id is free"
					       : strerror(-r));
		return;
	}
	reply.call_id = call->call_id;
	reply.peer_call_id = call->peer_call_id;
	outgoing_reply(c, &reply);
	p->user->started(p->user_arg, &call->carrier);
}

/* ---- the other messages ---- */

static void incoming_refuse(struct pptp_connection *c, uint16_t peer_call_id)
{
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	char text[PPTP_ADDR_TEXT];

	log_drop(c->pptp->log, XP_R_T_INCOMING, PPTP_WHO "ICRQ", c->id,
		 pptp_addr_text(&c->peer, text));
	pptp_put_incoming_refusal(&w, peer_call_id);
	pptp_connection_send(c, &w);
}

static void cleared(struct pptp_call *call)
{
	struct pptp_connection *c = call->connection;
	uint16_t call_id = call->call_id;

	pptp_call_lost(call, CAUSE_PEER);
	disconnect_send(c, call_id, PPTP_DISCONNECT_REQUEST, CAUSE_PEER);
}

/* Only a PAC says this, but what it means is plain. */
static void disconnected(struct pptp_call *call, const struct pptp_message *message)
{
	struct pptp_connection *c = call->connection;
	struct pptp_disconnect disconnect;
	char text[PPTP_ADDR_TEXT], statistics[4 * PPTP_TEXT_MAX];

	if (pptp_disconnect_read(message->body, &disconnect))
		return;
	log_escape(statistics, sizeof(statistics), disconnect.statistics.p,
		   disconnect.statistics.len);
	log_msg(c->pptp->log, LOG_INFO,
		PPTP_WHO "call %u ended by the peer, result %u, error %u, cause %u%s%s", c->id,
		pptp_addr_text(&c->peer, text), call->call_id, disconnect.result, disconnect.error,
		disconnect.cause, *statistics ? ": " : "", statistics);
	pptp_call_lost(call, disconnect.result == PPTP_DISCONNECT_LOST_CARRIER ? CAUSE_LOST_CARRIER
									       : CAUSE_PEER);
}

void pptp_call_receive(struct pptp_connection *c, const struct pptp_message *message)
{
	struct pptp *p = c->pptp;
	bool by_peer = message->type == PPTP_CCR || message->type == PPTP_CDN;
	struct pptp_call *call;
	char text[PPTP_ADDR_TEXT];
	uint16_t id = 0;

	if (message->type == PPTP_OCRQ) {
		outgoing_requested(c, message);
		return;
	}
	pptp_call_id_read(message->body, &id);
	if (message->type == PPTP_ICRQ) {
		incoming_refuse(c, id);
		return;
	}
	p->counters.clear += message->type == PPTP_CCR;
	p->counters.disconnect_in += message->type == PPTP_CDN;
	call = by_peer ? call_by_peer(c, id) : call_by_id(c, id);
	if (!call) { /* ours may have ended while this was under way */
		log_drop(p->log, XP_R_T_CALL, PPTP_WHO "%s for call %u", c->id,
			 pptp_addr_text(&c->peer, text), pptp_type_name(message->type), id);
		return;
	}
	if (message->type == PPTP_CCR)
		cleared(call);
	else if (message->type == PPTP_CDN)
		disconnected(call, message);
	else /* line errors and character maps: nothing to do about on a line without characters */
		p->counters.link_info++;
}
