/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "dataplane/dataplane.h"
#include "dataplane/lines.h"

#define SIZE 256
#define POOL 0x0a000000u /* 10.0.0.0/26 */

static const struct dp_dims dims = {
	.spaces = 1,
	.space_size = SIZE,
	.l2tp_first = SIZE,
	.pptp_first = SIZE,
	.pools = 1,
	.pool = { { .base = POOL, .size = 64, .first = 0 } },
	.down_lines = 64 + SIZE,
};

static struct dp_session session_of(uint16_t sid, uint32_t addr)
{
	return (struct dp_session){
		.slot = sid,
		.sid = sid,
		.ifindex = 7,
		.peer_mac = { 2, 0, 0, 0, 0, 1 },
		.own_mac = { 2, 0, 0, 0, 0, 2 },
		.addr = { htonl(addr) },
		.netmask = { INADDR_NONE },
		.mtu = 1492,
		.concentrator = "pppac0",
		.ingress_filter = true,
		.mss_clamp = true,
	};
}

static int dp_setup(void **state)
{
	return dp_double_new(&dims, (struct dataplane **)state);
}

static int dp_teardown(void **state)
{
	struct dataplane *dp = *state;

	dp->ops->free(dp);
	return 0;
}

static void test_add_and_delete(void **state)
{
	struct dataplane *dp = *state;
	struct dp_session a = session_of(1, POOL + 5), b = session_of(2, POOL + 5);
	struct dp_counters counters;

	assert_int_equal(dp->ops->session_counters(dp, 1, &counters), -ENOENT);
	assert_int_equal(dp->ops->session_add(dp, &a), 0);
	assert_int_equal(dp->ops->session_add(dp, &a), -EEXIST);
	assert_int_equal(dp->ops->session_add(dp, &b), -EADDRINUSE);
	assert_int_equal(dp->ops->session_counters(dp, 1, &counters), 0);
	assert_int_equal(dp->ops->session_counters(dp, 2, &counters), -ENOENT);
	dp->ops->session_del(dp, 1, NULL, NULL);
	dp->ops->session_del(dp, 1, NULL, NULL);
	dp->ops->session_del(dp, SIZE + 1, NULL, NULL);
	assert_int_equal(dp->ops->session_add(dp, &b), 0);
}

static void test_addresses_outside_the_pools(void **state)
{
	struct dataplane *dp = *state;
	struct dp_session a = session_of(1, 0xc0000201), b = session_of(2, 0xc0000201);

	assert_int_equal(dp->ops->session_add(dp, &a), 0);
	assert_int_equal(dp->ops->session_add(dp, &b), -EADDRINUSE);
	b.addr.s_addr = htonl(0xc0000202);
	assert_int_equal(dp->ops->session_add(dp, &b), 0);
	dp->ops->session_del(dp, 1, NULL, NULL);
	a.slot = 3;
	assert_int_equal(dp->ops->session_add(dp, &a), 0);
}

static void test_nonsense_is_refused(void **state)
{
	struct dataplane *dp = *state;
	struct dp_session s = session_of(1, POOL + 1);

	s.slot = SIZE;
	assert_int_equal(dp->ops->session_add(dp, &s), -EINVAL);
	s = session_of(1, 0);
	assert_int_equal(dp->ops->session_add(dp, &s), -EINVAL);
	s = session_of(1, POOL + 1);
	s.netmask.s_addr = htonl(0xff00ff00);
	assert_int_equal(dp->ops->session_add(dp, &s), -EINVAL);
	s.netmask.s_addr = 0;
	assert_int_equal(dp->ops->session_add(dp, &s), 0);
	assert_int_equal(dp->ops->ip_send(dp, 2, (const uint8_t *)"", 0), -ENOENT);
}

static void test_counters(void **state)
{
	struct dataplane *dp = *state;
	struct dp_session s = session_of(9, POOL + 9);
	struct dp_counters c;

	assert_int_equal(dp->ops->session_add(dp, &s), 0);
	assert_int_equal(dp->ops->session_counters(dp, 9, &c), 0);
	assert_int_equal(c.active_up.ms, 0);
	dp->ops->count(dp, 9, true, 100, true);
	dp->ops->count(dp, 9, true, 50, true);
	dp->ops->count(dp, 9, false, 7, false);
	dp->ops->count(dp, 10, false, 7, true);
	dp->ops->session_del(dp, 9, &c, NULL);
	assert_int_equal(c.up_packets, 2);
	assert_int_equal(c.up_bytes, 150);
	assert_int_equal(c.down_packets, 1);
	assert_int_equal(c.down_bytes, 7);
	assert_in_range(mono_elapsed_ms(c.active_up, mono_now()), 0, 2000);
	assert_int_equal(c.active_down.ms, 0); /* a packet that is no activity */
	assert_int_equal(dp->ops->session_add(dp, &s), 0);
	assert_int_equal(dp->ops->session_counters(dp, 9, &c), 0);
	assert_int_equal(c.up_packets + c.down_bytes, 0);
}

