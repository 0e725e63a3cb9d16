/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* EAP between a peer and the owner's server, who are both played: RFC 3748. */
#include "ppp_rig.h"

#include <stdio.h>

#define EAP PPP_PROTO_EAP
#define LCP PPP_PROTO_LCP

enum { REQUEST = 1, RESPONSE, SUCCESS, FAILURE };
enum { IDENTITY = 1, NAK = 3, MD5 = 4 };

static void expect_end(struct rig *rig, enum cause cause)
{
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_true(rig_silent(rig));
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, cause);
}

static void init(struct rig *rig)
{
	ppp_init(&rig->ppp, rig->loop, &rig->conf, &rig_ops, rig, rig->log, 7, 1492);
}

static struct rig *rig_allowing(bool pap, bool chap, bool mschapv2)
{
	struct rig *rig = rig_new(pap, chap, mschapv2);

	rig->conf.auth_eap = true;
	rig->answer_at_once = false;
	init(rig);
	return rig;
}

static struct rig *rig_requiring_mppe(void)
{
	struct rig *rig = rig_allowing(false, false, false);

	rig->conf.mppe = PPP_MPPE_REQUIRED;
	init(rig);
	return rig;
}

/* A link that has asked who the peer is; with the identifier that it did it
 * with. */
static struct rig *rig_eap(uint8_t *ident)
{
	struct rig *rig = rig_allowing(false, false, false);

	rig_open_lcp(rig);
	*ident = RIG_EXPECT(rig, EAP, REQUEST, IDENTITY)->bytes[1];
	assert_true(rig_silent(rig));
	return rig;
}

static void say_identity(struct rig *rig, uint8_t ident, const char *name)
{
	uint8_t data[512] = { IDENTITY };

	memcpy(data + 1, name, strlen(name));
	rig_packet(rig, EAP, RESPONSE, ident, data, 1 + strlen(name));
}

/* The server's answer. */
static void challenge(struct rig *rig, const void *eap, size_t len)
{
	rig->reply.result = PPP_AUTH_CHALLENGE;
	rig->reply.eap = eap;
	rig->reply.eap_len = len;
	ppp_auth_done(&rig->ppp, &rig->reply);
}

static void decide(struct rig *rig, enum ppp_auth_result result)
{
	rig->reply.result = result;
	rig->reply.eap = NULL;
	ppp_auth_done(&rig->ppp, &rig->reply);
}

/* One round of the server's: a request with this identifier goes to the peer.
 */
static void server_asks(struct rig *rig, uint8_t ident)
{
	const uint8_t eap[] = { REQUEST, ident, 0, 8, MD5, 2, 0xaa, ident };

	challenge(rig, eap, sizeof(eap));
	rig_expect_data(rig, EAP, REQUEST, eap + 4, 4);
}

static void an_identity_then_rounds_then_success(void **state)
{
	uint8_t ident, whole[] = { RESPONSE, 0, 0, 8, IDENTITY, 'j', 'o', 'e' };
	struct rig *rig = rig_eap(&ident);

	(void)state;
	say_identity(rig, ident, "joe");
	assert_int_equal(rig->asked, 1);
	assert_true(rig->auth_first);
	assert_int_equal(rig->method, PPP_AUTH_EAP);
	assert_string_equal(rig->username, "joe");
	assert_int_equal(rig->challenge_len, 0);
	assert_int_equal(rig->auth_mtu, 1492);
	whole[1] = ident;
	assert_int_equal(rig->response_len, sizeof(whole)); /* the whole packet */
	assert_memory_equal(rig->response, whole, sizeof(whole));
	assert_true(rig_silent(rig));
	assert_false(ev_is_active(&rig->ppp.auth_timer)); /* the server may take its time */
	/* the server's identifier is what the peer answers with */
	server_asks(rig, 77);
	assert_true(ev_is_active(&rig->ppp.auth_timer));
	RIG_SEND(rig, EAP, RESPONSE, 77, NAK, 13);
	assert_int_equal(rig->asked, 2);
	assert_false(rig->auth_first);
	assert_string_equal(rig->username, "joe");
	assert_int_equal(rig->response_len, 6);
	assert_int_equal(rig->response[5], 13);
	decide(rig, PPP_AUTH_ACCEPT);
	assert_int_equal(rig_expect_data(rig, EAP, SUCCESS, NULL, 0)->bytes[1], 77);
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
	assert_string_equal(ppp_username(&rig->ppp), "joe");
	assert_string_equal(ppp_auth_name(ppp_auth_method(&rig->ppp)), "eap");
	assert_null(rig->ppp.eap); /* costs nothing from now on */
	rig_open_ipcp(rig);
	rig_free(rig);
}

