/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "crypto.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD_BYTES 512 /* in UTF-16 */

/* Fetched once: a fetch per digest would cost more than the digest. */
struct crypto {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *standard, *legacy;
	EVP_MD *md4, *md5, *sha1;
	EVP_CIPHER *des, *rc4;
	EVP_MD_CTX *digest;
	EVP_CIPHER_CTX *cipher;
};

int crypto_new(struct crypto **crypto)
{
	struct crypto *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->lib = OSSL_LIB_CTX_new();
	c->standard = OSSL_PROVIDER_load(c->lib, "default");
	c->legacy = OSSL_PROVIDER_load(c->lib, "legacy");
	c->md4 = EVP_MD_fetch(c->lib, "MD4", NULL);
	c->md5 = EVP_MD_fetch(c->lib, "MD5", NULL);
	c->sha1 = EVP_MD_fetch(c->lib, "SHA1", NULL);
	c->des = EVP_CIPHER_fetch(c->lib, "DES-ECB", NULL);
	c->rc4 = EVP_CIPHER_fetch(c->lib, "RC4", NULL);
	c->digest = EVP_MD_CTX_new();
	c->cipher = EVP_CIPHER_CTX_new();
	if (!c->md4 || !c->md5 || !c->sha1 || !c->des || !c->rc4 || !c->digest || !c->cipher) {
		crypto_free(c);
		return -ENOTSUP;
	}
	*crypto = c;
	return 0;
}

void crypto_free(struct crypto *c)
{
	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->cipher);
	EVP_MD_CTX_free(c->digest);
	EVP_CIPHER_free(c->rc4);
	EVP_CIPHER_free(c->des);
	EVP_MD_free(c->sha1);
	EVP_MD_free(c->md5);
	EVP_MD_free(c->md4);
	if (c->legacy)
		OSSL_PROVIDER_unload(c->legacy);
	if (c->standard)
		OSSL_PROVIDER_unload(c->standard);
	OSSL_LIB_CTX_free(c->lib);
	free(c);
}

static bool digest(struct crypto *c, const EVP_MD *md, const struct crypto_piece *pieces,
		   size_t count, uint8_t *out)
{
	if (!EVP_DigestInit_ex2(c->digest, md, NULL))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!EVP_DigestUpdate(c->digest, pieces[i].p, pieces[i].len))
			return false;
	return EVP_DigestFinal_ex(c->digest, out, NULL);
}

int crypto_md5(struct crypto *c, const struct crypto_piece *pieces, size_t count, uint8_t out[16])
{
	return digest(c, c->md5, pieces, count, out) ? 0 : -EIO;
}

int crypto_sha1(struct crypto *c, const struct crypto_piece *pieces, size_t count, uint8_t out[20])
{
	return digest(c, c->sha1, pieces, count, out) ? 0 : -EIO;
}

int crypto_chap(struct crypto *c, uint8_t ident, const char *secret, const uint8_t *challenge,
		size_t challenge_len, uint8_t out[16])
{
	const struct crypto_piece pieces[] = {
		{ &ident, 1 },
		{ secret, strlen(secret) },
		{ challenge, challenge_len },
	};

	return digest(c, c->md5, pieces, 3, out) ? 0 : -EIO;
}

/* RFC 2759 8.6: seven bytes of key spread over eight; DES ignores the parity bits. */
static bool des(struct crypto *c, const uint8_t key[7], const uint8_t clear[8], uint8_t out[8])
{
	uint64_t bits = 0;
	uint8_t spread[8];
	int len;

	for (int i = 0; i < 7; i++)
		bits = bits << 8 | key[i];
	for (int i = 0; i < 8; i++)
		spread[i] = bits >> (49 - 7 * i) << 1;
	return EVP_EncryptInit_ex2(c->cipher, c->des, spread, NULL, NULL) &&
	       EVP_CIPHER_CTX_set_padding(c->cipher, 0) &&
	       EVP_EncryptUpdate(c->cipher, out, &len, clear, 8);
}

/* The password is taken as Latin-1. */
static void put_unicode(const char *password, uint8_t *out)
{
	for (; *password; password++) {
		*out++ = *password;
		*out++ = 0;
	}
}

/* RFC 2759 8.3 */
static bool password_hash(struct crypto *c, const char *password, uint8_t out[16])
{
	uint8_t unicode[PASSWORD_BYTES];
	size_t len = 2 * strlen(password);

	if (len > sizeof(unicode))
		return false;
	put_unicode(password, unicode);
	return digest(c, c->md4, &(struct crypto_piece){ unicode, len }, 1, out);
}

