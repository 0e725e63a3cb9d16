/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Addresses that were never handed out cost no memory: each pool has a cursor over its
 * dynamic ranges, and everything below it is either in use, or in the pool's queue of
 * returned addresses, or never to be handed out. Addresses in use or queued are nodes of one
 * index for all pools, because an address is one session's whatever pool it came from.
 */
#include "pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "conf/conf.h"
#include "index.h"

enum kind {
	QUEUED, /* in pool->queue */
	DYNAMIC,
	STATIC,
	OUTSIDE,
	KINDS
};

struct pool;

struct address {
	struct index_node node;
	TAILQ_ENTRY(address) entry; /* of pools->used or pool->queue */
	struct pool *pool; /* whose user has it or whose queue; NULL: it went with a reload */
	uint32_t ip;
	enum kind kind;
};
TAILQ_HEAD(addresses, address);

struct span {
	uint32_t first, last;     /* as configured */
	uint32_t lowest, highest; /* what may be handed out */
	bool is_static;
};

struct pool {
	char *name;
	bool user_selected;
	uint32_t max_session; /* 0: no limit */
	struct span *spans;   /* ascending, disjoint */
	size_t n_spans;
	size_t at;     /* the cursor: span and next address */
	uint32_t next; /* addresses below have been considered */
	struct addresses queue;
	uint32_t used[KINDS];
	uint32_t size[KINDS];
};

/* What follows from a configuration; replaced as a whole by a reload. */
struct layout {
	struct pool *pools;
	size_t n;
	uint32_t *own; /* addresses of the concentrator's interfaces */
	size_t n_own;
};

struct pools {
	struct layout layout;
	struct index index;
	struct addresses used;
};

/* ---- layout ---- */

static int span_order(const void *a, const void *b)
{
	uint32_t x = ((const struct span *)a)->first, y = ((const struct span *)b)->first;

	return x < y ? -1 : x > y;
}

static struct span span_of(const struct conf_range *r)
{
	bool edges = r->cidr && r->last - r->first > 1; /* not of /31 and /32 */

	return (struct span){
		.first = r->first,
		.last = r->last,
		.lowest = r->first + edges,
		.highest = r->last - edges,
		.is_static = r->is_static,
	};
}

static bool is_own(const struct layout *l, uint32_t ip)
{
	size_t i;

	for (i = 0; i < l->n_own; i++)
		if (l->own[i] == ip)
			return true;
	return false;
}

static const struct span *span_find(const struct pool *pool, uint32_t ip)
{
	size_t low = 0, high = pool->n_spans;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct span *s = &pool->spans[middle];

		if (ip < s->first)
			high = middle;
		else if (ip > s->last)
			low = middle + 1;
		else
			return s;
	}
	return NULL;
}

static bool span_usable(const struct layout *l, const struct span *s, uint32_t ip)
{
	return ip >= s->lowest && ip <= s->highest && !is_own(l, ip);
}

static void pool_measure(const struct layout *l, struct pool *pool)
{
	size_t i, j;

	for (i = 0; i < pool->n_spans; i++) {
		const struct span *s = &pool->spans[i];
		uint32_t n = s->highest - s->lowest + 1;

		for (j = 0; j < l->n_own; j++)
			n -= l->own[j] >= s->lowest && l->own[j] <= s->highest;
		pool->size[s->is_static ? STATIC : DYNAMIC] += n;
	}
}

static int pool_init(const struct layout *l, struct pool *pool, const struct conf_ipcp *ipcp)
{
	const struct conf_range *r;
	size_t n = 0;

	TAILQ_INIT(&pool->queue);
	STAILQ_FOREACH(r, &ipcp->ranges, entry)
		n++;
	pool->name = strdup(ipcp->name);
	pool->spans = calloc(n + 1, sizeof(*pool->spans));
	if (!pool->name || !pool->spans)
		return -ENOMEM;
	pool->user_selected = ipcp->allow_user_selected_address;
	pool->max_session = ipcp->max_session;
	STAILQ_FOREACH(r, &ipcp->ranges, entry)
		pool->spans[pool->n_spans++] = span_of(r);
	qsort(pool->spans, pool->n_spans, sizeof(*pool->spans), span_order);
	pool_measure(l, pool);
	return 0;
}

static void layout_fini(struct layout *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->pools[i].name);
		free(l->pools[i].spans);
	}
	free(l->pools);
	free(l->own);
}

/* Two interfaces may have the same address. */
static void add_own(struct layout *l, uint32_t ip)
{
	if (!is_own(l, ip))
		l->own[l->n_own++] = ip;
}

