/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Real TCP connections and GRE packets over the loopback of a network namespace of the test's own.
 * Without the right to have one the tests are skipped.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "pptp_fixture.h"

#define PACKETS 100 /* more than a batch */

static bool own_network(void)
{
	static int made = -1;

	if (made < 0)
		made = unshare(CLONE_NEWNET) == 0 &&
		       system("ip link set lo up && ip addr add 192.0.2.1/32 dev lo && "
			      "ip addr add 198.51.100.1/32 dev lo") == 0;
	return made;
}

/* The fixture with the real network below. */
static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	*state = f;
	if (fixture_setup(f))
		return -1;
	if (!own_network())
		return 0;
	f->tunnel.bound = false; /* closes what was not real */
	if (pptp_configure(f->pptp, &f->conf))
		return -1;
	f->tunnel.bound = true;
	f->pptp->io = &pptp_io_network;
	return pptp_configure(f->pptp, &f->conf);
}

static int teardown(void **state)
{
	fixture_teardown(*state);
	free(*state);
	return 0;
}

/* A real client at 198.51.100.1. */
static void dial(struct pns *pns, struct fixture *f)
{
	const struct sockaddr_in to = fixture_addr("192.0.2.1", 1723);
	struct sockaddr_in own = fixture_addr("198.51.100.1", 0);
	socklen_t len = sizeof(own);

	memset(pns, 0, sizeof(*pns));
	pns->f = f;
	pns->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(pns->fd >= 0);
	assert_int_equal(bind(pns->fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(pns->fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	getsockname(pns->fd, (struct sockaddr *)&own, &len);
	pns->port = ntohs(own.sin_port);
	pns->hosts = (struct pptp_hosts){ to.sin_addr, own.sin_addr };
}

static int gre_socket(void)
{
	const struct sockaddr_in own = fixture_addr("198.51.100.1", 0);
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_GRE);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&own, sizeof(own)), 0);
	return fd;
}

static void gre_write(int fd, const char *to, const void *packet, size_t len)
{
	const struct sockaddr_in a = fixture_addr(to, 0);

	assert_int_equal(sendto(fd, packet, len, 0, (const struct sockaddr *)&a, sizeof(a)), len);
}

/* The next packet's length without its IP header, 0 if there is none. */
static size_t gre_read(int fd, uint8_t *bytes, size_t size, struct sockaddr_in *from)
{
	socklen_t len = sizeof(*from);
	uint8_t packet[2048];
	ssize_t n = recvfrom(fd, packet, sizeof(packet), 0, (struct sockaddr *)from, &len);

	if (n < 20)
		return 0;
	n -= 20;
	memcpy(bytes, packet + 20, (size_t)n < size ? (size_t)n : size);
	return (size_t)n;
}

static void data_packet(uint8_t packet[16], uint16_t call_id, uint8_t number)
{
	const uint8_t bytes[16] = {
		0x30, 0x01,   0x88, 0x0b, 0,   4,  (uint8_t)(call_id >> 8), (uint8_t)call_id, 0, 0,
		0,    number, 'a',  'b',  'c', 'd'
	};

	memcpy(packet, bytes, sizeof(bytes));
}

static void a_call_over_the_network(void **state)
{
	struct fixture *f = *state;
	struct message start = sccrq();
	struct sockaddr_in from;
	struct accepted *a;
	uint8_t bytes[64];
	struct pns pns;
	int gre;

	if (!own_network())
		skip();
	dial(&pns, f);
	pns_send(&pns, &start);
	pns_turn(&pns);
	assert_int_equal(heard_type(&pns), 2);
	gre = gre_socket();
	a = pns_call(&pns, 0x4005);
	/* the loopback's MTU, as far as 16 bits go */
	assert_true(a->carrier->ops->mru(a->carrier) > 60000);
	for (int i = 0; i < PACKETS; i++) {
		data_packet(bytes, a->pptp->call_id, (uint8_t)i);
		gre_write(gre, "192.0.2.1", bytes, 16);
	}
	for (int i = 0; i < 4; i++)
		fixture_turn(f);
	assert_int_equal(a->inputs, PACKETS);
	assert_int_equal(a->input_len, 4);
	assert_memory_equal(a->input, "abcd", 4);
	/* acknowledged, from the address that was called */
	for (int i = 1; i <= PACKETS / XP_PPTP_ACK_AFTER; i++) {
		assert_int_equal(gre_read(gre, bytes, sizeof(bytes), &from), 12);
		assert_memory_equal(bytes, "\x20\x81\x88\x0b\0\0\x40\x05\0\0\0", 11);
		assert_int_equal(bytes[11], i * XP_PPTP_ACK_AFTER - 1);
		assert_int_equal(from.sin_addr.s_addr, pns.hosts.local.s_addr);
	}
	assert_int_equal(gre_read(gre, bytes, sizeof(bytes), &from), 0);
	for (int i = 0; i < PACKETS; i++)
		a->carrier->ops->send(a->carrier, 0xc021, (const uint8_t *)"hello", 5);
	fixture_turn(f);
	for (int i = 0; i < PACKETS; i++) {
		assert_int_equal(gre_read(gre, bytes, sizeof(bytes), &from),
				 (i == 0 ? 16 : 12) + 4 + 5);
		assert_int_equal(bytes[11], i);
	}
	close(gre);
	pns_close(&pns);
	fixture_turn(f);
	assert_int_equal(a->lost, CAUSE_LOST_CARRIER);
}

