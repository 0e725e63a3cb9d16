/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* What the agent's log writes to standard error meanwhile. */
#ifndef STDERR_TEXT_H
#define STDERR_TEXT_H

#include <stdio.h>
#include <unistd.h>

struct stderr_text {
	FILE *file;
	int saved;
	char text[16384];
};

static inline void stderr_begin(struct stderr_text *s)
{
	fflush(stderr);
	s->file = tmpfile();
	s->saved = dup(STDERR_FILENO);
	if (!s->file || dup2(fileno(s->file), STDERR_FILENO) < 0)
		perror("stderr");
}

static inline void stderr_end(struct stderr_text *s)
{
	fflush(stderr);
	dup2(s->saved, STDERR_FILENO);
	close(s->saved);
	rewind(s->file);
	s->text[fread(s->text, 1, sizeof(s->text) - 1, s->file)] = '\0';
	fclose(s->file);
}

#endif
