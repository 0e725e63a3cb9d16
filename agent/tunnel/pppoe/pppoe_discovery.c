/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * PPPoE discovery, concentrator side (RFC 2516 5). It is called for each frame of the
 * discovery socket; it has no timers and no state of its own:
 *
 *   PADI  broadcast     → PADO with an AC-Cookie; nothing is stored
 *   PADR  with a cookie → a session, PADS; with the same cookie again → the same PADS
 *                         (5.3: the client repeats what was lost)
 *   PADT  of a session  → the session is lost
 *
 * Tags that we must bring back as they came: Host-Uniq and Relay-Session-Id (appendix A),
 * Service-Name (5.2, 5.4). PPP-Max-Payload: RFC 4638 3. TR-101 3.9.2 puts the access line's
 * ids into a vendor tag; they are for us and not sent back.
 */
#include <errno.h>
#include <string.h>

#include "conf/conf.h"
#include "dump.h"
#include "log.h"
#include "tunnel/pppoe/pppoe_private.h"

struct request {
	struct pppoe_interface *ifc;
	struct pppoe_frame frame;
	struct pppoe_tags tags;
	struct mono now;
};

#define request_drop(req, reason, what)                                                            \
	log_drop((req)->ifc->pppoe->log, reason, "%s from " PPPOE_FROM, what,                      \
		 PPPOE_FROM_ARGS((req)->ifc, &(req)->frame))

static void peer_of(const struct request *req, struct pppoe_cookie_peer *peer)
{
	memset(peer, 0, sizeof(*peer)); /* it is hashed as a whole */
	memcpy(peer->mac, req->frame.src, ETH_ALEN);
	peer->ifindex = req->ifc->link.ifindex;
	peer->vid_outer = req->frame.vlans.vid_outer;
	peer->vid_inner = req->frame.vlans.vid_inner;
}

/* ---- services ---- */

static bool names_have(const struct conf_names *names, struct buf name)
{
	const struct conf_name *n;

	STAILQ_FOREACH(n, names, entry) {
		if (strlen(n->name) == name.len && memcmp(n->name, name.p, name.len) == 0)
			return true;
	}
	return false;
}

/* An empty request means any service. A tunnel that names none has the unnamed one,
 * and takes requests for whatever name unless it is told not to. */
static bool service_offered(const struct conf_pppoe *conf, struct buf name)
{
	bool unnamed = STAILQ_EMPTY(&conf->services);

	if (name.len == 0)
		return unnamed || conf->accept_any_service || names_have(&conf->services, name);
	if (unnamed)
		return conf->accept_any_service;
	return names_have(&conf->services, name);
}

static const struct conf_tunnel *tunnel_choose(const struct request *req)
{
	const struct conf_tunnel *tunnel = NULL;

	do
		tunnel = pppoe_interface_tunnel(req->ifc, &req->frame.vlans, tunnel);
	while (tunnel && !service_offered(&tunnel->pppoe, req->tags.service));
	return tunnel;
}

/* RFC 4638: above 1492 only if both sides and the device can. Less than 1492 if the device
 * cannot even bear that: it lets frames pass that exceed its MTU by one VLAN tag, not
 * by two. */
static uint16_t mru_of(const struct request *req, const struct conf_tunnel *tunnel)
{
	uint32_t extra = PPPOE_OVERHEAD + (req->frame.vlans.vid_inner ? PPPOE_VLAN_LEN : 0);
	uint32_t mtu = req->ifc->link.mtu;
	uint32_t mru = PPPOE_MRU;

	if (tunnel->pppoe.max_payload > mru && req->tags.max_payload > mru)
		mru = tunnel->pppoe.max_payload < req->tags.max_payload ? tunnel->pppoe.max_payload
									: req->tags.max_payload;
	if (mtu > extra && mtu - extra < mru)
		mru = mtu - extra;
	return (uint16_t)mru;
}

