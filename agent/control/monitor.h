/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* `monitor`: tells the events of the sessions that a filter selects, as they come. */
#ifndef XPPPD_MONITOR_H
#define XPPPD_MONITOR_H

#include "control/job.h"

void monitor_start(struct job *job);
enum job_state monitor_step(struct job *job);
void monitor_stop(struct job *job);

#endif
