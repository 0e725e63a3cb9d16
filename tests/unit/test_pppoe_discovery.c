/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pppoe_fixture.h"
#include "stderr_text.h"

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

static void assert_tag(struct buf b, const char *text)
{
	assert_non_null(b.p);
	assert_int_equal(b.len, strlen(text));
	assert_memory_equal(b.p, text, b.len);
}

/* ---- dialling ---- */

static void a_padi_is_offered_a_cookie_and_nothing_is_stored(void **state)
{
	struct fixture *f = *state;
	const struct sent *pado;

	padi(f, "");
	assert_int_equal(f->n_sent, 1);
	pado = last_sent(f);
	assert_int_equal(pado->frame.code, PPPOE_CODE_PADO);
	assert_int_equal(pado->frame.sid, 0);
	assert_memory_equal(pado->frame.dst, peer_mac, ETH_ALEN);
	assert_memory_equal(pado->frame.src, own_mac, ETH_ALEN);
	assert_tag(pado->tags.host_uniq, "host");
	assert_tag(pado->tags.service, "");
	assert_int_equal(pado->tags.cookie.len, PPPOE_COOKIE_LEN);
	assert_null(pado->tags.relay_id.p);
	assert_int_equal(pado->tags.max_payload, 0);
	assert_true(sent_has(f, PPPOE_TAG_AC_NAME, "ac-one"));
	assert_true(pado->len >= PPPOE_FRAME_MIN);
	assert_int_equal(f->carriers.n, 0);
}

static void a_padr_with_its_cookie_makes_a_session(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	struct pppoe_counters counters;
	struct carrier_info info;

	assert_int_equal(f->n_sent, 2);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADS);
	assert_int_equal(last_sent(f)->frame.sid, s->sid);
	assert_in_range(s->sid, 1, 63);
	assert_tag(last_sent(f)->tags.host_uniq, "host");
	assert_true(f->carriers.accepted[0].started);
	assert_ptr_equal(s->carrier.tunnel, &f->tunnel[0]);
	assert_ptr_equal(pppoe_by_slot(f->pppoe, s->slot), s);
	assert_int_equal(s->carrier.ops->mru(&s->carrier), 1492);
	s->carrier.ops->info(&s->carrier, &info);
	assert_string_equal(info.peer, "02:00:00:00:00:01");
	assert_string_equal(info.device, "acc-test");
	assert_int_equal(info.id, s->sid);
	assert_string_equal(info.circuit_id, "");
	pppoe_counters(f->pppoe, &counters);
	assert_int_equal(counters.padi, 1);
	assert_int_equal(counters.pado, 1);
	assert_int_equal(counters.padr, 1);
	assert_int_equal(counters.pads, 1);
	assert_int_equal(counters.sessions, 1);
}

static void a_client_without_service_name_tag_is_served(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;

	padi_from(&c, peer_mac);
	client_deliver(f, &c);
	assert_int_equal(f->n_sent, 1);
	assert_tag(last_sent(f)->tags.service, "");
	assert_null(last_sent(f)->tags.host_uniq.p);
}

static void the_relay_id_comes_back(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;

	padi_from(&c, peer_mac);
	put_tags(&c, "");
	pppoe_tag_put(&c.w, PPPOE_TAG_RELAY_ID, "relay-7", 7);
	client_deliver(f, &c);
	assert_tag(last_sent(f)->tags.relay_id, "relay-7");
	padr_begin(f, &c, "");
	pppoe_tag_put(&c.w, PPPOE_TAG_RELAY_ID, "relay-8", 7);
	client_deliver(f, &c);
	assert_int_equal(f->carriers.n, 1);
	assert_tag(last_sent(f)->tags.relay_id, "relay-8");
}

