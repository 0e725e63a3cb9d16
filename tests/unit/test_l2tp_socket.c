/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Real datagrams over the loopback of a network namespace of the test's own, and the kernel's real
 * IPsec policies. Without the right to have one the tests are skipped.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "tunnel/l2tp/l2tp_ipsec.h"
#include "tunnel/l2tp/l2tp_socket.h"
#include "tunnel/l2tp/l2tp_wire.h"

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif

#define DATAGRAMS 300 /* more than a batch */

struct fixture {
	struct ev_loop *loop;
	struct l2tp_rx *rx;
	struct l2tp_socket socket;
	struct l2tp_path path; /* of the last datagram */
	unsigned int received, turns, failed;
	int64_t waited_us; /* as the last turn told it */
	size_t len;
	bool echo;
};

static void on_receive(void *arg, const struct l2tp_path *path, struct buf datagram)
{
	struct fixture *f = arg;

	f->received++;
	f->path = *path;
	f->len = datagram.len;
	if (f->echo)
		assert_int_equal(l2tp_socket_send(&f->socket, path, datagram.p, datagram.len), 0);
}

static void on_turn_over(void *arg, int64_t waited_us)
{
	struct fixture *f = arg;

	f->turns++;
	f->waited_us = waited_us;
}

static void on_failed(void *arg, const struct l2tp_path *path, int error)
{
	(void)path;
	assert_true(error < 0);
	((struct fixture *)arg)->failed++;
}

static const struct l2tp_socket_ops ops = { on_receive, on_turn_over, on_failed };

static bool own_network(void)
{
	static int made = -1;

	if (made < 0)
		made = unshare(CLONE_NEWNET) == 0 &&
		       system("ip link set lo up && ip addr add 192.0.2.1/32 dev lo && "
			      "ip -6 addr add 2001:db8::1/128 dev lo nodad") == 0;
	return made;
}

static union l2tp_addr addr(const char *text)
{
	union l2tp_addr a;

	memset(&a, 0, sizeof(a));
	if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &a.in6.sin6_addr), 1);
		a.in6.sin6_family = AF_INET6;
	}
	l2tp_addr_set_port(&a, 1701);
	return a;
}

static void open_at(struct fixture *f, const char *text)
{
	const union l2tp_addr a = addr(text);

	*f = (struct fixture){ .loop = ev_loop_new(0), .echo = true };
	assert_int_equal(l2tp_rx_new(&f->rx), 0);
	assert_int_equal(l2tp_socket_open(&f->socket, f->loop, f->rx, &a, &ops, f), 0);
}

static void close_it(struct fixture *f)
{
	l2tp_socket_close(&f->socket);
	l2tp_socket_close(&f->socket);
	l2tp_rx_free(f->rx);
	ev_loop_destroy(f->loop);
}

static int client(const char *to, union l2tp_addr *own)
{
	const union l2tp_addr a = addr(to);
	socklen_t len = sizeof(*own);
	int fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	/* connected: an answer from another address would not reach it */
	assert_int_equal(connect(fd, &a.sa, l2tp_addr_len(&a)), 0);
	memset(own, 0, sizeof(*own));
	assert_int_equal(getsockname(fd, &own->sa, &len), 0);
	return fd;
}

static void check_answers_from(const char *listen, const char *to)
{
	union l2tp_addr own, local = addr(to);
	struct fixture f;
	char answer[16];
	int fd;

	open_at(&f, listen);
	fd = client(to, &own);
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	ev_run(f.loop, EVRUN_ONCE);
	assert_int_equal(f.received, 1);
	assert_int_equal(f.len, 5);
	assert_int_equal(f.turns, 1);
	assert_int_equal(f.waited_us, 0);
	assert_true(l2tp_addr_same(&f.path.local, &local));
	assert_true(l2tp_addr_same(&f.path.peer, &own));
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), 5);
	close(fd);
	close_it(&f);
}

static void answers_leave_from_the_address_that_was_asked(void **state)
{
	(void)state;
	if (!own_network())
		skip();
	check_answers_from("0.0.0.0", "192.0.2.1");
	check_answers_from("0.0.0.0", "127.0.0.5");
	check_answers_from("192.0.2.1", "192.0.2.1");
	check_answers_from("::", "2001:db8::1");
	check_answers_from("::", "::1");
	check_answers_from("2001:db8::1", "2001:db8::1");
}

