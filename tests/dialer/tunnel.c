/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "client.h"
#include "crypto.h"
#include "l2tp.h"
#include "lcp.h"
#include "proxy.h"

#define BODY_MAX 2048
#define BACKOFF_MAX 8
#define CHALLENGE_LEN 16

/* What a message says; what it does not say is 0 or empty. */
struct content {
	uint16_t type;
	uint16_t tunnel_id, session_id, window;
	uint16_t result, error;
	bool malformed;
	struct rd challenge, response;
	size_t clear_len;
	uint8_t clear[4 * AVP_MAX]; /* what hidden AVPs say */
};

void tunnel_init(struct client *client, struct tunnel *t, uint32_t nth)
{
	t->nth = nth;
	t->id = l2tp_tunnel_id(client, nth);
	t->peer = client->opt.server;
	t->key = (struct avp_key){ .crypto = client->crypto,
				   .secret = client->opt.secret,
				   .hide = client->opt.hide && client->opt.secret };
	delivery_init(&t->delivery);
}

void tunnel_free(struct tunnel *t)
{
	delivery_free(&t->delivery);
}

/* Every call that counts on the tunnel. */
#define for_each_call(client, t, i)                                                                \
	for (uint32_t i = (t)->nth; i < (client)->opt.sessions; i += (client)->opt.tunnels)

static void tunnel_set_state(struct client *client, struct tunnel *t, enum tunnel_state state)
{
	struct l2tp_stats *s = &client->l2tp->stats;

	if (t->state == TUNNEL_UP && state == TUNNEL_IDLE)
		s->lost++;
	t->state = state;
	t->tries = 0;
	if (state == TUNNEL_UP) {
		t->ever_up = true;
		s->established++;
	} else if (state == TUNNEL_IDLE) {
		wheel_cancel(&t->timer);
		delivery_free(&t->delivery);
		t->owes_ack = false;
	}
}

static void arm(struct client *client, struct tunnel *t, int64_t ms)
{
	wheel_arm(&client->l2tp->wheel, &t->timer, client->now + ms * 1000000);
}

static void rearm(struct client *client, struct tunnel *t)
{
	uint32_t factor = 1 << (t->tries > 3 ? 3 : t->tries);

	if (t->delivery.queued)
		arm(client, t, (int64_t)client->opt.control_timeout * factor);
	else if (t->state == TUNNEL_UP && client->opt.hello_interval > 0)
		arm(client, t, client->opt.hello_interval * 1000);
	else
		wheel_cancel(&t->timer);
}

/* ---- sending */

static void transmit(struct client *client, struct tunnel *t, const struct message *m)
{
	struct wr *w =
		dgram_packet(client->l2tp->dgram, client->opt.same_port ? 0 : t->nth, &t->peer);

	wr_u16(w, L2TP_TYPE | L2TP_LENGTH | L2TP_SEQUENCE | L2TP_VERSION);
	wr_u16(w, 12 + (m ? m->len : 0));
	wr_u16(w, t->peer_id);
	wr_u16(w, m ? m->sid : 0);
	wr_u16(w, m ? m->ns : t->delivery.ns - t->delivery.queued + t->delivery.in_flight);
	wr_u16(w, t->delivery.nr);
	if (m)
		wr_put(w, m->body, m->len);
	dgram_queue(client->l2tp->dgram);
	t->owes_ack = false;
}

void tunnel_flush(struct client *client, struct tunnel *t)
{
	struct l2tp_stats *s = &client->l2tp->stats;
	bool idle = t->delivery.in_flight == 0;
	struct message *m;
	bool any = false;

	while ((m = delivery_next(&t->delivery))) {
		s->sent++;
		s->retransmissions += m->sent;
		m->sent = any = true;
		transmit(client, t, m);
	}
	if (any && idle)
		rearm(client, t);
	if (t->owes_ack) {
		s->acks_sent++;
		transmit(client, t, NULL);
	}
}