static void a_reject_is_a_failure(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	say_identity(rig, ident, "joe");
	server_asks(rig, 5);
	RIG_SEND(rig, EAP, RESPONSE, 5, MD5, 0);
	rig->reply.retry = true; /* means nothing here */
	rig->reply.mschap_error = 648;
	decide(rig, PPP_AUTH_REJECT);
	assert_int_equal(rig_expect_data(rig, EAP, FAILURE, NULL, 0)->bytes[1], 5);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

/* The server decides, not the EAP packet that it may have sent along (RFC
 * 3579 2.6.3). */
static void the_result_counts_and_not_the_packet(void **state)
{
	static const uint8_t success[] = { SUCCESS, 9, 0, 4 };
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	say_identity(rig, ident, "joe");
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.eap = success;
	rig->reply.eap_len = sizeof(success);
	ppp_auth_done(&rig->ppp, &rig->reply);
	assert_int_equal(rig_expect_data(rig, EAP, FAILURE, NULL, 0)->bytes[1], ident);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void what_is_not_answered_is_sent_again(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	for (int i = 0; i < 4; i++) {
		rig_fire(rig, &rig->ppp.auth_timer);
		assert_int_equal(RIG_EXPECT(rig, EAP, REQUEST, IDENTITY)->bytes[1], ident);
	}
	say_identity(rig, ident, "joe");
	server_asks(rig, 8);
	for (int i = 0; i < 4; i++) { /* each request has its own tries */
		rig_fire(rig, &rig->ppp.auth_timer);
		assert_int_equal(RIG_EXPECT(rig, EAP, REQUEST, MD5, 2, 0xaa, 8)->bytes[1], 8);
	}
	rig_fire(rig, &rig->ppp.auth_timer);
	expect_end(rig, CAUSE_AUTH_TIMEOUT);
	assert_int_equal(rig->asked, 1);
	rig_free(rig);
}

static void the_server_says_how_long_the_peer_may_think(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	assert_true(ev_timer_remaining(rig->loop, &rig->ppp.auth_timer) < 3.5);
	say_identity(rig, ident, "joe");
	rig->reply.eap_timeout = 20;
	server_asks(rig, 8);
	assert_true(ev_timer_remaining(rig->loop, &rig->ppp.auth_timer) > 19);
	RIG_SEND(rig, EAP, RESPONSE, 8, MD5);
	rig->reply.eap_timeout = 1u << 31; /* within reason */
	server_asks(rig, 9);
	assert_true(ev_timer_remaining(rig->loop, &rig->ppp.auth_timer) < 31);
	rig_free(rig);
}

/* RFC 3748 2.1: one request, one response. */
static void responses_out_of_step_are_dropped(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	say_identity(rig, (uint8_t)(ident + 1), "joe");
	assert_int_equal(rig_drops(rig, XP_R_S_IDENT), 1);
	say_identity(rig, ident, "joe");
	say_identity(rig, ident, "joe"); /* while the server thinks */
	say_identity(rig, ident, "eve");
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 2);
	assert_int_equal(rig->asked, 1);
	assert_string_equal(rig->username, "joe");
	server_asks(rig, 8);
	say_identity(rig, ident, "joe"); /* a late one */
	assert_int_equal(rig_drops(rig, XP_R_S_IDENT), 2);
	RIG_SEND(rig, EAP, RESPONSE, 8, MD5);
	decide(rig, PPP_AUTH_ACCEPT);
	rig_expect(rig, EAP, SUCCESS);
	RIG_SEND(rig, EAP, RESPONSE, 8, MD5);
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 3);
	assert_int_equal(rig->asked, 2);
	assert_true(rig_silent(rig));
	rig_free(rig);
}

