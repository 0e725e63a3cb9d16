/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * SCCRQ: a peer asks for a tunnel (RFC 2661 6.1, 7.2.1). It gets SCCRP, or a StopCCN that says why
 * not, or nothing if it asks too often or must come through IPsec and does not.
 *
 * A repeated SCCRQ, word for word the same, finds its tunnel by address and the peer's tunnel id,
 * from another port too while the tunnel is not established.
 */
#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "log.h"
#include "tunnel/l2tp/l2tp_private.h"

#define FRAMING_BOTH 3 /* asynchronous and synchronous */
#define FIRMWARE 0x0100
#define REPEAT_MAX_MS 10000 /* an SCCRQ is not under way longer than this */

/* An answer to a peer that gets no tunnel. Nobody waits for its acknowledgement. */
static void refuse(const struct l2tp_request *r, enum l2tp_stop_result result,
		   enum l2tp_error error, const char *text)
{
	uint8_t bytes[L2TP_MESSAGE_MAX], avps[256];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes)), body = wbuf_of(avps, sizeof(avps));

	l2tp_stop_put(&body, 0, result, error, text);
	l2tp_control_header_put(&w, (uint16_t)(L2TP_CONTROL_HEADER + body.len), r->avps->tunnel_id,
				0, 0, (uint16_t)(r->header->ns + 1));
	wbuf_put(&w, body.base, body.len);
	r->listener->l2tp->counters.stopccn_out++;
	l2tp_listener_send_control(r->listener, r->path, w.base, w.len);
}

static const char *from_text(const struct l2tp_request *r, char text[L2TP_ADDR_TEXT])
{
	return l2tp_addr_text(&r->path->peer, true, text);
}

/* Is there all that a tunnel needs, and nothing that we cannot do? */
static bool request_acceptable(const struct l2tp_request *r)
{
	struct log *log = r->listener->l2tp->log;
	const struct l2tp_avps *avps = r->avps;
	char text[L2TP_ADDR_TEXT];

	if (avps->problem != L2TP_PROBLEM_NONE) {
		log_drop(log, l2tp_problem_reason(avps), "SCCRQ from %s: AVP %u",
			 from_text(r, text), avps->problem_type);
		refuse(r, L2TP_STOP_ERROR, l2tp_problem_error(avps), NULL);
		return false;
	}
	if (avps->tunnel_id == 0 || !l2tp_avp_present(avps, L2TP_AVP_HOSTNAME) ||
	    !l2tp_avp_present(avps, L2TP_AVP_VERSION)) {
		log_drop(log, XP_R_L_AVP, "SCCRQ from %s lacks an AVP", from_text(r, text));
		refuse(r, L2TP_STOP_ERROR, L2TP_ERROR_VALUE, "an AVP is missing");
		return false;
	}
	if (avps->version >> 8 != L2TP_VERSION >> 8) {
		log_drop(log, XP_R_L_HEADER, "SCCRQ from %s: protocol version %04x",
			 from_text(r, text), avps->version);
		refuse(r, L2TP_STOP_VERSION, (enum l2tp_error)L2TP_VERSION, NULL);
		return false;
	}
	if (avps->challenge.p && !r->secret) {
		log_drop(log, XP_R_L_SECRET, "SCCRQ from %s: a challenge, and there is no secret",
			 from_text(r, text));
		refuse(r, L2TP_STOP_NOT_AUTHORIZED, L2TP_ERROR_NONE, "no secret for this peer");
		return false;
	}
	return true;
}

static bool is_repetition(const struct l2tp_tunnel *t, const struct l2tp_request *r)
{
	int64_t age = mono_elapsed_ms(t->started, t->l2tp->io->now());

	if (t->request != r->hash)
		return false;
	return t->state == L2TP_TUNNEL_WAIT ||
	       (t->state == L2TP_TUNNEL_ESTABLISHED && age < REPEAT_MAX_MS &&
		l2tp_path_same(&t->path, r->path));
}

/* The tunnel that the message is about: one that this very SCCRQ has made, or for another message
 * any of this path. */
static struct l2tp_tunnel *request_find(const struct l2tp_request *r)
{
	struct l2tp *l = r->listener->l2tp;
	uint64_t hash = l2tp_tunnel_hash(l, &r->path->peer, r->avps->tunnel_id);

