/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * instructions set-up|keepalive|disconnect USERS-FILE SESSIONS: what callgrind counts for one phase of so many
 * PPPoE sessions (CHAP, a local user), one after the other of a batch as a morning has it. The agent is real
 * from the received frame to the frame that is sent; sockets and data plane are not. Only what runs
 * in measured() counts, and of that not wire_out(), where this program takes the frame. Time stands
 * still and chance is none, so that the same source always does the same.
 *
 * tests/bench/count-instructions runs it.
 */
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "aaa/aaa.h"
#include "conf/conf.h"
#include "dataplane/dataplane.h"
#include "log.h"
#include "pool.h"
#include "ppp/chap_md5.h"
#include "ppp/ppp.h"
#include "session.h"
#include "tunnel/pppoe/pppoe_private.h"

#define WARM 64 /* sessions that come and go before: what is done once is done */
#define BATCH 32
#define QUEUE 8192
#define FRAME 256
#define KEEPALIVE_S 300

enum phase { SET_UP, KEEPALIVE, DISCONNECT, PHASES };

static const char *const phase_names[PHASES] = { "set-up", "keepalive", "disconnect" };

struct wire_frame {
	uint8_t bytes[FRAME];
	size_t len;
};

struct world {
	struct ev_loop *loop;
	struct log *log;
	struct links *links;
	struct conf *conf;
	struct aaa *aaa;
	struct pools *pools;
	struct dataplane *dp;
	struct sessions *sessions;
	struct pppoe *pppoe;
	struct pppoe_interface *ifc;
	struct wire_frame queue[QUEUE]; /* that the agent has sent */
	unsigned int head, tail;
	unsigned int echoes;
	bool measuring;
};

static struct world w;

static void die(const char *what)
{
	printf("instructions: %s\n", what);
	exit(1);
}

/* ---- no time, no chance */

static struct timespec now = { .tv_sec = 1000000 };

int clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	*t = now;
	return 0;
}

ssize_t getrandom(void *bytes, size_t n, unsigned int flags)
{
	static uint32_t seed = 1;

	(void)flags;
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		((uint8_t *)bytes)[i] = (uint8_t)(seed >> 24);
	}
	return (ssize_t)n;
}

/* ---- what is measured */

__attribute__((noinline)) static void measured(void (*fn)(const void *arg), const void *arg)
{
	fn(arg);
	__asm__ volatile("" ::: "memory"); /* no jump, but a call that returns here */
}

static void run(void (*fn)(const void *arg), const void *arg)
{
	if (w.measuring)
		measured(fn, arg);
	else
		fn(arg);
}

static int keep(const uint8_t *frame, size_t len)
{
	struct wire_frame *f = &w.queue[w.tail++ % QUEUE];

	if (len > FRAME || w.tail - w.head > QUEUE)
		die("a frame is too long, or there are too many");
	memcpy(f->bytes, frame, len);
	f->len = len;
	return 0;
}

__attribute__((noinline)) static int wire_out(const uint8_t *frame, size_t len)
{
	int r = keep(frame, len);

	__asm__ volatile("" ::: "memory");
	return r;
}

static int wire_send(struct pppoe_interface *ifc, enum pppoe_traffic traffic, const uint8_t *frame,
		     size_t len)
{
	(void)ifc;
	(void)traffic;
	return w.measuring ? wire_out(frame, len) : keep(frame, len);
}

static int wire_open(struct pppoe_interface *ifc)
{
	(void)ifc;
	return 0;
}

static void wire_close(struct pppoe_interface *ifc)
{
	(void)ifc;
}

static const struct pppoe_io wire_io = {
	.open = wire_open,
	.close = wire_close,
	.send = wire_send,
	.now = mono_now,
};

static void agent_receives(const void *arg)
{
	static const struct pppoe_aux none;
	const struct wire_frame *f = arg;
	bool discovery = f->bytes[13] == (PPPOE_TYPE_DISCOVERY & 0xff);

	if (discovery)
		pppoe_discovery_receive(w.ifc, buf_of(f->bytes, f->len), &none);
	else
		pppoe_session_receive(w.ifc, buf_of(f->bytes, f->len), &none);
}

static void agent_turns(const void *arg)
{
	(void)arg;
	ev_run(w.loop, EVRUN_NOWAIT);
}

/* ---- the clients; number n has the MAC 02:00:00:00:nn:nn */

static const uint8_t ac_mac[ETH_ALEN] = { 0x02, 0xac };

static unsigned int number_of(const uint8_t mac[ETH_ALEN])
{
	return (unsigned int)(mac[4] << 8 | mac[5]);
}

struct sending {
	struct wire_frame frame;
	struct wbuf w;
	size_t length_at;
};

static void begin(struct sending *s, unsigned int n, uint16_t type, enum pppoe_code code,
		  uint16_t sid)
{
	struct pppoe_frame head = {
		.src = { 0x02, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n },
		.type = type,
		.code = (uint8_t)code,
		.sid = sid,
	};

	memcpy(head.dst, ac_mac, ETH_ALEN);
	if (code == PPPOE_CODE_PADI)
		memset(head.dst, 0xff, ETH_ALEN);
	s->w = wbuf_of(s->frame.bytes, sizeof(s->frame.bytes));
	s->length_at = pppoe_frame_begin(&s->w, &head);
}

