/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * radcli keeps the names. It takes a whole file or, after the first line that it does not know,
 * nothing more of it, and a file that includes itself is its end; so it gets one line at a time
 * here, brought into the form that it knows. Then dictionaries written for FreeRADIUS do too.
 */
#include "aaa/dictionary.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <radcli/radcli.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aaa/dictionary_own.h"
#include "log.h"

#define LINE_MAX_ 512
#define WORDS 6
#define INCLUDE_DEPTH 4
#define LINES_MAX 100000

struct dictionary {
	rc_handle *radcli;
	struct log *log;
};

/* A file that is being read. */
struct source {
	struct dictionary *dictionary;
	const char *path; /* NULL: our own */
	unsigned int depth;
	unsigned int line, bad, first_bad;
	char vendor[NAME_LENGTH + 1]; /* between BEGIN-VENDOR and END-VENDOR */
	bool skip;                    /* that vendor has no dictionary of this form */
};

static void read_stream(struct source *s, FILE *in);

static const struct {
	const char *word, *radcli;
} types[] = {
	{ "string", "string" },     { "text", "string" },
	{ "octets", "string" },     { "abinary", "string" },
	{ "integer64", "string" },  { "ether", "string" },
	{ "ifid", "string" },       { "byte", "string" },
	{ "short", "string" },      { "integer", "integer" },
	{ "date", "date" },         { "ipaddr", "ipaddr" },
	{ "ipv6addr", "ipv6addr" }, { "ipv6prefix", "ipv6prefix" },
};

static const char *type_of(const char *word)
{
	size_t i, len = strcspn(word, "[");

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strlen(types[i].word) == len && strncasecmp(types[i].word, word, len) == 0)
			return types[i].radcli;
	return NULL;
}

static int number_of(const char *word, unsigned long max, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(word, &end, 0);
	return errno || *end || end == word || *word == '-' || *number > max ? -EINVAL : 0;
}

__attribute__((format(printf, 2, 3))) static int give(struct dictionary *d, const char *fmt, ...)
{
	char line[LINE_MAX_];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		return -EINVAL;
	return rc_read_dictionary_from_buffer(d->radcli, line, (size_t)n) < 0 ? -EINVAL : 0;
}

/* ---- lines ---- */

/* VENDOR NAME NUMBER [format=…] */
static int read_vendor(struct source *s, char *const *w, unsigned int n)
{
	unsigned long number;

	if (n < 3 || strlen(w[1]) > NAME_LENGTH || number_of(w[2], UINT16_MAX, &number) < 0 ||
	    number == 0)
		return -EINVAL;
	if (n > 3 && strcmp(w[3], "format=1,1") != 0)
		return 0; /* its attributes are not of the form that can be told apart */
	return give(s->dictionary, "VENDOR %s %lu\n", w[1], number);
}

static int begin_vendor(struct source *s, char *const *w, unsigned int n)
{
	if (n < 2 || strlen(w[1]) > NAME_LENGTH)
		return -EINVAL;
	strcpy(s->vendor, w[1]);
	s->skip = !rc_dict_findvend(s->dictionary->radcli, w[1]);
	return 0;
}

/* The vendor of an attribute outside of BEGIN-VENDOR: `vendor=NAME`, or the name. */
static const char *vendor_of(const struct source *s, char *const *w, unsigned int n)
{
	const char *name;

	if (*s->vendor)
		return s->vendor;
	if (n < 5)
		return "";
	name = strncmp(w[4], "vendor=", 7) == 0 ? w[4] + 7 : w[4];
	return rc_dict_findvend(s->dictionary->radcli, name) ? name : "";
}

/* ATTRIBUTE NAME NUMBER TYPE [FLAGS or VENDOR] */
static int read_attribute(struct source *s, char *const *w, unsigned int n)
{
	const char *type = n < 4 ? NULL : type_of(w[3]);
	unsigned long number;

	if (!type || strlen(w[1]) > NAME_LENGTH || number_of(w[2], UINT8_MAX, &number) < 0 ||
	    number == 0)
		return -EINVAL;
	return give(s->dictionary, "ATTRIBUTE %s %lu %s %s\n", w[1], number, type,
		    vendor_of(s, w, n));
}

/* VALUE ATTRIBUTE NAME NUMBER */
static int read_value(struct source *s, char *const *w, unsigned int n)
{
	unsigned long number;

	if (n < 4 || strlen(w[1]) > NAME_LENGTH || strlen(w[2]) > NAME_LENGTH ||
	    number_of(w[3], INT_MAX, &number) < 0)
		return -EINVAL;
	return give(s->dictionary, "VALUE %s %s %lu\n", w[1], w[2], number);
}

static int read_file(struct dictionary *d, const char *path, unsigned int depth)
{
	struct source s = { .dictionary = d, .path = path, .depth = depth };
	FILE *in = fopen(path, "re");

	if (!in)
		return -errno;
	read_stream(&s, in);
	fclose(in);
	if (s.bad)
		log_msg(d->log, LOG_WARNING, "%s:%u: not understood; %u such lines were left out",
			path, s.first_bad, s.bad);
	return 0;
}

/* $INCLUDE FILE: relative to the file that says so. */
static int read_include(struct source *s, char *const *w, unsigned int n)
{
	const char *slash = s->path ? strrchr(s->path, '/') : NULL;
	char path[PATH_MAX];
	int len = slash ? (int)(slash - s->path) + 1 : 0;

	if (n < 2 || s->depth == INCLUDE_DEPTH)
		return -EINVAL;
	if (snprintf(path, sizeof(path), "%.*s%s", *w[1] == '/' ? 0 : len, s->path ? s->path : "",
		     w[1]) >= (int)sizeof(path))
		return -EINVAL;
	return read_file(s->dictionary, path, s->depth + 1);
}

