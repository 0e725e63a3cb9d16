/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* LCP against a peer that is written out, the odd ones included. */
#include "ppp_rig.h"

#include "ppp/lcp.h"

#define LCP PPP_PROTO_LCP

/* In state Ack-Rcvd: the peer has taken our request and not sent its own. */
static struct rig *rig_acked(void)
{
	struct rig *rig = rig_new(true, false, false);

	ppp_start(&rig->ppp);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, LCP));
	return rig;
}

static uint32_t request_magic(const struct rig_frame *f)
{
	uint32_t magic;

	/* MRU 4 octets, PAP 4, then the magic number */
	assert_int_equal(f->len, 18);
	assert_int_equal(f->bytes[12], 5);
	memcpy(&magic, f->bytes + 14, 4);
	return magic;
}

/* ---- our request */

static void test_request(void **state)
{
	struct rig *rig = rig_new(true, true, true);
	const struct rig_frame *f;

	(void)state;
	rig->conf.mru = 1500; /* the carrier bears 1492 */
	ppp_init(&rig->ppp, rig->loop, &rig->conf, &rig_ops, rig, rig->log, 7, 1492);
	ppp_start(&rig->ppp);
	f = rig_expect_request(rig, LCP);
	assert_int_equal(f->len, 4 + 4 + 5 + 6);
	assert_memory_equal(f->bytes + 4, "\x01\x04\x05\xd4\x03\x05\xc2\x23\x81\x05\x06", 11);
	assert_true(rig_silent(rig));
	ppp_start(&rig->ppp);
	assert_true(rig_silent(rig));
	rig_free(rig);

	rig = rig_new(true, true, true);
	rig->conf.mru = 1400;
	ppp_init(&rig->ppp, rig->loop, &rig->conf, &rig_ops, rig, rig->log, 7, 1492);
	ppp_start(&rig->ppp);
	assert_memory_equal(rig_expect_request(rig, LCP)->bytes + 4, "\x01\x04\x05\x78", 4);
	rig_free(rig);
}

static void test_retransmission(void **state)
{
	struct rig *rig = rig_new(true, false, false);
	struct rig_frame first;

	(void)state;
	ppp_start(&rig->ppp);
	first = *rig_expect_request(rig, LCP);
	for (int i = 1; i < 10; i++) {
		rig_fire_lcp(rig);
		const struct rig_frame *f = rig_expect_request(rig, LCP);

		assert_int_equal(f->len, first.len);
		assert_memory_equal(f->bytes, first.bytes, first.len);
	}
	rig_fire_lcp(rig);
	assert_true(rig_silent(rig));
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, CAUSE_LCP);
	rig_free(rig);
}

static void test_ack_must_be_exact(void **state)
{
	struct rig *rig = rig_new(true, false, false);
	struct rig_frame ours, f;

	(void)state;
	ppp_start(&rig->ppp);
	ours = *rig_expect_request(rig, LCP);
	for (size_t i = 4; i < ours.len; i++) { /* each octet changed */
		f = ours;
		f.bytes[i] ^= 1;
		rig_answer(rig, CP_CONF_ACK, &f);
	}
	f = ours; /* one option less, one more, none */
	f.len -= 6;
	rig_answer(rig, CP_CONF_ACK, &f);
	f = ours;
	memcpy(f.bytes + f.len, "\x07\x02", 2);
	f.len += 2;
	rig_answer(rig, CP_CONF_ACK, &f);
	f.len = 4;
	rig_answer(rig, CP_CONF_ACK, &f);
	f = ours; /* another order */
	memcpy(f.bytes + 4, ours.bytes + 8, 4);
	memcpy(f.bytes + 8, ours.bytes + 4, 4);
	rig_answer(rig, CP_CONF_ACK, &f);
	f = ours; /* another identifier */
	f.bytes[1]++;
	rig_answer(rig, CP_CONF_ACK, &f);
	assert_int_equal(fsm_state(&rig->ppp.lcp.fsm), FSM_REQ_SENT);
	assert_int_equal(rig_drops(rig, XP_R_S_IDENT), 1);
	assert_int_equal(rig_drops(rig, XP_R_S_CODE) + rig_drops(rig, XP_R_S_OPTION),
			 ours.len - 4 + 4);
	rig_answer(rig, CP_CONF_ACK, &ours);
	assert_int_equal(fsm_state(&rig->ppp.lcp.fsm), FSM_ACK_RCVD);
	rig_answer(rig, CP_CONF_ACK, &ours); /* a copy changes nothing */
	assert_int_equal(fsm_state(&rig->ppp.lcp.fsm), FSM_ACK_RCVD);
	assert_true(rig_silent(rig));
	rig_free(rig);
}

