/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* pppoe-pado-delay: reading, printing and applying its steps. */
#ifndef XPPPD_CONF_DELAYS_H
#define XPPPD_CONF_DELAYS_H

#include <stdio.h>

struct conf_delays;
struct conf_word;
struct conf_words;

/* -EINVAL: *wrong is the word that is no step or does not follow the one before it; *delays is
 * untouched. */
int conf_delays_set(struct conf_delays *delays, const struct conf_words *words,
		    const struct conf_word **wrong);
/* Nothing for none. */
void conf_delays_print(FILE *out, const struct conf_delays *delays);

#endif
