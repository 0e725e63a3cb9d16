/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Change of Authorization (RFC 5176): what an open session can bear without its peer dialling
 * again. What can fail comes first and is taken back when something else does not work.
 */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "session_private.h"

#define WHO "ppp-id %u: "

/* What was negotiated with the peer stays as it is. */
static bool same_link(const struct profile *a, const struct profile *b)
{
	return a->framed_ip.s_addr == b->framed_ip.s_addr &&
	       a->framed_netmask.s_addr == b->framed_netmask.s_addr && a->mtu == b->mtu &&
	       memcmp(a->dns, b->dns, sizeof(a->dns)) == 0 &&
	       memcmp(a->nbns, b->nbns, sizeof(a->nbns)) == 0 && a->mppe_policy == b->mppe_policy &&
	       a->mppe_types == b->mppe_types &&
	       strcmp(a->pool ? a->pool : "", b->pool ? b->pool : "") == 0;
}

static void set_rates(struct session *s, const struct profile *p)
{
	const struct dp_rate up = session_rate(&p->rate_up), down = session_rate(&p->rate_down);

	s->table->dp->ops->rate_set(s->table->dp, s->slot, &up, &down);
}

static bool same_rate(const struct profile_rate *a, const struct profile_rate *b)
{
	return a->bits_per_s == b->bits_per_s && a->burst == b->burst;
}

static bool same_rates(const struct profile *a, const struct profile *b)
{
	return same_rate(&a->rate_up, &b->rate_up) && same_rate(&a->rate_down, &b->rate_down);
}

/* Takes the profile whatever happens. all: or nothing; else without routes that cannot be. */
static int take(struct session *s, struct profile *to, bool all)
{
	struct profile *from = s->profile;
	struct session_filters *filters;
	bool filtered = session_filtered(s), rated = same_rates(from, to);
	int routes = session_routes_change(s, to, all), r = routes;

	if (routes >= 0) {
		r = session_filters_take(s, to, &filters);
		if (r < 0)
			session_routes_restore(s);
	}
	if (r < 0) {
		profile_free(to);
		return r;
	}
	session_filters_exchange(s, filters);
	session_set_profile(s, to);
	session_routes_changed(s, routes);
	if (!rated)
		set_rates(s, s->profile);
	session_account_update(s);
	session_time_start(s);
	return filtered == session_filtered(s) ? 0 : session_reenter(s);
}

int session_change(struct session *s, const struct profile *change)
{
	struct profile *to;
	int r;

	if (session_ending(s) || !s->in_dataplane)
		return -ENOTCONN;
	to = profile_merge(s->profile, change);
	if (!to)
		return -ENOMEM;
	if (!same_link(s->profile, to)) {
		profile_free(to);
		return -EOPNOTSUPP;
	}
	r = take(s, to, true);
	if (r == 0)
		log_msg(s->table->log, LOG_INFO, WHO "authorization changed", s->state.ppp_id);
	return r;
}

int session_regrant(struct session *s, struct profile *profile)
{
	uint32_t given = s->profile->set;
	struct profile *to;

	s->profile->set &= ~SESSION_CHANGEABLE;
	profile->set &= SESSION_CHANGEABLE;
	to = profile_merge(s->profile, profile);
	s->profile->set = given;
	return to ? take(s, to, false) : -ENOMEM;
}
