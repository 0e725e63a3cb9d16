/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Control connections as the PAC sees them: RFC 2637 2.1 to 2.6 (start, stop, echo), 3.1 (states).
 * The peer connects and says SCCRQ; everything else is refused before. What cannot be a message
 * ends the connection at once (1.4, loss of synchronization), and with it its calls.
 *
 * Nothing proves who a peer is before PPP does: connections without a call are bounded, and the
 * oldest of them gives way.
 *
 * Timer: WAIT, CLOCK_PPTP_SETUP_MS, then it is given up; ESTABLISHED, pptp-echo-interval without a
 * message brings an Echo-Request, pptp-echo-timeout after that the peer is dead; STOPPING,
 * CLOCK_PPTP_STOP_MS for the peer's answer and its end of the stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/conf.h"
#include "dump.h"
#include "log.h"
#include "tunnel/pptp/pptp_private.h"

#define OUTER_HEADERS (20 + PPTP_GRE_HEADER_MAX)
#define PPP_HEADER 4 /* address, control, protocol */
#define MTU_UNKNOWN 1500
#define MTU_LEAST 128

static const struct pptp_stream_ops connection_stream_ops;

/* ---- states ---- */

static const char *const state_names[PPTP_STATES] = {
	[PPTP_WAIT] = "wait",
	[PPTP_ESTABLISHED] = "established",
	[PPTP_STOPPING] = "stopping",
	[PPTP_GONE] = "gone",
};

const char *pptp_state_name(enum pptp_state state)
{
	return state_names[state];
}

static void timer_set(struct pptp_connection *c, int64_t ms)
{
	ev_timer_stop(c->pptp->loop, &c->timer);
	if (ms <= 0)
		return;
	ev_timer_set(&c->timer, (double)ms / 1000., 0.);
	ev_timer_start(c->pptp->loop, &c->timer);
}

static int64_t echo_interval_ms(const struct pptp_connection *c)
{
	return (int64_t)c->listener->tunnel->pptp.echo_interval * 1000;
}

static int64_t echo_timeout_ms(const struct pptp_connection *c)
{
	return (int64_t)c->listener->tunnel->pptp.echo_timeout * 1000;
}

static void idle_set(struct pptp_connection *c, bool idle)
{
	struct pptp *p = c->pptp;

	if (c->idle == idle)
		return;
	c->idle = idle;
	if (idle) {
		TAILQ_INSERT_TAIL(&p->idle, c, waiting);
		p->n_idle++;
	} else {
		TAILQ_REMOVE(&p->idle, c, waiting);
		p->n_idle--;
	}
}

/* Freed when the loop comes round: callers up the stack still hold it. */
static void bury(struct pptp_connection *c)
{
	struct pptp *p = c->pptp;

	if (c->state != PPTP_GONE || c->n_calls > 0 || c->dead)
		return;
	c->dead = true;
	TAILQ_INSERT_TAIL(&p->dead, c, waiting);
	ev_prepare_start(p->loop, &p->reap);
}

/* The one place where the state changes. */
static void state_set(struct pptp_connection *c, enum pptp_state state, const char *why)
{
	struct pptp *p = c->pptp;
	char text[PPTP_ADDR_TEXT];

	log_msg(p->log, LOG_DEBUG, PPTP_WHO "%s -> %s: %s", c->id, pptp_addr_text(&c->peer, text),
		state_names[c->state], state_names[state], why);
	c->state = state;
	if (state == PPTP_ESTABLISHED)
		timer_set(c, echo_interval_ms(c));
	else if (state == PPTP_STOPPING)
		timer_set(c, CLOCK_PPTP_STOP_MS);
	if (state != PPTP_GONE)
		return;
	/* unreachable now */
	timer_set(c, 0);
	idle_set(c, false);
	pptp_stream_close(&c->stream);
	bury(c);
}

void pptp_connection_count(struct pptp_connection *c, int more)
{
	c->n_calls += (uint32_t)more;
	c->pptp->counters.calls += (uint32_t)more;
	if (c->state != PPTP_GONE)
		idle_set(c, c->n_calls == 0);
}

/* ---- the end ---- */

static bool lose_one(void *arg)
{
	struct pptp_connection *c = arg;

	if (!LIST_EMPTY(&c->calls))
		pptp_call_lost(LIST_FIRST(&c->calls), c->lose_cause);
	if (!LIST_EMPTY(&c->calls))
		return true;
	bury(c);
	return false;
}

/* No others come: the connection is over, or will be with the next line of the caller. */
static void calls_lose(struct pptp_connection *c, enum cause cause)
{
	struct pptp *p = c->pptp;

	/* what ended it first is why */
	if (LIST_EMPTY(&c->calls) || c->lose.works)
		return;
	c->lose_cause = cause;
	p->user->work(p->user_arg, &c->lose);
}

