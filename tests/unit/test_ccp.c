/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* CCP: MPPE with peers of all kinds, in every order, and when it falls back to clear text. */
#include "ccp_rig.h"
#include "ppp/lcp.h"

#define LCP PPP_PROTO_LCP

static void expect_end(struct rig *rig, enum cause cause)
{
	rig_expect(rig, LCP, CP_TERM_REQ);
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, cause);
	assert_false(ev_is_active(&rig->ppp.ccp.fsm.timer));
	assert_false(ev_is_active(&rig->ppp.ccp_reset));
	assert_false(ev_is_active(&rig->ppp.watchdog));
}

static void expect_encryption(const struct rig *rig, const char *expected)
{
	char text[PPP_ENCRYPTION_MAX];

	ppp_encryption(&rig->ppp, text);
	assert_string_equal(text, expected);
}

/* ---- who is asked at all */

static void test_not_offered(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_NO);

	(void)state;
	assert_true(rig_silent(rig));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, WINDOWS);
	rig_expect(rig, LCP, LCP_PROTO_REJ);
	rig_agree_addresses(rig);
	rig_input(rig, "\x00\xfd\x90\x00xy", 6);
	rig_expect(rig, LCP, LCP_PROTO_REJ);
	assert_int_equal(rig->mppe_told, 0);
	assert_int_equal(ppp_mtu(&rig->ppp), 1492);
	expect_encryption(rig, "none");
	rig_free(rig);
}

/* Authentication that gives no keys. */
static void test_no_keys(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	rig->conf.mppe = PPP_MPPE_YES;
	rig_open_lcp(rig);
	rig_login(rig);
	assert_true(rig_silent(rig));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATELESS_128);
	rig_expect(rig, LCP, LCP_PROTO_REJ);
	rig_open_ipcp(rig);
	rig_free(rig);

	rig = rig_new(true, false, false);
	rig->conf.mppe = PPP_MPPE_REQUIRED;
	rig_open_lcp(rig);
	RIG_SEND(rig, PPP_PROTO_PAP, 1, 1, 3, 'j', 'o', 'e', 2, 'p', 'w');
	rig_expect(rig, PPP_PROTO_PAP, 2);
	expect_end(rig, CAUSE_MPPE);
	assert_int_equal(rig->ups, 0);
	rig_free(rig);
}

static void test_ready_keys(void **state)
{
	struct rig *rig;

	(void)state;
	RIG_NETWORK(rig, PPP_MPPE_REQUIRED, rig->reply.keys = PPP_KEYS_READY;
		    memset(rig->reply.mppe.send, 1, 16); memset(rig->reply.mppe.receive, 2, 16));
	rig_open_ccp(rig);
	assert_int_equal(rig->mppe.out.start[15], 1);
	assert_int_equal(rig->mppe.in.start[15], 2);
	rig_free(rig);
}

/* What the peer is granted counts, not what its tunnel says. */
static void test_granted(void **state)
{
	struct rig *rig;

	(void)state;
	RIG_NETWORK(rig, PPP_MPPE_YES, rig->mtu_max = 1300; rig->only_40 = true);
	assert_int_equal(ppp_mtu(&rig->ppp), 1300);
	assert_false(ppp_mppe_required(&rig->ppp));
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_40));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATELESS_128);
	RIG_EXPECT(rig, CCP, CP_CONF_NAK, STATELESS_40);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 2, STATELESS_40);
	assert_int_equal(rig->mppe.out.bits, XP_MPPE_40);
	assert_int_equal(rig->mppe.in.bits, XP_MPPE_40);
	assert_int_equal(ppp_mtu(&rig->ppp), 1300 - XP_MPPE_OVERHEAD);
	rig_free(rig);
}

/* ---- agreement */

