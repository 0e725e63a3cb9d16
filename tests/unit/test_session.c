/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Whole sessions over the data plane's double: a carrier made here, a small PPP client
 * that answers what the session sends, local users, real pools.
 */
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
#include "slowpath.h"
#include "stderr_text.h"
#include "tunnel/pppoe/pppoe.h"

#define QUEUE 64
#define FRAME 512

struct frame {
	size_t len;
	uint8_t bytes[FRAME];
};

/* The far end of one carrier. */
struct client {
	struct fixture *f;
	struct pppoe_session *pppoe;
	const char *user, *password;
	struct frame queue[QUEUE]; /* to the session */
	unsigned int head, tail;
	uint32_t wants;   /* address asked for, host order */
	uint32_t address; /* given */
	bool refused;     /* PAP Nak */
	bool terminated;  /* Terminate-Request seen */
	bool mute;        /* answers nothing */
	int lcp_frames;   /* got */
	unsigned int closed;
	unsigned int ip_frames;
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
	      "\t:framed-ip-netmask=255.255.255.0:\n",
	      out);
	fclose(out);
}

static int setup_with(void **state, const char *options)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct dp_dims dims;

	write_users(f);
	f->loop = ev_loop_new(0);
	f->log = log_new(1, LOG_EMERG);
	f->conf = parse(f, options, bind_u);
	dp_dims(f->conf, &dims);
	assert_int_equal(dp_double_new(&dims, &f->dp), 0);
	assert_int_equal(f->dp->ops->configure(f->dp, f->conf, NULL), 0);
	assert_int_equal(pools_new(f->conf, &f->pools), 0);
	assert_int_equal(aaa_new(f->conf, NULL, &f->aaa), 0);
	assert_int_equal(sessions_new(f->loop, f->dp, f->log, &f->sessions), 0);
	sessions_configure(f->sessions, f->conf, f->aaa, f->pools);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, "");
}

static int setup_slow(void **state)
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
	struct frame *frame = &c->queue[c->tail++ % QUEUE];

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

	*info = (struct carrier_info){
		.device = "access0", .id = p->sid, .service = "", .circuit_id = "", .remote_id = ""
	};
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
				struct frame frame = c->queue[c->head++ % QUEUE];

				busy = true;
				if (c->pppoe)
					session_carrier_user.input(f->sessions, &c->pppoe->carrier,
								   buf_of(frame.bytes, frame.len));
			}
		}
	}
	ev_run(f->loop, EVRUN_NOWAIT);
}

static struct client *dial_tunnel(struct fixture *f, const char *tunnel, const char *user,
				  const char *password)
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
	c->pppoe = (struct pppoe_session *)session_carrier_user.accept(f->sessions, &fake_ops, t);
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

static struct client *dial(struct fixture *f, const char *user, const char *password)
{
	return dial_tunnel(f, "T", user, password);
}

static struct session_totals totals(struct fixture *f)
{
	struct session_totals t;

	sessions_totals(f->sessions, &t);
	return t;
}

static unsigned int count(struct fixture *f, struct session_filter filter)
{
	struct session_cursor cursor = { .filter = filter };
	unsigned int n = 0;

	while (session_next(f->sessions, &cursor))
		n++;
	return n;
}

static struct session *first(struct fixture *f, const char *user)
{
	struct session_cursor cursor = { .filter.username = user };

	return session_next(f->sessions, &cursor);
}

/* ---- tests ---- */

static void dials_in_and_is_found(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct session_record rec;
	struct dp_counters dp;

	assert_int_equal(c->address, 0x0a000002);
	assert_int_equal(totals(f).established, 1);
	assert_int_equal(f->dp->ops->session_counters(f->dp, c->sid, &dp), 0);
	session_describe(first(f, "u1"), &rec);
	assert_string_equal(rec.phase, "opened");
	assert_string_equal(rec.realm, "A");
	assert_string_equal(rec.auth, "pap");
	assert_string_equal(rec.concentrator, "pppac0");
	assert_int_equal(rec.mtu, 1492);
	assert_int_equal(rec.carrier_id, 1);
	assert_int_equal(
		count(f, (struct session_filter){ .by_ppp_id = true, .ppp_id = rec.ppp_id }), 1);
	assert_int_equal(count(f, (struct session_filter){ .by_ppp_id = true, .ppp_id = 99 }), 0);
	assert_int_equal(
		count(f, (struct session_filter){ .by_address = true, .address = rec.address }), 1);
	assert_int_equal(count(f, (struct session_filter){ .peer = "02:00:00:00:00:01" }), 1);
	assert_int_equal(count(f, (struct session_filter){ .peer = "02:00:00:00:00:02" }), 0);
	assert_int_equal(
		count(f, (struct session_filter){ .interface = "pppac0", .protocol = "pppoe" }), 1);
	assert_int_equal(count(f, (struct session_filter){ .protocol = "l2tp" }), 0);
	assert_int_equal(count(f, (struct session_filter){ .username = "u1", .realm = "B" }), 0);
}

