/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/l2tp/l2tp_socket.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tunnel/l2tp/l2tp_wire.h"

#define BATCH 32
#define BATCHES 8 /* in one turn of the loop */
#define QUEUE (4 << 20)
#define DATAGRAM_MEMORY 512 /* a datagram in the queue takes that at least */

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif

#define MARK_SPACE CMSG_SPACE(sizeof(uint32_t))

union control {
	char in[CMSG_SPACE(sizeof(struct in_pktinfo)) + MARK_SPACE];
	char in6[CMSG_SPACE(sizeof(struct in6_pktinfo)) + MARK_SPACE];
	struct cmsghdr align;
};

struct l2tp_rx {
	struct mmsghdr message[BATCH];
	struct iovec iov[BATCH];
	union control control[BATCH];
	union l2tp_addr from[BATCH];
	uint8_t datagram[BATCH][L2TP_DATAGRAM_MAX];
};

struct l2tp_tx {
	unsigned int n;
	struct mmsghdr message[BATCH];
	struct iovec iov[BATCH];
	union control control[BATCH];
	struct l2tp_path path[BATCH];
	uint8_t datagram[BATCH][L2TP_DATAGRAM_MAX];
};

int l2tp_rx_new(struct l2tp_rx **rx)
{
	*rx = calloc(1, sizeof(**rx));
	return *rx ? 0 : -ENOMEM;
}

void l2tp_rx_free(struct l2tp_rx *rx)
{
	free(rx);
}

/* ---- receiving ---- */

/* Where the datagram came from and was sent to, with the listener's port. */
static struct l2tp_path path_of(const struct l2tp_socket *s, struct msghdr *message,
				const union l2tp_addr *from)
{
	struct l2tp_path path = { .local = s->addr, .peer = *from };
	struct in6_pktinfo info6;
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			path.local.in.sin_addr = info.ipi_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(c), sizeof(info6));
			path.local.in6.sin6_addr = info6.ipi6_addr;
			if (IN6_IS_ADDR_LINKLOCAL(&info6.ipi6_addr))
				path.local.in6.sin6_scope_id = info6.ipi6_ifindex;
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK) {
			memcpy(&path.mark, CMSG_DATA(c), sizeof(path.mark));
		}
	}
	return path;
}

static void received(struct l2tp_socket *s, int i)
{
	struct msghdr *message = &s->rx->message[i].msg_hdr;
	struct l2tp_path path = path_of(s, message, &s->rx->from[i]);

	if (message->msg_flags & MSG_TRUNC)
		s->ops->failed(s->arg, &path, -EMSGSIZE);
	else if (l2tp_addr_port(&path.peer) != 0) /* nobody could be answered there */
		s->ops->receive(s->arg, &path,
				buf_of(s->rx->datagram[i], s->rx->message[i].msg_len));
}

static int batch_read(struct l2tp_socket *s)
{
	struct l2tp_rx *rx = s->rx;
	int n;

	for (int i = 0; i < BATCH; i++) {
		memset(&rx->from[i], 0, sizeof(rx->from[i]));
		rx->iov[i] = (struct iovec){ rx->datagram[i], sizeof(rx->datagram[i]) };
		rx->message[i].msg_hdr = (struct msghdr){
			.msg_name = &rx->from[i],
			.msg_namelen = sizeof(rx->from[i]),
			.msg_iov = &rx->iov[i],
			.msg_iovlen = 1,
			.msg_control = &rx->control[i],
			.msg_controllen = sizeof(rx->control[i]),
		};
	}
	n = recvmmsg(s->io.fd, rx->message, BATCH, MSG_DONTWAIT, NULL);
	s->backlog.read += n > 0 ? (uint64_t)n : 0;
	for (int i = 0; i < n; i++)
		received(s, i);
	return n;
}

/* Datagrams in the queue at most; the kernel says what memory they take. */
static uint64_t queued(const struct l2tp_socket *s)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(memory);

	if (getsockopt(s->io.fd, SOL_SOCKET, SO_MEMINFO, memory, &len))
		return 0;
	return memory[SK_MEMINFO_RMEM_ALLOC] / DATAGRAM_MEMORY;
}

/* Errors (a peer's port is closed) are reported once and cleared by reading; the control
 * connection's own timers find out. */
static void on_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct l2tp_socket *s = io->data;
	int batches = BATCHES;
	bool full = true, wanted;
	int64_t waited;

	(void)loop;
	(void)events;
	while (full && batches-- > 0)
		full = batch_read(s) == BATCH;
	waited = backlog_turn(&s->backlog, !full, &wanted);
	if (wanted)
		backlog_mark(&s->backlog, queued(s));
	s->ops->turn_over(s->arg, waited);
	l2tp_socket_flush(s);
}

/* ---- sending ---- */

static void on_prepare(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	(void)loop;
	(void)events;
	l2tp_socket_flush(prepare->data);
}

