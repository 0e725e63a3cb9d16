/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The keys that MPPE starts from, RFC 3079 3, as a server has them. */
#ifndef XPPPD_MPPE_KEYS_H
#define XPPPD_MPPE_KEYS_H

#include <stdint.h>

#include "ppp/mschapv2.h"
#include "ppp/ppp_state.h"

/* From what MS-CHAPv2 leaves behind. -EIO: the library failed, nothing is written. */
int mppe_keys_derive(const uint8_t password_hash_hash[MSCHAPV2_HASH_LEN],
		     const uint8_t nt_response[MSCHAPV2_NT_RESPONSE_LEN], struct mppe_keys *keys);

#endif
