/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "utf8.h"

#include <string.h>

#include "log.h"

/* Length of the UTF-8 sequence at s (RFC 3629 4); 0 if it is none, or DEL or a C1 control, which
 * JSON does not escape and terminals obey. */
static size_t utf8_len(const unsigned char *s)
{
	size_t n;

	if (s[0] < 0x80)
		return s[0] != 0x7f;
	if (s[0] == 0xc2 && s[1] < 0xa0)
		return 0;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	/* a NUL is no continuation, so that nothing beyond the end is read */
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

const char *utf8_shown(const char *s, char out[UTF8_SHOWN_MAX])
{
	const unsigned char *b = (const unsigned char *)s;

	while (*b) {
		size_t n = utf8_len(b);

		/* what looks like an escape is one */
		if (n == 0 || (b[0] == '\\' && b[1] == 'x'))
			return log_escape(out, UTF8_SHOWN_MAX, s, strlen(s));
		b += n;
	}
	return s;
}
