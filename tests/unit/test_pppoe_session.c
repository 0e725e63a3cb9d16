/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Session frames, and the driver as devices and configurations come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/dataplane.h"
#include "pppoe_fixture.h"

static const uint8_t echo[] = { 0xc0, 0x21, 9, 1, 0, 8, 1, 2, 3, 4 };
static const uint8_t ip[] = { 0x00, 0x21, 0x45 };

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	*state = f;
	return fixture_setup(f, 0x10000);
}

static int teardown(void **state)
{
	fixture_teardown(*state);
	free(*state);
	return 0;
}

static void session_begin(struct client_frame *c, uint16_t sid)
{
	client_begin(c, PPPOE_TYPE_SESSION, PPPOE_CODE_SESSION, sid);
	client_head(c);
}

static void session_frame(struct fixture *f, uint16_t sid, const void *ppp, size_t len)
{
	struct client_frame c;

	session_begin(&c, sid);
	wbuf_put(&c.w, ppp, len);
	client_deliver(f, &c);
}

/* ---- frames of sessions ---- */

static void a_frame_reaches_its_session_without_padding(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *a = dial(f), *b = dial(f);

	session_frame(f, b->sid, echo, sizeof(echo));
	assert_int_equal(f->carriers.accepted[1].inputs, 1);
	assert_int_equal(f->carriers.accepted[1].input_len, sizeof(echo));
	assert_memory_equal(f->carriers.accepted[1].input, echo, sizeof(echo));
	assert_int_equal(f->carriers.accepted[0].inputs, 0);
	session_frame(f, a->sid, ip, sizeof(ip));
	assert_int_equal(f->carriers.accepted[0].inputs, 1);
}

static void frames_go_out_with_the_sessions_header(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s;
	struct client_frame c;

	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 0);
	c.head.vlans = (struct pppoe_vlans){ 100, 200, 0x88a8, 0x8100 };
	client_head(&c);
	client_deliver(f, &c);
	padr(f, "");
	s = f->carriers.accepted[0].session;
	s->carrier.ops->send(&s->carrier, 0xc021, (const uint8_t *)"abc", 3);
	assert_int_equal(last_sent(f)->traffic, PPPOE_TRAFFIC_SESSION);
	assert_int_equal(last_sent(f)->frame.type, PPPOE_TYPE_SESSION);
	assert_int_equal(last_sent(f)->frame.code, 0);
	assert_int_equal(last_sent(f)->frame.sid, s->sid);
	assert_memory_equal(last_sent(f)->frame.dst, peer_mac, ETH_ALEN);
	assert_memory_equal(last_sent(f)->frame.src, own_mac, ETH_ALEN);
	assert_memory_equal(&last_sent(f)->frame.vlans, &c.head.vlans, sizeof(c.head.vlans));
	assert_int_equal(last_sent(f)->frame.payload.len, 5);
	assert_memory_equal(last_sent(f)->frame.payload.p,
			    "\xc0\x21"
			    "abc",
			    5);
	assert_int_equal(last_sent(f)->len, PPPOE_FRAME_MIN);
}

static void what_the_device_refuses_is_counted(void **state)
{
	static const uint8_t zeros[PPPOE_FRAME_MAX];
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);

	f->send_error = -ENOBUFS;
	s->carrier.ops->send(&s->carrier, 0xc021, echo, sizeof(echo));
	assert_int_equal(drops(f, XP_R_S_SEND), 1);
	f->send_error = 0;
	s->carrier.ops->send(&s->carrier, 0x0021, zeros, sizeof(zeros));
	assert_int_equal(drops(f, XP_R_S_SEND), 2);
	assert_int_equal(f->n_sent, 2);
}

static void the_data_plane_gets_the_whole_key(void **state)
{
	struct fixture *f = *state;
	struct dp_session dp = { 0 };
	struct pppoe_session *s;
	struct client_frame c;

	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 0);
	c.head.vlans = (struct pppoe_vlans){ 100, 200, 0x88a8, 0x8100 };
	client_head(&c);
	client_deliver(f, &c);
	padr(f, "");
	s = f->carriers.accepted[0].session;
	s->carrier.ops->describe(&s->carrier, &dp);
	assert_int_equal(dp.slot, s->slot);
	assert_int_equal(dp.sid, s->sid);
	assert_int_equal(dp.ifindex, FIXTURE_IFINDEX);
	assert_int_equal(dp.vid_outer, 100);
	assert_int_equal(dp.vid_inner, 200);
	assert_int_equal(dp.tpid_outer, 0x88a8);
	assert_int_equal(dp.tpid_inner, 0x8100);
	assert_memory_equal(dp.peer_mac, peer_mac, ETH_ALEN);
	assert_memory_equal(dp.own_mac, own_mac, ETH_ALEN);
}

