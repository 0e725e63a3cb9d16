/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The session layer with everything below it, over the double of the data plane, and clients at
 * the other end of a carrier that exists in memory only.
 */
#ifndef SESSION_RIG_H
#define SESSION_RIG_H

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/aaa.h"
#include "conf/conf.h"
#include "dataplane/dataplane.h"
#include "log.h"
#include "pool.h"
#include "session.h"
#include "tunnel/pppoe/pppoe.h"

#define QUEUE 64
#define FRAME 512

struct queued {
	size_t len;
	uint8_t bytes[FRAME];
};

/* The far end of one carrier. */
struct client {
	struct fixture *f;
	struct pppoe_session *pppoe;
	const char *user, *password;
	struct queued queue[QUEUE]; /* to the session */
	unsigned int head, tail;
	uint32_t wants;   /* address asked for, host order */
	uint32_t address; /* given */
	bool refused;     /* PAP Nak */
	bool terminated;  /* Terminate-Request seen */
	bool mute;        /* answers nothing */
	int lcp_frames;   /* got */
	unsigned int closed;
	unsigned int ip_frames;
	void *more; /* of a test */
	uint16_t sid;
};

struct fixture {
	struct ev_loop *loop;
	struct log *log;
	struct conf *conf;
	struct dataplane *dp;
	struct pools *pools;
	struct aaa *aaa;
	struct sessions *sessions;
	struct client clients[16];
	unsigned int n;
	bool mute;   /* for clients to come */
	uint8_t mac; /* of them; 0: each its own */
	/* what the rig's clients do not speak; NULL: nobody listens */
	void (*other)(struct client *c, uint16_t proto, const uint8_t *info, size_t len);
	char users[64];
};

static const char conf_format[] =
	"set max-session 6\n"
	"set user-max-session 2\n"
	"tunnel T protocol pppoe {\n"
	"  listen on interface access0\n"
	"  authentication-method pap\n"
	"  idle-timeout 100\n"
	"  ingress-filter yes\n"
	"  %s\n"
	"}\n"
	"tunnel U protocol pppoe { listen on interface access1\n authentication-method pap\n }\n"
	"ipcp P { pool-address 10.0.0.2-10.0.0.5\n dns-servers 192.0.2.53\n }\n"
	"interface pppac0 address 10.0.0.1 ipcp P\n"
	"authentication A type local { users-file \"%s\" }\n"
	"bind tunnel from T authenticated by A to pppac0\n"
	"%s\n";

static const char bind_u[] = "bind tunnel from U authenticated by A to pppac0";

static struct conf *parse(struct fixture *f, const char *options, const char *more)
{
	struct conf *conf = NULL;
	char text[2048];
	int n = snprintf(text, sizeof(text), conf_format, options, f->users, more);

	assert_int_equal(conf_parse(text, (size_t)n, "test.conf", stderr, &conf), 0);
	return conf;
}

static void write_users(struct fixture *f)
{
	FILE *out;
	int fd;

	strcpy(f->users, "/tmp/xpppd-users-XXXXXX");
	fd = mkstemp(f->users);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0600), 0);
	out = fdopen(fd, "w");
	for (int i = 1; i < 7; i++)
		fprintf(out, "u%d:\\\n\t:password=p%d:\n", i, i);
	fputs("fixed:\\\n\t:password=pf:\\\n\t:framed-ip-address=10.9.0.1:\\\n"
	      "\t:framed-ip-netmask=255.255.255.0:\n"
	      "wide:\\\n\t:password=pw:\\\n\t:framed-ip-netmask=255.255.255.0:\n",
	      out);
	fclose(out);
}

static int setup_more(void **state, const char *options, const char *more)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct dp_dims dims;

	write_users(f);
	f->loop = ev_loop_new(0);
	f->log = log_new(1, LOG_EMERG);
	f->conf = parse(f, options, more);
	dp_dims(f->conf, &dims);
	assert_int_equal(dp_double_new(&dims, &f->dp), 0);
	assert_int_equal(f->dp->ops->configure(f->dp, f->conf, NULL), 0);
	assert_int_equal(pools_new(f->conf, &f->pools), 0);
	assert_int_equal(aaa_new(f->conf, NULL, NULL, &f->aaa), 0);
	assert_int_equal(sessions_new(f->loop, f->dp, f->log, &f->sessions), 0);
	sessions_configure(f->sessions, f->conf, f->aaa, f->pools);
	*state = f;
	return 0;
}

static inline void reload(struct fixture *f, const char *options)
{
	struct conf *conf = parse(f, options, "");
	struct aaa *aaa;

	assert_int_equal(aaa_new(conf, NULL, NULL, &aaa), 0);
	assert_int_equal(pools_reload(f->pools, conf), 0);
	sessions_configure(f->sessions, conf, aaa, f->pools);
	aaa_free(f->aaa);
	f->aaa = aaa;
	conf_unref(f->conf);
	f->conf = conf;
}

