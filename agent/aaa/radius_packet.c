/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "aaa/radius_packet.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define DIGEST 16
#define AUTHENTICATOR_AT 4
#define LENGTH_AT 2
#define ATTR_HEADER 2
#define SALT 2

static const char *const bad_names[RADIUS_BADS] = {
	[RADIUS_GOOD] = "good",
	[RADIUS_BAD_ADDRESS] = "bad-address",
	[RADIUS_BAD_LENGTH] = "bad-length",
	[RADIUS_BAD_ATTRIBUTE] = "bad-attribute",
	[RADIUS_BAD_CODE] = "bad-code",
	[RADIUS_BAD_UNASKED] = "unasked",
	[RADIUS_BAD_AUTHENTICATOR] = "bad-authenticator",
	[RADIUS_BAD_MESSAGE_AUTHENTICATOR] = "bad-message-authenticator",
	[RADIUS_NO_MESSAGE_AUTHENTICATOR] = "no-message-authenticator",
};

const char *radius_bad_name(enum radius_bad bad)
{
	return bad_names[bad];
}

/* ---- digests: if there is none, its place is filled at random, which no peer will take ---- */

static void fill_random(uint8_t out[DIGEST])
{
	if (getrandom(out, DIGEST, 0) != DIGEST)
		abort();
}

struct piece {
	const void *p;
	size_t len;
};

