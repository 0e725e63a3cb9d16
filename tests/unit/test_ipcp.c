/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* IPCP: addresses, name servers, and what odd peers make of them. */
#include "ppp_rig.h"

#define IPCP PPP_PROTO_IPCP

/* Logged in, network phase, nothing of IPCP said. */
static struct rig *rig_network(void)
{
	struct rig *rig = rig_new(true, false, false);

	rig_open_lcp(rig);
	rig_login(rig);
	assert_true(rig_silent(rig));
	return rig;
}

/* ... and our request acknowledged. */
static struct rig *rig_acked(void)
{
	struct rig *rig = rig_network();

	rig_fire(rig, &rig->ppp.ipcp_wait);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, IPCP, CP_CONF_REQ, 3, 6, 10, 0, 0, 1));
	return rig;
}

static void test_address(void **state)
{
	struct rig *rig = rig_network();

	(void)state;
	rig_open_ipcp(rig);
	assert_int_equal(rig->assigns, 1);
	assert_int_equal(rig->wanted.s_addr, 0);
	assert_int_equal(rig->ups, 1);
	rig_free(rig);
}

static void check_wanted(uint32_t asked, uint32_t wanted)
{
	struct rig *rig = rig_network();

	RIG_SEND(rig, IPCP, CP_CONF_REQ, 1, 129, 6, 0, 0, 0, 0, 3, 6, (uint8_t)(asked >> 24),
		 (uint8_t)(asked >> 16), (uint8_t)(asked >> 8), (uint8_t)asked);
	assert_int_equal(rig->assigns, 1);
	assert_int_equal(ntohl(rig->wanted.s_addr), wanted);
	rig_expect_request(rig, IPCP);
	RIG_EXPECT(rig, IPCP, CP_CONF_NAK, 129, 6, 192, 0, 2, 1, 3, 6, 10, 0, 0, 7);
	rig_free(rig);
}

/* What the peer wishes for reaches the owner, unless no host can have it. */
static void test_wanted(void **state)
{
	(void)state;
	check_wanted(0x0a000009, 0x0a000009);
	check_wanted(0xc0a80101, 0xc0a80101);
	check_wanted(0x00000001, 0);
	check_wanted(0x7f000001, 0);
	check_wanted(0xe0000001, 0);
	check_wanted(0xf0000001, 0);
	check_wanted(0xffffffff, 0);
}

static void test_wanted_is_granted(void **state)
{
	struct rig *rig = rig_network();

	(void)state;
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 1, 3, 6, 10, 0, 0, 7);
	rig_expect_request(rig, IPCP);
	RIG_EXPECT(rig, IPCP, CP_CONF_ACK, 3, 6, 10, 0, 0, 7);
	assert_int_equal(rig->ups, 0); /* our own is not acknowledged */
	rig_free(rig);
}

static void test_no_address(void **state)
{
	struct rig *rig = rig_network();

	(void)state;
	rig->assign_result = -ENOSPC;
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 1, 3, 6, 0, 0, 0, 0);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERM_REQ);
	assert_true(rig_silent(rig));
	RIG_SEND(rig, PPP_PROTO_LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_NO_ADDRESS);
	rig_free(rig);

	rig = rig_network(); /* the owner says yes and gives none */
	rig->ip.peer.s_addr = 0;
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 1, 3, 6, 0, 0, 0, 0);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERM_REQ);
	assert_int_equal(rig->ppp.state.cause, CAUSE_NO_ADDRESS);
	rig_free(rig);
}

/* Sends a request in its own link and expects one answer. */
#define CHECK_REQUEST(options, code, answer)                                                       \
	do {                                                                                       \
		struct rig *r = rig_acked();                                                       \
		rig_packet(r, IPCP, CP_CONF_REQ, 9, options, sizeof(options) - 1);                 \
		assert_int_equal(                                                                  \
			rig_expect_data(r, IPCP, code, answer, sizeof(answer) - 1)->bytes[1], 9);  \
		assert_true(rig_silent(r));                                                        \
		rig_free(r);                                                                       \
	} while (0)

#define ADDR "\3\6\x0a\0\0\7"

