/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Who may ask for what by RFC 5176, and what is answered. */
#include "dae_rig.h"

#include <unistd.h>

static void put(struct request *r, uint8_t type, const char *text)
{
	assert_int_equal(radius_put_string(&r->attrs, 0, type, text), 0);
}

static void put_u32(struct request *r, uint8_t type, uint32_t value)
{
	assert_int_equal(radius_put_u32(&r->attrs, 0, type, value), 0);
}

static void put_bytes(struct request *r, uint8_t type, const char *bytes, size_t len)
{
	assert_int_equal(radius_put(&r->attrs, 0, type, bytes, len), 0);
}

/* Of one session, by its Acct-Session-Id. */
static void request_for(struct request *r, uint8_t code, uint32_t ppp_id)
{
	char id[SUBJECT_ID_LEN + 1];

	request_begin(r, code);
	subject_session_id(START, ppp_id, id);
	put(r, 44, id);
}

static int disconnect(struct fixture *f, uint32_t ppp_id)
{
	struct request r;

	request_for(&r, RADIUS_DISCONNECT_REQUEST, ppp_id);
	return exchange(f, &r);
}

/* ---- who may ask ---- */

static void a_client_ends_a_session(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(disconnect(f, 2), RADIUS_DISCONNECT_ACK);
	assert_int_equal(error_cause(f), 0);
	assert_int_equal(world.list[1].terminated, 1);
	assert_int_equal(world.list[1].cause, CAUSE_CLEARED);
	assert_int_equal(world.list[0].terminated + world.list[2].terminated, 0);
	assert_int_equal(counters(f).requests[DAE_DISCONNECT], 1);
	assert_int_equal(counters(f).acks[DAE_DISCONNECT], 1);
}

static void a_client_by_ipv6_too(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	r.from = "2001:db8::7";
	r.secret = "six";
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 3);
	r.from = "2001:db8::8";
	r.secret = "six";
	assert_int_equal(exchange(f, &r), 0);
	assert_int_equal(world.list[2].terminated, 0);
}

static void strangers_get_no_answer(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	r.from = "192.0.2.8";
	assert_int_equal(exchange(f, &r), 0);
	assert_int_equal(dae_strangers(f->dae), 1);
	assert_int_equal(log_drops(f->log, XP_R_DAE_CLIENT), 1);
	assert_int_equal(world.list[1].terminated, 0);
}

static void the_secret_is_asked_for(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	r.secret = "guessed";
	assert_int_equal(exchange(f, &r), 0);
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	r.secret = "six"; /* another client's */
	assert_int_equal(exchange(f, &r), 0);
	assert_int_equal(counters(f).drops[DAE_DROP_AUTHENTICATOR], 2);
	assert_int_equal(log_drops(f->log, XP_R_DAE_AUTHENTICATOR), 2);
	assert_int_equal(world.list[1].terminated, 0);
}

static void message_authenticator_is_asked_for(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	r.unsigned_ = true;
	assert_int_equal(exchange(f, &r), 0);
	assert_int_equal(counters(f).drops[DAE_DROP_NO_MESSAGE_AUTHENTICATOR], 1);
	put_bytes(&r, 80, "0123456789abcdef", 16); /* wrong, in a packet that is right otherwise */
	assert_int_equal(exchange(f, &r), 0);
	assert_int_equal(counters(f).drops[DAE_DROP_MESSAGE_AUTHENTICATOR], 1);
	assert_int_equal(world.list[1].terminated, 0);
}

static void message_authenticator_may_be_left_out(void **state)
{
	struct fixture *f = *state;
	struct request r;

	configure(f, conf_usual, "radius dae require-message-authenticator no\n");
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	r.unsigned_ = true;
	put_bytes(&r, 80, "0123456789abcdef", 16);
	assert_int_equal(exchange(f, &r), 0); /* one that is there must be right all the same */
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	r.unsigned_ = true;
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
}