/* Ids of connections are known to operators only: they need not rest, and a flood of connections
 * that come and go must not use them up. */
static void id_give(struct pptp_connection *c)
{
	struct pptp *p = c->pptp;

	slot_give(p->connection_ids, c->id - PPTP_CONNECTION_FIRST,
		  mono_add_ms(p->io->now(), -CLOCK_SLOT_QUARANTINE_MS));
}

void pptp_connection_free(struct pptp_connection *c)
{
	struct pptp *p = c->pptp;

	work_stop(&c->lose);
	while (!LIST_EMPTY(&c->calls))
		pptp_call_lost(LIST_FIRST(&c->calls), c->lose_cause);
	if (c->state != PPTP_GONE)
		state_set(c, PPTP_GONE, "free");
	bury(c);
	TAILQ_REMOVE(&p->dead, c, waiting);
	id_give(c);
	LIST_REMOVE(c, on_listener);
	p->counters.connections--;
	free(c);
}

bool pptp_connection_give_way(struct pptp *p)
{
	struct pptp_connection *oldest = TAILQ_FIRST(&p->idle);
	char text[PPTP_ADDR_TEXT];

	if (!oldest)
		return false;
	log_drop(p->log, XP_R_T_IDLE, PPTP_WHO "%s, too many without a call", oldest->id,
		 pptp_addr_text(&oldest->peer, text), state_names[oldest->state]);
	state_set(oldest, PPTP_GONE, "too many");
	pptp_connection_free(oldest);
	return true;
}

void pptp_connection_send(struct pptp_connection *c, const struct wbuf *message)
{
	char text[PPTP_ADDR_TEXT];

	if (c->listener->tunnel->ctrl_out_pktdump)
		dump_control(c->pptp->log, pptp_addr_text(&c->peer, text), "out",
			     buf_of(message->base, message->len), NULL);
	pptp_stream_send(&c->stream, message->base, message->len);
}

static void stop_send(struct pptp_connection *c, enum pptp_stop_reason reason)
{
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	pptp_put_stop_request(&w, reason);
	c->pptp->counters.stop_out++;
	pptp_connection_send(c, &w);
}

void pptp_connection_stop(struct pptp_connection *c, enum pptp_stop_reason reason, enum cause cause)
{
	char text[PPTP_ADDR_TEXT];

	if (c->state >= PPTP_STOPPING)
		return;
	log_msg(c->pptp->log, LOG_INFO, PPTP_WHO "ended by us, reason %u, %u calls", c->id,
		pptp_addr_text(&c->peer, text), reason, c->n_calls);
	state_set(c, PPTP_STOPPING, "stop");
	calls_lose(c, cause);
	stop_send(c, reason);
}

void pptp_connection_drop(struct pptp_connection *c, enum cause cause)
{
	if (c->state == PPTP_GONE)
		return;
	calls_lose(c, cause);
	if (c->state == PPTP_ESTABLISHED)
		stop_send(c, PPTP_STOP_SHUTDOWN);
	state_set(c, PPTP_GONE, "drop");
}

static enum xp_reason end_reason(int error)
{
	switch (error) {
	case -EBADMSG:
		return XP_R_T_HEADER;
	case -EMSGSIZE:
		return XP_R_T_LENGTH;
	case -ENOBUFS:
		return XP_R_T_UNREAD;
	default:
		return XP_R_NONE;
	}
}

static void on_ended(void *arg, int error)
{
	struct pptp_connection *c = arg;
	struct log *log = c->pptp->log;
	enum xp_reason reason = end_reason(error);
	const char *why = error ? strerror(-error) : "closed by the peer";
	char text[PPTP_ADDR_TEXT];

	pptp_addr_text(&c->peer, text);
	if (reason != XP_R_NONE)
		log_drop(log, reason, PPTP_WHO "%s, %u calls", c->id, text, state_names[c->state],
			 c->n_calls);
	else if (c->state == PPTP_ESTABLISHED)
		log_msg(log, LOG_INFO, PPTP_WHO "connection lost: %s, %u calls", c->id, text, why,
			c->n_calls);
	calls_lose(c, CAUSE_LOST_CARRIER);
	state_set(c, PPTP_GONE, why);
}

/* ---- echo ---- */

static void echo_send(struct pptp_connection *c)
{
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	c->probing = true;
	timer_set(c, echo_timeout_ms(c));
	pptp_put_echo_request(&w, ++c->echo);
	c->pptp->counters.echo_out++;
	pptp_connection_send(c, &w);
}

