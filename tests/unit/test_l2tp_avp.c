/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Headers and AVPs, octet by octet. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tunnel/l2tp/l2tp_addr.h"
#include "tunnel/l2tp/l2tp_avp.h"
#include "tunnel/l2tp/l2tp_wire.h"

#define BYTES(text) buf_of(text, sizeof(text) - 1)
#define MESSAGE "\x80\x08\0\0\0\0\0\x0a" /* ICRQ */

static struct l2tp_avps avps;

/* ---- headers ---- */

static void data_headers_in_every_combination_of_bits(void **state)
{
	(void)state;
	for (unsigned int bits = 0; bits < 8; bits++) {
		bool length = bits & 1, sequence = bits & 2, offset = bits & 4;
		uint8_t bytes[64];
		struct wbuf w = wbuf_of(bytes, sizeof(bytes));
		struct l2tp_header h;
		size_t whole;

		wbuf_u16(&w, (uint16_t)(2 | (length ? 0x4000 : 0) | (sequence ? 0x0800 : 0) |
					(offset ? 0x0200 : 0)));
		if (length)
			wbuf_u16(&w, 0);
		wbuf_u16(&w, 0x1234);
		wbuf_u16(&w, 0x5678);
		if (sequence)
			wbuf_u32(&w, 0x00070009);
		if (offset) {
			wbuf_u16(&w, 3);
			wbuf_put(&w, "abc", 3);
		}
		wbuf_put(&w, "payload", 7);
		whole = w.len;
		if (length)
			wbuf_patch_u16(&w, 2, (uint16_t)whole);
		wbuf_put(&w, "padding", length ? 7 : 0);
		assert_int_equal(l2tp_header_parse(buf_of(bytes, w.len), &h), 0);
		assert_false(h.control);
		assert_int_equal(h.tunnel_id, 0x1234);
		assert_int_equal(h.session_id, 0x5678);
		assert_int_equal(h.sequence, sequence);
		assert_int_equal(h.ns, sequence ? 7 : 0);
		assert_int_equal(h.payload.len, 7);
		assert_memory_equal(h.payload.p, "payload", 7);
		for (size_t cut = 0; cut < whole - 7; cut++)
			assert_int_equal(l2tp_header_parse(buf_of(bytes, cut), &h), -ENODATA);
	}
}

static void control_headers_must_have_their_bits(void **state)
{
	static const char good[] = "\xc8\x02\0\x0c\0\1\0\2\0\3\0\4";
	char bytes[sizeof(good)];
	struct l2tp_header h;

	(void)state;
	assert_int_equal(l2tp_header_parse(BYTES(good), &h), 0);
	assert_true(h.control);
	assert_int_equal(h.ns, 3);
	assert_int_equal(h.nr, 4);
	assert_int_equal(h.payload.len, 0);
	memcpy(bytes, good, sizeof(good));
	for (int i = 0; i < 256; i++) {
		bytes[0] = (char)i;
		if (i & 0x80 && (i & 0xcb) != 0xc8)
			assert_int_equal(l2tp_header_parse(buf_of(bytes, 12), &h), -EPROTO);
	}
	memcpy(bytes, good, sizeof(good));
	for (int version = 0; version < 16; version++) {
		bytes[1] = (char)version;
		assert_int_equal(l2tp_header_parse(buf_of(bytes, 12), &h),
				 version == 2 ? 0 : -EPROTO);
	}
	memcpy(bytes, good, sizeof(good));
	for (int length = 0; length < 12; length++) {
		bytes[3] = (char)length;
		assert_int_equal(l2tp_header_parse(buf_of(bytes, 12), &h), -ENODATA);
	}
}

/* ---- AVPs ---- */

static void lengths_from_0_to_5_are_malformed(void **state)
{
	char bytes[] = MESSAGE "\x80\x08\0\0\0\x0e\0\7";

	(void)state;
	assert_int_equal(l2tp_avps_parse(BYTES(bytes), NULL, &avps), 0);
	assert_int_equal(avps.session_id, 7);
	for (int length = 0; length < 6; length++) {
		bytes[9] = (char)length;
		assert_int_equal(l2tp_avps_parse(BYTES(bytes), NULL, &avps), -EBADMSG);
	}
	bytes[9] = 9; /* beyond the message */
	assert_int_equal(l2tp_avps_parse(BYTES(bytes), NULL, &avps), -EBADMSG);
	for (size_t cut = 1; cut < 8; cut++) {
		bytes[9] = 8;
		assert_int_equal(l2tp_avps_parse(buf_of(bytes, 8 + cut), NULL, &avps), -EBADMSG);
	}
}

