/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/l2tp/l2tp_avp.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"

#define AVP_HEADER 6
#define FLAG_MANDATORY 0x8000
#define FLAG_HIDDEN 0x4000
#define FLAGS_RESERVED 0x3c00
#define LENGTH_MASK 0x03ff
#define VALUE_MAX (LENGTH_MASK - AVP_HEADER)
#define MD5_LEN 16

enum avp_kind {
	KIND_NONE, /* no value: being there is all it says */
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_BYTES,
	KIND_MESSAGE,
	KIND_RESULT,
	KIND_PPP_CAUSE,
	KIND_VECTOR, /* for the hidden AVPs after it */
};

struct avp_class {
	bool known;
	uint8_t kind;
	uint16_t min, max; /* length of the value */
	size_t offset;
};

#define A(member) offsetof(struct l2tp_avps, member)
#define CLASS(symbol, kind, min, max, offset) [L2TP_AVP_##symbol] = { true, kind, min, max, offset }
#define NUMBER16(symbol, member) CLASS(symbol, KIND_U16, 2, 2, A(member))
#define NUMBER32(symbol, member) CLASS(symbol, KIND_U32, 4, 4, A(member))
#define BYTES(symbol, member, min) CLASS(symbol, KIND_BYTES, min, VALUE_MAX, A(member))

static const struct avp_class classes[] = {
	CLASS(MESSAGE, KIND_MESSAGE, 2, 2, 0),
	CLASS(RESULT, KIND_RESULT, 2, VALUE_MAX, 0),
	NUMBER16(VERSION, version),
	NUMBER32(FRAMING_CAPABILITIES, framing_capabilities),
	NUMBER32(BEARER_CAPABILITIES, bearer_capabilities),
	CLASS(TIE_BREAKER, KIND_U64, 8, 8, A(tie_breaker)),
	NUMBER16(FIRMWARE, firmware),
	BYTES(HOSTNAME, hostname, 0),
	BYTES(VENDOR, vendor, 0),
	NUMBER16(TUNNEL_ID, tunnel_id),
	NUMBER16(WINDOW, window),
	BYTES(CHALLENGE, challenge, 1),
	CLASS(Q931_CAUSE, KIND_U16, 3, VALUE_MAX, A(q931_cause)),
	CLASS(RESPONSE, KIND_BYTES, L2TP_RESPONSE_LEN, L2TP_RESPONSE_LEN, A(response)),
	NUMBER16(SESSION_ID, session_id),
	NUMBER32(CALL_SERIAL, call_serial),
	NUMBER32(MIN_BPS, min_bps),
	NUMBER32(MAX_BPS, max_bps),
	NUMBER32(BEARER_TYPE, bearer_type),
	NUMBER32(FRAMING_TYPE, framing_type),
	BYTES(CALLED_NUMBER, called, 0),
	BYTES(CALLING_NUMBER, calling, 0),
	BYTES(SUB_ADDRESS, sub_address, 0),
	NUMBER32(TX_SPEED, tx_speed),
	NUMBER32(CHANNEL, channel),
	BYTES(INITIAL_LCP, initial_lcp, 0),
	BYTES(SENT_LCP, sent_lcp, 0),
	BYTES(RECEIVED_LCP, received_lcp, 0),
	NUMBER16(PROXY_TYPE, proxy_type),
	BYTES(PROXY_NAME, proxy_name, 0),
	BYTES(PROXY_CHALLENGE, proxy_challenge, 0),
	NUMBER16(PROXY_ID, proxy_id),
	BYTES(PROXY_RESPONSE, proxy_response, 0),
	CLASS(CALL_ERRORS, KIND_BYTES, 26, 26, A(call_errors)),
	CLASS(ACCM, KIND_BYTES, 10, 10, A(accm)),
	CLASS(RANDOM_VECTOR, KIND_VECTOR, 1, VALUE_MAX, 0),
	BYTES(PRIVATE_GROUP, private_group, 0),
	NUMBER32(RX_SPEED, rx_speed),
	CLASS(SEQUENCING, KIND_NONE, 0, 0, 0),
	CLASS(PPP_CAUSE, KIND_PPP_CAUSE, 5, VALUE_MAX, 0),
};

