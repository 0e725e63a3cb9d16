/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Discovery against clients that err, cheat or flood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pppoe_fixture.h"

/* of AddressSanitizer's run time; gcc has no header for it */
size_t __sanitizer_get_current_allocated_bytes(void);

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	*state = f;
	return fixture_setup(f, 64);
}

static int teardown(void **state)
{
	fixture_teardown(*state);
	free(*state);
	return 0;
}

/* ---- cookies ---- */

/* Beginning and ending a session over and over with one cookie would use up all ids and log
 * two lines a time. */
static void one_cookie_does_not_make_endless_sessions(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;

	padi(f, "");
	padr_begin(f, &c, "");
	for (int i = 0; i < 60; i++) {
		client_deliver(f, &c);
		if (f->carriers.n > 0)
			padt(f, f->carriers.accepted[f->carriers.n - 1].session->sid, peer_mac);
	}
	assert_int_equal(f->carriers.n, 20);
	assert_int_equal(drops(f, XP_R_D_RATE_MAC), 40);
	/* another line is none the worse for it */
	padi_from(&c, other_mac);
	put_tags(&c, "");
	client_deliver(f, &c);
	padr(f, "");
	assert_int_equal(f->carriers.n, 21);
}

static void a_padr_without_cookie_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;

	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADR, 0);
	client_head(&c);
	put_tags(&c, "");
	client_deliver(f, &c);
	assert_int_equal(drops(f, XP_R_D_NO_COOKIE), 1);
	assert_int_equal(f->n_sent + f->carriers.n, 0);
}

static void a_forged_cookie_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;

	padi(f, "");
	padr_begin(f, &c, "");
	c.bytes[c.w.len - 1] ^= 1; /* the cookie is the last tag */
	client_deliver(f, &c);
	assert_int_equal(drops(f, XP_R_D_COOKIE), 1);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(f->carriers.n, 0);
}

static void a_cookie_of_another_mac_or_vlan_is_forged(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;
	struct buf cookie;

	padi(f, "");
	cookie = last_sent(f)->tags.cookie;
	for (int i = 0; i < 2; i++) {
		client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADR, 0);
		if (i == 0)
			memcpy(c.head.src, other_mac, ETH_ALEN);
		else
			c.head.vlans = (struct pppoe_vlans){ 9, 0, 0x8100, 0 };
		client_head(&c);
		put_tags(&c, "");
		pppoe_tag_echo(&c.w, PPPOE_TAG_AC_COOKIE, cookie);
		client_deliver(f, &c);
	}
	assert_int_equal(drops(f, XP_R_D_COOKIE), 2);
	assert_int_equal(f->carriers.n, 0);
}

static void an_old_cookie_is_dropped(void **state)
{
	struct fixture *f = *state;

	padi(f, "");
	fixture_time.ms += CLOCK_COOKIE_LIFETIME_MS + 1;
	padr(f, "");
	assert_int_equal(drops(f, XP_R_D_COOKIE_OLD), 1);
	assert_int_equal(drops(f, XP_R_D_COOKIE), 0);
	assert_int_equal(f->carriers.n, 0);
}

/* ---- limits ---- */

static void a_full_table_is_told(void **state)
{
	struct fixture *f = *state;

	f->carriers.max = 0;
	padi(f, "");
	padr(f, "");
	assert_int_equal(drops(f, XP_R_D_LIMIT), 1);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADS);
	assert_int_equal(last_sent(f)->frame.sid, 0);
	assert_true(sent_has(f, PPPOE_TAG_AC_SYSTEM_ERROR, "no more sessions"));
}

static void running_out_of_ids_is_told(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 63; i++) {
		dial(f);
		fixture_time.ms += 200;
	}
	assert_int_equal(f->carriers.n, 63);
	assert_false(f->carriers.accepted[62].aborted);
	dial(f);
	assert_true(f->carriers.accepted[63].aborted);
	assert_false(f->carriers.accepted[63].started);
	assert_int_equal(last_sent(f)->frame.sid, 0);
	assert_int_equal(drops(f, XP_R_D_LIMIT), 1);
}

