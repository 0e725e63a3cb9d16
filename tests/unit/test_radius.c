/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The RADIUS client and one server, whatever that does. */
#include <sys/resource.h>

#include "radius_fixture.h"

#define MANY 260

/* ---- one server ---- */

static void test_answered(void **state)
{
	static const uint8_t codes[] = { RADIUS_ACCESS_ACCEPT, RADIUS_ACCESS_REJECT,
					 RADIUS_ACCESS_CHALLENGE };
	struct fixture *f = *state;
	const struct radius_server_info *info;
	unsigned int i;

	use(f, conf_new(f, 1));
	for (i = 0; i < 3; i++) {
		f->servers[0]->reply_code = codes[i];
		ask(f);
		assert_int_equal(f->ended, i);
		run(f, i + 1, 1);
		assert_int_equal(f->ended, i + 1);
		assert_int_equal(f->last_result, 0);
		assert_int_equal(f->last_code, codes[i]);
	}
	info = look(f, 0);
	assert_int_equal(info->counters->requests, 3);
	assert_int_equal(info->counters->accepts, 1);
	assert_int_equal(info->counters->rejects, 1);
	assert_int_equal(info->counters->challenges, 1);
	assert_int_equal(info->counters->retransmits, 0);
	assert_int_equal(info->outstanding, 0);
	assert_int_equal(info->sockets, 1);
	assert_true(info->rtt_min_us > 0 && info->rtt_min_us <= info->rtt_max_us);
	assert_int_equal(f->last_server, info->number);
}

/* A bad reply does not end the request: the right one that follows does. */
static void bad_then_good(struct fixture *f, enum manner manner, enum radius_bad reason)
{
	use(f, conf_new(f, 1));
	f->servers[0]->manner = manner;
	ask(f);
	run(f, 1, 0.1);
	assert_int_equal(f->ended, 0);
	assert_true(look(f, 0)->counters->bad[reason] >= 1);
	f->servers[0]->manner = ANSWERS;
	run(f, 1, 1);
	assert_int_equal(f->accepted, 1);
	assert_true(look(f, 0)->counters->retransmits >= 1);
}

static void test_wrong_secret(void **state)
{
	bad_then_good(*state, WRONG_SECRET, RADIUS_BAD_AUTHENTICATOR);
}

static void test_unsigned(void **state)
{
	bad_then_good(*state, UNSIGNED, RADIUS_NO_MESSAGE_AUTHENTICATOR);
}

static void test_missigned(void **state)
{
	bad_then_good(*state, MISSIGNED, RADIUS_BAD_MESSAGE_AUTHENTICATOR);
}

static void test_truncated(void **state)
{
	bad_then_good(*state, TRUNCATED, RADIUS_BAD_LENGTH);
}

static void test_oversized(void **state)
{
	bad_then_good(*state, OVERSIZED, RADIUS_BAD_LENGTH);
}

static void test_broken(void **state)
{
	bad_then_good(*state, BROKEN, RADIUS_BAD_ATTRIBUTE);
}

static void test_elsewhere(void **state)
{
	bad_then_good(*state, ELSEWHERE, RADIUS_BAD_ADDRESS);
}

static void test_wrong_code(void **state)
{
	bad_then_good(*state, WRONG_CODE, RADIUS_BAD_CODE);
}

static void test_unsigned_allowed(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 1);

	auth->authentication.require_message_authenticator = false;
	use(f, auth);
	f->servers[0]->manner = UNSIGNED;
	ask(f);
	run(f, 1, 1);
	assert_int_equal(f->accepted, 1);
}

static void test_duplicates(void **state)
{
	struct fixture *f = *state;

	use(f, conf_new(f, 1));
	f->servers[0]->manner = TWICE;
	ask(f);
	run(f, 1, 1);
	run(f, 2, 0.1);
	assert_int_equal(f->ended, 1);
	assert_int_equal(look(f, 0)->counters->bad[RADIUS_BAD_UNASKED], 1);
}

