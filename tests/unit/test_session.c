/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Whole sessions, from the carrier's first frame to the data plane's double.
 */
#include "session_rig.h"

#include "lag.h"
#include "slowpath.h"
#include "stderr_text.h"

struct find_tunnel {
	const char *name;
	struct session_tunnel_totals totals;
};

static void on_tunnel(void *arg, const struct session_tunnel_totals *t)
{
	struct find_tunnel *find = arg;

	if (strcmp(t->tunnel, find->name) == 0)
		find->totals = *t;
}

static struct session_tunnel_totals tunnel_totals(struct fixture *f, const char *name)
{
	struct find_tunnel find = { .name = name };

	sessions_tunnels(f->sessions, on_tunnel, &find);
	assert_non_null(find.totals.tunnel);
	return find.totals;
}

static uint64_t sum_of_steps(const struct histogram *h)
{
	uint64_t n = 0;

	for (int i = 0; i <= HISTOGRAM_STEPS; i++)
		n += h->count[i];
	return n;
}

static void dials_in_and_is_found(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct session_record rec;
	struct dp_counters dp;

	assert_int_equal(c->address, 0x0a000002);
	assert_int_equal(totals(f).established, 1);
	assert_int_equal(f->dp->ops->session_counters(f->dp, c->sid, &dp), 0);
	session_describe(first(f, "u1"), &rec);
	assert_string_equal(rec.phase, "opened");
	assert_string_equal(rec.realm, "A");
	assert_string_equal(rec.auth, "pap");
	assert_string_equal(rec.concentrator, "pppac0");
	assert_int_equal(rec.mtu, 1492);
	assert_int_equal(rec.carrier_id, 1);
	assert_int_equal(
		count(f, (struct session_filter){ .by_ppp_id = true, .ppp_id = rec.ppp_id }), 1);
	assert_int_equal(count(f, (struct session_filter){ .by_ppp_id = true, .ppp_id = 99 }), 0);
	assert_int_equal(
		count(f, (struct session_filter){ .by_address = true, .address = rec.address }), 1);
	assert_int_equal(count(f, (struct session_filter){ .peer = "02:00:00:00:00:01" }), 1);
	assert_int_equal(count(f, (struct session_filter){ .peer = "02:00:00:00:00:02" }), 0);
	assert_int_equal(
		count(f, (struct session_filter){ .interface = "pppac0", .protocol = "pppoe" }), 1);
	assert_int_equal(count(f, (struct session_filter){ .protocol = "l2tp" }), 0);
	assert_int_equal(count(f, (struct session_filter){ .username = "u1", .realm = "B" }), 0);
}

static void hangs_up_on_terminate_and_on_lost_carrier(void **state)
{
	struct fixture *f = *state;
	struct client *a = dial(f, "u1", "p1"), *b = dial(f, "u2", "p2");
	const uint8_t term[4] = { 5, 1, 0, 4 };
	struct dp_counters dp;

	reply(a, PPP_PROTO_LCP, term, sizeof(term));
	settle(f);
	for (int i = 0; i < 50 && a->closed == 0; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(a->closed, 1);
	session_carrier_user.lost(f->sessions, &b->pppoe->carrier, CAUSE_LOST_INTERFACE);
	settle(f);
	assert_int_equal(b->closed, 1);
	assert_int_equal(totals(f).sessions, 0);
	assert_int_equal(totals(f).established, 0);
	assert_int_equal(totals(f).ended_by[CAUSE_PEER], 1);
	assert_int_equal(totals(f).ended_by[CAUSE_LOST_INTERFACE], 1);
	assert_true(f->dp->ops->session_counters(f->dp, a->sid, &dp) < 0);
	assert_true(f->dp->ops->session_counters(f->dp, b->sid, &dp) < 0);
}

static void refuses_a_wrong_password(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "nope");

	assert_true(c->refused);
	assert_int_equal(totals(f).established, 0);
	assert_int_equal(totals(f).auth_rejected, 1);
	assert_int_equal(totals(f).ended_by[CAUSE_AUTH], 1);
	assert_int_equal(count(f, (struct session_filter){ .username = "u1" }), 0);
}

