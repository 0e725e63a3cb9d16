/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * A record of one level as it stands in its line: what a table of 60,000 rows needs, without an
 * object for each value. Lines that it does not take (a string with an escape, an object within) are
 * for json-c.
 */
#ifndef XPPPCTL_ROW_H
#define XPPPCTL_ROW_H

#include <stdbool.h>
#include <stddef.h>

#define ROW_MEMBERS 32

struct row_text {
	const char *at;
	size_t len;
};

struct row_member {
	struct row_text name, value;
	bool string; /* or a number without a fraction */
};

struct row {
	struct row_member member[ROW_MEMBERS];
	unsigned int n, next;
};

/* False: not taken. The line must live as long as the row. */
bool row_read(struct row *row, const char *line, size_t len);
/* NULL: there is none. Quick if asked in the order of the line. */
const struct row_member *row_get(struct row *row, const char *name);

#endif