/* RFC 2759 8.2: without the part of the name that stands before a backslash. */
static bool challenge_hash(struct crypto *c, const struct crypto_mschap *in, uint8_t out[20])
{
	const char *slash = strrchr(in->user, '\\');
	const char *name = slash ? slash + 1 : in->user;
	const struct crypto_piece pieces[] = {
		{ in->peer_challenge, CRYPTO_CHALLENGE },
		{ in->server_challenge, CRYPTO_CHALLENGE },
		{ name, strlen(name) },
	};

	return digest(c, c->sha1, pieces, 3, out);
}

/* RFC 2759 8.7 */
static bool server_proof(struct crypto *c, const uint8_t hash[16], const uint8_t response[24],
			 const uint8_t challenge[8], uint8_t proof[20])
{
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] = "Pad to make it do more than one iteration";
	uint8_t hash_hash[16], inner[20];
	const struct crypto_piece first[] = {
		{ hash_hash, 16 },
		{ response, 24 },
		{ magic1, sizeof(magic1) - 1 },
	};
	const struct crypto_piece second[] = {
		{ inner, 20 },
		{ challenge, 8 },
		{ magic2, sizeof(magic2) - 1 },
	};

	return digest(c, c->md4, &(struct crypto_piece){ hash, 16 }, 1, hash_hash) &&
	       digest(c, c->sha1, first, 3, inner) && digest(c, c->sha1, second, 3, proof);
}

int crypto_mschap(struct crypto *c, const struct crypto_mschap *in,
		  uint8_t response[CRYPTO_RESPONSE], uint8_t proof[CRYPTO_PROOF])
{
	uint8_t challenge[20], hash[21] = { 0 };

	if (!challenge_hash(c, in, challenge) || !password_hash(c, in->password, hash))
		return -EIO;
	for (int i = 0; i < 3; i++)
		if (!des(c, hash + 7 * i, challenge, response + 8 * i))
			return -EIO;
	return server_proof(c, hash, response, challenge, proof) ? 0 : -EIO;
}

static bool rc4(struct crypto *c, const uint8_t key[16], uint8_t *bytes, int len)
{
	int n;

	return EVP_EncryptInit_ex2(c->cipher, c->rc4, key, NULL, NULL) &&
	       EVP_EncryptUpdate(c->cipher, bytes, &n, bytes, len);
}

int crypto_change(struct crypto *c, const char *before, const char *after,
		  uint8_t change[CRYPTO_CHANGE])
{
	uint8_t old[16], new[16], *length = change + PASSWORD_BYTES;
	uint8_t *hash = length + 4;
	size_t len = 2 * strlen(after);

	if (!password_hash(c, before, old) || !password_hash(c, after, new))
		return -EIO;
	put_unicode(after, length - len); /* the password ends where its length begins */
	for (unsigned int i = 0; i < 4; i++)
		length[i] = len >> 8 * i;
	if (!rc4(c, old, change, PASSWORD_BYTES + 4) || !des(c, new, old, hash) ||
	    !des(c, new + 7, old + 8, hash + 8))
		return -EIO;
	return 0;
}

int crypto_master_key(struct crypto *c, const char *password,
		      const uint8_t response[CRYPTO_RESPONSE], uint8_t key[16])
{
	static const char magic[] = "This is the MPPE Master Key";
	uint8_t hash[16], hash_hash[16], whole[20];
	const struct crypto_piece pieces[] = {
		{ hash_hash, 16 },
		{ response, CRYPTO_RESPONSE },
		{ magic, sizeof(magic) - 1 },
	};

	if (!password_hash(c, password, hash) ||
	    !digest(c, c->md4, &(struct crypto_piece){ hash, 16 }, 1, hash_hash) ||
	    !digest(c, c->sha1, pieces, 3, whole))
		return -EIO;
	memcpy(key, whole, 16);
	return 0;
}

struct crypto_rc4 {
	const EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *context;
};

int crypto_rc4_new(struct crypto *c, struct crypto_rc4 **rc4)
{
	struct crypto_rc4 *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->cipher = c->rc4;
	r->context = EVP_CIPHER_CTX_new();
	if (!r->context) {
		free(r);
		return -ENOMEM;
	}
	*rc4 = r;
	return 0;
}

void crypto_rc4_free(struct crypto_rc4 *rc4)
{
	if (!rc4)
		return;
	EVP_CIPHER_CTX_free(rc4->context);
	free(rc4);
}

int crypto_rc4_key(struct crypto_rc4 *rc4, const uint8_t *key, size_t len)
{
	if (!EVP_EncryptInit_ex2(rc4->context, rc4->cipher, NULL, NULL, NULL) ||
	    !EVP_CIPHER_CTX_set_key_length(rc4->context, len) ||
	    !EVP_EncryptInit_ex2(rc4->context, NULL, key, NULL, NULL))
		return -EIO;
	return 0;
}

int crypto_rc4_run(struct crypto_rc4 *rc4, const uint8_t *in, size_t len, uint8_t *out)
{
	int n;

	return EVP_EncryptUpdate(rc4->context, out, &n, in, len) ? 0 : -EIO;
}
