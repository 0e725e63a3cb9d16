/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The PPPoE driver: sessions once discovery has made them (RFC 2516 6), and the carrier that
 * the session layer sees. A session is known by its id within an id space, and by
 * the device, VLANs and MACs that its frames must have.
 *
 * PPP control packets for a session that does not exist are answered with PADT, so
 * that a client whose session died with a crash or a reboot of ours dials again at
 * once. Never so for an id that another peer has: that would let anybody end sessions.
 */
#include "tunnel/pppoe/pppoe.h"

#include <errno.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xpppd/map.h>

#include "brief.h"
#include "conf/conf.h"
#include "dataplane/dataplane.h"
#include "log.h"
#include "tunnel/pppoe/pppoe_private.h"

#define STRAY_PADT_RATE 100 /* per second, over all */

#define PPP_ALLSTATIONS_UI 0xff03 /* RFC 1662: address and control field */
#define PPP_CONTROL 0x8000        /* RFC 1661 2: set in protocols of NCP and LCP */

/* ---- indexes ---- */

uint32_t pppoe_session_slot(const struct pppoe_interface *ifc, const struct pppoe_frame *frame)
{
	const struct pppoe *p = ifc->pppoe;
	uint32_t space = xp_slot_space(ifc->link.ifindex, frame->vlans.vid_outer,
				       frame->vlans.vid_inner, p->dims.spaces);

	return slot_of(p->slots, space, frame->sid);
}

bool pppoe_session_is_peer(const struct pppoe_session *session, const struct pppoe_interface *ifc,
			   const struct pppoe_frame *frame)
{
	return session->ifindex == ifc->link.ifindex &&
	       session->vid_outer == frame->vlans.vid_outer &&
	       session->vid_inner == frame->vlans.vid_inner &&
	       memcmp(session->peer_mac, frame->src, ETH_ALEN) == 0 &&
	       memcmp(session->own_mac, frame->dst, ETH_ALEN) == 0;
}

struct pppoe_session *pppoe_session_by_request(struct pppoe *pppoe, uint64_t request)
{
	uint64_t hash = index_hash(&pppoe->requests, &request, sizeof(request));

	for (struct index_node *n = index_first(&pppoe->requests, hash); n; n = index_next(n)) {
		struct pppoe_session *s = INDEX_ENTRY(n, struct pppoe_session, by_request);

		if (s->request == request)
			return s;
	}
	return NULL;
}

struct pppoe_session *pppoe_by_slot(struct pppoe *pppoe, uint32_t slot)
{
	return slot_owner(pppoe->slots, slot);
}

static void session_attach(struct pppoe_interface *ifc, struct pppoe_session *s)
{
	struct pppoe *p = ifc->pppoe;

	s->interface = ifc;
	LIST_INSERT_HEAD(&ifc->sessions, s, on_interface);
	index_add(&p->requests, &s->by_request,
		  index_hash(&p->requests, &s->request, sizeof(s->request)));
	p->counters.sessions++;
}

void pppoe_session_detach(struct pppoe_session *session)
{
	struct pppoe *p = session->interface->pppoe;

	slot_give(p->slots, session->slot, p->io->now());
	index_del(&p->requests, &session->by_request);
	LIST_REMOVE(session, on_interface);
	session->interface = NULL;
	p->counters.sessions--;
}

/* ---- the carrier ---- */

/* A frame as if the peer had sent it: whom answers go to. */
static struct pppoe_frame session_frame(const struct pppoe_session *s)
{
	struct pppoe_frame frame = {
		.vlans = { s->vid_outer, s->vid_inner, s->tpid_outer, s->tpid_inner },
		.type = PPPOE_TYPE_SESSION,
		.sid = s->sid,
	};

	memcpy(frame.src, s->peer_mac, ETH_ALEN);
	memcpy(frame.dst, s->own_mac, ETH_ALEN);
	return frame;
}

/* Not so when the device is gone, though another one may have its name by now. */
static bool session_has_device(const struct pppoe_session *s)
{
	return s->interface && s->interface->link.ifindex == s->ifindex;
}

