/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Logins by a server of this file on the loopback, and by the fallback while it is silent. */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/aaa.h"
#include "aaa/attribute.h"
#include "aaa/profile.h"
#include "aaa/radius.h"
#include "aaa/subject.h"
#include "conf/conf.h"

#define SECRET "the secret"

struct fixture {
	struct ev_loop *loop;
	struct radius *radius;
	struct conf *conf;
	struct aaa *aaa;
	/* the server */
	struct ev_io io;
	int fd;
	uint8_t code; /* of its answers; 0: silent */
	unsigned int requests;
	uint8_t last[RADIUS_MAX];
	size_t last_len;
	/* the answer */
	unsigned int answers;
	struct aaa_result result;
	struct profile *profile;
	char users[64];
};

/* ---- the server ---- */

static void on_request(struct ev_loop *loop, struct ev_io *io, int revents)
{
	struct fixture *f = io->data;
	uint8_t storage[256], out[RADIUS_MAX];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t n = recvfrom(f->fd, f->last, sizeof(f->last), 0, (void *)&from, &size);

	(void)loop;
	(void)revents;
	assert_true(n > 0);
	f->last_len = (size_t)n;
	if (f->last[0] != RADIUS_ACCESS_REQUEST || !f->code)
		return;
	f->requests++;
	attribute_put_text(&attrs, ATTRIBUTE_REPLY_MESSAGE, "said the server");
	attribute_put_u32(&attrs, ATTRIBUTE_SESSION_TIMEOUT, 77);
	n = radius_finish_reply(&attrs, f->code, SECRET, buf_of(f->last, f->last_len), out);
	assert_true(n > 0);
	assert_int_equal(sendto(f->fd, out, (size_t)n, 0, (const void *)&from, size), n);
}

static uint16_t server_start(struct fixture *f)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t size = sizeof(addr);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f->fd, (const void *)&addr, sizeof(addr)), 0);
	assert_int_equal(getsockname(f->fd, (void *)&addr, &size), 0);
	ev_io_init(&f->io, on_request, f->fd, EV_READ);
	f->io.data = f;
	ev_io_start(f->loop, &f->io);
	return ntohs(addr.sin_port);
}

static struct buf last_attrs(const struct fixture *f)
{
	struct radius_packet packet;

	assert_int_equal(radius_parse(buf_of(f->last, f->last_len), &packet), RADIUS_GOOD);
	return packet.attrs;
}

static void asked_as(const struct fixture *f, enum attribute_id id, const char *expected)
{
	struct buf value;

	assert_true(attribute_get(last_attrs(f), id, &value));
	assert_int_equal(value.len, strlen(expected));
	assert_memory_equal(value.p, expected, value.len);
}

/* ---- the agent's side ---- */

static const char format[] =
	"radius nas-id nas\n"
	"radius nas-address 192.0.2.7\n"
	"tunnel T protocol pppoe { listen on interface eth0 }\n"
	"tunnel L protocol l2tp { }\n"
	"ipcp P { pool-address 10.0.0.0/24 }\n"
	"interface pppac0 address 10.0.0.1 ipcp P\n"
	"authentication LOCAL type local {\n users-file \"%2$s\"\n strip-atmark-realm yes\n }\n"
	"authentication R type radius {\n"
	" authentication-server {\n address 127.0.0.1 port %1$u secret \"" SECRET "\"\n"
	"  timeout 1\n max-tries 2\n max-failovers 0\n dead-time 60\n }\n}\n"
	"authentication S type radius {\n username-suffix @strip\n strip-atmark-realm yes\n"
	" authentication-server {\n address 127.0.0.1 port %1$u secret \"" SECRET "\"\n"
	"  timeout 1\n max-tries 2\n max-failovers 0\n dead-time 60\n }\n}\n"
	"authentication F type radius {\n username-suffix @fall\n fallback LOCAL\n"
	" authentication-server {\n address 127.0.0.1 port %1$u secret \"" SECRET "\"\n"
	"  timeout 1\n max-tries 2\n max-failovers 0\n dead-time 60\n }\n}\n"
	"authentication N type radius {\n username-suffix @none\n eap-capable no\n"
	" authentication-server {\n address 127.0.0.1 port %1$u secret \"" SECRET "\"\n }\n}\n"
	"authentication M type local {\n username-suffix @file\n users-file \"%2$s\"\n }\n"
	"bind tunnel from T authenticated by N to pppac0\n"
	"bind tunnel from T authenticated by M to pppac0\n"
	"bind tunnel from T authenticated by R to pppac0\n"
	"bind tunnel from T authenticated by S to pppac0\n"
	"bind tunnel from T authenticated by F to pppac0\n"
	"bind tunnel from L authenticated by LOCAL to pppac0\n";

