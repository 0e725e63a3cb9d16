/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/vlans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/parser.h"

#define VID_MAX 4094

/* One number at *text, which is moved behind it. */
static int parse_vid(const char **text, uint16_t *vid)
{
	unsigned int n = 0;
	const char *s = *text;

	for (; *s >= '0' && *s <= '9' && n <= VID_MAX; s++)
		n = n * 10 + (unsigned int)(*s - '0');
	if (s == *text || n < 1 || n > VID_MAX)
		return -EINVAL;
	*vid = (uint16_t)n;
	*text = s;
	return 0;
}

/* N, N-M or * at *text. */
static int parse_span(const char **text, uint16_t *first, uint16_t *last)
{
	if (**text == '*') {
		++*text;
		*first = 1;
		*last = VID_MAX;
		return 0;
	}
	if (parse_vid(text, first) < 0)
		return -EINVAL;
	*last = *first;
	if (**text != '-')
		return 0;
	++*text;
	return parse_vid(text, last) < 0 || *last < *first ? -EINVAL : 0;
}

static int parse_range(const char *text, struct conf_vlan_range *range)
{
	memset(range, 0, sizeof(*range));
	if (strcmp(text, "none") == 0)
		return 0;
	if (parse_span(&text, &range->outer_first, &range->outer_last) < 0)
		return -EINVAL;
	if (*text == '.') {
		text++;
		if (parse_span(&text, &range->inner_first, &range->inner_last) < 0)
			return -EINVAL;
	}
	return *text ? -EINVAL : 0;
}

int conf_vlans_set(struct conf_vlans *vlans, const struct conf_words *words,
		   const struct conf_word **wrong)
{
	struct conf_vlans new = { .kind = CONF_VLAN_LIST };
	const struct conf_word *w;
	unsigned int n = 0;

	for (w = words->first; w; w = w->next)
		n++;
	if (n == 1 && strcmp(words->first->text, "any") == 0) {
		new.kind = CONF_VLAN_ANY;
	} else if (n == 1 && strcmp(words->first->text, "none") == 0) {
		new.kind = CONF_VLAN_NONE;
	} else {
		new.list = calloc(n, sizeof(*new.list));
		if (!new.list)
			return -ENOMEM;
		for (w = words->first; w; w = w->next) {
			if (parse_range(w->text, &new.list[new.n++]) < 0) {
				free(new.list);
				*wrong = w;
				return -EINVAL;
			}
		}
	}
	free(vlans->list);
	*vlans = new;
	return 0;
}

static void print_span(FILE *out, uint16_t first, uint16_t last)
{
	if (first == 1 && last == VID_MAX)
		fputs("*", out);
	else if (first == last)
		fprintf(out, "%u", first);
	else
		fprintf(out, "%u-%u", first, last);
}

void conf_vlans_print(FILE *out, const struct conf_vlans *vlans)
{
	unsigned int i;

	if (vlans->kind != CONF_VLAN_LIST) {
		fputs(vlans->kind == CONF_VLAN_ANY ? "any" : "none", out);
		return;
	}
	for (i = 0; i < vlans->n; i++) {
		const struct conf_vlan_range *r = &vlans->list[i];

		if (i)
			fputs(" ", out);
		if (!r->outer_first) {
			fputs("none", out);
			continue;
		}
		print_span(out, r->outer_first, r->outer_last);
		if (r->inner_first) {
			fputs(".", out);
			print_span(out, r->inner_first, r->inner_last);
		}
	}
}

bool conf_vlan_allowed(const struct conf_vlans *vlans, uint16_t outer, uint16_t inner)
{
	unsigned int i;

	if (vlans->kind == CONF_VLAN_ANY)
		return true;
	if (vlans->kind == CONF_VLAN_NONE)
		return outer == 0;
	for (i = 0; i < vlans->n; i++) {
		const struct conf_vlan_range *r = &vlans->list[i];

		if (outer >= r->outer_first && outer <= r->outer_last && inner >= r->inner_first &&
		    inner <= r->inner_last)
			return true;
	}
	return false;
}

static bool ranges_overlap(const struct conf_vlan_range *a, const struct conf_vlan_range *b)
{
	return a->outer_first <= b->outer_last && b->outer_first <= a->outer_last &&
	       a->inner_first <= b->inner_last && b->inner_first <= a->inner_last;
}

bool conf_vlans_overlap(const struct conf_vlans *a, const struct conf_vlans *b)
{
	unsigned int i, j;

	if (a->kind == CONF_VLAN_ANY || b->kind == CONF_VLAN_ANY)
		return true;
	if (a->kind == CONF_VLAN_NONE)
		return conf_vlan_allowed(b, 0, 0);
	if (b->kind == CONF_VLAN_NONE)
		return conf_vlan_allowed(a, 0, 0);
	for (i = 0; i < a->n; i++)
		for (j = 0; j < b->n; j++)
			if (ranges_overlap(&a->list[i], &b->list[j]))
				return true;
	return false;
}
