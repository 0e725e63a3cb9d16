/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tunnel/pppoe/pppoe_wire.h"

static const struct pppoe_aux untagged;

static const struct pppoe_frame sample = {
	.dst = { 2, 0, 0, 0, 0, 1 },
	.src = { 2, 0, 0, 0, 0, 2 },
	.type = PPPOE_TYPE_DISCOVERY,
	.code = PPPOE_CODE_PADR,
	.sid = 0x1234,
};

/* A frame of `sample` with VLANs and a payload of n bytes 0xa5. */
static size_t build(uint8_t *out, size_t cap, struct pppoe_vlans vlans, size_t n)
{
	struct pppoe_frame frame = sample;
	struct wbuf w = wbuf_of(out, cap);
	size_t at;

	frame.vlans = vlans;
	at = pppoe_frame_begin(&w, &frame);
	for (size_t i = 0; i < n; i++)
		wbuf_u8(&w, 0xa5);
	assert_int_equal(pppoe_frame_end(&w, at), 0);
	return w.len;
}

static void composed_frames_parse_to_the_same(void **state)
{
	static const struct pppoe_vlans vlans[] = {
		{ 0 },
		{ .vid_outer = 4094, .tpid_outer = 0x8100 },
		{ 100, 200, 0x88a8, 0x8100 },
		{ 100, 200, 0x9100, 0x88a8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vlans) / sizeof(vlans[0]); i++) {
		uint8_t bytes[128];
		struct pppoe_frame f;
		size_t len = build(bytes, sizeof(bytes), vlans[i], 3);

		assert_int_equal(len, PPPOE_FRAME_MIN);
		assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &untagged, &f), 0);
		assert_memory_equal(f.dst, sample.dst, ETH_ALEN);
		assert_memory_equal(f.src, sample.src, ETH_ALEN);
		assert_memory_equal(&f.vlans, &vlans[i], sizeof(f.vlans));
		assert_int_equal(f.type, PPPOE_TYPE_DISCOVERY);
		assert_int_equal(f.code, PPPOE_CODE_PADR);
		assert_int_equal(f.sid, 0x1234);
		assert_int_equal(f.payload.len, 3); /* padding is gone */
		assert_int_equal(f.payload.p[2], 0xa5);
	}
}

static void padding_does_not_reveal_memory(void **state)
{
	uint8_t bytes[PPPOE_FRAME_MIN];

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	build(bytes, sizeof(bytes), (struct pppoe_vlans){ 0 }, 0);
	for (size_t i = ETH_HLEN + PPPOE_HEADER_LEN; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 0);
}

static void a_frame_that_does_not_fit_is_refused(void **state)
{
	uint8_t bytes[70];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	size_t at = pppoe_frame_begin(&w, &sample);

	(void)state;
	pppoe_tag_put(&w, PPPOE_TAG_HOST_UNIQ, bytes, 60);
	assert_int_equal(pppoe_frame_end(&w, at), -EMSGSIZE);
}

static void every_truncation_is_short(void **state)
{
	const struct pppoe_vlans vlans = { 100, 200, 0x88a8, 0x8100 };
	uint8_t bytes[256];
	size_t len = build(bytes, sizeof(bytes), vlans, 100);

	(void)state;
	for (size_t n = 0; n < len; n++) {
		/* of its exact size, so that reading beyond it is seen */
		uint8_t *copy = malloc(n + 1);
		struct pppoe_frame f = { .sid = 77 };

		memcpy(copy + 1, bytes, n);
		assert_int_equal(pppoe_frame_parse(buf_of(copy + 1, n), &untagged, &f), -ENODATA);
		assert_int_equal(f.sid, 77);
		free(copy);
	}
}

