/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The real L2TP driver between a session layer that only remembers and a network that only
 * remembers, and LACs that are played by the test. Time stands still until a test moves it;
 * timers strike when a test says so.
 */
#ifndef L2TP_FIXTURE_H
#define L2TP_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "carriers.h"
#include "conf/conf.h"
#include "log.h"
#include "tunnel/l2tp/l2tp_private.h"

#define FIXTURE_SENT 64
#define FIXTURE_FIRST 1000 /* of L2TP's slots */
#define FIXTURE_IDS 64

struct sent {
	uint8_t bytes[L2TP_DATAGRAM_MAX];
	size_t len;
	struct l2tp_path path;
	struct l2tp_header header;
	struct l2tp_avps avps; /* of a control message that is no ZLB */
};

struct fixture {
	struct carriers carriers; /* first */
	struct ev_loop *loop;
	struct log *log;
	struct l2tp *l2tp;
	struct conf conf;
	struct conf_tunnel tunnel;
	struct conf_addr listen;
	struct conf_l2tp_secret secret[2];
	struct sent sent[FIXTURE_SENT]; /* the latest, sent[n_sent % FIXTURE_SENT] is next */
	unsigned int n_sent;
	bool no_policies;  /* IPsec has gone */
	unsigned int lose; /* of what is sent next */
};

static struct mono fixture_time;

/* ---- the network ---- */

/* As bind() has it: one for all addresses bears no other beside it. */
static inline int fixture_open(struct l2tp_listener *listener)
{
	const struct l2tp_listener *other;

	LIST_FOREACH(other, &listener->l2tp->listeners, entry)
		if (other != listener && other->open &&
		    (other->addr.in.sin_addr.s_addr == INADDR_ANY ||
		     listener->addr.in.sin_addr.s_addr == INADDR_ANY))
			return -EADDRINUSE;
	return 0;
}

static inline void fixture_close(struct l2tp_listener *listener)
{
	(void)listener;
}

static inline int fixture_send(struct l2tp_listener *listener, const struct l2tp_path *path,
			       const uint8_t *datagram, size_t len)
{
	struct fixture *f = listener->l2tp->user_arg;
	struct sent *s = &f->sent[f->n_sent % FIXTURE_SENT];

	if (f->lose > 0) {
		f->lose--;
		return 0;
	}
	if (len > sizeof(s->bytes))
		abort();
	memcpy(s->bytes, datagram, len);
	s->len = len;
	s->path = *path;
	if (l2tp_header_parse(buf_of(s->bytes, len), &s->header))
		abort();
	s->avps = (struct l2tp_avps){ 0 };
	if (s->header.control && s->header.payload.len > 0 &&
	    l2tp_avps_parse(s->header.payload, NULL, &s->avps))
		abort();
	f->n_sent++;
	return 0;
}

static inline struct mono fixture_now(void)
{
	return fixture_time;
}

static inline unsigned int fixture_mtu(const struct l2tp_path *path)
{
	(void)path;
	return 1500;
}

static inline bool fixture_ipsec(struct l2tp *l2tp, const struct l2tp_path *path)
{
	const struct fixture *f = l2tp->user_arg;

	/* every peer whose address ends in an even number came through ESP, if from a port of L2TP's
	 * range */
	return !f->no_policies && ntohl(path->peer.in.sin_addr.s_addr) % 2 == 0 &&
	       l2tp_addr_port(&path->peer) / 100 == 17;
}

static const struct l2tp_io fixture_io = {
	.open = fixture_open,
	.close = fixture_close,
	.send = fixture_send,
	.now = fixture_now,
	.path_mtu = fixture_mtu,
	.ipsec = fixture_ipsec,
};

/* ---- the fixture ---- */

static inline union l2tp_addr fixture_addr(const char *text, uint16_t port)
{
	union l2tp_addr a;

	memset(&a, 0, sizeof(a));
	a.in.sin_family = AF_INET;
	a.in.sin_port = htons(port);
	inet_pton(AF_INET, text, &a.in.sin_addr);
	return a;
}

static inline void fixture_secret(struct fixture *f, int i, const char *secret, const char *net,
				  unsigned int prefix)
{
	struct conf_l2tp_secret *s = &f->secret[i];

	*s = (struct conf_l2tp_secret){ .secret = (char *)secret, .prefix = prefix };
	if (net) {
		union l2tp_addr a = fixture_addr(net, 0);

		s->net = l2tp_addr_storage(&a);
	}
	STAILQ_INSERT_TAIL(&f->tunnel.l2tp.secrets, s, entry);
}