static int layout_init(struct layout *l, const struct conf *conf)
{
	const struct conf_interface *interface;
	const struct conf_ipcp *ipcp;
	size_t n_interfaces = 0, n_pools = 0;

	memset(l, 0, sizeof(*l));
	STAILQ_FOREACH(interface, &conf->interfaces, entry)
		n_interfaces++;
	STAILQ_FOREACH(ipcp, &conf->ipcps, entry)
		n_pools++;
	l->own = calloc(n_interfaces + 1, sizeof(*l->own));
	l->pools = calloc(n_pools + 1, sizeof(*l->pools));
	if (!l->own || !l->pools)
		goto err;
	STAILQ_FOREACH(interface, &conf->interfaces, entry)
		add_own(l, ntohl(interface->address.s_addr));
	STAILQ_FOREACH(ipcp, &conf->ipcps, entry)
		if (pool_init(l, &l->pools[l->n++], ipcp) < 0)
			goto err;
	return 0;
err:
	layout_fini(l);
	return -ENOMEM;
}

static struct pool *layout_find(const struct layout *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->pools[i].name, name) == 0)
			return &l->pools[i];
	return NULL;
}

/* ---- addresses ---- */

static uint64_t ip_hash(const struct pools *pools, uint32_t ip)
{
	return index_hash(&pools->index, &ip, sizeof(ip));
}

static struct address *address_find(const struct pools *pools, uint32_t ip)
{
	struct index_node *node;

	for (node = index_first(&pools->index, ip_hash(pools, ip)); node; node = index_next(node)) {
		struct address *a = INDEX_ENTRY(node, struct address, node);

		if (a->ip == ip)
			return a;
	}
	return NULL;
}

static void address_free(struct pools *pools, struct address *a)
{
	index_del(&pools->index, &a->node);
	free(a);
}

static enum kind kind_of(const struct pool *pool, uint32_t ip)
{
	const struct span *s = span_find(pool, ip);

	return !s ? OUTSIDE : s->is_static ? STATIC : DYNAMIC;
}

/* An address that is not in use becomes so. */
static int address_claim(struct pools *pools, struct pool *pool, uint32_t ip)
{
	struct address *a = address_find(pools, ip);

	if (a) {
		TAILQ_REMOVE(&a->pool->queue, a, entry);
	} else {
		a = calloc(1, sizeof(*a));
		if (!a)
			return -ENOMEM;
		a->ip = ip;
		index_add(&pools->index, &a->node, ip_hash(pools, ip));
	}
	a->pool = pool;
	a->kind = kind_of(pool, ip);
	pool->used[a->kind]++;
	TAILQ_INSERT_TAIL(&pools->used, a, entry);
	return 0;
}

/* The pool whose cursor has passed the address and will not come to it again. */
static struct pool *pool_passed(const struct pools *pools, uint32_t ip)
{
	size_t i;

	for (i = 0; i < pools->layout.n; i++) {
		struct pool *pool = &pools->layout.pools[i];
		const struct span *s = ip < pool->next ? span_find(pool, ip) : NULL;

		if (s && !s->is_static && span_usable(&pools->layout, s, ip))
			return pool;
	}
	return NULL;
}

static void address_release(struct pools *pools, struct address *a)
{
	struct pool *home = pool_passed(pools, a->ip);

	if (a->pool)
		a->pool->used[a->kind]--;
	TAILQ_REMOVE(&pools->used, a, entry);
	if (!home) {
		address_free(pools, a);
		return;
	}
	a->pool = home;
	a->kind = QUEUED;
	TAILQ_INSERT_TAIL(&home->queue, a, entry);
}

static bool is_free(const struct pools *pools, uint32_t ip)
{
	const struct address *a = address_find(pools, ip);

	return !a || a->kind == QUEUED;
}

/* ---- taking ---- */

static int take_fixed(struct pools *pools, struct pool *pool, uint32_t ip)
{
	const struct span *s = span_find(pool, ip);

	if ((s ? !span_usable(&pools->layout, s, ip) : is_own(&pools->layout, ip)) ||
	    !is_free(pools, ip))
		return -EADDRINUSE;
	return address_claim(pools, pool, ip);
}

static bool may_select(const struct pools *pools, const struct pool *pool, uint32_t ip)
{
	const struct span *s = span_find(pool, ip);

	return s && !s->is_static && span_usable(&pools->layout, s, ip) && is_free(pools, ip);
}

/* Moves the cursor to the next address that nobody has had; 0 when there is none. Each
 * step that finds nothing was paid by who took that address. */
static uint32_t next_fresh(const struct pools *pools, struct pool *pool)
{
	for (; pool->at < pool->n_spans; pool->at++) {
		const struct span *s = &pool->spans[pool->at];

		if (s->is_static)
			continue;
		if (pool->next < s->lowest)
			pool->next = s->lowest;
		while (pool->next <= s->highest) {
			uint32_t ip = pool->next++;

			if (!is_own(&pools->layout, ip) && !address_find(pools, ip))
				return ip;
		}
	}
	return 0;
}

