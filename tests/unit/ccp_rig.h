/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Links that come up to CCP, with keys of MS-CHAPv2. */
#ifndef CCP_RIG_H
#define CCP_RIG_H

#include "ppp/ccp.h"
#include "ppp_rig.h"

#define CCP PPP_PROTO_CCP
#define IPCP PPP_PROTO_IPCP

/* the option with its bits */
#define STATELESS_128 18, 6, 1, 0, 0, 0x40
#define STATELESS_56 18, 6, 1, 0, 0, 0x80
#define STATELESS_40 18, 6, 1, 0, 0, 0x20
#define STATEFUL_128 18, 6, 0, 0, 0, 0x40
#define STATEFUL_40 18, 6, 0, 0, 0, 0x20
#define WINDOWS 18, 6, 1, 0, 0, 0xe1 /* H, M, S, L and MPPC */
#define BSD 21, 3, 0x2f
#define DEFLATE 26, 4, 0x78, 0

/* RFC 3079 3.5.1: user "User", password "clientPass" */
static const uint8_t rfc_hash_hash[16] = {
	0x41, 0xc0, 0x0c, 0x58, 0x4b, 0xd2, 0xd9, 0x1c,
	0x40, 0x17, 0xa2, 0xa1, 0x2f, 0xa5, 0x9f, 0x3f,
};
static const uint8_t rfc_nt_response[24] = {
	0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0, 0x8f, 0xaa, 0x39,
	0x81, 0xcd, 0x83, 0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf,
};
static const uint8_t rfc_send_start_key[16] = {
	0x8b, 0x7c, 0xdc, 0x14, 0x9b, 0x99, 0x3a, 0x1b,
	0xa1, 0x18, 0xcb, 0x15, 0x3f, 0x56, 0xdc, 0xcb,
};

static inline struct rig *rig_of(enum ppp_mppe mppe)
{
	struct rig *rig = rig_new(false, false, true);

	rig->conf.mppe = mppe;
	rig->reply.keys = PPP_KEYS_MSCHAPV2;
	memcpy(rig->reply.password_hash_hash, rfc_hash_hash, sizeof(rfc_hash_hash));
	memcpy(rig->reply.nt_response, rfc_nt_response, sizeof(rfc_nt_response));
	return rig;
}

static inline void rig_log_in(struct rig *rig)
{
	uint8_t response[1 + 49 + 3] = { 49 };
	const struct rig_frame *challenge;

	rig_open_lcp(rig);
	challenge = rig_expect(rig, PPP_PROTO_CHAP, 1);
	memcpy(response + 50, "joe", 3);
	rig_packet(rig, PPP_PROTO_CHAP, 2, challenge->bytes[1], response, sizeof(response));
	rig_expect(rig, PPP_PROTO_CHAP, 3);
}

/* The peer has not begun with CCP in time. */
static inline void rig_ccp_begins(struct rig *rig)
{
	if (ev_is_active(&rig->ppp.ccp_wait))
		rig_fire(rig, &rig->ppp.ccp_wait);
}

/* Logged in, our Configure-Request of CCP is still in the queue. */
static inline struct rig *rig_network(enum ppp_mppe mppe)
{
	struct rig *rig = rig_of(mppe);

	rig_log_in(rig);
	rig_ccp_begins(rig);
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
	return rig;
}

/* The same for one that has changes made to its configuration first. */
#define RIG_NETWORK(rig, required, ...)                                                            \
	do {                                                                                       \
		rig = rig_of(required);                                                            \
		__VA_ARGS__;                                                                       \
		rig_log_in(rig);                                                                   \
		rig_ccp_begins(rig);                                                               \
	} while (0)

/* Our request has these bits; the peer naks or rejects it with those. */
static inline void rig_object(struct rig *rig, uint8_t code, uint32_t ours, uint32_t bits)
{
	const uint8_t request[] = { 18, 6, (uint8_t)(ours >> 24), 0, 0, (uint8_t)ours };
	const uint8_t answer[] = { 18, 6, (uint8_t)(bits >> 24), 0, 0, (uint8_t)bits };
	uint8_t ident = rig_expect_data(rig, CCP, CP_CONF_REQ, request, sizeof(request))->bytes[1];

	rig_packet(rig, CCP, code, ident, answer, sizeof(answer));
}

static inline void rig_open_ccp(struct rig *rig)
{
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATELESS_128));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATELESS_128);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, STATELESS_128);
}

/* Of a link with the addresses agreed on, whatever comes out beside. */
static inline void rig_agree_addresses(struct rig *rig)
{
	RIG_SEND(rig, IPCP, CP_CONF_REQ, 2, 3, 6, 10, 0, 0, 7);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, IPCP, CP_CONF_REQ, 3, 6, 10, 0, 0, 1));
	RIG_EXPECT(rig, IPCP, CP_CONF_ACK, 3, 6, 10, 0, 0, 7);
}

static inline struct rig *rig_encrypted(enum ppp_mppe mppe)
{
	struct rig *rig = rig_network(mppe);

	rig_open_ccp(rig);
	rig_agree_addresses(rig);
	assert_true(rig->encrypted);
	assert_int_equal(rig->ups, 1);
	assert_true(rig_silent(rig));
	return rig;
}

/* ... in stateful mode. */
static inline struct rig *rig_stateful(enum ppp_mppe mppe)
{
	struct rig *rig;

	RIG_NETWORK(rig, mppe, rig->conf.mppe_stateless = false);
	rig_answer(rig, CP_CONF_ACK, RIG_EXPECT(rig, CCP, CP_CONF_REQ, STATEFUL_128));
	RIG_SEND(rig, CCP, CP_CONF_REQ, 1, STATEFUL_128);
	RIG_EXPECT(rig, CCP, CP_CONF_ACK, STATEFUL_128);
	rig_agree_addresses(rig);
	assert_true(rig->encrypted);
	return rig;
}

#endif
