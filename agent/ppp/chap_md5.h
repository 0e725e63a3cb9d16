/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The response value of CHAP with MD5, RFC 1994 4.1. */
#ifndef XPPPD_CHAP_MD5_H
#define XPPPD_CHAP_MD5_H

#include <stddef.h>
#include <stdint.h>

#define CHAP_MD5_LEN 16

/* MD5(ident, secret, challenge). Random bytes when the library fails (no memory): nobody
 * can answer with them. */
void chap_md5_response(uint8_t ident, const char *secret, size_t secret_len,
		       const uint8_t *challenge, size_t challenge_len, uint8_t out[CHAP_MD5_LEN]);

#endif
