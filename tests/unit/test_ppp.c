/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The phases of a link, its end in every way, keepalive, frames, and what owners do in callbacks. */
#include "ppp_rig.h"

#include <stdio.h>
#include <unistd.h>

#include "ppp/lcp.h"

#define LCP PPP_PROTO_LCP

static void assert_no_timers(struct rig *rig)
{
	struct ppp *p = &rig->ppp;
	const ev_timer *timers[] = { &p->lcp.fsm.timer, &p->ipcp.fsm.timer, &p->watchdog,
				     &p->auth_timer,    &p->ipcp_wait,      &p->echo_timer };

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
		assert_false(ev_is_active(timers[i]));
	/* nothing else of it may keep the loop either */
	assert_int_equal(ev_pending_count(rig->loop), 0);
}

/* ---- phases */

static void test_phases(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	assert_string_equal(ppp_phase_name(&rig->ppp), "dead");
	assert_string_equal(ppp_username(&rig->ppp), "");
	assert_int_equal(ppp_auth_method(&rig->ppp), PPP_AUTH_NONE);
	ppp_start(&rig->ppp);
	assert_string_equal(ppp_phase_name(&rig->ppp), "establish");
	rig_open_lcp(rig);
	assert_string_equal(ppp_phase_name(&rig->ppp), "authenticate");
	rig_login(rig);
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
	rig_open_ipcp(rig);
	assert_string_equal(ppp_phase_name(&rig->ppp), "opened");
	ppp_terminate(&rig->ppp, CAUSE_CLEARED);
	assert_string_equal(ppp_phase_name(&rig->ppp), "terminate");
	/* the owner was told each time, and of nothing else */
	assert_int_equal(rig->phase, PPP_TERMINATE);
	assert_int_equal(rig->phases, 5);
	rig_free(rig);
}

static void test_size(void **state)
{
	(void)state;
	assert_true(sizeof(struct ppp) < 1600);
}

static void test_wrong_phase(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC); /* not started */
	ppp_start(&rig->ppp);
	rig_expect_request(rig, LCP);
	RIG_SEND(rig, PPP_PROTO_PAP, 1, 1, 1, 'j', 1, 'x');
	RIG_SEND(rig, PPP_PROTO_CHAP, 2, 1, 1, 'j');
	RIG_SEND(rig, PPP_PROTO_IPCP, CP_CONF_REQ, 1, 3, 6, 0, 0, 0, 0);
	RIG_SEND(rig, PPP_PROTO_IP, 0x45, 0, 0);
	RIG_SEND(rig, PPP_PROTO_IPV6, 0x60, 0, 0);
	assert_true(rig_silent(rig));
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 6);
	assert_int_equal(rig->asked + rig->assigns + rig->ip_packets, 0);
	rig_free(rig);
}

static void test_ip(void **state)
{
	struct rig *rig = rig_new(true, false, false);
	static const uint8_t ip[] = { 0x00, 0x21, 0x45, 1, 2, 3 };
	static const uint8_t compressed[] = { 0x21, 0x45, 1, 2, 3 };
	static const uint8_t hdlc[] = { 0xff, 0x03, 0x21, 0x45, 1, 2, 3 };

	(void)state;
	rig_open_lcp(rig);
	rig_login(rig);
	rig_input(rig, ip, sizeof(ip));
	assert_int_equal(rig->ip_packets, 0);
	assert_int_equal(rig_drops(rig, XP_R_S_STATE), 1);
	rig_open_ipcp(rig);
	rig_input(rig, ip, sizeof(ip));
	assert_int_equal(rig->ip_len, 4);
	rig_input(rig, compressed, sizeof(compressed));
	rig_input(rig, hdlc, sizeof(hdlc));
	assert_int_equal(rig->ip_packets, 3);
	assert_int_equal(rig->ip_len, 4);
	rig_free(rig);
}

