/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 5176 3: a request concerns all sessions that all of its attributes match, and is done for all
 * of them or for none. Sessions can always be ended, so a Disconnect-Request ends however many
 * there are, as long as they are found at once; a change can fail, so a CoA-Request is for one
 * session only.
 */
#include "aaa/dae_act.h"

#include <errno.h>

#include "aaa/dae_request.h"
#include "session.h"

#define SESSIONS_MAX 64 /* that one request ends */

/* What is said of a session that cannot do what is asked. unable: what else it would have to be
 * able to do. */
static enum dae_error error_of(int r, enum dae_error unable)
{
	switch (-r) {
	case 0:
		return DAE_DONE;
	case ENOTCONN: /* not yet, or not any more */
		return DAE_NOT_FOUND;
	case EINVAL: /* a route that it cannot have */
	case EADDRINUSE:
	case ENOENT: /* a filter that is not there */
		return DAE_INVALID_VALUE;
	case EOPNOTSUPP:
		return unable;
	case EPERM:
	case EACCES:
		return DAE_PROHIBITED;
	default:
		return DAE_RESOURCES;
	}
}

/* When the peer is told good-bye nothing passes any more, which is what an ACK says. */
static enum dae_error disconnect(struct session *const *found, unsigned int n)
{
	enum dae_error error = DAE_RESIDUAL;

	for (unsigned int i = 0; i < n; i++) {
		if (session_ending(found[i]))
			continue;
		session_terminate(found[i], CAUSE_CLEARED);
		error = DAE_DONE;
	}
	return error;
}

static enum dae_error change(struct session *s, const struct dae_request *request)
{
	int r;

	if (session_ending(s))
		return DAE_NOT_FOUND;
	if (request->authorize_only) {
		r = session_reauthorize(s, request->state);
		return r < 0 ? error_of(r, DAE_UNSUPPORTED_SERVICE) : DAE_INITIATED;
	}
	if (request->reauthenticate)
		return error_of(session_reauthenticate(s), DAE_UNSUPPORTED_SERVICE);
	return error_of(session_change(s, request->change), DAE_UNSUPPORTED_ATTRIBUTE);
}

enum dae_error dae_act(struct sessions *sessions, const struct dae_request *request,
		       unsigned int *n)
{
	struct session *found[SESSIONS_MAX];
	int r = sessions_find(sessions, &request->filter, found, SESSIONS_MAX);

	*n = r > 0 ? (unsigned int)r : 0;
	if (r == -E2BIG)
		return DAE_MULTIPLE;
	if (r <= 0)
		return DAE_NOT_FOUND;
	if (request->code == RADIUS_DISCONNECT_REQUEST)
		return disconnect(found, *n);
	return r > 1 ? DAE_MULTIPLE : change(found[0], request);
}
