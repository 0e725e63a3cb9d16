/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* An established session is asked again: its peer who it is, its servers what it may. */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "session_private.h"

#define WHO "ppp-id %u: "

int session_reauthenticate(struct session *s)
{
	if (session_ending(s) || !s->in_dataplane)
		return -ENOTCONN;
	return ppp_reauthenticate(&s->ppp);
}

/* What servers do not say any more is not granted any more. If none of them answers, all stays as
 * it was: they can be asked again. */
static void on_authorized(void *owner, struct aaa_result *result)
{
	struct session *s = owner;
	enum cause cause = CAUSE_CLEARED;

	s->job = NULL;
	if (session_ending(s) || !s->in_dataplane)
		return;
	if (result->error < 0) {
		log_msg(s->table->log, LOG_WARNING, WHO "not authorized anew: %s", s->state.ppp_id,
			strerror(-result->error));
		return;
	}
	if (result->ppp.result == PPP_AUTH_ACCEPT)
		cause = session_grant(s, s->bind, &result->profile);
	if (cause == CAUSE_NONE)
		log_msg(s->table->log, LOG_INFO, WHO "authorized anew", s->state.ppp_id);
	else
		session_terminate(s, cause);
}

int session_reauthorize(struct session *s, struct buf state)
{
	struct aaa_authorize authorize = { .bind = s->bind, .state = state };
	struct carrier_info info;
	struct subject subject;

	if (session_ending(s) || !s->in_dataplane)
		return -ENOTCONN;
	if (s->bind->auth->type != CONF_AUTH_RADIUS)
		return -EOPNOTSUPP;
	if (s->job)
		return -EBUSY;
	session_subject(s, &info, &subject);
	authorize.subject = &subject;
	s->job = aaa_authorize_only(s->table->aaa, &authorize, on_authorized, s);
	return s->job ? 0 : -EAGAIN;
}
