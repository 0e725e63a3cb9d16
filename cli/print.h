/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Records as text, by tables: which members, under which title, in which form. */
#ifndef XPPPCTL_PRINT_H
#define XPPPCTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <xpppd/control.h>

struct json_object;
struct layout;

struct printer {
	FILE *out;
	enum control_view view;    /* of session records */
	const struct layout *last; /* a table's head is printed when it begins */
};

/* Records that it does not know are printed as JSON. */
void print_record(struct printer *printer, struct json_object *record);
/* The same for a record's line, without its end, if it belongs into a table and is simple. False: it
 * does not, and nothing was printed. */
bool print_line(struct printer *printer, const char *line, size_t len);

/* Bytes as printable ASCII, others as \xNN. */
void print_escaped(FILE *out, const char *text, int width);

#endif
