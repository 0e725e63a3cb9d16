/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The dialer's own sums: what it computes from packets must be right before it may judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "hist.h"
#include "pace.h"
#include "plan.h"
#include "probe.h"
#include "track.h"
#include "wheel.h"
#include "wire.h"

/* RFC 2759 9.2 */
static void test_mschap(void **state)
{
	static const uint8_t server[] = { 0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
					  0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };
	static const uint8_t peer[] = { 0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a,
					0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e };
	static const uint8_t want[] = { 0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e,
					0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83, 0x54,
					0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf };
	static const uint8_t want_proof[] = { 0x40, 0x7a, 0x55, 0x89, 0x11, 0x5f, 0xd0,
					      0xd6, 0x20, 0x9f, 0x51, 0x0f, 0xe9, 0xc0,
					      0x45, 0x66, 0x93, 0x2c, 0xda, 0x56 };
	const char *const names[] = { "User", "DOMAIN\\User" };
	uint8_t response[CRYPTO_RESPONSE], proof[CRYPTO_PROOF];
	struct crypto *crypto;

	(void)state;
	assert_int_equal(crypto_new(&crypto), 0);
	for (int i = 0; i < 2; i++) {
		struct crypto_mschap in = { names[i], "clientPass", server, peer };

		assert_int_equal(crypto_mschap(crypto, &in, response, proof), 0);
		assert_memory_equal(response, want, sizeof(want));
		assert_memory_equal(proof, want_proof, sizeof(want_proof));
	}
	crypto_free(crypto);
}

static void test_chap(void **state)
{
	/* printf '\001secretchallenge' | md5sum */
	static const uint8_t want[] = { 0x46, 0xe4, 0x77, 0x70, 0x03, 0x0e, 0x2b, 0x4e,
					0x26, 0xa0, 0xdb, 0x72, 0xa7, 0xef, 0xec, 0x00 };
	uint8_t got[16];
	struct crypto *crypto;

	(void)state;
	assert_int_equal(crypto_new(&crypto), 0);
	assert_int_equal(crypto_chap(crypto, 1, "secret", (const uint8_t *)"challenge", 9, got), 0);
	assert_memory_equal(got, want, sizeof(want));
	crypto_free(crypto);
}

static void test_track(void **state)
{
	struct track t = { 0 };

	(void)state;
	assert_int_equal(track_add(&t, 0), TRACK_NEW);
	assert_int_equal(track_add(&t, 0), TRACK_DUPLICATE);
	assert_int_equal(track_add(&t, 3), TRACK_NEW);
	assert_int_equal(track_add(&t, 1), TRACK_LATE);
	assert_int_equal(track_add(&t, 1), TRACK_DUPLICATE);
	assert_int_equal(t.next - t.unique, 1); /* number 2 is lost so far */
	assert_int_equal(track_add(&t, 66), TRACK_NEW);
	assert_int_equal(track_add(&t, 3), TRACK_DUPLICATE); /* the edge of the window */
	assert_int_equal(track_add(&t, 2), TRACK_LATE);
	assert_int_equal(track_add(&t, 1000), TRACK_NEW);
	assert_int_equal(track_add(&t, 999), TRACK_LATE);
	assert_int_equal(t.unique, 7);
	assert_int_equal(t.next, 1001);
}

static void test_tally(void **state)
{
	struct tally t = { 0 };

	(void)state;
	tally_add(&t, TRACK_NEW, 100);
	tally_add(&t, TRACK_LATE, 100);
	tally_add(&t, TRACK_DUPLICATE, 100);
	assert_int_equal(t.received, 2);
	assert_int_equal(t.reordered, 1);
	assert_int_equal(t.duplicated, 1);
	assert_int_equal(t.bytes, 200);
}

static void test_hist(void **state)
{
	struct hist *h = calloc(1, sizeof(*h));

	(void)state;
	assert_int_equal(hist_percentile(h, 50), 0);
	for (uint64_t us = 1; us <= 100; us++)
		hist_add(h, us);
	assert_int_equal(hist_percentile(h, 50), 50);
	assert_int_equal(hist_percentile(h, 99), 99);
	assert_int_equal(hist_percentile(h, 100), 100);
	for (int i = 0; i < 900; i++)
		hist_add(h, 1000000);
	assert_in_range(hist_percentile(h, 50), 1000000 - 16000, 1000000);
	hist_add(h, UINT64_MAX);
	assert_true(h->max == UINT64_MAX);
	assert_int_equal(hist_percentile(h, 9.9), 100);
	free(h);
}