static void the_stripped_tag_is_the_outer_one(void **state)
{
	const struct pppoe_aux aux = { .tagged = true, .tpid = 0x88a8, .tci = 0xe064 };
	uint8_t bytes[128];
	struct pppoe_frame f;
	size_t len;

	(void)state;
	len = build(bytes, sizeof(bytes), (struct pppoe_vlans){ 0 }, 0);
	assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &aux, &f), 0);
	assert_int_equal(f.vlans.vid_outer, 100); /* without its priority */
	assert_int_equal(f.vlans.tpid_outer, 0x88a8);
	assert_int_equal(f.vlans.vid_inner, 0);

	len = build(bytes, sizeof(bytes), (struct pppoe_vlans){ 7, 0, 0x8100, 0 }, 0);
	assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &aux, &f), 0);
	assert_int_equal(f.vlans.vid_outer, 100);
	assert_int_equal(f.vlans.vid_inner, 7);
	assert_int_equal(f.vlans.tpid_inner, 0x8100);

	len = build(bytes, sizeof(bytes), (struct pppoe_vlans){ 7, 8, 0x8100, 0x8100 }, 0);
	assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &aux, &f), -EADDRNOTAVAIL);
}

static void priority_tags_are_no_vlans(void **state)
{
	struct pppoe_aux aux = { .tagged = true, .tpid = 0x8100, .tci = 0xe000 };
	const struct pppoe_vlans none = { 0 };
	uint8_t bytes[128];
	struct pppoe_frame f;
	size_t len = build(bytes, sizeof(bytes), none, 0);

	(void)state;
	assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &aux, &f), 0);
	assert_memory_equal(&f.vlans, &none, sizeof(none));

	len = build(bytes, sizeof(bytes), (struct pppoe_vlans){ 7, 0, 0x8100, 0 }, 0);
	assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &aux, &f), -EADDRNOTAVAIL);
	bytes[15] = 0; /* the inner tag's id */
	aux.tci = 5;
	assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &aux, &f), 0);
	assert_int_equal(f.vlans.vid_outer, 5);
	assert_int_equal(f.vlans.tpid_inner, 0);
}

static void other_versions_and_types_are_refused(void **state)
{
	uint8_t bytes[128];
	struct pppoe_frame f;
	size_t len = build(bytes, sizeof(bytes), (struct pppoe_vlans){ 0 }, 0);

	(void)state;
	for (unsigned int v = 0; v < 256; v++) {
		bytes[14] = (uint8_t)v;
		assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &untagged, &f),
				 v == 0x11 ? 0 : -EPROTO);
	}
	bytes[14] = 0x11;
	bytes[12] = 0x08;
	bytes[13] = 0x00;
	assert_int_equal(pppoe_frame_parse(buf_of(bytes, len), &untagged, &f), -EPROTO);
}

/* ---- tags ---- */

/* All tags that are read, then End-Of-List and rubbish that nobody may look at. */
static size_t build_tags(struct wbuf *w, size_t *ends, size_t *end_of_list)
{
	static const uint8_t vendor[] = { 0,   0,    0x0d, 0xe9, 1, 4, 'p', 'o', 'r',
					  't', 0x81, 1,    0,    2, 3, 'm', 'a', 'c' };
	static const uint8_t max_payload[] = { 0x05, 0xdc };
	size_t n = 0;

	pppoe_tag_put(w, PPPOE_TAG_SERVICE_NAME, "", 0);
	ends[n++] = w->len;
	pppoe_tag_put(w, PPPOE_TAG_HOST_UNIQ, "\0uniq", 5);
	ends[n++] = w->len;
	pppoe_tag_put(w, PPPOE_TAG_AC_COOKIE, "cookie", 6);
	ends[n++] = w->len;
	pppoe_tag_put(w, PPPOE_TAG_RELAY_ID, "relay", 5);
	ends[n++] = w->len;
	pppoe_tag_put(w, PPPOE_TAG_VENDOR, vendor, sizeof(vendor));
	ends[n++] = w->len;
	pppoe_tag_put(w, PPPOE_TAG_MAX_PAYLOAD, max_payload, sizeof(max_payload));
	ends[n++] = w->len;
	pppoe_tag_put(w, (enum pppoe_tag)0x0fff, "unknown", 7);
	ends[n++] = w->len;
	pppoe_tag_put(w, PPPOE_TAG_END_OF_LIST, "", 0);
	*end_of_list = w->len;
	wbuf_put(w, "\x01\x01\xff\xff", 4);
	return n;
}

