/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "dgram.h"

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

#define DGRAM_BATCH 128
#define DGRAM_SIZE 4096
#define DGRAM_BUFFER (16 << 20)
#define DGRAM_SEND_TRIES 5

struct batch {
	struct mmsghdr message[DGRAM_BATCH];
	struct iovec vec[DGRAM_BATCH];
	union endpoint peer[DGRAM_BATCH];
	uint8_t bytes[DGRAM_BATCH][DGRAM_SIZE];
};

struct dgram {
	struct dgram_config config;
	int epoll;
	int *fd;
	struct batch in, out;
	uint32_t in_socket, in_next, in_count; /* of the batch that is being read */
	struct epoll_event ready[DGRAM_BATCH];
	uint32_t ready_next, ready_count;
	uint32_t out_socket[DGRAM_BATCH];
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

static int set_options(const struct dgram *dgram, int fd)
{
	const struct dgram_config *c = &dgram->config;
	int on = 1, bytes = DGRAM_BUFFER, pmtu;
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

static int open_socket(struct dgram *dgram, uint32_t nth, const union endpoint *local)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = nth };
	int type = dgram->config.protocol ? SOCK_RAW : SOCK_DGRAM;
	int fd = socket(local->any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK,
			dgram->config.protocol);
	int ret;

	if (fd < 0)
		return -errno;
	dgram->fd[nth] = fd;
	ret = set_options(dgram, fd);
	if (ret < 0)
		return ret;
	if (bind(fd, &local->any, endpoint_len(local)) < 0 ||
	    epoll_ctl(dgram->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	return 0;
}

static void wire_batch(struct batch *b)
{
	for (unsigned int i = 0; i < DGRAM_BATCH; i++) {
		b->vec[i] = (struct iovec){ b->bytes[i], DGRAM_SIZE };
		b->message[i].msg_hdr = (struct msghdr){ .msg_name = &b->peer[i],
							 .msg_namelen = sizeof(b->peer[i]),
							 .msg_iov = &b->vec[i],
							 .msg_iovlen = 1 };
	}
}

int dgram_open(struct dgram **out, const struct dgram_config *config)
{
	struct rlimit files = { config->sockets + 256, config->sockets + 256 };
	struct dgram *dgram = calloc(1, sizeof(*dgram));
	int ret = -ENOMEM;

	if (!dgram)
		return ret;
	dgram->config = *config;
	dgram->fd = malloc(config->sockets * sizeof(int));
	dgram->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!dgram->fd || dgram->epoll < 0)
		goto fail;
	memset(dgram->fd, 0xff, config->sockets * sizeof(int));
	wire_batch(&dgram->in);
	wire_batch(&dgram->out);
	if (config->sockets > 512 && setrlimit(RLIMIT_NOFILE, &files) < 0) {
		ret = -errno;
		goto fail;
	}
	for (uint32_t i = 0; i < config->sockets; i++) {
		union endpoint local = config->local;

		if (endpoint_port(&local))
			endpoint_set_port(&local, endpoint_port(&local) + i);
		ret = open_socket(dgram, i, &local);
		if (ret < 0)
			goto fail;
	}
	*out = dgram;
	return 0;
fail:
	dgram_close(dgram);
	return ret;
}

void dgram_close(struct dgram *dgram)
{
	if (!dgram)
		return;
	for (uint32_t i = 0; dgram->fd && i < dgram->config.sockets; i++)
		if (dgram->fd[i] >= 0)
			close(dgram->fd[i]);
	if (dgram->epoll >= 0)
		close(dgram->epoll);
	free(dgram->fd);
	free(dgram);
}

int dgram_move(struct dgram *dgram)
{
	union endpoint any = dgram->config.local;
	int old, ret;

	dgram_flush(dgram);
	endpoint_set_port(&any, 0);
	for (uint32_t i = 0; i < dgram->config.sockets; i++) {
		old = dgram->fd[i];
		ret = open_socket(dgram, i, &any);
		close(old); /* now, or its port could have been given out again */
		if (ret < 0)
			return ret;
	}
	return 0;
}

int dgram_fd(const struct dgram *dgram)
{
	return dgram->epoll;
}

static bool is_dropped(struct dgram *dgram, uint64_t *seen)
{
	if (!dgram->config.drop || ++*seen % dgram->config.drop)
		return false;
	dgram->dropped++;
	return true;
}

/* ---- receiving */

/* Fills the batch from the next socket that has something. */
static bool fill(struct dgram *dgram)
{
	int n;

	for (;;) {
		if (dgram->ready_next == dgram->ready_count) {
			n = epoll_wait(dgram->epoll, dgram->ready, DGRAM_BATCH, 0);
			if (n <= 0)
				return false;
			dgram->ready_next = 0;
			dgram->ready_count = n;
		}
		dgram->in_socket = dgram->ready[dgram->ready_next++].data.u32;
		for (unsigned int i = 0; i < DGRAM_BATCH; i++)
			dgram->in.message[i].msg_hdr.msg_namelen = sizeof(union endpoint);
		/* an error that ICMP left on the socket is taken off by this, too */
		n = recvmmsg(dgram->fd[dgram->in_socket], dgram->in.message, DGRAM_BATCH, 0, NULL);
		if (n > 0) {
			dgram->in_next = 0;
			dgram->in_count = n;
			return true;
		}
	}
}

bool dgram_next(struct dgram *dgram, struct datagram *d)
{
	uint32_t i;

	do {
		if (dgram->in_next == dgram->in_count && !fill(dgram))
			return false;
		i = dgram->in_next++;
		dgram->counters.received++;
	} while (is_dropped(dgram, &dgram->drop_in));
	d->socket = dgram->in_socket;
	d->from = &dgram->in.peer[i];
	d->payload = (struct rd){ dgram->in.bytes[i], dgram->in.message[i].msg_len };
	return true;
}

/* ---- sending */

struct wr *dgram_packet(struct dgram *dgram, uint32_t socket, const union endpoint *to)
{
	uint32_t i = dgram->queued;