/* RFC 5080 2.2.1: what is sent again is the same packet. */
static void test_same_packet_again(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	use(f, conf_new(f, 1));
	s->manner = KEEPS;
	ask(f);
	run(f, 1, 0.6);
	assert_true(s->n_kept >= 2);
	assert_int_equal(s->kept[0].len, s->kept[1].len);
	assert_memory_equal(s->kept[0].packet, s->kept[1].packet, s->kept[0].len);
	assert_int_equal(s->kept[0].from.sin_port, s->kept[1].from.sin_port);
	/* the answer to the first, and then to the second */
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from, 2, SECRET);
	send_reply(s, s->kept[1].packet, s->kept[1].len, &s->kept[1].from, 2, SECRET);
	run(f, 1, 1);
	run(f, 2, 0.1);
	assert_int_equal(f->accepted, 1);
	assert_int_equal(f->ended, 1);
}

/* The second after half a second, the last ends with the time-out; a single one has all of it. */
static void test_times(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 1);
	ev_tstamp began;

	auth->authentication.timeout = 2;
	auth->authentication.max_tries = 2;
	use(f, auth);
	f->servers[0]->manner = SILENT;
	began = ev_time();
	ask(f);
	run(f, 1, 0.4);
	assert_int_equal(f->servers[0]->received, 1);
	run(f, 1, 0.4);
	assert_int_equal(f->servers[0]->received, 2);
	run(f, 1, 5);
	assert_true(ev_time() - began > 1.9 && ev_time() - began < 2.5);
	radius_group_unref(f->group);

	auth = conf_new(f, 1);
	auth->authentication.max_tries = 1;
	use(f, auth);
	began = ev_time();
	ask(f);
	run(f, 2, 5);
	assert_int_equal(f->timed_out, 2);
	assert_int_equal(f->servers[0]->received, 3);
	assert_true(ev_time() - began > 0.9 && ev_time() - began < 1.5);
}

/* An Accounting-Request that the first server has had twice, with another delay each time. */
static void tell_twice(struct fixture *f)
{
	struct conf_auth *auth = conf_new(f, 1);
	struct server *s = f->servers[0];
	uint8_t storage[128];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct radius_job *job;

	auth->authentication.timeout = 6;
	assert_int_equal(radius_group_new(f->radius, &auth->authentication, RADIUS_ACCOUNTING,
					  &f->group),
			 0);
	conf_auth_free(auth);
	s->manner = KEEPS;
	radius_put_string(&attrs, 0, 44, "0001");
	attrs.event = time(NULL) - 7;
	assert_int_equal(
		radius_send(f->group, RADIUS_ACCOUNTING_REQUEST, &attrs, 0, on_done, f, &job), 0);
	run(f, 1, 2.7);
	assert_true(s->n_kept >= 3);
	assert_true(delay_of(s, 0) >= 7);
	assert_true(delay_of(s, 2) > delay_of(s, 0));
}

/* RFC 2866 5.2: Acct-Delay-Time changes, and the identifier with it; the same delay is the same
 * packet. */
static void test_delay_changes_identifier(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	tell_twice(f);
	assert_int_not_equal(s->kept[0].packet[1], s->kept[2].packet[1]);
	for (unsigned int i = 1; i < s->n_kept; i++) {
		if (s->kept[i].packet[1] == s->kept[i - 1].packet[1])
			assert_memory_equal(s->kept[i].packet, s->kept[i - 1].packet,
					    s->kept[i].len);
	}
	assert_int_equal(look(f, 0)->outstanding, 1);
	send_reply(s, s->kept[2].packet, s->kept[2].len, &s->kept[2].from, 5, SECRET);
	run(f, 1, 0.2);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->last_code, RADIUS_ACCOUNTING_RESPONSE);
	assert_int_equal(look(f, 0)->outstanding, 0);
}