static inline int fixture_setup(struct fixture *f)
{
	struct l2tp_dims dims = { FIXTURE_FIRST, 1, FIXTURE_IDS };
	union l2tp_addr listen = fixture_addr("192.0.2.1", 1701);

	memset(f, 0, sizeof(*f));
	fixture_time = (struct mono){ 1000000 };
	carriers_init(&f->carriers);
	f->loop = ev_loop_new(0);
	STAILQ_INIT(&f->conf.tunnels);
	f->tunnel = (struct conf_tunnel){
		.name = (char *)"L",
		.bound = true,
		.conf = &f->conf,
		.protocol = CONF_L2TP,
	};
	f->tunnel.l2tp.hello_interval = 60;
	f->tunnel.l2tp.hello_timeout = 30;
	f->tunnel.l2tp.lcp_renegotiation = true;
	f->tunnel.l2tp.data_use_seq = true;
	f->tunnel.l2tp.hostname = (char *)"lns";
	STAILQ_INIT(&f->tunnel.l2tp.listen);
	STAILQ_INIT(&f->tunnel.l2tp.secrets);
	f->listen.addr = l2tp_addr_storage(&listen);
	STAILQ_INSERT_TAIL(&f->tunnel.l2tp.listen, &f->listen, entry);
	STAILQ_INSERT_TAIL(&f->conf.tunnels, &f->tunnel, entry);
	f->log = log_new(1, LOG_EMERG);
	if (l2tp_new(f->loop, &carriers_user, f, f->log, dims, &f->l2tp))
		return -1;
	f->l2tp->io = &fixture_io;
	return l2tp_configure(f->l2tp, &f->conf);
}

static inline void fixture_teardown(struct fixture *f)
{
	carriers_forget(&f->carriers);
	l2tp_free(f->l2tp);
	log_free(f->log);
	ev_loop_destroy(f->loop);
}

/* Lets the loop come round: what is over is freed. */
static inline void fixture_turn(struct fixture *f)
{
	ev_run(f->loop, EVRUN_NOWAIT);
}

/* A timer strikes. */
static inline void fixture_strike(struct fixture *f, struct ev_timer *timer)
{
	ev_timer_stop(f->loop, timer);
	ev_invoke(f->loop, timer, EV_TIMER);
}

static inline struct l2tp_listener *fixture_listener(struct fixture *f)
{
	return LIST_FIRST(&f->l2tp->listeners);
}

static inline struct sent *last_sent(struct fixture *f)
{
	return &f->sent[(f->n_sent - 1) % FIXTURE_SENT];
}

/* n = 0: the last one */
static inline struct sent *sent_before(struct fixture *f, unsigned int n)
{
	return &f->sent[(f->n_sent - 1 - n) % FIXTURE_SENT];
}

static inline uint64_t drops(struct fixture *f, enum xp_reason reason)
{
	return log_drops(f->log, reason);
}

/* ---- a LAC ---- */

struct lac {
	struct fixture *f;
	struct l2tp_path path;
	uint16_t id;        /* its tunnel id */
	uint16_t tunnel_id; /* ours */
	uint16_t ns, nr;
	const char *hostname;
};

static inline struct lac lac_at(struct fixture *f, const char *address, uint16_t port, uint16_t id)
{
	return (struct lac){
		.f = f,
		.path = { fixture_addr("192.0.2.1", 1701), fixture_addr(address, port), 0 },
		.id = id,
		.hostname = "lac",
	};
}

static inline void lac_raw(struct lac *lac, const void *bytes, size_t len)
{
	l2tp_receive(fixture_listener(lac->f), &lac->path, buf_of(bytes, len));
	l2tp_turn_over(lac->f->l2tp);
}

/* A control message with these numbers. */
static inline void lac_put(struct lac *lac, uint16_t session_id, const struct wbuf *avps,
			   uint16_t ns, uint16_t nr)
{
	uint8_t bytes[2048];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	l2tp_control_header_put(&w, (uint16_t)(L2TP_CONTROL_HEADER + avps->len), lac->tunnel_id,
				session_id, ns, nr);
	wbuf_put(&w, avps->base, avps->len);
	if (w.overflow)
		abort();
	lac_raw(lac, bytes, w.len);
}

/* What the fixture has sent to it is acknowledged by what it sends. */
static inline void lac_hear(struct lac *lac)
{
	for (unsigned int i = lac->f->n_sent > FIXTURE_SENT ? lac->f->n_sent - FIXTURE_SENT : 0;
	     i < lac->f->n_sent; i++) {
		const struct sent *s = &lac->f->sent[i % FIXTURE_SENT];

		if (s->header.control && s->header.payload.len > 0 &&
		    s->header.tunnel_id == lac->id &&
		    l2tp_addr_same(&s->path.peer, &lac->path.peer) &&
		    (int16_t)(s->header.ns + 1 - lac->nr) > 0)
			lac->nr = (uint16_t)(s->header.ns + 1);
	}
}