/* ---- answers ---- */

/* Is there a tunnel there that wants its discovery frames in the log? */
static bool wants_dump(const struct pppoe_interface *ifc, const struct pppoe_vlans *vlans, bool in)
{
	const struct conf_tunnel *t = NULL;

	do
		t = pppoe_interface_tunnel(ifc, vlans, t);
	while (t && !(in ? t->ctrl_in_pktdump : t->ctrl_out_pktdump));
	return t != NULL;
}

struct answer {
	uint8_t bytes[ETH_FRAME_LEN + 2 * PPPOE_VLAN_LEN];
	struct wbuf w;
	size_t length_at;
	bool dump;
};

static void answer_begin(struct answer *a, struct pppoe_interface *ifc,
			 const struct pppoe_frame *to, enum pppoe_code code, uint16_t sid)
{
	struct pppoe_frame frame = {
		.vlans = to->vlans,
		.type = PPPOE_TYPE_DISCOVERY,
		.code = (uint8_t)code,
		.sid = sid,
	};
	unsigned int tags = (to->vlans.vid_outer != 0) + (to->vlans.vid_inner != 0);

	a->dump = wants_dump(ifc, &to->vlans, false);
	memcpy(frame.dst, to->src, ETH_ALEN);
	memcpy(frame.src, ifc->link.mac, ETH_ALEN);
	/* an Ethernet payload of 1500 bytes, whatever the tags */
	a->w = wbuf_of(a->bytes, ETH_FRAME_LEN + tags * PPPOE_VLAN_LEN);
	a->length_at = pppoe_frame_begin(&a->w, &frame);
}

static int answer_send(struct answer *a, struct pppoe_interface *ifc)
{
	int r = pppoe_interface_send(ifc, PPPOE_TRAFFIC_DISCOVERY, &a->w, a->length_at);

	if (r == 0 && a->dump)
		dump_control(ifc->pppoe->log, ifc->name, "out", buf_of(a->w.base, a->w.len), NULL);
	return r;
}

static void echo_tags(struct wbuf *w, const struct request *req)
{
	pppoe_tag_put(w, PPPOE_TAG_SERVICE_NAME, req->tags.service.p, req->tags.service.len);
	pppoe_tag_echo(w, PPPOE_TAG_HOST_UNIQ, req->tags.host_uniq);
	pppoe_tag_echo(w, PPPOE_TAG_RELAY_ID, req->tags.relay_id);
}

static void max_payload_tag(struct wbuf *w, uint16_t mru)
{
	const uint8_t value[2] = { (uint8_t)(mru >> 8), (uint8_t)mru };

	if (mru > PPPOE_MRU)
		pppoe_tag_put(w, PPPOE_TAG_MAX_PAYLOAD, value, sizeof(value));
}

/* The other services that the client could have asked for. */
static void service_tags(struct wbuf *w, const struct request *req, const struct conf_pppoe *conf)
{
	const struct conf_name *n;

	STAILQ_FOREACH(n, &conf->services, entry) {
		size_t len = strlen(n->name);

		if (len != req->tags.service.len || memcmp(n->name, req->tags.service.p, len) != 0)
			pppoe_tag_put(w, PPPOE_TAG_SERVICE_NAME, n->name, len);
	}
}

void pppoe_pado_send_now(struct pppoe_interface *ifc, const uint8_t *frame, size_t len)
{
	int r = ifc->pppoe->io->send(ifc, PPPOE_TRAFFIC_DISCOVERY, frame, len);

	if (r == 0)
		ifc->pppoe->counters.pado++;
	else
		log_drop(ifc->pppoe->log, XP_R_S_SEND, "%s: PADO: %s", ifc->name, strerror(-r));
}