static void what_is_no_response_is_dropped(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	for (unsigned int code = 0; code < 8; code++)
		if (code != RESPONSE)
			RIG_SEND(rig, EAP, (uint8_t)code, ident, IDENTITY, 'j');
	assert_int_equal(rig_drops(rig, XP_R_S_CODE), 7);
	rig_packet(rig, EAP, RESPONSE, ident, NULL, 0); /* no type */
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 1);
	RIG_SEND(rig, EAP, RESPONSE, ident, NAK, 4); /* not in answer to Identity (5.3.1) */
	RIG_SEND(rig, EAP, RESPONSE, ident, MD5, 4);
	assert_int_equal(rig_drops(rig, XP_R_S_CODE), 9);
	rig_input(rig, "\xc2\x27\x02\x01\x00\x09\x01jo", 9); /* shorter than it says */
	rig_input(rig, "\xc2\x27\x02", 3);
	rig_input(rig, "\xc2\x27\x02\x01\x00\x03\x01", 7);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 4);
	RIG_SEND(rig, PPP_PROTO_CHAP, 2, ident, 16);
	RIG_SEND(rig, PPP_PROTO_PAP, 1, 1, 1, 'j', 1, 'x');
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 2);
	assert_int_equal(rig->asked, 0);
	assert_true(rig_silent(rig));
	rig_free(rig);
}

/* Padding is not the server's business. */
static void padding_is_cut_off(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);
	uint8_t frame[] = { 0xc2, 0x27, RESPONSE, ident, 0, 6, IDENTITY, 'j', 0, 0, 0, 0 };

	(void)state;
	rig_input(rig, frame, sizeof(frame));
	assert_int_equal(rig->response_len, 6);
	assert_string_equal(rig->username, "j");
	rig_free(rig);
}

static void a_name_that_nobody_can_have_is_refused(void **state)
{
	static const uint8_t with_nul[] = { IDENTITY, 'j', 0, 'x' };
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);
	char name[257];

	(void)state;
	rig_packet(rig, EAP, RESPONSE, ident, with_nul, sizeof(with_nul));
	assert_int_equal(rig->asked, 0);
	rig_expect_data(rig, EAP, FAILURE, NULL, 0);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);

	rig = rig_eap(&ident);
	memset(name, 'n', 256);
	name[256] = '\0';
	say_identity(rig, ident, name);
	assert_int_equal(rig->asked, 0);
	rig_expect_data(rig, EAP, FAILURE, NULL, 0);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);

	rig = rig_eap(&ident);
	name[255] = '\0';
	say_identity(rig, ident, name);
	assert_string_equal(rig->username, name);
	rig_free(rig);
}

/* Whatever the server sends that is no request that the peer can take is a
 * reject. */
static void expect_refused(const void *eap, size_t len)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	say_identity(rig, ident, "joe");
	challenge(rig, eap, len);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 1);
	rig_expect_data(rig, EAP, FAILURE, NULL, 0);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void a_bad_packet_of_the_server_is_a_reject(void **state)
{
	uint8_t longest[1500] = { REQUEST, 4, 1492 >> 8, 1492 & 0xff, MD5 };
	uint8_t ident;
	struct rig *rig;

	(void)state;
	expect_refused(NULL, 0);
	expect_refused("\1\4\0", 3);
	expect_refused("\1\4\0\4", 4);     /* no type */
	expect_refused("\1\4\0\7\4\0", 6); /* cut off */
	expect_refused("\2\4\0\6\4\0", 6); /* a response */
	expect_refused("\3\4\0\4", 4);     /* a success without an accept */
	longest[3]++;
	expect_refused(longest, sizeof(longest)); /* more than the link takes */
	longest[3]--;
	rig = rig_eap(&ident);
	say_identity(rig, ident, "joe");
	challenge(rig, longest, sizeof(longest));
	assert_int_equal(rig_expect(rig, EAP, REQUEST)->len, 1492);
	rig_free(rig);
}

/* The peer's MRU is the server's bound for its fragments. */
static void the_mtu_is_what_the_peer_takes(void **state)
{
	struct rig *rig = rig_allowing(false, false, false);

	(void)state;
	ppp_start(&rig->ppp);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, LCP));
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 1, 4, 1100 >> 8, 1100 & 0xff);
	rig_expect(rig, LCP, CP_CONF_ACK);
	say_identity(rig, rig_expect(rig, EAP, REQUEST)->bytes[1], "joe");
	assert_int_equal(rig->auth_mtu, 1100);
	rig_free(rig);
}

