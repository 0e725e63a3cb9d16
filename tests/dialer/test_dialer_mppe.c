/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The dialer's MPPE, against the samples of RFC 3079 and against itself over a bad link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "mppe.h"

static struct crypto *crypto;

static int setup(void **state)
{
	(void)state;
	return crypto_new(&crypto);
}

static int teardown(void **state)
{
	(void)state;
	crypto_free(crypto);
	return 0;
}

static const uint8_t master[MPPE_KEY] = { 0xfd, 0xec, 0xe3, 0x71, 0x7a, 0x8c, 0x83, 0x8c,
					  0xb3, 0x88, 0xe5, 0x27, 0xae, 0x3c, 0xdd, 0x31 };

/* RFC 3079 3.5: user "User", password "clientPass" */
static void test_master_key(void **state)
{
	static const uint8_t response[] = { 0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e,
					    0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83, 0x54,
					    0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf };
	uint8_t key[MPPE_KEY];

	(void)state;
	assert_int_equal(crypto_master_key(crypto, "clientPass", response, key), 0);
	assert_memory_equal(key, master, sizeof(master));
}

/* The samples are the server's keys for sending, which are ours for receiving. */
static void check_keys(uint32_t bits, const char *start, const char *session, const char *message)
{
	struct mppe_flow flow = { 0 };
	uint8_t out[12];

	assert_int_equal(mppe_init(&flow, crypto, master, bits, false), 0);
	assert_memory_equal(flow.start, start, flow.len);
	assert_memory_equal(flow.session, session, flow.len);
	assert_int_equal(
		crypto_rc4_run(flow.rc4, (const uint8_t *)"test message", sizeof(out), out), 0);
	assert_memory_equal(out, message, sizeof(out));
	mppe_free(&flow);
}

static void test_keys(void **state)
{
	(void)state;
	check_keys(MPPE_40, "\x8b\x7c\xdc\x14\x9b\x99\x3a\x1b", "\xd1\x26\x9e\xc4\x9f\xa6\x2e\x3e",
		   "\x92\x91\x37\x91\x7e\x58\x03\xd6\x68\xd7\x58\x98");
	check_keys(MPPE_56, "\x8b\x7c\xdc\x14\x9b\x99\x3a\x1b", "\xd1\x5c\x00\xc4\x9f\xa6\x2e\x3e",
		   "\x3f\x10\x68\x33\xfa\x44\x8d\xa8\x42\xbc\x57\xb8");
	check_keys(MPPE_128, "\x8b\x7c\xdc\x14\x9b\x99\x3a\x1b\xa1\x18\xcb\x15\x3f\x56\xdc\xcb",
		   "\x40\x5c\xb2\x24\x7a\x79\x56\xe6\xe2\x11\x00\x7a\xe2\x7b\x22\xd4",
		   "\x81\x84\x83\x17\xdf\x68\x84\x62\x72\xfb\x5a\xbe");
}

struct packet {
	size_t len;
	uint8_t bytes[128];
};

static struct mppe_flow sender, receiver;

/* Both ends with the same keys: what the server sends to us. */
static void pair(uint32_t bits, bool rekeys)
{
	sender.rekeys = receiver.rekeys = rekeys;
	assert_int_equal(mppe_init(&sender, crypto, master, bits, false), 0);
	assert_int_equal(mppe_init(&receiver, crypto, master, bits, false), 0);
}

static void part(void)
{
	mppe_free(&sender);
	mppe_free(&receiver);
}

static void seal(struct packet *p, unsigned int n)
{
	p->len = MPPE_HEADER + 1 + n % 100;
	memset(p->bytes + MPPE_HEADER, n, p->len - MPPE_HEADER);
	assert_int_equal(mppe_seal(&sender, p->bytes, p->len - MPPE_HEADER), 0);
}

static enum mppe_verdict open_packet(const struct packet *p, unsigned int n, uint16_t *missed)
{
	uint8_t out[128], want[128];
	enum mppe_verdict verdict =
		mppe_open(&receiver, (struct rd){ p->bytes, p->len }, out, missed);

