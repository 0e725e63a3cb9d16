/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Attribute value pairs: RFC 2661 4, hidden ones (4.3), RFC 3145 (disconnect cause). All that a
 * control message says is read into one struct; what is wrong with it is told as the first problem
 * found, since messages of control connections and of calls answer it differently.
 */
#ifndef XPPPD_L2TP_AVP_H
#define XPPPD_L2TP_AVP_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct dump_veil;

enum l2tp_message {
	L2TP_SCCRQ = 1,
	L2TP_SCCRP,
	L2TP_SCCCN,
	L2TP_STOPCCN,
	L2TP_HELLO = 6,
	L2TP_OCRQ,
	L2TP_OCRP,
	L2TP_OCCN,
	L2TP_ICRQ,
	L2TP_ICRP,
	L2TP_ICCN,
	L2TP_CDN = 14,
	L2TP_WEN,
	L2TP_SLI,
};

enum l2tp_avp {
	L2TP_AVP_MESSAGE = 0,
	L2TP_AVP_RESULT = 1,
	L2TP_AVP_VERSION = 2,
	L2TP_AVP_FRAMING_CAPABILITIES = 3,
	L2TP_AVP_BEARER_CAPABILITIES = 4,
	L2TP_AVP_TIE_BREAKER = 5,
	L2TP_AVP_FIRMWARE = 6,
	L2TP_AVP_HOSTNAME = 7,
	L2TP_AVP_VENDOR = 8,
	L2TP_AVP_TUNNEL_ID = 9,
	L2TP_AVP_WINDOW = 10,
	L2TP_AVP_CHALLENGE = 11,
	L2TP_AVP_Q931_CAUSE = 12,
	L2TP_AVP_RESPONSE = 13,
	L2TP_AVP_SESSION_ID = 14,
	L2TP_AVP_CALL_SERIAL = 15,
	L2TP_AVP_MIN_BPS = 16,
	L2TP_AVP_MAX_BPS = 17,
	L2TP_AVP_BEARER_TYPE = 18,
	L2TP_AVP_FRAMING_TYPE = 19,
	L2TP_AVP_CALLED_NUMBER = 21,
	L2TP_AVP_CALLING_NUMBER = 22,
	L2TP_AVP_SUB_ADDRESS = 23,
	L2TP_AVP_TX_SPEED = 24,
	L2TP_AVP_CHANNEL = 25,
	L2TP_AVP_INITIAL_LCP = 26,
	L2TP_AVP_SENT_LCP = 27,
	L2TP_AVP_RECEIVED_LCP = 28,
	L2TP_AVP_PROXY_TYPE = 29,
	L2TP_AVP_PROXY_NAME = 30,
	L2TP_AVP_PROXY_CHALLENGE = 31,
	L2TP_AVP_PROXY_ID = 32,
	L2TP_AVP_PROXY_RESPONSE = 33,
	L2TP_AVP_CALL_ERRORS = 34,
	L2TP_AVP_ACCM = 35,
	L2TP_AVP_RANDOM_VECTOR = 36,
	L2TP_AVP_PRIVATE_GROUP = 37,
	L2TP_AVP_RX_SPEED = 38,
	L2TP_AVP_SEQUENCING = 39,
	L2TP_AVP_PPP_CAUSE = 46, /* RFC 3145 */
};

/* RFC 2661 4.4.2: results of StopCCN and of CDN, and the error that goes with 2. */
enum l2tp_stop_result {
	L2TP_STOP_CLEAR = 1,
	L2TP_STOP_ERROR = 2,
	L2TP_STOP_EXISTS = 3,
	L2TP_STOP_NOT_AUTHORIZED = 4,
	L2TP_STOP_VERSION = 5,
	L2TP_STOP_SHUTDOWN = 6,
	L2TP_STOP_FSM = 7,
};

enum l2tp_call_result {
	L2TP_CALL_LOST_CARRIER = 1,
	L2TP_CALL_ERROR = 2,
	L2TP_CALL_ADMIN = 3,
	L2TP_CALL_TEMPORARY = 4, /* no facilities just now */
	L2TP_CALL_PERMANENT = 5, /* no such facilities at all */
};

enum l2tp_error {
	L2TP_ERROR_NONE = 0,
	L2TP_ERROR_NO_CONNECTION = 1,
	L2TP_ERROR_LENGTH = 2,
	L2TP_ERROR_VALUE = 3,
	L2TP_ERROR_RESOURCES = 4,
	L2TP_ERROR_SESSION_ID = 5,
	L2TP_ERROR_VENDOR = 6,
	L2TP_ERROR_TRY_ANOTHER = 7,
	L2TP_ERROR_UNKNOWN_AVP = 8,
};