/* The answer to the first try comes after the last one was sent: it has been told. */
static void test_late_answer_to_first_delay(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	tell_twice(f);
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from, 5, SECRET);
	run(f, 1, 0.2);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->last_result, 0);
	assert_int_equal(look(f, 0)->counters->bad[RADIUS_BAD_AUTHENTICATOR], 0);
	/* and the other answer is nobody's */
	send_reply(s, s->kept[2].packet, s->kept[2].len, &s->kept[2].from, 5, SECRET);
	run(f, 2, 0.1);
	assert_int_equal(f->ended, 1);
	assert_int_equal(look(f, 0)->counters->bad[RADIUS_BAD_UNASKED], 1);
}

static void test_cancelled(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	use(f, conf_new(f, 1));
	s->manner = KEEPS;
	radius_cancel(ask(f));
	run(f, 1, 0.1);
	assert_int_equal(s->n_kept, 1);
	send_reply(s, s->kept[0].packet, s->kept[0].len, &s->kept[0].from, 2, SECRET);
	run(f, 1, 0.1);
	assert_int_equal(f->ended, 0);
	assert_int_equal(look(f, 0)->outstanding, 0);
}

/* Nobody listens: the request ends after its time, and the loop does not spin meanwhile. */
static void test_unreachable(void **state)
{
	struct fixture *f = *state;
	unsigned int turns;

	use(f, conf_new(f, 1));
	ev_io_stop(f->loop, &f->servers[0]->io);
	close(f->servers[0]->fd);
	f->servers[0]->fd = -1;
	turns = ev_iteration(f->loop);
	ask(f);
	run(f, 1, 3);
	assert_int_equal(f->timed_out, 1);
	assert_true(ev_iteration(f->loop) - turns < 50);
	assert_true(look(f, 0)->counters->unreachable >= 4);
	assert_int_equal(look(f, 0)->counters->timeouts, 4);
	assert_int_equal(look(f, 0)->state, RADIUS_DEAD);
	assert_true(radius_group_dead(f->group));
}

static void from(struct fixture *f, const char *address)
{
	struct conf_auth *auth = conf_new(f, 1);
	struct sockaddr_in *source = (void *)&auth->authentication.source;

	source->sin_family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, address, &source->sin_addr), 1);
	use(f, auth);
}

static void test_source(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];

	from(f, "127.0.0.2");
	s->manner = KEEPS;
	ask(f);
	run(f, 1, 0.1);
	assert_int_equal(s->n_kept, 1);
	assert_int_equal(ntohl(s->kept[0].from.sin_addr.s_addr), 0x7f000002);
}

/* No socket can be had: the request waits for one, and then it is over. */
static void test_source_of_another(void **state)
{
	struct fixture *f = *state;
	unsigned int turns;

	from(f, "192.0.2.77");
	ask(f);
	assert_int_equal(look(f, 0)->waiting, 1);
	turns = ev_iteration(f->loop);
	run(f, 1, 3);
	assert_int_equal(f->timed_out, 1);
	assert_true(ev_iteration(f->loop) - turns < 20);
	assert_int_equal(f->servers[0]->received, 0);
}

/* No descriptor is free any more. */
static rlim_t limit_files(rlim_t limit)
{
	struct rlimit now;
	rlim_t before;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
	before = now.rlim_cur;
	now.rlim_cur = limit;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	return before;
}

static rlim_t use_up_files(void)
{
	int lowest = dup(STDERR_FILENO);

	assert_true(lowest >= 0);
	close(lowest);
	return limit_files((rlim_t)lowest);
}

/* Requests that find no socket are sent as soon as there is one again. */
static void test_no_socket_for_a_while(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 1);
	rlim_t before;

	auth->authentication.timeout = 5;
	use(f, auth);
	before = use_up_files();
	ask(f);
	ask(f);
	run(f, 1, 0.2);
	limit_files(before);
	assert_int_equal(f->servers[0]->received, 0);
	run(f, 2, 2);
	assert_int_equal(f->accepted, 2);
	assert_int_equal(look(f, 0)->state, RADIUS_ALIVE);
}

