/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What waits to be sent to a control client: a buffer that never grows beyond OUT_SIZE. */
#ifndef XPPPD_OUT_H
#define XPPPD_OUT_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

#define OUT_SIZE (128 * 1024)
#define OUT_RECORD_MAX (16 * 1024) /* no record is longer */

struct out {
	char *data; /* OUT_SIZE bytes, from the first put on */
	size_t start, end;
};

void out_free(struct out *out);

static inline size_t out_len(const struct out *out)
{
	return out->end - out->start;
}

/* Another record fits, whatever it is. */
static inline bool out_ready(const struct out *out)
{
	return OUT_SIZE - out_len(out) >= OUT_RECORD_MAX;
}

/* All or nothing; -ENOBUFS, -ENOMEM. */
int out_put(struct out *out, const void *bytes, size_t n);
/* Puts the record as a line and drops the caller's reference to it. A NULL record is one that
 * could not be made: -ENOMEM. */
int out_json(struct out *out, struct json_object *record);
/* Sends what the socket takes; -EAGAIN when it took less than all. */
int out_send(struct out *out, int fd);

#endif
