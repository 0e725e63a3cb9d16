/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pppoe/pppoe_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

#define BATCH 32

/* How many batches one socket may read before others have their turn, and for how long: a frame of
 * a login costs much more than an echo. */
#define BATCHES_SESSION 4
#define BATCHES_DISCOVERY 2
#define TURN_US 1000

#define QUEUE_SESSION (8 << 20)
#define QUEUE_DISCOVERY (1 << 20)

#define PRIORITY_SESSION 1
#define PRIORITY_DISCOVERY (-1)

union rx_control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
};

struct pppoe_rx {
	struct mmsghdr message[BATCH];
	struct iovec iov[BATCH];
	union rx_control control[BATCH];
	uint8_t frame[BATCH][PPPOE_FRAME_MAX];
};

int pppoe_rx_new(struct pppoe_rx **rx)
{
	*rx = calloc(1, sizeof(**rx));
	return *rx ? 0 : -ENOMEM;
}

void pppoe_rx_free(struct pppoe_rx *rx)
{
	free(rx);
}

/*
 * The outer tag is not in the frame when the kernel has taken it out, so that the
 * PPPoE header follows after none, one or two tags whatever the frame was on the wire. X
 * is the length of the tags. Frames too short for the look at the PPP protocol are
 * passed, because the agent counts them.
 */
#define LD_X(v) BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, v)
#define LD_H(at) BPF_STMT(BPF_LD | BPF_H | BPF_ABS, at)
#define IND_H(at) BPF_STMT(BPF_LD | BPF_H | BPF_IND, at)
#define IND_B(at) BPF_STMT(BPF_LD | BPF_B | BPF_IND, at)
#define IF_EQ(v, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v, yes, no)
#define PASS BPF_STMT(BPF_RET | BPF_K, PPPOE_FRAME_MAX)
#define DROP BPF_STMT(BPF_RET | BPF_K, 0)

static int filter_attach(int fd, enum pppoe_traffic traffic)
{
	uint16_t type =
		traffic == PPPOE_TRAFFIC_DISCOVERY ? PPPOE_TYPE_DISCOVERY : PPPOE_TYPE_SESSION;
	bool no_ip = traffic == PPPOE_TRAFFIC_CONTROL;
	struct sock_filter code[] = {
		/* 0 */ LD_X(0),
		/* 1 */ LD_H(12),
		/* 2 */ IF_EQ(type, 12, 0),
		/* 3 */ IF_EQ(0x8100, 2, 0),
		/* 4 */ IF_EQ(0x88a8, 1, 0),
		/* 5 */ IF_EQ(0x9100, 0, 22),
		/* 6 */ LD_X(4),
		/* 7 */ LD_H(16),
		/* 8 */ IF_EQ(type, 6, 0),
		/* 9 */ IF_EQ(0x8100, 2, 0),
		/* 10 */ IF_EQ(0x88a8, 1, 0),
		/* 11 */ IF_EQ(0x9100, 0, 16),
		/* 12 */ LD_X(8),
		/* 13 */ LD_H(20),
		/* 14 */ IF_EQ(type, 0, 13),
		/* 15 */ BPF_STMT(BPF_LD | BPF_IMM, no_ip),
		/* 16 */ IF_EQ(0, 10, 0),
		/* 17 */ BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		/* 18 */ BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		/* 19 */ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 24, 0, 7),
		/* 20 */ IND_B(20),
		/* 21 */ IF_EQ(0x21, 6, 0), /* compressed protocol field */
		/* 22 */ IND_H(20),
		/* 23 */ IF_EQ(0x0021, 4, 0),
		/* 24 */ IF_EQ(0xff03, 0, 2), /* address and control field */
		/* 25 */ IND_H(22),
		/* 26 */ IF_EQ(0x0021, 1, 0),
		/* 27 */ PASS,
		/* 28 */ DROP,
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

static int options_set(int fd, enum pppoe_traffic traffic)
{
	int queue = traffic == PPPOE_TRAFFIC_DISCOVERY ? QUEUE_DISCOVERY : QUEUE_SESSION;
	int on = 1;

	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)))
		return -errno;
	/* a shorter queue is no reason to do without the socket */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue));
	return 0;
}

static struct pppoe_aux aux_of(struct msghdr *message)
{
	struct pppoe_aux aux = { 0 };
	struct tpacket_auxdata data;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&data, CMSG_DATA(c), sizeof(data));
		if (!(data.tp_status & TP_STATUS_VLAN_VALID))
			continue;
		aux.tagged = true;
		aux.tci = data.tp_vlan_tci;
		aux.tpid = data.tp_status & TP_STATUS_VLAN_TPID_VALID ? data.tp_vlan_tpid
								      : ETHERTYPE_VLAN;
	}
	return aux;
}

