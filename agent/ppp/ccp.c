/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * CCP for MPPE, which is the only thing that is agreed to: other compressors are in no table
 * and so rejected. It is spoken only where the configuration allows it and authentication
 * has given keys.
 *
 * We ask for the one set of bits that we like best: the longest key, stateless. There are peers that
 * hang up when it is not theirs (pppd's require-mppe-40), so we wait for their request, at most
 * CLOCK_CCP_WAIT_MS (ccp_wait), and choose among what it has. A peer may list
 * several; then the best of those is naked back (RFC 3078 2.1). It may ask for stateful where
 * both are allowed, if it asks a second time. What a peer asks for holds for packets to it,
 * what we ask for holds for packets from it; encryption begins when both directions
 * have been agreed on, and with one alone CCP is closed again, so that both ends know that there
 * is none.
 *
 * The owner is told what may pass (enum ccp_passing), by ccp_tell() and nowhere else. When
 * CCP leaves Opened nothing passes: clear text comes back only with `mppe yes`, when CCP has
 * failed for good or was opened without encryption.
 *
 * A stateful peer that has lost packets sends a Reset-Request, which is answered by a flushed
 * packet. RFC 3078 4.4 wants no Reset-Ack beside it, but Linux decrypts nothing before one came
 * (RFC 1962 5.2), and others ignore it: it is sent, ahead of the flushed packet. We send a
 * Reset-Request for each loss (ppp_mppe_lost).
 * Timer: ccp_reset, ccp-timeout; while the loss lasts the Reset-Request is sent again,
 * ccp-max-configure times, then CCP starts over.
 */
#include "ppp/ccp.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "mppe.h"
#include "ppp/mppe_keys.h"
#include "ppp/packet.h"
#include "ppp/phase.h"
#include "ppp/ppp.h"

#define CCP_KEY_LENGTHS (CCP_MPPE_128 | CCP_MPPE_56 | CCP_MPPE_40)
#define CCP_MPPE_LEN 4

/* ---- what is agreed on */

static bool ccp_required(const struct ppp *ppp)
{
	return ppp->state.ccp.mppe == PPP_MPPE_REQUIRED;
}

bool ccp_offered(const struct ppp *ppp)
{
	return ppp->state.ccp.mppe != PPP_MPPE_NO && ppp->state.ccp.has_keys;
}

bool ccp_missing(const struct ppp *ppp)
{
	return ccp_required(ppp) && ppp->state.ccp.passing != CCP_ENCRYPTED;
}

bool ccp_forbids_clear(const struct ppp *ppp)
{
	return ccp_required(ppp) || ppp->state.ccp.passing != CCP_CLEAR;
}

/* Of the bits that the peer has acknowledged in our request; 0: it refused them. */
static uint32_t ccp_incoming(const struct ppp *ppp)
{
	return ppp->state.ccp.cp.asking & 1 ? ppp->state.ccp.ours : 0;
}

static uint32_t ccp_longest(uint32_t lengths)
{
	if (lengths & CCP_MPPE_128)
		return CCP_MPPE_128;
	return lengths & CCP_MPPE_56 ? CCP_MPPE_56 : lengths & CCP_MPPE_40;
}

static uint8_t ccp_lengths(bool bits_40, bool bits_56, bool bits_128)
{
	return (uint8_t)((bits_40 ? CCP_MPPE_40 : 0u) | (bits_56 ? CCP_MPPE_56 : 0u) |
			 (bits_128 ? CCP_MPPE_128 : 0u));
}

/* The one set that is best among those offered; if none will do, the best that we allow. */
static uint32_t ccp_choose(const struct ppp *ppp, uint32_t offered, bool insist)
{
	const struct ppp_conf *conf = ppp->conf;
	uint32_t allowed = ppp->state.ccp.lengths;
	uint32_t length = ccp_longest(offered & allowed ? offered & allowed : allowed);
	bool stateless = conf->mppe_stateless &&
			 (insist || offered & CCP_MPPE_STATELESS || !conf->mppe_stateful);

	return length | (stateless ? CCP_MPPE_STATELESS : 0u);
}

/* ---- what may pass */

static void ccp_start(struct xp_mppe_dir *dir, const uint8_t key[MPPE_KEY_LEN], uint32_t bits)
{
	enum xp_mppe_bits length = bits & CCP_MPPE_128  ? XP_MPPE_128
				   : bits & CCP_MPPE_56 ? XP_MPPE_56
							: XP_MPPE_40;

	mppe_start(dir, key, length, bits & CCP_MPPE_STATELESS ? 0 : XP_MPPE_F_STATEFUL);
}

static void ccp_tell(struct ppp *ppp, enum ccp_passing passing)
{
	struct ccp_state *s = &ppp->state.ccp;
	struct xp_mppe mppe = { 0 };

	if (passing == s->passing && passing != CCP_ENCRYPTED)
		return;
	s->passing = passing;
	phase_watch(ppp);
	if (passing == CCP_ENCRYPTED) {
		ccp_start(&mppe.in, s->keys.receive, ccp_incoming(ppp));
		ccp_start(&mppe.out, s->keys.send, s->peers);
	}
	ppp->ops->mppe(ppp->owner, passing == CCP_CLEAR ? NULL : &mppe);
	OPENSSL_cleanse(&mppe, sizeof(mppe));
}

/* ---- the option */

static bool ccp_mppe_put(const struct ppp *ppp, struct wbuf *data)
{
	wbuf_u32(data, ppp->state.ccp.ours);
	return true;
}

static uint32_t ccp_bits(struct buf data)
{
	uint32_t bits = 0;

	if (data.len == CCP_MPPE_LEN)
		buf_u32(&data, &bits);
	return bits;
}

static enum option_verdict ccp_mppe_judge(struct ppp *ppp, struct buf data, struct wbuf *nak)
{
	bool first = ppp->state.ccp.cp.naks_sent == 0;
	uint32_t offered = ccp_bits(data);
	uint32_t best = ccp_choose(ppp, offered, first);

	if (offered == best)
		return OPTION_ACK;
	wbuf_u32(nak, best);
	return OPTION_NAK;
}

static void ccp_mppe_apply(struct ppp *ppp, struct buf data)
{
	ppp->state.ccp.peers = ccp_bits(data);
}

/* Not to a peer that has rejected ours. */
static bool ccp_mppe_suggest(const struct ppp *ppp, struct wbuf *nak)
{
	wbuf_u32(nak, ccp_choose(ppp, 0, true));
	return ccp_incoming(ppp) != 0;
}

static void ccp_mppe_naked(struct ppp *ppp, struct buf data)
{
	ppp->state.ccp.ours = ccp_choose(ppp, ccp_bits(data), false);
}

static bool ccp_mppe_rejected(struct ppp *ppp)
{
	if (ccp_required(ppp))
		phase_terminate(ppp, CAUSE_MPPE);
	return false;
}

static const struct option ccp_options[] = {
	{ .type = CCP_OPT_MPPE,
	  .put = ccp_mppe_put,
	  .judge = ccp_mppe_judge,
	  .apply = ccp_mppe_apply,
	  .suggest = ccp_mppe_suggest,
	  .naked = ccp_mppe_naked,
	  .rejected = ccp_mppe_rejected },
};

/* ---- Reset-Request */

static void ccp_send_reset(struct ppp *ppp)
{
	struct packet_out out;

	ppp->state.ccp.resets++;
	packet_begin(&out, ppp, CCP_RESET_REQ, ppp->state.ccp.reset_ident);
	packet_send(&out, ppp, PPP_PROTO_CCP);
	ev_timer_stop(ppp->loop, &ppp->ccp_reset);
	ev_timer_set(&ppp->ccp_reset, ppp->conf->ccp_timeout, 0.);
	ev_timer_start(ppp->loop, &ppp->ccp_reset);
}

static void ccp_reset_cb(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct ppp *ppp = timer->data;

	(void)loop;
	(void)revents;
	if (!ppp->ops->mppe_lost(ppp->owner))
		return;
	if (ppp->state.ccp.resets < ppp->conf->ccp_max_configure) {
		ccp_send_reset(ppp);
		return;
	}
	fsm_event(&ppp->ccp.fsm, FSM_DOWN);
	fsm_event(&ppp->ccp.fsm, FSM_UP);
}

void ppp_mppe_lost(struct ppp *ppp)
{
	struct ccp_state *s = &ppp->state.ccp;

	if (!cp_opened(&ppp->ccp) || s->passing != CCP_ENCRYPTED ||
	    !ppp->ops->mppe_lost(ppp->owner))
		return;
	s->resets = 0;
	s->reset_ident = cp_ident(&ppp->ccp);
	ccp_send_reset(ppp);
}

static void ccp_flush(struct ppp *ppp, uint8_t ident)
{
	struct packet_out out;

	packet_begin(&out, ppp, CCP_RESET_ACK, ident);
	packet_send(&out, ppp, PPP_PROTO_CCP);
	ppp->ops->mppe_flush(ppp->owner);
}

static bool ccp_extended(struct ppp *ppp, const struct packet *p)
{
	if (p->code != CCP_RESET_REQ && p->code != CCP_RESET_ACK)
		return false;
	if (ppp->state.ccp.passing != CCP_ENCRYPTED)
		packet_drop(ppp, XP_R_S_STATE, "ccp code %u without encryption", p->code);
	else if (p->code == CCP_RESET_REQ)
		ccp_flush(ppp, p->ident);
	return true;
}

/* ---- who begins */

static void ccp_begin(struct ppp *ppp, uint32_t offered)
{
	ev_timer_stop(ppp->loop, &ppp->ccp_wait);
	ppp->state.ccp.ours = ccp_choose(ppp, offered, true);
	fsm_event(&ppp->ccp.fsm, FSM_UP);
}

static int ccp_requested(struct ppp *ppp, struct buf options)
{
	struct buf data = { 0 };

	if (!ev_is_active(&ppp->ccp_wait))
		return 0;
	option_find(options, CCP_OPT_MPPE, &data);
	ccp_begin(ppp, ccp_bits(data));
	return 0;
}

static void ccp_wait_cb(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	ccp_begin(timer->data, 0);
}

/* ---- the protocol */

static void ccp_defaults(struct ppp *ppp)
{
	ppp->state.ccp.peers = 0;
}

static void ccp_up(struct ppp *ppp)
{
	bool in = ccp_incoming(ppp) != 0, out = ppp->state.ccp.peers != 0;

	if (in && out) {
		ccp_tell(ppp, CCP_ENCRYPTED);
		phase_network_up(ppp);
	} else if (ccp_required(ppp)) {
		phase_terminate(ppp, CAUSE_MPPE);
	} else if (in || out) {
		fsm_event(&ppp->ccp.fsm, FSM_CLOSE);
	} else {
		ccp_tell(ppp, CCP_CLEAR);
	}
}

static void ccp_down(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->ccp_reset);
	if (ppp->state.ccp.passing == CCP_ENCRYPTED)
		ccp_tell(ppp, CCP_BLOCKED);
}