static void session_send(struct carrier *c, uint16_t proto, const uint8_t *info, size_t len)
{
	struct pppoe_session *s = (struct pppoe_session *)c;
	struct pppoe_frame frame = session_frame(s);
	uint8_t bytes[PPPOE_FRAME_MAX];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	size_t length_at;

	if (!session_has_device(s))
		return;
	memcpy(frame.dst, s->peer_mac, ETH_ALEN);
	memcpy(frame.src, s->own_mac, ETH_ALEN);
	length_at = pppoe_frame_begin(&w, &frame);
	wbuf_u16(&w, proto);
	wbuf_put(&w, info, len);
	pppoe_interface_send(s->interface, PPPOE_TRAFFIC_SESSION, &w, length_at);
}

static void session_close(struct carrier *c, enum cause cause)
{
	struct pppoe_session *s = (struct pppoe_session *)c;
	struct pppoe_frame frame = session_frame(s);

	(void)cause; /* PADT has no room for it */
	if (!s->interface)
		return;
	if (session_has_device(s))
		pppoe_padt_send(s->interface, &frame);
	pppoe_session_detach(s);
}

static void session_describe(const struct carrier *c, struct dp_session *dp)
{
	const struct pppoe_session *s = (const struct pppoe_session *)c;

	dp->slot = s->slot;
	dp->ifindex = s->ifindex;
	dp->vid_outer = s->vid_outer;
	dp->vid_inner = s->vid_inner;
	dp->tpid_outer = s->tpid_outer;
	dp->tpid_inner = s->tpid_inner;
	dp->sid = s->sid;
	memcpy(dp->peer_mac, s->peer_mac, ETH_ALEN);
	memcpy(dp->own_mac, s->own_mac, ETH_ALEN);
}

static void session_info(const struct carrier *c, struct carrier_info *info)
{
	const struct pppoe_session *s = (const struct pppoe_session *)c;
	struct brief peer = brief_of(info->peer, sizeof(info->peer));
	struct brief device = brief_of(info->device, sizeof(info->device));

	brief_mac(&peer, s->peer_mac);
	brief_text(&device, s->ifname);
	if (s->vid_outer) {
		brief_text(&device, ".");
		brief_decimal(&device, s->vid_outer);
	}
	if (s->vid_inner) {
		brief_text(&device, ".");
		brief_decimal(&device, s->vid_inner);
	}
	info->id = s->sid;
	info->service = s->service;
	info->circuit_id = s->circuit_id;
	info->remote_id = s->remote_id;
	info->called = info->calling = info->peer_name = info->local_name = "";
	info->local[0] = '\0';
	info->tunnel_id = 0;
	info->serial = 0;
}

static uint16_t session_mru(const struct carrier *c)
{
	return ((const struct pppoe_session *)c)->mru;
}

static const struct carrier_ops pppoe_carrier_ops = {
	.name = "pppoe",
	.size = sizeof(struct pppoe_session),
	.send = session_send,
	.close = session_close,
	.describe = session_describe,
	.info = session_info,
	.mru = session_mru,
};

/* ---- beginning and end ---- */

static void session_fill(struct pppoe_session *s, const struct pppoe_interface *ifc,
			 const struct pppoe_offer *offer)
{
	const struct pppoe_frame *frame = offer->frame;
	const struct pppoe_tags *tags = offer->tags;

	s->ifindex = ifc->link.ifindex;
	s->vid_outer = frame->vlans.vid_outer;
	s->vid_inner = frame->vlans.vid_inner;
	s->tpid_outer = frame->vlans.tpid_outer;
	s->tpid_inner = frame->vlans.tpid_inner;
	memcpy(s->peer_mac, frame->src, ETH_ALEN);
	memcpy(s->own_mac, ifc->link.mac, ETH_ALEN);
	memcpy(s->ifname, ifc->name, sizeof(s->ifname));
	s->mru = offer->mru;
	s->request = offer->request;
	log_escape(s->service, sizeof(s->service), tags->service.p, tags->service.len);
	log_escape(s->circuit_id, sizeof(s->circuit_id), tags->circuit_id.p, tags->circuit_id.len);
	log_escape(s->remote_id, sizeof(s->remote_id), tags->remote_id.p, tags->remote_id.len);
}