static void echo_due(struct pptp_connection *c)
{
	int64_t silence = mono_elapsed_ms(c->heard, c->pptp->io->now());
	char text[PPTP_ADDR_TEXT];

	if (c->probing) {
		c->pptp->counters.echo_timeout++;
		log_msg(c->pptp->log, LOG_NOTICE, PPTP_WHO "no answer to echo; %u calls", c->id,
			pptp_addr_text(&c->peer, text), c->n_calls);
		calls_lose(c, CAUSE_LOST_CARRIER);
		state_set(c, PPTP_GONE, "no answer to echo");
	} else if (silence < echo_interval_ms(c)) {
		timer_set(c, echo_interval_ms(c) - silence);
	} else {
		echo_send(c);
	}
}

static void heard(struct pptp_connection *c)
{
	c->heard = c->pptp->io->now();
	if (!c->probing)
		return;
	c->probing = false;
	if (c->state == PPTP_ESTABLISHED)
		timer_set(c, echo_interval_ms(c));
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct pptp_connection *c = timer->data;
	char text[PPTP_ADDR_TEXT];

	(void)loop;
	(void)revents;
	if (c->state == PPTP_ESTABLISHED) {
		echo_due(c);
		return;
	}
	if (c->state == PPTP_WAIT)
		log_drop(c->pptp->log, XP_R_T_SILENT, PPTP_WHO "no SCCRQ", c->id,
			 pptp_addr_text(&c->peer, text));
	state_set(c, PPTP_GONE, "time-out");
}

/* ---- messages ---- */

static void drop_state(struct pptp_connection *c, const struct pptp_message *message)
{
	char text[PPTP_ADDR_TEXT];

	log_drop(c->pptp->log, XP_R_T_STATE, PPTP_WHO "%s (%u) in state %s", c->id,
		 pptp_addr_text(&c->peer, text), pptp_type_name(message->type), message->type,
		 state_names[c->state]);
}

static void start_reply(struct pptp_connection *c, enum pptp_result result)
{
	const struct conf_tunnel *tunnel = c->listener->tunnel;
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	pptp_put_start_reply(&w, result, pptp_hostname_of(c->pptp, tunnel),
			     tunnel->pptp.vendor_name ? tunnel->pptp.vendor_name : "xpppd");
	c->pptp->counters.sccrp++;
	pptp_connection_send(c, &w);
}

/* Nothing is taken any more; the peer closes when it has read our last message. */
static void finish(struct pptp_connection *c, const char *why)
{
	state_set(c, PPTP_STOPPING, why);
	pptp_stream_finish(&c->stream);
}

static void start_requested(struct pptp_connection *c, const struct pptp_message *message)
{
	struct pptp_start start = { 0 };
	char text[PPTP_ADDR_TEXT];

	c->pptp->counters.sccrq++;
	pptp_addr_text(&c->peer, text);
	if (c->state != PPTP_WAIT) {
		drop_state(c, message);
		start_reply(c, PPTP_START_EXISTS);
		return;
	}
	if (pptp_start_read(message->body, &start) || start.version >> 8 != PPTP_VERSION >> 8) {
		log_drop(c->pptp->log, XP_R_T_VERSION, PPTP_WHO "SCCRQ of version %04x", c->id,
			 text, start.version);
		start_reply(c, PPTP_START_VERSION);
		finish(c, "version");
		return;
	}
	log_escape(c->hostname, sizeof(c->hostname), start.hostname.p, start.hostname.len);
	log_escape(c->vendor, sizeof(c->vendor), start.vendor.p, start.vendor.len);
	log_msg(c->pptp->log, LOG_INFO, PPTP_WHO "established with \"%s\" (%s), tunnel %s", c->id,
		text, c->hostname, c->vendor, c->listener->tunnel->name);
	state_set(c, PPTP_ESTABLISHED, "SCCRQ");
	start_reply(c, PPTP_RESULT_OK);
}

static void stop_requested(struct pptp_connection *c, const struct pptp_message *message)
{
	uint8_t bytes[PPTP_MESSAGE_MAX], reason = 0;
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	char text[PPTP_ADDR_TEXT];

	c->pptp->counters.stop_in++;
	pptp_reason_read(message->body, &reason);
	log_msg(c->pptp->log, LOG_INFO, PPTP_WHO "ended by the peer, reason %u, %u calls", c->id,
		pptp_addr_text(&c->peer, text), reason, c->n_calls);
	calls_lose(c, CAUSE_PEER);
	pptp_put_stop_reply(&w);
	pptp_connection_send(c, &w);
	finish(c, "StopCCRQ");
}

