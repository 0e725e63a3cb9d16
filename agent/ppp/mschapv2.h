/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The arithmetic of MS-CHAPv2, RFC 2759 8. */
#ifndef XPPPD_MSCHAPV2_H
#define XPPPD_MSCHAPV2_H

#include <stdint.h>

#define MSCHAPV2_CHALLENGE_LEN 16
#define MSCHAPV2_RESPONSE_LEN 49 /* RFC 2759 4: challenge 16, zero 8, NT-Response 24, flags 1 */
/* RFC 2759 7: password 516, hash 16, challenge 16, zero 8, NT-Response 24, flags 2 */
#define MSCHAPV2_CHANGE_LEN 582
#define MSCHAPV2_NT_RESPONSE_LEN 24
#define MSCHAPV2_AUTHENTICATOR_LEN 20
#define MSCHAPV2_HASH_LEN 16

/* MD4 and DES, out of OpenSSL's legacy provider in a library context of its own. */
struct mschapv2;

/* -ENOMEM, or -ENOTSUP when OpenSSL has no legacy provider. */
int mschapv2_new(struct mschapv2 **m);
void mschapv2_free(struct mschapv2 *m); /* NULL is fine */

/*
 * Checks a peer's response. username: as the peer sent it; a leading "DOMAIN\" is not
 * part of the hash (RFC 2759 8.2). password: UTF-8, at most 256 characters. On success
 * fills what the Success packet (8.7) and MPPE keys (RFC 3079 3) need.
 * 0; -EACCES: wrong password; -EILSEQ, -EMSGSIZE: password; -EIO: the library failed.
 */
int mschapv2_verify(struct mschapv2 *m, const char *username, const char *password,
		    const uint8_t auth_challenge[MSCHAPV2_CHALLENGE_LEN],
		    const uint8_t response[MSCHAPV2_RESPONSE_LEN],
		    uint8_t authenticator_response[MSCHAPV2_AUTHENTICATOR_LEN],
		    uint8_t password_hash_hash[MSCHAPV2_HASH_LEN],
		    uint8_t nt_response[MSCHAPV2_NT_RESPONSE_LEN]);

#endif