static void the_message_type_comes_first(void **state)
{
	(void)state;
	assert_int_equal(l2tp_avps_parse(BYTES(""), NULL, &avps), -EBADMSG);
	assert_int_equal(l2tp_avps_parse(BYTES("\x80\x08\0\0\0\x0e\0\7" MESSAGE), NULL, &avps),
			 -EBADMSG);
	/* hidden; of a vendor; too long */
	assert_int_equal(l2tp_avps_parse(BYTES("\xc0\x08\0\0\0\0\0\x0a"), "s", &avps), -EBADMSG);
	assert_int_equal(l2tp_avps_parse(BYTES("\x80\x08\0\x09\0\0\0\x0a"), NULL, &avps), -EBADMSG);
	assert_int_equal(l2tp_avps_parse(BYTES("\x80\x09\0\0\0\0\0\x0a\0"), NULL, &avps), -EBADMSG);
}

/* Every AVP that we know, with every length of 0 to 40: too short or too long is a problem if it
 * is mandatory, and else it is as if it were not there. */
static void lengths_of_every_avp_are_checked(void **state)
{
	static const struct {
		uint16_t type;
		size_t min, max;
	} known[] = {
		{ 1, 2, 999 },  { 2, 2, 2 },    { 3, 4, 4 },    { 4, 4, 4 },    { 5, 8, 8 },
		{ 6, 2, 2 },    { 7, 0, 999 },  { 8, 0, 999 },  { 9, 2, 2 },    { 10, 2, 2 },
		{ 11, 1, 999 }, { 12, 3, 999 }, { 13, 16, 16 }, { 14, 2, 2 },   { 15, 4, 4 },
		{ 16, 4, 4 },   { 17, 4, 4 },   { 18, 4, 4 },   { 19, 4, 4 },   { 21, 0, 999 },
		{ 22, 0, 999 }, { 23, 0, 999 }, { 24, 4, 4 },   { 25, 4, 4 },   { 26, 0, 999 },
		{ 27, 0, 999 }, { 28, 0, 999 }, { 29, 2, 2 },   { 30, 0, 999 }, { 31, 0, 999 },
		{ 32, 2, 2 },   { 33, 0, 999 }, { 34, 26, 26 }, { 35, 10, 10 }, { 36, 1, 999 },
		{ 37, 0, 999 }, { 38, 4, 4 },   { 39, 0, 0 },   { 46, 5, 999 },
	};
	static const uint8_t value[40] = { 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		for (size_t len = 0; len <= sizeof(value); len++) {
			bool good = len >= known[i].min && len <= known[i].max;
			uint8_t bytes[128];

			for (int mandatory = 0; mandatory < 2; mandatory++) {
				struct wbuf w = wbuf_of(bytes, sizeof(bytes));

				l2tp_avp_put_message(&w, L2TP_ICRQ);
				l2tp_avp_put(&w, (enum l2tp_avp)known[i].type, mandatory, value,
					     len);
				assert_int_equal(l2tp_avps_parse(buf_of(bytes, w.len), NULL, &avps),
						 0);
				assert_int_equal(avps.problem, good || !mandatory
								       ? L2TP_PROBLEM_NONE
								       : L2TP_PROBLEM_LENGTH);
				assert_int_equal(l2tp_avp_present(&avps,
								  (enum l2tp_avp)known[i].type),
						 good);
			}
		}
	}
}

