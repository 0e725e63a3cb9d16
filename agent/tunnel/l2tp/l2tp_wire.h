/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* L2TPv2 headers: RFC 2661 3.1, for control and data messages. */
#ifndef XPPPD_L2TP_WIRE_H
#define XPPPD_L2TP_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define L2TP_PORT 1701
#define L2TP_CONTROL_HEADER 12
#define L2TP_DATA_HEADER_MAX 12 /* of ours: length and sequence, no offset */
#define L2TP_DATAGRAM_MAX 9216  /* the largest mru with all headers, and offset padding */
#define L2TP_MESSAGE_MAX 1400   /* of control messages that we send, with their headers */

struct l2tp_header {
	bool control;
	bool sequence; /* ns and nr are there */
	bool has_length;
	uint16_t tunnel_id, session_id;
	uint16_t ns, nr;
	struct buf payload; /* as long as the header says */
};

/*
 * -EPROTO: not version 2, or bits that a control message must not or must have; -ENODATA: shorter
 * than its header says.
 */
int l2tp_header_parse(struct buf wire, struct l2tp_header *header);

/* Writes the header of a control message of this length, header included. */
void l2tp_control_header_put(struct wbuf *w, uint16_t length, uint16_t tunnel_id,
			     uint16_t session_id, uint16_t ns, uint16_t nr);
/* Where ns of such a header stands, nr follows: a message that is sent again gets a new nr. */
#define L2TP_CONTROL_NS_AT 8

/* Writes the header of a data message: with ns if `sequence`. */
void l2tp_data_header_put(struct wbuf *w, size_t payload, uint16_t tunnel_id, uint16_t session_id,
			  bool sequence, uint16_t ns);

#endif
