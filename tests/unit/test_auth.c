/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PAP, CHAP-MD5 and MS-CHAPv2 as packets: what is asked of the owner, what is
 * answered. */
#include "ppp_rig.h"

#include <stdio.h>
#include <unistd.h>

#include "ppp/chap_md5.h"

#define PAP PPP_PROTO_PAP
#define CHAP PPP_PROTO_CHAP

static void expect_end(struct rig *rig, enum cause cause)
{
	rig_expect(rig, PPP_PROTO_LCP, CP_TERM_REQ);
	assert_true(rig_silent(rig));
	RIG_SEND(rig, PPP_PROTO_LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, cause);
}

/* ---- PAP */

static struct rig *rig_pap(void)
{
	struct rig *rig = rig_new(true, false, false);

	rig_open_lcp(rig);
	assert_true(rig_silent(rig));
	return rig;
}

static void test_pap_accept(void **state)
{
	struct rig *rig = rig_pap();

	(void)state;
	strcpy(rig->reply.message, "hi");
	RIG_SEND(rig, PAP, 1, 42, 3, 'j', 'o', 'e', 4, 'p', 0, 's', 's');
	assert_int_equal(RIG_EXPECT(rig, PAP, 2, 2, 'h', 'i')->bytes[1], 42);
	assert_int_equal(rig->asked, 1);
	assert_int_equal(rig->method, PPP_AUTH_PAP);
	assert_string_equal(rig->username, "joe");
	assert_int_equal(rig->response_len, 4);
	assert_memory_equal(rig->response, "p\0ss", 4);
	assert_int_equal(rig->challenge_len, 0);
	assert_string_equal(ppp_username(&rig->ppp), "joe");
	assert_int_equal(ppp_auth_method(&rig->ppp), PPP_AUTH_PAP);
	/* our Ack was lost: the same again, and the owner is not asked */
	RIG_SEND(rig, PAP, 1, 43, 3, 'j', 'o', 'e', 4, 'p', 'a', 's', 's');
	assert_int_equal(RIG_EXPECT(rig, PAP, 2, 2, 'h', 'i')->bytes[1], 43);
	assert_int_equal(rig->asked, 1);
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
	rig_free(rig);
}

static void test_pap_reject(void **state)
{
	struct rig *rig = rig_pap();

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true; /* means nothing to PAP */
	strcpy(rig->reply.message, "no");
	RIG_SEND(rig, PAP, 1, 42, 3, 'j', 'o', 'e', 0);
	RIG_EXPECT(rig, PAP, 3, 2, 'n', 'o');
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void test_pap_pending(void **state)
{
	struct rig *rig = rig_pap();

	(void)state;
	rig->answer_at_once = false;
	RIG_SEND(rig, PAP, 1, 1, 3, 'j', 'o', 'e', 1, 'x');
	RIG_SEND(rig, PAP, 1, 2, 3, 'j', 'o', 'e', 1, 'x');
	assert_true(rig_silent(rig));
	assert_int_equal(rig->asked, 1);
	assert_false(ev_is_active(&rig->ppp.auth_timer)); /* the owner may take its time */
	assert_string_equal(ppp_username(&rig->ppp), "joe");
	ppp_auth_done(&rig->ppp, &rig->reply);
	assert_int_equal(RIG_EXPECT(rig, PAP, 2, 0)->bytes[1], 2); /* the latest identifier */
	ppp_auth_done(&rig->ppp, &rig->reply);                     /* nothing is pending any more */
	assert_true(rig_silent(rig));
	rig_free(rig);
}

static void test_pap_malformed(void **state)
{
	static const uint8_t good[] = { 3, 'j', 'o', 'e', 2, 'p', 'w' };
	struct rig *rig = rig_pap();

	(void)state;
	for (size_t n = 0; n < sizeof(good); n++)
		rig_packet(rig, PAP, 1, 1, good, n);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), sizeof(good));
	RIG_SEND(rig, PAP, 1, 1, 255, 'j', 0);
	RIG_SEND(rig, PAP, 1, 1, 1, 'j', 255, 'x');
	rig_input(rig, "\xc0\x23\1\1\0\x0b\3joe\2p", 12); /* less than its length says */
	rig_input(rig, "\xc0\x23\1", 3);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), sizeof(good) + 4);
	rig_packet(rig, PAP, 2, 1, good, sizeof(good));
	rig_packet(rig, PAP, 0, 1, good, sizeof(good));
	assert_int_equal(rig_drops(rig, XP_R_S_CODE), 2);
	rig_packet(rig, CHAP, 2, 1, good, sizeof(good)); /* not what was agreed on */
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 1);
	assert_true(rig_silent(rig));
	assert_int_equal(rig->asked, 0);
	rig_packet(rig, PAP, 1, 1, good, sizeof(good));
	rig_expect(rig, PAP, 2);
	rig_free(rig);
}