static void what_is_malformed_gets_no_answer(void **state)
{
	struct fixture *f = *state;
	struct request r;
	size_t len;

	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	f->len = len = request_finish(&r, f->datagram);
	for (f->len = 0; f->len < len; f->len++)
		assert_int_equal(deliver(f, r.from, r.port), 0);
	f->datagram[21] = 1; /* an attribute shorter than its header */
	assert_int_equal(deliver(f, r.from, r.port), 0);
	assert_int_equal(counters(f).drops[DAE_DROP_FORM], len + 1);
	request_for(&r, RADIUS_ACCESS_REQUEST, 2);
	assert_int_equal(exchange(f, &r), 0);
	request_for(&r, RADIUS_DISCONNECT_ACK, 2);
	assert_int_equal(exchange(f, &r), 0);
	assert_int_equal(counters(f).drops[DAE_DROP_CODE], 2);
	assert_int_equal(world.list[1].terminated, 0);
}

/* What a reply has beside Proxy-State must fit too, and that is known before anything is done. */
static void a_reply_that_does_not_fit_is_not_earned(void **state)
{
	struct fixture *f = *state;
	char text[254] = { 0 };
	struct request r;

	memset(text, 'x', 253);
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	for (int i = 0; i < 15; i++)
		put(&r, 33, text);
	text[4096 - 20 - 18 - 18 - 15 * 255 - 2] = '\0'; /* 4,096 octets in all */
	put(&r, 33, text);
	assert_int_equal(exchange(f, &r), 0);
	assert_int_equal(f->len, RADIUS_MAX);
	assert_int_equal(world.list[1].terminated, 0);
	r.attrs.len -= 12;
	r.storage[r.attrs.len - (strlen(text) + 2 - 12) + 1] -= 12;
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
}

static void a_request_is_of_today(void **state)
{
	struct fixture *f = *state;
	uint32_t now = (uint32_t)time(NULL);
	const struct {
		uint32_t stamp;
		int code;
	} cases[] = {
		{ now, RADIUS_DISCONNECT_ACK },
		{ now - 290, RADIUS_DISCONNECT_ACK },
		{ now + 290, RADIUS_DISCONNECT_ACK },
		{ now - 310, 0 },
		{ now + 310, 0 },
		{ 0, 0 },
		{ UINT32_MAX, 0 },
	};
	struct request r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make_world(3);
		request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
		put_u32(&r, 55, cases[i].stamp);
		assert_int_equal(exchange(f, &r), cases[i].code);
		assert_int_equal(world.list[1].terminated, cases[i].code != 0);
	}
	assert_int_equal(counters(f).drops[DAE_DROP_TIMESTAMP], 4);
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 3);
	put_bytes(&r, 55, "123", 3);
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_NAK);
	assert_int_equal(error_cause(f), 404);
}

static void how_old_is_a_matter_of_configuration(void **state)
{
	struct fixture *f = *state;
	uint32_t now = (uint32_t)time(NULL);
	struct request r;

	configure(f, conf_usual,
		  "radius dae event-timestamp-window 10\n"
		  "radius dae require-event-timestamp yes\n");
	assert_int_equal(disconnect(f, 2), 0);
	assert_int_equal(counters(f).drops[DAE_DROP_NO_TIMESTAMP], 1);
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	put_u32(&r, 55, now - 20);
	assert_int_equal(exchange(f, &r), 0);
	configure(f, conf_usual, "radius dae event-timestamp-window 0\n");
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
}

/* ---- what comes again ---- */

static void a_duplicate_gets_the_same_reply_and_does_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t first[RADIUS_MAX];
	struct request r;
	size_t len;

	request_for(&r, RADIUS_COA_REQUEST, 2);
	put_u32(&r, 27, 600);
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	len = f->reply_len;
	memcpy(first, f->reply, len);
	memset(f->reply, 0, sizeof(f->reply));
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	assert_int_equal(f->reply_len, len);
	assert_memory_equal(f->reply, first, len);
	assert_int_equal(world.list[1].changes, 1);
	assert_int_equal(counters(f).requests[DAE_COA], 1);
	assert_int_equal(counters(f).duplicates, 1);
	assert_int_equal(counters(f).acks[DAE_COA], 1);

	r.port++; /* other requests */
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	r.id++;
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	assert_int_equal(world.list[1].changes, 3);
}