static uint32_t peer_hash(const struct pppoe *p, const struct pppoe_session *s)
{
	struct pppoe_cookie_peer peer;

	memset(&peer, 0, sizeof(peer)); /* it is hashed as a whole */
	memcpy(peer.mac, s->peer_mac, ETH_ALEN);
	peer.ifindex = s->ifindex;
	peer.vid_outer = s->vid_outer;
	peer.vid_inner = s->vid_inner;
	return (uint32_t)index_hash(&p->requests, &peer, sizeof(peer)) | 1;
}

int pppoe_session_new(struct pppoe_interface *ifc, const struct pppoe_offer *offer,
		      struct pppoe_session **session)
{
	struct pppoe *p = ifc->pppoe;
	struct carrier *c = p->user->accept(p->user_arg, &pppoe_carrier_ops, offer->tunnel);
	struct pppoe_session *s = (struct pppoe_session *)c;
	uint32_t space;
	int r;

	if (!c)
		return -EUSERS;
	session_fill(s, ifc, offer);
	space = xp_slot_space(s->ifindex, s->vid_outer, s->vid_inner, p->dims.spaces);
	r = slot_take_for(p->slots, space, peer_hash(p, s), s, p->io->now(), &s->slot);
	if (r) {
		p->user->aborted(p->user_arg, c);
		return r;
	}
	s->sid = slot_id(p->slots, s->slot);
	session_attach(ifc, s);
	*session = s;
	return 0;
}

void pppoe_session_lost(struct pppoe_session *session, enum cause cause, bool tell)
{
	struct pppoe_interface *ifc = session->interface;
	struct pppoe *p = ifc->pppoe;
	struct pppoe_frame frame = session_frame(session);

	if (tell)
		pppoe_padt_send(ifc, &frame);
	/* unreachable first: the owner's close finds nothing left to do */
	pppoe_session_detach(session);
	p->user->lost(p->user_arg, &session->carrier, cause);
}

/* ---- session frames ---- */

static bool is_ppp_control(struct buf ppp)
{
	uint16_t proto;

	if (buf_u16(&ppp, &proto))
		return false;
	if (proto == PPP_ALLSTATIONS_UI && buf_u16(&ppp, &proto))
		return false;
	return (proto & PPP_CONTROL) != 0;
}

static void stray_handle(struct pppoe_interface *ifc, const struct pppoe_frame *frame)
{
	struct pppoe *p = ifc->pppoe;

	log_drop(p->log, XP_R_S_UNKNOWN, "id %u from " PPPOE_FROM, frame->sid,
		 PPPOE_FROM_ARGS(ifc, frame));
	if (frame->sid != 0 && pppoe_interface_is_own(ifc, frame->dst) &&
	    pppoe_interface_tunnel(ifc, &frame->vlans, NULL) && is_ppp_control(frame->payload) &&
	    bucket_take(&p->stray, STRAY_PADT_RATE, STRAY_PADT_RATE, p->io->now()))
		pppoe_padt_send(ifc, frame);
}

static enum xp_reason session_parse(const struct pppoe_interface *ifc, struct buf wire,
				    const struct pppoe_aux *aux, struct pppoe_frame *frame)
{
	int r = pppoe_frame_parse(wire, aux, frame);

	if (r == -ENODATA)
		return XP_R_S_SHORT;
	if (r == -EADDRNOTAVAIL)
		return XP_R_S_PEER;
	if (r || frame->code != PPPOE_CODE_SESSION)
		return XP_R_PPPOE_HEADER;
	if ((frame->src[0] & 1) || pppoe_interface_is_own(ifc, frame->src))
		return XP_R_S_PEER;
	return XP_R_NONE;
}

