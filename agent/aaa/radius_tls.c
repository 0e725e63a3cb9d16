/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RADIUS over TLS (RadSec): RFC 6614, framing RFC 6613 2.6.
 *
 * A connection is opened when there is something to send, and has SETUP_MS to be up. What is to be
 * sent meanwhile is kept; nothing is written outside of the connection's own event, so that
 * sending never ends a connection under its caller. The certificate must be signed by what
 * ca-file says and name the server (server-name, or its address). A connection that ends before
 * it brought an answer is a failure; the next one waits for a while that doubles.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aaa/radius_server.h"
#include "log.h"

#define SETUP_MS 5000
#define OUT_MAX ((size_t)RADIUS_IDS * RADIUS_MAX) /* what all identifiers can need */

struct tls {
	struct radius_channel channel;
	struct ev_io io;
	struct ev_timer setup;
	int fd;
	SSL *ssl;
	bool up;       /* the handshake is done */
	bool fruitful; /* an answer has come */
	uint8_t *out;
	size_t out_len, out_cap;
	uint8_t in[RADIUS_MAX];
	size_t in_len;
};

static struct tls *tls_of(struct radius_channel *channel)
{
	return (struct tls *)(void *)((char *)channel - offsetof(struct tls, channel));
}

static const char *why_ssl(void)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;

	ERR_clear_error();
	return reason ? reason : "the connection was closed";
}

static const char *why_lost(const struct tls *t)
{
	long verified = SSL_get_verify_result(t->ssl);
	socklen_t size = sizeof(int);
	int error = 0;

	if (verified != X509_V_OK)
		return X509_verify_cert_error_string(verified);
	if (!t->up && getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error)
		return strerror(error);
	return why_ssl();
}

/* ---- context ---- */

static int trust(SSL_CTX *ctx, const char *ca_file)
{
	if (ca_file)
		return SSL_CTX_load_verify_file(ctx, ca_file);
	return SSL_CTX_set_default_verify_paths(ctx);
}

/* Names the file that is wrong. */
static const char *fill(SSL_CTX *ctx, const struct radius_server_conf *conf)
{
	const char *key = conf->private_key ? conf->private_key : conf->certificate;

	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
		return "TLS 1.2";
	if (trust(ctx, conf->ca_file) != 1)
		return conf->ca_file ? conf->ca_file : "the system's certificates";
	if (!conf->certificate)
		return NULL;
	if (SSL_CTX_use_certificate_chain_file(ctx, conf->certificate) != 1)
		return conf->certificate;
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		return key;
	return NULL;
}

int radius_tls_configure(struct radius_server *s)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char text[RADIUS_ADDR_TEXT];
	const char *wrong;

	if (!ctx)
		return -ENOMEM;
	wrong = fill(ctx, &s->conf);
	if (wrong) {
		log_msg(s->radius->log, LOG_ERR, "RADIUS server %s: %s: %s",
			radius_server_text(s, text), wrong, why_ssl());
		SSL_CTX_free(ctx);
		return -EINVAL;
	}
	radius_tls_free(s->tls);
	s->tls = ctx;
	return 0;
}

void radius_tls_free(void *tls)
{
	SSL_CTX_free(tls);
}

/* ---- connection ---- */