static void configure(struct fixture *f, uint16_t port)
{
	char text[4096];
	int n = snprintf(text, sizeof(text), format, port, f->users);

	assert_int_equal(conf_parse(text, (size_t)n, "aaa", stderr, &f->conf), 0);
	assert_int_equal(aaa_new(f->conf, f->radius, NULL, &f->aaa), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd;

	strcpy(f->users, "/tmp/xpppd-users-XXXXXX");
	fd = mkstemp(f->users);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "anna:password=local:Reply-Message=said the file:\n") > 0);
	close(fd);
	f->loop = ev_loop_new(EVFLAG_AUTO);
	assert_int_equal(radius_new(f->loop, NULL, &f->radius), 0);
	f->code = RADIUS_ACCESS_ACCEPT;
	configure(f, server_start(f));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	profile_free(f->profile);
	aaa_free(f->aaa);
	radius_free(f->radius);
	conf_unref(f->conf);
	ev_io_stop(f->loop, &f->io);
	close(f->fd);
	ev_loop_destroy(f->loop);
	unlink(f->users);
	free(f);
	return 0;
}

static void done(void *owner, struct aaa_result *result)
{
	struct fixture *f = owner;

	f->answers++;
	profile_free(f->profile);
	f->profile = result->profile;
	result->profile = NULL;
	f->result = *result;
}

static const struct conf_tunnel *tunnel_of(const struct fixture *f)
{
	return STAILQ_FIRST(&f->conf->tunnels);
}

static void on_second(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)timer;
	(void)revents;
	ev_break(loop, EVBREAK_ALL);
}

static void run(struct fixture *f, unsigned int answers)
{
	struct ev_timer timer;

	ev_timer_init(&timer, on_second, 10., 0.);
	ev_timer_start(f->loop, &timer);
	while (f->answers < answers && ev_is_active(&timer))
		ev_run(f->loop, EVRUN_ONCE);
	ev_timer_stop(f->loop, &timer);
	assert_int_equal(f->answers, answers);
}

static struct carrier_info carrier(void)
{
	return (struct carrier_info){
		.peer = "02:00:00:00:00:01",
		.device = "eth0.7",
		.service = "",
		.circuit_id = "",
		.remote_id = "",
		.called = "",
		.calling = "",
		.peer_name = "",
		.local_name = "",
	};
}

static struct aaa_job *begin(struct fixture *f, enum ppp_auth method, const char *user,
			     const char *response, size_t len)
{
	static const uint8_t challenge[16];
	const struct ppp_auth_request ppp = {
		.method = method,
		.username = user,
		.challenge = challenge,
		.challenge_len = sizeof(challenge),
		.response = (const uint8_t *)response,
		.response_len = len,
	};
	struct carrier_info info = carrier();
	struct subject subject = { .tunnel = tunnel_of(f), .carrier = &info, .nas_port = 5 };
	const struct aaa_request request = {
		.tunnel = tunnel_of(f),
		.ppp = &ppp,
		.subject = &subject,
		.calling_number = info.peer,
	};

	f->answers = 0;
	return aaa_authenticate(f->aaa, &request, done, f);
}

static void pap(struct fixture *f, const char *user, const char *password)
{
	if (begin(f, PPP_AUTH_PAP, user, password, strlen(password))) {
		assert_int_equal(f->answers, 0);
		run(f, 1);
	}
	assert_int_equal(f->answers, 1);
}

/* ---- tests ---- */