static void deliver(struct sending *s)
{
	if (pppoe_frame_end(&s->w, s->length_at) < 0)
		die("a client's frame is too long");
	s->frame.len = s->w.len;
	run(agent_receives, &s->frame);
}

static void padi(unsigned int n)
{
	struct sending s;

	begin(&s, n, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 0);
	pppoe_tag_put(&s.w, PPPOE_TAG_SERVICE_NAME, "", 0);
	pppoe_tag_put(&s.w, PPPOE_TAG_HOST_UNIQ, &n, sizeof(n));
	deliver(&s);
}

static void padr(unsigned int n, const struct pppoe_tags *tags)
{
	struct sending s;

	begin(&s, n, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADR, 0);
	pppoe_tag_put(&s.w, PPPOE_TAG_SERVICE_NAME, "", 0);
	pppoe_tag_put(&s.w, PPPOE_TAG_HOST_UNIQ, &n, sizeof(n));
	pppoe_tag_echo(&s.w, PPPOE_TAG_AC_COOKIE, tags->cookie);
	deliver(&s);
}

/* A PPP packet: code, identifier and what follows the length. */
static void ppp(unsigned int n, uint16_t sid, uint16_t proto, uint8_t code, uint8_t ident,
		const void *data, size_t len)
{
	struct sending s;

	begin(&s, n, PPPOE_TYPE_SESSION, PPPOE_CODE_SESSION, sid);
	wbuf_u16(&s.w, proto);
	wbuf_u8(&s.w, code);
	wbuf_u8(&s.w, ident);
	wbuf_u16(&s.w, (uint16_t)(len + 4));
	wbuf_put(&s.w, data, len);
	deliver(&s);
}

static void chap_respond(unsigned int n, uint16_t sid, const uint8_t *packet)
{
	char name[16], secret[16];
	uint8_t data[64] = { CHAP_MD5_LEN };
	int len = snprintf(name, sizeof(name), "u%u", n);

	snprintf(secret, sizeof(secret), "p%u", n);
	chap_md5_response(packet[1], secret, strlen(secret), packet + 5, packet[4], data + 1);
	memcpy(data + 1 + CHAP_MD5_LEN, name, (size_t)len);
	ppp(n, sid, PPP_PROTO_CHAP, 2, packet[1], data, 1 + CHAP_MD5_LEN + (size_t)len);
}

static void on_lcp(unsigned int n, uint16_t sid, const uint8_t *packet, size_t len)
{
	if (packet[0] == 1) /* Configure-Request */
		ppp(n, sid, PPP_PROTO_LCP, 2, packet[1], packet + 4, len - 4);
	if (packet[0] == 5) /* Terminate-Request */
		ppp(n, sid, PPP_PROTO_LCP, 6, packet[1], NULL, 0);
	if (packet[0] != 9) /* Echo-Request */
		return;
	w.echoes++;
	ppp(n, sid, PPP_PROTO_LCP, 10, packet[1], &n, sizeof(n));
}

static void on_ppp(unsigned int n, uint16_t sid, struct buf payload)
{
	static const uint8_t ask[] = { 3, 6, 0, 0, 0, 0, 129, 6, 0, 0, 0, 0, 131, 6, 0, 0, 0, 0 };
	uint16_t proto = (uint16_t)(payload.p[0] << 8 | payload.p[1]);
	const uint8_t *packet = payload.p + 2;
	size_t len = payload.len - 2;

	if (proto == PPP_PROTO_LCP)
		on_lcp(n, sid, packet, len);
	else if (proto == PPP_PROTO_CHAP && packet[0] == 1)
		chap_respond(n, sid, packet);
	else if (proto == PPP_PROTO_CHAP && packet[0] == 3)
		ppp(n, sid, PPP_PROTO_IPCP, 1, 1, ask, sizeof(ask));
	else if (proto == PPP_PROTO_IPCP && packet[0] == 1)
		ppp(n, sid, PPP_PROTO_IPCP, 2, packet[1], packet + 4, len - 4);
	else if (proto == PPP_PROTO_IPCP && packet[0] == 3)
		ppp(n, sid, PPP_PROTO_IPCP, 1, 2, packet + 4, len - 4);
}

static void client_receives(const struct wire_frame *f)
{
	static const struct pppoe_aux none;
	/* MRU 1492, a magic number */
	uint8_t lcp[] = { 1, 4, 5, 0xd4, 5, 6, 1, f->bytes[3], f->bytes[4], f->bytes[5] };
	struct pppoe_frame frame;
	struct pppoe_tags tags;
	unsigned int n;

	if (pppoe_frame_parse(buf_of(f->bytes, f->len), &none, &frame) < 0)
		die("a frame of the agent's is malformed");
	n = number_of(frame.dst);
	if (frame.type == PPPOE_TYPE_SESSION)
		on_ppp(n, frame.sid, frame.payload);
	else if (frame.code == PPPOE_CODE_PADO && pppoe_tags_parse(frame.payload, &tags) == 0)
		padr(n, &tags);
	else if (frame.code == PPPOE_CODE_PADS)
		ppp(n, frame.sid, PPP_PROTO_LCP, 1, 1, lcp, sizeof(lcp));
}