void l2tp_socket_flush(struct l2tp_socket *s)
{
	struct l2tp_tx *tx = s->tx;
	unsigned int at = 0;

	if (!s->open)
		return;
	ev_prepare_stop(s->loop, &s->prepare);
	while (at < tx->n) {
		int sent = sendmmsg(s->io.fd, tx->message + at, tx->n - at, MSG_DONTWAIT);

		if (sent > 0)
			at += (unsigned int)sent;
		else if (errno != EINTR)
			s->ops->failed(s->arg, &tx->path[at++], -errno);
	}
	tx->n = 0;
}

static void mark_put(struct cmsghdr *c, uint32_t mark)
{
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SO_MARK;
	c->cmsg_len = CMSG_LEN(sizeof(mark));
	memcpy(CMSG_DATA(c), &mark, sizeof(mark));
}

static void control_put(struct msghdr *message, union control *control,
			const struct l2tp_path *path)
{
	const union l2tp_addr *local = &path->local;
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
	if (path->mark)
		mark_put(CMSG_NXTHDR(message, c), path->mark);
	else
		message->msg_controllen -= MARK_SPACE;
}

int l2tp_socket_send(struct l2tp_socket *s, const struct l2tp_path *path, const uint8_t *datagram,
		     size_t len)
{
	struct l2tp_tx *tx = s->tx;
	unsigned int i;

	if (!s->open)
		return -ENETDOWN;
	if (len > L2TP_DATAGRAM_MAX)
		return -EMSGSIZE;
	if (tx->n == BATCH)
		l2tp_socket_flush(s);
	i = tx->n++;
	tx->path[i] = *path;
	memcpy(tx->datagram[i], datagram, len);
	tx->iov[i] = (struct iovec){ tx->datagram[i], len };
	tx->message[i].msg_hdr = (struct msghdr){
		.msg_name = &tx->path[i].peer,
		.msg_namelen = l2tp_addr_len(&path->peer),
		.msg_iov = &tx->iov[i],
		.msg_iovlen = 1,
	};
	control_put(&tx->message[i].msg_hdr, &tx->control[i], path);
	ev_prepare_start(s->loop, &s->prepare);
	return 0;
}

/* ---- beginning and end ---- */

static int options_set(int fd, int family)
{
	int on = 1, queue = QUEUE, r;

	if (family == AF_INET)
		r = setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) ||
		    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
	else
		r = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) ||
		    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) ||
		    setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on));
	if (r)
		return -errno;
	/* without marks, clients behind one NAT address cannot be told apart */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVMARK, &on, sizeof(on)))
		return -errno;
	/* a shorter queue is no reason to do without the socket */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue));
	return 0;
}

static int socket_make(const union l2tp_addr *addr)
{
	int fd = socket(addr->sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = options_set(fd, addr->sa.sa_family);
	if (r == 0 && bind(fd, &addr->sa, l2tp_addr_len(addr)))
		r = -errno;
	if (r) {
		close(fd);
		return r;
	}
	return fd;
}

int l2tp_socket_open(struct l2tp_socket *s, struct ev_loop *loop, struct l2tp_rx *rx,
		     const union l2tp_addr *addr, const struct l2tp_socket_ops *ops, void *arg)
{
	struct l2tp_tx *tx = calloc(1, sizeof(*tx));
	int fd;

	if (!tx)
		return -ENOMEM;
	fd = socket_make(addr);
	if (fd < 0) {
		free(tx);
		return fd;
	}
	*s = (struct l2tp_socket){
		.loop = loop,
		.rx = rx,
		.tx = tx,
		.ops = ops,
		.arg = arg,
		.addr = *addr,
		.open = true,
	};
	ev_prepare_init(&s->prepare, on_prepare);
	s->prepare.data = s;
	ev_io_init(&s->io, on_readable, fd, EV_READ);
	s->io.data = s;
	ev_io_start(loop, &s->io);
	return 0;
}

void l2tp_socket_close(struct l2tp_socket *s)
{
	if (!s->open)
		return;
	l2tp_socket_flush(s);
	ev_io_stop(s->loop, &s->io);
	close(s->io.fd);
	free(s->tx);
	*s = (struct l2tp_socket){ 0 };
}

unsigned int l2tp_socket_path_mtu(const struct l2tp_path *path)
{
	bool four = path->peer.sa.sa_family == AF_INET;
	int fd = socket(path->peer.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	union l2tp_addr local = path->local;
	socklen_t len = sizeof(int);
	int mtu = 0;

	if (fd < 0)
		return 0;
	l2tp_addr_set_port(&local, 0); /* the listener has the real one */
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &path->mark, sizeof(path->mark)) ||
	    bind(fd, &local.sa, l2tp_addr_len(&local)) ||
	    connect(fd, &path->peer.sa, l2tp_addr_len(&path->peer)) ||
	    getsockopt(fd, four ? IPPROTO_IP : IPPROTO_IPV6, four ? IP_MTU : IPV6_MTU, &mtu, &len))
		mtu = 0;
	close(fd);
	return mtu > 0 ? (unsigned int)mtu : 0;
}