static struct lines lines_setup(void)
{
	struct lines lines;

	assert_int_equal(lines_init(&lines, &dims, calloc(SIZE, sizeof(*lines.up)),
				    calloc(dims.down_lines, sizeof(*lines.down)), NULL),
			 0);
	return lines;
}

static void lines_teardown(struct lines *lines)
{
	free(lines->up);
	free(lines->down);
	lines_clear(lines);
}

/* ---- MPPE */

static struct xp_mppe keys_of(uint8_t seed)
{
	struct xp_mppe keys;

	memset(&keys, seed, sizeof(keys));
	keys.in.lock = keys.out.lock = 0;
	keys.in.bits = XP_MPPE_40;
	keys.out.bits = XP_MPPE_128;
	return keys;
}

/* But for the epochs, which say that these are not the keys of a moment ago. */
static bool is_same(const struct xp_mppe *state, const struct xp_mppe *keys)
{
	struct xp_mppe same = *keys;

	same.in.epoch = state->in.epoch;
	same.out.epoch = state->out.epoch;
	return memcmp(state, &same, sizeof(same)) == 0;
}

static bool is_wiped(const struct xp_mppe *state)
{
	static const struct xp_mppe none;

	return is_same(state, &none);
}

static void test_keys_come_with_a_session_and_go_with_it(void **state)
{
	struct dataplane *dp = *state;
	struct dp_session s = session_of(65, POOL + 5), clear = session_of(66, POOL + 6);
	struct xp_mppe keys = keys_of(0x5a), *found;

	s.mppe = &keys;
	assert_null(dp->ops->mppe(dp, 65));
	assert_int_equal(dp->ops->session_add(dp, &s), 0);
	assert_int_equal(dp->ops->session_add(dp, &clear), 0);
	found = dp->ops->mppe(dp, 65);
	assert_non_null(found);
	assert_true(is_same(found, &keys));
	assert_null(dp->ops->mppe(dp, 66));
	dp->ops->session_del(dp, 65, NULL, NULL);
	assert_null(dp->ops->mppe(dp, 65));
	assert_true(is_wiped(found));
	/* the next one in its place has none */
	s.mppe = NULL;
	assert_int_equal(dp->ops->session_add(dp, &s), 0);
	assert_null(dp->ops->mppe(dp, 65));
}

static void test_keys_of_a_running_session(void **state)
{
	struct dataplane *dp = *state;
	struct dp_session s = session_of(SIZE - 1, POOL + 5);
	struct xp_mppe keys = keys_of(1), others = keys_of(2), *found;
	uint16_t epoch;

	assert_int_equal(dp->ops->mppe_set(dp, SIZE - 1, &keys), -ENOENT);
	assert_int_equal(dp->ops->mppe_set(dp, SIZE, &keys), -ENOENT);
	assert_null(dp->ops->mppe(dp, SIZE));
	assert_int_equal(dp->ops->session_add(dp, &s), 0);
	assert_int_equal(dp->ops->mppe_set(dp, SIZE - 1, NULL), 0);
	assert_int_equal(dp->ops->mppe_set(dp, SIZE - 1, &keys), 0);
	found = dp->ops->mppe(dp, SIZE - 1);
	assert_true(is_same(found, &keys));
	epoch = found->in.epoch;
	assert_int_equal(dp->ops->mppe_set(dp, SIZE - 1, &others), 0);
	assert_ptr_equal(dp->ops->mppe(dp, SIZE - 1), found);
	assert_true(is_same(found, &others));
	assert_int_not_equal(found->in.epoch, epoch);
	assert_int_equal(dp->ops->mppe_set(dp, SIZE - 1, NULL), 0);
	assert_null(dp->ops->mppe(dp, SIZE - 1));
	assert_true(is_wiped(found));
}

