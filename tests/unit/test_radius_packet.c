/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Against the examples of RFC 2865 7.1, and against packets made by another program from the same
 * secret ("s3cr3t of the server") and authenticator (00 01 02 ... 0f).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aaa/radius_packet.h"

#define SECRET "s3cr3t of the server"

/* clang-format off */
static const uint8_t request[] = {
	0x01, 0x07, 0x00, 0x5e, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
	0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x50, 0x12, 0xa2, 0x24, 0x9a, 0xf2, 0x17, 0x61,
	0xc3, 0x98, 0x1d, 0xe8, 0x5f, 0x1d, 0xe7, 0x7a, 0x2f, 0xa1, 0x01, 0x06, 0x6e, 0x65,
	0x6d, 0x6f, 0x02, 0x32, 0x67, 0x74, 0xb4, 0xd5, 0x14, 0xc6, 0xc7, 0x00, 0x21, 0x68,
	0x51, 0x3c, 0xea, 0xf3, 0xd1, 0xea, 0xaa, 0xf2, 0x1d, 0xa3, 0x52, 0xba, 0x64, 0x8a,
	0x4d, 0xb7, 0xf4, 0x14, 0xed, 0x3d, 0x7a, 0x99, 0xbd, 0x69, 0x73, 0x30, 0x5e, 0xf4,
	0x47, 0xe7, 0x89, 0x3f, 0xac, 0x67, 0x3d, 0x23, 0x9f, 0x89,
};
static const uint8_t k16[] = {
	0x81, 0x02, 0x87, 0x94, 0x00, 0x09, 0x31, 0x14, 0x48, 0xe8, 0x74, 0x8e, 0x3d, 0x0a,
	0x36, 0xdf, 0xa6, 0x4a, 0x1a, 0x64, 0xf2, 0x48, 0x67, 0x77, 0xc2, 0x99, 0xad, 0x3d,
	0x7c, 0x22, 0xda, 0x18, 0xa4, 0x5e,
};
static const uint8_t k32[] = {
	0x8f, 0xff, 0x47, 0xb6, 0x76, 0xf3, 0x97, 0xa1, 0x63, 0xb0, 0x0c, 0x56, 0x69, 0x79,
	0x52, 0xc6, 0xe0, 0xf0, 0x9a, 0x6e, 0x2a, 0x41, 0x0e, 0x4b, 0xf2, 0x92, 0x2e, 0x8a,
	0x19, 0xff, 0x56, 0x3f, 0x4f, 0x04, 0x2f, 0x98, 0x86, 0x0e, 0x8a, 0x43, 0x65, 0x76,
	0xa8, 0x86, 0xca, 0x51, 0x1d, 0x3f, 0x75, 0x50,
};
static const uint8_t reply[] = {
	0x02, 0x07, 0x00, 0x2a, 0x18, 0x02, 0x25, 0x3c, 0xbb, 0xec, 0x2a, 0x82, 0xe8, 0x01,
	0xa6, 0x84, 0x80, 0xb0, 0x84, 0xd4, 0x50, 0x12, 0x7b, 0x71, 0x29, 0xbb, 0xe4, 0x8b,
	0x4b, 0x37, 0x9b, 0x81, 0x91, 0xdf, 0x0b, 0xd3, 0xae, 0xdb, 0x12, 0x04, 0x6f, 0x6b,
};
static const uint8_t acct[] = {
	0x04, 0x09, 0x00, 0x20, 0x74, 0x12, 0xbf, 0x13, 0x84, 0x62, 0x9b, 0xc6, 0x59, 0x43,
	0x19, 0x97, 0x66, 0x64, 0xcc, 0x90, 0x28, 0x06, 0x00, 0x00, 0x00, 0x01, 0x29, 0x06,
	0x00, 0x00, 0x00, 0x05,
};
static const uint8_t disc[] = {
	0x28, 0x03, 0x00, 0x2b, 0xc7, 0x27, 0x7a, 0x91, 0x77, 0x82, 0x5e, 0xe7, 0xac, 0x0e,
	0x08, 0xff, 0x42, 0xb1, 0x5c, 0x48, 0x2c, 0x05, 0x61, 0x62, 0x63, 0x50, 0x12, 0xf4,
	0xed, 0x0c, 0xdc, 0x73, 0xaa, 0x43, 0xf8, 0xd3, 0x27, 0xf7, 0x0a, 0x10, 0xc7, 0xaa,
	0x49,
};
static const uint8_t nak[] = {
	0x2a, 0x03, 0x00, 0x2c, 0x1a, 0x86, 0xe8, 0x02, 0x2f, 0xdb, 0x5a, 0x89, 0xbf, 0xd6,
	0x2c, 0x46, 0x5b, 0x09, 0xe8, 0x23, 0x50, 0x12, 0x46, 0x20, 0xf1, 0xe2, 0xf0, 0x2f,
	0xdd, 0x1e, 0x17, 0x7b, 0x23, 0x99, 0x37, 0x96, 0x98, 0x0f, 0x65, 0x06, 0x00, 0x00,
	0x01, 0xf7,
};
/* RFC 2865 7.1: secret xyzzy5461, password arctangent */
static const uint8_t rfc_request[] = {
	0x01, 0x00, 0x00, 0x38, 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83,
	0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a, 0x01, 0x06, 0x6e, 0x65, 0x6d, 0x6f, 0x02, 0x12,
	0x0d, 0xbe, 0x70, 0x8d, 0x93, 0xd4, 0x13, 0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a,
	0x0a, 0xee, 0x04, 0x06, 0xc0, 0xa8, 0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x03,
};
static const uint8_t rfc_accept[] = {
	0x02, 0x00, 0x00, 0x26, 0x86, 0xfe, 0x22, 0x0e, 0x76, 0x24, 0xba, 0x2a, 0x10, 0x05,
	0xf6, 0xbf, 0x9b, 0x55, 0xe0, 0xb2, 0x06, 0x06, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x06,
	0x00, 0x00, 0x00, 0x00, 0x0e, 0x06, 0xc0, 0xa8, 0x01, 0x03,
};
/* clang-format on */

