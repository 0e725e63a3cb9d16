/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Which tunnel and call a datagram belongs to: the tunnel by the socket that it came in by
 * (with --same-port by the tunnel id), the call by the session id.
 */
#include "l2tp.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "client.h"
#include "ppp.h"

#define RECEIVE_BURST 512
#define MRU_DEFAULT 1400
#define SEQUENCE_HALF 0x8000

/* ---- ids */

struct tunnel *l2tp_tunnel(const struct client *client, const struct call *call)
{
	return &client->l2tp->tunnel[call->nth % client->opt.tunnels];
}

uint16_t l2tp_tunnel_id(const struct client *client, uint32_t nth)
{
	return client->l2tp->first_id + nth;
}

/* A call's ids are its place in the tunnel plus multiples of how many places there are: not the
 * same twice in a row, so that what comes late is not taken. */
uint16_t l2tp_session_id(const struct client *client, const struct call *call)
{
	uint32_t places = client->l2tp->per_tunnel;
	uint32_t rounds = UINT16_MAX / places;

	return 1 + call->nth / client->opt.tunnels + call->dial % rounds * places;
}

struct call *l2tp_call(struct client *client, const struct tunnel *t, uint16_t sid)
{
	uint64_t nth;

	if (!sid)
		return NULL;
	nth = (uint64_t)((sid - 1) % client->l2tp->per_tunnel) * client->opt.tunnels + t->nth;
	if (nth >= client->opt.sessions || client->calls[nth].local_sid != sid)
		return NULL;
	return &client->calls[nth];
}

/* ---- receiving */

bool l2tp_parse(struct rd *r, struct l2tp_header *h)
{
	struct rd c = *r, pad;
	uint16_t len = r->len, offset;

	memset(h, 0, sizeof(*h));
	if (!rd_u16(&c, &h->flags) || (h->flags & 0xf) != L2TP_VERSION)
		return false;
	if (h->flags & L2TP_LENGTH && (!rd_u16(&c, &len) || len > r->len))
		return false;
	if (!rd_u16(&c, &h->tunnel) || !rd_u16(&c, &h->session))
		return false;
	if (h->flags & L2TP_SEQUENCE && (!rd_u16(&c, &h->ns) || !rd_u16(&c, &h->nr)))
		return false;
	if (h->flags & L2TP_OFFSET && (!rd_u16(&c, &offset) || !rd_take(&c, offset, &pad)))
		return false;
	if ((size_t)(c.p - r->p) > len)
		return false;
	*r = (struct rd){ c.p, len - (c.p - r->p) };
	return true;
}

static void check_sequence(struct client *client, struct call *call, const struct l2tp_header *h)
{
	struct l2tp_stats *s = &client->l2tp->stats;

	if (!(h->flags & L2TP_SEQUENCE)) {
		s->unsequenced++;
		return;
	}
	s->sequenced++;
	if (client->opt.data_sequence == SEQUENCE_FOLLOW)
		call->data_sequence = true; /* RFC 2661 5.4 */
	if ((uint16_t)(h->ns - call->data_nr) >= SEQUENCE_HALF) {
		s->sequence_late++;
		return;
	}
	s->sequence_gaps += (uint16_t)(h->ns - call->data_nr);
	call->data_nr = h->ns + 1;
}

static void data_input(struct client *client, struct tunnel *t, struct rd r,
		       const union endpoint *from)
{
	struct l2tp_header h;
	struct call *call;

	if (!l2tp_parse(&r, &h)) {
		client->stats.malformed++;
		return;
	}
	if (h.tunnel != t->id || memcmp(from, &t->peer, endpoint_len(from)) != 0) {
		client->stats.misdirected++;
		return;
	}
	call = l2tp_call(client, t, h.session);
	if (!call || call->state < CALL_LCP) {
		client->stats.late_frames++;
		return;
	}
	check_sequence(client, call, &h);
	ppp_input(client, call, r);
}

static void datagram_input(struct client *client, const struct datagram *d)
{
	const uint8_t *p = d->payload.p;
	uint32_t nth = d->socket;

	if (d->payload.len < 6) {
		client->stats.malformed++;
		return;
	}
	if (client->opt.same_port)
		nth = (uint16_t)(wire_get16(p + (p[0] & 0x40 ? 4 : 2)) - client->l2tp->first_id);
	if (nth >= client->opt.tunnels && p[0] & 0x80)
		client->l2tp->stats.strangers++;
	else if (nth >= client->opt.tunnels)
		client->stats.misdirected++;
	else if (p[0] & 0x80)
		tunnel_input(client, &client->l2tp->tunnel[nth], d->payload, d->from);
	else
		data_input(client, &client->l2tp->tunnel[nth], d->payload, d->from);
}