static void watch(struct tls *t, int events)
{
	struct ev_loop *loop = t->channel.server->radius->loop;

	if (ev_is_active(&t->io) && (t->io.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(loop, &t->io);
	ev_io_set(&t->io, t->fd, events);
	ev_io_start(loop, &t->io);
}

/* 0: go on; 1: wait for the socket, which is watched accordingly; negative: it is over. */
static int outcome(struct tls *t, int r)
{
	switch (SSL_get_error(t->ssl, r)) {
	case SSL_ERROR_NONE:
		return 0;
	case SSL_ERROR_WANT_READ:
		watch(t, EV_READ);
		return 1;
	case SSL_ERROR_WANT_WRITE:
		watch(t, EV_READ | EV_WRITE);
		return 1;
	default:
		return -ECONNRESET;
	}
}

static int shake_hands(struct tls *t)
{
	char text[RADIUS_ADDR_TEXT];
	struct radius_server *s = t->channel.server;
	int r;

	ERR_clear_error();
	r = outcome(t, SSL_connect(t->ssl));
	if (r != 0)
		return r;
	t->up = true;
	ev_timer_stop(s->radius->loop, &t->setup);
	log_msg(s->radius->log, LOG_INFO, "RADIUS server %s: %s, %s", radius_server_text(s, text),
		SSL_get_version(t->ssl), SSL_get_cipher_name(t->ssl));
	return 0;
}

/* Each packet in a record of its own: FreeRADIUS 3.2 takes two in one for a bad one. */
static int write_out(struct tls *t)
{
	size_t at = 0, done;
	int r = 0;

	while (r == 0 && at < t->out_len) {
		size_t len = (size_t)t->out[at + 2] << 8 | t->out[at + 3];

		ERR_clear_error();
		r = outcome(t, SSL_write_ex(t->ssl, t->out + at, len, &done));
		if (r == 0)
			at += len;
	}
	t->out_len -= at;
	memmove(t->out, t->out + at, t->out_len);
	if (r == 0)
		watch(t, EV_READ);
	return r;
}

/* Takes whole packets off the stream; false: what comes is not RADIUS. */
static bool take_packets(struct tls *t)
{
	struct buf stream = buf_of(t->in, t->in_len), packet, head;
	uint16_t len;

	for (;;) {
		head = stream;
		if (buf_skip(&head, 2) < 0 || buf_u16(&head, &len) < 0)
			break;
		if (len < RADIUS_HEADER || len > RADIUS_MAX) {
			radius_server_bad(t->channel.server, RADIUS_BAD_LENGTH);
			return false;
		}
		if (buf_take(&stream, len, &packet) < 0)
			break;
		t->fruitful |= radius_server_input(&t->channel, packet);
	}
	memmove(t->in, stream.p, stream.len);
	t->in_len = stream.len;
	return true;
}

static int read_in(struct tls *t)
{
	unsigned int n = 0;
	size_t done;
	int r;

	do {
		ERR_clear_error();
		r = SSL_read_ex(t->ssl, t->in + t->in_len, sizeof(t->in) - t->in_len, &done);
		if (r != 1)
			return outcome(t, r);
		t->in_len += done;
		if (!take_packets(t))
			return -EPROTO;
	} while (n++ < RADIUS_BATCH || SSL_pending(t->ssl) > 0);
	return 0;
}

static void on_ready(struct ev_loop *loop, struct ev_io *io, int revents)
{
	struct tls *t = io->data;
	struct radius_server *s = t->channel.server;
	int r = t->up ? 0 : shake_hands(t);

	(void)loop;
	(void)revents;
	radius_server_ref(s);
	if (r == 0)
		r = read_in(t);
	if (r >= 0 && t->up)
		r = write_out(t);
	if (r < 0)
		radius_server_lost(&t->channel, !t->fruitful, why_lost(t));
	radius_server_unref(s);
}

static void on_setup_over(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct tls *t = timer->data;

	(void)loop;
	(void)revents;
	radius_server_lost(&t->channel, true, "no TLS connection in time");
}

/* ---- transport ---- */

static int expect_identity(SSL *ssl, const struct radius_server_conf *conf)
{
	const struct sockaddr_in *a4 = (const void *)&conf->addr;
	const struct sockaddr_in6 *a6 = (const void *)&conf->addr;
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (conf->server_name)
		return SSL_set1_host(ssl, conf->server_name) &&
		       SSL_set_tlsext_host_name(ssl, conf->server_name);
	if (a4->sin_family == AF_INET)
		return X509_VERIFY_PARAM_set1_ip(param, (const void *)&a4->sin_addr,
						 sizeof(a4->sin_addr));
	return X509_VERIFY_PARAM_set1_ip(param, (const void *)&a6->sin6_addr,
					 sizeof(a6->sin6_addr));
}

static int connect_to(const struct radius_server *s)
{
	const struct sockaddr_storage *to = &s->conf.addr;
	socklen_t size =
		to->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	r = radius_server_bind(s, fd);
	if (r == 0 && (connect(fd, (const void *)to, size) == 0 || errno == EINPROGRESS))
		return fd;
	r = r < 0 ? r : -errno;
	close(fd);
	return r;
}

static void tls_free(struct tls *t)
{
	SSL_free(t->ssl);
	if (t->fd >= 0)
		close(t->fd);
	if (t->out)
		explicit_bzero(t->out, t->out_cap);
	free(t->out);
	free(t);
}

static int tls_open(struct radius_server *s, struct radius_channel **channel)
{
	struct tls *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->fd = connect_to(s);
	r = t->fd < 0 ? t->fd : -ENOMEM;
	t->ssl = SSL_new(s->tls);
	if (t->fd < 0 || !t->ssl || SSL_set_fd(t->ssl, t->fd) != 1 ||
	    expect_identity(t->ssl, &s->conf) != 1) {
		tls_free(t);
		return r;
	}
	ev_io_init(&t->io, on_ready, t->fd, EV_WRITE);
	t->io.data = t;
	ev_io_start(s->radius->loop, &t->io);
	ev_timer_init(&t->setup, on_setup_over, SETUP_MS / 1000.0, 0);
	t->setup.data = t;
	ev_timer_start(s->radius->loop, &t->setup);
	*channel = &t->channel;
	return 0;
}

static void tls_close(struct radius_channel *channel)
{
	struct tls *t = tls_of(channel);

	ev_io_stop(channel->server->radius->loop, &t->io);
	ev_timer_stop(channel->server->radius->loop, &t->setup);
	if (t->up)
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	tls_free(t);
}

static bool make_room(struct tls *t, size_t len)
{
	size_t cap = t->out_cap ? t->out_cap : 4 * RADIUS_MAX;
	uint8_t *larger;

	if (t->out_len + len > OUT_MAX)
		return false;
	while (cap < t->out_len + len)
		cap *= 2;
	if (cap == t->out_cap)
		return true;
	larger = malloc(cap);
	if (!larger)
		return false;
	if (t->out) {
		memcpy(larger, t->out, t->out_len);
		explicit_bzero(t->out, t->out_cap);
		free(t->out);
	}
	t->out = larger;
	t->out_cap = cap;
	return true;
}

static void tls_send(struct radius_channel *channel, const uint8_t *packet, size_t len)
{
	struct tls *t = tls_of(channel);

	if (!make_room(t, len))
		return;
	memcpy(t->out + t->out_len, packet, len);
	t->out_len += len;
	if (t->up)
		watch(t, EV_READ | EV_WRITE);
}

const struct radius_transport radius_tls = {
	.max_channels = RADIUS_TLS_CHANNELS,
	.reliable = true,
	.open = tls_open,
	.close = tls_close,
	.send = tls_send,
};