static void test_encryption_in_the_lines(void **state)
{
	struct lines lines = lines_setup();
	struct dp_session s = session_of(4, POOL + 4);
	struct xp_mppe keys = keys_of(3);

	(void)state;
	s.mppe = &keys;
	assert_int_equal(lines_reserve(&lines, &s, 0), 0);
	lines_publish(&lines, &s);
	assert_int_equal(lines.down[4].mtu, 1488);
	assert_int_equal(lines.up[4].mss, 1448);
	assert_true(lines.up[4].flags & lines.down[4].flags & XP_F_MPPE);
	lines_encrypt(&lines, 4, false);
	assert_int_equal(lines.down[4].mtu, 1492);
	assert_int_equal(lines.up[4].mss, 1452);
	assert_false((lines.up[4].flags | lines.down[4].flags) & XP_F_MPPE);
	lines_encrypt(&lines, 4, true);
	assert_int_equal(lines.down[4].mtu, 1488);
	assert_true(lines.up[4].flags & lines.down[4].flags & XP_F_MPPE);
	assert_true(lines.up[4].flags & XP_F_INGRESS_FILTER);
	lines_teardown(&lines);
}

/* ---- L2TP */

static const struct dp_dims l2tp_dims = {
	.spaces = 1,
	.space_size = SIZE,
	.l2tp_first = SIZE,
	.l2tp_spaces = 2,
	.l2tp_space_size = 128,
	.pptp_first = SIZE + 256,
	.pools = 1,
	.pool = { { .base = POOL, .size = 64, .first = 0 } },
	.down_lines = 64 + SIZE + 256,
};

static struct sockaddr_storage address_of(int family, const char *text, uint16_t port)
{
	struct sockaddr_storage addr = { .ss_family = (sa_family_t)family };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr;
	struct sockaddr_in *in = (struct sockaddr_in *)&addr;

	if (family == AF_INET6) {
		in6->sin6_port = htons(port);
		assert_int_equal(inet_pton(family, text, &in6->sin6_addr), 1);
	} else {
		in->sin_port = htons(port);
		assert_int_equal(inet_pton(family, text, &in->sin_addr), 1);
	}
	return addr;
}

static struct dp_session call_of(int family)
{
	struct dp_session s = session_of(9, POOL + 9);

	s.slot = SIZE + 128 + 9;
	s.carrier = DP_L2TP;
	s.l2tp = (struct dp_l2tp){
		.local = address_of(family, family == AF_INET6 ? "fd00::1" : "192.0.2.1", 1701),
		.peer = address_of(family, family == AF_INET6 ? "fd00::2" : "192.0.2.254", 2701),
		.tunnel_id = 5,
		.session_id = 9,
		.peer_tunnel_id = 0x1122,
		.peer_session_id = 0x3344,
		.sequencing = true,
	};
	s.sequence.next = 0xffff;
	return s;
}

static struct lines l2tp_lines_setup(void)
{
	struct lines lines;

	assert_int_equal(lines_init(&lines, &l2tp_dims, calloc(2 * SIZE, sizeof(*lines.up)),
				    calloc(l2tp_dims.down_lines, sizeof(*lines.down)),
				    calloc(LINES_TUNNELS, sizeof(*lines.tunnels))),
			 0);
	return lines;
}

static void l2tp_lines_teardown(struct lines *lines)
{
	free(lines->up);
	free(lines->down);
	free(lines->tunnels);
	lines_clear(lines);
}

static void test_l2tp_lines_over_ipv4(void **state)
{
	static const uint8_t key[] = { 192,  0,    2,    254,  192, 0, 2, 1,
				       0x0a, 0x8d, 0x06, 0xa5, 0,   5, 0, 0 };
	static const uint8_t header[] = { 192,  0,    2,    1,    192,  0,    2,    254,
					  0x06, 0xa5, 0x0a, 0x8d, 0x11, 0x22, 0x33, 0x44 };
	struct lines lines = l2tp_lines_setup();
	struct dp_session s = call_of(AF_INET);
	const struct xp_session_down *down = &lines.down[9];
	const struct xp_session_up *up = &lines.up[s.slot];
	struct sockaddr_storage peer;

	(void)state;
	assert_int_equal(lines_reserve(&lines, &s, 3), 0);
	assert_int_equal(lines_sequence(&lines, s.slot), -ENOENT);
	lines_publish(&lines, &s);
	assert_int_equal(up->state, XP_STATE_FORWARD);
	assert_int_equal(up->flags,
			 XP_F_INGRESS_FILTER | XP_F_MSS_CLAMP | XP_F_L2TP | XP_F_SEQUENCE);
	assert_int_equal(up->ifindex, 0);
	assert_int_equal(up->down, 9);
	assert_memory_equal(&up->l2tp, key, sizeof(key));
	assert_memory_equal(down->header, header, sizeof(header));
	assert_int_equal(down->slot, s.slot);
	/* 45 00 .. .. 00 00 40 00 40 11 and both addresses, by hand */
	assert_int_equal(down->l2tp.check, htons(0x4a12));
	peer = lines_peer(&lines, s.slot);
	assert_memory_equal(&peer, &s.l2tp.peer, sizeof(struct sockaddr_in));
	/* numbers go round */
	assert_int_equal(lines_sequence(&lines, s.slot), 0xffff);
	assert_int_equal(lines_sequence(&lines, s.slot), 0);
	lines_set_mtu(&lines, s.slot, 1300);
	assert_int_equal(down->mtu, 1300);
	assert_int_equal(up->mss, 1260);
	l2tp_lines_teardown(&lines);
}

