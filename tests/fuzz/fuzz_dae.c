/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Requests for dynamic authorization into the real server. The input is a list of steps: a byte
 * that says what (see enum step), a length (2) and as many bytes. Most are signed here, or nothing
 * would come further than the authenticator.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/dae_world.h"
#include "aaa/dae.h"
#include "buf.h"
#include "conf/conf.h"
#include "log.h"

enum step {
	STEP_RAW,        /* a datagram as it is */
	STEP_COA,        /* attributes */
	STEP_DISCONNECT, /* likewise */
	STEP_MAX,
	STEP_SIX = 0x20,      /* bits: of the client with an IPv6 address */
	STEP_UNSIGNED = 0x40, /* without Message-Authenticator */
	STEP_AGAIN = 0x80,    /* delivered twice */
};

static const char text[] = "radius nas-id \"the nas\"\n"
			   "radius nas-address 192.0.2.1\n"
			   "radius dae client 192.0.2.7 secret " DAE_SECRET "\n"
			   "radius dae client 2001:db8::7 secret " DAE_SECRET "\n"
			   "radius dae require-message-authenticator no\n"
			   "radius dae event-timestamp-window 0\n"
			   "tunnel T protocol pppoe { listen on interface access0 }\n"
			   "ipcp P { pool-address 10.0.0.2-10.0.0.5 }\n"
			   "interface pppac0 address 10.0.0.1 ipcp P\n"
			   "authentication A type local { users-file \"/dev/null\" }\n"
			   "bind tunnel from T authenticated by A to pppac0\n";

static struct ev_loop *loop;
static struct log *log_;
static struct conf *conf;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	loop = ev_loop_new(0);
	log_ = log_new(1, LOG_EMERG);
	if (conf_parse(text, sizeof(text) - 1, "fuzz", stderr, &conf) < 0)
		abort();
	return 0;
}

/* Whatever was asked, what is answered is a packet, and of the kind that was asked for. */
static void check_reply(const uint8_t *reply, size_t len, uint8_t code)
{
	struct radius_packet packet;

	if (len == 0)
		return;
	if (radius_parse(buf_of(reply, len), &packet) != RADIUS_GOOD || packet.whole.len != len ||
	    packet.code <= code || packet.code > code + 2)
		abort();
}

static void deliver(struct dae *dae, uint8_t step, const uint8_t *datagram, size_t len)
{
	struct dae_path path = path_of(step & STEP_SIX ? "2001:db8::7" : "192.0.2.7", 40000);
	uint8_t first[RADIUS_MAX], second[RADIUS_MAX];
	size_t n = dae_handle(dae, &path, buf_of(datagram, len), first);

	check_reply(first, n, len > 0 ? datagram[0] : 0);
	if (step & STEP_AGAIN && (dae_handle(dae, &path, buf_of(datagram, len), second) != n ||
				  memcmp(first, second, n) != 0))
		abort();
}

static void signed_step(struct dae *dae, uint8_t step, uint8_t code, struct buf attrs)
{
	uint8_t datagram[RADIUS_MAX + 64];
	struct request r;

	if (attrs.len > RADIUS_MAX - 20)
		return;
	request_begin(&r, code);
	r.id = 0; /* the same input is the same request */
	r.unsigned_ = step & STEP_UNSIGNED;
	memcpy(r.storage, attrs.p, attrs.len);
	r.attrs.len = attrs.len;
	deliver(dae, step, datagram, request_finish(&r, datagram));
}

static void run_step(struct dae *dae, uint8_t step, struct buf bytes)
{
	switch (step % 0x20 % STEP_MAX) {
	case STEP_RAW:
		deliver(dae, step, bytes.p, bytes.len);
		break;
	case STEP_COA:
		signed_step(dae, step, RADIUS_COA_REQUEST, bytes);
		break;
	default:
		signed_step(dae, step, RADIUS_DISCONNECT_REQUEST, bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in = buf_of(data, size), bytes;
	struct dae *dae;
	uint16_t len;
	uint8_t step;

	make_world(3);
	if (dae_new(loop, &world, log_, &dae) < 0)
		abort();
	dae_configure(dae, conf);
	while (buf_u8(&in, &step) == 0 && buf_u16(&in, &len) == 0 &&
	       buf_take(&in, len < in.len ? len : in.len, &bytes) == 0)
		run_step(dae, step, bytes);
	dae_free(dae);
	make_world(0);
	return 0;
}