static void line_ids_are_kept_escaped(void **state)
{
	static const char vendor[] = "\0\0\x0d\xe9\x01\x09"
				     "eth 0/\"\n1"
				     "\x02\x03"
				     "abc";
	struct fixture *f = *state;
	struct client_frame c;
	struct pppoe_session *s;

	padi(f, "");
	padr_begin(f, &c, "");
	pppoe_tag_put(&c.w, PPPOE_TAG_VENDOR, vendor, sizeof(vendor) - 1);
	client_deliver(f, &c);
	s = f->carriers.accepted[0].session;
	assert_string_equal(s->circuit_id, "eth 0/\\x22\\x0a1");
	assert_string_equal(s->remote_id, "abc");
	assert_false(sent_has(f, PPPOE_TAG_VENDOR, vendor));
}

static void a_longest_line_id_fits(void **state)
{
	struct fixture *f = *state;
	uint8_t vendor[4 + 2 + 63] = { 0, 0, 0x0d, 0xe9, 1, 63 };
	struct client_frame c;

	padi(f, "");
	padr_begin(f, &c, "");
	memset(vendor + 6, 'x', 63);
	pppoe_tag_put(&c.w, PPPOE_TAG_VENDOR, vendor, sizeof(vendor));
	client_deliver(f, &c);
	assert_int_equal(strlen(f->carriers.accepted[0].session->circuit_id), 63);
	assert_null(strchr(f->carriers.accepted[0].session->circuit_id, '.'));
}

static void a_repeated_padr_gets_the_same_session(void **state)
{
	struct fixture *f = *state;
	struct pppoe_counters counters;
	struct client_frame c, copy;

	padi(f, "");
	padr_begin(f, &c, "");
	copy = c;
	copy.w.base = copy.bytes;
	client_deliver(f, &c);
	/* the client waits longer than a cookie lives */
	fixture_time.ms += CLOCK_COOKIE_LIFETIME_MS + 5000;
	client_deliver(f, &copy);
	assert_int_equal(f->carriers.n, 1);
	assert_int_equal(f->n_sent, 3);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADS);
	assert_int_equal(last_sent(f)->frame.sid, f->carriers.accepted[0].session->sid);
	pppoe_counters(f->pppoe, &counters);
	assert_int_equal(counters.duplicate_padr, 1);
	assert_int_equal(counters.sessions, 1);
}

/* rp-pppoe asks three times, after 5, 10 and 20 s, and those it asks may be busy until then. */
static void an_offer_stands_as_long_as_clients_ask(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;

	padi(f, "");
	padr_begin(f, &c, "");
	fixture_time.ms += 5000 + 10000 + 20000;
	client_deliver(f, &c);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADS);
	assert_int_equal(f->carriers.n, 1);
}

static void the_cookie_of_an_ended_session_does_not_bring_it_back(void **state)
{
	struct fixture *f = *state;
	struct client_frame c, copy;
	uint16_t sid;

	padi(f, "");
	padr_begin(f, &c, "");
	copy = c;
	copy.w.base = copy.bytes;
	client_deliver(f, &c);
	sid = f->carriers.accepted[0].session->sid;
	padt(f, sid, peer_mac);
	client_deliver(f, &copy);
	assert_int_equal(f->carriers.n, 2);
	assert_int_not_equal(f->carriers.accepted[1].session->sid, sid);
}

static void a_second_dial_from_one_mac_is_a_second_session(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *a = dial(f), *b = dial(f);

	assert_int_equal(f->carriers.n, 2);
	assert_int_not_equal(a->sid, b->sid);
	assert_ptr_equal(pppoe_by_slot(f->pppoe, a->slot), a);
	assert_ptr_equal(pppoe_by_slot(f->pppoe, b->slot), b);
}

static void ids_are_not_used_again_at_once(void **state)
{
	struct fixture *f = *state;
	bool seen[64] = { false };

	for (int i = 0; i < 60; i++) {
		struct pppoe_session *s = dial(f);

		assert_false(seen[s->sid]);
		seen[s->sid] = true;
		padt(f, s->sid, peer_mac);
		fixture_time.ms += 100;
	}
	assert_int_equal(f->carriers.n, 60);
}

/* ---- services ---- */