static void expired(struct wheel_timer *t, void *arg)
{
	tunnel_expired(arg, (struct tunnel *)t);
}

/* What is under way is lost, as it is behind a NAT that forgets. */
static void move(struct client *client)
{
	struct l2tp *l = client->l2tp;

	l->moved = true;
	if (dgram_move(l->dgram) < 0)
		return; /* not counted, and heard no more */
	for (uint32_t i = 0; i < client->opt.tunnels; i++) {
		if (l->tunnel[i].state != TUNNEL_UP)
			continue;
		l->stats.moved++;
		tunnel_hello(client, &l->tunnel[i]);
	}
}

static bool is_move_due(const struct client *client)
{
	return client->opt.move > 0 && !client->l2tp->moved && client->stage == STAGE_HOLD &&
	       client->now - client->stage_begun >= client->opt.move * 1e9;
}

static bool l2tp_receive(struct client *client)
{
	struct datagram d;
	unsigned int n;

	for (n = 0; n < RECEIVE_BURST && dgram_next(client->l2tp->dgram, &d); n++) {
		client->now = pace_clock();
		datagram_input(client, &d);
	}
	wheel_advance(&client->l2tp->wheel, client->now, expired, client);
	if (is_move_due(client))
		move(client);
	return n > 0;
}

static void l2tp_flush(struct client *client)
{
	struct l2tp *l = client->l2tp;

	for (uint32_t i = 0; i < client->opt.tunnels; i++)
		if (l->tunnel[i].state != TUNNEL_IDLE)
			tunnel_flush(client, &l->tunnel[i]);
	dgram_flush(l->dgram);
}

/* ---- sending */

static void l2tp_request(struct client *client, struct call *call)
{
	struct tunnel *t = l2tp_tunnel(client, call);

	if (call->state == CALL_SEEK && t->state == TUNNEL_IDLE)
		tunnel_open(client, t);
	else if (call->state == CALL_SEEK && t->state == TUNNEL_UP)
		tunnel_call(client, t, call);
	call_arm(client, call, client->opt.discovery_timeout);
}

static void l2tp_bye(struct client *client, struct call *call)
{
	struct tunnel *t = l2tp_tunnel(client, call);

	if (call->local_sid && t->state == TUNNEL_UP)
		tunnel_hang_up(client, t, call);
}

static bool l2tp_finish(struct client *client)
{
	struct tunnel *t;
	bool done = true;

	for (uint32_t i = 0; i < client->opt.tunnels; i++) {
		t = &client->l2tp->tunnel[i];
		if (t->state == TUNNEL_UP || t->state == TUNNEL_OPENING)
			tunnel_close(client, t);
		done &= t->state == TUNNEL_IDLE;
	}
	return done;
}

static struct wr *l2tp_frame(struct client *client, const struct call *call)
{
	const struct tunnel *t = l2tp_tunnel(client, call);

	return dgram_packet(client->l2tp->dgram, client->opt.same_port ? 0 : t->nth, &t->peer);
}

static void l2tp_queue(struct client *client)
{
	dgram_queue(client->l2tp->dgram);
}

static size_t l2tp_begin(struct client *client, struct call *call, struct wr *w)
{
	const struct options *o = &client->opt;
	struct tunnel *t = l2tp_tunnel(client, call);
	uint16_t flags = L2TP_VERSION;
	size_t at = w->len;

	flags |= o->length ? L2TP_LENGTH : 0;
	flags |= call->data_sequence ? L2TP_SEQUENCE : 0;
	flags |= o->offset ? L2TP_OFFSET : 0;
	wr_u16(w, flags);
	if (o->length)
		wr_u16(w, 0);
	wr_u16(w, t->peer_id);
	wr_u16(w, call->sid);
	if (call->data_sequence) {
		wr_u16(w, call->data_ns++);
		wr_u16(w, 0);
	}
	if (o->offset) {
		wr_u16(w, o->offset);
		wr_fill(w, 0xee, o->offset);
	}
	if (!o->compress)
		wr_u16(w, 0xff03);
	return at;
}

static void l2tp_end(struct client *client, struct wr *w, size_t at)
{
	if (client->opt.length)
		wr_patch_u16(w, at + 2, w->len - at);
}

/* ---- making it */

