/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What accounting says of whom it is about: the body of a record. */
#include <errno.h>

#include "aaa/acct_private.h"
#include "aaa/radius_packet.h"
#include "conf/conf.h"

enum {
	ACCT_SESSION_ID = 44,
	ACCT_AUTHENTIC = 45,
};

/* RFC 2866 5.6 */
#define AUTHENTIC_RADIUS 1
#define AUTHENTIC_LOCAL 2

/* What radius_send() takes, without what acct_record_put() adds. */
#define BODY_MAX 3800

/* A message without them is better than none. */
static void put_classes(const struct subject *subject, struct radius_attrs *attrs)
{
	size_t len = attrs->len;

	if (attrs->overflow)
		return;
	if (subject_put_classes(subject, attrs) < 0 || attrs->len > BODY_MAX) {
		attrs->len = len;
		attrs->overflow = false;
	}
}

int acct_attrs_session(const struct acct_group *group, const struct acct_facts *facts,
		       struct radius_attrs *attrs)
{
	subject_put(&facts->subject, &group->auth->accounting, attrs);
	radius_put_u32(attrs, 0, ACCT_AUTHENTIC, facts->local ? AUTHENTIC_LOCAL : AUTHENTIC_RADIUS);
	put_classes(&facts->subject, attrs);
	return attrs->overflow ? -EMSGSIZE : 0;
}

int acct_attrs_agent(const struct acct_group *group, const struct acct_record *record,
		     struct radius_attrs *attrs)
{
	char id[SUBJECT_ID_LEN + 1];

	subject_put_nas(group->conf, &group->auth->accounting, attrs);
	subject_session_id((uint32_t)(record->id >> 32), (uint32_t)record->id, id);
	radius_put_string(attrs, 0, ACCT_SESSION_ID, id);
	return attrs->overflow ? -EMSGSIZE : 0;
}

int acct_attrs_tunnel(const struct acct_group *group, const struct acct_record *record,
		      const struct acct_facts *facts, struct radius_attrs *attrs)
{
	int r = acct_attrs_agent(group, record, attrs);

	subject_put_tunnel(&facts->subject, attrs);
	return r < 0 || attrs->overflow ? -EMSGSIZE : 0;
}
