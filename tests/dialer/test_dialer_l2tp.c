/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The dialer's L2TP, where it can be wrong without a server noticing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "avp.h"
#include "crypto.h"
#include "delivery.h"
#include "l2tp.h"

/* Computed by another program from RFC 2661 4.3, over three blocks. */
static void test_hidden(void **state)
{
	static const char number[] = "0123456789012345678901234567";
	static const uint8_t want[] = { 0xe6, 0xf8, 0xb7, 0x90, 0xd9, 0x5b, 0x46, 0xc3, 0x77,
					0x49, 0xef, 0xc9, 0x72, 0x5f, 0xce, 0xde, 0xe2, 0xdc,
					0x45, 0x15, 0x25, 0x19, 0xc6, 0xa0, 0xc4, 0x5e, 0xa4,
					0xa8, 0x95, 0x82, 0xe0, 0x9f, 0x37 };
	struct avp_key key = { .secret = "tunnel secret", .hide = true };
	uint8_t bytes[64], clear[AVP_MAX];
	struct wr w = { bytes, 0, sizeof(bytes), false };
	struct rd r, value;
	struct avp avp;

	(void)state;
	assert_int_equal(crypto_new(&key.crypto), 0);
	for (int i = 0; i < AVP_VECTOR; i++)
		key.vector[i] = i;
	avp_put_secret(&w, &key, AVP_CALLING, number, strlen(number));
	r = (struct rd){ w.p, w.len };
	assert_true(avp_next(&r, &avp));
	assert_true(avp.hidden && avp.mandatory);
	assert_int_equal(avp.value.len, sizeof(want));
	assert_memory_equal(avp.value.p, want, sizeof(want));
	assert_true(avp_reveal(&avp, &key, clear, &value));
	assert_int_equal(value.len, strlen(number));
	assert_memory_equal(value.p, number, value.len);
	key.secret = "another";
	assert_true(!avp_reveal(&avp, &key, clear, &value) ||
		    memcmp(value.p, number, value.len) != 0);
	crypto_free(key.crypto);
}

static void test_avp_bounds(void **state)
{
	uint8_t bytes[8] = { 0x80, 8, 0, 0, 0, 9, 1, 2 };
	struct rd r;
	struct avp avp;

	(void)state;
	for (size_t len = 0; len < sizeof(bytes); len++) {
		r = (struct rd){ bytes, len };
		assert_false(avp_next(&r, &avp));
		assert_int_equal(r.len, len);
	}
	for (bytes[1] = 0; bytes[1] < 6; bytes[1]++) {
		r = (struct rd){ bytes, sizeof(bytes) };
		assert_false(avp_next(&r, &avp));
	}
}

static void queue(struct delivery *d, unsigned int n)
{
	while (n--)
		assert_true(delivery_queue(d, 0, "x", 1));
}

/* As a sender: sends what the window lets out. */
static unsigned int send_all(struct delivery *d)
{
	struct message *m;
	unsigned int n = 0;

	for (; (m = delivery_next(d)); n++)
		m->sent = true;
	return n;
}

static void test_window(void **state)
{
	struct delivery d;

	(void)state;
	delivery_init(&d);
	d.ns = 65530; /* over the end of the numbers */
	queue(&d, 10);
	assert_int_equal(send_all(&d), 4);
	assert_int_equal(delivery_acknowledge(&d, 65530), 0);
	assert_int_equal(delivery_acknowledge(&d, 65535), 4); /* one of them was not sent */
	assert_int_equal(send_all(&d), 4);
	assert_int_equal(delivery_acknowledge(&d, 1), 3);
	assert_int_equal(d.in_flight, 1);
	delivery_again(&d);
	d.window = 100;
	assert_int_equal(send_all(&d), 3);
	assert_int_equal(delivery_acknowledge(&d, 5), 0); /* never queued */
	assert_int_equal(delivery_acknowledge(&d, 4), 3);
	assert_int_equal(d.queued, 0);
	queue(&d, 1);
	assert_int_equal(send_all(&d), 1);
	delivery_free(&d);
}

static void test_order(void **state)
{
	struct rd body = { (const uint8_t *)"y", 1 };
	struct message *m;
	struct delivery d;

	(void)state;
	delivery_init(&d);
	d.nr = 65535;
	assert_int_equal(delivery_judge(&d, 65535), DELIVERY_NEXT);
	assert_int_equal(delivery_judge(&d, 1), DELIVERY_AHEAD);
	assert_int_equal(delivery_judge(&d, 65534), DELIVERY_DUPLICATE);
	delivery_keep(&d, 1, 7, body);
	delivery_keep(&d, 1, 8, body); /* again */
	delivery_keep(&d, (uint16_t)(65535 + DELIVERY_EARLY), 9, body);
	assert_null(delivery_take(&d));
	d.nr = 1;
	m = delivery_take(&d);
	assert_non_null(m);
	assert_int_equal(m->sid, 7);
	free(m);
	d.nr++;
	assert_null(delivery_take(&d));
	delivery_free(&d);
}

static void test_header(void **state)
{
	static const uint8_t full[] = { 0x4a, 0x02, 0, 20, 0, 1, 0, 2,    0, 3,
					0,    4,    0, 2,  9, 9, 0, 0x21, 5, 6 };
	static const uint8_t bare[] = { 0, 2, 0, 1, 0, 2, 0, 0x21 };
	struct l2tp_header h;
	struct rd r = { full, sizeof(full) };

	(void)state;
	assert_true(l2tp_parse(&r, &h));
	assert_int_equal(h.tunnel, 1);
	assert_int_equal(h.session, 2);
	assert_int_equal(h.ns, 3);
	assert_int_equal(r.len, 4);
	assert_int_equal(r.p[1], 0x21);
	for (size_t len = 0; len < sizeof(full); len++) {
		r = (struct rd){ full, len };
		assert_false(l2tp_parse(&r, &h)); /* the length says more */
	}
	r = (struct rd){ bare, sizeof(bare) };
	assert_true(l2tp_parse(&r, &h));
	assert_int_equal(r.len, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hidden), cmocka_unit_test(test_avp_bounds),
		cmocka_unit_test(test_window), cmocka_unit_test(test_order),
		cmocka_unit_test(test_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
