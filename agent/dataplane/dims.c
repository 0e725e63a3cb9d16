/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <string.h>

#include "conf/conf.h"
#include "dataplane/dataplane.h"

#define SPACE_MAX 65536
#define SPACE_IDS 65534 /* RFC 2516 section 4: ids 0x0000 and 0xffff are not used */
#define SPARE_MIN 64    /* ids beyond max-session at least: some are in quarantine */
#define POOL_MIN 65536  /* a range of this size always gets lines of its own: 4 MiB */

/* VLANs, or L2TP's tunnels, fill several spaces unevenly. */
static void dims_spaces(uint32_t max_session, uint32_t *spaces, uint32_t *space_size)
{
	uint32_t spare = max_session / 4 > SPARE_MIN ? max_session / 4 : SPARE_MIN;
	uint64_t ids = (uint64_t)max_session + spare;

	*spaces = 1;
	*space_size = SPACE_MAX;
	if (ids > SPACE_IDS) {
		*spaces = (uint32_t)((2 * ids + SPACE_IDS - 1) / SPACE_IDS);
		return;
	}
	while (*space_size / 2 >= ids + 1) /* id 0 is not used */
		*space_size /= 2;
}

static bool conf_has(const struct conf *conf, enum conf_protocol protocol)
{
	const struct conf_tunnel *tunnel;

	STAILQ_FOREACH(tunnel, &conf->tunnels, entry)
		if (tunnel->protocol == protocol && tunnel->bound)
			return true;
	return false;
}

static void dims_slots(const struct conf *conf, struct dp_dims *dims)
{
	uint32_t spaces; /* call ids fill but one */

	dims_spaces(conf->max_session, &dims->spaces, &dims->space_size);
	dims->l2tp_first = dims->spaces * dims->space_size;
	if (conf_has(conf, CONF_L2TP))
		dims_spaces(conf->max_session, &dims->l2tp_spaces, &dims->l2tp_space_size);
	dims->pptp_first = dims->l2tp_first + dims->l2tp_spaces * dims->l2tp_space_size;
	if (conf_has(conf, CONF_PPTP))
		dims_spaces(conf->max_session, &spaces, &dims->pptp_size);
}

uint32_t dp_slots(const struct dp_dims *dims)
{
	return dims->spaces * dims->space_size + dims->l2tp_spaces * dims->l2tp_space_size +
	       dims->pptp_size;
}

/* Extends a pool that the range touches, so that neighbours and repetitions cost no entry. */
static bool pool_extend(struct xp_pool *pool, uint32_t first, uint32_t last, uint64_t max)
{
	uint32_t end = pool->base + pool->size - 1;
	uint32_t low = first < pool->base ? first : pool->base;
	uint32_t high = last > end ? last : end;
	bool touches = (uint64_t)first <= (uint64_t)end + 1 && (uint64_t)last + 1 >= pool->base;

	if (!touches || (uint64_t)high - low + 1 > max)
		return false;
	pool->base = low;
	pool->size = high - low + 1;
	return true;
}

/* When there are more ranges than entries the large ones get lines of their own. */
static void dims_range(struct dp_dims *dims, uint32_t first, uint32_t last, uint64_t max)
{
	uint64_t size = (uint64_t)last - first + 1;
	struct xp_pool *smallest = &dims->pool[0];

	if (size > max)
		return;
	for (uint32_t i = 0; i < dims->pools; i++)
		if (pool_extend(&dims->pool[i], first, last, max))
			return;
	if (dims->pools < XP_POOLS) {
		smallest = &dims->pool[dims->pools++];
	} else {
		for (uint32_t i = 1; i < dims->pools; i++)
			if (dims->pool[i].size < smallest->size)
				smallest = &dims->pool[i];
		if (size <= smallest->size)
			return;
	}
	*smallest = (struct xp_pool){ .base = first, .size = (uint32_t)size };
}

void dp_dims(const struct conf *conf, struct dp_dims *dims)
{
	uint64_t max = 4 * (uint64_t)conf->max_session;
	const struct conf_range *range;
	const struct conf_ipcp *ipcp;

	if (max < POOL_MIN)
		max = POOL_MIN;
	memset(dims, 0, sizeof(*dims));
	dims_slots(conf, dims);
	STAILQ_FOREACH(ipcp, &conf->ipcps, entry)
		STAILQ_FOREACH(range, &ipcp->ranges, entry)
			dims_range(dims, range->first, range->last, max);
	for (uint32_t i = 0; i < dims->pools; i++) {
		dims->pool[i].first = dims->down_lines;
		dims->down_lines += dims->pool[i].size;
	}
	dims->down_lines += dp_slots(dims);
}
