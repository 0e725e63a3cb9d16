/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Values of attributes that are text with a syntax of its own. All: -EINVAL, nothing is written. */
#ifndef XPPPD_ATTRIBUTE_TEXT_H
#define XPPPD_ATTRIBUTE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct profile_rate;
struct profile_route;

/*
 * Framed-Route, RFC 2865 5.22: NET[/LENGTH] [GATEWAY [METRIC ...]]. Without a length it is that
 * of the net's class. The gateway only has to be an address: whatever it is, the way there is
 * the session.
 */
int attribute_text_route(const char *text, struct profile_route *route);

/*
 * Mikrotik-Rate-Limit: RX[/TX] [RX/TX of bursts [their thresholds [their seconds [priority [least
 * rates]]]]], in bits a second with k, M or G behind; a missing TX is like RX; 0 is no limit.
 * RX is what comes from the client. A burst becomes the bucket that lets as much through at once
 * as RouterOS does beyond the rate; priority and least rates have no meaning here.
 */
int attribute_text_rates(const char *text, struct profile_rate *up, struct profile_rate *down);

/* Decimal digits only. */
int attribute_text_number(const char *text, uint32_t *number);
/* Pairs of hex digits, one at least. */
int attribute_text_octets(const char *text, uint8_t *octets, size_t cap, size_t *len);

#endif
