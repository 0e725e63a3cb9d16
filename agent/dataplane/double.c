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

struct dp_double {
	struct dataplane dp; /* first */
	struct lines lines;
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
	if (r == 0)
		lines_publish(&d->lines, session);
	else
		lines_release(&d->lines, session->slot);
	return r;
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
	mppe_slabs_del(&d->mppe, slot);
	lines_release(&d->lines, slot);
}

static int double_session_counters(struct dataplane *dp, uint32_t slot,
				   struct dp_counters *counters)
{
	return lines_counters(&double_of(dp)->lines, slot, counters);
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
	if (d->up && d->down && d->tunnels)
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
