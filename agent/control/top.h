/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * `top`: who is busy now. Counters of all sessions are read here, some a step, and compared with those
 * of the round before; only the busiest go over the socket, then {"type":"round",…}.
 */
#ifndef XPPPD_TOP_H
#define XPPPD_TOP_H

#include "control/job.h"

#define TOP_JOBS 4 /* at once: each remembers the counters of every session */
#define TOP_SHOWN_MAX 1000

void top_start(struct job *job);
enum job_state top_step(struct job *job);
void top_stop(struct job *job);

#endif
