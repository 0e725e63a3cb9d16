/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct profile *profile_new(void)
{
	struct profile *p = calloc(1, sizeof(*p));

	if (p)
		p->framed_netmask.s_addr = INADDR_BROADCAST;
	return p;
}

static void free_filters(struct profile *p)
{
	while (p->n_filters)
		free(p->filters[--p->n_filters]);
	free(p->filters);
	p->filters = NULL;
}

static void free_classes(struct profile *p)
{
	while (p->n_classes)
		free(p->classes[--p->n_classes]);
	free(p->classes);
	p->classes = NULL;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	free(p->routes);
	free_filters(p);
	free_classes(p);
	free(p->pool);
	free(p->username);
	free(p->message);
	free(p);
}

struct in_addr profile_own_ip(const struct profile *p)
{
	uint32_t address = ntohl(p->framed_ip.s_addr);
	struct in_addr none = { 0 };

	if (address == PROFILE_IP_USER_SELECTS || address == PROFILE_IP_POOL)
		return none;
	return p->framed_ip;
}

/* ---- lists and names ---- */

/* Room for one more element at the end of a list of n. */
static int grow(void *list, size_t n, size_t size)
{
	void **at = list, *more;

	if (n >= PROFILE_LIST_MAX)
		return -E2BIG;
	more = reallocarray(*at, n + 1, size);
	if (!more)
		return -ENOMEM;
	*at = more;
	return 0;
}

int profile_add_route(struct profile *p, const struct profile_route *route)
{
	unsigned int i;
	int r;

	for (i = 0; i < p->n_routes; i++)
		if (p->routes[i].net.s_addr == route->net.s_addr &&
		    p->routes[i].prefix == route->prefix)
			return -EEXIST;
	r = grow(&p->routes, p->n_routes, sizeof(*p->routes));
	if (r < 0)
		return r;
	p->routes[p->n_routes++] = *route;
	p->set |= PROFILE_ROUTES;
	return 0;
}

static bool name_ok(const char *name, size_t max)
{
	size_t len = strlen(name);

	return len >= 1 && len <= max;
}

int profile_add_filter(struct profile *p, const char *name)
{
	unsigned int i;
	int r;

	if (!name_ok(name, PROFILE_NAME_MAX))
		return -EINVAL;
	for (i = 0; i < p->n_filters; i++)
		if (strcmp(p->filters[i], name) == 0)
			return -EEXIST;
	r = grow(&p->filters, p->n_filters, sizeof(*p->filters));
	if (r < 0)
		return r;
	p->filters[p->n_filters] = strdup(name);
	if (!p->filters[p->n_filters])
		return -ENOMEM;
	p->n_filters++;
	p->set |= PROFILE_FILTERS;
	return 0;
}

int profile_add_class(struct profile *p, const void *value, size_t len)
{
	struct profile_class *class;
	int r;

	if (len < 1 || len > PROFILE_CLASS_MAX)
		return -EINVAL;
	r = grow(&p->classes, p->n_classes, sizeof(struct profile_class *));
	if (r < 0)
		return r;
	class = malloc(sizeof(*class) + len);
	if (!class)
		return -ENOMEM;
	class->len = (uint8_t)len;
	memcpy(class->value, value, len);
	p->classes[p->n_classes++] = class;
	p->set |= PROFILE_CLASSES;
	return 0;
}

static int set_name(char **member, const char *name, size_t max)
{
	char *copy;

	if (!name_ok(name, max))
		return -EINVAL;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	free(*member);
	*member = copy;
	return 0;
}

int profile_set_pool(struct profile *p, const char *name)
{
	int r = set_name(&p->pool, name, PROFILE_NAME_MAX);

	if (r == 0)
		p->set |= PROFILE_POOL;
	return r;
}

int profile_set_username(struct profile *p, const char *name)
{
	int r = set_name(&p->username, name, PROFILE_USERNAME_MAX);

	if (r == 0)
		p->set |= PROFILE_USERNAME;
	return r;
}

int profile_add_message(struct profile *p, const char *text)
{
	char *all;

	if (!p->message)
		all = strdup(text);
	else if (asprintf(&all, "%s %s", p->message, text) < 0)
		all = NULL;
	if (!all)
		return -ENOMEM;
	free(p->message);
	p->message = all;
	p->set |= PROFILE_MESSAGE;
	return 0;
}

