/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The RADIUS client over TLS, against a server in a thread. */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aaa/radius.h"
#include "conf/conf.h"
#include "conf/init.h"

#define SECRET "radsec"

enum manner {
	ANSWERS,
	IN_PIECES, /* each byte in a record of its own */
	CLOSES,    /* after each answer */
	SILENT,
	GARBAGE,  /* a length that no packet has */
	HANGS_UP, /* without an answer */
	NO_TLS,
};

struct fixture {
	struct ev_loop *loop;
	struct radius *radius;
	struct radius_group *group;
	char file[2][64]; /* the server's certificate, another */
	SSL_CTX *ctx;
	pthread_t thread;
	int fd, stop[2];
	struct sockaddr_in addr;
	_Atomic int manner;
	_Atomic unsigned int connections, received;
	unsigned int ended, accepted, timed_out;
	struct radius_server_info info;
};

/* ---- certificates ---- */

static X509 *sign(EVP_PKEY *key, const char *names)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)names, -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	X509_add_ext(x, san, -1);
	X509_EXTENSION_free(san);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

/* A certificate that signs itself, in a file; used by ctx if there is one. */
static void make_certificate(char path[64], SSL_CTX *ctx, const char *names)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = sign(key, names);
	FILE *out;

	strcpy(path, "/tmp/radius-tls.XXXXXX");
	out = fdopen(mkstemp(path), "w");
	assert_true(PEM_write_X509(out, x));
	fclose(out);
	if (ctx) {
		assert_int_equal(SSL_CTX_use_certificate(ctx, x), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	}
	X509_free(x);
	EVP_PKEY_free(key);
}

/* ---- the server ---- */

static void write_all(SSL *ssl, const uint8_t *p, int n, int piece)
{
	for (; n > 0; n -= piece, p += piece)
		if (SSL_write(ssl, p, n < piece ? n : piece) <= 0)
			return;
}

/* False: the connection is to end. */
static bool treat(struct fixture *f, SSL *ssl, const uint8_t *packet, size_t len)
{
	static const uint8_t garbage[] = { 2, 0, 0xff, 0xff, 1, 2, 3 };
	uint8_t out[RADIUS_MAX];
	struct radius_attrs attrs = { .data = (uint8_t[]){ 18, 4, 'o', 'k' }, .len = 4 };
	int n = radius_finish_reply(&attrs, RADIUS_ACCESS_ACCEPT, SECRET, buf_of(packet, len), out);
	int manner = f->manner;

	f->received++;
	switch (manner) {
	case SILENT:
		return true;
	case HANGS_UP:
		return false;
	case GARBAGE:
		write_all(ssl, garbage, sizeof(garbage), sizeof(garbage));
		return true;
	default:
		write_all(ssl, out, n, manner == IN_PIECES ? 1 : n);
		return manner != CLOSES;
	}
}

static bool read_all(SSL *ssl, uint8_t *p, size_t n)
{
	int r;

	for (; n > 0; n -= (size_t)r, p += r) {
		r = SSL_read(ssl, p, (int)n);
		if (r <= 0)
			return false;
	}
	return true;
}

static void serve(struct fixture *f, int fd)
{
	SSL *ssl = SSL_new(f->ctx);
	uint8_t packet[RADIUS_MAX];
	size_t len;

	f->connections++;
	SSL_set_fd(ssl, fd);
	if (f->manner == NO_TLS)
		assert_true(write(fd, "220 hello\r\n", 11) == 11);
	else if (SSL_accept(ssl) == 1)
		while (read_all(ssl, packet, 4)) {
			len = (size_t)packet[2] << 8 | packet[3];
			if (!read_all(ssl, packet + 4, len - 4) || !treat(f, ssl, packet, len))
				break;
		}
	SSL_shutdown(ssl);
	SSL_free(ssl);
	/* what is unread when it is closed would make a reset of it, which overtakes the answer */
	shutdown(fd, SHUT_WR);
	while (read(fd, packet, sizeof(packet)) > 0)
		;
	close(fd);
}

static void *run_server(void *arg)
{
	struct fixture *f = arg;
	int fd;

	while ((fd = accept(f->fd, NULL, NULL)) >= 0)
		serve(f, fd);
	return NULL;
}

