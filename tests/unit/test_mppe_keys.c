/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The vectors of RFC 3079 3.5 (user "User", password "clientPass"), which are a server's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ppp/mppe_keys.h"

static const uint8_t hash_hash[16] = {
	0x41, 0xc0, 0x0c, 0x58, 0x4b, 0xd2, 0xd9, 0x1c,
	0x40, 0x17, 0xa2, 0xa1, 0x2f, 0xa5, 0x9f, 0x3f,
};
static const uint8_t nt_response[24] = {
	0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0, 0x8f, 0xaa, 0x39,
	0x81, 0xcd, 0x83, 0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf,
};
/* SendStartKey128; those of 40 and 56 bits are its beginning */
static const uint8_t send_key[16] = {
	0x8b, 0x7c, 0xdc, 0x14, 0x9b, 0x99, 0x3a, 0x1b,
	0xa1, 0x18, 0xcb, 0x15, 0x3f, 0x56, 0xdc, 0xcb,
};
/* computed with another library: the RFC shows one direction only */
static const uint8_t receive_key[16] = {
	0xd5, 0xf0, 0xe9, 0x52, 0x1e, 0x3e, 0xa9, 0x58,
	0x96, 0x45, 0xe8, 0x60, 0x51, 0xc8, 0x22, 0x26,
};

static void test_vectors(void **state)
{
	struct mppe_keys keys = { 0 };

	(void)state;
	assert_int_equal(mppe_keys_derive(hash_hash, nt_response, &keys), 0);
	assert_memory_equal(keys.send, send_key, sizeof(send_key));
	assert_memory_equal(keys.receive, receive_key, sizeof(receive_key));
}

static void test_depends_on_all(void **state)
{
	struct mppe_keys keys, other;
	uint8_t hash[16], response[24];

	(void)state;
	assert_int_equal(mppe_keys_derive(hash_hash, nt_response, &keys), 0);
	memcpy(hash, hash_hash, sizeof(hash));
	memcpy(response, nt_response, sizeof(response));
	hash[15] ^= 1;
	assert_int_equal(mppe_keys_derive(hash, nt_response, &other), 0);
	assert_memory_not_equal(&keys, &other, sizeof(keys));
	response[23] ^= 0x80;
	assert_int_equal(mppe_keys_derive(hash_hash, response, &other), 0);
	assert_memory_not_equal(&keys, &other, sizeof(keys));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_depends_on_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