static void frames_of_anybody_else_are_dropped_in_silence(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	unsigned int before = f->n_sent;
	struct client_frame c;

	for (int i = 0; i < 5; i++) {
		client_begin(&c, PPPOE_TYPE_SESSION, PPPOE_CODE_SESSION, s->sid);
		if (i == 0)
			memcpy(c.head.src, other_mac, ETH_ALEN);
		else if (i == 1)
			memcpy(c.head.dst, other_mac, ETH_ALEN);
		else if (i == 2)
			c.head.vlans = (struct pppoe_vlans){ 9, 0, 0x8100, 0 };
		else if (i == 3)
			c.head.src[0] |= 1;
		else
			memcpy(c.head.src, own_mac, ETH_ALEN);
		client_head(&c);
		wbuf_put(&c.w, echo, sizeof(echo));
		client_deliver(f, &c);
	}
	assert_int_equal(drops(f, XP_R_S_PEER), 5);
	assert_int_equal(f->carriers.accepted[0].inputs, 0);
	assert_int_equal(f->n_sent, before);
}

static void malformed_frames_are_counted(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	struct client_frame c;
	size_t len;

	session_begin(&c, s->sid);
	wbuf_put(&c.w, echo, sizeof(echo));
	len = c.w.len;
	assert_int_equal(pppoe_frame_end(&c.w, c.length_at), 0);
	for (size_t n = 0; n < len; n++) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy + 1, c.bytes, n);
		pppoe_session_receive(f->ifc, buf_of(copy + 1, n), &no_aux);
		free(copy);
	}
	assert_int_equal(drops(f, XP_R_S_SHORT), len);
	c.bytes[14] = 0x21;
	pppoe_session_receive(f->ifc, buf_of(c.bytes, c.w.len), &no_aux);
	c.bytes[14] = 0x11;
	c.bytes[15] = PPPOE_CODE_PADT;
	pppoe_session_receive(f->ifc, buf_of(c.bytes, c.w.len), &no_aux);
	assert_int_equal(drops(f, XP_R_PPPOE_HEADER), 2);
	assert_int_equal(f->carriers.accepted[0].inputs, 0);
}

/* ---- frames of no session ---- */

static void control_packets_of_no_session_get_a_padt(void **state)
{
	static const uint8_t with_address[] = { 0xff, 0x03, 0xc0, 0x21, 9, 1, 0, 4 };
	struct fixture *f = *state;

	session_frame(f, 0x1234, echo, sizeof(echo));
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(last_sent(f)->frame.type, PPPOE_TYPE_DISCOVERY);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADT);
	assert_int_equal(last_sent(f)->frame.sid, 0x1234);
	assert_memory_equal(last_sent(f)->frame.dst, peer_mac, ETH_ALEN);
	assert_memory_equal(last_sent(f)->frame.src, own_mac, ETH_ALEN);
	session_frame(f, 0x1234, with_address, sizeof(with_address));
	assert_int_equal(f->n_sent, 2);
	assert_int_equal(drops(f, XP_R_S_UNKNOWN), 2);
}

static void other_packets_of_no_session_get_nothing(void **state)
{
	struct fixture *f = *state;
	struct client_frame c;

	session_frame(f, 0x1234, ip, sizeof(ip));
	session_frame(f, 0x1234, "\xff\x03", 2);
	session_frame(f, 0x1234, "\xc0", 1);
	session_frame(f, 0x1234, "", 0);
	session_frame(f, 0, echo, sizeof(echo));
	session_begin(&c, 0x1234);
	memcpy(c.bytes, other_mac, ETH_ALEN); /* to another concentrator */
	wbuf_put(&c.w, echo, sizeof(echo));
	client_deliver(f, &c);
	f->tunnel[0].pppoe.vlans.kind = CONF_VLAN_NONE;
	client_begin(&c, PPPOE_TYPE_SESSION, PPPOE_CODE_SESSION, 0x1234);
	c.head.vlans = (struct pppoe_vlans){ 9, 0, 0x8100, 0 };
	client_head(&c);
	wbuf_put(&c.w, echo, sizeof(echo));
	client_deliver(f, &c);
	assert_int_equal(drops(f, XP_R_S_UNKNOWN), 7);
	assert_int_equal(f->n_sent, 0);
}

