/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* An established session is asked again: its peer who it is, its servers what
 * it may. */
#include <errno.h>

#include "session_private.h"

int session_reauthenticate(struct session *s)
{
	if (session_ending(s) || !s->in_dataplane)
		return -ENOTCONN;
	return ppp_reauthenticate(&s->ppp);
}

int session_reauthorize(struct session *s, struct buf state)
{
	(void)state;
	return session_ending(s) || !s->in_dataplane ? -ENOTCONN : -EOPNOTSUPP;
}
