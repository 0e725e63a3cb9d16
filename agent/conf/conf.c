/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/file.h"
#include "conf/init.h"
#include "conf/parser.h"
#include "log.h"

#define SIZE_MAX_CONF (4U << 20)
#define ERRORS_MAX 50 /* a binary file by mistake should not flood the terminal */

void conf_error(struct conf_parser *p, unsigned int line, const char *fmt, ...)
{
	va_list ap;

	if (++p->n_errors > ERRORS_MAX)
		return;
	fprintf(p->errors, "%s:%u: ", p->name, line);
	va_start(ap, fmt);
	vfprintf(p->errors, fmt, ap);
	va_end(ap);
	fputs("\n", p->errors);
}

const char *conf_shown_bytes(struct conf_parser *p, const char *text, size_t len)
{
	char *out = p->shown[p->n_shown++ % CONF_PARSER_SHOWN];

	return log_escape(out, sizeof(p->shown[0]), text, len);
}

const char *conf_shown(struct conf_parser *p, const char *text)
{
	return conf_shown_bytes(p, text, strlen(text));
}

struct conf_word *conf_word_new(struct conf_parser *p, const char *text, size_t len,
				unsigned int line)
{
	struct conf_word *w = conf_alloc(p, sizeof(*w) + len + 1);

	if (!w)
		return NULL;
	memcpy(w->text, text, len);
	w->len = len;
	w->line = line;
	STAILQ_INSERT_TAIL(&p->words, w, entry);
	return w;
}

void *conf_alloc(struct conf_parser *p, size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		p->out_of_memory = true;
	return memory;
}

char *conf_strdup(struct conf_parser *p, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		p->out_of_memory = true;
	return copy;
}

/* What the run leaves behind when it ends within a block, and all its words. */
static void parser_free(struct conf_parser *p)
{
	struct conf_reference *reference;
	struct conf_macro *macro;
	struct conf_word *w;

	while ((reference = STAILQ_FIRST(&p->references))) {
		STAILQ_REMOVE_HEAD(&p->references, entry);
		free(reference);
	}
	while ((macro = STAILQ_FIRST(&p->macros))) {
		STAILQ_REMOVE_HEAD(&p->macros, entry);
		free(macro);
	}
	while ((w = STAILQ_FIRST(&p->words))) {
		STAILQ_REMOVE_HEAD(&p->words, entry);
		explicit_bzero(w->text, w->len);
		free(w);
	}
}

int conf_parse(const char *text, size_t len, const char *name, FILE *errors, struct conf **conf)
{
	struct conf_parser p = { .name = name, .errors = errors };

	STAILQ_INIT(&p.words);
	STAILQ_INIT(&p.references);
	STAILQ_INIT(&p.macros);
	p.conf = calloc(1, sizeof(*p.conf));
	if (!p.conf)
		return -ENOMEM;
	conf_init(p.conf);
	if (conf_lexer_open(&p, text, len) < 0) {
		conf_unref(p.conf);
		return -ENOMEM;
	}
	conf_yyparse(p.scanner, &p);
	conf_lexer_close(&p);
	if (!p.out_of_memory)
		conf_check(&p);
	parser_free(&p);
	if (p.n_errors > ERRORS_MAX)
		fprintf(errors, "%s: %u more errors\n", name, p.n_errors - ERRORS_MAX);
	if (p.out_of_memory || p.n_errors) {
		conf_unref(p.conf);
		return p.out_of_memory ? -ENOMEM : -EINVAL;
	}
	*conf = p.conf;
	return 0;
}

bool conf_auth_takes_eap(const struct conf_auth *auth)
{
	return auth->type == CONF_AUTH_RADIUS && auth->eap_capable;
}

int conf_read(const char *path, FILE *errors, struct conf **conf)
{
	size_t len;
	char *text;
	int r;

	r = conf_file_read(path, SIZE_MAX_CONF, errors, &text, &len, NULL);
	if (r < 0)
		return r;
	r = conf_parse(text, len, path, errors, conf);
	explicit_bzero(text, len);
	free(text);
	return r;
}