static void begin(struct client *client, struct tunnel *t, struct wr *w, enum avp_message type)
{
	for (unsigned int i = 0; i < AVP_VECTOR; i++)
		t->key.vector[i] = client_random(client);
	avp_put_u16(w, AVP_MESSAGE, type);
	avp_put_vector(w, &t->key);
}

static void finish(struct client *client, struct tunnel *t, uint16_t sid, const struct wr *w)
{
	if (w->full || !delivery_queue(&t->delivery, sid, w->p, w->len))
		client->stats.malformed++; /* nothing that a peer sent can do this */
	tunnel_flush(client, t);
}

/* RFC 2661 4.4.3: MD5(message type, secret, challenge) */
static void respond(const struct tunnel *t, uint8_t type, struct rd challenge,
		    uint8_t out[AVP_DIGEST])
{
	const struct crypto_piece pieces[] = { { &type, 1 },
					       { t->key.secret, strlen(t->key.secret) },
					       { challenge.p, challenge.len } };

	crypto_md5(t->key.crypto, pieces, 3, out);
}

static void send_sccrq(struct client *client, struct tunnel *t)
{
	const struct options *o = &client->opt;
	uint8_t body[BODY_MAX];
	struct wr w = { body, 0, sizeof(body), false };

	begin(client, t, &w, MESSAGE_SCCRQ);
	avp_put_u16(&w, AVP_VERSION, 0x0100);
	avp_put_u32(&w, AVP_FRAMING, 3);
	avp_put_u32(&w, AVP_BEARER, 3);
	avp_put_u16(&w, AVP_FIRMWARE, 1);
	avp_put(&w, AVP_HOST_NAME, o->host_name, strlen(o->host_name));
	avp_put(&w, AVP_VENDOR_NAME, "dialer", 6);
	avp_put_secret(&w, &t->key, AVP_TUNNEL_ID, (uint8_t[]){ t->id >> 8, t->id }, 2);
	avp_put_u16(&w, AVP_WINDOW, o->window);
	if (o->secret) {
		for (unsigned int i = 0; i < CHALLENGE_LEN; i++)
			t->challenge[i] = client_random(client);
		avp_put_secret(&w, &t->key, AVP_CHALLENGE, t->challenge, CHALLENGE_LEN);
	}
	finish(client, t, 0, &w);
}

static void send_scccn(struct client *client, struct tunnel *t, struct rd challenge)
{
	uint8_t body[BODY_MAX], response[AVP_DIGEST];
	struct wr w = { body, 0, sizeof(body), false };

	begin(client, t, &w, MESSAGE_SCCCN);
	if (challenge.len && t->key.secret) {
		respond(t, MESSAGE_SCCCN, challenge, response);
		avp_put_secret(&w, &t->key, AVP_RESPONSE, response, sizeof(response));
	}
	finish(client, t, 0, &w);
}

static void put_id(struct wr *w, struct tunnel *t, enum avp_type type, uint16_t id)
{
	avp_put_secret(w, &t->key, type, (uint8_t[]){ id >> 8, id }, 2);
}

static void put_text(struct client *client, const struct call *call, struct tunnel *t, struct wr *w,
		     enum avp_type type, const char *template)
{
	char text[256];
	int n;

	if (!template)
		return;
	n = plan_expand(template, call_number(client, call), call->mac, text, sizeof(text));
	if (n >= 0)
		avp_put_secret(w, &t->key, type, text, n);
}

void tunnel_open(struct client *client, struct tunnel *t)
{
	delivery_free(&t->delivery);
	t->peer = client->opt.server;
	t->peer_id = 0;
	tunnel_set_state(client, t, TUNNEL_OPENING);
	send_sccrq(client, t);
}