static void counts_states_and_half_open_ones(void **state)
{
	struct fixture *f = *state;
	const struct histogram *all = sessions_setup(f->sessions, SESSION_STEP_ALL);
	struct session_tunnel_totals t;

	dial(f, "u1", "p1");
	f->mute = true;
	dial_tunnel(f, "U", "u2", "p2");
	assert_int_equal(totals(f).half_open, 1);
	t = tunnel_totals(f, "T");
	assert_int_equal(t.states[PPP_OPENED], 1);
	assert_int_equal(t.auth_accepted, 1);
	assert_string_equal(t.protocol, "pppoe");
	t = tunnel_totals(f, "U");
	assert_int_equal(t.states[PPP_IDLE], 1);
	assert_int_equal(t.states[PPP_OPENED], 0);
	assert_int_equal(all->count[HISTOGRAM_STEPS], 0);
	assert_int_equal(sum_of_steps(all), 1);
	assert_int_equal(sum_of_steps(sessions_setup(f->sessions, SESSION_STEP_LCP)), 1);
	assert_int_equal(sum_of_steps(sessions_setup(f->sessions, SESSION_STEP_CARRIER)), 2);
	session_carrier_user.lost(f->sessions, &f->clients[1].pppoe->carrier, CAUSE_PEER);
	settle(f);
	assert_int_equal(totals(f).half_open, 0);
	assert_int_equal(tunnel_totals(f, "U").states[PPP_IDLE], 0);
}

static int setup_half_open(void **state)
{
	return setup_more(state, "",
			  "set max-half-open 2\nbind tunnel from U authenticated by A to pppac0");
}

static void half_open_ones_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct carrier_load load;

	dial(f, "u1", "p1"); /* established ones do not count */
	f->mute = true;
	assert_non_null(dial(f, "u2", "p2"));
	assert_non_null(dial(f, "u3", "p3"));
	session_carrier_user.load(f->sessions, &load);
	assert_int_equal(load.busy, XP_R_A_HALF_OPEN);
	assert_int_equal(load.sessions, 3);
	assert_int_equal(load.half_open, 2);
	assert_null(dial(f, "u4", "p4"));
	session_carrier_user.lost(f->sessions, &f->clients[1].pppoe->carrier, CAUSE_PEER);
	settle(f);
	assert_non_null(dial(f, "u4", "p4"));
}

static void nobody_is_taken_while_behind(void **state)
{
	struct fixture *f = *state;
	struct carrier_load load;
	struct lag lag;

	lag_start(&lag, f->loop);
	sessions_watch(f->sessions, &lag);
	assert_non_null(dial(f, "u1", "p1"));
	session_carrier_user.waiting(f->sessions, (CLOCK_BEHIND_MS - 1) * 1000);
	session_carrier_user.load(f->sessions, &load);
	assert_int_equal(load.busy, XP_R_NONE);
	session_carrier_user.waiting(f->sessions, CLOCK_BEHIND_MS * 1000);
	session_carrier_user.load(f->sessions, &load);
	assert_int_equal(load.busy, XP_R_A_BEHIND);
	assert_null(dial(f, "u2", "p2"));
	/* what has been told in a turn counts until the end of the next */
	for (int i = 0; i < 3; i++)
		ev_run(f->loop, EVRUN_NOWAIT);
	session_carrier_user.load(f->sessions, &load);
	assert_int_equal(load.busy, XP_R_NONE);
	sessions_watch(f->sessions, NULL);
	lag_stop(&lag);
}

