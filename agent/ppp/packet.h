/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The packet form that LCP, the NCPs, PAP, CHAP and EAP share: code, identifier, length (RFC 1661 5). */
#ifndef XPPPD_PACKET_H
#define XPPPD_PACKET_H

#include <stdint.h>

#include "buf.h"
#include "log.h"

struct ppp;

#define PACKET_HEADER 4
#define PACKET_MAX 1500 /* octets; nothing that is longer is sent or answered */

struct packet {
	uint8_t code;
	uint8_t ident;
	struct buf data;  /* what follows the length */
	struct buf whole; /* without padding */
};

/* -EBADMSG: shorter than its header, or its length is below 4 or beyond the frame. */
int packet_parse(struct buf frame, struct packet *p);

struct packet_out {
	struct wbuf w;
	uint8_t bytes[PACKET_MAX];
};

/* The peer's MRU and the carrier's: no packet to it is longer. */
size_t packet_room(const struct ppp *ppp);
/* Begins a packet of at most the peer's MRU and the carrier's; fields are put into out->w. */
void packet_begin(struct packet_out *out, const struct ppp *ppp, uint8_t code, uint8_t ident);
/* Puts as much of bytes as fits. */
void packet_put_truncated(struct packet_out *out, struct buf bytes);
/* Sends it unless it did not fit or the link is over. */
void packet_send(struct packet_out *out, struct ppp *ppp, uint16_t proto);

/* The one exit of a rejected packet. */
#define packet_drop(ppp, reason, fmt, ...)                                                         \
	log_drop((ppp)->log, reason, "%s: " fmt, (ppp)->label, ##__VA_ARGS__)

#endif
