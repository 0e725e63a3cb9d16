/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "row.h"

#include <string.h>

struct cursor {
	const char *at, *end;
};

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

/* A string without an escape. */
static bool take_string(struct cursor *c, struct row_text *text)
{
	if (!take(c, '"'))
		return false;
	text->at = c->at;
	while (c->at < c->end && *c->at != '"' && *c->at != '\\')
		c->at++;
	text->len = (size_t)(c->at - text->at);
	return take(c, '"');
}

static bool take_number(struct cursor *c, struct row_text *text)
{
	text->at = c->at;
	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	text->len = (size_t)(c->at - text->at);
	return text->len > 0;
}

static bool take_member(struct cursor *c, struct row_member *m)
{
	if (!take_string(c, &m->name) || !take(c, ':'))
		return false;
	m->string = c->at < c->end && *c->at == '"';
	return m->string ? take_string(c, &m->value) : take_number(c, &m->value);
}

bool row_read(struct row *row, const char *line, size_t len)
{
	struct cursor c = { line, line + len };

	row->n = row->next = 0;
	if (!take(&c, '{'))
		return false;
	do {
		if (row->n == ROW_MEMBERS || !take_member(&c, &row->member[row->n]))
			return false;
		row->n++;
	} while (take(&c, ','));
	return take(&c, '}') && c.at == c.end;
}

const struct row_member *row_get(struct row *row, const char *name)
{
	size_t len = strlen(name);

	for (unsigned int i = 0; i < row->n; i++) {
		unsigned int at = (row->next + i) % row->n;
		const struct row_member *m = &row->member[at];

		if (m->name.len != len || memcmp(m->name.at, name, len) != 0)
			continue;
		row->next = at + 1;
		return m;
	}
	return NULL;
}
