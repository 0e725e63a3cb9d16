/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pptp/pptp_socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 32
#define BATCHES 8 /* in one turn of the loop */
#define PACKET_MAX 4096
#define QUEUE (4 << 20)

union control {
	char info[CMSG_SPACE(sizeof(struct in_pktinfo))];
	struct cmsghdr align;
};

struct pptp_batch {
	unsigned int n;
	struct mmsghdr message[BATCH];
	struct iovec iov[BATCH];
	union control control[BATCH];
	struct sockaddr_in peer[BATCH];
	struct in_addr local[BATCH];
	uint8_t packet[BATCH][PACKET_MAX];
};

static void message_set(struct pptp_batch *b, unsigned int i, size_t len)
{
	b->iov[i] = (struct iovec){ b->packet[i], len };
	b->message[i].msg_hdr = (struct msghdr){
		.msg_name = &b->peer[i],
		.msg_namelen = sizeof(b->peer[i]),
		.msg_iov = &b->iov[i],
		.msg_iovlen = 1,
		.msg_control = &b->control[i],
		.msg_controllen = sizeof(b->control[i]),
	};
}

/* ---- receiving ---- */

static struct in_addr local_of(struct msghdr *message)
{
	struct in_pktinfo info = { 0 };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			memcpy(&info, CMSG_DATA(c), sizeof(info));
	return info.ipi_addr;
}

/* A raw socket of IPv4 gives the IP header too, which the kernel has checked. */
static int header_skip(struct buf *packet)
{
	uint8_t first;

	if (buf_u8(packet, &first))
		return -ENODATA;
	return buf_skip(packet, (size_t)(first & 15) * 4 - 1);
}

static void received(struct pptp_socket *s, int i)
{
	struct pptp_batch *b = s->rx;
	const struct pptp_hosts hosts = { local_of(&b->message[i].msg_hdr), b->peer[i].sin_addr };
	struct buf packet = buf_of(b->packet[i], b->message[i].msg_len);

	/* what is longer than there is room for has a length field beyond it */
	if (header_skip(&packet) == 0)
		s->ops->receive(s->arg, &hosts, packet);
}

static int batch_read(struct pptp_socket *s)
{
	int n;

	for (unsigned int i = 0; i < BATCH; i++)
		message_set(s->rx, i, PACKET_MAX);
	n = recvmmsg(s->io.fd, s->rx->message, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		received(s, i);
	return n;
}

static void on_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct pptp_socket *s = io->data;
	int batches = BATCHES;

	(void)loop;
	(void)events;
	while (batches-- > 0 && batch_read(s) == BATCH)
		;
	pptp_socket_flush(s);
}

/* ---- sending ---- */

static void on_prepare(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	(void)loop;
	(void)events;
	pptp_socket_flush(prepare->data);
}

static void send_failed(struct pptp_socket *s, unsigned int i, int error)
{
	const struct pptp_hosts hosts = { s->tx->local[i], s->tx->peer[i].sin_addr };

	s->ops->failed(s->arg, &hosts, error);
}

void pptp_socket_flush(struct pptp_socket *s)
{
	struct pptp_batch *tx = s->tx;
	unsigned int at = 0;

	if (!s->open)
		return;
	ev_prepare_stop(s->loop, &s->prepare);
	while (at < tx->n) {
		int sent = sendmmsg(s->io.fd, tx->message + at, tx->n - at, MSG_DONTWAIT);

		if (sent > 0)
			at += (unsigned int)sent;
		else if (errno != EINTR)
			send_failed(s, at++, -errno);
	}
	tx->n = 0;
}

/* Clients take packets from the address only that they have called. */
static void source_set(struct pptp_batch *tx, unsigned int i, struct in_addr local)
{
	const struct in_pktinfo info = { .ipi_spec_dst = local };
	struct cmsghdr *c = CMSG_FIRSTHDR(&tx->message[i].msg_hdr);

	tx->local[i] = local;
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

int pptp_socket_send(struct pptp_socket *s, const struct pptp_hosts *hosts, const uint8_t *packet,
		     size_t len)
{
	struct pptp_batch *tx = s->tx;
	unsigned int i;

	if (!s->open)
		return -ENETDOWN;
	if (len > PACKET_MAX)
		return -EMSGSIZE;
	if (tx->n == BATCH)
		pptp_socket_flush(s);
	i = tx->n++;
	memcpy(tx->packet[i], packet, len);
	tx->peer[i] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = hosts->peer };
	message_set(tx, i, len);
	source_set(tx, i, hosts->local);
	ev_prepare_start(s->loop, &s->prepare);
	return 0;
}

/* ---- beginning and end ---- */

/* Version 1, protocol 0x880b. */
static int filter_set(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* length of the IP header */
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 7),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x880b, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

static int socket_make(void)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_GRE);
	int on = 1, queue = QUEUE, r;

	if (fd < 0)
		return -errno;
	r = filter_set(fd);
	if (r == 0 && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)))
		r = -errno;
	if (r) {
		close(fd);
		return r;
	}
	/* a shorter queue is no reason to do without the socket */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue));
	return fd;
}

int pptp_socket_open(struct pptp_socket *s, struct ev_loop *loop, const struct pptp_socket_ops *ops,
		     void *arg)
{
	struct pptp_batch *rx = calloc(1, sizeof(*rx)), *tx = calloc(1, sizeof(*tx));
	int fd = rx && tx ? socket_make() : -ENOMEM;

	if (fd < 0) {
		free(rx);
		free(tx);
		return fd;
	}
	*s = (struct pptp_socket){
		.loop = loop,
		.rx = rx,
		.tx = tx,
		.ops = ops,
		.arg = arg,
		.open = true,
	};
	ev_prepare_init(&s->prepare, on_prepare);
	s->prepare.data = s;
	ev_io_init(&s->io, on_readable, fd, EV_READ);
	s->io.data = s;
	ev_io_start(loop, &s->io);
	return 0;
}

void pptp_socket_close(struct pptp_socket *s)
{
	if (!s->open)
		return;
	pptp_socket_flush(s);
	ev_io_stop(s->loop, &s->io);
	close(s->io.fd);
	free(s->rx);
	free(s->tx);
	*s = (struct pptp_socket){ 0 };
}