/* A NUL would make another name of it. */
static void test_pap_nul_in_name(void **state)
{
	struct rig *rig = rig_pap();

	(void)state;
	RIG_SEND(rig, PAP, 1, 1, 5, 'j', 'o', 'e', 0, 'x', 1, 'x');
	RIG_EXPECT(rig, PAP, 3, 0);
	assert_int_equal(rig->asked, 0);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void test_pap_longest(void **state)
{
	struct rig *rig = rig_pap();
	uint8_t data[512];

	(void)state;
	memset(data, 'u', sizeof(data));
	data[0] = data[256] = 255;
	memset(rig->reply.message, 'm', PPP_MESSAGE_MAX);
	rig_packet(rig, PAP, 1, 1, data, sizeof(data));
	assert_int_equal(rig_expect(rig, PAP, 2)->len, 4 + 1 + 255);
	assert_int_equal(strlen(ppp_username(&rig->ppp)), 255);
	assert_int_equal(rig->response_len, 255);
	rig_free(rig);
}

static void test_pap_timeout(void **state)
{
	struct rig *rig = rig_pap();

	(void)state;
	for (int i = 0; i < 4; i++) {
		rig_fire(rig, &rig->ppp.auth_timer);
		assert_true(rig_silent(rig));
	}
	rig_fire(rig, &rig->ppp.auth_timer);
	expect_end(rig, CAUSE_AUTH_TIMEOUT);
	rig_free(rig);
}

/* ---- CHAP */

static struct rig *rig_chap(bool md5, bool mschapv2, struct rig_frame *challenge)
{
	struct rig *rig = rig_new(false, md5, mschapv2);

	rig_open_lcp(rig);
	*challenge = *rig_expect(rig, CHAP, 1);
	assert_int_equal(challenge->len, 4 + 1 + 16 + 3);
	assert_int_equal(challenge->bytes[4], 16);
	assert_memory_equal(challenge->bytes + 21, "ac1", 3);
	assert_true(rig_silent(rig));
	return rig;
}

/* A response of `size` times 'r' with a name; returns what was sent as value.
 */
static void send_response(struct rig *rig, uint8_t ident, size_t size, const char *name)
{
	uint8_t data[600];

	data[0] = (uint8_t)size;
	memset(data + 1, 'r', size);
	memcpy(data + 1 + size, name, strlen(name));
	rig_packet(rig, CHAP, 2, ident, data, 1 + size + strlen(name));
}

static void test_chap_accept(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(true, false, &f);

	(void)state;
	strcpy(rig->reply.message, "welcome");
	send_response(rig, f.bytes[1], 16, "joe@isp");
	assert_int_equal(rig->method, PPP_AUTH_CHAP_MD5);
	assert_string_equal(rig->username, "joe@isp");
	assert_int_equal(rig->auth_ident, f.bytes[1]);
	assert_int_equal(rig->challenge_len, 16);
	assert_memory_equal(rig->challenge, f.bytes + 5, 16);
	assert_int_equal(rig->response_len, 16);
	assert_memory_equal(rig->response, "rrrrrrrrrrrrrrrr", 16);
	assert_int_equal(rig_expect_data(rig, CHAP, 3, "welcome", 7)->bytes[1], f.bytes[1]);
	assert_false(ev_is_active(&rig->ppp.auth_timer));
	/* our Success was lost */
	send_response(rig, f.bytes[1], 16, "joe@isp");
	rig_expect_data(rig, CHAP, 3, "welcome", 7);
	assert_int_equal(rig->asked, 1);
	rig_free(rig);
}

/* What a peer computes is what the owner can check. */
static void test_chap_md5_end_to_end(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(true, false, &f);
	uint8_t data[20] = { 16 }, expected[16];

	(void)state;
	chap_md5_response(f.bytes[1], "pw", 2, f.bytes + 5, f.bytes[4], data + 1);
	memcpy(data + 17, "joe", 3);
	rig_packet(rig, CHAP, 2, f.bytes[1], data, sizeof(data));
	chap_md5_response(rig->auth_ident, "pw", 2, rig->challenge, rig->challenge_len, expected);
	assert_memory_equal(rig->response, expected, 16);
	rig_free(rig);
}

static void test_chap_challenges_differ(void **state)
{
	struct rig_frame a, b;
	struct rig *rig = rig_chap(true, false, &a), *other = rig_chap(true, false, &b);

	(void)state;
	assert_memory_not_equal(a.bytes + 5, b.bytes + 5, 16);
	rig_free(rig);
	rig_free(other);
}

static void test_chap_retransmission(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(true, false, &f);

	(void)state;
	for (int i = 0; i < 4; i++) {
		rig_fire(rig, &rig->ppp.auth_timer);
		const struct rig_frame *again = rig_expect(rig, CHAP, 1);

		assert_int_equal(again->len, f.len);
		assert_memory_equal(again->bytes, f.bytes, f.len);
	}
	rig_fire(rig, &rig->ppp.auth_timer);
	expect_end(rig, CAUSE_AUTH_TIMEOUT);
	rig_free(rig);
}

static void test_chap_reject(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(true, false, &f);

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true; /* MS-CHAPv2 only */
	send_response(rig, f.bytes[1], 16, "joe");
	rig_expect_data(rig, CHAP, 4, NULL, 0);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void test_chap_malformed(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(true, false, &f);
	uint8_t ident = f.bytes[1];
	char name[300];

	(void)state;
	rig_packet(rig, CHAP, 2, ident, NULL, 0);
	RIG_SEND(rig, CHAP, 2, ident, 16, 1, 2, 3);
	send_response(rig, ident, 0, "joe");
	send_response(rig, ident, 15, "joe");
	send_response(rig, ident, 49, "joe"); /* MS-CHAPv2's */
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 5);
	send_response(rig, (uint8_t)(ident + 1), 16, "joe");
	assert_int_equal(rig_drops(rig, XP_R_S_IDENT), 1);
	for (uint8_t code = 0; code < 9; code++)
		if (code != 2)
			rig_packet(rig, CHAP, code, ident, "x", 1);
	assert_int_equal(rig_drops(rig, XP_R_S_CODE), 8);
	RIG_SEND(rig, PAP, 1, 1, 1, 'j', 1, 'x');
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 1);
	assert_int_equal(rig->asked, 0);
	assert_true(rig_silent(rig));
	memset(name, 'n', 256);
	name[256] = '\0';
	send_response(rig, ident, 16, name); /* longer than a name can be */
	rig_expect(rig, CHAP, 4);
	assert_int_equal(rig->asked, 0);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void test_chap_empty_name(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(true, false, &f);

	(void)state;
	send_response(rig, f.bytes[1], 16, "");
	assert_int_equal(rig->asked, 1);
	assert_string_equal(rig->username, "");
	rig_free(rig);
}

static void test_chap_host_name(void **state)
{
	struct rig *rig = rig_new(false, true, false);
	const struct rig_frame *f;
	char host[65] = "";

	(void)state;
	rig->conf.chap_name[0] = '\0';
	rig_open_lcp(rig);
	f = rig_expect(rig, CHAP, 1);
	gethostname(host, sizeof(host) - 1);
	assert_int_equal(f->len, 4 + 1 + 16 + strlen(host));
	assert_memory_equal(f->bytes + 21, host, strlen(host));
	rig_free(rig);
}

/* ---- MS-CHAPv2 */

static void test_mschapv2_accept(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);
	static const char expected[] = "S=000102030405060708090A0B0C0D0E0F101112FF M=ok";

	(void)state;
	for (int i = 0; i < 20; i++)
		rig->reply.authenticator_response[i] = (uint8_t)i;
	rig->reply.authenticator_response[19] = 0xff;
	strcpy(rig->reply.message, "ok");
	send_response(rig, f.bytes[1], 16, "joe");
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 1);
	send_response(rig, f.bytes[1], 49, "joe");
	assert_int_equal(rig->method, PPP_AUTH_MSCHAPV2);
	assert_int_equal(rig->response_len, 49);
	rig_expect_data(rig, CHAP, 3, expected, strlen(expected));
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
	send_response(rig, f.bytes[1], 49, "joe");
	rig_expect_data(rig, CHAP, 3, expected, strlen(expected));
	assert_int_equal(rig->asked, 1);
	rig_free(rig);
}

