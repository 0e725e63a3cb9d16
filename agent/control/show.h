/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The commands that show the agent itself. Each is a step of a job. */
#ifndef XPPPD_SHOW_H
#define XPPPD_SHOW_H

#include "control/job.h"

enum job_state show_status_step(struct job *job);
enum job_state show_pools_step(struct job *job);
enum job_state show_drops_step(struct job *job);
enum job_state show_dataplane_step(struct job *job);

enum job_state show_tunnels_step(struct job *job);
enum job_state show_radius_step(struct job *job);

#endif