/* Another concentrator that is quicker may have the client. */
static void pado_delay(const struct request *req, struct answer *a, unsigned int ms)
{
	struct pppoe *p = req->ifc->pppoe;

	if (pppoe_frame_end(&a->w, a->length_at) ||
	    pppoe_later_add(&p->later, req->ifc, a->w.base, a->w.len, ms)) {
		request_drop(req, XP_R_A_PADO_QUEUE, "PADI");
		return;
	}
	p->counters.pado_delayed++;
	if (a->dump)
		dump_control(p->log, req->ifc->name, "out", buf_of(a->w.base, a->w.len), NULL);
}

/* ms: later. */
static void pado_send(const struct request *req, const struct conf_tunnel *tunnel, unsigned int ms)
{
	struct pppoe *p = req->ifc->pppoe;
	const char *ac_name = tunnel->pppoe.ac_name ? tunnel->pppoe.ac_name : p->hostname;
	uint8_t cookie[PPPOE_COOKIE_LEN];
	struct pppoe_cookie_peer peer;
	struct answer a;

	peer_of(req, &peer);
	if (pppoe_cookie_make(p->cookies, &peer, req->now, cookie)) {
		request_drop(req, XP_R_D_LIMIT, "no AC-Cookie could be made: PADI");
		return;
	}
	answer_begin(&a, req->ifc, &req->frame, PPPOE_CODE_PADO, 0);
	pppoe_tag_put(&a.w, PPPOE_TAG_AC_NAME, ac_name, strlen(ac_name));
	echo_tags(&a.w, req);
	pppoe_tag_put(&a.w, PPPOE_TAG_AC_COOKIE, cookie, sizeof(cookie));
	max_payload_tag(&a.w, mru_of(req, tunnel));
	service_tags(&a.w, req, &tunnel->pppoe);
	if (ms > 0)
		pado_delay(req, &a, ms);
	else if (answer_send(&a, req->ifc) == 0)
		p->counters.pado++;
}

static int pads_send(const struct request *req, const struct pppoe_session *session)
{
	struct answer a;
	int r;

	answer_begin(&a, req->ifc, &req->frame, PPPOE_CODE_PADS, session->sid);
	echo_tags(&a.w, req);
	max_payload_tag(&a.w, session->mru);
	r = answer_send(&a, req->ifc);
	if (r == 0)
		req->ifc->pppoe->counters.pads++;
	return r;
}

/* RFC 2516 5.4: a PADS without a session id says why there is none. */
static void pads_refuse(const struct request *req, enum pppoe_tag error, const char *text)
{
	struct answer a;

	answer_begin(&a, req->ifc, &req->frame, PPPOE_CODE_PADS, 0);
	echo_tags(&a.w, req);
	pppoe_tag_put(&a.w, error, text, strlen(text));
	if (answer_send(&a, req->ifc) == 0)
		req->ifc->pppoe->counters.pads_error++;
}

void pppoe_padt_send(struct pppoe_interface *ifc, const struct pppoe_frame *to)
{
	struct answer a;

	answer_begin(&a, ifc, to, PPPOE_CODE_PADT, to->sid);
	if (answer_send(&a, ifc) == 0)
		ifc->pppoe->counters.padt_out++;
}

/* ---- requests ---- */

static int request_tags(struct request *req)
{
	static const uint8_t empty;

	if (pppoe_tags_parse(req->frame.payload, &req->tags)) {
		request_drop(req, XP_R_D_TAG, "malformed tag");
		return -EBADMSG;
	}
	/* a client that forgets the tag wants any service */
	if (!req->tags.service.p)
		req->tags.service = buf_of(&empty, 0);
	return 0;
}

/* all: what the interface may take of these. PADI and PADR are counted apart, so that who
 * was offered a session gets it. */
