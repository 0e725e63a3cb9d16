/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Messages of PPTP's control connection, RFC 2637 2. Each type has one length; a message that is
 * longer is read as far as it is known, one that is shorter is none.
 */
#ifndef XPPPD_PPTP_WIRE_H
#define XPPPD_PPTP_WIRE_H

#include <stdint.h>

#include "buf.h"

#define PPTP_PORT 1723
#define PPTP_HEADER 12
#define PPTP_MESSAGE_MAX 256 /* octets; the longest type has 220 */
#define PPTP_VERSION 0x0100  /* version 1, revision 0 */

enum pptp_type {
	PPTP_MANAGEMENT = 0, /* no control message, and no other kind is defined */
	PPTP_SCCRQ,
	PPTP_SCCRP,
	PPTP_STOPCCRQ,
	PPTP_STOPCCRP,
	PPTP_ECHO_REQUEST,
	PPTP_ECHO_REPLY,
	PPTP_OCRQ,
	PPTP_OCRP,
	PPTP_ICRQ,
	PPTP_ICRP,
	PPTP_ICCN,
	PPTP_CCR, /* Call-Clear-Request */
	PPTP_CDN, /* Call-Disconnect-Notify */
	PPTP_WEN,
	PPTP_SLI,
	PPTP_TYPES
};

/* RFC 2637 2.16 */
enum pptp_error {
	PPTP_ERROR_NONE = 0,
	PPTP_ERROR_NOT_CONNECTED = 1,
	PPTP_ERROR_FORMAT = 2,
	PPTP_ERROR_VALUE = 3,
	PPTP_ERROR_RESOURCE = 4,
	PPTP_ERROR_CALL_ID = 5,
};

/* Results: 1 is success everywhere, 2 a general error, which the error code tells. */
enum pptp_result {
	PPTP_RESULT_OK = 1,
	PPTP_RESULT_ERROR = 2,
	PPTP_START_EXISTS = 3,
	PPTP_START_VERSION = 5,
	PPTP_INCOMING_REFUSED = 3,
};

enum pptp_stop_reason {
	PPTP_STOP_NONE = 1, /* general request to clear the connection */
	PPTP_STOP_PROTOCOL = 2,
	PPTP_STOP_SHUTDOWN = 3,
};

enum pptp_disconnect_result {
	PPTP_DISCONNECT_LOST_CARRIER = 1,
	PPTP_DISCONNECT_ERROR = 2,
	PPTP_DISCONNECT_ADMIN = 3,
	PPTP_DISCONNECT_REQUEST = 4,
};

/* The length of the message that the stream begins with; 0: more must come first. -EBADMSG: these
 * are no messages, -EMSGSIZE: no message is so long or so short. */
int pptp_frame(struct buf stream);

/* A whole message. */
struct pptp_message {
	uint16_t type; /* enum pptp_type, or a number that is none */
	struct buf body;
};
/* -ENODATA: shorter than its type. */
int pptp_message_parse(struct buf frame, struct pptp_message *message);
/* "SCCRQ"; "message" for a number that is none. */
const char *pptp_type_name(uint16_t type);

/* ---- reading bodies, all of them long enough ---- */

/* Texts end at their first zero octet and point into the message. */

struct pptp_start { /* SCCRQ */
	uint16_t version;
	uint32_t framing, bearer;
	uint16_t channels, firmware;
	struct buf hostname, vendor;
};
int pptp_start_read(struct buf body, struct pptp_start *start);

struct pptp_outgoing { /* OCRQ */
	uint16_t call_id, serial;
	uint32_t min_bps, max_bps, bearer, framing;
	uint16_t window, delay;
	struct buf number, sub_address;
};
int pptp_outgoing_read(struct buf body, struct pptp_outgoing *call);

struct pptp_disconnect { /* CDN */
	uint16_t call_id;
	uint8_t result, error;
	uint16_t cause;
	struct buf statistics;
};
int pptp_disconnect_read(struct buf body, struct pptp_disconnect *disconnect);

/* What the others begin with: a call id, a reason, or an identifier. */
int pptp_call_id_read(struct buf body, uint16_t *call_id);
int pptp_reason_read(struct buf body, uint8_t *reason);
int pptp_identifier_read(struct buf body, uint32_t *identifier);

/* ---- composing whole messages ---- */

void pptp_put_start_reply(struct wbuf *w, enum pptp_result result, const char *hostname,
			  const char *vendor);
void pptp_put_stop_request(struct wbuf *w, enum pptp_stop_reason reason);
void pptp_put_stop_reply(struct wbuf *w);
void pptp_put_echo_request(struct wbuf *w, uint32_t identifier);
void pptp_put_echo_reply(struct wbuf *w, uint32_t identifier);

struct pptp_outgoing_reply {
	uint16_t call_id, peer_call_id; /* ours is 0 if there is no call */
	enum pptp_result result;
	enum pptp_error error;
	uint32_t speed;
	uint16_t window;
};
void pptp_put_outgoing_reply(struct wbuf *w, const struct pptp_outgoing_reply *reply);
void pptp_put_incoming_refusal(struct wbuf *w, uint16_t peer_call_id);
/* text: what the statistics field says. */
void pptp_put_disconnect(struct wbuf *w, uint16_t call_id, enum pptp_disconnect_result result,
			 enum pptp_error error, const char *text);

#endif
