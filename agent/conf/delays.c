/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * DELAY[:SESSIONS] or DELAY:half-open:SESSIONS, in milliseconds, -1 for no answer at all. Steps are
 * words; within quotes commas may stand between them, so that a value of accel-ppp's pado-delay is
 * taken as it is.
 */
#include "conf/delays.h"

#include <errno.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/parser.h"
#include "conf/text.h"

#define HALF_OPEN "half-open:"

static int parse_step(char *text, struct conf_delay *step)
{
	char *count = strchr(text, ':');
	unsigned int n;

	*step = (struct conf_delay){ 0 };
	if (count) {
		*count++ = '\0';
		step->half_open = strncmp(count, HALF_OPEN, strlen(HALF_OPEN)) == 0;
		if (step->half_open)
			count += strlen(HALF_OPEN);
		if (conf_text_number(count, 0, CONF_MAX_SESSION_MOST, &step->from) < 0)
			return -EINVAL;
	}
	if (strcmp(text, "-1") == 0) {
		step->ms = CONF_DELAY_REFUSE;
		return 0;
	}
	if (conf_text_number(text, 0, CONF_DELAY_MAX_MS, &n) < 0)
		return -EINVAL;
	step->ms = (int)n;
	return 0;
}

/* Each kind of step ascends, so that the last one reached is the one that counts. */
static bool follows(const struct conf_delays *delays, const struct conf_delay *step)
{
	for (unsigned int i = 0; i < delays->n; i++)
		if (delays->step[i].half_open == step->half_open &&
		    delays->step[i].from >= step->from)
			return false;
	return true;
}

static int parse_word(struct conf_delays *delays, const char *word)
{
	char text[256], *step, *rest = text;

	if (strlen(word) >= sizeof(text))
		return -EINVAL;
	strcpy(text, word);
	while ((step = strsep(&rest, ","))) {
		struct conf_delay *next = &delays->step[delays->n];

		if (delays->n == CONF_DELAYS || parse_step(step, next) < 0 ||
		    !follows(delays, next))
			return -EINVAL;
		delays->n++;
	}
	return 0;
}

int conf_delays_set(struct conf_delays *delays, const struct conf_words *words,
		    const struct conf_word **wrong)
{
	struct conf_delays new = { 0 };

	for (const struct conf_word *w = words->first; w; w = w->next) {
		if (parse_word(&new, w->text) < 0) {
			*wrong = w;
			return -EINVAL;
		}
	}
	*delays = new;
	return 0;
}

void conf_delays_print(FILE *out, const struct conf_delays *delays)
{
	for (unsigned int i = 0; i < delays->n; i++) {
		const struct conf_delay *step = &delays->step[i];

		fprintf(out, "%s%d", i ? " " : "", step->ms);
		if (step->half_open)
			fprintf(out, ":" HALF_OPEN "%u", step->from);
		else if (step->from)
			fprintf(out, ":%u", step->from);
	}
}

int conf_delay(const struct conf_delays *delays, unsigned int sessions, unsigned int half_open)
{
	int by[2] = { 0 };

	for (unsigned int i = 0; i < delays->n; i++) {
		const struct conf_delay *step = &delays->step[i];

		if ((step->half_open ? half_open : sessions) >= step->from)
			by[step->half_open] = step->ms;
	}
	if (by[0] == CONF_DELAY_REFUSE || by[1] == CONF_DELAY_REFUSE)
		return CONF_DELAY_REFUSE;
	return by[0] > by[1] ? by[0] : by[1];
}