static void configured_services_are_offered(void **state)
{
	struct fixture *f = *state;

	fixture_service(f, 0, 0, "gold");
	fixture_service(f, 0, 1, "silver");
	padi(f, "");
	assert_true(sent_has(f, PPPOE_TAG_SERVICE_NAME, ""));
	assert_true(sent_has(f, PPPOE_TAG_SERVICE_NAME, "gold"));
	assert_true(sent_has(f, PPPOE_TAG_SERVICE_NAME, "silver"));
	padi(f, "silver");
	assert_tag(last_sent(f)->tags.service, "silver");
	padr(f, "silver");
	assert_int_equal(f->carriers.n, 1);
	assert_string_equal(f->carriers.accepted[0].session->service, "silver");
	assert_tag(last_sent(f)->tags.service, "silver");
}

static void other_services_are_not(void **state)
{
	struct fixture *f = *state;

	fixture_service(f, 0, 0, "gold");
	padi(f, "lead");
	padi(f, "gol");
	padi(f, "golden");
	assert_int_equal(f->n_sent, 0);
	assert_int_equal(drops(f, XP_R_D_SERVICE), 3);
	padi(f, "gold");
	padr(f, "lead");
	assert_int_equal(f->carriers.n, 0);
	assert_int_equal(drops(f, XP_R_D_SERVICE), 4);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADS);
	assert_int_equal(last_sent(f)->frame.sid, 0);
	assert_true(sent_has(f, PPPOE_TAG_SERVICE_NAME_ERROR, "service is not offered"));
	assert_tag(last_sent(f)->tags.host_uniq, "host");
}

static void any_service_can_be_refused(void **state)
{
	struct fixture *f = *state;

	padi(f, "whatever");
	assert_int_equal(f->n_sent, 1);
	f->tunnel[0].pppoe.accept_any_service = false;
	padi(f, "whatever");
	assert_int_equal(f->n_sent, 1);
	padi(f, ""); /* the unnamed service is what it has */
	assert_int_equal(f->n_sent, 2);
	fixture_service(f, 0, 0, "gold");
	padi(f, "");
	assert_int_equal(f->n_sent, 2);
	padi(f, "gold");
	assert_int_equal(f->n_sent, 3);
}

static void the_service_chooses_among_tunnels(void **state)
{
	struct fixture *f = *state;

	fixture_service(f, 0, 0, "gold");
	fixture_tunnel(f, 1);
	fixture_service(f, 1, 1, "silver");
	f->tunnel[1].pppoe.ac_name = (char *)"ac-two";
	assert_int_equal(pppoe_configure(f->pppoe, &f->conf, f->links), 0);
	padi(f, "silver");
	assert_true(sent_has(f, PPPOE_TAG_AC_NAME, "ac-two"));
	padr(f, "silver");
	assert_int_equal(f->carriers.n, 1);
	assert_ptr_equal(f->carriers.accepted[0].session->carrier.tunnel, &f->tunnel[1]);
	padi(f, "gold");
	assert_true(sent_has(f, PPPOE_TAG_AC_NAME, "ac-one"));
}

static void without_ac_name_the_host_name_is_told(void **state)
{
	struct fixture *f = *state;

	f->tunnel[0].pppoe.ac_name = NULL;
	padi(f, "");
	assert_true(sent_has(f, PPPOE_TAG_AC_NAME, f->pppoe->hostname));
	assert_true(strlen(f->pppoe->hostname) > 0);
}

/* ---- VLANs ---- */

static void answers_carry_the_tags_of_the_question(void **state)
{
	struct fixture *f = *state;
	const struct pppoe_vlans qinq = { 100, 200, 0x88a8, 0x8100 };
	struct client_frame c;
	struct carrier_info info;

	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 0);
	c.head.vlans = qinq;
	client_head(&c);
	put_tags(&c, "");
	client_deliver(f, &c);
	assert_memory_equal(&last_sent(f)->frame.vlans, &qinq, sizeof(qinq));
	padr(f, "");
	assert_memory_equal(&last_sent(f)->frame.vlans, &qinq, sizeof(qinq));
	assert_int_equal(f->carriers.accepted[0].session->tpid_outer, 0x88a8);
	f->carriers.accepted[0].session->carrier.ops->info(
		&f->carriers.accepted[0].session->carrier, &info);
	assert_string_equal(info.device, "acc-test.100.200");
}

