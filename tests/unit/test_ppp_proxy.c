/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Links that begin with what somebody else has negotiated, and frames without address and control
 * field. */
#include "ppp_rig.h"

#include "ppp/chap_md5.h"
#include "ppp/lcp.h"

#define LCP PPP_PROTO_LCP
#define OPTIONS(text) buf_of(text, sizeof(text) - 1)

/* MRU 1400, PAP, magic number, as the LAC sent them; ACCM, magic number, PFC, ACFC of the peer */
#define SENT "\1\4\5\x78\3\4\xc0\x23\5\6\1\1\1\1"
#define SENT_CHAP "\1\4\5\x78\3\5\xc2\x23\5\5\6\1\1\1\1"
#define RECEIVED "\2\6\0\0\0\0\5\6\2\2\2\2\7\2\x08\2\1\4\5\x64"

static struct rig *rig_l2tp(bool pap, bool chap)
{
	struct rig *rig = rig_new(pap, chap, false);

	ppp_allow_acfc(&rig->ppp);
	return rig;
}

static void acfc_is_agreed_to_where_the_carrier_bears_it(void **state)
{
	struct rig *rig = rig_l2tp(true, false);

	(void)state;
	ppp_start(&rig->ppp);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, LCP));
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 8, 2, 7, 2);
	RIG_EXPECT(rig, LCP, CP_CONF_ACK, 8, 2, 7, 2);
	assert_string_equal(ppp_phase_name(&rig->ppp), "authenticate");
	rig_free(rig);
	rig = rig_new(true, false, false);
	ppp_start(&rig->ppp);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, LCP));
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 8, 2);
	RIG_EXPECT(rig, LCP, CP_CONF_REJ, 8, 2);
	rig_free(rig);
}

static void what_was_agreed_holds_and_the_peer_logs_in(void **state)
{
	struct rig *rig = rig_l2tp(true, false);
	const struct ppp_proxy proxy = { .sent = OPTIONS(SENT), .received = OPTIONS(RECEIVED) };

	(void)state;
	assert_int_equal(ppp_start_proxy(&rig->ppp, &proxy), 0);
	assert_true(rig_silent(rig));
	assert_string_equal(ppp_phase_name(&rig->ppp), "authenticate");
	assert_int_equal(ppp_auth_method(&rig->ppp), PPP_AUTH_PAP);
	assert_int_equal(ppp_mtu(&rig->ppp), 1380);
	assert_int_equal(rig->ppp.state.lcp.magic, 0x01010101);
	assert_int_equal(rig->ppp.state.lcp.peer_magic, 0x02020202);
	rig_login(rig);
	rig_open_ipcp(rig);
	assert_int_equal(rig->ups, 1);
	/* a peer that begins anew is negotiated with as any other */
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC);
	assert_int_equal(rig->downs, 1);
	rig_expect_request(rig, LCP);
	RIG_EXPECT(rig, LCP, CP_CONF_ACK, 5, 6, RIG_MAGIC);
	rig_free(rig);
}

static void a_password_that_was_given_is_judged(void **state)
{
	const struct ppp_proxy proxy = {
		.sent = OPTIONS(SENT),
		.received = OPTIONS(RECEIVED),
		.auth = PPP_AUTH_PAP,
		.name = OPTIONS("joe"),
		.response = OPTIONS("pw"),
		.ident = 77,
	};
	struct rig *rig = rig_l2tp(true, false);

	(void)state;
	assert_int_equal(ppp_start_proxy(&rig->ppp, &proxy), 0);
	assert_int_equal(rig->asked, 1);
	assert_string_equal(rig->username, "joe");
	assert_int_equal(rig->response_len, 2);
	assert_int_equal(rig_expect(rig, PPP_PROTO_PAP, 2)->bytes[1], 77);
	rig_open_ipcp(rig);
	rig_free(rig);
	/* and refused, if it is wrong */
	rig = rig_l2tp(true, false);
	rig->reply.result = PPP_AUTH_REJECT;
	assert_int_equal(ppp_start_proxy(&rig->ppp, &proxy), 0);
	rig_expect(rig, PPP_PROTO_PAP, 3);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_string_equal(ppp_phase_name(&rig->ppp), "terminate");
	rig_free(rig);
}