static void test_mru_naked(void **state)
{
	struct rig *rig = rig_new(true, false, false);
	const struct rig_frame *f;
	uint8_t ident;

	(void)state;
	ppp_start(&rig->ppp);
	ident = rig_expect_request(rig, LCP)->bytes[1];
	/* lower: taken; an option that we did not ask for: passed over */
	RIG_SEND(rig, LCP, CP_CONF_NAK, ident, 1, 4, 0x05, 0x78, 2, 6, 0, 0, 0, 0, 99, 3, 1);
	f = rig_expect_request(rig, LCP);
	assert_int_not_equal(f->bytes[1], ident);
	assert_memory_equal(f->bytes + 4, "\x01\x04\x05\x78\x03\x04\xc0\x23\x05\x06", 10);
	ident = f->bytes[1];
	/* higher than the carrier bears, absurd, of wrong length: kept */
	RIG_SEND(rig, LCP, CP_CONF_NAK, ident, 1, 4, 0x23, 0x28);
	f = rig_expect_request(rig, LCP);
	assert_memory_equal(f->bytes + 4, "\x01\x04\x05\x78", 4);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f->bytes[1], 1, 4, 0, 20);
	f = rig_expect_request(rig, LCP);
	assert_memory_equal(f->bytes + 4, "\x01\x04\x05\x78", 4);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f->bytes[1], 1, 3, 1);
	f = rig_expect_request(rig, LCP);
	assert_memory_equal(f->bytes + 4, "\x01\x04\x05\x78", 4);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f->bytes[1], 1, 6, 0, 0, 1, 1);
	f = rig_expect_request(rig, LCP);
	assert_memory_equal(f->bytes + 4, "\x01\x04\x05\x78", 4);
	/* the sixth Nak in a row counts as a Reject: the peer will never be content */
	RIG_SEND(rig, LCP, CP_CONF_NAK, f->bytes[1], 1, 4, 0x23, 0x28);
	f = rig_expect_request(rig, LCP);
	assert_memory_equal(f->bytes + 4, "\x03\x04\xc0\x23\x05\x06", 6);
	rig_free(rig);
}

static void test_magic_naked(void **state)
{
	struct rig *rig = rig_new(true, false, false);
	const struct rig_frame *f;
	uint32_t first, second, theirs;

	(void)state;
	ppp_start(&rig->ppp);
	f = rig_expect_request(rig, LCP);
	first = request_magic(f);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f->bytes[1], 5, 6, 1, 2, 3, 4);
	second = request_magic(rig_expect_request(rig, LCP));
	memcpy(&theirs, "\1\2\3\4", 4);
	assert_int_not_equal(second, first);
	assert_int_not_equal(second, theirs);
	assert_int_not_equal(second, 0);
	rig_free(rig);
}

/* A peer that rejects everything but authentication is let in. */
static void test_rejected(void **state)
{
	struct rig *rig = rig_new(true, false, false);
	struct rig_frame f;

	(void)state;
	ppp_start(&rig->ppp);
	f = *rig_expect_request(rig, LCP);
	/* changed contents, something that was not asked for, nothing at all */
	RIG_SEND(rig, LCP, CP_CONF_REJ, f.bytes[1], 1, 4, 0x05, 0xdc);
	RIG_SEND(rig, LCP, CP_CONF_REJ, f.bytes[1], 1, 3, 0x05);
	RIG_SEND(rig, LCP, CP_CONF_REJ, f.bytes[1], 7, 2);
	rig_packet(rig, LCP, CP_CONF_REJ, f.bytes[1], NULL, 0);
	rig_packet(rig, LCP, CP_CONF_NAK, f.bytes[1], NULL, 0);
	assert_int_equal(rig_drops(rig, XP_R_S_CODE), 5);
	assert_true(rig_silent(rig));
	/* in another order than ours */
	uint8_t reject[] = { 5,           6, f.bytes[14], f.bytes[15], f.bytes[16],
			     f.bytes[17], 1, 4,           0x05,        0xd4 };

	rig_packet(rig, LCP, CP_CONF_REJ, f.bytes[1], reject, sizeof(reject));
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, LCP, CP_CONF_REQ, 3, 4, 0xc0, 0x23));
	rig_packet(rig, LCP, CP_CONF_REQ, 1, NULL, 0); /* and asks for nothing */
	rig_expect_data(rig, LCP, CP_CONF_ACK, NULL, 0);
	rig_login(rig);
	assert_int_equal(ppp_mtu(&rig->ppp), 1492);
	/* without a magic number it is 0 in our packets */
	RIG_SEND(rig, LCP, LCP_ECHO_REQ, 3, 0, 0, 0, 0, 'x');
	RIG_EXPECT(rig, LCP, LCP_ECHO_REP, 0, 0, 0, 0, 'x');
	rig_free(rig);
}

