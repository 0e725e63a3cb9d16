/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The L2TP driver: listeners as the configuration names them, the indexes of tunnels, and which
 * tunnel or call a datagram is for. A message is taken only from the addresses of its
 * tunnel, a data message only from the very port too.
 */
#include "tunnel/l2tp/l2tp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "dump.h"
#include "log.h"
#include "tunnel/l2tp/l2tp_ipsec.h"
#include "tunnel/l2tp/l2tp_private.h"

#define TUNNEL_IDS 0x10000

/* ---- datagrams ---- */

struct l2tp_tunnel *l2tp_tunnel_by_id(const struct l2tp *l, uint16_t id)
{
	return slot_owner(l->tunnel_ids, slot_of(l->tunnel_ids, 0, id));
}

struct l2tp_call *l2tp_by_slot(struct l2tp *l, uint32_t slot)
{
	if (!l->sessions || slot < l->dims.first)
		return NULL;
	return slot_owner(l->sessions, slot - l->dims.first);
}

static struct l2tp_call *call_by_ids(const struct l2tp *l, uint16_t tunnel_id, uint16_t session_id)
{
	struct l2tp_call *call;

	if (!l->sessions)
		return NULL;
	call = slot_owner(l->sessions,
			  slot_of(l->sessions, tunnel_id % l->dims.spaces, session_id));
	return call && call->tunnel_id == tunnel_id ? call : NULL;
}

bool l2tp_is_clear(struct l2tp *l, bool ipsec, const struct l2tp_path *path)
{
	return ipsec && !l->io->ipsec(l, path);
}

static void data_receive(struct l2tp *l, const struct l2tp_path *path,
			 const struct l2tp_header *header)
{
	struct l2tp_call *call = call_by_ids(l, header->tunnel_id, header->session_id);
	char text[L2TP_ADDR_TEXT];

	if (!call)
		log_drop(l->log, XP_R_S_L2TP_UNKNOWN, "call %u of tunnel %u from %s",
			 header->session_id, header->tunnel_id,
			 l2tp_addr_text(&path->peer, true, text));
	else if (!l2tp_path_same(&call->path, path))
		log_drop(l->log, XP_R_S_L2TP_PEER, "call %u of tunnel %u from %s",
			 header->session_id, header->tunnel_id,
			 l2tp_addr_text(&path->peer, true, text));
	else if (l2tp_is_clear(l, call->ipsec, path))
		log_drop(l->log, XP_R_S_L2TP_CLEAR, "call %u of tunnel %u from %s",
			 header->session_id, header->tunnel_id,
			 l2tp_addr_text(&path->peer, true, text));
	else
		l2tp_call_data(call, header);
}

static void dump_message(const struct l2tp_listener *listener, const struct l2tp_path *path,
			 const char *direction, struct buf message)
{
	struct dump_veil veil = { 0 };
	struct buf avps = message;
	char text[L2TP_ADDR_TEXT];

	if (buf_skip(&avps, L2TP_CONTROL_HEADER) == 0)
		l2tp_avps_veil(avps, L2TP_CONTROL_HEADER, &veil);
	l2tp_addr_text(&path->peer, true, text);
	dump_control(listener->l2tp->log, text, direction, message, &veil);
}

static void control_receive(struct l2tp_listener *listener, const struct l2tp_path *path,
			    const struct l2tp_header *header, struct buf wire)
{
	struct l2tp *l = listener->l2tp;
	struct l2tp_tunnel *t;
	char text[L2TP_ADDR_TEXT];

	if (listener->tunnel->ctrl_in_pktdump)
		dump_message(listener, path, "in", wire);
	if (header->tunnel_id == 0) {
		l2tp_tunnel_request(listener, path, header);
		return;
	}
	t = l2tp_tunnel_by_id(l, header->tunnel_id);
	if (t && t->listener == listener)
		l2tp_tunnel_receive(t, path, header);
	else
		log_drop(l->log, t ? XP_R_L_PEER : XP_R_L_TUNNEL, "tunnel %u, message from %s",
			 header->tunnel_id, l2tp_addr_text(&path->peer, true, text));
}

void l2tp_receive(struct l2tp_listener *listener, const struct l2tp_path *path, struct buf wire)
{
	struct l2tp *l = listener->l2tp;
	struct l2tp_header header;
	char text[L2TP_ADDR_TEXT];
	int r = l2tp_header_parse(wire, &header);

	if (r)
		log_drop(l->log, r == -EPROTO ? XP_R_L_HEADER : XP_R_L_LENGTH, "%zu octets from %s",
			 wire.len, l2tp_addr_text(&path->peer, true, text));
	else if (header.control)
		control_receive(listener, path, &header, wire);
	else
		data_receive(l, path, &header);
}