static void keeps_the_limits(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	dial(f, "u1", "p1");
	dial(f, "u1", "p1");
	c = dial(f, "u1", "p1"); /* user-max-session 2 */
	assert_true(c->refused);
	assert_int_equal(totals(f).ended_by[CAUSE_LIMIT], 1);
	dial(f, "u2", "p2");
	dial(f, "u3", "p3");
	assert_int_equal(totals(f).established, 4);
	c = dial(f, "u4", "p4"); /* the pool has four addresses */
	assert_int_equal(c->address, 0);
	assert_int_equal(totals(f).established, 4);
	f->mute = true; /* two that only start */
	assert_non_null(dial(f, "u5", "p5"));
	assert_non_null(dial(f, "u5", "p5"));
	assert_int_equal(totals(f).sessions, 6);
	assert_null(dial(f, "u5", "p5")); /* max-session 6 */
}

static void a_user_is_one_however_he_writes_his_name(void **state)
{
	struct fixture *f = *state;

	dial(f, "u1", "p1");
	dial(f, "HERE\\u1", "p1");
	assert_int_equal(totals(f).established, 2);
	assert_true(dial(f, "THERE\\u1", "p1")->refused);
	assert_int_equal(totals(f).established, 2);
	assert_int_equal(count(f, (struct session_filter){ .username = "HERE\\u1" }), 1);
	assert_int_equal(count(f, (struct session_filter){ .username = "u1" }), 1);
}

static void a_peer_that_dials_again_replaces_its_old_session(void **state)
{
	struct fixture *f = *state;
	struct client *other, *first_u1, *first_fixed, *second_fixed;

	f->mac = 0x77;
	first_fixed = dial(f, "fixed", "pf");
	second_fixed = dial(f, "fixed", "pf");
	assert_int_equal(first_fixed->closed, 1);
	assert_int_equal(second_fixed->address, 0x0a090001);
	assert_int_equal(totals(f).ended_by[CAUSE_REPLACED], 1);
	first_u1 = dial(f, "u1", "p1");
	dial(f, "u1", "p1");
	assert_int_equal(first_u1->closed, 0); /* two he may have */
	assert_false(dial(f, "u1", "p1")->refused);
	assert_int_equal(first_u1->closed, 1);
	assert_int_equal(totals(f).established, 3);
	f->mac = 0x78; /* the neighbour has none to give up */
	other = dial(f, "fixed", "pf");
	assert_int_equal(other->address, 0);
	assert_int_equal(second_fixed->closed, 0);
	assert_true(dial(f, "u1", "p1")->refused);
	assert_int_equal(totals(f).ended_by[CAUSE_REPLACED], 2);
}

static void gives_addresses_back(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 12; i++) {
		struct client *c;

		f->n = 0;
		c = dial(f, "u1", "p1");
		assert_int_not_equal(c->address, 0);
		session_carrier_user.lost(f->sessions, &c->pppoe->carrier, CAUSE_PEER);
		settle(f);
	}
	assert_int_equal(totals(f).ended, 12);
}

static void finds_routed_networks(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "fixed", "pf");

	assert_int_equal(c->address, 0x0a090001);
	assert_int_equal(count(f, (struct session_filter){ .by_address = true,
							   .address.s_addr = htonl(0x0a090001) }),
			 1);
	/* the filter names a session by its own address only */
	assert_int_equal(count(f, (struct session_filter){ .by_address = true,
							   .address.s_addr = htonl(0x0a090002) }),
			 0);
}

static void a_reload_ends_only_what_it_no_longer_allows(void **state)
{
	struct fixture *f = *state;
	struct client *kept = dial_tunnel(f, "T", "u1", "p1"),
		      *gone = dial_tunnel(f, "U", "u2", "p2");
	const uint8_t again[8] = { 1, 8, 0, 8, 1, 4, 5, 0xd4 };

	assert_int_equal(totals(f).established, 2);
	reload(f, "idle-timeout 7");
	settle(f);
	await_sessions(f, 1);
	assert_true(gone->terminated);
	assert_int_equal(gone->closed, 1);
	assert_int_equal(kept->closed, 0);
	assert_int_equal(totals(f).established, 1);
	/* who negotiates again keeps his address */
	kept->address = 0;
	reply(kept, PPP_PROTO_LCP, again, sizeof(again));
	settle(f);
	assert_int_equal(kept->address, 0x0a000002);
	assert_int_equal(totals(f).established, 1);
	/* and logs in by the new configuration */
	dial(f, "u3", "p3");
	assert_int_equal(totals(f).established, 2);
}

