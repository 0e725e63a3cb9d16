/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* PPTP's messages and the GRE header, by their octets in RFC 2637. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tunnel/pptp/pptp_gre.h"
#include "tunnel/pptp/pptp_wire.h"

/* ---- framing ---- */

static void a_message_is_as_long_as_it_says(void **state)
{
	static const uint8_t echo[] = { 0, 16, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0,
					5, 0,  0, 1, 2,    3,    4,    0,    16 };

	(void)state;
	for (size_t n = 0; n < 16; n++)
		assert_int_equal(pptp_frame(buf_of(echo, n)), 0);
	assert_int_equal(pptp_frame(buf_of(echo, 16)), 16);
	assert_int_equal(pptp_frame(buf_of(echo, 18)), 16);
}

static int frame_with(size_t at, uint8_t value, size_t len)
{
	uint8_t bytes[16] = { 0, 16, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 5 };

	bytes[at] = value;
	return pptp_frame(buf_of(bytes, len));
}

static void what_cannot_be_a_message_is_seen_at_once(void **state)
{
	(void)state;
	assert_int_equal(frame_with(1, 0, 2), -EMSGSIZE); /* zero length */
	assert_int_equal(frame_with(1, 11, 2), -EMSGSIZE);
	assert_int_equal(frame_with(1, 12, 12), 12);
	assert_int_equal(frame_with(0, 2, 2), -EMSGSIZE);
	assert_int_equal(frame_with(0, 0xff, 16), -EMSGSIZE);
	assert_int_equal(frame_with(3, 0, 4), -EBADMSG);
	assert_int_equal(frame_with(3, 2, 16), 16); /* a management message */
	assert_int_equal(frame_with(3, 3, 16), -EBADMSG);
	for (size_t i = 4; i < 8; i++) {
		assert_int_equal(frame_with(i, 0, 7), 0);
		assert_int_equal(frame_with(i, 0, 8), -EBADMSG);
	}
}

/* ---- reading ---- */

static void messages_have_the_length_of_their_type(void **state)
{
	static const uint16_t lengths[] = { 0,  156, 156, 16, 16, 16,  20, 168,
					    32, 220, 24,  28, 16, 148, 40, 24 };
	uint8_t bytes[PPTP_MESSAGE_MAX] = { 0, 0, 0, 1 };
	struct pptp_message m;

	(void)state;
	for (uint8_t type = PPTP_SCCRQ; type <= PPTP_SLI; type++) {
		bytes[9] = type;
		assert_int_equal(pptp_message_parse(buf_of(bytes, lengths[type] - 1), &m),
				 -ENODATA);
		assert_int_equal(pptp_message_parse(buf_of(bytes, lengths[type]), &m), 0);
		assert_int_equal(m.type, type);
		assert_int_equal(m.body.len, lengths[type] - 12);
		assert_int_equal(pptp_message_parse(buf_of(bytes, sizeof(bytes)), &m), 0);
	}
	bytes[9] = 16; /* no type: whoever gets it decides */
	assert_int_equal(pptp_message_parse(buf_of(bytes, 12), &m), 0);
	assert_int_equal(m.type, 16);
	assert_string_equal(pptp_type_name(16), "message");
	assert_string_equal(pptp_type_name(PPTP_OCRQ), "OCRQ");
	bytes[3] = 2;
	bytes[9] = PPTP_SCCRQ;
	assert_int_equal(pptp_message_parse(buf_of(bytes, 12), &m), 0);
	assert_int_equal(m.type, PPTP_MANAGEMENT);
	assert_int_equal(pptp_message_parse(buf_of(bytes, 11), &m), -ENODATA);
}

static void a_start_request_tells_names(void **state)
{
	uint8_t body[144] = { 1, 2, 9, 9, 0, 0, 0, 3, 0, 0, 0, 1, 0, 7, 0x12, 0x34 };
	struct pptp_start start;

	(void)state;
	memset(body + 16, 'h', 64); /* without an end */
	memcpy(body + 80, "vendor\0behind", 14);
	assert_int_equal(pptp_start_read(buf_of(body, sizeof(body)), &start), 0);
	assert_int_equal(start.version, 0x0102);
	assert_int_equal(start.framing, 3);
	assert_int_equal(start.bearer, 1);
	assert_int_equal(start.channels, 7);
	assert_int_equal(start.firmware, 0x1234);
	assert_int_equal(start.hostname.len, 64);
	assert_int_equal(start.vendor.len, 6);
	assert_int_equal(pptp_start_read(buf_of(body, sizeof(body) - 1), &start), -ENODATA);
}

