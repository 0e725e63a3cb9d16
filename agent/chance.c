/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "chance.h"

#include <stdlib.h>
#include <sys/random.h>

void chance(void *bytes, size_t n)
{
	/* neither interrupted nor cut short up to 256 bytes, getrandom(2) */
	if (getrandom(bytes, n, 0) != (ssize_t)n)
		abort();
}