static void clients_turn(void)
{
	while (w.head != w.tail)
		client_receives(&w.queue[w.head++ % QUEUE]);
}

/* ---- phases */

static struct session_totals totals(void)
{
	struct session_totals t;

	sessions_totals(w.sessions, &t);
	return t;
}

static void set_up(unsigned int n)
{
	for (unsigned int i = 0; i < n; i += BATCH) {
		for (unsigned int j = i; j < i + BATCH && j < n; j++)
			padi(j);
		clients_turn();
		run(agent_turns, NULL);
	}
	if (totals().established != n || w.echoes)
		die("not all sessions are up");
}

/* One Echo-Request of the agent to each. */
static void keepalive(unsigned int n)
{
	w.echoes = 0;
	now.tv_sec += KEEPALIVE_S + 1;
	run(agent_turns, NULL);
	clients_turn();
	if (w.echoes != n)
		die("not each session has its echo");
	w.echoes = 0;
}

static void clear_begin(const void *walk)
{
	session_walk_start(w.sessions, (struct session_walk *)walk);
}

static void disconnect(void)
{
	struct session_walk walk = { .visit = session_terminate, .cause = CAUSE_CLEARED };

	run(clear_begin, &walk);
	while (totals().sessions > 0) {
		clients_turn();
		run(agent_turns, NULL);
	}
	run(agent_turns, NULL); /* memory is given back */
	clients_turn();
}

/* ---- the world */

static struct conf *read_conf(const char *users)
{
	static const char format[] =
		"set max-session 10000\n"
		"tunnel T protocol pppoe { listen on interface bench0\n authentication-method chap\n"
		" pppoe-padi-rate 0\n lcp-keepalive yes\n lcp-keepalive-interval %d\n }\n"
		"ipcp P { pool-address 10.64.0.0/16\n dns-servers 192.0.2.53 192.0.2.54\n }\n"
		"interface pppac0 address 10.64.0.1 ipcp P\n"
		"authentication A type local { users-file \"%s\" }\n"
		"bind tunnel from T authenticated by A to pppac0\n";
	struct conf *conf = NULL;
	char text[2048];
	int n = snprintf(text, sizeof(text), format, KEEPALIVE_S, users);

	if (conf_parse(text, (size_t)n, "bench", stderr, &conf) < 0)
		die("the configuration is wrong");
	return conf;
}

static void begin_pppoe(const struct dp_dims *dims)
{
	struct pppoe_dims pppoe_dims = { dims->spaces, dims->space_size };
	struct link link = { .ifindex = 7, .name = "bench0", .mtu = 1508, .up = true };

	memcpy(link.mac, ac_mac, ETH_ALEN);
	if (links_new(w.loop, w.log, &w.links) < 0 ||
	    pppoe_new(w.loop, &session_carrier_user, w.sessions, w.log, pppoe_dims, &w.pppoe) < 0)
		die("cannot set up PPPoE");
	w.pppoe->io = &wire_io;
	pppoe_configure(w.pppoe, w.conf, w.links);
	w.ifc = pppoe_interface_find(w.pppoe, "bench0");
	pppoe_interface_link(w.ifc, &link);
}

static void begin_world(const char *users)
{
	struct dp_dims dims;

	w.loop = ev_loop_new(0);
	w.log = log_new(1, LOG_INFO);
	w.conf = read_conf(users);
	dp_dims(w.conf, &dims);
	if (dp_double_new(&dims, &w.dp) < 0 || pools_new(w.conf, &w.pools) < 0 ||
	    aaa_new(w.conf, NULL, w.log, &w.aaa) < 0 ||
	    sessions_new(w.loop, w.dp, w.log, &w.sessions) < 0)
		die("cannot set up the sessions");
	sessions_configure(w.sessions, w.conf, w.aaa, w.pools);
	begin_pppoe(&dims);
}

static enum phase phase_of(const char *name)
{
	for (int i = 0; i < PHASES; i++)
		if (strcmp(phase_names[i], name) == 0)
			return (enum phase)i;
	die("no such phase");
	return PHASES;
}

int main(int argc, char **argv)
{
	enum phase phase = argc == 4 ? phase_of(argv[1]) : PHASES;
	unsigned int n = argc == 4 ? (unsigned int)strtoul(argv[3], NULL, 10) : 0;

	if (n == 0 || n > QUEUE / 4)
		die("usage: instructions set-up|keepalive|disconnect USERS-FILE SESSIONS");
	begin_world(argv[2]);
	set_up(WARM);
	keepalive(WARM);
	disconnect();
	now.tv_sec += 60; /* ids have rested */
	w.measuring = phase == SET_UP;
	set_up(n);
	w.measuring = phase == KEEPALIVE;
	keepalive(n);
	w.measuring = phase == DISCONNECT;
	disconnect();
	return 0;
}