static void batches_lose_nothing(void **state)
{
	union l2tp_addr own;
	struct fixture f;
	unsigned int answers = 0;
	char answer[16];
	int fd;

	(void)state;
	if (!own_network())
		skip();
	open_at(&f, "0.0.0.0");
	fd = client("192.0.2.1", &own);
	for (int i = 0; i < DATAGRAMS; i++)
		assert_int_equal(send(fd, "hello", 5, 0), 5);
	for (int i = 0; i < 10 && f.received < DATAGRAMS; i++) {
		ev_run(f.loop, EVRUN_ONCE);
		while (recv(fd, answer, sizeof(answer), 0) == 5)
			answers++;
	}
	assert_int_equal(f.received, DATAGRAMS);
	assert_true(f.turns > 1); /* others had their turn meanwhile */
	assert_int_equal(answers, DATAGRAMS);
	close(fd);
	close_it(&f);
}

static void messages_come(int fd, unsigned int n)
{
	while (n-- > 0)
		assert_int_equal(send(fd, "hello", 5, 0), 5);
}

/* Not how long there has been something in the queue. */
static void waiting_is_what_a_message_waits(void **state)
{
	union l2tp_addr own;
	struct fixture f;
	int64_t began;
	int fd;

	(void)state;
	if (!own_network())
		skip();
	open_at(&f, "192.0.2.1");
	f.echo = false;
	fd = client("192.0.2.1", &own);
	messages_come(fd, 100);
	began = mono_now_us();
	for (int i = 0; i < 80; i++) {
		messages_come(fd, 256);
		usleep(5000);
		ev_run(f.loop, EVRUN_NOWAIT);
	}
	assert_in_range(f.waited_us, 1, (mono_now_us() - began) / 2);
	usleep(100000);
	messages_come(fd, 300);
	ev_run(f.loop, EVRUN_NOWAIT);
	assert_true(f.waited_us >= 100000);
	while (f.received < 100 + 80 * 256 + 300)
		ev_run(f.loop, EVRUN_ONCE);
	messages_come(fd, 1);
	ev_run(f.loop, EVRUN_ONCE);
	assert_int_equal(f.waited_us, 0);
	close(fd);
	close_it(&f);
}

static void what_does_not_fit_is_told(void **state)
{
	static const uint8_t zeros[L2TP_DATAGRAM_MAX + 1];
	union l2tp_addr own;
	struct l2tp_path nowhere = { .local = addr("192.0.2.99"), .peer = addr("192.0.2.1") };
	struct fixture f;
	int fd;

	(void)state;
	if (!own_network())
		skip();
	open_at(&f, "0.0.0.0");
	fd = client("192.0.2.1", &own);
	assert_int_equal(send(fd, zeros, sizeof(zeros), 0), sizeof(zeros));
	ev_run(f.loop, EVRUN_ONCE);
	assert_int_equal(f.received, 0);
	assert_int_equal(f.failed, 1);
	assert_int_equal(l2tp_socket_send(&f.socket, &nowhere, zeros, sizeof(zeros)), -EMSGSIZE);
	assert_int_equal(l2tp_socket_send(&f.socket, &nowhere, zeros, 5), 0);
	l2tp_socket_flush(&f.socket); /* 192.0.2.99 is not ours */
	assert_int_equal(f.failed, 2);
	close(fd);
	close_it(&f);
}

static void the_mtu_of_the_way_is_known(void **state)
{
	struct l2tp_path path = { .local = addr("192.0.2.1"), .peer = addr("127.0.0.1") };

	(void)state;
	if (!own_network())
		skip();
	assert_int_equal(system("ip link set lo mtu 1432"), 0);
	assert_int_equal(l2tp_socket_path_mtu(&path), 1432);
	assert_int_equal(system("ip link set lo mtu 65536"), 0);
	path.peer = addr("203.0.113.1"); /* no route */
	assert_int_equal(l2tp_socket_path_mtu(&path), 0);
}

