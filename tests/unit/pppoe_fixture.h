/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The real PPPoE driver between a session layer that only remembers and a device that only
 * remembers: frames go in by the functions that its sockets call, answers are
 * kept. Time stands still until a test moves it.
 */
#ifndef PPPOE_FIXTURE_H
#define PPPOE_FIXTURE_H

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "carriers.h"
#include "conf/conf.h"
#include "link.h"
#include "log.h"
#include "tunnel/pppoe/pppoe_private.h"

#define FIXTURE_IFINDEX 7
#define FIXTURE_SENT 8

struct sent {
	uint8_t bytes[2048];
	size_t len;
	enum pppoe_traffic traffic;
	struct pppoe_frame frame;
	struct pppoe_tags tags;
};

struct fixture {
	struct carriers carriers; /* first */
	struct ev_loop *loop;
	struct links *links;
	struct log *log;
	struct pppoe *pppoe;
	struct pppoe_interface *ifc;
	struct conf conf;
	struct conf_tunnel tunnel[2];
	struct conf_name interface_name[2], service_name[4];
	struct sent sent[FIXTURE_SENT]; /* the latest, sent[n_sent % FIXTURE_SENT] is next */
	unsigned int n_sent;
	int send_error, open_error;
	bool opened;
};

static struct mono fixture_time;