static const uint8_t authenticator[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static struct radius_packet parsed(const uint8_t *packet, size_t len)
{
	struct radius_packet p;

	assert_int_equal(radius_parse(buf_of(packet, len), &p), RADIUS_GOOD);
	return p;
}

static int finish(const struct radius_attrs *attrs, uint8_t code, uint8_t id, time_t now,
		  uint8_t out[RADIUS_MAX])
{
	uint8_t with[16];

	memcpy(with, authenticator, sizeof(with));
	return radius_finish(attrs, code, id, SECRET, now, with, out);
}

/* ---- composing ---- */

static void test_rfc_request(void **state)
{
	uint8_t storage[128], out[RADIUS_MAX], with[16];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	int len;

	(void)state;
	memcpy(with, rfc_request + 4, sizeof(with));
	radius_put_string(&attrs, 0, 1, "nemo");
	radius_put_string(&attrs, 0, RADIUS_USER_PASSWORD, "arctangent");
	radius_put_addr(&attrs, 0, 4, (struct in_addr){ htonl(0xc0a80110) });
	radius_put_u32(&attrs, 0, 5, 3);
	len = radius_finish(&attrs, RADIUS_ACCESS_REQUEST, 0, "xyzzy5461", 0, with, out);
	/* the same but for the Message-Authenticator that ours begins with */
	assert_int_equal(len, sizeof(rfc_request) + 18);
	assert_int_equal(out[20], RADIUS_MESSAGE_AUTHENTICATOR);
	assert_memory_equal(out + 4, rfc_request + 4, 16);
	assert_memory_equal(out + 38, rfc_request + 20, sizeof(rfc_request) - 20);
}

static void test_request(void **state)
{
	uint8_t storage[128], out[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));

	(void)state;
	radius_put_string(&attrs, 0, 1, "nemo");
	radius_put_string(&attrs, 0, RADIUS_USER_PASSWORD,
			  "forty characters, which are three blocks");
	assert_int_equal(finish(&attrs, RADIUS_ACCESS_REQUEST, 7, 0, out), sizeof(request));
	assert_memory_equal(out, request, sizeof(request));
}

static void test_passwords(void **state)
{
	static const struct {
		size_t len, hidden;
	} lengths[] = { { 0, 16 }, { 1, 16 }, { 16, 16 }, { 17, 32 }, { 128, 128 } };
	uint8_t storage[256], out[RADIUS_MAX], password[RADIUS_PASSWORD_MAX + 1] = { 1 };
	struct radius_packet p;
	struct buf value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));

		assert_int_equal(
			radius_put(&attrs, 0, RADIUS_USER_PASSWORD, password, lengths[i].len), 0);
		p = parsed(out, (size_t)finish(&attrs, RADIUS_ACCESS_REQUEST, 1, 0, out));
		assert_true(radius_find(p.attrs, 0, RADIUS_USER_PASSWORD, &value));
		assert_int_equal(value.len, lengths[i].hidden);
	}
}