static void a_session_that_cannot_be_told_is_taken_back(void **state)
{
	struct fixture *f = *state;
	struct pppoe_counters counters;
	uint32_t slot;

	padi(f, "");
	f->send_error = -ENOBUFS;
	padr(f, "");
	assert_true(f->carriers.accepted[0].aborted);
	assert_false(f->carriers.accepted[0].started);
	assert_int_equal(drops(f, XP_R_S_SEND), 1);
	slot = f->carriers.accepted[0].session->slot;
	assert_null(pppoe_by_slot(f->pppoe, slot));
	pppoe_counters(f->pppoe, &counters);
	assert_int_equal(counters.sessions, 0);
}

static void one_mac_may_not_ask_too_often(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 1000; i++)
		padi(f, "");
	assert_int_equal(f->n_sent, PPPOE_RATE_PEER_BURST);
	assert_int_equal(drops(f, XP_R_D_RATE_MAC), 1000 - PPPOE_RATE_PEER_BURST);
	fixture_time.ms += 1000;
	padi(f, "");
	assert_int_equal(f->n_sent, PPPOE_RATE_PEER_BURST + 1);
}

static void random_mac(uint8_t mac[ETH_ALEN], unsigned int i)
{
	mac[0] = 0x06;
	mac[1] = 0;
	for (int b = 0; b < 4; b++)
		mac[2 + b] = (uint8_t)(i * 2654435761u >> 8 * b);
}

static void an_interface_may_not_be_asked_too_often(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;

	f->tunnel[0].pppoe.padi_rate = 100;
	assert_int_equal(pppoe_configure(f->pppoe, &f->conf, f->links), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		uint8_t mac[ETH_ALEN];

		random_mac(mac, i);
		padi_from(&c, mac);
		client_deliver(f, &c);
	}
	assert_int_equal(f->n_sent, 100);
	assert_int_equal(drops(f, XP_R_D_RATE_IF), 900);
}

static void floods_allocate_nothing_and_touch_no_session(void **state)
{
	enum { N = 50000 };
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	uint8_t forged[PPPOE_COOKIE_LEN];
	size_t before;

	padi(f, "");
	/* good, but not for those MACs */
	memcpy(forged, last_sent(f)->tags.cookie.p, sizeof(forged));
	before = __sanitizer_get_current_allocated_bytes();
	for (unsigned int i = 0; i < N; i++) {
		struct client_frame c;
		uint8_t mac[ETH_ALEN];

		random_mac(mac, i);
		padi_from(&c, mac);
		client_deliver(f, &c);
		client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADR, 0);
		memcpy(c.head.src, mac, ETH_ALEN);
		client_head(&c);
		put_tags(&c, "");
		pppoe_tag_put(&c.w, PPPOE_TAG_AC_COOKIE, forged, sizeof(forged));
		client_deliver(f, &c);
	}
	assert_int_equal(__sanitizer_get_current_allocated_bytes(), before);
	assert_int_equal(f->carriers.n, 1);
	assert_int_equal(f->n_sent, 3 + N);
	assert_int_equal(drops(f, XP_R_D_COOKIE), N);
	assert_ptr_equal(pppoe_by_slot(f->pppoe, s->slot), s);
}

/* ---- ugly frames ---- */

static void every_truncation_is_counted(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;
	size_t len;

	padi(f, "");
	padr_begin(f, &c, "gold");
	assert_int_equal(pppoe_frame_end(&c.w, c.length_at), 0);
	len = c.w.len;
	for (size_t n = 0; n < len; n++) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy + 1, c.bytes, n);
		pppoe_discovery_receive(f->ifc, buf_of(copy + 1, n), &no_aux);
		free(copy);
	}
	assert_int_equal(drops(f, XP_R_D_SHORT), len);
	assert_int_equal(f->carriers.n, 0);
}

