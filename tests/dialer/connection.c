/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call.h"
#include "client.h"
#include "lcp.h"
#include "pptp.h"

#define NAME_FIELD 64
#define OUT_MAX (1 << 20)

enum pptp_length {
	LENGTH_SCCRQ = 156,
	LENGTH_STOP = 16,
	LENGTH_ECHO_REQUEST = 16,
	LENGTH_ECHO_REPLY = 20,
	LENGTH_OCRQ = 168,
	LENGTH_OCRP = 32,
	LENGTH_CALL_CLEAR = 16,
	LENGTH_CDN = 148,
	LENGTH_SLI = 24,
};

#define RESULT_OK 1
#define STOP_REASON_LOCAL 3

void connection_init(struct connection *c, uint32_t nth)
{
	c->nth = nth;
	c->fd = -1;
}

static void close_socket(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	free(c->out);
	c->out = NULL;
	c->in_len = c->out_len = c->out_cap = 0;
}

void connection_free(struct connection *c)
{
	close_socket(c);
}

/* Every call that counts on the connection. */
#define for_each_call(client, c, i)                                                                \
	for (uint32_t i = (c)->nth; i < (client)->opt.sessions; i += (client)->opt.tunnels)

static void arm(struct client *client, struct connection *c, int64_t ms)
{
	wheel_arm(&client->pptp->wheel, &c->timer, client->now + ms * 1000000);
}

static void connection_set_state(struct client *client, struct connection *c,
				 enum connection_state state)
{
	const struct options *o = &client->opt;
	struct pptp_stats *s = &client->pptp->stats;

	if (c->state == CONNECTION_UP && state == CONNECTION_IDLE)
		s->lost++;
	c->state = state;
	wheel_cancel(&c->timer);
	if (state == CONNECTION_IDLE) {
		close_socket(c);
	} else if (state == CONNECTION_UP) {
		c->ever_up = true;
		c->echo_missed = 0;
		s->established++;
		if (o->hello_interval > 0)
			arm(client, c, o->hello_interval * 1000);
	} else if (state == CONNECTION_CLOSING) {
		arm(client, c, o->control_timeout);
	} else {
		arm(client, c, (int64_t)o->control_timeout * o->control_tries);
	}
}

/* The connection is gone: what its calls had is gone with it. */
static void ended(struct client *client, struct connection *c, enum fault fault)
{
	struct call *call;

	connection_set_state(client, c, CONNECTION_IDLE);
	for_each_call(client, c, i)
	{
		call = &client->calls[i];
		if (call->state == CALL_UP)
			traffic_leave(client, call);
		if (call->state == CALL_UP || call->state == CALL_CLOSING)
			call_ended_by_server(client, call, true);
		else if (call->state >= CALL_SEEK)
			call_fail(client, call, fault);
	}
}

/* ---- the socket */

static void watch(struct client *client, struct connection *c, int operation)
{
	struct epoll_event event = { .events = EPOLLIN | (c->out_len ? EPOLLOUT : 0),
				     .data.u32 = c->nth };

	if (c->state == CONNECTION_CONNECTING)
		event.events |= EPOLLOUT;
	epoll_ctl(client->pptp->epoll, operation, c->fd, &event);
}