static unsigned int offers_for(struct fixture *f, uint16_t outer, uint16_t inner)
{
	unsigned int before = f->n_sent;
	struct client_frame c;

	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 0);
	c.head.vlans = (struct pppoe_vlans){ outer, inner, 0x8100, 0x8100 };
	client_head(&c);
	put_tags(&c, "");
	client_deliver(f, &c);
	return f->n_sent - before;
}

static void vlans_are_served_by_rule(void **state)
{
	struct fixture *f = *state;
	struct conf_vlan_range list[] = {
		{ 100, 199, 0, 0 },
		{ 300, 300, 10, 20 },
	};
	struct conf_vlans *rule = &f->tunnel[0].pppoe.vlans;

	assert_int_equal(offers_for(f, 0, 0), 1);
	assert_int_equal(offers_for(f, 5, 0), 1);
	assert_int_equal(offers_for(f, 5, 6), 1);
	rule->kind = CONF_VLAN_NONE;
	assert_int_equal(offers_for(f, 0, 0), 1);
	assert_int_equal(offers_for(f, 5, 0), 0);
	assert_int_equal(drops(f, XP_R_D_NOT_FOR_US), 1);
	rule->kind = CONF_VLAN_LIST;
	rule->list = list;
	rule->n = 2;
	assert_int_equal(offers_for(f, 0, 0), 0);
	assert_int_equal(offers_for(f, 199, 0), 1);
	assert_int_equal(offers_for(f, 200, 0), 0);
	assert_int_equal(offers_for(f, 300, 0), 0);
	assert_int_equal(offers_for(f, 300, 20), 1);
	assert_int_equal(offers_for(f, 300, 21), 0);
	assert_int_equal(drops(f, XP_R_D_NOT_FOR_US), 5);
}

/* ---- RFC 4638 ---- */

static uint16_t settled(struct fixture *f, uint16_t asked, struct pppoe_vlans vlans)
{
	const uint8_t value[2] = { (uint8_t)(asked >> 8), (uint8_t)asked };
	struct client_frame c;
	uint16_t offered, mru;

	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 0);
	c.head.vlans = vlans;
	client_head(&c);
	put_tags(&c, "");
	pppoe_tag_put(&c.w, PPPOE_TAG_MAX_PAYLOAD, value, sizeof(value));
	client_deliver(f, &c);
	offered = last_sent(f)->tags.max_payload;
	padr_begin(f, &c, "");
	pppoe_tag_put(&c.w, PPPOE_TAG_MAX_PAYLOAD, value, sizeof(value));
	client_deliver(f, &c);
	assert_int_equal(last_sent(f)->tags.max_payload, offered);
	mru = f->carriers.accepted[f->carriers.n - 1].session->mru;
	assert_int_equal(offered, mru > 1492 ? mru : 0);
	return mru;
}

static void larger_payloads_need_both_sides_and_the_device(void **state)
{
	struct fixture *f = *state;
	const struct pppoe_vlans none = { 0 }, one = { 5, 0, 0x8100, 0 };
	const struct pppoe_vlans two = { 5, 6, 0x88a8, 0x8100 };

	fixture_link(f, FIXTURE_IFINDEX, 9000);
	assert_int_equal(settled(f, 1500, none), 1492); /* not configured */
	f->tunnel[0].pppoe.max_payload = 1600;
	assert_int_equal(settled(f, 1500, none), 1500);
	assert_int_equal(settled(f, 4000, none), 1600);
	assert_int_equal(settled(f, 1492, none), 1492);
	assert_int_equal(settled(f, 100, none), 1492);
	fixture_link(f, FIXTURE_IFINDEX, 1508);
	assert_int_equal(settled(f, 4000, none), 1500);
	assert_int_equal(settled(f, 4000, one), 1500);
	assert_int_equal(settled(f, 4000, two), 1496);
	fixture_link(f, FIXTURE_IFINDEX, 1500);
	assert_int_equal(settled(f, 4000, one), 1492);
	assert_int_equal(settled(f, 4000, two), 1488); /* two tags leave less */
}

/* ---- PADT ---- */

