/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "dataplane/lines.h"
#include "dataplane/mppe_home.h"
#include "dataplane/mppe_slabs.h"
#include "mppe.h"
#include "rig_mppe.h"
#include "xpppd.skel.h"

struct reference rig_reference;

static struct {
	struct mppe *home;
	struct lines lines;
	struct mppe_slabs slabs;
} world;

void rig_mppe_home(struct rig *rig, bool there)
{
	assert_int_equal(mppe_home_enter(rig->skel, there ? world.home : NULL), 0);
}

static int world_open(void **state)
{
	struct rig *rig = *state;

	world.lines = (struct lines){ .slots = rig->slots, .up = rig->up, .down = rig->down };
	assert_int_equal(
		mppe_slabs_init(&world.slabs, &world.lines, bpf_map__fd(rig->skel->maps.mppe)), 0);
	assert_int_equal(mppe_home_load(rig->skel, false, &world.home), 0);
	rig_mppe_home(rig, true);
	reference_open(&rig_reference);
	srand(7);
	return 0;
}

int rig_mppe_setup_xdp(void **state)
{
	return rig_setup_xdp(state) || world_open(state);
}

int rig_mppe_setup_tc(void **state)
{
	return rig_setup_tc(state) || world_open(state);
}

int rig_mppe_teardown(void **state)
{
	reference_close(&rig_reference);
	mppe_home_free(world.home);
	mppe_slabs_clear(&world.slabs);
	return rig_teardown(state);
}

/* ---- sessions */

static void random_key(uint8_t key[16])
{
	for (int i = 0; i < 16; i++)
		key[i] = (uint8_t)(rand() >> 7);
}

static enum xp_mppe_bits bits_of(unsigned int bits)
{
	return bits == 40 ? XP_MPPE_40 : bits == 56 ? XP_MPPE_56 : XP_MPPE_128;
}

void rig_mppe_rekey(struct rig *rig, struct rig_mppe *session, enum peer_kind kind,
		    unsigned int bits, bool stateful)
{
	unsigned int flags = stateful ? XP_MPPE_F_STATEFUL : 0;
	uint8_t up[16], down[16];
	struct xp_mppe keys;

	random_key(up);
	random_key(down);
	mppe_start(&keys.in, up, bits_of(bits), flags);
	mppe_start(&keys.out, down, bits_of(bits), flags);
	peer_close(&session->out);
	peer_close(&session->in);
	peer_open(&session->out, &rig_reference, kind, bits, stateful, up);
	peer_open(&session->in, &rig_reference, kind, bits, stateful, down);
	assert_int_equal(mppe_slabs_set(&world.slabs, session->slot, &keys), 0);
	session->state = mppe_slabs_find(&world.slabs, session->slot);
	assert_non_null(session->state);
	(void)rig;
}

static void add_pppoe(struct rig *rig, struct rig_mppe *session)
{
	session->pppoe = rig_alice(rig);
	if (session->carrier == RIG_PPPOE_QINQ) {
		session->pppoe.wrap.tpid_outer = 0x88a8;
		session->pppoe.wrap.vid_outer = 100;
		session->pppoe.wrap.tpid_inner = 0x8100;
		session->pppoe.wrap.vid_inner = 7;
	}
	rig_add(rig, &session->pppoe);
	session->addr = session->pppoe.addr;
	session->slot = session->pppoe.slot;
	session->line = session->pppoe.line;
	rig->down[session->line].mtu = 1504;
}

static void add_l2tp(struct rig *rig, struct rig_mppe *session)
{
	session->l2tp = rig_carol(rig, session->carrier == RIG_L2TP_IPV6,
				  session->carrier == RIG_L2TP_NUMBERED);
	rig_add_l2tp(rig, &session->l2tp);
	session->addr = session->l2tp.addr;
	session->slot = session->l2tp.slot;
	session->line = session->l2tp.line;
}