static void test_l2tp_lines_over_ipv6(void **state)
{
	struct lines lines = l2tp_lines_setup();
	struct dp_session s = call_of(AF_INET6);
	const struct xp_session_up *up = &lines.up[s.slot];
	struct sockaddr_storage peer;

	(void)state;
	assert_int_equal(lines_reserve(&lines, &s, 3), 0);
	lines_publish(&lines, &s);
	assert_true(up->flags & XP_F_OUTER_IPV6);
	assert_int_equal(up->l2tp.peer, 0);
	assert_int_equal(lines.down[9].l2tp.tunnel, 5);
	assert_memory_equal(lines.tunnels[5].peer,
			    &((struct sockaddr_in6 *)&s.l2tp.peer)->sin6_addr, 16);
	assert_memory_equal(lines.tunnels[5].local,
			    &((struct sockaddr_in6 *)&s.l2tp.local)->sin6_addr, 16);
	peer = lines_peer(&lines, s.slot);
	assert_memory_equal(&peer, &s.l2tp.peer, sizeof(struct sockaddr_in6));
	l2tp_lines_teardown(&lines);
}

static void test_slots_of_the_other_carrier(void **state)
{
	struct lines lines = l2tp_lines_setup();
	struct dp_session s = call_of(AF_INET), pppoe = session_of(9, POOL + 9);

	(void)state;
	s.slot = 9;
	assert_int_equal(lines_reserve(&lines, &s, 0), -EINVAL);
	s.slot = 2 * SIZE;
	assert_int_equal(lines_reserve(&lines, &s, 0), -EINVAL);
	s = call_of(AF_INET);
	s.l2tp.local = address_of(AF_INET6, "fd00::1", 1701);
	assert_int_equal(lines_reserve(&lines, &s, 0), -EINVAL);
	pppoe.slot = SIZE;
	assert_int_equal(lines_reserve(&lines, &pppoe, 0), -EINVAL);
	pppoe.slot = 9;
	assert_int_equal(lines_reserve(&lines, &pppoe, 0), 0);
	lines_publish(&lines, &pppoe);
	assert_int_equal(lines_sequence(&lines, 9), -ENOENT);
	l2tp_lines_teardown(&lines);
}

static void test_header_is_right_aligned(void **state)
{
	static const uint8_t qinq[] = { 2,    0,    0,    0,    0,    1, 2,   0,    0,
					0,    0,    2,    0x88, 0xa8, 0, 100, 0x81, 0,
					0x0f, 0xfe, 0x88, 0x64, 0x11, 0, 0,   3 };
	struct lines lines = lines_setup();
	struct dp_session s = session_of(3, POOL + 3);

	(void)state;
	assert_int_equal(lines_reserve(&lines, &s, 5), 0);
	assert_int_equal(lines.down[3].flags >> XP_F_TAGS_SHIFT, 0);
	assert_memory_equal(lines.down[3].header + 8, qinq, 12);
	assert_memory_equal(lines.down[3].header + 20, qinq + 20, 6);
	lines_release(&lines, 3);

	s.vid_outer = 100;
	s.tpid_outer = 0x88a8;
	assert_int_equal(lines_reserve(&lines, &s, 5), 0);
	assert_int_equal(lines.down[3].flags >> XP_F_TAGS_SHIFT, 1);
	assert_memory_equal(lines.down[3].header + 4, qinq, 16);
	assert_memory_equal(lines.down[3].header + 20, qinq + 20, 6);
	lines_release(&lines, 3);

	s.vid_inner = 0xffe;
	s.tpid_inner = 0x8100;
	assert_int_equal(lines_reserve(&lines, &s, 5), 0);
	assert_int_equal(lines.down[3].flags >> XP_F_TAGS_SHIFT, 2);
	assert_memory_equal(lines.down[3].header, qinq, 26);
	assert_int_equal(lines.up[3].vid_outer, htons(100));
	assert_int_equal(lines.up[3].vid_inner, htons(0xffe));
	assert_memory_equal(lines.up[3].own_mac, s.own_mac, 6);
	assert_memory_equal(lines.up[3].peer_mac, s.peer_mac, 6);
	assert_int_equal(lines.up[3].concentrator, 5);
	assert_int_equal(lines.up[3].mss, 1452);
	assert_int_equal(lines.up[3].flags, XP_F_INGRESS_FILTER | XP_F_MSS_CLAMP);
	assert_int_equal(lines.up[3].generation, 3);
	assert_int_equal(lines.down[3].slot, 3);
	lines_teardown(&lines);
}