static void test_options(void **state)
{
	(void)state;
	CHECK_REQUEST(ADDR, CP_CONF_ACK, ADDR);
	/* servers: ours instead of theirs or none; those that we have not got go back */
	CHECK_REQUEST(ADDR "\x81\6\0\0\0\0\x83\6\0\0\0\0", CP_CONF_NAK,
		      "\x81\6\xc0\0\2\1\x83\6\xc0\0\2\2");
	CHECK_REQUEST(ADDR "\x81\6\x08\x08\x08\x08", CP_CONF_NAK, "\x81\6\xc0\0\2\1");
	CHECK_REQUEST(ADDR "\x81\6\xc0\0\2\1\x83\6\xc0\0\2\2", CP_CONF_ACK,
		      ADDR "\x81\6\xc0\0\2\1\x83\6\xc0\0\2\2");
	CHECK_REQUEST("\x84\6\0\0\0\0\3\6\0\0\0\0\x82\6\0\0\0\0", CP_CONF_REJ,
		      "\x84\6\0\0\0\0\x82\6\0\0\0\0");
	/* VJ compression, IP-Addresses of RFC 1172, Mobile-IPv4, unknown */
	CHECK_REQUEST(ADDR "\2\6\0\x2d\x0f\1", CP_CONF_REJ, "\2\6\0\x2d\x0f\1");
	CHECK_REQUEST("\1\x0a\0\0\0\0\0\0\0\0", CP_CONF_REJ, "\1\x0a\0\0\0\0\0\0\0\0");
	CHECK_REQUEST(ADDR "\4\6\1\2\3\4\xc8\2", CP_CONF_REJ, "\4\6\1\2\3\4\xc8\2");
	/* odd lengths are naked with a right one */
	CHECK_REQUEST("\3\2", CP_CONF_NAK, ADDR);
	CHECK_REQUEST("\3\5\x0a\0\0", CP_CONF_NAK, ADDR);
	CHECK_REQUEST("\3\7\x0a\0\0\7\7", CP_CONF_NAK, ADDR);
	CHECK_REQUEST(ADDR "\x81\3\1", CP_CONF_NAK, "\x81\6\xc0\0\2\1");
	/* twice */
	CHECK_REQUEST(ADDR "\3\6\0\0\0\0", CP_CONF_REJ, "\3\6\0\0\0\0");
	/* the address is prompted for */
	CHECK_REQUEST("", CP_CONF_NAK, ADDR);
	CHECK_REQUEST("\x81\6\0\0\0\0", CP_CONF_NAK, "\x81\6\xc0\0\2\1" ADDR);
}

static void test_nbns(void **state)
{
	struct rig *rig = rig_network();

	(void)state;
	rig->ip.nbns[0] = rig_addr("192.0.2.3");
	rig->ip.nbns[1] = rig_addr("192.0.2.4");
	rig->ip.dns[0].s_addr = rig->ip.dns[1].s_addr = 0;
	rig_fire(rig, &rig->ppp.ipcp_wait);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, IPCP));
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 1, 3, 6, 10, 0, 0, 7, 130, 6, 0, 0, 0, 0, 132, 6, 0, 0, 0,
		 0);
	RIG_EXPECT(rig, IPCP, CP_CONF_NAK, 130, 6, 192, 0, 2, 3, 132, 6, 192, 0, 2, 4);
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 2, 3, 6, 10, 0, 0, 7, 129, 6, 0, 0, 0, 0, 131, 6, 0, 0, 0,
		 0);
	RIG_EXPECT(rig, IPCP, CP_CONF_REJ, 129, 6, 0, 0, 0, 0, 131, 6, 0, 0, 0, 0);
	rig_free(rig);
}

/* A CPE that cannot be told its address, and one that never mentions it, still come up. */
static void test_stubborn_peer(void **state)
{
	struct rig *rig = rig_acked();

	(void)state;
	for (uint8_t i = 1; i <= 5; i++) {
		RIG_SEND(rig, IPCP, CP_CONF_REQ, i, 3, 6, 192, 168, 1, 1);
		RIG_EXPECT(rig, IPCP, CP_CONF_NAK, 3, 6, 10, 0, 0, 7);
	}
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 6, 3, 6, 192, 168, 1, 1);
	RIG_EXPECT(rig, IPCP, CP_CONF_REJ, 3, 6, 192, 168, 1, 1);
	rig_packet(rig, IPCP, CP_CONF_REQ, 7, NULL, 0);
	rig_expect_data(rig, IPCP, CP_CONF_ACK, NULL, 0);
	assert_int_equal(rig->ups, 1);
	rig_free(rig);

	rig = rig_acked();
	for (uint8_t i = 1; i <= 5; i++) {
		rig_packet(rig, IPCP, CP_CONF_REQ, i, NULL, 0);
		RIG_EXPECT(rig, IPCP, CP_CONF_NAK, 3, 6, 10, 0, 0, 7);
	}
	rig_packet(rig, IPCP, CP_CONF_REQ, 6, NULL, 0);
	rig_expect_data(rig, IPCP, CP_CONF_ACK, NULL, 0);
	assert_int_equal(rig->ups, 1);
	rig_free(rig);
}

static void test_own_address_rejected(void **state)
{
	struct rig *rig = rig_network();

	(void)state;
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 1, 3, 6, 10, 0, 0, 7);
	rig_answer(rig, CP_CONF_REJ, rig_expect_request(rig, IPCP));
	RIG_EXPECT(rig, IPCP, CP_CONF_ACK, 3, 6, 10, 0, 0, 7);
	rig_answer(rig, CP_CONF_ACK, rig_expect_data(rig, IPCP, CP_CONF_REQ, NULL, 0));
	assert_int_equal(rig->ups, 1);
	rig_free(rig);
}

