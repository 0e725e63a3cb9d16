/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/parser.h"
#include "conf/text.h"

#define FILE_MAX 4000 /* with room for what is added to the name of a damaged one */

/* NULL: it fits. */
static const struct conf_word *read_size(const struct conf_word *word, unsigned int *mb)
{
	if (!word)
		return NULL;
	if (strcmp(word->text, "size") != 0 || !word->next)
		return word;
	word = word->next;
	return conf_text_number(word->text, 1, CONF_SPOOL_MB_MAX, mb) < 0 ? word : word->next;
}

int conf_spool_set(struct conf_parser *p, struct conf_spool *spool, const struct conf_words *words,
		   const struct conf_word **wrong)
{
	const struct conf_word *file = words->first;
	unsigned int mb = 0;

	*wrong = file->len < 1 || file->len > FILE_MAX ? file : read_size(file->next, &mb);
	if (*wrong)
		return -EINVAL;
	free(spool->file);
	spool->file = conf_strdup(p, file->text);
	spool->size_mb = mb;
	return 0;
}

void conf_spool_print(FILE *out, const struct conf_spool *spool)
{
	if (!spool->file)
		return;
	conf_text_print(out, spool->file, true);
	if (spool->size_mb)
		fprintf(out, " size %u", spool->size_mb);
}