/* ---- the peer's request */

/* Sends a request in its own link and expects one answer. */
#define CHECK_REQUEST(options, code, answer)                                                       \
	do {                                                                                       \
		struct rig *r = rig_acked();                                                       \
		rig_packet(r, LCP, CP_CONF_REQ, 9, options, sizeof(options) - 1);                  \
		assert_int_equal(                                                                  \
			rig_expect_data(r, LCP, code, answer, sizeof(answer) - 1)->bytes[1], 9);   \
		assert_true(rig_silent(r));                                                        \
		rig_free(r);                                                                       \
	} while (0)

static void test_peer_options(void **state)
{
	(void)state;
	CHECK_REQUEST("", CP_CONF_ACK, "");
	CHECK_REQUEST("\5\6\1\2\3\4\1\4\5\xd4", CP_CONF_ACK, "\5\6\1\2\3\4\1\4\5\xd4");
	CHECK_REQUEST("\7\2", CP_CONF_ACK, "\7\2");
	CHECK_REQUEST("\1\4\x23\x28", CP_CONF_ACK, "\1\4\x23\x28"); /* 9000: we send less */
	CHECK_REQUEST("\1\4\0\x7f", CP_CONF_NAK, "\1\4\5\xd4");
	/* wrong length of a known option: RFC 1661 6 wants a Nak with a right one */
	CHECK_REQUEST("\1\2", CP_CONF_NAK, "\1\4\5\xd4");
	CHECK_REQUEST("\1\3\1", CP_CONF_NAK, "\1\4\5\xd4");
	CHECK_REQUEST("\1\5\1\1\1", CP_CONF_NAK, "\1\4\5\xd4");
	CHECK_REQUEST("\7\3\1", CP_CONF_NAK, "\7\2");
	/* ACCM, authentication of us, quality, ACFC, callback, MRRU, unknown */
	CHECK_REQUEST("\2\6\0\0\0\0", CP_CONF_REJ, "\2\6\0\0\0\0");
	CHECK_REQUEST("\3\4\xc0\x23", CP_CONF_REJ, "\3\4\xc0\x23");
	CHECK_REQUEST("\4\4\xc0\x25", CP_CONF_REJ, "\4\4\xc0\x25");
	CHECK_REQUEST("\x08\2", CP_CONF_REJ, "\x08\2");
	CHECK_REQUEST("\1\4\5\xd4\x0d\3\6\5\6\1\2\3\4\x11\4\6\x4e\xff\2", CP_CONF_REJ,
		      "\x0d\3\6\x11\4\6\x4e\xff\2");
	/* a Reject goes before a Nak */
	CHECK_REQUEST("\1\4\0\1\x08\2", CP_CONF_REJ, "\x08\2");
	/* the second of two */
	CHECK_REQUEST("\1\4\5\xd4\5\6\1\2\3\4\1\4\5\xdc", CP_CONF_REJ, "\1\4\5\xdc");
}

static void test_peer_magic(void **state)
{
	struct rig *rig = rig_acked();
	const struct rig_frame *f;

	(void)state;
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, 0, 0, 0, 0);
	f = rig_expect(rig, LCP, CP_CONF_NAK);
	assert_int_equal(f->len, 10);
	assert_memory_not_equal(f->bytes + 6, "\0\0\0\0", 4);
	RIG_SEND(rig, LCP, CP_CONF_REQ, 2, 5, 4, 1, 2);
	assert_int_equal(rig_expect(rig, LCP, CP_CONF_NAK)->len, 10);
	rig_free(rig);
}