/* The longest message and the longest answer fit. */
static void test_mschapv2_longest(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);

	(void)state;
	memset(rig->reply.message, 'm', PPP_MESSAGE_MAX);
	send_response(rig, f.bytes[1], 49, "joe");
	assert_int_equal(rig_expect(rig, CHAP, 3)->len, 4 + 42 + 3 + 255);
	rig_free(rig);
	rig = rig_chap(false, true, &f);
	memset(rig->reply.message, 'm', PPP_MESSAGE_MAX);
	rig->reply.result = PPP_AUTH_REJECT;
	send_response(rig, f.bytes[1], 49, "joe");
	assert_int_equal(rig_expect(rig, CHAP, 4)->len,
			 4 + strlen("E=691 R=0 C= V=3 M=") + 32 + 255);
	rig_free(rig);
}

/* "E=<error> R=<retry> C=<challenge> V=3 M=<text>"; fills the challenge. */
static void expect_failure(struct rig *rig, uint8_t ident, unsigned int error, unsigned int retry,
			   const char *text, uint8_t challenge[16])
{
	const struct rig_frame *f = rig_expect(rig, CHAP, 4);
	char message[400], expected[400];

	assert_int_equal(f->bytes[1], ident);
	memcpy(message, f->bytes + 4, f->len - 4);
	message[f->len - 4] = '\0';
	snprintf(expected, sizeof(expected), "E=%u R=%u C=", error, retry);
	assert_memory_equal(message, expected, strlen(expected));
	for (int i = 0; i < 16; i++)
		assert_int_equal(sscanf(message + strlen(expected) + 2 * i, "%2hhx", challenge + i),
				 1);
	snprintf(expected, sizeof(expected), " V=3 M=%s", text);
	assert_string_equal(message + 10 + 2 + 32, expected);
}

