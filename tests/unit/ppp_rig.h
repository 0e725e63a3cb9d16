/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A link on a bench: it sends into a queue that the test reads, and takes what the test plays as
 * its peer. The peer is written out packet by packet; nothing of the agent's PPP
 * negotiates for it. Timers never run: the test fires them.
 */
#ifndef PPP_RIG_H
#define PPP_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/types.h>
#include <xpppd/mppe.h>

#include "log.h"
#include "ppp/ppp.h"
#include "ppp_usual.h"

#define RIG_FRAMES 64

struct rig_frame {
	uint16_t proto;
	size_t len;
	uint8_t bytes[2048];
};

struct rig {
	struct ev_loop *loop;
	struct log *log;
	struct ppp_conf conf;
	struct ppp ppp;
	/* what the link sent */
	struct rig_frame frames[RIG_FRAMES];
	unsigned int first, last;
	/* what it told its owner */
	int ups, downs, finishes, asked, assigns, ip_packets;
	enum cause cause;
	size_t ip_len;
	int mppe_told, mppe_packets, flushes;
	uint16_t mtu_max; /* granted */
	bool only_40;     /* likewise */
	bool encrypted, blocked;
	struct xp_mppe mppe;
	size_t mppe_len;
	struct in_addr wanted;
	char username[PPP_USERNAME_MAX + 1];
	uint8_t response[2048], challenge[64];
	size_t response_len, challenge_len;
	enum ppp_auth method;
	uint8_t auth_ident;
	uint16_t auth_mtu;
	bool auth_first;
	/* how the owner behaves */
	struct ppp_auth_reply reply;
	bool answer_at_once;
	int assign_result;
	struct ppp_ip ip;
	struct mono last_input;
	enum cause terminate_in_up, terminate_in_down, terminate_in_auth, terminate_in_assign;
	bool stop_in_down, lost;
	enum ppp_phase phase; /* that it was told of */
	unsigned int phases;
};

static void rig_send(void *owner, uint16_t proto, const uint8_t *info, size_t len)
{
	struct rig *rig = owner;
	struct rig_frame *f = &rig->frames[rig->last++ % RIG_FRAMES];

	assert_true(rig->last - rig->first <= RIG_FRAMES);
	assert_true(len <= sizeof(f->bytes));
	assert_int_equal(rig->finishes, 0);
	f->proto = proto;
	f->len = len;
	memcpy(f->bytes, info, len);
}

static void rig_authenticate(void *owner, const struct ppp_auth_request *request)
{
	struct rig *rig = owner;
	/* what the tests have made of the configuration since */
	const struct ppp_grant grant = {
		.mtu_max = rig->mtu_max,
		.mppe = rig->conf.mppe,
		.mppe_40 = rig->conf.mppe_40,
		.mppe_56 = rig->conf.mppe_56 && !rig->only_40,
		.mppe_128 = rig->conf.mppe_128 && !rig->only_40,
	};

	rig->asked++;
	rig->method = request->method;
	rig->auth_ident = request->ident;
	rig->auth_mtu = request->mtu;
	rig->auth_first = request->first;
	strcpy(rig->username, request->username);
	rig->response_len = request->response_len;
	memcpy(rig->response, request->response, request->response_len);
	rig->challenge_len = request->challenge_len;
	if (request->challenge_len)
		memcpy(rig->challenge, request->challenge, request->challenge_len);
	if (rig->terminate_in_auth)
		ppp_terminate(&rig->ppp, rig->terminate_in_auth);
	if (rig->answer_at_once) {
		ppp_grant(&rig->ppp, &grant);
		ppp_auth_done(&rig->ppp, &rig->reply);
	}
}

static int rig_ip_assign(void *owner, struct in_addr wanted, struct ppp_ip *ip)
{
	struct rig *rig = owner;

	rig->assigns++;
	rig->wanted = wanted;
	if (rig->terminate_in_assign)
		ppp_terminate(&rig->ppp, rig->terminate_in_assign);
	if (rig->assign_result == 0)
		*ip = rig->ip;
	return rig->assign_result;
}

static void rig_up(void *owner)
{
	struct rig *rig = owner;

	rig->ups++;
	if (rig->terminate_in_up)
		ppp_terminate(&rig->ppp, rig->terminate_in_up);
}

static void rig_down(void *owner)
{
	struct rig *rig = owner;

	rig->downs++;
	assert_int_equal(rig->finishes, 0);
	if (rig->terminate_in_down)
		ppp_terminate(&rig->ppp, rig->terminate_in_down);
	if (rig->stop_in_down)
		ppp_stop(&rig->ppp);
}

static void rig_finished(void *owner, enum cause cause)
{
	struct rig *rig = owner;

	rig->finishes++;
	rig->cause = cause;
}

