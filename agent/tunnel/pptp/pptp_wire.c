/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pptp/pptp_wire.h"

#include <errno.h>
#include <string.h>

#define MAGIC_COOKIE 0x1a2b3c4d
#define KIND_CONTROL 1
#define KIND_MANAGEMENT 2
#define TEXT 64 /* host name, vendor, numbers */
#define STATISTICS 128

#define FRAMING_BOTH 3
#define BEARER_BOTH 3
#define FIRMWARE 0x0001

/* clang-format off */
static const struct {
	const char *name;
	uint16_t length;
} types[PPTP_TYPES] = {
	[PPTP_MANAGEMENT] = { "management message", PPTP_HEADER },
	[PPTP_SCCRQ] = { "SCCRQ", 156 },
	[PPTP_SCCRP] = { "SCCRP", 156 },
	[PPTP_STOPCCRQ] = { "StopCCRQ", 16 },
	[PPTP_STOPCCRP] = { "StopCCRP", 16 },
	[PPTP_ECHO_REQUEST] = { "Echo-Request", 16 },
	[PPTP_ECHO_REPLY] = { "Echo-Reply", 20 },
	[PPTP_OCRQ] = { "OCRQ", 168 },
	[PPTP_OCRP] = { "OCRP", 32 },
	[PPTP_ICRQ] = { "ICRQ", 220 },
	[PPTP_ICRP] = { "ICRP", 24 },
	[PPTP_ICCN] = { "ICCN", 28 },
	[PPTP_CCR] = { "Call-Clear-Request", 16 },
	[PPTP_CDN] = { "Call-Disconnect-Notify", 148 },
	[PPTP_WEN] = { "WAN-Error-Notify", 40 },
	[PPTP_SLI] = { "Set-Link-Info", 24 },
};
/* clang-format on */

const char *pptp_type_name(uint16_t type)
{
	return type < PPTP_TYPES ? types[type].name : "message";
}

/* ---- framing ---- */

int pptp_frame(struct buf stream)
{
	size_t have = stream.len;
	uint16_t length, kind;
	uint32_t cookie;

	/* as soon as it can be seen: who sends rubbish need not send all of it */
	if (buf_u16(&stream, &length))
		return 0;
	if (length < PPTP_HEADER || length > PPTP_MESSAGE_MAX)
		return -EMSGSIZE;
	if (buf_u16(&stream, &kind))
		return 0;
	if (kind != KIND_CONTROL && kind != KIND_MANAGEMENT)
		return -EBADMSG;
	if (buf_u32(&stream, &cookie))
		return 0;
	if (cookie != MAGIC_COOKIE)
		return -EBADMSG;
	return have < length ? 0 : length;
}

int pptp_message_parse(struct buf frame, struct pptp_message *message)
{
	size_t have = frame.len;
	uint16_t kind, type;

	if (buf_skip(&frame, 2) || buf_u16(&frame, &kind) || buf_skip(&frame, 4) ||
	    buf_u16(&frame, &type) || buf_skip(&frame, 2))
		return -ENODATA;
	if (kind != KIND_CONTROL)
		type = PPTP_MANAGEMENT;
	if (type < PPTP_TYPES && have < types[type].length)
		return -ENODATA;
	*message = (struct pptp_message){ type, frame };
	return 0;
}

/* ---- reading ---- */

static int text_read(struct buf *body, size_t size, struct buf *text)
{
	int r = buf_take(body, size, text);

	if (r == 0)
		text->len = strnlen((const char *)text->p, text->len);
	return r;
}

int pptp_start_read(struct buf body, struct pptp_start *start)
{
	if (buf_u16(&body, &start->version) || buf_skip(&body, 2) ||
	    buf_u32(&body, &start->framing) || buf_u32(&body, &start->bearer) ||
	    buf_u16(&body, &start->channels) || buf_u16(&body, &start->firmware) ||
	    text_read(&body, TEXT, &start->hostname) || text_read(&body, TEXT, &start->vendor))
		return -ENODATA;
	return 0;
}

int pptp_outgoing_read(struct buf body, struct pptp_outgoing *call)
{
	uint16_t digits;

	if (buf_u16(&body, &call->call_id) || buf_u16(&body, &call->serial) ||
	    buf_u32(&body, &call->min_bps) || buf_u32(&body, &call->max_bps) ||
	    buf_u32(&body, &call->bearer) || buf_u32(&body, &call->framing) ||
	    buf_u16(&body, &call->window) || buf_u16(&body, &call->delay) ||
	    buf_u16(&body, &digits) || buf_skip(&body, 2) ||
	    text_read(&body, TEXT, &call->number) || text_read(&body, TEXT, &call->sub_address))
		return -ENODATA;
	if (digits < call->number.len)
		call->number.len = digits;
	return 0;
}

