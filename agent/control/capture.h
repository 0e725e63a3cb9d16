/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * `capture`: a pcap file of the IP packets of the sessions that match when it starts, as long as
 * one of them lives. Copying is on for a session as long as some job captures it.
 */
#ifndef XPPPD_CAPTURE_H
#define XPPPD_CAPTURE_H

#include "control/job.h"

struct xp_capture;

void capture_start(struct job *job);
enum job_state capture_step(struct job *job);
void capture_stop(struct job *job);

/* Hands a copied packet of the session at slot to the jobs that want it. */
void capture_packet(struct job_list *captures, const struct xp_capture *packet);

#endif