/* After five Naks what we dislike is rejected; then the peer does without it. */
static void test_nak_loop(void **state)
{
	struct rig *rig = rig_acked();

	(void)state;
	for (uint8_t i = 1; i <= 5; i++) {
		RIG_SEND(rig, LCP, CP_CONF_REQ, i, 1, 4, 0, 64, 7, 2);
		RIG_EXPECT(rig, LCP, CP_CONF_NAK, 1, 4, 0x05, 0xd4);
	}
	RIG_SEND(rig, LCP, CP_CONF_REQ, 6, 1, 4, 0, 64, 7, 2);
	RIG_EXPECT(rig, LCP, CP_CONF_REJ, 1, 4, 0, 64);
	RIG_SEND(rig, LCP, CP_CONF_REQ, 7, 7, 2);
	RIG_EXPECT(rig, LCP, CP_CONF_ACK, 7, 2);
	assert_string_equal(ppp_phase_name(&rig->ppp), "authenticate");
	/* that was agreement: the next time it is told again */
	RIG_SEND(rig, LCP, CP_CONF_REQ, 8, 1, 4, 0, 64);
	rig_expect_request(rig, LCP);
	RIG_EXPECT(rig, LCP, CP_CONF_NAK, 1, 4, 0x05, 0xd4);
	rig_free(rig);
}

static void test_mtu(void **state)
{
	static const struct {
		uint16_t mru, mtu;
	} cases[] = {
		{ 1492, 1492 }, { 1500, 1492 }, { 1400, 1400 }, { 9000, 1492 }, { 128, 128 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig *rig = rig_acked();

		RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 1, 4, (uint8_t)(cases[i].mru >> 8),
			 (uint8_t)cases[i].mru);
		rig_expect(rig, LCP, CP_CONF_ACK);
		assert_int_equal(ppp_mtu(&rig->ppp), cases[i].mtu);
		/* the next request does not speak of it: the default again */
		rig_packet(rig, LCP, CP_CONF_REQ, 2, NULL, 0);
		assert_int_equal(ppp_mtu(&rig->ppp), 1492);
		rig_free(rig);
	}
}

/* Lengths that do not fit, in each packet that holds options: dropped, nothing answered. */
static void test_malformed_options(void **state)
{
	static const struct {
		size_t len;
		uint8_t bytes[12];
	} cases[] = {
		{ 1, { 5 } },
		{ 2, { 5, 0 } },
		{ 2, { 5, 1 } },
		{ 2, { 5, 6 } },
		{ 5, { 5, 6, 1, 2, 3 } },
		{ 6, { 5, 255, 1, 2, 3, 4 } },
		{ 7, { 5, 6, 1, 2, 3, 4, 7 } },
		{ 8, { 5, 6, 1, 2, 3, 4, 7, 0 } },
		{ 8, { 5, 6, 1, 2, 3, 4, 200, 1 } },
		{ 9, { 200, 3, 1, 200, 0, 0, 0, 0, 0 } },
	};

	(void)state;
	for (uint8_t code = CP_CONF_REQ; code <= CP_CONF_REJ; code++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct rig *rig = rig_new(true, false, false);
			uint8_t ident;

			ppp_start(&rig->ppp);
			ident = rig_expect_request(rig, LCP)->bytes[1];
			rig_packet(rig, LCP, code, ident, cases[i].bytes, cases[i].len);
			assert_true(rig_silent(rig));
			assert_int_equal(rig_drops(rig, XP_R_S_OPTION), 1);
			assert_int_equal(fsm_state(&rig->ppp.lcp.fsm), FSM_REQ_SENT);
			rig_free(rig);
		}
}

