/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * How long what is in a socket's queue waits. What is there is marked by its number, and once that many have
 * been read, what is there then: so nobody has to ask the kernel for times of arrival, which would have
 * it stamp every packet of the machine. A queue that is never read empty is no sign of being late.
 */
#ifndef XPPPD_BACKLOG_H
#define XPPPD_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

struct backlog {
	uint64_t read;   /* so far; the owner counts */
	uint64_t mark;   /* once so many are read, all are that were there then */
	int64_t mark_us; /* when; 0: it was read empty */
};

/* After a turn of reading: how long something has been waiting that is not read yet, or was in this
 * turn. 0: it was read empty, or nothing is known so far. *wanted: backlog_mark() is. */
int64_t backlog_turn(struct backlog *b, bool empty, bool *wanted);
/* There are so many, or fewer. */
void backlog_mark(struct backlog *b, uint64_t queued);

#endif