static int setup_with(void **state, const char *options)
{
	return setup_more(state, options, bind_u);
}

static inline int setup(void **state)
{
	return setup_with(state, "");
}

static inline int setup_slow(void **state)
{
	return setup_with(state, "pipex no");
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sessions_free(f->sessions);
	aaa_free(f->aaa);
	pools_free(f->pools);
	f->dp->ops->free(f->dp);
	conf_unref(f->conf);
	ev_loop_destroy(f->loop);
	log_free(f->log);
	unlink(f->users);
	free(f);
	return 0;
}

/* ---- the client ---- */

static void reply(struct client *c, uint16_t proto, const uint8_t *info, size_t len)
{
	struct queued *frame = &c->queue[c->tail++ % QUEUE];

	assert_true(c->tail - c->head <= QUEUE && len + 2 <= FRAME);
	frame->bytes[0] = (uint8_t)(proto >> 8);
	frame->bytes[1] = (uint8_t)proto;
	memcpy(frame->bytes + 2, info, len);
	frame->len = len + 2;
}

static void reply_code(struct client *c, uint16_t proto, uint8_t code, const uint8_t *info,
		       size_t len)
{
	uint8_t copy[FRAME];

	memcpy(copy, info, len);
	copy[0] = code;
	reply(c, proto, copy, len);
}

static void send_pap(struct client *c)
{
	uint8_t p[128] = { 1, 9 };
	size_t u = strlen(c->user), w = strlen(c->password);

	p[3] = (uint8_t)(6 + u + w);
	p[4] = (uint8_t)u;
	memcpy(p + 5, c->user, u);
	p[5 + u] = (uint8_t)w;
	memcpy(p + 6 + u, c->password, w);
	reply(c, PPP_PROTO_PAP, p, 6 + u + w);
}

static void send_ipcp(struct client *c)
{
	uint32_t a = htonl(c->address ? c->address : c->wants);
	uint8_t p[10] = { 1, 3, 0, 10, 3, 6 };

	memcpy(p + 6, &a, 4);
	reply(c, PPP_PROTO_IPCP, p, sizeof(p));
}

static void send_lcp(struct client *c)
{
	const uint8_t own[8] = { 1, 7, 0, 8, 1, 4, 5, 0xd4 };

	reply(c, PPP_PROTO_LCP, own, sizeof(own));
}

static void on_lcp(struct client *c, const uint8_t *info, size_t len)
{
	if (info[0] == 1) {
		reply_code(c, PPP_PROTO_LCP, 2, info, len);
	} else if (info[0] == 2) {
		send_pap(c);
	} else if (info[0] == 5) {
		c->terminated = true;
		reply_code(c, PPP_PROTO_LCP, 6, info, 4);
	}
}

static void on_ipcp(struct client *c, const uint8_t *info, size_t len)
{
	if (info[0] == 1)
		reply_code(c, PPP_PROTO_IPCP, 2, info, len);
	if (info[0] == 2 && !c->address)
		c->address = c->wants;
	if (info[0] == 3 && info[4] == 3) {
		c->address = (uint32_t)info[6] << 24 | (uint32_t)info[7] << 16 |
			     (uint32_t)info[8] << 8 | info[9];
		send_ipcp(c);
	}
}

static struct client *client_of(struct carrier *carrier)
{
	struct client *c;

	/* the fixture's note to itself, in a field that a real driver would use */
	memcpy(&c, ((struct pppoe_session *)carrier)->service, sizeof(c));
	return c;
}

static void fake_send(struct carrier *carrier, uint16_t proto, const uint8_t *info, size_t len)
{
	struct client *c = client_of(carrier);

	c->lcp_frames += proto == PPP_PROTO_LCP;
	if (c->mute)
		return;
	if (proto == PPP_PROTO_LCP)
		on_lcp(c, info, len);
	if (proto == PPP_PROTO_IPCP)
		on_ipcp(c, info, len);
	if (proto == PPP_PROTO_PAP && info[0] == 2)
		send_ipcp(c);
	if (proto == PPP_PROTO_PAP && info[0] == 3)
		c->refused = true;
	if (proto == PPP_PROTO_IP)
		c->ip_frames++;
	if (c->f->other)
		c->f->other(c, proto, info, len);
}

static void fake_close(struct carrier *carrier, enum cause cause)
{
	(void)cause;
	client_of(carrier)->closed++;
	client_of(carrier)->pppoe = NULL;
}

