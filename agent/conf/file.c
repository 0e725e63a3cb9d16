/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_all(int fd, char *text, size_t size, size_t *len)
{
	size_t n = 0;

	while (n < size) {
		ssize_t r = read(fd, text + n, size - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	*len = n;
	return 0;
}

static int read_open(int fd, size_t max, char **text, size_t *len, struct stat *st)
{
	char *buffer;
	int r;

	if (fstat(fd, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	if ((uintmax_t)st->st_size > max)
		return -EFBIG;
	buffer = malloc((size_t)st->st_size + 1);
	if (!buffer)
		return -ENOMEM;
	r = read_all(fd, buffer, (size_t)st->st_size, len);
	if (r < 0) {
		free(buffer);
		return r;
	}
	buffer[*len] = '\0';
	*text = buffer;
	return 0;
}

int conf_file_read(const char *path, size_t max, FILE *errors, char **text, size_t *len,
		   struct stat *st)
{
	struct stat own;
	int r, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		r = -errno;
	} else {
		r = read_open(fd, max, text, len, st ? st : &own);
		close(fd);
	}
	if (r == -EINVAL)
		fprintf(errors, "%s: not a regular file\n", path);
	else if (r == -EFBIG)
		fprintf(errors, "%s: longer than %zu bytes\n", path, max);
	else if (r < 0)
		fprintf(errors, "%s: cannot be read: %s\n", path, strerror(-r));
	return r;
}