static void test_protocol_field(void **state)
{
	struct rig *rig = rig_opened();
	static const uint8_t frames[][6] = {
		{ 0 }, { 0xff, 0x03 }, { 0xc0 }, { 0xff, 0x03, 0x80 }
	};
	static const size_t lens[] = { 0, 2, 1, 3 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		rig_input(rig, frames[i], lens[i]);
	assert_true(rig_silent(rig));
	assert_int_equal(rig_drops(rig, XP_R_S_PROTOCOL), 4);
	/* an even last octet: to be treated as an unknown protocol (RFC 1661 2) */
	rig_input(rig,
		  "\xc0\x22"
		  "ab",
		  4);
	RIG_EXPECT(rig, LCP, LCP_PROTO_REJ, 0xc0, 0x22, 'a', 'b');
	assert_int_equal(rig_drops(rig, XP_R_S_PROTOCOL), 5);
	rig_input(rig,
		  "\x00\x57"
		  "ab",
		  4);
	RIG_EXPECT(rig, LCP, LCP_PROTO_REJ, 0x00, 0x57, 'a', 'b');
	assert_int_equal(rig_drops(rig, XP_R_S_IPV6), 1);
	rig_input(rig,
		  "\xfd"
		  "ab",
		  3);
	RIG_EXPECT(rig, LCP, LCP_PROTO_REJ, 0x00, 0xfd, 'a', 'b');
	assert_int_equal(rig_drops(rig, XP_R_S_MPPE), 1);
	rig_free(rig);
}

static void test_frame_protocol(void **state)
{
	static const uint8_t bytes[] = { 0xff, 0x03, 0xc0, 0x21, 1 };
	struct buf b = buf_of(bytes, 5);
	uint16_t proto = 7;

	(void)state;
	assert_int_equal(ppp_frame_protocol(&b, &proto), 0);
	assert_int_equal(proto, 0xc021);
	assert_int_equal(b.len, 1);
	b = buf_of(bytes, 3);
	assert_int_equal(ppp_frame_protocol(&b, &proto), -EBADMSG);
	assert_ptr_equal(b.p, bytes);
	assert_int_equal(b.len, 3);
	b = buf_of(bytes + 1, 1);
	assert_int_equal(ppp_frame_protocol(&b, &proto), 0);
	assert_int_equal(proto, 3);
}

/* ---- the end */

static void test_terminate(void **state)
{
	struct rig *rig = rig_opened();
	const struct rig_frame *f;
	uint8_t ident;

	(void)state;
	ppp_terminate(&rig->ppp, CAUSE_CLEARED);
	assert_int_equal(rig->downs, 1);
	f = rig_expect_data(rig, LCP, CP_TERM_REQ, NULL, 0);
	ident = f->bytes[1];
	ppp_terminate(&rig->ppp, CAUSE_IDLE); /* the first cause stays */
	assert_true(rig_silent(rig));
	assert_int_equal(rig->finishes, 0);
	rig_packet(rig, LCP, CP_TERM_ACK, ident, NULL, 0);
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, CAUSE_CLEARED);
	assert_string_equal(ppp_phase_name(&rig->ppp), "dead");
	assert_no_timers(rig);
	ppp_terminate(&rig->ppp, CAUSE_IDLE);
	ppp_stop(&rig->ppp);
	ppp_start(&rig->ppp);
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC);
	assert_true(rig_silent(rig));
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->downs, 1);
	rig_free(rig);
}

/* No Terminate-Ack: max-terminate requests, then it is over. */
static void test_terminate_unanswered(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	ppp_terminate(&rig->ppp, CAUSE_SHUTDOWN);
	rig_expect(rig, LCP, CP_TERM_REQ);
	rig_fire_lcp(rig);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_int_equal(rig->finishes, 0);
	rig_fire_lcp(rig);
	assert_true(rig_silent(rig));
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, CAUSE_SHUTDOWN);
	assert_no_timers(rig);
	rig_free(rig);
}

static void test_terminate_in_each_phase(void **state)
{
	(void)state;
	for (int phase = 0; phase < 5; phase++) {
		struct rig *rig = rig_new(true, false, false);

		if (phase == 1) {
			ppp_start(&rig->ppp);
			rig_forget(rig);
		}
		if (phase >= 2)
			rig_open_lcp(rig);
		if (phase >= 3)
			rig_login(rig);
		if (phase >= 4)
			rig_open_ipcp(rig);
		ppp_terminate(&rig->ppp, CAUSE_CLEARED);
		if (phase > 0) {
			rig_expect(rig, LCP, CP_TERM_REQ);
			rig_packet(rig, LCP, CP_TERM_ACK, 1, NULL, 0);
		}
		assert_int_equal(rig->finishes, 1);
		assert_int_equal(rig->cause, CAUSE_CLEARED);
		assert_int_equal(rig->downs, rig->ups);
		assert_true(rig_silent(rig));
		assert_no_timers(rig);
		rig_free(rig);
	}
}

