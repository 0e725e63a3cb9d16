/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Peers' strings for readers that take nothing but UTF-8 that a terminal can bear. */
#ifndef XPPPD_UTF8_H
#define XPPPD_UTF8_H

#include <stddef.h>

#define UTF8_SHOWN_MAX (4 * 256 + 8) /* of a string of 255 bytes */

/* s as it is if it can be shown; else, in `out`, as log_escape() makes it. In the result \xNN is
 * always an escaped byte. */
const char *utf8_shown(const char *s, char out[UTF8_SHOWN_MAX]);

#endif
