/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Datagrams into the real L2TP driver. The input is a list of steps: a byte that says what (see enum
 * step), a length (2) and as many bytes. Ids and sequence numbers cannot be guessed, so most steps
 * add them; the others give the bytes as they are.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/l2tp_fixture.h"

enum step {
	STEP_RAW,     /* a datagram as it is */
	STEP_REQUEST, /* AVPs behind those of an SCCRQ */
	STEP_CONNECT, /* AVPs of an SCCCN, in its turn */
	STEP_CONTROL, /* AVPs of the next message; the first two bytes: session id */
	STEP_SHUFFLE, /* likewise, the third byte: how far ahead of its turn or behind */
	STEP_CALL,    /* AVPs behind those of an ICRQ, then an ICCN */
	STEP_DATA,    /* flags (2) and what follows the ids of the latest call */
	STEP_HIDDEN,  /* AVP type (2) and what is hidden as its value in the next message */
	STEP_STRIKE,  /* the tunnel's timers */
	STEP_MAX,
	STEP_ELSEWHERE = 0x40, /* bits: from another port */
	STEP_LATER = 0x80,     /* ten seconds later */
};

#define SECRET "fuzz"

static struct fixture fixture;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static void avps_put(struct message *m, struct buf avps)
{
	wbuf_put(&m->w, avps.p, avps.len);
}

static void request_step(struct lac *lac, struct buf avps)
{
	struct message m;

	lac->id++;
	sccrq_begin(&m, lac);
	avps_put(&m, avps);
	if (!m.w.overflow)
		lac_request(lac, &m);
}

static void connect_step(struct lac *lac, struct buf avps)
{
	uint8_t response[L2TP_RESPONSE_LEN];
	struct l2tp_tunnel *t = lac_tunnel(lac);
	struct message m;

	message_begin(&m, L2TP_SCCCN);
	if (t && t->challenged) {
		l2tp_response(L2TP_SCCCN, SECRET, buf_of(t->challenge, sizeof(t->challenge)),
			      response);
		l2tp_avp_put(&m.w, L2TP_AVP_RESPONSE, true, response, sizeof(response));
	}
	avps_put(&m, avps);
	if (!m.w.overflow)
		lac_send(lac, 0, &m.w);
}

static void control_step(struct lac *lac, struct buf bytes, bool shuffle)
{
	struct wbuf w;
	uint16_t session_id;
	uint8_t ahead = 0;

	if (buf_u16(&bytes, &session_id) || (shuffle && buf_u8(&bytes, &ahead)) || bytes.len > 1500)
		return;
	w = (struct wbuf){ (uint8_t *)bytes.p, bytes.len, bytes.len, false };
	if (!shuffle) {
		lac_send(lac, session_id, &w);
		return;
	}
	lac_hear(lac);
	lac_put(lac, session_id, &w, (uint16_t)(lac->ns + (int8_t)ahead), lac->nr);
}

static void call_step(struct lac *lac, struct buf avps)
{
	struct message m;

	if (fixture.carriers.n + 2 > CARRIERS_MAX)
		return;
	icrq_begin(&m, (uint16_t)(100 + fixture.carriers.n));
	avps_put(&m, avps);
	if (m.w.overflow)
		return;
	lac_send(lac, 0, &m.w);
	if (fixture.carriers.n == 0)
		return;
	iccn_begin(&m);
	avps_put(&m, avps);
	lac_send(lac, fixture.carriers.accepted[fixture.carriers.n - 1].call->session_id, &m.w);
}

static void data_step(struct lac *lac, struct buf bytes)
{
	uint8_t datagram[2048];
	struct wbuf w = wbuf_of(datagram, sizeof(datagram));
	uint16_t flags;

	if (buf_u16(&bytes, &flags) || fixture.carriers.n == 0)
		return;
	wbuf_u16(&w, (flags & 0x7ff0) | 2);
	if (flags & 0x4000)
		wbuf_u16(&w, (uint16_t)(8 + bytes.len - (flags & 7)));
	wbuf_u16(&w, lac->tunnel_id);
	wbuf_u16(&w, fixture.carriers.accepted[fixture.carriers.n - 1].call->session_id);
	wbuf_put(&w, bytes.p, bytes.len);
	if (!w.overflow)
		lac_raw(lac, datagram, w.len);
}