static void rig_ip_input(void *owner, struct buf packet)
{
	struct rig *rig = owner;

	rig->ip_packets++;
	rig->ip_len = packet.len;
}

static struct mono rig_last_input(void *owner)
{
	struct rig *rig = owner;

	return rig->last_input;
}

static void rig_mppe(void *owner, const struct xp_mppe *mppe)
{
	struct rig *rig = owner;

	assert_int_equal(rig->finishes, 0);
	rig->mppe_told++;
	rig->blocked = mppe && !mppe->in.bits && !mppe->out.bits;
	rig->encrypted = mppe && !rig->blocked;
	if (mppe)
		rig->mppe = *mppe;
	if (rig->encrypted)
		assert_true(mppe->in.bits && mppe->out.bits);
}

static void rig_mppe_input(void *owner, struct buf packet)
{
	struct rig *rig = owner;

	rig->mppe_packets++;
	rig->mppe_len = packet.len;
}

static void rig_mppe_flush(void *owner)
{
	struct rig *rig = owner;

	rig->flushes++;
}

static bool rig_mppe_lost(void *owner)
{
	struct rig *rig = owner;

	return rig->lost;
}

static void rig_phase(void *owner, enum ppp_phase phase)
{
	struct rig *rig = owner;

	assert_int_equal(rig->finishes, 0);
	assert_int_not_equal(phase, PPP_DEAD);
	assert_int_equal(phase, rig->ppp.state.phase);
	rig->phase = phase;
	rig->phases++;
}

static const struct ppp_ops rig_ops = {
	.send = rig_send,
	.authenticate = rig_authenticate,
	.ip_assign = rig_ip_assign,
	.up = rig_up,
	.down = rig_down,
	.finished = rig_finished,
	.ip_input = rig_ip_input,
	.last_input = rig_last_input,
	.mppe = rig_mppe,
	.mppe_input = rig_mppe_input,
	.mppe_flush = rig_mppe_flush,
	.mppe_lost = rig_mppe_lost,
	.phase = rig_phase,
};

static inline struct in_addr rig_addr(const char *text)
{
	struct in_addr addr;

	assert_int_equal(inet_pton(AF_INET, text, &addr), 1);
	return addr;
}

/* ---- a link with its owner */

static inline struct rig *rig_new(bool pap, bool chap, bool mschapv2)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->loop = ev_loop_new(EVFLAG_AUTO);
	rig->log = log_new(1, LOG_ERR);
	rig->conf = ppp_usual(pap, chap, mschapv2);
	rig->ip = (struct ppp_ip){ .local = rig_addr("10.0.0.1"),
				   .peer = rig_addr("10.0.0.7"),
				   .dns = { rig_addr("192.0.2.1"), rig_addr("192.0.2.2") } };
	rig->reply.result = PPP_AUTH_ACCEPT;
	rig->answer_at_once = true;
	ppp_init(&rig->ppp, rig->loop, &rig->conf, &rig_ops, rig, rig->log, 7, 1492);
	return rig;
}

static inline void rig_free(struct rig *rig)
{
	ppp_stop(&rig->ppp);
	ev_loop_destroy(rig->loop);
	log_free(rig->log);
	free(rig);
}

/* As the loop does: a timer without repetition has stopped when it is called. */
static inline void rig_fire(struct rig *rig, ev_timer *timer)
{
	assert_true(ev_is_active(timer));
	ev_timer_stop(rig->loop, timer);
	ev_invoke(rig->loop, timer, EV_TIMER);
}

static inline void rig_fire_lcp(struct rig *rig)
{
	rig_fire(rig, &rig->ppp.lcp.fsm.timer);
}

static inline void rig_fire_ipcp(struct rig *rig)
{
	rig_fire(rig, &rig->ppp.ipcp.fsm.timer);
}

static inline uint64_t rig_drops(const struct rig *rig, enum xp_reason reason)
{
	return log_drops(rig->log, reason);
}

/* ---- what the link sends */

static inline bool rig_silent(const struct rig *rig)
{
	return rig->first == rig->last;
}

static inline const struct rig_frame *rig_next(struct rig *rig)
{
	assert_false(rig_silent(rig));
	return &rig->frames[rig->first++ % RIG_FRAMES];
}

static inline void rig_forget(struct rig *rig)
{
	rig->first = rig->last;
}

/* The next frame is a packet of this protocol and code with a right length; returns it. */
static inline const struct rig_frame *rig_expect(struct rig *rig, uint16_t proto, uint8_t code)
{
	const struct rig_frame *f = rig_next(rig);

	assert_int_equal(f->proto, proto);
	assert_true(f->len >= 4);
	assert_int_equal(f->bytes[0], code);
	assert_int_equal(f->bytes[2] << 8 | f->bytes[3], f->len);
	return f;
}