/* Who has overheard a request sends it from where he can. */
static void a_replay_from_another_port_does_nothing(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_for(&r, RADIUS_COA_REQUEST, 2);
	put_u32(&r, 27, 600);
	put_u32(&r, 55, (uint32_t)time(NULL));
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	r.port++;
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	assert_int_equal(world.list[1].changes, 1);
	assert_int_equal(counters(f).duplicates, 1);
}

static void a_refusal_is_repeated_too(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_for(&r, RADIUS_COA_REQUEST, 9);
	put_u32(&r, 27, 600);
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
	world.n = 9; /* now it would be found */
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
	assert_int_equal(error_cause(f), 503);
	assert_int_equal(counters(f).duplicates, 1);
}

static void replies_survive_a_reload(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_for(&r, RADIUS_COA_REQUEST, 2);
	put_u32(&r, 27, 600);
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	configure(f, conf_usual, "");
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	assert_int_equal(world.list[1].changes, 1);
	configure(f, "radius dae client 192.0.2.7 secret other\n", "");
	assert_int_equal(exchange(f, &r), 0);
	configure(f, "", "");
	assert_int_equal(exchange(f, &r), 0);
	assert_int_equal(dae_strangers(f->dae), 1);
}

/* ---- which NAS ---- */

static void requests_for_another_nas_are_refused(void **state)
{
	struct fixture *f = *state;
	const struct {
		uint8_t type;
		const char *value;
		size_t len;
		uint32_t error;
	} cases[] = {
		{ 32, "the nas", 7, 0 },
		{ 32, "another", 7, 403 },
		{ 32, "the nas ", 8, 403 },
		{ 4, "\xc0\x00\x02\x01", 4, 0 },
		{ 4, "\xc0\x00\x02\x02", 4, 403 },
		{ 4, "\xc0\x00\x02", 3, 404 },
		{ 95, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16, 403 },
		{ 95, "\x20", 1, 404 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request r;

		make_world(3);
		request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
		put_bytes(&r, cases[i].type, cases[i].value, cases[i].len);
		assert_int_equal(exchange(f, &r) == RADIUS_DISCONNECT_ACK, cases[i].error == 0);
		assert_int_equal(error_cause(f), cases[i].error);
		assert_int_equal(world.list[1].terminated, cases[i].error == 0);
	}
}

static void without_a_name_of_its_own_that_of_the_machine_will_do(void **state)
{
	struct fixture *f = *state;
	char host[256];
	struct request r;

	assert_int_equal(gethostname(host, sizeof(host)), 0);
	configure(f, "radius dae client 192.0.2.7 secret " DAE_SECRET "\n", "");
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	put(&r, 32, host);
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 3);
	put(&r, 32, "the nas");
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_NAK);
	assert_int_equal(error_cause(f), 403);
}

static void without_an_address_of_its_own_any_of_the_machine_will_do(void **state)
{
	struct fixture *f = *state;
	struct request r;

	configure(f, "radius dae client 192.0.2.7 secret " DAE_SECRET "\n", "");
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	put_bytes(&r, 4, "\x7f\0\0\x01", 4);
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 3);
	put_bytes(&r, 4, "\xc0\x00\x02\x63", 4);
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_NAK);
	assert_int_equal(error_cause(f), 403);
}

/* ---- which session ---- */

static void sessions_are_named_in_many_ways(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_begin(&r, RADIUS_DISCONNECT_REQUEST);
	put(&r, 1, "user");
	put_u32(&r, 5, 2);
	put_u32(&r, 8, 0x0a000002);
	put(&r, 30, "isp");
	put(&r, 31, "02:00:00:00:00:02");
	put(&r, 44, "1234567800000002");
	put_u32(&r, 61, 15);
	put(&r, 87, "access0");
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
	assert_int_equal(world.list[1].terminated, 1);
	assert_int_equal(world.list[0].terminated + world.list[2].terminated, 0);
	assert_true(world.filter.session_id && world.filter.by_port && world.filter.by_address);
	assert_true(world.filter.account && world.filter.calling && world.filter.called &&
		    world.filter.port_id);
}

