/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * MS-CHAPv2 as RFC 2759 8 defines it. OpenSSL 3 keeps MD4 and single DES in its legacy
 * provider; it is loaded into a context of our own, so that nothing else of the process
 * can come to use it.
 */
#include "ppp/mschapv2.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD_CHARS_MAX 256
#define SHA1_LEN 20

struct mschapv2 {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *legacy;
	OSSL_PROVIDER *standard;
	EVP_MD *md4;
	EVP_MD *sha1;
	EVP_CIPHER *des;
};

/* One piece of what is hashed. */
struct part {
	const void *p;
	size_t len;
};

int mschapv2_new(struct mschapv2 **out)
{
	struct mschapv2 *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->lib = OSSL_LIB_CTX_new();
	if (!m->lib)
		goto fail;
	m->legacy = OSSL_PROVIDER_load(m->lib, "legacy");
	m->standard = OSSL_PROVIDER_load(m->lib, "default");
	m->md4 = EVP_MD_fetch(m->lib, "MD4", NULL);
	m->sha1 = EVP_MD_fetch(m->lib, "SHA1", NULL);
	m->des = EVP_CIPHER_fetch(m->lib, "DES-ECB", NULL);
	if (!m->md4 || !m->sha1 || !m->des)
		goto fail;
	*out = m;
	return 0;
fail:
	mschapv2_free(m);
	return -ENOTSUP;
}

void mschapv2_free(struct mschapv2 *m)
{
	if (!m)
		return;
	EVP_CIPHER_free(m->des);
	EVP_MD_free(m->sha1);
	EVP_MD_free(m->md4);
	if (m->standard)
		OSSL_PROVIDER_unload(m->standard);
	if (m->legacy)
		OSSL_PROVIDER_unload(m->legacy);
	OSSL_LIB_CTX_free(m->lib);
	free(m);
}

static int digest(const EVP_MD *md, const struct part *parts, size_t n, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, md, NULL);

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].p, parts[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -EIO;
}

/* Decodes one UTF-8 character of a NUL-terminated string; its length, or 0 if it is none. */
static size_t utf8_next(const char *text, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *s = (const uint8_t *)text;
	size_t len = s[0] < 0x80       ? 1
		     : s[0] >> 5 == 6  ? 2
		     : s[0] >> 4 == 14 ? 3
		     : s[0] >> 3 == 30 ? 4
				       : 0;

	if (len == 0)
		return 0;
	*code = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < smallest[len] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return len;
}

/* RFC 2759 8.3: the password is hashed as UTF-16, little endian. */
static int password_unicode(const char *password, uint8_t out[PASSWORD_CHARS_MAX * 2], size_t *len)
{
	size_t n = 0;

	while (*password) {
		uint16_t unit[2];
		uint32_t code;
		size_t used = utf8_next(password, &code);
		size_t units = used == 4 ? 2 : 1;

		if (used == 0)
			return -EILSEQ;
		if (n + 2 * units > PASSWORD_CHARS_MAX * 2)
			return -EMSGSIZE;
		unit[0] = units == 1 ? code : 0xd800 + ((code - 0x10000) >> 10);
		unit[1] = 0xdc00 + ((code - 0x10000) & 0x3ff);
		for (size_t i = 0; i < units; i++) {
			out[n++] = unit[i] & 0xff;
			out[n++] = unit[i] >> 8;
		}
		password += used;
	}
	*len = n;
	return 0;
}

/* RFC 2759 8.3 and 8.4: the hash, and the hash of the hash. */
static int password_hashes(const struct mschapv2 *m, const char *password,
			   uint8_t hash[MSCHAPV2_HASH_LEN], uint8_t hash_hash[MSCHAPV2_HASH_LEN])
{
	uint8_t unicode[PASSWORD_CHARS_MAX * 2];
	struct part part = { unicode, 0 };
	int r = password_unicode(password, unicode, &part.len);

	if (r == 0)
		r = digest(m->md4, &part, 1, hash);
	OPENSSL_cleanse(unicode, sizeof(unicode));
	if (r < 0)
		return r;
	part = (struct part){ hash, MSCHAPV2_HASH_LEN };
	return digest(m->md4, &part, 1, hash_hash);
}

/* RFC 2759 8.6: seven bytes become a DES key, the low bit of each byte being parity,
 * which DES ignores. */
