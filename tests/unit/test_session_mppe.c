/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Encrypted sessions over the data plane's double. The clients' arithmetic is the dialer's, which
 * shares nothing with the agent's.
 */
#include "session_rig.h"

#include "../dialer/crypto.c"
#include "../dialer/mppe.c"
#include "../dialer/wire.c"

#define PACKET 84
#define S128 0x01000040u
#define STATEFUL 0x40u

/* What a client knows of its encryption. */
struct secrets {
	struct crypto *crypto;
	uint8_t challenge[16], response[CRYPTO_RESPONSE], proof[CRYPTO_PROOF];
	uint32_t bits;         /* asks for these; 0: speaks no CCP */
	bool acked, got_acked; /* our request, its request */
	struct mppe_flow up, down;
	bool open, silent;
	unsigned int encrypted; /* packets that came and were right */
	unsigned int resets;    /* Reset-Requests that came */
};

static struct {
	unsigned int packets;
	size_t len;
	uint8_t bytes[2048];
} stack;

static uint32_t asks; /* what clients to come ask for */

static struct secrets *secrets_of(struct client *c)
{
	return c->more;
}

/* ---- the client */

static void make_packet(uint8_t *ip, uint32_t source, uint32_t destination)
{
	uint32_t src = htonl(source), dst = htonl(destination), sum = 0;

	memset(ip, 0, PACKET);
	ip[0] = 0x45;
	ip[3] = PACKET;
	ip[8] = 64;
	ip[9] = IPPROTO_ICMP;
	memcpy(ip + 12, &src, 4);
	memcpy(ip + 16, &dst, 4);
	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	ip[10] = (uint8_t)(~sum >> 8);
	ip[11] = (uint8_t)~sum;
	ip[20] = 8; /* echo request */
	for (int i = 28; i < PACKET; i++)
		ip[i] = (uint8_t)i;
}

static void send_ccp(struct client *c, uint8_t code, uint8_t ident, uint32_t bits)
{
	const uint8_t p[10] = { code, ident,        0, 10, 18, 6, (uint8_t)(bits >> 24), 0,
				0,    (uint8_t)bits };

	reply(c, PPP_PROTO_CCP, p, sizeof(p));
}

static void answer_challenge(struct client *c, const uint8_t *info)
{
	struct secrets *s = secrets_of(c);
	uint8_t p[5 + 49 + 16] = { 2, info[1], 0, 0, 49 };
	size_t len = 5 + 49 + strlen(c->user);

	memset(s->challenge, 0x5a, sizeof(s->challenge));
	assert_int_equal(crypto_mschap(s->crypto,
				       &(struct crypto_mschap){ c->user, c->password, info + 5,
								s->challenge },
				       s->response, s->proof),
			 0);
	memcpy(p + 5, s->challenge, 16);
	memcpy(p + 5 + 24, s->response, CRYPTO_RESPONSE);
	memcpy(p + 5 + 49, c->user, strlen(c->user));
	p[3] = (uint8_t)len;
	reply(c, PPP_PROTO_CHAP, p, len);
}

static void on_success(struct client *c)
{
	struct secrets *s = secrets_of(c);

	if (s->bits)
		send_ccp(c, 1, 1, s->bits);
	send_ipcp(c);
}

static void open_flows(struct client *c)
{
	struct secrets *s = secrets_of(c);
	uint8_t master[MPPE_KEY];

	mppe_free(&s->up);
	mppe_free(&s->down);
	assert_int_equal(crypto_master_key(s->crypto, c->password, s->response, master), 0);
	assert_int_equal(mppe_init(&s->up, s->crypto, master, s->bits, true), 0);
	assert_int_equal(mppe_init(&s->down, s->crypto, master, s->bits, false), 0);
	s->open = true;
}

static void reject_ccp(struct client *c)
{
	const uint8_t p[10] = { 8, 9, 0, 10, 0x80, 0xfd, 1, 1, 0, 4 };

	reply(c, PPP_PROTO_LCP, p, sizeof(p));
}

