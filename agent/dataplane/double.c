/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A data plane that keeps sessions as the BPF one does and forwards nothing, so that all
 * above it runs in tests without root. What the agent itself moves goes nowhere, but is counted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/dataplane.h"
#include "dataplane/lines.h"
#include "dataplane/mppe_slabs.h"
#include "dataplane/rates.h"

struct dp_double {
	struct dataplane dp; /* first */
	struct lines lines;
	struct rates rates;
	struct mppe_slabs mppe;
	struct xp_session_up *up;
	struct xp_session_down *down;
	struct xp_tunnel *tunnels;
};

static struct dp_double *double_of(struct dataplane *dp)
{
	return (struct dp_double *)dp;
}

static void double_free(struct dataplane *dp)
{
	struct dp_double *d = double_of(dp);

	if (!d)
		return;
	mppe_slabs_clear(&d->mppe);
	lines_clear(&d->lines);
	free(d->up);
	free(d->down);
	free(d->tunnels);
	free(d->rates.up);
	free(d->rates.down);
	free(d);
}

static int double_configure(struct dataplane *dp, const struct conf *conf, struct links *links)
{
	(void)dp;
	(void)conf;
	(void)links;
	return 0;
}

static int double_session_add(struct dataplane *dp, const struct dp_session *session)
{
	struct dp_double *d = double_of(dp);
	int r = lines_reserve(&d->lines, session, 0);

	if (r < 0)
		return r;
	r = mppe_slabs_add(&d->mppe, session);
	if (r < 0) {
		lines_release(&d->lines, session->slot);
		return r;
	}
	rates_add(&d->rates, session);
	lines_publish(&d->lines, session);
	return 0;
}

static void double_session_del(struct dataplane *dp, uint32_t slot, struct dp_counters *counters,
			       struct dp_sequence *sequence)
{
	struct dp_double *d = double_of(dp);

	if (counters)
		memset(counters, 0, sizeof(*counters));
	if (!lines_used(&d->lines, slot))
		return;
	lines_hide(&d->lines, slot, counters, sequence);
	if (counters)
		rates_counters(&d->rates, slot, counters);
	rates_del(&d->rates, slot);
	mppe_slabs_del(&d->mppe, slot);
	lines_release(&d->lines, slot);
}

static int double_session_counters(struct dataplane *dp, uint32_t slot,
				   struct dp_counters *counters)
{
	int r = lines_counters(&double_of(dp)->lines, slot, counters);

	if (r == 0)
		rates_counters(&double_of(dp)->rates, slot, counters);
	return r;
}

static int double_ip_send(struct dataplane *dp, uint32_t slot, const uint8_t *packet, size_t len)
{
	(void)packet;
	(void)len;
	return lines_used(&double_of(dp)->lines, slot) ? 0 : -ENOENT;
}

static int64_t double_sequence(struct dataplane *dp, uint32_t slot)
{
	return lines_sequence(&double_of(dp)->lines, slot);
}

static int double_received(struct dataplane *dp, uint32_t slot, uint32_t sequence)
{
	return lines_received(&double_of(dp)->lines, slot, sequence);
}

static int64_t double_acknowledge(struct dataplane *dp, uint32_t slot)
{
	return lines_acknowledge(&double_of(dp)->lines, slot);
}

static int double_mppe_set(struct dataplane *dp, uint32_t slot, const struct xp_mppe *mppe)
{
	return mppe_slabs_set(&double_of(dp)->mppe, slot, mppe);
}

static struct xp_mppe *double_mppe(struct dataplane *dp, uint32_t slot)
{
	return mppe_slabs_find(&double_of(dp)->mppe, slot);
}

static int double_rate_set(struct dataplane *dp, uint32_t slot, const struct dp_rate *up,
			   const struct dp_rate *down)
{
	return rates_set(&double_of(dp)->rates, slot, up, down);
}

static bool double_rate_pass(struct dataplane *dp, uint32_t slot, bool up, size_t bytes)
{
	return rates_pass(&double_of(dp)->rates, slot, up, bytes);
}

static int double_routes_set(struct dataplane *dp, uint32_t slot, const struct dp_route *routes,
			     unsigned int n)
{
	struct lines *lines = &double_of(dp)->lines;
	struct nets fresh;
	int r = nets_take(lines, slot, routes, n, &fresh);

	if (r == 0)
		nets_exchange(lines, slot, &fresh);
	return r;
}

static bool double_has_address(struct dataplane *dp, uint32_t slot, struct in_addr addr)
{
	return lines_has_address(&double_of(dp)->lines, slot, addr);
}

static void double_count(struct dataplane *dp, uint32_t slot, bool up, size_t bytes, bool active)
{
	lines_count(&double_of(dp)->lines, slot, up, bytes, active);
}

static int double_capture(struct dataplane *dp, uint32_t slot, bool on)
{
	return lines_capture(&double_of(dp)->lines, slot, on);
}

static void double_drops(struct dataplane *dp, uint64_t drops[XP_REASON_MAX])
{
	(void)dp;
	memset(drops, 0, XP_REASON_MAX * sizeof(*drops));
}

static void double_paths(struct dataplane *dp, struct xp_path_counter paths[XP_PATH_MAX])
{
	(void)dp;
	memset(paths, 0, XP_PATH_MAX * sizeof(*paths));
}

static void double_devices(struct dataplane *dp, dp_device_fn fn, void *arg)
{
	(void)dp;
	(void)fn;
	(void)arg;
}

static const struct dataplane_ops double_ops = {
	.name = "double",
	.free = double_free,
	.configure = double_configure,
	.session_add = double_session_add,
	.session_del = double_session_del,
	.session_counters = double_session_counters,
	.ip_send = double_ip_send,
	.sequence = double_sequence,
	.received = double_received,
	.acknowledge = double_acknowledge,
	.mppe_set = double_mppe_set,
	.mppe = double_mppe,
	.rate_set = double_rate_set,
	.rate_pass = double_rate_pass,
	.routes_set = double_routes_set,
	.has_address = double_has_address,
	.count = double_count,
	.capture = double_capture,
	.drops = double_drops,
	.paths = double_paths,
	.devices = double_devices,
};

int dp_double_new(const struct dp_dims *dims, struct dataplane **dp)
{
	struct dp_double *d = calloc(1, sizeof(*d));
	int r = -ENOMEM;

	if (!d)
		return -ENOMEM;
	d->dp.ops = &double_ops;
	d->up = calloc(dp_slots(dims), sizeof(*d->up));
	d->down = calloc(dims->down_lines, sizeof(*d->down));
	d->tunnels = calloc(LINES_TUNNELS, sizeof(*d->tunnels));
	d->rates.up = calloc(dp_slots(dims), sizeof(*d->rates.up));
	d->rates.down = calloc(dims->down_lines, sizeof(*d->rates.down));
	d->rates.lines = &d->lines;
	if (d->up && d->down && d->tunnels && d->rates.up && d->rates.down)
		r = lines_init(&d->lines, dims, d->up, d->down, d->tunnels);
	if (r == 0)
		r = mppe_slabs_init(&d->mppe, &d->lines, -1);
	if (r < 0) {
		double_free(&d->dp);
		return r;
	}
	*dp = &d->dp;
	return 0;
}
