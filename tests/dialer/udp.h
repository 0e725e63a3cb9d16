/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Many UDP sockets behind one descriptor, with batches each way, and a lossy link: every n-th
 * datagram can be dropped. */
#ifndef DIALER_UDP_H
#define DIALER_UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "io.h"
#include "wire.h"

struct udp;

/* An address with its port, IPv4 or IPv6. */
union endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct udp_config {
	uint32_t sockets;
	union endpoint local; /* port: of the first socket, counted up; 0: any */
	bool no_checksum;     /* send checksum 0 */
	bool no_fragments;    /* set DF, and do not believe a path MTU */
	uint32_t drop;        /* every n-th datagram of each direction; 0: none */
};

struct datagram {
	uint32_t socket;
	const union endpoint *from;
	struct rd payload;
};

int udp_open(struct udp **udp, const struct udp_config *config);
void udp_close(struct udp *udp);
int udp_fd(const struct udp *udp);
/* All sockets anew, on any ports but those they had. */
int udp_move(struct udp *udp);

/* The next datagram, valid until the next call. */
bool udp_next(struct udp *udp, struct datagram *d);
/* An empty datagram to write; udp_queue() takes it for sending. */
struct wr *udp_packet(struct udp *udp, uint32_t socket, const union endpoint *to);
void udp_queue(struct udp *udp);
void udp_flush(struct udp *udp);
void udp_counters(struct udp *udp, struct io_counters *out);
/* What --drop took. */
uint64_t udp_dropped(const struct udp *udp);

int endpoint_parse(union endpoint *e, const char *text);
uint16_t endpoint_port(const union endpoint *e);
void endpoint_set_port(union endpoint *e, uint16_t port);
socklen_t endpoint_len(const union endpoint *e);
bool endpoint_same_address(const union endpoint *a, const union endpoint *b);

#endif
