/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Timer: for the oldest message under way, CLOCK_L2TP_RETRANSMIT_MS, doubled with each repetition
 * up to CLOCK_L2TP_RETRANSMIT_MAX_MS; after L2TP_CONTROL_RETRIES of them the peer is dead. When it
 * strikes, everything under way counts as not sent and goes out again as the window opens, since
 * many peers forget what comes ahead of its turn.
 */
#include "tunnel/l2tp/l2tp_control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "tunnel/l2tp/l2tp_wire.h"

struct l2tp_control_message {
	TAILQ_ENTRY(l2tp_control_message) entry;
	uint16_t ns;
	uint16_t session_id; /* of one that is kept ahead of its turn */
	bool sent;           /* once at least */
	size_t len;
	uint8_t bytes[];
};

/* Distance of sequence numbers, RFC 2661 5.8: the half behind is old. */
static int distance(uint16_t from, uint16_t to)
{
	return (int16_t)(to - from);
}

static struct l2tp_control_message *message_new(size_t len)
{
	struct l2tp_control_message *m = calloc(1, sizeof(*m) + len);

	if (m)
		m->len = len;
	return m;
}

/* ---- sending ---- */

static uint32_t window_of(const struct l2tp_control *c)
{
	return c->cwnd < c->peer_window ? c->cwnd : c->peer_window;
}

static void timer_start(struct l2tp_control *c)
{
	int64_t ms = (int64_t)CLOCK_L2TP_RETRANSMIT_MS << c->tries;

	if (ms > CLOCK_L2TP_RETRANSMIT_MAX_MS)
		ms = CLOCK_L2TP_RETRANSMIT_MAX_MS;
	ev_timer_stop(c->loop, &c->timer);
	ev_timer_set(&c->timer, (double)ms / 1000., 0.);
	ev_timer_start(c->loop, &c->timer);
}

static void transmit(struct l2tp_control *c, struct l2tp_control_message *m)
{
	struct wbuf w = wbuf_of(m->bytes, m->len);

	w.len = m->len;
	wbuf_patch_u16(&w, L2TP_CONTROL_NS_AT + 2, c->nr);
	if (m->sent) {
		c->counts.retransmits++;
		c->total->retransmits++;
	} else {
		c->fresh = (uint16_t)(m->ns + 1);
	}
	m->sent = true;
	c->ack_due = false;
	c->ops->transmit(c->arg, m->bytes, m->len);
}

/* As much as the window allows. */
static void pump(struct l2tp_control *c)
{
	while (c->next && c->in_flight < window_of(c)) {
		struct l2tp_control_message *m = c->next;

		c->next = TAILQ_NEXT(m, entry);
		c->in_flight++;
		transmit(c, m);
	}
	if (c->in_flight > 0 && !ev_is_active(&c->timer))
		timer_start(c);
}

int l2tp_control_send(struct l2tp_control *c, uint16_t tunnel_id, uint16_t session_id,
		      const struct wbuf *avps)
{
	size_t len = L2TP_CONTROL_HEADER + avps->len;
	struct l2tp_control_message *m;
	struct wbuf w;

	if (c->stopped)
		return -ESHUTDOWN;
	if (avps->overflow || len > L2TP_MESSAGE_MAX)
		return -EMSGSIZE;
	m = message_new(len);
	if (!m)
		return -ENOMEM;
	m->ns = c->ns++;
	w = wbuf_of(m->bytes, len);
	l2tp_control_header_put(&w, (uint16_t)len, tunnel_id, session_id, m->ns, c->nr);
	wbuf_put(&w, avps->base, avps->len);
	TAILQ_INSERT_TAIL(&c->queue, m, entry);
	c->queued++;
	if (!c->next)
		c->next = m;
	pump(c);
	return 0;
}

/* Appendix A: exponential up to ssthresh, then by one for each window that was acknowledged. */
static void window_grow(struct l2tp_control *c)
{
	if (c->cwnd >= c->peer_window)
		return;
	if (c->cwnd < c->ssthresh) {
		c->cwnd++;
	} else if (++c->cwnd_acks >= c->cwnd) {
		c->cwnd++;
		c->cwnd_acks = 0;
	}
}

static void oldest_free(struct l2tp_control *c)
{
	struct l2tp_control_message *m = TAILQ_FIRST(&c->queue);

	if (c->next == m)
		c->next = TAILQ_NEXT(m, entry);
	else
		c->in_flight--;
	TAILQ_REMOVE(&c->queue, m, entry);
	c->queued--;
	free(m);
}

/* -ERANGE: acknowledges what was never sent. */
static int acknowledged(struct l2tp_control *c, uint16_t nr)
{
	const struct l2tp_control_message *m = TAILQ_FIRST(&c->queue);
	bool progress = false;

	if (distance(nr, c->fresh) < 0)
		return -ERANGE;
	/* what was never sent is not before `fresh`, however long the queue is */
	for (; m && m->sent && distance(m->ns, nr) > 0; m = TAILQ_FIRST(&c->queue)) {
		oldest_free(c);
		window_grow(c);
		progress = true;
	}
	if (!progress)
		return 0;
	c->tries = 0;
	ev_timer_stop(c->loop, &c->timer);
	pump(c);
	if (!m)
		c->ops->idle(c->arg);
	return 0;
}