static void a_flood_of_stray_frames_gets_few_answers(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 50000; i++)
		session_frame(f, (uint16_t)(1 + i % 0xfff0), echo, sizeof(echo));
	assert_int_equal(f->n_sent, 100);
	fixture_time.ms += 500;
	for (int i = 0; i < 1000; i++)
		session_frame(f, 0x1234, echo, sizeof(echo));
	assert_int_equal(f->n_sent, 150);
}

/* ---- devices ---- */

static void a_device_that_goes_takes_its_sessions_along(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s[2] = { dial(f), dial(f) };
	unsigned int before = f->n_sent;

	assert_true(f->opened);
	fixture_link(f, 0, 0);
	assert_false(f->opened);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(f->carriers.accepted[i].lost, CAUSE_LOST_INTERFACE);
		assert_null(pppoe_by_slot(f->pppoe, s[i]->slot));
		/* nothing more goes out */
		s[i]->carrier.ops->send(&s[i]->carrier, 0xc021, echo, sizeof(echo));
	}
	assert_int_equal(f->n_sent, before);
	/* and it comes back as another one */
	fixture_link(f, FIXTURE_IFINDEX + 1, 1500);
	assert_true(f->opened);
	assert_int_equal(dial(f)->ifindex, FIXTURE_IFINDEX + 1);
}

/* What it had goes one by one, and only that, however often it comes and goes meanwhile. */
static void a_device_may_come_back_before_all_are_lost(void **state)
{
	struct fixture *f = *state;
	struct accepted *all = f->carriers.accepted;

	dial(f);
	dial(f);
	carriers_by_hand(&f->carriers);
	fixture_link(f, 0, 0);
	assert_int_equal(all[0].lost, CAUSE_NONE);
	assert_int_equal(all[1].lost, CAUSE_NONE);
	fixture_link(f, FIXTURE_IFINDEX + 1, 1500);
	dial(f);
	assert_true(carriers_step(&f->carriers));
	fixture_link(f, FIXTURE_IFINDEX + 2, 1500);
	dial(f);
	assert_true(carriers_step(&f->carriers));
	assert_false(carriers_step(&f->carriers));
	for (int i = 0; i < 3; i++)
		assert_int_equal(all[i].lost, CAUSE_LOST_INTERFACE);
	assert_int_equal(all[3].lost, CAUSE_NONE);
	assert_int_equal(f->pppoe->counters.sessions, 1);
}

/* One ends by itself; a configuration without the interface waits for nobody. */
static void sessions_of_a_lost_device_are_not_lost_twice(void **state)
{
	struct fixture *f = *state;
	struct accepted *all = f->carriers.accepted;
	struct conf next = { 0 };

	STAILQ_INIT(&next.tunnels);
	for (int i = 0; i < 3; i++)
		dial(f);
	carriers_by_hand(&f->carriers);
	fixture_link(f, 0, 0);
	all[1].carrier->ops->close(all[1].carrier, CAUSE_PEER);
	assert_int_equal(f->pppoe->counters.sessions, 2);
	assert_int_equal(pppoe_configure(f->pppoe, &next, f->links), 0);
	assert_int_equal(all[0].lost, CAUSE_LOST_INTERFACE);
	assert_int_equal(all[1].lost, CAUSE_NONE);
	assert_int_equal(all[2].lost, CAUSE_LOST_INTERFACE);
	assert_int_equal(f->pppoe->counters.sessions, 0);
}