void l2tp_turn_over(struct l2tp *l)
{
	struct l2tp_tunnel *t;

	while ((t = TAILQ_FIRST(&l->flush))) {
		TAILQ_REMOVE(&l->flush, t, flush);
		t->to_flush = false;
		l2tp_control_flush(&t->control, t->peer_id);
	}
}

static void send_failed(const struct l2tp *l, const struct l2tp_path *path, int error)
{
	char text[L2TP_ADDR_TEXT];

	log_drop(l->log, XP_R_L_SEND, "datagram for %s: %s",
		 l2tp_addr_text(&path->peer, true, text), strerror(-error));
}

void l2tp_listener_send(struct l2tp_listener *listener, const struct l2tp_path *path,
			const uint8_t *datagram, size_t len)
{
	struct l2tp *l = listener->l2tp;
	int r = l->io->send(listener, path, datagram, len);

	if (r < 0)
		send_failed(l, path, r);
}

void l2tp_listener_send_control(struct l2tp_listener *listener, const struct l2tp_path *path,
				const uint8_t *message, size_t len)
{
	if (listener->tunnel->ctrl_out_pktdump)
		dump_message(listener, path, "out", buf_of(message, len));
	l2tp_listener_send(listener, path, message, len);
}

/* ---- the network ---- */

static void on_receive(void *arg, const struct l2tp_path *path, struct buf datagram)
{
	l2tp_receive(arg, path, datagram);
}

static void on_turn_over(void *arg, int64_t waited_us)
{
	struct l2tp *l = ((struct l2tp_listener *)arg)->l2tp;

	if (waited_us > 0)
		l->user->waiting(l->user_arg, waited_us);
	l2tp_turn_over(l);
}

static void on_failed(void *arg, const struct l2tp_path *path, int error)
{
	send_failed(((struct l2tp_listener *)arg)->l2tp, path, error);
}

static const struct l2tp_socket_ops socket_ops = {
	.receive = on_receive,
	.turn_over = on_turn_over,
	.failed = on_failed,
};

static int udp_open(struct l2tp_listener *listener)
{
	struct l2tp *l = listener->l2tp;

	return l2tp_socket_open(&listener->socket, l->loop, l->rx, &listener->addr, &socket_ops,
				listener);
}

static void udp_close(struct l2tp_listener *listener)
{
	l2tp_socket_close(&listener->socket);
}

static int udp_send(struct l2tp_listener *listener, const struct l2tp_path *path,
		    const uint8_t *datagram, size_t len)
{
	return l2tp_socket_send(&listener->socket, path, datagram, len);
}

static bool udp_ipsec(struct l2tp *l, const struct l2tp_path *path)
{
	return l2tp_ipsec_covers(l->ipsec, path);
}

const struct l2tp_io l2tp_io_udp = {
	.open = udp_open,
	.close = udp_close,
	.send = udp_send,
	.now = mono_now,
	.path_mtu = l2tp_socket_path_mtu,
	.ipsec = udp_ipsec,
};

/* ---- the driver ---- */

static void on_reap(struct ev_loop *loop, struct ev_prepare *reap, int revents)
{
	struct l2tp *l = reap->data;
	struct l2tp_tunnel *t;

	(void)revents;
	ev_prepare_stop(loop, reap);
	while ((t = TAILQ_FIRST(&l->dead)))
		l2tp_tunnel_free(t);
}

static int parts_new(struct l2tp *l)
{
	int r = index_init(&l->tunnels);

	if (r == 0)
		r = index_init(&l->names);
	if (r == 0)
		r = index_init(&l->calls);
	if (r == 0)
		r = slots_new(1, TUNNEL_IDS, &l->tunnel_ids);
	if (r == 0 && l->dims.spaces > 0)
		r = slots_new(l->dims.spaces, l->dims.space_size, &l->sessions);
	if (r == 0)
		r = rates_new(L2TP_RATE_PEER, L2TP_RATE_PEER_BURST, &l->rates);
	if (r == 0)
		r = l2tp_rx_new(&l->rx);
	if (r == 0)
		r = l2tp_ipsec_new(&l->ipsec);
	return r;
}

int l2tp_new(struct ev_loop *loop, const struct carrier_user *user, void *arg, struct log *log,
	     struct l2tp_dims dims, struct l2tp **l2tp)
{
	struct l2tp *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->loop = loop;
	l->io = &l2tp_io_udp;
	l->user = user;
	l->user_arg = arg;
	l->log = log;
	l->dims = dims;
	LIST_INIT(&l->listeners);
	TAILQ_INIT(&l->half_open);
	TAILQ_INIT(&l->flush);
	TAILQ_INIT(&l->dead);
	ev_prepare_init(&l->reap, on_reap);
	l->reap.data = l;
	if (gethostname(l->hostname, sizeof(l->hostname) - 1) || l->hostname[0] == '\0')
		strcpy(l->hostname, "xpppd");
	r = parts_new(l);
	if (r) {
		l2tp_free(l);
		return r;
	}
	*l2tp = l;
	return 0;
}