static bool rate_allowed(const struct request *req, struct bucket *all, const char *what)
{
	struct {
		struct pppoe_cookie_peer peer;
		uint32_t code;
	} key = { .code = req->frame.code };
	struct pppoe *p = req->ifc->pppoe;

	peer_of(req, &key.peer);
	if (!rate_peer(p->rates, index_hash(&p->requests, &key, sizeof(key)), req->now)) {
		request_drop(req, XP_R_D_RATE_MAC, what);
		return false;
	}
	if (!bucket_take(all, req->ifc->padi_rate, req->ifc->padi_rate, req->now)) {
		request_drop(req, XP_R_D_RATE_IF, what);
		return false;
	}
	return true;
}

/* The client asks again; a good-bye would make it give up. */
static bool is_busy(const struct request *req, struct carrier_load *load, const char *what)
{
	const struct pppoe *p = req->ifc->pppoe;

	p->user->load(p->user_arg, load);
	if (load->busy != XP_R_NONE)
		request_drop(req, load->busy, what);
	return load->busy != XP_R_NONE;
}

static void padi_handle(struct request *req)
{
	const struct conf_tunnel *tunnel;
	struct carrier_load load;
	int ms;

	req->ifc->pppoe->counters.padi++;
	if (is_busy(req, &load, "PADI") ||
	    !rate_allowed(req, &req->ifc->padi, "too many PADI, the last") || request_tags(req))
		return;
	tunnel = tunnel_choose(req);
	if (!tunnel) {
		request_drop(req, XP_R_D_SERVICE, "PADI");
		return;
	}
	ms = conf_delay(&tunnel->pppoe.pado_delay, load.sessions, load.half_open);
	if (ms == CONF_DELAY_REFUSE)
		request_drop(req, XP_R_A_PADO, "PADI");
	else
		pado_send(req, tunnel, (unsigned int)ms);
}

/* 0: a new session may be made; 1: `session` has been made by this request before. */
static int padr_check(const struct request *req, uint64_t *serial, struct pppoe_session **session)
{
	struct pppoe *p = req->ifc->pppoe;
	struct pppoe_cookie_peer peer;
	int r;

	if (!req->tags.cookie.p) {
		request_drop(req, XP_R_D_NO_COOKIE, "PADR");
		return -ENOKEY;
	}
	peer_of(req, &peer);
	r = pppoe_cookie_check(p->cookies, &peer, req->now, req->tags.cookie, serial);
	if (r == -EKEYREJECTED) {
		request_drop(req, XP_R_D_COOKIE, "PADR");
		return r;
	}
	/* also with a cookie that is too old by now: the client repeats slowly */
	*session = pppoe_session_by_request(p, *serial);
	if (*session)
		return 1;
	if (r)
		request_drop(req, XP_R_D_COOKIE_OLD, "PADR");
	return r;
}

static void session_start(struct request *req, const struct conf_tunnel *tunnel, uint64_t serial)
{
	const struct pppoe_offer offer = {
		.frame = &req->frame,
		.tags = &req->tags,
		.tunnel = tunnel,
		.request = serial,
		.mru = mru_of(req, tunnel),
	};
	struct pppoe *p = req->ifc->pppoe;
	struct pppoe_session *session;
	int r = pppoe_session_new(req->ifc, &offer, &session);

	if (r) {
		request_drop(req, XP_R_D_LIMIT, r == -ENOSPC ? "no session id: PADR" : "PADR");
		pads_refuse(req, PPPOE_TAG_AC_SYSTEM_ERROR, "no more sessions");
		return;
	}
	if (pads_send(req, session)) {
		pppoe_session_detach(session);
		p->user->aborted(p->user_arg, &session->carrier);
		return;
	}
	session->carrier.waited_ms = pppoe_cookie_age_ms(p->cookies, req->now, req->tags.cookie);
	p->user->started(p->user_arg, &session->carrier);
}