static void a_chap_answer_that_was_given_is_judged(void **state)
{
	static const uint8_t challenge[16] = { 1, 2, 3 }, response[CHAP_MD5_LEN] = { 9 };
	struct ppp_proxy proxy = {
		.sent = OPTIONS(SENT_CHAP),
		.received = OPTIONS(RECEIVED),
		.auth = PPP_AUTH_CHAP_MD5,
		.name = OPTIONS("joe"),
		.challenge = { challenge, sizeof(challenge) },
		.response = { response, sizeof(response) },
		.ident = 78,
	};
	struct rig *rig = rig_l2tp(true, true);

	(void)state;
	assert_int_equal(ppp_start_proxy(&rig->ppp, &proxy), 0);
	assert_int_equal(rig->asked, 1);
	assert_int_equal(rig->method, PPP_AUTH_CHAP_MD5);
	assert_int_equal(rig->auth_ident, 78);
	assert_memory_equal(rig->challenge, challenge, sizeof(challenge));
	assert_int_equal(rig_expect(rig, PPP_PROTO_CHAP, 3)->bytes[1], 78);
	rig_free(rig);
	/* one that cannot be judged here is asked for again */
	rig = rig_l2tp(true, true);
	proxy.challenge.len = 12;
	assert_int_equal(ppp_start_proxy(&rig->ppp, &proxy), 0);
	assert_int_equal(rig->asked, 0);
	rig_expect(rig, PPP_PROTO_CHAP, 1);
	rig_free(rig);
}

static void what_we_would_not_agree_to_is_not_taken_over(void **state)
{
	const struct {
		struct buf sent, received;
	} bad[] = {
		{ OPTIONS("\1\4\5\x78\5\6\1\1\1\1"), OPTIONS(RECEIVED) }, /* no login */
		{ OPTIONS(SENT_CHAP), OPTIONS(RECEIVED) },                /* not allowed */
		{ OPTIONS(SENT "\x11\4\5\x78"), OPTIONS(RECEIVED) },      /* multilink */
		{ OPTIONS(SENT), OPTIONS("\3\4\xc0\x23") },               /* we log in */
		{ OPTIONS(SENT), OPTIONS("\1\4\0\1") },                   /* MRU 1 */
		{ OPTIONS(SENT), OPTIONS("\5\6\1\1\1\1") },               /* one magic number */
		{ OPTIONS(SENT "\1"), OPTIONS(RECEIVED) },                /* cut off */
		{ OPTIONS(SENT), OPTIONS(RECEIVED "\5") },
		{ OPTIONS("\1\3\5\3\4\xc0\x23"), OPTIONS(RECEIVED) },
		{ OPTIONS(""), OPTIONS("") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct ppp_proxy proxy = { .sent = bad[i].sent, .received = bad[i].received };
		struct rig *rig = rig_l2tp(true, false);

		assert_int_equal(ppp_start_proxy(&rig->ppp, &proxy), -EPROTO);
		assert_true(rig_silent(rig));
		assert_string_equal(ppp_phase_name(&rig->ppp), "dead");
		/* it begins as if nothing had been */
		rig_open_lcp(rig);
		rig_free(rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acfc_is_agreed_to_where_the_carrier_bears_it),
		cmocka_unit_test(what_was_agreed_holds_and_the_peer_logs_in),
		cmocka_unit_test(a_password_that_was_given_is_judged),
		cmocka_unit_test(a_chap_answer_that_was_given_is_judged),
		cmocka_unit_test(what_we_would_not_agree_to_is_not_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
