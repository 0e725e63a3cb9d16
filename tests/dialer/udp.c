/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define UDP_BATCH 128
#define UDP_SIZE 4096
#define UDP_BUFFER (16 << 20)
#define UDP_SEND_TRIES 5

struct batch {
	struct mmsghdr message[UDP_BATCH];
	struct iovec vec[UDP_BATCH];
	union endpoint peer[UDP_BATCH];
	uint8_t bytes[UDP_BATCH][UDP_SIZE];
};

struct udp {
	struct udp_config config;
	int epoll;
	int *fd;
	struct batch in, out;
	uint32_t in_socket, in_next, in_count; /* of the batch that is being read */
	struct epoll_event ready[UDP_BATCH];
	uint32_t ready_next, ready_count;
	uint32_t out_socket[UDP_BATCH];
	uint32_t queued;
	struct wr writer;
	uint64_t drop_in, drop_out; /* datagrams seen, for every n-th */
	uint64_t dropped;
	struct io_counters counters;
};

/* ---- addresses */

int endpoint_parse(union endpoint *e, const char *text)
{
	memset(e, 0, sizeof(*e));
	if (inet_pton(AF_INET, text, &e->v4.sin_addr) == 1)
		e->v4.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &e->v6.sin6_addr) == 1)
		e->v6.sin6_family = AF_INET6;
	else
		return -EINVAL;
	return 0;
}

uint16_t endpoint_port(const union endpoint *e)
{
	return ntohs(e->any.sa_family == AF_INET6 ? e->v6.sin6_port : e->v4.sin_port);
}

void endpoint_set_port(union endpoint *e, uint16_t port)
{
	if (e->any.sa_family == AF_INET6)
		e->v6.sin6_port = htons(port);
	else
		e->v4.sin_port = htons(port);
}

socklen_t endpoint_len(const union endpoint *e)
{
	return e->any.sa_family == AF_INET6 ? sizeof(e->v6) : sizeof(e->v4);
}

bool endpoint_same_address(const union endpoint *a, const union endpoint *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET6)
		return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, 16) == 0;
	return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

/* ---- sockets */

static int set_options(const struct udp *udp, int fd)
{
	const struct udp_config *c = &udp->config;
	int on = 1, bytes = UDP_BUFFER, pmtu;
	bool v6 = c->local.any.sa_family == AF_INET6;

	pmtu = c->no_fragments ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		return -errno;
	if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
		       &pmtu, sizeof(pmtu)) < 0)
		return -errno;
	if (!c->no_checksum)
		return 0;
	if (v6)
		return setsockopt(fd, IPPROTO_UDP, UDP_NO_CHECK6_TX, &on, sizeof(on)) < 0 ? -errno
											  : 0;
	return setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)) < 0 ? -errno : 0;
}