static void listener_free(struct l2tp_listener *listener)
{
	struct l2tp *l = listener->l2tp;
	struct l2tp_tunnel *t;

	while ((t = LIST_FIRST(&listener->tunnels))) {
		l2tp_tunnel_drop(t, CAUSE_CONFIG);
		l2tp_tunnel_free(t);
	}
	if (listener->open)
		l->io->close(listener);
	LIST_REMOVE(listener, entry);
	free(listener);
}

void l2tp_free(struct l2tp *l)
{
	struct l2tp_listener *listener;

	if (!l)
		return;
	while ((listener = LIST_FIRST(&l->listeners)))
		listener_free(listener);
	ev_prepare_stop(l->loop, &l->reap);
	l2tp_ipsec_free(l->ipsec);
	l2tp_rx_free(l->rx);
	rates_free(l->rates);
	slots_free(l->sessions);
	slots_free(l->tunnel_ids);
	index_fini(&l->calls);
	index_fini(&l->names);
	index_fini(&l->tunnels);
	free(l);
}

/* ---- configuration ---- */

const char *l2tp_hostname_of(const struct l2tp *l, const struct conf_tunnel *tunnel)
{
	return tunnel->l2tp.hostname && *tunnel->l2tp.hostname ? tunnel->l2tp.hostname
							       : l->hostname;
}