/* A server that cannot be asked is as good as one that does not answer. */
static void test_no_socket(void **state)
{
	struct fixture *f = *state;
	rlim_t before;

	use(f, conf_new(f, 1));
	before = use_up_files();
	ask(f);
	run(f, 1, 3);
	limit_files(before);
	assert_int_equal(f->timed_out, 1);
	assert_true(radius_group_dead(f->group));
	/* and comes back like one */
	run(f, 99, 1.5);
	assert_int_equal(look(f, 0)->state, RADIUS_ALIVE);
}

/* ---- many ---- */

static void reply_to_kept(struct server *s)
{
	while (s->n_kept-- > 0)
		send_reply(s, s->kept[s->n_kept].packet, s->kept[s->n_kept].len,
			   &s->kept[s->n_kept].from, RADIUS_ACCESS_ACCEPT, SECRET);
	s->n_kept = 0;
}

static void test_more_than_256(void **state)
{
	struct fixture *f = *state;
	struct server *s = f->servers[0];
	struct conf_auth *auth = conf_new(f, 1);
	const struct radius_server_info *info;
	unsigned int i;

	auth->authentication.timeout = 20;
	use(f, auth);
	s->manner = KEEPS;
	do { /* opens the window, sooner where the machine has nothing else to do */
		for (i = 0; i < 500; i++)
			ask(f);
		while (f->ended % 500 || look(f, 0)->outstanding > 0) {
			run(f, 9999, 0.05);
			reply_to_kept(s);
			run(f, 9999, 0.01);
		}
	} while (look(f, 0)->window < MANY && f->ended < 5000);
	assert_int_equal(f->accepted, f->ended);
	assert_true(look(f, 0)->window >= MANY);
	f->ended = f->accepted = 0;
	for (i = 0; i < MANY; i++)
		ask(f);
	run(f, 1, 0.1);
	info = look(f, 0);
	assert_int_equal(info->outstanding, MANY);
	assert_true(info->sockets >= 2);
	assert_int_equal(s->n_kept, MANY);
	assert_int_not_equal(s->kept[0].from.sin_port, s->kept[MANY - 1].from.sin_port);
	reply_to_kept(s);
	run(f, MANY, 10);
	assert_int_equal(f->accepted, MANY);
}

static void test_queue(void **state)
{
	struct fixture *f = *state;
	struct conf_auth *auth = conf_new(f, 1);
	struct radius_job *job;
	unsigned int i;

	auth->authentication.queue = 10;
	use(f, auth);
	f->servers[0]->manner = SILENT;
	for (i = 0; i < 74; i++)
		ask(f);
	assert_int_equal(look(f, 0)->outstanding, 64);
	assert_int_equal(look(f, 0)->waiting, 10);
	assert_int_equal(ask_for(f, 0, &job), -ENOBUFS);
	assert_int_equal(look(f, 0)->counters->refused, 1);
	run(f, 1, 0.1);
	assert_true(look(f, 0)->waiting_ms >= 90);
	run(f, 74, 5);
	assert_int_equal(f->timed_out, 74);
	assert_int_equal(look(f, 0)->waiting, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answered),
		TEST(test_wrong_secret),
		TEST(test_unsigned),
		TEST(test_missigned),
		TEST(test_truncated),
		TEST(test_oversized),
		TEST(test_broken),
		TEST(test_elsewhere),
		TEST(test_wrong_code),
		TEST(test_unsigned_allowed),
		TEST(test_duplicates),
		TEST(test_same_packet_again),
		TEST(test_times),
		TEST(test_delay_changes_identifier),
		TEST(test_late_answer_to_first_delay),
		TEST(test_cancelled),
		TEST(test_unreachable),
		TEST(test_source),
		TEST(test_source_of_another),
		TEST(test_no_socket_for_a_while),
		TEST(test_no_socket),
		TEST(test_more_than_256),
		TEST(test_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
