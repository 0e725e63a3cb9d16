/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions as records for operators, and their events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session_private.h"

static void describe_counters(const struct session *s, struct dp_counters *c)
{
	*c = (struct dp_counters){ 0 };
	if (s->in_dataplane)
		s->table->dp->ops->session_counters(s->table->dp, s->slot, c);
	c->up_packets += s->state.up_packets;
	c->up_bytes += s->state.up_bytes;
	c->down_packets += s->state.down_packets;
	c->down_bytes += s->state.down_bytes;
	c->drops += (uint32_t)s->state.drops;
	c->rate_up_drops += s->state.rate_up_drops;
	c->rate_down_drops += s->state.rate_down_drops;
}

void session_traffic(const struct session *s, struct session_traffic *out)
{
	struct dp_counters c;

	describe_counters(s, &c);
	*out = (struct session_traffic){ s->state.ppp_id, c.up_packets, c.up_bytes, c.down_packets,
					 c.down_bytes };
}

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void describe_carrier(const struct session *s, struct session_record *rec)
{
	struct carrier_info info;

	s->carrier.base.ops->info(&s->carrier.base, &info);
	memcpy(rec->peer, info.peer, sizeof(rec->peer));
	memcpy(rec->device, info.device, sizeof(rec->device));
	rec->carrier_id = info.id;
	rec->service = info.service;
	rec->circuit_id = info.circuit_id;
	rec->remote_id = info.remote_id;
	rec->called = info.called;
	rec->calling = info.calling;
	rec->peer_name = info.peer_name;
	rec->tunnel_id = info.tunnel_id;
}

void session_describe(const struct session *s, struct session_record *rec)
{
	const struct session_state *st = &s->state;
	const struct conf_tunnel *tunnel = s->carrier.base.tunnel;
	int64_t since = st->established_ms ? st->established_ms : st->started_ms;
	int64_t now = mono_now().ms;

	*rec = (struct session_record){
		.ppp_id = st->ppp_id,
		.slot = s->slot,
		.username = ppp_username(&s->ppp),
		.realm = session_realm(s),
		.protocol = s->carrier.base.ops->name,
		.tunnel = tunnel->name,
		.concentrator = s->bind ? s->bind->interface->name : "",
		.phase = ppp_phase_name(&s->ppp),
		.auth = ppp_auth_name(ppp_auth_method(&s->ppp)),
		.address.s_addr = st->addr,
		.mtu = ppp_mtu(&s->ppp),
		.slow = s->in_dataplane ? s->slow : !tunnel->pipex,
		.stack = tunnel->forward_stack || session_filtered(s),
		.started = (time_t)st->started,
		.duration_s = (now - since) / 1000,
		.profile = s->profile,
		.n_routes = s->routes,
		.pool = s->ipcp ? s->ipcp->name : "",
		.timeout_s = session_timeout(s),
		.idle_timeout_s = session_idle_timeout(s),
	};
	if (rec->timeout_s)
		rec->left_s = latest(0, rec->timeout_s - (now - st->granted_ms) / 1000);
	describe_counters(s, &rec->counters);
	rec->idle_s = (now - latest(since, session_last_active(s, &rec->counters))) / 1000;
	ppp_encryption(&s->ppp, rec->encryption);
	subject_session_id(s->table->start, st->ppp_id, rec->session_id);
	describe_carrier(s, rec);
}

int sessions_subscribe(struct sessions *t, session_event_fn fn, void *arg, struct session_sub **out)
{
	struct session_sub *sub = calloc(1, sizeof(*sub));

	if (!sub)
		return -ENOMEM;
	sub->fn = fn;
	sub->arg = arg;
	LIST_INSERT_HEAD(&t->subs, sub, entry);
	*out = sub;
	return 0;
}

void sessions_unsubscribe(struct session_sub *sub)
{
	if (!sub)
		return;
	LIST_REMOVE(sub, entry);
	free(sub);
}

void session_notify(const struct session *s, enum session_event event, enum cause cause)
{
	struct session_sub *sub, *next;
	struct session_record rec;

	if (LIST_EMPTY(&s->table->subs))
		return;
	session_describe(s, &rec);
	for (sub = LIST_FIRST(&s->table->subs); sub; sub = next) {
		next = LIST_NEXT(sub, entry);
		sub->fn(sub->arg, event, &rec, cause);
	}
}
