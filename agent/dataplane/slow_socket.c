/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dataplane/slow_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "dataplane/concentrator.h"

#define BATCH 32

struct slow_socket {
	struct ev_loop *loop;
	ev_io io;
	slow_socket_fn fn;
	void *arg;
	uint8_t mac[ETH_ALEN], dp_mac[ETH_ALEN];
	size_t frame_size;
	uint8_t *frames; /* BATCH of them */
};

static void slow_socket_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct slow_socket *s = io->data;
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int n;

	(void)loop;
	(void)revents;
	memset(messages, 0, sizeof(messages));
	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ s->frames + (size_t)i * s->frame_size, s->frame_size };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(io->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct buf packet = buf_of(parts[i].iov_base, messages[i].msg_len);

		if (!(messages[i].msg_hdr.msg_flags & MSG_TRUNC) &&
		    buf_skip(&packet, ETH_HLEN) == 0)
			s->fn(s->arg, packet);
	}
}

/*
 * All protocols, because such sockets see a packet before tc drops it; only IPv4 that comes in
 * passes the filter.
 */
static int slow_socket_socket(uint32_t ifindex)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct ether_header, ether_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)ifindex,
	};
	int on = 1;
	/* protocol 0: nothing comes in before the filter stands */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

int slow_socket_new(struct ev_loop *loop, const struct concentrator *c, slow_socket_fn fn,
		    void *arg, struct slow_socket **out)
{
	struct slow_socket *s = calloc(1, sizeof(*s));
	int fd;

	if (!s)
		return -ENOMEM;
	s->frame_size = ETH_HLEN + (size_t)c->mtu;
	s->frames = malloc(BATCH * s->frame_size);
	fd = s->frames ? slow_socket_socket(c->dp_ifindex) : -ENOMEM;
	if (fd < 0) {
		free(s->frames);
		free(s);
		return fd;
	}
	s->loop = loop;
	s->fn = fn;
	s->arg = arg;
	memcpy(s->mac, c->mac, sizeof(s->mac));
	memcpy(s->dp_mac, c->dp_mac, sizeof(s->dp_mac));
	ev_io_init(&s->io, slow_socket_readable, fd, EV_READ);
	s->io.data = s;
	ev_io_start(loop, &s->io);
	*out = s;
	return 0;
}

void slow_socket_free(struct slow_socket *s)
{
	if (!s)
		return;
	ev_io_stop(s->loop, &s->io);
	close(s->io.fd);
	free(s->frames);
	free(s);
}

int slow_socket_send(struct slow_socket *s, const uint8_t *packet, size_t len)
{
	struct ether_header header = { .ether_type = htons(ETHERTYPE_IP) };
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ (void *)packet, len },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	memcpy(header.ether_dhost, s->mac, ETH_ALEN);
	memcpy(header.ether_shost, s->dp_mac, ETH_ALEN);
	return sendmsg(s->io.fd, &message, MSG_DONTWAIT) < 0 ? -errno : 0;
}
