/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * /metrics/sessions: a few series for each session. The format wants a family's samples together, so
 * that the sessions are walked once for each family; a step takes some of them at a time.
 */
#ifndef XPPPD_METRICS_SERIES_H
#define XPPPD_METRICS_SERIES_H

#include <stddef.h>
#include <sys/types.h>

struct series;
struct sessions;

struct series *series_new(struct sessions *sessions); /* NULL: out of memory */
void series_free(struct series *series);
/* Writes what comes next, at most size bytes. 0: that was all; -ENOMEM. */
ssize_t series_read(struct series *series, char *out, size_t size);

#endif
