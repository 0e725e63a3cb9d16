/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 2867, where the configuration asks for it (`tunnel-accounting yes`): sessions of L2TP and PPTP
 * are links of a tunnel. Servers are told of a tunnel from its first accounted session to its last,
 * because only those belong to an `authentication` statement.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aaa/acct_private.h"
#include "aaa/radius_packet.h"
#include "clock.h"
#include "conf/conf.h"

struct acct_tunnel {
	struct index_node node; /* in group->tunnels */
	enum conf_protocol protocol;
	uint32_t id;
	unsigned int links;
	struct acct *told; /* its record */
};

static uint64_t hash_of(const struct acct_group *g, enum conf_protocol protocol, uint32_t id)
{
	uint32_t key[2] = { (uint32_t)protocol, id };

	return index_hash(&g->tunnels, key, sizeof(key));
}

static struct acct_tunnel *tunnel_find(const struct acct_group *g, enum conf_protocol protocol,
				       uint32_t id)
{
	struct index_node *n = index_first(&g->tunnels, hash_of(g, protocol, id));

	for (; n; n = index_next(n)) {
		struct acct_tunnel *t = INDEX_ENTRY(n, struct acct_tunnel, node);

		if (t->protocol == protocol && t->id == id)
			return t;
	}
	return NULL;
}

static struct acct *tell_start(struct acct_group *g, const struct acct_facts *facts)
{
	uint8_t bytes[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(bytes, sizeof(bytes));
	struct acct *acct = acct_new(g, ACCT_TUNNEL, acct_next_id(g->accounting));

	if (!acct)
		return NULL;
	acct->open = true;
	acct->record.due = ACCT_DUE_START;
	if (acct_attrs_tunnel(g, &acct->record, facts, &attrs) < 0 ||
	    acct_set_body(acct, &attrs) < 0) {
		acct_free(acct);
		return NULL;
	}
	acct_group_enqueue(acct);
	acct_keep(acct, buf_of(acct->body, acct->body_len));
	return acct;
}

static struct acct_tunnel *tunnel_new(struct acct_group *g, const struct acct_facts *facts)
{
	struct acct_tunnel *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->told = tell_start(g, facts);
	if (!t->told) {
		free(t);
		return NULL;
	}
	t->protocol = facts->subject.tunnel->protocol;
	t->id = facts->subject.carrier->tunnel_id;
	index_add(&g->tunnels, &t->node, hash_of(g, t->protocol, t->id));
	return t;
}

void acct_tunnel_join(struct acct *acct, const struct acct_facts *facts)
{
	struct acct_group *g = acct->group;
	uint32_t id = facts->subject.carrier->tunnel_id;
	struct acct_tunnel *t;

	if (!g->auth->tunnel_accounting || !id)
		return;
	t = tunnel_find(g, facts->subject.tunnel->protocol, id);
	if (!t)
		t = tunnel_new(g, facts);
	if (!t)
		return;
	t->links++;
	acct->tunnel = t;
	acct->record.linked = 1;
	acct->record.due |= ACCT_DUE_LINK_START;
}

static void add(struct acct_traffic *sum, const struct acct_traffic *t)
{
	sum->in_octets += t->in_octets;
	sum->in_packets += t->in_packets;
	sum->out_octets += t->out_octets;
	sum->out_packets += t->out_packets;
	sum->lost += t->lost;
}

/* The last link's reason is the tunnel's. */
static void tell_stop(struct acct_tunnel *t, uint8_t cause)
{
	struct acct *acct = t->told;

	acct->open = false;
	acct->record.cause = cause;
	acct->record.event = time(NULL);
	acct->record.session_s = (uint32_t)((mono_now().ms - acct->since_ms) / 1000);
	acct->record.due |= ACCT_DUE_STOP;
	acct_group_enqueue(acct);
	acct_keep(acct, buf_of(NULL, 0));
	if (acct->cost == 0 && acct_group_down(acct->group))
		acct_lose(acct);
}

void acct_tunnel_leave(struct acct *acct)
{
	struct acct_tunnel *t = acct->tunnel;

	if (!t)
		return;
	acct->tunnel = NULL;
	add(&t->told->record.traffic, &acct->record.traffic);
	if (--t->links > 0)
		return;
	tell_stop(t, acct->record.cause);
	index_del(&acct->group->tunnels, &t->node);
	free(t);
}