static void rounds_have_an_end(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);
	unsigned int rounds;

	(void)state;
	say_identity(rig, ident, "joe");
	for (rounds = 0; rounds < 64; rounds++) {
		server_asks(rig, (uint8_t)rounds);
		RIG_SEND(rig, EAP, RESPONSE, (uint8_t)rounds, MD5);
	}
	assert_int_equal(rig->asked, 65);
	challenge(rig, "\1\100\0\5\4", 5);
	rig_expect_data(rig, EAP, FAILURE, NULL, 0);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void a_challenge_means_nothing_to_other_methods(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	rig_open_lcp(rig);
	rig->reply.result = PPP_AUTH_CHALLENGE;
	rig->reply.eap = (const uint8_t *)"\1\1\0\5\4";
	rig->reply.eap_len = 5;
	RIG_SEND(rig, PPP_PROTO_PAP, 1, 1, 1, 'j', 1, 'x');
	rig_expect(rig, PPP_PROTO_PAP, 3);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

/* ---- who it is */

static void the_server_knows_the_user(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	say_identity(rig, ident, "anonymous@isp");
	assert_string_equal(ppp_username(&rig->ppp), "anonymous@isp");
	rig->reply.username = "joe@isp";
	assert_int_equal(ppp_auth_identify(&rig->ppp, &rig->reply), 0);
	assert_string_equal(ppp_username(&rig->ppp), "joe@isp");
	decide(rig, PPP_AUTH_ACCEPT);
	rig_expect(rig, EAP, SUCCESS);
	assert_string_equal(ppp_username(&rig->ppp), "joe@isp");
	rig_free(rig);
}

/* The link is open as this user, and LCP begins anew. */
static uint8_t begin_anew(struct rig *rig)
{
	RIG_SEND(rig, LCP, CP_CONF_REQ, 5, 5, 6, RIG_MAGIC);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, LCP));
	rig_expect(rig, LCP, CP_CONF_ACK);
	return rig_expect(rig, EAP, REQUEST)->bytes[1];
}

static struct rig *rig_opened_as(const char *identity, const char *username)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	say_identity(rig, ident, identity);
	rig->reply.username = username;
	decide(rig, PPP_AUTH_ACCEPT);
	rig_expect(rig, EAP, SUCCESS);
	rig_open_ipcp(rig);
	return rig;
}

static void the_same_user_may_come_again_under_another_identity(void **state)
{
	struct rig *rig = rig_opened_as("anonymous", "joe");
	uint8_t ident = begin_anew(rig);

	(void)state;
	say_identity(rig, ident, "nobody");
	assert_string_equal(rig->username, "nobody"); /* what the server is told */
	assert_string_equal(ppp_username(&rig->ppp), "joe");
	decide(rig, PPP_AUTH_ACCEPT);
	rig_expect(rig, EAP, SUCCESS);
	assert_string_equal(ppp_username(&rig->ppp), "joe");
	rig_free(rig);
}