static void check_vlans(const char *text, uint32_t nth, unsigned int count, uint16_t outer,
			uint16_t inner)
{
	struct vlan_plan plan = { .tpid = { 0x88a8, 0x8100 } };
	struct vlans v;

	assert_int_equal(plan_parse_vlans(&plan, text), 0);
	plan_vlans(&plan, nth, &v);
	assert_int_equal(v.count, count);
	assert_int_equal(v.tag[0].vid, outer);
	assert_int_equal(v.tag[1].vid, inner);
	if (count)
		assert_int_equal(v.tag[0].tpid, 0x88a8);
	if (count == 2)
		assert_int_equal(v.tag[1].tpid, 0x8100);
}

static void test_vlans(void **state)
{
	static const char *const bad[] = { "",    "x",     "5-4", "4095",   "1.",
					   "1.x", "1.2.3", "1-",  "none.1", "1 " };
	struct vlan_plan plan;

	(void)state;
	check_vlans("none", 5, 0, 0, 0);
	check_vlans("100", 5, 1, 100, 0);
	check_vlans("100-109", 13, 1, 103, 0);
	check_vlans("100-101.1-4", 0, 2, 100, 1);
	check_vlans("100-101.1-4", 6, 2, 101, 3);
	check_vlans("100-101.1-4", 8, 2, 100, 1);
	check_vlans("none,7,10.1-2", 0, 0, 0, 0);
	check_vlans("none,7,10.1-2", 1, 1, 7, 0);
	check_vlans("none,7,10.1-2", 3, 2, 10, 2);
	check_vlans("none,7,10.1-2", 4, 0, 0, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(plan_parse_vlans(&plan, bad[i]) < 0);
}

static void test_template(void **state)
{
	static const uint8_t mac[] = { 2, 0xd1, 0, 0, 0, 0x2a };
	char text[32];

	(void)state;
	assert_int_equal(plan_expand("u%d", 42, mac, text, sizeof(text)), 3);
	assert_string_equal(text, "u42");
	assert_int_equal(plan_expand("%05d-%x%%", 42, mac, text, sizeof(text)), 9);
	assert_string_equal(text, "00042-2a%");
	assert_int_equal(plan_expand("%m", 42, mac, text, sizeof(text)), 17);
	assert_string_equal(text, "02:d1:00:00:00:2a");
	assert_true(plan_expand("%s", 42, mac, text, sizeof(text)) < 0);
	assert_true(plan_expand("%", 42, mac, text, sizeof(text)) < 0);
	assert_true(plan_expand("%40d", 42, mac, text, sizeof(text)) < 0);
	assert_true(plan_expand("12345678901234567890123456789012", 42, mac, text, sizeof(text)) <
		    0);
}

static void test_mac(void **state)
{
	static const uint8_t want[] = { 2, 0xd1, 0, 1, 0, 9 };
	uint8_t base[WIRE_MAC], mac[WIRE_MAC];

	(void)state;
	assert_int_equal(plan_parse_mac(base, "02:d1:00:00:ff:ff"), 0);
	plan_mac(base, 10, mac);
	assert_memory_equal(mac, want, WIRE_MAC);
	assert_true(plan_parse_mac(base, "02:d1:00:00:ff") < 0);
	assert_true(plan_parse_mac(base, "02:d1:00:00:ff:ff:00") < 0);
}

static void test_frame(void **state)
{
	static const uint8_t dst[WIRE_MAC] = { 2, 1 }, src[WIRE_MAC] = { 2, 2 };
	struct vlans v = { 2, { { 0x88a8, 100 }, { 0x8100, 7 } } };
	struct vlan_tag stripped = { 0x88a8, 100 };
	uint8_t bytes[128];
	struct wr w = { bytes, 0, sizeof(bytes), false };
	struct frame f;
	struct pppoe_header h;
	size_t at;

	(void)state;
	wire_put_eth(&w, dst, src, &v, WIRE_TYPE_SESSION);
	at = wire_put_pppoe(&w, 0, 0x1234);
	wr_u32(&w, 0xc0210901);
	wire_end_pppoe(&w, at, true);
	assert_int_equal(w.len, WIRE_MIN);
	assert_true(wire_parse(bytes, w.len, NULL, &f));
	assert_true(wire_vlans_equal(&f.vlans, &v));
	assert_true(wire_parse_pppoe(&f.payload, &h));
	assert_int_equal(h.sid, 0x1234);
	assert_int_equal(f.payload.len, 4); /* without the padding */

	/* cut anywhere, nothing is read beyond */
	for (size_t len = 0; len < at + 6 + 4; len++) {
		uint8_t *exact = malloc(len + 1);

		memcpy(exact, bytes, len);
		assert_false(wire_parse(exact, len, NULL, &f) && wire_parse_pppoe(&f.payload, &h));
		free(exact);
	}
	/* the kernel took the outer tag out */
	memmove(bytes + 12, bytes + 16, w.len - 16);
	assert_true(wire_parse(bytes, w.len - 4, &stripped, &f));
	assert_true(wire_vlans_equal(&f.vlans, &v));
	assert_false(wire_parse((const uint8_t[]){ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x81, 0 },
				14, NULL, &f));
}

static void test_probe(void **state)
{
	struct probe_path path = { { htonl(0x0a000001) }, { htonl(0x0a000002) }, 7, 8 };
	struct probe p = { .kind = PROBE_DOWN,
			   .size = 100,
			   .run = 1,
			   .from = PROBE_CORE,
			   .to = 5,
			   .dial = 2,
			   .seq = 3,
			   .sent_ns = 4 };
	uint8_t bytes[256];
	struct wr w = { bytes, 0, sizeof(bytes), false };
	struct probe got;
	bool ours;

	(void)state;
	probe_put(&w, &path, &p);
	assert_int_equal(w.len, 100);
	assert_int_equal(wire_fold(wire_sum(bytes, 20, 0)), 0);
	assert_int_equal(wire_udp_check(bytes, 20, 100), 0);
	assert_true(probe_parse((struct rd){ bytes + 28, 72 }, &got, &ours));
	assert_int_equal(got.to, 5);
	assert_int_equal(got.seq, 3);
	assert_int_equal(got.from, PROBE_CORE);
	/* every damaged byte is noticed, here or by the checksum */
	for (size_t i = 0; i < 100; i++) {
		bytes[i] ^= 0x40;
		assert_true(wire_fold(wire_sum(bytes, 20, 0)) != 0 ||
			    wire_udp_check(bytes, 20, 100) != 0);
		bytes[i] ^= 0x40;
	}
	assert_false(probe_parse((struct rd){ bytes + 28, 71 }, &got, &ours));
	assert_true(ours);
	bytes[99] ^= 1;
	assert_false(probe_parse((struct rd){ bytes + 28, 72 }, &got, &ours));
	assert_true(ours);
	bytes[28] ^= 1;
	assert_false(probe_parse((struct rd){ bytes + 28, 72 }, &got, &ours));
	assert_false(ours);
}

struct expiry {
	struct wheel *wheel;
	struct wheel_timer *cancel, *again;
	struct wheel_timer *seen[8];
	unsigned int count;
};

static void note_expiry(struct wheel_timer *t, void *arg)
{
	struct expiry *e = arg;

	e->seen[e->count++] = t;
	wheel_cancel(e->cancel);
	if (t == e->again && e->count < 3)
		wheel_arm(e->wheel, t, t->deadline + 10 * WHEEL_TICK_NS);
}

static void test_wheel(void **state)
{
	struct wheel *w = malloc(sizeof(*w));
	struct wheel_timer a = { 0 }, b = { 0 }, far = { 0 };
	struct expiry e = { w, &b, &a, { NULL }, 0 };
	int64_t ms = WHEEL_TICK_NS;

	(void)state;
	wheel_init(w, 0);
	wheel_arm(w, &a, 5 * ms);
	wheel_arm(w, &b, 5 * ms);                   /* cancelled by a's expiry, in the same slot */
	wheel_arm(w, &far, (WHEEL_SLOTS + 5) * ms); /* the same slot a turn later */
	wheel_advance(w, 4 * ms, note_expiry, &e);
	assert_int_equal(e.count, 0);
	wheel_advance(w, 10 * ms, note_expiry, &e);
	assert_int_equal(e.count, 1);
	assert_ptr_equal(e.seen[0], &a);
	wheel_advance(w, 100 * ms, note_expiry, &e);
	assert_int_equal(e.count, 3);
	wheel_advance(w, (WHEEL_SLOTS + 4) * ms, note_expiry, &e);
	assert_int_equal(e.count, 3);
	wheel_advance(w, (WHEEL_SLOTS + 7) * ms, note_expiry, &e);
	assert_int_equal(e.count, 4);
	assert_ptr_equal(e.seen[3], &far);
	free(w);
}

static void test_pace(void **state)
{
	struct pace p;

	(void)state;
	pace_begin(&p, 1000, 0);
	assert_int_equal(pace_due(&p, 10000000, 100), 10);
	pace_took(&p, 10);
	assert_int_equal(pace_due(&p, 10000000, 100), 0);
	assert_int_equal(pace_due(&p, 20000000, 4), 4);
	/* after ten seconds away, no more than a tenth of a second's worth */
	assert_in_range(pace_due(&p, 10000000000, 100000), 100, 101);
	pace_begin(&p, 0, 0);
	assert_int_equal(pace_due(&p, 0, 100), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mschap),   cmocka_unit_test(test_chap),
		cmocka_unit_test(test_track),    cmocka_unit_test(test_tally),
		cmocka_unit_test(test_hist),     cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_template), cmocka_unit_test(test_mac),
		cmocka_unit_test(test_frame),    cmocka_unit_test(test_probe),
		cmocka_unit_test(test_wheel),    cmocka_unit_test(test_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
