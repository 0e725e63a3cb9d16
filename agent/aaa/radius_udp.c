/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RADIUS over UDP. Sockets are not connected, so that what somebody else sends there can be
 * counted; that a server is not there is read from the error queue (ip(7), IP_RECVERR). It is
 * a hint only, everybody can send such an ICMP message: the request's time goes on.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aaa/radius_server.h"

struct udp {
	struct radius_channel channel;
	struct ev_io io;
	int fd;
};

static struct udp *udp_of(struct radius_channel *channel)
{
	return (struct udp *)(void *)((char *)channel - offsetof(struct udp, channel));
}

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a6->sin6_port == b6->sin6_port && IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr);
}

/* True while there may be more. */
static bool read_one(struct udp *u)
{
	uint8_t datagram[RADIUS_MAX];
	struct sockaddr_storage from = { 0 };
	struct iovec iov = { datagram, sizeof(datagram) };
	struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov };
	ssize_t n;

	msg.msg_iovlen = 1;
	n = recvmsg(u->fd, &msg, MSG_DONTWAIT);
	if (n < 0)
		return errno != EAGAIN; /* an ICMP error, now read, or EINTR */
	if (!same_address(&from, &u->channel.server->conf.addr))
		radius_server_bad(u->channel.server, RADIUS_BAD_ADDRESS);
	else if (msg.msg_flags & MSG_TRUNC)
		radius_server_bad(u->channel.server, RADIUS_BAD_LENGTH);
	else
		radius_server_input(&u->channel, buf_of(datagram, (size_t)n));
	return true;
}

/* While the queue holds an error, the socket is ready. */
static bool read_error(struct udp *u)
{
	char control[512], start[64];
	struct iovec iov = { start, sizeof(start) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };

	msg.msg_controllen = sizeof(control);
	if (recvmsg(u->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	radius_server_unreachable(u->channel.server);
	return true;
}

static void on_readable(struct ev_loop *loop, struct ev_io *io, int revents)
{
	struct udp *u = io->data;
	struct radius_server *s = u->channel.server;
	unsigned int n = 0;

	(void)loop;
	(void)revents;
	radius_server_ref(s);
	while (n++ < RADIUS_BATCH && read_one(u))
		;
	n = 0;
	while (n++ < RADIUS_BATCH && read_error(u))
		;
	radius_server_unref(s);
}

static int udp_open(struct radius_server *s, struct radius_channel **channel)
{
	bool v4 = s->conf.addr.ss_family == AF_INET;
	struct udp *u = calloc(1, sizeof(*u));
	int on = 1, r;

	if (!u)
		return -ENOMEM;
	u->fd = socket(s->conf.addr.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	r = u->fd < 0 ? -errno : radius_server_bind(s, u->fd);
	if (r < 0) {
		if (u->fd >= 0)
			close(u->fd);
		free(u);
		return r;
	}
	setsockopt(u->fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &on,
		   sizeof(on));
	ev_io_init(&u->io, on_readable, u->fd, EV_READ);
	u->io.data = u;
	ev_io_start(s->radius->loop, &u->io);
	*channel = &u->channel;
	return 0;
}

static void udp_close(struct radius_channel *channel)
{
	struct udp *u = udp_of(channel);

	ev_io_stop(channel->server->radius->loop, &u->io);
	close(u->fd);
	free(u);
}

static void udp_send(struct radius_channel *channel, const uint8_t *packet, size_t len)
{
	const struct sockaddr_storage *to = &channel->server->conf.addr;
	socklen_t size =
		to->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int fd = udp_of(channel)->fd;

	if (sendto(fd, packet, len, 0, (const void *)to, size) >= 0)
		return;
	/* it may have been the error of an earlier packet, which has been told by that now */
	if (sendto(fd, packet, len, 0, (const void *)to, size) < 0 && errno != EAGAIN)
		radius_server_unreachable(channel->server);
}

const struct radius_transport radius_udp = {
	.max_channels = RADIUS_UDP_CHANNELS,
	.open = udp_open,
	.close = udp_close,
	.send = udp_send,
};