static void ccp_finished(struct ppp *ppp)
{
	if (ccp_required(ppp))
		phase_terminate(ppp, CAUSE_MPPE);
	else
		ccp_tell(ppp, CCP_CLEAR);
}

static void ccp_hung_up(struct ppp *ppp)
{
	(void)ppp; /* it ends CCP, and the link only where encryption is required */
}

static const struct cp_class ccp_class = {
	.name = "ccp",
	.proto = PPP_PROTO_CCP,
	.table = { ccp_options, sizeof(ccp_options) / sizeof(ccp_options[0]) },
	.up = ccp_up,
	.down = ccp_down,
	.finished = ccp_finished,
	.hung_up = ccp_hung_up,
	.requested = ccp_requested,
	.defaults = ccp_defaults,
	.extended = ccp_extended,
};

void ccp_init(struct ppp *ppp)
{
	const struct ppp_conf *conf = ppp->conf;
	const struct fsm_limits limits = { conf->ccp_timeout, conf->ccp_max_configure,
					   conf->ccp_max_terminate };

	cp_init(&ppp->ccp, &ccp_class, ppp, &ppp->state.ccp.cp, &limits, conf->ccp_max_nak_loop);
	ppp->state.ccp.mppe = (uint8_t)conf->mppe;
	ppp->state.ccp.lengths = ccp_lengths(conf->mppe_40, conf->mppe_56, conf->mppe_128);
	ev_init(&ppp->ccp_wait, ccp_wait_cb);
	ppp->ccp_wait.data = ppp;
	ev_init(&ppp->ccp_reset, ccp_reset_cb);
	ppp->ccp_reset.data = ppp;
}

