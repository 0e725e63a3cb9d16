/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Encrypted sessions in the rig: one of each carrier, with a peer that is the reference. */
#ifndef XPPPD_TEST_RIG_MPPE_H
#define XPPPD_TEST_RIG_MPPE_H

#include <xpppd/mppe.h>

#include "../unit/mppe_reference.h"
#include "rig.h"
#include "rig_l2tp.h"
#include "rig_pptp.h"

enum rig_carrier {
	RIG_PPPOE,
	RIG_PPPOE_QINQ,
	RIG_L2TP,
	RIG_L2TP_NUMBERED,
	RIG_L2TP_IPV6,
	RIG_PPTP,
	RIG_CARRIERS,
};

struct rig_mppe {
	enum rig_carrier carrier;
	struct rig_session pppoe;
	struct rig_l2tp l2tp;
	struct rig_pptp pptp;
	uint32_t addr, slot, line;
	struct xp_mppe *state;
	struct peer out, in; /* the peer's: what it sends with, and what it receives with */
};

extern struct reference rig_reference;

/* cmocka fixtures: a rig whose programs have the plain home. */
int rig_mppe_setup_xdp(void **state);
int rig_mppe_setup_tc(void **state);
int rig_mppe_teardown(void **state);
/* The programs that call it find none; or find it again. */
void rig_mppe_home(struct rig *rig, bool there);

/* The only session there is, with fresh random keys. bits: 40, 56, 128. */
void rig_mppe_add(struct rig *rig, struct rig_mppe *session, enum rig_carrier carrier,
		  unsigned int bits, bool stateful);
/* Keys anew, likewise. */
void rig_mppe_rekey(struct rig *rig, struct rig_mppe *session, enum peer_kind kind,
		    unsigned int bits, bool stateful);
void rig_mppe_remove(struct rig *rig, struct rig_mppe *session);

/* What PPP carries (protocol), as the peer sends it and as the peer gets it. */
struct frame rig_mppe_up(struct rig_mppe *session, uint16_t protocol, const struct frame *payload);
struct frame rig_mppe_down(struct rig_mppe *session, uint16_t protocol,
			   const struct frame *payload);
/* The peer encrypts the next IP packet. */
struct frame rig_mppe_send(struct rig_mppe *session, const struct frame *packet);
/* An IP packet of this length from the session or to it. */
struct frame rig_mppe_packet(const struct rig_mppe *session, bool up, size_t len, uint8_t ttl);
/* The largest of them. */
size_t rig_mppe_most(const struct rig *rig, const struct rig_mppe *session);

#define rig_mppe_tests(tests)                                                                      \
	(cmocka_run_group_tests_name("xdp", tests, rig_mppe_setup_xdp, rig_mppe_teardown) |        \
	 cmocka_run_group_tests_name("tc", tests, rig_mppe_setup_tc, rig_mppe_teardown))

#endif
