/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Which call a GRE packet belongs to: our call ids are their own over all connections. Packets of
 * ids that are not ours may be another dialer's and are only counted.
 *
 * Acknowledgements go with the next packet to the server, or alone: at once when half our window
 * is not acknowledged, otherwise after ACK_DELAY_MS.
 */
#include "pptp.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "access.h"
#include "client.h"
#include "ppp.h"

#define RECEIVE_BURST 512
#define MRU_DEFAULT 1400
#define ACK_DELAY_MS 100
#define EVENT_GRE UINT32_MAX
#define EVENTS 64

/* ---- ids */

struct connection *pptp_connection(const struct client *client, const struct call *call)
{
	return &client->pptp->connection[call->nth % client->opt.tunnels];
}

/* Not the same twice in a row, so that what comes late is not taken. 0 is nobody's. */
uint16_t pptp_call_id(const struct client *client, const struct call *call)
{
	uint32_t places = client->opt.sessions, rounds = UINT16_MAX / places;
	uint32_t place = call->nth + call->dial % rounds * places;

	return 1 + (client->pptp->first_id + place) % UINT16_MAX;
}

struct call *pptp_call(struct client *client, uint16_t id)
{
	uint32_t place = (id + UINT16_MAX - 1u - client->pptp->first_id) % UINT16_MAX;
	struct call *call = &client->calls[place % client->opt.sessions];

	return id && call->local_sid == id ? call : NULL;
}

void pptp_begin_call(struct client *client, struct call *call)
{
	client->pptp->data.gaps += gre_flow_gaps(&call->gre);
	gre_flow_init(&call->gre, call->nth);
}

/* ---- sending */

static struct wr *pptp_frame(struct client *client, const struct call *call)
{
	(void)call;
	return dgram_packet(client->pptp->gre, 0, &client->opt.server);
}

static void pptp_queue(struct client *client)
{
	dgram_queue(client->pptp->gre);
}

/* The acknowledgement that is owed, for the packet that is being made. */
static void settle_debt(struct client *client, struct gre_flow *flow, struct gre_header *h)
{
	if (!flow->owed || client->opt.no_ack)
		return;
	h->acknowledges = true;
	h->acknowledged = flow->seen.next - 1;
	flow->owed = 0;
	wheel_cancel(&flow->timer);
}

static size_t pptp_begin(struct client *client, struct call *call, struct wr *w)
{
	struct gre_header h = { .call = call->sid + client->opt.wrong_call,
				.sequenced = true,
				.sequence = call->gre.next++ };
	struct gre_stats *s = &client->pptp->data;
	size_t at;

	settle_debt(client, &call->gre, &h);
	s->sent++;
	if (call->gre.next - call->gre.acked > s->in_flight)
		s->in_flight = call->gre.next - call->gre.acked;
	at = gre_put(w, &h);
	if (!client->opt.compress)
		wr_u16(w, 0xff03);
	return at;
}

static void pptp_end(struct client *client, struct wr *w, size_t at)
{
	(void)client;
	gre_end(w, at);
}

static void acknowledge(struct client *client, struct call *call)
{
	struct gre_header h = { .call = call->sid };

	settle_debt(client, &call->gre, &h);
	if (!h.acknowledges)
		return;
	client->pptp->data.acks_sent++;
	gre_put(pptp_frame(client, call), &h);
	pptp_queue(client);
}

/* ---- receiving */

static void owe(struct client *client, struct call *call)
{
	struct gre_flow *flow = &call->gre;

	if (call->local_sid == 0 || !flow->owed || client->opt.no_ack)
		return; /* the packet ended the call, or was answered */
	if (flow->owed > client->opt.window / 2)
		acknowledge(client, call);
	else if (!flow->timer.next)
		wheel_arm(&client->pptp->acks, &flow->timer,
			  client->now + ACK_DELAY_MS * 1000000LL);
}

