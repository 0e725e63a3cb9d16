/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "brief.h"

static void test_pieces(void **state)
{
	const uint8_t mac[6] = { 0x02, 0, 0xff, 0x10, 9, 0xab };
	char out[80];
	struct brief b = brief_of(out, sizeof(out));

	(void)state;
	assert_string_equal(out, "");
	brief_text(&b, "if0.");
	brief_decimal(&b, 0);
	brief_text(&b, ".");
	brief_decimal(&b, 4094);
	brief_text(&b, " ");
	brief_decimal(&b, UINT32_MAX);
	brief_text(&b, " ");
	brief_hex(&b, 0x1a2b, 8);
	brief_text(&b, " ");
	brief_hex(&b, 0x1a2b, 2);
	brief_text(&b, " ");
	brief_mac(&b, mac);
	assert_string_equal(out, "if0.0.4094 4294967295 00001a2b 2b 02:00:ff:10:09:ab");
}

/* As printf has it, whatever the value. */
static void test_numbers(void **state)
{
	uint32_t value = 1;

	(void)state;
	for (int i = 0; i < 1000; i++, value = value * 1664525 + 1013904223) {
		char out[32], expected[32];
		struct brief b = brief_of(out, sizeof(out));

		brief_decimal(&b, value >> (i % 32));
		brief_hex(&b, value, 8);
		snprintf(expected, sizeof(expected), "%u%08x", value >> (i % 32), value);
		assert_string_equal(out, expected);
	}
}

static void test_cut_off(void **state)
{
	(void)state;
	for (size_t size = 1; size < 12; size++) {
		char *out = malloc(size), expected[16];
		struct brief b = brief_of(out, size);

		brief_text(&b, "abc");
		brief_decimal(&b, 12345);
		brief_text(&b, "");
		brief_hex(&b, 0xf, 2);
		snprintf(expected, size, "abc123450f");
		assert_string_equal(out, expected);
		brief_copy(out, size, "0123456789abc");
		assert_int_equal(strlen(out), size - 1);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
