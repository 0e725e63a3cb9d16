/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "ccp.h"

#include <string.h>

#include "client.h"
#include "cp.h"
#include "ipcp.h"

#define CCP_MPPE 18
#define RESET_REQUEST 14
#define RESET_ACK 15
#define CLEAR_GRACE_NS 1000000000 /* after it opened, for what was on its way */
#define FORGED_LEN 40
#define COUNT_BITS 0x0fff
#define FLAGS 0x9000

static const struct cp ccp;

/* ---- what is wanted */

static uint32_t strongest(uint32_t bits)
{
	return bits & MPPE_128 ? MPPE_128 : bits & MPPE_56 ? MPPE_56 : bits & MPPE_40;
}

/* The state bit that we would have where the peer says `bits`. */
static uint32_t state_of(const struct options *o, uint32_t bits)
{
	if (o->mppe_state == MPPE_STATE_ANY)
		return bits & MPPE_STATELESS;
	return o->mppe_state == MPPE_STATE_LESS ? MPPE_STATELESS : 0;
}

static bool negotiates(const struct call *call)
{
	return call->ccp.phase == CCP_OPENING;
}

static void prepare(struct client *client, struct call *call)
{
	const struct options *o = &client->opt;

	call->ccp.ours = o->mppe | state_of(o, MPPE_STATELESS);
	call->ccp.theirs = 0;
}

static void put_request(const struct call *call, struct wr *w)
{
	uint8_t bits[4];
	struct wr b = { bits, 0, sizeof(bits), false };

	wr_u32(&b, call->ccp.ours);
	ppp_put_option(w, CCP_MPPE, bits, sizeof(bits));
}

static enum ppp_code judge(struct client *client, struct call *call, uint8_t type, struct rd value,
			   struct wr *nak)
{
	const struct options *o = &client->opt;
	uint32_t bits, best;
	uint8_t bytes[4];
	struct wr w = { bytes, 0, sizeof(bytes), false };

	if (type != CCP_MPPE || !rd_u32(&value, &bits) || value.len)
		return PPP_CONF_REJ;
	best = strongest(bits & o->mppe);
	if (!best)
		best = strongest(o->mppe);
	best |= state_of(o, bits);
	call->ccp.theirs = best;
	if (bits == best)
		return PPP_CONF_ACK;
	wr_u32(&w, best);
	ppp_put_option(nak, CCP_MPPE, bytes, sizeof(bytes));
	return PPP_CONF_NAK;
}

static bool change(struct client *client, struct call *call, bool nak, uint8_t type,
		   struct rd value)
{
	const struct options *o = &client->opt;
	uint32_t bits;

	if (type != CCP_MPPE || !nak || !rd_u32(&value, &bits) || !(bits & o->mppe))
		return false;
	call->ccp.ours = strongest(bits & o->mppe) | state_of(o, bits);
	return true;
}

/* ---- phases */

static void arm(struct client *client, struct call *call, uint32_t ms)
{
	wheel_arm(&client->ccp_wheel, &call->ccp.timer, client->now + ms * 1000000LL);
}

static void start(struct client *client, struct call *call)
{
	call->ccp.phase = CCP_OPENING;
	call->ccp.tries = 0;
	cp_start(&ccp, client, call);
}

/* There is no encryption, and will be none. */
static void give_up(struct client *client, struct call *call)
{
	call->ccp.phase = CCP_OFF;
	wheel_cancel(&call->ccp.timer);
	if (!client->opt.mppe_required)
		return;
	if (call->state == CALL_UP)
		traffic_leave(client, call);
	call_fail(client, call, FAULT_MPPE_REFUSED);
}

void ccp_begin(struct client *client, struct call *call)
{
	if (!client->opt.mppe)
		return;
	if (!call->ccp.master_set) {
		give_up(client, call);
	} else if (client->opt.ccp_after > 0) {
		call->ccp.phase = CCP_DELAYED;
		arm(client, call, client->opt.ccp_after * 1000);
	} else {
		start(client, call);
	}
}

void ccp_reset(struct call *call)
{
	struct ccp *c = &call->ccp;

	wheel_cancel(&c->timer);
	mppe_free(&c->in);
	mppe_free(&c->out);
	*c = (struct ccp){ .negotiation.ident = c->negotiation.ident };
}

static void opened(struct client *client, struct call *call)
{
	struct ccp *c = &call->ccp;

	c->in.rekeys = c->out.rekeys = client->opt.mppe_rekeys;
	if (mppe_init(&c->in, client->crypto, c->master, c->ours, false) < 0 ||
	    mppe_init(&c->out, client->crypto, c->master, c->theirs, true) < 0) {
		call_fail(client, call, FAULT_LOCAL);
		return;
	}
	c->phase = CCP_OPEN;
	c->was_open = true;
	c->opened_at = client->now;
	client->stats.mppe.opened++;
	wheel_cancel(&c->timer);
	if (client->opt.ccp_again > 0) {
		c->again_at = client->now + (int64_t)(client->opt.ccp_again * 1e9);
		arm(client, call, client->opt.ccp_again * 1000);
	}
	ipcp_resume(client, call);
}

static bool requested(struct client *client, struct call *call)
{
	if (call->ccp.phase == CCP_DELAYED || !call->ccp.master_set)
		return false;
	if (call->ccp.phase != CCP_OPENING)
		start(client, call);
	return true;
}

static void terminated(struct client *client, struct call *call)
{
	if (call->ccp.phase == CCP_OPENING || call->ccp.phase == CCP_OPEN)
		give_up(client, call);
}

void ccp_rejected(struct client *client, struct call *call)
{
	if (call->ccp.phase != CCP_OFF)
		give_up(client, call);
}