/* Behind the IP header, whose lengths the kernel has checked. */
static void gre_input(struct client *client, struct rd r, const union endpoint *from)
{
	struct gre_stats *s = &client->pptp->data;
	struct gre_header h;
	struct call *call;

	if (!gre_parse(&r, &h)) {
		client->stats.malformed++;
		return;
	}
	call = pptp_call(client, h.call);
	if (!call) {
		client->pptp->stats.strangers++;
		return;
	}
	if (!endpoint_same_address(from, &client->opt.server)) {
		client->stats.misdirected++;
		return;
	}
	if (call->state < CALL_LCP) {
		client->stats.late_frames++;
		return;
	}
	if (!gre_flow_input(&call->gre, &h, s) || !h.sequenced)
		return;
	ppp_input(client, call, r);
	owe(client, call);
}

static void datagram_input(struct client *client, const struct datagram *d)
{
	struct rd r = d->payload, header;

	if (r.len && rd_take(&r, (r.p[0] & 15) * 4, &header))
		gre_input(client, r, d->from);
}

static void connections_input(struct client *client)
{
	struct epoll_event events[EVENTS];
	struct pptp *p = client->pptp;
	int n = epoll_wait(p->epoll, events, EVENTS, 0);

	for (int i = 0; i < n; i++)
		if (events[i].data.u32 != EVENT_GRE)
			connection_ready(client, &p->connection[events[i].data.u32]);
}

static void connection_timer(struct wheel_timer *t, void *arg)
{
	connection_expired(arg, (struct connection *)t);
}

static void ack_timer(struct wheel_timer *t, void *arg)
{
	struct client *client = arg;
	struct call *call = &client->calls[((struct gre_flow *)t)->nth];

	if (call->local_sid)
		acknowledge(client, call);
}

static bool pptp_receive(struct client *client)
{
	struct pptp *p = client->pptp;
	struct datagram d;
	unsigned int n;

	connections_input(client);
	for (n = 0; n < RECEIVE_BURST && dgram_next(p->gre, &d); n++) {
		client->now = pace_clock();
		datagram_input(client, &d);
	}
	wheel_advance(&p->wheel, client->now, connection_timer, client);
	wheel_advance(&p->acks, client->now, ack_timer, client);
	return n > 0;
}

static void pptp_flush(struct client *client)
{
	dgram_flush(client->pptp->gre);
}

/* ---- calls */

static void pptp_request(struct client *client, struct call *call)
{
	struct connection *c = pptp_connection(client, call);

	call_arm(client, call, client->opt.discovery_timeout);
	if (call->state == CALL_SEEK && c->state == CONNECTION_IDLE)
		connection_open(client, c);
	else if (call->state == CALL_SEEK && c->state == CONNECTION_UP)
		connection_call(client, c, call);
}

static void pptp_bye(struct client *client, struct call *call)
{
	struct connection *c = pptp_connection(client, call);

	if (call->local_sid && c->state == CONNECTION_UP)
		connection_hang_up(client, c, call);
}

static bool pptp_finish(struct client *client)
{
	struct connection *c;
	bool done = true;

	for (uint32_t i = 0; i < client->opt.tunnels; i++) {
		c = &client->pptp->connection[i];
		if (c->state != CONNECTION_IDLE && c->state != CONNECTION_CLOSING)
			connection_close(client, c);
		done &= c->state == CONNECTION_IDLE;
	}
	return done;
}

/* ---- making it */

static void pptp_close(struct client *client)
{
	struct pptp *p = client->pptp;

	if (!p)
		return;
	for (uint32_t i = 0; p->connection && i < client->opt.tunnels; i++)
		connection_free(&p->connection[i]);
	free(p->connection);
	dgram_close(p->gre);
	if (p->epoll >= 0)
		close(p->epoll);
	free(p);
	client->pptp = NULL;
}

static int open_gre(struct client *client)
{
	const struct options *o = &client->opt;
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = EVENT_GRE };
	struct pptp *p = client->pptp;
	struct dgram_config config = { .sockets = 1,
				       .protocol = IPPROTO_GRE,
				       .local = o->gre_from.any.sa_family ? o->gre_from : o->local,
				       .no_fragments = o->no_fragments,
				       .drop = o->drop };
	int ret = dgram_open(&p->gre, &config);

	if (ret < 0)
		return ret;
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, dgram_fd(p->gre), &event) < 0)
		return -errno;
	return 0;
}