static void unknown_sessions_are_not_found(void **state)
{
	struct fixture *f = *state;
	static const char *const ids[] = { "1234567800000004", "1234567700000002", "00000002", "2",
					   "123456780000000x", "12345678000000020" };
	struct request r;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		request_begin(&r, RADIUS_DISCONNECT_REQUEST);
		put(&r, 44, ids[i]);
		assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_NAK);
		assert_int_equal(error_cause(f), 503);
	}
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	put(&r, 1, "anna"); /* all must match */
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_NAK);
	assert_int_equal(error_cause(f), 503);
	assert_int_equal(counters(f).errors[DAE_NOT_FOUND], 7);
	assert_int_equal(counters(f).naks[DAE_DISCONNECT], 7);
}

static void a_disconnect_is_for_all_that_match(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_begin(&r, RADIUS_DISCONNECT_REQUEST);
	put(&r, 1, "user");
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
	assert_int_equal(world.list[0].terminated, 0);
	assert_int_equal(world.list[1].terminated, 1);
	assert_int_equal(world.list[2].terminated, 1);
}

static void what_ends_already_is_said_to(void **state)
{
	struct fixture *f = *state;
	struct request r;

	assert_int_equal(disconnect(f, 2), RADIUS_DISCONNECT_ACK);
	assert_int_equal(disconnect(f, 2), RADIUS_DISCONNECT_ACK);
	assert_int_equal(error_cause(f), 201);
	assert_int_equal(world.list[1].terminated, 1);
	request_for(&r, RADIUS_COA_REQUEST, 2);
	put_u32(&r, 27, 600);
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
	assert_int_equal(error_cause(f), 503);
}

static void too_many_are_left_alone(void **state)
{
	struct fixture *f = *state;
	struct request r;

	make_world(66);
	request_begin(&r, RADIUS_DISCONNECT_REQUEST);
	put(&r, 1, "user");
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_NAK);
	assert_int_equal(error_cause(f), 508);
	for (unsigned int i = 0; i < 66; i++)
		assert_int_equal(world.list[i].terminated, 0);
	world.n = 65;
	r.id++;
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
}

static void a_change_is_for_one_session(void **state)
{
	struct fixture *f = *state;
	struct request r;

	request_begin(&r, RADIUS_COA_REQUEST);
	put(&r, 1, "user");
	put_u32(&r, 27, 600);
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
	assert_int_equal(error_cause(f), 508);
	assert_int_equal(world.list[1].changes + world.list[2].changes, 0);
}

/* ---- what for ---- */

static void changes_are_made(void **state)
{
	struct fixture *f = *state;
	const struct profile *p;
	struct request r;

	request_for(&r, RADIUS_COA_REQUEST, 2);
	put_u32(&r, 27, 600);
	put_u32(&r, 28, 60);
	put_u32(&r, 85, 300);
	put_u32(&r, 62, 2);
	put(&r, 11, "gold");
	put(&r, 11, "blocked");
	put(&r, 22, "10.1.0.0/16 0.0.0.0 1");
	put(&r, 25, "class");
	assert_int_equal(radius_put_u32(&r.attrs, 14122, 7, 2000000), 0);
	assert_int_equal(radius_put_u32(&r.attrs, 14122, 8, 10000000), 0);
	put(&r, 18, "hello");
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	p = world.list[1].profile;
	assert_non_null(p);
	assert_int_equal(p->session_timeout, 600);
	assert_int_equal(p->idle_timeout, 60);
	assert_int_equal(p->interim_interval, 300);
	assert_int_equal(p->port_limit, 2);
	assert_int_equal(p->n_filters, 2);
	assert_string_equal(p->filters[1], "blocked");
	assert_int_equal(p->n_routes, 1);
	assert_int_equal(p->routes[0].prefix, 16);
	assert_int_equal(p->n_classes, 1);
	assert_int_equal(p->rate_up.bits_per_s, 2000000);
	assert_int_equal(p->rate_down.bits_per_s, 10000000);
	assert_null(world.list[0].profile);
}