static void test_state_comes_last_and_goes_first(void **state)
{
	struct lines lines = lines_setup();
	struct dp_session s = session_of(4, 0xc0000201);
	uint32_t line;

	(void)state;
	s.slow = true;
	assert_int_equal(lines_reserve(&lines, &s, 0), 0);
	assert_int_equal(lines.up[4].state, XP_STATE_FREE);
	assert_int_equal(lines.up[4].down, 64 + 4);
	assert_false(lines_find(&lines, s.addr, &line));
	lines_publish(&lines, &s);
	assert_int_equal(lines.up[4].state, XP_STATE_SLOW);
	assert_true(lines_find(&lines, s.addr, &line));
	assert_int_equal(line, 68);
	assert_int_equal(lines.down[68].state, XP_STATE_SLOW);
	lines_hide(&lines, 4, NULL, NULL);
	assert_int_equal(lines.up[4].state, XP_STATE_FREE);
	assert_false(lines_find(&lines, s.addr, &line));
	lines_release(&lines, 4);
	lines_teardown(&lines);
}

static void test_a_net_belongs_to_one_session(void **state)
{
	struct lines lines = lines_setup();
	struct dp_session a = session_of(1, 0xc0000201), b = session_of(2, 0xc0000202);

	(void)state;
	a.netmask.s_addr = b.netmask.s_addr = htonl(0xffffff00);
	assert_int_equal(lines_reserve(&lines, &a, 0), 0);
	assert_int_equal(lines.extra[1].nets.n, 1);
	assert_int_equal(lines.extra[1].nets.list[0].len, 24);
	assert_true(lines.up[1].flags & XP_F_ROUTES);
	assert_int_equal(lines_reserve(&lines, &b, 0), 0);
	assert_int_equal(lines.extra[2].nets.n, 0);
	assert_int_equal(lines.extra[2].left_out, 1);
	assert_false(lines.up[2].flags & XP_F_ROUTES);
	lines_release(&lines, 2);
	lines_release(&lines, 1);
	assert_int_equal(lines_reserve(&lines, &b, 0), 0);
	assert_int_equal(lines.extra[2].nets.n, 1);
	lines_teardown(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_add_and_delete, dp_setup, dp_teardown),
		cmocka_unit_test_setup_teardown(test_addresses_outside_the_pools, dp_setup,
						dp_teardown),
		cmocka_unit_test_setup_teardown(test_nonsense_is_refused, dp_setup, dp_teardown),
		cmocka_unit_test_setup_teardown(test_counters, dp_setup, dp_teardown),
		cmocka_unit_test_setup_teardown(test_keys_come_with_a_session_and_go_with_it,
						dp_setup, dp_teardown),
		cmocka_unit_test_setup_teardown(test_keys_of_a_running_session, dp_setup,
						dp_teardown),
		cmocka_unit_test(test_encryption_in_the_lines),
		cmocka_unit_test(test_header_is_right_aligned),
		cmocka_unit_test(test_state_comes_last_and_goes_first),
		cmocka_unit_test(test_a_net_belongs_to_one_session),
		cmocka_unit_test(test_l2tp_lines_over_ipv4),
		cmocka_unit_test(test_l2tp_lines_over_ipv6),
		cmocka_unit_test(test_slots_of_the_other_carrier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