static void test_password_too_long(void **state)
{
	uint8_t storage[256], out[RADIUS_MAX], password[RADIUS_PASSWORD_MAX + 1] = { 1 };
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));

	(void)state;
	radius_put(&attrs, 0, RADIUS_USER_PASSWORD, password, sizeof(password));
	assert_true(finish(&attrs, RADIUS_ACCESS_REQUEST, 1, 0, out) < 0);
}

static void test_accounting(void **state)
{
	uint8_t storage[64], out[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));

	(void)state;
	radius_put_u32(&attrs, 0, 40, 1);
	attrs.event = 1000;
	assert_int_equal(finish(&attrs, RADIUS_ACCOUNTING_REQUEST, 9, 1005, out), sizeof(acct));
	assert_memory_equal(out, acct, sizeof(acct));
	/* the clock was set back */
	assert_int_equal(finish(&attrs, RADIUS_ACCOUNTING_REQUEST, 9, 995, out), sizeof(acct));
	assert_memory_equal(out + 28, "\0\0\0\0", 4);
}

static void test_reply_to_request(void **state)
{
	uint8_t storage[64], out[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));

	(void)state;
	radius_put_u32(&attrs, 0, 101, 503);
	assert_int_equal(radius_finish_reply(&attrs, RADIUS_DISCONNECT_NAK, SECRET,
					     buf_of(disc, sizeof(disc)), out),
			 sizeof(nak));
	assert_memory_equal(out, nak, sizeof(nak));
}

static void test_no_room(void **state)
{
	uint8_t storage[20], long_one[254] = { 0 };
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	uint8_t out[RADIUS_MAX], all[RADIUS_MAX];

	(void)state;
	assert_int_equal(radius_put_string(&attrs, 0, 1, "exactly eighteen.."), 0);
	assert_int_equal(radius_put_u32(&attrs, 0, 5, 1), -EMSGSIZE);
	assert_int_equal(radius_put(&attrs, 0, 5, "", 0), 0);
	assert_int_equal(finish(&attrs, RADIUS_ACCESS_REQUEST, 1, 0, out), -EMSGSIZE);
	attrs = radius_attrs_of(all, sizeof(all));
	assert_int_equal(radius_put(&attrs, 0, 1, long_one, 254), -EMSGSIZE);
	attrs = radius_attrs_of(all, sizeof(all));
	assert_int_equal(radius_put(&attrs, 311, 1, long_one, 248), -EMSGSIZE);
	/* attributes that fit by themselves, but not with the rest of the packet */
	attrs = radius_attrs_of(all, sizeof(all));
	while (radius_put(&attrs, 0, 1, long_one, 253) == 0)
		;
	attrs.overflow = false;
	assert_int_equal(finish(&attrs, RADIUS_ACCESS_REQUEST, 1, 0, out), -EMSGSIZE);
}

static void test_eap(void **state)
{
	uint8_t storage[1024], eap[600], joined[600];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct buf list;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(eap); i++)
		eap[i] = (uint8_t)i;
	assert_int_equal(radius_put_eap(&attrs, eap, sizeof(eap)), 0);
	assert_int_equal(attrs.len, 600 + 3 * 2);
	list = buf_of(attrs.data, attrs.len);
	assert_int_equal(radius_join(list, 0, RADIUS_EAP_MESSAGE, joined, sizeof(joined)), 600);
	assert_memory_equal(joined, eap, sizeof(eap));
	assert_int_equal(radius_join(list, 0, RADIUS_EAP_MESSAGE, joined, 599), -EMSGSIZE);
	assert_int_equal(radius_join(list, 0, 24, joined, sizeof(joined)), 0);
}

/* ---- checking ---- */

static void test_rfc_reply(void **state)
{
	struct radius_packet p = parsed(rfc_accept, sizeof(rfc_accept));

	(void)state;
	assert_int_equal(radius_verify_reply(&p, "xyzzy5461", rfc_request + 4, false), RADIUS_GOOD);
	assert_int_equal(radius_verify_reply(&p, "xyzzy5461", rfc_request + 4, true),
			 RADIUS_NO_MESSAGE_AUTHENTICATOR);
	assert_int_equal(radius_verify_reply(&p, "xyzzy5462", rfc_request + 4, false),
			 RADIUS_BAD_AUTHENTICATOR);
	assert_int_equal(radius_verify_reply(&p, "xyzzy5461", authenticator, false),
			 RADIUS_BAD_AUTHENTICATOR);
}

