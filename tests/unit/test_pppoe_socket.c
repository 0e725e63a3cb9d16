/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The packet sockets on a veth pair, in a network namespace that lives as long as this
 * process: what the kernel's filter passes, and where the VLAN tags are. Skipped where
 * namespaces may not be made.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "tunnel/pppoe/pppoe_socket.h"

enum { DISCOVERY, SESSION, SOCKETS };

struct received {
	struct pppoe_frame frame;
	int parsed;
	unsigned int count;
	unsigned int order; /* of the first */
};

struct wires {
	struct ev_loop *loop;
	struct pppoe_rx *rx;
	struct pppoe_socket socket[SOCKETS];
	struct received got[SOCKETS];
	unsigned int order;
	int64_t waiting; /* as it was told last */
	int peer;        /* the other end */
};

static struct wires *all; /* the receivers' */

static void receive(void *arg, struct buf frame, const struct pppoe_aux *aux)
{
	struct received *r = arg;

	if (r->count++ == 0)
		r->order = ++all->order;
	r->parsed = pppoe_frame_parse(frame, aux, &r->frame);
}

static int veth_make(void)
{
	if (unshare(CLONE_NEWNET))
		return -errno;
	return system("ip link add pppoe-a type veth peer name pppoe-b && "
		      "ip link set pppoe-a up && ip link set pppoe-b up")
		       ? -EIO
		       : 0;
}

static int peer_open(void)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex("pppoe-b"),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	return bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -1 : fd;
}

static int setup(void **state)
{
	struct wires *w = calloc(1, sizeof(*w));
	uint32_t ifindex;

	*state = all = w;
	if (veth_make()) {
		w->peer = -1;
		return 0;
	}
	ifindex = if_nametoindex("pppoe-a");
	w->loop = ev_loop_new(EVFLAG_AUTO);
	w->peer = peer_open();
	return w->peer < 0 || pppoe_rx_new(&w->rx) ||
	       pppoe_socket_open(&w->socket[DISCOVERY], w->loop, w->rx, ifindex,
				 PPPOE_TRAFFIC_DISCOVERY, receive, &w->got[DISCOVERY]) ||
	       pppoe_socket_open(&w->socket[SESSION], w->loop, w->rx, ifindex,
				 PPPOE_TRAFFIC_CONTROL, receive, &w->got[SESSION]);
}

static int teardown(void **state)
{
	struct wires *w = *state;

	for (int i = 0; i < SOCKETS; i++) {
		pppoe_socket_close(&w->socket[i]);
		pppoe_socket_close(&w->socket[i]); /* twice is fine */
	}
	pppoe_rx_free(w->rx);
	if (w->loop)
		ev_loop_destroy(w->loop);
	if (w->peer >= 0)
		close(w->peer);
	free(w);
	return 0;
}

static struct wires *need_wires(void **state)
{
	struct wires *w = *state;

	if (w->peer < 0)
		skip();
	memset(w->got, 0, sizeof(w->got));
	w->order = 0;
	return w;
}

static void peer_send(const struct wires *w, uint16_t type, struct pppoe_vlans vlans,
		      const void *payload, size_t len)
{
	struct pppoe_frame frame = {
		.dst = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		.src = { 2, 0, 0, 0, 0, 1 },
		.vlans = vlans,
		.type = type,
		.code = type == PPPOE_TYPE_DISCOVERY ? PPPOE_CODE_PADI : PPPOE_CODE_SESSION,
	};
	uint8_t bytes[2048];
	struct wbuf b = wbuf_of(bytes, sizeof(bytes));
	size_t at = pppoe_frame_begin(&b, &frame);

	wbuf_put(&b, payload, len);
	assert_int_equal(pppoe_frame_end(&b, at), 0);
	assert_int_equal(send(w->peer, bytes, b.len, 0), b.len);
}

/* veths deliver at once: what was sent is in the queues. */
static void run(const struct wires *w)
{
	for (int i = 0; i < 4; i++)
		ev_run(w->loop, EVRUN_NOWAIT);
}

static const char lcp[] = "\xc0\x21\x09\x01\x00\x04";
static const char ip[] = "\x00\x21\x45\x00";