void ccp_grant(struct ppp *ppp, const struct ppp_grant *grant)
{
	ppp->state.ccp.mppe = (uint8_t)grant->mppe;
	ppp->state.ccp.lengths = ccp_lengths(grant->mppe_40, grant->mppe_56, grant->mppe_128);
}

static void keys_forget(struct ppp *ppp)
{
	OPENSSL_cleanse(&ppp->state.ccp.keys, sizeof(ppp->state.ccp.keys));
	ppp->state.ccp.has_keys = false;
}

void ccp_take_keys(struct ppp *ppp, const struct ppp_auth_reply *reply)
{
	struct ccp_state *s = &ppp->state.ccp;

	keys_forget(ppp);
	if (s->mppe == PPP_MPPE_NO)
		return;
	if (reply->keys == PPP_KEYS_READY)
		s->keys = reply->mppe;
	s->has_keys =
		reply->keys == PPP_KEYS_READY ||
		(reply->keys == PPP_KEYS_MSCHAPV2 &&
		 mppe_keys_derive(reply->password_hash_hash, reply->nt_response, &s->keys) == 0);
}

void ccp_lower_up(struct ppp *ppp)
{
	struct ccp_state *s = &ppp->state.ccp;

	ccp_tell(ppp, CCP_CLEAR);
	if (!ccp_offered(ppp)) {
		if (ccp_required(ppp))
			phase_terminate(ppp, CAUSE_MPPE);
		return;
	}
	s->cp.asking = ~0u;
	fsm_event(&ppp->ccp.fsm, FSM_OPEN);
	ev_timer_set(&ppp->ccp_wait, CLOCK_CCP_WAIT_MS / 1000., 0.);
	ev_timer_start(ppp->loop, &ppp->ccp_wait);
}

