/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* When narrow ways are asked for again. The peer is this machine, whose loopback device bears the most there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "dataplane/way.h"

#define SLOT 5
#define BEARS (65535 - 42)
#define AGAIN_MS 20

struct fixture {
	struct ev_loop *loop;
	struct lines lines;
	struct xp_session_up up[16];
	struct xp_session_down down[32];
	struct xp_tunnel tunnels[LINES_TUNNELS];
	struct ways *ways;
	unsigned int sets;
};

static void on_set(void *arg, uint32_t slot, uint16_t mtu)
{
	struct fixture *f = arg;

	assert_int_equal(slot, SLOT);
	lines_set_mtu(&f->lines, slot, mtu);
	f->sets++;
}

static uint16_t mtu_of(const struct fixture *f)
{
	return f->down[f->up[SLOT].down].mtu;
}

static struct dp_session session_of(uint16_t mtu)
{
	struct dp_session s = { .slot = SLOT, .carrier = DP_L2TP, .mtu = mtu };
	struct sockaddr_in *peer = (struct sockaddr_in *)&s.l2tp.peer;

	peer->sin_family = AF_INET;
	peer->sin_port = htons(1701);
	peer->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s.l2tp.local = s.l2tp.peer;
	s.l2tp.sequencing = true;
	s.l2tp.tunnel_id = 7;
	s.l2tp.session_id = SLOT;
	s.addr.s_addr = htonl(0x0a000001);
	return s;
}

static void set_peer(struct dp_session *s, const char *addr)
{
	struct sockaddr_in *peer = (struct sockaddr_in *)&s->l2tp.peer;

	assert_int_equal(inet_pton(AF_INET, addr, &peer->sin_addr), 1);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct dp_dims dims = { .l2tp_spaces = 1, .l2tp_space_size = 16, .down_lines = 16 };
	struct ways_config config = { .lines = &f->lines, .again_ms = AGAIN_MS, .set_mtu = on_set };

	f->loop = ev_loop_new(EVFLAG_AUTO);
	assert_int_equal(lines_init(&f->lines, &dims, f->up, f->down, f->tunnels), 0);
	config.loop = f->loop;
	config.arg = f;
	assert_int_equal(ways_new(&config, &f->ways), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ways_free(f->ways);
	lines_clear(&f->lines);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

/* With `mtu` of the `full` that it asks for. */
static void begin(struct fixture *f, uint16_t mtu, uint16_t full)
{
	const struct dp_session s = session_of(mtu);

	assert_int_equal(lines_reserve(&f->lines, &s, 0), 0);
	lines_publish(&f->lines, &s);
	ways_begin(f->ways, SLOT, full);
}

static void run_for(struct fixture *f, int64_t ms)
{
	struct mono start = mono_now();

	while (mono_elapsed_ms(start, mono_now()) < ms)
		ev_run(f->loop, EVRUN_NOWAIT);
}

static void a_session_gets_what_the_way_bears(void **state)
{
	struct dp_session s = session_of(1400);
	struct fixture *f = *state;

	assert_int_equal(ways_fit(f->ways, &s), 1400);
	s.mtu = 65535;
	assert_int_equal(ways_fit(f->ways, &s), BEARS);
	/* one peer's answer, or that there is no way to it, is not another's */
	set_peer(&s, "255.255.255.255");
	assert_int_equal(ways_fit(f->ways, &s), 65535);
	set_peer(&s, "127.0.0.9");
	assert_int_equal(ways_fit(f->ways, &s), BEARS);
}

static void a_way_that_is_wide_again_is_used(void **state)
{
	struct fixture *f = *state;

	begin(f, 1300, 1400);
	assert_int_equal(f->sets, 0);
	run_for(f, 3 * AGAIN_MS);
	assert_int_equal(f->sets, 1);
	assert_int_equal(mtu_of(f), 1400);
	/* and then nobody asks any more */
	lines_set_mtu(&f->lines, SLOT, 1300);
	run_for(f, 3 * AGAIN_MS);
	assert_int_equal(f->sets, 1);
	/* until a packet has not fitted, and then once a second at most */
	f->lines.extra[SLOT].mtu_checked.ms -= 1000;
	ways_check(f->ways, SLOT);
	lines_set_mtu(&f->lines, SLOT, 1300);
	ways_check(f->ways, SLOT);
	assert_int_equal(f->sets, 2);
}

static void a_narrow_way_is_asked_for_again_and_again(void **state)
{
	struct fixture *f = *state;

	begin(f, 1300, 65535);
	for (unsigned int i = 1; i <= 3; i++) {
		run_for(f, 3 * AGAIN_MS);
		assert_int_equal(f->sets, i);
		assert_int_equal(mtu_of(f), BEARS);
		lines_set_mtu(&f->lines, SLOT, 1300);
	}
	ways_again(f->ways);
	assert_int_equal(f->sets, 4);
}

static void one_that_has_gone_is_forgotten(void **state)
{
	struct fixture *f = *state;
	const struct dp_session s = session_of(1300);

	begin(f, 1300, 65535);
	lines_hide(&f->lines, SLOT, NULL, NULL);
	lines_release(&f->lines, SLOT);
	/* another in its place is not taken for it */
	assert_int_equal(lines_reserve(&f->lines, &s, 0), 0);
	lines_publish(&f->lines, &s);
	ways_begin(f->ways, SLOT, 1300);
	run_for(f, 3 * AGAIN_MS);
	assert_int_equal(f->sets, 0);
	assert_int_equal(mtu_of(f), 1300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_session_gets_what_the_way_bears, setup, teardown),
		cmocka_unit_test_setup_teardown(a_way_that_is_wide_again_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(a_narrow_way_is_asked_for_again_and_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_that_has_gone_is_forgotten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