/* A device of the same name, with another network behind it, may be there before all are lost. */
static void sessions_of_a_lost_device_say_nothing_over_another(void **state)
{
	struct fixture *f = *state;
	struct accepted *all = f->carriers.accepted;
	struct conf next = { 0 };
	unsigned int before;

	STAILQ_INIT(&next.tunnels);
	dial(f);
	dial(f);
	carriers_by_hand(&f->carriers);
	fixture_link(f, FIXTURE_IFINDEX + 1, 1500);
	dial(f);
	before = f->n_sent;
	all[0].carrier->ops->send(all[0].carrier, 0xc021, echo, sizeof(echo));
	session_frame(f, all[0].session->sid, echo, sizeof(echo));
	assert_int_equal(all[0].inputs, 0);
	all[0].carrier->ops->close(all[0].carrier, CAUSE_IDLE);
	assert_int_equal(f->n_sent, before);
	session_frame(f, all[2].session->sid, echo, sizeof(echo));
	assert_int_equal(all[2].inputs, 1);
	assert_int_equal(pppoe_configure(f->pppoe, &next, f->links), 0);
	assert_int_equal(all[1].lost, CAUSE_LOST_INTERFACE);
	assert_int_equal(all[2].lost, CAUSE_CONFIG);
	assert_int_equal(f->n_sent, before + 1); /* PADT for the one that can be told */
}

static void a_device_replaced_unseen_is_another_one(void **state)
{
	struct fixture *f = *state;

	dial(f);
	fixture_link(f, FIXTURE_IFINDEX + 1, 1500);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_LOST_INTERFACE);
	assert_true(f->opened);
}

static void changes_of_a_device_do_no_harm(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);

	fixture_link(f, FIXTURE_IFINDEX, 1300);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	session_frame(f, s->sid, echo, sizeof(echo));
	assert_int_equal(f->carriers.accepted[0].inputs, 1);
	assert_int_equal(dial(f)->mru, 1292);
}

static void a_device_that_cannot_be_opened_is_tried_again(void **state)
{
	struct fixture *f = *state;

	fixture_link(f, 0, 0);
	f->open_error = -EPERM;
	fixture_link(f, FIXTURE_IFINDEX, 1500);
	assert_int_equal(f->ifc->link.ifindex, 0);
	f->open_error = 0;
	fixture_link(f, FIXTURE_IFINDEX, 1500);
	dial(f);
	assert_int_equal(f->carriers.n, 1);
}

/* ---- configurations ---- */

/* The interface stays, because of others: who is no longer served there has to go. */
static void a_session_ends_where_its_tunnel_no_longer_listens(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	struct conf next = { 0 };
	struct conf_tunnel tunnel = f->tunnel[0];
	struct conf_name name = { .name = (char *)"acc-test" };

	STAILQ_INIT(&next.tunnels);
	STAILQ_INIT(&tunnel.pppoe.interfaces);
	STAILQ_INSERT_TAIL(&tunnel.pppoe.interfaces, &name, entry);
	STAILQ_INSERT_TAIL(&next.tunnels, &tunnel, entry);
	assert_int_equal(pppoe_configure(f->pppoe, &next, f->links), 0);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	tunnel.name = (char *)"another";
	assert_int_equal(pppoe_configure(f->pppoe, &next, f->links), 0);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_CONFIG);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADT);
	assert_int_equal(last_sent(f)->frame.sid, s->sid);
	s = dial(f);
	tunnel.pppoe.vlans.kind = CONF_VLAN_LIST; /* an empty one */
	assert_int_equal(pppoe_configure(f->pppoe, &next, f->links), 0);
	assert_int_equal(f->carriers.accepted[1].lost, CAUSE_CONFIG);
	assert_true(f->opened);
}

/* A session of the slow path stays there when a reload takes new ones to the fast path. */
static void a_slow_session_is_still_heard_after_a_reload(void **state)
{
	struct fixture *f = *state;
	struct conf_tunnel slow = f->tunnel[0];

	f->ifc->session.io.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	f->ifc->session.open = true;
	slow.pipex = false;
	((struct carrier *)dial(f))->tunnel = &slow;
	assert_int_equal(pppoe_configure(f->pppoe, &f->conf, f->links), 0);
	assert_int_equal(f->ifc->session.traffic, PPPOE_TRAFFIC_SESSION);
	padt(f, f->carriers.accepted[0].session->sid, peer_mac);
	assert_int_equal(pppoe_configure(f->pppoe, &f->conf, f->links), 0);
	assert_int_equal(f->ifc->session.traffic, PPPOE_TRAFFIC_CONTROL);
	close(f->ifc->session.io.fd);
	f->ifc->session.open = false;
}

static void an_interface_that_is_no_longer_named_is_left(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);

	STAILQ_INIT(&f->tunnel[0].pppoe.interfaces);
	assert_int_equal(pppoe_configure(f->pppoe, &f->conf, f->links), 0);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_CONFIG);
	assert_int_equal(last_sent(f)->frame.code, PPPOE_CODE_PADT);
	assert_int_equal(last_sent(f)->frame.sid, s->sid);
	assert_null(pppoe_interface_find(f->pppoe, "acc-test"));
	assert_false(f->opened);
}