void l2tp_control_repeat(struct l2tp_control *c)
{
	struct l2tp_control_message *m = TAILQ_FIRST(&c->queue);

	if (m && m->sent)
		transmit(c, m);
	else
		c->ack_due = true;
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct l2tp_control *c = timer->data;

	(void)loop;
	(void)revents;
	if (c->tries >= L2TP_CONTROL_RETRIES) {
		c->ops->dead(c->arg);
		return;
	}
	c->tries++;
	c->ssthresh = c->cwnd > 1 ? c->cwnd / 2 : 1;
	c->cwnd = 1;
	c->cwnd_acks = 0;
	c->next = TAILQ_FIRST(&c->queue);
	c->in_flight = 0;
	pump(c);
}

/* ---- receiving ---- */

static void deliver_early(struct l2tp_control *c)
{
	struct l2tp_control_message **place = &c->early[c->nr % L2TP_CONTROL_WINDOW];

	while (!c->stopped && *place) {
		struct l2tp_control_message *m = *place;

		*place = NULL;
		c->kept -= m->len;
		c->nr++;
		c->ops->deliver(c->arg, m->session_id, buf_of(m->bytes, m->len));
		free(m);
		place = &c->early[c->nr % L2TP_CONTROL_WINDOW];
	}
}

void l2tp_control_count_duplicate(struct l2tp_control *c)
{
	c->counts.duplicates++;
	c->total->duplicates++;
}

static enum l2tp_control_verdict keep(struct l2tp_control *c, const struct l2tp_header *h)
{
	struct l2tp_control_message **place = &c->early[h->ns % L2TP_CONTROL_WINDOW];

	if (*place) {
		l2tp_control_count_duplicate(c);
		return L2TP_CONTROL_DUPLICATE;
	}
	if (h->payload.len > L2TP_CONTROL_KEPT_MAX - c->kept)
		return L2TP_CONTROL_BEYOND;
	*place = message_new(h->payload.len);
	if (!*place) /* it comes again */
		return L2TP_CONTROL_BEYOND;
	c->kept += h->payload.len;
	(*place)->session_id = h->session_id;
	memcpy((*place)->bytes, h->payload.p, h->payload.len);
	return L2TP_CONTROL_TAKEN;
}

bool l2tp_control_in_turn(const struct l2tp_control *c, const struct l2tp_header *h)
{
	return h->ns == c->nr && distance(h->nr, c->fresh) >= 0;
}

enum l2tp_control_verdict l2tp_control_receive(struct l2tp_control *c, const struct l2tp_header *h)
{
	int ahead = distance(c->nr, h->ns);

	if (c->stopped || acknowledged(c, h->nr))
		return L2TP_CONTROL_BEYOND;
	if (h->payload.len == 0 || c->stopped) /* ZLB: its ns is not used up */
		return L2TP_CONTROL_TAKEN;
	if (ahead >= L2TP_CONTROL_WINDOW)
		return L2TP_CONTROL_BEYOND;
	c->ack_due = true;
	if (ahead > 0)
		return keep(c, h);
	if (ahead < 0) {
		l2tp_control_count_duplicate(c);
		return L2TP_CONTROL_DUPLICATE;
	}
	c->nr++;
	c->ops->deliver(c->arg, h->session_id, h->payload);
	deliver_early(c);
	return L2TP_CONTROL_TAKEN;
}

void l2tp_control_flush(struct l2tp_control *c, uint16_t tunnel_id)
{
	uint8_t bytes[L2TP_CONTROL_HEADER];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	if (!c->ack_due)
		return;
	c->ack_due = false;
	l2tp_control_header_put(&w, sizeof(bytes), tunnel_id, 0, c->fresh, c->nr);
	c->ops->transmit(c->arg, bytes, sizeof(bytes));
}

/* ---- beginning and end ---- */

void l2tp_control_init(struct l2tp_control *c, struct ev_loop *loop,
		       const struct l2tp_control_ops *ops, void *arg,
		       struct l2tp_control_counts *total)
{
	*c = (struct l2tp_control){
		.loop = loop, .ops = ops, .arg = arg, .cwnd = 1, .total = total
	};
	TAILQ_INIT(&c->queue);
	ev_timer_init(&c->timer, on_timer, 0., 0.);
	c->timer.data = c;
	l2tp_control_set_window(c, L2TP_CONTROL_WINDOW);
}

void l2tp_control_set_window(struct l2tp_control *c, uint16_t window)
{
	c->peer_window = window ? window : 1;
	if (c->peer_window > L2TP_CONTROL_WINDOW_MAX)
		c->peer_window = L2TP_CONTROL_WINDOW_MAX;
	c->ssthresh = c->peer_window;
}

void l2tp_control_quiet(struct l2tp_control *c)
{
	ev_timer_stop(c->loop, &c->timer);
	while (!TAILQ_EMPTY(&c->queue))
		oldest_free(c);
	c->ns = c->fresh;
}

void l2tp_control_hurry(struct l2tp_control *c)
{
	struct l2tp_control_message *m, *before;

	for (m = TAILQ_LAST(&c->queue, l2tp_control_queue); m && !m->sent; m = before) {
		before = TAILQ_PREV(m, l2tp_control_queue, entry);
		if (c->next == m)
			c->next = NULL;
		TAILQ_REMOVE(&c->queue, m, entry);
		c->queued--;
		free(m);
	}
	c->ns = c->fresh;
}

void l2tp_control_stop(struct l2tp_control *c)
{
	if (c->stopped)
		return;
	c->stopped = true;
	l2tp_control_quiet(c);
	for (unsigned int i = 0; i < L2TP_CONTROL_WINDOW; i++) {
		free(c->early[i]);
		c->early[i] = NULL;
	}
}
