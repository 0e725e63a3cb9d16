/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * The table of options that blocks and `set` know. Reading, listing what was expected, and
 * printing all go by it, so that an option is written down once.
 */
#ifndef XPPPD_CONF_OPTION_H
#define XPPPD_CONF_OPTION_H

#include <stdbool.h>
#include <stdio.h>

struct conf_option;
struct conf_parser;
struct conf_word;
struct conf_words;

enum conf_scope {
	CONF_SCOPE_NONE,
	CONF_SCOPE_SET,
	CONF_SCOPE_DAE,
	CONF_SCOPE_RADIUS,
	CONF_SCOPE_TUNNEL,
	CONF_SCOPE_IPCP,
	CONF_SCOPE_AUTH,
	CONF_SCOPE_SERVERS,
};

/* Is there an option of this name in any scope? */
bool conf_option_known(const char *name);
/* The option of a scope; kind: enum conf_protocol of a tunnel, enum conf_auth_type of an
 * authentication, otherwise 0. NULL if there is none. */
const struct conf_option *conf_option_find(enum conf_scope scope, unsigned int kind,
					   const char *name);
/* Writes "a, b, c": every option of the scope. */
void conf_option_list(FILE *out, enum conf_scope scope, unsigned int kind);

/* Converts the words into the member of `base`, the scope's struct. Errors are
 * reported to the parser. */
void conf_option_set(struct conf_parser *p, const struct conf_option *option, void *base,
		     const struct conf_word *name, const struct conf_words *words);

/* Prints those options of `base` that differ from `defaults`, one a line. */
void conf_option_print(FILE *out, enum conf_scope scope, unsigned int kind, const void *base,
		       const void *defaults, bool show_secrets);

#endif
