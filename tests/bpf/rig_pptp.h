/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPTP sessions in the rig: their peers are on the access network. */
#ifndef XPPPD_TEST_RIG_PPTP_H
#define XPPPD_TEST_RIG_PPTP_H

#include "build_pptp.h"
#include "rig.h"

#define RIG_ERIN IP(10, 0, 0, 6)
#define RIG_FRANK IP(10, 0, 0, 7)
#define RIG_PPTP_MTU 1400

struct rig_pptp {
	struct pptp_spec up;   /* as the peer sends */
	struct pptp_spec down; /* as the peer gets it */
	uint32_t addr;
	uint32_t slot, line;
};

/* Frank's peer is another. Nothing came in yet, so that what goes out acknowledges nothing. */
struct rig_pptp rig_erin(const struct rig *rig);
struct rig_pptp rig_frank(const struct rig *rig);
void rig_add_pptp(struct rig *rig, const struct rig_pptp *session);

/* Numbers that came in up to `newest`, all acknowledged. */
void rig_pptp_received(struct rig *rig, const struct rig_pptp *session, uint32_t newest);

#endif
