/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 5176, the server: a datagram is of a client, well-formed (RFC 2865 3), proves that its sender
 * knows the secret (2.3, 3.4), is of today (Event-Timestamp, 6.3), and is new; then it is done at
 * once and answered. What fails of that gets no answer; what came before gets the same answer
 * again. Every request is done within the call, so that there is none under way.
 *
 * Replies are kept as long as the request could be sent again: until its Event-Timestamp is out of
 * the window, or REPEAT_S if it has none.
 */
#include "aaa/dae.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "aaa/dae_act.h"
#include "aaa/dae_cache.h"
#include "aaa/dae_private.h"
#include "aaa/dae_request.h"
#include "conf/conf.h"
#include "index.h"
#include "log.h"
#include "session.h"

#define REPEAT_S 30              /* RFC 5080 2.2.1: MRD */
#define REPLIES 16384            /* kept of a client */
#define REPLY_OCTETS (4UL << 20) /* likewise */

static enum xp_reason drop_reason(enum dae_drop drop)
{
	static const enum xp_reason reasons[DAE_DROP_MAX] = {
#define DAE_DROP_REASON(symbol, name, reason) [DAE_DROP_##symbol] = XP_R_##reason,
		DAE_DROPS(DAE_DROP_REASON)
#undef DAE_DROP_REASON
	};

	return reasons[drop];
}

/* ---- clients ---- */

static uint64_t addr_hash(const struct dae *dae, const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return index_hash(&dae->by_addr, &((const struct sockaddr_in *)addr)->sin_addr,
				  sizeof(struct in_addr));
	return index_hash(&dae->by_addr, &((const struct sockaddr_in6 *)addr)->sin6_addr,
			  sizeof(struct in6_addr));
}

/* The interface of a link-local address is not asked for: the configuration cannot name one. */
static bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *x = (const void *)a, *y = (const void *)b;
	const struct sockaddr_in6 *x6 = (const void *)a, *y6 = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	return a->ss_family == AF_INET ? x->sin_addr.s_addr == y->sin_addr.s_addr
				       : IN6_ARE_ADDR_EQUAL(&x6->sin6_addr, &y6->sin6_addr);
}

static struct dae_client *client_find(const struct dae *dae, const struct sockaddr_storage *addr)
{
	struct index_node *n = index_first(&dae->by_addr, addr_hash(dae, addr));

	for (; n; n = index_next(n)) {
		struct dae_client *c = INDEX_ENTRY(n, struct dae_client, node);

		if (same_host(&c->addr, addr))
			return c;
	}
	return NULL;
}

static struct dae_client *client_new(struct dae *dae, const struct sockaddr_storage *addr)
{
	struct dae_client *c = calloc(1, sizeof(*c));

	if (!c || dae_cache_new(REPLIES, REPLY_OCTETS, &c->cache) < 0) {
		free(c);
		return NULL;
	}
	c->addr = *addr;
	index_add(&dae->by_addr, &c->node, addr_hash(dae, addr));
	LIST_INSERT_HEAD(&dae->clients, c, entry);
	return c;
}

static void client_free(struct dae *dae, struct dae_client *c)
{
	index_del(&dae->by_addr, &c->node);
	LIST_REMOVE(c, entry);
	dae_cache_free(c->cache);
	free(c);
}

/* ---- requests ---- */

/* One on its way from datagram to reply. */
struct exchange {
	struct dae *dae;
	struct dae_client *client;
	const struct dae_path *path;
	struct radius_packet packet;
	enum dae_kind kind;
	int64_t until_s; /* from now: so long it may come again */
	bool dated;      /* its Event-Timestamp is of today */
	bool acked;
	enum dae_error error;
	const char *why; /* more about it; NULL: nothing */
	unsigned int sessions;
};

static bool drop(struct exchange *x, enum dae_drop why)
{
	char text[DAE_ADDR_TEXT];

	x->client->counters.drops[why]++;
	log_drop(x->dae->log, drop_reason(why), "%s: request of dae client %s", dae_drop_name(why),
		 dae_addr_text(&x->client->addr, text));
	return false;
}