static void start_server(struct fixture *f)
{
	socklen_t size = sizeof(f->addr);

	f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	f->addr = (struct sockaddr_in){ .sin_family = AF_INET };
	f->addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(f->fd, (const void *)&f->addr, size), 0);
	assert_int_equal(getsockname(f->fd, (void *)&f->addr, &size), 0);
	assert_int_equal(listen(f->fd, 8), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, run_server, f), 0);
}

/* ---- the client ---- */

static int setup_for(void **state, const char *names)
{
	struct fixture *f = calloc(1, sizeof(*f));

	signal(SIGPIPE, SIG_IGN);
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->ctx = SSL_CTX_new(TLS_server_method());
	make_certificate(f->file[0], f->ctx, names);
	make_certificate(f->file[1], NULL, names);
	start_server(f);
	assert_int_equal(radius_new(f->loop, NULL, &f->radius), 0);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return setup_for(state, "IP:127.0.0.1");
}

static int setup_named(void **state)
{
	return setup_for(state, "DNS:radius.example");
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	radius_group_unref(f->group);
	radius_free(f->radius);
	shutdown(f->fd, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(f->fd);
	SSL_CTX_free(f->ctx);
	unlink(f->file[0]);
	unlink(f->file[1]);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static int use(struct fixture *f, const char *ca_file, const char *name)
{
	struct conf_auth *auth = calloc(1, sizeof(*auth));
	struct conf_addr *a = calloc(1, sizeof(*a));
	int r;

	conf_auth_init(auth, CONF_AUTH_RADIUS);
	memcpy(&a->addr, &f->addr, sizeof(f->addr));
	a->secret = strdup(SECRET);
	STAILQ_INSERT_TAIL(&auth->authentication.servers, a, entry);
	auth->authentication.timeout = 1;
	auth->authentication.tls = true;
	auth->authentication.ca_file = strdup(ca_file);
	auth->authentication.server_name = name ? strdup(name) : NULL;
	r = radius_group_new(f->radius, &auth->authentication, RADIUS_AUTHENTICATION, &f->group);
	conf_auth_free(auth);
	return r;
}

static void on_done(void *owner, int result, const struct radius_reply *reply)
{
	struct fixture *f = owner;

	f->ended++;
	f->accepted += result == 0 && reply->code == RADIUS_ACCESS_ACCEPT;
	f->timed_out += result == -ETIMEDOUT;
}

static void ask(struct fixture *f)
{
	uint8_t storage[64];
	struct radius_attrs attrs = radius_attrs_of(storage, sizeof(storage));
	struct radius_job *job;

	radius_put_string(&attrs, 0, 1, "nemo");
	assert_int_equal(radius_send(f->group, RADIUS_ACCESS_REQUEST, &attrs, 0, on_done, f, &job),
			 0);
}

static void on_second(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)timer;
	(void)revents;
	ev_break(loop, EVBREAK_ALL);
}

static void run(struct fixture *f, unsigned int ended, double seconds)
{
	struct ev_timer timer;
	ev_tstamp until = ev_time() + seconds;

	ev_now_update(f->loop);
	ev_timer_init(&timer, on_second, seconds, 0);
	ev_timer_start(f->loop, &timer);
	while (f->ended < ended && ev_time() < until)
		ev_run(f->loop, EVRUN_ONCE);
	ev_timer_stop(f->loop, &timer);
}

static void on_info(void *arg, const struct radius_server_info *info)
{
	((struct fixture *)arg)->info = *info;
}

static const struct radius_server_info *look(struct fixture *f)
{
	radius_info(f->radius, on_info, f);
	return &f->info;
}

/* ---- tests ---- */

static void test_answered(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	assert_int_equal(use(f, f->file[0], NULL), 0);
	for (i = 0; i < 200; i++)
		ask(f);
	run(f, 200, 5);
	assert_int_equal(f->accepted, 200);
	assert_int_equal(f->connections, 1);
	assert_int_equal(look(f)->sockets, 1);
	assert_int_equal(look(f)->counters->retransmits, 0);
	assert_true(look(f)->tls);
}

static void test_in_pieces(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(use(f, f->file[0], NULL), 0);
	f->manner = IN_PIECES;
	ask(f);
	ask(f);
	run(f, 2, 2);
	assert_int_equal(f->accepted, 2);
}

/* As servers do with idle connections: the next request opens another, nobody is dead. */
static void test_closed_when_idle(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	assert_int_equal(use(f, f->file[0], NULL), 0);
	f->manner = CLOSES;
	for (i = 0; i < 5; i++) {
		ask(f);
		run(f, i + 1, 2);
	}
	assert_int_equal(f->accepted, 5);
	assert_true(f->connections >= 5);
	assert_int_equal(look(f)->counters->deaths, 0);
}

/* Some requests are lost with the connection: they go out again on the next. */
static void test_closed_under_requests(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	assert_int_equal(use(f, f->file[0], NULL), 0);
	f->manner = CLOSES;
	for (i = 0; i < 20; i++)
		ask(f);
	run(f, 20, 5);
	assert_int_equal(f->accepted, 20);
	assert_true(look(f)->counters->unreachable > 0);
}

static void refused(struct fixture *f)
{
	ask(f);
	run(f, 1, 4);
	assert_int_equal(f->accepted, 0);
	assert_int_equal(f->timed_out, 1);
	assert_int_equal(f->received, 0);
	assert_int_equal(look(f)->state, RADIUS_DEAD);
	assert_true(f->connections >= 1 && f->connections <= 3);
}

static void test_untrusted(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(use(f, f->file[1], NULL), 0);
	refused(f);
}

static void test_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(use(f, f->file[0], "radius.example"), 0);
	ask(f);
	run(f, 1, 2);
	assert_int_equal(f->accepted, 1);
}

