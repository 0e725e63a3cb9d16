/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Filter-Id: the session's address joins sets of nftables. It does before its first packet passes
 * and leaves after its last one, and its packets go through the stack, because nothing else
 * looks at nftables. A set that is not there refuses the session: what it is to be kept from is
 * not known here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "nftset.h"
#include "session_private.h"

#define WHO "ppp-id %u: "

struct session_filters { /* in the order of the profile's */
	unsigned int n;
	struct nftset_member *member[];
};

void sessions_filter(struct sessions *t, struct nftsets *sets)
{
	t->nftsets = sets;
}

bool session_filtered(const struct session *s)
{
	return s->profile && s->profile->n_filters > 0;
}

static int join(struct session *s, const char *name, struct nftset_member **member)
{
	struct in_addr addr = { s->state.addr };
	char shown[4 * PROFILE_NAME_MAX + 1];
	int r = s->table->nftsets
			? nftset_join(s->table->nftsets, name, addr, s->state.ppp_id, member)
			: -EPROTONOSUPPORT;

	if (r < 0)
		log_msg(s->table->log, LOG_ERR, WHO "Filter-Id \"%s\": %s", s->state.ppp_id,
			log_escape(shown, sizeof(shown), name, strlen(name)),
			r == -ENOENT   ? "there is no such set in the table inet xpppd of nftables"
			: r == -EINVAL ? "the set has another type than ipv4_addr, or intervals"
				       : strerror(-r));
	return r;
}

/* The membership of the session in the set of this name, or NULL. */
static struct nftset_member *member_of(const struct session *s, const char *name)
{
	for (unsigned int i = 0; s->filters && i < s->filters->n; i++)
		if (strcmp(s->profile->filters[i], name) == 0)
			return s->filters->member[i];
	return NULL;
}

static bool is_kept(const struct session_filters *filters, const struct nftset_member *member)
{
	for (unsigned int i = 0; filters && i < filters->n; i++)
		if (filters->member[i] == member)
			return true;
	return false;
}

/* Leaves those that are not in `kept`. */
static void leave(struct session_filters *filters, const struct session_filters *kept)
{
	for (unsigned int i = 0; filters && i < filters->n; i++)
		if (!is_kept(kept, filters->member[i]))
			nftset_leave(filters->member[i]);
	free(filters);
}

int session_filters_take(struct session *s, const struct profile *to, struct session_filters **out)
{
	struct session_filters *filters;
	int r = 0;

	*out = NULL;
	if (!to->n_filters)
		return 0;
	filters = calloc(1, sizeof(*filters) + to->n_filters * sizeof(struct nftset_member *));
	if (!filters)
		return -ENOMEM;
	for (; filters->n < to->n_filters; filters->n++) {
		struct nftset_member **member = &filters->member[filters->n];

		*member = member_of(s, to->filters[filters->n]);
		r = *member ? 0 : join(s, to->filters[filters->n], member);
		if (r < 0) {
			session_filters_drop(s, filters);
			return r;
		}
	}
	*out = filters;
	return 0;
}

void session_filters_exchange(struct session *s, struct session_filters *filters)
{
	leave(s->filters, filters);
	s->filters = filters;
}

void session_filters_drop(struct session *s, struct session_filters *filters)
{
	leave(filters, s->filters);
}

int session_filters_enter(struct session *s)
{
	struct session_filters *filters;
	int r;

	if (s->filters)
		return 0;
	r = session_filters_take(s, s->profile, &filters);
	if (r == 0)
		s->filters = filters;
	return r;
}

void session_filters_leave(struct session *s)
{
	leave(s->filters, NULL);
	s->filters = NULL;
}