/* Cut at every byte; padding after the packet is not part of it. */
static void test_lengths(void **state)
{
	static const uint8_t whole[] = { 0xc0, 0x21, 1, 1, 0, 14, 5, 6, 1, 2, 3, 4, 1, 4, 5, 0xd4 };
	uint8_t padded[64] = { 0 }, bad[sizeof(whole)];
	struct rig *rig = rig_acked();

	(void)state;
	for (size_t n = 0; n < sizeof(whole); n++)
		rig_input(rig, whole, n);
	assert_int_equal(rig_drops(rig, XP_R_S_PROTOCOL), 2);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), sizeof(whole) - 2);
	memcpy(bad, whole, sizeof(whole));
	for (uint8_t len = 0; len < 4; len++) {
		bad[5] = len;
		rig_input(rig, bad, sizeof(bad));
	}
	bad[4] = bad[5] = 0xff;
	rig_input(rig, bad, sizeof(bad));
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), sizeof(whole) - 2 + 5);
	assert_true(rig_silent(rig));
	memcpy(padded, whole, sizeof(whole));
	rig_input(rig, padded, sizeof(padded));
	rig_expect_data(rig, LCP, CP_CONF_ACK, whole + 6, 10);
	rig_free(rig);
}

/* A request that fills a packet is answered; one beyond what the carrier bears is not. */
static void test_huge_request(void **state)
{
	uint8_t options[1600];
	struct rig *rig = rig_acked();

	(void)state;
	for (size_t i = 0; i < sizeof(options); i += 4)
		memcpy(options + i, "\xc8\4\1\2", 4);
	rig_packet(rig, LCP, CP_CONF_REQ, 1, options, 1488);
	rig_expect_data(rig, LCP, CP_CONF_REJ, options, 1488);
	rig_packet(rig, LCP, CP_CONF_REQ, 2, options, 1492);
	assert_true(rig_silent(rig));
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 1);
	rig_free(rig);
}

/* ---- authentication protocol */

static struct rig *rig_asking(bool pap, bool chap, bool mschapv2, struct rig_frame *request)
{
	struct rig *rig = rig_new(pap, chap, mschapv2);

	ppp_start(&rig->ppp);
	*request = *rig_expect_request(rig, LCP);
	return rig;
}

static enum ppp_auth asked_auth(const struct rig_frame *f)
{
	const uint8_t *o = f->bytes + 8; /* after the MRU */

	if (o[0] != 3)
		return PPP_AUTH_NONE;
	if (o[1] == 4)
		return memcmp(o + 2, "\xc0\x23", 2) == 0 ? PPP_AUTH_PAP : PPP_AUTH_NONE;
	assert_int_equal(o[1], 5);
	assert_memory_equal(o + 2, "\xc2\x23", 2);
	return o[4] == 5 ? PPP_AUTH_CHAP_MD5 : o[4] == 0x81 ? PPP_AUTH_MSCHAPV2 : PPP_AUTH_NONE;
}

static void test_auth_fallback(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_asking(true, true, true, &f);

	(void)state;
	assert_int_equal(asked_auth(&f), PPP_AUTH_MSCHAPV2);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 5, 0xc2, 0x23, 0x80); /* MS-CHAPv1 */
	f = *rig_expect_request(rig, LCP);
	assert_int_equal(asked_auth(&f), PPP_AUTH_CHAP_MD5);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 4, 0xc2, 0x27); /* EAP */
	f = *rig_expect_request(rig, LCP);
	assert_int_equal(asked_auth(&f), PPP_AUTH_PAP);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 5, 0xc2, 0x23, 0x81); /* refused before */
	rig_expect(rig, LCP, CP_TERM_REQ);
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_AUTH);
	rig_free(rig);
}

static void test_auth_wish(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_asking(true, true, true, &f);

	(void)state;
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 4, 0xc0, 0x23);
	f = *rig_expect_request(rig, LCP);
	assert_int_equal(asked_auth(&f), PPP_AUTH_PAP);
	rig_free(rig);

	rig = rig_asking(false, true, true, &f); /* PAP is not allowed */
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 4, 0xc0, 0x23);
	f = *rig_expect_request(rig, LCP);
	assert_int_equal(asked_auth(&f), PPP_AUTH_CHAP_MD5);
	RIG_SEND(rig, LCP, CP_CONF_NAK, f.bytes[1], 3, 4, 0xc0, 0x23);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_int_equal(rig->ppp.state.cause, CAUSE_AUTH);
	rig_free(rig);
}

static void test_auth_malformed_wish(void **state)
{
	static const uint8_t wishes[][8] = {
		{ 3, 2 },
		{ 3, 3, 0xc0 },
		{ 3, 4, 0xc2, 0x23 },
		{ 3, 5, 0xc0, 0x23, 0 },
		{ 3, 6, 0xc2, 0x23, 0x05, 0 },
	};
	struct rig_frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct rig *rig = rig_asking(true, true, true, &f);

		rig_packet(rig, LCP, CP_CONF_NAK, f.bytes[1], wishes[i], wishes[i][1]);
		assert_int_equal(asked_auth(rig_expect_request(rig, LCP)), PPP_AUTH_CHAP_MD5);
		rig_free(rig);
	}
}

