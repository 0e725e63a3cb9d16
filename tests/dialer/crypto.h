/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Digests, DES and RC4 for CHAP (RFC 1994), MS-CHAPv2 (RFC 2759) and MPPE (RFC 3078, 3079), over
 * OpenSSL with its legacy provider. */
#ifndef DIALER_CRYPTO_H
#define DIALER_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#define CRYPTO_CHALLENGE 16 /* MS-CHAPv2 */
#define CRYPTO_RESPONSE 24
#define CRYPTO_PROOF 20

struct crypto;

int crypto_new(struct crypto **crypto);
void crypto_free(struct crypto *crypto);

struct crypto_piece {
	const void *p;
	size_t len;
};
/* MD5 over the pieces one after another. */
int crypto_md5(struct crypto *crypto, const struct crypto_piece *pieces, size_t count,
	       uint8_t out[16]);

int crypto_sha1(struct crypto *crypto, const struct crypto_piece *pieces, size_t count,
		uint8_t out[20]);

/* MD5(ident, secret, challenge). */
int crypto_chap(struct crypto *crypto, uint8_t ident, const char *secret, const uint8_t *challenge,
		size_t challenge_len, uint8_t out[16]);

struct crypto_mschap {
	const char *user, *password;
	const uint8_t *server_challenge, *peer_challenge; /* CRYPTO_CHALLENGE bytes each */
};
/* response: what the client sends (8.1); proof: what the server must answer (8.7). */
int crypto_mschap(struct crypto *crypto, const struct crypto_mschap *in,
		  uint8_t response[CRYPTO_RESPONSE], uint8_t proof[CRYPTO_PROOF]);
#define CRYPTO_CHANGE 532
/* RFC 2759 8.9 and 8.12: a new password for who knows the old one. What is in `change` before is the
 * padding, and should be random. */
int crypto_change(struct crypto *crypto, const char *before, const char *after,
		  uint8_t change[CRYPTO_CHANGE]);
/* RFC 3079 3.3: what the keys of a session begin with. */
int crypto_master_key(struct crypto *crypto, const char *password,
		      const uint8_t response[CRYPTO_RESPONSE], uint8_t key[16]);

/* A key stream. */
struct crypto_rc4;
int crypto_rc4_new(struct crypto *crypto, struct crypto_rc4 **rc4);
void crypto_rc4_free(struct crypto_rc4 *rc4);
/* The stream begins anew, with another key. */
int crypto_rc4_key(struct crypto_rc4 *rc4, const uint8_t *key, size_t len);
int crypto_rc4_run(struct crypto_rc4 *rc4, const uint8_t *in, size_t len, uint8_t *out);

#endif
