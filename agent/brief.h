/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * Short texts without printf(3), where each session that comes needs many. What does not fit is cut
 * off; there is an end in any case.
 */
#ifndef XPPPD_BRIEF_H
#define XPPPD_BRIEF_H

#include <stddef.h>
#include <stdint.h>

/* Where the next piece goes. */
struct brief {
	char *at;
	size_t room; /* with the end */
};

/* "" so far; size is not 0. */
struct brief brief_of(char *out, size_t size);
void brief_text(struct brief *b, const char *text);
void brief_decimal(struct brief *b, uint32_t value);
/* The last so many digits. */
void brief_hex(struct brief *b, uint32_t value, unsigned int digits);
/* "02:00:00:00:00:01" */
void brief_mac(struct brief *b, const uint8_t mac[6]);

/* A text alone. */
void brief_copy(char *out, size_t size, const char *text);

#endif