void tunnel_call(struct client *client, struct tunnel *t, struct call *call)
{
	uint8_t body[BODY_MAX];
	struct wr w = { body, 0, sizeof(body), false };

	call->local_sid = l2tp_session_id(client, call);
	call->data_ns = call->data_nr = 0;
	call->data_sequence = client->opt.data_sequence == SEQUENCE_REQUIRE;
	begin(client, t, &w, MESSAGE_ICRQ);
	put_id(&w, t, AVP_SESSION_ID, call->local_sid);
	avp_put_u32(&w, AVP_SERIAL, call->nth << 8 | (call->dial & 0xff));
	avp_put_u32(&w, AVP_BEARER_TYPE, 1);
	put_text(client, call, t, &w, AVP_CALLED, client->opt.called);
	put_text(client, call, t, &w, AVP_CALLING, client->opt.calling);
	finish(client, t, 0, &w);
	call_advance(client, call, CALL_REQUEST);
}

static void send_iccn(struct client *client, struct tunnel *t, struct call *call)
{
	uint8_t body[BODY_MAX];
	struct wr w = { body, 0, sizeof(body), false };

	begin(client, t, &w, MESSAGE_ICCN);
	avp_put_u32(&w, AVP_SPEED, 100000000);
	avp_put_u32(&w, AVP_FRAMING_TYPE, 1);
	if (client->opt.data_sequence == SEQUENCE_REQUIRE)
		avp_put(&w, AVP_SEQUENCING, NULL, 0);
	if (client->opt.proxy)
		proxy_put(client, call, &w, &t->key);
	finish(client, t, call->sid, &w);
}

void tunnel_hang_up(struct client *client, struct tunnel *t, struct call *call)
{
	static const uint8_t administrative[] = { 0, 3 };
	uint8_t body[BODY_MAX];
	struct wr w = { body, 0, sizeof(body), false };

	begin(client, t, &w, MESSAGE_CDN);
	avp_put(&w, AVP_RESULT, administrative, sizeof(administrative));
	put_id(&w, t, AVP_SESSION_ID, call->local_sid);
	finish(client, t, call->sid, &w);
}

void tunnel_close(struct client *client, struct tunnel *t)
{
	static const uint8_t general[] = { 0, 1 };
	uint8_t body[BODY_MAX];
	struct wr w = { body, 0, sizeof(body), false };

	tunnel_set_state(client, t, TUNNEL_CLOSING);
	begin(client, t, &w, MESSAGE_STOPCCN);
	put_id(&w, t, AVP_TUNNEL_ID, t->id);
	avp_put(&w, AVP_RESULT, general, sizeof(general));
	finish(client, t, 0, &w);
}

void tunnel_hello(struct client *client, struct tunnel *t)
{
	uint8_t body[BODY_MAX];
	struct wr w = { body, 0, sizeof(body), false };

	client->l2tp->stats.hello_sent++;
	avp_put_u16(&w, AVP_MESSAGE, MESSAGE_HELLO);
	finish(client, t, 0, &w);
}

/* ---- the end */

/* The connection is gone: what its calls had is gone with it. */
static void ended(struct client *client, struct tunnel *t, enum fault fault)
{
	struct call *call;

	tunnel_set_state(client, t, TUNNEL_IDLE);
	for_each_call(client, t, i)
	{
		call = &client->calls[i];
		if (call->state == CALL_UP)
			traffic_leave(client, call);
		if (call->state == CALL_UP || call->state == CALL_CLOSING)
			call_ended_by_server(client, call, true);
		else if (call->state >= CALL_SEEK)
			call_fail(client, call, fault);
	}
}

void tunnel_expired(struct client *client, struct tunnel *t)
{
	if (t->delivery.queued == 0) {
		if (t->state == TUNNEL_UP)
			tunnel_hello(client, t);
		return;
	}
	if (++t->tries >= client->opt.control_tries) {
		client->l2tp->stats.timeouts++;
		ended(client, t, FAULT_TUNNEL_TIMEOUT);
		return;
	}
	delivery_again(&t->delivery);
	tunnel_flush(client, t);
}

/* ---- receiving */

static uint16_t get_u16(struct content *c, struct rd value)
{
	uint16_t v = 0;

	if (!rd_u16(&value, &v))
		c->malformed = true;
	return v;
}

