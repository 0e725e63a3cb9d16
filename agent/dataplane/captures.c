/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/captures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/ring.h"

struct captured {
	LIST_ENTRY(captured) entry;
	uint32_t slot;
};

static struct captured *captured_find(const struct captures *c, uint32_t slot)
{
	struct captured *captured;

	LIST_FOREACH(captured, &c->list, entry)
		if (captured->slot == slot)
			return captured;
	return NULL;
}

static void copied(struct captures *c, const struct xp_capture *packet)
{
	if (c->dp->captured && captured_find(c, packet->slot) &&
	    c->lines->up[packet->slot].generation == packet->generation)
		c->dp->captured(c->dp->capture_arg, packet);
}

static void on_copy(void *arg, const void *sample, size_t size)
{
	const struct xp_capture *packet = sample;

	if (size >= sizeof(*packet) && packet->caplen <= XP_CAPTURE_SNAP)
		copied(arg, packet);
}

void captures_packet(struct captures *c, uint32_t slot, bool up, struct buf packet)
{
	struct xp_capture copy = { .slot = slot, .up = up };

	if (LIST_EMPTY(&c->list) || !captured_find(c, slot))
		return;
	copy.generation = c->lines->up[slot].generation;
	copy.time = (__u64)mono_now().ms * 1000000;
	copy.len = (__u32)packet.len;
	copy.caplen = copy.len < XP_CAPTURE_SNAP ? copy.len : XP_CAPTURE_SNAP;
	memcpy(copy.data, packet.p, copy.caplen);
	copied(c, &copy);
}

int captures_start(struct captures *c, uint32_t slot)
{
	struct captured *captured;
	int r = 0;

	if (captured_find(c, slot))
		return 0;
	captured = calloc(1, sizeof(*captured));
	if (!captured)
		return -ENOMEM;
	if (!c->ring)
		r = ring_new(c->loop, c->map_fd, on_copy, c, &c->ring);
	if (r < 0) {
		free(captured);
		return r;
	}
	captured->slot = slot;
	LIST_INSERT_HEAD(&c->list, captured, entry);
	return lines_capture(c->lines, slot, true);
}

void captures_stop(struct captures *c, uint32_t slot)
{
	struct captured *captured = captured_find(c, slot);

	if (!captured)
		return;
	lines_capture(c->lines, slot, false);
	LIST_REMOVE(captured, entry);
	free(captured);
}

void captures_clear(struct captures *c)
{
	struct captured *captured;

	ring_free(c->ring);
	c->ring = NULL;
	while ((captured = LIST_FIRST(&c->list))) {
		LIST_REMOVE(captured, entry);
		free(captured);
	}
}