static void tags_arrive_as_they_were_sent(void **state)
{
	static const struct pppoe_vlans vlans[] = {
		{ 0 },
		{ 100, 0, 0x8100, 0 },
		{ 100, 0, 0x88a8, 0 },
		{ 100, 0, 0x9100, 0 }, /* which the kernel does not know as a tag */
		{ 100, 200, 0x88a8, 0x8100 },
		{ 100, 200, 0x8100, 0x8100 },
		{ 100, 200, 0x9100, 0x8100 },
	};
	struct wires *w = need_wires(state);

	for (size_t i = 0; i < sizeof(vlans) / sizeof(vlans[0]); i++) {
		for (int s = 0; s < SOCKETS; s++) {
			uint16_t type = s == SESSION ? PPPOE_TYPE_SESSION : PPPOE_TYPE_DISCOVERY;

			memset(w->got, 0, sizeof(w->got));
			peer_send(w, type, vlans[i], lcp, sizeof(lcp) - 1);
			run(w);
			assert_int_equal(w->got[s].count, 1);
			assert_int_equal(w->got[s].parsed, 0);
			assert_int_equal(w->got[s].frame.type, type);
			assert_memory_equal(&w->got[s].frame.vlans, &vlans[i], sizeof(vlans[i]));
			assert_int_equal(w->got[!s].count, 0);
		}
	}
}

static void nothing_else_is_passed(void **state)
{
	struct wires *w = need_wires(state);

	peer_send(w, 0x0800, (struct pppoe_vlans){ 0 }, lcp, sizeof(lcp) - 1);
	peer_send(w, 0x0800, (struct pppoe_vlans){ 100, 200, 0x88a8, 0x8100 }, lcp,
		  sizeof(lcp) - 1);
	/* what we send ourselves */
	assert_int_equal(pppoe_socket_send(&w->socket[SESSION],
					   (const uint8_t *)"\2\0\0\0\0\1\2\0\0\0\0\2\x88\x64"
							    "\x11\0\0\1\0\0",
					   20),
			 0);
	run(w);
	assert_int_equal(w->got[DISCOVERY].count, 0);
	assert_int_equal(w->got[SESSION].count, 0);
}

static void ip_is_passed_only_when_wanted(void **state)
{
	static const struct pppoe_vlans vlans[] = { { 0 }, { 100, 200, 0x88a8, 0x8100 } };
	struct wires *w = need_wires(state);

	for (int i = 0; i < 2; i++) {
		memset(w->got, 0, sizeof(w->got));
		peer_send(w, PPPOE_TYPE_SESSION, vlans[i], ip, 4);
		peer_send(w, PPPOE_TYPE_SESSION, vlans[i], "\x21\x45", 2);
		peer_send(w, PPPOE_TYPE_SESSION, vlans[i], "\xff\x03\x00\x21\x45", 5);
		run(w);
		assert_int_equal(w->got[SESSION].count, 0);
		peer_send(w, PPPOE_TYPE_SESSION, vlans[i], "\x00\x57\x60", 3);
		peer_send(w, PPPOE_TYPE_SESSION, vlans[i], "\xff\x03\xc0\x21", 4);
		run(w);
		assert_int_equal(w->got[SESSION].count, 2);
		assert_int_equal(pppoe_socket_pass(&w->socket[SESSION], PPPOE_TRAFFIC_SESSION), 0);
		peer_send(w, PPPOE_TYPE_SESSION, vlans[i], ip, 4);
		run(w);
		assert_int_equal(w->got[SESSION].count, 3);
		assert_int_equal(pppoe_socket_pass(&w->socket[SESSION], PPPOE_TRAFFIC_CONTROL), 0);
		peer_send(w, PPPOE_TYPE_SESSION, vlans[i], ip, 4);
		run(w);
		assert_int_equal(w->got[SESSION].count, 3);
	}
}

/* So that the agent can count them. */
static void frames_cut_short_are_passed(void **state)
{
	static const uint8_t cut[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,    0,
				       0,    0,    0,    1,    0x88, 0x64, 0x11, 0 };
	struct wires *w = need_wires(state);

	assert_int_equal(send(w->peer, cut, sizeof(cut), 0), sizeof(cut));
	run(w);
	assert_int_equal(w->got[SESSION].count, 1);
	assert_int_equal(w->got[SESSION].parsed, -ENODATA);
}

