/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "ppp/chap_md5.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

void chap_md5_response(uint8_t ident, const char *secret, size_t secret_len,
		       const uint8_t *challenge, size_t challenge_len, uint8_t out[CHAP_MD5_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) &&
		  EVP_DigestUpdate(ctx, &ident, 1) && EVP_DigestUpdate(ctx, secret, secret_len) &&
		  EVP_DigestUpdate(ctx, challenge, challenge_len) &&
		  EVP_DigestFinal_ex(ctx, out, NULL);

	EVP_MD_CTX_free(ctx);
	if (!ok && getrandom(out, CHAP_MD5_LEN, 0) != CHAP_MD5_LEN)
		abort();
}