int pptp_disconnect_read(struct buf body, struct pptp_disconnect *disconnect)
{
	if (buf_u16(&body, &disconnect->call_id) || buf_u8(&body, &disconnect->result) ||
	    buf_u8(&body, &disconnect->error) || buf_u16(&body, &disconnect->cause) ||
	    buf_skip(&body, 2) || text_read(&body, STATISTICS, &disconnect->statistics))
		return -ENODATA;
	return 0;
}

int pptp_call_id_read(struct buf body, uint16_t *call_id)
{
	return buf_u16(&body, call_id);
}

int pptp_reason_read(struct buf body, uint8_t *reason)
{
	return buf_u8(&body, reason);
}

int pptp_identifier_read(struct buf body, uint32_t *identifier)
{
	return buf_u32(&body, identifier);
}

/* ---- composing ---- */

static void begin(struct wbuf *w, enum pptp_type type)
{
	wbuf_u16(w, types[type].length);
	wbuf_u16(w, KIND_CONTROL);
	wbuf_u32(w, MAGIC_COOKIE);
	wbuf_u16(w, (uint16_t)type);
	wbuf_u16(w, 0);
}

/* Always ends in a zero octet. */
static void put_text(struct wbuf *w, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	wbuf_put(w, text, len);
	for (; len < size; len++)
		wbuf_u8(w, 0);
}

void pptp_put_start_reply(struct wbuf *w, enum pptp_result result, const char *hostname,
			  const char *vendor)
{
	begin(w, PPTP_SCCRP);
	wbuf_u16(w, PPTP_VERSION);
	wbuf_u8(w, (uint8_t)result);
	wbuf_u8(w, PPTP_ERROR_NONE);
	wbuf_u32(w, FRAMING_BOTH);
	wbuf_u32(w, BEARER_BOTH);
	wbuf_u16(w, 0); /* channels: not counted */
	wbuf_u16(w, FIRMWARE);
	put_text(w, TEXT, hostname);
	put_text(w, TEXT, vendor);
}

void pptp_put_stop_request(struct wbuf *w, enum pptp_stop_reason reason)
{
	begin(w, PPTP_STOPCCRQ);
	wbuf_u8(w, (uint8_t)reason);
	wbuf_u8(w, 0);
	wbuf_u16(w, 0);
}

void pptp_put_stop_reply(struct wbuf *w)
{
	begin(w, PPTP_STOPCCRP);
	wbuf_u8(w, PPTP_RESULT_OK);
	wbuf_u8(w, PPTP_ERROR_NONE);
	wbuf_u16(w, 0);
}

void pptp_put_echo_request(struct wbuf *w, uint32_t identifier)
{
	begin(w, PPTP_ECHO_REQUEST);
	wbuf_u32(w, identifier);
}

void pptp_put_echo_reply(struct wbuf *w, uint32_t identifier)
{
	begin(w, PPTP_ECHO_REPLY);
	wbuf_u32(w, identifier);
	wbuf_u8(w, PPTP_RESULT_OK);
	wbuf_u8(w, PPTP_ERROR_NONE);
	wbuf_u16(w, 0);
}

void pptp_put_outgoing_reply(struct wbuf *w, const struct pptp_outgoing_reply *reply)
{
	begin(w, PPTP_OCRP);
	wbuf_u16(w, reply->call_id);
	wbuf_u16(w, reply->peer_call_id);
	wbuf_u8(w, (uint8_t)reply->result);
	wbuf_u8(w, (uint8_t)reply->error);
	wbuf_u16(w, 0); /* Q.931 cause */
	wbuf_u32(w, reply->speed);
	wbuf_u16(w, reply->window);
	wbuf_u16(w, 0); /* processing delay */
	wbuf_u32(w, 0); /* physical channel */
}

void pptp_put_incoming_refusal(struct wbuf *w, uint16_t peer_call_id)
{
	begin(w, PPTP_ICRP);
	wbuf_u16(w, 0);
	wbuf_u16(w, peer_call_id);
	wbuf_u8(w, PPTP_INCOMING_REFUSED);
	wbuf_u8(w, PPTP_ERROR_NONE);
	wbuf_u16(w, 0); /* window */
	wbuf_u16(w, 0); /* transit delay */
	wbuf_u16(w, 0);
}

void pptp_put_disconnect(struct wbuf *w, uint16_t call_id, enum pptp_disconnect_result result,
			 enum pptp_error error, const char *text)
{
	begin(w, PPTP_CDN);
	wbuf_u16(w, call_id);
	wbuf_u8(w, (uint8_t)result);
	wbuf_u8(w, (uint8_t)error);
	wbuf_u16(w, 0); /* Q.931 cause */
	wbuf_u16(w, 0);
	put_text(w, STATISTICS, text);
}