static void another_user_may_not(void **state)
{
	struct rig *rig = rig_opened_as("anonymous", "joe");
	uint8_t ident = begin_anew(rig);

	(void)state;
	say_identity(rig, ident, "anonymous");
	rig->reply.username = "eve";
	assert_int_equal(ppp_auth_identify(&rig->ppp, &rig->reply), -EPERM);
	decide(rig, PPP_AUTH_ACCEPT);
	rig_expect_data(rig, EAP, FAILURE, NULL, 0);
	assert_string_equal(ppp_username(&rig->ppp), "joe");
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void identities_are_counted_as_tries(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	for (int i = 0; i < 3; i++) { /* the server is asked, and LCP begins anew */
		say_identity(rig, ident, "joe");
		ident = begin_anew(rig);
	}
	assert_int_equal(rig->asked, 3);
	say_identity(rig, ident, "joe");
	assert_int_equal(rig->asked, 3);
	rig_expect(rig, EAP, FAILURE);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void an_answer_for_an_earlier_link_counts_for_nothing(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	say_identity(rig, ident, "joe");
	assert_true(ppp_auth_pending(&rig->ppp));
	begin_anew(rig);
	assert_false(ppp_auth_pending(&rig->ppp));
	challenge(rig, "\1\11\0\5\4", 5);
	decide(rig, PPP_AUTH_ACCEPT);
	assert_true(rig_silent(rig));
	assert_string_equal(ppp_phase_name(&rig->ppp), "authenticate");
	rig_free(rig);
}

/* ---- keys */

static void the_servers_keys_are_for_mppe(void **state)
{
	struct rig *rig = rig_requiring_mppe();

	(void)state;
	rig_open_lcp(rig);
	say_identity(rig, rig_expect(rig, EAP, REQUEST)->bytes[1], "joe");
	rig->reply.keys = PPP_KEYS_READY;
	memset(&rig->reply.mppe, 0x5a, sizeof(rig->reply.mppe));
	decide(rig, PPP_AUTH_ACCEPT);
	rig_expect(rig, EAP, SUCCESS);
	assert_memory_equal(&rig->ppp.state.ccp.keys, &rig->reply.mppe, sizeof(rig->reply.mppe));
	rig_free(rig);
}

static void where_encryption_is_required_keys_must_come(void **state)
{
	struct rig *rig = rig_requiring_mppe();

	(void)state;
	rig_open_lcp(rig);
	say_identity(rig, rig_expect(rig, EAP, REQUEST)->bytes[1], "joe");
	decide(rig, PPP_AUTH_ACCEPT);
	rig_expect(rig, EAP, SUCCESS);
	expect_end(rig, CAUSE_MPPE);
	rig_free(rig);
}

/* ---- LCP */

static void eap_is_asked_for_first_and_given_up(void **state)
{
	struct rig *rig = rig_allowing(true, true, true);
	struct rig_frame f;

	(void)state;
	ppp_start(&rig->ppp);
	f = *rig_expect_request(rig, LCP);
	assert_non_null(memmem(f.bytes, f.len, "\3\4\xc2\x27", 4));
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 4, 0xc0, 0x23);
	f = *rig_expect_request(rig, LCP);
	assert_non_null(memmem(f.bytes, f.len, "\3\4\xc0\x23", 4));
	rig_free(rig);

	rig = rig_allowing(true, true, true);
	ppp_start(&rig->ppp);
	f = *rig_expect_request(rig, LCP);
	RIG_SEND(rig, LCP, CP_CONF_REJ, f.bytes[1], 3, 4, 0xc2, 0x27);
	f = *rig_expect_request(rig, LCP);
	assert_non_null(memmem(f.bytes, f.len, "\3\5\xc2\x23\x81", 5));
	/* it may come back to it no more */
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 4, 0xc2, 0x27);
	f = *rig_expect_request(rig, LCP);
	assert_non_null(memmem(f.bytes, f.len, "\3\5\xc2\x23\x05", 5));
	rig_free(rig);
}

static void a_peer_may_wish_for_eap(void **state)
{
	struct rig *rig = rig_allowing(true, false, false);
	struct rig_frame f;

	(void)state;
	rig->ppp.state.lcp.auth = PPP_AUTH_PAP;
	ppp_start(&rig->ppp);
	f = *rig_expect_request(rig, LCP);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 4, 0xc2, 0x27);
	f = *rig_expect_request(rig, LCP);
	assert_non_null(memmem(f.bytes, f.len, "\3\4\xc2\x27", 4));
	rig_free(rig);
}

static void without_another_method_a_refusal_ends_it(void **state)
{
	struct rig *rig = rig_allowing(false, false, false);
	struct rig_frame f;

	(void)state;
	ppp_start(&rig->ppp);
	f = *rig_expect_request(rig, LCP);
	RIG_SEND(rig, LCP, CP_CONF_REJ, f.bytes[1], 3, 4, 0xc2, 0x27);
	rig_expect(rig, LCP, CP_TERM_REQ);
	rig_free(rig);
}

