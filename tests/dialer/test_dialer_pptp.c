/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The dialer's PPTP, where it can be wrong without a server noticing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "connection.h"
#include "gre.h"

static void test_sccrq(void **state)
{
	static const uint8_t head[] = { 0, 156, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 1, 0 };
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	(void)state;
	pptp_put_sccrq(&w, "host.example");
	assert_false(w.full);
	assert_int_equal(w.len, 156);
	assert_memory_equal(bytes, head, sizeof(head));
	assert_string_equal((const char *)bytes + 28, "host.example");
	assert_string_equal((const char *)bytes + 92, "dialer");
}

/* RFC 2637 4.1, written by hand. */
static void test_header(void **state)
{
	static const uint8_t full[] = { 0x30, 0x81, 0x88, 0x0b, 0, 4, 0x12, 0x34, 0,    0,
					0,    7,    0,    0,    0, 3, 0xff, 3,    0xc0, 0x21 };
	static const uint8_t ack[] = { 0x20, 0x81, 0x88, 0x0b, 0, 0, 0x12, 0x34, 0, 0, 0, 3 };
	uint8_t bytes[32];
	struct wr w = { bytes, 0, sizeof(bytes), false };
	struct gre_header h;
	struct rd r = { full, sizeof(full) };
	size_t at;

	(void)state;
	assert_true(gre_parse(&r, &h));
	assert_int_equal(h.call, 0x1234);
	assert_true(h.sequenced && h.acknowledges);
	assert_int_equal(h.sequence, 7);
	assert_int_equal(h.acknowledged, 3);
	assert_int_equal(r.len, 4);
	at = gre_put(&w, &h);
	wr_u32(&w, 0xff03c021);
	gre_end(&w, at);
	assert_int_equal(w.len, sizeof(full));
	assert_memory_equal(bytes, full, sizeof(full));
	for (size_t len = 0; len < sizeof(full); len++) {
		r = (struct rd){ full, len };
		assert_false(gre_parse(&r, &h));
	}
	r = (struct rd){ ack, sizeof(ack) };
	assert_true(gre_parse(&r, &h));
	assert_false(h.sequenced);
	assert_int_equal(r.len, 0);
	w.len = 0;
	gre_end(&w, gre_put(&w, &h));
	assert_memory_equal(bytes, ack, sizeof(ack));
}

static void test_header_of_others(void **state)
{
	/* version 0, a checksum, routing, no key, another protocol */
	static const uint8_t bad[][8] = {
		{ 0x30, 0, 0x88, 0x0b, 0, 0, 0, 1 },    { 0xb0, 1, 0x88, 0x0b, 0, 0, 0, 1 },
		{ 0x70, 1, 0x88, 0x0b, 0, 0, 0, 1 },    { 0x10, 1, 0x88, 0x0b, 0, 0, 0, 1 },
		{ 0x20, 0x81, 0x08, 0x00, 0, 0, 0, 1 },
	};
	uint8_t bytes[16] = { 0 };
	struct gre_header h;
	struct rd r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memcpy(bytes, bad[i], sizeof(bad[i]));
		r = (struct rd){ bytes, sizeof(bytes) };
		assert_false(gre_parse(&r, &h));
	}
}

static bool input(struct gre_flow *flow, struct gre_stats *stats, uint32_t sequence)
{
	struct gre_header h = { .sequenced = true, .sequence = sequence };

	return gre_flow_input(flow, &h, stats);
}

static void test_numbers(void **state)
{
	struct gre_flow flow = { 0 };
	struct gre_stats stats = { 0 };

	(void)state;
	gre_flow_init(&flow, 5);
	assert_int_equal(flow.nth, 5);
	assert_true(input(&flow, &stats, 0));
	assert_true(input(&flow, &stats, 3));
	assert_true(input(&flow, &stats, 2));
	assert_false(input(&flow, &stats, 2));
	assert_int_equal(stats.late, 1);
	assert_int_equal(stats.duplicates, 1);
	assert_int_equal(stats.received, 4);
	assert_int_equal(flow.owed, 4);
	assert_int_equal(gre_flow_gaps(&flow), 1);
}

static void test_acknowledgements(void **state)
{
	struct gre_flow flow = { .next = 10 };
	struct gre_stats stats = { 0 };
	struct gre_header h = { .acknowledges = true, .acknowledged = 4 };

	(void)state;
	assert_true(gre_flow_input(&flow, &h, &stats));
	assert_int_equal(flow.acked, 5);
	h.acknowledged = 2; /* an older one came late */
	gre_flow_input(&flow, &h, &stats);
	assert_int_equal(flow.acked, 5);
	h.acknowledged = 10;
	gre_flow_input(&flow, &h, &stats);
	assert_int_equal(stats.bad_acks, 1);
	assert_int_equal(flow.acked, 5);
	h = (struct gre_header){ .sequenced = true, .acknowledges = true, .acknowledged = 9 };
	gre_flow_input(&flow, &h, &stats);
	assert_int_equal(flow.acked, 10);
	assert_int_equal(stats.piggybacked, 1);
	assert_int_equal(stats.acks_received, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sccrq),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_header_of_others),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_acknowledgements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