	memset(want, n, sizeof(want));
	if (verdict == MPPE_CLEAR)
		assert_memory_equal(out, want, p->len - MPPE_HEADER);
	return verdict;
}

static const uint32_t strengths[] = { MPPE_40, MPPE_56, MPPE_128 };

/* Twice through all counts. */
static void test_lossless(void **state)
{
	struct packet p;
	uint16_t missed;

	(void)state;
	for (int i = 0; i < 6; i++) {
		pair(strengths[i / 2] | (i % 2 ? MPPE_STATELESS : 0), false);
		for (unsigned int n = 0; n < 8200; n++) {
			seal(&p, n);
			assert_int_equal(p.bytes[0] & 0x10, 0x10);
			assert_int_equal(open_packet(&p, n, &missed), MPPE_CLEAR);
			assert_int_equal(missed, 0);
		}
		part();
	}
}

static void test_stateless_loss(void **state)
{
	struct packet p, late = { 0 };
	uint16_t missed;

	(void)state;
	pair(MPPE_128 | MPPE_STATELESS, false);
	for (unsigned int n = 0; n < 5000; n++) {
		seal(&p, n);
		if (n % 7 == 3) {
			late = p;
			continue;
		}
		assert_int_equal(open_packet(&p, n, &missed), MPPE_CLEAR);
		assert_int_equal(missed, n % 7 == 4);
		assert_int_equal(open_packet(&p, n, &missed), MPPE_LATE);
	}
	assert_int_equal(open_packet(&late, 0, &missed), MPPE_LATE);
	part();
}

/* One loss, one request, and nothing is understood before it is obeyed. */
static void stateful_loss(bool rekeys)
{
	unsigned int asked = 0, waits = 0, lost = 0;
	struct packet p;
	uint16_t missed;

	pair(MPPE_128, rekeys);
	for (unsigned int n = 0; n < 9000; n++) {
		seal(&p, n);
		if (n % 50 == 49) {
			lost++;
			continue;
		}
		switch (open_packet(&p, n, &missed)) {
		case MPPE_CLEAR:
			break;
		case MPPE_LOST:
			asked++;
			break;
		case MPPE_WAITS:
			if (++waits % 3 == 0)
				sender.flush = true;
			break;
		default:
			fail();
		}
	}
	assert_in_range(asked, lost * 9 / 10, lost);
	part();
}

static void test_stateful_loss(void **state)
{
	(void)state;
	stateful_loss(false);
	stateful_loss(true);
}

static void test_malformed(void **state)
{
	static const uint8_t clear[] = { 0x80, 0, 1, 2 }, compressed[] = { 0xb0, 0, 1, 2 },
			     unflushed[] = { 0x10, 0, 1, 2 };
	struct packet p;
	uint16_t missed;
	uint8_t out[8];

	(void)state;
	pair(MPPE_128 | MPPE_STATELESS, false);
	assert_int_equal(mppe_open(&receiver, (struct rd){ clear, 4 }, out, &missed),
			 MPPE_MALFORMED);
	assert_int_equal(mppe_open(&receiver, (struct rd){ compressed, 4 }, out, &missed),
			 MPPE_MALFORMED);
	assert_int_equal(mppe_open(&receiver, (struct rd){ unflushed, 4 }, out, &missed),
			 MPPE_MALFORMED);
	for (size_t len = 0; len <= MPPE_HEADER; len++)
		assert_int_equal(mppe_open(&receiver, (struct rd){ clear, len }, out, &missed),
				 MPPE_MALFORMED);
	seal(&p, 0);
	assert_int_equal(open_packet(&p, 0, &missed), MPPE_CLEAR);
	part();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_master_key),    cmocka_unit_test(test_keys),
		cmocka_unit_test(test_lossless),      cmocka_unit_test(test_stateless_loss),
		cmocka_unit_test(test_stateful_loss), cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