static void l2tp_close(struct client *client)
{
	struct l2tp *l = client->l2tp;

	if (!l)
		return;
	for (uint32_t i = 0; l->tunnel && i < client->opt.tunnels; i++)
		tunnel_free(&l->tunnel[i]);
	free(l->tunnel);
	dgram_close(l->dgram);
	free(l);
	client->l2tp = NULL;
}

static int l2tp_open(struct client *client, const char **what)
{
	const struct options *o = &client->opt;
	struct dgram_config config = { .sockets = o->same_port ? 1 : o->tunnels,
				       .local = o->local,
				       .no_checksum = o->no_checksum,
				       .no_fragments = o->no_fragments,
				       .drop = o->drop };
	struct l2tp *l = calloc(1, sizeof(*l));

	*what = "tunnels";
	client->l2tp = l;
	if (!l)
		return -ENOMEM;
	l->tunnel = calloc(o->tunnels, sizeof(*l->tunnel));
	if (!l->tunnel)
		return -ENOMEM;
	l->per_tunnel = (o->sessions + o->tunnels - 1) / o->tunnels;
	l->first_id = 1 + client_random(client) % (UINT16_MAX - o->tunnels);
	wheel_init(&l->wheel, pace_clock());
	for (uint32_t i = 0; i < o->tunnels; i++)
		tunnel_init(client, &l->tunnel[i], i);
	*what = "UDP sockets";
	return dgram_open(&l->dgram, &config);
}

static int l2tp_fd(const struct client *client)
{
	return dgram_fd(client->l2tp->dgram);
}

static void l2tp_counters(struct client *client, struct io_counters *out)
{
	dgram_counters(client->l2tp->dgram, out);
}

/* ---- report */

static void put(struct json_object *o, const char *name, uint64_t v)
{
	json_object_object_add(o, name, json_object_new_uint64(v));
}

static struct json_object *result(const struct l2tp_result *r)
{
	struct json_object *o = json_object_new_object();

	put(o, "count", r->count);
	put(o, "result", r->result);
	put(o, "error", r->error);
	return o;
}

static struct json_object *control_report(const struct l2tp_stats *s)
{
	struct json_object *o = json_object_new_object();

	put(o, "sent", s->sent);
	put(o, "received", s->received);
	put(o, "retransmissions", s->retransmissions);
	put(o, "duplicates", s->duplicates);
	put(o, "ahead", s->ahead);
	put(o, "acks_sent", s->acks_sent);
	put(o, "acks_received", s->acks_received);
	put(o, "hello_sent", s->hello_sent);
	put(o, "hello_received", s->hello_received);
	put(o, "bad_response", s->bad_response);
	put(o, "strangers", s->strangers);
	put(o, "unexpected", s->unexpected);
	json_object_object_add(o, "stopccn_by_server", result(&s->stopccn));
	json_object_object_add(o, "cdn_by_server", result(&s->cdn));
	return o;
}

static struct json_object *data_report(const struct l2tp_stats *s)
{
	struct json_object *o = json_object_new_object();

	put(o, "sequenced", s->sequenced);
	put(o, "unsequenced", s->unsequenced);
	put(o, "gaps", s->sequence_gaps);
	put(o, "late", s->sequence_late);
	return o;
}

static struct json_object *l2tp_report(struct client *client)
{
	const struct l2tp_stats *s = &client->l2tp->stats;
	struct json_object *o = json_object_new_object();
	uint32_t ever = 0;

	for (uint32_t i = 0; i < client->opt.tunnels; i++)
		ever += client->l2tp->tunnel[i].ever_up;
	put(o, "wanted", client->opt.tunnels);
	put(o, "established", ever);
	put(o, "setups", s->established);
	put(o, "moved", s->moved);
	put(o, "lost", s->lost);
	put(o, "timeouts", s->timeouts);
	put(o, "second_tunnel", s->second_tunnel);
	put(o, "dropped", dgram_dropped(client->l2tp->dgram));
	json_object_object_add(o, "control", control_report(s));
	json_object_object_add(o, "data", data_report(s));
	return o;
}

const struct access l2tp_access = {
	.mru = MRU_DEFAULT,
	.open = l2tp_open,
	.close = l2tp_close,
	.fd = l2tp_fd,
	.receive = l2tp_receive,
	.flush = l2tp_flush,
	.request = l2tp_request,
	.bye = l2tp_bye,
	.finish = l2tp_finish,
	.frame = l2tp_frame,
	.queue = l2tp_queue,
	.begin = l2tp_begin,
	.end = l2tp_end,
	.counters = l2tp_counters,
	.report = l2tp_report,
};