static void test_peer_terminates(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	RIG_SEND(rig, LCP, CP_TERM_REQ, 88, 'b', 'y', 'e');
	assert_int_equal(rig_expect(rig, LCP, CP_TERM_ACK)->bytes[1], 88);
	assert_int_equal(rig->downs, 1);
	assert_string_equal(ppp_phase_name(&rig->ppp), "terminate");
	RIG_SEND(rig, LCP, CP_TERM_REQ, 89);
	rig_expect(rig, LCP, CP_TERM_ACK); /* ours was lost */
	RIG_SEND(rig, LCP, CP_CONF_REQ, 90, 5, 6, RIG_MAGIC);
	assert_true(rig_silent(rig));
	rig_fire_lcp(rig);
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, CAUSE_PEER);
	assert_no_timers(rig);
	rig_free(rig);
}

/* Having asked to terminate while negotiating, it comes up after all: that is no cause any more. */
static void test_peer_changes_its_mind(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	ppp_start(&rig->ppp);
	rig_packet(rig, LCP, CP_TERM_REQ, 1, NULL, 0);
	struct rig_frame request = *rig_expect_request(rig, LCP);

	rig_expect(rig, LCP, CP_TERM_ACK);
	rig_answer(rig, CP_CONF_ACK, &request);
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC);
	rig_expect(rig, LCP, CP_CONF_ACK);
	ppp_terminate(&rig->ppp, CAUSE_IDLE);
	rig_expect(rig, LCP, CP_TERM_REQ);
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_IDLE);
	rig_free(rig);
}

static void test_stop_in_each_phase(void **state)
{
	(void)state;
	for (int phase = 0; phase < 6; phase++) {
		struct rig *rig = rig_new(true, false, false);

		if (phase >= 1)
			ppp_start(&rig->ppp);
		if (phase >= 2)
			rig_open_lcp(rig);
		if (phase >= 3)
			rig_login(rig);
		if (phase >= 4)
			rig_open_ipcp(rig);
		if (phase >= 5)
			ppp_terminate(&rig->ppp, CAUSE_IDLE);
		int downs = rig->downs;

		rig_forget(rig);
		ppp_stop(&rig->ppp);
		ppp_stop(&rig->ppp);
		ppp_terminate(&rig->ppp, CAUSE_CLEARED);
		RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC);
		assert_true(rig_silent(rig));
		assert_int_equal(rig->finishes, 0);
		assert_int_equal(rig->downs, downs);
		assert_no_timers(rig);
		rig_free(rig);
	}
}

static void test_watchdog(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	ppp_start(&rig->ppp);
	rig_expect_request(rig, LCP);
	rig_fire(rig, &rig->ppp.watchdog);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_int_equal(rig->finishes, 0);
	rig_fire(rig, &rig->ppp.watchdog); /* it does not even end: then without its leave */
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, CAUSE_ESTABLISH_TIMEOUT);
	assert_no_timers(rig);
	rig_free(rig);

	rig = rig_new(true, false, false);
	rig_open_lcp(rig);
	rig_fire(rig, &rig->ppp.watchdog);
	assert_int_equal(rig->ppp.state.cause, CAUSE_AUTH_TIMEOUT);
	rig_free(rig);

	rig = rig_opened();
	assert_false(ev_is_active(&rig->ppp.watchdog));
	RIG_SEND(rig, LCP, CP_CONF_REQ, 9, 5, 6, RIG_MAGIC);
	assert_true(ev_is_active(&rig->ppp.watchdog)); /* on the way up once more */
	rig_free(rig);
}

/* ---- once more from the beginning */

static void test_renegotiation(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC);
	assert_int_equal(rig->downs, 1);
	assert_string_equal(ppp_phase_name(&rig->ppp), "establish");
	assert_false(ev_is_active(&rig->ppp.echo_timer));
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, LCP));
	RIG_EXPECT(rig, LCP, CP_CONF_ACK, 5, 6, RIG_MAGIC);
	assert_string_equal(ppp_phase_name(&rig->ppp), "authenticate");
	RIG_SEND(rig, PPP_PROTO_IPCP, CP_CONF_REQ, 1, 3, 6, 10, 0, 0, 7); /* not before the login */
	assert_true(rig_silent(rig));
	rig_login(rig);
	assert_int_equal(rig->asked, 2);
	rig_open_ipcp(rig);
	assert_int_equal(rig->ups, 2);
	assert_int_equal(rig->downs, 1);
	assert_int_equal(rig->assigns, 2);
	assert_int_equal(rig->finishes, 0);
	rig_free(rig);
}