static void a_protocol_reject_ends_it(void **state)
{
	uint8_t ident;
	struct rig *rig = rig_eap(&ident);

	(void)state;
	RIG_SEND(rig, LCP, 8, 1, 0xc2, 0x27, 1, ident, 0, 5, 1);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

/* Behind a LAC that has asked for EAP, we begin with the identity. */
static void an_lcp_of_a_lac_may_have_asked_for_it(void **state)
{
	static const uint8_t sent[] = { 1, 4, 5, 212, 3, 4, 0xc2, 0x27 },
			     received[] = { 5, 6, RIG_MAGIC };
	struct rig *rig = rig_allowing(true, false, false);
	const struct ppp_proxy proxy = { .sent = buf_of(sent, sizeof(sent)),
					 .received = buf_of(received, sizeof(received)) };

	(void)state;
	assert_int_equal(ppp_start_proxy(&rig->ppp, &proxy), 0);
	RIG_EXPECT(rig, EAP, REQUEST, IDENTITY);
	assert_int_equal(ppp_auth_method(&rig->ppp), PPP_AUTH_EAP);
	rig_free(rig);
}

/* ---- asked again while the link is open */

static void an_open_link_proves_itself_again(void **state)
{
	struct rig *rig = rig_opened_as("anonymous", "joe");
	uint8_t ident;

	(void)state;
	for (int i = 0; i < 5; i++) { /* as often as wanted */
		assert_int_equal(ppp_reauthenticate(&rig->ppp), 0);
		assert_int_equal(ppp_reauthenticate(&rig->ppp), -EBUSY);
		ident = RIG_EXPECT(rig, EAP, REQUEST, IDENTITY)->bytes[1];
		say_identity(rig, ident, "anonymous");
		decide(rig, PPP_AUTH_ACCEPT);
		rig_expect_data(rig, EAP, SUCCESS, NULL, 0);
		assert_true(rig_silent(rig));
	}
	assert_string_equal(ppp_phase_name(&rig->ppp), "opened");
	assert_int_equal(rig->ups, 1);
	assert_int_equal(rig->downs, 0);
	rig_free(rig);
}

static void an_open_link_that_fails_ends(void **state)
{
	struct rig *rig = rig_opened_as("joe", NULL);

	(void)state;
	assert_int_equal(ppp_reauthenticate(&rig->ppp), 0);
	say_identity(rig, rig_expect(rig, EAP, REQUEST)->bytes[1], "joe");
	decide(rig, PPP_AUTH_REJECT);
	rig_expect_data(rig, EAP, FAILURE, NULL, 0);
	expect_end(rig, CAUSE_AUTH);
	assert_int_equal(rig->downs, 1);
	rig_free(rig);
}

static void an_open_link_that_keeps_silent_ends(void **state)
{
	struct rig *rig = rig_opened_as("joe", NULL);

	(void)state;
	assert_int_equal(ppp_reauthenticate(&rig->ppp), 0);
	for (int i = 0; i < 5; i++) {
		rig_expect(rig, EAP, REQUEST);
		rig_fire(rig, &rig->ppp.auth_timer);
	}
	expect_end(rig, CAUSE_AUTH_TIMEOUT);
	rig_free(rig);
}

static void pap_cannot_be_asked(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	assert_int_equal(ppp_reauthenticate(&rig->ppp), -ENOTSUP);
	assert_true(rig_silent(rig));
	ppp_terminate(&rig->ppp, CAUSE_CLEARED);
	assert_int_equal(ppp_reauthenticate(&rig->ppp), -EBUSY);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_identity_then_rounds_then_success),
		cmocka_unit_test(a_reject_is_a_failure),
		cmocka_unit_test(the_result_counts_and_not_the_packet),
		cmocka_unit_test(what_is_not_answered_is_sent_again),
		cmocka_unit_test(the_server_says_how_long_the_peer_may_think),
		cmocka_unit_test(responses_out_of_step_are_dropped),
		cmocka_unit_test(what_is_no_response_is_dropped),
		cmocka_unit_test(padding_is_cut_off),
		cmocka_unit_test(a_name_that_nobody_can_have_is_refused),
		cmocka_unit_test(a_bad_packet_of_the_server_is_a_reject),
		cmocka_unit_test(the_mtu_is_what_the_peer_takes),
		cmocka_unit_test(rounds_have_an_end),
		cmocka_unit_test(a_challenge_means_nothing_to_other_methods),
		cmocka_unit_test(the_server_knows_the_user),
		cmocka_unit_test(the_same_user_may_come_again_under_another_identity),
		cmocka_unit_test(another_user_may_not),
		cmocka_unit_test(identities_are_counted_as_tries),
		cmocka_unit_test(an_answer_for_an_earlier_link_counts_for_nothing),
		cmocka_unit_test(the_servers_keys_are_for_mppe),
		cmocka_unit_test(where_encryption_is_required_keys_must_come),
		cmocka_unit_test(eap_is_asked_for_first_and_given_up),
		cmocka_unit_test(a_peer_may_wish_for_eap),
		cmocka_unit_test(without_another_method_a_refusal_ends_it),
		cmocka_unit_test(a_protocol_reject_ends_it),
		cmocka_unit_test(an_lcp_of_a_lac_may_have_asked_for_it),
		cmocka_unit_test(an_open_link_proves_itself_again),
		cmocka_unit_test(an_open_link_that_fails_ends),
		cmocka_unit_test(an_open_link_that_keeps_silent_ends),
		cmocka_unit_test(pap_cannot_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
