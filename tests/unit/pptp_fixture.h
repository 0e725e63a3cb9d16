/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The real PPTP driver between a session layer that only remembers and a GRE socket that only
 * remembers, and clients (PNSs) that are played by the test over real streams. Messages are written
 * by their offsets in RFC 2637. Time stands still until a test moves it; timers strike when a test
 * says so.
 */
#ifndef PPTP_FIXTURE_H
#define PPTP_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carriers.h"
#include "conf/conf.h"
#include "log.h"
#include "tunnel/pptp/pptp_private.h"

#define FIXTURE_SENT 128
#define FIXTURE_FIRST 2000 /* of PPTP's slots */
#define FIXTURE_IDS 32

struct sent {
	uint8_t bytes[2048];
	struct pptp_hosts hosts;
	struct pptp_gre gre;
};

struct fixture {
	struct carriers carriers; /* first */
	struct ev_loop *loop;
	struct log *log;
	struct pptp *pptp;
	struct conf conf;
	struct conf_tunnel tunnel;
	struct conf_addr listen;
	struct sent sent[FIXTURE_SENT]; /* the latest, sent[n_sent % FIXTURE_SENT] is next */
	unsigned int n_sent;
	int listen_error, gre_error; /* what opening says */
	unsigned int n_open;
};

static struct mono fixture_time;

/* ---- the network ---- */

static inline int fixture_listen(struct pptp_listener *listener)
{
	struct fixture *f = listener->pptp->user_arg;

	f->n_open += f->listen_error == 0;
	return f->listen_error;
}

static inline void fixture_unlisten(struct pptp_listener *listener)
{
	((struct fixture *)listener->pptp->user_arg)->n_open--;
}

static inline int fixture_gre_open(struct pptp *pptp)
{
	return ((struct fixture *)pptp->user_arg)->gre_error;
}

static inline void fixture_gre_close(struct pptp *pptp)
{
	(void)pptp;
}

static inline int fixture_gre_send(struct pptp *pptp, const struct pptp_hosts *hosts,
				   const uint8_t *packet, size_t len)
{
	struct fixture *f = pptp->user_arg;
	struct sent *s = &f->sent[f->n_sent++ % FIXTURE_SENT];

	if (len > sizeof(s->bytes))
		abort();
	memcpy(s->bytes, packet, len);
	s->hosts = *hosts;
	if (pptp_gre_parse(buf_of(s->bytes, len), &s->gre))
		abort();
	return 0;
}

static inline struct mono fixture_now(void)
{
	return fixture_time;
}

static const struct pptp_io fixture_io = {
	.listen = fixture_listen,
	.unlisten = fixture_unlisten,
	.gre_open = fixture_gre_open,
	.gre_close = fixture_gre_close,
	.gre_send = fixture_gre_send,
	.now = fixture_now,
};

/* ---- the fixture ---- */

static inline struct sockaddr_in fixture_addr(const char *text, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, text, &a.sin_addr);
	return a;
}

static inline void fixture_listen_on(struct conf_addr *addr, const char *text, uint16_t port)
{
	const struct sockaddr_in a = fixture_addr(text, port);

	memset(&addr->addr, 0, sizeof(addr->addr));
	memcpy(&addr->addr, &a, sizeof(a));
}

static inline int fixture_setup(struct fixture *f)
{
	const struct pptp_dims dims = { FIXTURE_FIRST, FIXTURE_IDS };

	memset(f, 0, sizeof(*f));
	fixture_time = (struct mono){ 1000000 };
	carriers_init(&f->carriers);
	f->loop = ev_loop_new(0);
	STAILQ_INIT(&f->conf.tunnels);
	f->tunnel = (struct conf_tunnel){
		.name = (char *)"P",
		.bound = true,
		.conf = &f->conf,
		.protocol = CONF_PPTP,
		.pipex = true,
	};
	f->tunnel.pptp.echo_interval = 60;
	f->tunnel.pptp.echo_timeout = 30;
	f->tunnel.pptp.hostname = (char *)"pac";
	STAILQ_INIT(&f->tunnel.pptp.listen);
	fixture_listen_on(&f->listen, "192.0.2.1", 1723);
	STAILQ_INSERT_TAIL(&f->tunnel.pptp.listen, &f->listen, entry);
	STAILQ_INSERT_TAIL(&f->conf.tunnels, &f->tunnel, entry);
	f->log = log_new(1, LOG_EMERG);
	if (pptp_new(f->loop, &carriers_user, f, f->log, dims, &f->pptp))
		return -1;
	f->pptp->io = &fixture_io;
	return pptp_configure(f->pptp, &f->conf);
}