static int des_encrypt(const struct mschapv2 *m, const uint8_t clear[8], const uint8_t key7[7],
		       uint8_t out[8])
{
	uint8_t key[8], block[16];
	uint64_t bits = 0;
	int len = 0;

	for (int i = 0; i < 7; i++)
		bits = bits << 8 | key7[i];
	for (int i = 0; i < 8; i++)
		key[i] = (bits >> (49 - 7 * i) & 0x7f) << 1;

	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool ok = ctx && EVP_EncryptInit_ex2(ctx, m->des, key, NULL, NULL) &&
		  EVP_CIPHER_CTX_set_padding(ctx, 0) &&
		  EVP_EncryptUpdate(ctx, block, &len, clear, 8) && len == 8;

	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(key, sizeof(key));
	if (!ok)
		return -EIO;
	memcpy(out, block, 8);
	return 0;
}

/* RFC 2759 8.5: the hash, padded to 21 bytes, is three DES keys. */
static int challenge_response(const struct mschapv2 *m, const uint8_t challenge[8],
			      const uint8_t hash[MSCHAPV2_HASH_LEN],
			      uint8_t out[MSCHAPV2_NT_RESPONSE_LEN])
{
	uint8_t keys[21] = { 0 };
	int r = 0;

	memcpy(keys, hash, MSCHAPV2_HASH_LEN);
	for (int i = 0; r == 0 && i < 3; i++)
		r = des_encrypt(m, challenge, keys + 7 * i, out + 8 * i);
	OPENSSL_cleanse(keys, sizeof(keys));
	return r;
}

/* RFC 2759 8.2; the first 8 bytes of the result are the challenge. */
static int challenge_hash(const struct mschapv2 *m, const uint8_t *peer_challenge,
			  const uint8_t *auth_challenge, const char *username,
			  uint8_t out[SHA1_LEN])
{
	const char *domain_end = strrchr(username, '\\');
	const char *name = domain_end ? domain_end + 1 : username;
	const struct part parts[] = {
		{ peer_challenge, MSCHAPV2_CHALLENGE_LEN },
		{ auth_challenge, MSCHAPV2_CHALLENGE_LEN },
		{ name, strlen(name) },
	};

	return digest(m->sha1, parts, 3, out);
}

/* RFC 2759 8.7 */
static int authenticator(const struct mschapv2 *m, const uint8_t hash_hash[MSCHAPV2_HASH_LEN],
			 const uint8_t nt_response[MSCHAPV2_NT_RESPONSE_LEN],
			 const uint8_t challenge[8], uint8_t out[MSCHAPV2_AUTHENTICATOR_LEN])
{
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] = "Pad to make it do more than one iteration";
	uint8_t first[SHA1_LEN];
	const struct part inner[] = {
		{ hash_hash, MSCHAPV2_HASH_LEN },
		{ nt_response, MSCHAPV2_NT_RESPONSE_LEN },
		{ magic1, sizeof(magic1) - 1 },
	};
	const struct part outer[] = {
		{ first, sizeof(first) },
		{ challenge, 8 },
		{ magic2, sizeof(magic2) - 1 },
	};
	int r = digest(m->sha1, inner, 3, first);

	return r < 0 ? r : digest(m->sha1, outer, 3, out);
}

int mschapv2_verify(struct mschapv2 *m, const char *username, const char *password,
		    const uint8_t auth_challenge[MSCHAPV2_CHALLENGE_LEN],
		    const uint8_t response[MSCHAPV2_RESPONSE_LEN],
		    uint8_t authenticator_response[MSCHAPV2_AUTHENTICATOR_LEN],
		    uint8_t password_hash_hash[MSCHAPV2_HASH_LEN],
		    uint8_t nt_response[MSCHAPV2_NT_RESPONSE_LEN])
{
	const uint8_t *peer_nt_response = response + 24;
	uint8_t hash[MSCHAPV2_HASH_LEN], hash_hash[MSCHAPV2_HASH_LEN];
	uint8_t expected[MSCHAPV2_NT_RESPONSE_LEN];
	uint8_t challenge[SHA1_LEN], answer[MSCHAPV2_AUTHENTICATOR_LEN];
	int r = password_hashes(m, password, hash, hash_hash);

	if (r == 0)
		r = challenge_hash(m, response, auth_challenge, username, challenge);
	if (r == 0)
		r = challenge_response(m, challenge, hash, expected);
	if (r == 0 && CRYPTO_memcmp(expected, peer_nt_response, sizeof(expected)) != 0)
		r = -EACCES;
	if (r == 0)
		r = authenticator(m, hash_hash, expected, challenge, answer);
	if (r == 0) {
		memcpy(authenticator_response, answer, sizeof(answer));
		memcpy(password_hash_hash, hash_hash, sizeof(hash_hash));
		memcpy(nt_response, expected, sizeof(expected));
	}
	OPENSSL_cleanse(hash, sizeof(hash));
	OPENSSL_cleanse(hash_hash, sizeof(hash_hash));
	OPENSSL_cleanse(expected, sizeof(expected));
	return r;
}