static const uint8_t own_mac[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 0xac };
static const uint8_t peer_mac[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 0x01 };
static const uint8_t other_mac[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 0x02 };
static const uint8_t broadcast_mac[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const struct pppoe_aux no_aux;

/* ---- the device ---- */

static inline struct fixture *fixture_of(struct pppoe_interface *ifc)
{
	return ifc->pppoe->user_arg;
}

static inline int fixture_open(struct pppoe_interface *ifc)
{
	struct fixture *f = fixture_of(ifc);

	f->opened = f->open_error == 0;
	return f->open_error;
}

static inline void fixture_close(struct pppoe_interface *ifc)
{
	fixture_of(ifc)->opened = false;
}

static inline int fixture_send(struct pppoe_interface *ifc, enum pppoe_traffic traffic,
			       const uint8_t *frame, size_t len)
{
	struct fixture *f = fixture_of(ifc);
	struct sent *s = &f->sent[f->n_sent % FIXTURE_SENT];

	if (f->send_error)
		return f->send_error;
	f->n_sent++;
	s->len = len < sizeof(s->bytes) ? len : sizeof(s->bytes);
	s->traffic = traffic;
	memcpy(s->bytes, frame, s->len);
	/* what the driver sends it must be able to read */
	if (pppoe_frame_parse(buf_of(s->bytes, s->len), &no_aux, &s->frame))
		abort();
	memset(&s->tags, 0, sizeof(s->tags));
	if (s->frame.type == PPPOE_TYPE_DISCOVERY && pppoe_tags_parse(s->frame.payload, &s->tags))
		abort();
	return 0;
}

static inline struct mono fixture_now(void)
{
	return fixture_time;
}

static const struct pppoe_io fixture_io = {
	.open = fixture_open,
	.close = fixture_close,
	.send = fixture_send,
	.now = fixture_now,
};

static inline void fixture_link(struct fixture *f, uint32_t ifindex, uint32_t mtu)
{
	struct link link = { .ifindex = ifindex, .name = "acc-test", .mtu = mtu, .up = true };

	memcpy(link.mac, own_mac, ETH_ALEN);
	pppoe_interface_link(f->ifc, &link);
}

/* ---- beginning and end ---- */

static inline void fixture_tunnel(struct fixture *f, unsigned int i)
{
	struct conf_tunnel *t = &f->tunnel[i];

	t->conf = &f->conf;
	t->name = (char *)(i ? "second" : "first");
	t->protocol = CONF_PPPOE;
	t->bound = true;
	t->pipex = true;
	STAILQ_INIT(&t->pppoe.interfaces);
	STAILQ_INIT(&t->pppoe.services);
	t->pppoe.accept_any_service = true;
	t->pppoe.vlans.kind = CONF_VLAN_ANY;
	f->interface_name[i].name = (char *)"acc-test";
	STAILQ_INSERT_TAIL(&t->pppoe.interfaces, &f->interface_name[i], entry);
	STAILQ_INSERT_TAIL(&f->conf.tunnels, t, entry);
}

static inline void fixture_service(struct fixture *f, unsigned int tunnel, unsigned int i,
				   const char *name)
{
	f->service_name[i].name = (char *)name;
	STAILQ_INSERT_TAIL(&f->tunnel[tunnel].pppoe.services, &f->service_name[i], entry);
}

/* One tunnel "ac-one" on "acc-test", which exists, MTU 1500. 0 or -errno. */
static inline int fixture_setup(struct fixture *f, uint32_t space_size)
{
	int r;

	memset(f, 0, sizeof(*f));
	fixture_time.ms = 1000000;
	carriers_init(&f->carriers);
	STAILQ_INIT(&f->conf.tunnels);
	fixture_tunnel(f, 0);
	f->tunnel[0].pppoe.ac_name = (char *)"ac-one";
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->log = log_new(1, LOG_EMERG);
	r = links_new(f->loop, NULL, &f->links);
	if (r == 0)
		r = pppoe_new(f->loop, &carriers_user, f, f->log,
			      (struct pppoe_dims){ .spaces = 1, .space_size = space_size },
			      &f->pppoe);
	if (r)
		return r;
	f->pppoe->io = &fixture_io;
	pppoe_cookies_free(f->pppoe->cookies); /* theirs began at the real time */
	r = pppoe_cookies_new(fixture_time, &f->pppoe->cookies);
	if (r == 0)
		r = pppoe_configure(f->pppoe, &f->conf, f->links);
	f->ifc = pppoe_interface_find(f->pppoe, "acc-test");
	fixture_link(f, FIXTURE_IFINDEX, 1500);
	return r;
}

static inline void fixture_teardown(struct fixture *f)
{
	carriers_forget(&f->carriers);
	pppoe_free(f->pppoe);
	links_free(f->links);
	log_free(f->log);
	ev_loop_destroy(f->loop);
}

/* ---- frames ---- */

static inline const struct sent *last_sent(const struct fixture *f)
{
	return &f->sent[(f->n_sent - 1) % FIXTURE_SENT];
}

/* What a client sends. Tags are put by the caller between begin and deliver. */
struct client_frame {
	struct pppoe_frame head;
	uint8_t bytes[2048];
	struct wbuf w;
	size_t length_at;
};

static inline void client_begin(struct client_frame *c, uint16_t type, enum pppoe_code code,
				uint16_t sid)
{
	memset(c, 0, sizeof(*c));
	c->head.type = type;
	c->head.code = (uint8_t)code;
	c->head.sid = sid;
	memcpy(c->head.src, peer_mac, ETH_ALEN);
	memcpy(c->head.dst, code == PPPOE_CODE_PADI ? broadcast_mac : own_mac, ETH_ALEN);
}

/* After changes to head. */
static inline void client_head(struct client_frame *c)
{
	c->w = wbuf_of(c->bytes, sizeof(c->bytes));
	c->length_at = pppoe_frame_begin(&c->w, &c->head);
}

static inline void client_deliver(struct fixture *f, struct client_frame *c)
{
	if (pppoe_frame_end(&c->w, c->length_at))
		abort();
	if (c->head.type == PPPOE_TYPE_DISCOVERY)
		pppoe_discovery_receive(f->ifc, buf_of(c->bytes, c->w.len), &no_aux);
	else
		pppoe_session_receive(f->ifc, buf_of(c->bytes, c->w.len), &no_aux);
}

static inline uint64_t drops(const struct fixture *f, enum xp_reason reason)
{
	return log_drops(f->log, reason);
}

static inline void put_tags(struct client_frame *c, const char *service)
{
	pppoe_tag_put(&c->w, PPPOE_TAG_SERVICE_NAME, service, strlen(service));
	pppoe_tag_put(&c->w, PPPOE_TAG_HOST_UNIQ, "host", 4);
}

static inline void padi_from(struct client_frame *c, const uint8_t mac[ETH_ALEN])
{
	client_begin(c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 0);
	memcpy(c->head.src, mac, ETH_ALEN);
	client_head(c);
}

static inline void padi(struct fixture *f, const char *service)
{
	struct client_frame c;

	padi_from(&c, peer_mac);
	put_tags(&c, service);
	client_deliver(f, &c);
}

/* A PADR with the cookie of the latest PADO, whose addresses it answers. */
static inline void padr_begin(const struct fixture *f, struct client_frame *c, const char *service)
{
	const struct sent *pado = last_sent(f);

	client_begin(c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADR, 0);
	memcpy(c->head.src, pado->frame.dst, ETH_ALEN);
	c->head.vlans = pado->frame.vlans;
	client_head(c);
	put_tags(c, service);
	pppoe_tag_echo(&c->w, PPPOE_TAG_AC_COOKIE, pado->tags.cookie);
}

static inline void padr(struct fixture *f, const char *service)
{
	struct client_frame c;

	padr_begin(f, &c, service);
	client_deliver(f, &c);
}

static inline struct pppoe_session *dial(struct fixture *f)
{
	padi(f, "");
	padr(f, "");
	return f->carriers.accepted[f->carriers.n - 1].session;
}

static inline void padt(struct fixture *f, uint16_t sid, const uint8_t mac[ETH_ALEN])
{
	struct client_frame c;

	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADT, sid);
	memcpy(c.head.src, mac, ETH_ALEN);
	client_head(&c);
	client_deliver(f, &c);
}

/* Is there a tag of this type with this value in what was sent last? */
static inline bool sent_has(const struct fixture *f, uint16_t type, const char *value)
{
	struct buf b = last_sent(f)->frame.payload;
	uint16_t t, len;
	struct buf v;

	while (buf_u16(&b, &t) == 0 && buf_u16(&b, &len) == 0 && buf_take(&b, len, &v) == 0) {
		if (t == type && v.len == strlen(value) && memcmp(v.p, value, v.len) == 0)
			return true;
	}
	return false;
}

#endif