void ccp_lower_down(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->ccp_wait);
	fsm_event(&ppp->ccp.fsm, FSM_DOWN);
}

void ccp_protocol_rejected(struct ppp *ppp)
{
	fsm_event(&ppp->ccp.fsm, FSM_RXJ_MINUS);
}

void ccp_stop(struct ppp *ppp)
{
	ev_timer_stop(ppp->loop, &ppp->ccp_wait);
	ev_timer_stop(ppp->loop, &ppp->ccp_reset);
	fsm_reset(&ppp->ccp.fsm);
	keys_forget(ppp);
}

void ccp_data(struct ppp *ppp, struct buf info)
{
	if (ppp->state.phase == PPP_OPENED && ppp->state.ccp.passing == CCP_ENCRYPTED)
		ppp->ops->mppe_input(ppp->owner, info);
	else
		packet_drop(ppp, XP_R_S_MPPE, "%zu octets", info.len);
}

/* ---- how it is shown */

static void ccp_describe(uint32_t bits, char out[PPP_ENCRYPTION_MAX / 2])
{
	snprintf(out, PPP_ENCRYPTION_MAX / 2, "mppe-%s %s",
		 bits & CCP_MPPE_128  ? "128"
		 : bits & CCP_MPPE_56 ? "56"
				      : "40",
		 bits & CCP_MPPE_STATELESS ? "stateless" : "stateful");
}

void ppp_encryption(const struct ppp *ppp, char out[PPP_ENCRYPTION_MAX])
{
	char up[PPP_ENCRYPTION_MAX / 2], down[PPP_ENCRYPTION_MAX / 2];

	if (ppp->state.ccp.passing != CCP_ENCRYPTED) {
		snprintf(out, PPP_ENCRYPTION_MAX, "%s",
			 ppp->state.ccp.passing == CCP_BLOCKED ? "negotiating" : "none");
		return;
	}
	ccp_describe(ccp_incoming(ppp), up);
	ccp_describe(ppp->state.ccp.peers, down);
	if (strcmp(up, down) == 0)
		snprintf(out, PPP_ENCRYPTION_MAX, "%s", up);
	else
		snprintf(out, PPP_ENCRYPTION_MAX, "%s/%s", up, down);
}