struct seen {
	unsigned int events[3];
	enum cause cause;
	char last_user[32];
};

static void on_event(void *arg, enum session_event event, const struct session_record *rec,
		     enum cause cause)
{
	struct seen *seen = arg;

	seen->events[event]++;
	seen->cause = cause;
	snprintf(seen->last_user, sizeof(seen->last_user), "%s", rec->username);
}

static void tells_subscribers(void **state)
{
	struct fixture *f = *state;
	struct session_sub *sub;
	struct seen seen = { 0 };
	struct client *c;

	assert_int_equal(sessions_subscribe(f->sessions, on_event, &seen, &sub), 0);
	c = dial(f, "u1", "p1");
	session_terminate(first(f, "u1"), CAUSE_CLEARED);
	settle(f);
	for (int i = 0; i < 50 && c->closed == 0; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(seen.events[SESSION_STARTED], 1);
	assert_int_equal(seen.events[SESSION_ESTABLISHED], 1);
	assert_int_equal(seen.events[SESSION_ENDED], 1);
	assert_int_equal(seen.cause, CAUSE_CLEARED);
	assert_string_equal(seen.last_user, "u1");
	sessions_unsubscribe(sub);
	dial(f, "u2", "p2");
	assert_int_equal(seen.events[SESSION_STARTED], 1);
}

static void drained(void *arg)
{
	(*(unsigned int *)arg)++;
}

static void shuts_down_in_bounded_time(void **state)
{
	struct fixture *f = *state;
	struct client *a = dial(f, "u1", "p1"), *b = dial(f, "u2", "p2");
	unsigned int done = 0;

	b->mute = true; /* never answers */
	sessions_shutdown(f->sessions, drained, &done);
	settle(f);
	assert_null(dial(f, "u3", "p3"));
	for (int i = 0; i < 40 && !done; i++) {
		usleep(100000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(done, 1);
	assert_int_equal(a->closed, 1);
	assert_int_equal(b->closed, 1);
	assert_int_equal(totals(f).ended_by[CAUSE_SHUTDOWN], 2);
}

static void a_cursor_survives_the_end_of_its_session(void **state)
{
	struct fixture *f = *state;
	struct session_cursor cursor = { 0 };
	const char *users[] = { "u1", "u2", "u3", "u4" };
	const char *passwords[] = { "p1", "p2", "p3", "p4" };
	struct session_record rec;
	unsigned int seen = 0;

	for (int i = 0; i < 4; i++)
		dial(f, users[i], passwords[i]);
	for (struct session *s; (s = session_next(f->sessions, &cursor)); seen++) {
		session_describe(s, &rec);
		assert_string_equal(rec.username, users[seen]);
		session_carrier_user.lost(f->sessions, &f->clients[seen].pppoe->carrier,
					  CAUSE_PEER);
		settle(f);
	}
	assert_int_equal(seen, 4);
	assert_int_equal(totals(f).sessions, 0);
}

static void moves_packets_on_the_slow_path(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct in_addr dst = { htonl(c->address) };
	struct dp_counters dp;
	uint8_t ip[60];

	ip_header(ip, sizeof(ip), c->address, 0xc0000201, 17);
	reply(c, PPP_PROTO_IP, ip, sizeof(ip));
	ip_header(ip, sizeof(ip), c->address + 1, 0xc0000201, 17); /* not its source */
	reply(c, PPP_PROTO_IP, ip, sizeof(ip));
	settle(f);
	assert_int_equal(f->dp->ops->session_counters(f->dp, c->sid, &dp), 0);
	assert_int_equal(dp.up_packets, 1);
	assert_int_equal(dp.up_bytes, 60);
	ip_header(ip, sizeof(ip), 0xc0000201, c->address, 17);
	sessions_ip_input(f->sessions, dst, buf_of(ip, sizeof(ip)));
	ip[10] ^= 1; /* checksum */
	sessions_ip_input(f->sessions, dst, buf_of(ip, sizeof(ip)));
	dst.s_addr = htonl(0x0a0000fe);
	sessions_ip_input(f->sessions, dst, buf_of(ip, sizeof(ip)));
	assert_int_equal(c->ip_frames, 1);
	assert_int_equal(f->dp->ops->session_counters(f->dp, c->sid, &dp), 0);
	assert_int_equal(dp.down_packets, 1);
}

/* The same as on the fast path (tests/bpf). */
static void knows_activity(void **state)
{
	static const uint8_t idle_ports[] = { 53, 67, 68, 123, 137 };
	uint8_t p[28];

	(void)state;
	for (size_t i = 0; i < sizeof(idle_ports); i++) {
		ip_header(p, sizeof(p), 0x0a000002, 0xc0000201, i & 1 ? 6 : 17);
		p[20] = 0x10;
		assert_true(slowpath_is_activity(p, sizeof(p)));
		p[23] = idle_ports[i];
		assert_false(slowpath_is_activity(p, sizeof(p)));
		p[7] = 1; /* a later fragment has no ports */
		assert_true(slowpath_is_activity(p, sizeof(p)));
	}
	ip_header(p, sizeof(p), 0x0a000002, 0xc0000201, 1);
	p[20] = 8;
	assert_true(slowpath_is_activity(p, sizeof(p)));
	p[20] = 3;
	assert_false(slowpath_is_activity(p, sizeof(p)));
	assert_true(slowpath_is_activity(p, 23));
}

static void takes_the_largest_packet(void **state)
{
	uint8_t p[9000], copy[SLOWPATH_PACKET_MAX];

	(void)state;
	ip_header(p, sizeof(p), 0x0a000002, 0xc0000201, 17);
	assert_int_equal(slowpath_copy(buf_of(p, sizeof(p)), copy), sizeof(p));
	assert_memory_equal(p, copy, sizeof(p));
}

/* MSS at every offset, after every number of NOPs, with a right checksum before and after. */
static void clamps_the_mss(void **state)
{
	(void)state;
	for (size_t nops = 0; nops <= 8; nops++) {
		uint8_t p[20 + 20 + 12] = { 0 }, *tcp = p + 20;
		uint32_t pseudo = sizeof(p) - 20 + 6;
		uint16_t sum;

		ip_header(p, sizeof(p), 0x0a000002, 0xc0000201, 6);
		tcp[12] = 8 << 4;
		tcp[13] = 2;
		memset(tcp + 20, 1, nops);
		memcpy(tcp + 20 + nops, "\x02\x04\x05\xb4", 4);
		pseudo += sum_of(p + 12, 8, 0);
		sum = (uint16_t)~sum_of(tcp, 32, pseudo);
		tcp[16] = (uint8_t)(sum >> 8);
		tcp[17] = (uint8_t)sum;
		slowpath_clamp_mss(p, sizeof(p), 1452);
		assert_int_equal(tcp[22 + nops] << 8 | tcp[23 + nops], 1452);
		assert_int_equal(sum_of(tcp, 32, pseudo), 0xffff);
		slowpath_clamp_mss(p, sizeof(p), 1460);
		assert_int_equal(tcp[22 + nops] << 8 | tcp[23 + nops], 1452);
		for (size_t len = 0; len < sizeof(p); len++)
			slowpath_clamp_mss(p, len, 1000);
		assert_int_equal(tcp[22 + nops] << 8 | tcp[23 + nops], 1452);
	}
}

static int setup_dump(void **state)
{
	return setup_with(state, "pppoe-session-in-pktdump yes\n  debug-dump-pktout ipcp ip\n"
				 "  pipex no");
}

/* A net around an address of the pool would take in what others have of it. */
static void a_net_needs_an_address_of_the_users_own(void **state)
{
	struct fixture *f = *state;
	struct client *fixed = dial(f, "fixed", "pf"), *wide = dial(f, "wide", "pw");
	uint8_t ip[20];

	assert_int_equal(wide->address, 0x0a000002);
	ip_header(ip, sizeof(ip), 0xc0000201, 0x0a0000c8, 17);
	sessions_ip_input(f->sessions, (struct in_addr){ htonl(0x0a0000c8) },
			  buf_of(ip, sizeof(ip)));
	assert_int_equal(wide->ip_frames, 0);
	assert_int_equal(log_drops(f->log, XP_R_S_NO_ADDRESS), 1);
	ip_header(ip, sizeof(ip), 0xc0000201, 0x0a0900c8, 17);
	sessions_ip_input(f->sessions, (struct in_addr){ htonl(0x0a0900c8) },
			  buf_of(ip, sizeof(ip)));
	assert_int_equal(fixed->ip_frames, 1);
}

static void dumps_packets_but_no_password(void **state)
{
	struct fixture *f = *state;
	struct stderr_text log;
	struct client *c;
	uint8_t ip[20];

	log_set_level(f->log, LOG_DEBUG);
	stderr_begin(&log);
	c = dial(f, "u1", "p1");
	ip_header(ip, sizeof(ip), 0xc0000201, c->address, 17);
	sessions_ip_input(f->sessions, (struct in_addr){ htonl(c->address) },
			  buf_of(ip, sizeof(ip)));
	stderr_end(&log);
	log_set_level(f->log, LOG_EMERG);
	assert_non_null(strstr(log.text, "ppp-id 1: in 0xc021, 8 bytes 01"));
	assert_non_null(strstr(log.text, "ppp-id 1: in 0xc023, 10 bytes ...\n"));
	assert_non_null(strstr(log.text, "ppp-id 1: out 0x8021, "));
	assert_non_null(strstr(log.text, "ppp-id 1: out 0x0021, 20 bytes 4500"));
	assert_null(strstr(log.text, "out 0xc021"));
	assert_null(strstr(log.text, "p1"));
	assert_null(strstr(log.text, "7031")); /* the same in hex */
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Nothing is sent to a client that may not be listening yet, until it speaks or has been silent for
 * long enough. */
static void lets_the_client_speak_first(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	f->mute = true;
	c = dial(f, "u1", "p1");
	assert_int_equal(c->lcp_frames, 0);
	send_lcp(c);
	settle(f);
	assert_int_equal(c->lcp_frames, 2); /* request, acknowledgement */
	c = dial(f, "u2", "p2");
	assert_int_equal(c->lcp_frames, 0);
	for (int i = 0; i < 200 && c->lcp_frames == 0; i++) {
		usleep(10000);
		ev_run(f->loop, EVRUN_NOWAIT);
	}
	assert_int_equal(c->lcp_frames, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(dials_in_and_is_found),
		WITH(hangs_up_on_terminate_and_on_lost_carrier),
		WITH(refuses_a_wrong_password),
		WITH(counts_states_and_half_open_ones),
		cmocka_unit_test_setup_teardown(half_open_ones_are_bounded, setup_half_open,
						teardown),
		WITH(nobody_is_taken_while_behind),
		WITH(keeps_the_limits),
		WITH(a_user_is_one_however_he_writes_his_name),
		WITH(a_peer_that_dials_again_replaces_its_old_session),
		WITH(gives_addresses_back),
		WITH(finds_routed_networks),
		WITH(a_reload_ends_only_what_it_no_longer_allows),
		WITH(tells_subscribers),
		WITH(lets_the_client_speak_first),
		WITH(shuts_down_in_bounded_time),
		WITH(a_cursor_survives_the_end_of_its_session),
		cmocka_unit_test_setup_teardown(moves_packets_on_the_slow_path, setup_slow,
						teardown),
		cmocka_unit_test_setup_teardown(a_net_needs_an_address_of_the_users_own, setup_slow,
						teardown),
		cmocka_unit_test_setup_teardown(dumps_packets_but_no_password, setup_dump,
						teardown),
		cmocka_unit_test(knows_activity),
		cmocka_unit_test(takes_the_largest_packet),
		cmocka_unit_test(clamps_the_mss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
