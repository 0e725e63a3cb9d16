/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/*
 * One run over a configuration text: what lexer, grammar and build share. Words stay
 * until the run ends; they may be secrets and are wiped then.
 */
#ifndef XPPPD_CONF_PARSER_H
#define XPPPD_CONF_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "conf/option.h"

struct conf;
struct conf_auth;
struct conf_bind;
struct conf_interface;
struct conf_ipcp;
struct conf_servers;
struct conf_tunnel;

struct conf_word {
	STAILQ_ENTRY(conf_word) entry; /* all words of the run */
	struct conf_word *next;        /* in its list of words */
	unsigned int line;
	size_t len;
	char text[];
};

struct conf_words {
	struct conf_word *first, *last;
};

/* Names that a statement refers to; resolved when the whole text is read, so that the
 * order of statements does not matter. */
struct conf_reference {
	STAILQ_ENTRY(conf_reference) entry;
	struct conf_bind *bind;           /* either this, with all three names */
	struct conf_interface *interface; /* or this, with ipcp */
	const struct conf_word *tunnel, *auth, *to, *ipcp;
};

struct conf_macro {
	STAILQ_ENTRY(conf_macro) entry;
	const struct conf_word *name, *value;
};

/* The element of a STAILQ whose name is the word; NULL if there is none. */
#define CONF_FIND(head, type, word)                                                                \
	({                                                                                         \
		struct type *found_;                                                               \
		STAILQ_FOREACH(found_, head, entry)                                                \
			if (strcmp(found_->name, (word)->text) == 0)                               \
				break;                                                             \
		found_;                                                                            \
	})

#define CONF_PARSER_SHOWN 6

struct conf_parser {
	const char *name; /* of the file, for messages */
	FILE *errors;
	unsigned int n_errors;
	bool out_of_memory;
	struct conf *conf;
	STAILQ_HEAD(, conf_word) words;
	STAILQ_HEAD(, conf_reference) references;
	STAILQ_HEAD(, conf_macro) macros;

	/* lexer */
	void *scanner;
	void *outer; /* the buffer to return to after a macro, NULL outside */
	unsigned int line;
	bool in_line;             /* a line has begun and its end is due, even at the end of file */
	unsigned int broken_line; /* where a word was wrong; what follows from it is not reported */
	const char *last;         /* the last token as written */
	unsigned int last_line;
	bool last_is_word; /* and not a keyword */

	/* the block that is open; which member is set follows from scope */
	unsigned int skip; /* > 0: within blocks whose header was wrong */
	enum conf_scope scope;
	struct conf_tunnel *tunnel;
	struct conf_ipcp *ipcp;
	struct conf_auth *auth;
	struct conf_servers *servers;

	char shown[CONF_PARSER_SHOWN][72];
	unsigned int n_shown;
};

/* Counts and writes "FILE:LINE: …". */
void conf_error(struct conf_parser *p, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Text of the file made fit for a message; stays valid for some calls. */
const char *conf_shown(struct conf_parser *p, const char *text);
const char *conf_shown_bytes(struct conf_parser *p, const char *text, size_t len);
/* A word owned by the run; NULL and out_of_memory set if there is no memory. */
struct conf_word *conf_word_new(struct conf_parser *p, const char *text, size_t len,
				unsigned int line);
/* strdup() and calloc() that set out_of_memory. */
char *conf_strdup(struct conf_parser *p, const char *text);
void *conf_alloc(struct conf_parser *p, size_t size);

/* lexer.l */
int conf_lexer_open(struct conf_parser *p, const char *text, size_t len);
void conf_lexer_close(struct conf_parser *p);
/* grammar.y */
int conf_yyparse(void *scanner, struct conf_parser *p);

/* check.c: references, then everything that needs the whole text */
void conf_check(struct conf_parser *p);

#endif