static void add_pptp(struct rig *rig, struct rig_mppe *session)
{
	session->pptp = rig_erin(rig);
	rig_add_pptp(rig, &session->pptp);
	session->addr = session->pptp.addr;
	session->slot = session->pptp.slot;
	session->line = session->pptp.line;
}

void rig_mppe_add(struct rig *rig, struct rig_mppe *session, enum rig_carrier carrier,
		  unsigned int bits, bool stateful)
{
	void *state = rig;

	rig_reset(&state);
	*session = (struct rig_mppe){ .carrier = carrier };
	if (carrier == RIG_PPTP)
		add_pptp(rig, session);
	else if (carrier == RIG_PPPOE || carrier == RIG_PPPOE_QINQ)
		add_pppoe(rig, session);
	else
		add_l2tp(rig, session);
	rig_mppe_rekey(rig, session, PEER_RFC, bits, stateful);
}

void rig_mppe_remove(struct rig *rig, struct rig_mppe *session)
{
	(void)rig;
	assert_int_equal(mppe_slabs_set(&world.slabs, session->slot, NULL), 0);
	peer_close(&session->out);
	peer_close(&session->in);
	session->out.stream = session->in.stream = NULL;
}

/* ---- frames */

struct frame rig_mppe_up(struct rig_mppe *session, uint16_t protocol, const struct frame *payload)
{
	switch (session->carrier) {
	case RIG_PPPOE:
	case RIG_PPPOE_QINQ:
		session->pppoe.wrap.protocol = protocol;
		return build_pppoe(&session->pppoe.wrap, payload);
	case RIG_PPTP:
		session->pptp.up.protocol = protocol;
		session->pptp.up.number++;
		return build_pptp(&session->pptp.up, payload);
	default:
		session->l2tp.up.protocol = protocol;
		session->l2tp.up.ns++;
		return build_l2tp(&session->l2tp.up, payload);
	}
}

struct frame rig_mppe_down(struct rig_mppe *session, uint16_t protocol, const struct frame *payload)
{
	struct wrap_spec wrap = session->pppoe.wrap;

	switch (session->carrier) {
	case RIG_PPPOE:
	case RIG_PPPOE_QINQ:
		wrap.own = session->pppoe.wrap.peer;
		wrap.peer = session->pppoe.wrap.own;
		wrap.protocol = protocol;
		return build_pppoe(&wrap, payload);
	case RIG_PPTP:
		session->pptp.down.protocol = protocol;
		return build_pptp(&session->pptp.down, payload);
	default:
		session->l2tp.down.protocol = protocol;
		return build_l2tp(&session->l2tp.down, payload);
	}
}

struct frame rig_mppe_packet(const struct rig_mppe *session, bool up, size_t len, uint8_t ttl)
{
	static uint8_t data[BUILD_MAX];
	struct ip_spec ip = { .src = up ? session->addr : RIG_SERVER,
			      .dst = up ? RIG_SERVER : session->addr,
			      .ttl = ttl,
			      .proto = 99,
			      .payload = data,
			      .len = len - 20 };

	for (size_t i = 0; i < ip.len; i++)
		data[i] = (uint8_t)(i * 7 + len);
	return build_ip(&ip);
}

/* Every other one with a protocol field of one byte. */
struct frame rig_mppe_send(struct rig_mppe *session, const struct frame *packet)
{
	static bool compressed;
	struct frame clear = { .len = 0 }, payload;

	compressed = !compressed;
	if (compressed)
		frame_add8(&clear, 0x21);
	else
		frame_add16(&clear, 0x0021);
	frame_add(&clear, packet->byte, packet->len);
	peer_send(&session->out, clear.byte, clear.len, payload.byte);
	payload.len = clear.len + XP_MPPE_HEADER;
	return rig_mppe_up(session, 0x00fd, &payload);
}

size_t rig_mppe_most(const struct rig *rig, const struct rig_mppe *session)
{
	return rig->down[session->line].mtu;
}