static void accepted(void **state)
{
	struct fixture *f = *state;
	struct buf value;

	pap(f, "anna", "secret");
	assert_int_equal(f->result.ppp.result, PPP_AUTH_ACCEPT);
	assert_string_equal(f->result.ppp.message, "said the server");
	assert_string_equal(f->result.bind->auth->name, "R");
	assert_int_equal(f->profile->session_timeout, 77);
	assert_int_equal(f->result.error, 0);
	asked_as(f, ATTRIBUTE_USER_NAME, "anna");
	asked_as(f, ATTRIBUTE_NAS_IDENTIFIER, "nas");
	assert_true(attribute_get(last_attrs(f), ATTRIBUTE_NAS_IP_ADDRESS, &value));
	assert_memory_equal(value.p, "\300\0\2\7", 4);
}

static void rejected(void **state)
{
	struct fixture *f = *state;

	f->code = RADIUS_ACCESS_REJECT;
	pap(f, "anna", "secret");
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT);
	assert_string_equal(f->result.ppp.message, "said the server");
	assert_null(f->profile);
	assert_int_equal(f->result.error, 0);
	f->code = RADIUS_ACCESS_CHALLENGE; /* that nobody can answer */
	pap(f, "anna", "secret");
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT);
}

static void names(void **state)
{
	static const char zero[50];
	struct fixture *f = *state;

	pap(f, "DOMAIN\\anna", "secret");
	asked_as(f, ATTRIBUTE_USER_NAME, "anna");
	pap(f, "DOMAIN\\anna@strip", "secret");
	assert_string_equal(f->result.bind->auth->name, "S");
	asked_as(f, ATTRIBUTE_USER_NAME, "anna");
	assert_non_null(begin(f, PPP_AUTH_CHAP_MD5, "anna@strip", zero, 16));
	run(f, 1);
	asked_as(f, ATTRIBUTE_USER_NAME, "anna");
	assert_non_null(begin(f, PPP_AUTH_MSCHAPV2, "DOMAIN\\anna@strip", zero, 49));
	run(f, 1);
	asked_as(f, ATTRIBUTE_USER_NAME, "anna@strip");
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT); /* it proved nothing to us */
	assert_non_null(begin(f, PPP_AUTH_EAP, "DOMAIN\\anna@strip", "\2\1\0\5\1", 5));
	run(f, 1);
	asked_as(f, ATTRIBUTE_USER_NAME, "DOMAIN\\anna@strip");
}

/* Closer statements that cannot do EAP are as if they were not there. */
static void eap_goes_to_who_knows_it(void **state)
{
	static const char *const names[] = { "anna@none", "anna@file" };
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		pap(f, names[i], "secret");
		assert_string_equal(f->result.bind->auth->name, i ? "M" : "N");
		assert_non_null(begin(f, PPP_AUTH_EAP, names[i], "\2\1\0\5\1", 5));
		run(f, 1);
		assert_string_equal(f->result.bind->auth->name, "R");
	}
}

/* What no server can be asked. */
static void impossible(void **state)
{
	struct fixture *f = *state;
	char text[256];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_null(begin(f, PPP_AUTH_PAP, text, "secret", 6));
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT);
	assert_null(begin(f, PPP_AUTH_PAP, "anna", text, 129));
	assert_int_equal(f->answers, 1);
	assert_null(begin(f, PPP_AUTH_CHAP_MD5, "anna", text, 15));
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->requests, 0);
}

static void cancelled(void **state)
{
	struct fixture *f = *state;
	struct aaa_job *job = begin(f, PPP_AUTH_PAP, "anna@fall", "local", 5);

	assert_non_null(job);
	aaa_cancel(job);
	aaa_cancel(NULL);
	pap(f, "anna", "secret"); /* comes after it */
	assert_int_equal(f->answers, 1);
}

/* After a reload the answer still comes, with the bind of before. */
static void outlived(void **state)
{
	struct fixture *f = *state;
	const struct conf *old = f->conf;

	assert_non_null(begin(f, PPP_AUTH_PAP, "anna@fall", "local", 5));
	aaa_free(f->aaa);
	conf_unref(f->conf);
	configure(f, 9);
	run(f, 1);
	assert_int_equal(f->result.ppp.result, PPP_AUTH_ACCEPT);
	assert_ptr_not_equal(old, f->conf);
}

