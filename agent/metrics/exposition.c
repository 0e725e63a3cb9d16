/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "metrics/exposition.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

#define FIRST_SIZE 16384

void exposition_free(struct exposition *e)
{
	free(e->data);
	*e = (struct exposition){ 0 };
}

void exposition_clear(struct exposition *e)
{
	e->len = 0;
	e->failed = false;
}

/* Room for n more bytes. */
static bool reserve(struct exposition *e, size_t n)
{
	size_t size = e->size ? e->size : FIRST_SIZE;
	char *data;

	if (e->failed)
		return false;
	while (size - e->len < n)
		size *= 2;
	if (size == e->size)
		return true;
	data = realloc(e->data, size);
	if (!data) {
		e->failed = true;
		return false;
	}
	e->data = data;
	e->size = size;
	return true;
}

static void put(struct exposition *e, const char *text, size_t n)
{
	if (!reserve(e, n))
		return;
	memcpy(e->data + e->len, text, n);
	e->len += n;
}

static void put_text(struct exposition *e, const char *text)
{
	put(e, text, strlen(text));
}

static void put_u64(struct exposition *e, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	put(e, digits + at, sizeof(digits) - at);
}

static void put_micro(struct exposition *e, uint64_t micro)
{
	char fraction[8];

	put_u64(e, micro / 1000000);
	snprintf(fraction, sizeof(fraction), ".%06u", (unsigned int)(micro % 1000000));
	put_text(e, fraction);
}

/* quotes: those of label values, which a help text has not. */
static void put_escaped(struct exposition *e, const char *text, bool quotes)
{
	const char *special = quotes ? "\\\"\n" : "\\\n";

	for (;;) {
		size_t n = strcspn(text, special);

		put(e, text, n);
		text += n;
		if (!*text)
			return;
		put(e, "\\", 1);
		put(e, *text == '\n' ? "n" : text, 1);
		text++;
	}
}

void exposition_family(struct exposition *e, const char *name, const char *type, const char *help)
{
	e->family = name;
	put_text(e, "# HELP ");
	put_text(e, name);
	put(e, " ", 1);
	put_escaped(e, help, false);
	put_text(e, "\n# TYPE ");
	put_text(e, name);
	put(e, " ", 1);
	put_text(e, type);
	put(e, "\n", 1);
}

static void put_label(struct exposition *e, char before, const char *name, const char *value)
{
	char shown[UTF8_SHOWN_MAX];

	put(e, &before, 1);
	put_text(e, name);
	put_text(e, "=\"");
	put_escaped(e, utf8_shown(value, shown), true);
	put(e, "\"", 1);
}

/* The sample up to its value. */
static void put_name(struct exposition *e, va_list labels)
{
	const char *name;
	char before = '{';

	put_text(e, e->family);
	while ((name = va_arg(labels, const char *))) {
		put_label(e, before, name, va_arg(labels, const char *));
		before = ',';
	}
	put_text(e, before == '{' ? " " : "} ");
}

void exposition_u64(struct exposition *e, uint64_t value, ...)
{
	va_list labels;

	va_start(labels, value);
	put_name(e, labels);
	va_end(labels);
	put_u64(e, value);
	put(e, "\n", 1);
}

void exposition_micro(struct exposition *e, uint64_t value, ...)
{
	va_list labels;

	va_start(labels, value);
	put_name(e, labels);
	va_end(labels);
	put_micro(e, value);
	put(e, "\n", 1);
}

/* A bound without zeroes at its end: "0.0025", "10". */
static void bound_text(char text[24], uint32_t us)
{
	int n = snprintf(text, 24, "%u.%06u", us / 1000000, us % 1000000);

	while (text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	text[n] = '\0';
}

static void put_part(struct exposition *e, const char *suffix, const char *const labels[],
		     const char *bound)
{
	char before = '{';

	put_text(e, e->family);
	put_text(e, suffix);
	for (; *labels; labels += 2, before = ',')
		put_label(e, before, labels[0], labels[1]);
	if (bound) {
		put_label(e, before, "le", bound);
		before = ',';
	}
	put_text(e, before == ',' ? "} " : " ");
}

void exposition_histogram_of(struct exposition *e, const struct histogram *h,
			     const char *const labels[])
{
	uint64_t n = 0;
	char bound[24];

	for (int i = 0; i < HISTOGRAM_STEPS; i++) {
		n += h->count[i];
		bound_text(bound, histogram_bounds_us[i]);
		put_part(e, "_bucket", labels, bound);
		put_u64(e, n);
		put(e, "\n", 1);
	}
	n += h->count[HISTOGRAM_STEPS];
	put_part(e, "_bucket", labels, "+Inf");
	put_u64(e, n);
	put(e, "\n", 1);
	put_part(e, "_sum", labels, NULL);
	put_micro(e, h->sum_us);
	put(e, "\n", 1);
	put_part(e, "_count", labels, NULL);
	put_u64(e, n);
	put(e, "\n", 1);
}

void exposition_histogram(struct exposition *e, const struct histogram *h, const char *label,
			  const char *value)
{
	const char *const labels[] = { label, value, NULL };

	exposition_histogram_of(e, h, labels);
}