static void test_mschapv2_retry(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);
	uint8_t ident = f.bytes[1], first[16], again[16], second[16], third[16];

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true;
	strcpy(rig->reply.message, "again");
	send_response(rig, ident, 49, "joe");
	expect_failure(rig, ident, 691, 1, "again", first);
	assert_memory_not_equal(first, f.bytes + 5, 16);
	assert_false(ev_is_active(&rig->ppp.auth_timer)); /* a human types */
	/* our Failure was lost: the same again, challenge included */
	send_response(rig, ident, 49, "joe");
	expect_failure(rig, ident, 691, 1, "again", again);
	assert_memory_equal(first, again, 16);
	assert_int_equal(rig->asked, 1);
	/* the second try is checked against the new challenge */
	send_response(rig, (uint8_t)(ident + 1), 49, "joe2");
	assert_int_equal(rig->asked, 2);
	assert_string_equal(rig->username, "joe2");
	assert_memory_equal(rig->challenge, first, 16);
	assert_int_equal(rig->auth_ident, (uint8_t)(ident + 1));
	expect_failure(rig, (uint8_t)(ident + 1), 691, 1, "again", second);
	send_response(rig, (uint8_t)(ident + 3), 49, "joe2");
	assert_int_equal(rig_drops(rig, XP_R_S_IDENT), 1);
	/* the third is the last */
	send_response(rig, (uint8_t)(ident + 2), 49, "joe");
	expect_failure(rig, (uint8_t)(ident + 2), 691, 0, "again", third);
	expect_end(rig, CAUSE_AUTH);
	assert_int_equal(rig->asked, 3);
	rig_free(rig);
}

static void test_mschapv2_retry_succeeds(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);
	uint8_t challenge[16];

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true;
	send_response(rig, f.bytes[1], 49, "joe");
	expect_failure(rig, f.bytes[1], 691, 1, "", challenge);
	rig->reply.result = PPP_AUTH_ACCEPT;
	send_response(rig, (uint8_t)(f.bytes[1] + 1), 49, "joe");
	rig_expect(rig, CHAP, 3);
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
	rig_free(rig);
}

