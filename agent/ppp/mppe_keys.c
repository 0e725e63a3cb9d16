/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * RFC 3079 3.4. Start keys of 40 and 56 bits are the first eight octets of those of 128 bits
 * (3.1, 3.2), so one derivation serves all lengths.
 */
#include "ppp/mppe_keys.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#define SHA1_LEN 20
#define PAD_LEN 40

static const char magic_master[] = "This is the MPPE Master Key";
/* RFC 3079 calls them Magic2 and Magic3, and a server takes them crosswise. */
static const char magic_receive[] = "On the client side, this is the send key; "
				    "on the server side, it is the receive key.";
static const char magic_send[] = "On the client side, this is the receive key; "
				 "on the server side, it is the send key.";

static bool derive_master(EVP_MD_CTX *sha, const uint8_t *password_hash_hash,
			  const uint8_t *nt_response, uint8_t out[SHA1_LEN])
{
	return EVP_DigestInit_ex(sha, EVP_sha1(), NULL) &&
	       EVP_DigestUpdate(sha, password_hash_hash, MSCHAPV2_HASH_LEN) &&
	       EVP_DigestUpdate(sha, nt_response, MSCHAPV2_NT_RESPONSE_LEN) &&
	       EVP_DigestUpdate(sha, magic_master, sizeof(magic_master) - 1) &&
	       EVP_DigestFinal_ex(sha, out, NULL);
}

static bool derive_start(EVP_MD_CTX *sha, const uint8_t master[MPPE_KEY_LEN], const char *magic,
			 uint8_t out[SHA1_LEN])
{
	static const uint8_t pad1[PAD_LEN];
	uint8_t pad2[PAD_LEN];

	memset(pad2, 0xf2, sizeof(pad2));
	return EVP_DigestInit_ex(sha, EVP_sha1(), NULL) &&
	       EVP_DigestUpdate(sha, master, MPPE_KEY_LEN) &&
	       EVP_DigestUpdate(sha, pad1, sizeof(pad1)) &&
	       EVP_DigestUpdate(sha, magic, strlen(magic)) &&
	       EVP_DigestUpdate(sha, pad2, sizeof(pad2)) && EVP_DigestFinal_ex(sha, out, NULL);
}

int mppe_keys_derive(const uint8_t password_hash_hash[MSCHAPV2_HASH_LEN],
		     const uint8_t nt_response[MSCHAPV2_NT_RESPONSE_LEN], struct mppe_keys *keys)
{
	uint8_t master[SHA1_LEN], send[SHA1_LEN], receive[SHA1_LEN];
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	bool ok = sha && derive_master(sha, password_hash_hash, nt_response, master) &&
		  derive_start(sha, master, magic_send, send) &&
		  derive_start(sha, master, magic_receive, receive);

	EVP_MD_CTX_free(sha);
	if (ok) {
		memcpy(keys->send, send, MPPE_KEY_LEN);
		memcpy(keys->receive, receive, MPPE_KEY_LEN);
	}
	OPENSSL_cleanse(master, sizeof(master));
	OPENSSL_cleanse(send, sizeof(send));
	OPENSSL_cleanse(receive, sizeof(receive));
	return ok ? 0 : -EIO;
}