static void hangs_up_on_terminate_and_on_lost_carrier(void **state)
{
	struct fixture *f = *state;
	struct client *a = dial(f, "u1", "p1"), *b = dial(f, "u2", "p2");
	const uint8_t term[4] = { 5, 1, 0, 4 };
	struct dp_counters dp;

	reply(a, PPP_PROTO_LCP, term, sizeof(term));
	settle(f);
	for (int i = 0; i < 50 && a->closed == 0; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(a->closed, 1);
	session_carrier_user.lost(f->sessions, &b->pppoe->carrier, CAUSE_LOST_INTERFACE);
	settle(f);
	assert_int_equal(b->closed, 1);
	assert_int_equal(totals(f).sessions, 0);
	assert_int_equal(totals(f).established, 0);
	assert_int_equal(totals(f).ended_by[CAUSE_PEER], 1);
	assert_int_equal(totals(f).ended_by[CAUSE_LOST_INTERFACE], 1);
	assert_true(f->dp->ops->session_counters(f->dp, a->sid, &dp) < 0);
	assert_true(f->dp->ops->session_counters(f->dp, b->sid, &dp) < 0);
}

static void refuses_a_wrong_password(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "nope");

	assert_true(c->refused);
	assert_int_equal(totals(f).established, 0);
	assert_int_equal(totals(f).auth_rejected, 1);
	assert_int_equal(totals(f).ended_by[CAUSE_AUTH], 1);
	assert_int_equal(count(f, (struct session_filter){ .username = "u1" }), 0);
}

static void keeps_the_limits(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	dial(f, "u1", "p1");
	dial(f, "u1", "p1");
	c = dial(f, "u1", "p1"); /* user-max-session 2 */
	assert_true(c->refused);
	assert_int_equal(totals(f).ended_by[CAUSE_LIMIT], 1);
	dial(f, "u2", "p2");
	dial(f, "u3", "p3");
	assert_int_equal(totals(f).established, 4);
	c = dial(f, "u4", "p4"); /* the pool has four addresses */
	assert_int_equal(c->address, 0);
	assert_int_equal(totals(f).established, 4);
	f->mute = true; /* two that only start */
	assert_non_null(dial(f, "u5", "p5"));
	assert_non_null(dial(f, "u5", "p5"));
	assert_int_equal(totals(f).sessions, 6);
	assert_null(dial(f, "u5", "p5")); /* max-session 6 */
}

static void a_user_is_one_however_he_writes_his_name(void **state)
{
	struct fixture *f = *state;

	dial(f, "u1", "p1");
	dial(f, "HERE\\u1", "p1");
	assert_int_equal(totals(f).established, 2);
	assert_true(dial(f, "THERE\\u1", "p1")->refused);
	assert_int_equal(totals(f).established, 2);
	assert_int_equal(count(f, (struct session_filter){ .username = "HERE\\u1" }), 1);
	assert_int_equal(count(f, (struct session_filter){ .username = "u1" }), 1);
}

static void a_peer_that_dials_again_replaces_its_old_session(void **state)
{
	struct fixture *f = *state;
	struct client *other, *first_u1, *first_fixed, *second_fixed;

	f->mac = 0x77;
	first_fixed = dial(f, "fixed", "pf");
	second_fixed = dial(f, "fixed", "pf");
	assert_int_equal(first_fixed->closed, 1);
	assert_int_equal(second_fixed->address, 0x0a090001);
	assert_int_equal(totals(f).ended_by[CAUSE_REPLACED], 1);
	first_u1 = dial(f, "u1", "p1");
	dial(f, "u1", "p1");
	assert_int_equal(first_u1->closed, 0); /* two he may have */
	assert_false(dial(f, "u1", "p1")->refused);
	assert_int_equal(first_u1->closed, 1);
	assert_int_equal(totals(f).established, 3);
	f->mac = 0x78; /* the neighbour has none to give up */
	other = dial(f, "fixed", "pf");
	assert_int_equal(other->address, 0);
	assert_int_equal(second_fixed->closed, 0);
	assert_true(dial(f, "u1", "p1")->refused);
	assert_int_equal(totals(f).ended_by[CAUSE_REPLACED], 2);
}