/* Nobody types: the watchdog ends it, and says that it was the password. */
static void test_mschapv2_retry_abandoned(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true;
	send_response(rig, f.bytes[1], 49, "joe");
	rig_expect(rig, CHAP, 4);
	rig_fire(rig, &rig->ppp.watchdog);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void test_mschapv2_error(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);
	uint8_t challenge[16];

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.mschap_error = 646;
	send_response(rig, f.bytes[1], 49, "joe");
	expect_failure(rig, f.bytes[1], 646, 0, "", challenge);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void test_mschapv2_change_password(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);
	uint8_t challenge[16], data[582] = { 0 };

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true;
	send_response(rig, f.bytes[1], 49, "joe");
	expect_failure(rig, f.bytes[1], 691, 1, "", challenge);
	rig_packet(rig, CHAP, 7, (uint8_t)(f.bytes[1] + 1), data, sizeof(data));
	expect_failure(rig, (uint8_t)(f.bytes[1] + 1), 709, 0, "", challenge);
	assert_int_equal(rig->asked, 1);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

/* The link has told the peer that its password has expired; returns the
 * challenge in it. */
static struct rig *rig_expired(uint8_t *ident, bool retry, uint8_t challenge[16])
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);

	*ident = f.bytes[1];
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.mschap_error = 648;
	rig->reply.retry = retry;
	send_response(rig, *ident, 49, "joe");
	expect_failure(rig, *ident, 648, retry, "", challenge);
	assert_true(rig_silent(rig)); /* the user types */
	assert_false(ev_is_active(&rig->ppp.auth_timer));
	return rig;
}

static void test_expired_password_changed(void **state)
{
	uint8_t ident, challenge[16], data[582];
	struct rig *rig = rig_expired(&ident, false, challenge);

	(void)state;
	memset(data, 'c', sizeof(data));
	rig_packet(rig, CHAP, 7, (uint8_t)(ident + 2), data, sizeof(data));
	assert_int_equal(rig_drops(rig, XP_R_S_IDENT), 1);
	rig_packet(rig, CHAP, 7, (uint8_t)(ident + 1), data, sizeof(data) - 1);
	rig_packet(rig, CHAP, 7, (uint8_t)(ident + 1), NULL, 0);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 2);
	assert_int_equal(rig->asked, 1);
	/* without R=1 the old password is not worth another try */
	send_response(rig, (uint8_t)(ident + 1), 49, "joe");
	assert_int_equal(rig_drops(rig, XP_R_S_IDENT), 2);
	rig->answer_at_once = false;
	rig_packet(rig, CHAP, 7, (uint8_t)(ident + 1), data, sizeof(data));
	assert_int_equal(rig->asked, 2);
	assert_int_equal(rig->method, PPP_AUTH_MSCHAPV2_CHANGE);
	assert_true(rig->auth_first);
	assert_string_equal(rig->username, "joe"); /* the packet has no name */
	assert_int_equal(rig->auth_ident, (uint8_t)(ident + 1));
	assert_memory_equal(rig->challenge, challenge, 16);
	assert_int_equal(rig->response_len, sizeof(data));
	assert_memory_equal(rig->response, data, sizeof(data));
	rig_packet(rig, CHAP, 7, (uint8_t)(ident + 1), data, sizeof(data)); /* repeated */
	assert_int_equal(rig->asked, 2);
	assert_true(rig_silent(rig));
	rig->reply.result = PPP_AUTH_ACCEPT;
	rig->reply.mschap_error = 0;
	ppp_auth_done(&rig->ppp, &rig->reply);
	assert_int_equal(rig_expect(rig, CHAP, 3)->bytes[1], (uint8_t)(ident + 1));
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
	rig_packet(rig, CHAP, 7, (uint8_t)(ident + 1), data, sizeof(data));
	rig_expect(rig, CHAP, 3); /* the Success was lost */
	assert_int_equal(rig->asked, 2);
	rig_free(rig);
}