static void what_cannot_be_changed_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct {
		uint32_t vendor;
		uint8_t type;
		const char *value;
		size_t len;
		uint32_t error;
	} cases[] = {
		{ 0, 12, "\0\0\x04\xb0", 4, 401 },     /* Framed-MTU: needs another negotiation */
		{ 0, 88, "pool", 4, 401 },             /* Framed-Pool */
		{ 0, 2, "0123456789abcdef", 16, 401 }, /* User-Password */
		{ 0, 79, "\x01\x01\0\x04", 4, 401 },   /* EAP-Message */
		{ 0, 101, "\0\0\0\xc9", 4, 401 },      /* Error-Cause */
		{ 0, 49, "\0\0\0\x06", 4, 401 },       /* Acct-Terminate-Cause */
		{ 0, 200, "?", 1, 401 },
		{ 311, 28, "\xc0\0\x02\x35", 4, 401 },     /* MS-Primary-DNS-Server */
		{ 9, 1, "ip:outacl=x", 11, 401 },          /* Cisco-AVPair */
		{ 0, 26, "\0\0\0", 3, 401 },               /* no vendor */
		{ 0, 26, "\0\0\x37\x2a\x07\xff", 6, 401 }, /* an attribute beyond its end */
		{ 0, 27, "\0\0\x01", 3, 407 },
		{ 0, 22, "nowhere", 7, 407 },
		{ 0, 11, "", 0, 402 },          /* is not there */
		{ 0, 6, "\0\0\0\x02", 4, 405 }, /* Service-Type Framed */
		{ 0, 6, "\0\x02", 2, 404 },
		{ 0, 6, "\0\0\0\x11", 4, 402 },         /* Authorize-Only without State */
		{ 0, 24, "state", 5, 404 },             /* State without Authorize-Only */
		{ 0, 44, "1234567800000002", 16, 404 }, /* a second one */
		{ 0, 1, "us\0er", 5, 404 },
		{ 0, 5, "\0\x02", 2, 404 },
		{ 0, 8, "\x0a", 1, 404 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request r;

		request_for(&r, RADIUS_COA_REQUEST, 2);
		if (cases[i].len > 0 && cases[i].error == 401)
			put_u32(&r, 27, 600); /* nothing of it is done */
		assert_int_equal(radius_put(&r.attrs, cases[i].vendor, cases[i].type,
					    cases[i].value, cases[i].len),
				 0);
		assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
		assert_int_equal(error_cause(f), cases[i].error);
	}
	assert_int_equal(world.list[1].changes, 0);
}

static void a_session_must_be_named(void **state)
{
	struct fixture *f = *state;
	struct request r;

	for (uint8_t code = RADIUS_DISCONNECT_REQUEST; code <= RADIUS_COA_REQUEST; code += 3) {
		request_begin(&r, code);
		put(&r, 32, "the nas");
		put(&r, 30, "isp"); /* tells sessions apart, names none */
		if (code == RADIUS_COA_REQUEST)
			put_u32(&r, 27, 600);
		assert_int_equal(exchange(f, &r), code + 2);
		assert_int_equal(error_cause(f), 402);
	}
	assert_int_equal(world.list[0].terminated, 0);
}

static void a_disconnect_changes_nothing(void **state)
{
	struct fixture *f = *state;
	static const uint8_t types[] = { 27, 6, 24, 12, 101 };
	struct request r;

	for (size_t i = 0; i < sizeof(types); i++) {
		request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
		put_u32(&r, types[i], 17);
		assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_NAK);
		assert_int_equal(error_cause(f), 401);
	}
	assert_int_equal(world.list[1].terminated, 0);
	request_for(&r, RADIUS_DISCONNECT_REQUEST, 2);
	put_u32(&r, 49, 6);
	put(&r, 18, "good-bye");
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
}

