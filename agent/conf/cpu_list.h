/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* pppoe-cpus: sets of CPUs as numbers and ranges. Include with _GNU_SOURCE. */
#ifndef XPPPD_CONF_CPU_LIST_H
#define XPPPD_CONF_CPU_LIST_H

#include <sched.h>
#include <stddef.h>

struct conf_word;
struct conf_words;

/* 0, or -EINVAL and *wrong is the word that is no CPU or range, or has one for the second time. */
int cpu_list_parse(const struct conf_words *words, cpu_set_t *cpus, const struct conf_word **wrong);

#define CPU_LIST_TEXT 4096 /* has room for any set */
/* "0-3 8"; cut off where the text ends. */
void cpu_list_print(const cpu_set_t *cpus, char *text, size_t size);

/* The CPUs that are "online" or "possible". -errno if the kernel does not say. */
int cpu_list_read(const char *kind, cpu_set_t *cpus);

#endif