#define L2TP_VERSION 0x0100 /* of the protocol AVP: version 1, revision 0 */
#define L2TP_WINDOW_DEFAULT 4
#define L2TP_RESPONSE_LEN 16
#define L2TP_CLEAR_MAX 4096 /* hidden values of one message together */

/* What ended a PPP session, RFC 3145 2. */
struct l2tp_ppp_cause {
	uint16_t code, protocol;
	uint8_t direction;
	struct buf message;
};

enum l2tp_problem {
	L2TP_PROBLEM_NONE,
	L2TP_PROBLEM_LENGTH,  /* an AVP is longer or shorter than it may be */
	L2TP_PROBLEM_VALUE,   /* a value is out of range, or an AVP is missing */
	L2TP_PROBLEM_UNKNOWN, /* unknown, mandatory */
	L2TP_PROBLEM_HIDDEN,  /* hidden, mandatory, and we cannot read it */
};

/* Buffers point into the message or into `clear`; a value whose AVP is not there is 0 or empty. */
struct l2tp_avps {
	uint64_t present; /* bits by enum l2tp_avp */
	uint16_t message; /* enum l2tp_message, or a number that is none */
	bool message_mandatory;
	enum l2tp_problem problem;
	uint16_t problem_type; /* of the AVP */

	uint16_t result, error;
	struct buf result_text;
	struct l2tp_ppp_cause ppp_cause;
	uint16_t q931_cause;
	uint16_t version, firmware, tunnel_id, session_id, window;
	uint32_t framing_capabilities, bearer_capabilities;
	uint64_t tie_breaker;
	struct buf hostname, vendor, challenge, response;
	uint32_t call_serial, bearer_type, framing_type, tx_speed, rx_speed, channel;
	uint32_t min_bps, max_bps;
	struct buf called, calling, sub_address, private_group;
	struct buf initial_lcp, sent_lcp, received_lcp;
	uint16_t proxy_type, proxy_id;
	struct buf proxy_name, proxy_challenge, proxy_response;
	struct buf call_errors, accm;

	uint8_t clear[L2TP_CLEAR_MAX];
	size_t clear_len;
};

static inline bool l2tp_avp_present(const struct l2tp_avps *avps, enum l2tp_avp type)
{
	return avps->present >> type & 1;
}

/*
 * Reads the AVPs of a message. secret: for hidden ones, NULL if there is none. -EBADMSG: it does not
 * begin with a Message Type, or AVPs are cut off; avps holds what was found before. Everything
 * else that is wrong is avps->problem.
 */
int l2tp_avps_parse(struct buf payload, const char *secret, struct l2tp_avps *avps);
/* Forgets what was hidden, whatever the parser said. */
void l2tp_avps_wipe(struct l2tp_avps *avps);
/* Marks what a dump of the message must not show: responses, which guesses at the secret or the
 * password could be tried on, hidden values, and what follows an AVP that cannot be read. at: where
 * the AVPs stand in the message. */
void l2tp_avps_veil(struct buf payload, size_t at, struct dump_veil *veil);

/* "SCCRQ"; "message" for a number that is none. */
const char *l2tp_message_name(uint16_t message);

/* ---- composing ---- */

void l2tp_avp_put(struct wbuf *w, enum l2tp_avp type, bool mandatory, const void *value,
		  size_t len);
void l2tp_avp_put_u16(struct wbuf *w, enum l2tp_avp type, uint16_t value);
void l2tp_avp_put_u32(struct wbuf *w, enum l2tp_avp type, uint32_t value);
/* The Message Type, with which a message begins. */
void l2tp_avp_put_message(struct wbuf *w, enum l2tp_message message);
/* Result Code, with the error if it is not 0 and a text if it is not NULL. */
void l2tp_avp_put_result(struct wbuf *w, uint16_t result, uint16_t error, const char *text);
void l2tp_avp_put_ppp_cause(struct wbuf *w, uint16_t code, uint16_t protocol, uint8_t direction);

/* ---- secrets ---- */

/* The answer to a challenge that message type `message` carries: RFC 2661 4.4.3. */
void l2tp_response(enum l2tp_message message, const char *secret, struct buf challenge,
		   uint8_t out[L2TP_RESPONSE_LEN]);
/* Hides and unhides `n` octets in place: RFC 2661 4.3. */
void l2tp_hide(uint16_t type, const char *secret, struct buf vector, uint8_t *octets, size_t n);
void l2tp_unhide(uint16_t type, const char *secret, struct buf vector, uint8_t *octets, size_t n);

#endif
