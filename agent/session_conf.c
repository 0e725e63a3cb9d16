/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A session keeps the configuration that it began with. What today's says of it nevertheless:
 * whether it may stay, who may log in, and that nothing passes in clear.
 */
#include <string.h>

#include "session_private.h"

static const struct conf_tunnel *tunnel_by_name(const struct conf *conf, const char *name)
{
	const struct conf_tunnel *tunnel;

	STAILQ_FOREACH(tunnel, &conf->tunnels, entry)
		if (strcmp(tunnel->name, name) == 0)
			return tunnel;
	return NULL;
}

const struct conf_tunnel *session_tunnel_today(const struct session *s)
{
	return tunnel_by_name(s->table->conf, s->carrier.base.tunnel->name);
}

bool session_mppe_required(const struct session *s)
{
	const struct conf_tunnel *today = session_tunnel_today(s);

	return ppp_mppe_required(&s->ppp) ||
	       s->carrier.base.tunnel->ppp.mppe == PPP_MPPE_REQUIRED ||
	       (today && today->ppp.mppe == PPP_MPPE_REQUIRED);
}

const struct conf_bind *session_bind_today(const struct session *s, const struct conf_bind *old)
{
	const struct conf_bind *bind;

	STAILQ_FOREACH(bind, &s->table->conf->binds, entry)
		if (strcmp(bind->tunnel->name, old->tunnel->name) == 0 &&
		    strcmp(bind->auth->name, old->auth->name) == 0 &&
		    strcmp(bind->interface->name, old->interface->name) == 0)
			return bind;
	return NULL;
}

static bool still_allowed(const struct session *s)
{
	const struct conf_tunnel *began = s->carrier.base.tunnel, *today = session_tunnel_today(s);

	if (!today || today->protocol != began->protocol)
		return false;
	if (today->ppp.mppe == PPP_MPPE_REQUIRED && began->ppp.mppe != PPP_MPPE_REQUIRED &&
	    !s->encrypted)
		return false;
	return !s->bind || session_bind_today(s, s->bind);
}

void sessions_configure(struct sessions *t, struct conf *conf, struct aaa *aaa, struct pools *pools)
{
	struct session_cursor cursor = { 0 };
	struct session *s;

	conf_ref(conf);
	conf_unref(t->conf);
	t->conf = conf;
	t->aaa = aaa;
	t->pools = pools;
	session_stats_configure(&t->stats, conf);
	while ((s = session_next(t, &cursor)))
		if (still_allowed(s))
			session_routes_configure(s);
		else
			session_terminate(s, CAUSE_CONFIG);
}