static void only_pptp_comes_up_the_socket(void **state)
{
	static const uint8_t other[] = { 0, 0, 8, 0, 1, 2, 3, 4 };
	static const uint8_t version_one[] = { 0x20, 1, 8, 0, 0, 0, 0, 1 };
	static const uint8_t unknown[] = { 0x20, 1, 0x88, 0x0b, 0, 0, 0, 1 };
	struct fixture *f = *state;
	int gre;

	if (!own_network())
		skip();
	gre = gre_socket();
	gre_write(gre, "192.0.2.1", other, sizeof(other));
	gre_write(gre, "192.0.2.1", version_one, sizeof(version_one));
	gre_write(gre, "192.0.2.1", "\x30", 1);
	fixture_turn(f);
	assert_int_equal(drops(f, XP_R_T_DATA_UNKNOWN) + drops(f, XP_R_T_DATA_LENGTH), 0);
	gre_write(gre, "192.0.2.1", unknown, sizeof(unknown));
	fixture_turn(f);
	assert_int_equal(drops(f, XP_R_T_DATA_UNKNOWN), 1);
	close(gre);
}

static void what_the_network_does_not_take_is_counted(void **state)
{
	const struct pptp_hosts nowhere = {
		fixture_addr("192.0.2.1", 0).sin_addr,
		fixture_addr("203.0.113.1", 0).sin_addr,
	};
	struct fixture *f = *state;
	static uint8_t packet[5000];

	if (!own_network())
		skip();
	assert_int_equal(f->pptp->io->gre_send(f->pptp, &nowhere, packet, 16), 0);
	fixture_turn(f);
	assert_int_equal(drops(f, XP_R_T_DATA_SEND), 1);
	assert_int_equal(f->pptp->io->gre_send(f->pptp, &nowhere, packet, sizeof(packet)),
			 -EMSGSIZE);
}

/* A listener that cannot take what waits for it must not make the loop spin. */
static void descriptors_run_out(void **state)
{
	struct rlimit limit, few;
	struct fixture *f = *state;
	struct message start = sccrq();
	struct pns idle, busy, late;

	if (!own_network())
		skip();
	dial(&busy, f);
	dial(&idle, f);
	pns_send(&busy, &start);
	pns_call(&busy, 5);
	dial(&late, f);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = (struct rlimit){ 3, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(drops(f, XP_R_T_ACCEPT), 1);
	assert_int_equal(drops(f, XP_R_T_IDLE), 1); /* gave its own up */
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(drops(f, XP_R_T_ACCEPT), 2);
	assert_false(ev_is_active(&fixture_listener(f)->io)); /* nobody else can */
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(drops(f, XP_R_T_ACCEPT), 2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	fixture_strike(f, &fixture_listener(f)->pause);
	pns_send(&late, &start);
	pns_turn(&late);
	assert_int_equal(heard_type(&late), 2);
	assert_int_equal(f->carriers.accepted[0].lost, CAUSE_NONE);
	close(idle.fd);
	pns_close(&late);
	pns_close(&busy);
}

static void addresses_are_taken_once(void **state)
{
	struct fixture *f = *state;
	struct pptp_listener second = { .pptp = f->pptp };

	if (!own_network())
		skip();
	second.addr = fixture_addr("192.0.2.1", 1723);
	assert_int_equal(pptp_listener_open(&second), -EADDRINUSE);
	/* an address that this machine has not got yet */
	second.addr = fixture_addr("192.0.2.77", 1723);
	assert_int_equal(pptp_listener_open(&second), 0);
	pptp_listener_close(&second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_over_the_network),
		TEST(only_pptp_comes_up_the_socket),
		TEST(what_the_network_does_not_take_is_counted),
		TEST(descriptors_run_out),
		TEST(addresses_are_taken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