static const char *const message_names[] = {
	[L2TP_SCCRQ] = "SCCRQ", [L2TP_SCCRP] = "SCCRP",     [L2TP_SCCCN] = "SCCCN",
	[L2TP_HELLO] = "HELLO", [L2TP_STOPCCN] = "StopCCN", [L2TP_OCRQ] = "OCRQ",
	[L2TP_OCRP] = "OCRP",   [L2TP_OCCN] = "OCCN",       [L2TP_ICRQ] = "ICRQ",
	[L2TP_ICRP] = "ICRP",   [L2TP_ICCN] = "ICCN",       [L2TP_CDN] = "CDN",
	[L2TP_WEN] = "WEN",     [L2TP_SLI] = "SLI",
};

const char *l2tp_message_name(uint16_t message)
{
	const char *name = NULL;

	if (message < sizeof(message_names) / sizeof(message_names[0]))
		name = message_names[message];
	return name ? name : "message";
}

/* ---- secrets ---- */

struct part {
	const void *p;
	size_t len;
};

static void md5(const struct part *parts, int n, uint8_t out[MD5_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_md5(), NULL);

	for (int i = 0; i < n; i++)
		ok = ok && EVP_DigestUpdate(ctx, parts[i].p, parts[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
	if (!ok) /* a digest that others could guess must not pass for an answer */
		abort();
}

void l2tp_response(enum l2tp_message message, const char *secret, struct buf challenge,
		   uint8_t out[L2TP_RESPONSE_LEN])
{
	uint8_t type = (uint8_t)message;
	const struct part parts[] = {
		{ &type, 1 },
		{ secret, strlen(secret) },
		{ challenge.p, challenge.len },
	};

	md5(parts, 3, out);
}

static void first_pad(uint16_t type, const char *secret, struct buf vector, uint8_t pad[MD5_LEN])
{
	const uint8_t attribute[2] = { (uint8_t)(type >> 8), (uint8_t)type };
	const struct part parts[] = {
		{ attribute, sizeof(attribute) },
		{ secret, strlen(secret) },
		{ vector.p, vector.len },
	};

	md5(parts, 3, pad);
}

/* Each pad but the first depends on the hidden block before it. */
static void hide_blocks(uint16_t type, const char *secret, struct buf vector, uint8_t *octets,
			size_t n, bool hide)
{
	uint8_t pad[MD5_LEN], hidden[MD5_LEN];

	first_pad(type, secret, vector, pad);
	for (size_t at = 0; at < n; at += MD5_LEN) {
		size_t len = n - at < MD5_LEN ? n - at : MD5_LEN;
		const struct part parts[] = {
			{ secret, strlen(secret) },
			{ hidden, len },
		};

		memcpy(hidden, octets + at, len);
		for (size_t i = 0; i < len; i++)
			octets[at + i] ^= pad[i];
		if (hide)
			memcpy(hidden, octets + at, len);
		md5(parts, 2, pad);
	}
	explicit_bzero(pad, sizeof(pad));
}

void l2tp_hide(uint16_t type, const char *secret, struct buf vector, uint8_t *octets, size_t n)
{
	hide_blocks(type, secret, vector, octets, n, true);
}

void l2tp_unhide(uint16_t type, const char *secret, struct buf vector, uint8_t *octets, size_t n)
{
	hide_blocks(type, secret, vector, octets, n, false);
}

/* ---- reading ---- */

struct parser {
	struct l2tp_avps *avps;
	const char *secret;
	struct buf vector; /* the last Random Vector; p NULL: none yet */
};

/* One AVP as it stands there. */
struct avp {
	uint16_t flags, vendor, type;
	struct buf value;
};

static int avp_next(struct buf *payload, struct avp *avp)
{
	uint16_t bits, length;

	if (buf_u16(payload, &bits) || buf_u16(payload, &avp->vendor) ||
	    buf_u16(payload, &avp->type))
		return -EBADMSG;
	length = bits & LENGTH_MASK;
	avp->flags = bits & (uint16_t)~LENGTH_MASK;
	if (length < AVP_HEADER || buf_take(payload, length - AVP_HEADER, &avp->value))
		return -EBADMSG;
	return 0;
}

/* The first problem is the one that is told. */
static void problem(struct l2tp_avps *avps, enum l2tp_problem which, uint16_t type)
{
	if (avps->problem != L2TP_PROBLEM_NONE)
		return;
	avps->problem = which;
	avps->problem_type = type;
}

/* RFC 2661 4.3: the hidden value is its length, the value, and padding. */
static int avp_unhide(struct parser *p, struct avp *avp)
{
	struct l2tp_avps *avps = p->avps;
	uint8_t *clear = avps->clear + avps->clear_len;
	size_t n = avp->value.len;
	struct buf value;
	uint16_t len;

	if (!p->secret || !p->vector.p)
		return -ENOKEY;
	if (n < 2 || n > sizeof(avps->clear) - avps->clear_len)
		return -EBADMSG;
	memcpy(clear, avp->value.p, n);
	avps->clear_len += n;
	l2tp_unhide(avp->type, p->secret, p->vector, clear, n);
	value = buf_of(clear, n);
	if (buf_u16(&value, &len) || buf_take(&value, len, &avp->value))
		return -EBADMSG;
	return 0;
}

static void result_keep(struct l2tp_avps *avps, struct buf value)
{
	buf_u16(&value, &avps->result);
	if (buf_u16(&value, &avps->error) == 0)
		avps->result_text = value;
}

static void ppp_cause_keep(struct l2tp_avps *avps, struct buf value)
{
	buf_u16(&value, &avps->ppp_cause.code);
	buf_u16(&value, &avps->ppp_cause.protocol);
	buf_u8(&value, &avps->ppp_cause.direction);
	avps->ppp_cause.message = value;
}

static void u64_keep(uint64_t *to, struct buf value)
{
	uint32_t high = 0, low = 0;

	buf_u32(&value, &high);
	buf_u32(&value, &low);
	*to = (uint64_t)high << 32 | low;
}

static void value_keep(struct parser *p, const struct avp_class *class, const struct avp *avp)
{
	void *member = (char *)p->avps + class->offset;
	struct buf value = avp->value;

	switch (class->kind) {
	case KIND_U16:
		buf_u16(&value, member);
		break;
	case KIND_U32:
		buf_u32(&value, member);
		break;
	case KIND_U64:
		u64_keep(member, value);
		break;
	case KIND_BYTES:
		*(struct buf *)member = value;
		break;
	case KIND_RESULT:
		result_keep(p->avps, value);
		break;
	case KIND_PPP_CAUSE:
		ppp_cause_keep(p->avps, value);
		break;
	default:
		break;
	}
}

static const struct avp_class *class_of(const struct avp *avp)
{
	/* RFC 2661 4.1: reserved bits make it one that is not known */
	if (avp->vendor != 0 || (avp->flags & FLAGS_RESERVED) ||
	    avp->type >= sizeof(classes) / sizeof(classes[0]) || !classes[avp->type].known)
		return NULL;
	return &classes[avp->type];
}

static void avp_take(struct parser *p, struct avp *avp)
{
	const struct avp_class *class = class_of(avp);
	bool mandatory = avp->flags & FLAG_MANDATORY;
	int r = 0;

	if (!class) {
		if (mandatory)
			problem(p->avps, L2TP_PROBLEM_UNKNOWN, avp->type);
		return;
	}
	if (avp->flags & FLAG_HIDDEN)
		r = class->kind == KIND_VECTOR ? -EBADMSG : avp_unhide(p, avp);
	if (r == -ENOKEY) {
		/* like one that is not known; the optional ones are done without */
		if (mandatory)
			problem(p->avps, L2TP_PROBLEM_HIDDEN, avp->type);
		return;
	}
	if (r || avp->value.len < class->min || avp->value.len > class->max) {
		if (mandatory)
			problem(p->avps, L2TP_PROBLEM_LENGTH, avp->type);
		return;
	}
	/* a vector counts for what follows it, so each one takes the place of the last */
	if (class->kind == KIND_VECTOR)
		p->vector = avp->value;
	else if (!l2tp_avp_present(p->avps, avp->type))
		value_keep(p, class, avp);
	p->avps->present |= UINT64_C(1) << avp->type;
}

/* RFC 2661 4.4.1: it comes first and is never hidden. */
static int message_take(struct buf *payload, struct l2tp_avps *avps)
{
	struct avp avp;

	if (avp_next(payload, &avp) || avp.vendor != 0 || avp.type != L2TP_AVP_MESSAGE ||
	    (avp.flags & (FLAG_HIDDEN | FLAGS_RESERVED)) || avp.value.len != 2)
		return -EBADMSG;
	buf_u16(&avp.value, &avps->message);
	avps->message_mandatory = avp.flags & FLAG_MANDATORY;
	avps->present = UINT64_C(1) << L2TP_AVP_MESSAGE;
	return 0;
}

int l2tp_avps_parse(struct buf payload, const char *secret, struct l2tp_avps *avps)
{
	struct parser p = { .avps = avps, .secret = secret };
	struct avp avp;

	memset(avps, 0, offsetof(struct l2tp_avps, clear));
	avps->clear_len = 0;
	if (message_take(&payload, avps))
		return -EBADMSG;
	while (payload.len > 0) {
		if (avp_next(&payload, &avp))
			return -EBADMSG;
		avp_take(&p, &avp);
	}
	return 0;
}

static bool is_secret(const struct avp *avp)
{
	return (avp->flags & FLAG_HIDDEN) || avp->type == L2TP_AVP_RESPONSE ||
	       avp->type == L2TP_AVP_PROXY_RESPONSE;
}

void l2tp_avps_veil(struct buf payload, size_t at, struct dump_veil *veil)
{
	const size_t end = at + payload.len;
	struct avp avp;

	while (payload.len > 0) {
		size_t left = payload.len;

		if (avp_next(&payload, &avp)) {
			dump_veil_put(veil, end - left, left);
			return;
		}
		if (is_secret(&avp))
			dump_veil_put(veil, end - payload.len - avp.value.len, avp.value.len);
	}
}

void l2tp_avps_wipe(struct l2tp_avps *avps)
{
	explicit_bzero(avps->clear, avps->clear_len);
	avps->clear_len = 0;
}

/* ---- composing ---- */

void l2tp_avp_put(struct wbuf *w, enum l2tp_avp type, bool mandatory, const void *value, size_t len)
{
	if (len > VALUE_MAX) {
		w->overflow = true;
		return;
	}
	wbuf_u16(w, (uint16_t)((mandatory ? FLAG_MANDATORY : 0) | (AVP_HEADER + len)));
	wbuf_u16(w, 0);
	wbuf_u16(w, (uint16_t)type);
	wbuf_put(w, value, len);
}

void l2tp_avp_put_u16(struct wbuf *w, enum l2tp_avp type, uint16_t value)
{
	const uint8_t octets[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	l2tp_avp_put(w, type, true, octets, sizeof(octets));
}

void l2tp_avp_put_u32(struct wbuf *w, enum l2tp_avp type, uint32_t value)
{
	const uint8_t octets[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
				    (uint8_t)(value >> 8), (uint8_t)value };

	l2tp_avp_put(w, type, true, octets, sizeof(octets));
}

void l2tp_avp_put_message(struct wbuf *w, enum l2tp_message message)
{
	l2tp_avp_put_u16(w, L2TP_AVP_MESSAGE, (uint16_t)message);
}

void l2tp_avp_put_result(struct wbuf *w, uint16_t result, uint16_t error, const char *text)
{
	uint8_t octets[4 + 128];
	struct wbuf value = wbuf_of(octets, sizeof(octets));

	wbuf_u16(&value, result);
	if (error || text)
		wbuf_u16(&value, error);
	if (text)
		wbuf_put(&value, text, strlen(text));
	l2tp_avp_put(w, L2TP_AVP_RESULT, true, octets, value.len);
}

void l2tp_avp_put_ppp_cause(struct wbuf *w, uint16_t code, uint16_t protocol, uint8_t direction)
{
	const uint8_t octets[5] = { (uint8_t)(code >> 8), (uint8_t)code, (uint8_t)(protocol >> 8),
				    (uint8_t)protocol, direction };

	l2tp_avp_put(w, L2TP_AVP_PPP_CAUSE, false, octets, sizeof(octets));
}