static int read_line(struct source *s, char *line)
{
	char *w[WORDS], *rest, *word;
	unsigned int n = 0;

	line[strcspn(line, "#\n")] = '\0';
	for (word = strtok_r(line, " \t\r", &rest); word && n < WORDS;
	     word = strtok_r(NULL, " \t\r", &rest))
		w[n++] = word;
	if (n == 0)
		return 0;
	if (strcasecmp(w[0], "END-VENDOR") == 0) {
		*s->vendor = '\0';
		s->skip = false;
		return 0;
	}
	if (s->skip)
		return 0;
	if (strcasecmp(w[0], "ATTRIBUTE") == 0)
		return read_attribute(s, w, n);
	if (strcasecmp(w[0], "VALUE") == 0)
		return read_value(s, w, n);
	if (strcasecmp(w[0], "VENDOR") == 0)
		return read_vendor(s, w, n);
	if (strcasecmp(w[0], "BEGIN-VENDOR") == 0)
		return begin_vendor(s, w, n);
	if (strcasecmp(w[0], "$INCLUDE") == 0)
		return read_include(s, w, n);
	return -EINVAL;
}

/* Longer lines than fit are more than one, and none of them is understood. */
static void read_stream(struct source *s, FILE *in)
{
	char line[LINE_MAX_ / 2];

	while (s->line < LINES_MAX && fgets(line, sizeof(line), in)) {
		s->line++;
		if (read_line(s, line) < 0 && s->bad++ == 0)
			s->first_bad = s->line;
	}
}

/* ---- files ---- */

static int read_own(struct dictionary *d)
{
	struct source s = { .dictionary = d };
	FILE *in = fmemopen((char *)dictionary_own, strlen(dictionary_own), "r");

	if (!in)
		return -ENOMEM;
	read_stream(&s, in);
	fclose(in);
	return s.bad ? -EINVAL : 0;
}

static int is_dictionary(const struct dirent *entry)
{
	return strncmp(entry->d_name, "dictionary", strlen("dictionary")) == 0 &&
	       entry->d_name[strlen(entry->d_name) - 1] != '~';
}

static void read_directory(struct dictionary *d, const char *directory)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int i, r, n = scandir(directory, &entries, is_dictionary, alphasort);

	if (n < 0 && errno != ENOENT)
		log_msg(d->log, LOG_WARNING, "%s: %s", directory, strerror(errno));
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		r = read_file(d, path, 0);
		if (r < 0)
			log_msg(d->log, LOG_WARNING, "%s: %s", path, strerror(-r));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

int dictionary_new(const char *directory, struct log *log, struct dictionary **dictionary)
{
	struct dictionary *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->log = log;
	d->radcli = rc_new();
	r = d->radcli ? read_own(d) : -ENOMEM;
	if (r < 0) {
		dictionary_free(d);
		return r;
	}
	if (directory)
		read_directory(d, directory);
	*dictionary = d;
	return 0;
}

void dictionary_free(struct dictionary *d)
{
	if (!d)
		return;
	if (d->radcli)
		rc_destroy(d->radcli);
	free(d);
}

/* ---- looking up ---- */

static enum dictionary_kind kind_of(rc_attr_type type)
{
	switch (type) {
	case PW_TYPE_INTEGER:
		return DICTIONARY_INTEGER;
	case PW_TYPE_IPADDR:
		return DICTIONARY_ADDRESS;
	case PW_TYPE_DATE:
		return DICTIONARY_DATE;
	case PW_TYPE_IPV6ADDR:
		return DICTIONARY_ADDRESS6;
	case PW_TYPE_IPV6PREFIX:
		return DICTIONARY_PREFIX6;
	default:
		return DICTIONARY_STRING;
	}
}

static bool found(const DICT_ATTR *a, struct dictionary_attr *attr)
{
	if (!a)
		return false;
	*attr = (struct dictionary_attr){
		.name = a->name,
		.vendor = (uint32_t)VENDOR(a->value),
		.type = (uint8_t)a->value,
		.kind = kind_of(a->type),
	};
	return true;
}

bool dictionary_find(const struct dictionary *d, const char *name, struct dictionary_attr *attr)
{
	return found(rc_dict_findattr(d->radcli, name), attr);
}

bool dictionary_get(const struct dictionary *d, uint32_t vendor, uint8_t type,
		    struct dictionary_attr *attr)
{
	return vendor <= UINT16_MAX &&
	       found(rc_dict_getattr(d->radcli, (int)(vendor << 16 | type)), attr);
}

/* Several attributes may have values of the same name; radcli finds the newest. */
bool dictionary_value(const struct dictionary *d, const char *attr, const char *name,
		      uint32_t *value)
{
	const DICT_VALUE *v = rc_dict_findval(d->radcli, name);

	while (v && (strcasecmp(v->attrname, attr) != 0 || strcasecmp(v->name, name) != 0))
		v = v->next;
	if (!v)
		return false;
	*value = (uint32_t)v->value;
	return true;
}

const char *dictionary_value_name(const struct dictionary *d, const char *attr, uint32_t value)
{
	const DICT_VALUE *v = rc_dict_getval(d->radcli, value, attr);

	return v ? v->name : NULL;
}
