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
#include <unistd.h>

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
	plane_start(&p, "native");
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
	plane_start(&p, "native");
	plane_add(&p, &s);
	assert_false(net_says("ip route get 10.0.0.5", "mtu 1488"));
	assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, &keys), 0);
	assert_true(net_says("ip route get 10.0.0.5", "mtu 1488"));
	assert_int_equal(p.dp->ops->mppe_set(p.dp, NET_SID, NULL), 0);
	assert_false(net_says("ip route get 10.0.0.5", "mtu 1488"));
	plane_stop(&p);
	plane_left_nothing();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs_find_the_keys),
		cmocka_unit_test(test_the_route_follows),
	};

	if (geteuid() != 0) {
		puts("needs root");
		return 77;
	}
	return cmocka_run_group_tests(tests, net_setup, NULL);
}
