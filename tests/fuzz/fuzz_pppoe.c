/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Frames into the real PPPoE driver. The input is a list of steps: a byte that says what
 * (see enum step), a length (2) and as many bytes. A cookie cannot be guessed, so
 * one of the steps adds the last one that was offered.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/pppoe_fixture.h"

enum step {
	STEP_DISCOVERY,    /* a discovery frame as it is */
	STEP_SESSION,      /* a session frame as it is */
	STEP_PADR,         /* tags of a PADR that has a good cookie in front of them */
	STEP_SESSION_DATA, /* what the latest session gets to see */
	STEP_MAX,
	STEP_TAGGED = 0x40, /* bits: the kernel has taken a VLAN tag out of the frame */
	STEP_LATER = 0x80,  /* a second later */
};

static struct fixture fixture;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (fixture_setup(&fixture, 64))
		abort();
	fixture_service(&fixture, 0, 0, "gold");
	fixture.tunnel[0].pppoe.max_payload = 1500;
	fixture.tunnel[0].pppoe.padi_rate = 100;
	fixture_link(&fixture, FIXTURE_IFINDEX, 1508);
	return 0;
}

/* The only way to a session: more of them than of these means a forged cookie. */
static unsigned int padr_step(struct fixture *f, struct buf tags)
{
	struct client_frame c;

	padi(f, "");
	if (f->n_sent == 0 || last_sent(f)->frame.code != PPPOE_CODE_PADO)
		return 0;
	client_begin(&c, PPPOE_TYPE_DISCOVERY, PPPOE_CODE_PADR, 0);
	client_head(&c);
	pppoe_tag_echo(&c.w, PPPOE_TAG_AC_COOKIE, last_sent(f)->tags.cookie);
	wbuf_put(&c.w, tags.p, tags.len);
	if (!c.w.overflow)
		client_deliver(f, &c);
	return 1;
}

static void session_step(struct fixture *f, struct buf payload)
{
	struct accepted *a = f->carriers.n ? &f->carriers.accepted[f->carriers.n - 1] : NULL;
	struct client_frame c;
	unsigned int inputs;

	if (!a || !a->session->interface)
		return;
	client_begin(&c, PPPOE_TYPE_SESSION, PPPOE_CODE_SESSION, a->session->sid);
	client_head(&c);
	wbuf_put(&c.w, payload.p, payload.len);
	if (c.w.overflow)
		return;
	inputs = a->inputs;
	client_deliver(f, &c);
	if (a->inputs != inputs + 1 || a->input_len != payload.len)
		abort();
}

/* No session is left, and its memory is free. */
static void sessions_end(struct fixture *f)
{
	carriers_forget(&f->carriers);
	f->n_sent = 0;
	if (f->pppoe->counters.sessions != 0 || f->pppoe->requests.count != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in = buf_of(data, size);
	struct fixture *f = &fixture;
	unsigned int padrs = 0;
	struct buf bytes;
	uint16_t len;
	uint8_t step;

	fixture_time.ms += CLOCK_SLOT_QUARANTINE_MS + CLOCK_COOKIE_LIFETIME_MS;
	while (buf_u8(&in, &step) == 0 && buf_u16(&in, &len) == 0 &&
	       buf_take(&in, len, &bytes) == 0) {
		struct pppoe_aux aux = { step & STEP_TAGGED, 0x88a8, 100 };

		if (step & STEP_LATER)
			fixture_time.ms += 1000;
		switch ((step & 0x3f) % STEP_MAX) {
		case STEP_DISCOVERY:
			pppoe_discovery_receive(f->ifc, bytes, &aux);
			break;
		case STEP_SESSION:
			pppoe_session_receive(f->ifc, bytes, &aux);
			break;
		case STEP_PADR:
			padrs += padr_step(f, bytes);
			break;
		default:
			session_step(f, bytes);
			break;
		}
		if (f->carriers.n > padrs)
			abort();
	}
	sessions_end(f);
	return 0;
}
