/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Raw frames on one interface: an AF_PACKET socket that sees every PPPoE frame (a filter
 * in the kernel keeps the rest out), a TPACKET_V2 receive ring (frames come up one by one;
 * version 3 holds them back until a block is full, which would spoil the latencies),
 * and batches of sendmmsg().
 */
#ifndef DIALER_IO_H
#define DIALER_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

struct io;

struct io_config {
	const char *interface;
	uint32_t ring_mb;
	/* only frames to MACs that begin with these two bytes; NULL: all PPPoE frames */
	const uint8_t *mac_prefix;
};

struct io_counters {
	uint64_t sent, received;
	uint64_t ring_drops;  /* came while the ring was full: the dialer was too slow */
	uint64_t send_errors; /* not taken by the device */
};

/* *what: which step failed, for the message. */
int io_open(struct io **io, const struct io_config *config, const char **what);
void io_close(struct io *io);
int io_fd(const struct io *io);
const uint8_t *io_mac(const struct io *io);

/* The next received frame, valid until the next call. */
bool io_next(struct io *io, struct frame *f);

/* An empty frame to write; io_queue() takes it for sending, or drops it if it overflowed. */
struct wr *io_frame(struct io *io);
void io_queue(struct io *io);
void io_flush(struct io *io);
void io_counters(struct io *io, struct io_counters *out);

#endif