static void on_ccp(struct client *c, const uint8_t *info, size_t len)
{
	struct secrets *s = secrets_of(c);
	uint32_t bits = len >= 10 ? (uint32_t)info[6] << 24 | info[9] : 0;

	if (s->silent)
		return;
	if (!s->bits) {
		reject_ccp(c);
		return;
	}
	if (info[0] == 14)
		s->resets++;
	if (info[0] == 3)
		send_ccp(c, 1, (uint8_t)(info[1] + 1), s->bits);
	if (info[0] == 2)
		s->acked = true;
	if (info[0] == 1 && bits == s->bits) {
		reply_code(c, PPP_PROTO_CCP, 2, info, len);
		s->got_acked = true;
	} else if (info[0] == 1) {
		send_ccp(c, 3, info[1], s->bits);
	}
	if (s->acked && s->got_acked && !s->open)
		open_flows(c);
}

static void on_encrypted(struct client *c, const uint8_t *info, size_t len)
{
	struct secrets *s = secrets_of(c);
	uint8_t clear[2048], expected[PACKET];
	uint16_t missed;

	if (!s->open || mppe_open(&s->down, (struct rd){ info, len }, clear, &missed) != MPPE_CLEAR)
		return;
	make_packet(expected, 0xc0000201, c->address);
	assert_int_equal(len - 2, PACKET + 2);
	assert_int_equal(clear[1], 0x21);
	assert_memory_equal(clear + 2, expected, PACKET);
	s->encrypted++;
}

static void on_other(struct client *c, uint16_t proto, const uint8_t *info, size_t len)
{
	static struct secrets all[16];
	unsigned int n = (unsigned int)(c - c->f->clients);

	if (!c->more) {
		all[n] = (struct secrets){ .bits = asks };
		assert_int_equal(crypto_new(&all[n].crypto), 0);
		c->more = &all[n];
	}
	if (proto == PPP_PROTO_CHAP && info[0] == 1)
		answer_challenge(c, info);
	if (proto == PPP_PROTO_CHAP && info[0] == 3)
		on_success(c);
	if (proto == PPP_PROTO_CCP)
		on_ccp(c, info, len);
	if (proto == PPP_PROTO_MPPE)
		on_encrypted(c, info, len);
}

/* The next packet, encrypted; it is sent or gets lost. */
static void send_encrypted(struct client *c, bool lost)
{
	struct secrets *s = secrets_of(c);
	uint8_t frame[4 + PACKET] = { 0, 0, 0, 0x21 };

	make_packet(frame + 4, c->address, 0xc0000201);
	assert_int_equal(mppe_seal(&s->up, frame, sizeof(frame) - 2), 0);
	if (lost)
		return;
	reply(c, PPP_PROTO_MPPE, frame, sizeof(frame));
	settle(c->f);
}

static void send_clear(struct client *c)
{
	uint8_t ip[PACKET];

	make_packet(ip, c->address, 0xc0000201);
	reply(c, PPP_PROTO_IP, ip, sizeof(ip));
	settle(c->f);
}

static void from_stack(struct client *c)
{
	uint8_t ip[PACKET];

	make_packet(ip, 0xc0000201, c->address);
	sessions_ip_input(c->f->sessions, (struct in_addr){ htonl(c->address) },
			  buf_of(ip, sizeof(ip)));
	settle(c->f);
}

/* Both ways, n packets. */
static void assert_flows(struct client *c, unsigned int n)
{
	struct secrets *s = secrets_of(c);
	uint8_t expected[PACKET];

	make_packet(expected, c->address, 0xc0000201);
	while (n-- > 0) {
		unsigned int up = stack.packets, down = s->encrypted, clear = c->ip_frames;

		send_encrypted(c, false);
		assert_int_equal(stack.packets, up + 1);
		assert_int_equal(stack.len, PACKET);
		assert_memory_equal(stack.bytes, expected, PACKET);
		from_stack(c);
		assert_int_equal(s->encrypted, down + 1);
		assert_int_equal(c->ip_frames, clear);
	}
}

/* ---- the concentrator */

static struct dataplane_ops recording;