static uint32_t next_free(const struct pools *pools, struct pool *pool)
{
	uint32_t ip = next_fresh(pools, pool);
	const struct address *oldest = TAILQ_FIRST(&pool->queue);

	if (ip || !oldest)
		return ip;
	return oldest->ip;
}

static bool is_exhausted(const struct pool *pool)
{
	return pool->max_session &&
	       pool->used[DYNAMIC] + pool->used[STATIC] + pool->used[OUTSIDE] >= pool->max_session;
}

int pool_take(struct pools *pools, const struct conf_ipcp *ipcp, struct in_addr fixed,
	      struct in_addr wanted, struct in_addr *addr)
{
	struct pool *pool = layout_find(&pools->layout, ipcp->name);
	uint32_t ip = ntohl(wanted.s_addr);
	int r;

	if (!pool || is_exhausted(pool))
		return -ENOSPC;
	if (fixed.s_addr) {
		ip = ntohl(fixed.s_addr);
		r = take_fixed(pools, pool, ip);
	} else {
		if (!pool->user_selected || !may_select(pools, pool, ip))
			ip = next_free(pools, pool);
		r = ip ? address_claim(pools, pool, ip) : -ENOSPC;
	}
	if (r == 0)
		addr->s_addr = htonl(ip);
	return r;
}

int pool_take_wanted(struct pools *pools, const struct conf_ipcp *ipcp, struct in_addr wanted,
		     struct in_addr *addr)
{
	struct pool *pool = layout_find(&pools->layout, ipcp->name);
	uint32_t ip = ntohl(wanted.s_addr);
	int r;

	if (!pool || is_exhausted(pool))
		return -ENOSPC;
	r = may_select(pools, pool, ip) ? address_claim(pools, pool, ip) : -EADDRINUSE;
	if (r == 0)
		*addr = wanted;
	return r;
}

void pool_give(struct pools *pools, const struct conf_ipcp *ipcp, struct in_addr addr)
{
	struct address *a = address_find(pools, ntohl(addr.s_addr));

	(void)ipcp; /* may be of an earlier configuration; the address knows its pool */
	if (a && a->kind != QUEUED)
		address_release(pools, a);
}

/* ---- all pools ---- */

int pools_new(const struct conf *conf, struct pools **pools)
{
	struct pools *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	TAILQ_INIT(&p->used);
	r = index_init(&p->index);
	if (r == 0)
		r = layout_init(&p->layout, conf);
	if (r < 0) {
		index_fini(&p->index);
		free(p);
		return r;
	}
	*pools = p;
	return 0;
}

static void drop_queues(struct pools *pools)
{
	size_t i;

	for (i = 0; i < pools->layout.n; i++) {
		struct addresses *queue = &pools->layout.pools[i].queue;
		struct address *a;

		while ((a = TAILQ_FIRST(queue))) {
			TAILQ_REMOVE(queue, a, entry);
			address_free(pools, a);
		}
	}
}

int pools_reload(struct pools *pools, const struct conf *conf)
{
	struct layout layout;
	struct address *a;
	int r = layout_init(&layout, conf);

	if (r < 0)
		return r;
	drop_queues(pools);
	TAILQ_FOREACH(a, &pools->used, entry) {
		if (a->pool)
			a->pool = layout_find(&layout, a->pool->name);
		if (a->pool) {
			a->kind = kind_of(a->pool, a->ip);
			a->pool->used[a->kind]++;
		}
	}
	layout_fini(&pools->layout);
	pools->layout = layout;
	return 0;
}

void pools_free(struct pools *pools)
{
	struct address *a;

	if (!pools)
		return;
	drop_queues(pools);
	while ((a = TAILQ_FIRST(&pools->used))) {
		TAILQ_REMOVE(&pools->used, a, entry);
		address_free(pools, a);
	}
	layout_fini(&pools->layout);
	index_fini(&pools->index);
	free(pools);
}

void pools_usage(const struct pools *pools, pool_usage_fn fn, void *arg)
{
	size_t i;

	for (i = 0; i < pools->layout.n; i++) {
		const struct pool *pool = &pools->layout.pools[i];
		struct pool_usage usage = {
			.name = pool->name,
			.dynamic_size = pool->size[DYNAMIC],
			.dynamic_used = pool->used[DYNAMIC],
			.static_size = pool->size[STATIC],
			.static_used = pool->used[STATIC],
			.outside_used = pool->used[OUTSIDE],
		};

		fn(arg, &usage);
	}
}
