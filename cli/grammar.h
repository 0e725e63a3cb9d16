/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The words of xpppctl's command line: tables that turn them into a request. */
#ifndef XPPPCTL_GRAMMAR_H
#define XPPPCTL_GRAMMAR_H

#include <stddef.h>

struct json_object;

/* Reads n words, which may be shortened as long as they are unique. 0, *request is the caller's; or
 * -EINVAL, error tells what was expected; -ENOMEM. */
int grammar_parse(char *const words[], int n, struct json_object **request, char *error,
		  size_t error_size);

#endif
