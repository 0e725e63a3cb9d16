/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The devices that the driver listens on. A device is followed by name: it may be missing,
 * come, go and come back with another index. Its sessions end with it, because what
 * the peers know is a MAC that may be another one next time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "log.h"
#include "tunnel/pppoe/pppoe_private.h"

/* ---- packet sockets ---- */

static enum pppoe_traffic session_traffic(const struct pppoe_interface *ifc)
{
	/* Where XDP runs, what it forwards does not come here. In tc mode it does, as a
	 * copy: the agent wants IP packets only if it is the one who forwards them. */
	const struct pppoe_session *session;

	for (unsigned int i = 0; i < ifc->n_tunnels; i++) {
		if (!ifc->tunnels[i]->pipex)
			return PPPOE_TRAFFIC_SESSION;
	}
	/* sessions stay with the configuration that they began with */
	LIST_FOREACH(session, &ifc->sessions, on_interface) {
		if (!session->carrier.tunnel->pipex)
			return PPPOE_TRAFFIC_SESSION;
	}
	return PPPOE_TRAFFIC_CONTROL;
}

static void packet_close(struct pppoe_interface *ifc)
{
	pppoe_tx_flush(ifc->pppoe->tx);
	ifc->pppoe->counters.socket_drops +=
		pppoe_socket_drops(&ifc->discovery) + pppoe_socket_drops(&ifc->session);
	pppoe_socket_close(&ifc->discovery);
	pppoe_socket_close(&ifc->session);
	ifc->discovery.drops = ifc->session.drops = 0;
}

static void on_waiting(void *arg, int64_t us)
{
	const struct pppoe *p = ((struct pppoe_interface *)arg)->pppoe;

	p->user->waiting(p->user_arg, us);
}

static void send_failed(const struct pppoe_interface *ifc, size_t len, int error)
{
	log_drop(ifc->pppoe->log, XP_R_S_SEND, "%s: %zu bytes: %s", ifc->name, len,
		 strerror(-error));
}

static void on_failed(void *arg, size_t len, int error)
{
	send_failed(arg, len, error);
}

static int packet_open(struct pppoe_interface *ifc)
{
	struct pppoe *p = ifc->pppoe;
	int r;

	r = pppoe_socket_open(&ifc->session, p->loop, p->rx, ifc->link.ifindex,
			      session_traffic(ifc), pppoe_session_receive, ifc);
	if (r == 0)
		r = pppoe_socket_open(&ifc->discovery, p->loop, p->rx, ifc->link.ifindex,
				      PPPOE_TRAFFIC_DISCOVERY, pppoe_discovery_receive, ifc);
	ifc->session.waiting = on_waiting;
	ifc->session.failed = ifc->discovery.failed = on_failed;
	if (r)
		packet_close(ifc);
	return r;
}

static int packet_send(struct pppoe_interface *ifc, enum pppoe_traffic traffic,
		       const uint8_t *frame, size_t len)
{
	bool discovery = traffic == PPPOE_TRAFFIC_DISCOVERY;

	return pppoe_tx_post(ifc->pppoe->tx, discovery ? &ifc->discovery : &ifc->session, frame,
			     len);
}

const struct pppoe_io pppoe_io_packet = {
	.open = packet_open,
	.close = packet_close,
	.send = packet_send,
	.now = mono_now,
};

/* ---- devices ---- */

struct pppoe_interface *pppoe_interface_find(struct pppoe *pppoe, const char *name)
{
	struct pppoe_interface *ifc;

	LIST_FOREACH(ifc, &pppoe->interfaces, entry) {
		if (strcmp(ifc->name, name) == 0)
			return ifc;
	}
	return NULL;
}

/* A device that comes back has other sessions. */
static bool lose_one(void *arg)
{
	struct pppoe_interface *ifc = arg;
	struct pppoe_session *session = LIST_FIRST(&ifc->losing);

	if (session)
		pppoe_session_lost(session, CAUSE_LOST_INTERFACE, false);
	return !LIST_EMPTY(&ifc->losing);
}

/* All of a list at once, unless there is something in the other one already. */
static void sessions_move(struct pppoe_sessions *to, struct pppoe_sessions *from)
{
	struct pppoe_session *session = LIST_FIRST(from);

	if (session && LIST_EMPTY(to)) {
		to->lh_first = session;
		session->on_interface.le_prev = &to->lh_first;
		LIST_INIT(from);
	}
	while ((session = LIST_FIRST(from))) {
		LIST_REMOVE(session, on_interface);
		LIST_INSERT_HEAD(to, session, on_interface);
	}
}