static inline void fixture_teardown(struct fixture *f)
{
	carriers_forget(&f->carriers);
	pptp_free(f->pptp);
	log_free(f->log);
	ev_loop_destroy(f->loop);
}

/* Lets the loop come round until streams have nothing to say: what is over is freed. */
static inline void fixture_turn(struct fixture *f)
{
	for (int i = 0; i < 4; i++)
		ev_run(f->loop, EVRUN_NOWAIT);
}

/* A timer strikes. */
static inline void fixture_strike(struct fixture *f, struct ev_timer *timer)
{
	ev_timer_stop(f->loop, timer);
	ev_invoke(f->loop, timer, EV_TIMER);
	fixture_turn(f);
}

static inline struct pptp_listener *fixture_listener(struct fixture *f)
{
	return LIST_FIRST(&f->pptp->listeners);
}

/* n = 0: the last one */
static inline const struct sent *sent_before(const struct fixture *f, unsigned int n)
{
	return &f->sent[(f->n_sent - 1 - n) % FIXTURE_SENT];
}

static inline uint64_t drops(const struct fixture *f, enum xp_reason reason)
{
	return log_drops(f->log, reason);
}

/* ---- a client ---- */

struct message {
	uint8_t bytes[256];
	size_t len;
};

struct pns {
	struct fixture *f;
	int fd;
	uint16_t port;
	struct pptp_hosts hosts;
	struct message heard[FIXTURE_SENT]; /* all that was read, in order */
	unsigned int n_heard;
	uint8_t part[4096];
	size_t n_part;
	bool ended; /* the driver has closed its side */
};

static inline void put16(struct message *m, size_t at, uint16_t v)
{
	m->bytes[at] = (uint8_t)(v >> 8);
	m->bytes[at + 1] = (uint8_t)v;
}

static inline void put32(struct message *m, size_t at, uint32_t v)
{
	put16(m, at, (uint16_t)(v >> 16));
	put16(m, at + 2, (uint16_t)v);
}

static inline uint16_t get16(const struct message *m, size_t at)
{
	return (uint16_t)(m->bytes[at] << 8 | m->bytes[at + 1]);
}

static inline uint32_t get32(const struct message *m, size_t at)
{
	return (uint32_t)get16(m, at) << 16 | get16(m, at + 2);
}

static inline struct message message_of(uint16_t type, size_t len)
{
	struct message m = { .len = len };

	put16(&m, 0, (uint16_t)len);
	put16(&m, 2, 1);
	put32(&m, 4, 0x1a2b3c4d);
	put16(&m, 8, type);
	return m;
}

static inline struct message sccrq(void)
{
	struct message m = message_of(1, 156);

	put16(&m, 12, 0x0100);
	put32(&m, 16, 1);
	put32(&m, 20, 1);
	strcpy((char *)m.bytes + 28, "client");
	strcpy((char *)m.bytes + 92, "maker");
	return m;
}

static inline struct message ocrq(uint16_t call_id)
{
	struct message m = message_of(7, 168);

	put16(&m, 12, call_id);
	put16(&m, 14, 4711);
	put32(&m, 16, 300);
	put32(&m, 20, 100000000);
	put32(&m, 24, 3);
	put32(&m, 28, 3);
	put16(&m, 32, 64);
	return m;
}

