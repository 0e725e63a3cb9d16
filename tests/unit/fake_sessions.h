/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A session layer for tests of what stands above it: as large and as eventful as a test wants. It
 * takes the place of the real one at link time.
 */
#ifndef XPPPD_FAKE_SESSIONS_H
#define XPPPD_FAKE_SESSIONS_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"
#include "session.h"
#include "tunnel/pppoe/pppoe.h"

#define FAKE_POOLS 3000 /* more than fit into an output buffer */

struct session {
	uint32_t ppp_id;
	const char *username;
	bool ended;
	bool down; /* not established */
	bool captured;
	enum cause cause;
};

struct session_sub {
	session_event_fn fn;
	void *arg;
};

struct sessions {
	struct session *list;
	uint32_t n;
	uint32_t seen; /* by session_next */
	struct session_sub *sub[80];
};

struct session *session_next(struct sessions *s, struct session_cursor *cursor)
{
	const struct session_filter *filter = &cursor->filter;

	for (; cursor->after < s->n; cursor->after++) {
		struct session *session = &s->list[cursor->after];

		if (session->ended || (filter->by_ppp_id && filter->ppp_id != session->ppp_id) ||
		    (filter->username && strcmp(filter->username, session->username) != 0))
			continue;
		cursor->after++;
		s->seen++;
		return session;
	}
	return NULL;
}

struct session *session_next_soon(struct sessions *s, struct session_cursor *cursor, bool *more)
{
	*more = false;
	return session_next(s, cursor);
}

void session_describe(const struct session *session, struct session_record *out)
{
	*out = (struct session_record){
		.ppp_id = session->ppp_id,
		.slot = session->ppp_id + 1000,
		.username = session->username,
		.realm = "LOCAL",
		.protocol = "pppoe",
		.tunnel = "ACCESS",
		.concentrator = "pppac0",
		.pool = "IPCP",
		.phase = session->ppp_id % 2 ? "opened" : "authenticate",
		.auth = "chap",
		.address.s_addr = htonl(0x0a000000 + session->ppp_id),
		.mtu = 1492,
		.encryption = "mppe-128 stateless",
		.stack = true,
		.started = 1700000000,
		.duration_s = 90061,
		.idle_s = 7,
		.counters = { .up_packets = 1,
			      .up_bytes = 2,
			      .down_packets = 3,
			      .down_bytes = 4,
			      .drops = 5 },
		.peer = "02:00:00:00:00:01",
		.device = "access0.100.200",
		.carrier_id = 77,
		.service = "isp",
		.circuit_id = "port\\x201",
		.remote_id = "",
		.called = "",
		.calling = "",
		.peer_name = "",
	};
}

static uint64_t fake_traffic; /* by ppp-id, grows as tests say */

void session_traffic(const struct session *session, struct session_traffic *out)
{
	*out = (struct session_traffic){
		.ppp_id = session->ppp_id,
		.up_bytes = fake_traffic * session->ppp_id,
		.up_packets = fake_traffic,
	};
}

void session_terminate(struct session *session, enum cause cause)
{
	session->cause = cause;
}

/* Over at once. */
void session_walk_start(struct sessions *s, struct session_walk *walk)
{
	struct session *session;

	while ((session = session_next(s, &walk->cursor))) {
		walk->visited++;
		walk->visit(session, walk->cause);
	}
}

void session_walk_stop(struct session_walk *walk)
{
	(void)walk;
}

bool session_walk_over(const struct session_walk *walk)
{
	(void)walk;
	return true;
}

void sessions_works(const struct sessions *s, uint64_t *slices, uint64_t *steps)
{
	(void)s;
	*slices = 7;
	*steps = 77;
}

int session_capture(struct session *session, bool on)
{
	if (session->down)
		return -ENOTCONN;
	session->captured = on;
	return 0;
}

void sessions_totals(const struct sessions *s, struct session_totals *out)
{
	*out = (struct session_totals){
		.sessions = s->n, .established = s->n / 2, .half_open = 3, .started = 9
	};
	out->ended_by[CAUSE_IDLE] = 4;
}

const char *session_state_name(unsigned int state)
{
	static const char *const names[SESSION_STATES] = { [2] = "authenticate", [4] = "opened" };

	return names[state];
}

void sessions_tunnels(const struct sessions *s, session_tunnel_fn fn, void *arg)
{
	const struct session_tunnel_totals totals = {
		.tunnel = "ACCESS",
		.protocol = "pppoe",
		.states = { [2] = s->n / 2, [4] = s->n - s->n / 2 },
		.auth_accepted = 21,
		.auth_rejected = 12,
	};

	fn(arg, &totals);
}

int sessions_subscribe(struct sessions *s, session_event_fn fn, void *arg, struct session_sub **sub)
{
	for (size_t i = 0; i < sizeof(s->sub) / sizeof(s->sub[0]); i++) {
		if (s->sub[i])
			continue;
		s->sub[i] = *sub = calloc(1, sizeof(**sub));
		**sub = (struct session_sub){ fn, arg };
		return 0;
	}
	return -ENOMEM;
}

static struct sessions sessions;

void sessions_unsubscribe(struct session_sub *sub)
{
	for (size_t i = 0; i < sizeof(sessions.sub) / sizeof(sessions.sub[0]); i++)
		if (sessions.sub[i] == sub)
			sessions.sub[i] = NULL;
	free(sub);
}

static inline void happen(enum session_event event, uint32_t index, enum cause cause)
{
	struct session_record record;

	session_describe(&sessions.list[index], &record);
	sessions.list[index].ended = event == SESSION_ENDED;
	for (size_t i = 0; i < sizeof(sessions.sub) / sizeof(sessions.sub[0]); i++)
		if (sessions.sub[i])
			sessions.sub[i]->fn(sessions.sub[i]->arg, event, &record, cause);
}

static inline void make_sessions(uint32_t n)
{
	free(sessions.list);
	sessions = (struct sessions){ .list = calloc(n, sizeof(struct session)), .n = n };
	for (uint32_t i = 0; i < n; i++) {
		sessions.list[i].ppp_id = i + 1;
		sessions.list[i].username = i == 1 ? "anna" : "user@isp";
	}
}

void pools_usage(const struct pools *pools, pool_usage_fn fn, void *arg)
{
	(void)pools;
	for (uint32_t i = 0; i < FAKE_POOLS; i++) {
		const struct pool_usage usage = { "POOL", 100, i, 10, 1, 2 };

		fn(arg, &usage);
	}
}

void pppoe_counters(const struct pppoe *pppoe, struct pppoe_counters *out)
{
	(void)pppoe;
	*out = (struct pppoe_counters){ .padi = 11, .pado = 10 };
}

#endif
