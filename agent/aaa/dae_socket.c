/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/dae_socket.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "aaa/radius_packet.h"
#include "clock.h"

#define TURN 32         /* requests in one turn of the loop, */
#define TURN_US 4000    /* fewer if they take so long */
#define QUEUE (4 << 20) /* octets that wait for theirs: a storm of 10,000 */
#define PRIORITY (-1)   /* after sessions */

union control {
	char in[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char in6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct cmsghdr align;
};

static socklen_t addr_len(const union dae_addr *addr)
{
	return addr->sa.sa_family == AF_INET ? sizeof(addr->in) : sizeof(addr->in6);
}

/* ---- receiving ---- */

static void take_local(union dae_addr *local, struct msghdr *message)
{
	struct in6_pktinfo info6;
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			local->in.sin_addr = info.ipi_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(c), sizeof(info6));
			local->in6.sin6_addr = info6.ipi6_addr;
			if (IN6_IS_ADDR_LINKLOCAL(&info6.ipi6_addr))
				local->in6.sin6_scope_id = info6.ipi6_ifindex;
		}
	}
}

/* One more octet than a packet may have shows that there were too many. -EAGAIN: that was all. */
static int receive_one(struct dae_socket *s)
{
	uint8_t datagram[RADIUS_MAX + 1];
	struct dae_path path = { .local = s->addr };
	struct iovec iov = { datagram, sizeof(datagram) };
	union control control;
	struct msghdr message = {
		.msg_name = &path.peer,
		.msg_namelen = sizeof(path.peer),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(s->io.fd, &message, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	take_local(&path.local, &message);
	s->receive(s->arg, s, &path, buf_of(datagram, (size_t)n));
	return 0;
}

/* An error other than that nothing is left is an ICMP message about an earlier reply. */
static void on_readable(struct ev_loop *loop, struct ev_io *io, int revents)
{
	int64_t until = mono_now_us() + TURN_US;
	int r = 0;

	(void)loop;
	(void)revents;
	for (int n = 0; n < TURN && r != -EAGAIN && mono_now_us() < until; n++)
		r = receive_one(io->data);
}

/* ---- sending ---- */

static void put_local(struct msghdr *message, union control *control, const union dae_addr *local)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	message->msg_control = control;
	message->msg_controllen =
		local->sa.sa_family == AF_INET ? sizeof(control->in) : sizeof(control->in6);
	c = CMSG_FIRSTHDR(message);
	if (local->sa.sa_family == AF_INET) {
		struct in_pktinfo info = { .ipi_spec_dst = local->in.sin_addr };

		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	} else {
		struct in6_pktinfo info = { local->in6.sin6_addr, local->in6.sin6_scope_id };

		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
}

int dae_socket_send(const struct dae_socket *s, const struct dae_path *path, struct buf datagram)
{
	union dae_addr peer = path->peer;
	struct iovec iov = { (void *)datagram.p, datagram.len };
	union control control;
	struct msghdr message = {
		.msg_name = &peer,
		.msg_namelen = addr_len(&peer),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	put_local(&message, &control, &path->local);
	return sendmsg(s->io.fd, &message, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* By taking it for a moment; where net.ipv4.ip_nonlocal_bind lets everything be taken, everything
 * is ours. */
bool dae_addr_is_ours(int family, const void *octets)
{
	union dae_addr addr = { .sa.sa_family = (sa_family_t)family };
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ours;

	if (fd < 0)
		return false;
	if (family == AF_INET)
		memcpy(&addr.in.sin_addr, octets, sizeof(addr.in.sin_addr));
	else
		memcpy(&addr.in6.sin6_addr, octets, sizeof(addr.in6.sin6_addr));
	ours = bind(fd, &addr.sa, addr_len(&addr)) == 0;
	close(fd);
	return ours;
}

/* ---- beginning and end ---- */

static int options_set(int fd, int family)
{
	int on = 1, queue = QUEUE;

	if (family == AF_INET
		    ? setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) ||
			      setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on))
		    : setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) ||
			      setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) ||
			      setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)))
		return -errno;
	/* a shorter queue is no reason to do without the socket */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue));
	return 0;
}

static int socket_make(const union dae_addr *addr)
{
	int fd = socket(addr->sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = options_set(fd, addr->sa.sa_family);
	if (r == 0 && bind(fd, &addr->sa, addr_len(addr)))
		r = -errno;
	if (r) {
		close(fd);
		return r;
	}
	return fd;
}

int dae_socket_open(struct dae_socket *s, struct ev_loop *loop, const struct sockaddr_storage *addr,
		    dae_receive_fn receive, void *arg)
{
	union dae_addr local = { .storage = *addr };
	int fd = socket_make(&local);

	if (fd < 0)
		return fd;
	*s = (struct dae_socket){ .loop = loop, .addr = local, .receive = receive, .arg = arg };
	ev_io_init(&s->io, on_readable, fd, EV_READ);
	ev_set_priority(&s->io, PRIORITY);
	s->io.data = s;
	ev_io_start(loop, &s->io);
	return 0;
}

void dae_socket_close(struct dae_socket *s)
{
	ev_io_stop(s->loop, &s->io);
	close(s->io.fd);
}
