/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* Records as text, by tables: which members, under which title, in which form. */
#ifndef XPPPCTL_PRINT_H
#define XPPPCTL_PRINT_H

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

/* Bytes as printable ASCII, others as \xNN. */
void print_escaped(FILE *out, const char *text, int width);

#endif