static void test_auth_rejected(void **state)
{
	struct rig_frame f;
	struct rig *rig = rig_asking(true, false, true, &f);

	(void)state;
	RIG_SEND(rig, LCP, CP_CONF_REJ, f.bytes[1], 3, 5, 0xc2, 0x23, 0x81);
	f = *rig_expect_request(rig, LCP);
	assert_int_equal(asked_auth(&f), PPP_AUTH_PAP);
	RIG_SEND(rig, LCP, CP_CONF_REJ, f.bytes[1], 3, 4, 0xc0, 0x23);
	rig_expect(rig, LCP, CP_TERM_REQ);
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_AUTH);
	assert_int_equal(rig->finishes, 1);
	rig_free(rig);
}

/* Nothing is allowed by the configuration: nobody is let in. */
static void test_auth_none(void **state)
{
	struct rig *rig = rig_new(false, false, false);

	(void)state;
	ppp_start(&rig->ppp);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, LCP));
	rig_packet(rig, LCP, CP_CONF_REQ, 1, NULL, 0);
	rig_expect(rig, LCP, CP_CONF_ACK);
	rig_expect(rig, LCP, CP_TERM_REQ);
	rig_fire_lcp(rig);
	rig_expect(rig, LCP, CP_TERM_REQ);
	rig_fire_lcp(rig);
	assert_int_equal(rig->cause, CAUSE_AUTH);
	assert_int_equal(rig->ups, 0);
	rig_free(rig);
}

/* ---- looped link */

static void test_loopback(void **state)
{
	struct rig *rig = rig_new(true, true, true);
	unsigned int frames = 0;

	(void)state;
	ppp_start(&rig->ppp);
	while (!rig_silent(rig) && rig->finishes == 0) { /* all that is sent comes back */
		const struct rig_frame f = *rig_next(rig);

		rig_packet(rig, f.proto, f.bytes[0], f.bytes[1], f.bytes + 4, f.len - 4);
		assert_true(++frames < 50);
	}
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, CAUSE_LOOPBACK);
	rig_free(rig);
}

/* Equal magic numbers by chance: with another one the count begins anew. */
static void test_equal_magic(void **state)
{
	struct rig *rig = rig_acked();
	uint32_t magic = htonl(rig->ppp.state.lcp.magic);
	uint8_t data[6] = { 5, 6 };

	(void)state;
	memcpy(data + 2, &magic, 4);
	for (uint8_t round = 0; round < 2; round++) {
		for (uint8_t i = 0; i < 3; i++) {
			rig_packet(rig, LCP, CP_CONF_REQ, i, data, 6);
			assert_memory_not_equal(rig_expect(rig, LCP, CP_CONF_NAK)->bytes + 6,
						&magic, 4);
		}
		/* another number, and something to reject so that it goes on */
		RIG_SEND(rig, LCP, CP_CONF_REQ, 9, 5, 6, RIG_MAGIC, 8, 2);
		rig_expect(rig, LCP, CP_CONF_REJ);
	}
	assert_string_equal(ppp_phase_name(&rig->ppp), "establish");
	rig_free(rig);
}

static void test_loopback_later(void **state)
{
	struct rig *rig = rig_opened();
	uint32_t magic = htonl(rig->ppp.state.lcp.magic);
	uint8_t data[4];

	(void)state;
	memcpy(data, &magic, 4);
	for (int i = 0; i < 3; i++)
		rig_packet(rig, LCP, LCP_ECHO_REQ, 1, data, 4);
	assert_true(rig_silent(rig)); /* our own request is not answered */
	RIG_SEND(rig, LCP, LCP_ECHO_REQ, 1, RIG_MAGIC);
	rig_expect(rig, LCP, LCP_ECHO_REP); /* the peer is there after all */
	for (int i = 0; i < 3; i++)
		rig_packet(rig, LCP, LCP_ECHO_REQ, 1, data, 4);
	assert_true(rig_silent(rig));
	rig_packet(rig, LCP, LCP_ECHO_REQ, 1, data, 4);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_int_equal(rig->ppp.state.cause, CAUSE_LOOPBACK);
	rig_free(rig);
}