/* Whatever bit is changed, it is no reply to this request any more. */
static void test_every_bit(void **state)
{
	uint8_t copy[sizeof(reply)];
	struct radius_packet p = parsed(reply, sizeof(reply));
	size_t i;

	(void)state;
	assert_int_equal(radius_verify_reply(&p, SECRET, authenticator, true), RADIUS_GOOD);
	for (i = 0; i < sizeof(reply) * 8; i++) {
		memcpy(copy, reply, sizeof(copy));
		copy[i / 8] ^= (uint8_t)(1U << i % 8);
		if (radius_parse(buf_of(copy, sizeof(copy)), &p) == RADIUS_GOOD)
			assert_int_not_equal(radius_verify_reply(&p, SECRET, authenticator, true),
					     RADIUS_GOOD);
	}
}

static void test_dynamic_request(void **state)
{
	uint8_t copy[sizeof(disc)];
	struct radius_packet p = parsed(disc, sizeof(disc));

	(void)state;
	assert_int_equal(radius_verify_request(&p, SECRET, true), RADIUS_GOOD);
	assert_int_equal(radius_verify_request(&p, "other", true), RADIUS_BAD_AUTHENTICATOR);
	memcpy(copy, disc, sizeof(copy));
	copy[22] ^= 1;
	p = parsed(copy, sizeof(copy));
	assert_int_equal(radius_verify_request(&p, SECRET, true), RADIUS_BAD_AUTHENTICATOR);
	/* accounting requests are signed likewise, without a Message-Authenticator */
	p = parsed(acct, sizeof(acct));
	assert_int_equal(radius_verify_request(&p, SECRET, false), RADIUS_GOOD);
	assert_int_equal(radius_verify_request(&p, SECRET, true), RADIUS_NO_MESSAGE_AUTHENTICATOR);
}

/* Replies that are right but for their Message-Authenticators. */
static void test_message_authenticators(void **state)
{
	static const struct {
		const char *attrs;
		size_t len;
		enum radius_bad bad;
	} cases[] = {
		{ "\x50\x12zzzzzzzzzzzzzzzz", 18, RADIUS_BAD_MESSAGE_AUTHENTICATOR },
		{ "\x50\x11zzzzzzzzzzzzzzz", 17, RADIUS_BAD_MESSAGE_AUTHENTICATOR },
		{ "\x50\x02", 2, RADIUS_BAD_MESSAGE_AUTHENTICATOR },
		{ "\x4f\x06\x01\x01\x00\x04", 6, RADIUS_NO_MESSAGE_AUTHENTICATOR },
		{ "\x12\x03x", 3, RADIUS_GOOD },
	};
	uint8_t out[RADIUS_MAX];
	struct radius_packet p;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct radius_attrs attrs = { .data = (uint8_t *)cases[i].attrs,
					      .len = cases[i].len };

		n = radius_finish_reply(&attrs, RADIUS_ACCESS_ACCEPT, "xyzzy5461",
					buf_of(rfc_request, sizeof(rfc_request)), out);
		p = parsed(out, (size_t)n);
		assert_int_equal(radius_verify_reply(&p, "xyzzy5461", rfc_request + 4, false),
				 cases[i].bad);
	}
}

static void test_form(void **state)
{
	static const struct {
		const char *packet;
		size_t len;
		enum radius_bad bad;
	} cases[] = {
		{ "", 0, RADIUS_BAD_LENGTH },
		{ "\x02\x01\x00\x14"
		  "0123456789abcde",
		  19, RADIUS_BAD_LENGTH },
		{ "\x02\x01\x00\x14"
		  "0123456789abcdef",
		  20, RADIUS_GOOD },
		{ "\x02\x01\x00\x13"
		  "0123456789abcdef",
		  20, RADIUS_BAD_LENGTH },
		{ "\x02\x01\x00\x15"
		  "0123456789abcdef",
		  20, RADIUS_BAD_LENGTH },
		{ "\x02\x01\x00\x14"
		  "0123456789abcdef"
		  "padding",
		  27, RADIUS_GOOD },
		{ "\x02\x01\x00\x15"
		  "0123456789abcdef"
		  "\x01",
		  21, RADIUS_BAD_ATTRIBUTE },
		{ "\x02\x01\x00\x16"
		  "0123456789abcdef"
		  "\x01\x01",
		  22, RADIUS_BAD_ATTRIBUTE },
		{ "\x02\x01\x00\x16"
		  "0123456789abcdef"
		  "\x01\x00",
		  22, RADIUS_BAD_ATTRIBUTE },
		{ "\x02\x01\x00\x16"
		  "0123456789abcdef"
		  "\x01\x03",
		  22, RADIUS_BAD_ATTRIBUTE },
		{ "\x02\x01\x00\x16"
		  "0123456789abcdef"
		  "\x01\x02",
		  22, RADIUS_GOOD },
	};
	static uint8_t large[RADIUS_MAX + 1];
	struct radius_packet p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(radius_parse(buf_of(cases[i].packet, cases[i].len), &p),
				 cases[i].bad);
	assert_int_equal(radius_parse(buf_of(large, sizeof(large)), &p), RADIUS_BAD_LENGTH);
}