static int record(struct dataplane *dp, uint32_t slot, const uint8_t *packet, size_t len)
{
	(void)dp;
	(void)slot;
	assert_true(len <= sizeof(stack.bytes));
	stack.packets++;
	stack.len = len;
	memcpy(stack.bytes, packet, len);
	return 0;
}

static int setup_mppe(void **state, const char *options)
{
	struct fixture *f;

	setup_with(state, options);
	f = *state;
	f->other = on_other;
	recording = *f->dp->ops;
	recording.ip_send = record;
	f->dp->ops = &recording;
	memset(&stack, 0, sizeof(stack));
	asks = S128;
	return 0;
}

static int setup_required(void **state)
{
	return setup_mppe(state, "authentication-method mschapv2\n mppe required\n pipex no");
}

static int setup_stateful(void **state)
{
	int r = setup_mppe(state, "authentication-method mschapv2\n mppe required\n pipex no\n"
				  " mppe-key-state stateful");

	asks = STATEFUL;
	return r;
}

static int setup_yes(void **state)
{
	return setup_mppe(state, "authentication-method mschapv2\n mppe yes\n pipex no");
}

static size_t forwards_most;

static bool forwards(const struct dataplane *dp, size_t len)
{
	(void)dp;
	return len <= forwards_most;
}

static int setup_fast(void **state)
{
	int r = setup_mppe(state, "authentication-method mschapv2\n mppe required");

	recording.mppe_forwards = forwards;
	forwards_most = 9000;
	return r;
}

static int teardown_mppe(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < f->n; i++) {
		struct secrets *s = secrets_of(&f->clients[i]);

		if (!s)
			continue;
		mppe_free(&s->up);
		mppe_free(&s->down);
		crypto_free(s->crypto);
	}
	return teardown(state);
}

static uint64_t drops(struct fixture *f, enum xp_reason reason)
{
	return log_drops(f->log, reason);
}

static struct xp_mppe *state_of(struct client *c)
{
	return c->f->dp->ops->mppe(c->f->dp, c->sid);
}

static uint16_t mtu(struct fixture *f)
{
	struct session_record rec;

	session_describe(first(f, NULL), &rec);
	return rec.mtu;
}

static int never(struct dataplane *dp, const struct dp_session *session)
{
	(void)dp;
	(void)session;
	fail();
	return -EIO;
}

static const char *encryption(struct fixture *f)
{
	static struct session_record rec;

	session_describe(first(f, NULL), &rec);
	return rec.encryption;
}

/* ---- tests */

static void test_required(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");

	assert_int_equal(totals(f).established, 1);
	assert_flows(c, 5);
	assert_string_equal(encryption(f), "mppe-128 stateless");
	assert_int_equal(mtu(f), 1488);
	send_clear(c);
	assert_int_equal(stack.packets, 5);
	assert_int_equal(drops(f, XP_R_MPPE_CLEAR), 1);
	assert_flows(c, 1);
}

/* IPCP alone brings nothing up, and what refuses CCP is hung up on. */
static void test_required_refused(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	recording.session_add = never;
	asks = 0;
	c = dial(f, "u1", "p1");
	/* it does not begin either: until we do */
	for (int i = 0; i < 10 && !c->closed; i++) {
		ev_run(f->loop, EVRUN_ONCE);
		settle(f);
	}
	assert_int_equal(totals(f).ended_by[CAUSE_MPPE], 1);
	assert_int_equal(c->closed, 1);
	assert_int_equal(count(f, (struct session_filter){ 0 }), 0);
}

/* Nothing passes while CCP is under way again, with `yes` as well; in clear it does only after CCP
 * has come to its end. */