static bool check_signature(struct exchange *x)
{
	static const uint8_t drops[RADIUS_BADS] = {
		[RADIUS_BAD_AUTHENTICATOR] = DAE_DROP_AUTHENTICATOR,
		[RADIUS_BAD_MESSAGE_AUTHENTICATOR] = DAE_DROP_MESSAGE_AUTHENTICATOR,
		[RADIUS_NO_MESSAGE_AUTHENTICATOR] = DAE_DROP_NO_MESSAGE_AUTHENTICATOR,
	};
	enum radius_bad bad = radius_verify_request(
		&x->packet, x->client->secret, x->dae->conf->dae.require_message_authenticator);

	return bad == RADIUS_GOOD || drop(x, (enum dae_drop)drops[bad]);
}

/* One of the wrong length is refused when the request is read. */
static bool check_time(struct exchange *x)
{
	const struct conf_dae *conf = &x->dae->conf->dae;
	int64_t window = conf->event_timestamp_window, late;
	struct buf value;
	uint32_t stamp;

	x->until_s = REPEAT_S;
	if (!radius_find(x->packet.attrs, 0, DAE_EVENT_TIMESTAMP, &value) ||
	    value.len != sizeof(stamp) || buf_u32(&value, &stamp) < 0)
		return !conf->require_event_timestamp || drop(x, DAE_DROP_NO_TIMESTAMP);
	late = (int64_t)time(NULL) - stamp;
	if (window == 0)
		return true;
	if (late > window || late < -window)
		return drop(x, DAE_DROP_TIMESTAMP);
	x->dated = true;
	x->until_s = window - late + 1;
	return true;
}

static bool check(struct exchange *x, struct buf datagram)
{
	if (radius_parse(datagram, &x->packet) != RADIUS_GOOD)
		return drop(x, DAE_DROP_FORM);
	if (x->packet.code != RADIUS_DISCONNECT_REQUEST && x->packet.code != RADIUS_COA_REQUEST)
		return drop(x, DAE_DROP_CODE);
	x->kind = x->packet.code == RADIUS_COA_REQUEST ? DAE_COA : DAE_DISCONNECT;
	return check_signature(x) && check_time(x);
}

/* What says when it was made is the same request wherever it comes from, which its sender cannot
 * prove (RFC 5176 6.3); other requests may be made again, as by a program that is run twice. */
static struct dae_key key_of(const struct exchange *x)
{
	const union dae_addr *peer = &x->path->peer;
	struct dae_key key = { .id = x->packet.id };

	memcpy(key.authenticator, x->packet.authenticator, sizeof(key.authenticator));
	if (x->dated)
		return key;
	key.port = ntohs(peer->sa.sa_family == AF_INET ? peer->in.sin_port : peer->in6.sin6_port);
	return key;
}

/* Proxy-State goes back as it came, RFC 5176 3.1. */
static void put_proxy_states(struct radius_attrs *attrs, const struct radius_packet *packet)
{
	struct radius_walk walk = radius_walk_of(packet->attrs);
	struct radius_attr attr;

	while (radius_next(&walk, &attr))
		if (attr.vendor == 0 && attr.type == DAE_PROXY_STATE)
			radius_put(attrs, 0, DAE_PROXY_STATE, attr.value.p, attr.value.len);
}

/* As servers are told it. */
static const char *nas_id(const struct conf *conf, char host[HOST_NAME_MAX + 1])
{
	if (conf->nas_id)
		return conf->nas_id;
	return gethostname(host, HOST_NAME_MAX + 1) == 0 ? host : "";
}

static void act(struct exchange *x)
{
	struct dae *dae = x->dae;
	char host[HOST_NAME_MAX + 1];
	const struct dae_nas nas = {
		.id = nas_id(dae->conf, host),
		.address = (const struct sockaddr *)&dae->conf->nas_address,
	};
	struct dae_request request;

	x->error = dae_request_read(&x->packet, &nas, &request);
	x->why = request.why;
	if (x->error == DAE_DONE) {
		x->error = dae_act(dae->sessions, &request, &x->sessions);
		dae_request_clear(&request);
	}
	x->acked = x->error == DAE_DONE || x->error == DAE_RESIDUAL;
}

