/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * What is around the server of dynamic authorization: clients that are made here, and sessions that
 * only remember, which take the place of the real ones at link time.
 */
#ifndef DAE_WORLD_H
#define DAE_WORLD_H

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/dae_socket.h"
#include "aaa/profile.h"
#include "aaa/radius_packet.h"
#include "aaa/subject.h"
#include "session.h"

#define START 0x12345678
#define SESSIONS 80

/* ---- sessions ---- */

struct session {
	const char *username;
	char calling[20];
	bool gone, ending;
	unsigned int terminated, changes, reauthorized, reauthenticated;
	enum cause cause;
	struct profile *profile; /* of the last change */
	uint8_t state[64];
	size_t state_len;
};

struct sessions {
	struct session list[SESSIONS]; /* ppp-id and port: 1 on; address 10.0.0.1 on */
	unsigned int n;
	int result;                   /* of what is to be done to them */
	struct session_filter filter; /* the last */
};

static struct sessions world;

static bool fake_matches(const struct session_filter *f, uint32_t id)
{
	const struct session *s = &world.list[id - 1];
	char session_id[SUBJECT_ID_LEN + 1];

	subject_session_id(START, id, session_id);
	return !s->gone && (!f->session_id || strcmp(f->session_id, session_id) == 0) &&
	       (!f->by_port || f->port == id) &&
	       (!f->by_address || ntohl(f->address.s_addr) == 0x0a000000 + id) &&
	       (!f->account || strcmp(f->account, s->username) == 0) &&
	       (!f->calling || strcmp(f->calling, s->calling) == 0) &&
	       (!f->called || strcmp(f->called, "isp") == 0) &&
	       (!f->port_id || strcmp(f->port_id, "access0") == 0);
}

int sessions_find(struct sessions *t, const struct session_filter *f, struct session **found,
		  unsigned int max)
{
	unsigned int n = 0;

	t->filter = *f;
	for (uint32_t id = 1; id <= t->n; id++) {
		if (!fake_matches(f, id))
			continue;
		if (n == max)
			return -E2BIG;
		found[n++] = &t->list[id - 1];
	}
	return (int)n;
}

bool session_ending(const struct session *s)
{
	return s->ending;
}

void session_terminate(struct session *s, enum cause cause)
{
	s->terminated++;
	s->ending = true;
	s->cause = cause;
}

int session_change(struct session *s, const struct profile *change)
{
	if (world.result < 0)
		return world.result;
	if (change->set & ~(uint32_t)SESSION_CHANGEABLE)
		return -EOPNOTSUPP;
	s->changes++;
	profile_free(s->profile);
	s->profile = profile_copy(change);
	return 0;
}

int session_reauthorize(struct session *s, struct buf state)
{
	if (world.result < 0)
		return world.result;
	s->reauthorized++;
	s->state_len = state.len;
	memcpy(s->state, state.p, state.len);
	return 0;
}

int session_reauthenticate(struct session *s)
{
	s->reauthenticated += world.result == 0;
	return world.result;
}

static inline void make_world(unsigned int n)
{
	for (unsigned int i = 0; i < SESSIONS; i++)
		profile_free(world.list[i].profile);
	world = (struct sessions){ .n = n };
	for (unsigned int i = 0; i < n; i++) {
		world.list[i].username = i == 0 ? "anna" : "user";
		snprintf(world.list[i].calling, sizeof(world.list[i].calling),
			 "02:00:00:00:00:%02x", i + 1);
	}
}

/* ---- a client ---- */

struct request {
	uint8_t code, id;
	const char *from; /* address */
	uint16_t port;
	const char *secret;
	bool unsigned_; /* no Message-Authenticator */
	struct radius_attrs attrs;
	uint8_t storage[RADIUS_MAX];
};

#define DAE_SECRET "shared"

static inline void request_begin(struct request *r, uint8_t code)
{
	static uint8_t id;

	memset(r, 0, sizeof(*r));
	r->code = code;
	r->id = id++;
	r->from = "192.0.2.7";
	r->port = 40000;
	r->secret = DAE_SECRET;
	r->attrs = radius_attrs_of(r->storage, sizeof(r->storage));
}

static inline void md5(const uint8_t *p, size_t len, const char *secret, uint8_t out[16])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	EVP_DigestInit_ex(ctx, EVP_md5(), NULL);
	EVP_DigestUpdate(ctx, p, len);
	EVP_DigestUpdate(ctx, secret, strlen(secret));
	EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
}

/* As RFC 5176 2.3 and 3.4 have it, by other code than the server's. */
static inline size_t request_finish(const struct request *r, uint8_t out[RADIUS_MAX + 64])
{
	size_t len = 20;

	memset(out, 0, 20);
	out[0] = r->code;
	out[1] = r->id;
	memcpy(out + len, r->storage, r->attrs.len);
	len += r->attrs.len;
	if (!r->unsigned_) {
		out[len] = 80;
		out[len + 1] = 18;
		memset(out + len + 2, 0, 16);
		len += 18;
	}
	out[2] = (uint8_t)(len >> 8);
	out[3] = (uint8_t)len;
	if (!r->unsigned_)
		HMAC(EVP_md5(), r->secret, (int)strlen(r->secret), out, len, out + len - 16, NULL);
	md5(out, len, r->secret, out + 4);
	return len;
}

static inline struct dae_path path_of(const char *from, uint16_t port)
{
	struct dae_path path = { 0 };

	if (strchr(from, ':')) {
		path.peer.in6.sin6_family = path.local.in6.sin6_family = AF_INET6;
		path.peer.in6.sin6_port = htons(port);
		inet_pton(AF_INET6, from, &path.peer.in6.sin6_addr);
	} else {
		path.peer.in.sin_family = path.local.in.sin_family = AF_INET;
		path.peer.in.sin_port = htons(port);
		inet_pton(AF_INET, from, &path.peer.in.sin_addr);
	}
	return path;
}

#endif