void pppoe_session_receive(void *arg, struct buf wire, const struct pppoe_aux *aux)
{
	struct pppoe_interface *ifc = arg;
	struct pppoe *p = ifc->pppoe;
	struct pppoe_session *session;
	struct pppoe_frame frame;
	enum xp_reason reason = session_parse(ifc, wire, aux, &frame);

	if (reason != XP_R_NONE) {
		log_drop(p->log, reason, "%s: session frame of %zu bytes", ifc->name, wire.len);
		return;
	}
	session = slot_owner(p->slots, pppoe_session_slot(ifc, &frame));
	if (!session)
		stray_handle(ifc, &frame);
	else if (!pppoe_session_is_peer(session, ifc, &frame))
		log_drop(p->log, XP_R_S_PEER, "id %u from " PPPOE_FROM, frame.sid,
			 PPPOE_FROM_ARGS(ifc, &frame));
	else
		p->user->input(p->user_arg, &session->carrier, frame.payload);
}

/* ---- the driver ---- */

int pppoe_new(struct ev_loop *loop, const struct carrier_user *user, void *arg, struct log *log,
	      struct pppoe_dims dims, struct pppoe **pppoe)
{
	struct pppoe *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->loop = loop;
	p->io = &pppoe_io_packet;
	p->user = user;
	p->user_arg = arg;
	p->log = log;
	p->dims = dims;
	LIST_INIT(&p->interfaces);
	pppoe_later_init(&p->later, loop, pppoe_pado_send_now);
	if (gethostname(p->hostname, sizeof(p->hostname) - 1) || p->hostname[0] == '\0')
		strcpy(p->hostname, "xpppd");
	r = index_init(&p->requests);
	if (r == 0)
		r = slots_new(dims.spaces, dims.space_size, &p->slots);
	if (r == 0)
		r = pppoe_cookies_new(mono_now(), &p->cookies);
	if (r == 0)
		r = rates_new(PPPOE_RATE_PEER, PPPOE_RATE_PEER_BURST, &p->rates);
	if (r == 0)
		r = pppoe_rx_new(&p->rx);
	if (r == 0)
		r = pppoe_tx_new(loop, &p->tx);
	if (r) {
		pppoe_free(p);
		return r;
	}
	*pppoe = p;
	return 0;
}

void pppoe_free(struct pppoe *pppoe)
{
	struct pppoe_interface *ifc;

	if (!pppoe)
		return;
	while ((ifc = LIST_FIRST(&pppoe->interfaces)))
		pppoe_interface_free(ifc);
	pppoe_later_drop(&pppoe->later, NULL);
	pppoe_rx_free(pppoe->rx);
	pppoe_tx_free(pppoe->tx);
	rates_free(pppoe->rates);
	pppoe_cookies_free(pppoe->cookies);
	slots_free(pppoe->slots);
	index_fini(&pppoe->requests);
	free(pppoe);
}

void pppoe_counters(const struct pppoe *pppoe, struct pppoe_counters *out)
{
	struct pppoe_interface *ifc;

	*out = pppoe->counters;
	LIST_FOREACH(ifc, &pppoe->interfaces, entry)
		out->socket_drops +=
			pppoe_socket_drops(&ifc->discovery) + pppoe_socket_drops(&ifc->session);
}

/* ---- configuration ---- */

/* Room for every tunnel of conf, which is more than enough and cannot fail later. */
static int interface_want(struct pppoe *p, const char *name, const struct conf_tunnel *tunnel,
			  unsigned int tunnels)
{
	struct pppoe_interface *ifc = pppoe_interface_find(p, name);

	if (!ifc)
		ifc = pppoe_interface_new(p, name);
	if (!ifc)
		return -ENOMEM;
	if (!ifc->next_tunnels)
		ifc->next_tunnels = calloc(tunnels, sizeof(struct conf_tunnel *));
	if (!ifc->next_tunnels)
		return -ENOMEM;
	if (ifc->n_next == 0 || ifc->next_tunnels[ifc->n_next - 1] != tunnel)
		ifc->next_tunnels[ifc->n_next++] = tunnel;
	return 0;
}