static void a_new_configuration_keeps_sessions(void **state)
{
	struct fixture *f = *state;
	struct pppoe_session *s = dial(f);
	struct conf next = { 0 };
	struct conf_tunnel tunnel = f->tunnel[0];
	struct conf_name name = { .name = (char *)"acc-test" };

	STAILQ_INIT(&next.tunnels);
	STAILQ_INIT(&tunnel.pppoe.interfaces);
	STAILQ_INIT(&tunnel.pppoe.services);
	STAILQ_INSERT_TAIL(&tunnel.pppoe.interfaces, &name, entry);
	STAILQ_INSERT_TAIL(&next.tunnels, &tunnel, entry);
	assert_int_equal(pppoe_configure(f->pppoe, &next, f->links), 0);
	assert_ptr_equal(pppoe_interface_find(f->pppoe, "acc-test"), f->ifc);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	session_frame(f, s->sid, echo, sizeof(echo));
	assert_int_equal(f->carriers.accepted[0].inputs, 1);
	/* new ones belong to the new tunnel */
	assert_ptr_equal(dial(f)->carrier.tunnel, &tunnel);
}

static void other_protocols_do_not_listen_here(void **state)
{
	struct fixture *f = *state;

	f->tunnel[0].protocol = CONF_L2TP;
	assert_int_equal(pppoe_configure(f->pppoe, &f->conf, f->links), 0);
	assert_true(LIST_EMPTY(&f->pppoe->interfaces));
}

static void ids_repeat_in_other_spaces(void **state)
{
	struct fixture f;
	struct client_frame c;
	bool repeated = false;

	(void)state;
	assert_int_equal(fixture_setup(&f, 3), 0);
	slots_free(f.pppoe->slots);
	f.pppoe->dims = (struct pppoe_dims){ .spaces = 64, .space_size = 3 };
	assert_int_equal(slots_new(64, 3, &f.pppoe->slots), 0);
	for (uint16_t vid = 1; vid <= 16; vid++) {
		client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADI, 0);
		c.head.vlans = (struct pppoe_vlans){ vid, 0, 0x8100, 0 };
		client_head(&c);
		client_deliver(&f, &c);
		padr(&f, "");
	}
	for (unsigned int i = 0; i < f.carriers.n; i++) {
		struct accepted *a = &f.carriers.accepted[i];

		if (!a->started)
			continue;
		assert_int_equal(a->session->slot % 3, a->session->sid);
		repeated |= a->session->slot >= 3;
		client_begin(&c, PPPOE_TYPE_SESSION, PPPOE_CODE_SESSION, a->session->sid);
		c.head.vlans.vid_outer = a->session->vid_outer;
		c.head.vlans.tpid_outer = 0x8100;
		client_head(&c);
		wbuf_put(&c.w, echo, sizeof(echo));
		client_deliver(&f, &c);
		assert_int_equal(a->inputs, 1);
	}
	assert_true(repeated);
	fixture_teardown(&f);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_frame_reaches_its_session_without_padding),
		test(frames_go_out_with_the_sessions_header),
		test(what_the_device_refuses_is_counted),
		test(the_data_plane_gets_the_whole_key),
		test(frames_of_anybody_else_are_dropped_in_silence),
		test(malformed_frames_are_counted),
		test(control_packets_of_no_session_get_a_padt),
		test(other_packets_of_no_session_get_nothing),
		test(a_flood_of_stray_frames_gets_few_answers),
		test(a_device_that_goes_takes_its_sessions_along),
		test(a_device_may_come_back_before_all_are_lost),
		test(sessions_of_a_lost_device_are_not_lost_twice),
		test(sessions_of_a_lost_device_say_nothing_over_another),
		test(a_device_replaced_unseen_is_another_one),
		test(changes_of_a_device_do_no_harm),
		test(a_device_that_cannot_be_opened_is_tried_again),
		test(an_interface_that_is_no_longer_named_is_left),
		test(a_session_ends_where_its_tunnel_no_longer_listens),
		test(a_slow_session_is_still_heard_after_a_reload),
		test(a_new_configuration_keeps_sessions),
		test(other_protocols_do_not_listen_here),
		cmocka_unit_test(ids_repeat_in_other_spaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
