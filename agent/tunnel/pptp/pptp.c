/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The PPTP driver: listeners as the configuration names them, and which call a GRE packet is for. A
 * packet is taken only from and to the addresses of its call's control connection.
 */
#include "tunnel/pptp/pptp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "log.h"
#include "tunnel/pptp/pptp_private.h"

#define CONNECTION_IDS 0x10000

char *pptp_addr_text(const struct sockaddr_in *addr, char text[PPTP_ADDR_TEXT])
{
	char host[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, &addr->sin_addr, host, sizeof(host));
	snprintf(text, PPTP_ADDR_TEXT, "%s:%u", host, ntohs(addr->sin_port));
	return text;
}

bool pptp_in_rate(struct pptp *p, struct rates *rates, struct in_addr peer)
{
	return rate_peer(rates, index_hash(&p->calls, &peer, sizeof(peer)), p->io->now());
}

/* ---- GRE packets ---- */

struct pptp_call *pptp_by_slot(struct pptp *p, uint32_t slot)
{
	if (!p->call_ids || slot < p->dims.first)
		return NULL;
	return slot_owner(p->call_ids, slot - p->dims.first);
}

static void drop_data(const struct pptp *p, enum xp_reason reason, const struct pptp_hosts *hosts,
		      const struct pptp_gre *gre)
{
	char text[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, &hosts->peer, text, sizeof(text));
	log_drop(p->log, reason, "call %u from %s", gre->call_id, text);
}

static void drop_header(const struct pptp *p, int error, const struct pptp_hosts *hosts, size_t len)
{
	char text[INET_ADDRSTRLEN] = "";

	if (error == -EPROTONOSUPPORT) /* another's business */
		return;
	inet_ntop(AF_INET, &hosts->peer, text, sizeof(text));
	log_drop(p->log, error == -EPROTO ? XP_R_T_DATA_HEADER : XP_R_T_DATA_LENGTH,
		 "%zu octets from %s", len, text);
}

void pptp_receive(struct pptp *p, const struct pptp_hosts *hosts, struct buf packet)
{
	struct pptp_call *call = NULL;
	struct pptp_gre gre;
	int r = pptp_gre_parse(packet, &gre);

	if (r) {
		drop_header(p, r, hosts, packet.len);
		return;
	}
	if (p->call_ids)
		call = slot_owner(p->call_ids, slot_of(p->call_ids, 0, gre.call_id));
	if (!call)
		drop_data(p, XP_R_T_DATA_UNKNOWN, hosts, &gre);
	else if (call->peer.s_addr != hosts->peer.s_addr ||
		 call->local.s_addr != hosts->local.s_addr)
		drop_data(p, XP_R_T_DATA_PEER, hosts, &gre);
	else
		pptp_call_data(call, &gre);
}

/* ---- the network ---- */

static void on_receive(void *arg, const struct pptp_hosts *hosts, struct buf packet)
{
	pptp_receive(arg, hosts, packet);
}

static void on_failed(void *arg, const struct pptp_hosts *hosts, int error)
{
	const struct pptp *p = arg;
	char text[INET_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, &hosts->peer, text, sizeof(text));
	log_drop(p->log, XP_R_T_DATA_SEND, "packet for %s: %s", text, strerror(-error));
}

static const struct pptp_socket_ops socket_ops = {
	.receive = on_receive,
	.failed = on_failed,
};

static int raw_open(struct pptp *p)
{
	return pptp_socket_open(&p->gre, p->loop, &socket_ops, p);
}

static void raw_close(struct pptp *p)
{
	pptp_socket_close(&p->gre);
}

static int raw_send(struct pptp *p, const struct pptp_hosts *hosts, const uint8_t *packet,
		    size_t len)
{
	return pptp_socket_send(&p->gre, hosts, packet, len);
}

const struct pptp_io pptp_io_network = {
	.listen = pptp_listener_open,
	.unlisten = pptp_listener_close,
	.gre_open = raw_open,
	.gre_close = raw_close,
	.gre_send = raw_send,
	.now = mono_now,
};

/* ---- the driver ---- */

static void on_reap(struct ev_loop *loop, struct ev_prepare *reap, int revents)
{
	struct pptp *p = reap->data;
	struct pptp_connection *c;

	(void)revents;
	ev_prepare_stop(loop, reap);
	while ((c = TAILQ_FIRST(&p->dead)))
		pptp_connection_free(c);
}

