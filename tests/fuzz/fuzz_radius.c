/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Datagrams from a RADIUS server into the real client, which has a login under way, and what it
 * believes into the real reading of logins. The first byte says how: bits 0 to 2 the method of the
 * login, RAW: the rest is a datagram as it is. Otherwise it is a code and attributes, signed
 * as the server would, since no input could guess that.
 */
#include <arpa/inet.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/profile.h"
#include "aaa/radius_auth.h"
#include "aaa/radius_server.h"
#include "conf/conf.h"
#include "conf/init.h"

#define SECRET "fuzz"
#define RAW 0x80
#define SIGNED 0x40 /* with a Message-Authenticator */

static struct {
	struct radius *radius;
	struct radius_group *group;
	struct radius_job *job;
	enum ppp_auth method;
} fuzz;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct conf_addr addr = { .secret = (char *)SECRET };
	struct sockaddr_in *a = (void *)&addr.addr;
	struct conf_auth auth;

	(void)argc;
	(void)argv;
	conf_auth_init(&auth, CONF_AUTH_RADIUS);
	a->sin_family = AF_INET;
	a->sin_port = htons(9);
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	STAILQ_INSERT_TAIL(&auth.authentication.servers, &addr, entry);
	auth.authentication.require_message_authenticator = false;
	if (radius_new(ev_default_loop(0), NULL, &fuzz.radius) < 0 ||
	    radius_group_new(fuzz.radius, &auth.authentication, RADIUS_AUTHENTICATION,
			     &fuzz.group) < 0)
		abort();
	return 0;
}

static void on_done(void *owner, int result, const struct radius_reply *reply)
{
	struct radius_auth auth = { .method = fuzz.method, .username = "user" };
	struct aaa_result r = { 0 };
	uint8_t eap[RADIUS_MAX];

	(void)owner;
	fuzz.job = NULL;
	if (result < 0)
		return;
	radius_auth_read(&auth, reply, &r, eap);
	profile_free(r.profile);
	aaa_state_free(r.state);
}

static void input_signed(struct radius_channel *c, uint8_t how, struct buf in)
{
	uint8_t request[RADIUS_HEADER + 18] = { RADIUS_ACCESS_REQUEST, fuzz.job->ids[0].id, 0 };
	uint8_t out[RADIUS_MAX], code = RADIUS_ACCESS_ACCEPT;
	struct radius_attrs attrs;
	size_t len = how & SIGNED ? sizeof(request) : RADIUS_HEADER;
	int n;

	buf_u8(&in, &code);
	attrs = (struct radius_attrs){ .data = (uint8_t *)in.p, .len = in.len };
	request[3] = (uint8_t)len;
	request[RADIUS_HEADER] = RADIUS_MESSAGE_AUTHENTICATOR;
	request[RADIUS_HEADER + 1] = 18;
	memcpy(request + 4, fuzz.job->ids[0].authenticator, RADIUS_AUTHENTICATOR);
	n = radius_finish_reply(&attrs, code, SECRET, buf_of(request, len), out);
	if (n > 0)
		radius_server_input(c, buf_of(out, (size_t)n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in = buf_of(data, size);
	struct radius_attrs none = { 0 };
	struct radius_channel *c;
	uint8_t how;

	if (buf_u8(&in, &how) < 0)
		return 0;
	fuzz.method = (enum ppp_auth)(how & 7);
	if (radius_send(fuzz.group, RADIUS_ACCESS_REQUEST, &none, 0, on_done, NULL, &fuzz.job) < 0)
		abort();
	c = fuzz.job->ids[0].channel;
	if (how & RAW)
		radius_server_input(c, in);
	else
		input_signed(c, how, in);
	radius_cancel(fuzz.job);
	return 0;
}
