/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "brief.h"

#include <string.h>

#define DECIMAL_MAX 10 /* digits of 32 bits */

struct brief brief_of(char *out, size_t size)
{
	*out = '\0';
	return (struct brief){ out, size };
}

static void put(struct brief *b, const char *bytes, size_t len)
{
	if (len > b->room - 1)
		len = b->room - 1;
	memcpy(b->at, bytes, len);
	b->at += len;
	b->room -= len;
	*b->at = '\0';
}

void brief_text(struct brief *b, const char *text)
{
	put(b, text, strlen(text));
}

void brief_decimal(struct brief *b, uint32_t value)
{
	char digits[DECIMAL_MAX];
	size_t first = sizeof(digits);

	do
		digits[--first] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	put(b, digits + first, sizeof(digits) - first);
}

void brief_hex(struct brief *b, uint32_t value, unsigned int digits)
{
	char text[8];

	for (unsigned int i = digits; i > 0; i--, value >>= 4)
		text[i - 1] = "0123456789abcdef"[value & 15];
	put(b, text, digits);
}

void brief_mac(struct brief *b, const uint8_t mac[6])
{
	for (int i = 0; i < 6; i++) {
		if (i > 0)
			brief_text(b, ":");
		brief_hex(b, mac[i], 2);
	}
}

void brief_copy(char *out, size_t size, const char *text)
{
	struct brief b = brief_of(out, size);

	brief_text(&b, text);
}
