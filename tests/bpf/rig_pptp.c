/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <arpa/inet.h>
#include <string.h>

#include "rig_pptp.h"

#define LNS IP(172, 16, 0, 1)
#define PEERS IP(172, 16, 0, 0)

static struct rig_pptp rig_pptp(const struct rig *rig, uint8_t host)
{
	struct rig_pptp session = {
		.up = { .dst_mac = rig->access_mac,
			.src_mac = rig_lac_mac,
			.dst = LNS,
			.src = PEERS + host,
			.call_id = 0x0030 + host,
			.ff03 = true },
		.down = { .dst_mac = rig_lac_mac,
			  .src_mac = rig->access_mac,
			  .dst = PEERS + host,
			  .src = LNS,
			  .frag = 0x4000,
			  .call_id = 0x8200 + host,
			  .number = 7,
			  .ff03 = true },
		.addr = RIG_ERIN - 2 + host,
	};

	session.slot = rig->pptp_first + session.up.call_id;
	session.line = session.addr - RIG_POOL;
	return session;
}

struct rig_pptp rig_erin(const struct rig *rig)
{
	return rig_pptp(rig, 2);
}

struct rig_pptp rig_frank(const struct rig *rig)
{
	return rig_pptp(rig, 3);
}

/* Of a header with length 0, by the checksum's definition. */
static uint16_t header_sum(const struct pptp_spec *pptp)
{
	uint32_t sum = 0x4500 + 0x4000 + (64 << 8) + IPPROTO_GRE;

	sum += (pptp->src >> 16) + (pptp->src & 0xffff) + (pptp->dst >> 16) + (pptp->dst & 0xffff);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)sum);
}

void rig_add_pptp(struct rig *rig, const struct rig_pptp *session)
{
	struct xp_session_up *up = &rig->up[session->slot];
	struct xp_session_down *down = &rig->down[session->line];
	uint16_t flags = XP_F_MSS_CLAMP | XP_F_PPTP;

	*up = (struct xp_session_up){
		.flags = flags | XP_F_INGRESS_FILTER,
		.generation = 11,
		.mss = RIG_PPTP_MTU - 40,
		.addr = htonl(session->addr),
		.down = session->line,
		.concentrator = 1,
		.pptp = { .peer = htonl(session->up.src), .local = htonl(session->up.dst) },
	};
	rig_pptp_received(rig, session, UINT32_MAX);
	*down = (struct xp_session_down){
		.flags = flags,
		.concentrator = 1,
		.slot = session->slot,
		.addr = htonl(session->addr),
		.mtu = RIG_PPTP_MTU,
	};
	down->pptp = (struct xp_pptp_down){ .local = htonl(session->down.src),
					    .peer = htonl(session->down.dst),
					    .sequence = session->down.number,
					    .call_id = htons(session->down.call_id),
					    .check = header_sum(&session->down) };
	down->state = XP_STATE_FORWARD;
	up->state = XP_STATE_FORWARD;
}

void rig_pptp_received(struct rig *rig, const struct rig_pptp *session, uint32_t newest)
{
	struct xp_session_up *up = &rig->up[session->slot];

	up->sequence = newest;
	up->pptp.acked = newest;
	up->pptp.asked = (uint16_t)newest;
	up->pptp.late = 0;
}