static size_t reply_to(struct exchange *x, uint8_t reply[RADIUS_MAX])
{
	static const uint8_t codes[DAE_KINDS][2] = {
		[DAE_DISCONNECT] = { RADIUS_DISCONNECT_NAK, RADIUS_DISCONNECT_ACK },
		[DAE_COA] = { RADIUS_COA_NAK, RADIUS_COA_ACK },
	};
	uint8_t storage[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	int len;

	if (x->error == DAE_INITIATED)
		radius_put_u32(&attrs, 0, DAE_SERVICE_TYPE, SUBJECT_AUTHORIZE_ONLY);
	if (x->error != DAE_DONE)
		radius_put_u32(&attrs, 0, DAE_ERROR_CAUSE, dae_error_number(x->error));
	put_proxy_states(&attrs, &x->packet);
	len = radius_finish_reply(&attrs, codes[x->kind][x->acked], x->client->secret,
				  x->packet.whole, reply);
	return len < 0 ? 0 : (size_t)len;
}

static void count(const struct exchange *x)
{
	struct dae_counters *c = &x->client->counters;
	char text[DAE_ADDR_TEXT];

	(x->acked ? c->acks : c->naks)[x->kind]++;
	if (x->error != DAE_DONE)
		c->errors[x->error]++;
	dae_addr_text(&x->client->addr, text);
	if (x->acked)
		log_msg(x->dae->log, LOG_INFO, "dae client %s: %s, sessions: %u", text,
			dae_kind_name(x->kind), x->sessions);
	else
		log_msg(x->dae->log, LOG_INFO, "dae client %s: %s refused: %s%s%s", text,
			dae_kind_name(x->kind), dae_error_name(x->error), x->why ? ": " : "",
			x->why ? x->why : "");
}

/* Room for what a reply has and its request has not: Error-Cause, Service-Type. */
static bool reply_fits(const struct exchange *x)
{
	return x->packet.whole.len + 12 <= RADIUS_MAX;
}

static size_t answer(struct exchange *x, uint8_t reply[RADIUS_MAX])
{
	struct mono now = mono_now();
	struct dae_key key = key_of(x);
	struct buf before = dae_cache_find(x->client->cache, &key, now);
	size_t len;

	if (before.len > 0) {
		x->client->counters.duplicates++;
		memcpy(reply, before.p, before.len);
		return before.len;
	}
	x->client->counters.requests[x->kind]++;
	act(x);
	len = reply_to(x, reply);
	count(x);
	dae_cache_put(x->client->cache, &key, buf_of(reply, len),
		      mono_add_ms(now, x->until_s * 1000));
	return len;
}

size_t dae_handle(struct dae *dae, const struct dae_path *path, struct buf datagram,
		  uint8_t reply[RADIUS_MAX])
{
	struct exchange x = {
		.dae = dae,
		.client = client_find(dae, &path->peer.storage),
		.path = path,
	};
	char text[DAE_ADDR_TEXT];

	if (!x.client) {
		dae->strangers++;
		log_drop(dae->log, XP_R_DAE_CLIENT, "request of %s, which is no dae client",
			 dae_addr_text(&path->peer.storage, text));
		return 0;
	}
	if (!check(&x, datagram))
		return 0;
	if (!reply_fits(&x)) {
		drop(&x, DAE_DROP_FORM);
		return 0;
	}
	return answer(&x, reply);
}

static void on_receive(void *arg, struct dae_socket *s, const struct dae_path *path,
		       struct buf datagram)
{
	uint8_t reply[RADIUS_MAX];
	size_t len = dae_handle(arg, path, datagram, reply);

	/* one that is not sent is asked for again */
	if (len > 0)
		dae_socket_send(s, path, buf_of(reply, len));
}

/* ---- configuration ---- */

static struct dae_listener *listener_get(struct dae *dae, const struct sockaddr_storage *addr)
{
	struct dae_listener *l;

	LIST_FOREACH(l, &dae->listeners, entry)
		if (memcmp(&l->addr, addr, sizeof(*addr)) == 0)
			return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->dae = dae;
	l->addr = *addr;
	LIST_INSERT_HEAD(&dae->listeners, l, entry);
	return l;
}

static void listener_free(struct dae_listener *l)
{
	if (l->open)
		dae_socket_close(&l->socket);
	LIST_REMOVE(l, entry);
	free(l);
}

static void listener_open(struct dae_listener *l)
{
	char text[DAE_ADDR_TEXT];
	int r;

	if (l->open)
		return;
	r = dae_socket_open(&l->socket, l->dae->loop, &l->addr, on_receive, l->dae);
	l->open = r == 0;
	if (r < 0)
		log_msg(l->dae->log, LOG_ERR, "radius dae: cannot listen on %s: %s",
			dae_addr_text(&l->addr, text), strerror(-r));
}

static void configure_listeners(struct dae *dae, const struct conf *conf)
{
	const struct conf_addr *a;
	struct dae_listener *l, *next;

	LIST_FOREACH(l, &dae->listeners, entry)
		l->wanted = false;
	STAILQ_FOREACH(a, &conf->dae_listen, entry) {
		l = listener_get(dae, &a->addr);
		if (l)
			l->wanted = true;
	}
	/* first, since one for all addresses is in the way of one for a single address */
	for (l = LIST_FIRST(&dae->listeners); l; l = next) {
		next = LIST_NEXT(l, entry);
		if (!l->wanted)
			listener_free(l);
	}
	LIST_FOREACH(l, &dae->listeners, entry)
		listener_open(l);
}

static void configure_clients(struct dae *dae, const struct conf *conf)
{
	const struct conf_addr *a;
	struct dae_client *c, *next;
	char text[DAE_ADDR_TEXT];

	LIST_FOREACH(c, &dae->clients, entry)
		c->wanted = false;
	STAILQ_FOREACH(a, &conf->dae_clients, entry) {
		c = client_find(dae, &a->addr);
		if (!c)
			c = client_new(dae, &a->addr);
		if (c) {
			c->secret = a->secret;
			c->wanted = true;
		} else {
			log_msg(dae->log, LOG_ERR, "radius dae: no memory for client %s",
				dae_addr_text(&a->addr, text));
		}
	}
	for (c = LIST_FIRST(&dae->clients); c; c = next) {
		next = LIST_NEXT(c, entry);
		if (!c->wanted)
			client_free(dae, c);
	}
}

void dae_configure(struct dae *dae, struct conf *conf)
{
	struct conf *old = dae->conf;

	dae->conf = conf_ref(conf);
	configure_clients(dae, conf);
	configure_listeners(dae, conf);
	conf_unref(old);
}

/* ---- beginning and end ---- */

int dae_new(struct ev_loop *loop, struct sessions *sessions, struct log *log, struct dae **out)
{
	struct dae *dae = calloc(1, sizeof(*dae));
	int r;

	if (!dae)
		return -ENOMEM;
	r = index_init(&dae->by_addr);
	if (r < 0) {
		free(dae);
		return r;
	}
	dae->loop = loop;
	dae->sessions = sessions;
	dae->log = log;
	LIST_INIT(&dae->listeners);
	LIST_INIT(&dae->clients);
	*out = dae;
	return 0;
}

void dae_free(struct dae *dae)
{
	struct dae_listener *l;
	struct dae_client *c;

	if (!dae)
		return;
	while ((l = LIST_FIRST(&dae->listeners)))
		listener_free(l);
	while ((c = LIST_FIRST(&dae->clients)))
		client_free(dae, c);
	index_fini(&dae->by_addr);
	conf_unref(dae->conf);
	free(dae);
}

/* ---- looking ---- */
