/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the command line says per session: text templates and VLAN plans. */
#ifndef DIALER_PLAN_H
#define DIALER_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define PLAN_ITEMS 16

struct plan_range {
	uint32_t from, to;
};

/* One item of a VLAN list: untagged, one range, or outer.inner ranges. */
struct plan_item {
	unsigned int tags;
	struct plan_range range[2];
};

/* Sessions take the combinations in turn: items in their order, inner tag fastest. */
struct vlan_plan {
	unsigned int items;
	struct plan_item item[PLAN_ITEMS];
	uint64_t total;
	uint16_t tpid[2]; /* of two tags; a single tag takes the first */
};

/* "none", "100", "100-199", "100.7", "100-109.1-4000", and lists of these by commas. */
int plan_parse_vlans(struct vlan_plan *plan, const char *text);
void plan_vlans(const struct vlan_plan *plan, uint32_t nth, struct vlans *v);

int plan_parse_range(struct plan_range *range, const char *text, uint32_t max);
int plan_parse_mac(uint8_t mac[WIRE_MAC], const char *text);
/* base + nth as a 48-bit number. */
void plan_mac(const uint8_t base[WIRE_MAC], uint32_t nth, uint8_t mac[WIRE_MAC]);

/* Expands %d (or %5d, %05d: padded with zeros), %x, %m (MAC) and %%. Returns the
 * length, or -EINVAL for another letter or a text that does not fit. */
int plan_expand(const char *text, uint32_t number, const uint8_t mac[WIRE_MAC], char *out,
		size_t cap);
int plan_parse_hex(const char *text, uint8_t *out, size_t cap);

#endif