	for (struct index_node *n = index_first(&l->tunnels, hash); n; n = index_next(n)) {
		struct l2tp_tunnel *t = INDEX_ENTRY(n, struct l2tp_tunnel, by_peer);

		if (t->peer_id != r->avps->tunnel_id || !l2tp_path_same_hosts(&t->path, r->path))
			continue;
		if (r->avps->message == L2TP_SCCRQ ? is_repetition(t, r)
						   : l2tp_path_same(&t->path, r->path))
			return t;
	}
	return NULL;
}

/* Room for a new one, at the cost of the oldest that is not established. */
static void half_open_limit(struct l2tp *l)
{
	struct l2tp_tunnel *oldest = TAILQ_FIRST(&l->half_open);
	char text[L2TP_ADDR_TEXT];

	if (l->n_half_open < L2TP_HALF_OPEN_MAX)
		return;
	log_drop(l->log, XP_R_L_HALF_OPEN, L2TP_WHO "limit of %u", oldest->id,
		 l2tp_addr_text(&oldest->path.peer, true, text), L2TP_HALF_OPEN_MAX);
	l2tp_tunnel_give_way(oldest);
}

static void challenge_put(struct l2tp_tunnel *t, struct wbuf *w, struct buf theirs)
{
	uint8_t response[L2TP_RESPONSE_LEN];

	if (!t->secret)
		return;
	if (RAND_bytes(t->challenge, sizeof(t->challenge)) != 1)
		abort();
	t->challenged = true;
	l2tp_avp_put(w, L2TP_AVP_CHALLENGE, true, t->challenge, sizeof(t->challenge));
	if (!theirs.p)
		return;
	l2tp_response(L2TP_SCCRP, t->secret, theirs, response);
	l2tp_avp_put(w, L2TP_AVP_RESPONSE, true, response, sizeof(response));
}