static void padr_handle(struct request *req)
{
	struct pppoe_session *session = NULL;
	const struct conf_tunnel *tunnel;
	struct carrier_load load;
	uint64_t serial = 0;
	int r;

	req->ifc->pppoe->counters.padr++;
	if (request_tags(req))
		return;
	r = padr_check(req, &serial, &session);
	if (r < 0)
		return;
	if (r == 1) {
		req->ifc->pppoe->counters.duplicate_padr++;
		pads_send(req, session);
		return;
	}
	/* a cookie is good for one session at a time, but for the next when that has ended */
	if (is_busy(req, &load, "PADR") ||
	    !rate_allowed(req, &req->ifc->padr, "too many PADR, the last"))
		return;
	tunnel = tunnel_choose(req);
	if (!tunnel) {
		request_drop(req, XP_R_D_SERVICE, "PADR");
		pads_refuse(req, PPPOE_TAG_SERVICE_NAME_ERROR, "service is not offered");
		return;
	}
	session_start(req, tunnel, serial);
}

static void padt_handle(struct request *req)
{
	struct pppoe *p = req->ifc->pppoe;
	uint32_t slot = pppoe_session_slot(req->ifc, &req->frame);
	struct pppoe_session *session = slot_owner(p->slots, slot);

	p->counters.padt_in++;
	if (session && pppoe_session_is_peer(session, req->ifc, &req->frame))
		pppoe_session_lost(session, CAUSE_PEER, false);
	/* both sides say goodbye: ours may have been first */
	else if (session || !slot_resting(p->slots, slot, req->now))
		request_drop(req, XP_R_D_PADT, "PADT");
}

/* ---- frames ---- */

static enum xp_reason parse_reason(int r)
{
	switch (r) {
	case -ENODATA:
		return XP_R_D_SHORT;
	case -EADDRNOTAVAIL:
		return XP_R_D_NOT_FOR_US;
	default:
		return XP_R_PPPOE_HEADER;
	}
}

static bool is_broadcast(const uint8_t mac[ETH_ALEN])
{
	static const uint8_t broadcast[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return memcmp(mac, broadcast, ETH_ALEN) == 0;
}

static bool request_is_for_us(const struct request *req)
{
	bool broadcast = req->frame.code == PPPOE_CODE_PADI && is_broadcast(req->frame.dst);

	return (broadcast || pppoe_interface_is_own(req->ifc, req->frame.dst)) &&
	       pppoe_interface_tunnel(req->ifc, &req->frame.vlans, NULL) != NULL;
}

static bool request_code_is_good(const struct request *req)
{
	switch (req->frame.code) {
	case PPPOE_CODE_PADI:
	case PPPOE_CODE_PADR:
		return req->frame.sid == 0; /* RFC 2516 5.1, 5.3 */
	case PPPOE_CODE_PADT:
		return true;
	default:
		return false;
	}
}

void pppoe_discovery_receive(void *arg, struct buf wire, const struct pppoe_aux *aux)
{
	struct request req = { .ifc = arg };
	struct pppoe *p = req.ifc->pppoe;
	int r = pppoe_frame_parse(wire, aux, &req.frame);

	if (r) {
		log_drop(p->log, parse_reason(r), "%s: discovery frame of %zu bytes", req.ifc->name,
			 wire.len);
		return;
	}
	if ((req.frame.src[0] & 1) || pppoe_interface_is_own(req.ifc, req.frame.src)) {
		request_drop(&req, XP_R_D_SOURCE, "frame");
		return;
	}
	if (!request_code_is_good(&req)) {
		request_drop(&req, XP_R_D_CODE, "frame");
		return;
	}
	if (!request_is_for_us(&req)) {
		request_drop(&req, XP_R_D_NOT_FOR_US, "frame");
		return;
	}
	if (wants_dump(req.ifc, &req.frame.vlans, true))
		dump_control(p->log, req.ifc->name, "in", wire, NULL);
	req.now = p->io->now();
	if (req.frame.code == PPPOE_CODE_PADI)
		padi_handle(&req);
	else if (req.frame.code == PPPOE_CODE_PADR)
		padr_handle(&req);
	else
		padt_handle(&req);
}
