/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Reading a small file whole. */
#ifndef XPPPD_CONF_FILE_H
#define XPPPD_CONF_FILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

/* What could not be read is told to `errors` in one line. The caller frees *text; *st may be
 * NULL. -ENOENT, -EACCES, -EFBIG, -EINVAL (no regular file) or another errno. */
int conf_file_read(const char *path, size_t max, FILE *errors, char **text, size_t *len,
		   struct stat *st);

#endif