/* We keep our address against a peer's wish, and stop asking before it goes round for ever. */
static void test_own_address_naked(void **state)
{
	struct rig *rig = rig_network();
	const struct rig_frame *f;

	(void)state;
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 1, 3, 6, 10, 0, 0, 7);
	f = rig_expect_request(rig, IPCP);
	for (int i = 0; i < 5; i++) {
		RIG_SEND(rig, IPCP, CP_CONF_NAK, f->bytes[1], 3, 6, 192, 168, 0, 1);
		if (i == 0)
			rig_expect(rig, IPCP, CP_CONF_ACK);
		f = RIG_EXPECT(rig, IPCP, CP_CONF_REQ, 3, 6, 10, 0, 0, 1);
	}
	RIG_SEND(rig, IPCP, CP_CONF_NAK, f->bytes[1], 3, 6, 192, 168, 0, 1);
	rig_expect_data(rig, IPCP, CP_CONF_REQ, NULL, 0);
	rig_free(rig);
}

static void test_no_own_address(void **state)
{
	struct rig *rig = rig_network();

	(void)state;
	rig->ip.local.s_addr = 0;
	rig_fire(rig, &rig->ppp.ipcp_wait);
	rig_expect_data(rig, IPCP, CP_CONF_REQ, NULL, 0);
	rig_free(rig);
}

/* A peer that waits for us: we begin after ipcp-timeout. */
static void test_passive_peer(void **state)
{
	struct rig *rig = rig_acked();

	(void)state;
	assert_int_equal(rig->assigns, 1);
	assert_int_equal(rig->wanted.s_addr, 0);
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 1, 3, 6, 10, 0, 0, 7);
	rig_expect(rig, IPCP, CP_CONF_ACK);
	assert_int_equal(rig->assigns, 1);
	assert_int_equal(rig->ups, 1);
	rig_free(rig);
}

static void test_silent_peer(void **state)
{
	struct rig *rig = rig_network();

	(void)state;
	rig_fire(rig, &rig->ppp.ipcp_wait);
	for (int i = 1; i < 10; i++) {
		rig_expect_request(rig, IPCP);
		rig_fire_ipcp(rig);
	}
	rig_expect_request(rig, IPCP);
	rig_fire_ipcp(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERM_REQ);
	assert_int_equal(rig->ppp.state.cause, CAUSE_IPCP);
	rig_free(rig);
}

static void test_malformed(void **state)
{
	static const uint8_t cases[][6] = {
		{ 3, 0 }, { 3, 1 }, { 3, 6, 10, 0, 0 }, { 3, 255, 1, 2, 3 }, { 3 },
	};
	static const size_t lens[] = { 2, 2, 5, 5, 1 };

	(void)state;
	for (uint8_t code = CP_CONF_REQ; code <= CP_CONF_REJ; code++)
		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
			struct rig *rig = rig_network();
			uint8_t ident;

			/* before the first good request nothing may be assigned */
			rig_packet(rig, IPCP, code, 1, cases[i], lens[i]);
			assert_int_equal(rig->assigns, 0);
			rig_fire(rig, &rig->ppp.ipcp_wait);
			ident = rig_expect_request(rig, IPCP)->bytes[1];
			rig_packet(rig, IPCP, code, ident, cases[i], lens[i]);
			assert_true(rig_silent(rig));
			assert_int_equal(rig_drops(rig, XP_R_S_OPTION),
					 code == CP_CONF_REQ ? 2 : 1);
			rig_free(rig);
		}
}

/* IPCP of the peer ends: so does the link, there being no other network protocol. */
static void test_peer_terminates(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	rig_packet(rig, IPCP, CP_TERM_REQ, 44, NULL, 0);
	assert_int_equal(rig_expect(rig, IPCP, CP_TERM_ACK)->bytes[1], 44);
	assert_int_equal(rig->downs, 1);
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
	rig_fire_ipcp(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERM_REQ);
	RIG_SEND(rig, PPP_PROTO_LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_PEER);
	assert_int_equal(rig->downs, 1);
	rig_free(rig);
}

/* IPCP alone begins anew: down, and up again with the same address. */
static void test_renegotiation(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 9, 3, 6, 10, 0, 0, 7);
	assert_int_equal(rig->downs, 1);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, IPCP, CP_CONF_REQ, 3, 6, 10, 0, 0, 1));
	RIG_EXPECT(rig, IPCP, CP_CONF_ACK, 3, 6, 10, 0, 0, 7);
	assert_int_equal(rig->ups, 2);
	assert_int_equal(rig->assigns, 1);
	assert_string_equal(ppp_phase_name(&rig->ppp), "opened");
	rig_free(rig);
}

static void test_unknown_code(void **state)
{
	struct rig *rig = rig_acked();

	(void)state;
	RIG_SEND(rig, IPCP, 9, 1, 0, 0, 0, 0); /* echo is LCP's alone */
	RIG_EXPECT(rig, IPCP, CP_CODE_REJ, 9, 1, 0, 8, 0, 0, 0, 0);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_wanted_is_granted),
		cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_nbns),
		cmocka_unit_test(test_stubborn_peer),
		cmocka_unit_test(test_own_address_rejected),
		cmocka_unit_test(test_own_address_naked),
		cmocka_unit_test(test_no_own_address),
		cmocka_unit_test(test_passive_peer),
		cmocka_unit_test(test_silent_peer),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_peer_terminates),
		cmocka_unit_test(test_renegotiation),
		cmocka_unit_test(test_unknown_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