static void test_yes_ended(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct secrets *s = secrets_of(c);
	struct session_traffic traffic;

	assert_flows(c, 2);
	s->silent = true;
	reply(c, PPP_PROTO_CCP, (const uint8_t[]){ 5, 9, 0, 4 }, 4);
	settle(f);
	assert_string_equal(encryption(f), "negotiating");
	assert_int_equal(state_of(c)->out.bits, XP_MPPE_NONE);
	from_stack(c);
	send_clear(c);
	assert_int_equal(c->ip_frames, 0);
	assert_int_equal(stack.packets, 2);
	assert_int_equal(drops(f, XP_R_MPPE_CLEAR), 1);
	assert_int_equal(drops(f, XP_R_MPPE_KEYS), 1);
	/* what did not leave is not accounted */
	session_traffic(first(f, "u1"), &traffic);
	assert_int_equal(traffic.down_packets, 2);
	assert_int_equal(traffic.up_packets, 2);
	reject_ccp(c);
	settle(f);
	assert_string_equal(encryption(f), "none");
	assert_null(state_of(c));
	assert_int_equal(mtu(f), 1492);
	from_stack(c);
	send_clear(c);
	assert_int_equal(c->ip_frames, 1);
	assert_int_equal(stack.packets, 3);
}

/* What a reload requires holds for sessions of before: in clear nobody stays, or comes back. */
static void test_required_by_a_reload(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1"), *clear;
	struct secrets *s = secrets_of(c);

	asks = 0;
	clear = dial(f, "u2", "p2");
	assert_int_equal(totals(f).established, 2);
	reload(f, "authentication-method mschapv2\n mppe required\n pipex no");
	assert_int_equal(totals(f).established, 1);
	from_stack(clear);
	send_clear(clear);
	assert_int_equal(clear->ip_frames, 0);
	assert_int_equal(stack.packets, 0);
	await_sessions(f, 1);
	assert_flows(c, 2);
	s->silent = true;
	reply(c, PPP_PROTO_CCP, (const uint8_t[]){ 5, 9, 0, 4 }, 4);
	reject_ccp(c);
	settle(f);
	assert_int_equal(totals(f).established, 0);
	from_stack(c);
	send_clear(c);
	assert_int_equal(c->ip_frames, 0);
	assert_int_equal(stack.packets, 2);
	await_sessions(f, 0);
	assert_int_equal(totals(f).ended_by[CAUSE_CONFIG], 1);
	assert_int_equal(totals(f).ended_by[CAUSE_MPPE], 1);
}

static void test_required_by_a_reload_from_now_on(void **state)
{
	const uint8_t again[8] = { 1, 8, 0, 8, 1, 4, 5, 0xd4 };
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");

	assert_flows(c, 2);
	reload(f, "authentication-method mschapv2\n mppe required\n pipex no");
	secrets_of(c)->silent = true;
	c->address = 0;
	reply(c, PPP_PROTO_LCP, again, sizeof(again));
	settle(f);
	assert_int_not_equal(c->address, 0);
	assert_int_equal(totals(f).established, 0);
	await_sessions(f, 0);
	assert_int_equal(totals(f).ended_by[CAUSE_MPPE], 1);
}

static void test_renegotiated(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct secrets *s = secrets_of(c);

	assert_flows(c, 3);
	s->acked = s->got_acked = s->open = false;
	send_ccp(c, 1, 7, s->bits);
	settle(f);
	assert_true(s->open);
	assert_string_equal(encryption(f), "mppe-128 stateless");
	assert_flows(c, 3);
	assert_int_equal(totals(f).established, 1);
}

/* With `yes` a client that speaks no CCP is served in clear, and one that comes to it later not any
 * more. */
static void test_late_ccp(void **state)
{
	struct fixture *f = *state;
	struct client *c;

	asks = 0;
	c = dial(f, "u1", "p1");
	assert_int_equal(totals(f).established, 1);
	assert_string_equal(encryption(f), "none");
	assert_int_equal(mtu(f), 1492);
	send_clear(c);
	from_stack(c);
	assert_int_equal(stack.packets, 1);
	assert_int_equal(c->ip_frames, 1);
	secrets_of(c)->bits = S128;
	send_ccp(c, 1, 7, S128);
	settle(f);
	assert_true(secrets_of(c)->open);
	assert_int_equal(mtu(f), 1488);
	assert_flows(c, 3);
	send_clear(c);
	assert_int_equal(drops(f, XP_R_MPPE_CLEAR), 1);
}

