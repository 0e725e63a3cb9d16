/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/cpu_list.h"

#include <errno.h>
#include <stdio.h>

#include "conf/parser.h"

#define KINDS "/sys/devices/system/cpu/"

static int parse_cpu(const char **text, int *cpu)
{
	const char *s = *text;
	int n = 0;

	for (; *s >= '0' && *s <= '9' && n < CPU_SETSIZE; s++)
		n = n * 10 + (*s - '0');
	if (s == *text || n >= CPU_SETSIZE)
		return -EINVAL;
	*cpu = n;
	*text = s;
	return 0;
}

/* N or N-M at *text, which is moved behind it. */
static int parse_span(const char **text, cpu_set_t *cpus)
{
	int first, last;

	if (parse_cpu(text, &first) < 0)
		return -EINVAL;
	last = first;
	if (**text == '-') {
		++*text;
		if (parse_cpu(text, &last) < 0 || last < first)
			return -EINVAL;
	}
	for (; first <= last; first++) {
		if (CPU_ISSET(first, cpus))
			return -EINVAL;
		CPU_SET(first, cpus);
	}
	return 0;
}

int cpu_list_parse(const struct conf_words *words, cpu_set_t *cpus, const struct conf_word **wrong)
{
	cpu_set_t new;

	CPU_ZERO(&new);
	for (const struct conf_word *w = words->first; w; w = w->next) {
		const char *text = w->text;

		if (parse_span(&text, &new) < 0 || *text) {
			*wrong = w;
			return -EINVAL;
		}
	}
	*cpus = new;
	return 0;
}

void cpu_list_print(const cpu_set_t *cpus, char *text, size_t size)
{
	size_t at = 0;

	text[0] = '\0';
	for (int first = 0; first < CPU_SETSIZE && at < size; first++) {
		int last = first;

		if (!CPU_ISSET(first, cpus))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		at += (size_t)snprintf(text + at, size - at, first == last ? "%s%d" : "%s%d-%d",
				       at ? " " : "", first, last);
		first = last;
	}
}

int cpu_list_read(const char *kind, cpu_set_t *cpus)
{
	char path[64], line[CPU_LIST_TEXT];
	const char *at = line;
	cpu_set_t new;
	FILE *f;
	int r;

	snprintf(path, sizeof(path), KINDS "%s", kind);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	CPU_ZERO(&new);
	do {
		r = parse_span(&at, &new);
	} while (r == 0 && *at++ == ',');
	if (r == 0)
		*cpus = new;
	return r;
}
