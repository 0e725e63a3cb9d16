/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * AC-Cookies (RFC 2516 5.2, appendix A 0x0104): a PADO carries everything that its PADR has to
 * bring back to prove that the peer can receive under its address, so that nothing is
 * stored for a peer before that.
 *
 *   key number (4) | time of issue (4) | serial (8) | HMAC-SHA256 (16 of 32)
 *
 * The HMAC is over the three fields, the peer's MAC, its VLANs and the device. The serial
 * differs in every PADO: two PADR with the same one are the same request sent twice.
 * Keys are random and live for two periods of CLOCK_COOKIE_KEY_MS: one in which they
 * sign, one in which they are still accepted.
 */
#ifndef XPPPD_PPPOE_COOKIE_H
#define XPPPD_PPPOE_COOKIE_H

#include <net/ethernet.h>
#include <stdint.h>

#include "buf.h"
#include "clock.h"

#define PPPOE_COOKIE_LEN 32

struct pppoe_cookies;

/* Whom a cookie is for. */
struct pppoe_cookie_peer {
	uint8_t mac[ETH_ALEN];
	uint32_t ifindex;
	uint16_t vid_outer, vid_inner;
};

int pppoe_cookies_new(struct mono now, struct pppoe_cookies **cookies);
void pppoe_cookies_free(struct pppoe_cookies *cookies);

int pppoe_cookie_make(struct pppoe_cookies *cookies, const struct pppoe_cookie_peer *peer,
		      struct mono now, uint8_t cookie[PPPOE_COOKIE_LEN]);
/* -EKEYREJECTED: not ours, or not this peer's; -EKEYEXPIRED: ours, but too old for a new
 * session (*serial is set). */
int pppoe_cookie_check(struct pppoe_cookies *cookies, const struct pppoe_cookie_peer *peer,
		       struct mono now, struct buf cookie, uint64_t *serial);
/* How long ago a cookie that passed was made. */
uint32_t pppoe_cookie_age_ms(const struct pppoe_cookies *cookies, struct mono now,
			     struct buf cookie);

#endif