static void discovery_waits_for_sessions(void **state)
{
	enum { FLOOD = 20000 };
	struct wires *w = need_wires(state);

	for (int i = 0; i < FLOOD; i++)
		peer_send(w, PPPOE_TYPE_DISCOVERY, (struct pppoe_vlans){ 0 }, "", 0);
	peer_send(w, PPPOE_TYPE_SESSION, (struct pppoe_vlans){ 0 }, lcp, sizeof(lcp) - 1);
	ev_run(w->loop, EVRUN_NOWAIT);
	assert_int_equal(w->got[SESSION].count, 1);
	assert_int_equal(w->got[SESSION].order, 1);
	/* a bounded share per turn */
	assert_in_range(w->got[DISCOVERY].count, 1, 64);
	for (int i = 0; i < FLOOD; i++)
		ev_run(w->loop, EVRUN_NOWAIT);
	/* what did not fit into the queue is known */
	assert_true(w->got[DISCOVERY].count < FLOOD);
	assert_int_equal(w->got[DISCOVERY].count + pppoe_socket_drops(&w->socket[DISCOVERY]),
			 FLOOD);
	assert_int_equal(pppoe_socket_drops(&w->socket[SESSION]), 0);
}

static void on_waiting(void *arg, int64_t us)
{
	(void)arg;
	all->waiting = us;
}

static void frames_come(const struct wires *w, unsigned int n)
{
	while (n-- > 0)
		peer_send(w, PPPOE_TYPE_SESSION, (struct pppoe_vlans){ 0 }, lcp, sizeof(lcp) - 1);
}

/* Not how long there has been something in the queue. */
static void waiting_is_what_a_frame_waits(void **state)
{
	struct wires *w = need_wires(state);
	int64_t began = mono_now_us();

	w->socket[SESSION].waiting = on_waiting;
	w->waiting = -1;
	frames_come(w, 100);
	for (int i = 0; i < 60; i++) {
		frames_come(w, 128);
		usleep(5000);
		ev_run(w->loop, EVRUN_NOWAIT);
	}
	assert_in_range(w->waiting, 1, (mono_now_us() - began) / 2);
	usleep(100000);
	frames_come(w, 200);
	ev_run(w->loop, EVRUN_NOWAIT);
	assert_true(w->waiting >= 100000);

	for (int i = 0; i < 1000; i++)
		ev_run(w->loop, EVRUN_NOWAIT);
	w->waiting = -1;
	frames_come(w, 1);
	run(w);
	assert_int_equal(w->waiting, -1);
	assert_int_equal(w->got[SESSION].count, 100 + 60 * 128 + 200 + 1);
	w->socket[SESSION].waiting = NULL;
}

static void a_device_that_is_down_refuses(void **state)
{
	struct wires *w = need_wires(state);
	const uint8_t frame[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0x63, 0x11 };

	assert_int_equal(system("ip link set pppoe-a down"), 0);
	assert_int_equal(pppoe_socket_send(&w->socket[DISCOVERY], frame, sizeof(frame)), -ENETDOWN);
	run(w);
	assert_int_equal(system("ip link set pppoe-a up"), 0);
	run(w);
	peer_send(w, PPPOE_TYPE_DISCOVERY, (struct pppoe_vlans){ 0 }, "", 0);
	run(w);
	assert_int_equal(w->got[DISCOVERY].count, 1);
	assert_int_equal(pppoe_socket_send(&w->socket[DISCOVERY], frame, sizeof(frame)), 0);
}

static void a_missing_device_is_an_error(void **state)
{
	struct wires *w = need_wires(state);
	struct pppoe_socket s = { 0 };

	assert_int_equal(pppoe_socket_open(&s, w->loop, w->rx, 0x7fffffff, PPPOE_TRAFFIC_DISCOVERY,
					   receive, NULL),
			 -ENODEV);
	assert_int_equal(pppoe_socket_send(&s, (const uint8_t *)"", 0), -ENETDOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_arrive_as_they_were_sent),
		cmocka_unit_test(nothing_else_is_passed),
		cmocka_unit_test(ip_is_passed_only_when_wanted),
		cmocka_unit_test(frames_cut_short_are_passed),
		cmocka_unit_test(discovery_waits_for_sessions),
		cmocka_unit_test(waiting_is_what_a_frame_waits),
		cmocka_unit_test(a_device_that_is_down_refuses),
		cmocka_unit_test(a_missing_device_is_an_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
