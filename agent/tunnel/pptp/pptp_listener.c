/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * TCP listeners. Connections are taken as often as their address may ask and as long as there are
 * file descriptors; when these are out, the oldest connection without a call gives its own up.
 *
 * Timer: pause, CLOCK_PPTP_PAUSE_MS without taking any, when there was nobody to give one up.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "tunnel/pptp/pptp_private.h"

#define BACKLOG 1024
#define ACCEPTS 64 /* in one turn of the loop */

/* ---- a connection ---- */

void pptp_listener_accept(struct pptp_listener *listener, int fd, const struct sockaddr_in *local,
			  const struct sockaddr_in *peer)
{
	struct pptp *p = listener->pptp;
	struct pptp_connection *c;
	char text[PPTP_ADDR_TEXT];
	int r;

	if (!pptp_in_rate(p, p->connection_rates, peer->sin_addr)) {
		log_drop(p->log, XP_R_T_RATE, "connection from %s", pptp_addr_text(peer, text));
		close(fd);
		return;
	}
	if (p->n_idle >= PPTP_IDLE_MAX)
		pptp_connection_give_way(p);
	r = pptp_connection_new(listener, fd, local, peer, &c);
	if (r) {
		log_drop(p->log, XP_R_T_LIMIT, "connection from %s: %s", pptp_addr_text(peer, text),
			 r == -ENOSPC ? "no id is free" : strerror(-r));
		close(fd);
		return;
	}
	p->counters.accepted++;
}

static void accepted(struct pptp_listener *listener, int fd, const struct sockaddr_in *peer)
{
	struct sockaddr_in local = listener->addr;
	socklen_t len = sizeof(local);
	int on = 1;

	getsockname(fd, (struct sockaddr *)&local, &len);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* with pptp-echo-interval 0 nothing else finds out that the peer has gone */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	pptp_listener_accept(listener, fd, &local, peer);
}

/* ---- accepting ---- */

static void on_pause(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct pptp_listener *listener = timer->data;

	(void)events;
	ev_io_start(loop, &listener->io);
}

/* The socket stays readable: without a pause the loop would spin. */
static void out_of_descriptors(struct pptp_listener *listener, int error)
{
	struct pptp *p = listener->pptp;

	log_drop(p->log, XP_R_T_ACCEPT, "pptp: %s", strerror(error));
	if (pptp_connection_give_way(p))
		return;
	ev_io_stop(p->loop, &listener->io);
	ev_timer_set(&listener->pause, CLOCK_PPTP_PAUSE_MS / 1000., 0.);
	ev_timer_start(p->loop, &listener->pause);
}

static void on_connection(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct pptp_listener *listener = io->data;

	(void)loop;
	(void)events;
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_in peer = { 0 };
		socklen_t len = sizeof(peer);
		int fd = accept4(io->fd, (struct sockaddr *)&peer, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			accepted(listener, fd, &peer);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			out_of_descriptors(listener, errno);
		/* otherwise there is none, or it has gone before it was taken */
		return;
	}
}

/* ---- listening ---- */

static int socket_make(const struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, r;

	if (fd < 0)
		return -errno;
	/* the address may come later */
	r = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) || listen(fd, BACKLOG);
	if (r) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int pptp_listener_open(struct pptp_listener *listener)
{
	int fd = socket_make(&listener->addr);

	if (fd < 0)
		return fd;
	ev_io_init(&listener->io, on_connection, fd, EV_READ);
	ev_timer_init(&listener->pause, on_pause, 0., 0.);
	listener->io.data = listener->pause.data = listener;
	ev_io_start(listener->pptp->loop, &listener->io);
	return 0;
}

void pptp_listener_close(struct pptp_listener *listener)
{
	ev_timer_stop(listener->pptp->loop, &listener->pause);
	ev_io_stop(listener->pptp->loop, &listener->io);
	close(listener->io.fd);
}
