/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* pppoe-vlan: reading, printing and comparing sets of VLAN tags. */
#ifndef XPPPD_CONF_VLANS_H
#define XPPPD_CONF_VLANS_H

#include <stdbool.h>
#include <stdio.h>

struct conf_vlans;
struct conf_word;
struct conf_words;

/* 0, -ENOMEM, or -EINVAL and *wrong is the word that is none of a set. *vlans, whose list
 * is freed, is untouched on failure. */
int conf_vlans_set(struct conf_vlans *vlans, const struct conf_words *words,
		   const struct conf_word **wrong);
void conf_vlans_print(FILE *out, const struct conf_vlans *vlans);
/* Is there a frame that both allow? */
bool conf_vlans_overlap(const struct conf_vlans *a, const struct conf_vlans *b);

#endif