static void echo_requested(struct pptp_connection *c, const struct pptp_message *message)
{
	uint8_t bytes[PPTP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	uint32_t identifier = 0;

	c->pptp->counters.echo_in++;
	pptp_identifier_read(message->body, &identifier);
	pptp_put_echo_reply(&w, identifier);
	pptp_connection_send(c, &w);
}

static void echo_replied(struct pptp_connection *c, const struct pptp_message *message)
{
	uint32_t identifier = 0;

	pptp_identifier_read(message->body, &identifier);
	if (identifier == c->echo)
		c->echoes++;
	else
		drop_state(c, message);
}

static void established_message(struct pptp_connection *c, const struct pptp_message *message)
{
	switch (message->type) {
	case PPTP_SCCRQ:
		start_requested(c, message);
		break;
	case PPTP_STOPCCRQ:
		stop_requested(c, message);
		break;
	case PPTP_ECHO_REQUEST:
		echo_requested(c, message);
		break;
	case PPTP_ECHO_REPLY:
		echo_replied(c, message);
		break;
	case PPTP_OCRQ:
	case PPTP_ICRQ:
	case PPTP_CCR:
	case PPTP_CDN:
	case PPTP_WEN:
	case PPTP_SLI:
		pptp_call_receive(c, message);
		break;
	default:
		drop_state(c, message);
	}
}

static void waiting_message(struct pptp_connection *c, const struct pptp_message *message)
{
	if (message->type == PPTP_SCCRQ) {
		start_requested(c, message);
	} else if (message->type == PPTP_STOPCCRQ) {
		stop_requested(c, message);
	} else {
		drop_state(c, message);
		state_set(c, PPTP_GONE, "no SCCRQ");
	}
}

static void stopping_message(struct pptp_connection *c, const struct pptp_message *message)
{
	if (message->type == PPTP_STOPCCRP)
		state_set(c, PPTP_GONE, "StopCCRP");
	else if (message->type == PPTP_STOPCCRQ)
		stop_requested(c, message);
}

static void on_message(void *arg, struct buf frame)
{
	struct pptp_connection *c = arg;
	struct pptp_message message;
	char text[PPTP_ADDR_TEXT];

	pptp_addr_text(&c->peer, text);
	if (c->listener->tunnel->ctrl_in_pktdump)
		dump_control(c->pptp->log, text, "in", frame, NULL);
	if (pptp_message_parse(frame, &message)) {
		log_drop(c->pptp->log, XP_R_T_LENGTH, PPTP_WHO "message of %zu octets", c->id, text,
			 frame.len);
		pptp_connection_drop(c, CAUSE_LOST_CARRIER);
		return;
	}
	heard(c);
	if (c->state == PPTP_WAIT)
		waiting_message(c, &message);
	else if (c->state == PPTP_ESTABLISHED)
		established_message(c, &message);
	else
		stopping_message(c, &message);
}

static const struct pptp_stream_ops connection_stream_ops = {
	.message = on_message,
	.ended = on_ended,
};

/* ---- a new one ---- */

static uint16_t connection_mtu(int fd)
{
	socklen_t len = sizeof(int);
	int mtu = 0;

	if (getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len) || mtu <= 0)
		mtu = MTU_UNKNOWN;
	if (mtu > UINT16_MAX)
		mtu = UINT16_MAX;
	mtu -= OUTER_HEADERS + PPP_HEADER;
	return (uint16_t)(mtu > MTU_LEAST ? mtu : MTU_LEAST);
}

int pptp_connection_new(struct pptp_listener *listener, int fd, const struct sockaddr_in *local,
			const struct sockaddr_in *peer, struct pptp_connection **out)
{
	struct pptp *p = listener->pptp;
	struct pptp_connection *c = calloc(1, sizeof(*c));
	uint32_t id;
	int r;

	if (!c)
		return -ENOMEM;
	r = slot_take(p->connection_ids, 0, c, p->io->now(), &id);
	if (r) {
		free(c);
		return r;
	}
	c->pptp = p;
	c->listener = listener;
	c->id = PPTP_CONNECTION_FIRST + id;
	c->local = *local;
	c->peer = *peer;
	c->mtu = connection_mtu(fd);
	c->started = c->heard = p->io->now();
	LIST_INIT(&c->calls);
	c->lose = (struct work){ .step = lose_one, .arg = c };
	ev_timer_init(&c->timer, on_timer, 0., 0.);
	c->timer.data = c;
	timer_set(c, CLOCK_PPTP_SETUP_MS);
	c->state = PPTP_WAIT;
	idle_set(c, true);
	LIST_INSERT_HEAD(&listener->connections, c, on_listener);
	p->counters.connections++;
	pptp_stream_open(&c->stream, p->loop, fd, &connection_stream_ops, c);
	*out = c;
	return 0;
}
