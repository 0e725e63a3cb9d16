/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Losses of stateful MPPE: Reset-Requests of both ends. */
#include "ccp_rig.h"

static void test_reset_request_of_peer(void **state)
{
	struct rig *rig = rig_stateful(PPP_MPPE_REQUIRED);

	(void)state;
	RIG_SEND(rig, CCP, CCP_RESET_REQ, 77, );
	assert_int_equal(rig->flushes, 1);
	assert_int_equal(RIG_EXPECT(rig, CCP, CCP_RESET_ACK, )->bytes[1], 77);
	RIG_SEND(rig, CCP, CCP_RESET_ACK, 1, );
	assert_int_equal(rig->flushes, 1);
	assert_true(rig_silent(rig)); /* no Code-Reject */
	rig_free(rig);

	rig = rig_network(PPP_MPPE_REQUIRED);
	rig_forget(rig);
	RIG_SEND(rig, CCP, CCP_RESET_REQ, 1, );
	assert_int_equal(rig->flushes, 0);
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 1);
	RIG_SEND(rig, CCP, 16, 1, );
	rig_expect(rig, CCP, CP_CODE_REJ);
	rig_free(rig);
}

static void test_reset_request(void **state)
{
	struct rig *rig = rig_stateful(PPP_MPPE_REQUIRED);
	uint8_t ident;

	(void)state;
	ppp_mppe_lost(&rig->ppp); /* told too late: it is over */
	assert_true(rig_silent(rig));
	rig->lost = true;
	ppp_mppe_lost(&rig->ppp);
	ident = RIG_EXPECT(rig, CCP, CCP_RESET_REQ, )->bytes[1];
	assert_true(rig_silent(rig));
	rig_fire(rig, &rig->ppp.ccp_reset);
	assert_int_equal(RIG_EXPECT(rig, CCP, CCP_RESET_REQ, )->bytes[1], ident);
	rig->lost = false;
	rig_fire(rig, &rig->ppp.ccp_reset);
	assert_true(rig_silent(rig));
	assert_false(ev_is_active(&rig->ppp.ccp_reset));
	/* the next loss */
	rig->lost = true;
	ppp_mppe_lost(&rig->ppp);
	assert_int_not_equal(RIG_EXPECT(rig, CCP, CCP_RESET_REQ, )->bytes[1], ident);
	rig_free(rig);
}

/* A peer that cannot be brought to flush is given new keys. */
static void test_reset_unanswered(void **state)
{
	struct rig *rig = rig_stateful(PPP_MPPE_REQUIRED);

	(void)state;
	rig->lost = true;
	ppp_mppe_lost(&rig->ppp);
	for (int i = 0; i < 9; i++) {
		rig_expect(rig, CCP, CCP_RESET_REQ);
		rig_fire(rig, &rig->ppp.ccp_reset);
	}
	rig_expect(rig, CCP, CCP_RESET_REQ);
	assert_true(rig->encrypted);
	rig_fire(rig, &rig->ppp.ccp_reset);
	assert_true(rig->blocked);
	RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATEFUL_128);
	ppp_mppe_lost(&rig->ppp);
	assert_true(rig_silent(rig));
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_request_of_peer),
		cmocka_unit_test(test_reset_request),
		cmocka_unit_test(test_reset_unanswered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