static void test_named_otherwise(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(use(f, f->file[0], "other.example"), 0);
	refused(f);
}

/* Without server-name the address must be in the certificate. */
static void test_not_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(use(f, f->file[0], NULL), 0);
	refused(f);
}

static void test_no_tls(void **state)
{
	struct fixture *f = *state;

	f->manner = NO_TLS;
	assert_int_equal(use(f, f->file[0], NULL), 0);
	refused(f);
}

/* Neither is tried for ever, nor often. */
static void fruitless(struct fixture *f, enum manner manner)
{
	assert_int_equal(use(f, f->file[0], NULL), 0);
	f->manner = (int)manner;
	ask(f);
	run(f, 1, 6);
	assert_int_equal(f->timed_out, 1);
	assert_int_equal(look(f)->state, RADIUS_DEAD);
	assert_true(f->connections <= 4);
	f->manner = ANSWERS;
	ask(f);
	run(f, 2, 4);
	assert_true(f->accepted + f->timed_out == 2);
}

static void test_hangs_up(void **state)
{
	fruitless(*state, HANGS_UP);
}

static void test_garbage(void **state)
{
	struct fixture *f = *state;

	fruitless(f, GARBAGE);
	assert_true(look(f)->counters->bad[RADIUS_BAD_LENGTH] > 0);
}

static void test_silent(void **state)
{
	fruitless(*state, SILENT);
}

static void test_nobody(void **state)
{
	struct fixture *f = *state;

	shutdown(f->fd, SHUT_RDWR);
	assert_int_equal(use(f, f->file[0], NULL), 0);
	ask(f);
	run(f, 1, 4);
	assert_int_equal(f->timed_out, 1);
	assert_int_equal(look(f)->state, RADIUS_DEAD);
}

static void test_bad_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(use(f, "/nowhere", NULL), -EINVAL);
	assert_null(f->group);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_NAMED(name) cmocka_unit_test_setup_teardown(name, setup_named, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answered),
		TEST(test_in_pieces),
		TEST(test_closed_when_idle),
		TEST(test_closed_under_requests),
		TEST(test_untrusted),
		TEST_NAMED(test_named),
		TEST_NAMED(test_named_otherwise),
		TEST_NAMED(test_not_named),
		TEST(test_no_tls),
		TEST(test_hangs_up),
		TEST(test_garbage),
		TEST(test_silent),
		TEST(test_nobody),
		TEST(test_bad_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