static void test_agreed(void **state)
{
	struct rig *rig = rig_encrypted(PPP_MPPE_REQUIRED);

	(void)state;
	assert_int_equal(rig->mppe_told, 1);
	assert_int_equal(rig->mppe.in.bits, XP_MPPE_128);
	assert_int_equal(rig->mppe.out.bits, XP_MPPE_128);
	assert_int_equal(rig->mppe.in.flags, 0);
	assert_int_equal(rig->mppe.out.flags, 0);
	assert_memory_equal(rig->mppe.out.start, rfc_send_start_key, 16);
	assert_memory_not_equal(rig->mppe.in.start, rfc_send_start_key, 16);
	assert_int_equal(ppp_mtu(&rig->ppp), 1488);
	expect_encryption(rig, "mppe-128 stateless");
	rig_free(rig);
}

/* CCP opens after IPCP: with `yes` the link is up meanwhile, in clear. */
static void test_after_ipcp(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_YES);
	struct rig_frame request = *RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128);

	(void)state;
	rig_agree_addresses(rig);
	assert_int_equal(rig->ups, 1);
	assert_int_equal(rig->mppe_told, 0);
	assert_int_equal(ppp_mtu(&rig->ppp), 1492);
	rig_answer(rig, CP_CONF_ACK, &request);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATELESS_128);
	assert_true(rig->encrypted);
	assert_int_equal(ppp_mtu(&rig->ppp), 1488);
	rig_free(rig);

	rig = rig_network(PPP_MPPE_REQUIRED);
	request = *RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128);
	rig_agree_addresses(rig);
	assert_int_equal(rig->ups, 0);
	rig_input(rig, "\x00\x21\x45\x00", 4);
	rig_input(rig, "\x00\xfd\x90\x00", 4);
	assert_int_equal(rig->ip_packets + rig->mppe_packets, 0);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATELESS_128);
	assert_int_equal(rig->ups, 0);
	rig_answer(rig, CP_CONF_ACK, &request);
	assert_int_equal(rig->ups, 1);
	assert_int_equal(rig->mppe_told, 1);
	rig_free(rig);
}

/* Sends a request in a link of its own and expects one answer. */
static void check_request(enum ppp_mppe mppe, bool stateless, bool stateful, bool key_128,
			  const void *request, size_t len, uint8_t code, const void *answer,
			  size_t answer_len)
{
	struct rig *rig;

	RIG_NETWORK(rig, mppe, rig->conf.mppe_stateless = stateless;
		    rig->conf.mppe_stateful = stateful; rig->conf.mppe_128 = key_128);
	rig_expect_request(rig, CCP);
	rig_packet(rig, CCP, CP_CONF_REQ, 9, request, len);
	assert_int_equal(rig_expect_data(rig, CCP, code, answer, answer_len)->bytes[1], 9);
	assert_true(rig_silent(rig));
	rig_free(rig);
}
#define CHECK_WITH(stateless, stateful, key_128, request, code, answer)                            \
	check_request(PPP_MPPE_YES, stateless, stateful, key_128, request, sizeof(request) - 1,    \
		      code, answer, sizeof(answer) - 1)
#define CHECK_REQUEST(request, code, answer) CHECK_WITH(true, true, true, request, code, answer)