/* The frame is whole, its tags are not. */
static void every_malformed_tag_is_counted(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;
	size_t tags_at, whole = 0;

	padi(f, "");
	padr_begin(f, &c, "gold");
	tags_at = c.length_at + 2;
	for (size_t n = tags_at; n < c.w.len; n++) {
		struct client_frame cut = c;

		cut.w = wbuf_of(cut.bytes, sizeof(cut.bytes));
		cut.w.len = n;
		client_deliver(f, &cut);
		/* ends of tags: none, Service-Name, Host-Uniq; then the cookie misses */
		whole += n == tags_at || n == tags_at + 8 || n == tags_at + 16;
	}
	assert_int_equal(whole, 3);
	assert_int_equal(drops(f, XP_R_D_NO_COOKIE), whole);
	assert_int_equal(drops(f, XP_R_D_TAG), c.w.len - tags_at - whole);
	assert_int_equal(f->carriers.n, 0);
}

static void frames_that_no_client_sends_are_dropped(void **state)
{
	static const uint8_t group_mac[ETH_ALEN] = { 0x03, 0, 0, 0, 0, 1 };
	struct fixture *f = *state;
	struct client_frame c;

	padi_from(&c, group_mac);
	client_deliver(f, &c);
	padi_from(&c, own_mac);
	client_deliver(f, &c);
	assert_int_equal(drops(f, XP_R_D_SOURCE), 2);

	for (unsigned int code = 0; code < 256; code++) {
		client_begin(&c, PPPOE_TYPE_DISCOVERY, (enum pppoe_code)code, 0);
		client_head(&c);
		client_deliver(f, &c);
	}
	assert_int_equal(drops(f, XP_R_D_CODE), 253);
	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 1); /* with a session id */
	client_head(&c);
	client_deliver(f, &c);
	assert_int_equal(drops(f, XP_R_D_CODE), 254);

	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADR, 0);
	memcpy(c.head.dst, other_mac, ETH_ALEN);
	client_head(&c);
	client_deliver(f, &c);
	memcpy(c.head.dst, broadcast_mac, ETH_ALEN);
	client_head(&c);
	client_deliver(f, &c);
	assert_int_equal(drops(f, XP_R_D_NOT_FOR_US), 2);
	assert_int_equal(f->n_sent, 1); /* the PADO for the PADI among the codes */
}

static void tags_too_long_to_bring_back_get_no_answer(void **state)
{
	static const uint8_t zeros[1441];
	struct fixture *f = *state;
	struct client_frame c;

	/* 1500 bytes: 6 header, 10 AC-Name, 4 Service-Name, 36 AC-Cookie, 4 + n Host-Uniq */
	for (size_t n = 1440; n <= 1441; n++) {
		padi_from(&c, peer_mac);
		pppoe_tag_put(&c.w, PPPOE_TAG_HOST_UNIQ, zeros, n);
		client_deliver(f, &c);
		assert_int_equal(f->n_sent, 1);
		assert_int_equal(last_sent(f)->tags.host_uniq.len, 1440);
	}
	assert_int_equal(drops(f, XP_R_S_SEND), 1);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_padr_without_cookie_is_dropped),
		test(a_forged_cookie_is_dropped),
		test(a_cookie_of_another_mac_or_vlan_is_forged),
		test(an_old_cookie_is_dropped),
		test(a_full_table_is_told),
		test(running_out_of_ids_is_told),
		test(a_session_that_cannot_be_told_is_taken_back),
		test(one_cookie_does_not_make_endless_sessions),
		test(one_mac_may_not_ask_too_often),
		test(an_interface_may_not_be_asked_too_often),
		test(floods_allocate_nothing_and_touch_no_session),
		test(every_truncation_is_counted),
		test(every_malformed_tag_is_counted),
		test(frames_that_no_client_sends_are_dropped),
		test(tags_too_long_to_bring_back_get_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
