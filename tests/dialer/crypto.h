/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Digests and DES for CHAP (RFC 1994) and MS-CHAPv2 (RFC 2759), over OpenSSL with its
 * legacy provider. */
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

#endif