static void test_requests(void **state)
{
	(void)state;
	CHECK_REQUEST("\x12\6\1\0\0\x40", CP_CONF_ACK, "\x12\6\1\0\0\x40");
	/* several: the best of them, without MPPC, the obsolete bit and unknown ones */
	CHECK_REQUEST("\x12\6\1\0\0\xe1", CP_CONF_NAK, "\x12\6\1\0\0\x40");
	CHECK_REQUEST("\x12\6\1\0\0\xa0", CP_CONF_NAK, "\x12\6\1\0\0\x80");
	CHECK_REQUEST("\x12\6\xff\xff\xff\xff", CP_CONF_NAK, "\x12\6\1\0\0\x40");
	CHECK_REQUEST("\x12\6\1\0\0\x50", CP_CONF_NAK, "\x12\6\1\0\0\x40");
	CHECK_REQUEST("\x12\6\1\0\0\x20", CP_CONF_ACK, "\x12\6\1\0\0\x20");
	/* stateful only if it insists; see test_insists_on_stateful */
	CHECK_REQUEST("\x12\6\0\0\0\x40", CP_CONF_NAK, "\x12\6\1\0\0\x40");
	CHECK_WITH(false, true, true, "\x12\6\0\0\0\x40", CP_CONF_ACK, "\x12\6\0\0\0\x40");
	CHECK_WITH(false, true, true, "\x12\6\1\0\0\x40", CP_CONF_NAK, "\x12\6\0\0\0\x40");
	/* lengths that are not allowed */
	CHECK_WITH(true, true, false, "\x12\6\1\0\0\x60", CP_CONF_NAK, "\x12\6\1\0\0\x20");
	CHECK_WITH(true, true, false, "\x12\6\1\0\0\x40", CP_CONF_NAK, "\x12\6\1\0\0\x80");
	/* MPPC alone, nothing, odd lengths of the option */
	CHECK_REQUEST("\x12\6\0\0\0\1", CP_CONF_NAK, "\x12\6\1\0\0\x40");
	CHECK_REQUEST("", CP_CONF_NAK, "\x12\6\1\0\0\x40");
	CHECK_REQUEST("\x12\2", CP_CONF_NAK, "\x12\6\1\0\0\x40");
	CHECK_REQUEST("\x12\7\1\0\0\x40\0", CP_CONF_NAK, "\x12\6\1\0\0\x40");
	/* other compressors, and MPPE twice */
	CHECK_REQUEST("\x15\3\x2f\x1a\4\x78\0", CP_CONF_REJ, "\x15\3\x2f\x1a\4\x78\0");
	CHECK_REQUEST("\x12\6\1\0\0\x40\x15\3\x2f", CP_CONF_REJ, "\x15\3\x2f");
	CHECK_REQUEST("\x12\6\1\0\0\x40\x12\6\1\0\0\x20", CP_CONF_REJ, "\x12\6\1\0\0\x20");
}

/* As Windows does it: everything in its first request, then what it was told. */
static void test_windows(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_REQUIRED);
	struct rig_frame request = *RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128);

	(void)state;
	RIG_SEND(rig, CCP, CP_CONF_REQ, 4, WINDOWS);
	RIG_EXPECT(rig, CCP, CP_CONF_NAK, STATELESS_128);
	rig_answer(rig, CP_CONF_ACK, &request);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 5, STATELESS_128);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, STATELESS_128);
	assert_true(rig->encrypted);
	rig_free(rig);
}

/* A peer that begins is asked for what it likes itself. */
static void test_peer_begins(void **state)
{
	struct rig *rig = rig_of(PPP_MPPE_REQUIRED);

	(void)state;
	rig_log_in(rig);
	assert_true(rig_silent(rig));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATELESS_40);
	assert_false(ev_is_active(&rig->ppp.ccp_wait));
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_40));
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, STATELESS_40);
	rig_agree_addresses(rig);
	assert_true(rig->encrypted);
	expect_encryption(rig, "mppe-40 stateless");
	rig_free(rig);

	/* of several that it lists, for the best */
	rig = rig_of(PPP_MPPE_REQUIRED);
	rig_log_in(rig);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, 18, 6, 1, 0, 0, 0xe1);
	RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128);
	RIG_EXPECT(rig, CCP, CP_CONF_NAK, STATELESS_128);
	rig_free(rig);

	/* without MPPE, for the best that we have */
	rig = rig_of(PPP_MPPE_YES);
	rig_log_in(rig);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, 26, 4, 0x78, 0);
	RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128);
	RIG_EXPECT(rig, CCP, CP_CONF_REJ, 26, 4, 0x78, 0);
	rig_free(rig);
}

