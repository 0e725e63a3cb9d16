/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "control/out.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void out_free(struct out *out)
{
	free(out->data);
	*out = (struct out){ 0 };
}

/* Room for n bytes at out->end. */
static int out_reserve(struct out *out, size_t n)
{
	if (n > OUT_SIZE - out_len(out))
		return -ENOBUFS;
	if (!out->data) {
		out->data = malloc(OUT_SIZE);
		if (!out->data)
			return -ENOMEM;
	}
	if (n > OUT_SIZE - out->end) {
		memmove(out->data, out->data + out->start, out_len(out));
		out->end -= out->start;
		out->start = 0;
	}
	return 0;
}

int out_put(struct out *out, const void *bytes, size_t n)
{
	int err = out_reserve(out, n);

	if (err)
		return err;
	memcpy(out->data + out->end, bytes, n);
	out->end += n;
	return 0;
}

int out_json(struct out *out, struct json_object *record)
{
	const char *text;
	size_t n;
	int err;

	if (!record)
		return -ENOMEM;
	text = json_object_to_json_string_length(
		record, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
	if (!text) {
		json_object_put(record);
		return -ENOMEM;
	}
	err = out_reserve(out, n + 1);
	if (!err) {
		out_put(out, text, n);
		out_put(out, "\n", 1);
	}
	json_object_put(record);
	return err;
}

int out_send(struct out *out, int fd)
{
	while (out_len(out) > 0) {
		ssize_t n =
			send(fd, out->data + out->start, out_len(out), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		out->start += (size_t)n;
	}
	out->start = out->end = 0;
	return 0;
}
