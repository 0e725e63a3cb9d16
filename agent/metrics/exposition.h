/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Writes Prometheus' text exposition format 0.0.4: a family (HELP, TYPE), then its samples. Labels
 * are pairs of name and value, ended by NULL; values are made fit for the format here.
 */
#ifndef XPPPD_EXPOSITION_H
#define XPPPD_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

struct exposition {
	char *data;
	size_t len, size;
	bool failed;        /* out of memory: what is there is not all */
	const char *family; /* the present one's name */
};

void exposition_free(struct exposition *e);
/* Keeps the memory. */
void exposition_clear(struct exposition *e);

void exposition_family(struct exposition *e, const char *name, const char *type, const char *help);
void exposition_u64(struct exposition *e, uint64_t value, ... /* labels */)
	__attribute__((sentinel));
/* In millionths, as microseconds are of seconds. */
void exposition_micro(struct exposition *e, uint64_t value, ... /* labels */)
	__attribute__((sentinel));
/* A family of the type histogram; label: NULL if it has none. */
void exposition_histogram(struct exposition *e, const struct histogram *h, const char *label,
			  const char *value);
/* With several: names and values by turns, a NULL after the last. */
void exposition_histogram_of(struct exposition *e, const struct histogram *h,
			     const char *const labels[]);

#endif