static void assert_buf(struct buf b, const char *text, size_t len)
{
	assert_non_null(b.p);
	assert_int_equal(b.len, len);
	assert_memory_equal(b.p, text, len);
}

static void all_tags_are_read(void **state)
{
	uint8_t bytes[256];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	size_t ends[16], end;
	struct pppoe_tags t;

	(void)state;
	build_tags(&w, ends, &end);
	assert_int_equal(pppoe_tags_parse(buf_of(bytes, w.len), &t), 0);
	assert_buf(t.service, "", 0);
	assert_buf(t.host_uniq, "\0uniq", 5);
	assert_buf(t.cookie, "cookie", 6);
	assert_buf(t.relay_id, "relay", 5);
	assert_buf(t.circuit_id, "port", 4);
	assert_buf(t.remote_id, "mac", 3);
	assert_int_equal(t.max_payload, 1500);
}

static void tags_truncated_anywhere_are_malformed(void **state)
{
	uint8_t bytes[256];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	size_t ends[16], end, n = build_tags(&w, ends, &end);

	(void)state;
	for (size_t len = 1; len < end; len++) {
		uint8_t *copy = malloc(len);
		struct pppoe_tags t = { .max_payload = 77 };
		bool whole = false;

		for (size_t i = 0; i < n; i++)
			whole |= len == ends[i];
		memcpy(copy, bytes, len);
		assert_int_equal(pppoe_tags_parse(buf_of(copy, len), &t), whole ? 0 : -EBADMSG);
		if (!whole)
			assert_int_equal(t.max_payload, 77);
		free(copy);
	}
}

static void malformed_contents_are_refused(void **state)
{
	static const struct {
		enum pppoe_tag tag;
		size_t len;
		const char *value;
		int result;
	} cases[] = {
		{ PPPOE_TAG_MAX_PAYLOAD, 1, "\x05", -EBADMSG },
		{ PPPOE_TAG_MAX_PAYLOAD, 3, "\x05\xdc\x00", -EBADMSG },
		{ PPPOE_TAG_VENDOR, 3, "\x00\x00\x0d", -EBADMSG },
		{ PPPOE_TAG_VENDOR, 4, "\x00\x00\x0d\xe9", 0 },
		{ PPPOE_TAG_VENDOR, 5, "\x00\x00\x0d\xe9\x01", -EBADMSG },
		{ PPPOE_TAG_VENDOR, 7, "\x00\x00\x0d\xe9\x01\x02x", -EBADMSG },
		{ PPPOE_TAG_VENDOR, 5, "\x00\x00\x00\x01\x01", 0 }, /* another vendor's */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[32];
		struct wbuf w = wbuf_of(bytes, sizeof(bytes));
		struct pppoe_tags t;

		pppoe_tag_put(&w, cases[i].tag, cases[i].value, cases[i].len);
		assert_int_equal(pppoe_tags_parse(buf_of(bytes, w.len), &t), cases[i].result);
	}
}

static void the_first_of_two_tags_counts(void **state)
{
	uint8_t bytes[64];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	struct pppoe_tags t;

	(void)state;
	pppoe_tag_put(&w, PPPOE_TAG_HOST_UNIQ, "", 0);
	pppoe_tag_put(&w, PPPOE_TAG_HOST_UNIQ, "second", 6);
	assert_int_equal(pppoe_tags_parse(buf_of(bytes, w.len), &t), 0);
	assert_buf(t.host_uniq, "", 0);
	assert_null(t.cookie.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(composed_frames_parse_to_the_same),
		cmocka_unit_test(padding_does_not_reveal_memory),
		cmocka_unit_test(a_frame_that_does_not_fit_is_refused),
		cmocka_unit_test(every_truncation_is_short),
		cmocka_unit_test(the_stripped_tag_is_the_outer_one),
		cmocka_unit_test(priority_tags_are_no_vlans),
		cmocka_unit_test(other_versions_and_types_are_refused),
		cmocka_unit_test(all_tags_are_read),
		cmocka_unit_test(tags_truncated_anywhere_are_malformed),
		cmocka_unit_test(malformed_contents_are_refused),
		cmocka_unit_test(the_first_of_two_tags_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
