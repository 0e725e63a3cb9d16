/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Sequence numbers of one stream as they arrive: new, late or duplicate. */
#ifndef DIALER_TRACK_H
#define DIALER_TRACK_H

#include <stdint.h>

struct track {
	uint64_t next;   /* one past the highest number seen */
	uint64_t window; /* bit n: next - 1 - n has been seen */
	uint64_t unique;
};

enum track_verdict {
	TRACK_NEW,
	TRACK_LATE, /* out of order, first time */
	TRACK_DUPLICATE,
};

/* What lies more than 64 back cannot be told from a duplicate and counts as late. */
enum track_verdict track_add(struct track *t, uint64_t seq);

/* Sums over all streams of one direction. */
struct tally {
	uint64_t sent, received, lost, duplicated, reordered;
	uint64_t wrong_session; /* reached a session that it was not for */
	uint64_t corrupt;
	uint64_t stale; /* was for the session that had the address before */
	uint64_t bytes;
};

void tally_add(struct tally *t, enum track_verdict verdict, uint64_t bytes);

#endif