/* What the driver has sent meanwhile. */
static inline void pns_hear(struct pns *pns)
{
	ssize_t n;

	while ((n = recv(pns->fd, pns->part + pns->n_part, sizeof(pns->part) - pns->n_part,
			 MSG_DONTWAIT)) > 0) {
		size_t at = 0, len;

		pns->n_part += (size_t)n;
		while (pns->n_part - at >= 2 &&
		       (len = (size_t)(pns->part[at] << 8 | pns->part[at + 1])) <=
			       pns->n_part - at) {
			struct message *m = &pns->heard[pns->n_heard % FIXTURE_SENT];

			if (len < 12 || len > sizeof(m->bytes))
				abort();
			memcpy(m->bytes, pns->part + at, len);
			m->len = len;
			pns->n_heard++;
			at += len;
		}
		pns->n_part -= at;
		memmove(pns->part, pns->part + at, pns->n_part);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
		pns->ended = true;
}

static inline void pns_turn(struct pns *pns)
{
	fixture_turn(pns->f);
	pns_hear(pns);
}

/* Connects; the driver has not heard a word. */
static inline void pns_open(struct pns *pns, struct fixture *f, const char *address, uint16_t port)
{
	const struct sockaddr_in local = fixture_addr("192.0.2.1", 1723);
	const struct sockaddr_in peer = fixture_addr(address, port);
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
		abort();
	memset(pns, 0, sizeof(*pns));
	pns->f = f;
	pns->fd = fds[1];
	pns->port = port;
	pns->hosts = (struct pptp_hosts){ local.sin_addr, peer.sin_addr };
	pptp_listener_accept(fixture_listener(f), fds[0], &local, &peer);
}

static inline void pns_close(struct pns *pns)
{
	if (pns->fd >= 0)
		close(pns->fd);
	pns->fd = -1;
	fixture_turn(pns->f);
}

static inline void pns_write(struct pns *pns, const void *bytes, size_t len)
{
	if (send(pns->fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len && !pns->ended)
		pns->ended = true;
	pns_turn(pns);
}

static inline void pns_send(struct pns *pns, const struct message *m)
{
	pns_write(pns, m->bytes, m->len);
}

/* n = 0: the last one */
static inline const struct message *heard_before(const struct pns *pns, unsigned int n)
{
	static const struct message none;

	return pns->n_heard > n ? &pns->heard[(pns->n_heard - 1 - n) % FIXTURE_SENT] : &none;
}

static inline uint16_t heard_type(const struct pns *pns)
{
	return get16(heard_before(pns, 0), 8);
}

static inline struct pptp_connection *pns_connection(const struct pns *pns)
{
	struct pptp_connection *c;

	LIST_FOREACH(c, &fixture_listener(pns->f)->connections, on_listener)
		if (c->peer.sin_addr.s_addr == pns->hosts.peer.s_addr &&
		    c->peer.sin_port == htons(pns->port) && c->state != PPTP_GONE)
			return c;
	return NULL;
}

static inline void pns_connect(struct pns *pns, struct fixture *f, const char *address,
			       uint16_t port)
{
	const struct message m = sccrq();

	pns_open(pns, f, address, port);
	pns_send(pns, &m);
	if (heard_type(pns) != 2)
		abort();
}

/* The PAC's call id; 0: refused. */
static inline uint16_t pns_ocrq(struct pns *pns, uint16_t call_id)
{
	const struct message m = ocrq(call_id);

	pns_send(pns, &m);
	return heard_type(pns) == 8 ? get16(heard_before(pns, 0), 12) : 0;
}

static inline struct accepted *pns_call(struct pns *pns, uint16_t call_id)
{
	if (pns_ocrq(pns, call_id) == 0)
		abort();
	return &pns->f->carriers.accepted[pns->f->carriers.n - 1];
}

/* A message that is nothing but a call id. */
static inline void pns_about(struct pns *pns, uint16_t type, size_t len, uint16_t call_id)
{
	struct message m = message_of(type, len);

	put16(&m, 12, call_id);
	pns_send(pns, &m);
}

/* A data packet. */
static inline void pns_gre(struct pns *pns, const struct pptp_gre *gre)
{
	uint8_t bytes[2048];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	pptp_gre_put(&w, gre, gre->payload.len);
	wbuf_put(&w, gre->payload.p, gre->payload.len);
	if (w.overflow)
		abort();
	pptp_receive(pns->f->pptp, &pns->hosts, buf_of(bytes, w.len));
}

static inline void pns_data(struct pns *pns, uint16_t call_id, uint32_t sequence, const void *ppp,
			    size_t len)
{
	const struct pptp_gre gre = {
		.call_id = call_id,
		.has_sequence = true,
		.sequence = sequence,
		.payload = buf_of(ppp, len),
	};

	pns_gre(pns, &gre);
}

#endif