	dgram->out_socket[i] = socket;
	dgram->out.peer[i] = *to;
	dgram->out.message[i].msg_hdr.msg_namelen = endpoint_len(to);
	dgram->writer = (struct wr){ dgram->out.bytes[i], 0, DGRAM_SIZE, false };
	return &dgram->writer;
}

void dgram_queue(struct dgram *dgram)
{
	if (dgram->writer.full) {
		dgram->counters.send_errors++;
		return;
	}
	if (is_dropped(dgram, &dgram->drop_out))
		return;
	dgram->out.vec[dgram->queued++].iov_len = dgram->writer.len;
	if (dgram->queued == DGRAM_BATCH)
		dgram_flush(dgram);
}

/* Those from `from` on that go out by the same socket. */
static uint32_t run_length(const struct dgram *dgram, uint32_t from)
{
	uint32_t n = 1;

	while (from + n < dgram->queued && dgram->out_socket[from + n] == dgram->out_socket[from])
		n++;
	return n;
}

void dgram_flush(struct dgram *dgram)
{
	uint32_t done = 0, tries = 0;
	int n;

	while (done < dgram->queued) {
		n = sendmmsg(dgram->fd[dgram->out_socket[done]], dgram->out.message + done,
			     run_length(dgram, done), 0);
		if (n > 0) {
			done += n;
			dgram->counters.sent += n;
			tries = 0;
		} else if (errno != EINTR && ++tries >= DGRAM_SEND_TRIES) {
			/* of several tries the first may have taken an old ICMP error only */
			dgram->counters.send_errors++;
			done++;
			tries = 0;
		}
	}
	dgram->queued = 0;
}

void dgram_counters(struct dgram *dgram, struct io_counters *out)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t len;

	*out = dgram->counters;
	for (uint32_t i = 0; i < dgram->config.sockets; i++) {
		len = sizeof(info);
		if (getsockopt(dgram->fd[i], SOL_SOCKET, SO_MEMINFO, info, &len) == 0)
			out->ring_drops += info[SK_MEMINFO_DROPS];
	}
}

uint64_t dgram_dropped(const struct dgram *dgram)
{
	return dgram->dropped;
}