static void test_naked(void **state)
{
	struct rig *rig;

	(void)state;
	RIG_NETWORK(rig, PPP_MPPE_REQUIRED, rig->conf.mppe_128 = false);
	rig_object(rig, CP_CONF_NAK, 0x01000080, 0x01000020);
	/* what we do not allow, then the best out of a list */
	rig_object(rig, CP_CONF_NAK, 0x01000020, 0x01000040);
	rig_object(rig, CP_CONF_NAK, 0x01000080, 0xe1);
	rig_object(rig, CP_CONF_NAK, 0x80, 0x20);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATEFUL_40));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATELESS_56);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, STATELESS_56);
	assert_int_equal(rig->mppe.in.bits, XP_MPPE_40);
	assert_int_equal(rig->mppe.in.flags, XP_MPPE_F_STATEFUL);
	assert_int_equal(rig->mppe.out.bits, XP_MPPE_56);
	assert_int_equal(rig->mppe.out.flags, 0);
	expect_encryption(rig, "mppe-40 stateful/mppe-56 stateless");
	rig_free(rig);
}

static void test_insists_on_stateful(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_REQUIRED);

	(void)state;
	rig_object(rig, CP_CONF_NAK, 0x01000040, 0x40);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATEFUL_128));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATEFUL_128);
	RIG_EXPECT(rig, CCP, CP_CONF_NAK, STATELESS_128);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 2, STATEFUL_128);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, STATEFUL_128);
	expect_encryption(rig, "mppe-128 stateful");
	rig_free(rig);
}

static void test_other_compressors(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_REQUIRED);

	(void)state;
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, BSD, WINDOWS, DEFLATE);
	RIG_EXPECT(rig, CCP, CP_CONF_REJ, BSD, DEFLATE);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 2, WINDOWS);
	RIG_EXPECT(rig, CCP, CP_CONF_NAK, STATELESS_128);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 3, STATELESS_128);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, STATELESS_128);
	assert_true(rig->encrypted);
	rig_free(rig);
}

/* ---- no agreement */

/* Asks for no MPPE, however often it is offered, until we let it. */
static void refuse(struct rig *rig, unsigned int naks)
{
	uint8_t ident = 1;

	while (naks-- > 0) {
		RIG_SEND(rig, CCP, CP_CONF_REQ, ident++, );
		RIG_EXPECT(rig, CCP, CP_CONF_NAK, STATELESS_128);
	}
	RIG_SEND(rig, CCP, CP_CONF_REQ, ident, );
}

static void test_peer_wants_none(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_YES);

	(void)state;
	rig_object(rig, CP_CONF_REJ, 0x01000040, 0x01000040);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, ));
	refuse(rig, 0); /* and is not asked again */
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, );
	rig_agree_addresses(rig);
	assert_int_equal(rig->ups, 1);
	assert_int_equal(rig->mppe_told, 0);
	/* CCP is open, and without keys nothing of it is taken */
	RIG_SEND(rig, CCP, CCP_RESET_REQ, 1, );
	rig_input(rig, "\x00\xfd\x90\x00", 4);
	assert_int_equal(rig->flushes + rig->mppe_packets, 0);
	assert_true(rig_silent(rig));
	rig_free(rig);

	rig = rig_network(PPP_MPPE_REQUIRED);
	rig_object(rig, CP_CONF_REJ, 0x01000040, 0x01000040);
	expect_end(rig, CAUSE_MPPE);
	rig_free(rig);

	rig = rig_network(PPP_MPPE_REQUIRED);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128));
	refuse(rig, 5);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, );
	expect_end(rig, CAUSE_MPPE);
	assert_int_equal(rig->mppe_told, 0);
	rig_free(rig);
}

/* One direction alone is none: CCP is closed, so that the peer does not encrypt. */
static void test_one_direction(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_YES);

	(void)state;
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128));
	refuse(rig, 5);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, );
	rig_expect(rig, CCP, CP_TERM_REQ);
	RIG_SEND(rig, CCP, CP_TERM_ACK, 1, );
	rig_agree_addresses(rig);
	assert_int_equal(rig->mppe_told, 0);
	assert_int_equal(rig->ups, 1);
	rig_free(rig);
}