/* ---- merging ---- */

/* The fields that are plain values. */
static void merge_values(struct profile *to, const struct profile *from)
{
	if (from->set & PROFILE_FRAMED_IP)
		to->framed_ip = from->framed_ip;
	if (from->set & PROFILE_FRAMED_NETMASK)
		to->framed_netmask = from->framed_netmask;
	if (from->set & PROFILE_DNS)
		memcpy(to->dns, from->dns, sizeof(to->dns));
	if (from->set & PROFILE_NBNS)
		memcpy(to->nbns, from->nbns, sizeof(to->nbns));
	if (from->set & PROFILE_MTU)
		to->mtu = from->mtu;
	if (from->set & PROFILE_SESSION_TIMEOUT)
		to->session_timeout = from->session_timeout;
	if (from->set & PROFILE_IDLE_TIMEOUT)
		to->idle_timeout = from->idle_timeout;
	if (from->set & PROFILE_INTERIM)
		to->interim_interval = from->interim_interval;
	if (from->set & PROFILE_PORT_LIMIT)
		to->port_limit = from->port_limit;
	if (from->set & PROFILE_MPPE_POLICY)
		to->mppe_policy = from->mppe_policy;
	if (from->set & PROFILE_MPPE_TYPES)
		to->mppe_types = from->mppe_types;
	if (from->set & PROFILE_RATE_UP)
		to->rate_up = from->rate_up;
	if (from->set & PROFILE_RATE_DOWN)
		to->rate_down = from->rate_down;
	to->set |= from->set & ~(uint32_t)(PROFILE_ROUTES | PROFILE_FILTERS | PROFILE_CLASSES |
					   PROFILE_POOL | PROFILE_USERNAME | PROFILE_MESSAGE);
}

static int merge_routes(struct profile *to, const struct profile *from)
{
	unsigned int i;
	int r = 0;

	free(to->routes);
	to->routes = NULL;
	to->n_routes = 0;
	for (i = 0; i < from->n_routes && r == 0; i++)
		r = profile_add_route(to, &from->routes[i]);
	to->set |= PROFILE_ROUTES;
	return r;
}

static int merge_filters(struct profile *to, const struct profile *from)
{
	unsigned int i;
	int r = 0;

	free_filters(to);
	for (i = 0; i < from->n_filters && r == 0; i++)
		r = profile_add_filter(to, from->filters[i]);
	to->set |= PROFILE_FILTERS;
	return r;
}

static int merge_classes(struct profile *to, const struct profile *from)
{
	unsigned int i;
	int r = 0;

	free_classes(to);
	for (i = 0; i < from->n_classes && r == 0; i++)
		r = profile_add_class(to, from->classes[i]->value, from->classes[i]->len);
	to->set |= PROFILE_CLASSES;
	return r;
}

static int merge_message(struct profile *to, const struct profile *from)
{
	free(to->message);
	to->message = NULL;
	return profile_add_message(to, from->message);
}

static int merge(struct profile *to, const struct profile *from)
{
	int r = 0;

	merge_values(to, from);
	if (from->set & PROFILE_ROUTES)
		r = merge_routes(to, from);
	if (r == 0 && from->set & PROFILE_FILTERS)
		r = merge_filters(to, from);
	if (r == 0 && from->set & PROFILE_CLASSES)
		r = merge_classes(to, from);
	if (r == 0 && from->set & PROFILE_POOL)
		r = profile_set_pool(to, from->pool);
	if (r == 0 && from->set & PROFILE_USERNAME)
		r = profile_set_username(to, from->username);
	if (r == 0 && from->set & PROFILE_MESSAGE)
		r = merge_message(to, from);
	return r;
}

struct profile *profile_merge(const struct profile *base, const struct profile *change)
{
	struct profile *p = profile_new();

	if (p && (merge(p, base) < 0 || (change && merge(p, change) < 0))) {
		profile_free(p);
		return NULL;
	}
	return p;
}

struct profile *profile_copy(const struct profile *profile)
{
	return profile_merge(profile, NULL);
}
