/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What a session tells accounting, at its three turns. */
#include "aaa/accounting.h"
#include "session_private.h"

/* All of it: what earlier spells in the data plane counted, and the present one. */
static void fill_traffic(const struct session *s, struct acct_traffic *traffic)
{
	const struct session_state *st = &s->state;
	struct dp_counters c = { 0 };

	if (s->in_dataplane)
		s->table->dp->ops->session_counters(s->table->dp, s->slot, &c);
	*traffic = (struct acct_traffic){
		.in_octets = st->up_bytes + c.up_bytes,
		.in_packets = st->up_packets + c.up_packets,
		.out_octets = st->down_bytes + c.down_bytes,
		.out_packets = st->down_packets + c.down_packets,
		.lost = st->drops + c.drops,
	};
}

static uint32_t interim_of(const struct session *s)
{
	if (s->profile && profile_has(s->profile, PROFILE_INTERIM))
		return s->profile->interim_interval;
	return s->bind->auth->interim_interval;
}

static void describe(void *session, struct acct_facts *facts)
{
	const struct session *s = session;

	session_subject(s, &facts->carrier, &facts->subject);
	fill_traffic(s, &facts->traffic);
	facts->interim_s = interim_of(s);
	facts->local = s->local;
}

void session_account_start(struct session *s)
{
	if (s->table->accounting && !s->acct)
		s->acct = accounting_start(s->table->accounting, s->bind->auth, describe, s);
	else
		accounting_update(s->acct);
}

void session_account_update(struct session *s)
{
	accounting_update(s->acct);
}

void session_account_stop(struct session *s, enum cause cause)
{
	accounting_stop(s->acct, cause);
	s->acct = NULL;
}

void sessions_account(struct sessions *t, struct accounting *accounting)
{
	t->accounting = accounting;
}