static void fake_describe(const struct carrier *carrier, struct dp_session *dp)
{
	const struct pppoe_session *p = (const struct pppoe_session *)carrier;

	dp->slot = p->slot;
	dp->sid = p->sid;
	dp->ifindex = 1;
	dp->peer_mac[5] = (uint8_t)p->sid;
}

static void fake_info(const struct carrier *carrier, struct carrier_info *info)
{
	const struct pppoe_session *p = (const struct pppoe_session *)carrier;

	*info = (struct carrier_info){ .device = "access0",
				       .id = p->sid,
				       .service = "",
				       .circuit_id = "",
				       .remote_id = "",
				       .called = "",
				       .calling = "",
				       .peer_name = "" };
	snprintf(info->peer, sizeof(info->peer), "02:00:00:00:00:%02x", p->peer_mac[5]);
}

static uint16_t fake_mru(const struct carrier *carrier)
{
	(void)carrier;
	return 1492;
}

static const struct carrier_ops fake_ops = {
	.name = "pppoe",
	.size = sizeof(struct pppoe_session),
	.send = fake_send,
	.close = fake_close,
	.describe = fake_describe,
	.info = fake_info,
	.mru = fake_mru,
};

/* Delivers what the clients have to say until all are silent. */
static void settle(struct fixture *f)
{
	bool busy = true;

	while (busy) {
		busy = false;
		for (unsigned int i = 0; i < f->n; i++) {
			struct client *c = &f->clients[i];

			while (c->head != c->tail) {
				struct queued frame = c->queue[c->head++ % QUEUE];

				busy = true;
				if (c->pppoe)
					session_carrier_user.input(f->sessions, &c->pppoe->carrier,
								   buf_of(frame.bytes, frame.len));
			}
		}
	}
	ev_run(f->loop, EVRUN_NOWAIT);
}

static struct client *dial_by(struct fixture *f, const struct carrier_ops *ops, const char *tunnel,
			      const char *user, const char *password)
{
	struct client *c = &f->clients[f->n++];
	struct conf_tunnel *t;

	STAILQ_FOREACH(t, &f->conf->tunnels, entry)
		if (strcmp(t->name, tunnel) == 0)
			break;
	assert_non_null(t);
	*c = (struct client){
		.f = f, .user = user, .password = password, .sid = (uint16_t)f->n, .mute = f->mute
	};
	c->pppoe = (struct pppoe_session *)session_carrier_user.accept(f->sessions, ops, t);
	if (!c->pppoe)
		return NULL;
	c->pppoe->sid = c->sid;
	c->pppoe->slot = c->sid;
	c->pppoe->peer_mac[5] = f->mac ? f->mac : (uint8_t)c->sid;
	memcpy(c->pppoe->service, &c, sizeof(c));
	session_carrier_user.started(f->sessions, &c->pppoe->carrier);
	if (!c->mute)
		send_lcp(c);
	settle(f);
	return c;
}

static struct client *dial_tunnel(struct fixture *f, const char *tunnel, const char *user,
				  const char *password)
{
	return dial_by(f, &fake_ops, tunnel, user, password);
}

static inline struct client *dial(struct fixture *f, const char *user, const char *password)
{
	return dial_tunnel(f, "T", user, password);
}

/* ---- IP packets ---- */

/* The Internet checksum, not yet inverted. */
static inline uint16_t sum_of(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline void ip_header(uint8_t *p, size_t len, uint32_t src, uint32_t dst, uint8_t proto)
{
	uint32_t s = htonl(src), d = htonl(dst);
	uint16_t sum;

	memset(p, 0, len);
	p[0] = 0x45;
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	p[8] = 64;
	p[9] = proto;
	memcpy(p + 12, &s, 4);
	memcpy(p + 16, &d, 4);
	sum = (uint16_t)~sum_of(p, 20, 0);
	p[10] = (uint8_t)(sum >> 8);
	p[11] = (uint8_t)sum;
}

/* ---- what is there ---- */

static struct session_totals totals(struct fixture *f)
{
	struct session_totals t;

	sessions_totals(f->sessions, &t);
	return t;
}

/* Time goes by until no more than so many sessions are left: goodbyes take theirs. */
static inline void await_sessions(struct fixture *f, unsigned int left)
{
	for (int i = 0; i < 50 && totals(f).sessions > left; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
}

static inline unsigned int count(struct fixture *f, struct session_filter filter)
{
	struct session_cursor cursor = { .filter = filter };
	unsigned int n = 0;

	while (session_next(f->sessions, &cursor))
		n++;
	return n;
}

static inline struct session *first(struct fixture *f, const char *user)
{
	struct session_cursor cursor = { .filter.username = user };

	return session_next(f->sessions, &cursor);
}

#endif