static void sccrp_send(struct l2tp_tunnel *t, struct buf challenge)
{
	const struct conf_tunnel *conf = t->listener->tunnel;
	const char *hostname = l2tp_hostname_of(t->l2tp, conf);
	const char *vendor = conf->l2tp.vendor_name ? conf->l2tp.vendor_name : "xpppd";
	static const uint8_t firmware[2] = { FIRMWARE >> 8, FIRMWARE & 0xff };
	uint8_t bytes[L2TP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	l2tp_avp_put_message(&w, L2TP_SCCRP);
	l2tp_avp_put_u16(&w, L2TP_AVP_VERSION, L2TP_VERSION);
	l2tp_avp_put_u32(&w, L2TP_AVP_FRAMING_CAPABILITIES, FRAMING_BOTH);
	l2tp_avp_put_u32(&w, L2TP_AVP_BEARER_CAPABILITIES, 0);
	l2tp_avp_put(&w, L2TP_AVP_FIRMWARE, false, firmware, sizeof(firmware));
	l2tp_avp_put(&w, L2TP_AVP_HOSTNAME, true, hostname, strlen(hostname));
	l2tp_avp_put(&w, L2TP_AVP_VENDOR, false, vendor, strlen(vendor));
	l2tp_avp_put_u16(&w, L2TP_AVP_TUNNEL_ID, t->id);
	l2tp_avp_put_u16(&w, L2TP_AVP_WINDOW, L2TP_CONTROL_WINDOW);
	challenge_put(t, &w, challenge);
	t->l2tp->counters.sccrp++;
	l2tp_tunnel_send(t, 0, &w);
}

/* The SCCRQ is the control connection's first message: delivered here, not by it. */
static void request_accept(const struct l2tp_request *r)
{
	struct l2tp *l = r->listener->l2tp;
	struct l2tp_tunnel *t;
	char text[L2TP_ADDR_TEXT];
	int err;

	half_open_limit(l);
	err = l2tp_tunnel_new(r, &t);
	if (err) {
		log_drop(l->log, XP_R_L_LIMIT, "SCCRQ from %s: %s", from_text(r, text),
			 err == -ENOSPC ? "no tunnel id is free" : strerror(-err));
		refuse(r, L2TP_STOP_ERROR, L2TP_ERROR_RESOURCES, NULL);
		return;
	}
	t->control.nr = (uint16_t)(r->header->ns + 1);
	sccrp_send(t, r->avps->challenge);
}

/* The peer has not got our answer, or has changed its port. */
static void request_again(struct l2tp_tunnel *t, const struct l2tp_request *r)
{
	char text[L2TP_ADDR_TEXT], peer[L2TP_ADDR_TEXT];

	if (!l2tp_path_same(&t->path, r->path) &&
	    t->l2tp->io->ipsec(t->l2tp, r->path) != t->ipsec) {
		log_drop(t->l2tp->log, XP_R_L_IPSEC, L2TP_WHO "SCCRQ again from %s", t->id,
			 l2tp_addr_text(&t->path.peer, true, peer), from_text(r, text));
		return;
	}
	l2tp_control_count_duplicate(&t->control);
	t->path = *r->path;
	l2tp_control_repeat(&t->control);
}

/* Repetitions count too: each of them is answered. */
static bool request_in_rate(const struct l2tp_request *r)
{
	struct l2tp *l = r->listener->l2tp;
	size_t len;
	const uint8_t *octets = l2tp_addr_octets(&r->path->peer, &len);
	char text[L2TP_ADDR_TEXT];

	if (!rate_peer(l->rates, index_hash(&l->tunnels, octets, len), l->io->now())) {
		log_drop(l->log, XP_R_L_RATE, "SCCRQ from %s", from_text(r, text));
		return false;
	}
	return true;
}

/* Another LNS may have room. */
static bool request_in_time(const struct l2tp_request *r)
{
	const struct l2tp *l = r->listener->l2tp;
	struct carrier_load load;
	char text[L2TP_ADDR_TEXT];

	l->user->load(l->user_arg, &load);
	if (load.busy == XP_R_NONE)
		return true;
	log_drop(l->log, load.busy, "SCCRQ from %s", from_text(r, text));
	refuse(r, L2TP_STOP_ERROR, L2TP_ERROR_RESOURCES, NULL);
	return false;
}

static bool request_allowed(const struct l2tp_request *r)
{
	char text[L2TP_ADDR_TEXT];

	if (r->listener->tunnel->l2tp.require_ipsec && !r->ipsec) {
		log_drop(r->listener->l2tp->log, XP_R_L_IPSEC,
			 "SCCRQ from %s did not come through IPsec", from_text(r, text));
		return false;
	}
	return true;
}

static void request_receive(struct l2tp_request *r)
{
	struct l2tp *l = r->listener->l2tp;
	struct l2tp_tunnel *t = request_find(r);
	char text[L2TP_ADDR_TEXT];

	if (r->avps->message == L2TP_STOPCCN && t) {
		l2tp_tunnel_receive(t, r->path, r->header);
		return;
	}
	if (r->avps->message != L2TP_SCCRQ || r->header->session_id != 0) {
		log_drop(l->log, XP_R_L_TUNNEL, "%s from %s", l2tp_message_name(r->avps->message),
			 from_text(r, text));
		return;
	}
	l->counters.sccrq++;
	if (!request_in_rate(r))
		return;
	if (t) {
		request_again(t, r);
		return;
	}
	r->ipsec = l->io->ipsec(l, r->path);
	if (request_allowed(r) && request_acceptable(r) && request_in_time(r))
		request_accept(r);
}

void l2tp_tunnel_request(struct l2tp_listener *listener, const struct l2tp_path *path,
			 const struct l2tp_header *header)
{
	struct l2tp *l = listener->l2tp;
	struct l2tp_avps avps;
	struct l2tp_request r = {
		.listener = listener,
		.path = path,
		.header = header,
		.avps = &avps,
		.secret = l2tp_secret_of(listener->tunnel, &path->peer),
		.hash = index_hash(&l->tunnels, header->payload.p, header->payload.len),
	};
	char text[L2TP_ADDR_TEXT];

	if (l2tp_avps_parse(header->payload, r.secret, &avps))
		log_drop(l->log, XP_R_L_AVP, "message from %s, which names no tunnel",
			 from_text(&r, text));
	else
		request_receive(&r);
	l2tp_avps_wipe(&avps);
}