static void an_outgoing_call_tells_its_window_and_number(void **state)
{
	uint8_t body[156] = { 0x12, 0x34, 0, 5, 0, 0, 1, 0, 0,  1, 0, 0, 0,
			      0,    0,    2, 0, 0, 0, 3, 0, 64, 0, 9, 0, 4 };
	struct pptp_outgoing call;

	(void)state;
	memcpy(body + 28, "555123", 6);
	memcpy(body + 92, "sub", 3);
	assert_int_equal(pptp_outgoing_read(buf_of(body, sizeof(body)), &call), 0);
	assert_int_equal(call.call_id, 0x1234);
	assert_int_equal(call.serial, 5);
	assert_int_equal(call.min_bps, 256);
	assert_int_equal(call.max_bps, 65536);
	assert_int_equal(call.bearer, 2);
	assert_int_equal(call.framing, 3);
	assert_int_equal(call.window, 64);
	assert_int_equal(call.delay, 9);
	assert_int_equal(call.number.len, 4); /* as it says itself */
	assert_memory_equal(call.number.p, "5551", 4);
	assert_int_equal(call.sub_address.len, 3);
}

/* ---- composing ---- */

static struct buf composed(const struct wbuf *w, uint8_t type, uint8_t length)
{
	const uint8_t header[] = { 0, length, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, type, 0, 0 };

	assert_false(w->overflow);
	assert_int_equal(w->len, length);
	assert_memory_equal(w->base, header, sizeof(header));
	return buf_of(w->base + 12, w->len - 12);
}

static void replies_stand_where_they_should(void **state)
{
	static const uint8_t start[] = { 1, 0, 1, 0, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 1, 'h', 'o' };
	static const uint8_t call[] = { 0x12, 0x34, 0x56, 0x78, 1, 0, 0, 0, 0x05, 0xf5,
					0xe1, 0x00, 0,    64,   0, 0, 0, 0, 0,    0 };
	static const uint8_t end[] = { 0x12, 0x34, 2, 4, 0, 0, 0, 0, 'i', 'd', 'l', 'e', 0 };
	const struct pptp_outgoing_reply reply = {
		.call_id = 0x1234,
		.peer_call_id = 0x5678,
		.result = PPTP_RESULT_OK,
		.speed = 100000000,
		.window = 64,
	};
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	struct buf body;

	(void)state;
	pptp_put_start_reply(&w, PPTP_RESULT_OK, "host", "vendor");
	body = composed(&w, 2, 156);
	assert_memory_equal(body.p, start, sizeof(start));
	assert_string_equal((const char *)body.p + 16, "host");
	assert_string_equal((const char *)body.p + 80, "vendor");
	w = wbuf_of(bytes, sizeof(bytes));
	pptp_put_outgoing_reply(&w, &reply);
	body = composed(&w, 8, 32);
	assert_memory_equal(body.p, call, sizeof(call));
	w = wbuf_of(bytes, sizeof(bytes));
	pptp_put_disconnect(&w, 0x1234, PPTP_DISCONNECT_ERROR, PPTP_ERROR_RESOURCE, "idle");
	body = composed(&w, 13, 148);
	assert_memory_equal(body.p, end, sizeof(end));
}

static void the_short_ones_too(void **state)
{
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	(void)state;
	pptp_put_stop_request(&w, PPTP_STOP_SHUTDOWN);
	assert_memory_equal(composed(&w, 3, 16).p, "\3\0\0\0", 4);
	w = wbuf_of(bytes, sizeof(bytes));
	pptp_put_stop_reply(&w);
	assert_memory_equal(composed(&w, 4, 16).p, "\1\0\0\0", 4);
	w = wbuf_of(bytes, sizeof(bytes));
	pptp_put_echo_request(&w, 0x01020304);
	assert_memory_equal(composed(&w, 5, 16).p, "\1\2\3\4", 4);
	w = wbuf_of(bytes, sizeof(bytes));
	pptp_put_echo_reply(&w, 0x01020304);
	assert_memory_equal(composed(&w, 6, 20).p, "\1\2\3\4\1\0\0\0", 8);
	w = wbuf_of(bytes, sizeof(bytes));
	pptp_put_incoming_refusal(&w, 0x5678);
	assert_memory_equal(composed(&w, 10, 24).p, "\0\0\x56\x78\3\0\0\0\0\0\0\0", 12);
}

