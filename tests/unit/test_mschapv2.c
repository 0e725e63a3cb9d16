/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Vectors of RFC 2759 9.2, and CHAP-MD5 against digests computed elsewhere. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ppp/chap_md5.h"
#include "ppp/mschapv2.h"

static const uint8_t auth_challenge[16] = {
	0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
	0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28,
};
static const uint8_t rfc_response[49] = {
	0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a, 0x28, 0x29, 0x5f, 0x2b, 0x3a,
	0x33, 0x7c, 0x7e, 0,    0,    0,    0,    0,    0,    0,    0,    0x82, 0x30,
	0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83,
	0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf, 0,
};
static const uint8_t rfc_hash_hash[16] = {
	0x41, 0xc0, 0x0c, 0x58, 0x4b, 0xd2, 0xd9, 0x1c,
	0x40, 0x17, 0xa2, 0xa1, 0x2f, 0xa5, 0x9f, 0x3f,
};
static const uint8_t rfc_authenticator[20] = {
	0x40, 0x7a, 0x55, 0x89, 0x11, 0x5f, 0xd0, 0xd6, 0x20, 0x9f,
	0x51, 0x0f, 0xe9, 0xc0, 0x45, 0x66, 0x93, 0x2c, 0xda, 0x56,
};

static int setup(void **state)
{
	return mschapv2_new((struct mschapv2 **)state);
}

static int teardown(void **state)
{
	mschapv2_free(*state);
	return 0;
}

struct result {
	uint8_t authenticator[20], hash_hash[16], nt_response[24];
};

static int verify(void **state, const char *user, const char *password, const uint8_t *response,
		  struct result *out)
{
	memset(out, 0xee, sizeof(*out));
	return mschapv2_verify(*state, user, password, auth_challenge, response, out->authenticator,
			       out->hash_hash, out->nt_response);
}

static void test_rfc2759_vector(void **state)
{
	struct result r;

	assert_int_equal(verify(state, "User", "clientPass", rfc_response, &r), 0);
	assert_memory_equal(r.authenticator, rfc_authenticator, 20);
	assert_memory_equal(r.hash_hash, rfc_hash_hash, 16);
	assert_memory_equal(r.nt_response, rfc_response + 24, 24);
}

static void test_domain_is_not_hashed(void **state)
{
	struct result r;

	assert_int_equal(verify(state, "DOMAIN\\User", "clientPass", rfc_response, &r), 0);
	assert_memory_equal(r.authenticator, rfc_authenticator, 20);
}

static void test_mismatch_leaves_output(void **state)
{
	static const char *const wrong[] = { "clientpass", "", "clientPass ", "clientPas" };
	struct result r, untouched;

	memset(&untouched, 0xee, sizeof(untouched));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(verify(state, "User", wrong[i], rfc_response, &r), -EACCES);
		assert_memory_equal(&r, &untouched, sizeof(r));
	}
	assert_int_equal(verify(state, "user", "clientPass", rfc_response, &r), -EACCES);
}

/* Every bit that counts counts; the reserved bytes and flags do not. */
static void test_each_bit(void **state)
{
	struct result r;

	for (size_t bit = 0; bit < 49 * 8; bit++) {
		uint8_t response[49];
		size_t byte = bit / 8;

		memcpy(response, rfc_response, 49);
		response[byte] ^= 1 << bit % 8;
		assert_int_equal(verify(state, "User", "clientPass", response, &r),
				 byte < 16 || (byte >= 24 && byte < 48) ? -EACCES : 0);
	}
}

static void test_password_encoding(void **state)
{
	static const char *const broken[] = {
		"\x80",
		"\xc3",
		"\xc0\xaf",
		"\xe0\x80\x80",
		"\xed\xa0\x80",
		"\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"a\xff",
		"\xe2\x82",
		"\xc3(",
	};
	char at_limit[257], beyond[258];
	struct result r;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(verify(state, "User", broken[i], rfc_response, &r), -EILSEQ);
	memset(at_limit, 'x', 256);
	at_limit[256] = '\0';
	assert_int_equal(verify(state, "User", at_limit, rfc_response, &r), -EACCES);
	memset(beyond, 'x', 257);
	beyond[257] = '\0';
	assert_int_equal(verify(state, "User", beyond, rfc_response, &r), -EMSGSIZE);
	/* 2, 3 and 4 byte characters, the last a surrogate pair */
	assert_int_equal(verify(state, "User", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", rfc_response,
				&r),
			 -EACCES);
}

/* Characters of one to four UTF-8 bytes; the NT-Response was computed with an independent implementation. */
static void test_unicode_vector(void **state)
{
	static const char password[] = "p\xc3\xa4ss\xe2\x82\xac\xf0\x9f\x98\x80";
	static const uint8_t nt_response[24] = {
		0x9f, 0x42, 0xb9, 0x0e, 0x2e, 0x22, 0x38, 0x28, 0x1e, 0x5f, 0x01, 0xb5,
		0x96, 0x1c, 0xe8, 0x0d, 0x1c, 0x3d, 0xd1, 0x23, 0xa9, 0x7a, 0x24, 0x5a,
	};
	uint8_t response[49];
	struct result r;

	memcpy(response, rfc_response, 49);
	memcpy(response + 24, nt_response, 24);
	assert_int_equal(verify(state, "User", password, response, &r), 0);
}

static void test_chap_md5(void **state)
{
	static const uint8_t challenge[16] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	};
	static const uint8_t expected[16] = {
		0x03, 0xdc, 0x98, 0xc5, 0xa8, 0x32, 0x69, 0x2b,
		0x49, 0xdf, 0x73, 0xcf, 0x48, 0xfc, 0xb4, 0xe9,
	};
	static const uint8_t empty[16] = {
		0x93, 0xb8, 0x85, 0xad, 0xfe, 0x0d, 0xa0, 0x89,
		0xcd, 0xf6, 0x34, 0x90, 0x4f, 0xd5, 0x9f, 0x71,
	};
	uint8_t out[16];

	(void)state;
	chap_md5_response(0x2a, "secret", 6, challenge, sizeof(challenge), out);
	assert_memory_equal(out, expected, 16);
	chap_md5_response(0, "", 0, challenge, 0, out);
	assert_memory_equal(out, empty, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rfc2759_vector, setup, teardown),
		cmocka_unit_test_setup_teardown(test_domain_is_not_hashed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mismatch_leaves_output, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_bit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_password_encoding, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unicode_vector, setup, teardown),
		cmocka_unit_test(test_chap_md5),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
