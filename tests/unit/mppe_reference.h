/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MPPE once more, as RFC 3078 and 3079 write it down, with OpenSSL's RC4 and SHA-1: what the
 * project's own is compared with. A peer sends or receives the way the RFC says, or as Linux'
 * pppd does, which also changes the key when it begins anew.
 */
#ifndef XPPPD_TESTS_MPPE_REFERENCE_H
#define XPPPD_TESTS_MPPE_REFERENCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

struct reference {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *legacy, *standard;
	EVP_CIPHER *rc4;
	EVP_MD *sha1;
};

enum peer_kind { PEER_RFC, PEER_LINUX };

struct peer {
	const struct reference *reference;
	enum peer_kind kind;
	unsigned int bits; /* 40, 56, 128 */
	bool stateful, lost, flush;
	size_t key_len;
	uint8_t start[16], key[16];
	unsigned int count;
	EVP_CIPHER_CTX *stream;
};

static inline void reference_open(struct reference *r)
{
	r->lib = OSSL_LIB_CTX_new();
	r->legacy = OSSL_PROVIDER_load(r->lib, "legacy");
	r->standard = OSSL_PROVIDER_load(r->lib, "default");
	r->rc4 = EVP_CIPHER_fetch(r->lib, "RC4", NULL);
	r->sha1 = EVP_MD_fetch(r->lib, "SHA1", NULL);
	assert_non_null(r->rc4);
	assert_non_null(r->sha1);
}

static inline void reference_close(struct reference *r)
{
	EVP_CIPHER_free(r->rc4);
	EVP_MD_free(r->sha1);
	OSSL_PROVIDER_unload(r->legacy);
	OSSL_PROVIDER_unload(r->standard);
	OSSL_LIB_CTX_free(r->lib);
}

static inline void stream_begin(EVP_CIPHER_CTX *stream, const struct reference *r,
				const uint8_t *key, size_t key_len)
{
	assert_int_equal(EVP_EncryptInit_ex(stream, r->rc4, NULL, NULL, NULL), 1);
	assert_int_equal(EVP_CIPHER_CTX_set_key_length(stream, (int)key_len), 1);
	assert_int_equal(EVP_EncryptInit_ex(stream, NULL, NULL, key, NULL), 1);
}

static inline void stream_crypt(EVP_CIPHER_CTX *stream, const uint8_t *in, size_t len, uint8_t *out)
{
	int done;

	if (len)
		assert_int_equal(EVP_EncryptUpdate(stream, out, &done, in, (int)len), 1);
}

/* GetNewKeyFromSHA, RFC 3079 3.3 */
static inline void peer_mix(const struct peer *p, const uint8_t *key, uint8_t out[16])
{
	static const uint8_t pad1[40];
	uint8_t pad2[40], digest[20];
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	memset(pad2, 0xf2, sizeof(pad2));
	EVP_DigestInit_ex(md, p->reference->sha1, NULL);
	EVP_DigestUpdate(md, p->start, p->key_len);
	EVP_DigestUpdate(md, pad1, sizeof(pad1));
	EVP_DigestUpdate(md, key, p->key_len);
	EVP_DigestUpdate(md, pad2, sizeof(pad2));
	EVP_DigestFinal_ex(md, digest, NULL);
	EVP_MD_CTX_free(md);
	memcpy(out, digest, p->key_len);
}

static inline void peer_reduce(struct peer *p)
{
	static const uint8_t known[] = { 0xd1, 0x26, 0x9e };

	if (p->bits != 128)
		memcpy(p->key, known, p->bits == 40 ? 3 : 1);
}

/* RFC 3078 7.3 */
static inline void peer_change_key(struct peer *p)
{
	uint8_t mix[16];

	peer_mix(p, p->key, mix);
	stream_begin(p->stream, p->reference, mix, p->key_len);
	stream_crypt(p->stream, mix, p->key_len, p->key);
	peer_reduce(p);
}

static inline void peer_use_key(struct peer *p)
{
	stream_begin(p->stream, p->reference, p->key, p->key_len);
}

static inline void peer_open(struct peer *p, const struct reference *r, enum peer_kind kind,
			     unsigned int bits, bool stateful, const uint8_t start[16])
{
	memset(p, 0, sizeof(*p));
	p->reference = r;
	p->kind = kind;
	p->bits = bits;
	p->stateful = stateful;
	p->key_len = bits == 128 ? 16 : 8;
	p->count = 0xfff;
	p->stream = EVP_CIPHER_CTX_new();
	memcpy(p->start, start, p->key_len);
	peer_mix(p, p->start, p->key);
	peer_reduce(p);
	peer_use_key(p);
}

static inline void peer_close(struct peer *p)
{
	EVP_CIPHER_CTX_free(p->stream);
}

/* out: two bytes more than in; p->flush: a Reset-Request came. */
static inline void peer_send(struct peer *p, const uint8_t *in, size_t len, uint8_t *out)
{
	bool change, anew;

	p->count = (p->count + 1) % 4096;
	change = !p->stateful || p->count % 256 == 255 || (p->flush && p->kind == PEER_LINUX);
	anew = change || p->flush;
	p->flush = false;
	if (change)
		peer_change_key(p);
	if (anew)
		peer_use_key(p);
	out[0] = (anew ? 0x90 : 0x10) | p->count >> 8;
	out[1] = p->count & 255;
	stream_crypt(p->stream, in, len, out + 2);
}

/* Of a packet with this count and flushed bit; false: not accepted, p->lost says for how long. */
static inline bool peer_take(struct peer *p, unsigned int count, bool flushed)
{
	unsigned int expected = (p->count + 1) % 4096;

	if (!p->stateful) {
		while (p->count != count) {
			peer_change_key(p);
			p->count = (p->count + 1) % 4096;
		}
		peer_use_key(p);
		return flushed;
	}
	/* Linux does not look at the flushed bit of the packet that shows the loss */
	if (count != expected && (p->kind == PEER_LINUX ? !p->lost : !flushed)) {
		if (!p->lost && p->kind == PEER_LINUX)
			p->count = expected;
		p->lost = true;
		return false;
	}
	if (p->lost && !flushed)
		return false;
	if (p->lost && p->kind == PEER_LINUX)
		expected = p->count;
	for (unsigned int at = expected; at / 256 != count / 256; at = (at + 256) % 4096)
		peer_change_key(p);
	if (count % 256 == 255 || (flushed && p->kind == PEER_LINUX))
		peer_change_key(p);
	if (flushed)
		peer_use_key(p);
	p->lost = false;
	p->count = count;
	return true;
}

static inline bool peer_receive(struct peer *p, const uint8_t *in, size_t len, uint8_t *out)
{
	assert_true(len >= 2);
	assert_int_equal(in[0] & 0x70, 0x10);
	if (!peer_take(p, (in[0] & 15) << 8 | in[1], in[0] & 0x80))
		return false;
	stream_crypt(p->stream, in + 2, len - 2, out);
	return true;
}

#endif