static void long_names_still_end(void **state)
{
	char name[100];
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	struct buf body;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	pptp_put_start_reply(&w, PPTP_RESULT_OK, name, "");
	body = composed(&w, 2, 156);
	assert_int_equal(strlen((const char *)body.p + 16), 63);
	assert_int_equal(body.p[80], 0);
}

/* ---- GRE ---- */

static void data_packets_are_read(void **state)
{
	static const uint8_t all[] = { 0x30, 0x81, 0x88, 0x0b, 0, 2, 0x12, 0x34, 0,   0,
				       0,    7,    0,    0,    0, 9, 'p',  'q',  'x', 'x' };
	static const uint8_t ack[] = { 0x20, 0x81, 0x88, 0x0b, 0, 0, 0x12, 0x34, 0, 0, 0, 9 };
	struct pptp_gre gre;

	(void)state;
	assert_int_equal(pptp_gre_parse(buf_of(all, sizeof(all)), &gre), 0);
	assert_int_equal(gre.call_id, 0x1234);
	assert_true(gre.has_sequence && gre.has_ack);
	assert_int_equal(gre.sequence, 7);
	assert_int_equal(gre.ack, 9);
	assert_int_equal(gre.payload.len, 2);
	assert_memory_equal(gre.payload.p, "pq", 2);
	for (size_t n = 0; n < 18; n++)
		assert_int_equal(pptp_gre_parse(buf_of(all, n), &gre), -ENODATA);
	assert_int_equal(pptp_gre_parse(buf_of(ack, sizeof(ack)), &gre), 0);
	assert_true(!gre.has_sequence && gre.has_ack && gre.payload.len == 0);
}

static int header(uint8_t first, uint8_t second, uint8_t protocol)
{
	const uint8_t bytes[20] = { first, second, 0x88, protocol };
	struct pptp_gre gre;

	return pptp_gre_parse(buf_of(bytes, sizeof(bytes)), &gre);
}

static void other_headers_are_not_ours(void **state)
{
	(void)state;
	assert_int_equal(header(0x30, 0x01, 0x0b), 0);
	assert_int_equal(header(0x20, 0x00, 0x0b), -EPROTONOSUPPORT);
	assert_int_equal(header(0x30, 0x02, 0x0b), -EPROTONOSUPPORT);
	assert_int_equal(header(0x30, 0x01, 0x0c), -EPROTONOSUPPORT);
	assert_int_equal(header(0x10, 0x01, 0x0b), -EPROTO); /* no key */
	assert_int_equal(header(0xb0, 0x01, 0x0b), -EPROTO); /* checksum */
	assert_int_equal(header(0x70, 0x01, 0x0b), -EPROTO); /* routing */
	assert_int_equal(header(0x38, 0x01, 0x0b), -EPROTO); /* strict source route */
	assert_int_equal(header(0x31, 0x01, 0x0b), -EPROTO); /* recursion */
	assert_int_equal(header(0x30, 0x09, 0x0b), -EPROTO); /* flags */
}

static void data_packets_are_written(void **state)
{
	struct pptp_gre gre = { .call_id = 0x1234, .has_sequence = true, .sequence = 7 };
	uint8_t bytes[PPTP_GRE_HEADER_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	(void)state;
	pptp_gre_put(&w, &gre, 300);
	assert_int_equal(w.len, 12);
	assert_memory_equal(bytes, "\x30\x01\x88\x0b\x01\x2c\x12\x34\0\0\0\7", 12);
	gre.has_ack = true;
	gre.ack = 9;
	w = wbuf_of(bytes, sizeof(bytes));
	pptp_gre_put(&w, &gre, 0);
	assert_int_equal(w.len, 16);
	assert_memory_equal(bytes, "\x30\x81\x88\x0b\0\0\x12\x34\0\0\0\7\0\0\0\x9", 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_as_long_as_it_says),
		cmocka_unit_test(what_cannot_be_a_message_is_seen_at_once),
		cmocka_unit_test(messages_have_the_length_of_their_type),
		cmocka_unit_test(a_start_request_tells_names),
		cmocka_unit_test(an_outgoing_call_tells_its_window_and_number),
		cmocka_unit_test(replies_stand_where_they_should),
		cmocka_unit_test(the_short_ones_too),
		cmocka_unit_test(long_names_still_end),
		cmocka_unit_test(data_packets_are_read),
		cmocka_unit_test(other_headers_are_not_ours),
		cmocka_unit_test(data_packets_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
