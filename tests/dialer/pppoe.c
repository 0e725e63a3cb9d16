/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions over PPPoE: which session a frame belongs to, and whether it is right for it. */
#include <string.h>

#include "access.h"
#include "client.h"
#include "discovery.h"
#include "ppp.h"

#define RECEIVE_BURST 512

static void session_input(struct client *client, struct call *call, const struct frame *f)
{
	struct rd r = f->payload;
	struct pppoe_header h;

	if (!wire_parse_pppoe(&r, &h) || h.code != 0) {
		client->stats.malformed++;
		return;
	}
	if (!call->sid || h.sid != call->sid) {
		if (h.sid && h.sid == call->old_sid)
			client->stats.late_frames++;
		else
			client->stats.misdirected++;
		return;
	}
	if (memcmp(f->src, call->ac_mac, WIRE_MAC) != 0) {
		client->stats.misdirected++;
		return;
	}
	ppp_input(client, call, r);
}

static void frame_input(struct client *client, const struct frame *f)
{
	struct call *call = client_find(client, f->dst);

	if (!call)
		return; /* another dialer's */
	if (!wire_vlans_equal(&f->vlans, &call->vlans))
		client->stats.misdirected++;
	else if (f->type == WIRE_TYPE_DISCOVERY)
		discovery_input(client, call, f);
	else if (f->type == WIRE_TYPE_SESSION)
		session_input(client, call, f);
}

static bool pppoe_receive(struct client *client)
{
	struct frame f;
	unsigned int n;

	for (n = 0; n < RECEIVE_BURST && io_next(client->io, &f); n++) {
		client->now = pace_clock();
		frame_input(client, &f);
	}
	return n > 0;
}

static int pppoe_open(struct client *client, const char **what)
{
	const struct options *o = &client->opt;
	struct io_config config = { o->interface, o->ring_mb, o->mac_base };

	return io_open(&client->io, &config, what);
}

static void pppoe_close(struct client *client)
{
	io_close(client->io);
	client->io = NULL;
}

static int pppoe_fd(const struct client *client)
{
	return io_fd(client->io);
}

static void pppoe_flush(struct client *client)
{
	io_flush(client->io);
}

static void pppoe_bye(struct client *client, struct call *call)
{
	if (call->sid)
		discovery_send_padt(client, call);
}

static bool pppoe_finish(struct client *client)
{
	(void)client;
	return true;
}

static struct wr *pppoe_frame(struct client *client, const struct call *call)
{
	(void)call;
	return io_frame(client->io);
}

static void pppoe_queue(struct client *client)
{
	io_queue(client->io);
}

static size_t pppoe_begin(struct client *client, struct call *call, struct wr *w)
{
	(void)client;
	wire_put_eth(w, call->ac_mac, call->mac, &call->vlans, WIRE_TYPE_SESSION);
	return wire_put_pppoe(w, 0, call->sid);
}

static void pppoe_end(struct client *client, struct wr *w, size_t at)
{
	wire_end_pppoe(w, at, !client->opt.no_pad);
}

static void pppoe_counters(struct client *client, struct io_counters *out)
{
	io_counters(client->io, out);
}

const struct access pppoe_access = {
	.mru = PPP_MRU_DEFAULT,
	.open = pppoe_open,
	.close = pppoe_close,
	.fd = pppoe_fd,
	.receive = pppoe_receive,
	.flush = pppoe_flush,
	.request = discovery_send,
	.bye = pppoe_bye,
	.finish = pppoe_finish,
	.frame = pppoe_frame,
	.queue = pppoe_queue,
	.begin = pppoe_begin,
	.end = pppoe_end,
	.counters = pppoe_counters,
};