static void silence(void **state)
{
	struct fixture *f = *state;

	f->code = 0;
	pap(f, "anna", "secret");
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT);
	assert_int_equal(f->result.error, -ETIMEDOUT);
	assert_string_equal(f->result.ppp.message, "no answer from the authentication server");
}

static void fallen_back(void **state)
{
	struct fixture *f = *state;

	pap(f, "anna@fall", "local");
	assert_string_equal(f->result.ppp.message, "said the server");
	f->code = 0;
	pap(f, "anna@fall", "local");
	assert_int_equal(f->result.ppp.result, PPP_AUTH_ACCEPT);
	assert_string_equal(f->result.ppp.message, "said the file");
	assert_string_equal(f->result.bind->auth->name, "F");
	assert_int_equal(f->result.error, 0);
	pap(f, "anna@fall", "wrong");
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT);
	assert_int_equal(f->result.error, 0);
	/* users files know no EAP */
	if (begin(f, PPP_AUTH_EAP, "anna@fall", "\2\1\0\5\1", 5))
		run(f, 1);
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT);
}

/* Known to be dead: nobody waits; one login at a time finds out whether the server is back. */
static void at_once(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	f->code = 0;
	for (i = 0; i < 5 && begin(f, PPP_AUTH_PAP, "anna@fall", "local", 5); i++)
		run(f, 1);
	assert_in_range(i, 1, 4);
	assert_int_equal(f->result.ppp.result, PPP_AUTH_ACCEPT);
	assert_null(begin(f, PPP_AUTH_PAP, "anna@fall", "wrong", 5));
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT);
	f->code = RADIUS_ACCESS_ACCEPT;
	for (i = 0; i < 100 && !begin(f, PPP_AUTH_PAP, "anna@fall", "local", 5); i++) {
		struct ev_timer timer;

		ev_timer_init(&timer, on_second, 0.1, 0.);
		ev_timer_start(f->loop, &timer);
		ev_run(f->loop, 0);
	}
	assert_in_range(i, 1, 99);
	run(f, 1);
	assert_string_equal(f->result.ppp.message, "said the server");
}

static void authorized(void **state)
{
	struct fixture *f = *state;
	struct carrier_info info = carrier();
	struct subject subject = {
		.username = "anna",
		.tunnel = tunnel_of(f),
		.carrier = &info,
		.session_id = "0123456789abcdef",
	};
	struct aaa_authorize authorize = {
		.bind = STAILQ_FIRST(&f->conf->binds),
		.subject = &subject,
		.state = buf_of("state", 5),
	};
	struct buf value;

	assert_non_null(aaa_authorize_only(f->aaa, &authorize, done, f));
	run(f, 1);
	assert_int_equal(f->result.ppp.result, PPP_AUTH_ACCEPT);
	assert_int_equal(f->profile->session_timeout, 77);
	asked_as(f, ATTRIBUTE_STATE, "state");
	asked_as(f, ATTRIBUTE_ACCT_SESSION_ID, "0123456789abcdef");
	assert_true(attribute_get(last_attrs(f), ATTRIBUTE_SERVICE_TYPE, &value));
	assert_int_equal(value.p[3], SUBJECT_AUTHORIZE_ONLY);
	assert_false(attribute_get(last_attrs(f), ATTRIBUTE_USER_PASSWORD, &value));
	f->code = RADIUS_ACCESS_REJECT;
	f->answers = 0;
	assert_non_null(aaa_authorize_only(f->aaa, &authorize, done, f));
	run(f, 1);
	assert_int_equal(f->result.ppp.result, PPP_AUTH_REJECT);
	assert_int_equal(f->result.error, 0);
	/* a users file cannot be asked */
	while (STAILQ_NEXT(authorize.bind, entry))
		authorize.bind = STAILQ_NEXT(authorize.bind, entry);
	f->answers = 0;
	assert_null(aaa_authorize_only(f->aaa, &authorize, done, f));
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->result.error, -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accepted),
		TEST(rejected),
		TEST(names),
		TEST(impossible),
		TEST(eap_goes_to_who_knows_it),
		TEST(cancelled),
		TEST(outlived),
		TEST(silence),
		TEST(fallen_back),
		TEST(at_once),
		TEST(authorized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
