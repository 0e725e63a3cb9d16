/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Many UDP sockets, or a raw one, behind one descriptor, with batches each way, and a lossy link:
 * every n-th datagram can be dropped. */
#ifndef DIALER_DGRAM_H
#define DIALER_DGRAM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "io.h"
#include "wire.h"

struct dgram;

/* An address with its port, IPv4 or IPv6. */
union endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct dgram_config {
	uint32_t sockets;
	uint8_t protocol;     /* raw, IPv4 alone: datagrams come with their IP header */
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

int dgram_open(struct dgram **dgram, const struct dgram_config *config);
void dgram_close(struct dgram *dgram);
int dgram_fd(const struct dgram *dgram);
/* All sockets anew, on any ports but those they had. */
int dgram_move(struct dgram *dgram);

/* The next datagram, valid until the next call. */
bool dgram_next(struct dgram *dgram, struct datagram *d);
/* An empty datagram to write; dgram_queue() takes it for sending. */
struct wr *dgram_packet(struct dgram *dgram, uint32_t socket, const union endpoint *to);
void dgram_queue(struct dgram *dgram);
void dgram_flush(struct dgram *dgram);
void dgram_counters(struct dgram *dgram, struct io_counters *out);
/* What --drop took. */
uint64_t dgram_dropped(const struct dgram *dgram);

int endpoint_parse(union endpoint *e, const char *text);
uint16_t endpoint_port(const union endpoint *e);
void endpoint_set_port(union endpoint *e, uint16_t port);
socklen_t endpoint_len(const union endpoint *e);
bool endpoint_same_address(const union endpoint *a, const union endpoint *b);

#endif