/* ... and its data are these. */
static inline const struct rig_frame *rig_expect_data(struct rig *rig, uint16_t proto, uint8_t code,
						      const void *data, size_t len)
{
	const struct rig_frame *f = rig_expect(rig, proto, code);

	assert_int_equal(f->len - 4, len);
	if (len)
		assert_memory_equal(f->bytes + 4, data, len);
	return f;
}

/* ---- what the peer sends */

/* Exactly as long as said, on the heap: a byte read beyond it is seen. */
static inline void rig_input(struct rig *rig, const void *bytes, size_t len)
{
	uint8_t *frame = malloc(len ? len : 1);

	if (len)
		memcpy(frame, bytes, len);
	ppp_input(&rig->ppp, buf_of(frame, len));
	free(frame);
}

static inline void rig_packet(struct rig *rig, uint16_t proto, uint8_t code, uint8_t ident,
			      const void *data, size_t len)
{
	uint8_t bytes[2100] = { (uint8_t)(proto >> 8),     (uint8_t)proto,    code, ident,
				(uint8_t)((len + 4) >> 8), (uint8_t)(len + 4) };

	if (len)
		memcpy(bytes + 6, data, len);
	rig_input(rig, bytes, 6 + len);
}

/* Bytes as a literal: RIG_SEND(rig, PPP_PROTO_LCP, 1, 9, 5, 6, 1, 2, 3, 4) */
#define RIG_SEND(rig, proto, code, ident, ...)                                                     \
	do {                                                                                       \
		const uint8_t rig_data[] = { __VA_ARGS__ };                                        \
		rig_packet(rig, proto, code, ident, rig_data, sizeof(rig_data));                   \
	} while (0)
#define RIG_EXPECT(rig, proto, code, ...)                                                          \
	({                                                                                         \
		const uint8_t rig_data[] = { __VA_ARGS__ };                                        \
		rig_expect_data(rig, proto, code, rig_data, sizeof(rig_data));                     \
	})

/* Answers the link's Configure-Request with the given code and the same options. */
static inline void rig_answer(struct rig *rig, uint8_t code, const struct rig_frame *request)
{
	const struct rig_frame f = *request;

	rig_packet(rig, f.proto, code, f.bytes[1], f.bytes + 4, f.len - 4);
}

static inline const struct rig_frame *rig_expect_request(struct rig *rig, uint16_t proto)
{
	return rig_expect(rig, proto, CP_CONF_REQ);
}

/* ---- the way up; each begins where the one before ends */

#define RIG_MAGIC 0xaa, 0xbb, 0xcc, 0xdd

static inline void rig_open_lcp(struct rig *rig)
{
	if (rig->ppp.state.phase == PPP_IDLE)
		ppp_start(&rig->ppp);
	rig_answer(rig, CP_CONF_ACK, rig_expect_request(rig, PPP_PROTO_LCP));
	RIG_SEND(rig, PPP_PROTO_LCP, CP_CONF_REQ, 1, 5, 6, RIG_MAGIC);
	RIG_EXPECT(rig, PPP_PROTO_LCP, CP_CONF_ACK, 5, 6, RIG_MAGIC);
	assert_string_equal(ppp_phase_name(&rig->ppp), "authenticate");
}

/* PAP, as user "joe". */
static inline void rig_login(struct rig *rig)
{
	RIG_SEND(rig, PPP_PROTO_PAP, 1, 1, 3, 'j', 'o', 'e', 2, 'p', 'w');
	rig_expect(rig, PPP_PROTO_PAP, 2);
	assert_string_equal(ppp_phase_name(&rig->ppp), "network");
}

static inline void rig_open_ipcp(struct rig *rig)
{
	RIG_SEND(rig, PPP_PROTO_IPCP, CP_CONF_REQ, 1, 3, 6, 0, 0, 0, 0);
	rig_answer(rig, CP_CONF_ACK,
		   RIG_EXPECT(rig, PPP_PROTO_IPCP, CP_CONF_REQ, 3, 6, 10, 0, 0, 1));
	RIG_EXPECT(rig, PPP_PROTO_IPCP, CP_CONF_NAK, 3, 6, 10, 0, 0, 7);
	RIG_SEND(rig, PPP_PROTO_IPCP, CP_CONF_REQ, 2, 3, 6, 10, 0, 0, 7);
	RIG_EXPECT(rig, PPP_PROTO_IPCP, CP_CONF_ACK, 3, 6, 10, 0, 0, 7);
	assert_string_equal(ppp_phase_name(&rig->ppp), "opened");
	assert_true(rig_silent(rig));
}

/* A PAP link that is open. */
static inline struct rig *rig_opened(void)
{
	struct rig *rig = rig_new(true, false, false);

	rig_open_lcp(rig);
	rig_login(rig);
	rig_open_ipcp(rig);
	assert_int_equal(rig->ups, 1);
	return rig;
}

#endif
