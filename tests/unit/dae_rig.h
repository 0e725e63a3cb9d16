/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The server of dynamic authorization, configured, asked, and its replies checked. */
#ifndef DAE_RIG_H
#define DAE_RIG_H

#include <setjmp.h>
#include <stdarg.h>

#include "dae_world.h"

#include <cmocka.h>

#include "aaa/dae.h"
#include "conf/conf.h"
#include "log.h"

struct fixture {
	struct ev_loop *loop;
	struct log *log;
	struct conf *conf;
	struct dae *dae;
	uint8_t datagram[RADIUS_MAX + 64], reply[RADIUS_MAX];
	size_t len, reply_len;
};

static const char conf_format[] = "%s\n"
				  "tunnel T protocol pppoe { listen on interface access0 }\n"
				  "ipcp P { pool-address 10.0.0.2-10.0.0.5 }\n"
				  "interface pppac0 address 10.0.0.1 ipcp P\n"
				  "authentication A type local { users-file \"/dev/null\" }\n"
				  "bind tunnel from T authenticated by A to pppac0\n";

static const char conf_usual[] = "radius nas-id \"the nas\"\n"
				 "radius nas-address 192.0.2.1\n"
				 "radius dae client 192.0.2.7 secret " DAE_SECRET "\n"
				 "radius dae client 2001:db8::7 secret six\n";

static inline void configure(struct fixture *f, const char *usual, const char *more)
{
	char options[1024], text[2048];

	snprintf(options, sizeof(options), "%s%s", usual, more);
	snprintf(text, sizeof(text), conf_format, options);
	conf_unref(f->conf);
	f->conf = NULL;
	assert_int_equal(conf_parse(text, strlen(text), "test.conf", stderr, &f->conf), 0);
	dae_configure(f->dae, f->conf);
}

static inline int setup_more(void **state, const char *more)
{
	struct fixture *f = calloc(1, sizeof(*f));

	make_world(3);
	f->loop = ev_loop_new(0);
	f->log = log_new(1, LOG_EMERG);
	assert_int_equal(dae_new(f->loop, &world, f->log, &f->dae), 0);
	configure(f, conf_usual, more);
	*state = f;
	return 0;
}

static inline int setup(void **state)
{
	return setup_more(state, "");
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	dae_free(f->dae);
	conf_unref(f->conf);
	log_free(f->log);
	ev_loop_destroy(f->loop);
	make_world(0);
	free(f);
	return 0;
}

/* The octets of f->datagram. */
static inline size_t deliver(struct fixture *f, const char *from, uint16_t port)
{
	struct dae_path path = path_of(from, port);

	f->reply_len = dae_handle(f->dae, &path, buf_of(f->datagram, f->len), f->reply);
	return f->reply_len;
}

static inline void check_reply(struct fixture *f, const struct request *r)
{
	uint8_t copy[RADIUS_MAX], digest[16];

	assert_int_equal(f->reply[1], r->id);
	assert_int_equal(f->reply[2] << 8 | f->reply[3], f->reply_len);
	memcpy(copy, f->reply, f->reply_len);
	memcpy(copy + 4, f->datagram + 4, 16);
	md5(copy, f->reply_len, r->secret, digest);
	assert_memory_equal(digest, f->reply + 4, 16);
	if (r->unsigned_)
		return;
	assert_int_equal(f->reply[20], 80);
	memset(copy + 22, 0, 16);
	HMAC(EVP_md5(), r->secret, (int)strlen(r->secret), copy, f->reply_len, digest, NULL);
	assert_memory_equal(digest, f->reply + 22, 16);
}

/* Its code; 0: no answer. What it has to prove it proves. */
static inline int exchange(struct fixture *f, const struct request *r)
{
	f->len = request_finish(r, f->datagram);
	if (deliver(f, r->from, r->port) == 0)
		return 0;
	check_reply(f, r);
	return f->reply[0];
}

static inline struct buf reply_attrs(const struct fixture *f)
{
	return buf_of(f->reply + 20, f->reply_len - 20);
}

/* Of the last reply; 0: it has none. */
static inline uint32_t error_cause(const struct fixture *f)
{
	struct buf value;
	uint32_t n = 0;

	if (radius_find(reply_attrs(f), 0, 101, &value))
		assert_int_equal(buf_u32(&value, &n), 0);
	return n;
}

static inline void on_info(void *arg, const struct dae_client_info *info)
{
	if (strchr(info->client, '.'))
		*(struct dae_counters *)arg = *info->counters;
}

static inline struct dae_counters counters(const struct fixture *f)
{
	struct dae_counters c = { 0 };

	dae_info(f->dae, on_info, &c);
	return c;
}

#endif
