/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the tunnel drivers count, by name: for JSON and for metrics. */
#ifndef XPPPD_COUNTERS_H
#define XPPPD_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct counter {
	const char *name; /* NULL ends a list */
	size_t offset;    /* of a uint64_t */
};

/* Members of struct pppoe_counters, l2tp_counters and pptp_counters. */
extern const struct counter counters_pppoe[], counters_l2tp[], counters_pptp[];

uint64_t counter_value(const struct counter *counter, const void *counters);

#endif