bool ccp_permits(const struct client *client, const struct call *call)
{
	return !client->opt.mppe_required || call->ccp.phase == CCP_OPEN;
}

static void send_reset(struct client *client, struct call *call)
{
	client->stats.mppe.resets_sent++;
	ppp_send(client, call, PPP_CCP, RESET_REQUEST, call->ccp.reset_ident, NULL, 0);
	arm(client, call, client->opt.ccp_timeout);
}

static bool other(struct client *client, struct call *call, const struct ppp_packet *packet)
{
	switch (packet->code) {
	case RESET_REQUEST:
		client->stats.mppe.resets_received++;
		if (call->ccp.phase == CCP_OPEN)
			call->ccp.out.flush = true;
		return true;
	case RESET_ACK:
		client->stats.mppe.reset_acks++;
		return true;
	default:
		return false;
	}
}

static void again_due(struct client *client, struct call *call)
{
	struct ccp *c = &call->ccp;

	if (c->in.lost)
		send_reset(client, call);
	else if (client->opt.ccp_again > 0 && client->now >= c->again_at)
		start(client, call);
	else if (client->opt.ccp_again > 0)
		arm(client, call, (c->again_at - client->now) / 1000000 + 1);
}

void ccp_expired(struct client *client, struct call *call)
{
	switch (call->ccp.phase) {
	case CCP_DELAYED:
		start(client, call);
		break;
	case CCP_OPENING:
		if (++call->ccp.tries >= client->opt.tries)
			give_up(client, call);
		else
			cp_send_request(&ccp, client, call);
		break;
	case CCP_OPEN:
		again_due(client, call);
		break;
	case CCP_OFF:
		break;
	}
}

static const struct cp ccp = {
	.proto = PPP_CCP,
	.negotiation = offsetof(struct call, ccp.negotiation),
	.timeout = offsetof(struct options, ccp_timeout),
	.negotiates = negotiates,
	.prepare = prepare,
	.put_request = put_request,
	.requested = requested,
	.judge = judge,
	.change = change,
	.opened = opened,
	.terminated = terminated,
	.other = other,
	.arm = arm,
	.gave_up = give_up,
};

void ccp_input(struct client *client, struct call *call, const struct ppp_packet *packet,
	       struct rd whole)
{
	if (call->state == CALL_IPCP || call->state == CALL_UP)
		cp_input(&ccp, client, call, packet, whole);
}

/* ---- sending */

enum ccp_way ccp_way(struct client *client, struct call *call)
{
	struct mppe_stats *s = &client->stats.mppe;

	if (call->ccp.phase == CCP_OPEN) {
		if (!impair_is_nth(s->sealed + s->clear_sent + 1, client->opt.mppe_clear))
			return CCP_WAY_SEALED;
		s->clear_sent++;
		return CCP_WAY_CLEAR;
	}
	if (!client->opt.mppe_required && !(call->ccp.was_open && call->ccp.phase == CCP_OPENING))
		return CCP_WAY_CLEAR;
	s->withheld++;
	return CCP_WAY_NONE;
}

void ccp_seal(struct client *client, struct call *call, struct wr *w, size_t header)
{
	if (w->full || mppe_seal(&call->ccp.out, w->p + header, w->len - header - MPPE_HEADER) < 0)
		w->full = true; /* is not sent */
	client->stats.mppe.sealed++;
}

/* A count out of the air, and noise behind it. */
void ccp_forge_due(struct client *client, struct call *call)
{
	struct mppe_stats *s = &client->stats.mppe;
	size_t at;
	struct wr *w;

	if (!impair_is_nth(s->sealed, client->opt.mppe_forge))
		return;
	s->forged++;
	w = call_begin(client, call, &at);
	wr_u16(w, PPP_COMP);
	wr_u16(w, FLAGS | (client_random(client) & COUNT_BITS));
	for (unsigned int i = 0; i < FORGED_LEN; i++)
		wr_u8(w, client_random(client));
	call_end(client, w, at);
}

/* ---- receiving */

static void lost(struct client *client, struct call *call)
{
	call->ccp.reset_ident++;
	send_reset(client, call);
}

static void unsealed(struct client *client, struct call *call, struct rd clear)
{
	client->stats.mppe.unsealed++;
	if (!ppp_sealed_input(client, call, clear))
		client->stats.mppe.failures++;
}

void ccp_data_input(struct client *client, struct call *call, struct rd r)
{
	struct mppe_stats *s = &client->stats.mppe;
	struct ccp *c = &call->ccp;
	uint8_t clear[4096];
	bool waited = c->in.lost;
	uint16_t missed = 0;

	if (c->phase != CCP_OPEN || r.len > sizeof(clear)) {
		s->early++;
		return;
	}
	switch (mppe_open(&c->in, r, clear, &missed)) {
	case MPPE_CLEAR:
		s->missed += missed;
		s->flushed += waited;
		unsealed(client, call, (struct rd){ clear, r.len - MPPE_HEADER });
		break;
	case MPPE_LOST:
		lost(client, call);
		break;
	case MPPE_WAITS:
		s->waited++;
		break;
	case MPPE_LATE:
		s->late++;
		break;
	case MPPE_MALFORMED:
		client->stats.malformed++;
		break;
	}
}

bool ccp_clear_input(struct client *client, struct call *call)
{
	const struct ccp *c = &call->ccp;
	bool open =
		c->was_open && c->phase != CCP_OFF && client->now - c->opened_at > CLEAR_GRACE_NS;

	if (!open && !client->opt.mppe_required)
		return true;
	client->stats.mppe.clear_received++;
	return false;
}
