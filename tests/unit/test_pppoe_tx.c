/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Frames that are sent together, over sockets that lead to this test. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tunnel/pppoe/pppoe_socket.h"
#include "tunnel/pppoe/pppoe_tx.h"

#define SOCKETS 2
#define BATCH 32

struct fixture {
	struct ev_loop *loop;
	struct pppoe_tx *tx;
	struct pppoe_socket socket[SOCKETS];
	int far[SOCKETS];
	uint8_t posted, read; /* frames are numbered */
	unsigned int failed;
	int error;
};

static size_t refused_len; /* of frames; 0: none */

/* As the kernel does it: it ends with the first that fails, whose error is for the next call if others
 * were sent. */
int sendmmsg(int fd, struct mmsghdr *message, unsigned int n, int flags)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct msghdr *m = &message[i].msg_hdr;
		ssize_t r = -1;

		if (refused_len && m->msg_iov->iov_len == refused_len)
			errno = ENXIO;
		else
			r = sendmsg(fd, m, flags);
		if (r < 0)
			return i > 0 ? (int)i : -1;
		message[i].msg_len = (unsigned int)r;
	}
	return (int)n;
}

static void on_failed(void *arg, size_t len, int error)
{
	struct fixture *f = arg;

	assert_int_equal(len, refused_len ? refused_len : 60);
	f->failed++;
	f->error = error;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd[2];

	f->loop = ev_loop_new(0);
	assert_int_equal(pppoe_tx_new(f->loop, &f->tx), 0);
	for (int i = 0; i < SOCKETS; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
		f->socket[i] = (struct pppoe_socket){
			.loop = f->loop, .open = true, .arg = f, .failed = on_failed
		};
		f->socket[i].io.fd = fd[0];
		f->far[i] = fd[1];
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pppoe_tx_free(f->tx);
	for (int i = 0; i < SOCKETS; i++) {
		close(f->socket[i].io.fd);
		close(f->far[i]);
	}
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

static void post(struct fixture *f, int socket, size_t len)
{
	uint8_t frame[1500] = { f->posted++ };

	assert_int_equal(pppoe_tx_post(f->tx, &f->socket[socket], frame, len), 0);
}

/* How many have arrived there, the next ones in their order. */
static unsigned int arrived(struct fixture *f, int socket)
{
	uint8_t frame[1500];
	unsigned int n = 0;

	for (; recv(f->far[socket], frame, sizeof(frame), MSG_DONTWAIT) >= 60; n++)
		assert_int_equal(frame[0], f->read++);
	return n;
}

static int next_len(struct fixture *f)
{
	uint8_t frame[1500];

	return (int)recv(f->far[0], frame, sizeof(frame), MSG_DONTWAIT);
}

static void frames_wait_for_the_end_of_the_turn(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++)
		post(f, 0, 60);
	assert_int_equal(arrived(f, 0), 0);
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(arrived(f, 0), 5);
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(arrived(f, 0), 0);
	post(f, 0, 60);
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(arrived(f, 0), 1);
}

static void on_last_moment(struct ev_loop *loop, struct ev_prepare *w, int revents)
{
	(void)loop;
	(void)revents;
	post(w->data, 0, 60);
}

/* The loop sleeps after it. */
static void what_is_said_at_the_end_of_a_turn_belongs_to_it(void **state)
{
	struct fixture *f = *state;
	struct ev_prepare last;

	ev_prepare_init(&last, on_last_moment);
	last.data = f;
	ev_prepare_start(f->loop, &last);
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(arrived(f, 0), 1);
	ev_prepare_stop(f->loop, &last);
	ev_run(f->loop, 0); /* nothing is left that keeps it running */
}

static void no_more_wait_than_there_is_room_for(void **state)
{
	struct fixture *f = *state;

	/* a pair takes few at a time */
	for (int i = 0; i < BATCH; i++)
		post(f, 0, 60);
	assert_int_equal(arrived(f, 0), 0);
	pppoe_tx_flush(f->tx);
	assert_int_equal(arrived(f, 0) + f->failed, BATCH);
	f->failed = 0;
	f->read = f->posted;
	for (int i = 0; i < BATCH + 1; i++)
		post(f, 0, 60);
	assert_int_equal(arrived(f, 0) + f->failed, BATCH);
}

static void order_is_kept_between_sockets(void **state)
{
	struct fixture *f = *state;

	post(f, 0, 60);
	post(f, 0, 61);
	post(f, 1, 60);
	assert_int_equal(arrived(f, 0), 2);
	assert_int_equal(arrived(f, 1), 0);
	post(f, 0, 60);
	assert_int_equal(arrived(f, 1), 1);
	ev_run(f->loop, EVRUN_NOWAIT);
	assert_int_equal(arrived(f, 0), 1);
}

static void long_frames_do_not_wait(void **state)
{
	struct fixture *f = *state;

	post(f, 0, 512);
	assert_int_equal(arrived(f, 0), 0);
	post(f, 0, 513);
	assert_int_equal(arrived(f, 0), 2);
}

/* What cannot be sent is told, and what comes after it is tried nevertheless. */
static void failures_are_told(void **state)
{
	struct fixture *f = *state;
	unsigned int room = 0;
	uint8_t frame[60] = { 0 };

	while (send(f->socket[0].io.fd, frame, sizeof(frame), MSG_DONTWAIT) > 0)
		room++;
	for (int i = 0; i < 3; i++)
		post(f, 0, 60);
	pppoe_tx_flush(f->tx);
	assert_int_equal(f->failed, 3);
	assert_int_equal(f->error, -EAGAIN);
	while (room-- > 0)
		assert_int_equal(recv(f->far[0], frame, sizeof(frame), MSG_DONTWAIT), 60);
	f->read = f->posted;
	post(f, 0, 60);
	pppoe_tx_flush(f->tx);
	assert_int_equal(arrived(f, 0), 1);
}

static void one_that_fails_does_not_keep_others_of_its_batch(void **state)
{
	struct fixture *f = *state;

	post(f, 0, 60);
	post(f, 0, 61);
	refused_len = 61;
	post(f, 0, 62);
	post(f, 0, 61);
	pppoe_tx_flush(f->tx);
	refused_len = 0;
	assert_int_equal(f->failed, 2);
	assert_int_equal(f->error, -ENXIO);
	assert_int_equal(next_len(f), 60);
	assert_int_equal(next_len(f), 62);
	assert_int_equal(next_len(f), -1);
}

static void a_closed_socket_takes_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[60] = { 0 };

	f->socket[0].open = false;
	assert_int_equal(pppoe_tx_post(f->tx, &f->socket[0], frame, sizeof(frame)), -ENETDOWN);
	pppoe_tx_flush(f->tx);
	assert_int_equal(arrived(f, 0), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(frames_wait_for_the_end_of_the_turn),
		T(what_is_said_at_the_end_of_a_turn_belongs_to_it),
		T(no_more_wait_than_there_is_room_for),
		T(order_is_kept_between_sockets),
		T(long_frames_do_not_wait),
		T(failures_are_told),
		T(one_that_fails_does_not_keep_others_of_its_batch),
		T(a_closed_socket_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