static void md5(const struct piece *pieces, size_t n, uint8_t out[DIGEST])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_md5(), NULL);
	size_t i;

	for (i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, pieces[i].p, pieces[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
	if (!ok)
		fill_random(out);
}

static void md5_with_secret(const uint8_t *packet, size_t len, const char *secret,
			    uint8_t out[DIGEST])
{
	struct piece pieces[] = { { packet, len }, { secret, strlen(secret) } };

	md5(pieces, 2, out);
}

static void hmac_md5(const uint8_t *packet, size_t len, const char *secret, uint8_t out[DIGEST])
{
	unsigned int size = DIGEST;

	if (!HMAC(EVP_md5(), secret, (int)strlen(secret), packet, len, out, &size))
		fill_random(out);
}

/* ---- composing ---- */

static void put_header(struct wbuf *w, uint32_t vendor, uint8_t type, size_t len)
{
	if (vendor) {
		wbuf_u8(w, RADIUS_VENDOR_SPECIFIC);
		wbuf_u8(w, (uint8_t)(ATTR_HEADER + 4 + ATTR_HEADER + len));
		wbuf_u32(w, vendor);
	}
	wbuf_u8(w, type);
	wbuf_u8(w, (uint8_t)(ATTR_HEADER + len));
}

int radius_put(struct radius_attrs *attrs, uint32_t vendor, uint8_t type, const void *value,
	       size_t len)
{
	struct wbuf w = { attrs->data, attrs->len, attrs->cap, attrs->overflow };
	bool is_password = !vendor && type == RADIUS_USER_PASSWORD;
	size_t most = vendor        ? RADIUS_VENDOR_VALUE_MAX
		      : is_password ? RADIUS_PASSWORD_MAX
				    : RADIUS_VALUE_MAX;

	if (len == 0 && !is_password)
		return 0;
	if (len > most) {
		attrs->overflow = true;
		return -EMSGSIZE;
	}
	put_header(&w, vendor, type, len);
	wbuf_put(&w, value, len);
	attrs->overflow = w.overflow;
	if (w.overflow)
		return -EMSGSIZE;
	attrs->len = w.len;
	return 0;
}

int radius_put_u32(struct radius_attrs *attrs, uint32_t vendor, uint8_t type, uint32_t value)
{
	uint32_t wire = htonl(value);

	return radius_put(attrs, vendor, type, &wire, sizeof(wire));
}

int radius_put_string(struct radius_attrs *attrs, uint32_t vendor, uint8_t type, const char *text)
{
	return text ? radius_put(attrs, vendor, type, text, strlen(text)) : 0;
}

int radius_put_addr(struct radius_attrs *attrs, uint32_t vendor, uint8_t type, struct in_addr addr)
{
	return radius_put(attrs, vendor, type, &addr, sizeof(addr));
}

int radius_put_addr6(struct radius_attrs *attrs, uint32_t vendor, uint8_t type,
		     const struct in6_addr *addr)
{
	return radius_put(attrs, vendor, type, addr, sizeof(*addr));
}

int radius_put_eap(struct radius_attrs *attrs, const void *eap, size_t len)
{
	struct buf rest = buf_of(eap, len), part;
	int r = 0;

	while (rest.len > 0 && r == 0) {
		buf_take(&rest, rest.len < RADIUS_VALUE_MAX ? rest.len : RADIUS_VALUE_MAX, &part);
		r = radius_put(attrs, 0, RADIUS_EAP_MESSAGE, part.p, part.len);
	}
	return r;
}

/* RFC 2865 5.2: each block is covered by the digest of secret and the block before. */
static int put_password(struct wbuf *w, struct buf password, const char *secret,
			const uint8_t authenticator[DIGEST])
{
	uint8_t clear[RADIUS_PASSWORD_MAX] = { 0 }, cover[DIGEST];
	struct piece pieces[] = { { secret, strlen(secret) }, { authenticator, DIGEST } };
	size_t len = password.len ? (password.len + DIGEST - 1) / DIGEST * DIGEST : DIGEST, i;

	if (password.len > sizeof(clear))
		return -EINVAL;
	memcpy(clear, password.p, password.len);
	for (i = 0; i < len; i++) {
		if (i % DIGEST == 0) {
			md5(pieces, 2, cover);
			pieces[1].p = clear + i;
		}
		clear[i] ^= cover[i % DIGEST];
	}
	put_header(w, 0, RADIUS_USER_PASSWORD, len);
	wbuf_put(w, clear, len);
	explicit_bzero(cover, sizeof(cover));
	return 0;
}

static int put_attrs(struct wbuf *w, const struct radius_attrs *attrs, const char *secret,
		     const uint8_t authenticator[DIGEST])
{
	struct buf rest = buf_of(attrs->data, attrs->len), value;
	uint8_t type, len;
	int r = 0;

	while (r == 0 && buf_u8(&rest, &type) == 0) {
		if (buf_u8(&rest, &len) < 0 || len < ATTR_HEADER ||
		    buf_take(&rest, len - ATTR_HEADER, &value) < 0)
			return -EINVAL;
		if (type == RADIUS_USER_PASSWORD) {
			r = put_password(w, value, secret, authenticator);
		} else {
			put_header(w, 0, type, value.len);
			wbuf_put(w, value.p, value.len);
		}
	}
	return r;
}

static void put_start(struct wbuf *w, uint8_t code, uint8_t id, const uint8_t authenticator[DIGEST],
		      bool sign)
{
	static const uint8_t none[DIGEST];

	wbuf_u8(w, code);
	wbuf_u8(w, id);
	wbuf_u16(w, 0);
	wbuf_put(w, authenticator, DIGEST);
	if (sign) {
		put_header(w, 0, RADIUS_MESSAGE_AUTHENTICATOR, DIGEST);
		wbuf_put(w, none, DIGEST);
	}
}

/* What put_start() left open. */
static void sign_message(struct wbuf *w, const char *secret)
{
	uint8_t digest[DIGEST];

	hmac_md5(w->base, w->len, secret, digest);
	memcpy(w->base + RADIUS_HEADER + ATTR_HEADER, digest, DIGEST);
}

static void put_delay(struct wbuf *w, time_t event, time_t now)
{
	time_t delay = now > event ? now - event : 0;

	put_header(w, 0, RADIUS_ACCT_DELAY_TIME, sizeof(uint32_t));
	wbuf_u32(w, delay > UINT32_MAX ? UINT32_MAX : (uint32_t)delay);
}

int radius_finish(const struct radius_attrs *attrs, uint8_t code, uint8_t id, const char *secret,
		  time_t now, uint8_t authenticator[RADIUS_AUTHENTICATOR], uint8_t out[RADIUS_MAX])
{
	static const uint8_t none[DIGEST];
	bool given = code == RADIUS_ACCESS_REQUEST || code == RADIUS_STATUS_SERVER;
	struct wbuf w = wbuf_of(out, RADIUS_MAX);
	int r;

	put_start(&w, code, id, given ? authenticator : none, given);
	r = attrs->overflow ? -EMSGSIZE : put_attrs(&w, attrs, secret, authenticator);
	if (r < 0)
		return r;
	if (code == RADIUS_ACCOUNTING_REQUEST && attrs->event)
		put_delay(&w, attrs->event, now);
	wbuf_patch_u16(&w, LENGTH_AT, (uint16_t)w.len);
	if (w.overflow)
		return -EMSGSIZE;
	if (given) {
		sign_message(&w, secret);
	} else {
		md5_with_secret(w.base, w.len, secret, authenticator);
		memcpy(w.base + AUTHENTICATOR_AT, authenticator, DIGEST);
	}
	return (int)w.len;
}

int radius_finish_reply(const struct radius_attrs *attrs, uint8_t code, const char *secret,
			struct buf request, uint8_t out[RADIUS_MAX])
{
	struct wbuf w = wbuf_of(out, RADIUS_MAX);
	struct radius_packet packet;
	struct buf signature;
	uint8_t digest[DIGEST];
	bool sign;

	if (radius_parse(request, &packet) != RADIUS_GOOD)
		return -EINVAL;
	sign = radius_find(packet.attrs, 0, RADIUS_MESSAGE_AUTHENTICATOR, &signature);
	put_start(&w, code, packet.id, packet.authenticator, sign);
	wbuf_put(&w, attrs->data, attrs->len);
	wbuf_patch_u16(&w, LENGTH_AT, (uint16_t)w.len);
	if (w.overflow || attrs->overflow)
		return -EMSGSIZE;
	if (sign)
		sign_message(&w, secret);
	md5_with_secret(w.base, w.len, secret, digest);
	memcpy(w.base + AUTHENTICATOR_AT, digest, DIGEST);
	return (int)w.len;
}

/* ---- checking ---- */

/* Attributes fill it exactly. */
static bool well_formed(struct buf attrs)
{
	uint8_t type, len;

	while (buf_u8(&attrs, &type) == 0)
		if (buf_u8(&attrs, &len) < 0 || len < ATTR_HEADER ||
		    buf_skip(&attrs, len - ATTR_HEADER) < 0)
			return false;
	return true;
}

enum radius_bad radius_parse(struct buf datagram, struct radius_packet *packet)
{
	struct buf b = datagram, part;
	struct radius_packet p;
	uint16_t len;

	if (datagram.len > RADIUS_MAX || buf_u8(&b, &p.code) < 0 || buf_u8(&b, &p.id) < 0 ||
	    buf_u16(&b, &len) < 0 || buf_take(&b, DIGEST, &part) < 0 || len < RADIUS_HEADER ||
	    buf_take(&datagram, len, &p.whole) < 0)
		return RADIUS_BAD_LENGTH;
	p.authenticator = part.p;
	buf_take(&b, len - RADIUS_HEADER, &p.attrs);
	if (!well_formed(p.attrs))
		return RADIUS_BAD_ATTRIBUTE;
	*packet = p;
	return RADIUS_GOOD;
}

/* Compares the Message-Authenticator with the one of `copy`, the packet with the authenticator
 * that it was computed with. */
static enum radius_bad verify_message(const struct radius_packet *packet, uint8_t *copy,
				      const char *secret, bool demanded)
{
	struct radius_walk walk = radius_walk_of(packet->attrs);
	const uint8_t *found = NULL;
	struct radius_attr attr;
	uint8_t digest[DIGEST];

	while (radius_next(&walk, &attr)) {
		if (attr.vendor == 0 && attr.type == RADIUS_EAP_MESSAGE)
			demanded = true;
		if (attr.vendor || attr.type != RADIUS_MESSAGE_AUTHENTICATOR)
			continue;
		if (found || attr.value.len != DIGEST)
			return RADIUS_BAD_MESSAGE_AUTHENTICATOR;
		found = attr.value.p;
	}
	if (!found)
		return demanded ? RADIUS_NO_MESSAGE_AUTHENTICATOR : RADIUS_GOOD;
	memset(copy + (found - packet->whole.p), 0, DIGEST);
	hmac_md5(copy, packet->whole.len, secret, digest);
	return CRYPTO_memcmp(digest, found, DIGEST) == 0 ? RADIUS_GOOD
							 : RADIUS_BAD_MESSAGE_AUTHENTICATOR;
}

/* with: the authenticator that both digests are computed with. */
static enum radius_bad verify(const struct radius_packet *packet, const char *secret,
			      const uint8_t with[DIGEST], bool demanded)
{
	uint8_t copy[RADIUS_MAX], digest[DIGEST];

	memcpy(copy, packet->whole.p, packet->whole.len);
	memcpy(copy + AUTHENTICATOR_AT, with, DIGEST);
	md5_with_secret(copy, packet->whole.len, secret, digest);
	if (CRYPTO_memcmp(digest, packet->authenticator, DIGEST) != 0)
		return RADIUS_BAD_AUTHENTICATOR;
	return verify_message(packet, copy, secret, demanded);
}

enum radius_bad radius_verify_reply(const struct radius_packet *reply, const char *secret,
				    const uint8_t request[RADIUS_AUTHENTICATOR], bool demanded)
{
	return verify(reply, secret, request, demanded);
}

enum radius_bad radius_verify_request(const struct radius_packet *request, const char *secret,
				      bool demanded)
{
	static const uint8_t none[DIGEST];

	return verify(request, secret, none, demanded);
}

/* ---- walking ---- */

static bool next_attr(struct buf *rest, uint8_t *type, struct buf *value)
{
	uint8_t len;

	return buf_u8(rest, type) == 0 && buf_u8(rest, &len) == 0 && len >= ATTR_HEADER &&
	       buf_take(rest, len - ATTR_HEADER, value) == 0;
}

static bool unfold(struct radius_walk *walk, struct buf value)
{
	uint32_t vendor;

	if (buf_u32(&value, &vendor) < 0 || vendor == 0 || value.len == 0 || !well_formed(value))
		return false;
	walk->vendor = vendor;
	walk->inside = value;
	return true;
}

bool radius_next(struct radius_walk *walk, struct radius_attr *attr)
{
	struct radius_attr found = { 0 };

	while (walk->inside.len == 0) {
		if (!next_attr(&walk->rest, &found.type, &found.value))
			return false;
		if (found.type != RADIUS_VENDOR_SPECIFIC || !unfold(walk, found.value)) {
			*attr = found;
			return true;
		}
	}
	found.vendor = walk->vendor;
	if (!next_attr(&walk->inside, &found.type, &found.value))
		return false;
	*attr = found;
	return true;
}

bool radius_find(struct buf attrs, uint32_t vendor, uint8_t type, struct buf *value)
{
	struct radius_walk walk = radius_walk_of(attrs);
	struct radius_attr attr;

	while (radius_next(&walk, &attr)) {
		if (attr.vendor == vendor && attr.type == type) {
			*value = attr.value;
			return true;
		}
	}
	return false;
}

int radius_join(struct buf attrs, uint32_t vendor, uint8_t type, uint8_t *out, size_t cap)
{
	struct radius_walk walk = radius_walk_of(attrs);
	struct wbuf w = wbuf_of(out, cap);
	struct radius_attr attr;

	while (radius_next(&walk, &attr))
		if (attr.vendor == vendor && attr.type == type)
			wbuf_put(&w, attr.value.p, attr.value.len);
	return w.overflow ? -EMSGSIZE : (int)w.len;
}

/* RFC 2548 2.4.2: like a password, but the first digest covers the salt too, and what it hides
 * begins with its length. */
int radius_unhide_mppe_key(struct buf value, const char *secret,
			   const uint8_t request[RADIUS_AUTHENTICATOR],
			   uint8_t key[RADIUS_MPPE_KEY_MAX], size_t *len)
{
	uint8_t clear[RADIUS_VENDOR_VALUE_MAX], cover[DIGEST];
	struct buf salt, hidden = value;
	struct piece pieces[3] = { { secret, strlen(secret) }, { request, DIGEST } };
	size_t i, n = 2;
	int r = -EBADMSG;

	if (buf_take(&hidden, SALT, &salt) < 0 || hidden.len == 0 || hidden.len % DIGEST != 0 ||
	    hidden.len > sizeof(clear))
		return -EBADMSG;
	pieces[n++] = (struct piece){ salt.p, salt.len };
	for (i = 0; i < hidden.len; i++) {
		if (i % DIGEST == 0) {
			md5(pieces, n, cover);
			pieces[1].p = hidden.p + i;
			n = 2;
		}
		clear[i] = hidden.p[i] ^ cover[i % DIGEST];
	}
	if (clear[0] > 0 && clear[0] <= RADIUS_MPPE_KEY_MAX && clear[0] < hidden.len) {
		memcpy(key, clear + 1, clear[0]);
		*len = clear[0];
		r = 0;
	}
	explicit_bzero(clear, sizeof(clear));
	explicit_bzero(cover, sizeof(cover));
	return r;
}
