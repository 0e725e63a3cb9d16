/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <string.h>

#include "rig_l2tp.h"

/* 172.16.0.1 and fd00:1::1 are ours; .2 and .3 the peers'. */
static void rig_address(uint8_t to[16], bool ipv6, uint8_t host)
{
	static const uint8_t v4[] = { 172, 16, 0, 0 }, v6[16] = { 0xfd, 0, 0, 1 };

	memcpy(to, ipv6 ? v6 : v4, ipv6 ? 16 : 4);
	to[ipv6 ? 15 : 3] = host;
}

static struct rig_l2tp rig_l2tp(const struct rig *rig, uint8_t host, bool ipv6, bool sequence)
{
	struct rig_l2tp session = {
		.up = { .dst_mac = rig->access_mac,
			.src_mac = rig_lac_mac,
			.ipv6 = ipv6,
			.dst_port = 1701,
			.src_port = 40000 + host,
			.checksum = ipv6,
			.tunnel_id = 0x0e00 + host,
			.session_id = 0x0040 + host,
			.sequence = sequence,
			.ff03 = true },
		.down = { .dst_mac = rig_lac_mac,
			  .src_mac = rig->access_mac,
			  .ipv6 = ipv6,
			  .dst_port = 40000 + host,
			  .src_port = 1701,
			  .checksum = ipv6,
			  .frag = 0x4000,
			  .tunnel_id = 0x7100 + host,
			  .session_id = 0x9200 + host,
			  .sequence = sequence,
			  .ff03 = true },
		.addr = RIG_CAROL - 2 + host,
	};

	rig_address(session.up.dst, ipv6, 1);
	rig_address(session.up.src, ipv6, host);
	rig_address(session.down.dst, ipv6, host);
	rig_address(session.down.src, ipv6, 1);
	session.slot = rig->l2tp_first + session.up.session_id;
	session.line = session.addr - RIG_POOL;
	return session;
}

struct rig_l2tp rig_carol(const struct rig *rig, bool ipv6, bool sequence)
{
	return rig_l2tp(rig, 2, ipv6, sequence);
}

struct rig_l2tp rig_dave(const struct rig *rig, bool ipv6, bool sequence)
{
	return rig_l2tp(rig, 3, ipv6, sequence);
}

static uint32_t rig_word(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Of a header with length 0, by the checksum's definition. */
static uint16_t rig_header_sum(const struct l2tp_spec *l2tp)
{
	uint32_t sum = 0x4500 + 0x4000 + (64 << 8) + IPPROTO_UDP;

	for (int i = 0; i < 4; i += 2)
		sum += build_get16(l2tp->src + i) + build_get16(l2tp->dst + i);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(sum);
}

static void rig_add_l2tp_down(struct rig *rig, const struct rig_l2tp *session, uint16_t flags)
{
	const struct l2tp_spec *l2tp = &session->down;
	struct xp_session_down *down = &rig->down[session->line];
	struct xp_l2tp_down header = {
		.local_port = htons(l2tp->src_port),
		.peer_port = htons(l2tp->dst_port),
		.tunnel_id = htons(l2tp->tunnel_id),
		.session_id = htons(l2tp->session_id),
		.sequence = l2tp->ns,
		.tunnel = session->up.tunnel_id,
	};

	if (!l2tp->ipv6) {
		header.local = rig_word(l2tp->src);
		header.peer = rig_word(l2tp->dst);
		header.check = rig_header_sum(l2tp);
	}
	*down = (struct xp_session_down){
		.flags = flags,
		.concentrator = 1,
		.slot = session->slot,
		.addr = htonl(session->addr),
		.mtu = RIG_L2TP_MTU,
	};
	down->l2tp = header;
	down->state = XP_STATE_FORWARD;
}

void rig_add_l2tp(struct rig *rig, const struct rig_l2tp *session)
{
	const struct l2tp_spec *l2tp = &session->up;
	struct xp_session_up *up = &rig->up[session->slot];
	struct xp_tunnel *tunnel = &rig->tunnels[l2tp->tunnel_id];
	uint16_t flags = XP_F_MSS_CLAMP | XP_F_L2TP | (l2tp->ipv6 ? XP_F_OUTER_IPV6 : 0) |
			 (l2tp->sequence ? XP_F_SEQUENCE : 0);

	*up = (struct xp_session_up){
		.flags = flags | XP_F_INGRESS_FILTER,
		.generation = 8,
		.mss = RIG_L2TP_MTU - 40,
		.addr = htonl(session->addr),
		.down = session->line,
		.concentrator = 1,
	};
	up->l2tp.peer_port = htons(l2tp->src_port);
	up->l2tp.local_port = htons(l2tp->dst_port);
	up->l2tp.tunnel_id = htons(l2tp->tunnel_id);
	if (l2tp->ipv6) {
		memcpy(tunnel->peer, l2tp->src, 16);
		memcpy(tunnel->local, l2tp->dst, 16);
	} else {
		up->l2tp.peer = rig_word(l2tp->src);
		up->l2tp.local = rig_word(l2tp->dst);
	}
	up->state = XP_STATE_FORWARD;
	rig_add_l2tp_down(rig, session, flags);
}

struct rig_session rig_l2tp_stack(const struct rig *rig)
{
	return (struct rig_session){ .wrap = { .peer = rig->concentrator_mac } };
}