static void a_session_that_cannot_says_why(void **state)
{
	struct fixture *f = *state;
	const struct {
		int result;
		uint32_t error;
	} cases[] = {
		{ -ENOTCONN, 503 }, { -EINVAL, 407 },     { -ENOENT, 407 },
		{ -ENOMEM, 506 },   { -ENOSPC, 506 },     { -EPERM, 501 },
		{ -EBUSY, 506 },    { -EOPNOTSUPP, 401 }, { -EADDRINUSE, 407 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request r;

		world.result = cases[i].result;
		request_for(&r, RADIUS_COA_REQUEST, 2);
		put_u32(&r, 27, 600);
		assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
		assert_int_equal(error_cause(f), cases[i].error);
	}
}

static void authorize_only_asks_the_server(void **state)
{
	struct fixture *f = *state;
	struct buf value;
	struct request r;

	request_for(&r, RADIUS_COA_REQUEST, 2);
	put_u32(&r, 6, 17);
	put(&r, 24, "the state");
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
	assert_int_equal(error_cause(f), 507);
	assert_true(radius_find(reply_attrs(f), 0, 6, &value));
	assert_memory_equal(value.p, "\0\0\0\x11", 4);
	assert_int_equal(world.list[1].reauthorized, 1);
	assert_int_equal(world.list[1].state_len, 9);
	assert_memory_equal(world.list[1].state, "the state", 9);
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK); /* again: not asked twice */
	assert_int_equal(world.list[1].reauthorized, 1);

	r.id++;
	put_u32(&r, 27, 600);
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
	assert_int_equal(error_cause(f), 401);

	world.result = -EOPNOTSUPP; /* no server let it in */
	request_for(&r, RADIUS_COA_REQUEST, 3);
	put_u32(&r, 6, 17);
	put(&r, 24, "the state");
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
	assert_int_equal(error_cause(f), 405);
	assert_false(radius_find(reply_attrs(f), 0, 6, &value));
}

static void the_peer_is_asked_who_it_is(void **state)
{
	static const char command[] = "subscriber:command=reauthenticate";
	struct fixture *f = *state;
	struct request r;

	request_for(&r, RADIUS_COA_REQUEST, 2);
	assert_int_equal(radius_put_string(&r.attrs, 9, 1, command), 0);
	assert_int_equal(exchange(f, &r), RADIUS_COA_ACK);
	assert_int_equal(world.list[1].reauthenticated, 1);
	r.id++;
	put_u32(&r, 27, 600);
	assert_int_equal(exchange(f, &r), RADIUS_COA_NAK);
	assert_int_equal(error_cause(f), 404);
	assert_int_equal(world.list[1].reauthenticated, 1);
	assert_int_equal(world.list[1].changes, 0);
}

static void proxies_get_back_what_they_sent(void **state)
{
	struct fixture *f = *state;
	struct radius_walk walk;
	struct radius_attr attr;
	unsigned int n = 0;
	struct request r;

	request_begin(&r, RADIUS_DISCONNECT_REQUEST);
	put(&r, 33, "one");
	put(&r, 44, "1234567800000002");
	put(&r, 33, "two");
	assert_int_equal(exchange(f, &r), RADIUS_DISCONNECT_ACK);
	walk = radius_walk_of(reply_attrs(f));
	while (radius_next(&walk, &attr))
		if (attr.type == 33)
			assert_memory_equal(attr.value.p, n++ == 0 ? "one" : "two", 3);
	assert_int_equal(n, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_ends_a_session),
		TEST(a_client_by_ipv6_too),
		TEST(strangers_get_no_answer),
		TEST(the_secret_is_asked_for),
		TEST(message_authenticator_is_asked_for),
		TEST(message_authenticator_may_be_left_out),
		TEST(what_is_malformed_gets_no_answer),
		TEST(a_reply_that_does_not_fit_is_not_earned),
		TEST(a_request_is_of_today),
		TEST(how_old_is_a_matter_of_configuration),
		TEST(a_duplicate_gets_the_same_reply_and_does_nothing),
		TEST(a_replay_from_another_port_does_nothing),
		TEST(a_refusal_is_repeated_too),
		TEST(replies_survive_a_reload),
		TEST(requests_for_another_nas_are_refused),
		TEST(without_a_name_of_its_own_that_of_the_machine_will_do),
		TEST(without_an_address_of_its_own_any_of_the_machine_will_do),
		TEST(sessions_are_named_in_many_ways),
		TEST(unknown_sessions_are_not_found),
		TEST(a_disconnect_is_for_all_that_match),
		TEST(what_ends_already_is_said_to),
		TEST(too_many_are_left_alone),
		TEST(a_change_is_for_one_session),
		TEST(changes_are_made),
		TEST(what_cannot_be_changed_is_refused),
		TEST(a_session_must_be_named),
		TEST(a_disconnect_changes_nothing),
		TEST(a_session_that_cannot_says_why),
		TEST(authorize_only_asks_the_server),
		TEST(the_peer_is_asked_who_it_is),
		TEST(proxies_get_back_what_they_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