static int batch_read(struct pppoe_socket *s)
{
	struct pppoe_rx *rx = s->rx;
	int n;

	for (int i = 0; i < BATCH; i++) {
		rx->iov[i] = (struct iovec){ rx->frame[i], sizeof(rx->frame[i]) };
		rx->message[i].msg_hdr = (struct msghdr){
			.msg_iov = &rx->iov[i],
			.msg_iovlen = 1,
			.msg_control = &rx->control[i],
			.msg_controllen = sizeof(rx->control[i]),
		};
	}
	n = recvmmsg(s->io.fd, rx->message, BATCH, MSG_DONTWAIT, NULL);
	s->backlog.read += n > 0 ? (uint64_t)n : 0;
	for (int i = 0; i < n; i++) {
		struct pppoe_aux aux = aux_of(&rx->message[i].msg_hdr);

		s->receive(s->arg, buf_of(rx->frame[i], rx->message[i].msg_len), &aux);
	}
	return n;
}

/* Reading sets the kernel's counters back. */
static void statistics_read(struct pppoe_socket *s)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	if (!s->open || getsockopt(s->io.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		return;
	s->drops += stats.tp_drops;
	s->queued += stats.tp_packets - stats.tp_drops;
}

static void turn_over(struct pppoe_socket *s, bool full)
{
	bool wanted;
	int64_t waited = backlog_turn(&s->backlog, !full, &wanted);

	if (waited > 0 && s->waiting)
		s->waiting(s->arg, waited);
	if (!wanted)
		return;
	statistics_read(s);
	backlog_mark(&s->backlog, s->queued - s->backlog.read);
}

/* An error (the device is down) is reported once and cleared by reading; what
 * becomes of the device is told by its link. */
static void socket_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct pppoe_socket *s = io->data;
	int batches = s->traffic == PPPOE_TRAFFIC_DISCOVERY ? BATCHES_DISCOVERY : BATCHES_SESSION;
	int64_t end = mono_now_us() + TURN_US;
	bool full = true;

	(void)loop;
	(void)events;
	while (full && batches-- > 0 && mono_now_us() < end)
		full = batch_read(s) == BATCH;
	turn_over(s, full);
}

static int socket_make(uint32_t ifindex, enum pppoe_traffic traffic)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)ifindex,
	};
	int fd, r;

	/* protocol 0: it receives nothing before it is bound, by then with its filter */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = filter_attach(fd, traffic);
	if (r == 0)
		r = options_set(fd, traffic);
	if (r == 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)))
		r = -errno;
	if (r) {
		close(fd);
		return r;
	}
	return fd;
}

int pppoe_socket_open(struct pppoe_socket *s, struct ev_loop *loop, struct pppoe_rx *rx,
		      uint32_t ifindex, enum pppoe_traffic traffic, pppoe_receive_fn receive,
		      void *arg)
{
	int fd = socket_make(ifindex, traffic);

	if (fd < 0)
		return fd;
	*s = (struct pppoe_socket){
		.loop = loop,
		.rx = rx,
		.receive = receive,
		.arg = arg,
		.traffic = traffic,
		.open = true,
	};
	ev_io_init(&s->io, socket_readable, fd, EV_READ);
	ev_set_priority(&s->io,
			traffic == PPPOE_TRAFFIC_DISCOVERY ? PRIORITY_DISCOVERY : PRIORITY_SESSION);
	s->io.data = s;
	ev_io_start(loop, &s->io);
	return 0;
}

static void *close_now(void *fd)
{
	close((int)(intptr_t)fd);
	return NULL;
}

/* The kernel lets nobody close a packet socket before all CPUs have been through with it, which takes
 * tens of milliseconds, or half a second on a busy machine. Sessions of other devices do not wait. */
static void close_aside(int fd)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, close_now, (void *)(intptr_t)fd) == 0)
		pthread_detach(thread);
	else
		close(fd);
}

void pppoe_socket_close(struct pppoe_socket *s)
{
	if (!s->open)
		return;
	ev_io_stop(s->loop, &s->io);
	close_aside(s->io.fd);
	s->open = false;
}

int pppoe_socket_send(struct pppoe_socket *s, const uint8_t *frame, size_t len)
{
	if (!s->open)
		return -ENETDOWN;
	return send(s->io.fd, frame, len, MSG_DONTWAIT) < 0 ? -errno : 0;
}

int pppoe_socket_pass(struct pppoe_socket *s, enum pppoe_traffic traffic)
{
	int r;

	if (!s->open || s->traffic == traffic)
		return 0;
	r = filter_attach(s->io.fd, traffic);
	if (r == 0)
		s->traffic = traffic;
	return r;
}

uint64_t pppoe_socket_drops(struct pppoe_socket *s)
{
	statistics_read(s);
	return s->drops;
}