static void hidden_step(struct lac *lac, struct buf bytes)
{
	static const uint8_t vector[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint8_t value[1000];
	uint16_t type;
	struct message m;

	if (buf_u16(&bytes, &type) || bytes.len > sizeof(value))
		return;
	memcpy(value, bytes.p, bytes.len);
	l2tp_hide(type, SECRET, buf_of(vector, sizeof(vector)), value, bytes.len);
	message_begin(&m, L2TP_ICRQ);
	l2tp_avp_put(&m.w, L2TP_AVP_RANDOM_VECTOR, true, vector, sizeof(vector));
	wbuf_u16(&m.w, (uint16_t)(0xc000 | (6 + bytes.len)));
	wbuf_u16(&m.w, 0);
	wbuf_u16(&m.w, type);
	wbuf_put(&m.w, value, bytes.len);
	if (!m.w.overflow)
		lac_send(lac, 0, &m.w);
}

static void strike_step(struct lac *lac, struct buf bytes)
{
	struct l2tp_tunnel *t = lac_tunnel(lac);
	uint8_t which = 0;

	buf_u8(&bytes, &which);
	if (!t)
		return;
	if (which & 1 && ev_is_active(&t->control.timer))
		fixture_strike(&fixture, &t->control.timer);
	else if (ev_is_active(&t->timer))
		fixture_strike(&fixture, &t->timer);
}

static void step(struct lac *lac, uint8_t what, struct buf bytes)
{
	struct lac elsewhere = *lac;
	struct lac *from = lac;

	if (what & STEP_LATER)
		fixture_time.ms += 10000;
	if (what & STEP_ELSEWHERE) {
		l2tp_addr_set_port(&elsewhere.path.peer, 4000);
		from = &elsewhere;
	}
	switch (what % 0x40 % STEP_MAX) {
	case STEP_RAW:
		lac_raw(from, bytes.p, bytes.len);
		break;
	case STEP_REQUEST:
		request_step(lac, bytes);
		break;
	case STEP_CONNECT:
		connect_step(from, bytes);
		break;
	case STEP_CONTROL:
		control_step(from, bytes, false);
		break;
	case STEP_SHUFFLE:
		control_step(from, bytes, true);
		break;
	case STEP_CALL:
		call_step(from, bytes);
		break;
	case STEP_DATA:
		data_step(from, bytes);
		break;
	case STEP_HIDDEN:
		hidden_step(from, bytes);
		break;
	default:
		strike_step(lac, bytes);
	}
	lac->ns = from->ns;
	lac->nr = from->nr;
	fixture_turn(&fixture);
}

/* What must hold whatever came in. */
static void check(const struct fixture *f)
{
	uint32_t calls = 0;

	for (unsigned int i = 0; i < f->carriers.n; i++) {
		const struct accepted *a = &f->carriers.accepted[i];

		calls += a->call->tunnel != NULL;
		if ((a->aborted || a->lost != CAUSE_NONE) && a->call->tunnel)
			abort(); /* freed by its owner, known to the driver */
		if (a->aborted && a->started)
			abort();
		if (a->inputs > 0 && !a->started)
			abort();
	}
	if (calls != f->l2tp->counters.calls)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf input = buf_of(data, size), bytes;
	struct lac lac;
	uint8_t what;
	uint16_t len;

	if (fixture_setup(&fixture))
		abort();
	fixture.tunnel.ctrl_in_pktdump = fixture.tunnel.ctrl_out_pktdump = true;
	fixture.tunnel.l2tp.accept_dialin = true;
	fixture_secret(&fixture, 0, SECRET, NULL, 0);
	lac = lac_at(&fixture, "198.51.100.1", 1701, 7);
	while (buf_u8(&input, &what) == 0 && buf_u16(&input, &len) == 0) {
		if (buf_take(&input, len < input.len ? len : input.len, &bytes))
			break;
		step(&lac, what, bytes);
		check(&fixture);
	}
	fixture_teardown(&fixture);
	return 0;
}