static void what_is_not_known_matters_if_it_is_mandatory(void **state)
{
	(void)state;
	/* number 20, number 47, another vendor's, reserved bits */
	static const char *const avp[] = { "\0\6\0\0\0\x14", "\0\6\0\0\0\x2f", "\0\6\0\x09\0\x07",
					   "\x04\6\0\0\0\x07" };

	for (int i = 0; i < 4; i++) {
		char bytes[15] = MESSAGE;

		memcpy(bytes + 8, avp[i], 6);
		assert_int_equal(l2tp_avps_parse(buf_of(bytes, 14), NULL, &avps), 0);
		assert_int_equal(avps.problem, L2TP_PROBLEM_NONE);
		assert_false(l2tp_avp_present(&avps, L2TP_AVP_HOSTNAME));
		bytes[8] |= (char)0x80;
		assert_int_equal(l2tp_avps_parse(buf_of(bytes, 14), NULL, &avps), 0);
		assert_int_equal(avps.problem, L2TP_PROBLEM_UNKNOWN);
	}
}

static void the_first_of_two_counts(void **state)
{
	(void)state;
	assert_int_equal(l2tp_avps_parse(BYTES(MESSAGE "\x80\x08\0\0\0\x0e\0\7"
						       "\x80\x08\0\0\0\x0e\0\x08"),
					 NULL, &avps),
			 0);
	assert_int_equal(avps.session_id, 7);
}

/* ---- secrets ---- */

/* MD5 as the RFC says, computed by other hands: md5("\3hush" "abc"), md5("\0\x16hush" "vector"). */
static void answers_and_pads_are_those_of_the_rfc(void **state)
{
	static const uint8_t response[] = { 0x09, 0x6f, 0x35, 0x5f, 0xde, 0x43, 0x0c, 0x55,
					    0x80, 0xea, 0xf0, 0x48, 0x0c, 0xd1, 0xf0, 0x2b };
	static const uint8_t hidden[] = { 0xf3, 0xf1, 0x2a, 0xb4, 0xb5, 0x52, 0xdc,
					  0x44, 0xcd, 0xcc, 0x88, 0xa8, 0x0b, 0x71,
					  0x7d, 0x7f, 0xbf, 0x1e, 0xef, 0x9d };
	uint8_t out[16], value[20];

	(void)state;
	l2tp_response(L2TP_SCCCN, "hush", BYTES("abc"), out);
	assert_memory_equal(out, response, 16);
	memset(value, 0, sizeof(value));
	l2tp_hide(L2TP_AVP_CALLING_NUMBER, "hush", BYTES("vector"), value, sizeof(value));
	assert_memory_equal(value, hidden, sizeof(hidden));
	l2tp_unhide(L2TP_AVP_CALLING_NUMBER, "hush", BYTES("vector"), value, sizeof(value));
	for (size_t i = 0; i < sizeof(value); i++)
		assert_int_equal(value[i], 0);
}

static size_t hidden_put(uint8_t *bytes, size_t size, const char *secret, uint16_t len_field)
{
	uint8_t value[40] = { (uint8_t)(len_field >> 8), (uint8_t)len_field };
	struct wbuf w = wbuf_of(bytes, size);

	memcpy(value + 2, "0815-0815-0815-0815-0815", 24);
	l2tp_hide(L2TP_AVP_CALLING_NUMBER, secret, BYTES("vector"), value, sizeof(value));
	l2tp_avp_put_message(&w, L2TP_ICRQ);
	l2tp_avp_put(&w, L2TP_AVP_RANDOM_VECTOR, true, "vector", 6);
	wbuf_u16(&w, 0xc000 | (6 + sizeof(value)));
	wbuf_u16(&w, 0);
	wbuf_u16(&w, L2TP_AVP_CALLING_NUMBER);
	wbuf_put(&w, value, sizeof(value));
	return w.len;
}

static void hidden_values_are_read(void **state)
{
	uint8_t bytes[128];
	size_t len = hidden_put(bytes, sizeof(bytes), "hush", 24);

	(void)state;
	assert_int_equal(l2tp_avps_parse(buf_of(bytes, len), "hush", &avps), 0);
	assert_int_equal(avps.problem, L2TP_PROBLEM_NONE);
	assert_int_equal(avps.calling.len, 24);
	assert_memory_equal(avps.calling.p, "0815-0815-0815-0815-0815", 24);
	assert_int_equal(l2tp_avps_parse(buf_of(bytes, len), NULL, &avps), 0);
	assert_int_equal(avps.problem, L2TP_PROBLEM_HIDDEN);
	assert_int_equal(avps.problem_type, L2TP_AVP_CALLING_NUMBER);
	len = hidden_put(bytes, sizeof(bytes), "hush", 39); /* longer than there is */
	assert_int_equal(l2tp_avps_parse(buf_of(bytes, len), "hush", &avps), 0);
	assert_int_equal(avps.problem, L2TP_PROBLEM_LENGTH);
}

