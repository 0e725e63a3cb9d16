/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "brief.h"
#include "session_private.h"

/* The slot, before the data plane knows the session. */
static uint32_t slot_of(const struct session *s)
{
	const struct carrier *c = &s->carrier.base;
	struct dp_session desc = { 0 };

	c->ops->describe(c, &desc);
	return desc.slot;
}

/* Once it is accepted the server's own word for the user counts, RFC 2865 5.1. */
static void fill_username(const struct session *s, char username[PPP_USERNAME_MAX + 1])
{
	const char *name = ppp_username(&s->ppp);

	if (s->profile && profile_has(s->profile, PROFILE_USERNAME))
		name = s->profile->username;
	else if (s->bind)
		return aaa_sent_name(s->bind->auth, ppp_auth_method(&s->ppp), name, username);
	brief_copy(username, PPP_USERNAME_MAX + 1, name);
}

void session_subject(const struct session *s, struct carrier_info *info, struct subject *subject)
{
	const struct carrier *c = &s->carrier.base;

	c->ops->info(c, info);
	*subject = (struct subject){
		.tunnel = c->tunnel,
		.carrier = info,
		.ppp_id = s->state.ppp_id,
		.nas_port = slot_of(s),
		.address.s_addr = s->state.addr,
		.netmask.s_addr = s->state.netmask,
		.mtu = ppp_mtu(&s->ppp),
		.profile = s->profile,
	};
	fill_username(s, subject->username);
	subject_session_id(s->table->start, s->state.ppp_id, subject->session_id);
}