static int parts_new(struct pptp *p)
{
	int r = index_init(&p->calls);

	if (r == 0)
		r = slots_new(1, CONNECTION_IDS, &p->connection_ids);
	if (r == 0 && p->dims.size > 0)
		r = slots_new(1, p->dims.size, &p->call_ids);
	if (r == 0)
		r = rates_new(PPTP_RATE_PEER, PPTP_RATE_PEER_BURST, &p->connection_rates);
	if (r == 0)
		r = rates_new(PPTP_RATE_PEER, PPTP_RATE_PEER_BURST, &p->call_rates);
	return r;
}

int pptp_new(struct ev_loop *loop, const struct carrier_user *user, void *arg, struct log *log,
	     struct pptp_dims dims, struct pptp **pptp)
{
	struct pptp *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->loop = loop;
	p->io = &pptp_io_network;
	p->user = user;
	p->user_arg = arg;
	p->log = log;
	p->dims = dims;
	LIST_INIT(&p->listeners);
	TAILQ_INIT(&p->idle);
	TAILQ_INIT(&p->dead);
	ev_prepare_init(&p->reap, on_reap);
	p->reap.data = p;
	if (gethostname(p->hostname, sizeof(p->hostname) - 1) || p->hostname[0] == '\0')
		strcpy(p->hostname, "xpppd");
	r = parts_new(p);
	if (r) {
		pptp_free(p);
		return r;
	}
	*pptp = p;
	return 0;
}

static void listener_free(struct pptp_listener *listener)
{
	struct pptp *p = listener->pptp;
	struct pptp_connection *c;

	if (listener->open)
		p->io->unlisten(listener);
	while ((c = LIST_FIRST(&listener->connections))) {
		pptp_connection_drop(c, CAUSE_CONFIG);
		pptp_connection_free(c);
	}
	LIST_REMOVE(listener, entry);
	free(listener);
}

void pptp_free(struct pptp *p)
{
	struct pptp_listener *listener;

	if (!p)
		return;
	while ((listener = LIST_FIRST(&p->listeners)))
		listener_free(listener);
	if (p->gre_open)
		p->io->gre_close(p);
	ev_prepare_stop(p->loop, &p->reap);
	rates_free(p->call_rates);
	rates_free(p->connection_rates);
	slots_free(p->call_ids);
	slots_free(p->connection_ids);
	index_fini(&p->calls);
	free(p);
}

/* ---- configuration ---- */

const char *pptp_hostname_of(const struct pptp *p, const struct conf_tunnel *tunnel)
{
	return tunnel->pptp.hostname && *tunnel->pptp.hostname ? tunnel->pptp.hostname
							       : p->hostname;
}

static struct pptp_listener *listener_find(const struct pptp *p, const struct sockaddr_in *addr)
{
	struct pptp_listener *listener;

	LIST_FOREACH(listener, &p->listeners, entry)
		if (listener->addr.sin_addr.s_addr == addr->sin_addr.s_addr &&
		    listener->addr.sin_port == addr->sin_port)
			return listener;
	return NULL;
}

static int listener_want(struct pptp *p, const struct sockaddr_in *addr,
			 const struct conf_tunnel *tunnel)
{
	struct pptp_listener *listener = listener_find(p, addr);

	if (!listener) {
		listener = calloc(1, sizeof(*listener));
		if (!listener)
			return -ENOMEM;
		listener->pptp = p;
		listener->addr = *addr;
		LIST_INIT(&listener->connections);
		LIST_INSERT_HEAD(&p->listeners, listener, entry);
	}
	listener->next_tunnel = tunnel;
	return 0;
}

static int tunnel_want(struct pptp *p, const struct conf_tunnel *tunnel)
{
	const struct sockaddr_in everywhere = {
		.sin_family = AF_INET,
		.sin_port = htons(PPTP_PORT),
	};
	const struct conf_addr *a;
	struct sockaddr_in addr;
	int r = 0;

	if (STAILQ_EMPTY(&tunnel->pptp.listen))
		return listener_want(p, &everywhere, tunnel);
	STAILQ_FOREACH(a, &tunnel->pptp.listen, entry) {
		memcpy(&addr, &a->addr, sizeof(addr));
		r = listener_want(p, &addr, tunnel);
		if (r)
			break;
	}
	return r;
}

static int listeners_want(struct pptp *p, const struct conf *conf)
{
	const struct conf_tunnel *tunnel;
	int r;

	STAILQ_FOREACH(tunnel, &conf->tunnels, entry) {
		if (tunnel->protocol != CONF_PPTP || !tunnel->bound)
			continue;
		r = tunnel_want(p, tunnel);
		if (r)
			return r;
	}
	return 0;
}