static void test_protocol_rejected(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_YES);

	(void)state;
	rig_forget(rig);
	RIG_SEND(rig, LCP, LCP_PROTO_REJ, 1, 0x80, 0xfd, 1, 1, 0, 4);
	assert_false(ev_is_active(&rig->ppp.ccp.fsm.timer));
	rig_agree_addresses(rig);
	assert_int_equal(rig->ups, 1);
	assert_int_equal(rig->mppe_told, 0);
	rig_free(rig);

	rig = rig_network(PPP_MPPE_REQUIRED);
	rig_forget(rig);
	RIG_SEND(rig, LCP, LCP_PROTO_REJ, 1, 0x80, 0xfd, 1, 1, 0, 4);
	expect_end(rig, CAUSE_MPPE);
	rig_free(rig);

	/* before there is any CCP */
	rig = rig_of(PPP_MPPE_YES);
	rig_open_lcp(rig);
	rig_forget(rig);
	RIG_SEND(rig, LCP, LCP_PROTO_REJ, 1, 0x80, 0xfd, 1, 1, 0, 4);
	assert_true(rig_silent(rig));
	rig_free(rig);

	/* of an open one */
	rig = rig_encrypted(PPP_MPPE_YES);
	RIG_SEND(rig, LCP, LCP_PROTO_REJ, 1, 0x00, 0xfd, 0x90, 0);
	assert_true(rig->blocked);
	rig_expect(rig, CCP, CP_TERM_REQ);
	rig_fire(rig, &rig->ppp.ccp.fsm.timer);
	rig_expect(rig, CCP, CP_TERM_REQ);
	rig_fire(rig, &rig->ppp.ccp.fsm.timer);
	assert_false(rig->blocked || rig->encrypted);
	assert_int_equal(ppp_mtu(&rig->ppp), 1492);
	rig_free(rig);
}

/* The peer never answers CCP. */
static void test_silence(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_YES);

	(void)state;
	for (int i = 0; i < 10; i++) {
		RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128);
		rig_fire(rig, &rig->ppp.ccp.fsm.timer);
	}
	assert_true(rig_silent(rig));
	rig_agree_addresses(rig);
	assert_int_equal(rig->ups, 1);
	/* late, but then it does */
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATELESS_128);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128));
	assert_true(rig->encrypted);
	rig_free(rig);

	rig = rig_network(PPP_MPPE_REQUIRED);
	rig_forget(rig);
	rig_agree_addresses(rig);
	for (int i = 0; i < 10; i++) {
		rig_forget(rig);
		rig_fire(rig, &rig->ppp.ccp.fsm.timer);
	}
	expect_end(rig, CAUSE_MPPE);
	assert_int_equal(rig->ups, 0);
	rig_free(rig);

	/* ... or negotiates for ever */
	rig = rig_network(PPP_MPPE_REQUIRED);
	rig_forget(rig);
	rig_agree_addresses(rig);
	rig_fire(rig, &rig->ppp.watchdog);
	expect_end(rig, CAUSE_MPPE);
	rig_free(rig);
}

static void test_naks_for_ever(void **state)
{
	struct rig *rig;

	(void)state;
	RIG_NETWORK(rig, PPP_MPPE_REQUIRED,
		    rig->conf.mppe_40 = rig->conf.mppe_56 = rig->conf.mppe_stateful = false);
	for (int i = 0; i < 6; i++)
		rig_object(rig, CP_CONF_NAK, 0x01000040, 0x20);
	expect_end(rig, CAUSE_MPPE);
	rig_free(rig);

	/* what it asks for itself is rejected in the end */
	RIG_NETWORK(rig, PPP_MPPE_YES, rig->conf.mppe_40 = false);
	rig_forget(rig);
	for (uint8_t i = 0; i < 5; i++) {
		RIG_SEND(rig, CCP, CP_CONF_REQ, i, STATELESS_40);
		RIG_EXPECT(rig, CCP, CP_CONF_NAK, STATELESS_128);
	}
	RIG_SEND(rig, CCP, CP_CONF_REQ, 5, STATELESS_40);
	RIG_EXPECT(rig, CCP, CP_CONF_REJ, STATELESS_40);
	rig_free(rig);
}

/* ---- while traffic flows */