static void gives_addresses_back(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 12; i++) {
		struct client *c;

		f->n = 0;
		c = dial(f, "u1", "p1");
		assert_int_not_equal(c->address, 0);
		session_carrier_user.lost(f->sessions, &c->pppoe->carrier, CAUSE_PEER);
		settle(f);
	}
	assert_int_equal(totals(f).ended, 12);
}

static void finds_routed_networks(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "fixed", "pf");

	assert_int_equal(c->address, 0x0a090001);
	assert_int_equal(count(f, (struct session_filter){ .by_address = true,
							   .address.s_addr = htonl(0x0a090001) }),
			 1);
	/* the filter names a session by its own address only */
	assert_int_equal(count(f, (struct session_filter){ .by_address = true,
							   .address.s_addr = htonl(0x0a090002) }),
			 0);
}

static void a_reload_ends_only_what_it_no_longer_allows(void **state)
{
	struct fixture *f = *state;
	struct client *kept = dial_tunnel(f, "T", "u1", "p1"),
		      *gone = dial_tunnel(f, "U", "u2", "p2");
	const uint8_t again[8] = { 1, 8, 0, 8, 1, 4, 5, 0xd4 };
	struct conf *conf = parse(f, "idle-timeout 7", "");
	struct aaa *aaa;

	assert_int_equal(totals(f).established, 2);
	assert_int_equal(aaa_new(conf, NULL, &aaa), 0);
	assert_int_equal(pools_reload(f->pools, conf), 0);
	sessions_configure(f->sessions, conf, aaa, f->pools);
	aaa_free(f->aaa);
	f->aaa = aaa;
	conf_unref(f->conf);
	f->conf = conf;
	settle(f);
	for (int i = 0; i < 50 && totals(f).sessions > 1; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_true(gone->terminated);
	assert_int_equal(gone->closed, 1);
	assert_int_equal(kept->closed, 0);
	assert_int_equal(totals(f).established, 1);
	/* who negotiates again keeps his address */
	kept->address = 0;
	reply(kept, PPP_PROTO_LCP, again, sizeof(again));
	settle(f);
	assert_int_equal(kept->address, 0x0a000002);
	assert_int_equal(totals(f).established, 1);
	/* and logs in by the new configuration */
	dial(f, "u3", "p3");
	assert_int_equal(totals(f).established, 2);
}

struct seen {
	unsigned int events[3];
	enum cause cause;
	char last_user[32];
};

static void on_event(void *arg, enum session_event event, const struct session_record *rec,
		     enum cause cause)
{
	struct seen *seen = arg;

	seen->events[event]++;
	seen->cause = cause;
	snprintf(seen->last_user, sizeof(seen->last_user), "%s", rec->username);
}

static void tells_subscribers(void **state)
{
	struct fixture *f = *state;
	struct session_sub *sub;
	struct seen seen = { 0 };
	struct client *c;

	assert_int_equal(sessions_subscribe(f->sessions, on_event, &seen, &sub), 0);
	c = dial(f, "u1", "p1");
	session_terminate(first(f, "u1"), CAUSE_CLEARED);
	settle(f);
	for (int i = 0; i < 50 && c->closed == 0; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(seen.events[SESSION_STARTED], 1);
	assert_int_equal(seen.events[SESSION_ESTABLISHED], 1);
	assert_int_equal(seen.events[SESSION_ENDED], 1);
	assert_int_equal(seen.cause, CAUSE_CLEARED);
	assert_string_equal(seen.last_user, "u1");
	sessions_unsubscribe(sub);
	dial(f, "u2", "p2");
	assert_int_equal(seen.events[SESSION_STARTED], 1);
}

static void drained(void *arg)
{
	(*(unsigned int *)arg)++;
}

static void shuts_down_in_bounded_time(void **state)
{
	struct fixture *f = *state;
	struct client *a = dial(f, "u1", "p1"), *b = dial(f, "u2", "p2");
	unsigned int done = 0;

	b->mute = true; /* never answers */
	sessions_shutdown(f->sessions, drained, &done);
	settle(f);
	assert_null(dial(f, "u3", "p3"));
	for (int i = 0; i < 40 && !done; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(done, 1);
	assert_int_equal(a->closed, 1);
	assert_int_equal(b->closed, 1);
	assert_int_equal(totals(f).ended_by[CAUSE_SHUTDOWN], 2);
}

static void a_cursor_survives_the_end_of_its_session(void **state)
{
	struct fixture *f = *state;
	struct session_cursor cursor = { 0 };
	const char *users[] = { "u1", "u2", "u3", "u4" };
	const char *passwords[] = { "p1", "p2", "p3", "p4" };
	struct session_record rec;
	unsigned int seen = 0;

	for (int i = 0; i < 4; i++)
		dial(f, users[i], passwords[i]);
	for (struct session *s; (s = session_next(f->sessions, &cursor)); seen++) {
		session_describe(s, &rec);
		assert_string_equal(rec.username, users[seen]);
		session_carrier_user.lost(f->sessions, &f->clients[seen].pppoe->carrier,
					  CAUSE_PEER);
		settle(f);
	}
	assert_int_equal(seen, 4);
	assert_int_equal(totals(f).sessions, 0);
}

static uint16_t sum_of(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void ip_header(uint8_t *p, size_t len, uint32_t src, uint32_t dst, uint8_t proto)
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

static void moves_packets_on_the_slow_path(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct in_addr dst = { htonl(c->address) };
	struct dp_counters dp;
	uint8_t ip[60];

	ip_header(ip, sizeof(ip), c->address, 0xc0000201, 17);
	reply(c, PPP_PROTO_IP, ip, sizeof(ip));
	ip_header(ip, sizeof(ip), c->address + 1, 0xc0000201, 17); /* not its source */
	reply(c, PPP_PROTO_IP, ip, sizeof(ip));
	settle(f);
	assert_int_equal(f->dp->ops->session_counters(f->dp, c->sid, &dp), 0);
	assert_int_equal(dp.up_packets, 1);
	assert_int_equal(dp.up_bytes, 60);
	ip_header(ip, sizeof(ip), 0xc0000201, c->address, 17);
	sessions_ip_input(f->sessions, dst, buf_of(ip, sizeof(ip)));
	ip[10] ^= 1; /* checksum */
	sessions_ip_input(f->sessions, dst, buf_of(ip, sizeof(ip)));
	dst.s_addr = htonl(0x0a0000fe);
	sessions_ip_input(f->sessions, dst, buf_of(ip, sizeof(ip)));
	assert_int_equal(c->ip_frames, 1);
	assert_int_equal(f->dp->ops->session_counters(f->dp, c->sid, &dp), 0);
	assert_int_equal(dp.down_packets, 1);
}

/* The same as on the fast path (tests/bpf). */
static void knows_activity(void **state)
{
	static const uint8_t idle_ports[] = { 53, 67, 68, 123, 137 };
	uint8_t p[28];

	(void)state;
	for (size_t i = 0; i < sizeof(idle_ports); i++) {
		ip_header(p, sizeof(p), 0x0a000002, 0xc0000201, i & 1 ? 6 : 17);
		p[20] = 0x10;
		assert_true(slowpath_is_activity(p, sizeof(p)));
		p[23] = idle_ports[i];
		assert_false(slowpath_is_activity(p, sizeof(p)));
		p[7] = 1; /* a later fragment has no ports */
		assert_true(slowpath_is_activity(p, sizeof(p)));
	}
	ip_header(p, sizeof(p), 0x0a000002, 0xc0000201, 1);
	p[20] = 8;
	assert_true(slowpath_is_activity(p, sizeof(p)));
	p[20] = 3;
	assert_false(slowpath_is_activity(p, sizeof(p)));
	assert_true(slowpath_is_activity(p, 23));
}

static void takes_the_largest_packet(void **state)
{
	uint8_t p[9000], copy[SLOWPATH_PACKET_MAX];

	(void)state;
	ip_header(p, sizeof(p), 0x0a000002, 0xc0000201, 17);
	assert_int_equal(slowpath_copy(buf_of(p, sizeof(p)), copy), sizeof(p));
	assert_memory_equal(p, copy, sizeof(p));
}

/* MSS at every offset, after every number of NOPs, with a right checksum before and after. */
static void clamps_the_mss(void **state)
{
	(void)state;
	for (size_t nops = 0; nops <= 8; nops++) {
		uint8_t p[20 + 20 + 12] = { 0 }, *tcp = p + 20;
		uint32_t pseudo = sizeof(p) - 20 + 6;
		uint16_t sum;

		ip_header(p, sizeof(p), 0x0a000002, 0xc0000201, 6);
		tcp[12] = 8 << 4;
		tcp[13] = 2;
		memset(tcp + 20, 1, nops);
		memcpy(tcp + 20 + nops, "\x02\x04\x05\xb4", 4);
		pseudo += sum_of(p + 12, 8, 0);
		sum = (uint16_t)~sum_of(tcp, 32, pseudo);
		tcp[16] = (uint8_t)(sum >> 8);
		tcp[17] = (uint8_t)sum;
		slowpath_clamp_mss(p, sizeof(p), 1452);
		assert_int_equal(tcp[22 + nops] << 8 | tcp[23 + nops], 1452);
		assert_int_equal(sum_of(tcp, 32, pseudo), 0xffff);
		slowpath_clamp_mss(p, sizeof(p), 1460);
		assert_int_equal(tcp[22 + nops] << 8 | tcp[23 + nops], 1452);
		for (size_t len = 0; len < sizeof(p); len++)
			slowpath_clamp_mss(p, len, 1000);
		assert_int_equal(tcp[22 + nops] << 8 | tcp[23 + nops], 1452);
	}
}

static int setup_dump(void **state)
{
	return setup_with(state, "pppoe-session-in-pktdump yes\n  debug-dump-pktout ipcp ip\n"
				 "  pipex no");
}

static void dumps_packets_but_no_password(void **state)
{
	struct fixture *f = *state;
	struct stderr_text log;
	struct client *c;
	uint8_t ip[20];

	log_set_level(f->log, LOG_DEBUG);
	stderr_begin(&log);
	c = dial(f, "u1", "p1");
	ip_header(ip, sizeof(ip), 0xc0000201, c->address, 17);
	sessions_ip_input(f->sessions, (struct in_addr){ htonl(c->address) },
			  buf_of(ip, sizeof(ip)));
	stderr_end(&log);
	log_set_level(f->log, LOG_EMERG);
	assert_non_null(strstr(log.text, "ppp-id 1: in 0xc021, 8 bytes 01"));
	assert_non_null(strstr(log.text, "ppp-id 1: in 0xc023, 10 bytes ...\n"));
	assert_non_null(strstr(log.text, "ppp-id 1: out 0x8021, "));
	assert_non_null(strstr(log.text, "ppp-id 1: out 0x0021, 20 bytes 4500"));
	assert_null(strstr(log.text, "out 0xc021"));
	assert_null(strstr(log.text, "p1"));
	assert_null(strstr(log.text, "7031")); /* the same in hex */
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Nothing is sent to a client that may not be listening yet, until it speaks or has been silent for
 * long enough. */
static void lets_the_client_speak_first(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	f->mute = true;
	c = dial(f, "u1", "p1");
	assert_int_equal(c->lcp_frames, 0);
	send_lcp(c);
	settle(f);
	assert_int_equal(c->lcp_frames, 2); /* request, acknowledgement */
	c = dial(f, "u2", "p2");
	assert_int_equal(c->lcp_frames, 0);
	for (int i = 0; i < 200 && c->lcp_frames == 0; i++) {
		usleep(10000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(c->lcp_frames, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(dials_in_and_is_found),
		WITH(hangs_up_on_terminate_and_on_lost_carrier),
		WITH(refuses_a_wrong_password),
		WITH(keeps_the_limits),
		WITH(a_user_is_one_however_he_writes_his_name),
		WITH(a_peer_that_dials_again_replaces_its_old_session),
		WITH(gives_addresses_back),
		WITH(finds_routed_networks),
		WITH(a_reload_ends_only_what_it_no_longer_allows),
		WITH(tells_subscribers),
		WITH(lets_the_client_speak_first),
		WITH(shuts_down_in_bounded_time),
		WITH(a_cursor_survives_the_end_of_its_session),
		cmocka_unit_test_setup_teardown(moves_packets_on_the_slow_path, setup_slow,
						teardown),
		cmocka_unit_test_setup_teardown(dumps_packets_but_no_password, setup_dump,
						teardown),
		cmocka_unit_test(knows_activity),
		cmocka_unit_test(takes_the_largest_packet),
		cmocka_unit_test(clamps_the_mss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
