/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* L2TP sessions in the rig: their peers are on the access network. */
#ifndef XPPPD_TEST_RIG_L2TP_H
#define XPPPD_TEST_RIG_L2TP_H

#include "build_l2tp.h"
#include "rig.h"

#define RIG_CAROL IP(10, 0, 0, 4)
#define RIG_DAVE IP(10, 0, 0, 5)
#define RIG_L2TP_MTU 1400

struct rig_l2tp {
	struct l2tp_spec up;   /* as the peer sends */
	struct l2tp_spec down; /* as the peer gets it */
	uint32_t addr;
	uint32_t slot, line;
};

/* A session over IPv4 or IPv6, numbered or not; Dave's peer is another. */
struct rig_l2tp rig_carol(const struct rig *rig, bool ipv6, bool sequence);
struct rig_l2tp rig_dave(const struct rig *rig, bool ipv6, bool sequence);
void rig_add_l2tp(struct rig *rig, const struct rig_l2tp *session);

/* For rig_expect_stack(): what stands in for the peer's MAC. */
struct rig_session rig_l2tp_stack(const struct rig *rig);

#endif
