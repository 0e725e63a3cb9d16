/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "tunnel/backlog.h"

#include "clock.h"

int64_t backlog_turn(struct backlog *b, bool empty, bool *wanted)
{
	int64_t waited = b->mark_us && !empty ? mono_now_us() - b->mark_us : 0;

	*wanted = !empty && (b->mark_us == 0 || b->read >= b->mark);
	if (empty)
		b->mark_us = 0;
	return waited;
}

void backlog_mark(struct backlog *b, uint64_t queued)
{
	b->mark = b->read + queued;
	b->mark_us = mono_now_us();
}