static int interfaces_want(struct pppoe *p, const struct conf *conf)
{
	const struct conf_tunnel *tunnel;
	const struct conf_name *name;
	unsigned int n = 0;
	int r = 0;

	STAILQ_FOREACH(tunnel, &conf->tunnels, entry)
		n++;
	STAILQ_FOREACH(tunnel, &conf->tunnels, entry) {
		if (tunnel->protocol != CONF_PPPOE || !tunnel->bound)
			continue;
		STAILQ_FOREACH(name, &tunnel->pppoe.interfaces, entry) {
			r = interface_want(p, name->name, tunnel, n);
			if (r)
				return r;
		}
	}
	return 0;
}

/* Takes interfaces_want() back. */
static void interfaces_unwant(struct pppoe *p)
{
	struct pppoe_interface *ifc, *next;

	for (ifc = LIST_FIRST(&p->interfaces); ifc; ifc = next) {
		next = LIST_NEXT(ifc, entry);
		free(ifc->next_tunnels);
		ifc->next_tunnels = NULL;
		ifc->n_next = 0;
		if (!ifc->tunnels)
			pppoe_interface_free(ifc);
	}
}

static void interface_drop(struct pppoe_interface *ifc)
{
	struct pppoe_session *session;

	while ((session = LIST_FIRST(&ifc->losing)))
		pppoe_session_lost(session, CAUSE_LOST_INTERFACE, false);
	while ((session = LIST_FIRST(&ifc->sessions)))
		pppoe_session_lost(session, CAUSE_CONFIG, true);
	pppoe_interface_free(ifc);
}

/* Does its tunnel still listen there? A reload may have moved it. */
static bool session_is_served(const struct pppoe_interface *ifc, const struct pppoe_session *s)
{
	const struct pppoe_vlans vlans = { .vid_outer = s->vid_outer, .vid_inner = s->vid_inner };
	const struct conf_tunnel *tunnel = NULL;

	do
		tunnel = pppoe_interface_tunnel(ifc, &vlans, tunnel);
	while (tunnel && strcmp(tunnel->name, s->carrier.tunnel->name) != 0);
	return tunnel != NULL;
}

static void interface_end_unserved(struct pppoe_interface *ifc)
{
	struct pppoe_session *session, *next;

	for (session = LIST_FIRST(&ifc->sessions); session; session = next) {
		next = LIST_NEXT(session, on_interface);
		if (!session_is_served(ifc, session))
			pppoe_session_lost(session, CAUSE_CONFIG, true);
	}
}

static int interface_watch(struct pppoe_interface *ifc, struct links *links)
{
	int r;

	if (ifc->sub)
		return 0;
	r = links_subscribe(links, ifc->name, pppoe_interface_link, ifc, &ifc->sub);
	if (r)
		return r;
	if (ifc->link.ifindex == 0 && ifc->open_error == 0)
		log_msg(ifc->pppoe->log, LOG_WARNING,
			"pppoe: interface %s does not exist; it is served when it comes",
			ifc->name);
	return ifc->open_error;
}

int pppoe_prepare(struct pppoe *pppoe, const struct conf *conf)
{
	int r = 0;

	interfaces_unwant(pppoe);
	pppoe->prepared = conf;
	if (conf)
		r = interfaces_want(pppoe, conf);
	if (r)
		pppoe_prepare(pppoe, NULL);
	return r;
}

int pppoe_configure(struct pppoe *pppoe, const struct conf *conf, struct links *links)
{
	struct pppoe_interface *ifc, *next;
	int first = 0;
	int r = pppoe->prepared == conf ? 0 : pppoe_prepare(pppoe, conf);

	if (r)
		return r;
	pppoe->prepared = NULL;
	for (ifc = LIST_FIRST(&pppoe->interfaces); ifc; ifc = next) {
		next = LIST_NEXT(ifc, entry);
		if (!ifc->next_tunnels) {
			interface_drop(ifc);
			continue;
		}
		pppoe_interface_configure(ifc);
		interface_end_unserved(ifc);
		r = interface_watch(ifc, links);
		if (r && first == 0)
			first = r;
	}
	return first;
}
