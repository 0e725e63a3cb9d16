/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Memory that runs out when a test says so: for programs linked with --wrap=calloc, which the
 * Makefile does for test_*_memory. */
#ifndef NO_MEMORY_H
#define NO_MEMORY_H

#include <errno.h>
#include <limits.h>
#include <stddef.h>

/* How often it can still be had. */
static unsigned int memory_left = UINT_MAX;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	if (memory_left == 0) {
		errno = ENOMEM;
		return NULL;
	}
	if (memory_left != UINT_MAX)
		memory_left--;
	return __real_calloc(n, size);
}

#endif