static bool secret_is_for(const struct conf_l2tp_secret *secret, const union l2tp_addr *peer)
{
	const union l2tp_addr net = l2tp_addr_of(&secret->net);
	unsigned int whole = secret->prefix / 8, rest = secret->prefix % 8;
	size_t len;
	const uint8_t *a = l2tp_addr_octets(&net, &len), *b = l2tp_addr_octets(peer, &len);

	if (net.sa.sa_family == AF_UNSPEC)
		return true;
	if (net.sa.sa_family != peer->sa.sa_family || memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

const char *l2tp_secret_of(const struct conf_tunnel *tunnel, const union l2tp_addr *peer)
{
	const struct conf_l2tp_secret *s;
	const char *best = NULL;
	int longest = -2;

	STAILQ_FOREACH(s, &tunnel->l2tp.secrets, entry) {
		int length = s->net.ss_family == AF_UNSPEC ? -1 : (int)s->prefix;

		if (length <= longest || !secret_is_for(s, peer))
			continue;
		longest = length;
		best = s->secret;
	}
	return best;
}

static struct l2tp_listener *listener_find(const struct l2tp *l, const union l2tp_addr *addr)
{
	struct l2tp_listener *listener;

	LIST_FOREACH(listener, &l->listeners, entry)
		if (l2tp_addr_same(&listener->addr, addr))
			return listener;
	return NULL;
}

static int listener_want(struct l2tp *l, const union l2tp_addr *addr,
			 const struct conf_tunnel *tunnel)
{
	struct l2tp_listener *listener = listener_find(l, addr);

	if (!listener) {
		listener = calloc(1, sizeof(*listener));
		if (!listener)
			return -ENOMEM;
		listener->l2tp = l;
		listener->addr = *addr;
		LIST_INIT(&listener->tunnels);
		LIST_INSERT_HEAD(&l->listeners, listener, entry);
	}
	listener->next_tunnel = tunnel;
	return 0;
}

/* A tunnel that says no address listens on all of both families. */
static int everywhere_want(struct l2tp *l, const struct conf_tunnel *tunnel)
{
	union l2tp_addr addr = { .in = { .sin_family = AF_INET } };
	int r;

	l2tp_addr_set_port(&addr, L2TP_PORT);
	r = listener_want(l, &addr, tunnel);
	if (r)
		return r;
	memset(&addr, 0, sizeof(addr));
	addr.in6.sin6_family = AF_INET6;
	l2tp_addr_set_port(&addr, L2TP_PORT);
	return listener_want(l, &addr, tunnel);
}

static int listeners_want(struct l2tp *l, const struct conf *conf)
{
	const struct conf_tunnel *tunnel;
	const struct conf_addr *a;
	int r = 0;

	STAILQ_FOREACH(tunnel, &conf->tunnels, entry) {
		if (tunnel->protocol != CONF_L2TP || !tunnel->bound)
			continue;
		if (STAILQ_EMPTY(&tunnel->l2tp.listen))
			r = everywhere_want(l, tunnel);
		STAILQ_FOREACH(a, &tunnel->l2tp.listen, entry) {
			const union l2tp_addr addr = l2tp_addr_of(&a->addr);

			if (r == 0)
				r = listener_want(l, &addr, tunnel);
		}
		if (r)
			return r;
	}
	return 0;
}

/* Takes listeners_want() back. */
static void listeners_unwant(struct l2tp *l)
{
	struct l2tp_listener *listener, *next;

	for (listener = LIST_FIRST(&l->listeners); listener; listener = next) {
		next = LIST_NEXT(listener, entry);
		listener->next_tunnel = NULL;
		if (!listener->tunnel)
			listener_free(listener);
	}
}

static int listener_configure(struct l2tp_listener *listener)
{
	struct l2tp *l = listener->l2tp;
	struct l2tp_tunnel *t;
	char text[L2TP_ADDR_TEXT];
	int r;

	listener->tunnel = listener->next_tunnel;
	listener->next_tunnel = NULL;
	LIST_FOREACH(t, &listener->tunnels, on_listener)
		l2tp_tunnel_configure(t);
	if (listener->open)
		return 0;
	r = l->io->open(listener);
	listener->open = r == 0;
	if (r)
		log_msg(l->log, LOG_ERR, "l2tp: cannot listen on %s: %s",
			l2tp_addr_text(&listener->addr, true, text), strerror(-r));
	listener->open_error = r;
	return r;
}

int l2tp_prepare(struct l2tp *l, const struct conf *conf)
{
	int r = 0;

	listeners_unwant(l);
	l->prepared = conf;
	if (conf)
		r = listeners_want(l, conf);
	if (r)
		l2tp_prepare(l, NULL);
	return r;
}

int l2tp_configure(struct l2tp *l, const struct conf *conf)
{
	struct l2tp_listener *listener, *next;
	int r = l->prepared == conf ? 0 : l2tp_prepare(l, conf), first = 0;

	if (r)
		return r;
	l->prepared = NULL;
	/* first, since one for all addresses is in the way of one for a single address */
	for (listener = LIST_FIRST(&l->listeners); listener; listener = next) {
		next = LIST_NEXT(listener, entry);
		if (!listener->next_tunnel)
			listener_free(listener);
	}
	LIST_FOREACH(listener, &l->listeners, entry) {
		r = listener_configure(listener);
		if (r && first == 0)
			first = r;
	}
	return first;
}

/* ---- what operators see and do ---- */

static void tunnel_record(const struct l2tp_tunnel *t, struct l2tp_tunnel_record *out)
{
	const struct l2tp *l = t->l2tp;

	*out = (struct l2tp_tunnel_record){
		.tunnel = t->listener->tunnel->name,
		.hostname = t->hostname,
		.vendor = t->vendor,
		.state = l2tp_tunnel_state_name(t->state),
		.tunnel_id = t->id,
		.peer_tunnel_id = t->peer_id,
		.sessions = t->n_calls,
		.window = t->control.peer_window,
		.queued = t->control.queued,
		.retransmits = t->control.counts.retransmits,
		.ipsec = t->ipsec,
		.duration_s = mono_elapsed_ms(t->started, l->io->now()) / 1000,
	};
	l2tp_addr_text(&t->path.local, true, out->local);
	l2tp_addr_text(&t->path.peer, true, out->peer);
}

bool l2tp_next_tunnel(struct l2tp *l, uint64_t *after, struct l2tp_tunnel_record *out)
{
	for (uint64_t id = *after + 1; id < TUNNEL_IDS; id++) {
		const struct l2tp_tunnel *t = l2tp_tunnel_by_id(l, (uint16_t)id);

		if (!t || t->state >= L2TP_TUNNEL_LINGERING)
			continue;
		tunnel_record(t, out);
		*after = id;
		return true;
	}
	return false;
}

int l2tp_clear_tunnel(struct l2tp *l, uint16_t tunnel_id)
{
	struct l2tp_tunnel *t = l2tp_tunnel_by_id(l, tunnel_id);

	if (!t || t->state > L2TP_TUNNEL_ESTABLISHED)
		return -ENOENT;
	l2tp_tunnel_stop(t, L2TP_STOP_CLEAR, L2TP_ERROR_NONE, "cleared by the operator",
			 CAUSE_CLEARED);
	return 0;
}

void l2tp_counters(const struct l2tp *l, struct l2tp_counters *out)
{
	*out = l->counters;
	out->retransmits = l->control_counts.retransmits;
	out->duplicates = l->control_counts.duplicates;
}