struct pppoe_interface *pppoe_interface_new(struct pppoe *pppoe, const char *name)
{
	struct pppoe_interface *ifc = calloc(1, sizeof(*ifc));

	if (!ifc)
		return NULL;
	ifc->pppoe = pppoe;
	strncpy(ifc->name, name, sizeof(ifc->name) - 1);
	LIST_INIT(&ifc->sessions);
	LIST_INIT(&ifc->losing);
	ifc->lose = (struct work){ .step = lose_one, .arg = ifc };
	LIST_INSERT_HEAD(&pppoe->interfaces, ifc, entry);
	return ifc;
}

static void interface_close(struct pppoe_interface *ifc)
{
	if (ifc->link.ifindex == 0)
		return;
	ifc->pppoe->io->close(ifc);
	ifc->link.ifindex = 0;
	pppoe_later_drop(&ifc->pppoe->later, ifc);
}

void pppoe_interface_free(struct pppoe_interface *ifc)
{
	if (!ifc)
		return;
	links_unsubscribe(ifc->sub);
	work_stop(&ifc->lose);
	interface_close(ifc);
	LIST_REMOVE(ifc, entry);
	free(ifc->tunnels);
	free(ifc->next_tunnels);
	free(ifc);
}

void pppoe_interface_configure(struct pppoe_interface *ifc)
{
	free(ifc->tunnels);
	ifc->tunnels = ifc->next_tunnels;
	ifc->n_tunnels = ifc->n_next;
	ifc->next_tunnels = NULL;
	ifc->n_next = 0;
	/* what the most generous tunnel allows; none is a limit for no one */
	ifc->padi_rate = 0;
	for (unsigned int i = 0; i < ifc->n_tunnels; i++) {
		unsigned int rate = ifc->tunnels[i]->pppoe.padi_rate;

		if (rate == 0) {
			ifc->padi_rate = 0;
			break;
		}
		if (rate > ifc->padi_rate)
			ifc->padi_rate = rate;
	}
	pppoe_socket_pass(&ifc->session, session_traffic(ifc));
}

static void interface_gone(struct pppoe_interface *ifc)
{
	const struct pppoe *p = ifc->pppoe;

	if (ifc->link.ifindex == 0)
		return;
	log_msg(ifc->pppoe->log, LOG_WARNING, "pppoe: interface %s is gone", ifc->name);
	interface_close(ifc);
	sessions_move(&ifc->losing, &ifc->sessions);
	p->user->work(p->user_arg, &ifc->lose);
}

static void interface_open(struct pppoe_interface *ifc, const struct link *link)
{
	ifc->link = *link;
	ifc->open_error = ifc->pppoe->io->open(ifc);
	if (ifc->open_error) {
		log_msg(ifc->pppoe->log, LOG_ERR, "pppoe: cannot listen on interface %s: %s%s",
			ifc->name, strerror(-ifc->open_error),
			ifc->open_error == -EPERM ? " (CAP_NET_RAW is needed)" : "");
		ifc->link.ifindex = 0;
		return;
	}
	log_msg(ifc->pppoe->log, LOG_INFO, "pppoe: listening on interface %s", ifc->name);
}

void pppoe_interface_link(void *arg, const struct link *link)
{
	struct pppoe_interface *ifc = arg;

	if (link->ifindex != ifc->link.ifindex)
		interface_gone(ifc);
	if (link->ifindex == 0)
		return;
	if (ifc->link.ifindex == 0)
		interface_open(ifc, link);
	else
		ifc->link = *link;
}

bool pppoe_interface_is_own(const struct pppoe_interface *ifc, const uint8_t mac[ETH_ALEN])
{
	return memcmp(ifc->link.mac, mac, ETH_ALEN) == 0;
}

const struct conf_tunnel *pppoe_interface_tunnel(const struct pppoe_interface *ifc,
						 const struct pppoe_vlans *vlans,
						 const struct conf_tunnel *after)
{
	for (unsigned int i = 0; i < ifc->n_tunnels; i++) {
		const struct conf_tunnel *tunnel = ifc->tunnels[i];

		if (after) {
			if (tunnel == after)
				after = NULL;
			continue;
		}
		if (conf_vlan_allowed(&tunnel->pppoe.vlans, vlans->vid_outer, vlans->vid_inner))
			return tunnel;
	}
	return NULL;
}

int pppoe_interface_send(struct pppoe_interface *ifc, enum pppoe_traffic traffic, struct wbuf *w,
			 size_t length_at)
{
	int r = pppoe_frame_end(w, length_at);

	if (r == 0)
		r = ifc->pppoe->io->send(ifc, traffic, w->base, w->len);
	if (r)
		send_failed(ifc, w->len, r);
	return r;
}