/* The next message. */
static inline void lac_send(struct lac *lac, uint16_t session_id, const struct wbuf *avps)
{
	lac_hear(lac);
	lac_put(lac, session_id, avps, lac->ns++, lac->nr);
}

static inline void lac_zlb(struct lac *lac)
{
	struct wbuf none = { 0 };

	lac_hear(lac);
	lac_put(lac, 0, &none, lac->ns, lac->nr);
}

struct message {
	struct wbuf w;
	uint8_t bytes[1500];
};

static inline void message_begin(struct message *m, enum l2tp_message type)
{
	m->w = wbuf_of(m->bytes, sizeof(m->bytes));
	l2tp_avp_put_message(&m->w, type);
}

static inline void sccrq_begin(struct message *m, const struct lac *lac)
{
	message_begin(m, L2TP_SCCRQ);
	l2tp_avp_put_u16(&m->w, L2TP_AVP_VERSION, L2TP_VERSION);
	l2tp_avp_put_u32(&m->w, L2TP_AVP_FRAMING_CAPABILITIES, 3);
	l2tp_avp_put(&m->w, L2TP_AVP_HOSTNAME, true, lac->hostname, strlen(lac->hostname));
	l2tp_avp_put_u16(&m->w, L2TP_AVP_TUNNEL_ID, lac->id);
	l2tp_avp_put_u16(&m->w, L2TP_AVP_WINDOW, 8);
}

/* A new tunnel; false: it is refused. */
static inline bool lac_request(struct lac *lac, const struct message *m)
{
	lac->ns = lac->nr = lac->tunnel_id = 0;
	lac_send(lac, 0, &m->w);
	if (lac->f->n_sent == 0 || last_sent(lac->f)->avps.message != L2TP_SCCRP)
		return false;
	lac->tunnel_id = last_sent(lac->f)->avps.tunnel_id;
	return true;
}

static inline void lac_sccrq(struct lac *lac)
{
	struct message m;

	sccrq_begin(&m, lac);
	if (!lac_request(lac, &m))
		abort();
}

static inline void lac_connect(struct lac *lac)
{
	struct message m;

	lac_sccrq(lac);
	message_begin(&m, L2TP_SCCCN);
	lac_send(lac, 0, &m.w);
}

static inline void icrq_begin(struct message *m, uint16_t session_id)
{
	message_begin(m, L2TP_ICRQ);
	l2tp_avp_put_u16(&m->w, L2TP_AVP_SESSION_ID, session_id);
	l2tp_avp_put_u32(&m->w, L2TP_AVP_CALL_SERIAL, 4711);
}

/* The LNS's session id; 0: refused. */
static inline uint16_t lac_icrq(struct lac *lac, uint16_t session_id)
{
	struct message m;

	icrq_begin(&m, session_id);
	lac_send(lac, 0, &m.w);
	return last_sent(lac->f)->avps.message == L2TP_ICRP ? last_sent(lac->f)->avps.session_id
							    : 0;
}

static inline void iccn_begin(struct message *m)
{
	message_begin(m, L2TP_ICCN);
	l2tp_avp_put_u32(&m->w, L2TP_AVP_TX_SPEED, 64000);
	l2tp_avp_put_u32(&m->w, L2TP_AVP_FRAMING_TYPE, 1);
}

static inline struct accepted *lac_call(struct lac *lac, uint16_t session_id)
{
	uint16_t id = lac_icrq(lac, session_id);
	struct message m;

	if (id == 0)
		abort();
	iccn_begin(&m);
	lac_send(lac, id, &m.w);
	return &lac->f->carriers.accepted[lac->f->carriers.n - 1];
}

static inline struct l2tp_tunnel *lac_tunnel(const struct lac *lac)
{
	return l2tp_tunnel_by_id(lac->f->l2tp, lac->tunnel_id);
}

/* A data message with PPP inside. */
static inline void lac_data(struct lac *lac, uint16_t session_id, bool sequence, uint16_t ns,
			    const void *ppp, size_t len)
{
	uint8_t bytes[2048];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	l2tp_data_header_put(&w, len, lac->tunnel_id, session_id, sequence, ns);
	wbuf_put(&w, ppp, len);
	lac_raw(lac, bytes, w.len);
}

#endif