/* ---- walking ---- */

static void test_walk(void **state)
{
	static const uint8_t list[] = {
		1,  3,  'a',                                                /* standard */
		26, 15, 0,   0, 1,    0x37, 28, 3, 'b', 29,  6, 1, 2, 3, 4, /* two in one */
		26, 9,  0,   0, 0x0d, 0xe9, 1,  3, 'c',                     /* another vendor */
		26, 10, 0,   0, 1,    0x37, 28, 9, 'd', 'e',                /* not of that form */
		26, 6,  0,   0, 1,    0x37,                                 /* nothing inside */
		26, 3,  7,                                                  /* not even a vendor */
		1,  3,  'f',
	};
	static const struct {
		uint32_t vendor;
		uint8_t type, first;
	} expected[] = {
		{ 0, 1, 'a' }, { 311, 28, 'b' }, { 311, 29, 1 }, { 3561, 1, 'c' },
		{ 0, 26, 0 },  { 0, 26, 0 },     { 0, 26, 7 },   { 0, 1, 'f' },
	};
	struct radius_walk walk = radius_walk_of(buf_of(list, sizeof(list)));
	struct radius_attr attr;
	struct buf value;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_true(radius_next(&walk, &attr));
		assert_int_equal(attr.vendor, expected[i].vendor);
		assert_int_equal(attr.type, expected[i].type);
		assert_int_equal(attr.value.p[0], expected[i].first);
	}
	assert_false(radius_next(&walk, &attr));
	assert_true(radius_find(buf_of(list, sizeof(list)), 311, 29, &value));
	assert_int_equal(value.len, 4);
	assert_false(radius_find(buf_of(list, sizeof(list)), 311, 1, &value));
	assert_false(radius_find(buf_of(list, sizeof(list)), 0, 29, &value));
}

/* ---- keys ---- */

static void test_mppe_keys(void **state)
{
	uint8_t key[RADIUS_MPPE_KEY_MAX];
	size_t len, i;

	(void)state;
	assert_int_equal(radius_unhide_mppe_key(buf_of(k16, sizeof(k16)), SECRET, authenticator,
						key, &len),
			 0);
	assert_int_equal(len, 16);
	for (i = 0; i < len; i++)
		assert_int_equal(key[i], 0xa0 + i);
	assert_int_equal(radius_unhide_mppe_key(buf_of(k32, sizeof(k32)), SECRET, authenticator,
						key, &len),
			 0);
	assert_int_equal(len, 32);
	for (i = 0; i < len; i++)
		assert_int_equal(key[i], 0xc0 + i);
}

static void test_mppe_keys_wrong(void **state)
{
	uint8_t key[RADIUS_MPPE_KEY_MAX], value[2 + 16 + 16 + 16];
	size_t len = 77, i;
	unsigned int secret, refused = 0;
	char text[16];

	(void)state;
	for (i = 0; i < sizeof(k16); i++)
		assert_int_equal(radius_unhide_mppe_key(buf_of(k16, i), SECRET, authenticator, key,
							&len),
				 -EBADMSG);
	assert_int_equal(len, 77);
	/* with a wrong secret the length is random */
	memset(value, 0x55, sizeof(value));
	for (secret = 0; secret < 256; secret++) {
		snprintf(text, sizeof(text), "%u", secret);
		refused += radius_unhide_mppe_key(buf_of(value, sizeof(value)), text, authenticator,
						  key, &len) < 0;
	}
	assert_true(refused > 180);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_request),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_password_too_long),
		cmocka_unit_test(test_accounting),
		cmocka_unit_test(test_reply_to_request),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_eap),
		cmocka_unit_test(test_rfc_reply),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_dynamic_request),
		cmocka_unit_test(test_message_authenticators),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_mppe_keys),
		cmocka_unit_test(test_mppe_keys_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
