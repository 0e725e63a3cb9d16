/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/radius.h"

#include <errno.h>
#include <stdlib.h>

struct radius {
	struct ev_loop *loop;
	struct log *log;
};

struct radius_group {
	unsigned int refs;
};

int radius_new(struct ev_loop *loop, struct log *log, struct radius **radius)
{
	struct radius *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->loop = loop;
	r->log = log;
	*radius = r;
	return 0;
}

void radius_free(struct radius *radius)
{
	free(radius);
}

int radius_group_new(struct radius *radius, const struct conf_servers *conf, enum radius_kind kind,
		     struct radius_group **group)
{
	struct radius_group *g = calloc(1, sizeof(*g));

	(void)radius, (void)conf, (void)kind;
	if (!g)
		return -ENOMEM;
	g->refs = 1;
	*group = g;
	return 0;
}

void radius_group_unref(struct radius_group *group)
{
	if (group && --group->refs == 0)
		free(group);
}

bool radius_group_dead(const struct radius_group *group)
{
	(void)group;
	return true;
}

int radius_send(struct radius_group *group, uint8_t code, const struct radius_attrs *attrs,
		unsigned int prefer, radius_done_fn done, void *owner, struct radius_job **job)
{
	(void)group, (void)code, (void)attrs, (void)prefer, (void)done, (void)owner, (void)job;
	return -EDESTADDRREQ;
}

void radius_cancel(struct radius_job *job)
{
	(void)job;
}

void radius_info(const struct radius *radius, radius_info_fn fn, void *arg)
{
	(void)radius, (void)fn, (void)arg;
}
