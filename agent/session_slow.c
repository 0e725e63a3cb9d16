/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sessions' IPv4 packets that the agent moves itself, both ways. */
#include "log.h"
#include "session_private.h"
#include "slowpath.h"

#define WHO "ppp-id %u: "

static bool source_allowed(const struct session *s, struct in_addr source)
{
	struct dataplane *dp = s->table->dp;

	return !s->carrier.base.tunnel->ingress_filter || dp->ops->has_address(dp, s->slot, source);
}

/* At the session's rate, which programs may be taking from at the same time. */
static bool rate_allows(const struct session *s, bool up, int len)
{
	struct dataplane *dp = s->table->dp;

	if (dp->ops->rate_pass(dp, s->slot, up, (size_t)len))
		return true;
	log_drop(s->table->log, up ? XP_R_RATE_UP : XP_R_RATE_DOWN, WHO "packet of %d bytes",
		 s->state.ppp_id, len);
	return false;
}

static uint16_t mss_of(const struct session *s)
{
	return (uint16_t)(ppp_mtu(&s->ppp) - 40);
}

static void slow_up(struct session *s, struct buf packet)
{
	struct sessions *t = s->table;
	uint8_t ip[SLOWPATH_PACKET_MAX];
	int len = slowpath_copy(packet, ip);

	if (len < 0 || !source_allowed(s, slowpath_source(ip))) {
		log_drop(t->log, XP_R_S_IP, WHO "IPv4 packet of %zu bytes", s->state.ppp_id,
			 packet.len);
		return;
	}
	if (!rate_allows(s, true, len))
		return;
	if (s->carrier.base.tunnel->tcp_mss_adjust)
		slowpath_clamp_mss(ip, (size_t)len, mss_of(s));
	if (t->dp->ops->ip_send(t->dp, s->slot, ip, (size_t)len) < 0) {
		log_drop(t->log, XP_R_S_SEND, WHO "packet for the stack", s->state.ppp_id);
		return;
	}
	t->dp->ops->count(t->dp, s->slot, true, (size_t)len, slowpath_is_activity(ip, (size_t)len));
}

/* What the fast path serves does not come up a PPPoE socket, but over UDP the kernel may have put
 * fragments together. */
static bool accepts_ip(const struct session *s)
{
	return s->slow || s->carrier.base.ops->ip_input;
}

void session_ip_up(void *owner, struct buf packet)
{
	struct session *s = owner;

	if (!s->in_dataplane || !accepts_ip(s))
		log_drop(s->table->log, XP_R_S_STATE, WHO "IPv4 packet", s->state.ppp_id);
	else if (s->encrypted)
		log_drop(s->table->log, XP_R_MPPE_CLEAR, WHO "IPv4 packet", s->state.ppp_id);
	else
		slow_up(s, packet);
}

/* What was encrypted and is no IPv4 packet is not rejected: that would send it back in clear. */
void session_mppe_up(void *owner, struct buf packet)
{
	struct session *s = owner;
	uint8_t clear[SLOWPATH_PACKET_MAX + XP_MPPE_OVERHEAD];
	struct buf ppp = { clear, packet.len - XP_MPPE_HEADER };
	uint16_t proto;
	int verdict = XP_R_MPPE_HEADER;

	if (session_mppe_is_copy(s, packet))
		return;
	if (packet.len >= XP_MPPE_HEADER && packet.len <= sizeof(clear))
		verdict = session_mppe_decrypt(s, packet, clear);
	if (verdict)
		log_drop(s->table->log, (enum xp_reason)verdict,
			 WHO "encrypted packet of %zu bytes", s->state.ppp_id, packet.len);
	else if (ppp_frame_protocol(&ppp, &proto) < 0 || proto != PPP_PROTO_IP)
		log_drop(s->table->log, XP_R_MPPE_GARBAGE, WHO "no IPv4 packet", s->state.ppp_id);
	else
		slow_up(s, ppp);
}

/* frame: room for what encryption adds, then the packet. False: it did not leave. */
static bool send_ip(struct session *s, uint8_t frame[], size_t len)
{
	size_t total = XP_MPPE_OVERHEAD + len;
	int verdict;

	if (!s->encrypted) {
		session_ppp_send(s, PPP_PROTO_IP, frame + XP_MPPE_OVERHEAD, len);
		return true;
	}
	frame[XP_MPPE_HEADER] = PPP_PROTO_IP >> 8;
	frame[XP_MPPE_HEADER + 1] = PPP_PROTO_IP & 0xff;
	verdict = session_mppe_encrypt(s, frame, total);
	if (verdict) {
		log_drop(s->table->log, (enum xp_reason)verdict, WHO "packet of the stack",
			 s->state.ppp_id);
		return false;
	}
	session_ppp_send(s, PPP_PROTO_MPPE, frame, total);
	return true;
}

static void slow_down(struct session *s, struct buf packet)
{
	struct sessions *t = s->table;
	uint8_t frame[XP_MPPE_OVERHEAD + SLOWPATH_PACKET_MAX], *ip = frame + XP_MPPE_OVERHEAD;
	int len = slowpath_copy(packet, ip);
	bool active;

	if (len < 0) {
		log_drop(t->log, XP_R_S_IP, WHO "IPv4 packet of the stack", s->state.ppp_id);
		return;
	}
	if (len > ppp_mtu(&s->ppp)) {
		log_drop(t->log, XP_R_S_TOO_BIG, WHO "%d bytes", s->state.ppp_id, len);
		return;
	}
	if (!rate_allows(s, false, len))
		return;
	if (s->carrier.base.tunnel->tcp_mss_adjust)
		slowpath_clamp_mss(ip, (size_t)len, mss_of(s));
	active = slowpath_is_activity(ip, (size_t)len);
	if (send_ip(s, frame, (size_t)len))
		t->dp->ops->count(t->dp, s->slot, false, (size_t)len, active);
}

void sessions_ip_input(void *arg, struct in_addr dst, struct buf packet)
{
	struct sessions *t = arg;
	struct session *s = session_table_by_addr(t, dst);

	if (!s || !s->in_dataplane) {
		log_drop(t->log, XP_R_S_NO_ADDRESS, "packet of the stack for no session");
		return;
	}
	slow_down(s, packet);
}
