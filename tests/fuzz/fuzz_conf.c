/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The xpppd authors */
/* The configuration: never a crash, and what is accepted prints to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

static char *print(const struct conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	conf_print(conf, out, true);
	fclose(out);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *conf = NULL, *second = NULL;
	char *errors = NULL, *first, *again;
	size_t errors_size;
	FILE *out = open_memstream(&errors, &errors_size);
	int r;

	if (!out)
		abort();
	r = conf_parse((const char *)data, size, "fuzz", out, &conf);
	fflush(out);
	if ((r == 0) != (errors_size == 0))
		abort(); /* an error that is not told, or an accepted text with one */
	if (r == 0) {
		first = print(conf);
		if (conf_parse(first, strlen(first), "printed", stderr, &second) < 0)
			abort();
		again = print(second);
		if (strcmp(first, again) != 0)
			abort();
		free(first);
		free(again);
		conf_unref(second);
		conf_unref(conf);
	}
	fclose(out);
	free(errors);
	return 0;
}