/* On the loopback device a packet keeps its sender's mark, as if IPsec had given it. */
static void answers_carry_the_mark_that_came(void **state)
{
	const uint32_t mark = 7;
	uint32_t back = 0;
	char answer[16], control[64];
	struct iovec iov = { answer, sizeof(answer) };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	union l2tp_addr own;
	struct fixture f;
	int fd, on = 1;

	(void)state;
	if (!own_network())
		skip();
	open_at(&f, "0.0.0.0");
	fd = client("192.0.2.1", &own);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVMARK, &on, sizeof(on)), 0);
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	ev_run(f.loop, EVRUN_ONCE);
	assert_int_equal(f.path.mark, mark);
	assert_int_equal(recvmsg(fd, &message, 0), 5);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK)
			memcpy(&back, CMSG_DATA(c), sizeof(back));
	assert_int_equal(back, mark);
	close(fd);
	close_it(&f);
}

#define POLICY_OF(verb, net) "ip xfrm policy " #verb " dir in src " net " dst 192.0.2.1/32 "
#define POLICY POLICY_OF(add, "198.51.100.0/24")
#define ONE POLICY_OF(add, "198.51.100.7/32")
#define ESP " tmpl proto esp mode transport"

static void policies_tell_what_came_through_esp(void **state)
{
	struct l2tp_path path = { .local = addr("192.0.2.1"), .peer = addr("198.51.100.7") };
	struct l2tp_ipsec *ipsec;

	(void)state;
	if (!own_network())
		skip();
	assert_int_equal(l2tp_ipsec_new(&ipsec), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	if (system(POLICY "proto udp dport 1701 priority 100" ESP) != 0)
		goto out; /* a kernel without IPsec */
	assert_true(l2tp_ipsec_covers(ipsec, &path));
	path.peer = addr("198.51.101.7");
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	path.peer = addr("198.51.100.7");
	l2tp_addr_set_port(&path.local, 1702);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	l2tp_addr_set_port(&path.local, 1701);
	/* a better one that lets it pass in clear, and one that merely prefers ESP */
	assert_int_equal(system(POLICY "proto udp priority 50"), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(system("ip xfrm policy flush && " POLICY ESP " level use"), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(system("ip xfrm policy flush"), 0);
	/* of two clients behind one address each has its own */
	assert_int_equal(system(POLICY "mark 7" ESP), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	path.mark = 7;
	assert_true(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(system("ip xfrm policy flush"), 0);
	/* each of these was heard of, and not read anew */
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	path.mark = 0;
	assert_int_equal(system(ONE "proto udp priority 10" ESP), 0);
	assert_true(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(system(POLICY "priority 10 action block"), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path)); /* which one is it? */
	assert_int_equal(system(POLICY_OF(delete, "198.51.100.0/24")), 0);
	assert_true(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(system(POLICY_OF(update, "198.51.100.7/32") "proto udp priority 10"), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	/* those of a device or an XFRM interface let clear text pass on others */
	assert_int_equal(system("ip xfrm policy flush && " ONE "dev lo" ESP), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(system("ip xfrm policy flush && " ONE "if_id 42" ESP), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(system(ONE ESP), 0);
	assert_true(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(system("ip xfrm policy flush"), 0);
	assert_int_equal(l2tp_ipsec_reads(ipsec), 1);
out:
	l2tp_ipsec_free(ipsec);
}

/* More changes than the queue holds. */
static void missed_policies_are_read_again(void **state)
{
	const struct l2tp_path path = { .local = addr("192.0.2.1"), .peer = addr("198.51.100.7") };
	struct l2tp_ipsec *ipsec;

	(void)state;
	if (!own_network() || system(ONE ESP) != 0)
		skip();
	assert_int_equal(l2tp_ipsec_new(&ipsec), 0);
	assert_true(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(
		system("i=0; while [ $i -lt 8000 ]; do i=$((i + 1)); "
		       "echo xfrm policy update src 10.0.$((i % 250)).1/32 dst 192.0.2.1/32 "
		       "dir in; done | ip -batch -"),
		0);
	assert_int_equal(system("ip xfrm policy flush"), 0);
	assert_false(l2tp_ipsec_covers(ipsec, &path));
	assert_int_equal(l2tp_ipsec_reads(ipsec), 2);
	l2tp_ipsec_free(ipsec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_leave_from_the_address_that_was_asked),
		cmocka_unit_test(batches_lose_nothing),
		cmocka_unit_test(waiting_is_what_a_message_waits),
		cmocka_unit_test(what_does_not_fit_is_told),
		cmocka_unit_test(the_mtu_of_the_way_is_known),
		cmocka_unit_test(answers_carry_the_mark_that_came),
		cmocka_unit_test(policies_tell_what_came_through_esp),
		cmocka_unit_test(missed_policies_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