/* ---- keepalive */

static void test_keepalive(void **state)
{
	struct rig *rig = rig_opened();
	ev_timer *timer = &rig->ppp.echo_timer;
	uint32_t magic = htonl(rig->ppp.state.lcp.magic);
	uint8_t data[4];

	(void)state;
	memcpy(data, &magic, 4);
	rig_fire(rig, timer); /* heard a moment ago */
	assert_true(rig_silent(rig));
	rig->ppp.heard.ms -= 301000;
	for (int i = 0; i < 3; i++) {
		rig_fire(rig, timer);
		rig_expect_data(rig, LCP, LCP_ECHO_REQ, data, 4);
		assert_true(rig_silent(rig));
	}
	rig_fire(rig, timer);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_int_equal(rig->downs, 1);
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_LOST_CARRIER);
	rig_free(rig);
}

/* Anything that comes, in whichever plane, starts the count anew. */
static void test_keepalive_signs_of_life(void **state)
{
	struct rig *rig = rig_opened();
	ev_timer *timer = &rig->ppp.echo_timer;

	(void)state;
	for (int sign = 0; sign < 4; sign++) {
		rig->last_input.ms = 0;
		rig->ppp.heard = mono_add_ms(mono_now(), -400000);
		for (int i = 0; i < 3; i++) {
			rig_fire(rig, timer);
			rig_expect(rig, LCP, LCP_ECHO_REQ);
		}
		if (sign == 0)
			RIG_SEND(rig, LCP, LCP_ECHO_REP, 1, RIG_MAGIC);
		else if (sign == 1)
			RIG_SEND(rig, LCP, CP_CODE_REJ, 1, LCP_ECHO_REQ, 1, 0, 8, 0, 0, 0, 0);
		else if (sign == 2)
			RIG_SEND(rig, PPP_PROTO_IP, 0x45, 0, 0);
		else
			rig->last_input = mono_now();
		rig_fire(rig, timer);
		assert_true(rig_silent(rig));
		assert_string_equal(ppp_phase_name(&rig->ppp), "opened");
		assert_int_equal(rig->ppp.state.lcp.echoes, 0);
	}
	rig_free(rig);
}

/* The answer came soon, and then nothing for longer than the interval: a new count. */
static void test_keepalive_counts_anew(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	rig->conf.keepalive_interval = 5;
	rig->ppp.heard.ms -= 10000;
	rig_fire(rig, &rig->ppp.echo_timer);
	rig_expect(rig, LCP, LCP_ECHO_REQ);
	rig_fire(rig, &rig->ppp.echo_timer);
	rig_expect(rig, LCP, LCP_ECHO_REQ);
	assert_int_equal(rig->ppp.state.lcp.echoes, 2);
	rig->ppp.echoed.ms -= 60000;
	rig->ppp.heard = mono_add_ms(mono_now(), -59000);
	rig_fire(rig, &rig->ppp.echo_timer);
	rig_expect(rig, LCP, LCP_ECHO_REQ);
	assert_int_equal(rig->ppp.state.lcp.echoes, 1);
	rig_free(rig);
}

static void test_keepalive_off(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	rig->conf.keepalive = false;
	rig_open_lcp(rig);
	rig_login(rig);
	rig_open_ipcp(rig);
	assert_false(ev_is_active(&rig->ppp.echo_timer));
	rig_free(rig);
}

/* ---- owners that act within callbacks */

static void test_terminate_in_up(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	rig->terminate_in_up = CAUSE_DATAPLANE;
	rig_open_lcp(rig);
	rig_login(rig);
	RIG_SEND(rig, PPP_PROTO_IPCP, CP_CONF_REQ, 1, 3, 6, 10, 0, 0, 7);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, PPP_PROTO_IPCP));
	rig_expect(rig, PPP_PROTO_IPCP, CP_CONF_ACK);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_int_equal(rig->ups, 1);
	assert_int_equal(rig->downs, 1);
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_DATAPLANE);
	assert_no_timers(rig);
	rig_free(rig);
}

static void test_terminate_in_down(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	rig->terminate_in_down = CAUSE_CONFIG;
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC);
	rig_forget(rig);
	assert_string_equal(ppp_phase_name(&rig->ppp), "terminate");
	assert_int_equal(rig->downs, 1);
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->finishes, 1);
	assert_int_equal(rig->cause, CAUSE_CONFIG);
	rig_free(rig);

	rig = rig_opened(); /* and if the peer is leaving anyway */
	rig->terminate_in_down = CAUSE_CONFIG;
	RIG_SEND(rig, LCP, CP_TERM_REQ, 1);
	rig_expect(rig, LCP, CP_TERM_ACK);
	rig_fire_lcp(rig);
	assert_int_equal(rig->finishes, 1);
	assert_no_timers(rig);
	rig_free(rig);
}

