/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* `dialer core`: the companion on the core side. It counts what the sessions send, reflects
 * echoes, and sends to every session that has told its address. */
#ifndef DIALER_CORE_H
#define DIALER_CORE_H

struct options;

/* Runs until SIGTERM; returns the exit status. */
int core_run(const struct options *opt);

#endif
