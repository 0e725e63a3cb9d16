/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Control streams and GRE packets into the real PPTP driver. The input is a list of steps: a byte
 * that says what (see enum step), a length (1) and as many bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/pptp_fixture.h"

enum step {
	STEP_RAW,     /* octets of the stream as they are */
	STEP_MESSAGE, /* type, and what follows the header; as long as it is */
	STEP_FULL,    /* likewise, filled with zeros to the length of the type */
	STEP_START,   /* an SCCRQ, the bytes over its body */
	STEP_CALL,    /* an OCRQ, likewise */
	STEP_ABOUT,   /* type, and what follows the latest call's id that it is about */
	STEP_GRE,     /* a packet as it is */
	STEP_DATA,    /* flags (2) and what follows the call id of the latest call */
	STEP_ANEW,    /* hangs up and connects again */
	STEP_STRIKE,  /* the connection's timer, or the latest call's */
	STEP_ACK,     /* the data plane asks to acknowledge */
	STEP_MAX,
	STEP_ELSEWHERE = 0x40, /* bits: data from another address */
	STEP_LATER = 0x80,     /* a second later */
};

static struct fixture fixture;
static struct pns client;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static struct pptp_call *latest(void)
{
	unsigned int n = fixture.carriers.n;

	return n > 0 ? fixture.carriers.accepted[n - 1].pptp : NULL;
}

static void put_body(struct message *m, size_t at, struct buf bytes)
{
	size_t room = sizeof(m->bytes) - at;

	memcpy(m->bytes + at, bytes.p, bytes.len < room ? bytes.len : room);
}

static void message_step(struct buf bytes, bool full)
{
	static const uint8_t lengths[] = { 12, 156, 156, 16, 16, 16,  20, 168,
					   32, 220, 24,  28, 16, 148, 40, 24 };
	struct message m;
	uint8_t type;
	size_t len = bytes.len + 11;

	if (buf_u8(&bytes, &type) || len > sizeof(m.bytes))
		return;
	if (full && type < sizeof(lengths) && len < lengths[type])
		len = lengths[type];
	m = message_of(type, len);
	put_body(&m, 12, bytes);
	pns_send(&client, &m);
}

static void about_step(struct buf bytes)
{
	struct pptp_call *call = latest();
	struct message m;
	uint8_t type;

	if (!call || buf_u8(&bytes, &type))
		return;
	m = message_of(type, 220);
	put_body(&m, 14, bytes);
	put16(&m, 12, type == PPTP_CCR || type == PPTP_CDN ? call->peer_call_id : call->call_id);
	pns_send(&client, &m);
}

static void changed_step(struct message m, struct buf bytes)
{
	if (fixture.carriers.n + 2 > CARRIERS_MAX)
		return;
	put_body(&m, 12, bytes);
	pns_send(&client, &m);
}

static void data_step(struct buf bytes)
{
	struct pptp_call *call = latest();
	uint8_t packet[300];
	struct wbuf w = wbuf_of(packet, sizeof(packet));
	uint16_t flags;

	if (!call || buf_u16(&bytes, &flags))
		return;
	wbuf_u16(&w, flags & 0x3080 ? (flags & 0xff80) | 1 : 0x3001);
	wbuf_u16(&w, 0x880b);
	wbuf_u16(&w, (uint16_t)(bytes.len - (flags & 15)));
	wbuf_u16(&w, call->call_id);
	wbuf_put(&w, bytes.p, bytes.len);
	if (!w.overflow)
		pptp_receive(fixture.pptp, &client.hosts, buf_of(packet, w.len));
}

static void strike_step(struct buf bytes)
{
	struct pptp_connection *c = pns_connection(&client);
	struct pptp_call *call = latest();
	uint8_t which = 0;

	buf_u8(&bytes, &which);
	if (which & 1 && call && call->connection && ev_is_active(&call->ack))
		fixture_strike(&fixture, &call->ack);
	else if (c && ev_is_active(&c->timer))
		fixture_strike(&fixture, &c->timer);
}

static void step(uint8_t what, struct buf bytes)
{
	if (what & STEP_LATER)
		fixture_time.ms += 1000;
	if (what & STEP_ELSEWHERE)
		client.hosts.peer.s_addr ^= 1;
	switch (what % 0x40 % STEP_MAX) {
	case STEP_RAW:
		pns_write(&client, bytes.p, bytes.len);
		break;
	case STEP_MESSAGE:
		message_step(bytes, false);
		break;
	case STEP_FULL:
		message_step(bytes, true);
		break;
	case STEP_START:
		changed_step(sccrq(), bytes);
		break;
	case STEP_CALL:
		changed_step(ocrq((uint16_t)fixture.carriers.n), bytes);
		break;
	case STEP_ABOUT:
		about_step(bytes);
		break;
	case STEP_GRE:
		pptp_receive(fixture.pptp, &client.hosts, bytes);
		break;
	case STEP_DATA:
		data_step(bytes);
		break;
	case STEP_ANEW:
		pns_close(&client);
		pns_open(&client, &fixture, "198.51.100.1", 4000);
		break;
	case STEP_STRIKE:
		strike_step(bytes);
		break;
	default:
		if (latest())
			latest()->carrier.ops->acknowledge(&latest()->carrier);
	}
	if (what & STEP_ELSEWHERE)
		client.hosts.peer.s_addr ^= 1;
}

/* What must hold whatever came in. */
static void check(const struct fixture *f)
{
	uint32_t calls = 0, connections = 0;
	const struct pptp_connection *c;

	for (unsigned int i = 0; i < f->carriers.n; i++) {
		const struct accepted *a = &f->carriers.accepted[i];

		calls += a->pptp->connection != NULL;
		if ((a->aborted || a->lost != CAUSE_NONE) && a->pptp->connection)
			abort(); /* freed by its owner, known to the driver */
		if (a->aborted && a->started)
			abort();
		if (a->inputs > 0 && !a->started)
			abort();
	}
	LIST_FOREACH(c, &fixture_listener(&fixture)->connections, on_listener) {
		connections++;
		if (c->idle != (c->n_calls == 0 && c->state != PPTP_GONE))
			abort();
		if (c->stream.n_unsent > PPTP_STREAM_UNSENT_MAX)
			abort();
	}
	if (calls != f->pptp->counters.calls || connections != f->pptp->counters.connections)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf input = buf_of(data, size), bytes;
	uint8_t what, len;

	if (fixture_setup(&fixture))
		abort();
	fixture.tunnel.pipex = size % 2;
	fixture.tunnel.ctrl_in_pktdump = fixture.tunnel.ctrl_out_pktdump = true;
	pns_open(&client, &fixture, "198.51.100.1", 4000);
	while (buf_u8(&input, &what) == 0 && buf_u8(&input, &len) == 0) {
		if (buf_take(&input, len < input.len ? len : input.len, &bytes))
			break;
		step(what, bytes);
		check(&fixture);
	}
	close(client.fd);
	fixture_teardown(&fixture);
	return 0;
}