static void test_stop_in_down(void **state)
{
	struct rig *rig = rig_opened();

	(void)state;
	rig->stop_in_down = true;
	RIG_SEND(rig, LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC);
	assert_true(rig_silent(rig));
	assert_int_equal(rig->finishes, 0);
	assert_string_equal(ppp_phase_name(&rig->ppp), "dead");
	assert_no_timers(rig);
	rig_free(rig);
}

static void test_terminate_in_auth(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	rig->terminate_in_auth = CAUSE_LIMIT;
	rig_open_lcp(rig);
	RIG_SEND(rig, PPP_PROTO_PAP, 1, 1, 3, 'j', 'o', 'e', 1, 'x');
	rig_expect(rig, LCP, CP_TERM_REQ); /* and the answer that follows is nothing */
	assert_true(rig_silent(rig));
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_LIMIT);
	assert_no_timers(rig);
	rig_free(rig);
}

static void test_terminate_in_assign(void **state)
{
	struct rig *rig = rig_new(true, false, false);

	(void)state;
	rig->terminate_in_assign = CAUSE_LIMIT;
	rig_open_lcp(rig);
	rig_login(rig);
	RIG_SEND(rig, PPP_PROTO_IPCP, CP_CONF_REQ, 1, 3, 6, 0, 0, 0, 0);
	rig_expect(rig, LCP, CP_TERM_REQ);
	assert_true(rig_silent(rig));
	RIG_SEND(rig, LCP, CP_TERM_ACK, 1);
	assert_int_equal(rig->cause, CAUSE_LIMIT);
	assert_no_timers(rig);
	rig_free(rig);
}

/* What the log says, in a file in place of stderr. */
static void log_of_identification(struct rig *rig, char *out, size_t size)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t n;

	dup2(fileno(file), STDERR_FILENO);
	log_set_level(rig->log, LOG_DEBUG);
	for (int i = 0; i < 6; i++)
		RIG_SEND(rig, LCP, LCP_IDENTIFICATION, 1, 0, 0, 0, 0, 'M', 'S', '"', '\n', 0x1b);
	RIG_SEND(rig, LCP, CP_TERM_REQ, 1);
	log_set_level(rig->log, LOG_ERR);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	n = fread(out, 1, size - 1, file);
	out[n] = '\0';
	fclose(file);
}

static void test_identification(void **state)
{
	struct rig *rig = rig_opened();
	char text[4096], *p = text;
	int lines = 0;

	(void)state;
	log_of_identification(rig, text, sizeof(text));
	while ((p = strstr(p, "ppp-id 7: the peer is \"MS\\x22\\x0a\\x1b\"\n"))) {
		lines++;
		p++;
	}
	assert_int_equal(lines, 4); /* and no more, however many come */
	assert_non_null(strstr(text, "ppp-id 7: lcp rtr: opened -> stopping\n"));
	RIG_SEND(rig, LCP, LCP_IDENTIFICATION, 1, 0, 0, 0);
	assert_int_equal(rig_drops(rig, XP_R_S_LENGTH), 1);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_wrong_phase),
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_protocol_field),
		cmocka_unit_test(test_frame_protocol),
		cmocka_unit_test(test_terminate),
		cmocka_unit_test(test_terminate_unanswered),
		cmocka_unit_test(test_terminate_in_each_phase),
		cmocka_unit_test(test_peer_terminates),
		cmocka_unit_test(test_peer_changes_its_mind),
		cmocka_unit_test(test_stop_in_each_phase),
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_renegotiation),
		cmocka_unit_test(test_keepalive),
		cmocka_unit_test(test_keepalive_signs_of_life),
		cmocka_unit_test(test_keepalive_counts_anew),
		cmocka_unit_test(test_keepalive_off),
		cmocka_unit_test(test_terminate_in_up),
		cmocka_unit_test(test_terminate_in_down),
		cmocka_unit_test(test_stop_in_down),
		cmocka_unit_test(test_terminate_in_auth),
		cmocka_unit_test(test_terminate_in_assign),
		cmocka_unit_test(test_identification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