/* Takes listeners_want() back. */
static void listeners_unwant(struct pptp *p)
{
	struct pptp_listener *listener, *next;

	for (listener = LIST_FIRST(&p->listeners); listener; listener = next) {
		next = LIST_NEXT(listener, entry);
		listener->next_tunnel = NULL;
		if (!listener->tunnel)
			listener_free(listener);
	}
}

int pptp_prepare(struct pptp *p, const struct conf *conf)
{
	int r = 0;

	listeners_unwant(p);
	p->prepared = conf;
	if (conf)
		r = listeners_want(p, conf);
	if (r)
		pptp_prepare(p, NULL);
	return r;
}

static int listener_configure(struct pptp_listener *listener)
{
	struct pptp *p = listener->pptp;
	char text[PPTP_ADDR_TEXT];
	int r;

	listener->tunnel = listener->next_tunnel;
	listener->next_tunnel = NULL;
	if (listener->open)
		return 0;
	r = p->io->listen(listener);
	listener->open = r == 0;
	if (r)
		log_msg(p->log, LOG_ERR, "pptp: cannot listen on %s: %s",
			pptp_addr_text(&listener->addr, text), strerror(-r));
	listener->open_error = r;
	return r;
}

/* The socket for GRE is there while there are listeners. */
static int gre_configure(struct pptp *p)
{
	bool wanted = !LIST_EMPTY(&p->listeners);
	int r = 0;

	if (wanted && !p->gre_open) {
		r = p->io->gre_open(p);
		p->gre_open = r == 0;
		if (r)
			log_msg(p->log, LOG_ERR, "pptp: no raw socket for GRE: %s", strerror(-r));
	} else if (!wanted && p->gre_open) {
		p->io->gre_close(p);
		p->gre_open = false;
	}
	return r;
}

int pptp_configure(struct pptp *p, const struct conf *conf)
{
	struct pptp_listener *listener, *next;
	int r = p->prepared == conf ? 0 : pptp_prepare(p, conf), first;

	if (r)
		return r;
	p->prepared = NULL;
	for (listener = LIST_FIRST(&p->listeners); listener; listener = next) {
		next = LIST_NEXT(listener, entry);
		if (!listener->next_tunnel)
			listener_free(listener);
	}
	first = gre_configure(p);
	LIST_FOREACH(listener, &p->listeners, entry) {
		r = listener_configure(listener);
		if (r && first == 0)
			first = r;
	}
	return first;
}

/* ---- what operators see and do ---- */

static struct pptp_connection *connection_by_id(const struct pptp *p, uint32_t id)
{
	return id < PPTP_CONNECTION_FIRST
		       ? NULL
		       : slot_owner(p->connection_ids, id - PPTP_CONNECTION_FIRST);
}

static void connection_record(const struct pptp_connection *c, struct pptp_connection_record *out)
{
	struct mono now = c->pptp->io->now();

	*out = (struct pptp_connection_record){
		.tunnel = c->listener->tunnel->name,
		.hostname = c->hostname,
		.vendor = c->vendor,
		.state = pptp_state_name(c->state),
		.id = c->id,
		.calls = c->n_calls,
		.echoes = c->echoes,
		.silence_s = mono_elapsed_ms(c->heard, now) / 1000,
		.duration_s = mono_elapsed_ms(c->started, now) / 1000,
	};
	pptp_addr_text(&c->local, out->local);
	pptp_addr_text(&c->peer, out->peer);
}

bool pptp_next_connection(struct pptp *p, uint64_t *after, struct pptp_connection_record *out)
{
	uint32_t id = *after < PPTP_CONNECTION_FIRST ? PPTP_CONNECTION_FIRST : (uint32_t)*after;

	while (++id < PPTP_CONNECTION_FIRST + CONNECTION_IDS) {
		const struct pptp_connection *c = connection_by_id(p, id);

		if (!c || c->state == PPTP_GONE)
			continue;
		connection_record(c, out);
		*after = id;
		return true;
	}
	return false;
}

int pptp_clear_connection(struct pptp *p, uint32_t id)
{
	struct pptp_connection *c = connection_by_id(p, id);

	if (!c || c->state != PPTP_ESTABLISHED)
		return -ENOENT;
	pptp_connection_stop(c, PPTP_STOP_NONE, CAUSE_CLEARED);
	return 0;
}

void pptp_counters(const struct pptp *p, struct pptp_counters *out)
{
	*out = p->counters;
}