static void test_renegotiated(void **state)
{
	struct rig *rig = rig_encrypted(PPP_MPPE_YES);
	struct rig_frame request;

	(void)state;
	rig_input(rig, "\x00\xfd\x90\x00xy", 6);
	assert_int_equal(rig->mppe_packets, 1);
	assert_int_equal(rig->mppe_len, 4);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 2, STATELESS_40);
	request = *RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, STATELESS_40);
	assert_true(rig->blocked);
	assert_true(ev_is_active(&rig->ppp.watchdog));
	expect_encryption(rig, "negotiating");
	rig_input(rig, "\x00\xfd\x90\x01xy", 6);
	assert_int_equal(rig->mppe_packets, 1);
	assert_int_equal(rig_drops(rig, XP_R_S_MPPE), 1);
	assert_int_equal(ppp_mtu(&rig->ppp), 1488);
	rig_answer(rig, CP_CONF_ACK, &request);
	assert_true(rig->encrypted);
	assert_false(ev_is_active(&rig->ppp.watchdog));
	assert_int_equal(rig->mppe.out.bits, XP_MPPE_40);
	assert_memory_equal(rig->mppe.out.start, rfc_send_start_key, 8);
	assert_int_equal(rig->downs, 0);
	rig_free(rig);
}

/* The peer leaves an agreement that there was. */
static void test_renegotiation_fails(void **state)
{
	struct rig *rig = rig_encrypted(PPP_MPPE_REQUIRED);

	(void)state;
	RIG_SEND(rig, CCP, CP_TERM_REQ, 7, );
	rig_expect(rig, CCP, CP_TERM_ACK);
	assert_true(rig->blocked);
	rig_fire(rig, &rig->ppp.ccp.fsm.timer);
	assert_true(rig->blocked);
	expect_end(rig, CAUSE_MPPE);
	rig_free(rig);

	rig = rig_encrypted(PPP_MPPE_YES);
	RIG_SEND(rig, CCP, CP_TERM_REQ, 7, );
	rig_expect(rig, CCP, CP_TERM_ACK);
	assert_true(rig->blocked);
	rig_fire(rig, &rig->ppp.ccp.fsm.timer);
	assert_false(rig->blocked || rig->encrypted);
	assert_false(ev_is_active(&rig->ppp.watchdog));
	assert_int_equal(ppp_mtu(&rig->ppp), 1492);
	assert_int_equal(rig->downs, 0);
	rig_free(rig);

	/* nothing passes until it has really failed, and not for ever */
	rig = rig_encrypted(PPP_MPPE_YES);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 2, );
	assert_true(rig->blocked);
	rig_forget(rig);
	rig_fire(rig, &rig->ppp.watchdog);
	expect_end(rig, CAUSE_MPPE);
	rig_free(rig);

	rig = rig_encrypted(PPP_MPPE_YES);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 2, );
	for (int i = 0; i < 10; i++) {
		assert_true(rig->blocked);
		rig_fire(rig, &rig->ppp.ccp.fsm.timer);
	}
	assert_false(rig->blocked || rig->encrypted);
	rig_free(rig);
}

/* IPCP alone goes down and comes back: the keys stay what they are. */
static void test_ipcp_again(void **state)
{
	struct rig *rig = rig_encrypted(PPP_MPPE_REQUIRED);

	(void)state;
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 9, 3, 6, 10, 0, 0, 7);
	assert_int_equal(rig->downs, 1);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, IPCP));
	assert_int_equal(rig->ups, 2);
	assert_int_equal(rig->mppe_told, 1);
	rig_free(rig);

	/* not up while both are away */
	rig = rig_encrypted(PPP_MPPE_REQUIRED);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 2, STATELESS_128);
	struct rig_frame request = *rig_expect_request(rig, CCP);

	rig_expect(rig, CCP, CP_CONF_ACK);
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 9, 3, 6, 10, 0, 0, 7);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, IPCP));
	assert_int_equal(rig->ups, 1);
	assert_int_equal(rig->downs, 1);
	rig_answer(rig, CP_CONF_ACK, &request);
	assert_int_equal(rig->ups, 2);
	rig_free(rig);
}