/* ---- codes beyond 7 */

static void test_echo(void **state)
{
	struct rig *rig = rig_acked();
	const struct rig_frame *f;
	uint32_t magic = htonl(rig->ppp.state.lcp.magic);
	uint8_t data[1504] = { RIG_MAGIC };

	(void)state;
	rig_packet(rig, LCP, LCP_ECHO_REQ, 1, data, 8); /* not open yet */
	assert_true(rig_silent(rig));
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 1);
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 1, 4, 0x05, 0xd4);
	rig_expect(rig, LCP, CP_CONF_ACK);
	memset(data + 4, 'e', sizeof(data) - 4);
	rig_packet(rig, LCP, LCP_ECHO_REQ, 77, data, 100);
	f = rig_expect(rig, LCP, LCP_ECHO_REP);
	assert_int_equal(f->bytes[1], 77);
	assert_int_equal(f->len, 104);
	assert_memory_equal(f->bytes + 4, &magic, 4);
	assert_memory_equal(f->bytes + 8, data + 4, 96);
	rig_packet(rig, LCP, LCP_ECHO_REQ, 78, data, 1500); /* no more than the peer's MRU */
	assert_int_equal(rig_expect(rig, LCP, LCP_ECHO_REP)->len, 1492);
	for (size_t n = 0; n < 4; n++)
		rig_packet(rig, LCP, LCP_ECHO_REQ, 79, data, n);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 4);
	rig_packet(rig, LCP, LCP_ECHO_REP, 80, data, 4);
	rig_packet(rig, LCP, LCP_DISCARD_REQ, 81, data, 40);
	rig_packet(rig, LCP, LCP_TIME_REMAINING, 82, data, 8);
	assert_true(rig_silent(rig));
	rig_free(rig);
}

static void test_code_reject(void **state)
{
	struct rig *rig = rig_acked();
	uint8_t data[1500];
	const struct rig_frame *f;

	(void)state;
	memset(data, 'c', sizeof(data));
	RIG_SEND(rig, LCP, 0, 5, 1, 2, 3); /* vendor specific, RFC 2153 */
	RIG_EXPECT(rig, LCP, CP_CODE_REJ, 0, 5, 0, 7, 1, 2, 3);
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 1, 4, 0, 200);
	rig_expect(rig, LCP, CP_CONF_ACK);
	rig_packet(rig, LCP, 14, 6, data, 1400);
	f = rig_expect(rig, LCP, CP_CODE_REJ);
	assert_int_equal(f->len, 200);
	assert_memory_equal(f->bytes + 4,
			    "\x0e\x06\x05\x7c"
			    "cccc",
			    8);
	rig_free(rig);
}

static void test_code_rejected(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	RIG_SEND(rig, LCP, CP_CODE_REJ, 1, LCP_ECHO_REQ, 1, 0, 8, 0, 0, 0, 0);
	RIG_SEND(rig, LCP, CP_CODE_REJ, 1, 0);
	rig_packet(rig, LCP, CP_CODE_REJ, 1, NULL, 0);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 1);
	assert_string_equal(ppp_phase_name(&rig->ppp), "opened");
	RIG_SEND(rig, LCP, CP_CODE_REJ, 1, CP_CONF_ACK, 1, 0, 4);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_int_equal(rig->downs, 1);
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_LCP);
	rig_free(rig);
}

static void test_protocol_reject(void **state)
{
	struct rig *rig = rig_acked();
	uint8_t frame[1002] = { 0x80, 0x57 };
	const struct rig_frame *f;

	(void)state;
	rig_input(rig, frame, 10); /* establish: silence */
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 1, 4, 0, 200);
	rig_expect(rig, LCP, CP_CONF_ACK);
	rig_input(rig, frame, 10); /* authenticate: silence */
	assert_true(rig_silent(rig));
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 2);
	rig_login(rig);
	RIG_SEND(rig, PPP_PROTO_IPV6CP, 1, 1, 1, 10, 1, 2, 3, 4, 5, 6, 7, 8);
	RIG_EXPECT(rig, LCP, LCP_PROTO_REJ, 0x80, 0x57, 1, 1, 0, 14, 1, 10, 1, 2, 3, 4, 5, 6, 7, 8);
	RIG_SEND(rig, PPP_PROTO_CCP, 1, 1, 18, 6, 1, 0, 0, 0x40);
	RIG_EXPECT(rig, LCP, LCP_PROTO_REJ, 0x80, 0xfd, 1, 1, 0, 10, 18, 6, 1, 0, 0, 0x40);
	rig_input(rig, frame, sizeof(frame)); /* at most the peer's MRU */
	f = rig_expect(rig, LCP, LCP_PROTO_REJ);
	assert_int_equal(f->len, 200);
	rig_free(rig);
}

