/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* radius spool FILE [size N]: reading and printing. */
#ifndef XPPPD_CONF_SPOOL_H
#define XPPPD_CONF_SPOOL_H

#include <stdio.h>

struct conf_parser;
struct conf_spool;
struct conf_word;
struct conf_words;

/* -EINVAL: *wrong is the word that does not fit; *spool is untouched. */
int conf_spool_set(struct conf_parser *p, struct conf_spool *spool, const struct conf_words *words,
		   const struct conf_word **wrong);
/* Nothing for none. */
void conf_spool_print(FILE *out, const struct conf_spool *spool);

#endif