/* Keys go on where they stood when the session leaves the data plane and comes back. */
static void test_moved(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	uint16_t count;

	assert_flows(c, 3);
	count = state_of(c)->out.count;
	session_carrier_user.moved(f->sessions, &c->pppoe->carrier);
	assert_int_equal(state_of(c)->out.count, count);
	assert_flows(c, 3);
	/* IPCP again */
	send_ipcp(c);
	settle(f);
	assert_int_equal(totals(f).established, 1);
	assert_flows(c, 3);
}

static void test_lost(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct secrets *s = secrets_of(c);

	assert_flows(c, 2);
	send_encrypted(c, true);
	send_encrypted(c, false);
	send_encrypted(c, false);
	assert_int_equal(stack.packets, 2);
	assert_int_equal(s->resets, 1);
	session_event(first(f, "u1"), XP_EVENT_MPPE_LOST); /* a program has seen it as well */
	assert_int_equal(s->resets, 2);
	s->up.flush = true;
	assert_flows(c, 2);
	session_event(first(f, "u1"), XP_EVENT_MPPE_LOST); /* it is over */
	assert_int_equal(s->resets, 2);
}

static void test_flush(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	struct secrets *s = secrets_of(c);

	assert_flows(c, 2);
	s->down.lost = true; /* as if some had been missing */
	from_stack(c);
	assert_int_equal(s->encrypted, 2);
	reply(c, PPP_PROTO_CCP, (const uint8_t[]){ 14, 1, 0, 4 }, 4);
	settle(f);
	from_stack(c);
	assert_int_equal(s->encrypted, 3);
	assert_flows(c, 2);
}

static void test_far(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	unsigned int up;

	assert_flows(c, 1);
	for (int i = 0; i < 1000; i++)
		send_encrypted(c, true);
	assert_flows(c, 2);
	/* forged ones cost no more than the rate allows, and harm nothing */
	up = stack.packets;
	for (int i = 0; i < 50; i++) {
		const uint8_t forged[40] = { 0x98, (uint8_t)i, 1, 2, 3 };

		reply(c, PPP_PROTO_MPPE, forged, sizeof(forged));
		settle(f);
	}
	assert_int_equal(stack.packets, up);
	assert_true(drops(f, XP_R_MPPE_COUNT) >= 48);
	assert_flows(c, 2);
}

/* Of a session that the programs serve only what they leave is taken. */
static void test_fast(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");

	assert_int_equal(totals(f).established, 1);
	send_encrypted(c, false);
	assert_int_equal(stack.packets, 0);
	assert_int_equal(drops(f, XP_R_S_MPPE) + drops(f, XP_R_MPPE_COUNT), 0);
	for (int i = 0; i < 100; i++)
		send_encrypted(c, true);
	send_encrypted(c, false);
	assert_int_equal(stack.packets, 1);
	forwards_most = 10; /* what is longer they leave */
	send_encrypted(c, false);
	assert_int_equal(stack.packets, 2);
	recording.mppe_forwards = NULL; /* programs that cannot leave it all */
	send_encrypted(c, false);
	assert_int_equal(stack.packets, 3);
}

static void test_malformed(void **state)
{
	struct fixture *f = *state;
	struct client *c = dial(f, "u1", "p1");
	uint8_t bytes[FRAME - 2] = { 0x90 };

	for (size_t len = 0; len < 60; len++) {
		reply(c, PPP_PROTO_MPPE, bytes, len);
		settle(f);
	}
	assert_int_equal(stack.packets, 0);
	assert_flows(c, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_required, setup_required, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_required_refused, setup_required,
						teardown_mppe),
		cmocka_unit_test_setup_teardown(test_yes_ended, setup_yes, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_required_by_a_reload, setup_yes,
						teardown_mppe),
		cmocka_unit_test_setup_teardown(test_required_by_a_reload_from_now_on, setup_yes,
						teardown_mppe),
		cmocka_unit_test_setup_teardown(test_renegotiated, setup_required, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_late_ccp, setup_yes, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_moved, setup_required, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_lost, setup_stateful, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_flush, setup_stateful, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_far, setup_required, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_fast, setup_fast, teardown_mppe),
		cmocka_unit_test_setup_teardown(test_malformed, setup_required, teardown_mppe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