static void a_padt_of_the_peer_ends_the_session(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	unsigned int before = f->n_sent;

	padt(f, s->sid, peer_mac);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_PEER);
	assert_null(pppoe_by_slot(f->pppoe, s->slot));
	assert_int_equal(f->n_sent, before); /* no answer */
	padt(f, s->sid, peer_mac);           /* again: it is over, and no offence */
	assert_int_equal(drops(f, XP_R_D_PADT), 0);
	fixture_time.ms += CLOCK_SLOT_QUARANTINE_MS;
	padt(f, s->sid, peer_mac);
	assert_int_equal(drops(f, XP_R_D_PADT), 1);
}

static void a_padt_of_anybody_else_does_not(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	struct client_frame c;

	padt(f, s->sid, other_mac);
	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADT, s->sid);
	c.head.vlans = (struct pppoe_vlans){ 9, 0, 0x8100, 0 };
	client_head(&c);
	client_deliver(f, &c);
	padt(f, (uint16_t)(s->sid + 1), peer_mac);
	padt(f, 0, peer_mac);
	padt(f, 0xffff, peer_mac);
	assert_int_equal(drops(f, XP_R_D_PADT), 5);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	assert_ptr_equal(pppoe_by_slot(f->pppoe, s->slot), s);
}

static void closing_sends_one_padt(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	unsigned int before = f->n_sent;

	s->carrier.ops->close(&s->carrier, CAUSE_CLEARED);
	assert_int_equal(f->n_sent, before + 1);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADT);
	assert_int_equal(last_sent(f)->frame.sid, s->sid);
	assert_memory_equal(last_sent(f)->frame.dst, peer_mac, ETH_ALEN);
	s->carrier.ops->close(&s->carrier, CAUSE_CLEARED);
	assert_int_equal(f->n_sent, before + 1);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	assert_null(pppoe_by_slot(f->pppoe, s->slot));
}

static void discovery_is_dumped_where_a_tunnel_wants_it(void **state)
{
	struct fixture *f = *state;
	struct stderr_text silent, in, out;

	log_set_level(f->log, LOG_DEBUG);
	stderr_begin(&silent);
	padi(f, "");
	stderr_end(&silent);
	f->tunnel[0].ctrl_in_pktdump = true;
	stderr_begin(&in);
	padi(f, "");
	stderr_end(&in);
	f->tunnel[0].ctrl_in_pktdump = false;
	f->tunnel[0].ctrl_out_pktdump = true;
	stderr_begin(&out);
	padi(f, "");
	stderr_end(&out);
	log_set_level(f->log, LOG_EMERG);
	assert_string_equal(silent.text, "");
	assert_non_null(
		strstr(in.text, "acc-test: in 60 bytes ffffffffffff020000000001886311090000"));
	assert_null(strstr(in.text, ": out "));
	assert_non_null(strstr(out.text, " bytes 0200000000010200000000ac886311070000"));
	assert_null(strstr(out.text, ": in "));
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_padi_is_offered_a_cookie_and_nothing_is_stored),
		test(a_padr_with_its_cookie_makes_a_session),
		test(a_client_without_service_name_tag_is_served),
		test(the_relay_id_comes_back),
		test(line_ids_are_kept_escaped),
		test(a_longest_line_id_fits),
		test(a_repeated_padr_gets_the_same_session),
		test(an_offer_stands_as_long_as_clients_ask),
		test(the_cookie_of_an_ended_session_does_not_bring_it_back),
		test(a_second_dial_from_one_mac_is_a_second_session),
		test(ids_are_not_used_again_at_once),
		test(configured_services_are_offered),
		test(other_services_are_not),
		test(any_service_can_be_refused),
		test(the_service_chooses_among_tunnels),
		test(without_ac_name_the_host_name_is_told),
		test(answers_carry_the_tags_of_the_question),
		test(vlans_are_served_by_rule),
		test(larger_payloads_need_both_sides_and_the_device),
		test(a_padt_of_the_peer_ends_the_session),
		test(a_padt_of_anybody_else_does_not),
		test(closing_sends_one_padt),
		test(discovery_is_dumped_where_a_tunnel_wants_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