static void there_is_room_for_so_many_hidden_values(void **state)
{
	static uint8_t bytes[8192], value[1000];
	static const uint8_t none[L2TP_CLEAR_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	(void)state;
	l2tp_avp_put_message(&w, L2TP_ICRQ);
	l2tp_avp_put(&w, L2TP_AVP_RANDOM_VECTOR, true, "vector", 6);
	for (unsigned int i = 0; i < 5; i++) {
		size_t at = w.len;

		memset(value, 0, sizeof(value));
		value[1] = 24;
		l2tp_hide(L2TP_AVP_CALLING_NUMBER, "hush", BYTES("vector"), value, sizeof(value));
		l2tp_avp_put(&w, L2TP_AVP_CALLING_NUMBER, true, value, sizeof(value));
		bytes[at] |= 0x40;
		assert_int_equal(l2tp_avps_parse(buf_of(bytes, w.len), "hush", &avps), 0);
		assert_int_equal(avps.problem, i < 4 ? L2TP_PROBLEM_NONE : L2TP_PROBLEM_LENGTH);
		assert_int_equal(avps.clear_len, (i < 4 ? i + 1 : 4) * sizeof(value));
	}
	l2tp_avps_wipe(&avps);
	assert_memory_equal(avps.clear, none, sizeof(none));
}

/* One that turns out to be wrong was made clear, too. */
static void nothing_that_was_hidden_stays(void **state)
{
	static const uint8_t none[L2TP_CLEAR_MAX];
	uint8_t bytes[128];
	size_t len = hidden_put(bytes, sizeof(bytes), "hush", 39);

	(void)state;
	memset(&avps, 0, sizeof(avps));
	assert_int_equal(l2tp_avps_parse(buf_of(bytes, len), "hush", &avps), 0);
	assert_memory_not_equal(avps.clear, none, 40);
	l2tp_avps_wipe(&avps);
	assert_memory_equal(avps.clear, none, sizeof(none));
}

static void a_hidden_value_needs_a_vector_before_it(void **state)
{
	static const char text[] = MESSAGE "\xc0\x0a\0\0\0\x16"
					   "abcd"
					   "\x80\x0a\0\0\0\x24"
					   "abcd";

	(void)state;
	assert_int_equal(l2tp_avps_parse(BYTES(text), "hush", &avps), 0);
	assert_int_equal(avps.problem, L2TP_PROBLEM_HIDDEN);
}

static void addresses_are_shown_with_what_tells_them_apart(void **state)
{
	union l2tp_addr a = { .in6 = { .sin6_family = AF_INET6, .sin6_scope_id = UINT32_MAX } };
	char text[L2TP_ADDR_TEXT];

	(void)state;
	memset(&a.in6.sin6_addr, 0xfe, sizeof(a.in6.sin6_addr));
	l2tp_addr_set_port(&a, 65535);
	assert_string_equal(l2tp_addr_text(&a, true, text),
			    "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe%4294967295]:65535");
	a.in6.sin6_scope_id = 0;
	assert_string_equal(l2tp_addr_text(&a, false, text),
			    "fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_headers_in_every_combination_of_bits),
		cmocka_unit_test(control_headers_must_have_their_bits),
		cmocka_unit_test(lengths_from_0_to_5_are_malformed),
		cmocka_unit_test(the_message_type_comes_first),
		cmocka_unit_test(lengths_of_every_avp_are_checked),
		cmocka_unit_test(what_is_not_known_matters_if_it_is_mandatory),
		cmocka_unit_test(the_first_of_two_counts),
		cmocka_unit_test(answers_and_pads_are_those_of_the_rfc),
		cmocka_unit_test(hidden_values_are_read),
		cmocka_unit_test(there_is_room_for_so_many_hidden_values),
		cmocka_unit_test(nothing_that_was_hidden_stays),
		cmocka_unit_test(a_hidden_value_needs_a_vector_before_it),
		cmocka_unit_test(addresses_are_shown_with_what_tells_them_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