static void read_avp(struct content *c, uint16_t type, struct rd value)
{
	switch (type) {
	case AVP_TUNNEL_ID:
		c->tunnel_id = get_u16(c, value);
		break;
	case AVP_SESSION_ID:
		c->session_id = get_u16(c, value);
		break;
	case AVP_WINDOW:
		c->window = get_u16(c, value);
		break;
	case AVP_CHALLENGE:
		c->challenge = value;
		break;
	case AVP_RESPONSE:
		c->response = value;
		break;
	case AVP_RESULT:
		c->result = get_u16(c, value);
		value.p += value.len < 2 ? 0 : 2;
		value.len -= value.len < 2 ? value.len : 2;
		if (value.len >= 2)
			c->error = wire_get16(value.p);
		break;
	}
}

static bool reveal(const struct tunnel *t, const struct avp *avp, struct content *c,
		   struct rd *value)
{
	if (c->clear_len + AVP_MAX > sizeof(c->clear) ||
	    !avp_reveal(avp, &t->key, c->clear + c->clear_len, value))
		return false;
	c->clear_len += AVP_MAX;
	return true;
}

/* The first AVP is the message type (RFC 2661 4.1). */
static void read_content(struct tunnel *t, struct rd body, struct content *c)
{
	struct avp avp;
	struct rd value;
	bool first = true;

	memset(c, 0, sizeof(*c));
	for (; body.len; first = false) {
		if (!avp_next(&body, &avp)) {
			c->malformed = true;
			return;
		}
		if (first != (avp.vendor == 0 && avp.type == AVP_MESSAGE))
			c->malformed = true;
		value = avp.value;
		if (first)
			c->type = get_u16(c, value);
		else if (avp.vendor == 0 && avp.type == AVP_RANDOM_VECTOR &&
			 value.len == AVP_VECTOR)
			memcpy(t->key.vector, value.p, AVP_VECTOR);
		else if (avp.hidden && !reveal(t, &avp, c, &value))
			c->malformed = true;
		else if (avp.vendor == 0)
			read_avp(c, avp.type, value);
	}
}

static void sccrp_input(struct client *client, struct tunnel *t, const struct content *c)
{
	uint8_t want[AVP_DIGEST];

	if (t->state != TUNNEL_OPENING || !c->tunnel_id) {
		client->l2tp->stats.unexpected++;
		return;
	}
	t->peer_id = c->tunnel_id;
	if (c->window)
		t->delivery.window = c->window;
	if (t->key.secret && !client->opt.trust) {
		respond(t, MESSAGE_SCCRP, (struct rd){ t->challenge, CHALLENGE_LEN }, want);
		if (c->response.len != AVP_DIGEST || memcmp(c->response.p, want, AVP_DIGEST) != 0) {
			client->l2tp->stats.bad_response++;
			tunnel_close(client, t);
			return;
		}
	}
	tunnel_set_state(client, t, TUNNEL_UP);
	send_scccn(client, t, c->challenge);
	for_each_call(client, t, i) if (client->calls[i].state == CALL_SEEK)
		tunnel_call(client, t, &client->calls[i]);
	rearm(client, t);
}

static void icrp_input(struct client *client, struct tunnel *t, uint16_t sid,
		       const struct content *c)
{
	struct call *call = l2tp_call(client, t, sid);

	if (!call || call->state != CALL_REQUEST || !c->session_id) {
		if (call && call->sid && c->session_id && call->sid != c->session_id)
			client->stats.second_session++;
		client->l2tp->stats.unexpected++;
		return;
	}
	call->sid = c->session_id;
	send_iccn(client, t, call);
	if (client->opt.proxy) {
		proxy_start(client, call);
		return;
	}
	call_advance(client, call, CALL_LCP);
	lcp_start(client, call);
}

static void note_result(struct l2tp_result *r, const struct content *c)
{
	r->count++;
	r->result = c->result;
	r->error = c->error;
}

static void cdn_input(struct client *client, struct tunnel *t, uint16_t sid,
		      const struct content *c)
{
	struct call *call = l2tp_call(client, t, sid);

	note_result(&client->l2tp->stats.cdn, c);
	if (!call)
		return; /* both ends hung up */
	call->local_sid = 0;
	if (call->state == CALL_UP)
		traffic_leave(client, call);
	if (call->state == CALL_REQUEST)
		call_fail(client, call, FAULT_CALL_REFUSED);
	else
		call_ended_by_server(client, call, true);
}

