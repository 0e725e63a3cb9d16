/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Requests come by the sockets that the configuration names, and replies go back from there. */
#include "dae_rig.h"

#include <unistd.h>

#define PORT "port 33799"

static const char loopback[] = "radius dae client 127.0.0.1 secret " DAE_SECRET "\n"
			       "radius dae client 127.0.0.3 secret " DAE_SECRET "\n"
			       "radius dae client ::1 secret " DAE_SECRET "\n";

static int setup_loopback(void **state)
{
	int r = setup(state);

	configure(*state, loopback,
		  "radius dae listen on 0.0.0.0 " PORT "\nradius dae listen on ::1 " PORT "\n");
	return r;
}

static struct sockaddr_storage place(const char *address, uint16_t port)
{
	struct dae_path path = path_of(address, port);

	return path.peer.storage;
}

static int client_from(const char *address)
{
	struct sockaddr_storage from = place(address, 0);
	struct timeval patience = { .tv_usec = 50000 };
	int fd = socket(from.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from,
			      from.ss_family == AF_INET ? sizeof(struct sockaddr_in)
							: sizeof(struct sockaddr_in6)),
			 0);
	return fd;
}

static void client_send(int fd, const char *to, const void *bytes, size_t len)
{
	struct sockaddr_storage there = place(to, 33799);

	assert_int_equal(sendto(fd, bytes, len, 0, (struct sockaddr *)&there,
				there.ss_family == AF_INET ? sizeof(struct sockaddr_in)
							   : sizeof(struct sockaddr_in6)),
			 len);
}

static void turn(struct fixture *f)
{
	for (int i = 0; i < 10; i++)
		ev_run(f->loop, EVRUN_NOWAIT);
}

/* Its code, 0: none came. It must come from where it was sent to. */
static int ask(struct fixture *f, int fd, const char *to, struct request *r)
{
	struct sockaddr_storage from = { 0 }, there = place(to, 33799);
	socklen_t from_len = sizeof(from);
	ssize_t n;

	f->len = request_finish(r, f->datagram);
	client_send(fd, to, f->datagram, f->len);
	turn(f);
	n = recvfrom(fd, f->reply, sizeof(f->reply), 0, (struct sockaddr *)&from, &from_len);
	if (n < 0)
		return 0;
	f->reply_len = (size_t)n;
	assert_memory_equal(&from, &there, from_len);
	check_reply(f, r);
	return f->reply[0];
}

static int disconnect(struct fixture *f, int fd, const char *to, uint32_t ppp_id)
{
	char id[SUBJECT_ID_LEN + 1];
	struct request r;

	request_begin(&r, RADIUS_DISCONNECT_REQUEST);
	subject_session_id(START, ppp_id, id);
	radius_put_string(&r.attrs, 0, 44, id);
	return ask(f, fd, to, &r);
}

static void answers_where_it_was_asked(void **state)
{
	struct fixture *f = *state;
	int four = client_from("127.0.0.1"), six = client_from("::1");

	assert_int_equal(disconnect(f, four, "127.0.0.2", 1), RADIUS_DISCONNECT_ACK);
	assert_int_equal(disconnect(f, four, "127.0.0.5", 2), RADIUS_DISCONNECT_ACK);
	assert_int_equal(disconnect(f, six, "::1", 3), RADIUS_DISCONNECT_ACK);
	close(four);
	close(six);
}

static void sockets_survive_a_reload(void **state)
{
	struct fixture *f = *state;
	int fd = client_from("127.0.0.3");
	char id[SUBJECT_ID_LEN + 1];
	struct request r;

	request_begin(&r, RADIUS_DISCONNECT_REQUEST);
	subject_session_id(START, 1, id);
	radius_put_string(&r.attrs, 0, 44, id);
	f->len = request_finish(&r, f->datagram);
	client_send(fd, "127.0.0.1", f->datagram, f->len);
	/* what waits in the socket is not lost */
	configure(f, loopback, "radius dae listen on 0.0.0.0 " PORT "\n");
	turn(f);
	assert_true(recv(fd, f->reply, sizeof(f->reply), 0) > 0);
	assert_int_equal(f->reply[0], RADIUS_DISCONNECT_ACK);
	/* and nothing is at home where nobody listens any more */
	configure(f, loopback, "radius dae listen on 127.0.0.9 " PORT "\n");
	assert_int_equal(disconnect(f, fd, "127.0.0.1", 2), 0);
	assert_int_equal(disconnect(f, fd, "127.0.0.9", 2), RADIUS_DISCONNECT_ACK);
	close(fd);
}

static void the_largest_packet_is_read_and_a_larger_one_is_not(void **state)
{
	struct fixture *f = *state;
	int fd = client_from("127.0.0.1");
	uint8_t large[RADIUS_MAX + 10] = { 40, 0, RADIUS_MAX >> 8, RADIUS_MAX & 0xff };

	client_send(fd, "127.0.0.1", large, sizeof(large));
	turn(f);
	assert_int_equal(counters(f).drops[DAE_DROP_FORM], 1);
	for (size_t i = 20; i < RADIUS_MAX; i += 254) {
		large[i] = 18;
		large[i + 1] = (uint8_t)(RADIUS_MAX - i < 254 ? RADIUS_MAX - i : 254);
	}
	client_send(fd, "127.0.0.1", large, RADIUS_MAX);
	turn(f);
	assert_int_equal(counters(f).drops[DAE_DROP_FORM], 1);
	assert_int_equal(counters(f).drops[DAE_DROP_AUTHENTICATOR], 1);
	close(fd);
}

/* However many wait, a turn of the loop has its end. */
static void a_storm_takes_many_turns(void **state)
{
	struct fixture *f = *state;
	int fd = client_from("127.0.0.1");
	static const uint8_t nothing[1] = { 40 };

	for (int i = 0; i < 500; i++)
		client_send(fd, "127.0.0.1", nothing, sizeof(nothing));
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_in_range(counters(f).drops[DAE_DROP_FORM], 1, 64);
	for (int i = 0; i < 100; i++)
		ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(counters(f).drops[DAE_DROP_FORM], 500);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_loopback, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_where_it_was_asked),
		TEST(sockets_survive_a_reload),
		TEST(the_largest_packet_is_read_and_a_larger_one_is_not),
		TEST(a_storm_takes_many_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