static void test_expired_password_kept(void **state)
{
	uint8_t ident, challenge[16], data[582] = { 0 };
	struct rig *rig = rig_expired(&ident, true, challenge);

	(void)state;
	rig->reply.mschap_error = 709;
	rig->reply.retry = false;
	rig_packet(rig, CHAP, 7, (uint8_t)(ident + 1), data, sizeof(data));
	expect_failure(rig, (uint8_t)(ident + 1), 709, 0, "", challenge);
	assert_int_equal(rig->asked, 2);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

/* With R=1 another password may be right. */
static void test_expired_password_another(void **state)
{
	uint8_t ident, challenge[16];
	struct rig *rig = rig_expired(&ident, true, challenge);

	(void)state;
	rig->reply.result = PPP_AUTH_ACCEPT;
	send_response(rig, (uint8_t)(ident + 1), 49, "joe");
	assert_int_equal(rig->method, PPP_AUTH_MSCHAPV2);
	rig_expect(rig, CHAP, 3);
	rig_free(rig);
}

/* An open link is asked again; a second try is not given then. */
static void test_reauthentication(void **state)
{
	struct rig_frame f, g;
	struct rig *rig = rig_chap(false, true, &f);

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true;
	send_response(rig, f.bytes[1], 49, "joe");
	rig_expect(rig, CHAP, 4);
	rig->reply.result = PPP_AUTH_ACCEPT;
	send_response(rig, (uint8_t)(f.bytes[1] + 1), 49, "joe");
	rig_expect(rig, CHAP, 3);
	assert_int_equal(ppp_reauthenticate(&rig->ppp), -EBUSY); /* not open yet */
	rig_open_ipcp(rig);
	assert_int_equal(ppp_reauthenticate(&rig->ppp), 0);
	g = *rig_expect(rig, CHAP, 1);
	assert_int_equal((uint8_t)(f.bytes[1] + 2), g.bytes[1]);
	send_response(rig, g.bytes[1], 49, "joe");
	rig_expect(rig, CHAP, 3);
	assert_true(rig_silent(rig));
	assert_string_equal(ppp_phase_name(&rig->ppp), "opened");
	assert_int_equal(rig->downs, 0);
	assert_int_equal(ppp_reauthenticate(&rig->ppp), 0);
	g = *rig_expect(rig, CHAP, 1);
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true;
	rig->reply.mschap_error = 648;
	send_response(rig, g.bytes[1], 49, "joe");
	rig_expect(rig, CHAP, 4);
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

/* ---- again on the same link */

/* LCP begins anew while the owner is still asked: the old answer counts for
 * nothing. */
static void test_restart_while_pending(void **state)
{
	struct rig *rig = rig_pap();

	(void)state;
	rig->answer_at_once = false;
	RIG_SEND(rig, PAP, 1, 1, 3, 'j', 'o', 'e', 1, 'x');
	RIG_SEND(rig, PPP_PROTO_LCP, CP_CONF_REQ, 5, 5, 6, RIG_MAGIC);
	ppp_auth_done(&rig->ppp, &rig->reply);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, PPP_PROTO_LCP));
	rig_expect(rig, PPP_PROTO_LCP, CP_CONF_ACK);
	assert_true(rig_silent(rig));
	assert_string_equal(ppp_phase_name(&rig->ppp), "authenticate");
	rig->answer_at_once = true;
	rig_login(rig);
	assert_int_equal(rig->asked, 2);
	rig_free(rig);
}

/* RFC 1994 4.1: each challenge has its own identifier and value. */
static void test_chap_again(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(true, false, &f);
	const struct rig_frame *second;

	(void)state;
	send_response(rig, f.bytes[1], 16, "joe");
	rig_expect(rig, CHAP, 3);
	RIG_SEND(rig, PPP_PROTO_LCP, CP_CONF_REQ, 5, 5, 6, RIG_MAGIC);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, PPP_PROTO_LCP));
	rig_expect(rig, PPP_PROTO_LCP, CP_CONF_ACK);
	second = rig_expect(rig, CHAP, 1);
	assert_int_not_equal(second->bytes[1], f.bytes[1]);
	assert_memory_not_equal(second->bytes + 5, f.bytes + 5, 16);
	send_response(rig, f.bytes[1], 16, "joe"); /* a replay of the first */
	assert_int_equal(rig->asked, 1);
	rig_free(rig);
}

/* LCP that begins anew does not give a guesser more tries. */
static void test_restart_between_failures(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_chap(false, true, &f);

	(void)state;
	rig->reply.result = PPP_AUTH_REJECT;
	rig->reply.retry = true;
	for (int i = 0; i < 2; i++) {
		send_response(rig, f.bytes[1], 49, "joe");
		rig_expect(rig, CHAP, 4);
		RIG_SEND(rig, PPP_PROTO_LCP, CP_CONF_REQ, 5, 5, 6, RIG_MAGIC);
		rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, PPP_PROTO_LCP));
		rig_expect(rig, PPP_PROTO_LCP, CP_CONF_ACK);
		f = *rig_expect(rig, CHAP, 1);
	}
	send_response(rig, f.bytes[1], 49, "joe");
	rig_expect(rig, CHAP, 4);
	expect_end(rig, CAUSE_AUTH);
	assert_int_equal(rig->asked, 3);
	rig_free(rig);
}

