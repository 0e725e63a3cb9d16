/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/pppoe/pppoe_cookie.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define KEY_LEN 32
#define MAC_LEN 16 /* of the HMAC's 32 bytes */
#define FIELDS_LEN (PPPOE_COOKIE_LEN - MAC_LEN)

struct cookie_key {
	EVP_MAC_CTX *hmac; /* holds the key; NULL: none yet */
	uint32_t number;
};

struct pppoe_cookies {
	EVP_MAC *algorithm;
	struct cookie_key key, previous;
	struct mono start, rotated;
	uint64_t serial;
};

struct cookie_fields {
	uint32_t key;
	uint32_t time; /* milliseconds since start; wraps long after its key is gone */
	uint64_t serial;
};

/* The current key becomes the previous one; on failure nothing has changed. */
static int key_rotate(struct pppoe_cookies *c, struct mono now)
{
	OSSL_PARAM params[2] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *hmac = EVP_MAC_CTX_new(c->algorithm);
	uint8_t secret[KEY_LEN];
	int ok;

	if (!hmac)
		return -ENOMEM;
	ok = RAND_bytes(secret, sizeof(secret)) == 1 &&
	     EVP_MAC_init(hmac, secret, sizeof(secret), params);
	OPENSSL_cleanse(secret, sizeof(secret));
	if (!ok) {
		EVP_MAC_CTX_free(hmac);
		return -EIO;
	}
	EVP_MAC_CTX_free(c->previous.hmac);
	c->previous = c->key;
	c->key = (struct cookie_key){ hmac, c->previous.number + 1 };
	c->rotated = now;
	return 0;
}

int pppoe_cookies_new(struct mono now, struct pppoe_cookies **cookies)
{
	struct pppoe_cookies *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->start = now;
	c->algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
	r = c->algorithm ? key_rotate(c, now) : -ENOTSUP;
	if (r) {
		pppoe_cookies_free(c);
		return r;
	}
	*cookies = c;
	return 0;
}

void pppoe_cookies_free(struct pppoe_cookies *cookies)
{
	if (!cookies)
		return;
	EVP_MAC_CTX_free(cookies->key.hmac);
	EVP_MAC_CTX_free(cookies->previous.hmac);
	EVP_MAC_free(cookies->algorithm);
	free(cookies);
}

static int cookie_sign(const struct cookie_key *key, const uint8_t fields[FIELDS_LEN],
		       const struct pppoe_cookie_peer *peer, uint8_t mac[MAC_LEN])
{
	uint8_t text[FIELDS_LEN + ETH_ALEN + 8], full[EVP_MAX_MD_SIZE];
	struct wbuf w = wbuf_of(text, sizeof(text));
	size_t len;

	wbuf_put(&w, fields, FIELDS_LEN);
	wbuf_put(&w, peer->mac, ETH_ALEN);
	wbuf_u32(&w, peer->ifindex);
	wbuf_u16(&w, peer->vid_outer);
	wbuf_u16(&w, peer->vid_inner);
	/* without a key: starts again with the one it has */
	if (!EVP_MAC_init(key->hmac, NULL, 0, NULL) || !EVP_MAC_update(key->hmac, text, w.len) ||
	    !EVP_MAC_final(key->hmac, full, &len, sizeof(full)))
		return -EIO;
	memcpy(mac, full, MAC_LEN);
	return 0;
}

static uint32_t cookie_time(const struct pppoe_cookies *c, struct mono now)
{
	return (uint32_t)mono_elapsed_ms(c->start, now);
}

int pppoe_cookie_make(struct pppoe_cookies *cookies, const struct pppoe_cookie_peer *peer,
		      struct mono now, uint8_t cookie[PPPOE_COOKIE_LEN])
{
	struct wbuf w = wbuf_of(cookie, PPPOE_COOKIE_LEN);
	uint64_t serial = ++cookies->serial;

	/* a failure leaves the old key, which is still good */
	if (mono_elapsed_ms(cookies->rotated, now) >= CLOCK_COOKIE_KEY_MS)
		key_rotate(cookies, now);
	wbuf_u32(&w, cookies->key.number);
	wbuf_u32(&w, cookie_time(cookies, now));
	wbuf_u32(&w, (uint32_t)(serial >> 32));
	wbuf_u32(&w, (uint32_t)serial);
	return cookie_sign(&cookies->key, cookie, peer, cookie + FIELDS_LEN);
}

static int fields_parse(struct buf cookie, struct cookie_fields *fields)
{
	uint32_t high, low;

	if (buf_u32(&cookie, &fields->key) || buf_u32(&cookie, &fields->time) ||
	    buf_u32(&cookie, &high) || buf_u32(&cookie, &low))
		return -ENODATA;
	fields->serial = (uint64_t)high << 32 | low;
	return 0;
}

static const struct cookie_key *key_find(const struct pppoe_cookies *c, uint32_t number)
{
	if (number == c->key.number)
		return &c->key;
	return c->previous.hmac && number == c->previous.number ? &c->previous : NULL;
}

int pppoe_cookie_check(struct pppoe_cookies *cookies, const struct pppoe_cookie_peer *peer,
		       struct mono now, struct buf cookie, uint64_t *serial)
{
	const struct cookie_key *key;
	struct cookie_fields fields;
	uint8_t mac[MAC_LEN];
	uint32_t age;

	if (cookie.len != PPPOE_COOKIE_LEN || fields_parse(cookie, &fields))
		return -EKEYREJECTED;
	key = key_find(cookies, fields.key);
	if (!key || cookie_sign(key, cookie.p, peer, mac) ||
	    CRYPTO_memcmp(mac, cookie.p + FIELDS_LEN, MAC_LEN) != 0)
		return -EKEYREJECTED;
	*serial = fields.serial;
	age = cookie_time(cookies, now) - fields.time;
	return age <= CLOCK_COOKIE_LIFETIME_MS ? 0 : -EKEYEXPIRED;
}

uint32_t pppoe_cookie_age_ms(const struct pppoe_cookies *cookies, struct mono now,
			     struct buf cookie)
{
	struct cookie_fields fields;

	return fields_parse(cookie, &fields) ? 0 : cookie_time(cookies, now) - fields.time;
}