/* What the peer bears and the carrier does not would never arrive. */
static void test_protocol_reject_fits_the_carrier(void **state)
{
	struct rig *rig = rig_acked();
	uint8_t frame[2 + 1492] = { 0x80, 0x57 };

	(void)state;
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 1, 4, 0x05, 0xdc);
	rig_expect(rig, LCP, CP_CONF_ACK);
	rig_login(rig);
	rig_input(rig, frame, sizeof(frame));
	assert_int_equal(rig_expect(rig, LCP, LCP_PROTO_REJ)->len, 1492);
	rig_free(rig);
}

static void check_protocol_rejected(uint16_t proto, enum cause cause)
{
	struct rig *rig = rig_opened();

	RIG_SEND(rig, LCP, LCP_PROTO_REJ, 1, (uint8_t)(proto >> 8), (uint8_t)proto, 1, 2, 3);
	if (cause == CAUSE_NONE) {
		assert_true(rig_silent(rig));
		assert_string_equal(ppp_phase_name(&rig->ppp), "opened");
	} else {
		rig_expect(rig, LCP, CP_TERM_REQ);
		RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
		assert_int_equal(rig->finishes, 1);
		assert_int_equal(rig->cause, cause);
		assert_int_equal(rig->downs, 1);
	}
	rig_free(rig);
}

static void test_protocol_rejected(void **state)
{
	struct rig *rig = rig_acked();

	(void)state;
	RIG_SEND(rig, LCP, LCP_PROTO_REJ, 1, 0xc0, 0x21); /* not open: silently discarded */
	assert_true(rig_silent(rig));
	assert_int_equal(fsm_state(&rig->ppp.lcp.fsm), FSM_ACK_RCVD);
	RIG_SEND(rig, LCP, LCP_PROTO_REJ, 1, 0xc0);
	rig_free(rig);
	rig = rig_opened();
	RIG_SEND(rig, LCP, LCP_PROTO_REJ, 1, 0xc0); /* half a protocol */
	rig_packet(rig, LCP, LCP_PROTO_REJ, 1, NULL, 0);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 2);
	assert_true(rig_silent(rig));
	rig_free(rig);
	check_protocol_rejected(PPP_PROTO_LCP, CAUSE_LCP);
	check_protocol_rejected(PPP_PROTO_PAP, CAUSE_AUTH);
	check_protocol_rejected(PPP_PROTO_IPCP, CAUSE_IPCP);
	check_protocol_rejected(PPP_PROTO_IP, CAUSE_IPCP);
	check_protocol_rejected(PPP_PROTO_CCP, CAUSE_NONE);
	check_protocol_rejected(PPP_PROTO_IPV6CP, CAUSE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_retransmission),
		cmocka_unit_test(test_ack_must_be_exact),
		cmocka_unit_test(test_mru_naked),
		cmocka_unit_test(test_magic_naked),
		cmocka_unit_test(test_rejected),
		cmocka_unit_test(test_peer_options),
		cmocka_unit_test(test_peer_magic),
		cmocka_unit_test(test_nak_loop),
		cmocka_unit_test(test_mtu),
		cmocka_unit_test(test_malformed_options),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_huge_request),
		cmocka_unit_test(test_auth_fallback),
		cmocka_unit_test(test_auth_wish),
		cmocka_unit_test(test_auth_malformed_wish),
		cmocka_unit_test(test_auth_rejected),
		cmocka_unit_test(test_auth_none),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_equal_magic),
		cmocka_unit_test(test_loopback_later),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_code_reject),
		cmocka_unit_test(test_code_rejected),
		cmocka_unit_test(test_protocol_reject),
		cmocka_unit_test(test_protocol_reject_fits_the_carrier),
		cmocka_unit_test(test_protocol_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