static void begin_anew(struct rig *rig)
{
	RIG_SEND(rig, PPP_PROTO_LCP, CP_CONF_REQ, 5, 5, 6, RIG_MAGIC);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, PPP_PROTO_LCP));
	rig_expect(rig, PPP_PROTO_LCP, CP_CONF_ACK);
}

/* Nor is the owner asked without end for a peer that is let in and goes no
 * further. */
static void test_restart_between_successes(void **state)
{
	struct rig *rig = rig_pap();

	(void)state;
	for (int i = 0; i < 3; i++) {
		rig_login(rig);
		begin_anew(rig);
	}
	assert_int_equal(rig->asked, 3);
	RIG_SEND(rig, PAP, 1, 1, 3, 'j', 'o', 'e', 2, 'p', 'w');
	RIG_EXPECT(rig, PAP, 3, 0);
	expect_end(rig, CAUSE_AUTH);
	assert_int_equal(rig->asked, 3);
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 1);
	rig_free(rig);
}

/* A link that comes up in between may begin anew as often as it likes. */
static void test_restart_of_links_that_are_up(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	for (int i = 1; i < 6; i++) {
		begin_anew(rig);
		rig_login(rig);
		rig_open_ipcp(rig);
		assert_int_equal(rig->asked, 1 + i);
		assert_int_equal(rig->ups, 1 + i);
	}
	rig_free(rig);
}

/* The link belongs to who it was given to. */
static void test_other_user(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	RIG_SEND(rig, PPP_PROTO_LCP, CP_CONF_REQ, 5, 5, 6, RIG_MAGIC);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, PPP_PROTO_LCP));
	rig_expect(rig, PPP_PROTO_LCP, CP_CONF_ACK);
	RIG_SEND(rig, PAP, 1, 1, 4, 'j', 'o', 'e', '2', 1, 'x');
	RIG_EXPECT(rig, PAP, 3, 0);
	assert_int_equal(rig->asked, 1);
	assert_string_equal(ppp_username(&rig->ppp), "joe");
	expect_end(rig, CAUSE_AUTH);
	rig_free(rig);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(ppp_auth_name(PPP_AUTH_NONE), "none");
	assert_string_equal(ppp_auth_name(PPP_AUTH_PAP), "pap");
	assert_string_equal(ppp_auth_name(PPP_AUTH_CHAP_MD5), "chap");
	assert_string_equal(ppp_auth_name(PPP_AUTH_MSCHAPV2), "mschapv2");
	assert_string_equal(ppp_auth_name(PPP_AUTH_EAP), "eap");
	assert_string_equal(ppp_auth_name(PPP_AUTH_MSCHAPV2_CHANGE), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pap_accept),
		cmocka_unit_test(test_pap_reject),
		cmocka_unit_test(test_pap_pending),
		cmocka_unit_test(test_pap_malformed),
		cmocka_unit_test(test_pap_nul_in_name),
		cmocka_unit_test(test_pap_longest),
		cmocka_unit_test(test_pap_timeout),
		cmocka_unit_test(test_chap_accept),
		cmocka_unit_test(test_chap_md5_end_to_end),
		cmocka_unit_test(test_chap_challenges_differ),
		cmocka_unit_test(test_chap_retransmission),
		cmocka_unit_test(test_chap_reject),
		cmocka_unit_test(test_chap_malformed),
		cmocka_unit_test(test_chap_empty_name),
		cmocka_unit_test(test_chap_host_name),
		cmocka_unit_test(test_mschapv2_accept),
		cmocka_unit_test(test_mschapv2_longest),
		cmocka_unit_test(test_mschapv2_retry),
		cmocka_unit_test(test_mschapv2_retry_succeeds),
		cmocka_unit_test(test_mschapv2_retry_abandoned),
		cmocka_unit_test(test_restart_between_failures),
		cmocka_unit_test(test_restart_between_successes),
		cmocka_unit_test(test_restart_of_links_that_are_up),
		cmocka_unit_test(test_mschapv2_error),
		cmocka_unit_test(test_mschapv2_change_password),
		cmocka_unit_test(test_expired_password_changed),
		cmocka_unit_test(test_expired_password_kept),
		cmocka_unit_test(test_expired_password_another),
		cmocka_unit_test(test_reauthentication),
		cmocka_unit_test(test_restart_while_pending),
		cmocka_unit_test(test_chap_again),
		cmocka_unit_test(test_other_user),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