static int open_socket(struct udp *udp, uint32_t nth, const union endpoint *local)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = nth };
	int fd = socket(local->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int ret;

	if (fd < 0)
		return -errno;
	udp->fd[nth] = fd;
	ret = set_options(udp, fd);
	if (ret < 0)
		return ret;
	if (bind(fd, &local->any, endpoint_len(local)) < 0 ||
	    epoll_ctl(udp->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	return 0;
}

static void wire_batch(struct batch *b)
{
	for (unsigned int i = 0; i < UDP_BATCH; i++) {
		b->vec[i] = (struct iovec){ b->bytes[i], UDP_SIZE };
		b->message[i].msg_hdr = (struct msghdr){ .msg_name = &b->peer[i],
							 .msg_namelen = sizeof(b->peer[i]),
							 .msg_iov = &b->vec[i],
							 .msg_iovlen = 1 };
	}
}

int udp_open(struct udp **out, const struct udp_config *config)
{
	struct rlimit files = { config->sockets + 256, config->sockets + 256 };
	struct udp *udp = calloc(1, sizeof(*udp));
	int ret = -ENOMEM;

	if (!udp)
		return ret;
	udp->config = *config;
	udp->fd = malloc(config->sockets * sizeof(int));
	udp->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!udp->fd || udp->epoll < 0)
		goto fail;
	memset(udp->fd, 0xff, config->sockets * sizeof(int));
	wire_batch(&udp->in);
	wire_batch(&udp->out);
	if (config->sockets > 512 && setrlimit(RLIMIT_NOFILE, &files) < 0) {
		ret = -errno;
		goto fail;
	}
	for (uint32_t i = 0; i < config->sockets; i++) {
		union endpoint local = config->local;

		if (endpoint_port(&local))
			endpoint_set_port(&local, endpoint_port(&local) + i);
		ret = open_socket(udp, i, &local);
		if (ret < 0)
			goto fail;
	}
	*out = udp;
	return 0;
fail:
	udp_close(udp);
	return ret;
}

void udp_close(struct udp *udp)
{
	if (!udp)
		return;
	for (uint32_t i = 0; udp->fd && i < udp->config.sockets; i++)
		if (udp->fd[i] >= 0)
			close(udp->fd[i]);
	if (udp->epoll >= 0)
		close(udp->epoll);
	free(udp->fd);
	free(udp);
}

int udp_move(struct udp *udp)
{
	union endpoint any = udp->config.local;
	int old, ret;

	udp_flush(udp);
	endpoint_set_port(&any, 0);
	for (uint32_t i = 0; i < udp->config.sockets; i++) {
		old = udp->fd[i];
		ret = open_socket(udp, i, &any);
		close(old); /* now, or its port could have been given out again */
		if (ret < 0)
			return ret;
	}
	return 0;
}

int udp_fd(const struct udp *udp)
{
	return udp->epoll;
}

static bool is_dropped(struct udp *udp, uint64_t *seen)
{
	if (!udp->config.drop || ++*seen % udp->config.drop)
		return false;
	udp->dropped++;
	return true;
}

/* ---- receiving */

/* Fills the batch from the next socket that has something. */
static bool fill(struct udp *udp)
{
	int n;

	for (;;) {
		if (udp->ready_next == udp->ready_count) {
			n = epoll_wait(udp->epoll, udp->ready, UDP_BATCH, 0);
			if (n <= 0)
				return false;
			udp->ready_next = 0;
			udp->ready_count = n;
		}
		udp->in_socket = udp->ready[udp->ready_next++].data.u32;
		for (unsigned int i = 0; i < UDP_BATCH; i++)
			udp->in.message[i].msg_hdr.msg_namelen = sizeof(union endpoint);
		/* an error that ICMP left on the socket is taken off by this, too */
		n = recvmmsg(udp->fd[udp->in_socket], udp->in.message, UDP_BATCH, 0, NULL);
		if (n > 0) {
			udp->in_next = 0;
			udp->in_count = n;
			return true;
		}
	}
}

bool udp_next(struct udp *udp, struct datagram *d)
{
	uint32_t i;

	do {
		if (udp->in_next == udp->in_count && !fill(udp))
			return false;
		i = udp->in_next++;
		udp->counters.received++;
	} while (is_dropped(udp, &udp->drop_in));
	d->socket = udp->in_socket;
	d->from = &udp->in.peer[i];
	d->payload = (struct rd){ udp->in.bytes[i], udp->in.message[i].msg_len };
	return true;
}

/* ---- sending */

struct wr *udp_packet(struct udp *udp, uint32_t socket, const union endpoint *to)
{
	uint32_t i = udp->queued;

	udp->out_socket[i] = socket;
	udp->out.peer[i] = *to;
	udp->out.message[i].msg_hdr.msg_namelen = endpoint_len(to);
	udp->writer = (struct wr){ udp->out.bytes[i], 0, UDP_SIZE, false };
	return &udp->writer;
}

void udp_queue(struct udp *udp)
{
	if (udp->writer.full) {
		udp->counters.send_errors++;
		return;
	}
	if (is_dropped(udp, &udp->drop_out))
		return;
	udp->out.vec[udp->queued++].iov_len = udp->writer.len;
	if (udp->queued == UDP_BATCH)
		udp_flush(udp);
}

/* Those from `from` on that go out by the same socket. */
static uint32_t run_length(const struct udp *udp, uint32_t from)
{
	uint32_t n = 1;

	while (from + n < udp->queued && udp->out_socket[from + n] == udp->out_socket[from])
		n++;
	return n;
}

void udp_flush(struct udp *udp)
{
	uint32_t done = 0, tries = 0;
	int n;

	while (done < udp->queued) {
		n = sendmmsg(udp->fd[udp->out_socket[done]], udp->out.message + done,
			     run_length(udp, done), 0);
		if (n > 0) {
			done += n;
			udp->counters.sent += n;
			tries = 0;
		} else if (errno != EINTR && ++tries >= UDP_SEND_TRIES) {
			/* of several tries the first may have taken an old ICMP error only */
			udp->counters.send_errors++;
			done++;
			tries = 0;
		}
	}
	udp->queued = 0;
}

void udp_counters(struct udp *udp, struct io_counters *out)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t len;

	*out = udp->counters;
	for (uint32_t i = 0; i < udp->config.sockets; i++) {
		len = sizeof(info);
		if (getsockopt(udp->fd[i], SOL_SOCKET, SO_MEMINFO, info, &len) == 0)
			out->ring_drops += info[SK_MEMINFO_DROPS];
	}
}

uint64_t udp_dropped(const struct udp *udp)
{
	return udp->dropped;
}