/* With --segment each piece goes into a TCP segment of its own. */
static bool write_out(struct client *client, struct connection *c)
{
	size_t most = client->opt.segment ? client->opt.segment : OUT_MAX;
	ssize_t n;

	while (c->out_len) {
		n = send(c->fd, c->out, c->out_len < most ? c->out_len : most, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->out_len -= n;
		memmove(c->out, c->out + n, c->out_len);
	}
	return true;
}

static void send_message(struct client *client, struct connection *c, const struct wr *w)
{
	size_t want = c->out_len + w->len;
	uint8_t *grown = c->out;

	if (c->fd < 0)
		return;
	if (want > c->out_cap) {
		grown = want > OUT_MAX ? NULL : realloc(c->out, want * 2);
		if (!grown)
			return; /* the server does not read; our timer ends it */
		c->out = grown;
		c->out_cap = want * 2;
	}
	memcpy(c->out + c->out_len, w->p, w->len);
	c->out_len += w->len;
	client->pptp->stats.sent++;
	write_out(client, c); /* an error comes up again when it is read */
	watch(client, c, EPOLL_CTL_MOD);
}

void connection_open(struct client *client, struct connection *c)
{
	const union endpoint *server = &client->opt.server;
	int on = 1;

	c->fd = socket(server->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	connection_set_state(client, c, CONNECTION_CONNECTING);
	if (c->fd < 0 || bind(c->fd, &client->opt.local.any, endpoint_len(server)) < 0 ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    (connect(c->fd, &server->any, endpoint_len(server)) < 0 && errno != EINPROGRESS)) {
		ended(client, c, FAULT_TUNNEL_REFUSED);
		return;
	}
	watch(client, c, EPOLL_CTL_ADD);
}

/* ---- sending */

void pptp_put_header(struct wr *w, enum pptp_type type, uint16_t len)
{
	wr_u16(w, len);
	wr_u16(w, 1);
	wr_u32(w, PPTP_COOKIE);
	wr_u16(w, type);
	wr_u16(w, 0);
}

static void put_name(struct wr *w, const char *name)
{
	size_t len = strnlen(name, NAME_FIELD);

	wr_put(w, name, len);
	wr_fill(w, 0, NAME_FIELD - len);
}

void pptp_put_sccrq(struct wr *w, const char *host_name)
{
	pptp_put_header(w, PPTP_SCCRQ, LENGTH_SCCRQ);
	wr_u16(w, 0x0100);
	wr_u16(w, 0);
	wr_u32(w, 3); /* framing */
	wr_u32(w, 3); /* bearer */
	wr_u16(w, 0);
	wr_u16(w, 1);
	put_name(w, host_name);
	put_name(w, "dialer");
}

static void send_sccrq(struct client *client, struct connection *c)
{
	uint8_t bytes[LENGTH_SCCRQ];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	pptp_put_sccrq(&w, client->opt.host_name);
	send_message(client, c, &w);
}

/* A message of four bytes behind the header. */
static void send_short(struct client *client, struct connection *c, enum pptp_type type,
		       uint32_t content)
{
	uint8_t bytes[LENGTH_STOP];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	pptp_put_header(&w, type, sizeof(bytes));
	wr_u32(&w, content);
	send_message(client, c, &w);
}

void connection_call(struct client *client, struct connection *c, struct call *call)
{
	const struct options *o = &client->opt;
	uint8_t bytes[LENGTH_OCRQ];
	struct wr w = { bytes, 0, sizeof(bytes), false };
	char number[256] = "";

	if (o->called)
		plan_expand(o->called, call_number(client, call), call->mac, number,
			    sizeof(number));
	call->local_sid = pptp_call_id(client, call);
	pptp_put_header(&w, PPTP_OCRQ, LENGTH_OCRQ);
	wr_u16(&w, call->local_sid);
	wr_u16(&w, call->nth);
	wr_u32(&w, 300);
	wr_u32(&w, 100000000);
	wr_u32(&w, 3);
	wr_u32(&w, 3);
	wr_u16(&w, o->window);
	wr_u16(&w, 0);
	wr_u16(&w, strnlen(number, NAME_FIELD));
	wr_u16(&w, 0);
	put_name(&w, number);
	put_name(&w, "");
	send_message(client, c, &w);
	call_advance(client, call, CALL_REQUEST);
}

static void send_link_info(struct client *client, struct connection *c, const struct call *call)
{
	uint8_t bytes[LENGTH_SLI];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	pptp_put_header(&w, PPTP_SLI, LENGTH_SLI);
	wr_u16(&w, call->sid);
	wr_u16(&w, 0);
	wr_u32(&w, UINT32_MAX);
	wr_u32(&w, UINT32_MAX);
	send_message(client, c, &w);
}

void connection_hang_up(struct client *client, struct connection *c, struct call *call)
{
	send_short(client, c, PPTP_CALL_CLEAR, (uint32_t)call->local_sid << 16);
}

void connection_close(struct client *client, struct connection *c)
{
	connection_set_state(client, c, CONNECTION_CLOSING);
	send_short(client, c, PPTP_STOPCCRQ, (uint32_t)STOP_REASON_LOCAL << 24);
}

static void send_echo(struct client *client, struct connection *c)
{
	if (c->echo_missed++ >= client->opt.control_tries) {
		client->pptp->stats.timeouts++;
		ended(client, c, FAULT_TUNNEL_TIMEOUT);
		return;
	}
	client->pptp->stats.echo_sent++;
	send_short(client, c, PPTP_ECHO_REQUEST, ++c->echo);
	arm(client, c, client->opt.hello_interval * 1000);
}

static void answer_echo(struct client *client, struct connection *c, uint32_t identifier)
{
	uint8_t bytes[LENGTH_ECHO_REPLY];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	pptp_put_header(&w, PPTP_ECHO_REPLY, LENGTH_ECHO_REPLY);
	wr_u32(&w, identifier);
	wr_u32(&w, (uint32_t)RESULT_OK << 24);
	send_message(client, c, &w);
}

void connection_expired(struct client *client, struct connection *c)
{
	if (c->state == CONNECTION_UP) {
		send_echo(client, c);
		return;
	}
	client->pptp->stats.timeouts++;
	ended(client, c, FAULT_TUNNEL_TIMEOUT);
}

/* ---- receiving */

static void note(struct pptp_result *r, uint8_t result, uint8_t error)
{
	r->count++;
	r->result = result;
	r->error = error;
}

/* Contents are read at their places in the message (RFC 2637 2); lengths are checked before. */

static void sccrp_input(struct client *client, struct connection *c, const uint8_t *m)
{
	if (c->state != CONNECTION_OPENING) {
		client->pptp->stats.unexpected++;
		return;
	}
	if (m[14] != RESULT_OK || wire_get16(m + 12) != 0x0100) {
		note(&client->pptp->stats.refused, m[14], m[15]);
		ended(client, c, FAULT_TUNNEL_REFUSED);
		return;
	}
	connection_set_state(client, c, CONNECTION_UP);
	for_each_call(client, c, i) if (client->calls[i].state == CALL_SEEK)
		connection_call(client, c, &client->calls[i]);
}

static void ocrp_input(struct client *client, struct connection *c, const uint8_t *m)
{
	struct call *call = pptp_call(client, wire_get16(m + 14));
	struct pptp_stats *s = &client->pptp->stats;

	if (!call || pptp_connection(client, call) != c || call->state != CALL_REQUEST) {
		s->unexpected++;
		return;
	}
	if (m[16] != RESULT_OK || wire_get16(m + 12) == 0) {
		note(&s->disconnected, m[16], m[17]);
		call->local_sid = 0;
		call_fail(client, call, FAULT_CALL_REFUSED);
		return;
	}
	call->sid = wire_get16(m + 12);
	client->pptp->server_window = wire_get16(m + 24);
	pptp_begin_call(client, call);
	send_link_info(client, c, call);
	call_advance(client, call, CALL_LCP);
	lcp_start(client, call);
}

static void cdn_input(struct client *client, struct connection *c, const uint8_t *m)
{
	uint16_t id = wire_get16(m + 12);
	struct call *call;

	for_each_call(client, c, i)
	{
		call = &client->calls[i];
		if (!call->local_sid || call->sid != id)
			continue;
		note(&client->pptp->stats.disconnected, m[14], m[15]);
		call->local_sid = 0;
		if (call->state == CALL_UP)
			traffic_leave(client, call);
		call_ended_by_server(client, call, true);
		return;
	}
	client->pptp->stats.hung_up++;
}

static void stop_input(struct client *client, struct connection *c, const uint8_t *m)
{
	note(&client->pptp->stats.stopped, m[12], 0);
	send_short(client, c, PPTP_STOPCCRP, (uint32_t)RESULT_OK << 24);
	ended(client, c, FAULT_TUNNEL_REFUSED);
}

static void echo_input(struct client *client, struct connection *c, const uint8_t *m, bool reply)
{
	struct pptp_stats *s = &client->pptp->stats;

	if (!reply) {
		s->echo_received++;
		if (!client->opt.no_control_echo)
			answer_echo(client, c, wire_get32(m + 12));
	} else if (wire_get32(m + 12) == c->echo && m[16] == RESULT_OK) {
		s->echo_answered++;
		c->echo_missed = 0;
	} else {
		s->unexpected++;
	}
}

static uint16_t length_of(uint16_t type)
{
	static const uint8_t lengths[] = {
		[PPTP_SCCRP] = LENGTH_SCCRQ,
		[PPTP_STOPCCRQ] = LENGTH_STOP,
		[PPTP_STOPCCRP] = LENGTH_STOP,
		[PPTP_ECHO_REQUEST] = LENGTH_ECHO_REQUEST,
		[PPTP_ECHO_REPLY] = LENGTH_ECHO_REPLY,
		[PPTP_OCRP] = LENGTH_OCRP,
		[PPTP_CDN] = LENGTH_CDN,
		[PPTP_SLI] = LENGTH_SLI,
	};

	return type < sizeof(lengths) ? lengths[type] : 0;
}

static void message_input(struct client *client, struct connection *c, const uint8_t *m)
{
	client->pptp->stats.received++;
	switch (wire_get16(m + 8)) {
	case PPTP_SCCRP:
		sccrp_input(client, c, m);
		break;
	case PPTP_STOPCCRQ:
		stop_input(client, c, m);
		break;
	case PPTP_STOPCCRP:
		ended(client, c, FAULT_TUNNEL_REFUSED);
		break;
	case PPTP_ECHO_REQUEST:
	case PPTP_ECHO_REPLY:
		echo_input(client, c, m, wire_get16(m + 8) == PPTP_ECHO_REPLY);
		break;
	case PPTP_OCRP:
		ocrp_input(client, c, m);
		break;
	case PPTP_CDN:
		cdn_input(client, c, m);
		break;
	case PPTP_SLI:
		client->pptp->stats.link_info++;
		break;
	}
}

/* Takes whole messages out of what has come. False: it is not PPTP. */
static bool messages_input(struct client *client, struct connection *c)
{
	uint8_t m[PPTP_MESSAGE_MAX];
	uint16_t len;

	while (c->in_len >= PPTP_HEADER) {
		len = wire_get16(c->in);
		if (wire_get16(c->in + 2) != 1 || wire_get32(c->in + 4) != PPTP_COOKIE ||
		    !length_of(wire_get16(c->in + 8)) || len != length_of(wire_get16(c->in + 8)))
			return false;
		if (c->in_len < len)
			return true;
		memcpy(m, c->in, len);
		c->in_len -= len;
		memmove(c->in, c->in + len, c->in_len);
		message_input(client, c, m);
	}
	return true;
}

static void connected(struct client *client, struct connection *c)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error) {
		ended(client, c, FAULT_TUNNEL_REFUSED);
		return;
	}
	connection_set_state(client, c, CONNECTION_OPENING);
	send_sccrq(client, c);
}

void connection_ready(struct client *client, struct connection *c)
{
	ssize_t n = 1;

	if (c->state == CONNECTION_CONNECTING) {
		connected(client, c);
		return;
	}
	while (c->fd >= 0) {
		n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, 0);
		if (n <= 0)
			break;
		c->in_len += n;
		if (!messages_input(client, c)) {
			client->stats.protocol_errors++;
			ended(client, c, FAULT_TUNNEL_REFUSED);
		}
	}
	if (c->fd < 0)
		return;
	if (n == 0 || (errno != EAGAIN && errno != EINTR) || !write_out(client, c))
		ended(client, c, FAULT_TUNNEL_REFUSED);
	else
		watch(client, c, EPOLL_CTL_MOD);
}