static void message_input(struct client *client, struct tunnel *t, uint16_t sid, struct rd body)
{
	struct l2tp_stats *s = &client->l2tp->stats;
	struct content c;

	t->owes_ack = true;
	s->received++;
	read_content(t, body, &c);
	if (c.malformed) {
		client->stats.malformed++;
		return;
	}
	switch (c.type) {
	case MESSAGE_SCCRP:
		sccrp_input(client, t, &c);
		break;
	case MESSAGE_STOPCCN:
		note_result(&s->stopccn, &c);
		tunnel_flush(client, t); /* acknowledges it before all is forgotten */
		ended(client, t, FAULT_TUNNEL_REFUSED);
		break;
	case MESSAGE_HELLO:
		s->hello_received++;
		break;
	case MESSAGE_ICRP:
		icrp_input(client, t, sid, &c);
		break;
	case MESSAGE_CDN:
		cdn_input(client, t, sid, &c);
		break;
	case MESSAGE_SLI:
	case MESSAGE_WEN:
		break;
	default:
		s->unexpected++;
	}
}

/* Those that came early and whose turn it is now. */
static void early_input(struct client *client, struct tunnel *t)
{
	struct message *m;

	while ((m = delivery_take(&t->delivery))) {
		t->delivery.nr++;
		message_input(client, t, m->sid, (struct rd){ m->body, m->len });
		free(m);
	}
}

/* A second SCCRP with another id means that a repeated SCCRQ made a second tunnel. */
static void duplicate_input(struct client *client, struct tunnel *t, struct rd body)
{
	struct content c;

	client->l2tp->stats.duplicates++;
	t->owes_ack = true;
	read_content(t, body, &c);
	if (c.type == MESSAGE_SCCRP && t->peer_id && c.tunnel_id && c.tunnel_id != t->peer_id)
		client->l2tp->stats.second_tunnel++;
}

static void in_order(struct client *client, struct tunnel *t, const struct l2tp_header *h,
		     struct rd body)
{
	switch (delivery_judge(&t->delivery, h->ns)) {
	case DELIVERY_NEXT:
		t->delivery.nr++;
		message_input(client, t, h->session, body);
		early_input(client, t);
		break;
	case DELIVERY_DUPLICATE:
		duplicate_input(client, t, body);
		break;
	case DELIVERY_AHEAD:
		client->l2tp->stats.ahead++;
		t->owes_ack = true;
		delivery_keep(&t->delivery, h->ns, h->session, body);
		break;
	}
}

void tunnel_input(struct client *client, struct tunnel *t, struct rd r, const union endpoint *from)
{
	struct l2tp_header h;
	bool acked;

	if (!l2tp_parse(&r, &h) || !(h.flags & L2TP_LENGTH) || !(h.flags & L2TP_SEQUENCE)) {
		client->stats.malformed++;
		return;
	}
	if (t->state == TUNNEL_IDLE)
		return;
	/* who refuses a connection need not know our id for it */
	if (h.tunnel != t->id && (h.tunnel || t->state != TUNNEL_OPENING)) {
		client->l2tp->stats.strangers++;
		return;
	}
	if (!endpoint_same_address(from, &t->peer)) {
		client->stats.misdirected++;
		return;
	}
	/* the server may answer from another port (RFC 2661 8.1) */
	if (t->state == TUNNEL_OPENING)
		t->peer = *from;
	acked = delivery_acknowledge(&t->delivery, h.nr) > 0;
	if (acked)
		t->tries = 0;
	if (t->state == TUNNEL_CLOSING && t->delivery.queued == 0) {
		ended(client, t, FAULT_TUNNEL_REFUSED);
		return;
	}
	if (r.len)
		in_order(client, t, &h, r);
	else
		client->l2tp->stats.acks_received++;
	if (acked || t->delivery.queued == 0)
		rearm(client, t);
}
