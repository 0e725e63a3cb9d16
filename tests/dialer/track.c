/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "track.h"

enum track_verdict track_add(struct track *t, uint64_t seq)
{
	uint64_t back, shift;

	if (seq >= t->next) {
		shift = seq + 1 - t->next;
		t->window = shift < 64 ? t->window << shift : 0;
		t->window |= 1;
		t->next = seq + 1;
		t->unique++;
		return TRACK_NEW;
	}
	back = t->next - 1 - seq;
	if (back < 64) {
		if (t->window >> back & 1)
			return TRACK_DUPLICATE;
		t->window |= 1ULL << back;
	}
	t->unique++;
	return TRACK_LATE;
}

void tally_add(struct tally *t, enum track_verdict verdict, uint64_t bytes)
{
	if (verdict == TRACK_DUPLICATE) {
		t->duplicated++;
		return;
	}
	t->received++;
	t->bytes += bytes;
	if (verdict == TRACK_LATE)
		t->reordered++;
}