static int pptp_open(struct client *client, const char **what)
{
	const struct options *o = &client->opt;
	struct rlimit files = { o->tunnels + 256, o->tunnels + 256 };
	struct pptp *p = calloc(1, sizeof(*p));

	*what = "control connections";
	client->pptp = p;
	if (!p)
		return -ENOMEM;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	p->connection = calloc(o->tunnels, sizeof(*p->connection));
	if (p->epoll < 0 || !p->connection)
		return -ENOMEM;
	if (o->tunnels > 512 && setrlimit(RLIMIT_NOFILE, &files) < 0)
		return -errno;
	p->first_id = client_random(client);
	wheel_init(&p->wheel, pace_clock());
	wheel_init(&p->acks, pace_clock());
	for (uint32_t i = 0; i < o->tunnels; i++)
		connection_init(&p->connection[i], i);
	*what = "GRE socket";
	return open_gre(client);
}

static int pptp_fd(const struct client *client)
{
	return client->pptp->epoll;
}

static void pptp_counters(struct client *client, struct io_counters *out)
{
	dgram_counters(client->pptp->gre, out);
}

/* ---- report */

static void put(struct json_object *o, const char *name, uint64_t v)
{
	json_object_object_add(o, name, json_object_new_uint64(v));
}

static struct json_object *result(const struct pptp_result *r)
{
	struct json_object *o = json_object_new_object();

	put(o, "count", r->count);
	put(o, "result", r->result);
	put(o, "error", r->error);
	return o;
}

static struct json_object *control_report(const struct pptp_stats *s)
{
	struct json_object *o = json_object_new_object();

	put(o, "sent", s->sent);
	put(o, "received", s->received);
	put(o, "echo_sent", s->echo_sent);
	put(o, "echo_answered", s->echo_answered);
	put(o, "echo_received", s->echo_received);
	put(o, "link_info", s->link_info);
	put(o, "hung_up", s->hung_up);
	put(o, "unexpected", s->unexpected);
	json_object_object_add(o, "refused_by_server", result(&s->refused));
	json_object_object_add(o, "stopccrq_by_server", result(&s->stopped));
	json_object_object_add(o, "cdn_by_server", result(&s->disconnected));
	return o;
}

static struct json_object *data_report(const struct client *client)
{
	const struct pptp *p = client->pptp;
	const struct gre_stats *s = &p->data;
	struct json_object *o = json_object_new_object();
	uint64_t gaps = s->gaps;

	for (uint32_t i = 0; i < client->opt.sessions; i++)
		gaps += gre_flow_gaps(&client->calls[i].gre);

	put(o, "sent", s->sent);
	put(o, "received", s->received);
	put(o, "gaps", gaps);
	put(o, "late", s->late);
	put(o, "duplicates", s->duplicates);
	put(o, "acks_sent", s->acks_sent);
	put(o, "acks_received", s->acks_received);
	put(o, "piggybacked", s->piggybacked);
	put(o, "bad_acks", s->bad_acks);
	put(o, "in_flight", s->in_flight);
	put(o, "server_window", p->server_window);
	put(o, "strangers", p->stats.strangers);
	return o;
}

static struct json_object *pptp_report(struct client *client)
{
	const struct pptp *p = client->pptp;
	struct json_object *o = json_object_new_object();
	uint32_t ever = 0;

	for (uint32_t i = 0; i < client->opt.tunnels; i++)
		ever += p->connection[i].ever_up;
	put(o, "wanted", client->opt.tunnels);
	put(o, "established", ever);
	put(o, "setups", p->stats.established);
	put(o, "lost", p->stats.lost);
	put(o, "timeouts", p->stats.timeouts);
	put(o, "dropped", dgram_dropped(p->gre));
	json_object_object_add(o, "control", control_report(&p->stats));
	json_object_object_add(o, "data", data_report(client));
	return o;
}

const struct access pptp_access = {
	.mru = MRU_DEFAULT,
	.open = pptp_open,
	.close = pptp_close,
	.fd = pptp_fd,
	.receive = pptp_receive,
	.flush = pptp_flush,
	.request = pptp_request,
	.bye = pptp_bye,
	.finish = pptp_finish,
	.frame = pptp_frame,
	.queue = pptp_queue,
	.begin = pptp_begin,
	.end = pptp_end,
	.counters = pptp_counters,
	.report = pptp_report,
};