/* LCP begins anew: authentication gives new keys, and only those are used. */
static void test_lcp_again(void **state)
{
	struct rig *rig = rig_encrypted(PPP_MPPE_REQUIRED);

	(void)state;
	rig->reply.password_hash_hash[0] ^= 1;
	RIG_SEND(rig, LCP, CP_CONF_REQ, 5, 5, 6, RIG_MAGIC);
	assert_int_equal(rig->downs, 1);
	assert_true(rig->blocked);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, LCP));
	rig_expect(rig, LCP, CP_CONF_ACK);
	RIG_SEND(rig, CCP, CP_CONF_REQ, 2, STATELESS_128); /* not before authentication */
	const struct rig_frame *challenge = rig_expect(rig, PPP_PROTO_CHAP, 1);
	uint8_t response[1 + 49 + 3] = { 49 };

	memcpy(response + 50, "joe", 3);
	rig_packet(rig, PPP_PROTO_CHAP, 2, challenge->bytes[1], response, sizeof(response));
	rig_expect(rig, PPP_PROTO_CHAP, 3);
	rig_ccp_begins(rig);
	rig_open_ccp(rig);
	rig_agree_addresses(rig);
	assert_int_equal(rig->ups, 2);
	assert_true(rig->encrypted);
	assert_memory_not_equal(rig->mppe.out.start, rfc_send_start_key, 16);
	rig_free(rig);
}

/* Of other protocols nothing is taken in clear, nor sent back by a Protocol-Reject. */
static void test_ipv6(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_REQUIRED);

	(void)state;
	rig_forget(rig);
	rig_input(rig, "\x00\x57\x60\x00", 4);
	assert_true(rig_silent(rig));
	assert_int_equal(rig_drops(rig, XP_R_MPPE_CLEAR), 1);
	rig_free(rig);

	rig = rig_encrypted(PPP_MPPE_YES);
	rig_input(rig, "\x57\x60\x00", 3);
	assert_true(rig_silent(rig));
	assert_int_equal(rig_drops(rig, XP_R_MPPE_CLEAR), 1);
	RIG_SEND(rig, PPP_PROTO_IPV6CP, CP_CONF_REQ, 1, );
	rig_expect(rig, LCP, LCP_PROTO_REJ);
	rig_free(rig);
}

static void test_keys_wiped(void **state)
{
	struct rig *rig = rig_encrypted(PPP_MPPE_REQUIRED);
	static const struct mppe_keys none;

	(void)state;
	assert_memory_not_equal(&rig->ppp.state.ccp.keys, &none, sizeof(none));
	ppp_stop(&rig->ppp);
	assert_memory_equal(&rig->ppp.state.ccp.keys, &none, sizeof(none));
	rig_free(rig);
}

static void test_ended_by_owner(void **state)
{
	struct rig *rig = rig_network(PPP_MPPE_REQUIRED);

	(void)state;
	rig->terminate_in_up = CAUSE_DATAPLANE;
	rig_open_ccp(rig);
	rig_agree_addresses(rig);
	assert_int_equal(rig->downs, 1);
	assert_true(rig->blocked); /* never clear on its way down */
	expect_end(rig, CAUSE_DATAPLANE);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_offered),
		cmocka_unit_test(test_no_keys),
		cmocka_unit_test(test_granted),
		cmocka_unit_test(test_ready_keys),
		cmocka_unit_test(test_agreed),
		cmocka_unit_test(test_after_ipcp),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_peer_begins),
		cmocka_unit_test(test_naked),
		cmocka_unit_test(test_insists_on_stateful),
		cmocka_unit_test(test_other_compressors),
		cmocka_unit_test(test_peer_wants_none),
		cmocka_unit_test(test_one_direction),
		cmocka_unit_test(test_protocol_rejected),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_naks_for_ever),
		cmocka_unit_test(test_renegotiated),
		cmocka_unit_test(test_renegotiation_fails),
		cmocka_unit_test(test_ipcp_again),
		cmocka_unit_test(test_lcp_again),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_keys_wiped),
		cmocka_unit_test(test_ended_by_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
