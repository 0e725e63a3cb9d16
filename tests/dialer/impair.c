/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "impair.h"

#include <string.h>

#include "access.h"
#include "client.h"

bool impair_is_nth(uint64_t seen, uint32_t n)
{
	return n && seen % n == 0;
}

/* A session that was dialled anew is another one. */
static void send_held(struct client *client, struct held *h)
{
	if (h->call->state == CALL_UP && h->call->dial == h->dial) {
		wr_put(client->access->frame(client, h->call), h->bytes, h->len);
		client->access->queue(client);
	}
	h->call = NULL;
}

static void release_behind(struct client *client, const struct call *call)
{
	struct held *h;

	for (unsigned int i = 0; i < IMPAIR_HELD; i++) {
		h = &client->impair.held[i];
		if (h->call == call && --h->after == 0)
			send_held(client, h);
	}
}

static bool hold(struct client *client, struct call *call, const struct wr *w)
{
	struct held *h;

	for (unsigned int i = 0; i < IMPAIR_HELD && !w->full && w->len <= IMPAIR_SIZE; i++) {
		h = &client->impair.held[i];
		if (h->call)
			continue;
		*h = (struct held){
			.call = call, .dial = call->dial, .after = client->opt.behind, .len = w->len
		};
		memcpy(h->bytes, w->p, w->len);
		return true;
	}
	return false;
}

void impair_send(struct client *client, struct call *call, const struct wr *w)
{
	const struct options *o = &client->opt;
	struct impair *m = &client->impair;

	if (!o->lose && !o->reorder) {
		client->access->queue(client);
		return;
	}
	m->out++;
	if (impair_is_nth(m->out, o->lose)) {
		m->lost_out++;
		return;
	}
	if (impair_is_nth(m->out, o->reorder) && hold(client, call, w)) {
		m->reordered++;
		return;
	}
	client->access->queue(client);
	release_behind(client, call);
}

bool impair_loses(struct client *client)
{
	if (!impair_is_nth(++client->impair.in, client->opt.lose))
		return false;
	client->impair.lost_in++;
	return true;
}

void impair_release(struct client *client)
{
	for (unsigned int i = 0; i < IMPAIR_HELD; i++)
		if (client->impair.held[i].call)
			send_held(client, &client->impair.held[i]);
}
