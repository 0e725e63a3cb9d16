/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* MPPE of the data plane's binding with real devices and maps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mppe.h"
#include "net.h"
#include "plane.h"

static struct xp_mppe keys_of(uint8_t seed)
{
	struct xp_mppe keys;

	memset(&keys, seed, sizeof(keys));
	keys.in.lock = keys.out.lock = 0;
	keys.in.epoch = keys.out.epoch = 0;
	return keys;
}

/* The slab of a slot as the programs find it; -1: there is none. */
static int slab_fd(uint32_t slot)
{
	uint32_t index = slot / XP_MPPE_SLAB, id;
	int outer = bpf_obj_get(NET_PIN_DIR "/mppe"), fd = -1;

	assert_true(outer >= 0);
	if (bpf_map_lookup_elem(outer, &index, &id) == 0)
		fd = bpf_map_get_fd_by_id(id);
	close(outer);
	return fd;
}

static struct xp_mppe state_of(uint32_t slot)
{
	uint32_t entry = slot % XP_MPPE_SLAB;
	struct xp_mppe state;
	int fd = slab_fd(slot);

	assert_true(fd >= 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &entry, &state), 0);
	close(fd);
	/* how often they were replaced */
	state.in.epoch = state.out.epoch = 0;
	return state;
}

static void test_programs_find_the_keys(void **state)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct xp_mppe keys = keys_of(1), others = keys_of(2), seen;
	static const struct xp_mppe none;
	struct plane p;

	(void)state;
	plane_start_mppe(&p, "native");
	assert_int_equal(slab_fd(NET_SID), -1);
	s.mppe = &keys;
	plane_add(&p, &s);
	seen = state_of(NET_SID);
	assert_memory_equal(&seen, &keys, sizeof(seen));
	assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, &others), 0);
	seen = state_of(NET_SID);
	assert_memory_equal(&seen, &others, sizeof(seen));
	/* one memory for both */
	p.dp->ops->mppe(p.dp, NET_SID)->in.count = 0x123;
	assert_int_equal(state_of(NET_SID).in.count, 0x123);
	assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, NULL), 0);
	seen = state_of(NET_SID);
	assert_memory_equal(&seen, &none, sizeof(seen));
	assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, &keys), 0);
	p.dp->ops->session_del(p.dp, NET_SID, NULL, NULL);
	seen = state_of(NET_SID);
	assert_memory_equal(&seen, &none, sizeof(seen));
	plane_stop(&p);
	plane_left_nothing();
}

/* The kernel sends what is too big for the session an error: it must know how much fits. */
static void test_the_route_follows(void **state)
{
	struct dp_session s = plane_session(NET_SID, NET_CLIENT);
	struct xp_mppe keys = keys_of(1);
	struct plane p;

	(void)state;
	plane_start_mppe(&p, "native");
	plane_add(&p, &s);
	assert_false(net_says("ip route get 10.0.0.5", "mtu 1488"));
	assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, &keys), 0);
	assert_true(net_says("ip route get 10.0.0.5", "mtu 1488"));
	assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, NULL), 0);
	assert_false(net_says("ip route get 10.0.0.5", "mtu 1488"));
	plane_stop(&p);
	plane_left_nothing();
}

/* ---- packets, with the agent's own code as the peer */

static struct xp_mppe start_keys(void)
{
	static const uint8_t in[XP_MPPE_KEY] = "from the client",
			     out[XP_MPPE_KEY] = "to the client";
	struct xp_mppe keys;

	mppe_start(&keys.in, in, XP_MPPE_128, 0);
	mppe_start(&keys.out, out, XP_MPPE_128, 0);
	return keys;
}

static void send_up(struct plane *p, struct xp_mppe *peer)
{
	uint8_t clear[128] = { 0x00, 0x21 }, frame[256];
	size_t head = net_ethernet(frame, net_access_mac, net_client_mac, 0x8864);
	size_t len = 2 + net_packet(clear + 2, NET_CLIENT, NET_REMOTE, 32);
	const uint8_t pppoe[] = { 0x11, 0, 0, NET_SID, 0, (uint8_t)(len + 4), 0, 0xfd };

	memcpy(frame + head, pppoe, sizeof(pppoe));
	assert_int_equal(mppe_encrypt(&peer->in, clear, len, frame + head + 8), 0);
	assert_true(send(p->sub_fd, frame, head + 8 + len + XP_MPPE_HEADER, 0) > 0);
}

static void expect_down(struct plane *p, struct xp_mppe *peer)
{
	uint8_t frame[2048], begin[ETH_HLEN + 8], clear[2048], expected[128];
	const uint8_t pppoe[] = { 0x11, 0, 0, NET_SID, 0, 66, 0, 0xfd };
	size_t len;

	net_ethernet(begin, net_client_mac, net_access_mac, 0x8864);
	memcpy(begin + ETH_HLEN, pppoe, sizeof(pppoe));
	assert_true(plane_expect(p, p->sub_fd, begin, sizeof(begin), frame, &len));
	len -= sizeof(begin);
	assert_int_equal(mppe_decrypt(&peer->out, frame + sizeof(begin), len, clear), 0);
	assert_int_equal(clear[0] << 8 | clear[1], 0x0021);
	net_packet(expected, NET_REMOTE, NET_CLIENT, 32);
	/* but for TTL and checksum */
	assert_memory_equal(clear + 2, expected, 8);
	assert_memory_equal(clear + 2 + 12, expected + 12, 48);
}

static void test_packets(void **state)
{
	static const char *const modes[] = { "native", "generic", "tc" };

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct dp_session s = plane_session(NET_SID, NET_CLIENT);
		struct xp_mppe keys = start_keys(), peer = keys;
		struct dp_mppe_home home;
		struct plane p;

		plane_start_mppe(&p, modes[i]);
		p.dp->ops->mppe_home(p.dp, &home);
		assert_string_equal(home.name, "plain");
		assert_true(p.dp->ops->mppe_forwards(p.dp, 1500));
		plane_add(&p, &s);
		plane_both_ways(&p, NET_SID, NET_CLIENT);
		assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, &keys), 0);
		for (int n = 0; n < 3; n++) {
			send_up(&p, &peer);
			plane_expect_up(&p, NET_CLIENT, NET_REMOTE);
			plane_send_down(&p, NET_REMOTE, NET_CLIENT);
			expect_down(&p, &peer);
		}
		p.dp->ops->mppe_home(p.dp, &home);
		assert_int_equal(home.sessions, 1);
		assert_int_equal(plane_packets(&p, XP_PATH_UP_FAST), 4);
		assert_int_equal(plane_packets(&p, XP_PATH_DOWN_FAST), 4);
		/* clear text does not pass any more, until it may again */
		plane_send_up(&p, NET_SID, NET_CLIENT, NET_REMOTE);
		for (struct mono start = mono_now();
		     plane_drops(&p, XP_R_MPPE_CLEAR) == 0 &&
		     mono_elapsed_ms(start, mono_now()) < NET_WAIT_MS;)
			;
		assert_int_equal(plane_drops(&p, XP_R_MPPE_CLEAR), 1);
		assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, NULL), 0);
		plane_both_ways(&p, NET_SID, NET_CLIENT);
		plane_stop(&p);
		plane_left_nothing();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_programs_find_the_keys),
		cmocka_unit_test(test_the_route_follows),
	};

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, net_setup, NULL);
}
